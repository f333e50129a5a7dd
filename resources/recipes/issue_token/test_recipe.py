import random
from dataclasses import replace
from datetime import timedelta

import pytest

from . import recipe
from .recipe import issue_token, token_is_valid


def test_a_token_is_valid_for_what_was_stored_of_it_and_nothing_else() -> None:
    token, stored = issue_token()
    other, _ = issue_token()
    assert token_is_valid(token, stored)
    assert not token_is_valid(other, stored)
    assert not token_is_valid("", stored)


def test_an_expired_token_is_not_valid(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipe, "LIFETIME", timedelta(seconds=-1))
    token, stored = issue_token()
    assert not token_is_valid(token, stored)


def test_attack_the_stolen_table_holds_no_token() -> None:
    token, stored = issue_token()
    assert token not in repr(stored)
    assert not token_is_valid(stored.digest, stored)


def test_attack_seeding_the_random_module_predicts_nothing() -> None:
    random.seed(1)
    first, _ = issue_token()
    random.seed(1)
    second, _ = issue_token()
    assert first != second
    assert len(first) >= 43  # 256 bits in base64


def test_attack_odd_characters_and_a_shortened_digest_are_no_match() -> None:
    token, stored = issue_token()
    assert not token_is_valid("\udc80" + token, stored)
    assert not token_is_valid(token, replace(stored, digest=stored.digest[:10]))
