"""What is expected of an agent before it has a record: a prior, washed out by its first judged decisions."""

from collections.abc import Collection
from enum import Enum

PRIOR_DECISIONS = 6.0
"""Weight of the expectation in decisions. Any value from 2 to 6 gave the same accuracy within 0.3 points on five panels
of real judges; the largest is taken, because few decisions are judged."""


class Expertise(Enum):
    """How much better than chance an agent is expected to be: 0 is chance, 1 would be always right."""

    NONE = 0.0
    NOVICE = 0.15
    COMPETENT = 0.3
    EXPERT = 0.5


_BY_DOMAIN: dict[tuple[str, str], Expertise] = {
    ("code", "draft"): Expertise.NOVICE,
    ("code", "review"): Expertise.COMPETENT,
    ("code", "research"): Expertise.NOVICE,
    ("code", "assess"): Expertise.COMPETENT,
    ("security", "draft"): Expertise.EXPERT,
    ("security", "review"): Expertise.EXPERT,
    ("security", "research"): Expertise.COMPETENT,
    ("security", "assess"): Expertise.EXPERT,
    ("research", "draft"): Expertise.NOVICE,
    ("research", "review"): Expertise.NOVICE,
    ("research", "research"): Expertise.EXPERT,
    ("research", "assess"): Expertise.COMPETENT,
}
"""By agent and first part of the domain. The code agent judges its own draft, so little is expected of it there; the
research agent does not look at the code, so it is a novice wherever code itself is judged."""


def expertise(agent: str, domain: str) -> Expertise:
    """What is expected of `agent` in a domain such as `review/python`; competent where nothing is known of it."""
    return _BY_DOMAIN.get((agent, domain.partition("/")[0]), Expertise.COMPETENT)


def unheard_expert(agents: Collection[str], silent: Collection[str], domain: str) -> str | None:
    """The silent agent that knows more of the domain than all who spoke; None when the best informed has spoken."""
    spoken = max((expertise(agent, domain).value for agent in agents), default=-1.0)
    experts = [agent for agent in sorted(silent) if expertise(agent, domain).value > spoken]
    return max(experts, key=lambda agent: expertise(agent, domain).value, default=None)


def expected_accuracy(agent: str, domain: str, options: int) -> float:
    """Share of decisions the agent is expected to get right among so many options: chance, raised by its expertise."""
    chance = 1.0 / options
    return chance + (1.0 - chance) * expertise(agent, domain).value
