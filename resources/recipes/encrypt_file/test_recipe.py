from pathlib import Path

import pytest

from . import recipe
from .recipe import CHUNK, HEADER, TAG_BYTES, DecryptionError, decrypt_file, encrypt_file

WORDS = "correct horse battery staple"
SEALED = CHUNK + TAG_BYTES


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipe, "LOG_COST", 2)


def encrypted(folder: Path, content: bytes) -> Path:
    (folder / "plain").write_bytes(content)
    encrypt_file(folder / "plain", folder / "sealed", WORDS)
    return folder / "sealed"


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 5])
def test_what_was_encrypted_is_decrypted(tmp_path: Path, size: int) -> None:
    content = bytes(i % 251 for i in range(size))
    sealed = encrypted(tmp_path, content)
    decrypt_file(sealed, tmp_path / "back", WORDS)
    assert (tmp_path / "back").read_bytes() == content
    assert sorted(path.name for path in tmp_path.iterdir()) == ["back", "plain", "sealed"]


def test_a_file_can_be_encrypted_in_its_place_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "diary"
    path.write_text("dear diary")
    encrypt_file(path, path, WORDS)
    assert b"diary" not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0
    decrypt_file(path, path, WORDS)
    assert path.read_text() == "dear diary"


def test_the_same_passphrase_typed_on_another_system_fits(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"x")
    encrypt_file(tmp_path / "plain", tmp_path / "sealed", "caf\u00e9")
    decrypt_file(tmp_path / "sealed", tmp_path / "back", "cafe\u0301")


def test_an_empty_passphrase_is_refused(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"x")
    with pytest.raises(ValueError, match="empty"):
        encrypt_file(tmp_path / "plain", tmp_path / "sealed", "")


def refused(sealed: Path, passphrase: str = WORDS) -> None:
    target = sealed.parent / "back"
    target.write_text("as before")
    with pytest.raises(DecryptionError):
        decrypt_file(sealed, target, passphrase)
    assert target.read_text() == "as before"
    assert not list(sealed.parent.glob(".encrypting-*"))


def test_attack_another_passphrase_opens_nothing(tmp_path: Path) -> None:
    refused(encrypted(tmp_path, b"secret"), "correct horse battery stable")


def test_attack_a_flipped_bit_anywhere_is_noticed(tmp_path: Path) -> None:
    sealed = encrypted(tmp_path, b"pay 100")
    whole = sealed.read_bytes()
    for place in (0, 5, 22, HEADER.size, len(whole) - 1):
        changed = bytearray(whole)
        changed[place] ^= 1
        sealed.write_bytes(changed)
        refused(sealed)


@pytest.mark.parametrize("cut", [1, CHUNK + TAG_BYTES, 2 * SEALED, 2 * SEALED + 100, 3 * SEALED])
def test_attack_a_file_cut_short_even_between_chunks_is_refused(tmp_path: Path, cut: int) -> None:
    sealed = encrypted(tmp_path, b"x" * 3 * CHUNK)
    sealed.write_bytes(sealed.read_bytes()[:-cut])
    refused(sealed)


def test_attack_chunks_swapped_repeated_or_taken_from_another_file_are_refused(tmp_path: Path) -> None:
    sealed = encrypted(tmp_path, b"a" * CHUNK + b"b" * CHUNK + b"c")
    whole = sealed.read_bytes()
    header, first, rest = whole[: HEADER.size], whole[HEADER.size :][:SEALED], whole[HEADER.size + SEALED :]
    second, last = rest[:SEALED], rest[SEALED:]
    other = encrypted(tmp_path, b"a" * CHUNK + b"b" * CHUNK + b"c").read_bytes()
    for forged in (second + first + last, first + first + second + last, first + second + last + last):
        sealed.write_bytes(header + forged)
        refused(sealed)
    sealed.write_bytes(header + other[HEADER.size :][:SEALED] + second + last)
    refused(sealed)


def test_attack_a_header_that_asks_for_all_the_memory_is_refused(tmp_path: Path) -> None:
    sealed = encrypted(tmp_path, b"x")
    whole = bytearray(sealed.read_bytes())
    whole[4] = 40
    sealed.write_bytes(whole)
    refused(sealed)


def test_two_encryptions_of_the_same_file_share_nothing(tmp_path: Path) -> None:
    first, second = (encrypted(tmp_path, b"same").read_bytes() for _ in range(2))
    assert first[5:] != second[5:]
    assert first[5:21] != second[5:21]
    assert first[21:28] != second[21:28]
