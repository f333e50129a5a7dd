"""How far a decision can be relied on, and why."""

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.core.consensus.calibration import ERROR_ACCEPTED
from workbench.core.consensus.gates import leading
from workbench.core.decisions import Standing
from workbench.wording import counted, percent

JUDGED_TO_SETTLE = 10
"""Judged decisions that a domain needs before its decisions can be settled: about as many as outweigh the prior that
the other domains lend (confusion.DOMAIN_PRIOR)."""

LEAST_MARGIN = 0.15
"""A lead of less probability is no lead."""

COST_RATIO = 9.0
"""How many times dearer a wrong permission is than asking a person: permission needs 9 / (9 + 1) = 90 %."""

SURE_ALONE = 0.9
"""From this posterior on it does not matter that one voice's silence would change the verdict."""


@dataclass(frozen=True)
class Situation:
    """What the standing depends on."""

    domain: str
    options: tuple[str, ...]
    posterior: tuple[float, ...]
    gated: bool
    judged: int
    """Judged decisions in the domain."""
    voices: int
    decisive: tuple[str, ...]
    """Names of single voices whose silence would change the verdict."""
    threshold: float | None
    """Posterior from which on past decisions were right often enough; None when there is none."""
    unheard: str = ""
    """Why the best informed agent has no opinion, its name first; empty when it has one."""


def judge_standing(situation: Situation) -> tuple[Standing, str]:
    """The standing and its reason, a sentence without its full stop."""
    conflict = situation.unheard or _conflict(situation)
    if conflict:
        return Standing.NEEDS_A_HUMAN, conflict
    doubts = [doubt for doubt in _doubts(situation) if doubt]
    if situation.judged < JUDGED_TO_SETTLE:
        return Standing.PROVISIONAL, "; ".join([_little_record(situation), *doubts[:1]])
    if doubts:
        return Standing.NEEDS_A_HUMAN, doubts[0]
    judged = f"{situation.judged} decisions in {situation.domain} were judged"
    return Standing.SETTLED, f"{judged}, and {situation.voices} independent voices leave a clear lead"


def judged_to_settle(judged: int) -> int:
    """How many more judged decisions the domain needs."""
    return max(0, JUDGED_TO_SETTLE - judged)


def _conflict(situation: Situation) -> str:
    """Why nobody leads, whatever the record: a tie, or a gate against the vote."""
    posterior, options = situation.posterior, situation.options
    chosen, voted = leading(posterior, situation.gated), leading(posterior, gated=False)
    if situation.gated and voted == 0:
        return (
            f"the agents' votes lean to “{options[0]}”, but a confirmed finding of high severity stands against it, "
            f"so “{options[chosen]}” is shown until a person has looked"
        )
    equals = [
        options[index]
        for index in range(1 if situation.gated else 0, len(options))
        if abs(posterior[index] - posterior[chosen]) < 1e-9
    ]
    if len(equals) > 1:
        names = " and ".join(f"“{name}”" for name in equals)
        return f"{names} are equally likely, so the safer one is shown until a person decides"
    return ""


def _doubts(situation: Situation) -> Sequence[str]:
    posterior, options = situation.posterior, situation.options
    chosen = leading(posterior, situation.gated)
    probability = posterior[chosen]
    second = max(value for index, value in enumerate(posterior) if index != chosen)
    permission = COST_RATIO / (COST_RATIO + 1.0)
    return (
        "only one independent voice spoke" if situation.voices < 2 else "",
        "the two likeliest options are too close" if probability - second < LEAST_MARGIN else "",
        f"“{options[0]}” needs {percent(permission)} to be relied on, and it has {percent(probability)}"
        if chosen == 0 and probability < permission
        else "",
        f"decisions as sure as this one were wrong more often than {percent(ERROR_ACCEPTED)}"
        if situation.threshold is None or probability < situation.threshold
        else "",
        f"without {' or '.join(situation.decisive)} the verdict would be another one, and {percent(probability)} is "
        "not sure enough for that"
        if situation.decisive and probability < SURE_ALONE
        else "",
    )


def _little_record(situation: Situation) -> str:
    if situation.judged == 0:
        return f"no decision in {situation.domain} was judged yet, so the agents count by their expertise alone"
    was = "was" if situation.judged == 1 else "were"
    return f"only {counted(situation.judged, 'decision')} in {situation.domain} {was} judged"
