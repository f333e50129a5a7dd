"""An audit trail that only grows: each record is sealed with a key and chained to the one before it."""

import fcntl
import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

MAX_LINE = 16_384
"""Longest record, in bytes."""

START = "0" * 64
FIELDS = ["n", "time", "actor", "action", "subject", "details", "before", "seal"]


class AuditError(RuntimeError):
    """The trail was changed, cut or damaged, or a record does not fit in it."""


def keep_audit_trail(
    path: Path, key: bytes, actor: str, action: str, subject: str, details: Mapping[str, str], now: datetime
) -> tuple[int, str]:
    """Append one record and return its number and seal once it is on the disk.

    Send number and seal now and then to a place that this program cannot change: they show later that nothing was cut
    off. Raises AuditError when the trail is damaged or the record too long; then refuse the action that was to be
    recorded. Several processes may append.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "r+b", buffering=0) as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # until the file is closed
        number, before = _last(file.fileno(), key)
        record = {"n": number + 1, "time": now.astimezone(UTC).isoformat(), "actor": actor, "action": action}
        record |= {"subject": subject, "details": dict(details), "before": before}
        record["seal"] = _seal(record, key)
        line = _line(record)
        if len(line) > MAX_LINE:
            raise AuditError(f"the record has more than {MAX_LINE} bytes")
        if os.write(descriptor, line) != len(line):
            raise AuditError("the record could not be written whole")
        os.fsync(descriptor)
    return number + 1, str(record["seal"])


def verify_audit_trail(path: Path, key: bytes, anchors: Mapping[int, str]) -> int:
    """The number of records, when the trail is whole; raises AuditError with the first line that is wrong.

    `anchors` are the seals kept elsewhere by record number; a trail that ends before one of them was cut.
    """
    number, before = 0, START
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_SH)  # so that no record is half written
        while line := file.readline(MAX_LINE + 1):
            record = _read(line, key, number + 1)
            if record["n"] != number + 1 or record["before"] != before:
                raise AuditError(f"line {number + 1} does not follow the one before it")
            number, before = number + 1, record["seal"]
            if anchors.get(number, before) != before:
                raise AuditError(f"line {number} is not the record that was there when its seal was kept")
    if number < max(anchors, default=0):
        raise AuditError(f"the trail ends at line {number}, and there were {max(anchors)}")
    return number


def _last(descriptor: int, key: bytes) -> tuple[int, str]:
    size = os.fstat(descriptor).st_size
    if not size:
        return 0, START
    tail = os.pread(descriptor, MAX_LINE + 1, max(0, size - MAX_LINE - 1))
    record = _read(tail.removesuffix(b"\n").rpartition(b"\n")[2] + tail[-1:], key, None)
    return record["n"], record["seal"]


def _read(line: bytes, key: bytes, number: int | None) -> dict[str, Any]:
    where = "the last line" if number is None else f"line {number}"
    try:
        record = json.loads(line)
        whole = list(record) == FIELDS and _line(record) == line  # one spelling only: no second key, no other order
        genuine = whole and hmac.compare_digest(_seal(record, key), str(record["seal"]))
    except (ValueError, TypeError, RecursionError) as error:
        raise AuditError(f"{where} is damaged") from error
    if not genuine:
        raise AuditError(f"{where} was changed, or sealed with another key")
    return dict(record)


def _line(record: Mapping[str, Any]) -> bytes:
    return json.dumps(record, separators=(",", ":")).encode("ascii") + b"\n"


def _seal(record: Mapping[str, Any], key: bytes) -> str:
    if len(key) < 32:
        raise AuditError("the key has fewer than 32 bytes")
    sealed = {name: value for name, value in record.items() if name != "seal"}
    return hmac.new(key, _line(sealed), hashlib.sha256).hexdigest()
