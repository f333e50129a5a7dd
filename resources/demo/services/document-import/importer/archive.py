"""Unpacks batches. Strangers make them, so names, numbers and sizes are checked."""

import shutil
import tarfile
import zipfile

MAX_FILES = 2_000
MAX_TOTAL = 1_000_000_000
MAX_RATIO = 100


class BadBatch(Exception):
    """A batch that is not unpacked, with the reason."""


def unpack(path, folder):
    """Unpack a ZIP into `folder`, which must be empty; older scanners still send tar."""
    if tarfile.is_tarfile(path):
        unpack_tar(path, folder)
        return
    with zipfile.ZipFile(path) as batch:
        members = batch.infolist()
        check(members)
        for member in members:
            target = (folder / member.filename).resolve()
            if not target.is_relative_to(folder.resolve()):
                raise BadBatch(f"{member.filename!r} leads out of the folder")
            if member.is_dir():
                target.mkdir(parents=True, exist_ok=True)
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            with batch.open(member) as source, target.open("wb") as sink:
                shutil.copyfileobj(source, sink, 64 * 1024)


def check(members):
    """Refuse bombs before a single byte is written."""
    if len(members) > MAX_FILES:
        raise BadBatch(f"{len(members)} files")
    total = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members) or 1
    if total > MAX_TOTAL or total / packed > MAX_RATIO:
        raise BadBatch(f"{total} bytes unpacked, {packed} packed")


def unpack_tar(path, folder):
    """Batches of the scanners at Fellby before 2023."""
    with tarfile.open(path) as batch:
        batch.extractall(folder)
