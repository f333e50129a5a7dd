"""The security agent's `exposure` step: is what the task brought affected by the vulnerabilities it is about?"""

import asyncio
import re
from collections.abc import Sequence

from workbench.core.agents import risk
from workbench.core.agents.base import StepContext
from workbench.core.agents.exposure import Place, Standing, as_finding, places
from workbench.core.agents.sections import section
from workbench.core.agents.threats import rank
from workbench.core.analysis.kinship import are_kin
from workbench.core.citations import best_quote, cite
from workbench.core.decisions import Proposal, QualityCheck
from workbench.core.evidence import Citation, Finding, Passage, PassageKind
from workbench.core.knowledge.documents import find_identifiers
from workbench.core.knowledge.shelf import load_vulnerability, nicknamed
from workbench.core.knowledge.shelf_entries import Vulnerability
from workbench.core.plan import StepOutcome
from workbench.core.tasks import CodeUnit, Task
from workbench.wording import counted

NAME = "security"
LINEAGE = "version comparison 1"

DESCRIPTION = "description"

MAX_CLOSE = 3
"""Vulnerabilities compared when the task names none: the closest of its evidence."""

TOLD = 12
"""Places told one by one in the stream, and half as many in the rationale."""

_OURS = re.compile(r"\b(?:we|our|us|installed|runs?|running|deployed|in production)\b", re.IGNORECASE)


async def check_exposure(context: StepContext, code_findings: Sequence[Finding]) -> StepOutcome:
    """Compare names and versions line by line; of the code's weaknesses those of the vulnerability's kind count.

    Says honestly when there is nothing to compare, and then has no opinion: all options are equally likely.
    """
    known = await _vulnerabilities(context)
    units = _material(context.task)
    if not known or not units:
        return await _nothing_to_compare(context, known)
    for vulnerability in known:
        ranges = "; ".join(str(affected) for affected in vulnerability.affected)
        await context.say(f"{vulnerability.id} affects {ranges}")
    compared = [(v, place) for v in known for place in places(units, v) if _tells(place)]
    for _, place in compared[:TOLD]:
        version = f" {place.version}" if place.version else ""
        await context.say(f"{place.file}, line {place.line}: {place.package}{version} {place.standing}")
    affected = [as_finding(place, v) for v, place in compared if place.standing is Standing.AFFECTED]
    weak = [finding for finding in code_findings if _is_of(finding, known)]
    citations, passages = await _cite_ranges(context, known)
    words = _words(known, [place for _, place in compared], weak)
    return StepOutcome(
        summary=" ".join(words),
        findings=(*affected, *weak),
        passages=passages,
        citations=citations,
        proposal=_proposal(context, [place for _, place in compared], (*affected, *weak), citations, words),
    )


async def _nothing_to_compare(context: StepContext, known: Sequence[Vulnerability]) -> StepOutcome:
    if known:
        line = (
            "Exposure could not be checked: nothing is attached to compare; attach an inventory, requirements or code "
            "to learn which of your systems are affected"
        )
    else:
        line = "Exposure could not be checked: no vulnerability with known affected versions is at hand to compare with"
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
    return place.file != DESCRIPTION or place.standing is not Standing.UNKNOWN


def _is_of(finding: Finding, known: Sequence[Vulnerability]) -> bool:
    return any(are_kin(finding.cwe, weakness) for vulnerability in known for weakness in vulnerability.weaknesses)


async def _cite_ranges(
    context: StepContext, known: Sequence[Vulnerability]
) -> tuple[tuple[Citation, ...], tuple[Passage, ...]]:
    """Where it stands which versions are affected, and the passages cited that the run did not begin with."""
    citations: list[Citation] = []
    beyond: dict[str, Passage] = {}
    begun = {passage.id for passage in context.evidence}
    for vulnerability in known:
        best = await section(context, vulnerability.id, PassageKind.VULNERABILITY, "Affected versions")
        if best is None:
            continue
        claim = f"{vulnerability.id} affects {'; '.join(str(affected) for affected in vulnerability.affected)}"
        citations.append(cite(claim, best, best_quote(best, claim)))
        if best.id not in begun:
            beyond[best.id] = best
    return tuple(citations), tuple(beyond.values())


def _words(known: Sequence[Vulnerability], compared: Sequence[Place], weak: Sequence[Finding]) -> list[str]:
    named = ", ".join(vulnerability.id for vulnerability in known)
    by = {standing: [place for place in compared if place.standing is standing] for standing in Standing}
    if compared:
        words = [f"{counted(len(compared), 'place names', 'places name')} a package that {named} affects."]
        words.append(_told(by[Standing.AFFECTED]) or "None of them has an affected version.")
        if outside := len(by[Standing.NOT_AFFECTED]):
            words.append(f"{counted(outside, 'place has', 'places have')} a version outside the range.")
    else:
        words = [f"Nothing attached names a package that {named} affects."]
    if by[Standing.UNKNOWN]:
        words.append(
            f"{counted(len(by[Standing.UNKNOWN]), 'place has', 'places have')} no version that could be compared."
        )
    if weak:
        words.append(f"The attached code has {counted(len(weak), 'weakness', 'weaknesses')} of the same kind.")
    return words


def _told(affected: Sequence[Place]) -> str:
    if not affected:
        return ""
    lines = "; ".join(
        f"{place.package} {place.version} ({f'{place.told}; ' if place.told else ''}{place.file}, line {place.line})"
        for place in affected[: TOLD // 2]
    )
    more = f" and {len(affected) - TOLD // 2} more" if len(affected) > TOLD // 2 else ""
    return f"Affected: {lines}{more}."


def _proposal(
    context: StepContext,
    compared: Sequence[Place],
    findings: Sequence[Finding],
    citations: tuple[Citation, ...],
    words: Sequence[str],
) -> Proposal:
    task = context.task
    decided = sum(place.standing is not Standing.UNKNOWN for place in compared)
    basis = "Names and versions were compared; no machine was looked at and no language model was used."
    return Proposal(
        agent=NAME,
        step=context.step.id,
        domain=task.domain,
        probabilities=exposure_opinion(compared, findings, task.verdicts),
        rationale=" ".join([*words, basis]),
        findings=tuple(findings),
        citations=citations,
        checks=(
            QualityCheck(name="citations that hold", passed=sum(c.holds for c in citations), total=len(citations)),
            QualityCheck(name="versions that could be compared", passed=decided, total=len(compared)),
        ),
        lineage=LINEAGE,
    )


def exposure_opinion(
    compared: Sequence[Place], findings: Sequence[Finding], options: Sequence[str]
) -> dict[str, float]:
    """Probabilities over a research task's options (most permissive first) from what was compared.

    An affected place, or a weakness of the same kind in the code, speaks for acting now with its confidence, the rest
    for scheduling. Places that were compared and are not affected speak for not being affected; versions that are not
    known for a look, which is to schedule. Where nothing could be compared the opinion is even, which is none.
    """
    sure = max((finding.confidence for finding in findings), default=0.0)
    if sure:
        return risk.spread(risk.Masses(0.0, 1.0 - 0.9 * sure, 0.9 * sure), 2 * risk.DOUBT, options)
    if not compared:
        return risk.spread(risk.Masses(0.0, 1.0, 0.0), 1.0, options)
    unknown = sum(place.standing is Standing.UNKNOWN for place in compared) / len(compared)
    return risk.spread(risk.Masses(0.85 * (1.0 - unknown), 0.15 + 0.85 * unknown, 0.0), 2 * risk.DOUBT, options)
