"""Tell the caller that something failed, and nothing of what: details go to the log under an id that both have."""

import json
import logging
import secrets

TITLE = "Something went wrong on our side."
"""What a caller reads of every error that was not foreseen."""

Answer = tuple[int, dict[str, str], bytes]


class PublicError(Exception):
    """An error that was foreseen, with a text written for the caller: wrong input, not found, not allowed.

    `status` is from 400 to 499; ValueError for another.
    """

    def __init__(self, status: int, message: str) -> None:
        if not 400 <= status <= 499:
            raise ValueError("a foreseen error has a status from 400 to 499")
        super().__init__(message)
        self.status = status
        self.message = message


def hide_error(error: BaseException, log: logging.Logger) -> Answer:
    """Status, headers and body to answer after `error`, which is written to `log` whole, under the id in the body.

    Only the text of a PublicError reaches the caller; its causes do not. Call it at the outermost place: in Flask
    @app.errorhandler(Exception) (which gets HTTPException too: return that as it is, or every 404 becomes a 500), in
    FastAPI @app.exception_handler(Exception), else in a middleware.
    """
    identifier = secrets.token_hex(8)
    if isinstance(error, PublicError):
        status, title = error.status, error.message
        log.info("request refused with %d, id %s", status, identifier, exc_info=error)
    else:
        status, title = 500, TITLE
        log.error("request failed, id %s", identifier, exc_info=error)
    body = {"type": "about:blank", "title": title, "status": status, "id": identifier}
    headers = {
        "Content-Type": "application/problem+json",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return status, headers, json.dumps(body).encode()
