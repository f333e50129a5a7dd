import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.core.agents import risk
from workbench.core.evidence import Finding, Severity

THREE = ("safe", "safe after fixes", "do not use")


def a_finding(severity: Severity = Severity.HIGH, confidence: float = 0.9) -> Finding:
    return Finding(
        rule="r", cwe="CWE-89", title="t", severity=severity, confidence=confidence, file="a.py", line_start=1,
        line_end=1, excerpt="x", explanation="e",
    )  # fmt: skip


findings = st.lists(st.builds(a_finding, st.sampled_from(list(Severity)), st.floats(0, 1)), max_size=8)
option_lists = st.integers(2, 10).map(lambda n: [f"o{i}" for i in range(n)])


@given(findings, findings, st.floats(0, 1), option_lists)
def test_an_opinion_is_a_distribution_that_excludes_nothing(
    found: list[Finding], left: list[Finding], coverage: float, options: list[str]
) -> None:
    opinion = risk.opinion(found, left, coverage, options)
    assert list(opinion) == options
    assert sum(opinion.values()) == pytest.approx(1)
    assert all(0 < share < 1 for share in opinion.values())


@given(findings, st.floats(0, 1))
def test_one_more_weakness_never_makes_code_look_safer(found: list[Finding], coverage: float) -> None:
    before = risk.opinion(found, found, coverage, THREE)
    more = [*found, a_finding()]
    after = risk.opinion(more, more, coverage, THREE)
    assert after["safe"] <= before["safe"] + 1e-9
    assert after["do not use"] >= before["do not use"] - 1e-9


def verdict(opinion: dict[str, float]) -> str:
    return max(opinion, key=lambda option: opinion[option])


def test_clean_code_is_safe_mended_code_after_fixes_and_what_stays_is_not_to_be_used() -> None:
    many = [a_finding()] * 4
    assert verdict(risk.opinion([], [], 1.0, THREE)) == "safe"
    assert verdict(risk.opinion(many, [], 1.0, THREE)) == "safe after fixes"
    assert verdict(risk.opinion(many, many, 1.0, THREE)) == "do not use"


def test_of_unread_code_nothing_is_claimed() -> None:
    assert list(risk.opinion([], [], 0.0, THREE).values()) == pytest.approx([1 / 3] * 3)
    half = risk.opinion([], [], 0.5, THREE)["safe"]
    assert 1 / 3 < half < risk.opinion([], [], 1.0, THREE)["safe"]
