"""The project manager's plan: a directed acyclic graph of steps, checked before it runs."""

from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import Field

from workbench.core.decisions import Proposal
from workbench.core.evidence import Briefing, Citation, CodeDraft, Finding, Passage, Place
from workbench.core.values import Value, WorkbenchError

if TYPE_CHECKING:
    import networkx


class StepState(StrEnum):
    """Where a step stands; `skipped` means that an input it needed did not finish."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


class Step(Value):
    """One piece of work for one agent. `action` names what the agent does, `inputs` the steps it waits for."""

    id: str
    agent: str
    action: str
    title: str
    goal: str
    inputs: tuple[str, ...] = ()
    attempts: int = Field(default=2, ge=1, le=5)
    deadline_seconds: float = Field(default=120.0, gt=0)


class StepOutcome(Value):
    """All that a finished step leaves behind; the journal keeps it, so that a resume need not repeat the step."""

    summary: str
    findings: tuple[Finding, ...] = ()
    passages: tuple[Passage, ...] = ()
    """Evidence found by this step beyond what the run began with."""
    citations: tuple[Citation, ...] = ()
    drafts: tuple[CodeDraft, ...] = ()
    briefings: tuple[Briefing, ...] = ()
    """What a research task is answered with, the record that answers it best first."""
    places: tuple[Place, ...] = ()
    """What was compared with known vulnerabilities, the affected first."""
    proposal: Proposal | None = None


class PlanError(WorkbenchError):
    """A plan that cannot be run: a cycle, an unknown input, or the same id twice."""


class Plan(Value):
    """The steps of a run. Build one with `make_plan`, which checks it."""

    steps: tuple[Step, ...]

    def step(self, step_id: str) -> Step:
        """The step of that id; KeyError if there is none."""
        for step in self.steps:
            if step.id == step_id:
                return step
        raise KeyError(step_id)


def graph(plan: Plan) -> "networkx.DiGraph[str]":
    """The plan as a networkx DiGraph: nodes are step ids, an edge leads from an input to the step that needs it."""
    import networkx

    drawn: networkx.DiGraph[str] = networkx.DiGraph()
    for step in plan.steps:
        drawn.add_node(step.id, step=step)
    drawn.add_edges_from((needed, step.id) for step in plan.steps for needed in step.inputs)
    return drawn


def make_plan(steps: tuple[Step, ...]) -> Plan:
    """A Plan of these steps; raises PlanError where it could never finish."""
    import networkx

    ids = [step.id for step in steps]
    if len(set(ids)) != len(ids):
        raise PlanError("The plan names a step twice, so it cannot be run; start the task again")
    unknown = sorted({needed for step in steps for needed in step.inputs} - set(ids))
    if unknown:
        raise PlanError(f"The plan waits for steps that it does not have ({', '.join(unknown)}); start the task again")
    plan = Plan(steps=steps)
    try:
        cycle = networkx.find_cycle(graph(plan))
    except networkx.NetworkXNoCycle:
        return plan
    path = " -> ".join([*(edge[0] for edge in cycle), cycle[0][0]])
    raise PlanError(f"The plan waits for itself ({path}), so it was refused before anything ran; start the task again")
