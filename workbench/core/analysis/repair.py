"""Repair a unit: a known fix at each finding, kept only where the result parses, keeps its names and is better.

After each fix the unit is analysed again. A fix stays when the weakness is gone there and nothing new
that is as bad came in; otherwise it is taken back, and the finding is named as not repaired, with the reason.
"""

import ast
import difflib
from collections import Counter

from workbench.core.analysis.analyse import analyse_unit
from workbench.core.analysis.edits import Places, add_imports, apply_edits
from workbench.core.analysis.kinship import are_kin
from workbench.core.analysis.languages import spoken
from workbench.core.analysis.module import Module
from workbench.core.analysis.repairs import arguments, command, sql, web
from workbench.core.analysis.repairs.base import Change, Fix, Site
from workbench.core.analysis.rules import Scan
from workbench.core.analysis.source import UnreadableError, code_lines, read_source
from workbench.core.evidence import Finding, Severity
from workbench.core.tasks import CodeUnit
from workbench.core.values import Value

FIXES: dict[str, Fix] = {
    "sql-value-formatted": sql.bind_values,
    "bandit:B608": sql.bind_values,
    "command-in-shell": command.list_arguments,
    "bandit:B602": command.list_arguments,
    "bandit:B605": command.list_arguments,
    "html-built-as-text": web.escape_values,
    "html-response-echoes": web.escape_values,
    "html-response-sends-on": web.escape_values,
    "path-from-outside": web.join_safely,
    "path-joined-unchecked": web.join_safely,
    "path-archive-unpacked": arguments.filter_archive,
    "bandit:B202": arguments.filter_archive,
    "tls-not-verified": arguments.leave_verification_on,
    "bandit:B501": arguments.leave_verification_on,
    "bandit:B323": arguments.leave_verification_on,
    "bandit:B201": arguments.turn_debug_off,
    "bandit:B113": arguments.add_timeout,
    "bandit:B506": arguments.load_yaml_safely,
    "yaml-loaded-whole": arguments.load_yaml_safely,
    "code-evaluated": arguments.evaluate_literals_only,
    "bandit:B307": arguments.evaluate_literals_only,
    "bandit:B306": arguments.make_temporary_file,
    "random-for-secret": arguments.draw_from_the_system,
    "bandit:B701": arguments.escape_templates,
    "bandit:B507": arguments.reject_unknown_hosts,
    "bandit:B103": arguments.narrow_file_mode,
    "secret-in-code": arguments.secret_from_environment,
}
"""The known fix by rule."""

NO_FIX: dict[str, str] = {
    "data-unpickled": "stored data would have to change its format; use JSON with a schema",
    "password-hash-fast": "stored hashes would have to change; hash anew with scrypt at the next login",
    "redirect-from-outside": "which targets are allowed is for you to say",
    "request-to-chosen-address": "which addresses are allowed is for you to say",
    "sql-name-formatted": "which names are allowed is for you to say; SQL cannot bind a name",
    "bandit:B104": "whether the service is meant for the network is for you to say",
}
"""Why there is no fix, for rules where a program cannot know what is meant."""


MAX_ROUNDS = 3
"""How often fixes that did not hold are tried again after others did."""


class RepairRequest(Value):
    """A unit and the findings to mend in it."""

    unit: CodeUnit
    findings: tuple[Finding, ...]


class Unrepaired(Value):
    """A finding that was left, with the reason."""

    finding: Finding
    reason: str


class Repair(Value):
    """What became of a unit. `text` is the unit unchanged where nothing could be mended."""

    unit: str
    text: str
    changes: tuple[str, ...] = ()
    """One sentence per change, with the line it was made at."""
    repaired: tuple[Finding, ...] = ()
    unrepaired: tuple[Unrepaired, ...] = ()
    remaining: tuple[Finding, ...] = ()
    """What analysing the repaired text still finds."""
    diff: str = ""
    """Unified diff, empty where nothing changed."""


def repair_unit(request: RepairRequest) -> Repair:
    """Mend what can be mended in one unit. Never raises for what the code is like."""
    unit = request.unit
    reason = _unfit(unit)
    if reason:
        unfit = tuple(Unrepaired(finding=finding, reason=reason) for finding in request.findings)
        return Repair(unit=unit.name, text=unit.text, unrepaired=unfit, remaining=request.findings)
    original = "\n".join(code_lines(unit.text)) + "\n"
    text, mended, left = _mend_all(unit, original, request.findings)
    text = add_imports(text, [line for _, change in mended for line in change.imports])
    return Repair(
        unit=unit.name,
        text=text if mended else unit.text,
        changes=tuple(f"Line {finding.line_start}: {change.sentence}" for finding, change in mended),
        repaired=tuple(finding for finding, _ in mended),
        unrepaired=tuple(left),
        remaining=analyse_unit(unit.model_copy(update={"text": text})).findings,
        diff=unified_diff(unit.name, original, text),
    )


def _mend_all(
    unit: CodeUnit, text: str, findings: tuple[Finding, ...]
) -> tuple[str, list[tuple[Finding, Change]], list[Unrepaired]]:
    """Mend from the bottom up, so that the lines of findings further up stay where they are.

    A fix may need another one first (a page that holds a part built above it), so it goes on while anything changes.
    """
    mended: list[tuple[Finding, Change]] = []
    waiting = sorted(findings, key=lambda finding: -finding.line_start)
    for _ in range(MAX_ROUNDS):
        left: list[Unrepaired] = []
        before = len(mended)
        for finding in waiting:
            outcome = _mend(unit, text, finding)
            if isinstance(outcome, str):
                left.append(Unrepaired(finding=finding, reason=outcome))
            else:
                text = outcome[0]
                mended.append((finding, outcome[1]))
        waiting = [item.finding for item in left]
        if len(mended) == before or not waiting:
            break
    mended.sort(key=lambda pair: pair[0].line_start)
    return text, mended, sorted(left, key=lambda item: item.finding.line_start)


def unified_diff(name: str, before: str, after: str) -> str:
    """A unified diff of two texts with `a/` and `b/` names, as `git apply` takes it; empty when they are equal."""
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), f"a/{name}", f"b/{name}"
    )
    return "".join(lines)


def _unfit(unit: CodeUnit) -> str:
    """Why a unit cannot be repaired at all; empty when it can."""
    if unit.language != "python":
        return f"there are no known fixes for {spoken(unit.language)} yet"
    try:
        source = read_source(unit.name, unit.text)
    except UnreadableError as error:
        return f"the code could not be parsed: {error}"
    if source.text != "\n".join(code_lines(unit.text)) + "\n":
        return "the code does not parse as it stands, so it is not changed"
    return ""


def _mend(unit: CodeUnit, text: str, finding: Finding) -> tuple[str, Change] | str:
    """The text with one finding mended and what was changed, or why it was not."""
    fix = FIXES.get(finding.rule)
    if fix is None:
        return NO_FIX.get(finding.rule, "there is no known fix for this rule yet")
    site = Site(Scan.of(Module(read_source(unit.name, text))), Places(text), finding)
    try:
        change = fix(site)
        if isinstance(change, str):
            return change
        after = apply_edits(text, change.edits)
        if _public_names(after) != _public_names(text):
            return "the fix would change the names that other code uses"
    except (SyntaxError, ValueError) as error:
        return f"the fix does not fit this code ({error})"
    worse = _still_wrong(unit, text, after, finding)
    return worse or (after, change)


def _still_wrong(unit: CodeUnit, before: str, after: str, finding: Finding) -> str:
    """Why the text after a fix is not better; empty when it is."""
    old = analyse_unit(unit.model_copy(update={"text": before})).findings
    new = analyse_unit(unit.model_copy(update={"text": after})).findings
    before_it, after_it = (sum(_is_as_bad(other, finding) for other in found) for found in (old, new))
    if after_it >= before_it:
        return "the fix was tried, and the analysis still finds the weakness"
    extra = Counter(_kind(other) for other in new) - Counter(_kind(other) for other in old)
    serious = [rule for rule, severity in extra if severity.rank >= max(finding.severity.rank, Severity.MEDIUM.rank)]
    return f"the fix was tried, and brings something else in ({', '.join(serious)})" if serious else ""


def _is_as_bad(other: Finding, finding: Finding) -> bool:
    """Whether it is near kin and no milder: a shell's text made a list may still have an operand read as an option."""
    return are_kin(other.cwe, finding.cwe) and other.severity.rank >= finding.severity.rank


def _kind(finding: Finding) -> tuple[str, Severity]:
    return finding.rule, finding.severity


def _public_names(text: str) -> set[str]:
    """Names that a module offers: its functions, classes with their methods, and assigned names."""
    names: set[str] = set()
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        if isinstance(node, ast.ClassDef):
            names |= {f"{node.name}.{part.name}" for part in node.body if isinstance(part, ast.FunctionDef)}
        if isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return names
