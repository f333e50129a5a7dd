"""How close a passage is to a question, on a scale that means the same for every question."""


def relevance(cosine: float | None, coverage: float) -> float:
    """From the cosine of their vectors and the share of the question's words that the passage has: 0 to 1.

    Without a cosine (the embedder was not ready) the words decide alone.
    """
    if cosine is None:
        return coverage
    return min(1.0, max(0.0, 0.5 * cosine + 0.5 * coverage))
