"""Sign in with another provider: the OAuth 2.0 code flow with PKCE, state and nonce, each good for one try."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from urllib.parse import urlencode

PENDING = "oauth_pending"
"""The name under which the session remembers the try."""

LIFETIME_SECONDS = 600.0
"""How long somebody may take to sign in at the provider."""


class CallbackRefusedError(PermissionError):
    """The callback does not belong to a try of this browser; start anew."""


@dataclass(frozen=True)
class Client:
    """What was agreed with the provider. `redirect_uri` is fixed here, never made from the request."""

    issuer: str
    authorize_url: str
    client_id: str
    redirect_uri: str
    scope: str = "openid"


def start_oauth(session: MutableMapping[str, object], client: Client, now: float) -> str:
    """The address to send the browser to; what proves the answer is kept in `session`, which lies on the server.

    A second start replaces the first. `now` is the time in seconds.
    """
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    session[PENDING] = {"state": state, "nonce": nonce, "verifier": verifier, "issuer": client.issuer, "started": now}
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    query = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": client.redirect_uri,
        "scope": client.scope,
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    return f"{client.authorize_url}?{urlencode(query)}"


def check_callback(
    session: MutableMapping[str, object], client: Client, query: Mapping[str, str], now: float
) -> tuple[dict[str, str], str]:
    """The form to POST to the token endpoint, and the nonce that the ID token must carry.

    `query` are the callback's parameters. The try is used up, whatever comes of it. Raises CallbackRefusedError when
    the callback was not asked for by this browser, comes from another provider, is late, or brings an error.
    """
    pending = session.pop(PENDING, None)
    if not isinstance(pending, dict) or not 0 <= now - pending["started"] <= LIFETIME_SECONDS:
        raise CallbackRefusedError("no sign-in was started here, or too long ago")
    if not _same(query.get("state", ""), pending["state"]):
        raise CallbackRefusedError("the answer belongs to another sign-in")
    if pending["issuer"] != client.issuer or query.get("iss", client.issuer) != client.issuer:
        raise CallbackRefusedError("the answer comes from another provider")
    if "error" in query or not query.get("code"):
        raise CallbackRefusedError("the provider did not let the user in")
    form = {
        "grant_type": "authorization_code",
        "code": query["code"],
        "redirect_uri": client.redirect_uri,
        "client_id": client.client_id,
        "code_verifier": pending["verifier"],
    }
    return form, pending["nonce"]


def check_nonce(claims: Mapping[str, object], nonce: str) -> None:
    """Return when an ID token, its signature, issuer, audience and expiry already checked, was made for this try."""
    if not _same(str(claims.get("nonce", "")), nonce):
        raise CallbackRefusedError("the ID token was made for another sign-in")


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode())
