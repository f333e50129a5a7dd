"""What the research agent concludes: probabilities over the options by a formula, its rationale, and its note."""

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.core.agents.threats import Threat
from workbench.core.evidence import Citation, Finding
from workbench.core.tasks import Task, TaskKind
from workbench.wording import counted, percent

TOLD = 6
"""Threats named in rationale and citations; the note has all."""

SUGGESTED = 3
"""Records told that no more than a call suggests; the note has all. They are no part of the opinion."""

CAUTION = {TaskKind.DRAFT: 0.5, TaskKind.REVIEW: 0.65, TaskKind.ASSESS: 0.65}
"""Where on the scale of caution, from 0 (most permissive) to 1 (safest), known threats pull: to fixes or conditions.
The agent only sees what patterns show of the code, so threats are a reason for care and not yet against it."""

REACH = {TaskKind.DRAFT: 0.3, TaskKind.REVIEW: 0.5, TaskKind.ASSESS: 0.5, TaskKind.RESEARCH: 0.6}
"""Largest share of its opinion that may rest on threats alone; the rest stays even over the options."""

EXPOSED_REACH = 0.85
"""The same where the security agent found the task's own systems or code exposed."""


@dataclass(frozen=True)
class Opinion:
    """Where the evidence pulls on the scale of caution, and how hard (0 not at all, 1 altogether)."""

    caution: float
    pull: float

    def probabilities(self, options: Sequence[str]) -> dict[str, float]:
        """Even over the options, mixed by `pull` with weights that fall linearly with the distance from `caution`."""
        places = [index / (len(options) - 1) for index in range(len(options))]
        weights = [max(0.0, 1.0 - abs(place - self.caution)) for place in places]
        even = 1.0 / len(options)
        mixed = [(1.0 - self.pull) * even + self.pull * weight / sum(weights) for weight in weights]
        return {option: share / sum(mixed) for option, share in zip(options, mixed, strict=True)}


def pressure(threats: Sequence[Threat]) -> float:
    """How much bears on the task, 0 to 1: the chance that at least one of the weightiest threats matters (noisy or)."""
    nothing = 1.0
    for threat in threats[:TOLD]:
        nothing *= 1.0 - min(threat.weight, 0.95)
    return 1.0 - nothing


def opinion(task: Task, threats: Sequence[Threat], exposed: Sequence[Finding] = ()) -> Opinion:
    """The opinion by the threats found and, for a research question, by what is exposed.

    Nothing found pulls nowhere. A research question is the more urgent the weightier the threats are: from the middle
    of the scale where exposure is not known, up to its end where it is confirmed.
    """
    bears = pressure(threats)
    if task.kind is not TaskKind.RESEARCH:
        return Opinion(CAUTION[task.kind], REACH[task.kind] * bears)
    sure = max((finding.confidence for finding in exposed), default=0.0)
    if sure:
        return Opinion(0.6 + 0.4 * bears, max(REACH[task.kind] * bears, EXPOSED_REACH * sure))
    return Opinion(0.25 + 0.4 * bears, REACH[task.kind] * bears)


@dataclass(frozen=True)
class Knowledge:
    """What the agent had to go by: the date of the shelf, what was named but not found, and whom it asked."""

    checked: str | None
    missing: tuple[str, ...] = ()
    asked: tuple[str, ...] | None = None
    """The sources that the task names; None for all there are."""
    answered: tuple[str, ...] = ()
    """The sources from which anything came."""
    compared: bool = False
    """Whether the exposure check found anything that it could compare."""

    def sentences(self) -> list[str]:
        """What the reader must know about the limits of this."""
        asked = "every source that is set up" if self.asked is None else f"only {', '.join(self.asked) or 'no source'}"
        lines = [f"Asked: {asked}, and nothing came from there."]
        if self.answered:
            dated = f"checked {self.checked}" if self.checked else "without a date"
            lines = [
                f"Asked: {asked}. All of this is from {' and '.join(self.answered)}, {dated}; later events are "
                "not in it."
            ]
        if self.missing:
            lines.append(f"Not found, so nothing is said about it: {', '.join(self.missing)}.")
        return lines


def rationale(task: Task, threats: Sequence[Threat], knowledge: Knowledge, exposed: Sequence[Finding] = ()) -> str:
    """The opinion in plain words: what bears on the task, why it leans where it does, what it does not rest on."""
    if threats:
        told = "; ".join(_told(threat) for threat in threats[:TOLD])
        more = f" and {len(threats) - TOLD} more" if len(threats) > TOLD else ""
        lines = [f"What bears on this: {told}{more}."]
    else:
        lines = ["Nothing that was found is close to this task, so the opinion stays even."]
    if exposed:
        lines.append(f"The exposure check found {counted(spots(exposed), 'affected place')}.")
    if threats:
        lines.append(_leaning(task, threats, exposed, compared=knowledge.compared))
    return " ".join([*lines, *knowledge.sentences(), "No language model was used: records were matched and quoted."])


def spots(exposed: Sequence[Finding]) -> int:
    """How many places findings are about: several vulnerabilities may affect one."""
    return len({(finding.file, finding.line_start) for finding in exposed})


def note(task: Task, threats: Sequence[Threat], citations: Sequence[Citation], knowledge: Knowledge) -> str:
    """The research note as Markdown: every threat with what it was reached by and its checked quotes."""
    quotes: dict[str, list[str]] = {}
    for citation in citations:
        if citation.holds:
            quotes.setdefault(citation.passage_id, []).append(citation.quote)
    lines = [f"# {task.title}", "", *knowledge.sentences(), ""]
    quoted = [threat for threat in threats if any(passage.id in quotes for passage in threat.passages)]
    for threat in quoted:
        lines += [f"## {threat.title}", "", f"{_sentence(how_reached(threat))}", ""]
        for passage in threat.passages:
            place = str(passage.location) or passage.document_id
            lines += [
                f"> {' '.join(quote.split())}\n>\n> {passage.source}: {place}\n" for quote in quotes.get(passage.id, [])
            ]
    others = [f"- {threat.title} ({how_reached(threat)})" for threat in threats if threat not in quoted]
    if others:
        lines += ["## Also", "", *others]
    return "\n".join(lines if threats else [*lines, "Nothing that was found is close to this task."]).strip() + "\n"


def _leaning(task: Task, threats: Sequence[Threat], exposed: Sequence[Finding], *, compared: bool) -> str:
    """Why this speaks for the verdict it speaks for."""
    probabilities = opinion(task, threats, exposed).probabilities(task.verdicts)
    verdict = max(reversed(task.verdicts), key=probabilities.__getitem__)
    shown = sum(bool(threat.sign) for threat in threats)
    if task.kind is TaskKind.RESEARCH:
        without = "no affected place was found" if compared else "nothing of yours could be compared with them"
        why = (
            "what threatens it is weighty, and affected places were found"
            if exposed
            else f"the threats are known, but {without}"
        )
    elif shown:
        why = (
            f"the code itself shows signs of {counted(shown, 'weakness', 'weaknesses')} with known fixes; "
            "how bad that is here is for the analysis to say"
        )
    elif task.code_units:
        why = "such threats ask for care, but the code shows no sign of them, so this is a weak opinion"
    else:
        why = "such threats ask for care; there is no code in the task to look for them, so this is a weak opinion"
    return f"It leans to “{verdict}” ({percent(probabilities[verdict])}): {why}."


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _told(threat: Threat) -> str:
    return f"{threat.title} ({how_reached(threat)})"


def how_reached(threat: Threat) -> str:
    """Why a threat is told, in a few words."""
    known = ", known to be exploited" if threat.exploited else ""
    if threat.named:
        return f"named in the task{known}"
    if threat.via:
        return f"by way of {' and '.join(threat.via[-2:])}{known}"
    if threat.sign:
        return f"shown by the code `{threat.sign}`{known}"
    if threat.clue:
        return f"suggested by the call {threat.clue}; whether it is there was not looked at{known}"
    return f"close to the task's words, {percent(threat.closeness)}{known}"
