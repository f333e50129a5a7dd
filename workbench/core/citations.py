"""Checks that what is quoted is there: a citation holds only while its quoted span is found in its passage.

The check is made by program, never by the agent that quotes. What may differ between quote and passage is how text is
set (Unicode form, case, white space, quotation marks, dashes, hyphenation at a line's end) and, in a long quote, a word
in twelve; a number, an identifier, an operator or a negation may never differ, because there one word turns the sense.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence

from workbench.core.evidence import Citation, Passage

MIN_QUOTE_WORDS = 3
"""A quote of fewer words is found almost anywhere and shows nothing."""

WORDS_PER_DIFFERENCE = 12
"""One differing word is forgiven for each so many words of a quote; a shorter quote must be exact."""

PROSE_WORDS = 6
"""A sentence of fewer words is a heading or a label, quoted only where there is nothing better."""

MAX_FUZZY_WORDS = 6_000
"""Longer passages are compared exactly only, so that the check stays in milliseconds."""

_SAME = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛`´′", "'"),
        **dict.fromkeys("“”„‟«»″", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", None),
    }
)
_TOKEN = re.compile(r"\w+|[^\w\s]")
_WORD = re.compile(r"\w+")
_SETTING = frozenset(".,;:\"'*_()[]#…")
"""Marks of sentence and Markdown that carry no sense of their own in a word-by-word comparison."""
_NEGATIONS = frozenset(
    _WORD.findall("not no never without none neither nor cannot cant dont doesnt isnt wont unless except only false")
)
_STOP_WORDS = frozenset(
    _WORD.findall(
        "a an and any are as at be been but by can do does for from had has have how if in into is it its may of on or "
        "so such than that the their then there these they this to was were what when where which who will with you"
    )
)
_IDENTIFIER = re.compile(
    r"\b(?:CVE-\d{4}-\d{4,7}|(?:CWE|CAPEC)-\d{1,5}|T\d{4}(?:\.\d{3})?|GHSA(?:-[0-9a-z]{4}){3})\b", re.IGNORECASE
)
_NUMBER = re.compile(r"(?<![\w.])\d+(?:[.,]\d+)*(?![\w])")
_FENCE = re.compile(r"^```(.*)$", re.MULTILINE)
_SENTENCE_END = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?![a-z])|\n\s*\n|\n(?=\s*(?:[-*#|>]|\d+\.\s))")


def cite(claim: str, passage: Passage, quote: str) -> Citation:
    """A citation of `passage` for `claim`; whether it holds is found by looking the quote up in the passage's text."""
    return Citation(claim=claim, passage_id=passage.id, quote=quote, holds=quote_holds(quote, passage.text))


def quote_holds(quote: str, text: str) -> bool:
    """Whether `quote` stands in `text`, exactly after normalising or with very few words changed.

    An empty quote, one of fewer than MIN_QUOTE_WORDS words and one of stop words only never hold.
    """
    if _is_trivial(quote):
        return False
    return any(_stands_in(normalise(quote), variant) for variant in _variants(text))


def normalise(text: str) -> str:
    """`text` in NFKC, case-folded, with plain quotes and dashes, no invisible characters and single spaces."""
    plain = unicodedata.normalize("NFKC", text).translate(_SAME)
    return " ".join(unicodedata.normalize("NFKC", plain.casefold()).translate(_SAME).split())


def numbers_and_ids_hold(claim: str, text: str) -> bool:
    """Whether every identifier (CVE, CWE, CAPEC, ATT&CK, GHSA) and every number of `claim` also stands in `text`."""
    ids, numbers = _ids_and_numbers(claim)
    there_ids, there_numbers = _ids_and_numbers(text)
    return ids <= there_ids and numbers <= there_numbers


def best_quote(passage: Passage, claim: str, max_words: int = 40) -> str:
    """The sentence of the passage that best carries `claim`, with its neighbour where there is room; verbatim.

    Sentences are compared by the claim's words, rare ones counting more. When none shares a word with the claim the
    first sentence is taken; a longer one than `max_words` is cut to its best stretch. Fenced code and headings are
    quoted only where there is no prose. Empty only for an empty passage.
    """
    text = passage.text
    spans = _sentences(text)
    if not spans:
        return ""
    weight = _rarity([content_words(text[start:end]) for start, end in spans])
    wanted = content_words(claim)

    def worth(start: int, end: int) -> float:
        return sum(weight(word) for word in wanted & content_words(text[start:end]))

    best = max(range(len(spans)), key=lambda index: (worth(*spans[index]), -index))
    start, end = _with_neighbour(text, spans, best, worth, max_words)
    return _best_stretch(text, start, end, worth, max_words)


def _is_trivial(quote: str) -> bool:
    words = _WORD.findall(normalise(quote))
    return len(words) < MIN_QUOTE_WORDS or all(word in _STOP_WORDS for word in words)


def _variants(text: str) -> Iterator[str]:
    """The text as it stands, then with words joined that a line's end divided, without and with their hyphen."""
    yield normalise(text)
    if re.search(r"\w[-‐\u00ad]\s*\n\s*\w", text):
        yield normalise(re.sub(r"(?<=\w)[-‐\u00ad]\s*\n\s*(?=\w)", "", text))
        yield normalise(re.sub(r"(?<=\w)[-‐\u00ad]\s*\n\s*(?=\w)", "-", text))


def _stands_in(quote: str, text: str) -> bool:
    at = text.find(quote)
    while at >= 0:
        if not (_inside_word(text, at) or _inside_word(text, at + len(quote))):
            return True
        at = text.find(quote, at + 1)
    wanted, there = _sense(quote), _sense(text)
    if len(there) > MAX_FUZZY_WORDS or len(wanted) > len(there) + 1:
        return False
    allowed = len(_WORD.findall(quote)) // WORDS_PER_DIFFERENCE
    return _differences(wanted, there, allowed) <= allowed


def _inside_word(text: str, at: int) -> bool:
    """Whether the place between characters `at - 1` and `at` divides a word."""
    return 0 < at < len(text) and bool(re.match(r"\w\w", text[at - 1 : at + 1]))


def _sense(text: str) -> list[str]:
    return [token for token in _TOKEN.findall(text.replace("n't", " not")) if token not in _SETTING]


def _differences(wanted: Sequence[str], there: Sequence[str], allowed: int) -> int:
    """Fewest word edits that turn some stretch of `there` into `wanted` (Sellers 1980); `allowed` + 1 means more."""
    never = allowed + 1
    previous = [0] * (len(there) + 1)
    for word in wanted:
        dropped = never if _is_fixed(word) else 1
        row = [min(previous[0] + dropped, never)]
        for index, other in enumerate(there, start=1):
            if word == other:
                row.append(previous[index - 1])
                continue
            added = never if _is_fixed(other) else 1
            changed = previous[index - 1] + max(dropped, added)
            row.append(min(changed, previous[index] + dropped, row[-1] + added, never))
        previous = row
        if min(previous) == never:
            return never
    return min(previous)


def _is_fixed(token: str) -> bool:
    """Whether changing this token may turn the sense: numbers, identifiers, operators, negations."""
    return token in _NEGATIONS or not token[0].isalpha() or any(character.isdigit() for character in token)


def _ids_and_numbers(text: str) -> tuple[set[str], set[str]]:
    plain = unicodedata.normalize("NFKC", text).translate(_SAME)
    ids = {found.upper() for found in _IDENTIFIER.findall(plain)}
    return ids, set(_NUMBER.findall(_IDENTIFIER.sub(" ", plain)))


def _sentences(text: str) -> list[tuple[int, int]]:
    """Spans of the sentences that can be quoted: prose, else anything with enough words, else the whole text."""
    spans, start = [], 0
    for end, after in [*((found.start(), found.end()) for found in _SENTENCE_END.finditer(text)), (len(text),) * 2]:
        if not _is_trivial(text[start:end]):
            spans.append(_stripped(text, start, end))
        start = after
    code = _fenced(text)
    prose = [span for span in spans if is_prose(text[slice(*span)]) and not _overlaps(span, code)]
    return prose or spans or ([_stripped(text, 0, len(text))] if text.strip() else [])


def _fenced(text: str) -> list[tuple[int, int]]:
    """Spans of fenced code, also where the text begins or ends inside it, as a passage cut from a page may."""
    marks = list(_FENCE.finditer(text))
    bare_first = next((index for index, mark in enumerate(marks) if mark[1].strip()), len(marks))
    inside, opened, spans = bare_first % 2 == 1, 0, []
    for mark in marks:
        if inside:
            spans.append((opened, mark.end()))
        inside, opened = not inside, mark.start()
    return [*spans, (opened, len(text))] if inside else spans


def is_prose(sentence: str) -> bool:
    """Whether this reads as a sentence rather than a heading, a label or code."""
    sentence = sentence.strip()
    return (
        len(sentence.split()) >= PROSE_WORDS
        and "```" not in sentence
        and sentence[-1] in ".!?)\"'"
        and not sentence.startswith("#")
    )


def _overlaps(span: tuple[int, int], others: Sequence[tuple[int, int]]) -> bool:
    return any(start < span[1] and span[0] < end for start, end in others)


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())


def content_words(text: str) -> frozenset[str]:
    """The words of `text` that carry meaning, normalised."""
    return frozenset(word for word in _WORD.findall(normalise(text)) if word not in _STOP_WORDS and len(word) > 1)


def _rarity(sentences: Sequence[frozenset[str]]) -> Callable[[str], float]:
    def weight(word: str) -> float:
        return 1.0 / (1 + sum(word in sentence for sentence in sentences))

    return weight


def _with_neighbour(
    text: str, spans: Sequence[tuple[int, int]], best: int, worth: Callable[[int, int], float], max_words: int
) -> tuple[int, int]:
    """The best span, joined with the next or the one before where that says more of the claim and fits."""
    start, end = spans[best]
    joined = [(start, spans[index][1]) for index in (best + 1,) if index < len(spans)]
    joined += [(spans[best - 1][0], end)] if best else []
    fitting = [span for span in joined if len(text[slice(*span)].split()) <= max_words]
    return max([(start, end), *fitting], key=lambda span: worth(*span))


def _best_stretch(text: str, start: int, end: int, worth: Callable[[int, int], float], max_words: int) -> str:
    words = [found.span() for found in re.finditer(r"\S+", text[start:end])]
    if len(words) <= max_words:
        return text[start:end]
    starts = range(0, len(words) - max_words + 1, max(1, max_words // 8))
    windows = [(start + words[index][0], start + words[index + max_words - 1][1]) for index in starts]
    return text[slice(*max(windows, key=lambda span: worth(*span)))]
