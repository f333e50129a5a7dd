"""Take JSON from outside only in the shape that was declared: known fields, of their own type, within bounds."""

import unicodedata
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

MAX_BYTES = 64_000
"""Largest body looked at, in bytes."""

MAX_PROBLEMS = 20
"""Most problems told; the rest would only fill the answer."""


class InputRefusedError(ValueError):
    """The input is not taken; answer 422 with `problems`, which name fields and rules but repeat nothing that came."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class Input(BaseModel):
    """What every input declares: no unknown field, no conversion between types, no NaN, nothing to change later."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False, hide_input_in_errors=True)


def _one_line(text: str) -> str:
    if any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") for character in text):
        raise ValueError("control characters are not taken")
    return unicodedata.normalize("NFC", text).strip()


Line = Annotated[
    str, Field(min_length=1, max_length=200), AfterValidator(_one_line), Field(min_length=1, max_length=200)
]
"""One line of text without control characters and without signs that turn the direction of writing."""


class NewInvoice(Input):
    """An example: what a client may set of an invoice. Owner, state and dates are the server's, so not here."""

    title: Line
    amount_cents: int = Field(ge=1, le=100_000_000)
    tags: list[Line] = Field(default=[], max_length=10)


InputT = TypeVar("InputT", bound=Input)


def accept_input(body: bytes, model: type[InputT]) -> InputT:
    """The input in `body`, raw JSON from a request, as `model`, a class derived from Input.

    Give every text, number and list in it a bound, and set a record's fields one by one, or from model_dump(
    exclude_unset=True) of a model made for that. Raises InputRefusedError when anything does not fit.
    """
    if len(body) > MAX_BYTES:
        raise InputRefusedError([f"the body has more than {MAX_BYTES} bytes"])
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False, include_context=False)
        problems = [f"{_place(model, detail['loc'])}: {_rule(detail['type'])}" for detail in details[:MAX_PROBLEMS]]
    raise InputRefusedError(problems)


def _place(model: type[Input], location: tuple[int | str, ...]) -> str:
    # The names of unknown fields come from outside, so they are not repeated either.
    known = [str(part) for part in location if isinstance(part, int) or part in model.model_fields]
    return ".".join(known) or "body"


def _rule(kind: str) -> str:
    return "there is a field that is not known" if kind == "extra_forbidden" else kind.replace("_", " ")
