import hashlib
import io
import urllib.error
import urllib.request
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.response import addinfourl

import pytest

from . import recipe
from .recipe import DownloadRefusedError, verify_download

CONTENT = b"installer" * 20_000
PINNED = hashlib.sha256(CONTENT).hexdigest()
URL = "https://example.org/tool.bin"


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What the server offers."""
    content = [CONTENT]
    monkeypatch.setattr(recipe, "_open", lambda _: io.BytesIO(content[0]))
    return content


def untouched(target: Path) -> bool:
    return target.read_text() == "as before" and [path.name for path in target.parent.iterdir()] == [target.name]


@pytest.fixture
def target(tmp_path: Path) -> Path:
    path = tmp_path / "tool.bin"
    path.write_text("as before")
    return path


def test_the_right_file_takes_its_place(offered: list[bytes], target: Path) -> None:
    verify_download(URL, PINNED.upper(), target)
    assert target.read_bytes() == CONTENT
    assert [path.name for path in target.parent.iterdir()] == ["tool.bin"]


@pytest.mark.parametrize("content", [CONTENT + b"x", CONTENT[:-1], b"", b"#!/bin/sh\nevil"])
def test_attack_another_file_never_gets_its_name(offered: list[bytes], target: Path, content: bytes) -> None:
    offered[0] = content
    with pytest.raises(DownloadRefusedError, match="not the pinned one"):
        verify_download(URL, PINNED, target)
    assert untouched(target)


def test_attack_an_endless_file_is_cut_off(offered: list[bytes], target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipe, "MAX_BYTES", 100_000)
    with pytest.raises(DownloadRefusedError, match="more than 100000"):
        verify_download(URL, PINNED, target)
    assert untouched(target)


@pytest.mark.parametrize("pin", ["", "0" * 63, "md5:" + "0" * 60, PINNED + "\n", "*"])
def test_attack_an_empty_or_odd_pin_is_refused_before_anything_is_fetched(target: Path, pin: str) -> None:
    with pytest.raises(DownloadRefusedError, match="64 hexadecimal"):
        verify_download(URL, pin, target)
    assert untouched(target)


@pytest.mark.parametrize("url", ["http://example.org/x", "file:///etc/passwd", "ftp://example.org/x", "/etc/passwd"])
def test_attack_other_schemes_are_refused(target: Path, url: str) -> None:
    with pytest.raises(DownloadRefusedError, match="https"):
        verify_download(url, PINNED, target)
    assert untouched(target)


@pytest.mark.parametrize("place", ["http://example.org/tool.bin", "file:///etc/passwd"])
def test_attack_a_redirect_away_from_https_is_not_followed(
    target: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    def https_open(_: object, request: urllib.request.Request) -> Any:
        headers = Message()
        headers["Location"] = place
        answer = addinfourl(io.BytesIO(), headers, request.full_url, 302)
        answer.msg = "Found"  # type: ignore[attr-defined]
        return answer

    monkeypatch.setattr(urllib.request.HTTPSHandler, "https_open", https_open)
    with pytest.raises(urllib.error.URLError, match=r"unknown url type|not allowed"):
        verify_download(URL, PINNED, target)
    assert untouched(target)


def test_a_broken_connection_leaves_nothing(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(io.BytesIO):
        def read(self, _: int | None = -1, /) -> bytes:
            raise ConnectionResetError("gone")

    monkeypatch.setattr(recipe, "_open", lambda _: Broken())
    with pytest.raises(ConnectionResetError):
        verify_download(URL, PINNED, target)
    assert untouched(target)
