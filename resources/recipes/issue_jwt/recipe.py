"""Issue an access token as a JWT: signed with one fixed algorithm, for one audience, for a short time."""

import re
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

ALGORITHM = "EdDSA"
"""Ed25519: who checks tokens holds only the public key, so a service that is broken into cannot make any."""

ISSUER = "https://login.example.com"
"""Who makes the tokens."""

AUDIENCE = "https://api.example.com"
"""The one service the tokens are for."""

LIFETIME = timedelta(minutes=10)
"""How long a token is good; it cannot be taken back before, so keep it short."""

SCOPE = re.compile(r"[!#-\[\]-~]+", re.ASCII)
"""One scope, as RFC 6749 writes it: no blank, no quote, no backslash."""


class TokenNotIssuedError(ValueError):
    """No such token is made; the text says why."""


def issue_jwt(user: str, scopes: Collection[str], key: Ed25519PrivateKey, key_id: str, now: datetime) -> str:
    """An access token that says `user` may do `scopes` at AUDIENCE for LIFETIME from `now` on.

    `user` is a stable identifier, no mail address: anyone who holds the token can read it. `key_id` names the key, so
    that keys can be changed. Raises TokenNotIssuedError for an empty user, a time without zone or an odd scope.
    """
    if not user or not key_id:
        raise TokenNotIssuedError("a token needs a user and the name of its key")
    if now.tzinfo is None:
        raise TokenNotIssuedError("the time has no zone, so it could be hours off")
    if isinstance(scopes, str) or not all(SCOPE.fullmatch(scope) for scope in scopes):
        raise TokenNotIssuedError("a scope is one word without blanks and quotes")
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": user,
        "scope": " ".join(sorted(scopes)),
        "iat": now,
        "exp": now + LIFETIME,
        "jti": secrets.token_urlsafe(16),
    }
    # The type keeps tokens made for something else, such as ID tokens, from being taken for access tokens.
    return jwt.encode(claims, key, algorithm=ALGORITHM, headers={"typ": "at+jwt", "kid": key_id})


def read_signing_key(pem: bytes, password: bytes | None = None) -> Ed25519PrivateKey:
    """The private key in `pem`, from a secret store; raises TokenNotIssuedError when it is of another kind."""
    key = load_pem_private_key(pem, password)
    if not isinstance(key, Ed25519PrivateKey):
        raise TokenNotIssuedError("the key is no Ed25519 key")
    return key
