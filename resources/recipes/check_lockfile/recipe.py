"""Check that a requirements file pins every package to a version and to hashes, and names no other source."""

import re
from dataclasses import dataclass

ALLOWED_OPTIONS = frozenset({"--require-hashes", "--only-binary=:all:", "--only-binary :all:"})
"""Options that may stand in the file. Others choose sources (--extra-index-url), read more files, or loosen checks."""

PINNED = re.compile(
    r"(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)(?:\[[A-Za-z0-9._, -]*\])?"
    r" ?== ?(?P<version>[A-Za-z0-9.!+_-]+)(?P<marker> ?;(?:(?! -)[^@#$])*)?(?P<hashes>(?: --hash=\S+)*)"
)
HASH = re.compile(r"(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})")


CODING = re.compile(r"coding[:=]\s*(?!utf-?8\b)[-\w.]+", re.IGNORECASE)
"""A declared encoding in one of the first two lines, by which pip would read other lines than we do."""


class LockfileError(ValueError):
    """The file has requirements that are not pinned; `problems` has one sentence for each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems[:10]) + (f"; and {len(problems) - 10} more" if problems[10:] else ""))
        self.problems = problems


@dataclass(frozen=True)
class Pin:
    """A package at one version, and the hashes of the files that may be installed."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]


def check_lockfile(text: str) -> list[Pin]:
    """The pins of a requirements file (as pip-compile --generate-hashes or uv export writes it).

    Raises LockfileError with all problems at once: no ==, a wildcard, no hash or a weak one, a URL, a path, a VCS
    address, an editable install, an option that is not allowed, a variable, one package at two versions, another
    encoding than UTF-8, or nothing at all.
    """
    pins: list[Pin] = []
    problems: list[str] = []
    if any(line.startswith("#") and CODING.search(line) for line in text.split("\n")[:2]):
        problems.append("line 1: the file declares an encoding that is not UTF-8")
    for number, line in _logical_lines(text):
        if line.startswith("-"):
            if line not in ALLOWED_OPTIONS:
                problems.append(f"line {number}: the option {line.split()[0].partition('=')[0]} is not allowed")
        elif (pin := _pin(line)) is None:
            problems.append(f"line {number}: {line.split()[0][:60]} is not pinned as name==version")
        elif not pin.hashes or not all(HASH.fullmatch(value) for value in pin.hashes):
            problems.append(f"line {number}: {pin.name} has no hash, or one that is not SHA-256 or better")
        elif any(pin.name == other.name and pin.marker == other.marker for other in pins):
            problems.append(f"line {number}: {pin.name} stands there twice")
        else:
            pins.append(pin)
    if not pins and not problems:
        problems.append("the file names no package")
    if problems:
        raise LockfileError(problems)
    return pins


def _pin(line: str) -> Pin | None:
    found = PINNED.fullmatch(line)
    if found is None:
        return None
    name = re.sub(r"[-_.]+", "-", found["name"]).lower()  # the one spelling of PEP 503
    hashes = tuple(part.removeprefix("--hash=") for part in found["hashes"].split())
    return Pin(name, found["version"], (found["marker"] or "").strip(" ;"), hashes)


def _logical_lines(text: str) -> list[tuple[int, str]]:
    r"""Lines with their number, comments gone, those that end in \ joined, spaces made single."""
    lines: list[tuple[int, str]] = []
    begin, joined = 0, ""
    for number, line in enumerate([*text.lstrip("\ufeff").splitlines(), ""], 1):
        begin = begin if joined else number
        joined += re.sub(r"(^|\s)#.*$", "", line)
        if joined.endswith("\\"):
            joined = joined[:-1] + " "
            continue
        if joined.strip():
            lines.append((begin, " ".join(joined.split())))
        joined = ""
    return lines
