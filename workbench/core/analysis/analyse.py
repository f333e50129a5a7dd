"""Analyse one unit of code with every analyser, inside the analysis child."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from workbench.core.analysis.bandit_run import BanditAnalyser
from workbench.core.analysis.base import Analyser, Sightings, UnitAnalysis
from workbench.core.analysis.languages import spoken
from workbench.core.analysis.merge import merge
from workbench.core.analysis.own_rules import OwnRules
from workbench.core.analysis.source import Source, UnreadableError, code_lines, read_source
from workbench.core.tasks import CodeUnit

ANALYSERS: tuple[Analyser, ...] = (OwnRules(), BanditAnalyser())
"""Closest look first, see `merge`."""


ANALYSER_SECONDS = 12.0
"""Longest time one analyser gets for one unit: Bandit needs time in the square of a table of ten thousand lines. The
other analysers' findings are kept then. Where the system has no timers the worker's deadline alone holds."""


def analyse_unit(unit: CodeUnit, analysers: tuple[Analyser, ...] = ANALYSERS) -> UnitAnalysis:
    """Findings in one unit. Never raises for what the code is like: what could not be read is said in `notices`."""
    total = sum(1 for line in code_lines(unit.text) if line.strip())
    if unit.language != "python":
        notice = f"{unit.name} was not analysed: there is no analyser for {spoken(unit.language)}"
        return UnitAnalysis(unit=unit.name, language=unit.language, lines_total=total, notices=(notice,))
    try:
        source = read_source(unit.name, unit.text)
    except UnreadableError as error:
        notice = f"{unit.name} was not analysed: {error}"
        return UnitAnalysis(unit=unit.name, language=unit.language, lines_total=total, notices=(notice,))
    sightings, names, failures = _sightings(source, analysers)
    return UnitAnalysis(
        unit=unit.name,
        language=unit.language,
        findings=merge(sightings),
        lines_total=source.lines_total,
        lines_read=source.lines_read,
        notices=(*(f"{unit.name}: {notice}" for notice in source.notices), *failures),
        analysers=names,
    )


def _sightings(source: Source, analysers: tuple[Analyser, ...]) -> tuple[list[Sightings], tuple[str, ...], list[str]]:
    """What each saw, who looked, and who failed: one that fails on odd code does not take the others with it."""
    found: dict[str, Sightings] = {}
    failures = []
    for analyser in analysers:
        try:
            with _at_most(ANALYSER_SECONDS):
                found[f"{analyser.name} {analyser.version}"] = analyser.analyse(source)
        except Exception as error:
            failures.append(f"{source.name}: {analyser.name} failed on this code ({type(error).__name__}: {error})")
    return list(found.values()), tuple(found), failures


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Raises TimeoutError in the block when it takes longer; only the main thread of a Unix process can be timed."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def give_up(signum: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"it took more than {seconds:.0f} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
