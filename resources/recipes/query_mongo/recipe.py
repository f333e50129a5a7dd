"""Make a MongoDB filter from request parameters: known fields, typed values, and no operator from outside."""

import re
from collections.abc import Callable, Mapping
from typing import Any

FIELDS = {"name": str, "age": int, "active": bool}
"""The fields that may be asked for, and the type of their value."""

SEARCHED = frozenset({"name"})
"""Text fields that are searched by how they begin, without regard to case, instead of compared."""

SORTS = {"name": ("name", 1), "newest": ("created", -1)}
"""The sort orders offered."""

MAX_TEXT = 100
"""Longest text, in characters."""

MAX_ROWS = 100
MAX_TIME_MS = 2_000


class FilterRefusedError(ValueError):
    """A parameter is not offered, or its value is not of its type."""


def query_mongo(parameters: Mapping[str, object], tenant: str, sort: str = "name") -> dict[str, Any]:
    """The arguments for `collection.find(**query_mongo(...))`: filter, sort, limit and time limit.

    `parameters` may come from a query string (texts) or from JSON (any types): a value that is an object or a list,
    such as {"$ne": null}, is refused, and each value stands behind an operator of ours. `tenant` comes from the
    session and cannot be overridden. Raises FilterRefusedError.
    """
    if sort not in SORTS:
        raise FilterRefusedError(f"sort by one of {', '.join(SORTS)}")
    if not isinstance(tenant, str) or not tenant:  # None would find what belongs to no tenant
        raise FilterRefusedError("the session has no tenant")
    conditions: dict[str, Any] = {name: _condition(name, value) for name, value in parameters.items()}
    found = {**conditions, "tenant": {"$eq": tenant}}
    return {"filter": found, "sort": [SORTS[sort]], "limit": MAX_ROWS, "max_time_ms": MAX_TIME_MS}


def _condition(name: str, value: object) -> dict[str, Any]:
    if name not in FIELDS:
        raise FilterRefusedError(f"the fields are {', '.join(FIELDS)}")
    typed = value if type(value) is FIELDS[name] else _READ[FIELDS[name]](name, value)
    if isinstance(typed, str):
        if not typed or len(typed) > MAX_TEXT or any(c == "\0" or "\ud800" <= c <= "\udfff" for c in typed):
            raise FilterRefusedError(f"{name} is a text of 1 to {MAX_TEXT} characters")
        if name in SEARCHED:
            return {"$regex": "^" + re.escape(typed), "$options": "i"}
    if type(typed) is int and abs(typed) >= 2**63:
        raise FilterRefusedError(f"{name} is too large a number")
    return {"$eq": typed}


def _not_text(name: str, _: object) -> str:
    raise FilterRefusedError(f"{name} must be a text")


def _int(name: str, value: object) -> int:
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,19}", value):
        return int(value)
    raise FilterRefusedError(f"{name} must be a whole number")


def _bool(name: str, value: object) -> bool:
    if value in ("true", "false"):
        return value == "true"
    raise FilterRefusedError(f"{name} must be true or false")


_READ: Mapping[type, Callable[[str, object], Any]] = {str: _not_text, int: _int, bool: _bool}
