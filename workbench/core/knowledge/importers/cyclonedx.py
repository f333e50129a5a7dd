"""CycloneDX inventories, JSON and XML, versions 1.2 to 1.7.

Source: https://cyclonedx.org/docs/latest/json/ and https://cyclonedx.org/docs/latest/xml/. XML has the same fields as
elements and attributes, so it is turned into what JSON would give.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pydantic import Field, ValidationError

from workbench.core.knowledge.importers.base import Imported, damaged, foreign, parse_json, parse_xml
from workbench.core.knowledge.importers.inventory import Component, Inventory, as_documents
from workbench.core.knowledge.importers.vulnerability import Lenient

if TYPE_CHECKING:
    from lxml.etree import _Element

_NAMESPACE = "cyclonedx.org/schema/bom/"
_LISTS = {"components": "component", "licenses": None, "vulnerabilities": "vulnerability", "tools": "tool"}
"""Elements of XML that are lists, with the name of their items; None where items have several names."""

MAX_DEPTH = 50
"""How deep components may stand within components."""


class _Named(Lenient):
    id: str = ""
    name: str = ""


class _Licence(Lenient):
    license: _Named = _Named()
    expression: str = ""

    @property
    def said(self) -> str:
        """The licence as SPDX names it, or by its own name."""
        return self.expression or self.license.id or self.license.name


class _Component(Lenient):
    type: str = ""
    group: str = ""
    name: str
    version: str = ""
    description: str = ""
    purl: str = ""
    cpe: str = ""
    supplier: _Named | None = None
    publisher: str = ""
    licenses: tuple[_Licence, ...] = ()
    components: tuple[Any, ...] = ()


class _Metadata(Lenient):
    timestamp: str = ""
    component: _Component | None = None
    tools: Any = None


class _Bom(Lenient):
    spec: str = Field("", alias="specVersion")
    metadata: _Metadata = _Metadata()
    components: tuple[Any, ...] = ()
    vulnerabilities: tuple[Any, ...] = ()


VERSIONS = ("1.2", "1.3", "1.4", "1.5", "1.6", "1.7")
"""Versions of the format that are read in full (https://cyclonedx.org/specification/overview/)."""


class CycloneDxImporter:
    """Inventories of software in OWASP's format."""

    name = "cyclonedx"
    title = "CycloneDX"
    files = ("*.json", "*.xml", "*.cdx", "*.bom")
    address = ""
    licence = ""

    def recognises(self, head: bytes) -> bool:
        """Whether it calls itself a BOM of CycloneDX, in JSON or by its namespace in XML."""
        return (b'"bomFormat"' in head and b'"CycloneDX"' in head) or _NAMESPACE.encode() in head

    def read(self, data: bytes) -> Imported:
        """The inventory and its components; a component of an unknown shape is left out and told."""
        is_xml = data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
        value = _of_xml(data, self.title) if is_xml else parse_json(data, self.title)
        if not isinstance(value, dict) or value.get("bomFormat") != "CycloneDX":
            raise foreign(self.title, "it does not call itself CycloneDX")
        try:
            bom = _Bom.model_validate(value)
        except ValidationError as error:
            where = ".".join(map(str, error.errors(include_url=False, include_input=False)[0]["loc"]))
            raise damaged(self.title, f"`{where}` is malformed") from error
        notices: list[str] = []
        components = _components(bom.components, notices)
        if bom.vulnerabilities:
            notices.append(
                f"{len(bom.vulnerabilities)} statements on vulnerabilities were left out; they are not read yet"
            )
        if bom.spec not in VERSIONS:
            notices.append(
                f"It is of version {bom.spec[:20] or 'unknown'}; what came after {VERSIONS[-1]} is not known here "
                "and was not read"
            )
        subject = bom.metadata.component
        inventory = Inventory(
            name=subject.name if subject else "unnamed software",
            version=subject.version if subject else "",
            created=bom.metadata.timestamp,
            format=f"CycloneDX {bom.spec}",
            media_type=f"application/vnd.cyclonedx+{'xml' if is_xml else 'json'}",
            tools=tuple(_tools(bom.metadata.tools)),
        )
        name = f"{inventory.name}" if subject else ""
        return Imported(bom.metadata.timestamp, list(as_documents(inventory, components)), notices, name)


def _components(items: tuple[Any, ...], notices: list[str]) -> list[Component]:
    """All components, those within others too."""
    found: list[Component] = []
    odd = 0
    waiting = [(item, 0) for item in items]
    while waiting:
        item, depth = waiting.pop()
        try:
            component = _Component.model_validate(item)
        except ValidationError:
            odd += 1
            continue
        found.append(_component(component))
        if depth < MAX_DEPTH:
            waiting += [(inner, depth + 1) for inner in component.components]
    if odd:
        notices.append(f"{odd} components were left out, because they are malformed")
    return found


def _component(item: _Component) -> Component:
    return Component(
        name=item.name,
        version=item.version,
        group=item.group,
        purl=item.purl,
        cpe=item.cpe,
        kind=item.type,
        licences=tuple(dict.fromkeys(each.said for each in item.licenses if each.said)),
        supplier=(item.supplier.name if item.supplier else "") or item.publisher,
        description=item.description.strip()[:1_000],
    )


def _tools(tools: Any) -> Iterator[str]:
    """The names of tools: a list up to version 1.4, `components` of an object from 1.5 on."""
    items = tools.get("components", []) if isinstance(tools, dict) else tools
    for item in items if isinstance(items, list) else []:
        if isinstance(item, dict) and isinstance(item.get("name"), str):
            yield " ".join(str(part) for part in (item["name"], item.get("version")) if part)


def _of_xml(data: bytes, title: str) -> dict[str, Any]:
    root = parse_xml(data, title)
    namespace, _, name = str(root.tag).removeprefix("{").partition("}")
    if name != "bom" or _NAMESPACE not in namespace:
        raise foreign(title, "its first element is no bom of CycloneDX")
    value = _value(root)
    found: dict[str, Any] = value if isinstance(value, dict) else {}
    return found | {"bomFormat": "CycloneDX", "specVersion": namespace.rpartition("/")[2]}


def _value(element: "_Element") -> Any:
    """An element as JSON would have it."""
    children = [child for child in element if isinstance(child.tag, str)]
    if not children and not element.attrib:
        return (element.text or "").strip()
    value: dict[str, Any] = {str(name): str(text) for name, text in element.attrib.items()}
    for child in children:
        name = str(child.tag).rpartition("}")[2]
        value[name] = _items(child, _LISTS[name]) if name in _LISTS else _value(child)
    return value


def _items(element: "_Element", item: str | None) -> list[Any]:
    children = [child for child in element if isinstance(child.tag, str)]
    if item is None:
        return [{str(child.tag).rpartition("}")[2]: _value(child)} for child in children]
    return [_value(child) for child in children if str(child.tag).rpartition("}")[2] == item]
