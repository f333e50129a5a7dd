"""Everything a run says, as typed events. The journal keeps them; screens, reports and resumes are made from them.

The value types that events carry are offered here too, since panels reach the core through this module.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from workbench.core.decisions import (
    Contribution,
    Decision,
    Gate,
    Proposal,
    QualityCheck,
    Standing,
)
from workbench.core.evidence import (
    Briefing,
    Citation,
    CodeDraft,
    Finding,
    Location,
    Passage,
    PassageKind,
    Severity,
    SourceState,
    SourceStatus,
)
from workbench.core.plan import Plan, Step, StepOutcome, StepState
from workbench.core.tasks import Task
from workbench.core.values import Value

__all__ = [
    "AttemptStarted",
    "Briefing",
    "Citation",
    "CodeDraft",
    "Contribution",
    "Decision",
    "DecisionMade",
    "EventBody",
    "EvidenceFound",
    "Finding",
    "Gate",
    "LeftTheMachine",
    "Location",
    "NoteDropped",
    "NoteWaiting",
    "NoteWritten",
    "Notice",
    "Passage",
    "PassageKind",
    "Plan",
    "PlanMade",
    "Proposal",
    "ProposalSealed",
    "QualityCheck",
    "RunCancelled",
    "RunCompleted",
    "RunEvent",
    "RunFailed",
    "RunStarted",
    "Severity",
    "SourceAnswered",
    "SourceState",
    "SourceStatus",
    "Standing",
    "Step",
    "StepFailed",
    "StepFinished",
    "StepOutcome",
    "StepSaid",
    "StepSkipped",
    "StepStarted",
    "StepState",
    "Task",
]


class RunStarted(Value):
    """First event of a run: the task, complete, and the versions of everything that works on it."""

    kind: Literal["run_started"] = "run_started"
    task: Task
    versions: dict[str, str]


class AttemptStarted(Value):
    """First event of each attempt; `kept_steps` were finished by an earlier attempt and are not repeated."""

    kind: Literal["attempt_started"] = "attempt_started"
    kept_steps: tuple[str, ...] = ()


class SourceAnswered(Value):
    """One source answered the task's question, or did not."""

    kind: Literal["source_answered"] = "source_answered"
    status: SourceStatus


class EvidenceFound(Value):
    """The passages the run begins with, best first, from all sources together."""

    kind: Literal["evidence_found"] = "evidence_found"
    passages: tuple[Passage, ...]


class PlanMade(Value):
    """The plan, or its revision (a later one replaces the earlier; finished steps stay in it). `reason` says why."""

    kind: Literal["plan_made"] = "plan_made"
    plan: Plan
    reason: str


class StepStarted(Value):
    """A step begins; `attempt` counts from 1."""

    kind: Literal["step_started"] = "step_started"
    step: str
    agent: str
    attempt: int = 1


class StepSaid(Value):
    """A line of an agent's stream."""

    kind: Literal["step_said"] = "step_said"
    step: str
    agent: str
    text: str


class StepFinished(Value):
    """A step is done, with all it leaves behind."""

    kind: Literal["step_finished"] = "step_finished"
    step: str
    agent: str
    outcome: StepOutcome


class StepFailed(Value):
    """A step gave up, with the reason; `final` when no further attempt follows."""

    kind: Literal["step_failed"] = "step_failed"
    step: str
    agent: str
    reason: str
    final: bool = True


class StepSkipped(Value):
    """A step was not run, with the reason: an input it needed did not finish."""

    kind: Literal["step_skipped"] = "step_skipped"
    step: str
    agent: str
    reason: str


class ProposalSealed(Value):
    """An agent's final proposal, sealed before any agent sees another's; it replaces that agent's earlier ones."""

    kind: Literal["proposal_sealed"] = "proposal_sealed"
    proposal: Proposal


class DecisionMade(Value):
    """What the consensus made of the proposals."""

    kind: Literal["decision_made"] = "decision_made"
    decision: Decision


class NoteWritten(Value):
    """A research note was stored, encrypted; its text is never in the journal."""

    kind: Literal["note_written"] = "note_written"
    note_id: str
    agent: str


class NoteWaiting(Value):
    """A research note waits in memory, because the vault is locked or has no key; opening the vault stores it."""

    kind: Literal["note_waiting"] = "note_waiting"
    agent: str
    reason: str


class NoteDropped(Value):
    """A waiting note could not be kept, because nobody opened the vault. It is gone."""

    kind: Literal["note_dropped"] = "note_dropped"
    agent: str
    reason: str


class LeftTheMachine(Value):
    """Something was sent outside: to which host, what for, how many bytes."""

    kind: Literal["left_the_machine"] = "left_the_machine"
    host: str
    purpose: str
    bytes_sent: int = Field(ge=0)


NoticeLevel = Literal["wait", "info", "warning"]
"""A `wait` matters while it lasts and to no reader of the report."""


class Notice(Value):
    """Something the analyst must know: a fallback, a limit reached, a file that was not looked at."""

    kind: Literal["notice"] = "notice"
    level: NoticeLevel = "info"
    text: str


class RunCompleted(Value):
    """Final: the run reached its decision."""

    kind: Literal["run_completed"] = "run_completed"


class RunCancelled(Value):
    """Final: the analyst stopped this attempt; all that it had is kept."""

    kind: Literal["run_cancelled"] = "run_cancelled"


class RunFailed(Value):
    """Final: this attempt could not go on, with the reason in one sentence.

    `interrupted` says that the program itself ended in the middle; the next start writes this event then.
    """

    kind: Literal["run_failed"] = "run_failed"
    reason: str
    interrupted: bool = False


EventBody = Annotated[
    RunStarted
    | AttemptStarted
    | SourceAnswered
    | EvidenceFound
    | PlanMade
    | StepStarted
    | StepSaid
    | StepFinished
    | StepFailed
    | StepSkipped
    | ProposalSealed
    | DecisionMade
    | NoteWritten
    | NoteWaiting
    | NoteDropped
    | LeftTheMachine
    | Notice
    | RunCompleted
    | RunCancelled
    | RunFailed,
    Field(discriminator="kind"),
]

FINAL = (RunCompleted, RunCancelled, RunFailed)
"""The three bodies that end an attempt; each attempt has exactly one."""


class RunEvent(Value):
    """One line of a run's journal. `seq` counts from 1 over all attempts of the run, without gaps."""

    run_id: str
    seq: int = Field(ge=1)
    attempt: int = Field(ge=1)
    at: datetime
    body: EventBody

    @property
    def is_final(self) -> bool:
        """Whether it ends its attempt."""
        return isinstance(self.body, FINAL)
