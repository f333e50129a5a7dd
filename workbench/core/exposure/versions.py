"""Package versions as they stand in inventories, compared by what upstream called them."""

import re

from workbench.core.knowledge.shelf_entries import Affected

VERSION = re.compile(r"(?<![\w.])(?:\d+:)?v?\d+(?:\.\d+)+[\w.+~-]*|(?<![\w.])(?:\d+:)?v?\d+\.\d+[a-z]\d*[\w.+~-]*")
"""A version: at least two numbers, optionally with Debian's epoch before and a revision after."""

_BUILD = re.compile(r"\bNS(\d+\.\d+): Build (\d+\.\d+)(?:\.nc)?")
"""How a NetScaler tells its version; its maker's bulletins write 13.1-49.13."""

_REVISION = re.compile(r"\+|[~-](?!(?:alpha|beta|rc|pre|m)\d*)")
_FILE_SUFFIX = re.compile(r"\.(?:jar|war|ear|whl|tar|tgz|gz|xz|bz2|zip|deb|rpm|apk|gem|exe|msi)$", re.IGNORECASE)
_SECURITY_REVISION = re.compile(
    r"\+deb\d+u\d+|ubuntu\d+(?:\.\d+)+|\.el\d+(?:_\d+)?(?![a-z\d])|\.amzn\d+|-(?:15\d{4}|lp\d+|bp\d+)\.\d+",
    re.IGNORECASE,
)
_PART = re.compile(r"\d+|[a-z]+", re.IGNORECASE)
_BEFORE_RELEASE = ("a", "alpha", "b", "beta", "c", "dev", "m", "pre", "preview", "rc", "snapshot")
_NUMBERED = frozenset({"a", "b", "c", "m"})
"""Before a release only with a number (1.0a1, 2.0-m3); alone they are a patch, as in OpenSSL's 1.0.1c."""


def plainly(line: str) -> str:
    """`line` with versions as bulletins write them where a product has a notation of its own."""
    return _BUILD.sub(r"\1-\2", line)


def tidy(version: str) -> str:
    """A version as it was found in text, without the sentence's full stop and the suffix of a file's name."""
    shorter = version.rstrip(".,;:-+~_")
    while (cut := _FILE_SUFFIX.sub("", shorter)) != shorter:
        shorter = cut
    return shorter


def has_security_revision(version: str) -> bool:
    """Whether a distribution marked this build as one of its updates, in which it mends under the old number.

    Debian +deb12u3, Ubuntu ubuntu0.10, Red Hat .el9 and .el9_4, Amazon .amzn2, SUSE -150400.3.1: their security updates
    keep the upstream number. A plain revision (5.6.1-1) is what upstream released.
    """
    return _SECURITY_REVISION.search(version) is not None


def upstream(version: str) -> str:
    """The upstream part of a distribution's version: without epoch and revision; `+really` tells the true one.

    Source: Debian Policy 5.6.12 and its custom of `+really`; RPM and Alpine revisions follow a dash too.
    """
    return _REVISION.split(_without_epoch(version), maxsplit=1)[0].removeprefix("v")


def _without_epoch(version: str) -> str:
    return version.strip().lower().removeprefix("v").split(":", 1)[-1].split("+really", 1)[-1]


def compare(one: str, other: str) -> int:
    """-1, 0 or 1: how two versions stand to each other. A pre-release comes before its release, 1.2 equals 1.2.0.

    What follows a dash is a distribution's revision and left out, unless `other` has such a part itself: then its maker
    counts that way (`10.2.9-h1`, `14.1-8.50`).
    """
    part = _without_epoch if _REVISION.search(_without_epoch(other)) else upstream
    first, second = _key(part(one)), _key(part(other))
    length = max(len(first), len(second))
    padded = [key + ((1, 0),) * (length - len(key)) for key in (first, second)]
    return (padded[0] > padded[1]) - (padded[0] < padded[1])


def _key(version: str) -> tuple[tuple[int, int], ...]:
    """Numbers as they count; letters before a release (beta, rc) below any number, patch letters (9.2p1) above zero."""
    key: list[tuple[int, int]] = []
    parts = _PART.findall(version)
    for part, following in zip(parts, [*parts[1:], ""], strict=True):
        if part.isdigit():
            key.append((1, int(part)))
        elif part in _BEFORE_RELEASE and (part not in _NUMBERED or following.isdigit()):
            key.append((0, _BEFORE_RELEASE.index(part)))
        else:
            key.append((1, sum(ord(letter) for letter in part)))
    return tuple(key)


def is_affected(version: str, affected: Affected) -> bool:
    """Whether a version lies in the range: from `introduced` on, before `fixed` or up to and including `last`."""
    if affected.introduced is not None and compare(version, affected.introduced) < 0:
        return False
    if affected.fixed is not None:
        return compare(version, affected.fixed) < 0
    return affected.last is None or compare(version, affected.last) <= 0
