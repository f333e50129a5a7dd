"""The audit log of decisions and feedback: append-only, chained by hashes; the record is what replaying it gives."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from workbench.core.consensus.mechanism import explain, logged
from workbench.core.consensus.record import AgentRecord, Record
from workbench.core.consensus.votes import ConsensusError, LoggedDecision, LoggedFeedback, votes_of
from workbench.core.consensus.weighing import weigh
from workbench.core.decisions import Decision, Proposal
from workbench.core.tasks import Task

if TYPE_CHECKING:
    from workbench.core.database import Database

Entry = LoggedDecision | LoggedFeedback


class RecordStore:
    """Keeps what the consensus decided and what the analyst said of it. All methods block: call them from a thread."""

    def __init__(self, database: "Database") -> None:
        self._database = database

    def decide(self, run_id: str, task: Task, proposals: Sequence[Proposal]) -> Decision:
        """Decide by the record of all runs so far, and log the decision before anyone sees it.

        A run that decides again (its program ended before the journal knew) decides the same, since its own earlier
        decision counts for nothing, and replaces that.
        """
        record = replay([entry for entry in self._entries() if entry.run_id != run_id])
        weighing = weigh(votes_of(proposals, task.verdicts), task.domain, task.verdicts, record)
        decision = explain(weighing, proposals, record)
        self._append("decision", run_id, logged(run_id, weighing, decision))
        return decision

    def judge(self, run_id: str, right: bool, instead: str | None = None) -> None:
        """Learn what was right for a run: its own verdict, or `instead`. Judging again replaces what was said before.

        Raises ConsensusError for a run without a decision, and when a wrong decision comes without what was right.
        """
        decision = next((entry for entry in reversed(self._decisions()) if entry.run_id == run_id), None)
        if decision is None:
            raise ConsensusError("This run has no decision, so there is nothing to judge; let it finish first")
        truth = _truth(decision, right, instead)
        self._append("feedback", run_id, LoggedFeedback(run_id=run_id, truth=truth))

    def judgement(self, run_id: str) -> str | None:
        """What the analyst last said was right for a run; None when it was not judged."""
        feedback = [entry for entry in self._entries() if isinstance(entry, LoggedFeedback) and entry.run_id == run_id]
        return feedback[-1].truth if feedback else None

    def record(self) -> Record:
        """The record after everything in the log."""
        return replay(self._entries())

    def table(self) -> list[AgentRecord]:
        """One line for each agent and domain with judged decisions."""
        return self.record().table()

    def is_intact(self) -> bool:
        """Whether no entry of the log was changed, removed from its middle or put in since it was written."""
        previous = ""
        for kind, run_id, at, body, digest in self._rows():
            if _digest(previous, kind, run_id, at, body) != digest:
                return False
            previous = digest
        return True

    def _append(self, kind: str, run_id: str, entry: Entry) -> None:
        at, body = datetime.now(UTC).isoformat(), entry.model_dump_json()
        with self._database.write() as connection:
            last = connection.execute("SELECT digest FROM record_log ORDER BY seq DESC LIMIT 1").fetchone()
            digest = _digest(last[0] if last else "", kind, run_id, at, body)
            connection.execute(
                "INSERT INTO record_log (kind, run_id, at, body, digest) VALUES (?, ?, ?, ?, ?)",
                (kind, run_id, at, body, digest),
            )

    def _rows(self) -> list[tuple[str, str, str, str, str]]:
        with self._database.read() as connection:
            return connection.execute("SELECT kind, run_id, at, body, digest FROM record_log ORDER BY seq").fetchall()

    def _entries(self) -> list[Entry]:
        types: dict[str, type[Entry]] = {"decision": LoggedDecision, "feedback": LoggedFeedback}
        return [types[kind].model_validate_json(body) for kind, _, _, body, _ in self._rows()]

    def _decisions(self) -> list[LoggedDecision]:
        return [entry for entry in self._entries() if isinstance(entry, LoggedDecision)]


def replay(entries: Sequence[Entry]) -> Record:
    """The record after these entries in their order; of several decisions or judgements of one run the last counts.

    Only judged decisions count, also for what an agent usually says: so the same task run again before anyone judged
    anything is decided the same.
    """
    last = {entry.run_id: index for index, entry in enumerate(entries) if isinstance(entry, LoggedFeedback)}
    decisions = {entry.run_id: entry for entry in entries if isinstance(entry, LoggedDecision)}
    record = Record()
    for index, entry in enumerate(entries):
        if isinstance(entry, LoggedFeedback) and last[entry.run_id] == index and entry.run_id in decisions:
            record.note(decisions[entry.run_id])
            record.learn(decisions[entry.run_id], entry.truth)
    return record


def _truth(decision: LoggedDecision, right: bool, instead: str | None) -> str:
    if right:
        return decision.verdict
    others = [option for option in decision.options if option != decision.verdict]
    if not instead and len(others) == 1:
        return others[0]
    if instead not in others:
        names = ", ".join(f"“{option}”" for option in others)
        raise ConsensusError(f"Say what the decision should have been, so that it can be learned from: {names}")
    return instead


def _digest(previous: str, kind: str, run_id: str, at: str, body: str) -> str:
    return hashlib.sha256("\0".join((previous, kind, run_id, at, body)).encode()).hexdigest()
