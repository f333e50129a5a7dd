import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .recipe import MIN_CHARACTERS, WeakSecretError, check_secrets, compare_secret

NEW = "n" * 32
OLD = "o" * 32


def test_the_right_secret_is_right_and_the_one_before_too() -> None:
    assert compare_secret(NEW, [NEW])
    assert compare_secret(OLD, [NEW, OLD])
    assert compare_secret(NEW, [NEW, OLD])
    assert not compare_secret(OLD, [NEW])


@given(st.text(), st.text(min_size=MIN_CHARACTERS))
def test_only_equal_texts_are_equal(one: str, other: str) -> None:
    assert compare_secret(one, [other]) is (one == other)
    assert compare_secret(other, [other])


@pytest.mark.parametrize("sent", [None, "", "n", NEW[:-1], NEW + "n", NEW.upper(), f" {NEW}", "\udcff", "\u043d" * 32])
def test_attack_what_is_nearly_right_is_wrong(sent: str | None) -> None:
    assert compare_secret(sent, [NEW, OLD]) is False


@pytest.mark.parametrize("configured", [[], [""], [NEW, ""], ["short"], "a string of enough characters"])
def test_attack_an_empty_or_weak_configuration_lets_nobody_in(configured: list[str]) -> None:
    for sent in (None, "", "short", "a"):
        with pytest.raises(WeakSecretError):
            compare_secret(sent, configured)
    with pytest.raises(WeakSecretError):
        check_secrets(configured)


def test_attack_every_secret_is_compared_by_hashes_of_one_length(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[int, int]] = []
    real = hmac.compare_digest

    def noting(one: bytes, other: bytes) -> bool:
        compared.append((len(one), len(other)))
        return real(one, other)

    monkeypatch.setattr(hmac, "compare_digest", noting)
    assert compare_secret(NEW, [NEW, OLD, "x" * 100])
    assert compared == [(32, 32)] * 3
