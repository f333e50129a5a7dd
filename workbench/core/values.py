"""What every value of the engine has in common: frozen, checked, and written to disk as JSON only."""

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """An immutable value with a checked shape; unknown fields are refused, so a typo never passes in silence."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class WorkbenchError(Exception):
    """A failure the analyst can act on.

    Its text is one sentence for the screen and the command line: what happened, what it means, what to do.
    """
