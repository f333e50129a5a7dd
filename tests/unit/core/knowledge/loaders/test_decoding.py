import contextlib
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.core.knowledge.doubles import raw
from workbench.core.knowledge.documents import LoadError
from workbench.core.knowledge.loaders.decoding import clean, decode_text

FRENCH = "Le contrôle d'accès est défaillant : l'attaquant peut élever ses privilèges. " * 4
RUSSIAN = "Злоумышленник может выполнить произвольный код на удалённой системе. " * 4
JAPANESE = "攻撃者は任意のコードを実行できます。この脆弱性は深刻です。" * 4


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1"])
def test_western_text_is_read_in_every_encoding(encoding: str) -> None:
    assert decode_text(raw(FRENCH.encode(encoding))) == (FRENCH, ())


@pytest.mark.parametrize(
    ("text", "encoding"),
    [(RUSSIAN, "cp1251"), (RUSSIAN, "koi8-r"), (JAPANESE, "shift_jis"), (JAPANESE, "euc_jp"), (FRENCH, "cp1252")],
)
def test_encodings_that_declare_nothing_are_told_by_their_text(text: str, encoding: str) -> None:
    assert decode_text(raw(text.encode(encoding))) == (text, ())


def test_the_punctuation_of_windows_is_kept() -> None:
    text = "The \u201cquoted\u201d password \u2014 it\u2019s na\u00efve \u2014 costs 5 \u20ac."
    assert decode_text(raw(text.encode("cp1252"))) == (text, ())


def test_a_declared_encoding_is_believed_only_when_it_fits() -> None:
    declared = '<?xml version="1.0" encoding="iso-8859-2"?><p>Łódź</p>'
    assert decode_text(raw(declared.encode("iso-8859-2")))[0] == declared
    wrong = '<meta charset="ascii"><p>café noir, déjà vu</p>'
    assert decode_text(raw(wrong.encode("latin-1")))[0] == wrong


@pytest.mark.parametrize("name", ["rot13", "base64", "zlib", "utf-7", "no-such-codec", "utf_16"])
def test_a_declared_codec_that_is_no_text_encoding_is_not_used(name: str) -> None:
    text = f'<meta charset="{name}">naïve café, déjà vu'
    assert decode_text(raw(text.encode("latin-1")))[0] == text


@pytest.mark.parametrize("data", [b"", b" \n\t ", b"\0\0\0\0"])
def test_a_file_without_text_is_called_empty(data: bytes) -> None:
    with pytest.raises(LoadError, match=r"file\.txt is empty"):
        decode_text(raw(data))


@pytest.mark.parametrize(
    "data", [b"\x7fELF\x02\x01\x01" + bytes(64), b"GIF89a\x01\x00\x01\x00" + bytes(range(256)), os.urandom(4096)]
)
def test_a_binary_file_is_called_binary(data: bytes) -> None:
    with pytest.raises(LoadError, match=r"file\.txt is a binary file"):
        decode_text(raw(data))


def test_a_stray_zero_byte_does_not_make_a_text_binary() -> None:
    text, _ = decode_text(raw(b"before\0after " + b"and much more text " * 50))
    assert text.startswith("before after and much")


def test_characters_that_cannot_be_read_are_counted_and_said() -> None:
    data = b"\xef\xbb\xbf" + b"plain text " * 50 + b"\xff\xfe"
    text, notices = decode_text(raw(data))
    assert text.endswith("\ufffd\ufffd")
    assert notices == ("2 characters of file.txt are no utf-8-sig text and show as \ufffd",)


@given(st.text(st.characters(codec=None)))
def test_clean_text_can_be_stored_and_keeps_its_lines(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode("utf-8")
    assert "\0" not in cleaned
    assert "\r" not in cleaned
    assert cleaned.count("\n") == text.replace("\r\n", "\n").replace("\r", "\n").count("\n")
    assert clean(cleaned) == cleaned


@pytest.mark.parametrize("data", [b"w\0o\0r\0d\0s\0 \0\0\xd8w\0o\0r\0d\0s\0 \0m\0o\0r\0e\0", b"a\0b\0c\0d\0\xff\xdb"])
def test_half_a_character_of_utf16_does_not_stop_the_reading(data: bytes) -> None:
    with contextlib.suppress(LoadError):
        assert "\ufffd" in decode_text(raw(data))[0]


def test_a_log_with_holes_of_zeros_is_read_around_them() -> None:
    assert decode_text(raw(bytes(999) + b"before\n" + bytes(5000) + b"after" + bytes(999)))[0].split() == [
        "before",
        "after",
    ]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("iso2022_jp", "日本語の文章です。\n"),
        ("cp855", "Съешь ещё этих мягких французских булок, да выпей чаю. " * 9),
        ("mac_cyrillic", "Съешь ещё этих мягких французских булок, да выпей чаю. " * 9),
        ("iso8859-2", "Příliš žluťoučký kůň úpěl ďábelské ódy. " * 9),
        ("cp1254", "Pijamalı hasta yağız şoföre çabucak güvendi. " * 9),
        ("gb18030", "我能吞下玻璃而不伤身体。" * 9),
        ("cp500", "The quick brown fox jumps over the lazy dog. " * 9),
    ],
)  # fmt: skip
def test_texts_of_many_encodings_come_out_right(encoding: str, text: str) -> None:
    assert decode_text(raw(text.encode(encoding)))[0] == text
