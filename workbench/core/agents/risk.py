"""From findings to probabilities over the options: one documented formula for every agent that judges code.

Each finding is a danger of `WEIGHT[severity] * confidence`. The dangers of several findings add up as independent
chances: 1 - prod(1 - danger). From them come three masses:

    nothing wrong                = 1 - any
    wrong, and mended or easily  = any - stays
    wrong, and it stays          = stays        (only what is left after repair, weighed by how hard it is to mend)

Since analysers miss weaknesses, UNSEEN of the first mass moves to the second. The masses lie at the permissive end,
the middle and the safe end of the scale of options and are shared out between the two nearest options. At last they
are mixed with an even distribution by the doubt: the share of the code that nobody could read, and DOUBT at least.
So no option ever has 0 or 1, and of unread code nothing is claimed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from workbench.core.evidence import Finding, Severity

WEIGHT = {Severity.HIGH: 1.0, Severity.MEDIUM: 0.5, Severity.LOW: 0.1}
"""How much a real weakness of this severity speaks against use; our own judgement, until verdicts are on record."""

STAYS = {Severity.HIGH: 0.65, Severity.MEDIUM: 0.25, Severity.LOW: 0.0}
"""How far a weakness that nobody mended speaks for the safest option rather than for fixes or conditions."""

UNSEEN = 0.2
"""Chance that code in which nothing was found has a weakness all the same. The analysers find 83 % of the weaknesses
of four well-known classes and far fewer of others (docs/decisions, benchmarks/results)."""

DOUBT = 0.1
"""Least share of an even distribution in any opinion."""


@dataclass(frozen=True)
class Masses:
    """The three masses of the formula; they sum to 1."""

    clean: float
    mended: float
    stays: float


def danger(findings: Iterable[Finding]) -> float:
    """The chance that at least one finding is real and matters, 0 to 1."""
    spared = 1.0
    for finding in findings:
        spared *= 1.0 - min(WEIGHT[finding.severity] * finding.confidence, 0.99)
    return 1.0 - spared


def masses(found: Sequence[Finding], left: Sequence[Finding]) -> Masses:
    """The masses for code with `found` in it, of which `left` remain after what could be mended was mended."""
    any_ = danger(found)
    spared = 1.0
    for finding in left:
        spared *= 1.0 - min(STAYS[finding.severity] * WEIGHT[finding.severity] * finding.confidence, 0.99)
    stays = min(1.0 - spared, max(any_, danger(left)))
    unseen = UNSEEN * (1.0 - any_)
    clean = (1.0 - any_) - unseen
    return Masses(clean, max(1.0 - clean - stays, 0.0), stays)


def opinion(
    found: Sequence[Finding], left: Sequence[Finding], coverage: float, options: Sequence[str]
) -> dict[str, float]:
    """Probabilities over the options (most permissive first) for code of which `coverage` (0 to 1) could be read."""
    return spread(masses(found, left), DOUBT + (1.0 - DOUBT) * (1.0 - coverage), options)


def spread(weights: Masses, doubt: float, options: Sequence[str]) -> dict[str, float]:
    """The masses shared out over the options, mixed with an even distribution by `doubt` (0 to 1)."""
    total = weights.clean + weights.mended + weights.stays
    shares = [0.0] * len(options)
    for place, mass in ((0.0, weights.clean), (0.5, weights.mended), (1.0, weights.stays)):
        exact = place * (len(options) - 1)
        below = min(int(exact), len(options) - 2)
        shares[below + 1] += mass / total * (exact - below)
        shares[below] += mass / total * (1.0 - (exact - below))
    mixed = [doubt / len(options) + (1.0 - doubt) * share for share in shares]
    return {option: share / sum(mixed) for option, share in zip(options, mixed, strict=True)}
