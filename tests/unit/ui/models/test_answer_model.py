"""What a run answers, as far as its journal tells it."""

import pytest

from tests import research_run, sample_run
from workbench.core import events as ev
from workbench.core.engine import RunState
from workbench.core.tasks import Task, TaskKind
from workbench.ui.models.answer_model import Draft, answer, file_name, is_answered


def _of(bodies: list[ev.EventBody]) -> RunState:
    return RunState.from_events(sample_run.journal(bodies))


def _begun(kind: TaskKind) -> list[ev.EventBody]:
    task = Task(kind=kind, title="x", description="y", code="z = 1")
    return [ev.RunStarted(task=task, versions={}), ev.AttemptStarted()]


def _draft(**fields: object) -> Draft:
    return answer(_of(research_run.bodies((research_run.draft(**fields),)))).drafts[0]


def test_each_record_is_told_with_its_reason_and_its_sections() -> None:
    told = answer(_of(research_run.bodies())).told
    assert [(one.title, one.reached) for one in told] == [
        ("CWE-89: SQL Injection", "Named in the task"),
        ("T1190 Exploit Public-Facing Application", "Close to the task's words, 62\u00a0%"),
    ]
    assert [(one.heading, one.passage_id, one.holds) for record in told for one in record.sections] == [
        ("What it is", "p1", True),
        ("How to fix it", "p4", True),
        ("How it works", "p3", False),
    ]


def test_a_quote_is_prose_of_whole_paragraphs() -> None:
    fix = answer(_of(research_run.bodies())).told[0].sections[1]
    assert fix.text == "Bind every value as a parameter.\nUse one account a job."


def test_limits_are_told_apart_from_changes_and_the_passage_from_the_basis() -> None:
    draft = _draft()
    assert draft.changes == ("The function is called find",)
    assert draft.limits == ("It does not bound how many rows come back.",)
    assert draft.basis == "recipe bound_query (Query a database with bound values; checked 2026-03-01)"
    assert draft.basis_passage == "p4"


def test_a_basis_that_names_no_passage_of_the_run_stays_as_it_is() -> None:
    draft = _draft(basis="your own code, passage of the rules")
    assert (draft.basis, draft.basis_passage) == ("your own code, passage of the rules", "")


def test_a_repair_of_code_of_the_task_is_told_apart_from_new_code() -> None:
    assert [(draft.repairs, bool(draft.patch)) for draft in answer(sample_run.state()).drafts] == [(True, True)]
    assert not _draft().repairs


def test_what_the_agent_says_of_its_code_is_told_and_in_research_is_not() -> None:
    assert answer(sample_run.state()).account == (sample_run.proposals()[1].rationale,)
    assert answer(_of(research_run.bodies((research_run.draft(),)))).account == ()


def test_a_draft_sent_back_is_told_as_it_was_left_with_what_both_steps_say() -> None:
    steps = tuple(
        ev.Step(id=name, agent="code", action=name, title=name, goal=name) for name in ("draft", "repair_draft")
    )
    said: list[ev.EventBody] = [*_begun(TaskKind.DRAFT), ev.PlanMade(plan=ev.Plan(steps=steps), reason="")]
    for step, text in zip(steps, ("x = 1\n", "x = 2\n"), strict=True):
        outcome = ev.StepOutcome(summary=f"{step.id} ended.", drafts=(research_run.draft(text=text),))
        said += [ev.StepStarted(step=step.id, agent="code")]
        said += [ev.StepFinished(step=step.id, agent="code", outcome=outcome)]
    found = answer(_of(said))
    assert [draft.text for draft in found.drafts] == ["x = 2\n"]
    assert found.account == ("draft ended.", "repair_draft ended.")


@pytest.mark.parametrize(
    ("end", "kind", "words"),
    [
        (None, TaskKind.RESEARCH, "as soon as the step"),
        (ev.RunCompleted(), TaskKind.RESEARCH, "No record of the library answers this"),
        (ev.RunCompleted(), TaskKind.DRAFT, "Nothing was drafted"),
        (ev.RunCompleted(), TaskKind.REVIEW, "wrote and changed no code"),
        (ev.RunCompleted(), TaskKind.ASSESS, "wrote and changed no code"),
        (ev.RunCancelled(), TaskKind.DRAFT, "ended before it had an answer"),
        (ev.RunFailed(reason="x"), TaskKind.RESEARCH, "ended before it had an answer"),
    ],
)
def test_without_an_answer_one_sentence_says_why(end: ev.EventBody | None, kind: TaskKind, words: str) -> None:
    state = _of([*_begun(kind), *([end] if end else [])])
    waits = answer(state).waits
    assert words in waits
    assert waits.endswith(".")
    assert not is_answered(state)


def test_without_a_run_it_says_what_will_stand_here() -> None:
    assert answer(RunState()).waits.endswith("will stand here.")


def test_only_research_and_drafts_ask_for_an_answer() -> None:
    assert is_answered(RunState.from_events(research_run.events()))
    assert not is_answered(sample_run.state())


@pytest.mark.parametrize(
    ("name", "language", "suggested"),
    [
        ("shop/views.py", "python", "views.py"),
        ("..\\..\\evil.py", "python", "evil.py"),
        ("../..", "python", "code.py"),
        ("pasted code", "go", "pasted code.go"),
        ("what?\u202e:x", "nobody's", "what___x.txt"),
        ("n" * 300 + ".py", "python", "n" * 120 + ".py"),
    ],
)
def test_a_file_is_suggested_by_a_safe_name(name: str, language: str, suggested: str) -> None:
    assert file_name(_draft(name=name, language=language)) == suggested


def test_a_patch_is_suggested_as_a_patch() -> None:
    assert file_name(_draft(name="shop/views.py"), patch=True) == "views.py.patch"


def test_hidden_characters_are_known_and_line_ends_are_none() -> None:
    assert _draft(text="x = 1  # \u202e\n").has_hidden
    assert not _draft(text="x = 1\r\ny = 2\r\n").has_hidden
