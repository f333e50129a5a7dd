"""Cuts documents into chunks that the embedder can read whole: by structure first, by length only where it must.

The pieces of a document are its blocks. A block that is too long is cut at its sentences, those at their lines, and
what is still too long in halves between words. Neighbouring pieces are then packed together again, a new chunk
beginning with a new page, with a new section once a chunk is half full, and when the next piece does not fit.
"""

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from workbench.core.evidence import Location, PassageKind
from workbench.core.knowledge.documents import Block, Chunk, LoadedDocument, find_identifiers
from workbench.core.knowledge.loaders.headings import SEPARATOR

CHUNKER_VERSION = 1
"""Raised whenever the same document would be cut differently, so that files ingested before are cut anew."""

CHUNK_TOKENS = 220
"""Most tokens of a chunk that is part of a longer document, header and the model's special tokens included."""

CHUNK_CHARS = 2_000
"""Most characters of a chunk. A word of hundreds of characters is one unknown token to the model; this bounds it."""

HEADER_SHARE = 4
"""A header takes at most one part in so many of a chunk."""

COUNT_BATCH = 1_000
"""Texts given to the tokenizer at once; what it keeps for each would fill the memory over a large file."""

SPECIAL_TOKENS = 2
"""Tokens that the model adds to each text; pieces are counted with them and packed without."""

SENTENCE_END = re.compile(
    r"""(?<=[.!?\u2026])["')\]\u201d\u2019]{0,3}(\s+)"""  # Western sentence, with its closing quotation mark
    r"""|(?<=[\u3002\uff01\uff1f])"""  # Chinese and Japanese sentence
    r"""|\n\s*\n"""  # paragraph
    r"""|\n(?=[ \t]*(?:[-*+\u2022]|\d{1,3}[.)])[ \t])"""  # list item
)
"""Where prose may be cut: at the group that matched, else at all of the match.

An abbreviation cut in two does no harm, since neighbours are packed together again.
"""

LINE_END = re.compile(r"\n")


class TokenCounter(Protocol):
    """What the chunker needs of an embedder."""

    @property
    def max_tokens(self) -> int:
        """Tokens of the longest text that it reads."""
        ...

    def count_tokens_of_each(self, texts: Sequence[str]) -> list[int]:
        """Tokens that the model sees for each text, special tokens included."""
        ...


@dataclass(frozen=True)
class _Piece:
    """The characters `start` to `end` of a block, where they stand in the file, and their tokens."""

    block: Block
    start: int
    end: int
    line_start: int | None
    line_end: int | None
    tokens: int = 0

    @property
    def text(self) -> str:
        return self.block.text[self.start : self.end]


def chunk_document(document: LoadedDocument, counter: TokenCounter) -> list[Chunk]:
    """The chunks of a document in reading order; together they hold every word of it.

    Its questions come last, each alone.

    Each has at most CHUNK_TOKENS tokens (the model's own limit for a document that is one chunk as a whole) and at
    most CHUNK_CHARS characters, header included in the tokens. Blocking; counts the tokens of each piece once.
    """
    told = document.model_copy(update={"blocks": tuple(block for block in document.blocks if not block.asks)})
    chunks = _chunks_of_text(told, counter)
    return [*chunks, *_questions(document, counter, len(chunks))]


def _chunks_of_text(document: LoadedDocument, counter: TokenCounter) -> list[Chunk]:
    headers = _Headers(document, counter)
    pieces = _cut(document, headers, counter)
    if not pieces:
        return []
    groups = [pieces] if _fits_whole(pieces, headers, counter) else list(_pack(pieces, headers, counter))
    fitting = _fitting(groups, headers, counter)
    return [_chunk(ordinal, group, tokens, document, headers) for ordinal, (group, tokens) in enumerate(fitting)]


def _questions(document: LoadedDocument, counter: TokenCounter, first: int) -> list[Chunk]:
    """A chunk for each question that the document says it answers. It is compared as it stands, without a header."""
    asked = [
        (block, text)
        for block in document.blocks
        if block.asks and not block.is_heading
        for line in block.text.splitlines()
        if line.strip()
        for text in _readable(line, counter)
    ]
    counts = counter.count_tokens_of_each([text for _, text in asked])
    return [
        Chunk(
            ordinal=ordinal,
            text=text,
            kind=document.kind,
            location=Location(
                path=document.path, heading=block.heading, line_start=block.line_start, line_end=block.line_end
            ),
            identifiers=document.identifiers,
            asks=True,
            tokens=tokens,
        )
        for ordinal, ((block, text), tokens) in enumerate(zip(asked, counts, strict=True), first)
    ]


def _readable(line: str, counter: TokenCounter) -> list[str]:
    """The line, or the pieces between words of one that is longer than the model reads."""
    room = counter.max_tokens
    if len(line) <= room - SPECIAL_TOKENS or (
        len(line) <= CHUNK_CHARS and counter.count_tokens_of_each([line])[0] <= room
    ):
        return [line]
    start, end = _middle(line)
    return [*_readable(line[:start], counter), *_readable(line[end:], counter)]


class _Headers:
    """The headers of a document's chunks, and what each costs."""

    def __init__(self, document: LoadedDocument, counter: TokenCounter) -> None:
        self._title = document.title
        self._counter = counter
        self._limit = counter.max_tokens // HEADER_SHARE
        paths = {"", *(block.heading for block in document.blocks)}
        full = {path: self._full(path) for path in paths | {_parent(path) for path in paths}}
        counts = dict(zip(full, counter.count_tokens_of_each(list(full.values())), strict=True))
        self._known = {path: (header, counts[path] - SPECIAL_TOKENS) for path, header in full.items()}

    def text(self, path: str) -> str:
        """The header for chunks under this path of headings: title > path, shortened when it is too long."""
        return self._header(path)[0]

    def tokens(self, path: str) -> int:
        """What the header costs of a chunk's tokens."""
        return self._header(path)[1]

    def _header(self, path: str) -> tuple[str, int]:
        header, tokens = self._known.get(path) or self._counted(self._full(path))
        while tokens > self._limit:
            header, tokens = self._counted(_shortened(header))
        self._known[path] = header, tokens
        return header, tokens

    def _full(self, path: str) -> str:
        """Title and path; a path that begins with the title already does not name it twice."""
        if path == self._title or path.startswith(self._title + SEPARATOR):
            return path
        return SEPARATOR.join(part for part in (self._title, path) if part)

    def _counted(self, header: str) -> tuple[str, int]:
        return header, self._counter.count_tokens_of_each([header])[0] - SPECIAL_TOKENS


def _shortened(header: str) -> str:
    """A header without its second part, or the first half of a single one."""
    parts = header.split(SEPARATOR)
    if len(parts) > 1:
        return SEPARATOR.join([parts[0], *parts[2:]])
    return header[: len(header) // 2].rstrip()


def _parent(path: str) -> str:
    return path.rpartition(SEPARATOR)[0]


def _opening_path(block: Block) -> str:
    """The path that a chunk beginning with this block goes under: a heading is not repeated above itself."""
    return _parent(block.heading) if block.is_heading else block.heading


def _cut(document: LoadedDocument, headers: _Headers, counter: TokenCounter) -> list[_Piece]:
    """All pieces of the document, each small enough for a chunk of its own, tokens counted."""
    levels = (LINE_END,) if document.kind is PassageKind.CODE else (SENTENCE_END, LINE_END)
    pieces = [piece for block in document.blocks for piece in _split(_whole(block), ())]
    room = min(CHUNK_TOKENS, counter.max_tokens) - SPECIAL_TOKENS
    for level in itertools.count():
        pieces = _counted(pieces, counter)
        too_long = [_too_long(piece, room - headers.tokens(_opening_path(piece.block))) for piece in pieces]
        if not any(too_long):
            break
        finer: list[_Piece] = []
        for piece, cut in zip(pieces, too_long, strict=True):
            if not cut:
                finer.append(piece)
            elif level < len(levels):
                finer += _split(piece, _gaps(levels[level], piece.text))
            else:
                finer += _split(piece, [_middle(piece.text)])
        pieces = finer
    return pieces


def _gaps(boundary: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    """Where `text` may be cut: stretches of white space, or nothing, between two sentences or lines."""
    for match in boundary.finditer(text):
        yield match.span(match.lastindex or 0)


def _counted(pieces: list[_Piece], counter: TokenCounter) -> list[_Piece]:
    """The pieces with their tokens; those already counted and those too long to be worth it stay as they are."""
    counted = list(pieces)
    new = [place for place, piece in enumerate(pieces) if not piece.tokens and piece.end - piece.start <= CHUNK_CHARS]
    for start in range(0, len(new), COUNT_BATCH):
        places = new[start : start + COUNT_BATCH]
        counts = counter.count_tokens_of_each([pieces[place].text for place in places])
        for place, tokens in zip(places, counts, strict=True):
            counted[place] = replace(pieces[place], tokens=max(1, tokens - SPECIAL_TOKENS))
    return counted


def _too_long(piece: _Piece, room: int) -> bool:
    return piece.end - piece.start > 1 and (piece.end - piece.start > CHUNK_CHARS or piece.tokens > room)


def _whole(block: Block) -> _Piece:
    return _Piece(block, 0, len(block.text), block.line_start, block.line_end)


def _split(piece: _Piece, gaps: Iterable[tuple[int, int]]) -> Iterator[_Piece]:
    """The parts of a piece between the gaps (offsets in its text), without the white space at their ends.

    Indentation stays: only line ends are taken off in front. Lines are told apart where the block's text has as many
    as it spans in the file; elsewhere every part has the lines of the whole.
    """
    text, line = piece.text, piece.line_start
    exact = line is not None and piece.line_end == line + text.count("\n")
    position, counted = 0, 0
    for gap_start, gap_end in itertools.chain(gaps, [(len(text), len(text))]):
        part = text[position:gap_start]
        start = position + len(part) - len(part.lstrip())
        start = max(position, text.rfind("\n", position, start) + 1)
        end = position + len(part.rstrip())
        if end > start:
            if exact and line is not None:
                line += text.count("\n", counted, start)
                counted = start
            last = line + text.count("\n", start, end) if exact and line is not None else piece.line_end
            yield _Piece(piece.block, piece.start + start, piece.start + end, line, last)
        position = gap_end


def _middle(text: str) -> tuple[int, int]:
    """The gap between two words that is nearest to the middle; none wide, where the middle is inside a long word."""
    half = len(text) // 2
    after = re.compile(r"\s+").search(text, half)
    before = text.rfind(" ", 0, half)
    if before > 0 and (after is None or half - before < after.start() - half):
        return before, before + 1
    if after is not None and after.end() < len(text):
        return after.span()
    return half, half


def _fits_whole(pieces: list[_Piece], headers: _Headers, counter: TokenCounter) -> bool:
    """Whether the document is one chunk: it fits the model, and no page break is lost by it."""
    tokens = sum(piece.tokens for piece in pieces) + headers.tokens(_opening_path(pieces[0].block)) + SPECIAL_TOKENS
    chars = sum(piece.end - piece.start for piece in pieces)
    pages = {piece.block.page for piece in pieces}
    return tokens <= counter.max_tokens and chars <= CHUNK_CHARS and len(pages) == 1


def _pack(pieces: list[_Piece], headers: _Headers, counter: TokenCounter) -> Iterator[list[_Piece]]:
    """Runs of neighbouring pieces for one chunk each. Headings at the end of a run go with what they stand over."""
    limit = min(CHUNK_TOKENS, counter.max_tokens) - SPECIAL_TOKENS
    run: list[_Piece] = []
    for piece in pieces:
        if run and _begins_anew(run, piece, limit - headers.tokens(_opening_path(run[0].block)), limit):
            carried = _trailing_headings(run) if run[-1].block.page == piece.block.page else []
            yield run[: len(run) - len(carried)]
            run = carried
            if run and _begins_anew(run, piece, limit - headers.tokens(_opening_path(run[0].block)), limit):
                yield run
                run = []
        run.append(piece)
    if run:
        yield run


def _begins_anew(run: list[_Piece], piece: _Piece, room: int, limit: int) -> bool:
    """Whether `piece` cannot or should not join the run."""
    last = run[-1].block
    if last.page != piece.block.page:
        return True
    used = sum(member.tokens for member in run)
    chars = sum(member.end - member.start + 2 for member in run)
    if used + piece.tokens > room or chars + piece.end - piece.start > CHUNK_CHARS:
        return True
    return last.heading != piece.block.heading and used >= limit // 2 and not all(m.block.is_heading for m in run)


def _trailing_headings(run: list[_Piece]) -> list[_Piece]:
    """The headings that end a run; none when the run is nothing else."""
    count = sum(1 for _ in itertools.takewhile(lambda member: member.block.is_heading, reversed(run)))
    return run[len(run) - count :] if count < len(run) else []


def _fitting(groups: list[list[_Piece]], headers: _Headers, counter: TokenCounter) -> list[tuple[list[_Piece], int]]:
    """The groups with their tokens; those are cut again whose text together has more tokens than its pieces alone.

    With a WordPiece vocabulary that happens inside a very long word only.
    """
    limit = counter.max_tokens if len(groups) == 1 else min(CHUNK_TOKENS, counter.max_tokens)
    fitting: list[tuple[list[_Piece], int]] = []
    for start in range(0, len(groups), COUNT_BATCH):
        batch = groups[start : start + COUNT_BATCH]
        counts = counter.count_tokens_of_each([_embedded(headers.text(_path(group)), _text(group)) for group in batch])
        for group, tokens in zip(batch, counts, strict=True):
            if tokens <= limit or len(group) == 1:
                fitting.append((group, tokens))
            else:
                half = len(group) // 2
                fitting += _fitting([group[:half], group[half:]], headers, counter)
    return fitting


def _embedded(header: str, text: str) -> str:
    return Chunk(ordinal=0, text=text, header=header).embedded_text


def _chunk(ordinal: int, group: list[_Piece], tokens: int, document: LoadedDocument, headers: _Headers) -> Chunk:
    """The chunk made of these pieces."""
    text = _text(group)
    keys = [piece.block.row_key for piece in group if piece.block.row_key]
    return Chunk(
        ordinal=ordinal,
        text=text,
        header=headers.text(_path(group)),
        kind=document.kind,
        location=Location(
            path=document.path,
            page=group[0].block.page,
            line_start=group[0].line_start,
            line_end=group[-1].line_end,
            heading=_common([piece.block.heading for piece in group]),
            row_key=" to ".join(dict.fromkeys(keys[:1] + keys[-1:])),
        ),
        identifiers=tuple(dict.fromkeys((*document.identifiers, *find_identifiers(text)))),
        tokens=tokens,
    )


def _path(group: list[_Piece]) -> str:
    """The path of headings for the chunk's header."""
    return _common([_opening_path(group[0].block), *(piece.block.heading for piece in group)])


def _common(paths: list[str]) -> str:
    """What all paths begin with."""
    first, *others = (path.split(SEPARATOR) for path in dict.fromkeys(paths))
    depth = min((_shared(first, other) for other in others), default=len(first))
    return SEPARATOR.join(first[:depth])


def _shared(one: list[str], other: list[str]) -> int:
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _text(group: list[_Piece]) -> str:
    """The pieces as they stand in the document: inside a block with what is between them, else with its empty lines."""
    parts = [group[0].text]
    for previous, piece in itertools.pairwise(group):
        same = previous.block is piece.block
        parts += [piece.block.text[previous.end : piece.start] if same else _between(previous, piece), piece.text]
    return "".join(parts)


def _between(one: _Piece, other: _Piece) -> str:
    """The line ends between two blocks: as in the file where that is known, else one empty line."""
    if one.line_end is None or other.line_start is None:
        return "\n\n"
    return "\n" * min(max(1, other.line_start - one.line_end), 3)
