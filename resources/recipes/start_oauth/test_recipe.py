import base64
import hashlib
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from .recipe import LIFETIME_SECONDS, CallbackRefusedError, Client, check_callback, check_nonce, start_oauth

CLIENT = Client(
    "https://login.example.org", "https://login.example.org/authorize", "workbench", "https://app.example.com/callback"
)
NOW = 1_000_000.0


def started(session: dict[str, object]) -> dict[str, str]:
    """The parameters that the provider sees."""
    return {name: values[0] for name, values in parse_qs(urlsplit(start_oauth(session, CLIENT, NOW)).query).items()}


def test_a_sign_in_goes_there_and_back() -> None:
    session: dict[str, object] = {"theme": "dark"}
    asked = started(session)
    assert asked["response_type"] == "code"
    assert asked["redirect_uri"] == CLIENT.redirect_uri
    answer = {"code": "c0de", "state": asked["state"], "iss": CLIENT.issuer}
    form, nonce = check_callback(session, CLIENT, answer, NOW + 60)
    assert form["code"] == "c0de"
    digest = hashlib.sha256(form["code_verifier"].encode()).digest()
    assert asked["code_challenge"] == base64.urlsafe_b64encode(digest).decode().rstrip("=")
    assert asked["code_challenge_method"] == "S256"
    check_nonce({"nonce": asked["nonce"]}, nonce)
    assert session == {"theme": "dark"}


def test_every_try_has_its_own_values_and_the_verifier_stays_here() -> None:
    session: dict[str, object] = {}
    first, second = started(session), started(session)
    for name in ("state", "nonce", "code_challenge"):
        assert first[name] != second[name]
        assert len(first[name]) >= 43
    form, _ = check_callback(session, CLIENT, {"code": "c", "state": second["state"]}, NOW)
    assert form["code_verifier"] not in str(second)


@pytest.mark.parametrize("state", ["", "guess", "\ud800", "é"])
def test_attack_an_answer_with_another_state_is_refused(state: str) -> None:
    session: dict[str, object] = {}
    started(session)
    with pytest.raises(CallbackRefusedError, match="another sign-in"):
        check_callback(session, CLIENT, {"code": "c", "state": state}, NOW)


def test_attack_the_attackers_answer_in_the_victims_browser_is_refused() -> None:
    theirs: dict[str, object] = {}
    asked = started(theirs)
    with pytest.raises(CallbackRefusedError, match="no sign-in"):
        check_callback({}, CLIENT, {"code": "attackers", "state": asked["state"]}, NOW)
    victims: dict[str, object] = {}
    started(victims)
    with pytest.raises(CallbackRefusedError, match="another sign-in"):
        check_callback(victims, CLIENT, {"code": "attackers", "state": asked["state"]}, NOW)


def test_attack_an_answer_counts_once_also_when_it_was_wrong() -> None:
    session: dict[str, object] = {}
    asked = started(session)
    with pytest.raises(CallbackRefusedError):
        check_callback(session, CLIENT, {"code": "c", "state": "wrong"}, NOW)
    with pytest.raises(CallbackRefusedError, match="no sign-in"):
        check_callback(session, CLIENT, {"code": "c", "state": asked["state"]}, NOW)


@pytest.mark.parametrize("seconds", [LIFETIME_SECONDS + 1, -1])
def test_attack_a_late_answer_is_refused(seconds: float) -> None:
    session: dict[str, object] = {}
    asked = started(session)
    with pytest.raises(CallbackRefusedError, match="too long ago"):
        check_callback(session, CLIENT, {"code": "c", "state": asked["state"]}, NOW + seconds)


def test_attack_an_answer_of_another_provider_is_refused() -> None:
    session: dict[str, object] = {}
    asked = started(session)
    with pytest.raises(CallbackRefusedError, match="provider"):
        check_callback(session, CLIENT, {"code": "c", "state": asked["state"], "iss": "https://evil.example"}, NOW)
    asked = started(session)
    other = replace(CLIENT, issuer="https://evil.example")
    with pytest.raises(CallbackRefusedError, match="provider"):
        check_callback(session, other, {"code": "c", "state": asked["state"]}, NOW)


@pytest.mark.parametrize("answer", [{"error": "access_denied"}, {"error": "x", "code": "c"}, {}, {"code": ""}])
def test_an_error_of_the_provider_lets_nobody_in(answer: dict[str, str]) -> None:
    session: dict[str, object] = {}
    asked = started(session)
    with pytest.raises(CallbackRefusedError, match="did not let"):
        check_callback(session, CLIENT, {**answer, "state": asked["state"]}, NOW)


@pytest.mark.parametrize("claims", [{}, {"nonce": ""}, {"nonce": "other"}, {"nonce": None}, {"nonce": ["n"]}])
def test_attack_an_id_token_of_another_try_is_refused(claims: dict[str, object]) -> None:
    with pytest.raises(CallbackRefusedError, match="ID token"):
        check_nonce(claims, "expected")
