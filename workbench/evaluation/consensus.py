"""Scores the consensus on votes with known truth: decide, then learn what was right, decision after decision.

A folder holds NAME.csv (task, worker, label and optionally conf) and NAME.truth.csv (task, truth and optionally
domain) for each set. Every set is decided from an empty record in five fixed random orders; figures are their means.
"""

import csv
import math
import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.core.consensus.record import Record
from workbench.core.consensus.votes import ConsensusError, LoggedDecision, Vote
from workbench.core.consensus.weighing import Weighing, weigh

ORDERS = 5
BINS = 10
"""Bins of equal width for the expected calibration error."""

REGULAR = 0.5
"""An agent that voted on less than this share of the tasks is no candidate for the best agent."""


@dataclass(frozen=True)
class Question:
    """One task of a set: who voted what, and what was right."""

    domain: str
    votes: tuple[Vote, ...]
    truth: str


def evaluate(folder: Path) -> dict[str, Any]:
    """Figures of every set in `folder` by name: accuracy, log_loss (nats), brier, ece, decisions, best_agent, majority.

    Rates are fractions of 1. `brier` is half the squared distance, which for two options is the usual one.
    `best_agent` is the best in hindsight, None where nobody voted on half of the tasks. Raises ConsensusError when
    there is no set or a file has no such columns.
    """
    truths = sorted(folder.glob("*.truth.csv"))
    if not truths:
        raise ConsensusError(f"{folder} holds no NAME.truth.csv, so there is nothing to score; give a folder of votes")
    return {"sets": {path.name.removesuffix(".truth.csv"): _score(*_read(path)) for path in truths}}


def _read(truth_path: Path) -> tuple[tuple[str, ...], list[Question]]:
    """The options of a set and its questions in the order of the truth file."""
    votes: dict[str, dict[str, Vote]] = defaultdict(dict)
    votes_path = truth_path.with_name(truth_path.name.replace(".truth.csv", ".csv"))
    for row in _rows(votes_path, ("task", "worker", "label")):
        confidence = float(row["conf"]) if row.get("conf") else None
        vote = Vote(agent=row["worker"], lineage="", verdict=row["label"], confidence=confidence)
        votes[row["task"]].setdefault(vote.agent, vote)
    questions = [
        Question(row.get("domain") or "all", tuple(votes[row["task"]].values()), row["truth"])
        for row in _rows(truth_path, ("task", "truth"))
        if votes[row["task"]]
    ]
    labels = {vote.verdict for question in questions for vote in question.votes}
    return tuple(sorted(labels | {question.truth for question in questions})), questions


def _rows(path: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    except OSError as error:
        raise ConsensusError(f"{path} cannot be read ({error.strerror}); check the folder") from error
    missing = [name for name in columns if rows and name not in rows[0]]
    if missing:
        raise ConsensusError(f"{path.name} has no column {missing[0]}; its first line must name {', '.join(columns)}")
    return rows


def _score(options: tuple[str, ...], questions: Sequence[Question]) -> dict[str, Any]:
    runs = [_run(options, questions, seed) for seed in range(ORDERS)]
    figures: dict[str, float | None] = {key: math.fsum(run[key] for run in runs) / ORDERS for key in runs[0]}
    figures["best_agent"] = _best_agent(questions)
    figures["majority"] = math.fsum(_majority(question) for question in questions) / len(questions)
    rounded = {key: None if value is None else round(value, 4) for key, value in figures.items()}
    return {**rounded, "decisions": len(questions)}


def _run(options: tuple[str, ...], questions: Sequence[Question], seed: int) -> dict[str, float]:
    """One pass over the questions in a random order, with the truth told after each decision."""
    order = list(questions)
    random.Random(seed).shuffle(order)  # noqa: S311 - an order to repeat, not a secret
    record, outcomes = Record(), []
    for question in order:
        weighing = weigh(question.votes, question.domain, options, record)
        outcomes.append((weighing.posterior, options.index(question.truth)))
        decision = _as_logged(weighing)
        record.note(decision)
        record.learn(decision, question.truth)
    return {
        "accuracy": math.fsum(_credit(posterior, truth) for posterior, truth in outcomes) / len(outcomes),
        "log_loss": -math.fsum(math.log(posterior[truth]) for posterior, truth in outcomes) / len(outcomes),
        "brier": math.fsum(_brier(posterior, truth) for posterior, truth in outcomes) / len(outcomes),
        "ece": _calibration_error(outcomes),
    }


def _as_logged(weighing: Weighing) -> LoggedDecision:
    posterior = weighing.posterior
    # Checked values already; a validated copy of each decision would cost more than deciding it.
    return LoggedDecision.model_construct(
        run_id="",
        domain=weighing.domain,
        options=weighing.options,
        votes=weighing.logged_votes,
        prior=weighing.log_prior,
        posterior=posterior,
        verdict=weighing.options[posterior.index(max(posterior))],
        algorithm="",
    )


def _credit(posterior: Sequence[float], truth: int) -> float:
    """1 when the leader is right, its share when several lead."""
    best = max(posterior)
    leaders = [index for index, value in enumerate(posterior) if best - value < 1e-12]
    return 1.0 / len(leaders) if truth in leaders else 0.0


def _brier(posterior: Sequence[float], truth: int) -> float:
    return math.fsum((value - (index == truth)) ** 2 for index, value in enumerate(posterior)) / 2


def _calibration_error(outcomes: Sequence[tuple[Sequence[float], int]]) -> float:
    """Mean distance of confidence and accuracy over bins of the leader's posterior, weighed by their sizes."""
    bins: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for posterior, truth in outcomes:
        confidence = max(posterior)
        bins[min(int(confidence * BINS), BINS - 1)].append((confidence, _credit(posterior, truth)))
    gaps = (abs(math.fsum(confidence - right for confidence, right in members)) for members in bins.values())
    return math.fsum(gaps) / len(outcomes)


def _best_agent(questions: Sequence[Question]) -> float | None:
    right: Counter[str] = Counter()
    voted: Counter[str] = Counter()
    for question in questions:
        for vote in question.votes:
            voted[vote.agent] += 1
            right[vote.agent] += vote.verdict == question.truth
    regular = [agent for agent, count in voted.items() if count >= REGULAR * len(questions)]
    return max((right[agent] / voted[agent] for agent in regular), default=None)


def _majority(question: Question) -> float:
    """Credit of the plurality, shared in a tie."""
    counts = Counter(vote.verdict for vote in question.votes)
    most = max(counts.values())
    leaders = [verdict for verdict, count in counts.items() if count == most]
    return 1.0 / len(leaders) if question.truth in leaders else 0.0
