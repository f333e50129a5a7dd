"""The explanation of a decision: what each agent added, in log-odds that sum exactly to the posterior."""

from collections.abc import Mapping

from workbench.core.consensus.gates import leading
from workbench.core.consensus.pool import added, scale_of
from workbench.core.consensus.record import Record
from workbench.core.consensus.weighing import Opinion, Weighing
from workbench.core.decisions import Contribution, Proposal

SILENT = "no opinion: it holds all options for equally likely, so it adds nothing"


def contributions(
    weighing: Weighing, proposals: Mapping[str, Proposal], record: Record, gated: bool
) -> tuple[Contribution, ...]:
    """One contribution for each agent, sorted by agent. Log prior plus their log-odds is the log posterior, shifted."""
    chosen = leading(weighing.posterior, gated)
    return tuple(
        _contribution(opinion, share, weighing, record).model_copy(
            update={
                "confidence": proposals[opinion.vote.agent].probabilities[opinion.vote.verdict],
                "rationale": proposals[opinion.vote.agent].rationale,
                "would_flip": not opinion.vote.abstains
                and leading(weighing.posterior_without({opinion.vote.agent}), gated) != chosen,
            }
        )
        for share, opinion in sorted(weighing.agents, key=lambda pair: pair[1].vote.agent)
    )


def _contribution(opinion: Opinion, share: float, weighing: Weighing, record: Record) -> Contribution:
    agent, options = opinion.vote.agent, weighing.options
    right, judged = record.history(agent).confusion.tallies.get(weighing.domain, (0, 0))
    return Contribution(
        agent=agent,
        verdict=opinion.vote.verdict,
        confidence=0.0,
        log_odds=dict(zip(options, added(share, opinion.log_odds, weighing.beta), strict=True)),
        parts=opinion.parts,
        independence=share,
        capped=scale_of(opinion.log_odds, weighing.beta) < weighing.beta,
        right=right,
        judged=judged,
        domain=weighing.domain,
        remark=SILENT if opinion.vote.abstains else record.remark(agent, weighing.domain, options),
        abstained=opinion.vote.abstains,
    )
