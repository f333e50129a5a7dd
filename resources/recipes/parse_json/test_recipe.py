import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from . import recipe
from .recipe import JsonRefusedError, parse_json

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60)
@given(VALUES, st.booleans())
def test_every_ordinary_value_comes_back(value: Any, ascii_only: bool) -> None:
    assert parse_json(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b'{"admin": false, "admin": true}', "twice"),
        (b'{"a": {"b": 1, "\\u0062": 2}}', "twice"),
        (b"NaN", "NaN"),
        (b"[-Infinity]", "Infinity"),
        (b"1e999", "too large"),
        (b"-1e999", "too large"),
        (b"1" * 20, "digits"),
        (b"[" * 33 + b"]" * 33, "deep"),
        (b'{"a":' * 33 + b"1" + b"}" * 33, "deep"),
        (b"[" * 500_000, "deep"),
        (b'"\\ud800"', "no JSON"),
        (b'{"\\udc00": 1}', "no JSON"),
        (b'"\xff"', "no JSON"),
        ('{"a": 1}'.encode("utf-16"), "no JSON"),
        (b"\xef\xbb\xbf{}", "no JSON"),
        (b"{'a': 1}", "no JSON"),
        (b"[1,]", "no JSON"),
        (b"{} {}", "no JSON"),
        (b"", "no JSON"),
        (b'"a\nb"', "no JSON"),
    ],
)
def test_attack_what_is_ambiguous_huge_or_no_json_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(JsonRefusedError, match=reason):
        parse_json(data)


def test_attack_a_text_that_is_too_large_is_refused_before_anything_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipe, "MAX_BYTES", 4)
    assert parse_json(b"true") is True
    with pytest.raises(JsonRefusedError, match="more than 4"):
        parse_json(b"false")


def test_brackets_in_texts_do_not_count() -> None:
    value = {"a": "[" * 50 + '\\"{' * 50}
    assert parse_json(json.dumps(value).encode()) == value
    assert parse_json(b"[" * 32 + b"]" * 32)
    assert parse_json(b"[" + b"[]," * 100 + b"[]]") == [[]] * 101


@pytest.mark.parametrize("data", [b'"' + b'\\"' * 100_000, b'"' * 200_001, b"]" * 200_000, b"\\" * 200_000])
def test_attack_counting_the_depth_takes_time_only_in_proportion(data: bytes) -> None:
    begin = time.process_time()
    with pytest.raises(JsonRefusedError):
        parse_json(data)
    assert time.process_time() - begin < 2


def test_attack_the_error_shows_nothing_of_the_text() -> None:
    with pytest.raises(JsonRefusedError) as caught:
        parse_json(b'{"password": hunter2}')
    assert caught.value.__suppress_context__
    assert "hunter2" not in str(caught.value)
