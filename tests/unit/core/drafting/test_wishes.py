import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.core.drafting.wishes import Measure, usable_name, wishes_of


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Write a Python function `store_avatar` for our portal.", "store_avatar"),
        ("a function called keep_picture that stores it", "keep_picture"),
        ("The function should be named `unpack`.", "unpack"),
        ("Call it fetch_preview.", "fetch_preview"),
        ("def reset_link(user): make a link", "reset_link"),
        ("Write `find_parts` for the shop", "find_parts"),
        ("It shall offer `save(stream)`.", "save"),
        ("Read the page in `next` after login", ""),
        ("a function that sorts names", ""),
    ],
)
def test_the_name_of_the_function_is_read_where_it_is_said_plainly(text: str, name: str) -> None:
    assert wishes_of(text).function == name


@pytest.mark.parametrize(
    ("text", "measure", "amount"),
    [
        ("pictures of at most 2 MB", Measure.BYTES, 2_000_000),
        ("no more than 1.5 MiB", Measure.BYTES, 1_572_864),
        ("nothing larger than 500 kB", Measure.BYTES, 500_000),
        ("a token of 256 bits", Measure.BYTES, 32),
        ("valid for 30 minutes", Measure.SECONDS, 1800),
        ("it expires after 24 hours", Measure.SECONDS, 86_400),
        ("with a timeout of 5 seconds", Measure.SECONDS, 5),
        ("messages older than 10 minutes", Measure.SECONDS, 600),
        ("at most 5 attempts", Measure.COUNT, 5),
        ("up to 1,000 files", Measure.COUNT, 1000),
    ],
)
def test_a_limit_is_read_in_bytes_seconds_or_pieces(text: str, measure: Measure, amount: float) -> None:
    (quantity,) = wishes_of(text).quantities
    assert (quantity.measure, quantity.amount) == (measure, amount)


@pytest.mark.parametrize(
    "text", ["up to 500 files, 50 MB unpacked", "at most 500 files and 50 MB", "no more than 500 entries, and 50 MB"]
)
def test_a_limit_goes_on_to_the_next_number(text: str) -> None:
    amounts = {quantity.measure: quantity.amount for quantity in wishes_of(text).quantities}
    assert amounts == {Measure.COUNT: 500, Measure.BYTES: 50_000_000}


@pytest.mark.parametrize("text", ["The job runs every 5 minutes", "We have 20 GB of pictures", "version 3.5 of 2024"])
def test_a_number_that_is_no_limit_is_left_alone(text: str) -> None:
    assert wishes_of(text).quantities == ()


def test_types_are_read_in_order_without_those_refused() -> None:
    assert wishes_of("Accept JPEG and PNG, no GIF please; jpg is fine").types == (".jpg", ".png")


def test_paths_and_names_in_the_task_are_read() -> None:
    assert wishes_of("Put them into /srv/avatars.").folder == "/srv/avatars"
    assert wishes_of("Look in the `customers` table").table == "customers"
    assert wishes_of("Run `convert` on it").program == "convert"
    assert wishes_of("only https, please").https_only
    assert wishes_of("Everyone else by default to `/start`").home == "/start"
    assert wishes_of("rename `folder` to `target`").renames == (("folder", "target"),)
    assert wishes_of("It takes `source`, `target` and `limit`.").parameters == ("source", "target", "limit")


@pytest.mark.parametrize("name", ["class", "print", "not a name", "1st", "open"])
def test_names_of_pythons_own_are_not_usable(name: str) -> None:
    assert not usable_name(name)


@given(st.text(max_size=400))
def test_any_text_can_be_read(text: str) -> None:
    wishes = wishes_of(text)
    assert all(quantity.amount >= 0 for quantity in wishes.quantities)


WORDS = ["at most", "5", "MB", "up to", "files", "`x`", "called", "def", "f(", ")", "parameter", "/", "png", ",", "."]


@given(st.lists(st.sampled_from(WORDS)))
def test_any_order_of_its_own_words_can_be_read(words: list[str]) -> None:
    wishes_of(" ".join(words))


@pytest.mark.parametrize("piece", ["def f(", "`f(", "function called ", "/a", "at most 1", "takes `a`, ", "no ", "9 "])
def test_a_text_made_to_be_slow_is_read_in_time(piece: str) -> None:
    started = time.process_time()
    wishes_of(piece * (100_000 // len(piece)))
    assert time.process_time() - started < 5
