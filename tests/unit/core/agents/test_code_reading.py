"""What the code agent says of code that it has read."""

import pytest

from workbench.core.agents.code_reading import _lines
from workbench.core.analysis.structure import Structure


@pytest.mark.parametrize(
    ("packages", "sentence"),
    [
        (("flask",), "It uses flask, which is not part of Python"),
        (("flask", "requests"), "It uses flask and requests, which are not part of Python"),
    ],
)
def test_packages_are_told_in_the_right_number(packages: tuple[str, ...], sentence: str) -> None:
    assert sentence in _lines(Structure(unit="a.py", language="python", lines=3, third_party=packages))
