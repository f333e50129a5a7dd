"""Keep the state of a program as JSON under a schema, instead of a pickle that runs code when it is loaded."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

MAX_BYTES = 1_000_000
"""Largest file, in bytes."""


class _Part(BaseModel):
    """What all parts have in common: no field too many, no value of another type, no input in error messages."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True, allow_inf_nan=False)


class Job(_Part):
    """A part of the state."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,40}$")]
    attempts: Annotated[int, Field(ge=0, le=1000)] = 0
    due: datetime | None = None


class State(_Part):
    """All that is kept. Raise `version` when its meaning changes, and turn the old one into the new."""

    version: Literal[1] = 1
    jobs: Annotated[tuple[Job, ...], Field(max_length=10_000)] = ()


class StateRefusedError(ValueError):
    """The file is too large, no JSON, or not of the schema. The message names the fields, not what is in them."""


def load_state(path: Path) -> State:
    """The state in the file at `path`, every value of the type and within the bounds that State says.

    Nothing in the file can choose a class or call anything. Raises StateRefusedError, or FileNotFoundError when there
    is no file.
    """
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise StateRefusedError(f"the state has more than {MAX_BYTES} bytes")
    try:
        return State.model_validate_json(content)
    except ValidationError as error:
        places = (item["loc"] for item in error.errors(include_input=False))
        wrong = sorted({".".join(str(part)[:40] for part in place) or "the text" for place in places})
        raise StateRefusedError(f"the state is not of its schema: {', '.join(wrong[:10])}") from None


def dump_state(state: State) -> bytes:
    """The JSON that load_state reads; write it in one piece (to a new file, then rename)."""
    return state.model_dump_json(indent=1).encode()
