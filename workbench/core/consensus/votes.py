"""What goes into a decision and what is kept of it, as plain values for the audit log."""

from collections.abc import Sequence

from workbench.core.decisions import Proposal
from workbench.core.values import Value, WorkbenchError

_EVEN = 1e-9
"""Largest difference between probabilities that are equal but for rounding."""


class ConsensusError(WorkbenchError):
    """Proposals that cannot be weighed, or feedback that fits no decision."""


class Vote(Value):
    """What the mechanism reads of a proposal. None where an agent gave no confidence or had nothing to check."""

    agent: str
    lineage: str
    verdict: str
    confidence: float | None = None
    quality: float | None = None
    abstains: bool = False
    """It holds all options for equally likely, which is no opinion: it adds nothing, and nothing is learned of it."""


class LoggedVote(Vote):
    """A vote with how it compared with its agent's usual ones, which cannot be told later."""

    surer: float = 0.0
    """Log-odds by which the agent was surer than usual."""
    offset: float = 0.0
    """Log-odds of its verdict against the rest by its record alone."""
    share: float = 1.0
    """Its share of a voice: 1, or less among others of its lineage."""
    log_odds: tuple[float, ...]
    """Its evidence over the options with sum 0, before calibration and cap."""


class LoggedDecision(Value):
    """A decision as it was taken, with all that learning from it needs."""

    run_id: str
    domain: str
    options: tuple[str, ...]
    votes: tuple[LoggedVote, ...]
    prior: tuple[float, ...]
    """Log prior of the options, as used."""
    posterior: tuple[float, ...]
    verdict: str
    algorithm: str


class LoggedFeedback(Value):
    """What the analyst said was right for a run's decision; a later one replaces it."""

    run_id: str
    truth: str
    who: str = "analyst"


def votes_of(proposals: Sequence[Proposal], options: Sequence[str]) -> tuple[Vote, ...]:
    """The votes in sealed proposals, ordered by agent, so that no order can matter.

    Raises ConsensusError without proposals, when an agent has two, and when one speaks of other options.
    """
    if not proposals:
        raise ConsensusError("No agent reached a proposal, so there is nothing to decide; see why the steps failed")
    agents = [proposal.agent for proposal in proposals]
    twice = sorted({agent for agent in agents if agents.count(agent) > 1})
    if twice:
        raise ConsensusError(f"{twice[0]} gave two proposals, and only one can be counted; run the task again")
    for proposal in proposals:
        if set(proposal.probabilities) != set(options):
            raise ConsensusError(
                f"The proposal of {proposal.agent} speaks of other options than the task, so it cannot be counted; "
                "run the task again"
            )
    return tuple(sorted((_vote(proposal, options) for proposal in proposals), key=lambda vote: vote.agent))


def _vote(proposal: Proposal, options: Sequence[str]) -> Vote:
    probabilities = proposal.probabilities
    verdict = max(reversed(options), key=probabilities.__getitem__)
    checked = any(check.total for check in proposal.checks)
    return Vote(
        agent=proposal.agent,
        lineage=proposal.lineage,
        verdict=verdict,
        confidence=probabilities[verdict],
        quality=proposal.quality if checked else None,
        abstains=max(probabilities.values()) - min(probabilities.values()) < _EVEN,
    )
