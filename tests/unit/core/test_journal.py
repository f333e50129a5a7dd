"""The journal in a real database."""

from pathlib import Path

import pytest

from tests.unit.core.doubles import a_task
from workbench.core import events as ev
from workbench.core.database import Database
from workbench.core.journal import Journal, UnknownRunError


@pytest.fixture
def journal(tmp_path: Path):
    with Database(tmp_path / "w.db") as database:
        yield Journal(database)


def begin(journal: Journal, run_id: str = "r1") -> None:
    journal.append(run_id, 1, 1, ev.RunStarted(task=a_task(title="Check it"), versions={"workbench": "1"}))
    journal.append(run_id, 2, 1, ev.AttemptStarted())


def test_events_come_back_as_they_were_written(journal: Journal) -> None:
    begin(journal)
    written = journal.append("r1", 3, 1, ev.Notice(text="\u202e odd \u0000 text"))
    assert journal.events("r1")[-1] == written


def test_an_event_number_is_written_once(journal: Journal) -> None:
    begin(journal)
    with pytest.raises(Exception, match="UNIQUE"):
        journal.append("r1", 2, 1, ev.RunCompleted())
    assert len(journal.events("r1")) == 2


@pytest.mark.parametrize(
    ("final", "state"),
    [
        (ev.RunCompleted(), "completed"),
        (ev.RunCancelled(), "cancelled"),
        (ev.RunFailed(reason="no"), "failed"),
        (ev.RunFailed(reason="killed", interrupted=True), "interrupted"),
        (ev.Notice(text="still at it"), "running"),
    ],
)
def test_the_history_says_how_a_run_ended(journal: Journal, final: ev.EventBody, state: str) -> None:
    begin(journal)
    journal.append("r1", 3, 1, final)
    assert [(run.title, run.state) for run in journal.summaries()] == [("Check it", state)]


def test_the_latest_run_comes_first_and_a_deleted_one_is_gone(journal: Journal) -> None:
    begin(journal, "old")
    begin(journal, "new")
    journal.record_report_options("old", "{}")
    assert [run.run_id for run in journal.summaries()] == ["new", "old"]
    journal.delete("old")
    assert [run.run_id for run in journal.summaries()] == ["new"]
    assert journal.report_options("old") is None
    with pytest.raises(UnknownRunError):
        journal.events("old")
