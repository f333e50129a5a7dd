"""Build the links of mails from a host that is ours, not from the Host header that anybody can write."""

from collections.abc import Collection, Sequence
from urllib.parse import quote, urlencode

HOSTS = frozenset({"app.example.com", "kiosk.example.com:8443"})
"""Names that this site goes by, in lower case, with the port where it is not the usual one."""


class WrongHostError(ValueError):
    """The request is for another host; answer 400 and send nothing."""


def check_host(named: Sequence[str], hosts: Collection[str] = HOSTS) -> str:
    """The host that a request is for, when it is one of `hosts`; raises WrongHostError when it is none of ours.

    `named` are all values of the Host header, in the order they came. X-Forwarded-Host, Forwarded and the like are
    not looked at: whoever sends the request writes them. Only a proxy of yours that overwrites Host may rename it.
    """
    if isinstance(hosts, str):  # of which every part would count as a host
        raise TypeError("the hosts must be a list")
    if len(named) != 1:
        raise WrongHostError("a request has exactly one Host header")
    host = named[0].strip(" \t").lower()
    if host not in hosts:
        raise WrongHostError("the request is for another host")
    return host


def link_for_mail(host: str, path: str, **query: str) -> str:
    """The address https://`host``path` with `query` encoded, for a link in a mail; `host` is from check_host().

    `path` is part of the program, such as "/reset". Raises WrongHostError for a path that could change the host.
    """
    if not path.startswith("/") or path.startswith("//") or "\\" in path:
        raise WrongHostError("the path leads to another host")
    address = f"https://{host}{quote(path)}"
    return f"{address}?{urlencode(query)}" if query else address
