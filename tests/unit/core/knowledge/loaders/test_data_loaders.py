"""CSV and JSON."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.core.knowledge.doubles import raw
from workbench.core.knowledge.documents import Block, LoadError
from workbench.core.knowledge.loaders.json_data import ELEMENT_CHARS, load_json, load_json_lines
from workbench.core.knowledge.loaders.raw import RawFile
from workbench.core.knowledge.loaders.tables import GROUP_CHARS, load_table


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_every_cell_of_a_table_says_which_column_it_is(delimiter: str) -> None:
    rows = [["asset", "owner"], ["db 1", "Ann"], ["", ""], ["web 2", ""]]
    document = load_table(raw("\n".join(delimiter.join(row) for row in rows), "a.csv"))
    (block,) = document.blocks
    assert block.text == "asset: db 1; owner: Ann\nasset: web 2"
    assert (block.row_key, block.line_start, block.line_end) == ("rows 1-2", 2, 4)


def test_a_quoted_cell_may_span_lines_and_the_next_row_still_has_its_own() -> None:
    filler = "x" * GROUP_CHARS
    document = load_table(raw(f'name,note\na,"one\ntwo {filler}"\nb,three\n', "a.csv"))
    assert [(block.row_key, block.line_start, block.line_end) for block in document.blocks] == [
        ("row 1", 2, 3),
        ("row 2", 4, 4),
    ]


def test_a_table_of_nothing_but_a_header_still_has_its_names() -> None:
    assert load_table(raw("asset,owner\n", "a.csv")).blocks[0].text == "asset | owner"


def test_tabs_by_name_of_the_file() -> None:
    file = RawFile(path=raw("").path, data=b"a, b\tc\n1\t2\n", media_type="text/tab-separated-values")
    assert load_table(file).blocks[0].text == "a, b: 1; c: 2"


def test_a_cell_that_never_ends_is_said_to_be_broken() -> None:
    with pytest.raises(LoadError, match="is broken"):
        load_table(raw('a,b\n1,"' + "x" * 1_100_000, "a.csv"))


def test_json_elements_stand_as_they_are_in_the_file_with_path_and_lines() -> None:
    value = {"type": "bundle", "objects": [{"id": number, "name": "n" * 500} for number in range(3)]}
    text = json.dumps(value, indent=1)
    document = load_json(raw(text, "a.json"))
    assert [block.row_key for block in document.blocks] == ["type", "objects[0]", "objects[1]", "objects[2]"]
    lines = text.split("\n")
    for block in document.blocks:
        assert block.line_start is not None
        assert block.text in "\n".join(lines[block.line_start - 1 : block.line_end])


def test_small_neighbours_share_a_block() -> None:
    value = [{"id": number, "pad": "p" * 100} for number in range(40)]
    blocks = load_json(raw(json.dumps(value))).blocks
    assert blocks[0].row_key == "[0] to [5]"
    assert max(len(block.text) for block in blocks) <= ELEMENT_CHARS


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=300),
    lambda inner: st.lists(inner, max_size=8) | st.dictionaries(st.text(max_size=20), inner, max_size=8),
    max_leaves=40,
)


@given(json_values, st.sampled_from([None, 1]))
def test_every_scalar_of_a_json_value_is_in_a_block(value: object, indent: int | None) -> None:
    document = load_json(raw(json.dumps({"v": value}, indent=indent), "a.json"))
    text = "\n".join(block.text for block in document.blocks)
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(item)
        elif isinstance(item, str):
            assert all(word in text for word in item.split() if word.isascii() and word.isalnum())
        else:
            assert json.dumps(item) in text
    starts = [block.line_start or 0 for block in document.blocks]
    assert starts == sorted(starts)


def test_escaped_letters_are_written_out_so_that_they_can_be_found() -> None:
    text = json.dumps({"name": "Łódź 漏洞 😀", "path": "C:\\users", "control": "\u0001"})
    block = load_json(raw(text)).blocks[0]
    assert "Łódź 漏洞 😀" in block.text
    assert "C:\\\\users" in block.text
    assert "\\u0001" in block.text


def test_half_a_surrogate_pair_does_no_harm() -> None:
    load_json(raw('{"name": "\\ud800 and \\\\ud800"}')).blocks[0].text.encode("utf-8")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"a": 1,}', "line 1"),
        ("{", "line 1"),
        ("[1,\n2,\nNaN]", "NaN is no JSON value"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a":' * 100_000, "nested too deeply"),
    ],
)
def test_broken_json_is_said_to_be_broken(text: str, reason: str) -> None:
    with pytest.raises(LoadError, match=f"file.txt is broken .*{reason}"):
        load_json(raw(text))


def test_a_number_of_a_million_digits_costs_nothing() -> None:
    assert len(load_json(raw("[" + "7" * 1_000_000 + "]")).blocks) == 1


def test_json_lines_are_one_block_each_and_a_bad_one_is_kept_and_said() -> None:
    document = load_json_lines(raw('{"a": 1}\n\n{"b": 2}\nno json\n'))
    assert document.blocks == (
        Block(text='{"a": 1}', row_key="line 1", line_start=1, line_end=1),
        Block(text='{"b": 2}', row_key="line 3", line_start=3, line_end=3),
        Block(text="no json", row_key="line 4", line_start=4, line_end=4),
    )
    assert "line 4" in document.notices[0]


def test_json_lines_in_a_json_file_are_read_as_lines() -> None:
    assert len(load_json(raw('{"a": 1}\n{"b": 2}\n')).blocks) == 2


def test_a_file_of_no_json_at_all_is_broken() -> None:
    with pytest.raises(LoadError, match="is broken"):
        load_json_lines(raw("hello\n"))
