"""Signs: dangerous uses that a task's code itself shows, each with the weakness it is a sign of.

A call such as `request.args.get` says nothing of a weakness; a statement put together by formatting does. Code is read
by patterns, since it may be a fragment or a diff. What really can be reached from outside is for the analysis to say.
"""

import re
from collections.abc import Iterable

from workbench.core.values import Value

LONGEST = 70
"""Characters of a sign that are quoted."""

_SQL = r"\s*(?:SELECT|INSERT\s+INTO|UPDATE|DELETE\s+FROM)\b"
_COMMENT = re.compile(r"^\s*(?:#|//|\*).*$", re.MULTILINE)


class Sign(Value):
    """A weakness and what shows it in code: regular expressions, any of which is enough."""

    weakness: str
    patterns: tuple[str, ...]


SIGNS = (
    Sign(
        weakness="CWE-89",
        patterns=(
            rf"(?i:\bf([\"']{{1,3}}){_SQL})(?:(?!\1).)*\{{",
            rf"(?i:([\"']){_SQL})(?:(?!\1).)*\1\s*(?:\+|%(?!\()|\.format\()",
            rf"(?i:`{_SQL})[^`]*\$\{{",
        ),
    ),
    Sign(
        weakness="CWE-78",
        patterns=(r"\bshell\s*=\s*True\b", r"\bos\.(?:system|popen)\(\s*(?![\"'][^\"'\n]*[\"']\s*\))"),
    ),
    Sign(
        weakness="CWE-502",
        patterns=(
            r"\b(?:c?[Pp]ickle|dill|marshal|jsonpickle)\.(?:loads?|decode)\(",
            r"\byaml\.(?:unsafe_load\(|load\((?!.*Safe))",
            r"\bnew\s+ObjectInputStream\(",
            r"\bunserialize\(\s*\$",
        ),
    ),
    Sign(weakness="CWE-94", patterns=(r"(?<![.\w])(?:eval|exec)\(\s*(?![\"')])",)),
    Sign(
        weakness="CWE-79",
        patterns=(
            r"\bf([\"'])(?:(?!\1).)*<[a-zA-Z][^<>]*>(?:(?!\1).)*\{",
            r"\.(?:inner|outer)HTML\s*\+?=\s*(?![\s\"'])",
            r"\b(?:mark_safe|Markup)\(\s*(?![\"'])",
            r"\bdangerouslySetInnerHTML\b",
        ),
    ),
    Sign(
        weakness="CWE-22",
        patterns=(
            r"\b(?:send_file|FileResponse|sendFile)\([^\n]*(?:path\.join\([^)\n]*,\s*[a-z_]\w*\s*\)|\{[a-z_]|\+)",
            r"\.extractall\((?!.*filter\s*=\s*[\"']data)",
        ),
    ),
    Sign(
        weakness="CWE-918",
        patterns=(r"\b(?:requests|httpx)\.(?:get|post|put|head|request)\(\s*request\.", r"\burlopen\(\s*request\."),
    ),
    Sign(
        weakness="CWE-295",
        patterns=(
            r"\bverify\s*=\s*False\b",
            r"\b_create_unverified_context\b",
            r"\bCERT_NONE\b",
            r"\brejectUnauthorized\s*:\s*false\b",
            r"\bInsecureSkipVerify\s*:\s*true\b",
        ),
    ),
    Sign(
        weakness="CWE-798",
        patterns=(
            r"(?i:\b\w*(?:secret_key|password|passwd|api_key|apikey)\b[\"'\]]*\s*=\s*[\"'][^\"'\s{}<>]{8,}[\"'])",
        ),
    ),
    Sign(weakness="CWE-601", patterns=(r"\bredirect\(\s*request\.",)),
    Sign(
        weakness="CWE-916",
        patterns=(r"(?i:\b(?:md5|sha1)\([^\n]*(?<![a-z])(?:password|passwd|passphrase|pwd|pin)(?![a-z]))",),
    ),
    Sign(
        weakness="CWE-532",
        patterns=(
            r"(?i:\blog(?:ger|ging)?\.\w+\((?:[^\n]*[,{])?\s*"
            r"[\w.]*(?:password|secret|token|authorization|headers)\s*[,)}(\[.])",
        ),
    ),
    Sign(weakness="CWE-330", patterns=(r"(?i:(?:token|password|secret|otp)\w*\s*=[^\n=]*\brandom\.[a-z]+\()",)),
    Sign(weakness="CWE-489", patterns=(r"\bdebug\s*=\s*True\b",)),
)
"""Worst first: in this order they are told."""


def signs_in(texts: Iterable[str]) -> dict[str, str]:
    """By weakness, in the order of SIGNS, the first code that shows it, on one line and at most LONGEST characters."""
    code = "\n".join(_COMMENT.sub("", text) for text in texts)
    found = {sign.weakness: _first(sign, code) for sign in SIGNS}
    return {weakness: excerpt for weakness, excerpt in found.items() if excerpt}


def _first(sign: Sign, code: str) -> str:
    matches = [match for pattern in sign.patterns if (match := re.search(pattern, code))]
    if not matches:
        return ""
    first = min(matches, key=lambda match: match.start())
    begin = code.rfind("\n", 0, first.start()) + 1
    line = code[begin:].partition("\n")[0].rstrip()
    return _around(line, first.start() - begin, min(first.end() - begin, len(line)))


def _around(line: str, start: int, end: int) -> str:
    """The line, or where it is too long the part that shows the sign, with as much before it as there is room for."""
    indent = len(line) - len(line.lstrip())
    begin = indent if len(line) - indent <= LONGEST else max(indent, min(start, end - LONGEST + 6))
    cut = line[begin : begin + LONGEST]
    before, after = "..." if begin > indent else "", "..." if begin + LONGEST < len(line) else ""
    return before + " ".join(cut.split()) + after
