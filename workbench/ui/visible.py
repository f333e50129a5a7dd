"""Makes the characters visible that hide or reorder text, so that untrusted text cannot deceive the reader."""

import unicodedata

_KEPT = "\t\n"
_PICTURES = 0x2400
"""Start of the Unicode block Control Pictures, which mirrors the C0 controls."""

BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that change the direction of text (Unicode Standard Annex 9); the means of CVE-2021-42574."""


def is_hidden(letter: str) -> bool:
    """Whether a character is a control, a format character or a lone surrogate that a reader cannot see."""
    return letter not in _KEPT and unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp")


def visible(text: str) -> str:
    """`text` with each hidden character as a picture or its code point in ⟨⟩, and every line end as a line feed."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.isascii() and text.isprintable():
        return text
    return "".join(_show(letter) if is_hidden(letter) else letter for letter in text)


def _show(letter: str) -> str:
    code = ord(letter)
    if code < 0x20:
        return chr(_PICTURES + code)
    return "\u2421" if code == 0x7F else f"⟨U+{code:04X}⟩"
