"""The runs of characters in a text that can be more than a plain word: names, and words that are joined from others.

Most of any text is plain words, so they are skipped by one regular expression before anything looks closer.
"""

import re

RUN_CHARACTERS = r"\w.\-@/\\:+~$%"
"""What names are made of."""

EDGES = ".-/\\:+~@$%"
"""What does not belong to a name where it stands at its beginning or end."""

_ODD_RUN = re.compile(
    rf"[A-Za-z][a-z]*+[{re.escape(EDGES)}]*+(?![{RUN_CHARACTERS}])"  # a plain word, with a full stop perhaps
    rf"|([{RUN_CHARACTERS}]++)"
)


def odd_runs(text: str) -> list[str]:
    """The runs of a text, in their order, without those that are one plain ASCII word."""
    return list(filter(None, _ODD_RUN.findall(text)))
