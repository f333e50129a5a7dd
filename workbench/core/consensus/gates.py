"""Gates: confirmed findings of high severity, which no vote outweighs."""

from collections.abc import Sequence

from workbench.core.decisions import Gate, Proposal
from workbench.core.evidence import Finding, Severity
from workbench.wording import percent

CONFIRMED = 0.8
"""Confidence from which one analyser's finding is confirmed; below it a second witness is needed."""


def gates_of(proposals: Sequence[Proposal]) -> tuple[Gate, ...]:
    """The gates that stand, one for each place and weakness. Witnesses of several agents' reports add up."""
    reports: dict[str, list[Finding]] = {}
    for proposal in sorted(proposals, key=lambda proposal: proposal.agent):
        for finding in proposal.findings:
            if finding.severity is Severity.HIGH:
                reports.setdefault(finding.fingerprint, []).append(finding)
    return tuple(
        Gate(reason=_reason(found), fingerprint=fingerprint)
        for fingerprint, found in reports.items()
        if _is_confirmed(found)
    )


def leading(posterior: Sequence[float], gated: bool) -> int:
    """Index of the verdict: the likeliest option, of equals the safer; never the most permissive with a gate."""
    allowed = range(1 if gated else 0, len(posterior))
    return max(allowed, key=lambda index: (posterior[index], index))


def leading_two(posterior: Sequence[float], gated: bool, *, cautious: bool = False) -> tuple[int, int]:
    """Indices of the verdict and of the runner-up. Where `cautious`, the safer of the two is the verdict."""
    first = leading(posterior, gated)
    second = max((i for i in range(len(posterior)) if i != first), key=lambda index: (posterior[index], index))
    return (max(first, second), min(first, second)) if cautious else (first, second)


def _is_confirmed(found: Sequence[Finding]) -> bool:
    witnesses = {witness for finding in found for witness in finding.witnesses}
    return len(witnesses) >= 2 or max(finding.confidence for finding in found) >= CONFIRMED


def _reason(found: Sequence[Finding]) -> str:
    surest = max(found, key=lambda finding: finding.confidence)
    weakness = f"{surest.cwe} " if surest.cwe else ""
    witnesses = sorted({witness for finding in found for witness in finding.witnesses})
    seen = f", seen by {' and '.join(witnesses)}" if witnesses else ""
    return (
        f"{weakness}{surest.title} in {surest.file}, line {surest.line_start} "
        f"(high severity, confidence {percent(surest.confidence)}{seen})"
    )
