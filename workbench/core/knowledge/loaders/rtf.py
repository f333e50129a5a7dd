"""Rich Text Format, through striprtf: the text of the body, paragraph by paragraph."""

import re

from workbench.core.knowledge.documents import Block, LoadedDocument
from workbench.core.knowledge.loaders.decoding import clean
from workbench.core.knowledge.loaders.properties import sound_date
from workbench.core.knowledge.loaders.raw import RawFile, broken, empty

TITLE = re.compile(r"\{\\title\s+([^{}\\]{1,300})\}")
MOMENT = re.compile(r"\{\\(?:revtim|creatim)\\yr(\d{4})\\mo(\d{1,2})\\dy(\d{1,2})")
"""When it was last saved, or made, in the group of properties (RTF 1.9.1, "Information group")."""

CODE_PAGE = re.compile(r"\\ansicpg(\d{1,5})")

TRAIL_BYTE = re.compile(r"\\'([89a-fA-F][0-9a-fA-F])([A-Za-z@\[\]^_`|~])")
"""A two-byte character whose first byte is in hexadecimal and whose second is as it is, as some programs write it."""

BINARY = re.compile(r"\\bin(\d{1,9}) ?")
"""What announces binary data and how many bytes it has, behind one space."""

FIELD = re.compile(r"\\fldinst(?=\{)")
"""The instruction of a field. striprtf looks for links in them by a pattern that takes cubic time; a space before the
brace, which means nothing to RTF, keeps it off."""

TWO_BYTES = frozenset({"932", "936", "949", "950"})
"""Code pages whose characters may have a second byte that is an ASCII letter."""

ASIDE = re.compile(r"\{(?:\\\*)?\\(?:footnote|annotation)(?![a-z])")
FURNITURE = re.compile(r"\{\\(?:header|footer)[lrf]?(?![a-z])")
"""Groups that striprtf leaves out with all their text: notes and comments, headers and footers. Without their first
word they are text where they stand."""

TEXT_ELSEWHERE = {"shptxt": "text boxes", "objdata": "embedded objects"}
"""Destinations that hold text of their own, and what they are called when it is said that they were left out."""


def load_rtf(file: RawFile) -> LoadedDocument:
    """A block for each paragraph; rows of tables have `|` between their cells.

    Notes and comments stand where their mark is. Text boxes and embedded objects are not read, which a notice says.
    Raises LoadError when the file is empty or no RTF.
    """
    if not file.data.strip():
        raise empty(file.name)
    if not file.data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{\\rt"):
        return _in_disguise(file)
    # Bytes stay characters one for one: lengths of binary data count bytes, and letters beyond ASCII are escaped.
    source = file.data.decode("latin-1")
    blocks = tuple(_blocks(_plain(file, source)))
    title, moment = TITLE.search(source), MOMENT.search(source)
    day = "{}-{:0>2}-{:0>2}".format(*moment.groups()) if moment else ""
    return LoadedDocument(
        path=str(file.path),
        title=" ".join(clean(title.group(1)).split()) if title else file.name,
        media_type=file.media_type,
        blocks=blocks,
        notices=_left_out(file, source),
        dated=sound_date(day)[:10],
    )


def _in_disguise(file: RawFile) -> LoadedDocument:
    """What only has the name of RTF: Word saves its other formats so when it is told to; else it is broken."""
    from workbench.core.knowledge.loaders.old_word import load_old_word
    from workbench.core.knowledge.loaders.package import OLE_HEADER

    if file.data.startswith((OLE_HEADER, b"PK\x03\x04")):
        return load_old_word(file)
    raise broken(file.name, "it does not begin as RTF")


def _plain(file: RawFile, source: str) -> str:
    """The text of the body. Raises LoadError over what striprtf cannot take apart."""
    from striprtf.striprtf import rtf_to_text

    source = FIELD.sub(r"\\fldinst ", _without_binary(source))
    source = FURNITURE.sub(r"{\\par ", ASIDE.sub("{ ", source))
    page = CODE_PAGE.search(source)
    if page and page.group(1) in TWO_BYTES:
        source = TRAIL_BYTE.sub(lambda match: f"\\'{match.group(1)}\\'{ord(match.group(2)):02x}", source)
    try:
        text = str(rtf_to_text(source, errors="replace"))
    except (MemoryError, RecursionError):
        raise
    except Exception as error:  # striprtf raises whatever odd arguments of control words lead it into
        raise broken(file.name, f"striprtf cannot read it: {type(error).__name__}") from error
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _without_binary(source: str) -> str:
    """The source without the bytes of pictures, which may look like anything."""
    parts, begin = [], 0
    while match := BINARY.search(source, begin):
        parts.append(source[begin : match.start()])
        begin = match.end() + int(match.group(1))
    return "".join([*parts, source[begin:]])


def _blocks(text: str) -> list[Block]:
    lines = (" ".join(line.split()) for line in clean(text).split("\n"))
    return [Block(text=line) for line in lines if line.strip(" |")]


def _left_out(file: RawFile, source: str) -> tuple[str, ...]:
    """The notice about text in places that are not read."""
    found = [name for word, name in TEXT_ELSEWHERE.items() if re.search(rf"\\{word}(?![a-z])", source)]
    if not found:
        return ()
    return (f"{file.name} has {', '.join(found)}, which are not read; save it as DOCX to have their text too",)
