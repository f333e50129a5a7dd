import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from workbench.core.stores.code_text import is_code, joined_words

CODE = [
    "def area(width, height):\n    size = width * height\n    return size",
    "public int Area(int w, int h) {\n  return w * h;\n}",
    "func area(w, h int) int {\n\treturn w * h\n}",
    "const area = (w, h) => {\n  return w * h;\n};",
    '#include <stdio.h>\nint main(void) {\n  puts("x");\n}',
]
PROSE = [
    "An attacker may read memory that was freed (see CWE-416). It follows that the program crashes.",
    "- check each input\n- refuse what is too long\n- log what was refused",
    "From the beginning, the return of the class was awaited.\nIf it rains, stay at home.",
    "",
]


@pytest.mark.parametrize("text", CODE)
def test_code_of_the_usual_languages_is_code(text: str) -> None:
    assert is_code(text)


@pytest.mark.parametrize("text", PROSE)
def test_prose_is_no_code(text: str) -> None:
    assert not is_code(text)


def test_joined_words_are_taken_apart() -> None:
    assert joined_words("readFile parse_dn_list HTTPServer Utf8Decoder") == [
        "read", "File", "parse", "dn", "list", "HTTP", "Server", "Utf", "Decoder",
    ]  # fmt: skip


def test_words_that_are_one_stay_out() -> None:
    assert joined_words("A plain sentence. NASA, Well-known; x1") == []


CODE_LINE = re.compile(
    r"^\s*(?:def |class |return\b|import |from \S+ import|@\w+|#include|"
    r"(?:if|elif|for|while|with|try|except|else|switch|catch)\b.*[:{]\s*$|"
    r"(?:public|private|static|func|fn|var|let|const) )"
    r"|[;{}]\s*$"
    r"|^\s*[\w.\[\]'\"]+\s*(?:=|\+=|:=)\s*\S"
    r"|\w\([^)]*\)\s*[:;{]?\s*$"
    r"|^\s*[)\]}]+"
)
PIECES = st.lists(
    st.one_of(
        st.sampled_from([*CODE, *PROSE, "f(x) :", "(a) b(c)", "x =", "y = 1", ") :", "_", "\n", " ", "\t"]),
        st.text(max_size=9),
    )
).map("".join)


@given(PIECES)
@example("f(a)(b)\n")
def test_a_line_of_code_is_told_as_by_one_expression(text: str) -> None:
    lines = [line for line in text.splitlines() if line.strip()]
    assert is_code(text) == (sum(CODE_LINE.search(line) is not None for line in lines) > len(lines) / 2)


@given(PIECES)
def test_words_are_taken_apart_as_by_looking_at_each(text: str) -> None:
    words = [w for w in re.findall(r"\w+", text, re.ASCII) if not (w.isalpha() and w[1:].islower())]
    parts = [re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", word) for word in words]
    assert joined_words(text) == [part for of_one in parts if len(of_one) > 1 for part in of_one if len(part) > 1]
