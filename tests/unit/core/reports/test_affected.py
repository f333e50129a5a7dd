"""The table of what is affected: its order, its words, its length, in every format."""

import json

import pytest

from tests import sample_run
from tests.unit.core.reports.test_formats import Tags, pdf_text
from workbench.core import events as ev
from workbench.core.exposure.survey import survey
from workbench.core.plan import StepOutcome
from workbench.core.reports import ReportOptions, render
from workbench.core.reports.affected import ROWS_TOLD, affected_rows, notes
from workbench.core.run_state import RunState
from workbench.core.tasks import CodeUnit

FLEET = """host,exposure,product,version,owner
batch-07,internal,log4j-core,2.12.2,Team Billing
web-02,internet,log4j-core,2.17.1,Team Shop
app-01,internal,log4j-core,2.14.1,Team Shop
web-01,internet,log4j-core,2.14.1,Team Shop
lab-01,internal,log4j-core,unknown,Team Shop
jump-01,internet,openssh-server,1:8.9p1-3ubuntu0.10,Ops
arc-02,internal,xz-utils,5.6.1-1,Ops
wiki-02,internal,confluence,7.18.1,IT
"""


def outcome(text: str) -> StepOutcome:
    places = survey([CodeUnit(name="fleet.csv", language="text", text=text)])
    return StepOutcome(summary="compared", places=tuple(places))


def a_run(text: str) -> RunState:
    step = ev.Step(id="exposure", agent="security", action="exposure", title="Check the exposure", goal="")
    more = (
        ev.PlanMade(plan=ev.Plan(steps=(*sample_run.plan().steps, step)), reason="more"),
        ev.StepFinished(step="exposure", agent="security", outcome=outcome(text)),
    )
    return RunState.from_events(sample_run.events(more))


def test_affected_come_first_and_of_these_the_exploited_and_those_on_the_internet() -> None:
    rows = affected_rows(outcome(FLEET).places)
    assert [(row.told.split(",")[0], str(row.standing)) for row in rows] == [
        ("host web-01", "affected"),
        ("host app-01", "affected"),
        ("host batch-07", "affected"),
        ("host arc-02", "affected"),
        ("host jump-01", "perhaps affected"),
        ("host lab-01", "version unknown"),
        ("host web-02", "not affected"),
        ("host batch-07", "not affected"),
        ("host wiki-02", "not affected"),
    ]


def test_a_row_names_all_that_affects_it_and_the_version_that_mends_all() -> None:
    first, *_, last = affected_rows(outcome(FLEET).places)
    assert first.cells == (
        "fleet.csv, line 5",
        "host web-01, exposure internet, owner Team Shop",
        "log4j-core 2.14.1",
        "CVE-2021-44228 (exploited), CVE-2021-45046 (exploited), CVE-2021-45105",
        "affected",
        "2.17.0",
    )
    (perhaps,) = [row for row in affected_rows(outcome(FLEET).places) if row.standing == "perhaps affected"]
    assert perhaps.fixed_in == "upstream 9.8p1"
    assert last.vulnerabilities == "none of those known"


def test_what_names_no_fixed_version_tells_its_range_and_a_requirement_its_lowest() -> None:
    rows = affected_rows(outcome("xz 5.6.1\ncryptography>=3.2").places)
    assert rows[0].fixed_in == "outside “from 5.6.0 up to and including 5.6.1”"
    assert rows[1].product == "cryptography 3.2 (the lowest allowed)"


@pytest.mark.parametrize("name", ["html", "md", "pdf"])
def test_the_table_stands_right_after_the_decision(options: ReportOptions, name: str) -> None:
    made = render(a_run(FLEET), options, (name,))[name]
    text = pdf_text(made) if name == "pdf" else made.decode().replace("\\", "")
    text = " ".join((Tags(text).text if name == "html" else text).split())
    start = text.index("What is affected")
    assert text.lower().index("provisional") < start < text.index("How likely each option is")
    table = text[start : text.index("How likely each option is")]
    assert table.index("web-01") < table.index("jump-01") < table.index("web-02")
    assert "look at its security tracker" in table


@pytest.mark.parametrize("name", ["html", "md", "pdf"])
def test_a_long_table_is_cut_and_says_so(options: ReportOptions, name: str) -> None:
    text = "host,package,version\n" + "".join(f"host-{n:03},xz,5.6.1\n" for n in range(60))
    run = a_run(text)
    made = render(run, options, (name,))[name]
    told = pdf_text(made) if name == "pdf" else made.decode()
    assert "20 more rows" in told
    assert sum(f"host-{n:03}" in told for n in range(60)) == ROWS_TOLD
    assert len(json.loads(render(run, options, ("json",))["json"])["places"]) == 60


@pytest.mark.parametrize("name", ["html", "md", "pdf"])
def test_a_run_that_compared_nothing_has_no_table(state: RunState, options: ReportOptions, name: str) -> None:
    made = render(state, options, (name,))[name]
    assert "What is affected" not in (pdf_text(made) if name == "pdf" else made.decode())
    assert notes(()) == ()


def test_a_journal_from_before_loads() -> None:
    assert StepOutcome.model_validate({"summary": "old"}).places == ()


@pytest.mark.parametrize("name", ["html", "md", "pdf"])
def test_many_gates_do_not_push_the_table_away(options: ReportOptions, name: str) -> None:
    gates = tuple(ev.Gate(reason=f"reason{n:02}", fingerprint=f"{n}") for n in range(12))
    bodies = [
        body.model_copy(update={"decision": body.decision.model_copy(update={"gates": gates})})
        if isinstance(body, ev.DecisionMade)
        else body
        for body in sample_run.bodies()
    ]
    run = RunState.from_events(sample_run.journal(bodies))
    made = render(run, options, (name,))[name]
    told = pdf_text(made) if name == "pdf" else made.decode()
    assert ("reason04" in told, "reason05" in told) == (True, False)
    assert "And 7 more, among the findings." in told
    assert len(json.loads(render(run, options, ("json",))["json"])["gates"]) == 12
