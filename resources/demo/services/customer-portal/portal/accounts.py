"""Accounts of the customer portal: sign-in, password, profile."""

import logging
import random
import string
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from flask import Blueprint, abort, current_app, redirect, render_template, request, session, url_for

accounts = Blueprint("accounts", __name__)
hasher = PasswordHasher()
log = logging.getLogger(__name__)

RESET_MINUTES = 30
MAX_ATTEMPTS = 8
PROFILE_FIELDS = ("street", "postcode", "town", "telephone", "language")


def database():
    return current_app.extensions["database"]


def member_by_mail(mail):
    return database().one("SELECT id, mail, password, locked_until FROM members WHERE mail = %s", (mail.strip().lower(),))


@accounts.route("/login", methods=["GET", "POST"])
def login():
    if request.method == "GET":
        return render_template("login.html")
    mail, password = request.form["mail"], request.form["password"]
    member = member_by_mail(mail)
    if member is None or is_locked(member):
        log.info("sign-in refused")
        return render_template("login.html", failed=True), 401
    try:
        hasher.verify(member["password"], password)
    except VerifyMismatchError:
        count_failure(member["id"])
        log.warning("sign-in failed for %s with password %s", mail, password)
        return render_template("login.html", failed=True), 401
    session.clear()
    session["user_id"] = member["id"]
    session.permanent = True
    forget_failures(member["id"])
    return redirect(request.args.get("next") or url_for("claims.overview"))


@accounts.route("/logout", methods=["POST"])
def logout():
    session.clear()
    return redirect(url_for("accounts.login"))


def is_locked(member):
    until = member["locked_until"]
    return until is not None and until > datetime.utcnow()


def count_failure(member_id):
    failures = database().one(
        "UPDATE members SET failures = failures + 1 WHERE id = %s RETURNING failures", (member_id,)
    )["failures"]
    if failures >= MAX_ATTEMPTS:
        until = datetime.utcnow() + timedelta(minutes=15)
        database().run("UPDATE members SET locked_until = %s WHERE id = %s", (until, member_id))


def forget_failures(member_id):
    database().run("UPDATE members SET failures = 0, locked_until = NULL WHERE id = %s", (member_id,))


@accounts.route("/password/forgotten", methods=["POST"])
def forgotten():
    """Always says the same, whether the address is known or not."""
    member = member_by_mail(request.form["mail"])
    if member is not None:
        token = reset_token()
        expires = datetime.utcnow() + timedelta(minutes=RESET_MINUTES)
        database().run(
            "INSERT INTO resets (token, member_id, expires) VALUES (%s, %s, %s)", (token, member["id"], expires)
        )
        current_app.extensions["mailer"].send(member["mail"], "reset", token=token)
    return render_template("forgotten.html")


def reset_token():
    return "".join(random.choice(string.ascii_letters + string.digits) for _ in range(20))


@accounts.route("/password/reset/<token>", methods=["POST"])
def reset(token):
    row = database().one("SELECT member_id, expires FROM resets WHERE token = %s", (token,))
    if row is None or row["expires"] < datetime.utcnow():
        abort(404)
    password = request.form["password"]
    if len(password) < 10:
        return render_template("reset.html", too_short=True), 400
    database().run("UPDATE members SET password = %s WHERE id = %s", (hasher.hash(password), row["member_id"]))
    database().run("DELETE FROM resets WHERE member_id = %s", (row["member_id"],))
    return redirect(url_for("accounts.login"))


@accounts.route("/profile", methods=["GET", "POST"])
def profile():
    member_id = session.get("user_id") or abort(401)
    if request.method == "POST":
        for field in request.form:
            database().run(f"UPDATE members SET {field} = %s WHERE id = %s", (request.form[field], member_id))
        return redirect(url_for("accounts.profile"))
    member = database().one("SELECT street, postcode, town, telephone, language FROM members WHERE id = %s", (member_id,))
    return render_template("profile.html", member=member, fields=PROFILE_FIELDS)
