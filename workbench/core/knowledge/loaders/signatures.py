"""What the first bytes of a file say it is, for files whose name says nothing or something else.

The formats are few and their signatures stable, so they stand here: a library of thousands of signatures would name
kinds that no loader reads, and would still not tell the Office formats, which are all zip archives, from each other.
"""

import io
import re
import zipfile

PDF_BYTES = 1024
"""How far into a file without a telling name a PDF's header may stand (PDF 32000-1, annex H.3, note 13)."""

HEAD_BYTES = 4096

OPEN_DOCUMENT = {"text": ".odt", "spreadsheet": ".ods", "presentation": ".odp"}
"""Endings by what an OpenDocument's `mimetype` says after `application/vnd.oasis.opendocument.`"""

OFFICE_FOLDERS = {"word/": ".docx", "xl/": ".xlsx", "ppt/": ".pptx"}
"""Endings by the folder that an Office Open XML package keeps its main part in."""

COMPOUND_STREAMS = {
    "__properties_version1.0": ".msg", "WordDocument": ".doc", "Workbook": ".xls", "Book": ".xls",
}  # fmt: skip
"""Endings by a stream of a compound file ([MS-CFB]); what has none of these is not recognised."""

PLAIN = {
    b"{\\rtf": ".rtf",
    b"\x1f\x8b": ".gz",
    b"BZh": ".bz2",
    b"\xfd7zXZ\0": ".xz",
    b"%PDF-": ".pdf",
}
"""Endings by what stands at the very beginning."""

UNREAD = {
    b"7z\xbc\xaf\x27\x1c": "7-Zip archive",
    b"Rar!\x1a\x07": "RAR archive",
}
"""Archives that no loader opens: the libraries for them are under the LGPL, or call a program that is not free."""

PAGE = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--.{0,500}?-->\s*)?<(?:!doctype\s+html|html)[\s>]", re.IGNORECASE | re.DOTALL
)
"""How a web page begins."""

SHEBANG = re.compile(rb"#![^\n]{0,100}\b(python|node|bash|sh|zsh|ruby|perl|php|lua|pwsh)[\d.]*\s")
"""The interpreter that a script asks for."""

SCRIPTS = {
    b"python": ".py", b"node": ".js", b"bash": ".sh", b"sh": ".sh", b"zsh": ".sh", b"ruby": ".rb", b"perl": ".pl",
    b"php": ".php", b"lua": ".lua", b"pwsh": ".ps1",
}  # fmt: skip


def endings_of(data: bytes) -> tuple[str, ...]:
    """The endings that files with these bytes have, as `.pdf`; empty when the bytes do not say.

    There are several for a compound file, in which another may be embedded.
    """
    for signature, ending in PLAIN.items():
        if data.startswith(signature):
            return (ending,)
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return (_zip_ending(data),)
    if data.startswith(bytes.fromhex("d0cf11e0a1b11ae1")):
        return tuple(ending for name, ending in COMPOUND_STREAMS.items() if name.encode("utf-16-le") in data)
    return (".tar",) if data[257:262] == b"ustar" else ()


def ending_of_text(data: bytes) -> str:
    """The ending that a text which begins like this has, as `.html`; empty when it may be any text."""
    if PAGE.match(data[:HEAD_BYTES]):
        return ".html"
    script = SHEBANG.match(data[:HEAD_BYTES])
    if script:
        return SCRIPTS[script.group(1)]
    if data.lstrip()[:5] == b"<?xml":
        return ".xml"
    return ".pdf" if b"%PDF-" in data[:PDF_BYTES] else ""


def unread_archive(data: bytes) -> str:
    """What kind of archive it is that no loader opens; empty for everything else."""
    return next((name for signature, name in UNREAD.items() if data.startswith(signature)), "")


def _zip_ending(data: bytes) -> str:
    """The ending of a package by what is in it; that of an archive when it is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            if names and names[0] == "mimetype" and archive.getinfo("mimetype").file_size < 200:
                kind = archive.read("mimetype").decode("ascii", "replace")
                return next((ending for word, ending in OPEN_DOCUMENT.items() if word in kind), ".zip")
    except Exception:  # whatever damaged archives raise: the loader of archives says what is wrong
        return ".zip"
    if "[Content_Types].xml" not in names:
        return ".zip"
    return next((end for folder, end in OFFICE_FOLDERS.items() if any(n.startswith(folder) for n in names)), ".zip")
