import hashlib

import pytest

from . import recipe
from .recipe import hash_password, needs_rehash, verify_password


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipe, "COST", 2**10)


def test_the_right_password_is_known_again_and_others_are_not() -> None:
    stored = hash_password("Größe und Gewicht")
    assert verify_password("Größe und Gewicht", stored)
    assert not verify_password("grösse und gewicht", stored)


def test_old_parameters_still_verify_and_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = hash_password("open sesame")
    assert not needs_rehash(stored)
    monkeypatch.setattr(recipe, "COST", 2**11)
    assert needs_rehash(stored)
    assert verify_password("open sesame", stored)


def test_attack_equal_passwords_cannot_be_seen_in_the_table() -> None:
    assert hash_password("123456") != hash_password("123456")


def test_attack_a_dictionary_of_fast_hashes_finds_nothing() -> None:
    stored = hash_password("123456")
    for algorithm in ("md5", "sha1", "sha256", "sha512"):
        assert hashlib.new(algorithm, b"123456").hexdigest() not in stored


@pytest.mark.parametrize(
    "stored", ["", "scrypt$1024", "md5$8$1$1$AA==$AA==", "scrypt$0$8$1$AA==$AA==", "scrypt$x$y$z$a$b"]
)
def test_attack_a_tampered_row_lets_nobody_in(stored: str) -> None:
    assert not verify_password("anything", stored)


def test_attack_an_endless_password_is_refused_before_it_is_hashed() -> None:
    with pytest.raises(ValueError, match="1 to 1024 bytes"):
        hash_password("x" * 1_000_000)


@pytest.mark.parametrize("cost", [2**70, -2, 0, 3])
def test_attack_odd_parameters_in_the_store_are_no_error(cost: int) -> None:
    assert not verify_password("x", f"scrypt${cost}$8$1$AAAA$AAAA")
