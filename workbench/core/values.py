"""What every value of the engine has in common: frozen, checked, and written to disk as JSON only."""

from pydantic import BaseModel, ConfigDict

from workbench.errors import WorkbenchError

__all__ = ["Value", "WorkbenchError"]


class Value(BaseModel):
    """An immutable value with a checked shape; unknown fields are refused, so a typo never passes in silence."""

    model_config = ConfigDict(frozen=True, extra="forbid")
