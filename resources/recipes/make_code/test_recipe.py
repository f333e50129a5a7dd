import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .recipe import (
    ALPHABET,
    DIGITS,
    SECONDS,
    TRIES,
    ShortCode,
    check_short_code,
    make_code,
    make_short_code,
    read_code,
)

NOW = 1000.0


def test_a_code_is_readable_and_can_be_typed_in_any_way() -> None:
    code = make_code()
    assert re.fullmatch(r"(?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}", code)
    plain = code.replace("-", "")
    for typed in (code, plain, code.lower(), f"  {plain[:5]} {plain[5:]} ", code.replace("0", "o").replace("1", "l")):
        assert read_code(typed) == plain


@given(st.integers(40, 300))
def test_a_code_has_the_entropy_that_was_asked_for(bits: int) -> None:
    assert len(make_code(bits).replace("-", "")) * 5 >= bits
    assert len(ALPHABET) == len(set(ALPHABET)) == 32


@pytest.mark.parametrize("typed", ["", "----", "ABC!", "\u0660\u0661", "U" * 16, "A" * 101, "\uff21BCD"])
def test_attack_what_is_no_code_is_none(typed: str) -> None:
    assert read_code(typed) is None


def test_attack_a_seed_predicts_no_code() -> None:
    random.seed(1)
    first = make_code(), make_short_code(NOW).code
    random.seed(1)
    assert make_code() != first[0]
    assert len({make_short_code(NOW).code for _ in range(50)}) > 45


def test_a_code_that_can_be_guessed_is_not_made() -> None:
    with pytest.raises(ValueError, match="guessed"):
        make_code(20)


@pytest.fixture
def kept() -> dict[str, ShortCode]:
    return {"bob": ShortCode("012345", NOW + SECONDS)}


def test_a_short_code_is_good_once(kept: dict[str, ShortCode]) -> None:
    assert check_short_code(kept, "bob", " 012345 ", NOW)
    assert not check_short_code(kept, "bob", "012345", NOW)
    assert re.fullmatch(rf"[0-9]{{{DIGITS}}}", make_short_code(NOW).code)


def test_attack_a_short_code_ends_after_a_few_tries(kept: dict[str, ShortCode]) -> None:
    for _ in range(TRIES):
        assert not check_short_code(kept, "bob", "999999", NOW)
    assert not check_short_code(kept, "bob", "012345", NOW)
    assert not kept


def test_a_mistake_is_forgiven(kept: dict[str, ShortCode]) -> None:
    assert not check_short_code(kept, "bob", "012354", NOW)
    assert check_short_code(kept, "bob", "012345", NOW)


def test_attack_an_old_code_and_the_code_of_another_are_no_good(kept: dict[str, ShortCode]) -> None:
    assert not check_short_code(kept, "alice", "012345", NOW)
    assert not check_short_code(kept, "bob", "012345", NOW + SECONDS)
    assert not kept


@pytest.mark.parametrize("typed", ["", "12345", "0123456", "\u0660\u0661\u0662\u0663\u0664\u0665", "\udc80"])
def test_attack_other_texts_are_no_match(kept: dict[str, ShortCode], typed: str) -> None:
    assert not check_short_code(kept, "bob", typed, NOW)
