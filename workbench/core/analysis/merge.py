"""Several analysers, one list: what they saw at the same place becomes one finding with several witnesses."""

from collections.abc import Sequence

from workbench.core.analysis.bandit_rules import TOPIC_OF
from workbench.core.analysis.base import Examined, Sightings
from workbench.core.analysis.kinship import are_kin
from workbench.core.evidence import Finding

WITNESS_GAIN = 0.3
"""Share of the remaining doubt that a second witness takes away. Analysers that read the same text err together, so
it is far less than independence would give."""


def merge(sightings: Sequence[Sightings]) -> tuple[Finding, ...]:
    """All findings in line order, those at the same lines with a related weakness put together.

    `sightings` come closest look first: of merged findings the first one's words and severity stand. A finding whose
    topic an earlier analyser examined at its lines without a finding is left out: it looked, and found it harmless.
    """
    kept: list[Finding] = []
    examined: list[Examined] = []
    for sighting in sightings:
        for finding in sighting.findings:
            twin = next((i for i, other in enumerate(kept) if _same_place(finding, other)), None)
            if twin is not None:
                kept[twin] = _together(kept[twin], finding)
            elif not _answered(finding, examined):
                kept.append(finding)
        examined += sighting.examined
    return tuple(sorted(kept, key=lambda finding: (finding.line_start, -finding.severity.rank, finding.rule)))


def _same_place(one: Finding, other: Finding) -> bool:
    overlap = one.line_start <= other.line_end and other.line_start <= one.line_end
    return overlap and are_kin(one.cwe, other.cwe)


def _answered(finding: Finding, examined: Sequence[Examined]) -> bool:
    topic = TOPIC_OF.get(finding.rule.removeprefix("bandit:"))
    return any(
        look.topic == topic and look.line_start <= finding.line_end and finding.line_start <= look.line_end
        for look in examined
    )


def _together(first: Finding, second: Finding) -> Finding:
    witnesses = tuple(dict.fromkeys((*first.witnesses, *second.witnesses)))
    sure = max(first.confidence, second.confidence)
    if len(witnesses) > len(first.witnesses):
        sure = min(first.confidence, second.confidence) * WITNESS_GAIN * (1 - sure) + sure
    severity = (
        first.severity if first.witnesses != second.witnesses else max(first.severity, second.severity, key=_rank)
    )
    return first.model_copy(
        update={
            "witnesses": witnesses,
            "confidence": round(min(sure, 0.99), 3),
            "severity": severity,
            "fix": first.fix or second.fix,
        }
    )


def _rank(severity: object) -> int:
    return ("low", "medium", "high").index(str(severity))
