"""Keep passwords, tokens, keys and card numbers out of the logs, also in arguments, extras and tracebacks."""

import logging
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

HIDDEN = "[redacted]"

NAMES = (
    r"passw(?:or)?d|passwd|pwd|passphrase|secret|token|api[_-]?key|private[_-]?key|authorization|cookie|session[_-]?id"
    r"|credential|access[_-]?key"
)
"""What a field whose value is hidden is called, or has in its name."""

PATTERNS = (
    re.compile(r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|\Z)", re.DOTALL),
    re.compile(r"(?<=://)[^/\s:@]{0,200}:[^/\s]{1,200}(?=@)"),  # https://user:password@host
    re.compile(r"(?i)(?<=\bbearer )[\w.~+/=-]+|(?<=\bbasic )[A-Za-z0-9+/=]{6,}"),
    re.compile(r"(?i)(?<=cookie: )[^\r\n\"']+"),  # all cookies of the header
    re.compile(r"(?i)(?<=authorization: )[^\r\n]+"),  # of every scheme
    re.compile(r"(?<![\w-])eyJ[\w-]{5,}\.[\w-]+\.[\w-]*"),  # JWT
    re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[pousr]_\w{20,}|\bgithub_pat_\w{20,}|\bxox[abprs]-[\w-]{10,}"),
)
"""Secrets that are known by their form. Every repetition is bounded or cannot backtrack, so long lines stay cheap."""

NAMED = re.compile(
    rf"(?i)(?<![\w-])([\w-]{{0,40}}(?:{NAMES})[\w-]{{0,40}}[\"']?\s{{0,3}}(?:=>|[=:])\s{{0,3}})"
    r"(?!\[redacted)((?:bearer|basic) \S+|b?\"(?:[^\"\\\n]|\\.)*\"?|b?'(?:[^'\\\n]|\\.)*'?|[^\s,;&\"')\]}]+)"
)
CARD = re.compile(r"(?<![\d.])\d(?:[ -]?\d){12,18}(?!\d)")
STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class RedactingFilter(logging.Filter):
    """Rewrites each record before its handler sees it. `known` are secrets that the program itself holds."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        super().__init__()
        forms = {form for secret in known if len(secret) >= 6 for form in (secret, quote(secret, safe=""))}
        self.known = sorted(forms, key=len, reverse=True)

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through, with its message, arguments, traceback and extra fields redacted."""
        try:
            message = record.getMessage()
        except Exception:  # arguments that do not fit must not be printed by the handler either
            message = f"{record.msg} [the arguments of this message do not fit]"
        record.msg, record.args = self.redact(message), None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        record.exc_info = None  # or another handler formats the exception again
        if record.exc_text:
            record.exc_text = self.redact(record.exc_text)
        if record.stack_info:
            record.stack_info = self.redact(record.stack_info)
        for name in vars(record).keys() - STANDARD:
            setattr(record, name, self._clean(name, getattr(record, name)))
        return True

    def redact(self, text: str) -> str:
        """`text` with everything hidden that looks like a secret, is called one, or is known to be one."""
        for secret in self.known:
            text = text.replace(secret, HIDDEN)
        for pattern in PATTERNS:
            text = pattern.sub(HIDDEN, text)
        text = NAMED.sub(rf"\1{HIDDEN}", text)
        return CARD.sub(lambda found: HIDDEN if _is_card(found[0]) else found[0], text)

    def _clean(self, name: str, value: Any) -> Any:
        if re.search(NAMES, name, re.IGNORECASE):
            return HIDDEN
        if isinstance(value, dict):
            return {key: self._clean(str(key), item) for key, item in value.items()}
        if isinstance(value, list | tuple | set):
            return [self._clean("", item) for item in value]
        cleaned = self.redact(str(value))
        return value if cleaned == str(value) else cleaned


def redact_logs(logger: logging.Logger | None = None, known: Iterable[str] = ()) -> None:
    """Redact what the handlers of `logger` (the root logger for None) write. Call it after they were set up.

    The filter goes on the handlers: one on a logger would not see the records of the loggers below it.
    """
    shared = RedactingFilter(known)
    for handler in (logger or logging.getLogger()).handlers:
        handler.addFilter(shared)


def _is_card(text: str) -> bool:
    """Whether the digits of `text` pass the check of card numbers (Luhn), which one in ten other numbers does."""
    digits = [int(character) for character in text if character.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(digits[::-2]) + sum(doubled)) % 10 == 0
