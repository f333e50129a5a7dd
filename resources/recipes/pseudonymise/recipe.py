"""Replace what identifies a person by a pseudonym that only the holder of a key can make again."""

import hashlib
import hmac
import ipaddress
import unicodedata

PURPOSE = "web statistics 2026"
"""What the pseudonyms are for. Another purpose gives others, so that two data sets cannot be joined by them."""

LENGTH = 32
"""Hexadecimal digits of a pseudonym: 32 are 128 bits, so that two persons never share one."""

KEPT_BITS = {4: 24, 6: 48}
"""Bits of an IP address that are kept, by its version."""

MIN_KEY_BYTES = 32


class WeakKeyError(ValueError):
    """The key is too short to keep anybody from trying out all names, addresses and numbers there are."""


def pseudonymise(kind: str, value: str, key: bytes) -> str:
    """The pseudonym of `value` as a `kind` of identifier, such as "email": always the same for the same key.

    A plain hash would not do: all e-mail addresses of a leak, or all phone numbers, are hashed in minutes and looked
    up. The key (from secrets.token_bytes(32)) is kept apart from the data, and destroyed when nobody may go back.
    """
    if len(key) < MIN_KEY_BYTES:
        raise WeakKeyError(f"the key has fewer than {MIN_KEY_BYTES} bytes")
    fields = (PURPOSE, kind, normalise(kind, value))
    message = b"".join(len(part).to_bytes(4, "big") + part for part in (f.encode("utf-8", "replace") for f in fields))
    return hmac.new(key, message, hashlib.sha256).hexdigest()[:LENGTH]


def normalise(kind: str, value: str) -> str:
    """One spelling of `value`, so that one person has one pseudonym. What a kind needs more is added here."""
    text = " ".join(unicodedata.normalize("NFKC", value).split())
    if kind == "email":
        return text.casefold()
    if kind == "phone":
        return ("+" if text.startswith("+") else "") + "".join(c for c in text if c.isdecimal())
    if kind == "ip":
        return str(_address(text))
    return text


def shorten_ip(address: str) -> str:
    """The network of an IP address, which many share: 203.0.113.77 becomes 203.0.113.0. Raises ValueError."""
    ip = _address(address.strip())
    return str(ipaddress.ip_network((ip, KEPT_BITS[ip.version]), strict=False).network_address)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    ip = ipaddress.ip_address(text.partition("%")[0])
    return (ip.ipv4_mapped or ip) if isinstance(ip, ipaddress.IPv6Address) else ip
