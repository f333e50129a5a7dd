"""Small files of the office and mail formats, made part by part."""

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence

RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
CORE = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
SLIDE_SPACES = (
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    f'xmlns:r="{OFFICE}"'
)
OPEN = "urn:oasis:names:tc:opendocument:xmlns:"
OPEN_SPACES = " ".join(
    f'xmlns:{short}="{OPEN}{name}:1.0"'
    for short, name in {
        "office": "office", "text": "text", "table": "table", "draw": "drawing", "presentation": "presentation",
        "meta": "meta", "style": "style",
    }.items()
)  # fmt: skip

FREE, END, FAT_SECTOR, NONE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF


def package(parts: Mapping[str, str | bytes]) -> bytes:
    """A zip of the parts."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def relations(targets: Mapping[str, tuple[str, str]]) -> str:
    """A part of relationships: (kind, target) by id."""
    entries = "".join(
        f'<Relationship Id="{key}" Type="{kind if ":" in kind else f"{OFFICE}/{kind}"}" Target="{target}"/>'
        for key, (kind, target) in targets.items()
    )
    return f'<Relationships xmlns="{RELATIONS}">{entries}</Relationships>'


def core(title: str = "", modified: str = "") -> str:
    """The part of a document's own properties."""
    return (
        '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/">'
        f"<dc:title>{title}</dc:title><dcterms:modified>{modified}</dcterms:modified></cp:coreProperties>"
    )


def shape(text: str, placeholder: str | None = None) -> str:
    """A shape of a slide, a paragraph for each line of `text`."""
    kind = "" if placeholder is None else f'<p:ph type="{placeholder}"/>'
    paragraphs = "".join(f"<a:p><a:r><a:t>{line}</a:t></a:r></a:p>" for line in text.split("\n"))
    return f"<p:sp><p:nvSpPr><p:nvPr>{kind}</p:nvPr></p:nvSpPr><p:txBody>{paragraphs}</p:txBody></p:sp>"


def slide(*shapes: str, attributes: str = "") -> str:
    """A slide, or the notes of one."""
    return f"<p:sld {SLIDE_SPACES} {attributes}><p:cSld><p:spTree>{''.join(shapes)}</p:spTree></p:cSld></p:sld>"


def slides(*contents: str, more: Mapping[str, str | bytes] | None = None, modified: str = "") -> bytes:
    """A PPTX of slides; `more` adds parts or replaces them."""
    numbers = range(1, len(contents) + 1)
    ids = "".join(f'<p:sldId id="{255 + number}" r:id="rId{number}"/>' for number in numbers)
    parts: dict[str, str | bytes] = {
        "_rels/.rels": relations(
            {"rId1": ("officeDocument", "ppt/presentation.xml"), "rId2": (CORE, "docProps/core.xml")}
        ),
        "docProps/core.xml": core("", modified),
        "ppt/presentation.xml": f"<p:presentation {SLIDE_SPACES}><p:sldIdLst>{ids}</p:sldIdLst></p:presentation>",
        "ppt/_rels/presentation.xml.rels": relations(
            {f"rId{number}": ("slide", f"slides/slide{number}.xml") for number in numbers}
        ),
        **{f"ppt/slides/slide{number}.xml": content for number, content in zip(numbers, contents, strict=True)},
        **(more or {}),
    }
    return package(parts)


def workbook(sheets: Mapping[str, Sequence[Sequence[object]]], hidden: Sequence[str] = ()) -> bytes:
    """An XLSX of sheets."""
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        sheet.sheet_state = "hidden" if name in hidden else "visible"
        for row in rows:
            sheet.append(list(row))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def open_document(body: str, kind: str = "text", meta: str = "", manifest: str = "") -> bytes:
    """An ODT or ODP of a body."""
    content = f"<office:document-content {OPEN_SPACES}><office:body><office:{kind}>{body}</office:{kind}></office:body>"
    return package(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}",
            "content.xml": f"{content}</office:document-content>",
            "meta.xml": f'<office:document-meta {OPEN_SPACES} xmlns:dc="http://purl.org/dc/elements/1.1/">'
            f"<office:meta>{meta}</office:meta></office:document-meta>",
            "META-INF/manifest.xml": manifest,
        }
    )


def compound(streams: Mapping[str, bytes]) -> bytes:
    """A compound file ([MS-CFB]) of streams by path; each is filled with zeros to 4,096 bytes, the least of one."""
    names = [""]
    for path in streams:
        steps = path.split("/")
        names += [found for depth in range(1, len(steps) + 1) if (found := "/".join(steps[:depth])) not in names]
    chains = {path: streams[path].ljust(4096, b"\0") for path in streams}
    directory_sectors = (len(names) + 3) // 4
    starts, sectors, table = {}, b"", []
    for path, data in chains.items():
        starts[path] = directory_sectors + len(table)
        count = (len(data) + 511) // 512
        table += [starts[path] + index + 1 for index in range(count - 1)] + [END]
        sectors += data.ljust(count * 512, b"\0")
    table = [*range(1, directory_sectors), END, *table]
    fat_count = next(count for count in range(1, 110) if len(table) + count <= 128 * count)
    fat_at = len(table)
    table = [*table, *[FAT_SECTOR] * fat_count]
    fat = struct.pack(f"<{128 * fat_count}I", *table, *[FREE] * (128 * fat_count - len(table)))
    entries = b"".join(_entry(path, names, chains, starts) for path in names).ljust(directory_sectors * 512, b"\0")
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<5H", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<9I", 0, fat_count, 0, 0, 4096, END, 0, END, 0)
    head += struct.pack("<109I", *range(fat_at, fat_at + fat_count), *[FREE] * (109 - fat_count))
    return head + entries + sectors + fat


def _entry(path: str, names: Sequence[str], chains: Mapping[str, bytes], starts: Mapping[str, int]) -> bytes:
    """The directory entry of a path: its siblings hang on it as a chain to the right."""
    parent = path.rpartition("/")[0] if path else None
    index = names.index(path)
    siblings = [place for place, name in enumerate(names) if name and name.rpartition("/")[0] == parent]
    later = [place for place in siblings if place > index] if path else []
    children = [place for place, name in enumerate(names) if name and name.rpartition("/")[0] == path]
    name = (path.rpartition("/")[2] or "Root Entry").encode("utf-16-le") + b"\0\0"
    kind = 5 if not path else 2 if path in chains else 1
    entry = name.ljust(64, b"\0") + struct.pack("<HBB", len(name), kind, 1)
    entry += struct.pack("<3I", NONE, later[0] if later else NONE, children[0] if children else NONE)
    start = starts.get(path, END if kind == 5 else 0)
    return entry + bytes(16 + 4 + 16) + struct.pack("<IQ", start, len(chains.get(path, b"")))


def old_word(text: str, lengths: Sequence[int] = (), flags: int = 0, *, one_byte: bool = False) -> bytes:
    """A DOC of one piece of text; `lengths` says how many characters each of its stories has, else all is one."""
    content = text.encode("cp1252" if one_byte else "utf-16-le")
    begin = 0x600
    place = (begin * 2 | 0x40000000) if one_byte else begin
    pieces = struct.pack("<2I", 0, len(text)) + struct.pack("<HIH", 0, place, 0)
    clx = b"\x01\x02\x00ab\x02" + struct.pack("<I", len(pieces)) + pieces
    head = bytearray(begin)
    struct.pack_into("<2H", head, 0, 0xA5EC, 0xC1)
    struct.pack_into("<H", head, 0x0A, flags)
    stories = [*(lengths or [len(text)]), *[0] * 8][:8]
    struct.pack_into("<8i", head, 0x4C, *stories)
    struct.pack_into("<2I", head, 0x01A2, 0, len(clx))
    return compound({"WordDocument": bytes(head) + content, "0Table": clx, "1Table": clx})


def outlook(
    texts: Mapping[str, str | bytes], attached: Mapping[str, bytes] | None = None, sent: int = 0, inner: str = ""
) -> bytes:
    """An MSG: texts by their property tag, attachments by name, when it was sent, the body of a message within it."""
    streams = {
        "__properties_version1.0": bytes(32) + struct.pack("<HHIQ", 0x40, 0x39, 6, sent),
        **{_tag(tag, value): _value(value) for tag, value in texts.items()},
    }
    for number, (name, data) in enumerate((attached or {}).items()):
        folder = f"__attach_version1.0_#{number:08X}"
        streams[f"{folder}/__substg1.0_3707001F"] = name.encode("utf-16-le")
        streams[f"{folder}/__substg1.0_37010102"] = data
    if inner:
        folder = "__attach_version1.0_#000000FF/__substg1.0_3701000D"
        streams[f"{folder}/__properties_version1.0"] = bytes(24)
        streams[f"{folder}/__substg1.0_0037001F"] = "Inner".encode("utf-16-le")
        streams[f"{folder}/__substg1.0_1000001F"] = inner.encode("utf-16-le")
    return compound(streams)


def _tag(tag: str, value: str | bytes) -> str:
    return f"__substg1.0_{tag}{'001F' if isinstance(value, str) else '0102'}"


def _value(value: str | bytes) -> bytes:
    return value.encode("utf-16-le") if isinstance(value, str) else value


def encrypted_zip(package_bytes: bytes) -> bytes:
    """The package with the flag of encryption set on each part, in its local headers and in its directory."""
    data = bytearray(package_bytes)
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.find(signature)
        while place >= 0:
            data[place + at] |= 1
            place = data.find(signature, place + 4)
    return bytes(data)
