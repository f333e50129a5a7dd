"""The explanation of a decision: what each agent added, in log-odds that sum exactly to the posterior."""

from collections.abc import Mapping
from dataclasses import dataclass

from workbench.core.consensus.gates import leading
from workbench.core.consensus.pool import scale_of
from workbench.core.consensus.record import Record
from workbench.core.consensus.weighing import Opinion, Weighing
from workbench.core.decisions import Contribution, Proposal


def contributions(
    weighing: Weighing, proposals: Mapping[str, Proposal], record: Record, gated: bool
) -> tuple[Contribution, ...]:
    """One contribution for each agent, sorted by agent. Log prior plus their log-odds is the log posterior, shifted."""
    chosen = leading(weighing.posterior, gated)
    return tuple(
        _contribution(opinion, share, weighing, record).model_copy(
            update={
                "confidence": proposals[agent].probabilities[opinion.vote.verdict],
                "rationale": proposals[agent].rationale,
                "would_flip": leading(weighing.posterior_without(agent), gated) != chosen,
            }
        )
        for agent, (opinion, share) in sorted(_shares(weighing).items())
    )


@dataclass(frozen=True)
class _Share:
    """How an agent's evidence reaches the posterior: its share of a voice, and the factor on that voice."""

    independence: float
    scale: float


def _shares(weighing: Weighing) -> dict[str, tuple[Opinion, _Share]]:
    return {
        opinion.vote.agent: (opinion, _Share(1.0 / len(voice), scale_of(odds, weighing.beta)))
        for voice, odds in zip(weighing.voices, weighing.evidence, strict=True)
        for opinion in voice
    }


def _contribution(opinion: Opinion, share: _Share, weighing: Weighing, record: Record) -> Contribution:
    agent, factor = opinion.vote.agent, share.scale * share.independence
    right, judged = record.history(agent).confusion.tallies.get(weighing.domain, (0, 0))
    return Contribution(
        agent=agent,
        verdict=opinion.vote.verdict,
        confidence=0.0,
        log_odds={option: factor * value for option, value in zip(weighing.options, opinion.log_odds, strict=True)},
        parts=opinion.parts,
        independence=share.independence,
        capped=share.scale < weighing.beta,
        right=right,
        judged=judged,
        domain=weighing.domain,
        remark=record.remark(agent, weighing.domain, weighing.options),
    )
