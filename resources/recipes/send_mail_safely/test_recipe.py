import email
import smtplib
import ssl
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given
from hypothesis import strategies as st

from . import recipe
from .recipe import MAX_SUBJECT, MailRefusedError, build_mail, connect, send_mail_safely

HEADERS = {"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Type", "MIME-Version"}


class Server:
    """Plays the mail server."""

    def __init__(self) -> None:
        self.sent: list[tuple[EmailMessage, str, list[str]]] = []
        self.ended = False

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self.ended = True

    def send_message(self, message: EmailMessage, from_addr: str, to_addrs: list[str]) -> None:
        self.sent.append((message, from_addr, to_addrs))


def arrived(message: EmailMessage) -> EmailMessage:
    """The message as the other side reads it."""
    read = email.message_from_bytes(message.as_bytes(policy=SMTP), policy=SMTP)
    assert isinstance(read, EmailMessage)
    return read


def test_a_mail_goes_to_its_recipient() -> None:
    server = Server()
    send_mail_safely("ann@example.org", "Grüße", "Hello\nÄnn", "bob@example.net", connect=lambda: server)  # type: ignore[arg-type, return-value]
    [(message, sender, recipients)] = server.sent
    assert (sender, recipients, server.ended) == ("no-reply@example.com", ["ann@example.org"], True)
    read = arrived(message)
    assert read["Subject"] == "Grüße"
    assert read["Reply-To"] == "bob@example.net"
    assert read.get_content().splitlines() == ["Hello", "Änn"]


@pytest.mark.parametrize("address", ["a.b+c@example.org", "o'neil@mail.example.co.uk", "x_y-z@example-shop.de"])
def test_plain_addresses_are_taken(address: str) -> None:
    assert arrived(build_mail(address, "s", "t"))["To"] == address


@pytest.mark.parametrize(
    "address",
    [
        "ann@example.org, all@example.org",
        "ann@example.org;all@example.org",
        "ann@example.org\nBcc: all@example.org",
        "ann@example.org\r\n\r\ntext",
        "Ann <ann@example.org>",
        '"ann"@example.org',
        "ann(x)@example.org",
        "ann@example.org\n",
        "ann@[127.0.0.1]",
        "ann@localhost",
        "@example.org",
        "ann@exämple.org",
        "-oQ/tmp@example.org",
        "ann..b@example.org",
        "ann@" + "a." * 200 + "org",
        "a" * 65 + "@example.org",
        "",
    ],
)
def test_attack_anything_but_one_plain_address_is_refused(address: str) -> None:
    with pytest.raises(MailRefusedError, match="address"):
        build_mail(address, "subject", "text")
    with pytest.raises(MailRefusedError, match="address"):
        build_mail("ann@example.org", "subject", "text", reply_to=address)


@pytest.mark.parametrize(
    "subject",
    [
        "x\nBcc: all@example.org",
        "x\r\n\r\nspam",
        "x\ry",
        "x\u2028y",
        "x\0",
        "\u202ex",
        "\ud800",
        "",
        " ",
        "x" * (MAX_SUBJECT + 1),
    ],
)
def test_attack_a_subject_of_more_than_one_line_is_refused(subject: str) -> None:
    with pytest.raises(MailRefusedError, match="subject"):
        build_mail("ann@example.org", subject, "text")


@pytest.mark.parametrize(
    "text",
    [
        "a\r\n.\r\nMAIL FROM:<x@example.org>",
        "a\n.\nb",
        "a\r.\rb",
        "a\n.\r\nb",
        "Bcc: all@example.org\n\nx",
        "ä" * 3000 + "\n.\n",
    ],
)
def test_attack_the_text_ends_no_message_and_adds_no_header(text: str) -> None:
    message = build_mail("ann@example.org", "subject", text)
    raw = message.as_bytes(policy=SMTP)
    assert b"\r" not in raw.replace(b"\r\n", b"")
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 78
    assert set(arrived(message).keys()) - {"Content-Transfer-Encoding"} == HEADERS


@given(st.text(max_size=60), st.text(max_size=60))
def test_attack_whatever_comes_the_headers_are_ours(subject: str, text: str) -> None:
    try:
        read = arrived(build_mail("ann@example.org", subject, text))
    except MailRefusedError:
        return
    assert set(read.keys()) - {"Content-Transfer-Encoding"} == HEADERS
    assert read.get_all("To") == ["ann@example.org"]
    assert not read.defects


def test_attack_a_server_without_tls_gets_no_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    class Plain:
        closed = False

        def __init__(self, *_: object, **__: object) -> None:
            pass

        def starttls(self, context: ssl.SSLContext) -> None:
            assert context.verify_mode is ssl.CERT_REQUIRED
            assert context.check_hostname
            raise smtplib.SMTPNotSupportedError("STARTTLS extension not supported by server.")

        def close(self) -> None:
            Plain.closed = True

    monkeypatch.setattr(recipe.smtplib, "SMTP", Plain)
    with pytest.raises(smtplib.SMTPNotSupportedError):
        connect()
    assert Plain.closed


@pytest.mark.parametrize("subject", ["=?utf-8?q?hi=0D=0ABcc:_evil@example.net?=", "a =?UTF-8?B?aGkNCkJjYzogZUBlLmRl?="])
def test_attack_an_encoded_line_break_in_the_subject_makes_no_header(subject: str) -> None:
    # The email package decodes such words, and some versions (CVE-2024-6923) then write the line break as it is.
    with pytest.raises(MailRefusedError):
        build_mail("ann@example.com", subject, "text")


@pytest.mark.parametrize(
    "address", ["=?utf-8?q?a=2Ce=40x.test=2Cb?=@example.com", "=?utf-8?q?a=0D=0AX=3A_e?=@example.com"]
)
def test_attack_an_encoded_word_in_an_address_does_not_become_several(address: str) -> None:
    with pytest.raises(MailRefusedError):
        build_mail(address, "hello", "text")
    with pytest.raises(MailRefusedError):
        build_mail("ann@example.com", "hello", "text", reply_to=address)
