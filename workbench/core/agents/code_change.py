"""Says what a change does: files and functions it touches, what it brings in, switches and takes away.

These are facts about the text of the diff. Which of them are weaknesses is for the security agent.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.core.agents.base import StepContext
from workbench.core.agents.code_basis import listed
from workbench.core.agents.code_reading import read, shown, structure_of
from workbench.core.analysis.patches import FileChange, is_patch, read_patch
from workbench.core.analysis.structure import FunctionInfo, Structure
from workbench.core.analysis.worker import AnalysisWorker
from workbench.core.plan import StepOutcome
from workbench.core.tasks import CodeUnit
from workbench.wording import counted

_SETTING = re.compile(r"^([A-Za-z_]\w*)\s*(?::[^=]+)?=\s*([^=].*?)\s*$")
_SWITCH = re.compile(r"\b([A-Za-z_]\w*)\s*=\s*(True|False|None)\b")
_CALL = re.compile(r"\b([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+)\s*\(")
_IMPORT = re.compile(r"^\s*(?:import|from)\s+([A-Za-z_][\w.]*)")
_GUARD = re.compile(
    r"^\s*(?:if\b|elif\b|assert\b|raise\b|@)|\b(?:verify|validate|check|escape|sanitize|authori[sz]e|authenticate|timeout)\w*\s*[=(]"
)
"""A line that may hold something back: a condition, a refusal, a decorator, or a call or setting that sounds of one."""

LONGEST_SHOWN = 80


@dataclass(frozen=True)
class _Change:
    """What one file's change does, in words."""

    path: str
    added: int
    removed: int
    functions: tuple[str, ...]
    packages: tuple[str, ...]
    calls: tuple[str, ...]
    settings: tuple[str, ...]
    switches: tuple[str, ...]
    guards: tuple[str, ...]
    """Lines taken away that may have held something back."""
    notices: tuple[str, ...]


async def read_change(context: StepContext, worker: AnalysisWorker) -> StepOutcome:
    """What the attached diffs do; without a diff what the attached code is, and that no change can be seen."""
    files = [change for unit in context.task.code_units if is_patch(unit) for change in read_patch(unit.text)]
    if not files:
        return await _without_diff(context, worker)
    changes = [_change(file, await structure_of(worker, file.after)) for file in files]
    for change in changes:
        for line in _lines(change):
            await context.say(line)
    return StepOutcome(summary=" ".join(_words(changes)))


async def _without_diff(context: StepContext, worker: AnalysisWorker) -> StepOutcome:
    if not context.task.code_units:
        line = "Neither a diff nor code is attached, so only the description says what changes"
        await context.say(line)
        return StepOutcome(summary=f"{line}.")
    line = "No diff is attached, so what is new cannot be told from what was there; the code is read as a whole"
    await context.say(line)
    outcome = await read(context, worker)
    return StepOutcome(summary=f"{line}. {outcome.summary}")


def _change(file: FileChange, structure: Structure) -> _Change:
    added, removed = list(file.added.values()), list(file.removed.values())
    stays = {line.strip() for line in added}
    gone = [line.strip() for line in removed if line.strip() and line.strip() not in stays]
    return _Change(
        path=file.path,
        added=len(added),
        removed=len(removed),
        functions=tuple(dict.fromkeys(f.name for f in structure.functions if _is_touched(file, f))),
        packages=tuple(sorted(_imports(added) - _imports(removed))),
        calls=tuple(dict.fromkeys(call for call in _calls(added) if call not in _calls(removed))),
        settings=tuple(_settings(removed, added)),
        switches=tuple(sorted(_switches(added) - _switches(removed))),
        guards=tuple(line[:LONGEST_SHOWN] for line in gone if _GUARD.search(line)),
        notices=structure.notices,
    )


def _is_touched(file: FileChange, function: FunctionInfo) -> bool:
    return file.introduces(function.line_start, function.line_end)


def _imports(lines: Sequence[str]) -> set[str]:
    return {found[1] for line in lines if (found := _IMPORT.match(line))}


def _calls(lines: Sequence[str]) -> list[str]:
    """Calls of something that belongs to something, as `urllib3.disable_warnings`."""
    return [name for line in lines for name in _CALL.findall(line)]


def settings_changed(units: Sequence[CodeUnit]) -> list[str]:
    """The settings to which the diffs among these units give another value, as `TIMEOUT from 10 to None`."""
    files = [file for unit in units if is_patch(unit) for file in read_patch(unit.text)]
    return [setting for file in files for setting in _settings(list(file.removed.values()), list(file.added.values()))]


def _settings(removed: Sequence[str], added: Sequence[str]) -> list[str]:
    """Assignments at the left margin whose value is another one."""
    before = {found[1]: found[2] for line in removed if (found := _SETTING.match(line))}
    after = {found[1]: found[2] for line in added if (found := _SETTING.match(line))}
    return [
        f"{name} from {before[name][:LONGEST_SHOWN]} to {value[:LONGEST_SHOWN]}"
        for name, value in after.items()
        if name in before and before[name] != value
    ]


def _switches(lines: Sequence[str]) -> set[str]:
    """Arguments set to True, False or None, as `verify=False`; assignments at the left margin are settings."""
    return {f"{name}={value}" for line in lines if line[:1].isspace() for name, value in _SWITCH.findall(line)}


def _lines(change: _Change) -> list[str]:
    where = f", in {shown([f'{name}()' for name in change.functions])}" if change.functions else ""
    lines = [f"{change.path}: {counted(change.added, 'line')} added, {change.removed} removed{where}"]
    if change.packages:
        lines.append(f"It begins to use {shown(change.packages)}")
    if change.calls:
        lines.append(f"It begins to call {shown(change.calls)}")
    if change.settings:
        lines.append(f"It sets {listed(change.settings)}")
    if change.switches:
        lines.append(f"It passes {shown(change.switches)}")
    lines += [f"It takes away: {line}" for line in change.guards[:5]]
    return [*lines, *change.notices]


def _words(changes: Sequence[_Change]) -> list[str]:
    added, removed = sum(one.added for one in changes), sum(one.removed for one in changes)
    functions = [f"{name}()" for one in changes for name in one.functions]
    where = f", in {shown(functions)}" if functions else ""
    size = f"{counted(added, 'line')} added and {removed} removed in {counted(len(changes), 'file')}"
    words = [f"The change has {size}{where}."]
    settings = [setting for one in changes for setting in one.settings]
    switches = [switch for one in changes for switch in one.switches]
    packages = [name for one in changes for name in one.packages]
    guards = [guard for one in changes for guard in one.guards]
    if packages:
        words.append(f"It begins to use {shown(packages)}.")
    if settings or switches:
        words.append(f"It sets {shown([*settings, *switches])}.")
    if guards:
        words.append(f"It takes away {counted(len(guards), 'line')} that may have held something back: {guards[0]}")
    return words
