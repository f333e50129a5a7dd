"""Makes text from anywhere safe to look at: what is invisible or reorders a line is shown as its code point.

Bidirectional controls can make code read otherwise than it runs (CVE-2021-42574, https://trojansource.codes), and
control characters or towers of combining marks can break a layout. Screens and reports pass untrusted text
through here.
"""

import re
import unicodedata

_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164"
    "\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_MARK = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_TOWER = re.compile(f"({_MARK}{{3}})({_MARK}+)")
_LINE_END = re.compile("\r\n|\n|\r")
_TOKEN = re.compile(r"[^\s\u200b]{25,}")
MAX_INVISIBLE_BREAKS = 200
"""Places in one text where a word may break unseen: Typst gives a paragraph up beyond about 500 of them."""

_PIECE = re.compile(r"[^/_.\-:,;=&?\\]*[/_.\-:,;=&?\\]*")


def visible(text: str) -> str:
    """`text` with every control, bidirectional and zero-width character shown as `‹U+202E›`.

    Tabs stay, and every line end (LF, CR LF, CR) is a line feed after. More than three combining marks on one letter
    become a count, because no script stacks more and a tower covers the lines above it.
    """
    text = _INVISIBLE.sub(lambda found: f"‹U+{ord(found[0]):04X}›", _LINE_END.sub("\n", text))
    return _TOWER.sub(lambda found: f"{found[1]}‹+{len(found[2])} marks›", text)


def source_lines(text: str) -> list[str]:
    """The lines of a source text as editors and Python's parser count them: they end at LF, CR LF or CR only.

    `str.splitlines` also ends lines at form feeds and Unicode separators, which would shift every line number after.
    """
    lines = _LINE_END.split(text)
    return lines[:-1] if lines[-1] == "" else lines


def breakable(text: str, every: int = 12) -> str:
    """`text` with a zero-width space where a word of more than 24 characters may be broken: after its separators.

    A piece between separators that is itself longer than that, such as a hash, may be broken every `every` characters.
    For layouts that break lines at spaces only: without it a long hash or path runs out of its column. Past
    MAX_INVISIBLE_BREAKS places the breaks are plain spaces.
    """
    room = MAX_INVISIBLE_BREAKS

    def broken(found: re.Match[str]) -> str:
        nonlocal room
        pieces = _breaks(found[0], every)
        room -= len(pieces)
        return ("\u200b" if room >= 0 else " ").join(pieces)

    return _TOKEN.sub(broken, text)


def wrapped(line: str, columns: int) -> list[str]:
    """One line of code cut into rows of at most `columns` monospaced cells; nothing is lost, tabs become 4 spaces.

    Wide (East Asian) characters count two cells, combining marks none. An empty line is one empty row.
    """
    rows, row, width = [], "", 0
    for character in line.expandtabs(4):
        cells = _cells(character)
        if width + cells > columns:
            rows.append(row)
            row, width = "", 0
        row, width = row + character, width + cells
    return [*rows, row]


def _breaks(token: str, size: int) -> list[str]:
    pieces = [piece for piece in _PIECE.findall(token) if piece]
    return [part for piece in pieces for part in (_pieces(piece, size) if _TOKEN.fullmatch(piece) else [piece])]


def _pieces(token: str, size: int) -> list[str]:
    return [token[start : start + size] for start in range(0, len(token), size)]


def _cells(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
