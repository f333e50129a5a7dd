"""The security agent's `exposure` step: is what the task brought affected by the vulnerabilities it is about?"""

import asyncio
import re
from collections.abc import Sequence

from workbench.core.agents import exposure_words as words
from workbench.core.agents import risk
from workbench.core.agents.base import StepContext
from workbench.core.agents.exposure_words import DESCRIPTION, EXPOSED, affects
from workbench.core.agents.sections import section
from workbench.core.agents.threats import rank
from workbench.core.analysis.kinship import are_kin
from workbench.core.citations import best_quote, cite
from workbench.core.decisions import Proposal, QualityCheck
from workbench.core.evidence import Citation, Exposure, Finding, Passage, PassageKind, Place
from workbench.core.exposure.survey import as_finding, survey
from workbench.core.knowledge.documents import find_identifiers
from workbench.core.knowledge.shelf import load_vulnerability, nicknamed
from workbench.core.knowledge.shelf_entries import Vulnerability
from workbench.core.plan import StepOutcome
from workbench.core.tasks import CodeUnit, Task

NAME = "security"
LINEAGE = "version comparison 1"

MAX_CLOSE = 3
"""Vulnerabilities compared when the task names none: the closest of its evidence."""

MAX_CITED = 20
"""Vulnerabilities whose affected versions are quoted, the affected first."""

MAX_RANGES = 4
"""Ranges told of one vulnerability in a claim."""

NOT_ASKED_DOUBT = 0.5
"""Share of an even distribution where nothing attached has a known vulnerability and the task asks about none."""

_OURS = re.compile(r"\b(?:we|our|us|installed|runs?|running|deployed|in production)\b", re.IGNORECASE)


async def check_exposure(context: StepContext, code_findings: Sequence[Finding]) -> StepOutcome:
    """Compare names and versions line by line; of the code's weaknesses those of the vulnerability's kind count.

    Says honestly when there is nothing to compare, and then has no opinion: all options are equally likely.
    """
    known = await _vulnerabilities(context)
    units = _material(context.task)
    if not units:
        return await _nothing_to_compare(context)
    for vulnerability in known:
        await context.say(f"{vulnerability.id} affects {affects(vulnerability)}")
    surveyed = await asyncio.to_thread(survey, units, known)
    places = sorted((place for place in surveyed if _tells(place)), key=_worst_first)
    for line in words.spoken(places):
        await context.say(line)
    affected = [as_finding(place) for place in places if place.standing in EXPOSED]
    weak = [finding for finding in code_findings if _is_of(finding, known)]
    citations, passages = await _cite_ranges(context, known, places)
    lines = words.summary(known, places, weak)
    return StepOutcome(
        summary=" ".join(lines),
        findings=(*affected, *weak),
        passages=passages,
        citations=citations,
        places=tuple(places),
        proposal=_proposal(context, places, (*affected, *weak), citations, lines),
    )


def _worst_first(place: Place) -> tuple[int, bool, bool]:
    """Affected first; of equals those known to be exploited, then those whose line says internet."""
    return place.standing.rank, not place.exploited, "internet" not in place.text.lower()


async def _nothing_to_compare(context: StepContext) -> StepOutcome:
    line = (
        "Exposure could not be checked: nothing is attached to compare; attach an inventory, requirements or code "
        "to learn which of your systems are affected"
    )
    await context.say(line)
    return StepOutcome(summary=f"{line}.", proposal=_proposal(context, [], (), (), [f"{line}."]))


def _material(task: Task) -> list[CodeUnit]:
    """What is compared: all attachments, and the sentences of the description that speak of one's own systems."""
    lines = re.split(r"(?<=[.!?;])\s+|\n", task.description)
    own = [line if _OURS.search(line) and "?" not in line else "" for line in lines]
    described = [CodeUnit(name=DESCRIPTION, language="text", text="\n".join(own))] if any(own) else []
    return [*task.code_units, *described]


async def _vulnerabilities(context: StepContext) -> list[Vulnerability]:
    """Those named in the task, else the closest of its evidence; only those whose affected versions are known."""
    passages = [*context.evidence, *(p for outcome in context.inputs.values() for p in outcome.passages)]
    question = context.task.question
    said = dict.fromkeys([*find_identifiers(question), *nicknamed(question)])
    named = [name for name in said if name.startswith("CVE-")]
    close = [threat.id for threat in rank(passages, named) if threat.kind is PassageKind.VULNERABILITY]
    found = [await asyncio.to_thread(load_vulnerability, name) for name in named or close[:MAX_CLOSE]]
    return [vulnerability for vulnerability in found if vulnerability is not None]


def _tells(place: Place) -> bool:
    """A description may speak of a package in passing; there only a name with its version says what is in use."""
    return place.file != DESCRIPTION or place.standing is not Exposure.UNKNOWN


def _is_of(finding: Finding, known: Sequence[Vulnerability]) -> bool:
    return any(are_kin(finding.cwe, weakness) for vulnerability in known for weakness in vulnerability.weaknesses)


async def _cite_ranges(
    context: StepContext, known: Sequence[Vulnerability], places: Sequence[Place]
) -> tuple[tuple[Citation, ...], tuple[Passage, ...]]:
    """Where it stands which versions are affected, and the passages cited that the run did not begin with."""
    citations: list[Citation] = []
    beyond: dict[str, Passage] = {}
    begun = {passage.id for passage in context.evidence}
    for cve, claim in list(_claims(known, places).items())[:MAX_CITED]:
        best = await section(context, cve, PassageKind.VULNERABILITY, "Affected versions")
        if best is None:
            continue
        citations.append(cite(claim, best, best_quote(best, claim)))
        if best.id not in begun:
            beyond[best.id] = best
    return tuple(citations), tuple(beyond.values())


def _claims(known: Sequence[Vulnerability], places: Sequence[Place]) -> dict[str, str]:
    """What is affected, by vulnerability: the package as it stands there and the ranges that hit, else all ranges."""
    hits: dict[str, dict[str, None]] = {}
    for place in places:
        if place.standing in EXPOSED:
            hits.setdefault(place.vulnerability, {})[f"{place.package} {place.affected_range}"] = None
    claims = {cve: f"{cve} affects {'; '.join(list(said)[:MAX_RANGES])}" for cve, said in hits.items()}
    return claims | {v.id: f"{v.id} affects {affects(v)}" for v in known if v.id not in claims}


def _proposal(
    context: StepContext,
    compared: Sequence[Place],
    findings: Sequence[Finding],
    citations: tuple[Citation, ...],
    lines: Sequence[str],
) -> Proposal:
    task = context.task
    decided = sum(place.standing is not Exposure.UNKNOWN for place in compared)
    basis = "Names and versions were compared; no machine was looked at and no language model was used."
    return Proposal(
        agent=NAME,
        step=context.step.id,
        domain=task.domain,
        probabilities=exposure_opinion(
            compared, findings, task.verdicts, asked=any(place.vulnerability for place in compared)
        ),
        rationale=" ".join([*lines, basis]),
        findings=tuple(findings),
        citations=citations,
        checks=(
            QualityCheck(name="citations that hold", passed=sum(c.holds for c in citations), total=len(citations)),
            QualityCheck(name="versions that could be compared", passed=decided, total=len(compared)),
        ),
        lineage=LINEAGE,
    )


def exposure_opinion(
    compared: Sequence[Place], findings: Sequence[Finding], options: Sequence[str], *, asked: bool = True
) -> dict[str, float]:
    """Probabilities over a research task's options (most permissive first) from what was compared.

    An affected place, or a weakness of the same kind in the code, speaks for acting now with its confidence, the rest
    for scheduling. Places that were compared and are not affected speak for not being affected; versions that are not
    known for a look, which is to schedule. Where nothing could be compared the opinion is even, which is none. Where
    nothing was `asked` about a vulnerability, "none of those known" says less: most are not on the shelf.
    """
    sure = max((finding.confidence for finding in findings), default=0.0)
    if sure:
        return risk.spread(risk.Masses(0.0, 1.0 - 0.9 * sure, 0.9 * sure), 2 * risk.DOUBT, options)
    if not compared:
        return risk.spread(risk.Masses(0.0, 1.0, 0.0), 1.0, options)
    unknown = sum(place.standing is Exposure.UNKNOWN for place in compared) / len(compared)
    doubt = 2 * risk.DOUBT if asked else NOT_ASKED_DOUBT
    return risk.spread(risk.Masses(0.85 * (1.0 - unknown), 0.15 + 0.85 * unknown, 0.0), doubt, options)
