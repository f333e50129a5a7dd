"""The append-only journal: every event of every run, written before anyone sees it."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from pydantic import TypeAdapter

from workbench.core import events as ev
from workbench.core.values import Value, WorkbenchError

if TYPE_CHECKING:
    import sqlite3

    from workbench.core.database import Database
from workbench.core.decisions import Decision

_BODY: TypeAdapter[ev.EventBody] = TypeAdapter(ev.EventBody)

RunStanding = Literal["running", "completed", "cancelled", "failed", "interrupted"]
_ENDS: dict[str, RunStanding] = {
    "run_completed": "completed",
    "run_cancelled": "cancelled",
    "run_failed": "failed",
}


class RunSummary(Value):
    """One line of the run history."""

    run_id: str
    title: str
    kind: str
    started: datetime
    ended: datetime
    attempt: int
    state: RunStanding
    verdict: str = ""
    standing: str = ""


class UnknownRunError(WorkbenchError):
    """There is no run of that id in this library."""


class UnreadableRunError(WorkbenchError):
    """The journal of a run holds something that this program does not know."""


class Journal:
    """Keeps run events in the database. All methods block: call them from a thread."""

    def __init__(self, database: "Database") -> None:
        self._database = database

    def append(self, run_id: str, seq: int, attempt: int, body: ev.EventBody) -> ev.RunEvent:
        """Write the next event of a run and return it as written.

        Raises sqlite3.IntegrityError when the run already has an event of that number, so two writers cannot mix.
        """
        event = ev.RunEvent(run_id=run_id, seq=seq, attempt=attempt, at=datetime.now(UTC), body=body)
        with self._database.write() as connection:
            connection.execute(
                "INSERT INTO journal (run_id, seq, attempt, at, kind, body) VALUES (?, ?, ?, ?, ?, ?)",
                (run_id, seq, attempt, event.at.isoformat(), body.kind, body.model_dump_json()),
            )
        return event

    def last_seq(self, run_id: str) -> int:
        """Number of the latest event of a run, 0 when it has none."""
        with self._database.read() as connection:
            (seq,) = connection.execute("SELECT max(seq) FROM journal WHERE run_id = ?", (run_id,)).fetchone()
        return int(seq or 0)

    def events(self, run_id: str) -> list[ev.RunEvent]:
        """All events of a run in order; raises UnknownRunError when it has none, UnreadableRunError when one is odd."""
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT seq, attempt, at, body FROM journal WHERE run_id = ? ORDER BY seq", (run_id,)
            ).fetchall()
        if not rows:
            raise UnknownRunError(f"There is no run {run_id} in this library; it may have been deleted")
        try:
            return [_event(run_id, *row) for row in rows]
        except ValueError as error:
            raise UnreadableRunError(
                f"The journal of run {run_id} cannot be read: it is damaged or was written by another version; the "
                "other runs are as they were, delete this one or open it with the program that wrote it"
            ) from error

    def summaries(self) -> list[RunSummary]:
        """One line a run, the latest first. A run without a final event counts as running."""
        with self._database.read() as connection:
            rows = connection.execute(
                """
                SELECT first.run_id, first.at, first.body, last.at, last.attempt, last.kind, last.body,
                       (SELECT body FROM journal WHERE run_id = first.run_id AND kind = 'decision_made'
                        ORDER BY seq DESC LIMIT 1)
                FROM journal AS first
                JOIN journal AS last ON last.run_id = first.run_id
                 AND last.seq = (SELECT max(seq) FROM journal WHERE run_id = first.run_id)
                WHERE first.kind = 'run_started'
                ORDER BY first.at DESC, first.run_id
                """
            ).fetchall()
        return [_summary(row) for row in rows]

    def delete(self, run_id: str) -> None:
        """Forget a run and what was recorded for its report."""
        with self._database.write() as connection:
            connection.execute("DELETE FROM journal WHERE run_id = ?", (run_id,))
            connection.execute("DELETE FROM report_options WHERE run_id = ?", (run_id,))

    def record_report_options(self, run_id: str, options: str) -> None:
        """Keep the options (JSON) a run was reported with, so that the same report can be made again."""
        with self._database.write() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO report_options (run_id, options) VALUES (?, ?)", (run_id, options)
            )

    def report_options(self, run_id: str) -> str | None:
        """The recorded options (JSON) of a run's report, None before the first report."""
        with self._database.read() as connection:
            row = connection.execute("SELECT options FROM report_options WHERE run_id = ?", (run_id,)).fetchone()
        return None if row is None else str(row[0])


def _event(run_id: str, seq: int, attempt: int, at: str, body: str) -> ev.RunEvent:
    return ev.RunEvent(
        run_id=run_id, seq=seq, attempt=attempt, at=datetime.fromisoformat(at), body=_BODY.validate_json(body)
    )


def _summary(row: "sqlite3.Row | tuple[str, ...]") -> RunSummary:
    run_id, started, first, ended, attempt, last_kind, last, decided = row
    task = json.loads(first)["task"]
    interrupted = last_kind == "run_failed" and json.loads(last)["interrupted"]
    decision = Decision.model_validate(json.loads(decided)["decision"]) if decided else None
    return RunSummary(
        run_id=run_id,
        title=task["title"],
        kind=task["kind"],
        started=datetime.fromisoformat(started),
        ended=datetime.fromisoformat(ended),
        attempt=int(attempt),
        state="interrupted" if interrupted else _ENDS.get(last_kind, "running"),
        verdict=decision.told if decision else "",
        standing=decision.standing if decision else "",
    )
