import numpy as np
import pytest

from workbench.core.evidence import Location, PassageKind
from workbench.core.knowledge.documents import Block, Chunk, LoadedDocument
from workbench.core.knowledge.library import Library
from workbench.core.knowledge.records import NAMES_HEADING
from workbench.core.stores.record_names import RecordNames
from workbench.core.stores.words import Coverage


def words(text: str) -> frozenset[str]:
    return frozenset(text.lower().split())


def coverage(**weights: float) -> Coverage:
    return Coverage(weights, lambda text: text.lower().split())


def take_in(library: Library, path: str, *names: str) -> int:
    """A record with those names; returns its unit."""
    lines = [(name, NAMES_HEADING) for name in names] + [("an example", "Examples")]
    chunks = [Chunk(ordinal=0, text="described", kind=PassageKind.WEAKNESS)] + [
        Chunk(ordinal=n, text=text, kind=PassageKind.WEAKNESS, asks=True, location=Location(heading=heading))
        for n, (text, heading) in enumerate(lines, 1)
    ]
    document = LoadedDocument(
        path=path, title=path, media_type="text/plain", kind=PassageKind.WEAKNESS, blocks=(Block(text="x"),),
        identifiers=(path,),
    )  # fmt: skip
    library.replace(document, "1", chunks, np.eye(len(chunks), 4, dtype=np.float32))
    return min(library.units([chunk for _, chunk, _ in library.chunks_of_records([path])]).values())


def test_a_record_goes_by_its_names_and_not_by_its_other_lines(library: Library) -> None:
    one, other = take_in(library, "CWE-1", "Use After Free", "UAF"), take_in(library, "CWE-2")
    assert library.names([one, other]) == {one: ["Use After Free", "UAF"]}
    names = RecordNames(library)
    expected = {one: (frozenset({"use", "after", "free"}), frozenset({"uaf"}))}
    assert names.of([one, other, 999], words) == expected
    assert names.of([one, other, 999], words) == expected


def test_names_are_read_once(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    unit = take_in(library, "CWE-1", "Use After Free")
    names = RecordNames(library)
    names.of([unit, 999], words)
    monkeypatch.setattr(library, "names", None)
    assert list(names.of([unit, 999], words)) == [unit]


def test_a_whole_name_says_more_than_half_of_one_and_a_telling_one_more_than_a_common_one() -> None:
    asked = coverage(kerberoasting=6.0, tickets=4.0, the=0.5)
    whole, half = asked.of_name(words("tickets")), asked.of_name(words("tickets theft"))
    assert 0 < half < whole < 1
    assert asked.of_name(words("kerberoasting")) > whole > asked.of_name(words("the"))
    assert asked.of_name(words("pie")) == 0
    assert coverage().of_name(words("pie")) == 0
