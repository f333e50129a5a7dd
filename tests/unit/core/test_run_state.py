"""What a run's journal comes to."""

from tests import sample_run
from workbench.core import events as ev
from workbench.core.plan import StepOutcome
from workbench.core.run_state import RunState


def _run(*steps: tuple[str, str, tuple[ev.Finding, ...]]) -> RunState:
    """A run whose steps (id, action) ended with these findings."""
    plan = ev.Plan(
        steps=tuple(ev.Step(id=name, agent="security", action=action, title=name, goal="") for name, action, _ in steps)
    )
    ended = (
        ev.StepFinished(step=name, agent="security", outcome=StepOutcome(summary="", findings=found))
        for name, _, found in steps
    )
    start = (ev.RunStarted(task=sample_run.task(), versions={}), ev.AttemptStarted(), ev.PlanMade(plan=plan, reason=""))
    return RunState.from_events(sample_run.journal([*start, *ended]))


def test_findings_are_of_the_own_code_and_those_of_the_repair_apart() -> None:
    own, new = sample_run.findings(), sample_run.a_finding(rule="new", line_start=1, line_end=1)
    state = _run(("analyse", "analyse", own), ("recheck", "recheck", (new,)))
    assert {finding.fingerprint for finding in state.findings} == {finding.fingerprint for finding in own}
    assert state.repair_findings == [new]


def test_what_was_found_in_a_draft_that_was_sent_back_is_gone_with_it() -> None:
    first, second = sample_run.a_finding(rule="first"), sample_run.a_finding(rule="second")
    state = _run(("review", "review_draft", (first, second)), ("review-2", "review_draft", (second,)))
    assert state.findings == [second]


def test_a_finding_of_two_steps_is_one_and_the_worst_come_first() -> None:
    state = _run(("analyse", "analyse", sample_run.findings()), ("exposure", "exposure", sample_run.findings()[:2]))
    assert len(state.findings) == 5
    ranks = [finding.severity.rank for finding in state.findings]
    assert ranks == sorted(ranks, reverse=True)
