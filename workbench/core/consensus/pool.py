"""The pool: voices add their log-odds to the prior, each within a cap, so that no one alone decides anything.

P(option) is proportional to prior(option) * exp(sum of the voices' log-odds for it): a logarithmic pool, which is
exactly additive and therefore can be explained voice by voice.
"""

import math
from collections.abc import Sequence

CAP = math.log(9.0)
"""Reach of one voice: alone it never moves even odds beyond 90 to 10. Values from 2 to 4.6 nats cost at most 0.3 points
of accuracy on five panels of real judges, and this one bounds what a liar can do to 2 ln 9 = 4.39 nats."""


def scale_of(log_odds: Sequence[float], beta: float) -> float:
    """The factor for an agent: `beta`, or less where its reach (largest minus smallest) would exceed CAP."""
    reach = max(log_odds) - min(log_odds)
    return min(beta, CAP / reach) if reach > 0 else beta


def added(share: float, log_odds: Sequence[float], beta: float) -> list[float]:
    """What one agent adds: its log-odds, scaled and capped, times its share of a voice.

    Agents of one lineage are one voice, each with the same share of it. Each is capped by itself, so that their mean
    is within the cap, too, and no member's vote changes what another's is worth.
    """
    factor = share * scale_of(log_odds, beta)
    return [factor * value for value in log_odds]


def pooled(log_prior: Sequence[float], agents: Sequence[tuple[float, Sequence[float]]], beta: float) -> list[float]:
    """Posterior of the options from the log prior and each agent's share of a voice and log-odds."""
    parts = [added(share, log_odds, beta) for share, log_odds in agents]
    return softmax([math.fsum(column) for column in zip(log_prior, *parts, strict=True)])


def softmax(logs: Sequence[float]) -> list[float]:
    """Probabilities in proportion to exp(logs), with sum 1."""
    top = max(logs)
    weights = [math.exp(value - top) for value in logs]
    total = math.fsum(weights)
    return [weight / total for weight in weights]
