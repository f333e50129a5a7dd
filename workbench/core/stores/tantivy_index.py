"""Full text by tantivy: BM25 over stemmed English, incremental, saved beside the library as a cache."""

import json
import math
import shutil
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from workbench.core.stores.base import IndexedText
from workbench.core.stores.code_text import is_code, joined_words
from workbench.core.stores.exact_names import names_in
from workbench.core.stores.manifest import Manifest

FORMAT = "words-3"
"""What the files hold; another format is built anew. Raise it with every change of the analyser or the schema."""

WRITER_BYTES = 50_000_000
"""Memory of the writer while it runs; tantivy asks for at least 15 MB."""

LONGEST_WORD = 80
"""Longer words, such as encoded data, are not indexed."""

MAX_QUESTION_WORDS = 64
"""Different words of a question that are looked up: of a longer one those that tell most (frequency there times
inverse document frequency, as Lucene's MoreLikeThis chooses them)."""

FIRST = 10
"""Best hits whose kind says what kind of texts answer a question."""

_META_FILE = "meta.json"


class Found(NamedTuple):
    """What was found by words."""

    hits: tuple[tuple[int, float], ...]
    """The chunk ids with their BM25 score, best first."""
    code: float
    """Share of program code among the first of them, 0 to 1."""


NOTHING = Found((), 0.0)


TELLING_NAME = 5.0
"""Weight of a name's words (inverse document frequencies) at which it counts half: one common word is no name."""


class Coverage:
    """Which share of a question's words a text has, 0 to 1, each word weighing its rarity."""

    def __init__(self, weights: Mapping[str, float], words: Callable[[str], Sequence[str]]) -> None:
        self._weights = weights
        self._words = words
        self._total = sum(weights.values())

    def words_in(self, text: str) -> frozenset[str]:
        """The question's words that stand in a text; of several texts together it is their union."""
        return frozenset(self._weights.keys() & set(self._words(text)))

    def share(self, words: Collection[str]) -> float:
        """What those of the question's words weigh, of all of them."""
        return sum(self._weights[word] for word in words) / self._total if self._total else 0.0

    def words(self, text: str) -> frozenset[str]:
        """The words of any text, as they are compared."""
        return frozenset(self._words(text))

    def of_name(self, name: Collection[str]) -> float:
        """How much of a name, given by its words, stands in the question: 0 to 1, more for names that tell more.

        What a word weighs that the question has not is not known; it counts as much as the question's do on average.
        """
        held = [self._weights[word] for word in name if word in self._weights]
        if not held:
            return 0.0
        told, usual = sum(held), self._total / len(self._weights)
        return told / (told + usual * (len(name) - len(held))) * told / (told + TELLING_NAME)


class TantivyIndex:
    """A TextIndex in a folder of its own. Searches and updates may happen at the same time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._turn = threading.Lock()
        self._analyser = _make_analyser()
        self._index: Any = None

    def __len__(self) -> int:
        return 0 if self._index is None else int(self._index.searcher().num_docs)

    def update(self, removed: Iterable[int], added: Iterable[Sequence[IndexedText]]) -> None:
        """Remove those ids (unknown ones are ignored), then add; an id that is there already is replaced."""
        with self._turn:
            if self._index is None:
                self._index = self._create()
            writer = self._index.writer(heap_size=WRITER_BYTES, num_threads=1)
            fresh = len(self) == 0
            for chunk_id in removed:
                writer.delete_documents_by_term("id", chunk_id)
            for batch in added:
                for chunk in batch:
                    if not fresh:
                        writer.delete_documents_by_term("id", chunk.id)
                    writer.add_document(_document(chunk))
            writer.commit()
            writer.wait_merging_threads()
            self._index.reload()

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
        query = self._query(searcher, question, scopes, among, name)
        if query is None:
            return NOTHING
        hits = searcher.search(query, limit, count=False).hits
        addresses = [address for _, address in hits]
        ids = searcher.fast_field_values("id", addresses)
        code = searcher.fast_field_values("code", addresses[:FIRST])
        found = [(int(chunk), float(score)) for chunk, (score, _) in zip(ids, hits, strict=True)]
        return Found(tuple(sorted(found, key=lambda hit: (-hit[1], hit[0]))), sum(code) / max(1, len(code)))

    def coverage(self, question: str) -> "Coverage":
        """What tells how much of the question's words a text has."""
        if self._index is None:
            return Coverage({}, self._words)
        searcher = self._index.searcher()
        return Coverage({word: _idf(searcher, word) for word in set(self._words(question))}, self._words)

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
            index.register_tokenizer("words", self._analyser)
            count = index.searcher().num_docs
        except (ValueError, OSError, RuntimeError):
            return 0
        if count != manifest.count:
            return 0
        with self._turn:
            self._index = index
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

    def _create(self) -> Any:
        import tantivy

        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True, mode=0o700)
        builder = tantivy.SchemaBuilder()
        builder.add_integer_field("id", indexed=True, fast=True)
        builder.add_text_field("scope", tokenizer_name="raw", index_option="basic")
        builder.add_text_field("text", tokenizer_name="words", index_option="freq")
        builder.add_text_field("names", tokenizer_name="raw", index_option="basic")
        builder.add_integer_field("code", fast=True)
        index = tantivy.Index(builder.build(), str(self.folder), reuse=False)
        index.register_tokenizer("words", self._analyser)
        return index

    def _words(self, text: str) -> list[str]:
        return list(self._analyser.analyze(text.encode("utf-8", "replace").decode()))

    def _query(
        self,
        searcher: Any,
        question: str,
        scopes: Collection[str] | None,
        among: Collection[int] | None,
        name: str | None,
    ) -> Any:
        from tantivy import Occur, Query

        schema = self._index.schema
        words = self._telling_words(searcher, question)
        narrowed = {"scope": None if scopes is None else sorted(scopes), "id": None if among is None else sorted(among)}
        if not words or [] in narrowed.values():
            return None
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
        counts = Counter(self._words(_with_joined_words(question)))
        if len(counts) <= MAX_QUESTION_WORDS:
            return list(counts)
        weight = {word: count * _idf(searcher, word) for word, count in counts.items()}
        return sorted(counts, key=lambda word: -weight[word])[:MAX_QUESTION_WORDS]


def _document(chunk: IndexedText) -> Any:
    import tantivy

    return tantivy.Document(
        id=chunk.id,
        scope=chunk.scope,
        text=_with_joined_words(chunk.text),
        names=sorted(names_in(chunk.text)),
        code=int(is_code(chunk.text)),
    )


def _with_joined_words(text: str) -> str:
    """A text and, once more, the words that its joined words are made of: readFile is found by file."""
    words = joined_words(text)
    return f"{text}\n{' '.join(words)}" if words else text


def _make_analyser() -> Any:
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    builder = TextAnalyzerBuilder(Tokenizer.simple())
    for step in (
        Filter.remove_long(LONGEST_WORD),
        Filter.lowercase(),
        Filter.ascii_fold(),
        Filter.stopword("english"),
        Filter.stemmer("english"),
    ):
        builder = builder.filter(step)
    return builder.build()


def _idf(searcher: Any, word: str) -> float:
    """Inverse document frequency as in BM25 (Robertson and Zaragoza 2009, with the 1 + of Lucene: never negative)."""
    documents, having = searcher.num_docs, searcher.doc_freq("text", word)
    return math.log(1 + (documents - having + 0.5) / (having + 0.5))


def _live_files(folder: Path) -> list[str]:
    """The files that the last commit is made of; others wait for tantivy to clean them away."""
    meta = json.loads((folder / _META_FILE).read_text(encoding="utf-8"))
    segments = {segment["segment_id"].replace("-", "") for segment in meta["segments"]}
    return [_META_FILE, *(path.name for path in folder.iterdir() if path.name.partition(".")[0] in segments)]


def _with_format(identity: dict[str, str]) -> dict[str, str]:
    return {**identity, "format": FORMAT}
