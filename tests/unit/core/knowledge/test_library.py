import sqlite3
from pathlib import Path

import numpy as np
import pytest

from tests.shelves import chunks_of, document, put
from tests.word_embedder import WordEmbedder
from workbench.core.database import Database
from workbench.core.evidence import PassageKind, Severity
from workbench.core.knowledge.documents import Block, LoadedDocument
from workbench.core.knowledge.embedder import space_of
from workbench.core.knowledge.library import Library, Part
from workbench.core.knowledge.records import Record, Relation, RelationKind
from workbench.core.knowledge.stored import OWN, STARTER, DocumentState, document_id
from workbench.core.migrations import MIGRATIONS


def texts_of(library: Library) -> list[str]:
    with library.snapshot() as snapshot:
        return [chunk.text for batch in snapshot.texts_after(0) for chunk in batch]


def vectors_of(library: Library) -> np.ndarray:
    with library.snapshot() as snapshot:
        return np.concatenate([batch.vectors for batch in snapshot.vectors_after(0)])


def test_a_document_is_found_again_with_chunks_vectors_and_place(library: Library, embedder: WordEmbedder) -> None:
    identity = put(library, embedder, document("notes/a.md", "First things.", "Second things.", title="Notes"))
    (info,) = library.documents()
    assert (info.id, info.path, info.title, info.chunks) == (identity, "notes/a.md", "Notes", 2)
    assert info.state is DocumentState.INGESTED
    assert info.source == "my library"
    assert texts_of(library) == ["Notes\nFirst things.", "Notes\nSecond things."]
    assert np.allclose(vectors_of(library), embedder.embed(["Notes First things.", "Notes Second things."]))


def test_a_passage_keeps_its_id_over_a_second_ingestion(library: Library, embedder: WordEmbedder) -> None:
    def ids() -> list[str]:
        with library.snapshot() as snapshot:
            chunk_ids = [chunk.id for batch in snapshot.texts_after(0) for chunk in batch]
        return [passage.id for passage in library.passages(chunk_ids).values()]

    loaded = document("a.txt", "Stays the same.", "Changes soon.")
    put(library, embedder, loaded)
    before = ids()
    put(library, embedder, document("a.txt", "Stays the same.", "Has changed."))
    after = ids()
    assert before[0] == after[0]
    assert before[1] != after[1]
    passage = library.passage(after[1])
    assert passage is not None
    assert passage.text == "Has changed."
    assert passage.location.line_start == 2
    assert library.passage(before[1]) is None


def test_replacing_a_document_touches_no_other(library: Library, embedder: WordEmbedder) -> None:
    put(library, embedder, document("a.txt", "Alpha."))
    put(library, embedder, document("b.txt", "Beta."))
    put(library, embedder, document("a.txt", "Alpha, second edition.", "With more."))
    assert texts_of(library) == ["Beta.", "Alpha, second edition.", "With more."]
    assert [info.chunks for info in library.documents()] == [2, 1]


def test_a_failing_replacement_leaves_the_old_version_searchable(
    library: Library, embedder: WordEmbedder, database: Database
) -> None:
    put(library, embedder, document("a.txt", "Alpha."))
    loaded = document("a.txt", "New one.", "New two.")
    twice = [chunks_of(loaded)[0]] * 2
    with pytest.raises(sqlite3.IntegrityError):
        library.replace(loaded, "new", twice, embedder.embed(["New one.", "New one."]))
    assert texts_of(library) == ["Alpha."]
    assert library.is_unchanged("a.txt", "hash")


def test_chunks_and_vectors_must_belong_together(library: Library, embedder: WordEmbedder) -> None:
    loaded = document("a.txt", "One.", "Two.")
    for vectors in (embedder.embed(["One."]), np.full((2, 64), np.nan)):
        with pytest.raises(ValueError, match="2 chunks need as many finite vectors"):
            library.replace(loaded, "hash", chunks_of(loaded), vectors)
    assert library.documents() == []


def test_replace_says_whether_the_document_was_there(library: Library, embedder: WordEmbedder) -> None:
    loaded = document("a.txt", "One.")
    arguments = ("hash", chunks_of(loaded), embedder.embed(["One."]))
    assert [library.replace(loaded, *arguments) for _ in range(2)] == [False, True]


def test_unchanged_means_same_hash_and_a_vector_for_each_chunk(
    library: Library, embedder: WordEmbedder, database: Database
) -> None:
    put(library, embedder, document("a.txt", "Alpha."), content_hash="one")
    assert library.is_unchanged("a.txt", "one")
    assert not library.is_unchanged("a.txt", "two")
    assert not library.is_unchanged("b.txt", "one")
    assert not library.is_unchanged("a.txt", "one", STARTER)
    assert not Library(database, "another/space").is_unchanged("a.txt", "one")


def test_a_failure_is_listed_with_its_reason_and_keeps_the_version_before(
    library: Library, embedder: WordEmbedder
) -> None:
    put(library, embedder, document("a.txt", "Alpha."))
    library.record_failure("a.txt", "a.txt is encrypted; take the password off")
    library.record_failure("folder/b.pdf", "b.pdf is broken")
    first, second = library.documents()
    assert (first.state, first.reason, first.chunks) == (
        DocumentState.FAILED,
        "a.txt is encrypted; take the password off",
        1,
    )
    assert (second.state, second.title, second.chunks) == (DocumentState.FAILED, "b.pdf", 0)
    assert texts_of(library) == ["Alpha."]
    assert not library.is_unchanged("a.txt", "hash")
    put(library, embedder, document("a.txt", "Alpha."))
    assert library.documents()[0].state is DocumentState.INGESTED
    assert library.documents()[0].reason == ""


def test_a_removed_document_leaves_nothing_behind(library: Library, embedder: WordEmbedder, database: Database) -> None:
    weakness = document("CWE-79.md", "Scripts.", kind=PassageKind.WEAKNESS, identifiers=("CWE-79",))
    identity = put(library, embedder, weakness)
    assert library.remove(identity)
    assert not library.remove(identity)
    with database.read() as connection:
        for table in ("documents", "chunks", "vectors", "records"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


def test_chunk_ids_are_never_used_again(library: Library, embedder: WordEmbedder) -> None:
    identity = put(library, embedder, document("a.txt", "Alpha."))
    with library.snapshot() as snapshot:
        (before,) = next(snapshot.texts_after(0))
    library.remove(identity)
    put(library, embedder, document("b.txt", "Beta."))
    with library.snapshot() as snapshot:
        (after,) = next(snapshot.texts_after(0))
        assert snapshot.removed_after(0) == [before.id]
    assert after.id > before.id


def test_a_snapshot_holds_while_the_library_changes(library: Library, embedder: WordEmbedder) -> None:
    put(library, embedder, document("a.txt", "Alpha."))
    with library.snapshot() as snapshot:
        put(library, embedder, document("b.txt", "Beta."))
        assert (snapshot.chunks(), snapshot.vectors()) == (1, 1)
        assert [chunk.text for batch in snapshot.texts_after(0) for chunk in batch] == ["Alpha."]
    assert library.epoch() == snapshot.epoch + 1


def test_a_record_is_found_by_its_identifier_the_users_own_first(library: Library, embedder: WordEmbedder) -> None:
    starter = document("CWE-79.md", "Ours.", kind=PassageKind.WEAKNESS, title="XSS", identifiers=("CWE-79",))
    own = document("own.md", "Yours.", kind=PassageKind.WEAKNESS, title="My XSS", identifiers=("CWE-79",))
    put(library, embedder, starter, collection=STARTER)
    record = library.record("CWE-79")
    assert record is not None
    assert (record.title, record.kind) == ("XSS", PassageKind.WEAKNESS)
    put(library, embedder, own)
    record = library.record("CWE-79")
    assert record is not None
    assert record.title == "My XSS"
    assert library.record("CWE-80") is None
    assert [scope for _, _, scope in library.chunks_of_records(["CWE-79"])] in (
        ["starter/weakness", "library/weakness"],
        ["library/weakness", "starter/weakness"],
    )


def test_a_document_that_only_names_an_identifier_is_no_record(library: Library, embedder: WordEmbedder) -> None:
    put(library, embedder, document("report.txt", "About CWE-79.", identifiers=("CWE-79",)))
    assert library.record("CWE-79") is None


def test_records_given_with_a_document_keep_their_data(library: Library, embedder: WordEmbedder) -> None:
    loaded = document("feed.json", "Two entries.")
    records = [
        Record(id="CVE-2021-44228", kind=PassageKind.VULNERABILITY, title="Log4Shell", data={"cvss": 10.0}),
        Record(id="CVE-2014-0160", kind=PassageKind.VULNERABILITY, title="Heartbleed", data={"since": "1.0.1"}),
    ]
    loaded = loaded.model_copy(update={"records": tuple(records)})
    library.replace(loaded, "hash", chunks_of(loaded), embedder.embed(["Two entries."]))
    record = library.record("CVE-2021-44228")
    assert record is not None
    assert record.data == {"cvss": 10.0}
    assert record.document_id == document_id(OWN, "feed.json")


def test_relations_are_found_from_both_ends_and_go_with_their_document(
    library: Library, embedder: WordEmbedder
) -> None:
    bears = Relation(source="CVE-2021-44228", kind=RelationKind.WEAKNESS, target="CWE-502")
    record = Record(id="CVE-2021-44228", kind=PassageKind.VULNERABILITY, title="Log4Shell", severity=Severity.HIGH)
    loaded = document("feed.json", "Log4Shell.").model_copy(
        update={"records": (record,), "relations": (bears, bears), "dated": "2021-12-10"}
    )
    put(library, embedder, loaded)
    assert library.relations("CVE-2021-44228") == library.relations("CWE-502") == [bears]
    found = library.record("CVE-2021-44228")
    assert found is not None
    assert found.severity is Severity.HIGH
    (info,) = library.documents()
    assert info.dated == "2021-12-10"
    library.remove(info.id)
    assert library.relations("CWE-502") == []


def test_a_passage_is_shown_with_those_around_it(library: Library, embedder: WordEmbedder) -> None:
    put(library, embedder, document("other.txt", "elsewhere"))
    put(library, embedder, document("a.txt", *(f"part {number}" for number in range(5))))
    ids = {passage.text: passage.id for passage in library.passages(range(1, 9)).values()}
    texts = [passage.text for passage in library.neighbours(ids["part 1"], 2, 1)]
    assert texts == ["part 0", "part 1", "part 2"]
    assert [passage.text for passage in library.neighbours(ids["elsewhere"], 1, 1)] == ["elsewhere"]
    assert library.neighbours("unknown", 1, 1) == []


def test_odd_characters_are_kept_readable(library: Library, embedder: WordEmbedder) -> None:
    put(library, embedder, document("odd\udcff.txt", "half a \ud83d pair and a \0 zero"))
    (info,) = library.documents()
    assert info.path == "odd\\udcff.txt"
    assert texts_of(library) == ["half a \\ud83d pair and a \0 zero"]
    assert library.is_unchanged("odd\udcff.txt", "hash")


def test_a_document_can_be_read_as_it_was_taken_in(library: Library, embedder: WordEmbedder) -> None:
    loaded = LoadedDocument(
        path="app.py",
        title="app.py",
        media_type="text/x-python",
        kind=PassageKind.CODE,
        blocks=(
            Block(text="import os", line_start=1, line_end=1),
            Block(text="def run():\n    pass", line_start=4, line_end=5),
        ),
    )
    identity = put(library, embedder, loaded)
    view = library.document(identity)
    assert view is not None
    assert view.blocks == loaded.blocks
    assert view.text == "import os\n\n\ndef run():\n    pass"
    assert library.document("unknown") is None


def test_a_record_is_one_text_for_the_word_index_and_other_documents_one_a_chunk(
    library: Library, embedder: WordEmbedder
) -> None:
    weakness = document(
        "CWE-79.md", "What it is.", "How to fix it.", kind=PassageKind.WEAKNESS, title="XSS",
        identifiers=("CWE-79",), questions=("Why does it run?",),
    )  # fmt: skip
    put(library, embedder, document("a.txt", "Alpha.", "Beta."))
    put(library, embedder, weakness)
    put(library, embedder, document("b.txt", "Gamma."))
    with library.snapshot() as snapshot:
        texts = [text for batch in snapshot.texts_after(0) for text in batch]
        assert snapshot.texts() == len(texts) == 4
        assert snapshot.chunks() == snapshot.vectors() == 6
        assert [text.text for text in texts] == [
            "Alpha.",
            "Beta.",
            "XSS\nWhat it is.\nXSS\nHow to fix it.\nWhy does it run?",
            "Gamma.",
        ]
        vectors = [chunk for batch in snapshot.vectors_after(0) for chunk in batch.ids.tolist()]
    units = library.units(vectors)
    assert [units[chunk] for chunk in vectors] == [texts[0].id, texts[1].id, *[texts[2].id] * 3, texts[3].id]
    assert library.parts(set(units.values())) == {
        texts[2].id: [Part(vectors[2], asks=False), Part(vectors[3], asks=False), Part(vectors[4], asks=True)]
    }


def test_a_record_is_whole_though_it_is_cut_by_the_batches_in_which_it_is_read(
    library: Library, embedder: WordEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.core.knowledge.library_snapshot.BATCH", 2)
    for number in range(3):
        record = document(
            f"CWE-{number}.md", "One.", "Two.", "Three.", kind=PassageKind.WEAKNESS, identifiers=(f"CWE-{number}",)
        )
        put(library, embedder, record)
    with library.snapshot() as snapshot:
        texts = [text.text for batch in snapshot.texts_after(0) for text in batch]
    assert texts == ["One.\nTwo.\nThree."] * 3


def test_a_library_from_before_there_were_questions_goes_on(tmp_path: Path, embedder: WordEmbedder) -> None:
    path = tmp_path / "old.db"
    with Database(path, MIGRATIONS[:4]) as database, database.write() as connection:
        connection.execute(
            "INSERT INTO documents VALUES ('d', 'library', 'a', 'A', 'weakness', '', '', 0, '', '', '', 1, '[]')"
        )
        for number, text in enumerate(("One.", "Two.")):
            connection.execute(
                "INSERT INTO chunks (document_id, passage_id, collection, kind, ordinal, text, header, location, "
                "identifiers, content_hash, epoch) "
                "VALUES ('d', ?1, 'library', 'weakness', ?1, ?2, '', '{}', '[]', '', 1)",
                (number, text),
            )
    with Database(path) as database:
        library = Library(database, space_of(embedder))
        assert [passage.text for passage in library.passages([1, 2]).values()] == ["One.", "Two."]
        assert library.parts([1]) == {1: [Part(1, asks=False), Part(2, asks=False)]}
        with library.snapshot() as snapshot:
            assert [text.text for batch in snapshot.texts_after(0) for text in batch] == ["One.\nTwo."]
