"""What both outside databases have in common: the mark, the limits of time, and what is told at the end."""

from workbench.core.values import Value, WorkbenchError

MARK = "Demo data of Analyst Workbench, made and replaced by `workbench demo-data`"
"""Stands on what we made. What bears our names without it is somebody else's, and is left alone."""

SECONDS = 120.0
"""How long one loading may take."""


class DemoRefused(WorkbenchError):  # noqa: N818 - named as the analyst reads it
    """The demo data were not written or removed: the reason, what of it was done all the same, and the way out."""


class Written(Value):
    """What was written: the place, rows by table or collection, and how to look at it."""

    place: str
    counts: dict[str, int]
    look: str


def not_ours(what: str, place: str) -> DemoRefused:
    """The refusal of a database in which somebody else uses our names."""
    return DemoRefused(
        f"{place} has {what} that the workbench did not make, so nothing was changed; rename it, or choose another "
        "database"
    )
