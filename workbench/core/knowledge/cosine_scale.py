"""What a cosine of one embedding model means in the terms of another, so that relevance keeps its meaning.

Models differ in how near unrelated texts lie: for one .1 is far, for another .7. How close a passage is (see
core/relevance.py) was fitted with the built-in model. Of any other model the cosines of pairs of texts, related and
unrelated ones, are laid beside the built-in model's of the same pairs, and a straight line takes the one to the other.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.core.knowledge.embedder import Embedder
from workbench.core.values import Value

if TYPE_CHECKING:
    import numpy as np

PAIRS = 300
"""Questions compared, each with a passage that answers it and with one that does not."""

LEAST_CORRELATION = 0.3
"""Below it the model sees something else in the texts than the built-in one, and the line says little."""


class CosineScale(Value):
    """`slope` * cosine + `offset` is what the built-in model would have said, as far as a line can tell."""

    slope: float = 1.0
    offset: float = 0.0
    correlation: float = 1.0

    def of(self, cosine: float) -> float:
        """The cosine in the built-in model's terms."""
        return self.slope * cosine + self.offset


SAME_SCALE = CosineScale()
"""Of the built-in model itself."""


def fit_scale(pairs: Sequence[tuple[str, str]], built_in: Embedder, other: Embedder) -> CosineScale:
    """The line by least squares over (question, passage) pairs, related and unrelated. Blocks while both embed.

    Raises ValueError for less than two pairs, EmbedderError when a model fails.
    """
    import numpy as np

    if len(pairs) < 2:
        raise ValueError("a line needs two pairs")
    wanted, given = _cosines(pairs, built_in), _cosines(pairs, other)
    spread = float(np.std(given))
    if spread == 0 or float(np.std(wanted)) == 0:
        return CosineScale(slope=0.0, offset=float(wanted.mean()), correlation=0.0)
    slope, offset = np.polyfit(given, wanted, 1)
    correlation = float(np.corrcoef(given, wanted)[0, 1])
    return CosineScale(slope=float(slope), offset=float(offset), correlation=correlation)


def _cosines(pairs: Sequence[tuple[str, str]], embedder: Embedder) -> "np.ndarray":
    import numpy as np

    embedder.prepare()
    questions = np.stack([_whole(question, embedder, asks=True) for question, _ in pairs])
    passages = np.stack([_whole(passage, embedder, asks=False) for _, passage in pairs])
    return np.asarray((questions * passages).sum(axis=1), dtype=np.float64)


def _whole(text: str, embedder: Embedder, *, asks: bool) -> "np.ndarray":
    import numpy as np

    embed = embedder.embed_questions if asks else embedder.embed
    mean = embed(embedder.split(text) or [text]).mean(axis=0)
    length = float(np.linalg.norm(mean))
    return np.asarray(mean / length if length else mean)
