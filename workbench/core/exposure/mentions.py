"""Finds packages and their versions in inventories, lists of requirements, lock files and sentences.

One pass over the lines: the first word of every known name is looked up, and only where one stands the names are
matched. Names are equal whatever stands between their words: `Spring Framework` is `spring-framework`.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from workbench.core.exposure.versions import VERSION, plainly, tidy
from workbench.core.tasks import CodeUnit

MAX_LINES = 20_000
"""Lines of an attachment that are compared; a longer inventory belongs into a connection."""

LONGEST = 2_000
"""Characters of a line that are looked at: a longer one is no line of a list."""

_WORD = re.compile(r"[a-z0-9]+")
_BETWEEN = re.compile(r"[ _.\-]+")
_EXTRAS = re.compile(r"\[[^\]\n]{0,80}\]|:(?:amd64|i386|arm64|all)\b")
_BESIDE = re.compile(
    r"(?:[^\w\n]|_|(?<![a-z])(?:versions?|ver|v|releases?|build|is|at|in|lts|installed)(?![a-z]))*", re.IGNORECASE
)
"""What may stand between a name and the version beside it: signs, and words that announce a version."""

_LOWEST = re.compile(r"(?:>=|~=|~>|\^|~)[\s\"'v]*$")
_UPPER = re.compile(r"(?:<=?|!=|[^~<>=]>)[\s\"'v]*$")
_LOCK = re.compile(r"(?:\.lock|lock\.json|lock\.ya?ml)$", re.IGNORECASE)
_NEXT_VERSION = re.compile(
    r"^[\s,{]{0,80}(?:<version>\s{0,9}|[\"']?version[\"']?\s{0,9}[=:]?\s{0,9}[\"']?)(?=v?\d)", re.IGNORECASE
)
"""In lock files and build files the version stands on the line below the name."""

MAX_GAP = 60
"""Characters between a name and a version that can still be beside it."""

_VENDORS = re.compile(
    r"(?:apache|microsoft|mozilla|google|atlassian|oracle|gnu|vmware|citrix|fortinet|cisco|ivanti|jetbrains|f5|pivotal)?",
    re.IGNORECASE,
)
_SEPARATORS = ",;\t|"
_PACKAGE_COLUMNS = frozenset({"package", "name", "component", "product", "software", "package name", "product name"})
_VERSION_COLUMNS = frozenset({"version", "installed", "installed version", "version installed", "product version"})


@dataclass(frozen=True)
class Mention:
    """A known name where it stands, with the version that stands beside it."""

    file: str
    line: int
    text: str
    told: str
    names: tuple[str, ...]
    """All known names that stand here, as `plain_name` writes them, the longest first."""
    shown: str
    version: str | None
    loose: str | None
    """The version that the line has for it at all, also when other words stand between."""
    is_lowest_allowed: bool = False
    is_whole: bool = False
    """Whether the cell, or the line, says nothing but this name."""


@dataclass(frozen=True)
class _Hit:
    start: int
    end: int
    names: tuple[str, ...]
    shown: str


@dataclass(frozen=True)
class _Table:
    names: tuple[str, ...]
    separator: str
    package: int
    version: int


def plain_name(name: str) -> str:
    """A package's name to compare by: in lower case, with a hyphen between its words."""
    return _BETWEEN.sub("-", name.strip().lower())


class NameIndex:
    """Known names by their first word, made once and used for every line."""

    def __init__(self, names: Iterable[str]) -> None:
        self._by_word: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
        for name in sorted({plain_name(name) for name in names}, key=lambda name: (-len(name), name)):
            pattern = r"[ _.\-]".join(re.escape(part) for part in name.split("-"))
            known = re.compile(rf"{pattern}(?!\w|-[a-z])")
            self._by_word.setdefault(_WORD.findall(name)[0], []).append((name, known))

    def hits(self, line: str) -> list[_Hit]:
        """The names that stand in a line, in order; where several begin at one place they are one hit."""
        lowered = line.lower()
        found: list[_Hit] = []
        end = 0
        for word in _WORD.finditer(lowered):
            known = self._by_word.get(word.group())
            if known is None or word.start() < end or not _begins(lowered, word.start()):
                continue
            matches = [(name, match) for name, pattern in known if (match := pattern.match(lowered, word.start()))]
            if matches:
                longest = max(match.end() for _, match in matches)
                extras = _EXTRAS.match(lowered, longest)
                end = extras.end() if extras else longest
                names = tuple(name for name, _ in matches)
                found.append(_Hit(word.start(), end, names, line[word.start() : longest]))
        return found


def _begins(line: str, start: int) -> bool:
    """Whether a name may begin here: not within another name, and not in a scope (@sentry/next)."""
    before = line[max(0, start - MAX_GAP) : start]
    if re.search(r"[\w.\-]$", before):
        return False
    return re.search(r"@[\w.\-]+/$", before) is None


def mentions(units: Sequence[CodeUnit], index: NameIndex) -> list[Mention]:
    """Every mention of a known name, in the order of files and lines."""
    return [mention for unit in units for mention in _in_unit(unit, index)]


def _in_unit(unit: CodeUnit, index: NameIndex) -> Iterator[Mention]:
    lines = unit.text.splitlines()[:MAX_LINES]
    table = _table(lines[0]) if lines else None
    is_lock = _LOCK.search(unit.name) is not None
    for number, line in enumerate(lines, 1):
        plain = _same_length_in_lower_case(plainly(line[:LONGEST]))
        hits = index.hits(plain)
        if not hits:
            continue
        following = lines[number][:LONGEST] if number < len(lines) else ""
        if table is None:
            found = _in_text(plain, hits, following, is_lock=is_lock)
        else:
            found = _in_row(plain, table, index) if number > 1 else iter(())
        for mention in found:
            told = _told(line, table)
            yield Mention(unit.name, number, line.strip()[:200], told, *mention)


_Found = tuple[tuple[str, ...], str, str | None, str | None, bool, bool]
"""What a mention has beyond its place: names, shown, version, loose, is_lowest_allowed, is_whole."""


def _in_text(line: str, hits: Sequence[_Hit], following: str, *, is_lock: bool) -> Iterator[_Found]:
    """The mentions of a line of text, each with the version between it and the next."""
    ends = [*(hit.start for hit in hits[1:]), len(line)]
    is_row = re.search(r"[;\t|]", line) is not None
    for hit, end in zip(hits, ends, strict=True):
        version, is_lowest = _beside(line, hit.end, end)
        if is_lowest and is_lock:
            version, is_lowest = None, False
        after = VERSION.search(line, hit.end, end)
        whole = _is_cell(line, hit)
        if version is None and is_row and whole and after:
            version = tidy(after.group())
        if version is None and (is_lock or after is None):
            version = _below(following)
        loose = after or (VERSION.search(line) if len(hits) == 1 else None)
        if loose and (is_lock or _UPPER.search(line[max(0, loose.start() - 9) : loose.start()])):
            loose = None
        yield hit.names, hit.shown, version, tidy(loose.group()) if loose else None, is_lowest, whole


def _below(following: str) -> str | None:
    """The version that the line below gives, as lock files do."""
    announced = _NEXT_VERSION.match(following)
    found = VERSION.match(following, announced.end()) if announced else None
    return tidy(found.group()) if found else None


def _same_length_in_lower_case(line: str) -> str:
    """`line`, or where a letter grows in lower case (İ) its lower case, so that places in both are the same."""
    return line if len(line.lower()) == len(line) else line.lower()


def _beside(line: str, start: int, end: int) -> tuple[str | None, bool]:
    """The version beside a name that ends at `start`, and whether it is the lowest that a requirement allows."""
    at = start
    while (found := VERSION.search(line, at, end)) is not None:
        gap = line[at : found.start()]
        between = _BESIDE.match(gap)
        if len(gap) > MAX_GAP or between is None or between.end() != len(gap):
            return None, False
        if not _UPPER.search(f" {gap}"):
            return tidy(found.group()), _LOWEST.search(gap) is not None
        at = found.end()
    return None, False


def _is_cell(line: str, hit: _Hit) -> bool:
    before, after = line[: hit.start].rstrip(" \"'"), line[hit.end :].lstrip(" \"'")
    return (not before or before[-1] in _SEPARATORS) and (not after or after[0] in _SEPARATORS)


def _in_row(line: str, table: _Table, index: NameIndex) -> Iterator[_Found]:
    """The mention in a table's column of packages; the version stands in its column, or in the name itself."""
    cells = _cells(line, table.separator)
    if len(cells) <= table.package:
        return
    cell = _same_length_in_lower_case(cells[table.package].strip())
    beside = cells[table.version] if len(cells) > table.version else ""
    for hit in index.hits(cell):
        in_name, _ = _beside(cell, hit.end, len(cell))
        if in_name:
            yield hit.names, hit.shown, in_name, in_name, False, True
        elif hit.end == len(cell) and _VENDORS.fullmatch(cell[: hit.start].strip()):
            is_upper = _UPPER.match(f" {beside.strip()[:2]}") is not None
            found = None if is_upper else VERSION.search(beside)
            version = tidy(found.group()) if found else None
            lowest = found is not None and _LOWEST.search(beside[: found.start()]) is not None
            yield hit.names, cell, version, version, lowest, True


def _table(header: str) -> _Table | None:
    """The table that begins with these column names; None when it is no table of packages and versions."""
    separator = max(_SEPARATORS, key=header.count)
    names = tuple(name.strip().strip("\ufeff") for name in _cells(header, separator))
    lowered = [name.lower().replace("_", " ") for name in names]
    package = next((i for i, name in enumerate(lowered) if name in _PACKAGE_COLUMNS), None)
    version = next((i for i, name in enumerate(lowered) if name in _VERSION_COLUMNS), None)
    return _Table(names, separator, package, version) if package is not None and version is not None else None


def _cells(line: str, separator: str) -> list[str]:
    return next(csv.reader([line], delimiter=separator), [])


def _told(line: str, table: _Table | None) -> str:
    if table is None:
        return f"“{line.strip()[:200]}”"
    named = zip(table.names, _cells(line, table.separator), strict=False)
    compared = {table.package, table.version}
    others = [
        f"{name.replace('_', ' ')} {cell.strip()}"
        for number, (name, cell) in enumerate(named)
        if number not in compared and cell.strip()
    ]
    return ", ".join(others)[:200]
