"""A share reads the same everywhere, and never surer than it is."""

import pytest

from workbench.wording import percent


@pytest.mark.parametrize(
    ("share", "told"),
    [(0, "0 %"), (0.0049, "<1 %"), (0.005, "1 %"), (0.5, "50 %"), (0.664, "66 %"), (0.995, ">99 %"), (1, "100 %")],
)
def test_only_the_impossible_is_0_and_only_the_certain_100(share: float, told: str) -> None:
    assert percent(share).replace("\u00a0", " ") == told


def test_number_and_sign_stay_on_one_line() -> None:
    assert "\u00a0%" in percent(0.3)
    assert " " not in percent(0.3)
