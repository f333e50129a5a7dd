"""Compares what is attached with what vulnerabilities affect: package names and versions, line by line.

Only what the task brought is looked at: an inventory, a list of requirements, code. Nothing is looked up on any
machine. What has the name but a version outside the range, or no version, is told apart from what is affected.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from enum import StrEnum

from workbench.core.agents.versions import VERSION, is_affected, plainly
from workbench.core.evidence import Finding, Severity
from workbench.core.knowledge.shelf_entries import Affected, Vulnerability
from workbench.core.tasks import CodeUnit
from workbench.core.values import Value

MAX_LINES = 20_000
"""Lines of an attachment that are compared; a longer inventory belongs into a connection."""

SURE = 0.9
"""Confidence in a version that stands beside its package's name."""


class Standing(StrEnum):
    """How one place stands to a vulnerability."""

    AFFECTED = "affected"
    NOT_AFFECTED = "not affected"
    UNKNOWN = "version unknown"


_WORST_FIRST = (Standing.AFFECTED, Standing.UNKNOWN, Standing.NOT_AFFECTED)
"""A product with several branches has a range for each: a version in any of them is affected."""


class Place(Value):
    """One place in an attachment that names an affected package."""

    file: str
    line: int
    text: str
    """The line as it stands there."""
    told: str
    """What else the line says: of a table its other columns by name, of other text the line itself, quoted."""
    package: str
    version: str | None
    standing: Standing
    vulnerability: str


def places(units: Sequence[CodeUnit], vulnerability: Vulnerability) -> list[Place]:
    """Every place that names a package of the vulnerability, in the order of files and lines, one per line."""
    return [place for unit in units for place in _in_unit(unit, vulnerability)]


def _in_unit(unit: CodeUnit, vulnerability: Vulnerability) -> Iterator[Place]:
    lines = unit.text.splitlines()[:MAX_LINES]
    columns = _columns(lines[0]) if lines else None
    for number, line in enumerate(lines, 1):
        plain = plainly(line)
        named = [
            (found, _standing(found[1], affected))
            for affected in vulnerability.affected
            if (found := _named(plain, affected, columns)) is not None
        ]
        if named:
            (package, version), standing = min(named, key=lambda pair: _WORST_FIRST.index(pair[1]))
            yield Place(
                file=unit.name,
                line=number,
                text=line.strip()[:200],
                told=_told(line, lines[0], columns),
                package=package,
                version=version,
                standing=standing,
                vulnerability=vulnerability.id,
            )


def _standing(version: str | None, affected: Affected) -> Standing:
    if version is None:
        return Standing.UNKNOWN
    return Standing.AFFECTED if is_affected(version, affected) else Standing.NOT_AFFECTED


def _columns(header: str) -> tuple[int, int] | None:
    """Where package and version stand in a table with these column names; None when it is no such table."""
    names = [name.strip().lower() for name in next(csv.reader([header]), [])]
    package = next((i for i, name in enumerate(names) if name in {"package", "name", "component", "product"}), None)
    version = next((i for i, name in enumerate(names) if name in {"version", "installed", "installed version"}), None)
    return (package, version) if package is not None and version is not None else None


def _named(line: str, affected: Affected, columns: tuple[int, int] | None) -> tuple[str, str | None] | None:
    """The package a line names and the version beside it; None when it names none."""
    if columns is not None:
        cells = next(csv.reader([line]), [])
        if len(cells) > max(columns) and cells[columns[0]].strip().lower() in affected.packages:
            found = VERSION.search(cells[columns[1]])
            return cells[columns[0]].strip(), found.group() if found else None
        return None
    lowered = line.lower()
    for package in affected.packages:
        match = re.search(rf"(?<![\w.-]){re.escape(package)}(?![\w]|-[a-z])", lowered)
        if match:
            found = VERSION.search(line, match.end()) or VERSION.search(line)
            return package, found.group() if found else None
    return None


def _told(line: str, header: str, columns: tuple[int, int] | None) -> str:
    if columns is None:
        return f"“{line.strip()[:200]}”"
    names, cells = next(csv.reader([header]), []), next(csv.reader([line]), [])
    named = [(name.strip().replace("_", " "), cell.strip()) for name, cell in zip(names, cells, strict=False)]
    others = [f"{name} {cell}" for number, (name, cell) in enumerate(named) if number not in columns and cell]
    return ", ".join(others)[:200]


def as_finding(place: Place, vulnerability: Vulnerability) -> Finding:
    """An affected place as a finding; its weakness is the vulnerability's first."""
    exploited = " It is known to be exploited." if vulnerability.kev_added else ""
    ranges = "; ".join(str(affected) for affected in vulnerability.affected)
    return Finding(
        rule=f"exposure:{vulnerability.id}",
        cwe=vulnerability.weaknesses[0],
        title=f"{place.package} {place.version} is affected by {vulnerability.id}",
        severity=Severity.HIGH,
        confidence=SURE,
        file=place.file,
        line_start=place.line,
        line_end=place.line,
        excerpt=place.text,
        explanation=f"{vulnerability.name}. Affected: {ranges}.{exploited}",
        fix="Move to a version outside the affected range, and treat the machine as the vulnerability's entry says.",
        witnesses=("exposure check",),
    )
