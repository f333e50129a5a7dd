"""A command line for a shell becomes a list of arguments, where the line uses nothing that only a shell can do."""

import ast
import re

from workbench.core.analysis.edits import Edit
from workbench.core.analysis.families.command import PROCESS_CALLS
from workbench.core.analysis.module import keyword
from workbench.core.analysis.origins import Origin
from workbench.core.analysis.repairs.base import Change, Site, format_string, quoted, without_keyword
from workbench.core.analysis.shapes import Hole, Shape

SHELL_SYNTAX = re.compile(r"[|;&<>`$*?~(){}\[\]\n\\!#]")
"""What a shell would interpret in the written part of a command."""

Token = list[str | Hole]


def list_arguments(site: Site) -> Change | str:
    """`os.system(text)` and `subprocess.run(text, shell=True)` get a list of arguments and no shell."""
    for call in site.calls():
        name = site.name(call)
        if name == "os.system" and len(call.args) == 1:
            listed = _listed(site, call.args[0])
            if not isinstance(listed, list):
                return listed
            edit = site.places.replacing(call, f"subprocess.call({_render(listed)})")
            return Change([edit], _sentence(listed), ["import subprocess"])
        if name in PROCESS_CALLS and call.args and keyword(call, "shell") is not None:
            return _without_shell(site, call)
    return "the shell is not started by os.system() or subprocess here"


def _without_shell(site: Site, call: ast.Call) -> Change | str:
    listed = _listed(site, call.args[0])
    if not isinstance(listed, list):
        return listed
    edits: list[Edit] = [site.places.replacing(call.args[0], _render(listed))]
    removed = without_keyword(site.places, call, "shell")
    if removed is not None:
        edits.append(removed)
    return Change(edits, _sentence(listed))


def _listed(site: Site, given: ast.expr) -> list[Token] | str:
    shapes = site.scan.shapes.of(given)
    if len(shapes) != 1 or not isinstance(shapes[0][0], str):
        return "the program itself is not written in the code"
    if not all(_stands_here(site, given, piece) for piece in shapes[0]):
        return "the command is put together in several places"
    for piece in shapes[0]:
        if isinstance(piece, str) and SHELL_SYNTAX.search(piece):
            return "the command uses the shell's own syntax (pipes, redirection, patterns); write that part in Python"
    return _tokens(shapes[0])


def _stands_here(site: Site, given: ast.expr, piece: str | Hole) -> bool:
    return isinstance(piece, str) or site.scan.module.scope_of(piece.place) is site.scan.module.scope_of(given)


def _tokens(shape: Shape) -> list[Token] | str:
    """The words of a command line, each a row of texts and holes; quotes around a word are taken off."""
    words: list[Token] = [[]]
    quote = ""
    for piece in shape:
        if not isinstance(piece, str):
            words[-1].append(piece)
            continue
        for character in piece:
            if quote:
                if character == quote:
                    quote = ""
                else:
                    _add(words[-1], character)
            elif character in "'\"":
                quote = character
                _add(words[-1], "")
            elif character.isspace():
                words.append([])
            else:
                _add(words[-1], character)
    if quote:
        return "a quote in the command is not closed"
    return [word for word in words if word]


def _add(word: Token, text: str) -> None:
    if word and isinstance(word[-1], str):
        word[-1] += text
    else:
        word.append(text)


def _render(words: list[Token]) -> str:
    return f"[{', '.join(_render_word(word) for word in words)}]"


def _render_word(word: Token) -> str:
    pieces = [piece for piece in word if piece != ""]
    if all(isinstance(piece, str) for piece in pieces):
        return quoted("".join(piece for piece in pieces if isinstance(piece, str)))
    if len(pieces) == 1 and isinstance(pieces[0], Hole):
        return f"str({ast.unparse(pieces[0].place)})"
    return format_string([piece if isinstance(piece, str) else piece.place for piece in pieces])


def _sentence(words: list[Token]) -> str:
    program = "".join(piece for piece in words[0] if isinstance(piece, str)) if words else "the program"
    done = f"{program} is started with a list of arguments and no shell, so a pattern in a value is no longer expanded"
    open_ = list(dict.fromkeys(told for word in words[1:] if (told := _still_open(word))))
    return f"{done}; {', and '.join(open_)}, which this does not check" if open_ else done


def _still_open(word: Token) -> str:
    """What a value from outside can still do within an argument, without any shell; empty when none is in it."""
    outside = [
        piece for piece in word if isinstance(piece, Hole) and piece.origin >= Origin.UNKNOWN and not piece.numeric
    ]
    if not outside:
        return ""
    begins = next(piece for piece in word if piece != "") is outside[0]
    option = "be an option (`-x`) or " if begins else ""
    return f"`{ast.unparse(outside[0].place)}` can still {option}lead out of its folder by `../`"
