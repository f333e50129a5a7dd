"""How much past decisions should have been believed: one factor on all evidence, and the trust a posterior has earned.

Agents are not independent, so summed evidence is too sure; one factor refitted on judged decisions mends most of it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.core.consensus.confusion import upper_bound
from workbench.core.consensus.pool import CAP

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

BETA_RANGE = (0.5, 1.5)
"""The factor stays within these, so that a few odd decisions cannot silence or double the evidence."""

BETA_PRIOR = 5.0
"""Weight, in nats, of the belief that the factor is 1: the penalty is BETA_PRIOR * (ln beta)^2."""

_STEPS = 41
_FIRST_FIT = 25

ERROR_ACCEPTED = 0.10
"""Share of wrong decisions that an analyst is taken to accept among those shown as settled."""

ERROR_CONFIDENCE = 0.90
"""Confidence of the upper bound of past error (Clopper-Pearson) that must not exceed ERROR_ACCEPTED."""

PAST_NEEDED = 30
"""Judged decisions before past error says anything about a threshold."""

_THRESHOLDS = tuple(0.5 + 0.025 * step for step in range(20))


@dataclass(frozen=True)
class PastDecision:
    """A judged decision: log prior, each agent's share and log-odds, index of what was right, and what was shown."""

    prior: tuple[float, ...]
    agents: tuple[tuple[float, tuple[float, ...]], ...]
    truth: int
    shown: float
    """Posterior of the verdict at the time."""
    correct: bool


def first_fit() -> int:
    """Number of judged decisions at which the factor is fitted for the first time."""
    return _FIRST_FIT


def next_fit(fitted_at: int) -> int:
    """Number of judged decisions at which it is fitted again: half as many more, 25, 38, 58, ..."""
    return int(fitted_at * 1.5) + 1


def fit_beta(past: Sequence[PastDecision]) -> float:
    """The factor with the least log loss on past decisions, capped as in a decision, with its prior."""
    import numpy as np

    betas = np.linspace(*BETA_RANGE, _STEPS)
    losses = BETA_PRIOR * np.log(betas) ** 2
    for prior, shares, evidence, truth in _by_size(past):
        reach = evidence.max(axis=2) - evidence.min(axis=2)
        for index, beta in enumerate(betas):
            scale = shares * np.minimum(beta, CAP / np.maximum(reach, 1e-12))
            logs = prior + (evidence * scale[:, :, None]).sum(axis=1)
            logs -= logs.max(axis=1, keepdims=True)
            chosen = logs[np.arange(len(truth)), truth]
            losses[index] += (np.log(np.exp(logs).sum(axis=1)) - chosen).sum()
    return float(betas[int(losses.argmin())])


def earned_threshold(past: Sequence[PastDecision]) -> float | None:
    """The lowest posterior from which on past decisions were wrong too seldom to matter; 0 while too few were judged.

    None when no threshold kept the error within what is accepted.
    """
    if len(past) < PAST_NEEDED:
        return 0.0
    for threshold in _THRESHOLDS:
        taken = [decision.correct for decision in past if decision.shown >= threshold]
        if taken and upper_bound(taken.count(False), len(taken), ERROR_CONFIDENCE) <= ERROR_ACCEPTED:
            return threshold
    return None


def _by_size(past: Sequence[PastDecision]) -> Iterator[tuple["Floats", "Floats", "Floats", "Ints"]]:
    """Past decisions as arrays, one group for each number K of options.

    Log prior (n, K), shares (n, agents), log-odds (n, agents, K), index of what was right (n); zeros fill up where
    fewer agents spoke.
    """
    import numpy as np

    for size in sorted({len(decision.prior) for decision in past}):
        group = [decision for decision in past if len(decision.prior) == size]
        most = max(len(decision.agents) for decision in group)
        shares, evidence = np.zeros((len(group), most)), np.zeros((len(group), most, size))
        for row, decision in enumerate(group):
            for column, (share, log_odds) in enumerate(decision.agents):
                shares[row, column], evidence[row, column] = share, log_odds
        prior = np.array([decision.prior for decision in group])
        yield prior, shares, evidence, np.array([decision.truth for decision in group])
