"""Failures that the analyst can act on; light, since the first paint needs it."""


class WorkbenchError(Exception):
    """A failure the analyst can act on.

    Its text is one sentence for the screen and the command line: what happened, what it means, what to do.
    """


class PlacesError(WorkbenchError):
    """A folder of the workbench cannot be made."""
