import gzip
import io
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from . import recipe
from .recipe import CompressedRefusedError, iterate_compressed, read_compressed


def read(data: bytes) -> bytes:
    return read_compressed(io.BytesIO(data))


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=3))
def test_what_was_packed_comes_out(parts: list[bytes]) -> None:
    assert read(b"".join(gzip.compress(part) for part in parts)) == b"".join(parts)
    assert read(zlib.compress(parts[0])) == parts[0]


def test_large_data_comes_out_whole() -> None:
    content = bytes(range(256)) * 1000 + b"\0" * 300_000
    assert read(gzip.compress(content)) == content


def test_attack_a_bomb_is_stopped_early() -> None:
    bomb = gzip.compress(b"\0" * 20_000_000, 1)
    tracemalloc.start()
    with pytest.raises(CompressedRefusedError, match="more than is allowed"):
        for _ in iterate_compressed(io.BytesIO(bomb)):
            pass
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1_000_000


def test_attack_a_bomb_of_many_members_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipe, "FREE", 10_000)
    with pytest.raises(CompressedRefusedError, match="more than is allowed"):
        read(gzip.compress(b"\0" * 20_000) * 50)


def test_attack_output_and_input_are_bounded_whatever_the_ratio(monkeypatch: pytest.MonkeyPatch) -> None:
    content = gzip.compress(b"abc" * 100)
    monkeypatch.setattr(recipe, "MAX_OUTPUT", 299)
    with pytest.raises(CompressedRefusedError, match="more than is allowed"):
        read(content)
    monkeypatch.setattr(recipe, "MAX_OUTPUT", 300)
    assert len(read(content)) == 300
    monkeypatch.setattr(recipe, "MAX_INPUT", len(content) - 1)
    with pytest.raises(CompressedRefusedError, match="packed data"):
        read(content)


@pytest.mark.parametrize("cut", [1, 8, 20])
def test_attack_data_cut_short_is_refused(cut: int) -> None:
    packed = gzip.compress(b"pay 100 to bob and 900 to carol")
    with pytest.raises(CompressedRefusedError, match="cut short"):
        read(packed[:-cut])


@pytest.mark.parametrize(
    "data", [b"plain text", b"PK\x03\x04", gzip.compress(b"a") + b"trailing", gzip.compress(b"a") + b"\0\0"]
)
def test_attack_other_data_and_what_follows_is_refused(data: bytes) -> None:
    with pytest.raises(CompressedRefusedError):
        read(data)


def test_attack_a_wrong_checksum_is_noticed() -> None:
    packed = bytearray(gzip.compress(b"content"))
    packed[-6] ^= 1
    with pytest.raises(CompressedRefusedError, match="damaged"):
        read(bytes(packed))


def test_empty_data_is_refused_and_packed_nothing_is_nothing() -> None:
    with pytest.raises(CompressedRefusedError, match="empty"):
        read(b"")
    assert read(gzip.compress(b"")) == b""
