"""Which loader reads which file, and the checks that stand before every one of them."""

import hashlib
import importlib
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from workbench.core.knowledge.documents import LoadedDocument, LoadError, UnknownKindError
from workbench.core.knowledge.loaders.raw import (
    MAX_BLOCKS,
    MAX_FILE_BYTES,
    MAX_TEXT_CHARS,
    RawFile,
    broken,
    empty,
    oversized,
)

LOADERS_VERSION = 2
"""Raised whenever a loader reads something differently, so that files ingested before are read again."""


@dataclass(frozen=True)
class FileKind:
    """What the ending of a name says about a file: its media type and the function that reads it."""

    media_type: str
    loader: str
    """`module:function` under workbench.core.knowledge.loaders."""


TEXT = FileKind("text/plain", "plain:load_text")
LOG = FileKind("text/x-log", "plain:load_log")
MARKDOWN = FileKind("text/markdown", "markdown:load_markdown")
HTML = FileKind("text/html", "html:load_html")
XML = FileKind("application/xml", "html:load_xml")
PYTHON = FileKind("text/x-python", "python_code:load_python")
CODE = FileKind("text/x-source", "plain:load_code")
JSON_LINES = FileKind("application/x-ndjson", "json_data:load_json_lines")
WORD = FileKind("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "word:load_word")
OLD_WORD = FileKind("application/msword", "old_word:load_old_word")
SLIDES = FileKind("application/vnd.openxmlformats-officedocument.presentationml.presentation", "slides:load_slides")
WORKBOOK = FileKind("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "workbook:load_workbook")
OLD_WORKBOOK = FileKind("application/vnd.ms-excel", "workbook:load_workbook")
OPEN_WORKBOOK = FileKind("application/vnd.oasis.opendocument.spreadsheet", "workbook:load_workbook")
OPEN_TEXT = FileKind("application/vnd.oasis.opendocument.text", "open_document:load_open_document")
OPEN_SLIDES = FileKind("application/vnd.oasis.opendocument.presentation", "open_document:load_open_document")

CODE_ENDINGS = (
    ".js", ".mjs", ".cjs", ".jsx", ".ts", ".tsx", ".java", ".kt", ".kts", ".scala", ".groovy", ".go", ".c", ".h", ".cc",
    ".cpp", ".cxx", ".hpp", ".hh", ".m", ".mm", ".swift", ".rb", ".php", ".cs", ".fs", ".vb", ".rs", ".sh", ".bash",
    ".zsh", ".ps1", ".psm1", ".bat", ".cmd", ".pl", ".pm", ".lua", ".r", ".jl", ".ex", ".exs", ".erl", ".hs", ".clj",
    ".dart", ".sol", ".asm", ".s", ".sql", ".yml", ".yaml", ".toml", ".ini", ".cfg", ".conf", ".properties", ".tf",
    ".hcl", ".proto", ".graphql", ".diff", ".patch", ".vue", ".svelte", ".css", ".scss", ".less", ".cmake", ".mk",
    ".gradle", ".jinja", ".j2", ".rules", ".yar", ".yara", ".sigma",
)  # fmt: skip
"""Source code and configuration that is cut at its empty lines."""

KINDS: dict[str, FileKind] = {
    ".txt": TEXT, ".text": TEXT, ".rst": TEXT, ".adoc": TEXT, ".asciidoc": TEXT, ".org": TEXT, ".tex": TEXT,
    ".srt": TEXT, ".vtt": TEXT,
    ".log": LOG,
    ".md": MARKDOWN, ".markdown": MARKDOWN, ".mdown": MARKDOWN, ".mkd": MARKDOWN,
    ".html": HTML, ".htm": HTML, ".xhtml": HTML,
    ".xml": XML, ".rss": XML, ".atom": XML, ".svg": XML, ".xsd": XML, ".wsdl": XML,
    ".py": PYTHON, ".pyi": PYTHON, ".pyw": PYTHON,
    ".json": FileKind("application/json", "json_data:load_json"),
    ".jsonl": JSON_LINES, ".ndjson": JSON_LINES,
    ".csv": FileKind("text/csv", "tables:load_table"),
    ".tsv": FileKind("text/tab-separated-values", "tables:load_table"),
    ".pdf": FileKind("application/pdf", "pdf:load_pdf"),
    ".docx": WORD, ".docm": WORD, ".dotx": WORD, ".dotm": WORD,
    ".doc": OLD_WORD, ".dot": OLD_WORD,
    ".pptx": SLIDES, ".pptm": SLIDES, ".ppsx": SLIDES, ".ppsm": SLIDES, ".potx": SLIDES, ".potm": SLIDES,
    ".xlsx": WORKBOOK, ".xlsm": WORKBOOK, ".xltx": WORKBOOK, ".xltm": WORKBOOK, ".xlsb": WORKBOOK,
    ".xls": OLD_WORKBOOK, ".xlt": OLD_WORKBOOK, ".ods": OPEN_WORKBOOK, ".ots": OPEN_WORKBOOK,
    ".odt": OPEN_TEXT, ".ott": OPEN_TEXT, ".odp": OPEN_SLIDES, ".otp": OPEN_SLIDES,
    ".rtf": FileKind("application/rtf", "rtf:load_rtf"),
    ".eml": FileKind("message/rfc822", "mail:load_mail"),
    ".mbox": FileKind("application/mbox", "mail:load_mailbox"),
    ".msg": FileKind("application/vnd.ms-outlook", "outlook:load_outlook"),
    ".ipynb": FileKind("application/x-ipynb+json", "notebook:load_notebook"),
    **dict.fromkeys(CODE_ENDINGS, CODE),
}  # fmt: skip
"""Kind by the ending of the name, lower case."""

NAMES: dict[str, FileKind] = {
    "readme": TEXT, "license": TEXT, "licence": TEXT, "copying": TEXT, "changelog": TEXT, "changes": TEXT,
    "authors": TEXT, "notice": TEXT, "security": TEXT, "contributing": TEXT,
    "makefile": CODE, "dockerfile": CODE, "containerfile": CODE, "jenkinsfile": CODE, "vagrantfile": CODE,
}  # fmt: skip
"""Kind by the whole name, lower case, for files without an ending."""


def kind_of(path: Path) -> FileKind:
    """The kind of a file by its name. Raises UnknownKindError when no loader reads such files."""
    kind = KINDS.get(path.suffix.lower()) or NAMES.get(path.name.lower())
    if kind is None:
        what = f"{path.suffix.lower()} files" if path.suffix else "files without an ending"
        raise UnknownKindError(
            f"{path.name} was skipped, because no loader reads {what}; "
            "save it as text, Markdown, HTML, PDF or in an Office format"
        )
    return kind


def check_file(path: Path) -> int:
    """The size in bytes of a file that may be read.

    Raises UnknownKindError for a kind that no loader reads, else LoadError when it is no regular file, is missing, is
    empty or is larger than MAX_FILE_BYTES. The file itself is not opened.
    """
    kind_of(path)
    try:
        status = path.stat()
    except OSError as error:
        raise unreadable(path, error) from error
    if not stat.S_ISREG(status.st_mode):
        raise LoadError(f"{path.name} is no regular file, so it is not opened; ingest a file or a folder")
    if status.st_size > MAX_FILE_BYTES:
        raise oversized(path.name, f"{status.st_size / 1e6:.0f} MB", f"{MAX_FILE_BYTES // 1_000_000} MB")
    if status.st_size == 0:
        raise empty(path.name)
    return status.st_size


def unreadable(path: Path, error: OSError) -> LoadError:
    """The system does not give the file out."""
    reason = error.strerror or type(error).__name__
    return LoadError(f"{path.name} cannot be opened ({reason}); check that it is there and that you may read it")


def load_file(path: Path) -> tuple[LoadedDocument, str]:
    """Read one file as a document; the second value is the SHA-256 of the bytes it was made from.

    Raises LoadError with one sentence. Call it in the child process only: it parses what strangers wrote.
    """
    check_file(path)
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise unreadable(path, error) from error
    return load_bytes(path, data), hashlib.sha256(data).hexdigest()


def load_bytes(path: Path, data: bytes, *, depth: int = 0) -> LoadedDocument:
    """Read the bytes of a file as a document; `depth` is how many files they were packed in.

    Raises LoadError as `load_file` does.
    """
    kind = kind_of(path)
    if len(data) > MAX_FILE_BYTES:
        raise oversized(path.name, f"{len(data) / 1e6:.0f} MB", f"{MAX_FILE_BYTES // 1_000_000} MB")
    file = RawFile(path=path, data=data, media_type=kind.media_type, depth=depth)
    return _checked(_loader(kind)(file), path.name)


def _loader(kind: FileKind) -> Callable[[RawFile], LoadedDocument]:
    module, _, function = kind.loader.partition(":")
    loader: Callable[[RawFile], LoadedDocument] = getattr(
        importlib.import_module(f"workbench.core.knowledge.loaders.{module}"), function
    )
    return loader


def _checked(document: LoadedDocument, name: str) -> LoadedDocument:
    """The document, if it has text and keeps the limits."""
    if not any(block.text.strip() for block in document.blocks):
        raise broken(name, "no text can be made out in it") if document.notices else empty(name)
    if sum(len(block.text) for block in document.blocks) > MAX_TEXT_CHARS:
        raise oversized(name, "its text", f"{MAX_TEXT_CHARS // 1_000_000} million characters")
    if len(document.blocks) > MAX_BLOCKS:
        raise oversized(name, f"{len(document.blocks):,} blocks of text", f"{MAX_BLOCKS:,}")
    return document
