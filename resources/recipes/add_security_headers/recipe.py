"""Send the headers that make a browser the second line of defence: middleware for WSGI apps (Flask, Django)."""

import secrets
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

NONCE = "csp.nonce"
"""Where in the request's environ a page finds its nonce: <script nonce="{{ request.environ['csp.nonce'] }}">."""

POLICY = (
    "default-src 'self'; script-src 'nonce-{nonce}' 'strict-dynamic'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
"""Content-Security-Policy: scripts run only with the nonce, nobody frames the page, forms go home."""

HEADERS = {
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
"""The headers that are the same for every answer. A view that sets one itself, to another value, keeps its own."""

TELLTALES = frozenset({"server", "x-powered-by"})
"""Headers taken away, since they tell which version runs."""


def add_security_headers(app: WSGIApplication) -> WSGIApplication:
    """`app` with POLICY and HEADERS on every answer, error pages too; put it outermost.

    The nonce is new for every request and lies in environ[NONCE] before the app runs. In Flask:
    app.wsgi_app = add_security_headers(app.wsgi_app).
    """

    def secured(environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        nonce = secrets.token_urlsafe(16)
        environ[NONCE] = nonce
        ours = {"Content-Security-Policy": POLICY.replace("{nonce}", nonce), **HEADERS}

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None, /) -> Any:
            present = {name.lower() for name, _ in headers}
            kept = [(name, value) for name, value in headers if name.lower() not in TELLTALES]
            added = [(name, value) for name, value in ours.items() if name.lower() not in present]
            return start_response(status, kept + added, exc_info)

        return app(environ, start)

    return secured
