"""What an agent's confidence and checks of today add to its record: only how far they differ from its usual ones.

Self-reported confidence is not comparable between agents (pooled raw it is right 55 to 68 % of the time where records
give 79 %), but an agent less sure than usual is right less often. So its usual proposal gets exactly its record.
"""

import math
from dataclasses import dataclass, field

from workbench.core.consensus.expertise import PRIOR_DECISIONS

CONFIDENCE_SLOPE = 0.5
"""Log-odds for each unit of log-odds that an agent is surer than usual: the mean of its prior in the learned form."""

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

    def note(self, confidence: float | None, quality: float | None, options: int) -> None:
        """Take in today's proposal; no feedback is needed for it."""
        if confidence is not None:
            self.confidence.add(certainty(confidence, options))
        if quality is not None:
            self.quality.add(quality)

    def from_confidence(self, confidence: float | None, accuracy: float, options: int) -> float:
        """Log-odds for its own verdict, since it is surer or less sure than usual (at first: than it should be)."""
        if confidence is None:
            return 0.0
        surer = certainty(confidence, options) - self.confidence.mean(certainty(accuracy, options))
        return CONFIDENCE_SLOPE * min(max(surer, -CONFIDENCE_REACH), CONFIDENCE_REACH)

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
