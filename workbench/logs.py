"""The log: a file that rotates, a stream for the log panel, and no secret in either.

Text from anywhere may end up in a log line, so every line passes `redact` and shows its control characters.
"""

import logging
import os
import re
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

from loguru import logger

from workbench.visible_text import visible

if TYPE_CHECKING:
    from loguru import Message, Record

ROTATE_BYTES = 5_000_000
KEEP_FILES = 5
RECENT_LINES = 5_000
"""Lines kept in memory for the log panel."""

HIDDEN = "[redacted]"
_SHORTEST_PLAIN = 4
"""Secrets shorter than this are only hidden as whole words, since replacing a single letter would shred every line."""

_NAMES = (
    r"pass(?:word|wd|phrase|code|(?==))|pwd|secret(?:[_-]?key)?|token|access[_-]?token|refresh[_-]?token|api[_-]?key"
    r"|apikey|access[_-]?key|private[_-]?key|client[_-]?secret|session[_-]?key|credential"
)
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.S), HIDDEN),
    (re.compile(r"(?i)(\b(?:proxy-)?authorization\b[\"']?\s*[:=]\s*)[^\r\n,}]+"), rf"\1{HIDDEN}"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}"), rf"\1 {HIDDEN}"),
    (re.compile(r"(?i)(\b[a-z][a-z0-9+.-]*://)[^\s/]*:[^\s]*@"), rf"\1{HIDDEN}@"),
    (re.compile(rf"(?i)((?:\b|_)(?:{_NAMES})[\"']?\s*(?:=|:)\s*)(\"[^\"]*\"|'[^']*'|[^\s,;&)}}\]]+)"), rf"\1{HIDDEN}"),
    (
        re.compile(
            r"\b(?:sk-[\w-]{16,}|gh[pousr]_\w{20,}|github_pat_\w{20,}|AKIA[0-9A-Z]{16}|xox[abprs]-[\w-]{10,}"
            r"|eyJ[\w-]+\.[\w-]+\.[\w-]+)"
        ),
        HIDDEN,
    ),
    (re.compile(r"(?<![\w-])[\w-]{43}=(?!=)"), HIDDEN),
)
"""What gives a secret away by its form; the last one is a Fernet key (32 bytes in URL-safe Base64)."""


@dataclass(frozen=True)
class LogEntry:
    """One line of the log, ready to be shown."""

    at: datetime
    level: str
    severity: int
    """As loguru and logging count: 10 debug, 20 info, 30 warning, 40 error, 50 critical."""
    name: str
    text: str


Listener = Callable[[LogEntry], None]

_secrets: set[str] = set()
_recent: deque[LogEntry] = deque(maxlen=RECENT_LINES)
_listeners: list[Listener] = []
_lock = threading.Lock()
_sinks: list[int] = []


def conceal(secret: str) -> None:
    """Keep `secret` out of every log line from now on, also in the forms it takes inside a URL or a repr."""
    if secret:
        forms = {secret, quote(secret, safe=""), quote_plus(secret), repr(secret)[1:-1]}
        with _lock:
            _secrets.update(forms)


def redact(text: str) -> str:
    """`text` without known secrets and without what looks like one."""
    with _lock:
        known = sorted(_secrets, key=len, reverse=True)
    for secret in known:
        if len(secret) >= _SHORTEST_PLAIN:
            text = text.replace(secret, HIDDEN)
        else:
            text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", HIDDEN, text)
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def start(folder: Path, *, level: str = "INFO", to_stderr: bool = False) -> None:
    """Log to `folder`/workbench.log (5 MB a file, 5 files), to the log panel, and to stderr when asked.

    Calling it again replaces what it set up before. Raises OSError when the folder cannot be written.
    """
    stop()
    _drop_default_sink()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _sinks.append(
        logger.add(
            folder / "workbench.log",
            level=level,
            format=_line,
            rotation=ROTATE_BYTES,
            retention=KEEP_FILES,
            encoding="utf-8",
            diagnose=False,
            opener=lambda path, flags: os.open(path, flags, 0o600),
        )
    )
    _sinks.append(logger.add(_remember, level=level, format=_line, diagnose=False))
    if to_stderr and sys.stderr is not None:
        _sinks.append(logger.add(sys.stderr, level=level, format=_line, diagnose=False))
    _bridge.setLevel(logging.WARNING)
    logging.getLogger().addHandler(_bridge)


def stop() -> None:
    """Close what `start` opened."""
    while _sinks:
        logger.remove(_sinks.pop())
    logging.getLogger().removeHandler(_bridge)


def recent() -> list[LogEntry]:
    """The latest lines, oldest first, at most RECENT_LINES."""
    with _lock:
        return list(_recent)


def follow(listener: Listener) -> Callable[[], None]:
    """Call `listener` with every new line, in the thread that logs it; the returned function ends that."""
    with _lock:
        _listeners.append(listener)

    def unfollow() -> None:
        with _lock:
            if listener in _listeners:
                _listeners.remove(listener)

    return unfollow


def _drop_default_sink() -> None:
    # It may be gone already: by an earlier start, or by the program around us.
    with suppress(ValueError):
        logger.remove(0)


def _text(record: "Record") -> str:
    """Message and traceback of a record, safe to show: redacted, one entry never looks like two."""
    text = record["message"]
    if (error := record["exception"]) is not None:
        text += "\n" + "".join(traceback.format_exception(error.type, error.value, error.traceback)).rstrip()
    return visible(redact(text))


def _line(record: "Record") -> str:
    record["extra"]["line"] = _text(record).replace("\n", "\n    ")
    return "{time:YYYY-MM-DD HH:mm:ss.SSS} | {level: <8} | {name} | {extra[line]}\n"


def _remember(message: "Message") -> None:
    record = message.record
    level = record["level"]
    entry = LogEntry(record["time"], level.name, level.no, record["name"] or "", _text(record))
    with _lock:
        _recent.append(entry)
        listeners = list(_listeners)
    for listener in listeners:
        listener(entry)


class _Bridge(logging.Handler):
    """Passes on what libraries log with the standard module."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log `record` under the name of the library that wrote it."""
        try:
            level: str | int = logger.level(record.levelname).name
        except ValueError:
            level = record.levelno

        def rename(target: "Record") -> None:
            target["name"] = record.name

        logger.patch(rename).opt(exception=record.exc_info).log(level, "{}", record.getMessage())


_bridge = _Bridge()
