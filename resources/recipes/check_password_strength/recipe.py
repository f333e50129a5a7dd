"""Decide whether somebody may choose a password: long, not a known one, not made of what is known of its owner."""

import re
import unicodedata
from collections.abc import Collection, Iterable
from pathlib import Path

MIN_LENGTH = 15
"""Fewest characters; 8 are enough only where a second factor is always asked for."""

MAX_LENGTH = 256
"""Most characters: passphrases fit, and hashing cannot be made expensive."""

MIN_OTHER = 8
"""Characters that must be left when name, address and product are taken out."""

ROWS = ("abcdefghijklmnopqrstuvwxyz", "1234567890", "qwertyuiopasdfghjklzxcvbnm", "qwertzuiopasdfghjklyxcvbnm")
"""Rows that people walk along."""

LOOKALIKES = str.maketrans("@4013$5!7", "aaoiessit")
"""Characters put for letters; a guesser tries them first."""


class WeakPasswordError(ValueError):
    """The password is easy to guess; the text says why, for the person who chose it."""


def check_password_strength(password: str, common: Collection[str], context: Iterable[str] = ()) -> None:
    """Return when `password` may be chosen; raise WeakPasswordError with the reason when it is easy to guess.

    `common` are passwords known from leaks, from load_common(); `context` is what belongs to the account: user name,
    mail address, names, the product. Digits or signs are not demanded: that makes Password2024! and nothing better.
    """
    if len(password) > MAX_LENGTH:  # before normalising, which takes long for many accents in the wrong order
        raise WeakPasswordError(f"use at most {MAX_LENGTH} characters")
    text = unicodedata.normalize("NFKC", password)
    if min(len(text), len(password)) < MIN_LENGTH:  # one sign can stand for eighteen
        raise WeakPasswordError(f"use at least {MIN_LENGTH} characters; a few words in a row are easy to remember")
    if len(text) > MAX_LENGTH:
        raise WeakPasswordError(f"use at most {MAX_LENGTH} characters")
    plain = text.casefold()
    if _known(plain, common):
        raise WeakPasswordError("this password is on a list of passwords that were leaked")
    if _is_repeated(plain) or len(set(plain)) < 5:
        raise WeakPasswordError("this repeats one piece; use different words")
    if any(plain in row * MAX_LENGTH or plain[::-1] in row * MAX_LENGTH for row in ROWS):
        raise WeakPasswordError("this walks along the alphabet, the digits or the keyboard")
    if len(_without(plain, context)) < MIN_OTHER:
        raise WeakPasswordError("this is mostly your name, address or the name of this service")


def load_common(path: Path) -> frozenset[str]:
    """The passwords of a list with one in each line, as check_password_strength() compares them."""
    with path.open(encoding="utf-8", errors="replace") as lines:
        found = (unicodedata.normalize("NFKC", line.rstrip("\r\n")).casefold() for line in lines)
        return frozenset(password for password in found if password)


def _known(plain: str, common: Collection[str]) -> bool:
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", plain)
    return any(
        form in common for form in (plain, core, plain.translate(LOOKALIKES), core.translate(LOOKALIKES)) if form
    )


def _is_repeated(plain: str) -> bool:
    return plain in (plain + plain)[1:-1]


def _without(plain: str, context: Iterable[str]) -> str:
    items = [context] if isinstance(context, str) else context
    words = {word for item in items for word in re.split(r"[\W_]+", unicodedata.normalize("NFKC", item).casefold())}
    rest = plain.translate(LOOKALIKES)
    for word in sorted((word.translate(LOOKALIKES) for word in words if len(word) >= 3), key=len, reverse=True):
        rest = rest.replace(word, "")
    return rest
