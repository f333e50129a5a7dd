"""Counts what a library has its model embed, and can keep the vectors on disk, so that quality needs them once."""

import hashlib
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

Encode = Callable[[list[str]], np.ndarray]
"""Float32 rows (n, dimension) of n texts."""

PART = 256
"""Texts embedded before their vectors are kept, so that an interrupted run loses little."""


class KeptVectors:
    """Vectors by text and space, in one SQLite file that several runs may share."""

    def __init__(self, path: Path, space: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(path, timeout=120, isolation_level=None, check_same_thread=False)
        self._turn = threading.Lock()
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID")
        self._space = space

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def encode(self, texts: Sequence[str], encode: Encode) -> np.ndarray:
        """Rows of the texts: those kept, and the others from `encode`, which are kept from then on. Thread-safe."""
        with self._turn:
            return self._rows(texts, encode)

    def _rows(self, texts: Sequence[str], encode: Encode) -> np.ndarray:
        keys = [self._key(text) for text in texts]
        rows = {key: row for key in keys if (row := self._kept(key)) is not None}
        missing = list({key: text for key, text in zip(keys, texts, strict=True) if key not in rows}.items())
        for start in range(0, len(missing), PART):
            part = missing[start : start + PART]
            vectors = np.asarray(encode([text for _, text in part]), dtype=np.float32)
            found = {key: vector for (key, _), vector in zip(part, vectors, strict=True)}
            self._database.execute("BEGIN")
            self._database.executemany(
                "INSERT OR IGNORE INTO vectors VALUES (?, ?)", [(key, row.tobytes()) for key, row in found.items()]
            )
            self._database.execute("COMMIT")
            rows.update(found)
        return np.stack([rows[key] for key in keys])

    def _key(self, text: str) -> bytes:
        return hashlib.sha256(f"{self._space}\0{text.strip()}".encode("utf-8", "replace")).digest()

    def _kept(self, key: bytes) -> np.ndarray | None:
        found = self._database.execute("SELECT vector FROM vectors WHERE key = ?", (key,)).fetchone()
        return None if found is None else np.frombuffer(found[0], dtype=np.float32)


class Meter:
    """Stands between a library and its model while documents come in."""

    def __init__(self, kept: Path | None = None) -> None:
        self._path = kept
        self._kept: dict[str, KeptVectors] = {}
        self._counting = False
        self._asked: dict[str, np.ndarray] = {}
        self.recalling = False
        """Whether questions embedded before are answered from memory; never while they are timed."""
        self.texts: list[str] = []
        """What was embedded while counting."""
        self.longest = 0
        """Tokens that the model reads of one text, special tokens included."""

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Texts embedded meanwhile are counted, and their vectors taken from those kept where there are any."""
        self._counting = True
        try:
            yield
        finally:
            self._counting = False

    def encode(self, texts: Sequence[str], encode: Encode, space: str, longest: int) -> np.ndarray:
        """What `encode` makes of the texts. Outside of `counting` they are questions, which are never kept on disk."""
        if not self._counting:
            return self._questions(texts, encode)
        self.texts.extend(texts)
        self.longest = longest
        if self._path is None:
            return encode(list(texts))
        if space not in self._kept:
            self._kept[space] = KeptVectors(self._path, space)
        return self._kept[space].encode(texts, encode)

    def _questions(self, texts: Sequence[str], encode: Encode) -> np.ndarray:
        if not (self.recalling and all(text in self._asked for text in texts)):
            self._asked.update(zip(texts, np.asarray(encode(list(texts))), strict=True))
        return np.stack([self._asked[text] for text in texts])

    def over_sentence_transformers(self) -> None:
        """Meter every SentenceTransformer of this process, whichever library calls it."""
        from sentence_transformers import SentenceTransformer

        plain = SentenceTransformer.encode

        def encode(model: Any, texts: Any, *rest: Any, **options: Any) -> Any:
            longest = int(model.max_seq_length)
            found = self.encode(
                [texts] if isinstance(texts, str) else list(texts),
                lambda part: plain(model, part, *rest, **options),
                f"sentence-transformers/{longest}",
                longest,
            )
            return found[0] if isinstance(texts, str) else found

        SentenceTransformer.encode = encode  # type: ignore[method-assign]

    def close(self) -> None:
        """Let go of the files of kept vectors."""
        for kept in self._kept.values():
            kept.close()
