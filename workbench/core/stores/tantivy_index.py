"""Full text by tantivy: BM25 over stemmed English, incremental, saved beside the library as a cache."""

import json
import math
import shutil
import threading
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from workbench.core.stores.base import IndexedText
from workbench.core.stores.code_text import is_code, joined_words, joined_words_of
from workbench.core.stores.exact_names import names_of
from workbench.core.stores.manifest import Manifest
from workbench.core.stores.runs import odd_runs
from workbench.core.stores.words import Analyser, Coverage

FORMAT = "words-4"
"""What the files hold; another format is built anew. Raise it with every change of the analyser or the schema."""

WRITER_BYTES = 50_000_000
"""Memory of the writer while it runs; tantivy asks for at least 15 MB."""

MAX_QUESTION_WORDS = 64
"""Different words of a question that are looked up: of a longer one those that tell most (frequency there times
inverse document frequency, as Lucene's MoreLikeThis chooses them)."""

FIRST = 10
"""Best hits whose kind says what kind of texts answer a question."""

MOSTLY = 0.5
"""Share of all texts from which those of the scopes asked for are picked out of what was found among all: tantivy skips
most of the texts that have common words only, but none of them once another condition must hold."""

SPARE = 1.1, 20
"""How many more hits are taken then: by this factor, and so many besides."""

DEAD_SHARE, DEAD_LEAST = 5, 100
"""Of the texts that the files hold one in so many, and at least so many, may be dead before the index is built anew:
tantivy counts their words until it merges segments, so that frequencies differ from those of what is there."""

_META_FILE = "meta.json"


class Found(NamedTuple):
    """What was found by words."""

    hits: tuple[tuple[int, float], ...]
    """The chunk ids with their BM25 score, best first."""
    code: float
    """Share of program code among the first of them, 0 to 1."""


NOTHING = Found((), 0.0)


class _Write(Protocol):
    """Gives a writer what is to be committed; `fresh` says that the index is empty."""

    def __call__(self, writer: Any, *, fresh: bool) -> None: ...


class TantivyIndex:
    """A TextIndex in a folder of its own. Searches and updates may happen at the same time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._turn = threading.Lock()
        self._analyser = Analyser()
        self._index: Any = None
        self._dead, self._held = 0, 0

    def __len__(self) -> int:
        return 0 if self._index is None else int(self._index.searcher().num_docs)

    @property
    def is_outgrown(self) -> bool:
        """Whether so many texts are dead that an index built anew would answer noticeably better."""
        return self._dead >= DEAD_LEAST and self._dead * DEAD_SHARE > self._held

    def update(self, removed: Iterable[int], added: Iterable[Sequence[IndexedText]]) -> None:
        """Remove those ids (unknown ones are ignored), then add; an id that is there already is replaced."""

        def write(writer: Any, *, fresh: bool) -> None:
            for chunk_id in removed:
                writer.delete_documents_by_term("id", chunk_id)
            for batch in added:
                for chunk in batch:
                    if not fresh:
                        writer.delete_documents_by_term("id", chunk.id)
                    writer.add_document(_document(chunk))

        self._write(write)

    def rebuild(self, added: Iterable[Sequence[IndexedText]]) -> None:
        """Hold exactly those texts, each once; searches see the old ones till the end, and still if this fails."""

        def write(writer: Any, *, fresh: bool) -> None:
            if not fresh:
                writer.delete_all_documents()
            for batch in added:
                for chunk in batch:
                    writer.add_document(_document(chunk))

        self._write(write)

    def _write(self, write: "_Write") -> None:
        with self._turn:
            if self._index is None:
                self._index = self._create()
            writer = self._index.writer(heap_size=WRITER_BYTES, num_threads=1)
            try:
                write(writer, fresh=len(self) == 0)
                writer.commit()
                writer.wait_merging_threads()
            finally:
                del writer  # a traceback would keep it, and with it the lock of the folder
            self._index.reload()
            self._dead, self._held = _dead_and_held(self.folder)

    def search(
        self,
        question: str,
        limit: int,
        scopes: Collection[str] | None = None,
        among: Collection[int] | None = None,
    ) -> list[tuple[int, float]]:
        """The best chunk ids with their BM25 score, best first, of `among` when given. Any text is a question."""
        return list(self.find(question, limit, scopes, among).hits)

    def find(
        self,
        question: str,
        limit: int,
        scopes: Collection[str] | None = None,
        among: Collection[int] | None = None,
        name: str | None = None,
    ) -> Found:
        """As `search`, with what kind of texts these are. With a name (of exact_names) only those that hold it."""
        if self._index is None or limit < 1:
            return NOTHING
        searcher = self._index.searcher()
        words = self._telling_words(searcher, question)
        if not words or (scopes is not None and not scopes) or (among is not None and not among):
            return NOTHING
        if scopes is not None and among is None and name is None:
            found = self._picked(searcher, words, limit, scopes)
            if found is not None:
                return found
        hits = searcher.search(self._query(words, scopes, among, name), limit, count=False).hits
        return self._found(searcher, hits)

    def _picked(self, searcher: Any, words: Sequence[str], limit: int, scopes: Collection[str]) -> Found | None:
        """The hits of those scopes among the hits of all; None where this is not sure to find them."""
        factor, more = SPARE
        share = min(1.0, sum(searcher.doc_freq("scope", scope) for scope in scopes) / max(1, searcher.num_docs))
        if share < MOSTLY:
            return None
        wide = limit if share == 1.0 else math.ceil(limit / share * factor) + more
        hits = searcher.search(self._query(words), wide, count=False).hits
        parts = {_part_of(scope) for scope in scopes}
        of_each = searcher.fast_field_values("part", [address for _, address in hits])
        picked = [hit for hit, part in zip(hits, of_each, strict=True) if part in parts]
        enough = len(picked) >= limit or len(hits) < wide
        return self._found(searcher, picked[:limit]) if enough else None

    def _found(self, searcher: Any, hits: Sequence[tuple[float, Any]]) -> Found:
        addresses = [address for _, address in hits]
        ids = searcher.fast_field_values("id", addresses)
        code = searcher.fast_field_values("code", addresses[:FIRST])
        found = [(chunk, score) for chunk, (score, _) in zip(ids, hits, strict=True)]
        return Found(tuple(sorted(found, key=lambda hit: (-hit[1], hit[0]))), sum(code) / max(1, len(code)))

    def coverage(self, question: str) -> "Coverage":
        """What tells how much of the question's words a text has."""
        if self._index is None:
            return Coverage({}, self._analyser.different_words)
        searcher = self._index.searcher()
        return Coverage(
            {word: _idf(searcher, word) for word in set(self._words(question))}, self._analyser.different_words
        )

    def known_in(self, word: str) -> int:
        """How many texts have a word, or of several joined ones (use-after-free) the most frequent; 0 for none."""
        if self._index is None:
            return 0
        searcher = self._index.searcher()
        return max((searcher.doc_freq("text", stem) for stem in self._words(word)), default=0)

    def save(self, identity: dict[str, str], epoch: int) -> None:
        """Say what the folder holds now, which `update` has written already."""
        with self._turn:
            if self._index is None:
                self._index = self._create()
            manifest = Manifest.of(
                self.folder, _with_format(identity), epoch, len(self), files=_live_files(self.folder)
            )
            manifest.write(self.folder)

    def load(self, identity: dict[str, str]) -> int:
        """Take over what the folder holds for that identity and return its epoch; 0 when it is not usable."""
        import tantivy

        manifest = Manifest.read(self.folder)
        if manifest is None or not manifest.holds(self.folder, _with_format(identity)):
            return 0
        try:
            index = tantivy.Index.open(str(self.folder))
            index.register_tokenizer("words", self._analyser.analyser)
            count = index.searcher().num_docs
        except (ValueError, OSError, RuntimeError):
            return 0
        if count != manifest.count:
            return 0
        with self._turn:
            self._index = index
            self._dead, self._held = _dead_and_held(self.folder)
        return manifest.epoch

    def clear(self) -> None:
        """Forget everything, also on disk."""
        with self._turn:
            if self._index is None:
                shutil.rmtree(self.folder, ignore_errors=True)
                return
            writer = self._index.writer(heap_size=WRITER_BYTES, num_threads=1)
            writer.delete_all_documents()
            writer.commit()
            writer.wait_merging_threads()
            self._index.reload()
            self._dead = self._held = 0

    def _create(self) -> Any:
        import tantivy

        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True, mode=0o700)
        builder = tantivy.SchemaBuilder()
        builder.add_integer_field("id", indexed=True, fast=True)
        builder.add_text_field("scope", tokenizer_name="raw", index_option="basic")
        builder.add_integer_field("part", fast=True)
        builder.add_text_field("text", tokenizer_name="words", index_option="freq")
        builder.add_text_field("names", tokenizer_name="raw", index_option="basic")
        builder.add_integer_field("code", fast=True)
        index = tantivy.Index(builder.build(), str(self.folder), reuse=False)
        index.register_tokenizer("words", self._analyser.analyser)
        return index

    def _words(self, text: str) -> list[str]:
        return self._analyser.words(text)

    def _query(
        self,
        words: Sequence[str],
        scopes: Collection[str] | None = None,
        among: Collection[int] | None = None,
        name: str | None = None,
    ) -> Any:
        from tantivy import Occur, Query

        schema = self._index.schema
        narrowed = {"scope": None if scopes is None else sorted(scopes), "id": None if among is None else sorted(among)}
        query = Query.boolean_query(
            [(Occur.Should, Query.term_query(schema, "text", word, index_option="freq")) for word in words]
        )
        only = [
            (Occur.Must, Query.const_score_query(Query.term_set_query(schema, field, values), 0.0))
            for field, values in narrowed.items()
            if values is not None
        ]
        if name is not None:
            only.append((Occur.Must, Query.const_score_query(self._holding(name), 0.0)))
        return Query.boolean_query([(Occur.Must, query), *only]) if only else query

    def _holding(self, name: str) -> Any:
        """The query for texts with a name: in the field of names, or among the words where it is a plain one."""
        from tantivy import Query

        words = self._words(name) if name.isalpha() else []
        field, term = ("text", words[0]) if len(words) == 1 else ("names", name)
        return Query.term_query(self._index.schema, field, term, index_option="basic")

    def _telling_words(self, searcher: Any, question: str) -> list[str]:
        counts = Counter(self._words(_followed_by(question, joined_words(question))))
        if len(counts) <= MAX_QUESTION_WORDS:
            return list(counts)
        weight = {word: count * _idf(searcher, word) for word, count in counts.items()}
        return sorted(counts, key=lambda word: -weight[word])[:MAX_QUESTION_WORDS]


def _document(chunk: IndexedText) -> Any:
    import tantivy

    runs = odd_runs(chunk.text)
    return tantivy.Document(
        id=chunk.id,
        scope=chunk.scope,
        part=_part_of(chunk.scope),
        text=_followed_by(chunk.text, joined_words_of(runs)),
        names=sorted(names_of(runs)),
        code=int(is_code(chunk.text)),
    )


@lru_cache(maxsize=1024)
def _part_of(scope: str) -> int:
    """A scope as a number of 56 bits, which is read for a hit without looking up a word."""
    return int.from_bytes(blake2b(scope.encode(), digest_size=7).digest())


def _followed_by(text: str, words: Sequence[str]) -> str:
    """A text and, once more, the words that its joined words are made of: readFile is found by file."""
    return f"{text}\n{' '.join(words)}" if words else text


def _idf(searcher: Any, word: str) -> float:
    """Inverse document frequency as in BM25 (Robertson and Zaragoza 2009, with the 1 + of Lucene: never negative)."""
    documents, having = searcher.num_docs, searcher.doc_freq("text", word)
    return math.log(1 + (documents - having + 0.5) / (having + 0.5))


def _dead_and_held(folder: Path) -> tuple[int, int]:
    """How many texts that were removed the files still hold, and how many they hold in all."""
    segments = json.loads((folder / _META_FILE).read_text(encoding="utf-8"))["segments"]
    dead = sum((segment["deletes"] or {}).get("num_deleted_docs", 0) for segment in segments)
    return dead, sum(segment["max_doc"] for segment in segments)


def _live_files(folder: Path) -> list[str]:
    """The files that the last commit is made of; others wait for tantivy to clean them away."""
    meta = json.loads((folder / _META_FILE).read_text(encoding="utf-8"))
    segments = {segment["segment_id"].replace("-", "") for segment in meta["segments"]}
    return [_META_FILE, *(path.name for path in folder.iterdir() if path.name.partition(".")[0] in segments)]


def _with_format(identity: dict[str, str]) -> dict[str, str]:
    return {**identity, "format": FORMAT}
