"""JSON and JSON lines: the elements of arrays and objects as they stand in the file, each under its path."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NoReturn

from workbench.core.knowledge.documents import Block, LoadedDocument
from workbench.core.knowledge.loaders.decoding import clean, decode_text
from workbench.core.knowledge.loaders.headings import shorten
from workbench.core.knowledge.loaders.raw import RawFile, broken

ELEMENT_CHARS = 800
"""An array or object up to this size is one block, which is what one chunk holds; a larger one is opened."""

MAX_DEPTH = 12
"""How deep elements are opened; what lies deeper is one block with all that is in it."""

SPACE = re.compile(r"[ \t\n\r]*")


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")


DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=_constant)
"""Numbers stay text: nothing calculates with them, and a number of a million digits costs nothing."""


@dataclass(frozen=True)
class _Element:
    """A value in the text, from `start` to `end`, with its key where it has one; a large one is to be opened."""

    start: int
    end: int
    path: str
    depth: int = 0
    large: bool = False


def load_json(file: RawFile) -> LoadedDocument:
    """One JSON value, or one on each line. Raises LoadError when it is neither, or nested too deeply to read."""
    text, notices = decode_text(file)
    try:
        whole = _value(text, _after_space(text, 0), path="", depth=0)
        if _after_space(text, whole.end) < len(text):
            return load_json_lines(file)
        lines = _Lines(text)
        blocks = tuple(lines.block(element) for element in _leaves(text, whole))
    except json.JSONDecodeError as error:
        raise broken(file.name, f"no valid JSON, line {error.lineno}: {error.msg}") from error
    except ValueError as error:
        raise broken(file.name, f"no valid JSON: {error}") from error
    except RecursionError:
        raise broken(file.name, "its JSON is nested too deeply to be read") from None
    return _document(file, blocks, notices)


def load_json_lines(file: RawFile) -> LoadedDocument:
    """A JSON value on each line; bad lines are kept as text, with a notice.

    Raises LoadError when already the first line is no JSON.
    """
    text, notices = decode_text(file)
    blocks: list[Block] = []
    bad: list[int] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            DECODER.decode(line)
        except (ValueError, RecursionError) as error:
            if not blocks:
                reason = error.msg if isinstance(error, json.JSONDecodeError) else "no JSON value"
                raise broken(file.name, f"no valid JSON, line {number}: {reason}") from error
            bad.append(number)
        blocks.append(Block(text=_readable(line), row_key=f"line {number}", line_start=number, line_end=number))
    if bad:
        notices += (f"{len(bad)} lines of {file.name} are no JSON (the first is line {bad[0]}); they are kept as text",)
    return _document(file, tuple(blocks), notices)


def _document(file: RawFile, blocks: tuple[Block, ...], notices: tuple[str, ...]) -> LoadedDocument:
    return LoadedDocument(
        path=str(file.path), title=file.name, media_type=file.media_type, blocks=blocks, notices=notices
    )


def _leaves(text: str, element: _Element) -> Iterator[_Element]:
    """The elements to keep as blocks: large ones opened, small neighbours of one parent joined."""
    if not element.large:
        yield element
        return
    run: _Element | None = None
    for child in _children(text, element):
        if run is not None and not (run.large or child.large) and child.end - run.start <= ELEMENT_CHARS:
            first = run.path.partition(" to ")[0]
            run = replace(run, end=child.end, path=f"{first} to {child.path}")
            continue
        if run is not None:
            yield from _leaves(text, run)
        run = child
    if run is not None:
        yield from _leaves(text, run)


def _children(text: str, parent: _Element) -> Iterator[_Element]:
    """The elements of an array, or the values of an object: small ones together with their keys."""
    is_object, dot = text[parent.start] == "{", "." if parent.path else ""
    position, index = _after_space(text, parent.start + 1), 0
    while position < parent.end - 1:
        start, name = position, f"[{index}]"
        if is_object:
            key, position = DECODER.raw_decode(text, position)
            name = dot + shorten(str(key))
            position = _after_space(text, _after_space(text, position) + 1)
        value = _value(text, position, parent.path + name, parent.depth + 1)
        yield value if value.large else replace(value, start=start)
        position, index = _after_space(text, _after_space(text, value.end) + 1), index + 1


def _value(text: str, start: int, path: str, depth: int) -> _Element:
    """The value that begins at `start`; raises JSONDecodeError when there is none."""
    _, end = DECODER.raw_decode(text, start)
    large = end - start > ELEMENT_CHARS and text[start] in "[{" and depth < MAX_DEPTH
    return _Element(start, end, path, depth, large)


def _after_space(text: str, position: int) -> int:
    match = SPACE.match(text, position)
    return match.end() if match else position


class _Lines:
    """Turns elements in ascending order into blocks with line numbers, counting each newline once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0
        self._line = 1

    def block(self, element: _Element) -> Block:
        """The element's text as it stands, indentation included."""
        self._line += self._text.count("\n", self._position, element.start)
        self._position = element.start
        raw = self._text[element.start : element.end]
        end = self._line + raw.count("\n")
        return Block(text=_readable(raw), row_key=element.path, line_start=self._line, line_end=end)


ESCAPE = re.compile(r"(?<!\\)((?:\\\\)*)\\u(?!00[0-7])([0-9a-fA-F]{4})(?:\\u([dD][c-fC-F][0-9a-fA-F]{2}))?")
"""An escaped character outside ASCII, with its second half where it is a surrogate pair."""


def _readable(raw: str) -> str:
    r"""The text with \u escapes of letters outside ASCII written out, so that they can be searched and read."""

    def written_out(match: re.Match[str]) -> str:
        units = "".join(group for group in match.groups()[1:] if group)
        return match.group(1) + clean(bytes.fromhex(units).decode("utf-16-be", "replace"))

    return ESCAPE.sub(written_out, raw) if "\\u" in raw else raw
