"""The plans of the four task kinds, and the bounded way back of a draft."""

import networkx
import pytest

from tests.unit.core.doubles import a_task
from workbench.core.agents import project_manager
from workbench.core.evidence import Finding, Severity
from workbench.core.plan import Plan, PlanError, Step, StepOutcome, graph, make_plan
from workbench.core.tasks import TaskKind


def a_finding(severity: Severity = Severity.HIGH, confidence: float = 0.9) -> Finding:
    return Finding(
        rule="r", cwe="CWE-89", title="SQL from text", severity=severity, confidence=confidence, file="draft.py",
        line_start=1, line_end=1, excerpt="x", explanation="e",
    )  # fmt: skip


@pytest.mark.parametrize("kind", list(TaskKind))
def test_every_kind_has_a_plan_with_parallel_branches_and_all_three_agents(kind: TaskKind) -> None:
    plan, reason = project_manager.plan(a_task(kind), ())
    drawn = graph(plan)
    assert networkx.is_directed_acyclic_graph(drawn)
    layers = list(networkx.topological_generations(drawn))
    assert max(len(layer) for layer in layers) >= 2
    assert len(layers) >= 2
    assert {step.agent for step in plan.steps} == {"code", "security", "research"}
    assert reason


def test_a_draft_with_a_serious_finding_goes_back_twice_at_most() -> None:
    plan, _ = project_manager.plan(a_task(TaskKind.DRAFT, description="d"), ())
    outcomes = {step.id: StepOutcome(summary="s") for step in plan.steps}
    rounds = 0
    while True:
        reviews = [step.id for step in plan.steps if step.action == "review_draft"]
        outcomes[reviews[-1]] = StepOutcome(summary="s", findings=(a_finding(),))
        revision = project_manager.revise(plan, outcomes)
        if revision is None:
            break
        plan, _ = revision
        rounds += 1
    assert rounds == 2
    assert [step.id for step in plan.steps][-4:] == ["repair-1", "review-2", "repair-2", "review-3"]
    assert plan.step("repair-2").inputs == ("repair-1", "review-2")


@pytest.mark.parametrize("finding", [a_finding(Severity.MEDIUM), a_finding(confidence=0.3)])
def test_a_draft_with_lesser_findings_stays(finding: Finding) -> None:
    plan, _ = project_manager.plan(a_task(TaskKind.DRAFT), ())
    assert project_manager.revise(plan, {"review": StepOutcome(summary="s", findings=(finding,))}) is None


def test_a_review_in_progress_changes_nothing() -> None:
    plan, _ = project_manager.plan(a_task(TaskKind.DRAFT), ())
    assert project_manager.revise(plan, {}) is None


def a_step(name: str, *inputs: str) -> Step:
    return Step(id=name, agent="code", action="read", title=name, goal=name, inputs=inputs)


def test_a_cyclic_plan_is_refused_with_the_cycle_named() -> None:
    with pytest.raises(PlanError, match=r"waits for itself \((a -> c -> b -> a|.*->.*->.*)\)"):
        make_plan((a_step("a", "b"), a_step("b", "c"), a_step("c", "a")))


def test_a_plan_with_unknown_or_double_steps_is_refused() -> None:
    with pytest.raises(PlanError, match="does not have"):
        make_plan((a_step("a", "nowhere"),))
    with pytest.raises(PlanError, match="twice"):
        make_plan((a_step("a"), a_step("a")))


def test_a_plan_survives_its_json() -> None:
    plan, _ = project_manager.plan(a_task(), ())
    assert Plan.model_validate_json(plan.model_dump_json()) == plan
