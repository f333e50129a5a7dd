"""Python source by function and class, with their comments and decorators. It is parsed, never run."""

import ast
import itertools
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from workbench.core.evidence import PassageKind
from workbench.core.knowledge.documents import Block, LoadedDocument
from workbench.core.knowledge.loaders.decoding import decode_text
from workbench.core.knowledge.loaders.grammars import PYTHON
from workbench.core.knowledge.loaders.plain import line_block
from workbench.core.knowledge.loaders.raw import RawFile
from workbench.core.knowledge.loaders.source_code import parsed_blocks

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True)
class _Cut:
    """From this line (index from 0) on, the code belongs to `name`; an empty name is the module's own code."""

    line: int
    name: str


def load_python(file: RawFile) -> LoadedDocument:
    """Each function, method and class head is a block named by its qualified name; the code between has none.

    Code that this Python does not parse, since it is newer, older or unfinished, is cut by a grammar that forgives;
    what that cannot make sense of either is cut at its empty lines, with a notice.
    """
    text, notices = decode_text(file)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        blocks, trouble, sound = parsed_blocks(text, PYTHON)
        if not sound:
            line = f", line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
            kept = "it is kept as text" if trouble else "its functions may be cut at other lines than they end"
            notices += (f"{file.name} does not parse as Python{line}; {kept}",)
    else:
        blocks = tuple(_blocks(text.split("\n"), tree))
    return LoadedDocument(
        path=str(file.path),
        title=file.name,
        media_type=file.media_type,
        kind=PassageKind.CODE,
        blocks=blocks,
        notices=notices,
    )


def _blocks(lines: list[str], tree: ast.Module) -> Iterator[Block]:
    """The blocks between the cuts, in the order of the file."""
    cuts = sorted(_cuts(tree.body, lines, prefix="", owner=""), key=lambda cut: cut.line)
    starts = [_Cut(0, ""), *cuts, _Cut(len(lines), "")]
    for here, following in itertools.pairwise(starts):
        block = line_block(lines, here.line, following.line, heading=here.name)
        if block is not None:
            yield block


def _cuts(body: list[ast.stmt], lines: list[str], prefix: str, owner: str) -> Iterator[_Cut]:
    """A cut where each definition of `body` begins and one where it ends; classes are opened, functions are not.

    The end's cut stands before the next definition's at the same line, and sorting keeps that order.
    """
    done = 0
    for node in body:
        end = node.end_lineno or node.lineno
        if isinstance(node, Definition):
            name = f"{prefix}{node.name}"
            yield _Cut(_first_line(node, lines, done), name)
            if isinstance(node, ast.ClassDef):
                yield from _cuts(node.body, lines, prefix=f"{name}.", owner=name)
            yield _Cut(end, owner)
        done = end


def _first_line(node: Definition, lines: list[str], done: int) -> int:
    """Index of the line where a definition begins: its first decorator, or the comment right above that.

    `done` is where the statement before it ended.
    """
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)]) - 1
    while first > done and lines[first - 1].lstrip().startswith("#"):
        first -= 1
    return first
