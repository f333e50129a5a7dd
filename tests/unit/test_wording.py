"""A share reads the same everywhere, and never surer than it is; counts agree with their nouns."""

import pytest

from workbench.wording import counted, percent


@pytest.mark.parametrize(
    ("share", "told"),
    [(0, "0 %"), (0.0049, "<1 %"), (0.005, "1 %"), (0.5, "50 %"), (0.664, "66 %"), (0.995, ">99 %"), (1, "100 %")],
)
def test_only_the_impossible_is_0_and_only_the_certain_100(share: float, told: str) -> None:
    assert percent(share).replace("\u00a0", " ") == told


def test_number_and_sign_stay_on_one_line() -> None:
    assert "\u00a0%" in percent(0.3)
    assert " " not in percent(0.3)


@pytest.mark.parametrize(
    ("count", "told"), [(0, "no weaknesses"), (1, "1 weakness"), (2, "2 weaknesses"), (1000, "1000 weaknesses")]
)
def test_a_count_agrees_with_its_noun(count: int, told: str) -> None:
    assert counted(count, "weakness", "weaknesses") == told
    assert counted(count, "line").endswith("line") is (count == 1)
