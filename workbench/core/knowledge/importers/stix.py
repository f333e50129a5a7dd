"""STIX 2 bundles as MITRE publishes ATT&CK and CAPEC: their objects, their ids and their texts in plain words."""

import re
from html.parser import HTMLParser
from typing import Any

from workbench.core.knowledge.importers.base import damaged, foreign, parse_json

StixObject = dict[str, Any]

_CITATION = re.compile(r"\s*\(Citation:[^()]*(?:\([^()]*\)[^()]*)*\)")
_LINK = re.compile(r"\[([^\[\]]*)\]\([^()\s]*(?:\([^()]*\)[^()\s]*)*\)")
_BLANKS = re.compile(r"[ \t]*\n[ \t]*(?:\n[ \t]*)+")
_BLOCK_TAGS = frozenset({"p", "div", "li", "ul", "ol", "br", "tr", "table", "h1", "h2", "h3", "h4", "pre"})


def read_bundle(data: bytes, title: str) -> list[StixObject]:
    """The objects of a bundle. Raises LoadError naming the format `title` for anything else."""
    bundle = parse_json(data, title)
    objects = bundle.get("objects") if isinstance(bundle, dict) and bundle.get("type") == "bundle" else None
    if not isinstance(objects, list):
        raise foreign(title, "it is no STIX bundle with objects")
    if not all(isinstance(member, dict) and isinstance(member.get("type"), str) for member in objects):
        raise damaged(title, "an object of the bundle has no type")
    return objects


def text(member: StixObject, key: str) -> str:
    """A text field; empty where the object has none or something else."""
    value = member.get(key)
    return value.strip() if isinstance(value, str) else ""


def texts(member: StixObject, key: str) -> list[str]:
    """The texts in a list field; a single text counts as a list of one."""
    value = member.get(key)
    values = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    return [one.strip() for one in values if isinstance(one, str) and one.strip()]


def references(member: StixObject, source: str) -> list[str]:
    """The ids by which another catalogue, or its own, knows an object."""
    found = member.get("external_references")
    listed = found if isinstance(found, list) else []
    return [text(one, "external_id") for one in listed if isinstance(one, dict) and text(one, "source_name") == source]


def plain(marked: str) -> str:
    """ATT&CK's text without citations, links and tags: what they are about stays."""
    bare = _LINK.sub(r"\1", _CITATION.sub("", marked))
    return _BLANKS.sub("\n\n", bare.replace("<code>", "").replace("</code>", "").replace("<br>", "\n")).strip()


def paragraphs(marked: str) -> list[str]:
    """`plain` text by paragraph."""
    return [part for part in plain(marked).split("\n\n") if part.strip()]


def from_html(marked: str) -> str:
    """CAPEC's text, which is partly HTML, with a line for each paragraph and list item."""
    if "<" not in marked:
        return " ".join(marked.split())
    reader = _HtmlText()
    reader.feed(marked)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).split("\n"))
    return "\n".join(line for line in lines if line)


class _HtmlText(HTMLParser):
    """Collects the text between tags; block tags end a line."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._tag(tag)

    def handle_endtag(self, tag: str) -> None:
        self._tag(tag)

    def handle_data(self, data: str) -> None:
        self.parts.append(data.replace("\n", " "))

    def _tag(self, tag: str) -> None:
        if tag.removeprefix("xhtml:") in _BLOCK_TAGS:
            self.parts.append("\n")
