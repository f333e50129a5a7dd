import pytest

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
