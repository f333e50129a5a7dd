"""The topics of a library as values. Light to import."""

from workbench.core.values import Value


class Topic(Value):
    """A cluster of chunks that are near each other in meaning."""

    words: tuple[str, ...]
    """The words that set it apart, most telling first."""
    chunks: int
    documents: int
    newest: str = ""
    """The date of its newest document that has one, as 2026-11-23; empty where none has."""
    examples: tuple[str, ...] = ()
    """Ids of the passages nearest to its centre."""

    @property
    def name(self) -> str:
        """What it is called on the screen."""
        return ", ".join(self.words[:3]) or "without words of its own"


class Outlier(Value):
    """A passage that is near to no topic: misplaced, in another language, broken, or simply new."""

    passage_id: str
    nearness: float
    """Cosine to the nearest topic's centre."""


class Topics(Value):
    """What the chunks of a library are about. A library of a few chunks has no topics."""

    chunks: int
    topics: tuple[Topic, ...] = ()
    outliers: tuple[Outlier, ...] = ()
    """Farthest first."""
