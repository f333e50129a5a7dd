"""A research run that is answered in words and in code, for the tests of the panel that shows it."""

from tests import sample_run
from workbench.core import events as ev
from workbench.core.tasks import Task, TaskKind

WHAT = "Untrusted input becomes part of a statement."
FIX = "Bind every value as a parameter."
ABROAD = "Adversaries use a weakness of an Internet-facing program to get in."


def task() -> Task:
    """A question, and nothing attached."""
    return Task(
        kind=TaskKind.RESEARCH, title="How do we query safely?", description="Customers name what they look for"
    )


def told() -> tuple[ev.Briefing, ...]:
    """Two records; one quote of the second is not in its passage."""
    return (
        ev.Briefing(
            title="CWE-89: SQL Injection",
            reached="named in the task",
            points=(
                ev.Citation(claim="What it is", passage_id="p1", quote=WHAT, holds=True),
                ev.Citation(
                    claim="How to fix it", passage_id="p4", quote=f"{FIX}\nUse   one account a job.", holds=True
                ),
            ),
        ),
        ev.Briefing(
            title="T1190 Exploit Public-Facing Application",
            reached="close to the task's words, 62\u00a0%",
            points=(ev.Citation(claim="How it works", passage_id="p3", quote=ABROAD, holds=False),),
        ),
    )


def draft(**fields: object) -> ev.CodeDraft:
    """The code of a recipe, as it is on the shelf, or another by `fields`."""
    return ev.CodeDraft.model_validate(
        {
            "name": "bound_query.py",
            "language": "python",
            "text": "def find(connection, customer):\n    return connection.execute(QUERY, (customer,)).fetchall()\n",
            "basis": "recipe bound_query (Query a database with bound values; checked 2026-03-01), passage p4",
            "changes": ("The function is called find", "Limit: It does not bound how many rows come back."),
            **fields,
        }
    )


def bodies(
    drafts: tuple[ev.CodeDraft, ...] = (), briefings: tuple[ev.Briefing, ...] | None = None
) -> list[ev.EventBody]:
    """What the run says, in order, without its end."""
    steps = (
        ev.Step(id="research", agent="research", action="research", title="Find the threats", goal="records"),
        ev.Step(id="mitigate", agent="code", action="mitigate", title="Find what prevents it", goal="remedies"),
    )
    answered = ev.StepOutcome(summary="2 records", briefings=told() if briefings is None else briefings)
    return [
        ev.RunStarted(task=task(), versions={}),
        ev.AttemptStarted(),
        ev.EvidenceFound(passages=sample_run.passages()),
        ev.PlanMade(plan=ev.Plan(steps=steps), reason="threats first"),
        ev.StepStarted(step="research", agent="research"),
        ev.StepFinished(step="research", agent="research", outcome=answered),
        ev.StepStarted(step="mitigate", agent="code"),
        ev.StepFinished(
            step="mitigate", agent="code", outcome=ev.StepOutcome(summary="Remedies are known", drafts=drafts)
        ),
        ev.DecisionMade(decision=sample_run.decision()),
    ]


def events() -> list[ev.RunEvent]:
    """The whole run, with one piece of code."""
    return sample_run.journal([*bodies((draft(),)), ev.RunCompleted()])
