import unicodedata
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from . import recipe
from .recipe import MAX_LENGTH, MIN_LENGTH, WeakPasswordError, check_password_strength, load_common

COMMON = frozenset({"password", "correcthorsebatterystaple", "iloveyousomuch", "summer", "princess charming"})
CONTEXT = ("annabel.meier", "annabel.meier@example.com", "Workbench")


@pytest.mark.parametrize(
    "password",
    [
        "seven quiet lamps drift",
        "lowercaseonlybutlongenough",
        "Käsekuchen mit Rosinen",
        "丁口木水火土金日月山川田禾米竹",
        "annabel likes grey umbrellas",
        "🦊🐢🦉🐝🐙🦕🐳🦜🐘🦔🦩🐌🦀🐞🦇",
        "the password is a lie",
    ],
)
def test_long_and_unknown_passwords_are_taken_whatever_their_characters(password: str) -> None:
    check_password_strength(password, COMMON, CONTEXT)


def test_the_list_is_read_as_it_is_compared(tmp_path: Path) -> None:
    path = tmp_path / "common.txt"
    path.write_bytes("Password\r\n\nﬁsh and chips\n\xff".encode("latin-1", "replace"))
    path.write_bytes("Password\r\n\nﬁsh And Chips\n".encode() + b"\xff\n")
    assert {"password", "fish and chips"} < load_common(path)
    assert "" not in load_common(path)


@pytest.mark.parametrize("password", ["", "short", "Tr0ub4dor&3", "x1!Y" * 3])
def test_attack_a_short_password_is_refused_however_odd(password: str) -> None:
    with pytest.raises(WeakPasswordError, match=f"at least {MIN_LENGTH}"):
        check_password_strength(password, COMMON)


@pytest.mark.parametrize(
    "password",
    [
        "correcthorsebatterystaple",
        "CorrectHorseBatteryStaple",
        "correcthorsebatterystaple1!",
        "C0rr3cth0rs3b@tt3ryst@pl3",
        "2024!!iloveyousomuch2024!!",
        "password1234567890!",
        "P@$$w0rd1234567890!!",
        "ｐａｓｓｗｏｒｄ1234567890",
    ],
)
def test_attack_a_leaked_password_is_refused_also_when_decorated(password: str) -> None:
    with pytest.raises(WeakPasswordError, match="leaked"):
        check_password_strength(password, COMMON)


@pytest.mark.parametrize("password", ["a" * 20, "abcabcabcabcabcabc", "secret!secret!secret!", "abababababababac"])
def test_attack_a_repeated_piece_is_refused(password: str) -> None:
    with pytest.raises(WeakPasswordError, match="repeats"):
        check_password_strength(password, COMMON)


@pytest.mark.parametrize(
    "password", ["abcdefghijklmnopqr", "1234567890123456", "qwertyuiopasdfgh", "QWERTZUIOPASDFGH", "zyxwvutsrqponmlkj"]
)
def test_attack_a_walk_along_a_row_is_refused(password: str) -> None:
    with pytest.raises(WeakPasswordError, match="walks"):
        check_password_strength(password, COMMON)


@pytest.mark.parametrize(
    "password", ["annabel.meier.1987", "Annabel-Meier-Workbench", "w0rkb3nch-annabel", "AnnabelMeier2024!"]
)
def test_attack_the_owners_own_name_is_refused(password: str) -> None:
    with pytest.raises(WeakPasswordError, match="name"):
        check_password_strength(password, COMMON, CONTEXT)


def test_attack_an_endless_password_is_refused() -> None:
    with pytest.raises(WeakPasswordError, match="at most"):
        check_password_strength("ab cd ef gh" * MAX_LENGTH, COMMON)


@given(st.text(max_size=40), st.lists(st.text(max_size=10), max_size=3))
def test_it_answers_or_says_why_for_any_text(password: str, context: list[str]) -> None:
    with suppress(WeakPasswordError):
        check_password_strength(password, COMMON, context)
        assert MIN_LENGTH <= len(unicodedata.normalize("NFKC", password)) <= MAX_LENGTH


def test_attack_one_sign_that_stands_for_many_is_no_long_password() -> None:
    assert len(unicodedata.normalize("NFKC", "\ufdfa")) >= MIN_LENGTH
    with pytest.raises(WeakPasswordError, match="at least"):
        check_password_strength("\ufdfa", frozenset())


def test_attack_a_huge_password_is_refused_before_work_is_done_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    # Normalising accents in the wrong order takes time with the square of their number.
    monkeypatch.setattr(recipe, "unicodedata", None)
    with pytest.raises(WeakPasswordError, match="at most"):
        check_password_strength("a" + "\u0315\u0300" * 5_000, frozenset())


def test_attack_a_context_given_as_one_text_counts_too() -> None:
    with pytest.raises(WeakPasswordError, match="mostly"):
        check_password_strength("bob.smith@example.com", frozenset(), "bob.smith@example.com")
