"""Numbers and times read the same everywhere."""

import pytest

from workbench.ui.wording import bytes_in_words, duration, gate_words, plural, sentence


@pytest.mark.parametrize(
    ("seconds", "told"), [(0.04, "0.0 s"), (9.94, "9.9 s"), (59.4, "59 s"), (200, "3 min 20 s"), (7500, "2 h 5 min")]
)
def test_durations_are_as_precise_as_is_worth_reading(seconds: float, told: str) -> None:
    assert duration(seconds) == told


def test_findings_that_stand_against_an_option_are_counted() -> None:
    assert gate_words(1, "safe") == "1 confirmed finding of high severity stands against “safe”"
    assert gate_words(9, "safe") == "9 confirmed findings of high severity stand against “safe”"


def test_one_is_no_plural() -> None:
    assert [plural(count, "step") for count in (0, 1, 1_200)] == ["0 steps", "1 step", "1,200 steps"]
    assert plural(2, "weakness", "weaknesses") == "2 weaknesses"


@pytest.mark.parametrize(("text", "told"), [("no record", "No record."), ("Why?", "Why?"), ("", "")])
def test_a_reason_becomes_a_sentence(text: str, told: str) -> None:
    assert sentence(text) == told


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 B"), (812, "812 B"), (1_000, "1.0 KB"), (4_240, "4.2 KB"), (17_400_000, "17 MB"), (999_600, "1.0 MB")],
)
def test_sizes_are_as_precise_as_is_worth_reading(count: int, words: str) -> None:
    assert bytes_in_words(count) == words
