"""Which loader reads which file: by the ending of its name, unless its bytes say otherwise."""

from dataclasses import dataclass
from pathlib import Path

from workbench.core.knowledge.documents import LoadError, UnknownKindError
from workbench.core.knowledge.loaders.decoding import SAMPLE_BYTES, decode_text
from workbench.core.knowledge.loaders.grammars import GRAMMARS
from workbench.core.knowledge.loaders.raw import RawFile
from workbench.core.knowledge.loaders.signatures import ending_of_text, endings_of, unread_archive


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
OUTLOOK = FileKind("application/vnd.ms-outlook", "outlook:load_outlook")
PDF = FileKind("application/pdf", "pdf:load_pdf")
TABLE = FileKind("text/csv", "tables:load_table")
SOURCE = FileKind("text/x-source", "source_code:load_source")
YAML = FileKind("application/yaml", "configuration:load_yaml")
SECTIONS = FileKind("text/x-ini", "configuration:load_sections")
DOCKERFILE = FileKind("text/x-dockerfile", "configuration:load_dockerfile")
OUTLINE = FileKind("text/plain", "outline:load_outline")
ZIP = FileKind("application/zip", "archive:load_zip")
TAR = FileKind("application/x-tar", "archive:load_tar")
PACKED = FileKind("application/gzip", "archive:load_packed")

CODE_ENDINGS = (
    ".groovy", ".m", ".mm", ".fs", ".vb", ".bat", ".cmd", ".pl", ".pm", ".r", ".jl", ".ex", ".exs", ".erl", ".hs",
    ".clj", ".dart", ".sol", ".asm", ".s", ".sql", ".properties", ".proto", ".graphql", ".diff", ".patch", ".vue",
    ".svelte", ".css", ".scss", ".less", ".cmake", ".mk", ".gradle", ".jinja", ".j2", ".rules", ".yar", ".yara",
)  # fmt: skip
"""Source code and configuration that no grammar of ours knows: it is cut at its empty lines."""

KINDS: dict[str, FileKind] = {
    ".txt": TEXT, ".text": TEXT, ".tex": TEXT, ".srt": TEXT, ".vtt": TEXT, ".arc": TEXT, ".warc": TEXT,
    ".rst": OUTLINE, ".adoc": OUTLINE, ".asciidoc": OUTLINE, ".org": OUTLINE,
    ".log": LOG,
    ".md": MARKDOWN, ".markdown": MARKDOWN, ".mdown": MARKDOWN, ".mkd": MARKDOWN,
    ".html": HTML, ".htm": HTML, ".xhtml": HTML,
    ".xml": XML, ".rss": XML, ".atom": XML, ".svg": XML, ".xsd": XML, ".wsdl": XML,
    ".py": PYTHON, ".pyi": PYTHON, ".pyw": PYTHON,
    ".json": FileKind("application/json", "json_data:load_json"),
    ".jsonl": JSON_LINES, ".ndjson": JSON_LINES,
    ".csv": TABLE,
    ".tsv": FileKind("text/tab-separated-values", "tables:load_table"),
    ".pdf": PDF,
    ".docx": WORD, ".docm": WORD, ".dotx": WORD, ".dotm": WORD,
    ".doc": OLD_WORD, ".dot": OLD_WORD,
    ".pptx": SLIDES, ".pptm": SLIDES, ".ppsx": SLIDES, ".ppsm": SLIDES, ".potx": SLIDES, ".potm": SLIDES,
    ".xlsx": WORKBOOK, ".xlsm": WORKBOOK, ".xltx": WORKBOOK, ".xltm": WORKBOOK, ".xlsb": WORKBOOK,
    ".xls": OLD_WORKBOOK, ".xlt": OLD_WORKBOOK, ".ods": OPEN_WORKBOOK, ".ots": OPEN_WORKBOOK,
    ".odt": OPEN_TEXT, ".ott": OPEN_TEXT, ".odp": OPEN_SLIDES, ".otp": OPEN_SLIDES,
    ".rtf": FileKind("application/rtf", "rtf:load_rtf"),
    ".eml": FileKind("message/rfc822", "mail:load_mail"),
    ".mbox": FileKind("application/mbox", "mail:load_mailbox"),
    ".msg": OUTLOOK,
    ".ipynb": FileKind("application/x-ipynb+json", "notebook:load_notebook"),
    ".yml": YAML, ".yaml": YAML, ".sigma": YAML,
    ".toml": SECTIONS, ".ini": SECTIONS, ".cfg": SECTIONS, ".conf": SECTIONS,
    ".dockerfile": DOCKERFILE,
    ".zip": ZIP, ".jar": ZIP, ".war": ZIP, ".whl": ZIP, ".epub": ZIP,
    ".tar": TAR, ".tgz": TAR, ".tbz2": TAR, ".txz": TAR,
    ".gz": PACKED, ".bz2": PACKED, ".xz": PACKED, ".lzma": PACKED,
    **dict.fromkeys(CODE_ENDINGS, CODE),
    **dict.fromkeys(GRAMMARS, SOURCE),
}  # fmt: skip
"""Kind by the ending of the name, lower case."""

NAMES: dict[str, FileKind] = {
    "readme": TEXT, "license": TEXT, "licence": TEXT, "copying": TEXT, "changelog": TEXT, "changes": TEXT,
    "authors": TEXT, "notice": TEXT, "security": TEXT, "contributing": TEXT,
    "makefile": CODE, "dockerfile": DOCKERFILE, "containerfile": DOCKERFILE, "jenkinsfile": CODE, "vagrantfile": CODE,
}  # fmt: skip
"""Kind by the whole name, lower case, for files without an ending."""


MISNAMED = frozenset({TEXT, TABLE, WORD, OLD_WORD, WORKBOOK, OLD_WORKBOOK, PDF, None})
"""Kinds under whose endings web pages are often kept, by servers and by programs that "save as Word"."""

PACKAGES = frozenset({WORD, SLIDES, WORKBOOK, OPEN_WORKBOOK, OPEN_TEXT, OPEN_SLIDES})
"""Kinds that are zip archives; a damaged one is told as that, not read as an archive."""


def refuse_unknown(path: Path) -> None:
    """Raise UnknownKindError when the name says that no loader reads such files.

    A name without an ending says nothing, so such files are looked into; hidden ones are left alone.
    """
    if _named_kind(path) is None and (path.suffix or path.name.startswith(".")):
        raise _unknown(path, f"{path.suffix.lower()} files" if path.suffix else "hidden files")


def kind_of(path: Path, data: bytes) -> FileKind:
    """The kind of a file by its name and its bytes; where they disagree, the bytes are right.

    Raises UnknownKindError when no loader reads such files.
    """
    refuse_unknown(path)
    named = _named_kind(path)
    archive = unread_archive(data)
    if archive:
        raise _unknown(path, f"a {archive}", "unpack it and ingest the folder")
    endings = endings_of(data) or (endings_of_page(data) if named in MISNAMED else ())
    kinds = [KINDS[ending] for ending in endings]
    if kinds and named not in kinds and not (named in PACKAGES and kinds == [ZIP]) and named not in _same(kinds[0]):
        return kinds[0]
    if named is None and not _is_text(path, data):
        raise _unknown(path, "such bytes without an ending that names their kind")
    return named or TEXT


def endings_of_page(data: bytes) -> tuple[str, ...]:
    """The ending of the page, script or other telling text that these bytes begin as."""
    ending = ending_of_text(data)
    return (ending,) if ending else ()


def _same(kind: FileKind) -> tuple[FileKind, ...]:
    """Kinds whose bytes begin alike: a packed file may be a packed tar."""
    return (TAR,) if kind == PACKED else ()


def _named_kind(path: Path) -> FileKind | None:
    return KINDS.get(path.suffix.lower()) or NAMES.get(path.name.lower())


def _is_text(path: Path, data: bytes) -> bool:
    try:
        decode_text(RawFile(path=path, data=data[:SAMPLE_BYTES], media_type=TEXT.media_type))
    except LoadError:
        return False
    return True


def _unknown(path: Path, what: str, remedy: str = "") -> UnknownKindError:
    remedy = remedy or "save it as text, Markdown, HTML, PDF or in an Office format"
    return UnknownKindError(f"{path.name} was skipped, because no loader reads {what}; {remedy}")
