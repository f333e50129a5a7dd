import pytest

from .recipe import MAX_AGE_SECONDS, MessageRefusedError, sign_message, verify_message

SECRET = b"0123456789abcdef0123456789abcdef"
NOW = 1_763_600_000


def verify(body: bytes = b"{}", timestamp: str = str(NOW), signature: str = "", **changes: object) -> None:
    arguments = {"secret": SECRET, "now": float(NOW), "seen": set(), **changes}
    verify_message(body, timestamp, signature or sign_message(b"{}", NOW, SECRET), **arguments)  # type: ignore[arg-type]


def test_a_genuine_message_is_taken_and_known_signature_is_right() -> None:
    verify()
    # HMAC-SHA256 of "1.x" with key "k", computed with OpenSSL.
    assert sign_message(b"x", 1, b"k") == "976cb87e4f568d1c0f03f32859e90af8597cf00b978ba37c229c97d3a15b8449"


@pytest.mark.parametrize("body", [b"{} ", b"", b'{"amount": 1000000}'])
def test_attack_a_changed_body_is_refused(body: bytes) -> None:
    with pytest.raises(MessageRefusedError, match="signature"):
        verify(body=body)


@pytest.mark.parametrize("signature", ["0" * 64, "é", "sha256=", "None"])
def test_attack_a_made_up_signature_is_refused(signature: str) -> None:
    with pytest.raises(MessageRefusedError, match="signature"):
        verify(signature=signature)


def test_attack_a_recorded_message_is_refused_the_second_time() -> None:
    seen: set[str] = set()
    verify(seen=seen)
    with pytest.raises(MessageRefusedError, match="before"):
        verify(seen=seen)


def test_attack_an_old_message_is_refused_and_a_new_time_breaks_the_signature() -> None:
    late = float(NOW + MAX_AGE_SECONDS + 1)
    with pytest.raises(MessageRefusedError, match="old"):
        verify(now=late)
    with pytest.raises(MessageRefusedError, match="signature"):
        verify(now=late, timestamp=str(int(late)))


@pytest.mark.parametrize("timestamp", ["", "-1", "1e9", "٣", "1 ", "9" * 5_000])
def test_attack_an_odd_time_is_refused(timestamp: str) -> None:
    with pytest.raises(MessageRefusedError, match="time"):
        verify(timestamp=timestamp)


def test_a_missing_secret_is_never_taken_for_an_empty_one() -> None:
    with pytest.raises(ValueError, match="no secret"):
        verify(secret=b"", signature=sign_message(b"{}", NOW, b""))
