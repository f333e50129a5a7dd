"""The picture of a member, shown beside the name."""

import urllib.request
from pathlib import Path

from flask import Blueprint, abort, request, session

avatars = Blueprint("avatars", __name__, url_prefix="/avatar")

FOLDER = Path("/srv/portal/static/avatars")
MAX_BYTES = 2 * 1024 * 1024
SIGNATURES = {b"\x89PNG\r\n\x1a\n": ".png", b"\xff\xd8\xff": ".jpg", b"GIF89a": ".gif"}


def ending_of(data):
    """By the first bytes, not by the name or the type that the browser tells."""
    return next((ending for start, ending in SIGNATURES.items() if data.startswith(start)), None)


@avatars.route("/", methods=["POST"])
def upload():
    member_id = session.get("user_id") or abort(401)
    picture = request.files["picture"]
    data = picture.stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        abort(413)
    ending = ending_of(data) or abort(415)
    target = FOLDER / f"{int(member_id)}{ending}"
    target.write_bytes(data)
    return {"stored": target.name}


@avatars.route("/from-address", methods=["POST"])
def fetch():
    """Take the picture from an address that the member gives."""
    member_id = session.get("user_id") or abort(401)
    with urllib.request.urlopen(request.form["address"]) as answer:
        data = answer.read()
    ending = ending_of(data) or ".bin"
    (FOLDER / f"{int(member_id)}{ending}").write_bytes(data)
    return {"stored": True}
