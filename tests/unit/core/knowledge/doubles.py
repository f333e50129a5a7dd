"""Doubles for what ingestion needs, and small files of the packed formats."""

import hashlib
import io
import re
import threading
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.core.knowledge.loaders.raw import RawFile

if TYPE_CHECKING:
    import numpy as np

WORD = re.compile(r"\w+|[^\w\s]")


class CountingEmbedder:
    """Counts like a WordPiece model (four letters a token, two special tokens) and embeds by hash.

    `seconds` is what each batch takes; a text with `poison` in it cannot be embedded.
    """

    name, digest, precision, dimension = "double", "0" * 64, "fp32", 8

    def __init__(self, max_tokens: int = 256, seconds: float = 0.0, poison: str = "") -> None:
        self.max_tokens = max_tokens
        self.seconds = seconds
        self.poison = poison
        self.embedded: list[str] = []
        self.began = threading.Event()

    def count_tokens(self, text: str) -> int:
        return 2 + sum(1 + len(word) // 4 for word in WORD.findall(text))

    def count_tokens_of_each(self, texts: Sequence[str]) -> list[int]:
        return [self.count_tokens(text) for text in texts]

    def embed(self, texts: Sequence[str]) -> "np.ndarray":
        import numpy as np

        self.began.set()
        time.sleep(self.seconds)
        if self.poison and any(self.poison in text for text in texts):
            raise ValueError("poisoned")
        self.embedded += texts
        rows = [np.frombuffer(hashlib.sha256(text.encode()).digest(), np.uint8)[:8] for text in texts]
        matrix = np.stack(rows).astype(np.float32) + 1
        return matrix / np.linalg.norm(matrix, axis=1, keepdims=True)

    def embed_questions(self, texts: Sequence[str]) -> "np.ndarray":
        return self.embed(texts)


def raw(data: bytes | str, name: str = "file.txt") -> RawFile:
    """A file as a loader gets it."""
    return RawFile(path=Path(name), data=data.encode() if isinstance(data, str) else data, media_type="text/x-test")


def pdf(*pages: str, encrypted: bool = False) -> bytes:
    """A PDF with a line of text on each page; `encrypted` asks for a password that nobody knows."""
    count = len(pages)
    kids = " ".join(f"{4 + 2 * index} 0 R" for index in range(count))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {count} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for index, text in enumerate(pages):
        stream = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET" if text else ""
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> "
            f"/Contents {5 + 2 * index} 0 R >>"
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    trailer = f"/Size {len(objects) + 1} /Root 1 0 R"
    if encrypted:
        key = "0123456789abcdef" * 4
        trailer += f" /ID [<{key[:32]}> <{key[:32]}>]"
        trailer += f" /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <{key}> /U <{key}> >>"
    body, offsets = "%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    start = len(body)
    body += (
        f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer\n<< {trailer} >>\nstartxref\n{start}\n%%EOF"
    )
    return body.encode("latin-1")


def word(paragraphs: Sequence[tuple[str, str]], table: Sequence[Sequence[str]] = (), title: str = "") -> bytes:
    """A DOCX of (style, text) paragraphs and one table behind them."""
    import docx

    document = docx.Document()
    document.core_properties.title = title
    for style, text in paragraphs:
        document.add_paragraph(text, style=style)
    if table:
        grid = document.add_table(rows=len(table), cols=len(table[0]))
        for row, cells in zip(grid.rows, table, strict=True):
            for cell, text in zip(row.cells, cells, strict=True):
                cell.text = text
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def with_part(package: bytes, name: str, content: bytes) -> bytes:
    """The package with one part replaced or added."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            if part != name:
                new.writestr(part, old.read(part))
        new.writestr(name, content)
    return stream.getvalue()
