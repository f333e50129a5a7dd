"""Reads the task's code: what it consists of, where the outside gets in, what it uses and what was not understood."""

from collections.abc import Sequence

from workbench.core.agents.base import StepContext
from workbench.core.agents.code_basis import listed
from workbench.core.agents.security import code_of
from workbench.core.analysis.languages import spoken
from workbench.core.analysis.structure import FunctionInfo, Structure
from workbench.core.analysis.worker import AnalysisError, AnalysisWorker
from workbench.core.plan import StepOutcome
from workbench.core.tasks import CodeUnit
from workbench.wording import counted

SHOWN = 8
"""Names shown of each kind; the rest is counted."""


async def read(context: StepContext, worker: AnalysisWorker) -> StepOutcome:
    """What all code of the task consists of. It is parsed in the analysis child, never run."""
    units = code_of(context.task.code_units)
    structures = [await structure_of(worker, unit) for unit in units]
    for structure in structures:
        for line in _lines(structure):
            await context.say(line)
    skipped = len(context.task.code_units) - len(units)
    words = _words(structures)
    if skipped > 0:
        words.append(f"{counted(skipped, 'attachment')} not read as code.")
    return StepOutcome(summary=" ".join(words))


async def structure_of(worker: AnalysisWorker, unit: CodeUnit) -> Structure:
    """The structure of a unit; one with a notice only, when the child gave no answer."""
    try:
        return await worker.structure(unit)
    except AnalysisError as error:
        lines = unit.text.count("\n") + 1
        return Structure(unit=unit.name, language=unit.language, lines=lines, notices=(str(error),))


def shown(names: Sequence[str]) -> str:
    """The first names as a list, and how many more there are."""
    return listed(names) if len(names) <= SHOWN else f"{', '.join(names[:SHOWN])} and {len(names) - SHOWN} more"


def _lines(structure: Structure) -> list[str]:
    parts = [counted(len(structure.functions), "function")] if structure.functions else []
    parts += [f"class {name}" for name in structure.classes[:SHOWN]]
    size = f"{structure.unit}: {counted(structure.lines, 'line')} of {spoken(structure.language)}"
    lines = [f"{size}, {listed(parts)}" if parts else size]
    entries = _entry_points(structure)
    if entries:
        lines.append(f"The outside can call {shown([f'{e.name} (line {e.line_start})' for e in entries])}")
    if structure.reads_outside:
        lines.append(f"It takes in {shown(structure.reads_outside)}")
    if structure.touches:
        calls = [f"{kind} ({counted(count, 'call')})" for kind, count in structure.touches.items()]
        lines.append(f"It touches {listed(calls)}")
    if structure.third_party:
        verb = "is" if len(structure.third_party) == 1 else "are"
        lines.append(f"It uses {shown(structure.third_party)}, which {verb} not part of Python")
    return [*lines, *structure.notices]


def _entry_points(structure: Structure) -> list[FunctionInfo]:
    return [function for function in structure.functions if function.entry_point]


def _words(structures: Sequence[Structure]) -> list[str]:
    if not structures:
        return ["There is no code to read."]
    functions = sum(len(structure.functions) for structure in structures)
    entries = [function.name for structure in structures for function in _entry_points(structure)]
    packages = sorted({name for structure in structures for name in structure.third_party})
    touched = list(dict.fromkeys(kind for structure in structures for kind in structure.touches))
    size = f"{counted(sum(structure.lines for structure in structures), 'line')} in {counted(len(structures), 'file')}"
    words = [f"{size}, {counted(functions, 'function')}."]
    if entries:
        words.append(f"Reached from outside: {shown(entries)}.")
    if touched:
        words.append(f"It touches {listed(touched)}.")
    if packages:
        words.append(f"Packages it needs: {shown(packages)}.")
    return [*words, *(f"Not understood: {notice}." for structure in structures for notice in structure.notices)]
