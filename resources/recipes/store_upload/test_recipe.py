import io
import stat
from pathlib import Path

import pytest

from .recipe import MAX_BYTES, UploadRefusedError, store_upload

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32


def test_a_picture_is_stored_whole_under_a_new_name(tmp_path: Path) -> None:
    first, second = store_upload(io.BytesIO(PNG), tmp_path), store_upload(io.BytesIO(PNG), tmp_path)
    assert first != second
    assert first.parent == tmp_path
    assert first.suffix == ".png"
    assert first.read_bytes() == PNG


def test_attack_a_script_called_a_picture_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(UploadRefusedError):
        store_upload(io.BytesIO(b"<?php system($_GET['c']); ?>"), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_attack_svg_with_script_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UploadRefusedError):
        store_upload(io.BytesIO(b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"), tmp_path)


def test_attack_an_upload_without_end_is_read_only_up_to_the_limit(tmp_path: Path) -> None:
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            assert size >= 0, "the upload was read without a bound"
            self.given += size
            return PNG + b"\0" * (size - len(PNG))

    upload = Endless()
    with pytest.raises(UploadRefusedError):
        store_upload(upload, tmp_path)  # type: ignore[arg-type]
    assert upload.given <= MAX_BYTES + 1


def test_attack_what_is_stored_cannot_be_executed(tmp_path: Path) -> None:
    mode = store_upload(io.BytesIO(PNG + b"#!/bin/sh\nid"), tmp_path).stat().st_mode
    assert not mode & (stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
