from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed448
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from . import recipe
from .recipe import SignatureRefusedError, load_key, make_key, sign_file, sign_message, verify_file, verify_message

KEY = Ed25519PrivateKey.generate()
TRUSTED = {"release-1": KEY.public_key().public_bytes_raw()}


@given(st.binary(max_size=200))
def test_a_signed_message_is_verified(message: bytes) -> None:
    verify_message(message, sign_message(message, KEY), "release-1", TRUSTED)


def test_a_file_is_signed_like_its_content(tmp_path: Path) -> None:
    path = tmp_path / "release.whl"
    path.write_bytes(b"wheel" * 1000)
    signature = sign_file(path, KEY)
    verify_file(path, signature, "release-1", TRUSTED)
    verify_message(path.read_bytes(), signature, "release-1", TRUSTED)


def test_the_private_key_is_kept_encrypted() -> None:
    pem, public = make_key(b"five random words are enough")
    assert b"ENCRYPTED" in pem
    key = load_key(pem, b"five random words are enough")
    verify_message(b"m", sign_message(b"m", key), "mine", {"mine": public})
    with pytest.raises(ValueError, match=r".+"):
        load_key(pem, b"wrong")
    with pytest.raises(ValueError, match="empty"):
        make_key(b"")


def test_a_key_of_another_kind_is_refused() -> None:
    other = ed448.Ed448PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"words")
    )
    with pytest.raises(ValueError, match="no Ed25519"):
        load_key(other, b"words")


def test_attack_a_changed_message_or_signature_is_refused(tmp_path: Path) -> None:
    signature = sign_message(b"pay 100", KEY)
    for message, forged in [
        (b"pay 900", signature),
        (b"pay 100", signature[:-1] + bytes([signature[-1] ^ 1])),
        (b"pay 100", signature[:32]),
        (b"pay 100", b""),
        (b"pay 100", bytes(64)),
    ]:
        with pytest.raises(SignatureRefusedError, match="does not fit"):
            verify_message(message, forged, "release-1", TRUSTED)
    (tmp_path / "f").write_bytes(b"pay 900")
    with pytest.raises(SignatureRefusedError):
        verify_file(tmp_path / "f", signature, "release-1", TRUSTED)


def test_attack_the_attackers_own_key_is_not_trusted() -> None:
    mallory = Ed25519PrivateKey.generate()
    signature = sign_message(b"m", mallory)
    with pytest.raises(SignatureRefusedError, match="not trusted"):
        verify_message(b"m", signature, "mallory", TRUSTED)
    with pytest.raises(SignatureRefusedError):
        verify_message(b"m", signature, "release-1", TRUSTED)


def test_attack_a_signature_for_another_purpose_is_no_signature_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipe, "PURPOSE", b"example.com chat v1")
    signature = sign_message(b"m", KEY)
    monkeypatch.undo()
    with pytest.raises(SignatureRefusedError):
        verify_message(b"m", signature, "release-1", TRUSTED)
