"""Search a table by optional filters, a list of values, an order and a page, all chosen outside, in one fixed SQL."""

import json
import sqlite3
from collections.abc import Sequence

SELECT = """
SELECT id, title, category, price FROM products
WHERE (:words = '' OR title LIKE :pattern ESCAPE '!')
  AND (:all_categories OR category IN (SELECT value FROM json_each(:categories)))
  AND (:most IS NULL OR price <= :most)
ORDER BY
"""
"""The question. A list is one parameter: json_each in SQLite, `category = ANY(%(categories)s)` in PostgreSQL."""

ORDERS = {
    "title": SELECT + "title COLLATE NOCASE, id LIMIT :rows OFFSET :skipped",
    "price": SELECT + "price, id LIMIT :rows OFFSET :skipped",
    "-price": SELECT + "price DESC, id LIMIT :rows OFFSET :skipped",
}
"""One statement by order; `id` at the end makes pages that do not overlap."""

ROWS = 50
"""Rows on a page."""

MAX_PAGE = 200
MAX_PRICE = 1e12
MAX_WORDS = 100
MAX_CATEGORIES = 50


class SearchRefusedError(ValueError):
    """The order is not offered, or a filter is longer than any honest one."""


Row = tuple[int, str, str, float]


def search_like(
    connection: sqlite3.Connection,
    words: str = "",
    categories: Sequence[str] | None = None,
    most: float | None = None,
    order: str = "title",
    page: int = 0,
) -> list[Row]:
    """Products whose title contains `words`, in one of `categories` (None: any; none: no row), at `most` that dear.

    No text from outside becomes SQL: a filter that is not used is switched off by its parameter, the order picks a
    whole statement, and %, _ and quotes in `words` stand for themselves. Raises SearchRefusedError.
    """
    if order not in ORDERS:
        raise SearchRefusedError(f"order by one of {', '.join(ORDERS)}")
    if len(words) > MAX_WORDS or len(categories or ()) > MAX_CATEGORIES or not 0 <= page <= MAX_PAGE:
        raise SearchRefusedError("the search is too long, or the page too far")
    if "\0" in words or any("\ud800" <= sign <= "\udfff" for sign in words):
        raise SearchRefusedError("the words hold a NUL, at which SQLite would end the pattern, or half a sign")
    if most is not None and not 0 <= most <= MAX_PRICE:  # NaN too, which SQLite takes for NULL
        raise SearchRefusedError("the highest price is no price")
    parameters = {
        "words": words,
        "pattern": f"%{_literal(words)}%",
        "all_categories": categories is None,
        "categories": json.dumps([str(category) for category in categories or ()]),
        "most": most,
        "rows": ROWS,
        "skipped": page * ROWS,
    }
    return list(connection.execute(ORDERS[order], parameters))


def _literal(text: str) -> str:
    """`text` with the wildcards of LIKE made ordinary, for a pattern that says ESCAPE '!'."""
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
