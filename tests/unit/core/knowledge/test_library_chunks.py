import pytest

from tests.word_embedder import WordEmbedder
from workbench.core.database import Database
from workbench.core.evidence import PassageKind
from workbench.core.knowledge.chunker import chunk_document
from workbench.core.knowledge.documents import Block, LoadedDocument
from workbench.core.knowledge.embedding_batch import Embedded
from workbench.core.knowledge.library import Library


def document(*texts: str, kind: PassageKind = PassageKind.DOCUMENT) -> LoadedDocument:
    """Blocks that each fill a chunk of their own."""
    blocks = tuple(
        Block(text=f"{text} " * 150, heading=text, line_start=n, line_end=n) for n, text in enumerate(texts, 1)
    )
    return LoadedDocument(path="big.md", title="Big", media_type="text/markdown", blocks=blocks, kind=kind)


def put(library: Library, embedder: WordEmbedder, loaded: LoadedDocument) -> None:
    chunks = chunk_document(loaded, embedder)
    library.replace(loaded, str(loaded.content_hash), chunks, embedder.embed([chunk.embedded_text for chunk in chunks]))


def rows(database: Database) -> dict[str, tuple[int, int, str]]:
    with database.read() as connection:
        found = connection.execute("SELECT passage_id, id, epoch, location FROM chunks ORDER BY ordinal").fetchall()
    return {passage: tuple(rest) for passage, *rest in found}


def test_chunks_that_are_the_same_keep_their_rows_and_the_indexes_hear_of_the_others_only(
    library: Library, embedder: WordEmbedder, database: Database
) -> None:
    put(library, embedder, document("one", "two", "three"))
    before, epoch = rows(database), library.epoch()
    put(library, embedder, document("one", "zwei", "three"))
    after = rows(database)
    stayed = before.keys() & after.keys()
    assert stayed
    assert {after[passage][:2] for passage in stayed} == {before[passage][:2] for passage in stayed}
    gone = {chunk_id for passage, (chunk_id, *_) in before.items() if passage not in stayed}
    with library.snapshot() as snapshot:
        assert set(snapshot.removed_after(epoch)) == gone
        told = [text.id for batch in snapshot.texts_after(epoch) for text in batch]
    assert set(told) == {chunk_id for passage, (chunk_id, *_) in after.items() if passage not in stayed}


def test_a_passage_that_moved_to_another_line_has_its_new_place(
    library: Library, embedder: WordEmbedder, database: Database
) -> None:
    first = document("one", "two")
    put(library, embedder, first)
    ids = rows(database)
    moved = first.model_copy(
        update={"blocks": tuple(b.model_copy(update={"line_start": 70, "line_end": 70}) for b in first.blocks)}
    )
    put(library, embedder, moved)
    after = rows(database)
    assert after.keys() == ids.keys()
    assert all('"line_start": 70' in location for *_, location in after.values())


def test_a_record_whose_text_changes_is_given_to_the_indexes_as_a_whole(
    library: Library, embedder: WordEmbedder
) -> None:
    put(library, embedder, document("one", "two", "three", kind=PassageKind.WEAKNESS))
    epoch = library.epoch()
    put(library, embedder, document("one", "zwei", "three", kind=PassageKind.WEAKNESS))
    with library.snapshot() as snapshot:
        (text,) = [text.text for batch in snapshot.texts_after(epoch) for text in batch]
    assert all(word in text for word in ("one", "zwei", "three"))


def test_vectors_of_the_present_version_are_known_by_what_was_embedded(
    library: Library, embedder: WordEmbedder
) -> None:
    loaded = document("one", "two")
    put(library, embedder, loaded)
    known = library.known_vectors("big.md")
    chunks = chunk_document(loaded, embedder)
    assert {(chunk.embedded_text, chunk.asks) for chunk in chunks} == set(known)
    for chunk in chunks:
        assert known[Embedded(chunk.embedded_text, chunk.asks)].tolist() == pytest.approx(
            embedder.embed([chunk.embedded_text])[0].tolist()
        )
    assert library.known_vectors("other.md") == {}
