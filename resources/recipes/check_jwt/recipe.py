"""Take a JWT only when our issuer made it, for us, with the algorithm that we fixed, and not long ago."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ALGORITHM = "EdDSA"
"""The one algorithm taken; what the token says of its algorithm never chooses how it is checked."""

ISSUER = "https://login.example.com"
"""The one issuer trusted."""

AUDIENCE = "https://api.example.com"
"""This service, as the issuer names it."""

TOKEN_TYPE = "at+jwt"
"""The type of access tokens; an ID token of the same issuer has another and is refused."""

LEEWAY = timedelta(seconds=30)
"""How far the issuer's clock may differ from ours."""

LONGEST_LIFE = timedelta(hours=1)
"""A token that claims to live longer is refused, whoever signed it."""

MAX_LENGTH = 8_000
"""Longest token looked at, in characters."""


class TokenRefusedError(PermissionError):
    """The token is not taken; answer 401. The text is for the log."""


@dataclass(frozen=True)
class Caller:
    """Who calls, as far as the token tells."""

    user: str
    scopes: frozenset[str]
    token_id: str


def check_jwt(token: str, keys: Mapping[str, Ed25519PublicKey]) -> Caller:
    """Who calls with `token`; raises TokenRefusedError unless signature, issuer, audience, type and times are right.

    `keys` are the issuer's public keys by their `kid`, fetched beforehand; no key or address of a key (jwk, jku, x5u)
    is taken from the token.
    """
    if len(token) > MAX_LENGTH or not token.isascii():
        raise TokenRefusedError("the token is too long or no token")
    try:
        header = jwt.get_unverified_header(token)
        key = keys.get(header.get("kid", ""))
        if key is None or header.get("typ") != TOKEN_TYPE:
            raise TokenRefusedError("the token has no key of ours, or is of another type")
        claims = jwt.decode(
            token,
            key,
            algorithms=[ALGORITHM],
            issuer=ISSUER,
            audience=AUDIENCE,
            leeway=LEEWAY,
            options={"require": ["iss", "aud", "sub", "exp", "iat", "jti"], "strict_aud": True},
        )
    except jwt.PyJWTError as error:
        raise TokenRefusedError(f"the token is not valid: {type(error).__name__}") from None
    if int(claims["exp"]) - int(claims["iat"]) > LONGEST_LIFE.total_seconds():
        raise TokenRefusedError("the token lives too long")
    scope = claims.get("scope", "")
    if not claims["sub"] or not isinstance(scope, str):
        raise TokenRefusedError("the token names no user, or its scope is no text")
    return Caller(claims["sub"], frozenset(scope.split()), claims["jti"])
