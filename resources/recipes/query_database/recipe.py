"""Search a table with values from outside: values are bound, and what cannot be bound is chosen, never built."""

import sqlite3

STATEMENTS = {
    "name": "SELECT id, name FROM users WHERE name LIKE ? ESCAPE '!' ORDER BY name LIMIT ?",
    "newest": "SELECT id, name FROM users WHERE name LIKE ? ESCAPE '!' ORDER BY created DESC LIMIT ?",
}
"""One whole statement by sort order: SQL has no placeholder for a column, so the order picks a statement."""

MAX_ROWS = 100
"""Most rows given back for one question."""


def find_users(connection: sqlite3.Connection, name: str, sort: str = "name") -> list[tuple[int, str]]:
    """Users whose name contains `name`, as (id, name), at most MAX_ROWS.

    `name` is data whatever it holds: quotes, comments and the wildcards of LIKE stand for themselves. Raises
    ValueError for a `sort` that is not offered.
    """
    if "\0" in name or (not name.isascii() and any("\ud800" <= sign <= "\udfff" for sign in name)):
        return []  # SQLite would end the pattern at a NUL; half a surrogate pair is no text
    if sort not in STATEMENTS:
        raise ValueError(f"sort by one of {', '.join(STATEMENTS)}")
    rows = connection.execute(STATEMENTS[sort], (f"%{escape_like(name)}%", MAX_ROWS))
    return [(row[0], row[1]) for row in rows]


def escape_like(text: str) -> str:
    """`text` with the wildcards of LIKE made literal, for a statement that says ESCAPE '!'."""
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
