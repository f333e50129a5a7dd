"""An agent's record as confusion counts, and the evidence that its vote is by that record.

Counts are kept by agent and domain. Three levels lean on each other, so that few judged decisions already count and
many overrule what was expected (hierarchical Dirichlet smoothing): expected accuracy -> the agent's confusion over all
domains -> its confusion in this domain. Rows are what was true, columns what the agent said (Dawid and Skene 1979).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from workbench.core.consensus.expertise import PRIOR_DECISIONS, expected_accuracy

OVERALL_PRIOR = 8.0
"""Pseudo-decisions a row that the one-coin table of the agent's accuracy weighs in its overall confusion. Values of 4
to 8 differed by less than 0.3 points of accuracy on five panels of real judges."""

DOMAIN_PRIOR = 10.0
"""Pseudo-decisions a row that the overall confusion weighs in that of a domain; 5 to 20 made the same small odds."""

INVERSION_JUDGED = 20
"""Judged decisions in a domain before a vote may count against what it says. Where most agents really are below chance
that is worth several points of accuracy; without the wait, a few unlucky decisions would turn a vote round."""

INVERSION_CONFIDENCE = 0.95
"""Confidence of the upper bound of accuracy (Clopper-Pearson) that must lie below chance, too."""

Options = tuple[str, ...]
Table = list[list[float]]


def empty_table(size: int) -> Table:
    """Counts of nothing: `size` rows (true) by `size` columns (said)."""
    return [[0.0] * size for _ in range(size)]


@dataclass
class Confusion:
    """How one agent did. Weights shrink when it drifts; the plain tallies do not."""

    by_domain: dict[tuple[str, Options], Table] = field(default_factory=dict)
    overall: dict[Options, Table] = field(default_factory=dict)
    right: float = 0.0
    judged: float = 0.0
    contrarian: set[tuple[str, Options]] = field(default_factory=set)
    """Where it has earned that its votes count against what they say: reliably worse than chance."""
    tallies: dict[str, tuple[int, int]] = field(default_factory=dict)
    """By domain: how often it was right, of how many judged decisions."""

    def learn(self, domain: str, options: Options, truth: int, said: int) -> None:
        """Count one judged decision; `truth` and `said` are indexes into the options."""
        self.overall.setdefault(options, empty_table(len(options)))[truth][said] += 1.0
        self.by_domain.setdefault((domain, options), empty_table(len(options)))[truth][said] += 1.0
        self.right += truth == said
        self.judged += 1.0
        self._look_for_inversion(domain, options)
        right, judged = self.tallies.get(domain, (0, 0))
        self.tallies[domain] = right + (truth == said), judged + 1

    def fade(self, factor: float) -> None:
        """Multiply what is remembered by `factor`."""
        self.right *= factor
        self.judged *= factor
        for table in (*self.overall.values(), *self.by_domain.values()):
            for row in table:
                row[:] = [count * factor for count in row]
        for domain, options in self.by_domain:
            self._look_for_inversion(domain, options)

    def accuracy(self, agent: str, domain: str, options: int) -> float:
        """Expected share of right votes: expectation and record, weighed by their numbers of decisions."""
        expected = expected_accuracy(agent, domain, options)
        return (PRIOR_DECISIONS * expected + self.right) / (PRIOR_DECISIONS + self.judged)

    def likelihoods(self, agent: str, domain: str, options: Options, said: int) -> list[float]:
        """P(agent says `said` | option is true), for each option, by its record in this domain."""
        accuracy = self.accuracy(agent, domain, len(options))
        missed = (1.0 - accuracy) / (len(options) - 1)
        overall = self.overall.get(options)
        here = self.by_domain.get((domain, options))
        result = []
        for truth in range(len(options)):
            value = accuracy if truth == said else missed
            value = _smoothed(overall, truth, said, value, OVERALL_PRIOR)
            result.append(_smoothed(here, truth, said, value, DOMAIN_PRIOR))
        return result

    def _look_for_inversion(self, domain: str, options: Options) -> None:
        table = self.by_domain[domain, options]
        judged = sum(map(sum, table))
        right = sum(table[index][index] for index in range(len(options)))
        chance = 1.0 / len(options)
        earned = (
            judged >= INVERSION_JUDGED
            and right / judged < chance
            and at_most(round(right), round(judged), chance) < 1.0 - INVERSION_CONFIDENCE
        )
        (self.contrarian.add if earned else self.contrarian.discard)((domain, options))


def evidence(confusion: Confusion, agent: str, domain: str, options: Options, said: int) -> list[float]:
    """Log-likelihoods of the options by a vote for `said`, with sum 0.

    A vote never counts against itself, unless its agent is reliably worse than chance here.
    """
    logs = [math.log(value) for value in confusion.likelihoods(agent, domain, options, said)]
    return centred(logs if (domain, options) in confusion.contrarian else floored(logs, said))


def floored(logs: Sequence[float], said: int) -> list[float]:
    """`logs` with no option above the one that was said."""
    return [min(value, logs[said]) for value in logs]


def centred(logs: Sequence[float]) -> list[float]:
    """`logs` shifted to sum 0, which changes no odds."""
    mean = math.fsum(logs) / len(logs)
    return [value - mean for value in logs]


def upper_bound(hits: int, of: int, confidence: float) -> float:
    """Clopper-Pearson upper bound of a rate of which `hits` in `of` were seen; 1 when nothing was seen."""
    if hits >= of:
        return 1.0
    low, high = hits / of, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if at_most(hits, of, middle) > 1.0 - confidence else (low, middle)
    return high


def at_most(hits: int, of: int, rate: float) -> float:
    """P(at most `hits` of `of`) at this rate, by the binomial distribution."""
    if rate >= 1.0:
        return 0.0
    log_rate, log_rest = math.log(rate) if rate > 0 else -math.inf, math.log1p(-rate)
    total = math.lgamma(of + 1)
    terms = (
        total - math.lgamma(k + 1) - math.lgamma(of - k + 1) + (k * log_rate if k else 0.0) + (of - k) * log_rest
        for k in range(hits + 1)
    )
    return math.fsum(math.exp(term) for term in terms)


def _smoothed(table: Table | None, truth: int, said: int, expected: float, weight: float) -> float:
    if table is None:
        return expected
    row = table[truth]
    return (row[said] + weight * expected) / (sum(row) + weight)
