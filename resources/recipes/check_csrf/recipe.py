"""Tell a request of our own page from one that another site made the browser send, by a token bound to the session."""

import hashlib
import hmac
import secrets

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing here, so they need no token. A GET that changes something undoes the protection."""

ORIGINS = frozenset({"https://app.example.com"})
"""Where our pages come from: scheme, host, and the port where it is not the usual one."""


class ForgedRequestError(PermissionError):
    """The request may come from another site; answer 403."""


def issue_csrf_token(session: str, secret: bytes) -> str:
    """A token for a hidden field or a header of the page shown in `session`; another one at each call.

    `secret` is the server's: at least 32 random bytes. The random half makes each token look different, so that a
    compressed page does not tell it bit by bit (BREACH).
    """
    nonce = secrets.token_hex(16)
    return f"{nonce}.{_mac(nonce, session, secret)}"


def check_csrf(method: str, origin: str | None, session: str, token: str | None, secret: bytes) -> None:
    """Return when a request may change something; raise ForgedRequestError when another site may have sent it.

    `origin` is the Origin header (None when it is missing), `session` the identifier from the cookie, and `token` what
    came in the form field or in the header X-CSRF-Token, never what came in a cookie.
    """
    if method in SAFE_METHODS:
        return
    if origin is not None and origin not in ORIGINS:
        raise ForgedRequestError("the request comes from another site")
    if not session or not token:
        raise ForgedRequestError("the request carries no token")
    nonce, _, mac = token.partition(".")
    expected = _mac(nonce, session, secret)
    if not hmac.compare_digest(mac.encode("utf-8", "replace"), expected.encode()):
        raise ForgedRequestError("the token does not belong to this session")


def _mac(nonce: str, session: str, secret: bytes) -> str:
    if len(secret) < 32:
        raise ValueError("the secret has fewer than 32 bytes")
    # The length in front keeps the two parts apart; the purpose keeps tokens made for something else out.
    message = f"csrf:{len(session)}:{session}:{nonce}".encode("utf-8", "surrogatepass")
    return hmac.new(secret, message, hashlib.sha256).hexdigest()
