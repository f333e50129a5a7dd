"""What a library is about: clusters of its chunks by meaning, each named by its most telling words.

Spherical k-means by FAISS (Dhillon and Modha 2001) over a sample, then every chunk goes to its nearest centre. A word
tells of a cluster by what it adds to the divergence of the cluster from the whole: the share of the cluster's chunks
that have it, times the logarithm of how much larger that share is than among all (Kullback and Leibler 1951, one term).
Words that stand everywhere tell nothing by that measure; the ordinary words of English that it lets through are left
out, as are headings, which entries of one form share.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from workbench.core.database import Database
from workbench.core.knowledge.topic_values import Outlier, Topic, Topics

if TYPE_CHECKING:
    import numpy as np

MOST_TOPICS = 40
"""More are no overview. Up to there the square root of half the chunks (Mardia, Kent and Bibby 1979)."""

FEWEST_CHUNKS = 20
"""A smaller library is overlooked as it is."""

SAMPLE = 40_000
"""Chunks that the centres are found with; FAISS itself takes at most 256 a centre, which is fewer."""

ROUNDS = 20
SEED = 20_261
"""The same library has the same topics each time."""

BATCH = 2_000
"""Vectors read at a time; a million of them never stand in memory together."""

READ_CHUNKS = 120
"""Chunks nearest to a centre whose words name the topic."""

TERMS = 6
EXAMPLES = 5
OUTLIERS = 20

WORD = re.compile(r"[^\W\d_][\w.+#-]*[\w+#]")
"""A word of two characters or more that begins with a letter: `log4j`, `C++`, `node.js`, `cross-site`."""

SHORTEST_WORD, LONGEST_WORD = 3, 40
"""Letters of a word that a topic is named by; `C#` and `R` say less than they cost."""

LIFT = 1.5
"""A word tells of a cluster when it is at least so many times as frequent there as in all."""


@dataclass
class _Cluster:
    """What is gathered about one centre while all chunks pass by."""

    size: int = 0
    documents: set[str] = field(default_factory=set)
    newest: str = ""
    nearest: list[tuple[float, int]] = field(default_factory=list)


def find_topics(database: Database, space: str, collections: Collection[str] = ()) -> Topics:
    """The topics of the chunks in those collections (all when there are none named), largest first. Blocking.

    Takes some seconds for 100,000 chunks. Questions that records answer are no part of it.
    """
    reader = _Reader(database, space, tuple(collections))
    count = reader.count()
    if count < FEWEST_CHUNKS:
        return Topics(chunks=count)
    centres = _centres(reader.sample(count), count)
    clusters, outliers = _gather(reader, centres)
    texts = [reader.texts([chunk for _, chunk in cluster.nearest]) for cluster in clusters]
    names = telling_words([list(by_chunk.values()) for by_chunk in texts])
    topics = [
        Topic(
            words=words,
            chunks=cluster.size,
            documents=len(cluster.documents),
            newest=cluster.newest,
            examples=reader.passages([chunk for _, chunk in cluster.nearest[:EXAMPLES]]),
        )
        for cluster, words in zip(clusters, names, strict=True)
        if cluster.size
    ]
    topics.sort(key=lambda topic: (-topic.chunks, topic.words))
    far = [
        Outlier(passage_id=passage, nearness=round(cosine, 4))
        for cosine, chunk in outliers
        for passage in reader.passages([chunk])
    ]
    return Topics(chunks=count, topics=tuple(topics), outliers=tuple(far))


def telling_words(clusters: Sequence[Sequence[str]], count: int = TERMS) -> list[tuple[str, ...]]:
    """For each cluster of texts the words that set it apart from all, most telling first."""
    having = [Counter(word for text in texts for word in words_of(text)) for texts in clusters]
    everywhere: Counter[str] = sum(having, Counter())
    total = sum(len(texts) for texts in clusters)
    named = []
    for words, texts in zip(having, clusters, strict=True):
        share = {word: number / len(texts) for word, number in words.items() if number > 1 or len(texts) == 1}
        lift = {word: share[word] * total / everywhere[word] for word in share}
        weight = {word: share[word] * math.log(lift[word]) for word in share if lift[word] >= LIFT}
        best = sorted(weight, key=lambda word: (-weight[word], word))
        named.append(tuple(islice((word for word in best if not is_ordinary(word)), count)))
    return named


def is_ordinary(word: str) -> bool:
    """Whether it is one of the words that English texts of all kinds are made of (the list of Snowball, by tantivy)."""
    return len(word) < SHORTEST_WORD or not _english().analyze(word)


@cache
def _english() -> Any:
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    return TextAnalyzerBuilder(Tokenizer.whitespace()).filter(Filter.stopword("english")).build()


def _without_headings(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith("#"))


def words_of(text: str) -> set[str]:
    """The words of a text, lower case, each once."""
    return {word.lower() for word in WORD.findall(text) if len(word) <= LONGEST_WORD}


def _centres(sample: "np.ndarray", chunks: int) -> "np.ndarray":
    import faiss

    number = min(MOST_TOPICS, round(math.sqrt(chunks / 2)))
    means = faiss.Kmeans(sample.shape[1], number, niter=ROUNDS, seed=SEED, spherical=True, min_points_per_centroid=1)
    means.train(sample)
    assert means.centroids is not None
    return means.centroids


def _gather(reader: "_Reader", centres: "np.ndarray") -> tuple[list[_Cluster], list[tuple[float, int]]]:
    """The clusters, and the chunks that are farthest from every centre."""
    clusters = [_Cluster() for _ in centres]
    farthest: list[tuple[float, int]] = []
    for rows, vectors in reader.batches():
        cosines = vectors @ centres.T
        owners = cosines.argmax(axis=1).tolist()
        best = cosines.max(axis=1).tolist()
        for (chunk, document, dated), owner, cosine in zip(rows, owners, best, strict=True):
            cluster = clusters[owner]
            cluster.size += 1
            cluster.documents.add(document)
            cluster.newest = max(cluster.newest, dated)
            cluster.nearest.append((cosine, chunk))
            farthest.append((cosine, chunk))
        for cluster in clusters:
            cluster.nearest = sorted(cluster.nearest, key=lambda hit: (-hit[0], hit[1]))[:READ_CHUNKS]
        farthest = sorted(farthest)[:OUTLIERS]
    return clusters, farthest


class _Reader:
    """Reads what topics are made of."""

    _CHOSEN = """
        FROM chunks JOIN vectors ON vectors.chunk_id = chunks.id AND vectors.space = :space
        JOIN documents ON documents.id = chunks.document_id
        WHERE NOT chunks.asks
        AND (:collections = '[]' OR chunks.collection IN (SELECT value FROM json_each(:collections)))
    """

    def __init__(self, database: Database, space: str, collections: tuple[str, ...]) -> None:
        self._database = database
        self._arguments = {"space": space, "collections": json.dumps(collections)}

    def count(self) -> int:
        return int(self._rows(f"SELECT count(*) {self._CHOSEN}")[0][0])

    def sample(self, count: int) -> "np.ndarray":
        """Every so-manieth vector, SAMPLE at most."""
        step = -(-count // SAMPLE)
        return _matrix(
            self._rows(f"SELECT vector {self._CHOSEN} AND chunks.id % :step = 0 ORDER BY chunks.id", step=step)
            or self._rows(f"SELECT vector {self._CHOSEN} ORDER BY chunks.id LIMIT :most", most=SAMPLE)
        )

    def batches(self) -> Iterator[tuple[list[tuple[int, str, str]], "np.ndarray"]]:
        query = f"""
            SELECT vector, chunks.id, chunks.document_id, documents.dated {self._CHOSEN}
            AND chunks.id > :after ORDER BY chunks.id LIMIT :most
        """
        after = 0
        while rows := self._rows(query, after=after, most=BATCH):
            yield [(row[1], row[2], row[3][:10]) for row in rows], _matrix(rows)
            after = rows[-1][1]

    def texts(self, chunks: Sequence[int]) -> dict[int, str]:
        query = "SELECT id, text FROM chunks WHERE id IN (SELECT value FROM json_each(:chunks))"
        return {chunk: _without_headings(text) for chunk, text in self._rows(query, chunks=json.dumps(list(chunks)))}

    def passages(self, chunks: Sequence[int]) -> tuple[str, ...]:
        """The ids of their passages, in that order."""
        query = "SELECT id, passage_id FROM chunks WHERE id IN (SELECT value FROM json_each(:chunks))"
        found = dict(self._rows(query, chunks=json.dumps(list(chunks))))
        return tuple(found[chunk] for chunk in chunks if chunk in found)

    def _rows(self, query: str, **arguments: object) -> list[Any]:
        with self._database.read() as connection:
            return connection.execute(query, {**self._arguments, **arguments}).fetchall()


def _matrix(rows: Sequence[Any]) -> "np.ndarray":
    import numpy as np

    return np.frombuffer(b"".join(row[0] for row in rows), dtype="<f4").reshape(len(rows), -1).astype(np.float32)
