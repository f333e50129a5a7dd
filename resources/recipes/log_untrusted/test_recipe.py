import io
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .recipe import MAX_CHARACTERS, OneLineFormatter, log_untrusted


@given(st.text(st.characters(), max_size=60))
def test_any_text_becomes_one_visible_line_and_can_be_read_back(text: str) -> None:
    line = log_untrusted(text)
    assert line
    assert line.isprintable()
    assert len(line.splitlines()) == 1
    if text:
        assert line.encode("latin-1", "backslashreplace").decode("unicode_escape") == text


def test_ordinary_text_stays_as_it_is() -> None:
    assert (
        log_untrusted("Zo\u00eb O'Neil, \u6771\u4eac <x@example.org>")
        == "Zo\u00eb O'Neil, \u6771\u4eac <x@example.org>"
    )
    assert log_untrusted("") == "[empty]"
    assert log_untrusted(None) == "None"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("bob\nINFO admin logged in", "bob\\nINFO admin logged in"),
        ("bob\r\nfake", "bob\\r\\nfake"),
        ("bob\u2028fake\u2029\x85\x0b\x0c", "bob\\u2028fake\\u2029\\x85\\x0b\\x0c"),
        ("\x1b[2J\x1b]0;pwned\x07", "\\x1b[2J\\x1b]0;pwned\\x07"),
        ("\x9b31m", "\\x9b31m"),
        ("invoice\u202efdp.exe", "invoice\\u202efdp.exe"),
        ("ad\u200bmin", "ad\\u200bmin"),
        ("gone\b\b\b\b", "gone\\x08\\x08\\x08\\x08"),
        ("a\0b", "a\\x00b"),
        ("\udc80", "\\udc80"),
    ],
)
def test_attack_what_could_forge_or_hide_is_escaped(text: str, line: str) -> None:
    assert log_untrusted(text) == line


def test_attack_an_escaped_line_break_cannot_be_faked() -> None:
    assert log_untrusted("a\\nb") != log_untrusted("a\nb")


def test_attack_a_value_cannot_fill_the_disk() -> None:
    line = log_untrusted("\x1b" * 1_000_000)
    assert len(line) < 5 * MAX_CHARACTERS
    assert line.endswith("[cut, 1000000 characters]")


def test_attack_the_formatter_puts_forged_arguments_and_tracebacks_on_one_line() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(OneLineFormatter("%(levelname)s %(message)s"))
    logger = logging.Logger("recipes.log_untrusted")
    logger.addHandler(handler)
    try:
        raise ValueError("first\nERROR forged")
    except ValueError:
        logger.exception("failed for %s", "bob\nINFO admin logged in")
    lines = stream.getvalue().splitlines()
    assert len(lines) == 1
    assert "ValueError" in lines[0]


def test_an_object_is_logged_by_its_repr() -> None:
    assert log_untrusted({"a": "b\n"}) == "{'a': 'b\\\\n'}"


@pytest.mark.parametrize("hidden", ["\ufe01", "\U000e0110", "\u3164", "\u115f", "\u2800", "\u034f", "\u180b", "\uffa0"])
def test_attack_signs_that_count_as_printable_but_show_nothing_do_not_stay(hidden: str) -> None:
    assert hidden not in log_untrusted(f"a{hidden}b")
