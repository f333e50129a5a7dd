"""SPDX 2.2 and 2.3 inventories, as JSON and in the tag-value form.

Source: https://spdx.github.io/spdx-spec/v2.3/. Files and snippets of an inventory are not taken in, packages are.
"""

import re
from collections.abc import Iterator
from typing import Any

from pydantic import Field, ValidationError

from workbench.core.knowledge.importers.base import Imported, damaged, foreign, parse_json
from workbench.core.knowledge.importers.inventory import Component, Inventory, as_documents
from workbench.core.knowledge.importers.vulnerability import Lenient

_TAG = re.compile(r"^([A-Z][A-Za-z]{2,40}): ?(.*)$")
_UNSAID = frozenset({"", "NOASSERTION", "NONE"})
_PARTY = re.compile(r"^(?:Organization|Person|Tool): *")


class _Reference(Lenient):
    type: str = Field("", alias="referenceType")
    locator: str = Field("", alias="referenceLocator")


class _Package(Lenient):
    name: str
    spdx_id: str = Field("", alias="SPDXID")
    version: str = Field("", alias="versionInfo")
    concluded: str = Field("", alias="licenseConcluded")
    declared: str = Field("", alias="licenseDeclared")
    supplier: str = ""
    summary: str = ""
    description: str = ""
    purpose: str = Field("", alias="primaryPackagePurpose")
    references: tuple[_Reference, ...] = Field((), alias="externalRefs")


class _Creation(Lenient):
    created: str = ""
    creators: tuple[str, ...] = ()


class _Spdx(Lenient):
    version: str = Field("", alias="spdxVersion")
    name: str = ""
    creation: _Creation = Field(_Creation(), alias="creationInfo")
    packages: tuple[Any, ...] = ()


class SpdxImporter:
    """Inventories of software in the Linux Foundation's format."""

    name = "spdx"
    title = "SPDX"
    files = ("*.json", "*.spdx", "*.spdx.json")
    address = ""
    licence = ""

    def recognises(self, head: bytes) -> bool:
        """Whether it tells its version of SPDX, in one of the two forms or in that of version 3."""
        start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
        return b'"spdxVersion"' in head or b"SPDXVersion:" in start[:4_096] or b"spdx.org/rdf/3." in head

    def read(self, data: bytes) -> Imported:
        """The inventory and its packages; a package of an unknown shape is left out and told."""
        is_json = data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"["))
        value = parse_json(data, self.title) if is_json else _of_tags(data, self.title)
        if isinstance(value, dict) and "@graph" in value:
            raise foreign(self.title, "it is of version 3, and only 2.2 and 2.3 are read; export it as 2.3")
        if not isinstance(value, dict) or not str(value.get("spdxVersion", "")).startswith("SPDX-2."):
            raise foreign(self.title, "it does not call itself SPDX 2")
        try:
            spdx = _Spdx.model_validate(value)
        except ValidationError as error:
            where = ".".join(map(str, error.errors(include_url=False, include_input=False)[0]["loc"]))
            raise damaged(self.title, f"`{where}` is malformed") from error
        notices: list[str] = []
        components = list(_components(spdx, notices))
        inventory = Inventory(
            name=spdx.name or "unnamed software",
            created=spdx.creation.created,
            format=spdx.version.replace("-", " "),
            media_type="application/spdx+json" if is_json else "text/spdx",
            tools=tuple(each.removeprefix("Tool: ") for each in spdx.creation.creators if each.startswith("Tool: ")),
        )
        return Imported(spdx.creation.created, list(as_documents(inventory, components)), notices, spdx.name)


def _components(spdx: _Spdx, notices: list[str]) -> Iterator[Component]:
    odd = 0
    for item in spdx.packages:
        try:
            yield _component(_Package.model_validate(item))
        except ValidationError:
            odd += 1
    if odd:
        notices.append(f"{odd} packages were left out, because they are malformed")


def _component(package: _Package) -> Component:
    locators = {each.type: each.locator for each in reversed(package.references)}
    licences = (package.concluded, package.declared)
    return Component(
        name=package.name,
        version=package.version,
        purl=locators.get("purl", ""),
        cpe=locators.get("cpe23Type", ""),
        kind=package.purpose.lower(),
        licences=tuple(dict.fromkeys(each for each in licences if each not in _UNSAID)),
        supplier="" if package.supplier in _UNSAID else _PARTY.sub("", package.supplier),
        description=(package.summary or package.description).strip()[:1_000],
    )


_PACKAGE_FIELDS = {
    "SPDXID": "SPDXID",
    "PackageVersion": "versionInfo",
    "PackageLicenseConcluded": "licenseConcluded",
    "PackageLicenseDeclared": "licenseDeclared",
    "PackageSupplier": "supplier",
    "PackageSummary": "summary",
    "PackageDescription": "description",
    "PrimaryPackagePurpose": "primaryPackagePurpose",
}


def _of_tags(data: bytes, title: str) -> dict[str, Any]:
    """The tag-value form as JSON would have it."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise damaged(title, "it is not UTF-8 text") from error
    packages: list[dict[str, Any]] = []
    found: dict[str, Any] = {"packages": packages, "creationInfo": {"creators": []}}
    package: dict[str, Any] | None = None
    for tag, value in _tags(text, title):
        if tag in {"FileName", "SnippetSPDXID"}:
            package = None
        elif tag == "PackageName":
            package = {"name": value, "externalRefs": []}
            packages.append(package)
        elif package is not None and tag in _PACKAGE_FIELDS:
            package[_PACKAGE_FIELDS[tag]] = value
        elif package is not None and tag == "ExternalRef":
            _, kind, locator = [*value.split(None, 2), "", "", ""][:3]
            package["externalRefs"].append({"referenceType": kind, "referenceLocator": locator})
        else:
            _about_the_document(found, tag, value)
    return found


def _about_the_document(found: dict[str, Any], tag: str, value: str) -> None:
    if tag == "SPDXVersion":
        found["spdxVersion"] = value
    elif tag == "DocumentName":
        found["name"] = value
    elif tag == "Created":
        found["creationInfo"]["created"] = value
    elif tag == "Creator":
        found["creationInfo"]["creators"].append(value)


def _tags(text: str, title: str) -> Iterator[tuple[str, str]]:
    """Tags with their values; a value in <text> may go over several lines."""
    lines = iter(text.splitlines())
    for line in lines:
        match = _TAG.match(line)
        if match is None:
            continue
        tag, value = match.groups()
        if value.startswith("<text>"):
            parts = [value.removeprefix("<text>")]
            while "</text>" not in parts[-1]:
                following = next(lines, None)
                if following is None:
                    raise damaged(title, f"the text of {tag} has no end")
                parts.append(following)
            value = "\n".join(parts).partition("</text>")[0]
        yield tag, value.strip()
