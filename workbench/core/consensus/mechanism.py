"""The consensus mechanism: sealed proposals and the record in, one explained decision out."""

import re
from collections.abc import Sequence

from workbench.core.consensus import standing
from workbench.core.consensus.calibration import earned_threshold
from workbench.core.consensus.expertise import unheard_expert
from workbench.core.consensus.explanation import contributions
from workbench.core.consensus.gates import gates_of, leading, leading_two
from workbench.core.consensus.pool import softmax
from workbench.core.consensus.record import Record
from workbench.core.consensus.votes import LoggedDecision, votes_of
from workbench.core.consensus.weighing import Weighing, weigh
from workbench.core.decisions import Decision, Proposal
from workbench.core.tasks import Task

ALGORITHM = "independent-evidence pool 2"
"""Name and version of the mechanism; the factor in use is added to it in each decision."""

_LONGEST_QUOTE = 160


def decide(task: Task, proposals: Sequence[Proposal], record: Record) -> Decision:
    """The decision over sealed proposals, by the record as it stands; it changes nothing.

    Raises ConsensusError for proposals that cannot be weighed together.
    """
    weighing = weigh(votes_of(proposals, task.verdicts), task.domain, task.verdicts, record)
    return explain(weighing, proposals, record)


def explain(weighing: Weighing, proposals: Sequence[Proposal], record: Record) -> Decision:
    """The decision that a weighing leads to, with gates, standing and every agent's contribution."""
    gates = gates_of(proposals)
    options, posterior = weighing.options, weighing.posterior
    unheard = _unheard(weighing, proposals)
    chosen, second = leading_two(posterior, bool(gates), cautious=bool(unheard))
    judged = record.judged(weighing.domain)
    situation = standing.Situation(
        domain=weighing.domain,
        options=options,
        posterior=posterior,
        gated=bool(gates),
        judged=judged,
        voices=len(weighing.voices),
        decisive=_decisive(weighing, bool(gates)),
        threshold=earned_threshold(record.past),
        unheard=unheard,
    )
    reached, reason = standing.judge_standing(situation)
    if posterior[chosen] < posterior[second] and unheard:
        reason = f"{reason}; until then the more cautious of the two leading options is shown"
    return Decision(
        verdict=options[chosen],
        standing=reached,
        reason=reason[0].upper() + reason[1:],
        posterior=dict(zip(options, posterior, strict=True)),
        prior=dict(zip(options, softmax(weighing.log_prior), strict=True)),
        contributions=contributions(weighing, {p.agent: p for p in proposals}, record, bool(gates)),
        dissent=tuple(
            sorted(
                opinion.vote.agent
                for voice in weighing.voices
                for opinion in voice
                if opinion.vote.verdict != options[chosen]
            )
        ),
        runner_up=options[second],
        margin=posterior[chosen] - posterior[second],
        gates=gates,
        judged_to_settle=standing.judged_to_settle(judged),
        algorithm=f"{ALGORITHM}, beta {weighing.beta:.3f}",
    )


def logged(run_id: str, weighing: Weighing, decision: Decision) -> LoggedDecision:
    """What the audit log keeps of a decision."""
    return LoggedDecision(
        run_id=run_id,
        domain=weighing.domain,
        options=weighing.options,
        votes=weighing.logged_votes,
        prior=weighing.log_prior,
        posterior=weighing.posterior,
        verdict=decision.verdict,
        algorithm=decision.algorithm,
    )


def _unheard(weighing: Weighing, proposals: Sequence[Proposal]) -> str:
    """Why the best informed agent has no opinion, in its own first sentence; empty when it has one."""
    spoke = [opinion.vote.agent for voice in weighing.voices for opinion in voice]
    agent = unheard_expert(spoke, [opinion.vote.agent for opinion in weighing.silent], weighing.domain)
    if agent is None:
        return ""
    said = next(proposal.rationale for proposal in proposals if proposal.agent == agent)
    why = re.split(r"(?<=[.!?])\s", said.strip(), maxsplit=1)[0].rstrip(".")
    others = "nobody else knows as much of this" if spoke else "nobody else has one"
    return f"{agent} has no opinion{f' (“{why[:_LONGEST_QUOTE]}”)' if why else ''}, and {others}, so a person must look"


def _decisive(weighing: Weighing, gated: bool) -> tuple[str, ...]:
    """Names of the single voices without which the verdict would be another one; none when only one spoke."""
    if len(weighing.voices) < 2:
        return ()
    chosen = leading(weighing.posterior, gated)
    return tuple(
        " and ".join(opinion.vote.agent for opinion in voice)
        for voice in weighing.voices
        if leading(weighing.posterior_without({opinion.vote.agent for opinion in voice}), gated) != chosen
    )
