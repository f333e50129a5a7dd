import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from . import recipe
from .recipe import KEY, KeyRefusedError, StoredKey, check_api_key, make_api_key

NOW = datetime(2026, 11, 22, tzinfo=UTC)
DAY = timedelta(days=1)
SECRET_KEY, PUBLIC, STORED = make_api_key("billing", ["invoice.read", "invoice.list"], NOW, 30 * DAY)
STORE = {PUBLIC: STORED}


def refused(header: str, scope: str = "invoice.read", now: datetime = NOW, store: dict[str, StoredKey] = STORE) -> int:
    with pytest.raises(KeyRefusedError) as error:
        check_api_key(header, store.get, scope, now)
    return error.value.status


def test_a_key_lets_its_owner_do_what_it_is_for() -> None:
    assert check_api_key(f"Bearer {SECRET_KEY}", STORE.get, "invoice.read", NOW) == "billing"
    assert check_api_key(f"bearer {SECRET_KEY}", STORE.get, "invoice.list", NOW + 29 * DAY) == "billing"


def test_every_key_is_another_and_has_the_form_that_scanners_look_for() -> None:
    other, public, _ = make_api_key("x", [], NOW, DAY)
    assert KEY.fullmatch(other)
    assert (other, public) != (SECRET_KEY, PUBLIC)


def test_a_key_for_ever_or_with_one_text_as_scopes_is_not_made() -> None:
    for life in (366 * DAY, timedelta(0), -DAY):
        with pytest.raises(ValueError, match="lives at most"):
            make_api_key("x", [], NOW, life)
    with pytest.raises(ValueError, match="list of scopes"):
        make_api_key("x", "admin", NOW, DAY)


@pytest.mark.parametrize("scope", ["invoice.delete", "invoice", "invoice.read.all", "", "*", "INVOICE.READ"])
def test_attack_a_key_does_no_more_than_its_scopes(scope: str) -> None:
    assert refused(f"Bearer {SECRET_KEY}", scope) == 403


def test_attack_what_is_stored_is_no_key() -> None:
    assert SECRET_KEY.split("_", 2)[2] not in repr(STORED)
    assert refused(f"Bearer wbk_{PUBLIC}_{STORED.digest[:43]}") == 401


def test_attack_the_public_half_of_one_and_the_secret_of_another_do_not_fit() -> None:
    other, public, stored = make_api_key("other", ["invoice.read"], NOW, DAY)
    mixed = f"wbk_{PUBLIC}_{other.split('_', 2)[2]}"
    assert refused(f"Bearer {mixed}", store={**STORE, public: stored}) == 401


def test_attack_an_expired_or_ended_key_is_refused_like_an_unknown_one() -> None:
    assert refused(f"Bearer {SECRET_KEY}", now=NOW + 30 * DAY) == 401
    assert refused(f"Bearer {SECRET_KEY}", store={PUBLIC: replace(STORED, ended=True)}) == 401
    assert refused(f"Bearer {SECRET_KEY}", store={}) == 401


def test_attack_an_unknown_key_is_compared_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []

    def compare(left: str, right: str) -> bool:
        compared.append((left, right))
        return left == right

    monkeypatch.setattr(hmac, "compare_digest", compare)
    refused(f"Bearer {SECRET_KEY}", store={})
    assert compared[0][1] == recipe.NO_DIGEST


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        SECRET_KEY,
        f"Basic {SECRET_KEY}",
        f"Bearer  {SECRET_KEY}",
        f"Bearer {SECRET_KEY}\n",
        f"Bearer {SECRET_KEY} x",
        f"Bearer {SECRET_KEY[:-1]}",
        f"Bearer {SECRET_KEY.upper()}",
        f"Bearer é{SECRET_KEY}",
    ],
)
def test_attack_anything_but_a_key_is_refused(header: str) -> None:
    assert refused(header) == 401


@given(st.text())
def test_attack_any_text_is_refused_and_never_an_error(header: str) -> None:
    assert refused(header) == 401
    assert refused(f"Bearer wbk_{PUBLIC}_{header}") == 401
