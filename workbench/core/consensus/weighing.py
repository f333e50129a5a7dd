"""Weighs votes by the record: the evidence of each agent, the voices they make, and the posterior."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from workbench.core.consensus.confusion import Options, centred, evidence, floored
from workbench.core.consensus.pool import pooled, softmax
from workbench.core.consensus.record import Record
from workbench.core.consensus.votes import LoggedVote, Vote


@dataclass(frozen=True)
class Opinion:
    """One agent's evidence: log-odds over the options with sum 0, and what they are made of at its own verdict."""

    vote: Vote
    log_odds: tuple[float, ...]
    parts: dict[str, float]
    surer: float
    offset: float


@dataclass(frozen=True)
class Weighing:
    """Everything a decision is made of, before gates and standing."""

    domain: str
    options: Options
    log_prior: tuple[float, ...]
    voices: tuple[tuple[Opinion, ...], ...]
    """Agents of one lineage are one voice."""
    beta: float
    posterior: tuple[float, ...]
    silent: tuple[Opinion, ...] = ()
    """Agents that hold all options for equally likely: no voice is theirs."""

    @property
    def agents(self) -> tuple[tuple[float, Opinion], ...]:
        """Every agent with its share of a voice; who is silent takes nobody's share."""
        spoke = tuple((1.0 / len(voice), opinion) for voice in self.voices for opinion in voice)
        return spoke + tuple((1.0, opinion) for opinion in self.silent)

    @property
    def logged_votes(self) -> tuple[LoggedVote, ...]:
        """The votes as the audit log keeps them."""
        return tuple(
            LoggedVote(
                **dict(opinion.vote),
                surer=opinion.surer,
                offset=opinion.offset,
                share=share,
                log_odds=opinion.log_odds,
            )
            for share, opinion in self.agents
        )

    def posterior_without(self, agents: Collection[str]) -> list[float]:
        """The posterior if these agents had not spoken; others of their lineage have the voice to themselves then."""
        voices = [[opinion for opinion in voice if opinion.vote.agent not in agents] for voice in self.voices]
        return pooled(self.log_prior, _shared(voices), self.beta)


def weigh(votes: Sequence[Vote], domain: str, options: Options, record: Record) -> Weighing:
    """Weigh the votes of one decision. The order of votes does not matter; agents must be different."""
    voices = _voices([_opinion(vote, domain, options, record) for vote in votes if not vote.abstains])
    silent = [_silence(vote, options) for vote in sorted(votes, key=lambda vote: vote.agent) if vote.abstains]
    log_prior = tuple(record.log_prior(domain, options))
    posterior = tuple(pooled(log_prior, _shared(voices), record.beta))
    return Weighing(domain, options, log_prior, voices, record.beta, posterior, tuple(silent))


def _shared(voices: Sequence[Sequence[Opinion]]) -> list[tuple[float, tuple[float, ...]]]:
    return [(1.0 / len(voice), opinion.log_odds) for voice in voices for opinion in voice]


def _opinion(vote: Vote, domain: str, options: Options, record: Record) -> Opinion:
    history, said = record.history(vote.agent), options.index(vote.verdict)
    confusion = history.confusion
    accuracy = confusion.accuracy(vote.agent, domain, len(options))
    surer = history.habits.surer(vote.confidence, accuracy, len(options))
    stages = [evidence(confusion, vote.agent, domain, options, said)]
    may_turn = (domain, options) in confusion.contrarian
    for change in (
        history.habits.slope * surer,
        history.habits.from_quality(vote.quality),
    ):
        stages.append(_moved(stages[-1], said, change, may_turn))
    record_, confident, checked = (stage[said] for stage in stages)
    parts = {"record": record_, "confidence": confident - record_, "quality": checked - confident}
    by_record = softmax(stages[0])[said]
    return Opinion(vote, tuple(stages[-1]), parts, surer, math.log(by_record / (1.0 - by_record)))


def _silence(vote: Vote, options: Options) -> Opinion:
    nothing = dict.fromkeys(("record", "confidence", "quality"), 0.0)
    return Opinion(vote, (0.0,) * len(options), nothing, 0.0, 0.0)


def _moved(log_odds: Sequence[float], said: int, change: float, may_turn: bool) -> list[float]:
    """The evidence with `change` more for what was said; being unsure silences a vote but cannot turn it round."""
    moved = [value + (change if index == said else 0.0) for index, value in enumerate(log_odds)]
    return centred(moved if may_turn else floored(moved, said))


def _voices(opinions: Sequence[Opinion]) -> tuple[tuple[Opinion, ...], ...]:
    """Opinions grouped by declared lineage, sorted by agent; who declares none is a voice of his own."""
    groups: dict[tuple[str, str], list[Opinion]] = {}
    for opinion in sorted(opinions, key=lambda opinion: opinion.vote.agent):
        lineage = opinion.vote.lineage.strip()
        groups.setdefault(("lineage", lineage) if lineage else ("agent", opinion.vote.agent), []).append(opinion)
    return tuple(tuple(group) for group in groups.values())
