"""Configuration by its sections: YAML by its top keys, TOML and INI by their tables, Dockerfiles by their stages.

The lines are looked at, not parsed, so that templates (Helm, Ansible, Jinja) and half-written files are cut too.
"""

import itertools
import re
from collections.abc import Callable, Iterator

from workbench.core.evidence import PassageKind
from workbench.core.knowledge.documents import Block, LoadedDocument
from workbench.core.knowledge.loaders.decoding import decode_text
from workbench.core.knowledge.loaders.headings import SEPARATOR, shorten
from workbench.core.knowledge.loaders.plain import line_block
from workbench.core.knowledge.loaders.raw import RawFile

YAML_KEY = re.compile(
    r"""( *)(?:- )?(?:"([^"\n]{1,200})"|'([^'\n]{1,200})'|([^\s#:'"{}\[\]&*!|>%@`-][^\n:]{0,200}?))\s?:(?=\s|$)"""
)
"""A key of a YAML mapping at the beginning of a line, with its indentation."""

TABLE = re.compile(r"\[{1,2}([^\[\]\n]{1,200})\]{1,2}[ \t]{0,80}(?:[#;].*)?$")
"""The head of a table in TOML, of a section in INI."""

STAGE = re.compile(r"FROM\s+\S+(?:\s+AS\s+(\S+))?", re.IGNORECASE)
"""Where a stage of a Dockerfile begins."""

LONG_SECTION = 30
"""Lines above which a section of YAML is cut at the keys inside it (`jobs`, `services`, `paths`)."""

Heads = list[tuple[int, str]]
"""Where sections begin (index of the line) and what they are called."""


def load_yaml(file: RawFile) -> LoadedDocument:
    """The top-level keys, the keys inside long ones, and each document of a stream by itself."""
    return _document(file, _yaml_heads)


def load_sections(file: RawFile) -> LoadedDocument:
    """The tables of TOML or the sections of INI."""
    return _document(file, _table_heads)


def load_dockerfile(file: RawFile) -> LoadedDocument:
    """The stages of a Dockerfile."""
    return _document(file, _stage_heads)


def _document(file: RawFile, find_heads: Callable[[list[str]], Heads]) -> LoadedDocument:
    text, notices = decode_text(file)
    lines = text.split("\n")
    return LoadedDocument(
        path=str(file.path),
        title=file.name,
        media_type=file.media_type,
        kind=PassageKind.CODE,
        blocks=tuple(_blocks(lines, find_heads(lines))),
        notices=notices,
    )


def _blocks(lines: list[str], heads: Heads) -> Iterator[Block]:
    for (start, name), (end, _) in itertools.pairwise([(0, ""), *heads, (len(lines), "")]):
        block = line_block(lines, start, end, heading=name)
        if block is not None:
            yield block


def _table_heads(lines: list[str]) -> Heads:
    found = ((number, TABLE.match(line)) for number, line in enumerate(lines))
    return [(_with_comment(lines, number), shorten(match.group(1).strip())) for number, match in found if match]


def _stage_heads(lines: list[str]) -> Heads:
    found = ((number, STAGE.match(line)) for number, line in enumerate(lines))
    return [
        (_with_comment(lines, number), shorten(match.group(1) or match.group())) for number, match in found if match
    ]


def _yaml_heads(lines: list[str]) -> Heads:
    """Top-level keys with a section of their own; keys of one line stay together without a name."""
    keys = _keys(lines, 0, len(lines), indent=0)
    heads: Heads = []
    for (start, name), (end, _) in itertools.pairwise([*keys, (len(lines), "")]):
        length = end - start
        if not name or length == 1:
            if not heads or heads[-1][1]:
                heads.append((start, ""))
            continue
        heads.append((start, name))
        if length > LONG_SECTION:
            inner = next((_indent(line) for line in lines[start + 1 : end] if line.strip() and _indent(line)), 0)
            heads += [(at, f"{name}{SEPARATOR}{key}") for at, key in _keys(lines, start + 1, end, inner) if key]
    return heads


def _keys(lines: list[str], first: int, last: int, indent: int) -> Heads:
    """The keys at that indentation, with the comments above them; the separators of documents have no name."""
    found: Heads = []
    for number in range(first, last):
        line = lines[number]
        if indent == 0 and line.startswith(("---", "...")):
            found.append((number, ""))
        elif (match := YAML_KEY.match(line)) and len(match.group(1)) == indent:
            name = match.group(2) or match.group(3) or match.group(4)
            found.append((max(_with_comment(lines, number), found[-1][0] + 1 if found else first), shorten(name)))
    return found


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _with_comment(lines: list[str], number: int) -> int:
    """Where the comment right above a line begins, or the line itself."""
    while number and lines[number - 1].lstrip().startswith(("#", ";")):
        number -= 1
    return number
