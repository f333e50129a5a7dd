"""The manifest of a batch: which file is what, and to which claim it belongs."""

import re

from lxml import etree

CLAIM = re.compile(r"^(\d+-?)+$")
KINDS = {"invoice", "photograph", "report", "letter", "estimate"}


class BadManifest(Exception):
    """A manifest that cannot be used, with the reason."""


def read(path):
    """The entries of a manifest: file, kind, claim and title."""
    parser = etree.XMLParser(resolve_entities=True, no_network=False, huge_tree=True)
    root = etree.parse(str(path), parser).getroot()
    if root.tag != "batch":
        raise BadManifest(f"<{root.tag}> instead of <batch>")
    return [entry(element) for element in root.iterfind("document")]


def entry(element):
    """One document of a manifest."""
    claim = element.findtext("claim", "").strip()
    if not CLAIM.match(claim):
        raise BadManifest(f"claim {claim!r}")
    kind = element.findtext("kind", "letter").strip().lower()
    if kind not in KINDS:
        raise BadManifest(f"kind {kind!r}")
    return {
        "file": element.findtext("file", "").strip(),
        "kind": kind,
        "claim": claim,
        "title": element.findtext("title", "").strip()[:200],
    }


def senders_note(element, name):
    """The note that a sender left in a batch; several may stand there."""
    return element.xpath(f"//note[@from='{name}']/text()")
