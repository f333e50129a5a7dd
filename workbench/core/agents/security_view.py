"""What the security agent says: its findings in the stream, its summaries and its rationale."""

from collections.abc import Sequence

from workbench.core.agents.base import StepContext
from workbench.core.agents.security_compare import Comparison, stood_before
from workbench.core.analysis.base import UnitAnalysis
from workbench.core.analysis.patches import FileChange
from workbench.core.evidence import Finding, Severity
from workbench.core.tasks import CodeUnit
from workbench.wording import counted, percent

TOLD = 8
"""Findings told one by one in the stream; the table has all."""

NOTICES_TOLD = 4


async def say_findings(context: StepContext, findings: Sequence[Finding], analyses: Sequence[UnitAnalysis]) -> None:
    """Tell the worst findings, one line each; nothing of code that nobody looked at."""
    worst = sorted(findings, key=lambda finding: (-finding.severity.rank, -finding.confidence))
    for finding in worst[:TOLD]:
        place = f"{finding.file}, line {finding.line_start}"
        known = f"{finding.cwe or 'no CWE'}, {finding.severity}, {percent(finding.confidence)} sure"
        await context.say(f"{place}: {finding.title} ({known})")
    if len(worst) > TOLD:
        await context.say(f"and {len(worst) - TOLD} more")
    if not worst and is_looked_at(analyses):
        await context.say("Nothing was found; that is no proof that there is nothing")


def is_looked_at(analyses: Sequence[UnitAnalysis]) -> bool:
    """Whether any of the code could be analysed."""
    return any(analysis.is_looked_at for analysis in analyses)


def weaknesses(findings: Sequence[Finding]) -> str:
    """How many weaknesses of which severity, as the beginning of a sentence."""
    if not findings:
        return "No weakness was found"
    counts = {severity: sum(finding.severity is severity for finding in findings) for severity in Severity}
    parts = ", ".join(f"{count} {severity}" for severity, count in counts.items() if count)
    return f"{counted(len(findings), 'weakness was', 'weaknesses were')} found ({parts})"


def read_lines(analyses: Sequence[UnitAnalysis]) -> str:
    """How much code was looked at, in words; blank lines do not count."""
    total = sum(analysis.lines_total for analysis in analyses)
    read = sum(analysis.lines_read for analysis in analyses)
    lines = f"{counted(total, 'line')} of code"
    return f"{lines}, of which {read} could be read" if read < total else lines


def found_words(found: Sequence[Finding], analyses: Sequence[UnitAnalysis], where: str = "") -> str:
    """What was found in how much code, as whole sentences; of code that nobody could read only that."""
    if not is_looked_at(analyses):
        return not_analysed(analyses)
    return f"{weaknesses(found)} in {where}{read_lines(analyses)}."


def not_analysed(analyses: Sequence[UnitAnalysis]) -> str:
    """Why nothing was analysed, and what follows from that, as whole sentences."""
    if not analyses:
        return "There is no code, so nothing was analysed."
    reasons = [f"{reason}." for one in analyses for reason in one.notices or (f"{one.unit} holds no code",)]
    more = [f"The same goes for {len(reasons) - NOTICES_TOLD} more."] if len(reasons) > NOTICES_TOLD else []
    files = f"none of the {len(analyses)} files" if len(analyses) > 1 else "nothing in it"
    return " ".join([*reasons[:NOTICES_TOLD], *more, f"So {files} was looked at for weaknesses."])


def recheck_lines(
    found: Sequence[Finding], comparison: Comparison, units: Sequence[CodeUnit], *, repaired: bool
) -> list[str]:
    """What became of the findings, without full stops; `units` are the code before the repair."""
    if not repaired:
        return ["Nothing was repaired, so all findings stay"] if found else ["There was nothing to repair"]
    gone, stays, new = comparison.gone, comparison.stays, comparison.new
    after = len(stays) + len(new)
    only = f", and {len(new)} {'are' if len(new) > 1 else 'is'} told of the repaired code only" if new else ""
    lines = [
        f"Before the repair {len(found)}, after it {after}: {len(gone)} gone, {len(stays)} as before{only}",
    ]
    for stood, words in (
        (True, "Told only now, of a statement that the repair wrote anew from what stood there before"),
        (False, "Came in with the repair"),
    ):
        of_kind = [finding for finding in new if stood_before(finding, units) is stood]
        if of_kind:
            lines.append(f"{words}: {_listed(of_kind)}")
    return lines


def _listed(findings: Sequence[Finding]) -> str:
    told = [f"{finding.title} (repaired {finding.file}, line {finding.line_start})" for finding in findings[:3]]
    more = [f"and {len(findings) - 3} more"] if len(findings) > 3 else []
    return "; ".join([*told, *more])


def weigh_words(found: Sequence[Finding], analyses: Sequence[UnitAnalysis], changes: dict[str, FileChange]) -> str:
    """What was found in a change, and what of the changed files was not there to be looked at."""
    if not analyses and not changes:
        return "There is no code or diff to weigh."
    if not is_looked_at(analyses) or not changes:
        return found_words(found, analyses)
    added = sum(len(change.added) for change in changes.values())
    size = f"{counted(added, 'line')} in {counted(len(changes), 'file')}"
    partly = any(not change.shows_whole_file for change in changes.values())
    rest = "; the rest of the files was not shown" if partly else ""
    return f"{weaknesses(found)} in what the change adds ({size}){rest}."


def rationale(words: Sequence[str], findings: Sequence[Finding], analyses: Sequence[UnitAnalysis]) -> str:
    """The opinion in plain words: what was found, what could not be read, the worst, and what it rests on."""
    unread = [f"{notice}." for analysis in analyses for notice in analysis.notices if is_looked_at(analyses)]
    used = sorted({name for analysis in analyses for name in analysis.analysers})
    basis = f"By {' and '.join(used)}; no language model was used." if used else "No language model was used."
    return " ".join(part for part in (*words, *unread[:NOTICES_TOLD], _worst(findings), basis) if part)


def _worst(findings: Sequence[Finding]) -> str:
    if not findings:
        return ""
    worst = max(findings, key=lambda finding: (finding.severity.rank, finding.confidence))
    title = worst.title if worst.title[:2].isupper() else worst.title[:1].lower() + worst.title[1:]
    weakness = f" ({worst.cwe})" if worst.cwe else ""
    return f"The worst: {title} in {worst.file}, line {worst.line_start}{weakness}."
