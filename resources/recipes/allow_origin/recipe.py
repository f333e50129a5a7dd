"""Let pages of other origins read our answers: CORS headers by an exact list, never by echo or wildcard."""

from collections.abc import Iterable

ORIGINS = frozenset({"https://app.example.com", "https://admin.example.com:8443"})
"""Who may read: scheme, host, and the port where it is not the usual one; as a browser writes it, without a slash."""

METHODS = frozenset({"GET", "POST", "PUT", "DELETE"})
"""What they may send after asking beforehand."""

REQUEST_HEADERS = frozenset({"content-type", "authorization", "x-csrf-token"})
"""Headers they may set, in lower case."""

CREDENTIALS = True
"""Whether the browser sends cookies along; every origin in ORIGINS then acts as the user who is signed in."""

MAX_AGE_SECONDS = 600
"""How long a browser remembers the answer to its question."""

Headers = list[tuple[str, str]]


class OriginsError(ValueError):
    """An entry of the list that no browser sends, or that everybody can send."""


def allow_origin(origin: str | None, origins: Iterable[str] = ORIGINS) -> Headers:
    """The headers to add to an answer, errors too, for the request header Origin (None when it is missing).

    Vary is always there, so that a cache does not give one origin's answer to another. Raises OriginsError when the
    list itself is wrong: a wildcard, "null", a path, capitals, or http, whose pages anybody in between can write, but
    for localhost.
    """
    for entry in origins:
        scheme, separator, host = entry.partition("://")
        if (
            (scheme != "https" and (scheme != "http" or host.partition(":")[0] != "localhost"))
            or not separator
            or not host
            or set(host) & set("*/?#@ ")
            or entry.lower() != entry
        ):
            raise OriginsError(f"{entry!r} is no origin; write scheme://host or scheme://host:port")
    headers = [("Vary", "Origin")]
    if origin is not None and origin in origins:
        headers.append(("Access-Control-Allow-Origin", origin))
        if CREDENTIALS:
            headers.append(("Access-Control-Allow-Credentials", "true"))
    return headers


def answer_preflight(
    origin: str | None, method: str, asked: str, origins: Iterable[str] = ORIGINS
) -> tuple[int, Headers]:
    """Status and headers for an OPTIONS request that has Access-Control-Request-Method: 204, or 403 without leave.

    `method` and `asked` are the request headers Access-Control-Request-Method and Access-Control-Request-Headers.
    """
    headers = allow_origin(origin, origins)
    names = {name.strip(" \t").lower() for name in asked.split(",")} - {""}
    if len(headers) == 1 or method not in METHODS or not names <= REQUEST_HEADERS:
        return 403, [("Vary", "Origin")]
    headers += [
        ("Access-Control-Allow-Methods", ", ".join(sorted(METHODS))),
        ("Access-Control-Allow-Headers", ", ".join(sorted(REQUEST_HEADERS))),
        ("Access-Control-Max-Age", str(MAX_AGE_SECONDS)),
    ]
    return 204, headers
