"""What an agent's confidence and checks of today add to its record: only how far they differ from its usual ones.

Self-reported confidence is not comparable between agents (pooled raw it is right 55 to 68 % of the time where records
give 79 %), and some agents are right no more often when they are surer. So an agent's usual proposal gets exactly its
record, and what a difference is worth is learned for each agent: Bayesian logistic regression, one step a judged vote.
"""

import math
from dataclasses import dataclass, field

from workbench.core.consensus.expertise import PRIOR_DECISIONS

SLOPE_MEAN, SLOPE_VARIANCE = 0.5, 0.25
"""Prior of the log-odds for each unit of log-odds that an agent is surer than usual: stated differences count half."""

SLOPE_RANGE = (0.0, 1.5)
"""Being surer never counts against an agent, and never much more than it says."""

CONFIDENCE_REACH = 2.0
"""Largest difference of log-odds that counts."""

QUALITY_SLOPE = 1.0
"""Log-odds from none to all checks passed, against the usual share."""

QUALITY_REACH = 0.5
"""Largest difference of the share of checks passed that counts."""

USUAL_QUALITY = 1.0
"""Before anything is known of an agent, its citations are expected to hold."""

_SUREST = 0.99


@dataclass
class Usual:
    """Running mean of one quantity, with PRIOR_DECISIONS pseudo-values of what is expected."""

    total: float = 0.0
    count: int = 0

    def add(self, value: float) -> None:
        """Take in one more value."""
        self.total += value
        self.count += 1

    def mean(self, expected: float) -> float:
        """The usual value, `expected` before the first."""
        return (PRIOR_DECISIONS * expected + self.total) / (PRIOR_DECISIONS + self.count)


@dataclass
class Habits:
    """How sure one agent usually is and how many of its checks usually pass."""

    confidence: Usual = field(default_factory=Usual)
    quality: Usual = field(default_factory=Usual)
    slope: float = SLOPE_MEAN
    slope_variance: float = SLOPE_VARIANCE

    def note(self, confidence: float | None, quality: float | None, options: int) -> None:
        """Take in today's proposal; no feedback is needed for it."""
        if confidence is not None:
            self.confidence.add(certainty(confidence, options))
        if quality is not None:
            self.quality.add(quality)

    def surer(self, confidence: float | None, accuracy: float, options: int) -> float:
        """Log-odds by which it is surer than usual, at first than its expected accuracy; 0 without a confidence."""
        if confidence is None:
            return 0.0
        more = certainty(confidence, options) - self.confidence.mean(certainty(accuracy, options))
        return min(max(more, -CONFIDENCE_REACH), CONFIDENCE_REACH)

    def learn(self, surer: float, offset: float, right: bool) -> None:
        """Learn from a judged vote what being surer is worth; `offset` is the log-odds of being right by the record."""
        expected = 1.0 / (1.0 + math.exp(-(offset + self.slope * surer)))
        self.slope_variance = 1.0 / (1.0 / self.slope_variance + expected * (1.0 - expected) * surer * surer)
        moved = self.slope + self.slope_variance * (right - expected) * surer
        self.slope = min(max(moved, SLOPE_RANGE[0]), SLOPE_RANGE[1])

    def from_quality(self, quality: float | None) -> float:
        """Log-odds for its own verdict, since more or fewer checks passed than usual."""
        if quality is None:
            return 0.0
        better = quality - self.quality.mean(USUAL_QUALITY)
        return QUALITY_SLOPE * min(max(better, -QUALITY_REACH), QUALITY_REACH)


def certainty(probability: float, options: int) -> float:
    """Log-odds of an option of this probability against any one other, which share the rest: 0 at chance."""
    chance = 1.0 / options
    bounded = min(max(probability, chance * (1.0 - _SUREST)), _SUREST)
    return math.log(bounded * (options - 1) / (1.0 - bounded))
