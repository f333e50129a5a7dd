"""Numbers and times read the same everywhere."""

import pytest

from workbench.ui.wording import duration, percent, plural, sentence


@pytest.mark.parametrize(
    ("seconds", "told"), [(0.04, "0.0 s"), (9.94, "9.9 s"), (59.4, "59 s"), (200, "3 min 20 s"), (7500, "2 h 5 min")]
)
def test_durations_are_as_precise_as_is_worth_reading(seconds: float, told: str) -> None:
    assert duration(seconds) == told


@pytest.mark.parametrize(
    ("share", "told"), [(0, "0 %"), (0.004, "< 1 %"), (0.5, "50 %"), (0.996, "> 99 %"), (1, "100 %")]
)
def test_only_the_impossible_is_0_and_only_the_certain_100(share: float, told: str) -> None:
    assert percent(share) == told


def test_one_is_no_plural() -> None:
    assert [plural(count, "step") for count in (0, 1, 1_200)] == ["0 steps", "1 step", "1,200 steps"]
    assert plural(2, "weakness", "weaknesses") == "2 weaknesses"


@pytest.mark.parametrize(("text", "told"), [("no record", "No record."), ("Why?", "Why?"), ("", "")])
def test_a_reason_becomes_a_sentence(text: str, told: str) -> None:
    assert sentence(text) == told
