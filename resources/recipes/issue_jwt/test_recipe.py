from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from .recipe import AUDIENCE, ISSUER, LIFETIME, TokenNotIssuedError, issue_jwt, read_signing_key

KEY = Ed25519PrivateKey.generate()
NOW = datetime.now(UTC)


def decoded(token: str, audience: str = AUDIENCE) -> dict[str, object]:
    return jwt.decode(token, KEY.public_key(), algorithms=["EdDSA"], audience=audience, issuer=ISSUER)


def test_the_token_says_who_may_do_what_where_and_until_when() -> None:
    token = issue_jwt("42", {"invoice.read", "invoice.pay"}, KEY, "2026-11", NOW)
    claims = decoded(token)
    assert claims["sub"] == "42"
    assert claims["scope"] == "invoice.pay invoice.read"
    assert int(str(claims["exp"])) - int(str(claims["iat"])) == LIFETIME.total_seconds()
    assert jwt.get_unverified_header(token) == {"alg": "EdDSA", "typ": "at+jwt", "kid": "2026-11"}


def test_no_two_tokens_are_alike() -> None:
    assert len({decoded(issue_jwt("42", (), KEY, "k", NOW))["jti"] for _ in range(20)}) == 20


def test_the_key_is_read_from_its_file_also_encrypted() -> None:
    plain = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    locked = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"password"))
    for key in (read_signing_key(plain), read_signing_key(locked, b"password")):
        assert key.public_key() == KEY.public_key()


def test_attack_the_token_is_no_use_after_its_time() -> None:
    token = issue_jwt("42", (), KEY, "k", NOW - LIFETIME - timedelta(seconds=1))
    with pytest.raises(jwt.ExpiredSignatureError):
        decoded(token)


def test_attack_the_token_is_no_use_at_another_service() -> None:
    with pytest.raises(jwt.InvalidAudienceError):
        decoded(issue_jwt("42", (), KEY, "k", NOW), audience="https://other.example.com")


def test_attack_a_changed_token_does_not_verify() -> None:
    header, claims, _ = issue_jwt("42", ["read"], KEY, "k", NOW).split(".")
    other = issue_jwt("43", ["read"], KEY, "k", NOW).split(".")[2]
    with pytest.raises(jwt.InvalidSignatureError):
        decoded(f"{header}.{claims}.{other}")


@pytest.mark.parametrize("scopes", ["admin", ["read admin"], ["read\nadmin"], [""], ["é"], ['a"b']])
def test_attack_one_scope_cannot_smuggle_in_a_second(scopes: list[str]) -> None:
    with pytest.raises(TokenNotIssuedError, match="one word"):
        issue_jwt("42", scopes, KEY, "k", NOW)


def test_a_time_without_zone_and_a_token_of_nobody_are_refused() -> None:
    with pytest.raises(TokenNotIssuedError, match="zone"):
        issue_jwt("42", (), KEY, "k", NOW.replace(tzinfo=None))
    with pytest.raises(TokenNotIssuedError, match="user"):
        issue_jwt("", (), KEY, "k", NOW)


def test_attack_a_key_of_another_kind_is_refused() -> None:
    other = generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(TokenNotIssuedError, match="Ed25519"):
        read_signing_key(other)
