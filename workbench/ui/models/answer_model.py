"""What a run answers: what the library says of the records that bear on a question, and the code that was written."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from workbench.core import events as ev
from workbench.core.engine import RunState
from workbench.core.tasks import LANGUAGES, TaskKind
from workbench.visible_text import visible

LIMIT = "Limit: "
"""How a draft's changes begin that tell what the code does not do (workbench.core.agents.code_mitigate)."""

_PASSAGE = ", passage "
_LONGEST_NAME = 120


@dataclass(frozen=True)
class Section:
    """What one section of a record says, a paragraph a line, and the passage that it is quoted from."""

    heading: str
    text: str
    passage_id: str
    holds: bool


@dataclass(frozen=True)
class Told:
    """One record in its own words, and why it is told."""

    title: str
    reached: str
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Draft:
    """Code that the run wrote, as `text`; what it changed in code that was there before is also a `patch`."""

    name: str
    language: str
    text: str
    patch: str
    basis: str
    basis_passage: str
    """Id of the passage that it was made from, empty where none is named."""
    changes: tuple[str, ...]
    limits: tuple[str, ...]
    repairs: bool
    """Whether the task brought code of this name, so that the patch is what is looked at first."""

    @property
    def has_hidden(self) -> bool:
        """Whether the text holds characters that the screen shows as code points."""
        return visible(self.text) != self.text.replace("\r\n", "\n").replace("\r", "\n")


@dataclass(frozen=True)
class Answer:
    """All that the panel shows of one run. `waits` says why there is nothing, and is empty when there is something."""

    told: tuple[Told, ...] = ()
    drafts: tuple[Draft, ...] = ()
    account: tuple[str, ...] = ()
    """What the agents say of the code: where it comes from, what it leaves to the reader."""
    waits: str = ""


def answer(state: RunState) -> Answer:
    """The answer as far as the journal tells it."""
    told = tuple(_told(briefing) for outcome in state.outcomes.values() for briefing in outcome.briefings)
    drafts = tuple(_draft(draft, state) for draft in state.drafts)
    return Answer(told, drafts, _account(state), "" if told or drafts else _nothing(state))


def is_answered(state: RunState) -> bool:
    """Whether this run was asked for an answer in words or in code, and has one."""
    wanted = state.task is not None and state.task.kind in (TaskKind.RESEARCH, TaskKind.DRAFT)
    return wanted and not answer(state).waits


def file_name(draft: Draft, *, patch: bool = False) -> str:
    """A name to save the draft under: the last part of its own, safe on every system, with an ending."""
    last = PurePosixPath(draft.name.replace("\\", "/")).name
    safe = "".join(letter if letter.isalnum() or letter in " ._-" else "_" for letter in last).strip(" .")
    name = safe[:_LONGEST_NAME] or "code"
    if "." not in name:
        name += next((ending for ending, language in LANGUAGES.items() if language == draft.language), ".txt")
    return f"{name}.patch" if patch else name


def _told(briefing: ev.Briefing) -> Told:
    sections = tuple(
        Section(point.claim, _paragraphs(point.quote), point.passage_id, point.holds) for point in briefing.points
    )
    return Told(briefing.title, briefing.reached[:1].upper() + briefing.reached[1:], sections)


def _paragraphs(quote: str) -> str:
    return "\n".join(words for line in visible(quote).split("\n") if (words := " ".join(line.split())))


def _draft(draft: ev.CodeDraft, state: RunState) -> Draft:
    basis, _, passage = draft.basis.rpartition(_PASSAGE)
    known = bool(basis) and passage in state.passages
    brought = {unit.name for unit in state.task.code_units} if state.task else set()
    return Draft(
        name=draft.name,
        language=draft.language,
        text=draft.text,
        patch=draft.diff,
        basis=basis if known else draft.basis,
        basis_passage=passage if known else "",
        changes=tuple(change for change in draft.changes if not change.startswith(LIMIT)),
        limits=tuple(change.removeprefix(LIMIT) for change in draft.changes if change.startswith(LIMIT)),
        repairs=draft.name in brought,
    )


def _account(state: RunState) -> tuple[str, ...]:
    """The reasons of whoever wrote the code, then what those say who changed it, each once.

    In research the reasons weigh the threats and not the code, which stands there as its recipe has it.
    """
    if state.task is None or state.task.kind is TaskKind.RESEARCH:
        return ()
    writers = [outcome for outcome in state.outcomes.values() if outcome.drafts]
    first = [outcome.proposal.rationale if outcome.proposal else outcome.summary for outcome in writers[:1]]
    return tuple(dict.fromkeys([*first, *(outcome.summary for outcome in writers[1:])]))


def _nothing(state: RunState) -> str:
    if state.task is None:
        return "What the library knows of your question, and the code that a run writes, will stand here."
    if state.final is None:
        return "The answer appears here as soon as the step that gives it has finished."
    if not isinstance(state.final, ev.RunCompleted):
        return "This run ended before it had an answer."
    return {
        TaskKind.RESEARCH: "No record of the library answers this; what was found is in “Evidence and findings”.",
        TaskKind.DRAFT: "Nothing was drafted; the output of the code agent says why.",
    }.get(state.task.kind, "This run wrote and changed no code.")
