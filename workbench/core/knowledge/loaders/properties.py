"""Dates that documents carry: told from those that a template or a wrong clock left behind."""

from datetime import UTC, datetime, timedelta

FIRST_YEAR = 1990
"""Older dates in the formats read here are a clock's beginning (1601, 1970, 1980), not a day of writing."""

OF_TEMPLATES = frozenset({"2013-12-23T23:15:00+00:00", "2013-01-27T09:14:16+00:00"})
"""When the templates inside python-docx and python-pptx were made; what they write carries it unless told better."""


def sound_date(text: str) -> str:
    """An ISO date as it is kept (UTC, to the second); empty when `text` is none, or no day a document is from."""
    try:
        return sound_moment(datetime.fromisoformat(text.strip()))
    except ValueError:
        return ""


def sound_moment(moment: datetime | None) -> str:
    """A moment as it is kept; one without a zone counts as UTC. Empty for one in the future or before FIRST_YEAR."""
    if moment is None:
        return ""
    try:
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)
    except (OverflowError, ValueError):
        return ""
    if moment.year < FIRST_YEAR or moment > datetime.now(UTC) + timedelta(days=1):
        return ""
    written = moment.isoformat()
    return "" if written in OF_TEMPLATES else written
