"""Claims of a member, and the papers that belong to them."""

import hmac
import logging
import os
import secrets
from pathlib import Path

from flask import Blueprint, abort, current_app, jsonify, render_template, render_template_string, request, send_file, session
from werkzeug.utils import secure_filename

claims = Blueprint("claims", __name__, url_prefix="/claims")
log = logging.getLogger(__name__)

PAPERS = Path("/srv/portal/uploads/papers")
ALLOWED = {".pdf", ".png", ".jpg", ".jpeg"}
MAX_BYTES = 10 * 1024 * 1024
LETTER = """
<h2>Your claim {{ number }}</h2>
<p>Dear member, we have received your claim and will answer within five working days.</p>
"""


def database():
    return current_app.extensions["database"]


def member():
    return session.get("user_id") or abort(401)


@claims.route("/")
def overview():
    rows = database().all("SELECT number, state, opened FROM claims WHERE member_id = %s ORDER BY opened DESC", (member(),))
    return render_template("claims.html", claims=rows)


@claims.route("/<int:number>")
def show(number):
    """One claim, if it is the member's own."""
    row = database().one("SELECT number, state, text FROM claims WHERE number = %s AND member_id = %s", (number, member()))
    if row is None:
        abort(404)
    return render_template("claim.html", claim=row, papers=papers_of(number))


def papers_of(number):
    return database().all("SELECT id, title FROM papers WHERE claim = %s ORDER BY id", (number,))


@claims.route("/<int:number>/papers", methods=["POST"])
def add_paper(number):
    """Keep a paper under a name that we make; the member's own name is kept as text only."""
    owner = member()
    if database().one("SELECT 1 FROM claims WHERE number = %s AND member_id = %s", (number, owner)) is None:
        abort(404)
    upload = request.files["paper"]
    ending = Path(secure_filename(upload.filename or "")).suffix.lower()
    data = upload.stream.read(MAX_BYTES + 1)
    if ending not in ALLOWED or len(data) > MAX_BYTES:
        abort(400, "PDF or picture of at most 10 MB, please")
    name = secrets.token_hex(16) + ending
    descriptor = os.open(PAPERS / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data)
    database().run(
        "INSERT INTO papers (claim, title, file) VALUES (%s, %s, %s)", (number, (upload.filename or "")[:120], name)
    )
    return jsonify(stored=True), 201


@claims.route("/papers/<int:paper_id>")
def paper(paper_id):
    """Hand a paper out. Members come here from their claim."""
    member()
    row = database().one("SELECT title, file FROM papers WHERE id = %s", (paper_id,))
    if row is None:
        abort(404)
    return send_file(PAPERS / row["file"], download_name=row["title"], as_attachment=True)


@claims.route("/<int:number>/letter")
def letter(number):
    """The letter as the member would get it; staff may give another text to try it out."""
    member()
    template = request.args.get("text") or LETTER
    return render_template_string(template, number=number)


@claims.route("/state", methods=["POST"])
def change_state():
    """Called by claims-core when a claim moves on; signed with a key that both sides hold."""
    body = request.get_data()
    wanted = hmac.new(current_app.config["CLAIMS_KEY"], body, "sha256").hexdigest()
    if not hmac.compare_digest(wanted, request.headers.get("X-Signature", "")):
        log.warning("state change with a wrong signature")
        abort(403)
    change = request.get_json()
    database().run("UPDATE claims SET state = %s WHERE number = %s", (change["state"], change["number"]))
    return "", 204
