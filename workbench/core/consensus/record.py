"""Everything learned from judged decisions: the state that decisions are made with, rebuilt from the audit log."""

import math
from dataclasses import dataclass, field

from workbench.core.consensus.calibration import PastDecision, first_fit, fit_beta, next_fit
from workbench.core.consensus.confusion import Confusion, Options, centred
from workbench.core.consensus.drift import REMEMBERED, Drift
from workbench.core.consensus.expertise import expertise
from workbench.core.consensus.today import Habits
from workbench.core.consensus.votes import LoggedDecision, LoggedVote
from workbench.core.values import Value

DOMAIN_PRIOR = 10.0
"""Pseudo-decisions that the verdicts of all domains weigh in the prior of one; the same as for confusions."""


class AgentRecord(Value):
    """One line of the table of records: how an agent did in one domain."""

    agent: str
    domain: str
    expertise: str
    right: int
    judged: int
    accuracy: float
    """Expected share of right votes: expertise and record together, 0 to 1."""
    remark: str = ""


@dataclass
class AgentHistory:
    """What is known of one agent."""

    confusion: Confusion = field(default_factory=Confusion)
    drift: Drift = field(default_factory=Drift)
    habits: Habits = field(default_factory=Habits)


@dataclass
class Record:
    """The state after all decisions and feedback so far. Deciding reads it; only `note` and `learn` change it."""

    histories: dict[str, AgentHistory] = field(default_factory=dict)
    truths: dict[Options, list[int]] = field(default_factory=dict)
    domain_truths: dict[tuple[str, Options], list[int]] = field(default_factory=dict)
    past: list[PastDecision] = field(default_factory=list)
    beta: float = 1.0
    fit_at: int = field(default_factory=first_fit)

    def history(self, agent: str) -> AgentHistory:
        """What is known of `agent`; an empty history for a stranger."""
        return self.histories.get(agent) or AgentHistory()

    def judged(self, domain: str) -> int:
        """How many decisions of this domain were judged."""
        return sum(sum(counts) for (name, _), counts in self.domain_truths.items() if name == domain)

    def prior(self, domain: str, options: Options) -> list[float]:
        """P(option is right) before anyone votes: even at first, then by what was right here and elsewhere."""
        everywhere = [count + 1.0 for count in self.truths.get(options, [0] * len(options))]
        here = self.domain_truths.get((domain, options), [0] * len(options))
        total = sum(everywhere)
        smoothed = [count + DOMAIN_PRIOR * all_ / total for count, all_ in zip(here, everywhere, strict=True)]
        return [value / math.fsum(smoothed) for value in smoothed]

    def log_prior(self, domain: str, options: Options) -> list[float]:
        """Natural logarithms of `prior`, with sum 0."""
        return centred([math.log(value) for value in self.prior(domain, options)])

    def note(self, decision: LoggedDecision) -> None:
        """Take in how sure each agent was and how many of its checks passed; no feedback is needed for it."""
        for vote in _spoken(decision):
            habits = self.histories.setdefault(vote.agent, AgentHistory()).habits
            habits.note(vote.confidence, vote.quality, len(decision.options))

    def learn(self, decision: LoggedDecision, truth: str) -> None:
        """Take in what was right for a decision, which must be one of its options (ValueError otherwise)."""
        options, right = decision.options, decision.options.index(truth)
        for vote in _spoken(decision):
            self._learn_vote(decision, vote, right)
        self.truths.setdefault(options, [0] * len(options))[right] += 1
        self.domain_truths.setdefault((decision.domain, options), [0] * len(options))[right] += 1
        leading = options.index(decision.verdict)
        self.past.append(
            PastDecision(
                prior=decision.prior,
                agents=tuple((vote.share, vote.log_odds) for vote in decision.votes),
                truth=right,
                shown=decision.posterior[leading],
                correct=leading == right,
            )
        )
        if len(self.past) >= self.fit_at:
            self.beta, self.fit_at = fit_beta(self.past), next_fit(self.fit_at)

    def table(self) -> list[AgentRecord]:
        """One line for each agent and domain with judged decisions, sorted by agent and domain."""
        return [
            self._line(agent, domain, *tally)
            for agent, history in sorted(self.histories.items())
            for domain, tally in sorted(history.confusion.tallies.items())
        ]

    def remark(self, agent: str, domain: str, options: Options) -> str:
        """What the analyst must know of this agent here: on probation, contrarian, or nothing."""
        history = self.history(agent)
        if history.drift.on_probation:
            return "on probation: it did worse than its record lately, so that record hardly counts now"
        if (domain, options) in history.confusion.contrarian:
            return "contrarian here: it is reliably worse than chance, so its vote counts the other way"
        return ""

    def _learn_vote(self, decision: LoggedDecision, vote: LoggedVote, right: int) -> None:
        history, said = self.histories.setdefault(vote.agent, AgentHistory()), decision.options.index(vote.verdict)
        accuracy = history.confusion.accuracy(vote.agent, decision.domain, len(decision.options))
        history.habits.learn(vote.surer, vote.offset, said == right)
        turned = history.drift.learn(said == right, accuracy)
        history.confusion.learn(decision.domain, decision.options, right, said)
        if turned:
            history.confusion.fade(REMEMBERED)

    def _line(self, agent: str, domain: str, right: int, judged: int) -> AgentRecord:
        confusion = self.histories[agent].confusion
        options = next(options for name, options in confusion.by_domain if name == domain)
        return AgentRecord(
            agent=agent,
            domain=domain,
            expertise=expertise(agent, domain).name.lower(),
            right=right,
            judged=judged,
            accuracy=confusion.accuracy(agent, domain, len(options)),
            remark=self.remark(agent, domain, options),
        )


def _spoken(decision: LoggedDecision) -> list[LoggedVote]:
    return [vote for vote in decision.votes if not vote.abstains]
