"""What an analyser is, and what analysing one piece of code gives."""

from typing import TYPE_CHECKING, Protocol

from pydantic import Field

from workbench.core.evidence import Finding
from workbench.core.values import Value

if TYPE_CHECKING:
    from workbench.core.analysis.source import Source


class Examined(Value):
    """Lines that an analyser looked at for one class of weakness (`topic`, e.g. `sql`), whatever it found there.

    Where another analyser, which looks less closely, reports the same topic on such a line and nothing was found, its
    report is taken as answered; see `merge`.
    """

    topic: str
    line_start: int
    line_end: int


class Sightings(Value):
    """What one analyser saw in one unit."""

    findings: tuple[Finding, ...] = ()
    examined: tuple[Examined, ...] = ()


class Analyser(Protocol):
    """Finds weaknesses in parsed code. It runs inside the analysis child, so it may block."""

    name: str

    @property
    def version(self) -> str:
        """Version of the rules, for the report."""
        ...

    def analyse(self, source: "Source") -> Sightings:
        """What it sees; lines are those of the unit as the analyst attached it."""
        ...


class UnitAnalysis(Value):
    """What analysing one unit gave, also when nothing could be read."""

    unit: str
    language: str
    findings: tuple[Finding, ...] = ()
    lines_total: int = Field(default=0, ge=0)
    """Lines that hold anything but blanks."""
    lines_read: int = Field(default=0, ge=0)
    """Of those, the lines that the analysers could read."""
    notices: tuple[str, ...] = ()
    """What the analyst must know: code left out, rewritten old syntax, an analyser that failed."""
    analysers: tuple[str, ...] = ()
    """Name and version of each that looked at it."""

    @property
    def is_looked_at(self) -> bool:
        """Whether analysers looked at any line of the unit."""
        return bool(self.analysers) and self.lines_read > 0

    @property
    def is_whole(self) -> bool:
        """Whether analysers looked at every line."""
        return bool(self.analysers) and self.lines_read == self.lines_total

    @property
    def coverage(self) -> float:
        """Share of the lines that was read, 0 to 1; 0 for a unit that no analyser could look at."""
        return self.lines_read / self.lines_total if self.lines_total else 0.0
