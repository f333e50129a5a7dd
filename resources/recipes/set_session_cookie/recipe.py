"""The cookie of a session: set, read and removed so that scripts, plain HTTP and neighbouring hosts get nowhere."""

import re

NAME = "__Host-session"
"""With __Host- a browser takes the cookie only over HTTPS, with Path=/ and without Domain: no subdomain can set it."""

SAME_SITE = "Lax"
"""Lax keeps the cookie off requests that other sites start, except links; Strict off links too."""

MAX_AGE_SECONDS = 12 * 60 * 60
"""How long the browser keeps it; the server must end the session by itself as well."""

IDENTIFIER = re.compile(r"[A-Za-z0-9_-]{32,128}", re.ASCII)
"""What an identifier looks like: at least 32 characters of base64url, so nothing in it can end the value."""


class CookieRefusedError(ValueError):
    """The value is no session identifier."""


def set_session_cookie(identifier: str) -> tuple[str, str]:
    """The response header that hands `identifier` to the browser; raises CookieRefusedError when it is none of ours."""
    if not IDENTIFIER.fullmatch(identifier):
        raise CookieRefusedError("a session identifier has 32 to 128 characters of base64url and nothing else")
    return "Set-Cookie", f"{NAME}={identifier}; Max-Age={MAX_AGE_SECONDS}; {_attributes()}"


def remove_session_cookie() -> tuple[str, str]:
    """The response header that makes the browser forget the cookie; its attributes must be the ones it was set with."""
    return "Set-Cookie", f"{NAME}=; Max-Age=0; {_attributes()}"


def read_session_cookie(header: str) -> str | None:
    """The identifier in a Cookie request header, or None when there is none, a malformed one, or more than one.

    Two cookies of the name mean that somebody planted one. Only spaces and tabs are trimmed: a parser that trims
    other blanks lets a subdomain plant a name with such a blank before it, which the browser does not hold for __Host-.
    """
    pairs = (part.strip(" \t").partition("=") for part in header.split(";"))
    found = [value for name, _, value in pairs if name == NAME]
    if len(found) != 1 or not IDENTIFIER.fullmatch(found[0]):
        return None
    return found[0]


def _attributes() -> str:
    return f"Path=/; Secure; HttpOnly; SameSite={SAME_SITE}"
