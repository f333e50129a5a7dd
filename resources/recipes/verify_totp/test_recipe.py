import base64
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from . import recipe
from .recipe import CodeRefusedError, new_totp_secret, totp_address, verify_totp

SECRET = base64.b32encode(b"12345678901234567890").decode()
VECTORS = [(59, "94287082"), (1111111109, "07081804"), (1111111111, "14050471"), (1234567890, "89005924")]
"""Time and code of RFC 6238, appendix B."""


class Step:
    """The user's row: the latest step used."""

    def __init__(self) -> None:
        self.latest = -1

    def claim(self, step: int) -> bool:
        if step <= self.latest:
            return False
        self.latest = step
        return True


def accepted(code: str, now: float, step: Step | None = None) -> bool:
    try:
        verify_totp(SECRET, code, now, (step or Step()).claim)
    except CodeRefusedError:
        return False
    return True


@pytest.mark.parametrize(("now", "code"), [*VECTORS, (2000000000, "69279037"), (20000000000, "65353130")])
def test_the_vectors_of_the_standard_hold(now: int, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert accepted(code[2:], now)
    monkeypatch.setattr(recipe, "DIGITS", 8)
    assert accepted(code, now)


def test_a_code_may_have_a_blank_in_the_middle_and_be_a_step_off() -> None:
    assert accepted("287 082", 59)
    assert accepted("287082", 59 + 30)
    assert accepted("287082", 59 - 30)


def test_a_new_secret_has_160_bits_and_fits_the_app() -> None:
    secret = new_totp_secret()
    assert len(base64.b32decode(secret)) == 20
    assert secret != new_totp_secret()
    parts = urlsplit(totp_address(secret, "ann@example.com", "Work & Co"))
    assert (parts.scheme, parts.netloc, parts.path) == ("otpauth", "totp", "/Work%20%26%20Co:ann%40example.com")
    assert parse_qs(parts.query)["secret"] == [secret]


def test_attack_a_code_seen_over_the_shoulder_is_not_taken_again() -> None:
    step = Step()
    assert accepted("287082", 45, step)
    assert not accepted("287082", 46, step)
    assert not accepted("287082", 75, step)


def test_attack_an_older_code_is_not_taken_after_a_newer_one() -> None:
    step = Step()
    newer = recipe._code(SECRET, 2)
    assert accepted(newer, 61, step)
    assert not accepted("287082", 61, step)


@pytest.mark.parametrize("seconds", [-90, -60, 60, 90, 3600])
def test_attack_a_code_of_another_time_is_refused(seconds: int) -> None:
    assert not accepted("081804", 1111111109 + seconds)


@pytest.mark.parametrize(
    "code", ["", "28708", "2870820", "٢٨٧٠٨٢", "２８７０８２", "-87082", "28708a", "287082\n", "\ud800" * 6]
)
def test_attack_anything_but_six_plain_digits_is_refused(code: str) -> None:
    assert not accepted(code, 59)


def test_attack_a_wrong_code_uses_up_no_step() -> None:
    step = Step()
    assert not accepted("000000", 59, step)
    assert step.latest == -1


@given(st.integers(0, 2**40), st.integers(0, 999_999))
def test_of_all_codes_only_the_ones_of_now_are_taken(now: int, number: int) -> None:
    code = f"{number:06}"
    around = {recipe._code(SECRET, step) for step in range(max(0, now // 30 - 1), now // 30 + 2)}
    assert accepted(code, now) == (code in around)
    assert accepted(recipe._code(SECRET, now // 30), now)
