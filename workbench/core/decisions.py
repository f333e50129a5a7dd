"""What agents propose and what the consensus decides, with everything needed to explain it."""

from enum import StrEnum

from pydantic import Field, model_validator

from workbench.core.evidence import Citation, Finding
from workbench.core.values import Value


class QualityCheck(Value):
    """One check of a proposal made by program: `passed` of `total` (citations that hold, spans found ...)."""

    name: str
    passed: int = Field(ge=0)
    total: int = Field(ge=0)


class Proposal(Value):
    """One agent's probabilities over the options, sealed before it sees anyone else's."""

    agent: str
    step: str
    domain: str
    """What the record is kept by, e.g. `review/python`."""
    probabilities: dict[str, float]
    rationale: str
    findings: tuple[Finding, ...] = ()
    citations: tuple[Citation, ...] = ()
    checks: tuple[QualityCheck, ...] = ()
    lineage: str
    """What stands behind it, e.g. `rules+bandit 1.9.4`: proposals of one lineage are one voice."""

    @model_validator(mode="after")
    def _is_a_distribution(self) -> "Proposal":
        total = sum(self.probabilities.values())
        if min(self.probabilities.values(), default=-1.0) < 0 or abs(total - 1) > 1e-6:
            raise ValueError(f"probabilities of {self.agent!r} must be at least 0 and sum to 1, not {total:.4f}")
        return self

    @property
    def verdict(self) -> str:
        """The option it holds most likely; of equals the later, which is the safer one."""
        return max(reversed(list(self.probabilities)), key=self.probabilities.__getitem__)

    @property
    def confidence(self) -> float:
        """Probability of its own verdict."""
        return self.probabilities[self.verdict]

    @property
    def quality(self) -> float:
        """Share of checks passed, 0 to 1; 0.5 (no opinion) when there was nothing to check."""
        total = sum(check.total for check in self.checks)
        return sum(check.passed for check in self.checks) / total if total else 0.5


class Standing(StrEnum):
    """How far a decision can be relied on."""

    SETTLED = "settled"
    PROVISIONAL = "provisional"
    NEEDS_A_HUMAN = "needs a human"


class Contribution(Value):
    """What one agent added to the decision, in natural log-odds over the options, centred to sum to 0."""

    agent: str
    verdict: str
    confidence: float
    log_odds: dict[str, float]
    parts: dict[str, float]
    """Log-odds towards its own verdict by origin: `record`, `confidence`, `quality`; before the cap."""
    independence: float = 1.0
    capped: bool = False
    right: int = 0
    judged: int = 0
    """Its record in this domain: right `right` of `judged` times."""
    domain: str
    would_flip: bool = False
    """Whether the leading verdict would be another one without this agent."""
    rationale: str = ""
    remark: str = ""
    """What the analyst must know of this agent here, e.g. that it is on probation; empty as a rule."""
    abstained: bool = False
    """It found all options equally likely, so it added nothing and its `verdict` says nothing."""


class Gate(Value):
    """A confirmed finding of high severity, which no vote outweighs."""

    reason: str
    fingerprint: str


class Decision(Value):
    """The consensus over the options. Posterior log-odds = log prior + sum of contributions, exactly."""

    verdict: str
    standing: Standing
    reason: str
    """Why it has this standing, one sentence."""
    posterior: dict[str, float]
    prior: dict[str, float]
    contributions: tuple[Contribution, ...]
    dissent: tuple[str, ...] = ()
    """Names of the agents whose verdict is another one."""
    runner_up: str = ""
    margin: float = 0.0
    """Posterior of the verdict minus that of the runner-up."""
    gates: tuple[Gate, ...] = ()
    judged_to_settle: int = 0
    """How many more judged decisions would let this domain be settled."""
    algorithm: str
    """Name and version of mechanism and parameters."""

    @property
    def is_open(self) -> bool:
        """Whether nobody had an opinion: the verdict is then only the safest of equals, and must not be told as one."""
        return bool(self.contributions) and all(contribution.abstained for contribution in self.contributions)

    @property
    def told(self) -> str:
        """The verdict as it is told to people."""
        return "no decision" if self.is_open else self.verdict
