from hypothesis import given
from hypothesis import strategies as st

from workbench.core.knowledge.documents import (
    MAX_IDENTIFIERS,
    Block,
    Chunk,
    LoadedDocument,
    find_asked_identifiers,
    find_identifiers,
)


def test_identifiers_of_every_kind_are_found_in_canonical_spelling_and_order() -> None:
    text = "See cve-2021-44228 (cwe-502), T1059.001 and T1190; CAPEC-66, ghsa-JFH8-c2jp-5v3q. Again CVE-2021-44228."
    assert find_identifiers(text) == (
        "CVE-2021-44228",
        "CWE-502",
        "T1059.001",
        "T1190",
        "CAPEC-66",
        "GHSA-jfh8-c2jp-5v3q",
    )


def test_entries_of_attack_are_identifiers_only_of_what_the_library_is_asked() -> None:
    text = "Does G0016 (C0024) use S0154. And M1036, TA0006? Not s0154, G00160 or S1000.5; CWE-79 yes"
    assert find_identifiers(text) == ("CWE-79",)
    assert find_asked_identifiers(text) == ("CWE-79", "G0016", "C0024", "S0154", "M1036", "TA0006")


def test_what_only_looks_like_an_identifier_is_left_alone() -> None:
    assert find_identifiers("XT1059 T10591 CVE-21-1 CWE-79-1 MY-CWE-79x T105 GHSA-aaaa-bbbb ACVE-2021-44228") == ()


def test_a_catalogue_keeps_a_bounded_number_of_identifiers() -> None:
    assert len(find_identifiers(" ".join(f"CWE-{number}" for number in range(1000)))) == MAX_IDENTIFIERS


@given(st.text())
def test_every_identifier_found_is_found_again_in_itself(text: str) -> None:
    for identifier in find_identifiers(text):
        assert find_identifiers(identifier) == (identifier,)


def _document(path: str, *texts: str) -> LoadedDocument:
    return LoadedDocument(
        path=path, title="t", media_type="text/plain", blocks=tuple(Block(text=text) for text in texts)
    )


def test_the_content_hash_knows_the_text_and_not_the_path() -> None:
    assert _document("a", "one", "two").content_hash == _document("b", "one", "two").content_hash
    assert _document("a", "one", "two").content_hash != _document("a", "one two").content_hash


def test_the_header_is_embedded_but_is_no_part_of_the_text() -> None:
    chunk = Chunk(ordinal=0, text="body", header="Title > Part")
    assert chunk.embedded_text == "Title > Part\nbody"
    assert Chunk(ordinal=0, text="body").embedded_text == "body"
