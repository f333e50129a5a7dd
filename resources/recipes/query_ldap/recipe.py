"""Search a directory for a user by a name from outside: in filters and names every special character is escaped."""

from collections.abc import Callable, Sequence
from string import ascii_letters, digits

BASE = "ou=people,dc=example,dc=org"
"""Where users are searched."""

FILTER = "(&(objectClass=person)(!(loginShell=/sbin/nologin))(uid={login}))"
"""The filter; the login stands in one place, as a value."""

ATTRIBUTES = ("cn", "mail")
"""The only attributes that are asked for; never userPassword."""

MAX_LOGIN = 64
SAFE = frozenset(ascii_letters + digits + " _-.@")

Search = Callable[[str, str, Sequence[str], int], Sequence[str]]
"""Search of your LDAP library: base, filter, attributes, most entries (2); gives the distinguished names found."""


class LdapRefusedError(ValueError):
    """The login is no login, fits more than one entry, or the password is empty."""


def query_ldap(search: Search, login: str) -> str | None:
    """The distinguished name of the user `login`, None when there is none. Raises LdapRefusedError.

    Asks for two entries at most, so that a filter which fits many is noticed and cannot be used to list the directory.
    """
    if not login or len(login) > MAX_LOGIN:
        raise LdapRefusedError(f"a login has 1 to {MAX_LOGIN} characters")
    if any("\ud800" <= sign <= "\udfff" for sign in login):
        raise LdapRefusedError("the login holds half a surrogate pair")
    found = search(BASE, FILTER.format(login=escape_filter(login)), ATTRIBUTES, 2)
    if len(found) > 1:
        raise LdapRefusedError("the login fits more than one entry")
    return found[0] if found else None


def check_password(bind: Callable[[str, str], bool], name: str, password: str) -> bool:
    r"""Whether the server lets the user with the distinguished name `name` in with `password`.

    An empty password is refused here: a server takes it for an anonymous login and answers that all is well.
    """
    if not name or not password or "\0" in password:
        raise LdapRefusedError("the name or the password is empty")
    return bind(name, password)


def escape_filter(value: str) -> str:
    r"""`value` for a place of a value in a filter (RFC 4515): all but letters, digits and ` _-.@` as \hh of UTF-8."""
    return "".join(c if c in SAFE else "".join(f"\\{byte:02x}" for byte in c.encode()) for c in value)


def escape_dn(value: str) -> str:
    r"""`value` for a place of a value in a distinguished name (RFC 4514), such as f"uid={escape_dn(login)},{BASE}"."""
    escaped = escape_filter(value)
    if escaped.startswith(" "):
        escaped = "\\20" + escaped[1:]
    if escaped.endswith(" "):
        escaped = escaped[:-1] + "\\20"
    return escaped
