"""Fetch a URL that somebody else chose, from the public internet only."""

import http.client
import ipaddress
import socket
import ssl
from urllib.parse import urlsplit

PORTS = {"https": 443, "http": 80}
"""The schemes allowed and the one port of each."""

SECONDS = 10.0
"""Longest wait for connecting and for each read."""

MAX_BYTES = 5_000_000
"""Largest answer taken, in bytes."""


UNICAST = ipaddress.ip_network("2000::/3")
"""All of IPv6 that is given out; outside lie NAT64, old forms of IPv4, site-local and other special addresses."""

SPECIAL = [
    ipaddress.ip_network(network)
    for network in ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32", "2001::/23", "2002::/16", "3fff::/20")
]
"""What is not inside by its number but leads there: tunnels, relays, and addresses of a cloud's own services."""


class FetchRefusedError(ValueError):
    """The URL leads somewhere it must not, or its answer is none we take."""


def fetch_url(url: str) -> bytes:
    """The body of the answer to GET `url`, at most MAX_BYTES.

    The host is looked up once, every address found must be public, and the connection goes to the address that was
    checked, so a second answer of the name server changes nothing. Redirects are not followed. Raises
    FetchRefusedError, or OSError when the host does not answer.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        host.encode("idna")
    except ValueError as error:
        raise FetchRefusedError("the address cannot be read") from error
    if parts.scheme not in PORTS or not host or parts.username is not None:
        raise FetchRefusedError("only plain http and https addresses are fetched")
    if (port or PORTS[parts.scheme]) != PORTS[parts.scheme]:
        raise FetchRefusedError("only the usual port of the scheme is fetched")
    connection = _connect(parts.scheme, host)
    try:
        connection.request("GET", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
        answer = connection.getresponse()
        if answer.status != http.client.OK:
            raise FetchRefusedError(f"the server answered {answer.status}, and only 200 is taken")
        body = answer.read(MAX_BYTES + 1)
    except (http.client.HTTPException, UnicodeError) as error:
        raise FetchRefusedError("the path is no path, or the answer is no HTTP") from error
    finally:
        connection.close()
    if len(body) > MAX_BYTES:
        raise FetchRefusedError(f"the answer has more than {MAX_BYTES} bytes")
    return body


def is_public(address: str) -> bool:
    """Whether an IP address is on the public internet: not private, loopback, link-local, multicast or reserved."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        ip = ip.ipv4_mapped or ip
    if (ip.version == 6 and ip not in UNICAST) or any(ip in network for network in SPECIAL):
        return False
    return ip.is_global and not ip.is_multicast


def _connect(scheme: str, host: str) -> http.client.HTTPConnection:
    found = socket.getaddrinfo(host, PORTS[scheme], type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not all(is_public(address) for address in addresses):
        raise FetchRefusedError("the host is not on the public internet")
    plain = socket.create_connection((addresses[0], PORTS[scheme]), timeout=SECONDS)
    connection = http.client.HTTPConnection(host, PORTS[scheme], timeout=SECONDS)
    connection.sock = plain
    if scheme == "https":
        connection.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=host)
    return connection
