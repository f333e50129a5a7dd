"""Send a mail whose recipient, subject and text come from outside: to one address, without a header more, over TLS."""

import re
import smtplib
import ssl
import unicodedata
from collections.abc import Callable
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

SENDER = "no-reply@example.com"
"""Who sends; always ours, never the address that somebody typed into a form (that goes to reply_to)."""

HOST = "smtp.example.com"
"""Our mail server."""

PORT = 587
"""Its port for submission, with STARTTLS."""

SECONDS = 20.0
"""Longest wait for the server."""

MAX_SUBJECT = 150
"""Longest subject, in characters."""

MAX_TEXT = 100_000
"""Longest text, in characters."""

ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,63}",
    re.ASCII,
)
"""One plain address: no display name, no list, no quotes, no comment."""


class MailRefusedError(ValueError):
    """The mail is not sent; the text says why."""


def connect() -> smtplib.SMTP:
    """A connection to our server, encrypted and its certificate checked; raises OSError or SMTPException when not."""
    server = smtplib.SMTP(HOST, PORT, timeout=SECONDS)
    try:
        server.starttls(context=ssl.create_default_context())
    except BaseException:
        server.close()
        raise
    return server


def send_mail_safely(
    recipient: str, subject: str, text: str, reply_to: str | None = None, connect: Callable[[], smtplib.SMTP] = connect
) -> None:
    """Send `text` to `recipient`, one address and nobody else; raises MailRefusedError for what is no mail of ours.

    The envelope is given by itself, so nothing in the headers can add a recipient. What the server raises goes on.
    """
    message = build_mail(recipient, subject, text, reply_to)
    with connect() as server:
        server.send_message(message, from_addr=SENDER, to_addrs=[recipient])


def build_mail(recipient: str, subject: str, text: str, reply_to: str | None = None) -> EmailMessage:
    """The mail as it is sent: plain text, quoted-printable, so that no line can end the message or begin another."""
    if any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") for character in subject):
        raise MailRefusedError("a subject is one line without control characters")
    if "=?" in subject:  # EmailMessage decodes such words, and before CVE-2024-6923 wrote their line breaks as headers
        raise MailRefusedError("a subject holds no encoded words")
    if not subject.strip() or len(subject) > MAX_SUBJECT:
        raise MailRefusedError(f"a subject has 1 to {MAX_SUBJECT} characters")
    if len(text) > MAX_TEXT or any("\ud800" <= character <= "\udfff" for character in text):
        raise MailRefusedError(f"the text has more than {MAX_TEXT} characters, or some that are none")
    message = EmailMessage()
    message["From"] = SENDER
    message["To"] = _address(recipient)
    if reply_to is not None:
        message["Reply-To"] = _address(reply_to)
    message["Subject"] = subject
    message["Date"] = formatdate(usegmt=True)
    message["Message-ID"] = make_msgid(domain=SENDER.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text, cte="quoted-printable")
    return message


def _address(address: str) -> str:
    odd = ".." in address or "=?" in address or address.startswith(("-", "."))
    if len(address) > 254 or odd or not ADDRESS.fullmatch(address):
        raise MailRefusedError("that is not one plain mail address")
    return address
