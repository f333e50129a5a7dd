"""Send people on after login, but only within this site."""

from urllib.parse import quote, urlsplit

HOME = "/"
"""Where to go when the target is not one of ours."""


ASCII = "".join(map(chr, range(0x21, 0x7F)))


def redirect_target(target: str) -> str:
    """`target` when it is a path on this site, else HOME; safe to put into a Location header.

    Only paths are taken, never whole addresses: what browsers read as a host (two slashes, a backslash, control
    characters that they drop) leads home.
    """
    if not target.startswith("/") or target.startswith("//") or "\\" in target:
        return HOME
    if any(ord(character) <= 0x20 or ord(character) == 0x7F for character in target):
        return HOME
    try:
        parts = urlsplit(target)
    except ValueError:
        return HOME
    # A header holds ASCII; what is written in ASCII already stays as it is.
    return HOME if parts.scheme or parts.netloc else quote(target, safe=ASCII, errors="replace")
