"""Histories, tasks and proposals for the tests of the consensus."""

from collections.abc import Mapping, Sequence
from random import Random

from hypothesis import strategies as st

from workbench.core.consensus.record import Record
from workbench.core.consensus.votes import LoggedDecision, Vote
from workbench.core.consensus.weighing import weigh
from workbench.core.decisions import Proposal, QualityCheck
from workbench.core.evidence import Finding, Severity
from workbench.core.tasks import Task, TaskKind

OPTIONS = ("safe", "safe after fixes", "do not use")
DOMAIN = "review/python"
AGENTS = ("code", "research", "security", "extra one", "extra two")


def task(**changes: object) -> Task:
    fields = {"kind": TaskKind.REVIEW, "title": "Is this safe?", "code": "print('x')", **changes}
    return Task.model_validate(fields)


def proposal(
    agent: str,
    verdict: str,
    confidence: float = 0.7,
    *,
    options: Sequence[str] = OPTIONS,
    lineage: str = "",
    checks: tuple[int, int] | None = None,
    findings: tuple[Finding, ...] = (),
) -> Proposal:
    rest = (1.0 - confidence) / (len(options) - 1)
    return Proposal(
        agent=agent,
        step="step",
        domain=DOMAIN,
        probabilities={option: confidence if option == verdict else rest for option in options},
        rationale=f"{agent} thinks so",
        lineage=lineage or agent,
        checks=(QualityCheck(name="citations that hold", passed=checks[0], total=checks[1]),) if checks else (),
        findings=findings,
    )


def finding(
    severity: Severity = Severity.HIGH, confidence: float = 0.9, witnesses: tuple[str, ...] = ("bandit",)
) -> Finding:
    return Finding(
        rule="sql",
        cwe="CWE-89",
        title="SQL built by formatting",
        severity=severity,
        confidence=confidence,
        file="app.py",
        line_start=12,
        line_end=12,
        excerpt="cursor.execute(f'select {x}')",
        explanation="The text becomes part of the statement.",
        witnesses=witnesses,
    )


def vote(agent: str, verdict: str, confidence: float | None = None, quality: float | None = None, lineage: str = ""):
    return Vote(agent=agent, lineage=lineage or agent, verdict=verdict, confidence=confidence, quality=quality)


def judge(record: Record, votes: Sequence[Vote], truth: str, options=OPTIONS, domain: str = DOMAIN) -> LoggedDecision:
    """Decide by the record, then tell it what was right."""
    weighing = weigh(votes, domain, tuple(options), record)
    leader = max(range(len(options)), key=lambda index: weighing.posterior[index])
    decision = LoggedDecision(
        run_id="run",
        domain=domain,
        options=tuple(options),
        votes=weighing.logged_votes,
        prior=weighing.log_prior,
        posterior=weighing.posterior,
        verdict=options[leader],
        algorithm="test",
    )
    record.note(decision)
    record.learn(decision, truth)
    return decision


def record_of(rounds: Sequence[tuple[Mapping[str, str], str]], options=OPTIONS, domain: str = DOMAIN) -> Record:
    """The record after these rounds of (verdict by agent, what was right)."""
    record = Record()
    for verdicts, truth in rounds:
        judge(record, [vote(agent, verdict) for agent, verdict in verdicts.items()], truth, options, domain)
    return record


def option_sets() -> st.SearchStrategy[tuple[str, ...]]:
    return st.sampled_from([("yes", "no"), OPTIONS])


@st.composite
def votes_on(draw: st.DrawFn, options: Sequence[str], least: int = 1) -> list[Vote]:
    """Votes of some agents, some of one lineage, with or without confidence and quality."""
    agents = draw(st.lists(st.sampled_from(AGENTS), min_size=least, max_size=len(AGENTS), unique=True))
    maybe_confidence = st.none() | st.floats(0.34, 1.0)
    return [
        Vote(
            agent=agent,
            lineage=draw(st.sampled_from(["", "one model", agent])),
            verdict=draw(st.sampled_from(list(options))),
            confidence=draw(maybe_confidence),
            quality=draw(st.none() | st.floats(0.0, 1.0)),
        )
        for agent in agents
    ]


@st.composite
def situations(draw: st.DrawFn, least: int = 1) -> tuple[tuple[str, ...], Record, list[Vote]]:
    """Options, the record after a random history with mixed skills, and the votes of today."""
    options = draw(option_sets())
    random = Random(draw(st.integers(0, 2**32)))
    skill = {agent: draw(st.sampled_from([0.1, 0.5, 0.9])) for agent in AGENTS}
    record = Record()
    for _ in range(draw(st.sampled_from([0, 1, 8, 30]))):
        truth = random.choice(options)
        votes = [
            vote(
                agent,
                truth if random.random() < skill[agent] else random.choice(options),
                confidence=random.choice([None, 0.5, 0.9]),
                quality=random.choice([None, 0.4, 1.0]),
            )
            for agent in AGENTS
            if random.random() < 0.8
        ]
        if votes:
            judge(record, votes, truth, options)
    return options, record, draw(votes_on(options, least))
