"""Finds the code a finding is about in the run itself, and numbers its lines."""

from collections.abc import Mapping
from dataclasses import dataclass

from workbench.core.analysis.patches import is_patch, read_patch
from workbench.core.evidence import Finding
from workbench.core.reports.data import CodeLine, FindingData
from workbench.core.run_state import RunState
from workbench.visible_text import source_lines

CONTEXT_LINES = 2
"""Lines shown before and after the cited ones."""

MAX_LINES = 40
"""Longest excerpt in a report; a finding about more lines shows the first of them and says how many it leaves out."""


@dataclass(frozen=True)
class KnownCode:
    """The texts that a run's findings may be about, by name, and how to call the place of one that is not there."""

    texts: Mapping[str, str]
    drafted: frozenset[str] = frozenset()
    """Names of code that the run wrote anew, in several drafts perhaps."""
    version: str = "submitted"

    @classmethod
    def of_task(cls, state: RunState) -> "KnownCode":
        """What the task submitted, changed files of its diffs included, and the latest version of each new draft."""
        units = state.task.code_units if state.task else ()
        changed = {
            change.path: change.after.text for unit in units if is_patch(unit) for change in read_patch(unit.text)
        }
        submitted = {**changed, **{unit.name: unit.text for unit in units}}
        drafted = {draft.name: draft.text for draft in state.drafts if draft.name not in submitted}
        return cls({**drafted, **submitted}, frozenset(drafted))

    @classmethod
    def of_repair(cls, state: RunState) -> "KnownCode":
        """The repaired files alone."""
        return cls({draft.name: draft.text for draft in state.drafts}, version="repaired")

    def text_of(self, finding: Finding) -> str | None:
        """The text that the finding's lines count in; None when that version is not known any more."""
        text = self.texts.get(finding.file)
        return text if text is not None and _stands_in(finding, text) else None

    def place(self, finding: Finding) -> str:
        """`app.py, line 3`, and whose line it is where that is not the submitted file's."""
        return place_in_code(finding) + (" of the repaired file" if self.version == "repaired" else "")

    def remark(self, finding: Finding) -> str:
        """What the reader must know about a finding whose lines are not where it says."""
        if self.text_of(finding) is not None:
            return ""
        if finding.file in self.drafted:
            return "It is about an earlier draft: the final draft has no such lines."
        if finding.file in self.texts:
            return f"Its lines were not found again in the {self.version} code, so check the place by hand."
        return "The file is not part of this run, so its lines could not be checked here."


def finding_data(number: int, finding: Finding, weakness: str, code: KnownCode) -> FindingData:
    """The finding as the report shows it: lines from the code itself where it is known, else from the excerpt."""
    text = code.text_of(finding)
    lines = _from_excerpt(finding) if text is None else _from_text(finding, text)
    shown = lines[:MAX_LINES]
    return FindingData(
        number=number,
        finding=finding,
        weakness=weakness,
        place=code.place(finding),
        lines=tuple(shown),
        left_out=len(lines) - len(shown),
        remark=code.remark(finding),
    )


def place_in_code(finding: Finding) -> str:
    """`app.py, line 3` or `app.py, lines 3-5`."""
    if finding.line_end <= finding.line_start:
        return f"{finding.file}, line {finding.line_start}"
    return f"{finding.file}, lines {finding.line_start}-{finding.line_end}"


def _stands_in(finding: Finding, text: str) -> bool:
    lines = source_lines(text)
    if finding.line_start > len(lines):
        return False
    cited = [line.strip() for line in lines[finding.line_start - 1 : finding.line_end] if line.strip()]
    excerpt = {line.strip() for line in source_lines(finding.excerpt) if line.strip()}
    return not excerpt or any(line in excerpt for line in cited)


def _from_text(finding: Finding, text: str) -> list[CodeLine]:
    lines = source_lines(text)
    first = max(1, finding.line_start - CONTEXT_LINES)
    last = min(len(lines), max(finding.line_end, finding.line_start) + CONTEXT_LINES)
    shown = [
        CodeLine(number=number, text=lines[number - 1], marked=finding.line_start <= number <= finding.line_end)
        for number in range(first, last + 1)
    ]
    return _without_blank_edges(shown)


def _without_blank_edges(lines: list[CodeLine]) -> list[CodeLine]:
    # Lines of a file that a diff does not show are blank, too
    told = [index for index, line in enumerate(lines) if line.marked or line.text.strip()]
    return lines[told[0] : told[-1] + 1]


def _from_excerpt(finding: Finding) -> list[CodeLine]:
    return [
        CodeLine(number=number, text=line, marked=finding.line_start <= number <= finding.line_end)
        for number, line in enumerate(source_lines(finding.excerpt), start=finding.line_start)
    ]
