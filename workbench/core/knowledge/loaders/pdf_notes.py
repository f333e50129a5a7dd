"""What is written onto the pages of a PDF: notes, comments, and what was filled into its forms."""

import ctypes
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from workbench.core.knowledge.loaders.decoding import clean

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

MAX_NOTES = 2_000
"""Notes read from one page; a form has some hundred fields."""

MAX_NOTE_BYTES = 1_000_000
"""Longest note that is read, in UTF-16."""

SWITCHES = frozenset({"", "Off", "Yes", "On"})
"""States of a check box, which are no words of anybody's."""


def notes_on(page: "PdfPage") -> Iterator[str]:
    """The texts of the page's annotations and form fields, each with its field's name, in the order of the file."""
    import pypdfium2.raw as pdfium

    seen: set[str] = set()
    for number in range(min(pdfium.FPDFPage_GetAnnotCount(page.raw), MAX_NOTES)):
        annotation = pdfium.FPDFPage_GetAnnot(page.raw, number)
        if not annotation:
            continue
        try:
            text = _text_of(annotation, pdfium.FPDFAnnot_GetSubtype(annotation) == pdfium.FPDF_ANNOT_WIDGET)
        finally:
            pdfium.FPDFPage_CloseAnnot(annotation)
        if text and text not in seen:
            seen.add(text)
            yield text


def _text_of(annotation: Any, is_field: bool) -> str:
    """What one annotation says; a field says `name: value`."""
    if not is_field:
        return _value(annotation, b"Contents")
    value = _value(annotation, b"V")
    return "" if value in SWITCHES else ": ".join(filter(None, (_value(annotation, b"T"), value)))


def _value(annotation: Any, key: bytes) -> str:
    """One entry of the annotation's dictionary as text; empty when it has none."""
    import pypdfium2.raw as pdfium

    size = pdfium.FPDFAnnot_GetStringValue(annotation, key, None, 0)
    if not 2 < size <= MAX_NOTE_BYTES:
        return ""
    buffer = (ctypes.c_ushort * (size // 2))()
    pdfium.FPDFAnnot_GetStringValue(annotation, key, buffer, size)
    return clean(bytes(buffer).decode("utf-16-le", "replace").rstrip("\0")).strip()
