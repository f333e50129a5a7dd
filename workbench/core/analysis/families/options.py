"""Operands that a program may read as options: a name that begins with `-` in an argument list (CWE-88)."""

import ast
import re
from collections.abc import Iterator

from workbench.core.analysis.base import Examined
from workbench.core.analysis.families.command import PROCESS_CALLS
from workbench.core.analysis.flow import strongest
from workbench.core.analysis.module import argument, constant
from workbench.core.analysis.origins import Origin
from workbench.core.analysis.rules import SURE_OF, Match, Rule, Scan, describe
from workbench.core.analysis.shapes import Hole
from workbench.core.evidence import Severity

TOPIC = "options"

OPTION_RULE = Rule(
    "operand-read-as-option", "CWE-88", "Value from outside may be read as an option", Severity.MEDIUM,
    "A value that begins with `-` is an option to the program, and this one has options that run commands or write "
    "files.",
    "Put `--` before it, or refuse a value that begins with `-`.",
)  # fmt: skip

PROGRAMS = re.compile(r"(?:.*/)?(?:git|hg|svn|ssh|scp|sftp|rsync|curl|wget|tar|zip|find|sed|awk|gawk|sort|man|less|"
                      r"tcpdump|psql|chromium|google-chrome|pip|npm|ffmpeg|xargs|env)$")  # fmt: skip
"""Programs with an option that runs a command, or reads or writes a file of one's choice
(https://gtfobins.github.io, https://sonarsource.github.io/argument-injection-vectors/)."""


def find(scan: Scan) -> Iterator[Match | Examined]:
    """Argument lists of such programs with an operand from outside that nothing keeps from being an option."""
    for call in scan.module.calls:
        if scan.module.dotted(call) not in PROCESS_CALLS | {"asyncio.create_subprocess_exec"}:
            continue
        words = _words(scan, call)
        if words and PROGRAMS.match(str(constant(words[0]))):
            yield from _operands(scan, call, words[1:])


def _words(scan: Scan, call: ast.Call) -> list[ast.expr]:
    """The program and its arguments, also through a name."""
    given = argument(call, 0, "args")
    if scan.module.dotted(call) == "asyncio.create_subprocess_exec":
        return list(call.args)
    if isinstance(given, ast.Name):
        definitions, certain = scan.flow.reaching(given.id, given)
        given = definitions[0].value if certain and len(definitions) == 1 else None
    return given.elts if isinstance(given, ast.List | ast.Tuple) else []


def _operands(scan: Scan, call: ast.Call, words: list[ast.expr]) -> Iterator[Match]:
    for number, word in enumerate(words):
        before = constant(words[number - 1]) if number else ""
        if constant(word) == "--":
            return
        if isinstance(before, str) and before.startswith("-"):
            continue
        if not all(shape and isinstance(shape[0], Hole) and not shape[0].numeric for shape in scan.shapes.of(word)):
            continue
        atoms = scan.unchecked(scan.open_atoms(word, frozenset({"quote", "abspath", "realpath", "resolve"})), call)
        if strongest(atoms) is Origin.REQUEST and not any(atom.is_of_operator for atom in atoms):
            yield Match(OPTION_RULE, call, 0.7 * SURE_OF[Origin.REQUEST], f"an operand is {describe(atoms)}")
            return
