"""What a search is narrowed by, through the library's own source."""

from datetime import date
from pathlib import Path

import pytest

from tests.shelves import document, put
from tests.word_embedder import WordEmbedder
from workbench.core.database import Database
from workbench.core.evidence import PassageKind, Severity
from workbench.core.filters import SearchFilter
from workbench.core.knowledge.embedder import space_of
from workbench.core.knowledge.indexes import LibraryIndexes
from workbench.core.knowledge.library import Library
from workbench.core.knowledge.records import Record, Relation, RelationKind
from workbench.core.stores.library_source import LibrarySource, library_sources
from workbench.core.values import Value


class Told(Value):
    """A document with what a search may be narrowed by."""

    name: str
    dated: str = ""
    severity: Severity | None = None
    weakness: str = ""
    text: str = "injection"
    collection: str = "library"


TOLD = (
    Told(name="CVE-2020-0001", dated="2020-03-01", severity=Severity.HIGH, weakness="CWE-89"),
    Told(name="CVE-2024-0001", dated="2024-06-01T10:00:00Z", severity=Severity.LOW, weakness="CWE-79"),
    Told(name="CWE-89", collection="cwe"),
    Told(name="note.txt", dated="2024-06-02", text="An injection of the kind CWE-89"),
    Told(name="old.txt", text="injection without a date"),
)


@pytest.fixture
def source(database: Database, tmp_path: Path) -> LibrarySource:
    embedder = WordEmbedder()
    library = Library(database, space_of(embedder))
    for told in TOLD:
        is_record = not told.name.endswith(".txt")
        kind = PassageKind.WEAKNESS if told.name.startswith("CWE") else PassageKind.VULNERABILITY
        loaded = document(
            told.name,
            f"{told.text} {told.name}",
            f"More of injection {told.name}",
            title=told.name,
            kind=kind if is_record else PassageKind.DOCUMENT,
            identifiers=(told.name,) if is_record else (),
        )
        record = Record(id=told.name, kind=kind, title=told.name, severity=told.severity)
        relation = Relation(source=told.name, kind=RelationKind.WEAKNESS, target=told.weakness)
        given = {
            "dated": told.dated,
            "records": (record,) if is_record else (),
            "relations": (relation,) if told.weakness else (),
        }
        put(library, embedder, loaded.model_copy(update=given), collection=told.collection)
    indexes = LibraryIndexes(library, tmp_path / "indexes", embedder.dimension)
    return library_sources(library, indexes, embedder)[1]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (SearchFilter(), {told.name for told in TOLD}),
        (SearchFilter(since=date(2024, 6, 1)), {"CVE-2024-0001", "note.txt"}),
        (SearchFilter(until=date(2024, 6, 1)), {"CVE-2020-0001", "CVE-2024-0001"}),
        (SearchFilter(since=date(2021, 1, 1), until=date(2024, 6, 1)), {"CVE-2024-0001"}),
        (SearchFilter(severities=(Severity.HIGH, Severity.MEDIUM)), {"CVE-2020-0001"}),
        (SearchFilter(weaknesses=("CWE-89",)), {"CVE-2020-0001", "CWE-89", "note.txt"}),
        (
            SearchFilter(weaknesses=("CWE-89", "CWE-79"), kinds=(PassageKind.VULNERABILITY,)),
            {"CVE-2020-0001", "CVE-2024-0001"},
        ),
        (SearchFilter(collections=("cwe",)), {"CWE-89"}),
        (SearchFilter(collections=("cwe",), since=date(2000, 1, 1)), set()),
    ],
)
async def test_only_what_passes_every_condition_is_found(
    source: LibrarySource, filters: SearchFilter, expected: set[str]
) -> None:
    assert {passage.title for passage in await source.search("injection", filters=filters, limit=20)} == expected


async def test_a_record_that_is_named_but_does_not_pass_is_not_put_first(source: LibrarySource) -> None:
    found = await source.search("CVE-2020-0001", filters=SearchFilter(severities=(Severity.LOW,)))
    assert {passage.title for passage in found} == {"CVE-2024-0001"}
