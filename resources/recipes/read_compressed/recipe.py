"""Unpack gzip or zlib data from outside into no more bytes than we can bear."""

import zlib
from collections.abc import Iterator
from typing import IO

MAX_OUTPUT = 50_000_000
"""Most bytes that come out."""

MAX_INPUT = 10_000_000
"""Most bytes that are read."""

MAX_RATIO = 200
"""Most bytes out for one byte in. Deflate reaches 1032; text and logs seldom more than 50."""

FREE = 1_000_000
"""Bytes that may come out whatever the ratio: short data repeats itself."""

PIECE = 64 * 1024


class CompressedRefusedError(ValueError):
    """The data is too large, packed or unpacked, damaged, cut short, or followed by something else."""


def read_compressed(file: IO[bytes]) -> bytes:
    """The unpacked content of `file`, gzip (also of several members) or zlib. Raises CompressedRefusedError.

    Use it in the place of gzip.decompress, and of the automatic unpacking of request bodies (Content-Encoding: gzip).
    """
    return b"".join(iterate_compressed(file))


def iterate_compressed(file: IO[bytes]) -> Iterator[bytes]:
    """The same piece by piece, for what is worked on as it comes.

    Only after the last piece is it certain that the checksum fits: undo what was done when an error comes.
    """
    unpack, read, made, begun = _unpacker(), 0, 0, False
    while packed := file.read(PIECE):
        read += len(packed)
        if read > MAX_INPUT:
            raise CompressedRefusedError(f"the packed data has more than {MAX_INPUT} bytes")
        while packed:
            if unpack.eof:  # one member ends, and another may begin at once
                unpack, begun = _unpacker(), False
            try:
                piece = unpack.decompress(packed, PIECE)  # never more than PIECE, however much is packed in it
            except zlib.error as error:
                raise CompressedRefusedError("the data is damaged, or not packed by gzip or zlib") from error
            begun, packed = True, unpack.unused_data if unpack.eof else unpack.unconsumed_tail
            made += len(piece)
            if made > MAX_OUTPUT or made > max(FREE, read * MAX_RATIO):
                raise CompressedRefusedError("the data unpacks to more than is allowed")
            yield piece
    yield from _rest(unpack, made, read)
    if not begun or not unpack.eof:
        raise CompressedRefusedError("the data is empty or cut short")


def _rest(unpack: "zlib._Decompress", made: int, read: int) -> Iterator[bytes]:
    """What the unpacker still holds back when all of the input was given to it."""
    while not unpack.eof and (piece := unpack.decompress(b"", PIECE)):
        made += len(piece)
        if made > MAX_OUTPUT or made > max(FREE, read * MAX_RATIO):
            raise CompressedRefusedError("the data unpacks to more than is allowed")
        yield piece


def _unpacker() -> "zlib._Decompress":
    return zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)  # finds out whether it is gzip or zlib
