"""What the security agent says: its findings in the stream, its summaries and its rationale."""

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.core.agents.base import StepContext
from workbench.core.analysis.base import UnitAnalysis
from workbench.core.analysis.patches import FileChange
from workbench.core.evidence import Finding, Severity

TOLD = 8
"""Findings told one by one in the stream; the table has all."""

NOTICES_TOLD = 4


@dataclass(frozen=True)
class Comparison:
    """Findings before and after a repair."""

    gone: tuple[Finding, ...]
    stays: tuple[Finding, ...]
    new: tuple[Finding, ...]


async def say_findings(context: StepContext, findings: Sequence[Finding]) -> None:
    """Tell the worst findings, one line each."""
    worst = sorted(findings, key=lambda finding: (-finding.severity.rank, -finding.confidence))
    for finding in worst[:TOLD]:
        place = f"{finding.file}, line {finding.line_start}"
        known = f"{finding.cwe or 'no CWE'}, {finding.severity}, {finding.confidence:.0%} sure"
        await context.say(f"{place}: {finding.title} ({known})")
    if len(worst) > TOLD:
        await context.say(f"and {len(worst) - TOLD} more")
    if not worst:
        await context.say("Nothing was found; that is no proof that there is nothing")


def counted(findings: Sequence[Finding]) -> str:
    """How many weaknesses of which severity, as the beginning of a sentence."""
    if not findings:
        return "No weakness was found"
    counts = {severity: sum(finding.severity is severity for finding in findings) for severity in Severity}
    parts = ", ".join(f"{count} {severity}" for severity, count in counts.items() if count)
    return f"{len(findings)} weakness{'es were' if len(findings) > 1 else ' was'} found ({parts})"


def read_lines(analyses: Sequence[UnitAnalysis]) -> str:
    """How much code was looked at, in words."""
    total = sum(analysis.lines_total for analysis in analyses)
    read = sum(analysis.lines_read for analysis in analyses)
    return f"{total} lines, of which {read} could be read" if read < total else f"{total} lines"


def recheck_lines(found: Sequence[Finding], comparison: Comparison, *, repaired: bool) -> list[str]:
    """What became of the findings, without full stops."""
    if not repaired:
        return ["Nothing was repaired, so all findings stay"] if found else ["There was nothing to repair"]
    lines = [
        f"After the repair {len(comparison.gone)} of {len(found)} findings are gone and {len(comparison.stays)} stay"
    ]
    if comparison.new:
        titles = ", ".join(finding.title for finding in comparison.new[:3])
        lines.append(f"{len(comparison.new)} came in with the repair: {titles}")
    return lines


def weigh_words(found: Sequence[Finding], analyses: Sequence[UnitAnalysis], changes: dict[str, FileChange]) -> str:
    """What was found in a change, and what of the changed files was not there to be looked at."""
    if not changes:
        return f"{counted(found)} in {read_lines(analyses)}." if analyses else "There is no code or diff to weigh."
    added = sum(len(change.added) for change in changes.values())
    files = f"{len(changes)} file{'s' * (len(changes) > 1)}"
    return f"{counted(found)} in what the change adds ({added} lines in {files}); the rest of the files was not shown."


def rationale(words: Sequence[str], findings: Sequence[Finding], analyses: Sequence[UnitAnalysis]) -> str:
    """The opinion in plain words: what was found, what could not be read, the worst, and what it rests on."""
    unread = [f"{notice}." for analysis in analyses for notice in analysis.notices]
    used = sorted({name for analysis in analyses for name in analysis.analysers})
    basis = f"By {' and '.join(used)}; no language model was used." if used else "No language model was used."
    return " ".join(part for part in (*words, *unread[:NOTICES_TOLD], _worst(findings), basis) if part)


def _worst(findings: Sequence[Finding]) -> str:
    if not findings:
        return ""
    worst = max(findings, key=lambda finding: (finding.severity.rank, finding.confidence))
    return (
        f"The worst: {worst.title[:1].lower()}{worst.title[1:]} in {worst.file}, line {worst.line_start} ({worst.cwe})."
    )
