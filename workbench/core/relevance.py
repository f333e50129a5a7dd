"""How close a passage is to a question, on a scale that means the same for every question."""

import math

BIAS, COSINE, COVERAGE, SOFTNESS = -7.9, 18.9, 6.9, 3.0
"""Logistic regression that tells relevant passages from the best that a library of another field offers, fitted on
638 judged pairs of SciFact (training judgements) and CoSQA (development judgements) and on 400 questions asked in the
other's library; it tells 99.6 % of them apart. SOFTNESS flattens it, so that degrees of closeness stay visible, and
leaves its boundary at .5. The fit is of all-MiniLM-L6-v2; another model needs another."""

RECORD_BIAS, RECORD_TEXT, RECORD_QUESTION, RECORD_COVERAGE = -11.1, 9.93, 11.16, 3.28
"""The same for a record that says which questions it answers: fitted on benchmarks/shelf_questions/chosen_on.jsonl, the
questions that the shelf answers and those that it does not weighing the same. In five-fold cross-validation 97 % of the
strangers fell below the boundary and 3 % of the others; of the held-out questions all of 25 and 7 of 150."""


def relevance(cosine: float | None, coverage: float) -> float:
    """From the cosine of their vectors and the share of the question's words that the passage has: 0 to 1.

    Below .5 a passage is more like the nearest thing in a library about something else than like an answer. Without
    a cosine (the embedder was not ready) the words decide alone.
    """
    if cosine is None:
        return min(1.0, max(0.0, coverage))
    return _flattened(BIAS + COSINE * cosine + COVERAGE * coverage)


def record_relevance(text: float, question: float, coverage: float) -> float:
    """Of a record: from the cosines of its nearest passage and its nearest question, and the share of words it has."""
    return _flattened(RECORD_BIAS + RECORD_TEXT * text + RECORD_QUESTION * question + RECORD_COVERAGE * coverage)


def _flattened(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds / SOFTNESS))
