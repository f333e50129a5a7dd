import base64
import hashlib
import hmac
import json
import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from .recipe import AUDIENCE, ISSUER, MAX_LENGTH, Caller, TokenRefusedError, check_jwt

PRIVATE = Ed25519PrivateKey.generate()
KEYS = {"2026-11": PRIVATE.public_key()}
PEM = PRIVATE.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
MISSING = object()


def token(key: Ed25519PrivateKey = PRIVATE, kid: str = "2026-11", typ: str = "at+jwt", **changed: object) -> str:
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "42",
        "scope": "read pay",
        "iat": now,
        "exp": now + 600,
        "jti": "j1",
    }
    claims = {name: value for name, value in {**claims, **changed}.items() if value is not MISSING}
    return jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": kid, "typ": typ})


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_a_good_token_tells_who_calls() -> None:
    assert check_jwt(token(), KEYS) == Caller("42", frozenset({"read", "pay"}), "j1")
    assert check_jwt(token(scope=MISSING), KEYS).scopes == frozenset()


def test_clocks_may_differ_a_little() -> None:
    now = int(time.time())
    check_jwt(token(exp=now - 20), KEYS)
    check_jwt(token(iat=now + 20), KEYS)


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", ""])
def test_attack_a_token_without_signature_is_refused(algorithm: str) -> None:
    claims = token().split(".")[1]
    forged = part({"alg": algorithm, "typ": "at+jwt", "kid": "2026-11"}) + f".{claims}."
    with pytest.raises(TokenRefusedError):
        check_jwt(forged, KEYS)


def test_attack_the_public_key_taken_for_a_shared_secret_is_refused() -> None:
    signed = part({"alg": "HS256", "typ": "at+jwt", "kid": "2026-11"}) + "." + token().split(".")[1]
    for secret in (PEM, PEM.strip(), PRIVATE.public_key().public_bytes_raw()):
        mac = hmac.new(secret, signed.encode(), hashlib.sha256).digest()
        with pytest.raises(TokenRefusedError, match="Algorithm"):
            check_jwt(f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}", KEYS)


def test_attack_a_key_that_the_token_brings_along_is_not_used() -> None:
    own = Ed25519PrivateKey.generate()
    jwk = json.loads(jwt.algorithms.OKPAlgorithm.to_jwk(own.public_key()))
    claims = jwt.decode(token(), options={"verify_signature": False})
    for header in ({"jwk": jwk}, {"jku": "https://evil.example/keys"}, {"x5u": "https://evil.example/cert"}):
        forged = jwt.encode(claims, own, algorithm="EdDSA", headers={"typ": "at+jwt", "kid": "2026-11", **header})
        with pytest.raises(TokenRefusedError, match="Signature"):
            check_jwt(forged, KEYS)


@pytest.mark.parametrize("kid", ["", "../../dev/null", "x' UNION SELECT 'key", "2026-10"])
def test_attack_an_unknown_key_is_refused(kid: str) -> None:
    with pytest.raises(TokenRefusedError, match="key"):
        check_jwt(token(kid=kid), KEYS)


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("aud", "https://other.example.com"),
        ("aud", ["https://other.example.com", AUDIENCE]),
        ("aud", MISSING),
        ("iss", MISSING),
        ("sub", MISSING),
        ("exp", MISSING),
        ("iat", MISSING),
        ("jti", MISSING),
        ("sub", ""),
        ("scope", ["admin"]),
        ("exp", 1),
        ("exp", "soon"),
        ("exp", str(2**40)),
        ("sub", 42),
        ("exp", 2**40),
        ("iat", 2**40),
        ("nbf", 2**40),
    ],
)
def test_attack_a_token_for_others_or_with_odd_claims_is_refused(claim: str, value: object) -> None:
    with pytest.raises(TokenRefusedError):
        check_jwt(token(**{claim: value}), KEYS)


def test_attack_another_issuer_is_refused() -> None:
    with pytest.raises(TokenRefusedError, match="Issuer"):
        check_jwt(token(iss="https://evil.example"), KEYS)


@pytest.mark.parametrize("typ", ["JWT", "", "logout+jwt"])
def test_attack_a_token_of_another_type_is_refused(typ: str) -> None:
    with pytest.raises(TokenRefusedError, match="another type"):
        check_jwt(token(typ=typ), KEYS)


@given(st.text() | st.from_regex(r"[\w.-]*", fullmatch=True))
def test_attack_any_other_text_is_refused_and_never_an_error(text: str) -> None:
    with pytest.raises(TokenRefusedError):
        check_jwt(text, KEYS)


def test_attack_a_huge_token_is_not_looked_at() -> None:
    with pytest.raises(TokenRefusedError, match="too long"):
        check_jwt(token() + "A" * MAX_LENGTH, KEYS)
