"""Packages of XML parts in a zip (Office Open XML, OpenDocument): opened within limits, parsed without entities."""

import io
import posixpath
import zipfile
from typing import TYPE_CHECKING, Any

from workbench.core.knowledge.documents import LoadError
from workbench.core.knowledge.loaders.decoding import clean
from workbench.core.knowledge.loaders.properties import sound_date
from workbench.core.knowledge.loaders.raw import RawFile, broken, empty, encrypted, oversized

if TYPE_CHECKING:
    from lxml.etree import _Element

MAX_UNPACKED_BYTES = 200_000_000
"""Most that all parts together may unpack to; Word's own longest documents stay far below."""

MAX_RATIO = 200
"""How many times its packed size a part above a megabyte may unpack to; deflate reaches 1,032, text about 10."""

MAX_PARTS = 20_000

OLE_HEADER = bytes.fromhex("d0cf11e0a1b11ae1")
"""A compound file: an encrypted Office document, or one in the format before 2007."""

ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
"""Name of the stream that holds an encrypted document in a compound file ([MS-OFFCRYPTO] 2.3.4.1)."""

STRICT = "http://purl.oclc.org/ooxml/"
"""Beginning of the namespaces of ISO/IEC 29500 Strict, whose parts are otherwise as the usual transitional ones."""

STRICT_NAMES = {
    "officeDocument/relationships": "officeDocument/2006/relationships",
    "wordprocessingml/main": "wordprocessingml/2006/main",
    "presentationml/main": "presentationml/2006/main",
    "spreadsheetml/main": "spreadsheetml/2006/main",
    "drawingml/main": "drawingml/2006/main",
    "drawingml/chart": "drawingml/2006/chart",
}
"""Strict namespaces that the loaders know, and the transitional ones in their place (ISO/IEC 29500-1, annex A)."""

TRANSITIONAL = "http://schemas.openxmlformats.org/"

CORE_PROPERTIES = "docProps/core.xml"


class Package:
    """The parts of one file, by name. `notices` grows with what cannot be read of them."""

    def __init__(self, file: RawFile, archive: zipfile.ZipFile) -> None:
        self.file = file
        self.notices: list[str] = []
        self._archive = archive
        self._parts = {part.filename.replace("\\", "/").lstrip("/").lower(): part for part in archive.infolist()}

    @property
    def names(self) -> list[str]:
        """The names of all parts, in lower case, since names of parts are equal whatever their case (OPC 6.2.2.3)."""
        return list(self._parts)

    def data(self, name: str) -> bytes | None:
        """What the part unpacks to, None when there is none. Raises LoadError when it is damaged."""
        part = self._parts.get(name.lower())
        if part is None:
            return None
        self.file.taken.unpack(self.file.name, part.file_size)
        try:
            return self._archive.read(part)
        except (MemoryError, RecursionError):
            raise
        except Exception as error:  # zlib, lzma and zipfile raise whatever damaged data leads them into
            raise broken(self.file.name, f"its part {name} is damaged") from error

    def xml(self, name: str) -> "_Element | None":
        """The part as XML, without comments; None when there is none, or nothing of it can be made out.

        What a part that is not well-formed has up to the damage is kept, with a notice.
        """
        data = self.data(name)
        if data is None:
            return None
        root, sound = parse_xml(data)
        if not sound:
            self.notices.append(f"{name} in {self.file.name} is not well-formed; what could be read of it is kept")
        return root

    def optional_xml(self, name: str) -> "_Element | None":
        """As `xml`, for a part without which the document still makes sense: damage is a notice."""
        try:
            return self.xml(name)
        except LoadError:
            self.notices.append(f"{name} in {self.file.name} is damaged, so its text is missing")
            return None

    def related(self, source: str, kind: str) -> list[str]:
        """Names of the parts that `source` ("" for the package itself) refers to as `kind`, such as "slide"."""
        return [name for found, name in self.relationships(source).values() if found == kind]

    def relationships(self, source: str) -> dict[str, tuple[str, str]]:
        """What `source` refers to inside the package: kind and part name by id; what lies outside is left out."""
        folder, name = posixpath.split(source)
        root = self.optional_xml(posixpath.join(folder, "_rels", f"{name}.rels"))
        found = {}
        for element in root if root is not None else ():
            target = element.get("Target") or ""
            if element.get("TargetMode") != "External" and target:
                kind = (element.get("Type") or "").rpartition("/")[2]
                path = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
                found[element.get("Id") or ""] = (kind, path.lower())
        return found

    def core_properties(self) -> tuple[str, str]:
        """Title and date of an Office Open XML document by its own properties; empty where they say nothing."""
        root = self.optional_xml(next(iter(self.related("", "core-properties")), CORE_PROPERTIES))
        if root is None:
            return "", ""
        found = {element.tag.rpartition("}")[2]: element.text or "" for element in root if isinstance(element.tag, str)}
        title = " ".join(clean(found.get("title", "")).split())[:300]
        return title, sound_date(found.get("modified", "")) or sound_date(found.get("created", ""))


def open_package(file: RawFile) -> Package:
    """The package in `file`, nothing of it unpacked yet.

    Raises LoadError when it is empty, no package, encrypted, or made to unpack without bound.
    """
    if not file.data:
        raise empty(file.name)
    if file.data.startswith(OLE_HEADER) and ENCRYPTED_STREAM in file.data:
        raise encrypted(file.name)
    try:
        archive = zipfile.ZipFile(io.BytesIO(file.data))
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise broken(file.name, "it is no Office package") from error
    _check_size(file, archive.infolist())
    return Package(file, archive)


def _check_size(file: RawFile, parts: list[zipfile.ZipInfo]) -> None:
    """Refuse what is encrypted or unpacks beyond the limits; zipfile itself never unpacks more than a part declares."""
    if any(part.flag_bits & 1 for part in parts):
        raise encrypted(file.name)
    unpacked = sum(part.file_size for part in parts)
    steep = any(part.file_size > 1_000_000 and part.file_size > MAX_RATIO * part.compress_size for part in parts)
    if len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED_BYTES or steep:
        limit = f"{MAX_UNPACKED_BYTES // 1_000_000} MB, {MAX_PARTS:,} parts, {MAX_RATIO} times the packed size"
        raise oversized(file.name, f"it unpacks to {unpacked / 1e6:.0f} MB in {len(parts):,} parts", limit)


def parse_xml(data: bytes) -> tuple["_Element | None", bool]:
    """The root of an XML part and whether it is well-formed; entities stay unexpanded, nothing is loaded.

    Strict Office Open XML comes out in the transitional namespaces.
    """
    from lxml import etree

    if STRICT.encode() in data:
        for strict, usual in STRICT_NAMES.items():
            data = data.replace(f"{STRICT}{strict}".encode(), f"{TRANSITIONAL}{usual}".encode())
    options: dict[str, Any] = {
        "resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False,
        "remove_comments": True, "remove_pis": True,
    }  # fmt: skip
    try:
        return etree.fromstring(data, etree.XMLParser(**options)), True
    except (etree.XMLSyntaxError, ValueError):
        pass
    try:
        return etree.fromstring(data, etree.XMLParser(recover=True, **options)), False
    except (etree.XMLSyntaxError, ValueError):
        return None, False
