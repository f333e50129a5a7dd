import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from . import recipe
from .recipe import FIELDS, FilterRefusedError, query_mongo

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["$ne", "$gt", "$where", "a"]), inner),
    max_leaves=5,
)


def filter_of(**parameters: object) -> dict[str, Any]:
    found: dict[str, Any] = query_mongo(parameters, "acme")["filter"]
    return found


def test_texts_of_a_query_string_and_values_of_json_become_typed_conditions() -> None:
    expected = {"age": {"$eq": 42}, "active": {"$eq": True}, "tenant": {"$eq": "acme"}}
    assert filter_of(age="42", active="true") == expected
    assert filter_of(age=42, active=True) == expected
    assert filter_of() == {"tenant": {"$eq": "acme"}}


def test_a_name_is_searched_by_how_it_begins() -> None:
    condition = filter_of(name="Ann (x.")["name"]
    assert condition["$options"] == "i"
    assert re.match(condition["$regex"], "Ann (x. y")
    assert not re.match(condition["$regex"], "Ann (xyz")


def test_rows_time_and_order_are_bounded() -> None:
    query = query_mongo({}, "acme", "newest")
    assert query["sort"] == [("created", -1)]
    assert query["limit"] == 100
    assert query["max_time_ms"] == 2000


@pytest.mark.parametrize("name", list(FIELDS))
@pytest.mark.parametrize(
    "value", [{"$ne": None}, {"$gt": ""}, {"$regex": ".*"}, {"$where": "sleep(1e9)"}, {"$in": []}, ["a"], None, 1.5]
)
def test_attack_an_operator_in_a_value_is_refused(name: str, value: object) -> None:
    with pytest.raises(FilterRefusedError, match=name):
        filter_of(**{name: value})


@pytest.mark.parametrize("name", ["$where", "$or", "tenant", "password", "name.$ne", "name[$ne]", "", "_id"])
def test_attack_a_field_that_is_not_offered_is_refused(name: str) -> None:
    with pytest.raises(FilterRefusedError, match="fields are"):
        filter_of(**{name: "x"})


@pytest.mark.parametrize("text", ["(a+)+$", ".*", "^", "a|b", "[", "\\"])
def test_attack_a_regular_expression_in_a_search_stands_for_itself(text: str) -> None:
    pattern = filter_of(name=text)["name"]["$regex"]
    assert re.match(pattern, text)
    assert not re.match(pattern, "aaaa" if text != ".*" else "x")


@pytest.mark.parametrize("age", ["1e3", "0x10", " 1", "\u0661", "1" * 30, 2**63, True, "", "1;"])
def test_attack_what_is_no_plain_number_is_refused(age: object) -> None:
    with pytest.raises(FilterRefusedError, match="age"):
        filter_of(age=age)


@pytest.mark.parametrize("text", ["", "x" * 101, "a\0b"])
def test_attack_long_empty_and_broken_texts_are_refused(text: str) -> None:
    with pytest.raises(FilterRefusedError, match="characters"):
        filter_of(name=text)


def test_attack_the_tenant_is_that_of_the_session_even_if_offered_by_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipe, "FIELDS", {"tenant": str})
    assert filter_of(tenant="other") == {"tenant": {"$eq": "acme"}}


def test_attack_a_sort_order_that_is_not_offered_is_refused() -> None:
    with pytest.raises(FilterRefusedError, match="sort"):
        query_mongo({}, "acme", "password")


@given(st.dictionaries(st.sampled_from([*FIELDS, "$or", "tenant"]), JSON, max_size=3))
def test_whatever_json_comes_only_our_operators_are_in_the_filter(parameters: dict[str, object]) -> None:
    try:
        found = query_mongo(parameters, "acme")["filter"]
    except FilterRefusedError:
        return
    assert found["tenant"] == {"$eq": "acme"}
    for name, condition in found.items():
        assert name in {*FIELDS, "tenant"}
        assert set(condition) in ({"$eq"}, {"$regex", "$options"})
        assert all(isinstance(value, str | int | bool) for value in condition.values())


@pytest.mark.parametrize("tenant", [None, "", {"$ne": None}, 1])
def test_attack_no_tenant_is_not_every_document_without_one(tenant: Any) -> None:
    with pytest.raises(FilterRefusedError):
        query_mongo({}, tenant)


def test_attack_half_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(FilterRefusedError):
        filter_of(name="\ud800")
