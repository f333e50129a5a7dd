from hypothesis import given
from hypothesis import strategies as st

from workbench.core.evidence import Location, PassageKind
from workbench.core.knowledge.documents import Block
from workbench.core.knowledge.stored import DocumentView, document_id


def view(*blocks: Block) -> DocumentView:
    return DocumentView(
        id="1", collection="library", title="t", path="p", kind=PassageKind.DOCUMENT, media_type="", blocks=blocks
    )


def test_lines_of_a_file_stand_where_they_stood() -> None:
    shown = view(Block(text="first", line_start=2, line_end=2), Block(text="second\nthird", line_start=5, line_end=6))
    assert shown.text.split("\n") == ["", "first", "", "", "second", "third"]
    assert shown.lines_at(Location(line_start=5, line_end=6)) == (5, 6)
    assert shown.lines_at(Location(line_start=6)) == (6, 6)


def test_pages_are_found_where_there_are_no_lines() -> None:
    shown = view(Block(text="one\ntwo", page=1), Block(text="three", page=2), Block(text="four", page=2))
    assert shown.text == "one\ntwo\n\nthree\n\nfour"
    first, last = shown.lines_at(Location(page=2)) or (0, 0)
    assert shown.text.split("\n")[first - 1 : last] == ["three", "", "four"]
    assert shown.lines_at(Location(page=3)) is None


def test_rows_are_found_by_their_key() -> None:
    shown = view(Block(text="a,b", row_key="rows 1-10"), Block(text="c,d", row_key="rows 11-20"))
    first, last = shown.lines_at(Location(row_key="rows 11-20")) or (0, 0)
    assert shown.text.split("\n")[first - 1 : last] == ["c,d"]


def test_text_that_differs_from_the_file_is_laid_out_block_by_block() -> None:
    shown = view(Block(text="reflowed text", line_start=1, line_end=4), Block(text="more", line_start=6, line_end=6))
    assert not shown.has_file_lines
    first, last = shown.lines_at(Location(line_start=2, line_end=3)) or (0, 0)
    assert shown.text.split("\n")[first - 1 : last] == ["reflowed text"]


def test_blocks_that_overlap_are_all_shown() -> None:
    shown = view(Block(text="a\nb", line_start=1, line_end=2), Block(text="b\nc", line_start=2, line_end=3))
    assert shown.text == "a\nb\n\nb\nc"


@given(st.lists(st.text(alphabet="ab ", min_size=1, max_size=5), min_size=1, max_size=8), st.integers(0, 7))
def test_every_block_is_found_at_its_own_place(texts: list[str], place: int) -> None:
    blocks = tuple(Block(text=text, row_key=f"row {number}") for number, text in enumerate(texts))
    block = blocks[place % len(blocks)]
    shown = view(*blocks)
    found = shown.lines_at(Location(row_key=block.row_key))
    assert found is not None
    assert "\n".join(shown.text.split("\n")[found[0] - 1 : found[1]]) == block.text


def test_an_id_depends_on_collection_and_path_alone() -> None:
    assert document_id("library", "a") == document_id("library", "a")
    assert len({document_id("library", "a"), document_id("starter", "a"), document_id("library", "b")}) == 3
