"""Every event that matters to a reader is said in words, once, in the stream of whoever it concerns."""

from datetime import UTC, datetime

from tests import sample_run
from workbench.core import events as ev
from workbench.core.engine import RunState
from workbench.ui.models.agent_stream import AGENTS, Entry, entries


def replay(events: list[ev.RunEvent]) -> list[Entry]:
    state, said = RunState(), []
    for event in events:
        state.apply(event)
        said += entries(event, state)
    return said


def texts(said: list[Entry]) -> list[str]:
    return [entry.text for entry in said]


def test_every_kind_of_event_says_something() -> None:
    silent = []
    state = RunState()
    for event in sample_run.events():
        state.apply(event)
        if not entries(event, state) and not isinstance(event.body, ev.AttemptStarted):
            silent.append(event.body.kind)
    assert silent == []


def test_a_source_that_failed_is_trouble_with_its_reason() -> None:
    trouble = [entry.text for entry in replay(sample_run.events()) if entry.kind == "trouble"]
    assert any("advisories (MongoDB): timeout, no answer within 10 s" in text for text in trouble)
    assert any("412 bytes went to db.example:5432" in text for text in trouble)


def test_a_finished_step_replaces_its_heading_with_state_and_time() -> None:
    headings = [entry for entry in replay(sample_run.events()) if entry.kind == "heading" and entry.step == "research"]
    assert [entry.state for entry in headings] == ["running", "done"]
    assert headings[-1].text == "Find what threatens these views (done, 2.1 s)"


def test_entries_belong_to_agents_that_have_a_stream() -> None:
    assert {entry.agent for entry in replay(sample_run.events())} <= set(AGENTS)


def test_a_draft_is_said_to_stand_in_the_answer() -> None:
    said = texts(replay(sample_run.events()))
    assert "shop/views.py is written; it stands under “Answer”" in said
    assert not any(sample_run.DIFF in text or sample_run.REPAIRED in text for text in said)


def test_steps_that_a_cancel_stopped_are_said_to_be_stopped() -> None:
    begun = sample_run.journal([*sample_run.bodies()[:10], ev.RunCancelled()])
    stopped = [entry.text for entry in replay(begun) if entry.state == "cancelled"]
    assert "Find what threatens these views (stopped)" in stopped


def test_going_on_says_what_is_kept() -> None:
    state = RunState()
    state.attempt = 1
    event = ev.RunEvent(
        run_id="r", seq=1, attempt=2, at=datetime.now(UTC), body=ev.AttemptStarted(kept_steps=("a", "b"))
    )
    assert texts(entries(event, state)) == ["Going on, attempt 2", "2 finished steps are kept and not repeated"]


def test_the_gates_are_one_line_however_many_they_are() -> None:
    decided = next(event for event in sample_run.events() if isinstance(event.body, ev.DecisionMade))
    gate = decided.body.decision.gates[0]
    many = decided.body.decision.model_copy(update={"gates": (gate,) * 9})
    said = entries(decided.model_copy(update={"body": ev.DecisionMade(decision=many)}), RunState())
    told = [entry.text for entry in said if entry.kind == "trouble"]
    assert told == ["9 confirmed findings of high severity stand against “safe”"]


def test_a_waiting_note_is_said_to_wait_once() -> None:
    event = sample_run.events()[0].model_copy(
        update={"body": ev.NoteWaiting(agent="research", reason="It waits in memory until you open the notes")}
    )
    said = texts(entries(event, RunState()))
    assert said == ["A research note was made. It waits in memory until you open the notes."]
