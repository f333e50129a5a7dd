from hypothesis import given
from hypothesis import strategies as st

from tests.unit.core.analysis.looking import findings_of
from workbench.core.analysis.base import Examined, Sightings
from workbench.core.analysis.merge import merge
from workbench.core.evidence import Finding, Severity


def a_finding(rule: str = "own", cwe: str | None = "CWE-89", line: int = 1, **fields: object) -> Finding:
    return Finding.model_validate(
        {
            "rule": rule, "cwe": cwe, "title": rule, "severity": Severity.MEDIUM, "confidence": 0.6, "file": "a.py",
            "line_start": line, "line_end": line, "excerpt": "x", "explanation": rule, "witnesses": (rule,), **fields,
        }
    )  # fmt: skip


def test_two_analysers_at_one_place_become_two_witnesses() -> None:
    (finding,) = merge([Sightings(findings=(a_finding("own"),)), Sightings(findings=(a_finding("bandit:B608"),))])
    assert finding.witnesses == ("own", "bandit:B608")
    assert 0.6 < finding.confidence < 1
    assert finding.explanation == "own"


def test_different_weaknesses_at_one_line_stay_apart() -> None:
    assert len(merge([Sightings(findings=(a_finding("a", "CWE-89"), a_finding("b", "CWE-22")))])) == 2


def test_a_related_weakness_on_another_line_stays_apart() -> None:
    assert len(merge([Sightings(findings=(a_finding("a", line=1), a_finding("b", line=2)))])) == 2


def test_unlabelled_findings_are_never_put_together() -> None:
    assert len(merge([Sightings(findings=(a_finding("a", None), a_finding("b", None)))])) == 2


def test_what_a_closer_look_found_harmless_is_left_out() -> None:
    looked = Sightings(examined=(Examined(topic="sql", line_start=1, line_end=3),))
    coarse = Sightings(findings=(a_finding("bandit:B608", line=2), a_finding("bandit:B602", "CWE-78", line=2)))
    assert [finding.rule for finding in merge([looked, coarse])] == ["bandit:B602"]


def test_a_placeholder_list_is_not_reported_though_bandit_does() -> None:
    code = "def f(c, n):\n    c.execute('SELECT a FROM t WHERE n IN (%s)' % ','.join('?' for _ in n), n)"
    assert findings_of(code) == ()


@given(
    st.lists(
        st.tuples(st.sampled_from(["a", "b", "c"]), st.sampled_from(["CWE-89", "CWE-22", None]), st.integers(1, 5)),
        max_size=12,
    )
)
def test_merging_loses_no_line_and_repeats_no_rule_at_a_line(rows: list[tuple[str, str | None, int]]) -> None:
    findings = [a_finding(rule, cwe, line) for rule, cwe, line in rows]
    merged = merge([Sightings(findings=tuple(findings))])
    assert {finding.line_start for finding in merged} == {finding.line_start for finding in findings}
    assert all(finding.confidence < 1 for finding in merged)
