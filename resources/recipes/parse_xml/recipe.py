"""Parse XML from outside: no document type, so no entities to expand and nothing to load."""

from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

MAX_BYTES = 10_000_000
"""Largest document taken, in bytes."""

MAX_DEPTH = 100
"""Deepest nesting taken; code that walks the tree recursively must survive it."""


class XmlRefusedError(ValueError):
    """The document is too large or deep, declares a document type, or is not well formed."""


def parse_xml(data: bytes) -> Element:
    """The root element of `data`, names with a namespace as `{uri}name`.

    Raises XmlRefusedError for any document type declaration: without one there are no entities but the five of XML.
    """
    if len(data) > MAX_BYTES:
        raise XmlRefusedError(f"the document has more than {MAX_BYTES} bytes")
    builder = TreeBuilder()
    parser = expat.ParserCreate(namespace_separator="}")
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise XmlRefusedError(f"the document is nested more than {MAX_DEPTH} deep")
        builder.start(_name(name), {_name(key): value for key, value in attributes.items()})

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(_name(name))

    parser.StartDoctypeDeclHandler = _refuse_document_type
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise XmlRefusedError(f"the document is not well formed (line {error.lineno})") from error
    except XmlRefusedError:
        raise
    except (LookupError, ValueError) as error:
        raise XmlRefusedError("the document is in an encoding that is not taken") from error
    return builder.close()


def _refuse_document_type(*_: object) -> None:
    raise XmlRefusedError("the document declares a document type, which is not taken")


def _name(name: str) -> str:
    return "{" + name if "}" in name else name
