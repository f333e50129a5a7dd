"""Texts that are embedded together, some of them questions, which some models read with another instruction."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    import numpy as np


class Embedded(NamedTuple):
    """What the embedder reads of a chunk: header, then text; and whether it reads it as a question."""

    text: str
    asks: bool


class Readable(Protocol):
    """What an embedder is to read."""

    @property
    def text(self) -> str:
        """The text, header and all."""
        ...

    @property
    def asks(self) -> bool:
        """Whether it is a question."""
        ...


Embed = Callable[[Sequence[str]], "np.ndarray"]
"""Makes normalised float32 rows, one for each text."""


def rows_of(batch: Sequence[Readable], embed: Embed, embed_questions: Embed) -> "np.ndarray":
    """The vectors of a batch in its order, questions made by `embed_questions` and all else by `embed`."""
    import numpy as np

    rows: np.ndarray | None = None
    for asks, make in ((False, embed), (True, embed_questions)):
        places = [place for place, each in enumerate(batch) if each.asks is asks]
        if places:
            made = make([batch[place].text for place in places])
            rows = np.empty((len(batch), made.shape[1]), np.float32) if rows is None else rows
            rows[places] = made
    return np.empty((0, 0), np.float32) if rows is None else rows
