"""The path of headings that a piece of a document stands under."""

MAX_HEADING_CHARS = 120
"""A longer heading is a paragraph in disguise; the path keeps its beginning, the text keeps all of it."""

SEPARATOR = " > "


class HeadingPath:
    """Follows the headings of a document in reading order; str() is the present path, outermost first."""

    def __init__(self) -> None:
        self._open: list[tuple[int, str]] = []
        self.first = ""
        """The first heading of all, which is the document's title more often than not."""

    def enter(self, level: int, title: str) -> None:
        """A heading of `level` (1 is outermost) begins; it ends all of its own level and below."""
        title = shorten(title)
        if not title:
            return
        self.first = self.first or title
        while self._open and self._open[-1][0] >= level:
            self._open.pop()
        self._open.append((level, title))

    def __str__(self) -> str:
        return SEPARATOR.join(title for _, title in self._open)


def shorten(title: str) -> str:
    """A heading in one line of at most MAX_HEADING_CHARS."""
    title = " ".join(title.split())
    return title if len(title) <= MAX_HEADING_CHARS else f"{title[: MAX_HEADING_CHARS - 1]}\u2026"
