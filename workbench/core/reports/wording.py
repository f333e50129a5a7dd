"""How the reports put numbers, times and states into words: the same in every format."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from workbench.core.decisions import Decision, QualityCheck, Standing
from workbench.core.evidence import Severity
from workbench.core.tasks import TaskKind
from workbench.wording import counted, percent

KIND_QUESTIONS: dict[TaskKind, str] = {
    TaskKind.DRAFT: "Is the drafted code safe to use?",
    TaskKind.REVIEW: "Is this code safe to use?",
    TaskKind.RESEARCH: "What threatens this, and must we act?",
    TaskKind.ASSESS: "Should we accept this?",
}

STANDING_MEANINGS: dict[Standing, str] = {
    Standing.SETTLED: "The agents' record in this domain is long enough to rely on this decision.",
    Standing.PROVISIONAL: "Take it as a first opinion and check what it rests on: the agents have too little record "
    "in this domain to be relied on.",
    Standing.NEEDS_A_HUMAN: "The workbench does not decide this one: a person must, with the evidence below.",
}

__all__ = [
    "KIND_QUESTIONS", "STANDING_MEANINGS", "WARNING_STATES", "agent_name", "basis", "checks_line", "counted",
    "diff_kind", "duration", "findings_line", "gates_line", "headline", "percent", "signed", "size", "standing_note",
    "uncited_places", "utc",
]  # fmt: skip

_VERSION = re.compile(r"^([a-z ]+) (\d+)(?=$| \()")

WARNING_STATES = ("partial", "timeout", "error", "skipped")


BRIEFING_NOTE = (
    "What the library says of the records that answer the task best, in its own words. "
    "The numbers lead to the evidence."
)


def capital(text: str) -> str:
    """`text` with its first letter in upper case."""
    return f"{text[:1].upper()}{text[1:]}"


def signed(points: float) -> str:
    """Points with their sign, `+12.3`, `−4.0`, `0.0`."""
    rounded = round(points, 1)
    return f"{'+' if rounded > 0 else '−' if rounded < 0 else ''}{abs(rounded):.1f}"


def utc(moment: datetime | None) -> str:
    """`2026-03-14 09:26:53 UTC`, or `unknown`."""
    return "unknown" if moment is None else f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def duration(seconds: float | None) -> str:
    """`0.4 s`, `12 s`, `3 min 05 s`, or `-` when it is not known."""
    if seconds is None:
        return "-"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


def size(count: int) -> str:
    """`312 bytes`, `4.1 kB`, `2.0 MB` (powers of ten)."""
    if count < 1000:
        return f"{count} byte{'' if count == 1 else 's'}"
    return f"{count / 1e3:.1f} kB" if count < 999_950 else f"{count / 1e6:.1f} MB"


def diff_kind(line: str) -> str:
    """What a line of a unified diff is: `add`, `del`, `hunk` (also the file names) or `same`."""
    if line.startswith(("@@", "+++ ", "--- ")):
        return "hunk"
    return {"+": "add", "-": "del"}.get(line[:1], "same")


def agent_name(name: str) -> str:
    """An agent's name for readers: `project_manager` becomes `project manager`."""
    return name.replace("_", " ")


def headline(decision: Decision) -> str:
    """The decision in one sentence, with its probability and the runner-up's."""
    if decision.is_open:
        return "Nothing is decided: no agent has an opinion, so all options stay equally likely."
    lead = (
        f"The decision is “{decision.verdict}”, with a probability of {percent(decision.posterior[decision.verdict])}"
    )
    if decision.runner_up not in decision.posterior:
        return f"{lead}."
    other = f"“{decision.runner_up}” with {percent(decision.posterior[decision.runner_up])}"
    if decision.posterior[decision.runner_up] > decision.posterior[decision.verdict]:
        return f"{lead}, although the votes lean to {other}."
    return f"{lead}; next comes {other}."


def basis(lineage: str) -> str:
    """What stands behind a proposal: `static analysis 1 (bandit 1.9.4)` becomes `static analysis, version 1 (...)`."""
    return _VERSION.sub(r"\1, version \2", lineage) or "nothing named"


def uncited_places(places: Sequence[str]) -> str:
    """Where passages of one document stand: the place of a single one, else its path and how many there are."""
    if len(places) < 2:
        return "".join(places)
    paths = {place.split(", ")[0] for place in places}
    return f"{paths.pop()}, {len(places)} places" if len(paths) == 1 else f"{len(places)} places"


def checks_line(checks: Sequence[QualityCheck]) -> str:
    """`Citations that hold: 8 of 8; code read whole: 1 of 1.`, empty without checks."""
    return _sentence("; ".join(f"{check.name}: {check.passed} of {check.total}" for check in checks))


def gates_line(options: Sequence[str]) -> str:
    """What the gates forbid: the most permissive of `options`."""
    return f"Gates: confirmed findings that no vote outweighs, so the verdict cannot be “{options[0]}”"


def findings_line(severities: Iterable[Severity], in_repair: int = 0, *, drafted: bool = False) -> str:
    """`5 findings: 3 high, 1 medium, 1 low.`, told of the latest draft where `drafted`, and what repairs brought."""
    counts = Counter(severities)
    where = " in the latest draft" if drafted else ""
    parts = ", ".join(f"{counts[severity]} {severity}" for severity in Severity if counts[severity])
    own = f"{counted(counts.total(), 'finding')}{where}: {parts}." if counts else f"No findings{where}."
    return f"{own} The repaired code has {in_repair} of its own, told apart below." if in_repair else own


def standing_note(decision: Decision) -> str:
    """What the standing means for the reader, why it is so, and what would change it."""
    sentences = [STANDING_MEANINGS[decision.standing], _sentence(decision.reason)]
    if decision.judged_to_settle and decision.standing is not Standing.SETTLED:
        judged = counted(decision.judged_to_settle, "more judged decision")
        sentences.append(f"{judged[0].upper()}{judged[1:]} in this domain would let it be settled.")
    return " ".join(sentence for sentence in sentences if sentence)


def _sentence(text: str) -> str:
    text = text.strip()
    if not text:
        return ""
    return f"{text[0].upper()}{text[1:]}{'' if text.endswith(('.', '!', '?')) else '.'}"
