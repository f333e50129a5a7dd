import sqlite3
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from . import recipe
from .recipe import SearchRefusedError, search_like

PRODUCTS = [
    (1, "Red wine", "drinks", 9.5),
    (2, "100% juice", "drinks", 2.0),
    (3, "under_score", "odd", 1.0),
    (4, "O'Neil's \"best\"!", "odd's", 5.0),
    (5, "bread", "food", 3.0),
]


@pytest.fixture(scope="module")
def shop() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE products (id INTEGER PRIMARY KEY, title TEXT, category TEXT, price REAL)")
    connection.execute("CREATE TABLE users (password TEXT)")
    connection.execute("INSERT INTO users VALUES ('secret')")
    connection.executemany("INSERT INTO products VALUES (?, ?, ?, ?)", PRODUCTS)
    yield connection
    assert connection.execute("SELECT count(*) FROM products").fetchone() == (5,)
    connection.close()


def ids(rows: list[recipe.Row]) -> list[int]:
    return [row[0] for row in rows]


def test_filters_are_optional_and_combine(shop: sqlite3.Connection) -> None:
    assert ids(search_like(shop)) == [2, 5, 4, 1, 3]
    assert ids(search_like(shop, "WINE")) == [1]
    assert ids(search_like(shop, categories=["drinks", "odd's"], most=5)) == [2, 4]
    assert ids(search_like(shop, categories=[])) == []
    assert ids(search_like(shop, order="-price")) == [1, 4, 5, 2, 3]
    assert ids(search_like(shop, order="price", most=2.0)) == [3, 2]


def test_pages_follow_each_other(shop: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipe, "ROWS", 2)
    assert [ids(search_like(shop, order="price", page=page)) for page in range(4)] == [[3, 2], [5, 4], [1], []]


@pytest.mark.parametrize(("words", "found"), [("%", [2]), ("_", [3]), ("!", [4]), ("'", [4]), ('"best"', [4])])
def test_attack_wildcards_and_quotes_stand_for_themselves(
    shop: sqlite3.Connection, words: str, found: list[int]
) -> None:
    assert ids(search_like(shop, words)) == found


@pytest.mark.parametrize(
    "text",
    ["' OR 1=1 --", "x' UNION SELECT 1, password, 'a', 1 FROM users --", "'); DROP TABLE products; --", "%' OR '1"],
)
def test_attack_sql_in_a_filter_finds_nothing(shop: sqlite3.Connection, text: str) -> None:
    assert search_like(shop, text) == []
    assert search_like(shop, categories=[text, f'"]{text}']) == []


@pytest.mark.parametrize("order", ["", "price; DROP TABLE products", "password", "price DESC", "PRICE", "-title"])
def test_attack_an_order_that_is_not_offered_is_refused(shop: sqlite3.Connection, order: str) -> None:
    with pytest.raises(SearchRefusedError, match="order by"):
        search_like(shop, order=order)


def test_attack_a_nul_does_not_cut_the_pattern_to_its_wildcard(shop: sqlite3.Connection) -> None:
    with pytest.raises(SearchRefusedError, match="NUL"):
        search_like(shop, "\0x")


def test_attack_endless_filters_are_refused(shop: sqlite3.Connection) -> None:
    for arguments in ({"words": "x" * 101}, {"categories": ["a"] * 51}, {"page": -1}, {"page": 10**9}):
        with pytest.raises(SearchRefusedError, match="too"):
            search_like(shop, **arguments)  # type: ignore[arg-type]


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet="%_!'\"eO 1", max_size=4))
def test_exactly_the_titles_that_contain_the_words_are_found(shop: sqlite3.Connection, words: str) -> None:
    expected = {row[0] for row in PRODUCTS if words.lower() in row[1].lower()}
    assert set(ids(search_like(shop, words))) == expected


@pytest.mark.parametrize("most", [float("nan"), float("inf"), -1.0, 10**30])
def test_attack_a_price_that_is_no_number_does_not_switch_the_filter_off(shop: sqlite3.Connection, most: float) -> None:
    with pytest.raises(SearchRefusedError):
        search_like(shop, most=most)


def test_attack_half_a_surrogate_pair_is_refused(shop: sqlite3.Connection) -> None:
    with pytest.raises(SearchRefusedError):
        search_like(shop, words="\ud800")
