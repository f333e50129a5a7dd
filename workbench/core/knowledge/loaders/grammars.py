"""The languages whose grammar (tree-sitter) is at hand: by the endings of their files.

The grammars are compiled into the wheels that this program depends on; nothing is fetched when it runs.
"""

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Parser


@dataclass(frozen=True)
class Grammar:
    """A language that can be parsed."""

    name: str
    """What people call it."""
    module: str
    function: str = "language"
    """Function of the module that gives the grammar."""
    separator: str = "."
    """What stands between a class and its method in a qualified name."""


TYPESCRIPT = Grammar("TypeScript", "tree_sitter_typescript", "language_typescript")
TSX = Grammar("TSX", "tree_sitter_typescript", "language_tsx")
JAVASCRIPT = Grammar("JavaScript", "tree_sitter_javascript")
CPP = Grammar("C++", "tree_sitter_cpp", separator="::")
C = Grammar("C", "tree_sitter_c")
PYTHON = Grammar("Python", "tree_sitter_python")
TERRAFORM = Grammar("HCL", "tree_sitter_hcl")
KOTLIN = Grammar("Kotlin", "tree_sitter_kotlin")
SCALA = Grammar("Scala", "tree_sitter_scala")
SHELL = Grammar("shell", "tree_sitter_bash")
POWERSHELL = Grammar("PowerShell", "tree_sitter_powershell")

GRAMMARS: dict[str, Grammar] = {
    ".js": JAVASCRIPT, ".mjs": JAVASCRIPT, ".cjs": JAVASCRIPT, ".jsx": JAVASCRIPT,
    ".ts": TYPESCRIPT, ".mts": TYPESCRIPT, ".cts": TYPESCRIPT, ".tsx": TSX,
    ".java": Grammar("Java", "tree_sitter_java"), ".go": Grammar("Go", "tree_sitter_go"),
    ".c": C, ".h": CPP, ".cc": CPP, ".cpp": CPP, ".cxx": CPP, ".hpp": CPP, ".hh": CPP, ".hxx": CPP,
    ".cs": Grammar("C#", "tree_sitter_c_sharp"), ".rs": Grammar("Rust", "tree_sitter_rust", separator="::"),
    ".rb": Grammar("Ruby", "tree_sitter_ruby", separator="::"),
    ".php": Grammar("PHP", "tree_sitter_php", "language_php", separator="::"),
    ".kt": KOTLIN, ".kts": KOTLIN, ".swift": Grammar("Swift", "tree_sitter_swift"),
    ".scala": SCALA, ".sc": SCALA, ".sbt": SCALA,
    ".sh": SHELL, ".bash": SHELL, ".zsh": SHELL,
    ".ps1": POWERSHELL, ".psm1": POWERSHELL, ".psd1": POWERSHELL,
    ".lua": Grammar("Lua", "tree_sitter_lua"),
    ".tf": TERRAFORM, ".tfvars": TERRAFORM, ".hcl": TERRAFORM,
}  # fmt: skip
"""Grammar by the ending of a name, lower case. A header may be C as well, see AKIN."""


AKIN = {C: CPP, CPP: C}
"""The grammar that often understands what another does not: headers and macros are written for both."""


def parser_for(grammar: Grammar) -> "Parser":
    """A parser of that language."""
    from tree_sitter import Language, Parser

    return Parser(Language(getattr(importlib.import_module(grammar.module), grammar.function)()))
