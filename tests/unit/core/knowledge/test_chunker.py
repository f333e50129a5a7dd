from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.core.knowledge.doubles import CountingEmbedder, raw
from workbench.core.evidence import PassageKind
from workbench.core.knowledge.chunker import CHUNK_CHARS, CHUNK_TOKENS, chunk_document
from workbench.core.knowledge.documents import Block, Chunk, LoadedDocument
from workbench.core.knowledge.embedder import OnnxEmbedder
from workbench.core.knowledge.loaders.markdown import load_markdown
from workbench.core.knowledge.loaders.plain import load_text
from workbench.core.knowledge.loaders.python_code import load_python
from workbench.places import Places

COUNTER = CountingEmbedder()
FILLER = "Filler sentence with words. "

texts = st.text(alphabet=st.sampled_from(list("abcXYZ019 .!?\n\t-é漢。")), min_size=1, max_size=1500)
long_words = st.text(alphabet="abcdef0123456789", min_size=300, max_size=5000)
paths = st.lists(st.sampled_from(["Alpha", "Beta", "Gamma"]), max_size=3).map(" > ".join)


@st.composite
def documents(draw: st.DrawFn) -> LoadedDocument:
    blocks, line, page = [], 1, 1
    paged = draw(st.booleans())
    for _ in range(draw(st.integers(1, 8))):
        text = draw(texts | long_words)
        page += draw(st.integers(0, 1))
        last = line + text.count("\n")
        blocks.append(
            Block(
                text=text,
                heading=draw(paths),
                is_heading=draw(st.booleans()),
                page=page if paged else None,
                line_start=line,
                line_end=last,
            )
        )
        line = last + draw(st.integers(1, 3))
    kind = draw(st.sampled_from([PassageKind.DOCUMENT, PassageKind.CODE]))
    title = draw(st.sampled_from(["", "Alpha", "A title that is rather long for a header " * 8]))
    return LoadedDocument(path="p", title=title, media_type="m", kind=kind, blocks=tuple(blocks))


def letters(*parts: str) -> str:
    return "".join("".join(parts).split())


def limit_of(chunks: list[Chunk]) -> int:
    return COUNTER.max_tokens if len(chunks) == 1 else CHUNK_TOKENS


@settings(max_examples=150, deadline=None)
@given(documents())
def test_chunks_hold_every_word_in_order_and_keep_their_limits(document: LoadedDocument) -> None:
    chunks = chunk_document(document, COUNTER)
    assert letters(*(chunk.text for chunk in chunks)) == letters(*(block.text for block in document.blocks))
    assert [chunk.ordinal for chunk in chunks] == list(range(len(chunks)))
    for chunk in chunks:
        assert chunk.tokens == COUNTER.count_tokens(chunk.embedded_text) <= limit_of(chunks)
        assert len(chunk.text) <= CHUNK_CHARS + 100


@settings(max_examples=150, deadline=None)
@given(documents())
def test_places_of_chunks_never_go_back(document: LoadedDocument) -> None:
    places = [chunk.location for chunk in chunk_document(document, COUNTER)]
    starts = [place.line_start or 0 for place in places]
    assert starts == sorted(starts)
    assert [place.page or 0 for place in places] == sorted(place.page or 0 for place in places)
    assert all((place.line_start or 0) <= (place.line_end or 0) for place in places)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(alphabet="ab. \t", max_size=300), max_size=40))
def test_the_lines_of_a_chunk_are_where_its_text_stands_in_the_file(lines: list[str]) -> None:
    text = "word\n" + "\n".join(lines)
    for chunk in chunk_document(load_text(raw(text)), COUNTER):
        start, end = chunk.location.line_start, chunk.location.line_end
        assert start is not None
        assert end is not None
        assert letters(chunk.text) in letters(*text.split("\n")[start - 1 : end])
        assert chunk.text.split("\n")[0] in text.split("\n")[start - 1]
        assert chunk.text.split("\n")[-1] in text.split("\n")[end - 1]


def test_a_document_that_fits_stays_whole() -> None:
    text = "# Title\n\nFirst paragraph.\n\n## Part\n\nSecond paragraph."
    (chunk,) = chunk_document(load_markdown(raw(text, "a.md")), COUNTER)
    assert chunk.text == text
    assert (chunk.location.line_start, chunk.location.line_end) == (1, 7)
    assert chunk.location.heading == "Title"


def test_pages_are_never_mixed_even_when_both_would_fit() -> None:
    blocks = (Block(text="one", page=1), Block(text="two", page=2), Block(text="more", page=2))
    chunks = chunk_document(LoadedDocument(path="p", title="t", media_type="m", blocks=blocks), COUNTER)
    assert [(chunk.text, chunk.location.page) for chunk in chunks] == [("one", 1), ("two\n\nmore", 2)]


@pytest.mark.parametrize("before", [9, 14])
def test_a_heading_goes_with_the_text_it_stands_over(before: int) -> None:
    """Whether the section before it left room for the heading (9) or is more than half a chunk itself (14)."""
    text = f"# Title\n\n{FILLER * before}\n\n## Mitigation\n\n{FILLER * 18}\n"
    chunks = chunk_document(load_markdown(raw(text, "a.md")), COUNTER)
    assert [chunk.text.split("\n")[0] for chunk in chunks] == ["# Title", "## Mitigation"]
    assert chunks[1].header == "Title"
    assert chunks[1].location.heading == "Title > Mitigation"


def test_the_parts_of_a_long_section_each_say_where_they_stand() -> None:
    text = "# Title\n\n## Part\n\n" + "\n\n".join("A paragraph of a good many words. " * 8 for _ in range(8))
    headers = [chunk.header for chunk in chunk_document(load_markdown(raw(text, "a.md")), COUNTER)]
    assert len(headers) > 2
    assert set(headers[1:]) == {"Title > Part"}


def test_code_is_cut_at_lines_and_functions_never_inside_a_line() -> None:
    functions = [
        f"def f{number}(x):\n" + "".join(f"    y{line} = g(x, 'a. b', {line})\n" for line in range(12))
        for number in range(6)
    ]
    code = "\n\n".join(functions)
    lines = set(code.split("\n"))
    for chunk in chunk_document(load_python(raw(code, "a.py")), COUNTER):
        assert chunk.kind is PassageKind.CODE
        assert set(chunk.text.split("\n")) <= lines


def test_identifiers_of_the_document_come_first_and_each_chunk_adds_its_own() -> None:
    document = LoadedDocument(
        path="p", title="t", media_type="m", blocks=(Block(text="about CVE-2021-44228"),), identifiers=("CWE-502",)
    )
    assert chunk_document(document, COUNTER)[0].identifiers == ("CWE-502", "CVE-2021-44228")


def test_a_document_without_words_has_no_chunks() -> None:
    document = LoadedDocument(path="p", title="t", media_type="m", blocks=(Block(text=" \n\t"),))
    assert chunk_document(document, COUNTER) == []


def test_a_title_longer_than_a_chunk_leaves_room_for_the_text() -> None:
    document = LoadedDocument(
        path="p", title="many words " * 500, media_type="m", blocks=(Block(text="A sentence here. " * 200),)
    )
    chunks = chunk_document(document, COUNTER)
    assert max(COUNTER.count_tokens(chunk.header) for chunk in chunks) <= COUNTER.max_tokens // 4 + 2
    assert letters(*(chunk.text for chunk in chunks)) == letters(document.text)


def test_the_work_grows_with_the_text_and_not_with_its_square() -> None:
    counted = []
    for size in (400, 1600):
        counter = CountingEmbedder()
        seen: list[int] = []
        plain = counter.count_tokens_of_each
        counter.count_tokens_of_each = lambda each, plain=plain, seen=seen: (  # type: ignore[method-assign]
            seen.append(sum(map(len, each))) or plain(each)
        )
        chunk_document(load_text(raw("One sentence of words. " * size)), counter)
        counted.append(sum(seen))
    assert counted[1] < counted[0] * 5


@pytest.mark.parametrize("text", ["plain English prose. " * 300, "x" * 9000, "漏洞利用代码。" * 800, "0x41," * 2500])
def test_the_real_tokenizer_agrees_with_the_limits(tmp_path: Path, text: str) -> None:
    embedder = OnnxEmbedder(Places.under(tmp_path))
    chunks = chunk_document(load_text(raw(text)), embedder)
    assert max(embedder.count_tokens_of_each([chunk.embedded_text for chunk in chunks])) <= CHUNK_TOKENS
    assert letters(*(chunk.text for chunk in chunks)) == letters(text)


def test_each_question_of_a_document_is_a_chunk_of_its_own_after_its_text() -> None:
    asked = Block(text="Why is it so?\nWhat follows?", heading="Questions", line_start=3, line_end=4, asks=True)
    heading = Block(text="## Questions", heading="Questions", line_start=2, line_end=2, is_heading=True, asks=True)
    blocks = (Block(text="The answer.", line_start=1, line_end=1), heading, asked)
    document = LoadedDocument(
        path="p", title="A title", media_type="m", kind=PassageKind.WEAKNESS, blocks=blocks, identifiers=("CWE-1",)
    )
    answer, *questions = chunk_document(document, COUNTER)
    assert (answer.text, answer.asks, answer.ordinal) == ("The answer.", False, 0)
    assert [(chunk.text, chunk.header, chunk.ordinal) for chunk in questions] == [
        ("Why is it so?", "", 1),
        ("What follows?", "", 2),
    ]
    assert all(chunk.asks and chunk.identifiers == ("CWE-1",) for chunk in questions)


def test_a_sought_line_longer_than_the_model_reads_is_cut_between_words() -> None:
    line = " ".join(f"word{number}" for number in range(3 * COUNTER.max_tokens))
    document = LoadedDocument(
        path="a", title="A", media_type="text/plain", blocks=(Block(text=f"short\n{line}", asks=True),)
    )
    short, *pieces = chunk_document(document, COUNTER)
    assert short.text == "short"
    assert all(piece.asks and piece.tokens <= COUNTER.max_tokens for piece in pieces)
    assert " ".join(piece.text for piece in pieces) == line
