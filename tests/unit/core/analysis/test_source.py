import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.core.analysis.source import MAX_CHARACTERS, UnreadableError, code_lines, is_deep, read_source


def lines_with_call(name: str, text: str) -> list[int]:
    tree = read_source("unit", text).tree
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    return [call.lineno for call in calls if isinstance(call.func, ast.Name) and call.func.id == name]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("x = 1\ntarget()\n", 2),
        ("    x = 1\n    target()\n", 2),
        ("return x\n    target()\n", 2),
        ("else:\n    target()\n", 2),
        ("x = (1,\ntarget()\n", 2),
        ("def f(:\n    y = 1\n    target()\n", 3),
        ("if x:\n# nothing\ntarget()\n", 3),
        ("print 'a'\ntry:\n    pass\nexcept E, e:\n    target()\n", 5),
        ("if a:\n        x()\n\ttarget()\n", 3),
        ('x = f"{d["k"]}"\ntarget()\n', 2),
        ("x = f\"{'\\n'.join(a)}\"\ntarget()\n", 2),
        ("def f[T](x: T) -> T:\n    return x\n%%%\ntarget()\n", 4),
        ("a = '\x0c'\ntarget()\n", 2),
        ("a = 1\r\ntarget()\r\n", 2),
    ],
)
def test_a_line_keeps_its_number_however_the_fragment_is_mended(text: str, line: int) -> None:
    assert lines_with_call("target", text) == [line]


def test_what_was_left_out_is_told_and_counted() -> None:
    source = read_source("unit", "import os\n%%% not code %%%\nos.system(x)\n")
    assert source.skipped_lines == {2}
    assert (source.lines_read, source.lines_total) == (2, 3)
    assert "1 line does not parse and was not looked at (line 2)" in source.notices[0]


def test_whole_files_are_read_without_a_notice() -> None:
    source = read_source("unit", "def f(x):\n    return x\n")
    assert (source.lines_read, source.lines_total, source.notices) == (2, 2, ())


def test_python_2_is_read_and_told() -> None:
    source = read_source("unit", "print 'a', b\nraise E, 'bad'\nx = 0777\n")
    assert source.skipped_lines == frozenset()
    assert "Python 2" in source.notices[0]


def test_format_strings_of_newer_python_are_seen_through() -> None:
    source = read_source("unit", 'q = f"a {d["k"]} {f"{x}"} {{z}}" "b"\n')
    names = {node.id for node in ast.walk(source.tree) if isinstance(node, ast.Name)}
    assert {"d", "x"} <= names
    assert source.skipped_lines == frozenset()


@pytest.mark.parametrize(
    "text", ["((((" * 2000, "x = " + "-" * 100_000 + "1", "\x01\x02 binary [[[[", "x" * (MAX_CHARACTERS + 1)]
)
def test_what_cannot_be_parsed_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(UnreadableError, match=r"\w{3}"):
        read_source("unit", text)


def test_deep_nesting_is_known_before_a_parser_sees_it() -> None:
    assert is_deep("(" * 500)
    assert is_deep("x = 1" + "+1" * 10_000)
    assert not is_deep("f(g(h([1, {2: 3}])))\n" * 100)


def test_only_line_ends_of_python_end_a_line() -> None:
    assert code_lines("a\x0cb\u2028c\nd\r\ne") == ["a\x0cb\u2028c", "d", "e"]


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.sampled_from(list("abx =():[]{}\"'#\n\t.,%")), max_size=120))
def test_any_text_is_read_or_refused_and_never_gains_lines(text: str) -> None:
    try:
        source = read_source("unit", text)
    except UnreadableError:
        return
    assert source.lines_read <= source.lines_total
    last = max((getattr(node, "end_lineno", 0) or 0 for node in ast.walk(source.tree)), default=0)
    assert last <= len(code_lines(text)) + 1
