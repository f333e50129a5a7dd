from datetime import date

import pytest

from workbench.core.filters import day_in, weaknesses_in


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024-02-29", date(2024, 2, 29), date(2024, 2, 29)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        (" 2023 ", date(2023, 1, 1), date(2023, 12, 31)),
        ("2023-02-29", None, None),
        ("2023-13", None, None),
        ("0000", None, None),
        ("24", None, None),
        ("2024-1-2-3", None, None),
        ("x", None, None),
        ("", None, None),
    ],
)
def test_days_are_read_in_iso_form_and_a_year_is_taken_whole(text: str, first: date | None, last: date | None) -> None:
    assert day_in(text) == first
    assert day_in(text, last=True) == last


def test_weaknesses_are_read_with_and_without_their_prefix() -> None:
    assert weaknesses_in("CWE-079 cwe-89;20") == ("CWE-79", "CWE-89", "CWE-20")
    assert weaknesses_in("") == ()
    assert weaknesses_in("CVE-2024-3094") is None
