import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from .recipe import MAX_BYTES, MAX_PROBLEMS, Input, InputRefusedError, NewInvoice, accept_input

GOOD: dict[str, object] = {"title": "Paper", "amount_cents": 1999, "tags": ["office"]}


def taken(**changed: object) -> NewInvoice:
    return accept_input(json.dumps({**GOOD, **changed}).encode(), NewInvoice)


def test_input_in_the_declared_shape_is_taken() -> None:
    assert taken() == NewInvoice(title="Paper", amount_cents=1999, tags=["office"])
    assert taken(title="  Pâté 🥖 für später ").title == "Pâté 🥖 für später"


def test_only_what_was_sent_is_told_for_a_partial_change() -> None:
    class Change(Input):
        title: str | None = None
        amount_cents: int | None = None

    change = accept_input(b'{"title": "Ink"}', Change)
    assert change.model_dump(exclude_unset=True) == {"title": "Ink"}


def test_what_was_taken_does_not_change() -> None:
    with pytest.raises(ValidationError):
        taken().title = "other"  # type: ignore[misc]


@pytest.mark.parametrize("field", ["is_admin", "owner", "id", "__class__", "model_config", "created", "Title"])
def test_attack_a_field_that_clients_may_not_set_is_refused(field: str) -> None:
    with pytest.raises(InputRefusedError, match="not known") as refused:
        taken(**{field: True})
    assert field not in str(refused.value)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount_cents", "1999"),
        ("amount_cents", True),
        ("amount_cents", 19.0),
        ("amount_cents", 0),
        ("amount_cents", -5),
        ("amount_cents", 10**30),
        ("amount_cents", None),
        ("amount_cents", {"$gt": 0}),
        ("title", ["Paper"]),
        ("title", 5),
        ("title", ""),
        ("title", "   "),
        ("title", "x" * 201),
        ("title", "Paper\r\nBcc: all@example.com"),
        ("title", "Paper\0"),
        ("title", "\u202egnp.exe"),
        ("title", "a\u2028b"),
        ("tags", ["x"] * 11),
        ("tags", "office"),
        ("tags", [["x"]]),
        ("tags", ["x\n"]),
    ],
)
def test_attack_another_type_or_size_is_refused_and_named(field: str, value: object) -> None:
    with pytest.raises(InputRefusedError, match=f"^{field}"):
        taken(**{field: value})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"x"',
        b"\xff",
        b'{"title": "a", "amount_cents": NaN}',
        b'{"title": "\\ud800", "amount_cents": 1}',
        b'{"a":' * 10_000,
        b"[" * 60_000,
    ],
)
def test_attack_what_is_no_such_object_is_refused(body: bytes) -> None:
    with pytest.raises(InputRefusedError):
        accept_input(body, NewInvoice)


def test_attack_infinity_is_no_number() -> None:
    class Price(Input):
        price: float

    for body in (b'{"price": Infinity}', b'{"price": NaN}', b'{"price": 1e999}'):
        with pytest.raises(InputRefusedError):
            accept_input(body, Price)


def test_attack_a_huge_body_is_not_parsed_and_many_problems_are_not_all_told() -> None:
    with pytest.raises(InputRefusedError, match="more than"):
        accept_input(b" " * (MAX_BYTES + 1), NewInvoice)
    with pytest.raises(InputRefusedError) as refused:
        taken(**{f"field{number}": 1 for number in range(500)})
    assert len(refused.value.problems) == MAX_PROBLEMS


@given(st.text(min_size=12).filter(lambda text: text.strip() == text))
def test_a_refusal_repeats_nothing_that_came(secret: str) -> None:
    with pytest.raises(InputRefusedError) as refused:
        taken(**{"amount_cents": secret, secret: secret})
    assert secret not in str(refused.value)


def test_attack_a_text_does_not_grow_beyond_its_bound_by_being_normalised() -> None:
    with pytest.raises(InputRefusedError):
        taken(title="\U0001d160" * 200)
