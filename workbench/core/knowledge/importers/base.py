"""What every importer promises, what it hands over, and the sentences in which it refuses a file."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from workbench.core.knowledge.documents import LoadedDocument, LoadError

if TYPE_CHECKING:
    from lxml.etree import _Element

HEAD_BYTES = 65_536
"""How much of a file's beginning an importer is shown to recognise its format."""

_NUMBER = re.compile(r"\d+")


@dataclass
class Imported:
    """What a file says, complete.

    `documents` may be made while they are iterated over, so that a large file is never in memory as objects; then
    `version` and `notices` hold once the last document is out. Of documents with one path the latest dated counts.
    """

    version: str
    """What orders two files of one kind: a number (17.1), a date (2025.08.25) or a time. Empty where none is told."""
    documents: Iterable[LoadedDocument]
    notices: list[str] = field(default_factory=list)
    """What was left out of the file, one sentence each."""
    name: str = ""
    """What the file is a version of, where one kind has several (enterprise-attack, the name of an inventory)."""


class Importer(Protocol):
    """Reads one format. It runs in a child process: no heavy import at module level, no file opened, no entity of
    XML resolved. Its documents have stable paths `NAME/ID` (attack/T1059.001).
    """

    name: str
    """One word by which the user asks for it: attack."""
    title: str
    """What it is called on screen: MITRE ATT&CK."""
    files: tuple[str, ...]
    """Patterns of file names for a dialog: ("*.json",). Packed as .gz or .zip they are read as well."""
    address: str
    """Where the official file is found; empty where there is none. The settings may name another."""
    licence: str
    """Terms of the content and how its source wants to be named, in one sentence; empty where it is the user's own."""

    def recognises(self, head: bytes) -> bool:
        """Whether a file that begins with these bytes (HEAD_BYTES at most) is of this format. Never raises."""
        ...

    def read(self, data: bytes) -> Imported:
        """All that the file says, unpacked. Raises LoadError when it is not of this format or is damaged."""
        ...


def foreign(title: str, reason: str) -> LoadError:
    """The file is of another format than `title`; `reason` says what was missed."""
    return LoadError(f"this is no file of {title} ({reason}), so nothing was imported; choose the file it publishes")


def damaged(title: str, reason: str) -> LoadError:
    """The file is of the format `title`, but cannot be read to its end."""
    return LoadError(f"this file of {title} is damaged ({reason}), so nothing was imported; get it anew")


def parse_json(data: bytes, title: str) -> Any:
    """The JSON value in `data` (UTF-8, with or without BOM); LoadError that names the format `title` otherwise."""
    try:
        return json.loads(data.decode("utf-8-sig"), parse_constant=_constant)
    except json.JSONDecodeError as error:
        raise damaged(title, f"no valid JSON, line {error.lineno}: {error.msg}") from error
    except RecursionError:
        raise damaged(title, "its JSON is nested too deeply to be read") from None
    except ValueError as error:
        raise damaged(title, f"no valid JSON: {error}") from error


def fields_of(data: bytes, title: str, opened: str) -> Iterator[tuple[str, Any]]:
    """The fields of the JSON object in `data`, one after the other, so that a large file is never whole in memory.

    Of the field named `opened`, which is an array, each item comes by itself. Raises LoadError as `parse_json`, when
    it gets there.
    """
    try:
        yield from _fields(data.decode("utf-8-sig"), opened)
    except json.JSONDecodeError as error:
        raise damaged(title, f"no valid JSON, line {error.lineno}: {error.msg}") from error
    except RecursionError:
        raise damaged(title, "its JSON is nested too deeply to be read") from None
    except IndexError:
        raise damaged(title, "no valid JSON: it ends too early") from None
    except ValueError as error:
        raise damaged(title, f"no valid JSON: {error}") from error


def parse_xml(data: bytes, title: str) -> "_Element":
    """The root element of the XML in `data`; LoadError that names the format `title` otherwise.

    A document type is refused as a whole: none of these formats has one, and entities come in no other way.
    """
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise damaged(title, f"no valid XML: {error}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise damaged(title, "it declares a document type, which could expand without bound")
    return root


def version_order(version: str) -> tuple[int, ...]:
    """What versions of one kind are ordered by: their numbers, so that 17.10 comes after 17.9."""
    return tuple(int(number) for number in _NUMBER.findall(version)[:8])


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")


_DECODER = json.JSONDecoder(parse_constant=_constant)
_SPACE = re.compile(r"[ \t\n\r]*")


def _fields(text: str, opened: str) -> Iterator[tuple[str, Any]]:
    at = _after(text, 0, "{")
    while text[at] != "}":
        name, at = _DECODER.raw_decode(text, at)
        at = _after(text, at, ":")
        if name == opened and text[at] == "[":
            at = _after(text, at, "[")
            while text[at] != "]":
                item, at = _DECODER.raw_decode(text, at)
                yield name, item
                at = _next(text, at, "]")
            at = _next(text, at + 1, "}")
        else:
            value, at = _DECODER.raw_decode(text, at)
            yield name, value
            at = _next(text, at, "}")


def _after(text: str, at: int, sign: str) -> int:
    """The place of what follows `sign`, which must stand at `at` but for white space."""
    at = _skipped(text, at)
    if text[at] != sign:
        raise json.JSONDecodeError(f"Expecting '{sign}'", text, at)
    return _skipped(text, at + 1)


def _next(text: str, at: int, end: str) -> int:
    """The place of the next item after a comma, or that of `end`."""
    at = _skipped(text, at)
    return at if text[at] == end else _after(text, at, ",")


def _skipped(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at
