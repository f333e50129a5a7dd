"""The project manager: plans a task as a graph of steps, and sends a draft with serious findings back."""

from collections.abc import Mapping, Sequence

from workbench.core.evidence import Finding, Passage, Severity
from workbench.core.plan import Plan, Step, StepOutcome, make_plan
from workbench.core.tasks import Task, TaskKind
from workbench.wording import counted

NAME = "project manager"
MAX_REWORKS = 2
"""How often a draft goes back to the code agent before the decision is taken as it is."""

SERIOUS_CONFIDENCE = 0.5
"""A finding of high severity sends a draft back from this confidence on: more likely real than not."""


def plan(task: Task, evidence: Sequence[Passage]) -> tuple[Plan, str]:
    """The plan for a task, and why it is this one. Steps without a path between them run side by side."""
    steps = _PLANS[task.kind](task)
    found = (
        f"{counted(len(evidence), 'passage')} at hand"
        if evidence
        else "no evidence found, so the agents rely on analysis"
    )
    return make_plan(steps), f"{_REASONS[task.kind]}; {found}"


def revise(current: Plan, outcomes: Mapping[str, StepOutcome]) -> tuple[Plan, str] | None:
    """The plan with another round of repair and review, when the latest review of a draft found something serious.

    None when nothing is to change: no draft under review, nothing serious, or MAX_REWORKS rounds were made.
    """
    reviews = [step for step in current.steps if step.action == "review_draft"]
    if not reviews or reviews[-1].id not in outcomes or len(reviews) > MAX_REWORKS:
        return None
    serious = [finding for finding in outcomes[reviews[-1].id].findings if is_serious(finding)]
    if not serious:
        return None
    round_ = len(reviews)
    repair = Step(
        id=f"repair-{round_}",
        agent="code",
        action="repair_draft",
        title=f"Repair the draft (round {round_})",
        goal="Remove what the review found: " + "; ".join(finding.title for finding in serious),
        inputs=(*reviews[-1].inputs, reviews[-1].id),
    )
    review = Step(
        id=f"review-{round_ + 1}",
        agent="security",
        action="review_draft",
        title=f"Review the draft again (round {round_})",
        goal="Check that the findings are gone and nothing new came in",
        inputs=(repair.id,),
    )
    reason = (
        f"The review found {counted(len(serious), 'serious weakness', 'serious weaknesses')}, so the draft goes back"
    )
    return make_plan((*current.steps, repair, review)), reason


def is_serious(finding: Finding) -> bool:
    """Whether a finding alone is reason enough to send a draft back."""
    return finding.severity is Severity.HIGH and finding.confidence >= SERIOUS_CONFIDENCE


def _draft(task: Task) -> tuple[Step, ...]:
    return (
        _threats("Find what threatens code of this kind, so that the review looks for it"),
        Step(
            id="draft",
            agent="code",
            action="draft",
            title="Draft the code",
            goal=f"Write what is asked for in {task.language}, from a recipe or the user's own code",
        ),
        Step(
            id="review",
            agent="security",
            action="review_draft",
            title="Review the draft",
            goal="Find weaknesses in the draft; serious ones send it back",
            inputs=("draft",),
        ),
    )


def _review(task: Task) -> tuple[Step, ...]:
    return (
        Step(
            id="read",
            agent="code",
            action="read",
            title="Read the code",
            goal="Parse it, list entry points and dependencies, and say what could not be read",
        ),
        _analyse(),
        _threats("Find the weaknesses, techniques and known vulnerabilities that bear on this code"),
        Step(
            id="repair",
            agent="code",
            action="repair",
            title="Repair what can be repaired",
            goal="Patch findings where a known fix applies, and keep the public names",
            inputs=("read", "analyse"),
        ),
        Step(
            id="recheck",
            agent="security",
            action="recheck",
            title="Check the repair",
            goal="Analyse the patched code again: what is gone, what stays, what is new",
            inputs=("analyse", "repair"),
        ),
    )


def _research(task: Task) -> tuple[Step, ...]:
    return (
        _threats("Find the vulnerabilities, weaknesses and techniques that the question is about"),
        Step(
            id="exposure",
            agent="security",
            action="exposure",
            title="Check the exposure",
            goal="Compare attached code, versions and the description with what is affected",
            inputs=("threats",),
        ),
        Step(
            id="mitigate",
            agent="code",
            action="mitigate",
            title="Find what prevents it",
            goal="Find the recipes that prevent the weaknesses found",
            inputs=("threats",),
        ),
        Step(
            id="dossier",
            agent="research",
            action="dossier",
            title="Write the dossier",
            goal="Rank what was found and say how urgent it is",
            inputs=("threats", "exposure", "mitigate"),
        ),
    )


def _assess(task: Task) -> tuple[Step, ...]:
    return (
        Step(
            id="change",
            agent="code",
            action="change",
            title="Read the change",
            goal="Say what the change adds, removes and touches",
        ),
        _analyse(),
        _threats("Find what threatens a system that takes this change"),
        Step(
            id="mitigate",
            agent="code",
            action="mitigate",
            title="Find the conditions",
            goal="Find the recipes that would make the change acceptable",
            inputs=("change", "analyse", "threats"),
        ),
        Step(
            id="weigh",
            agent="security",
            action="weigh",
            title="Weigh the change",
            goal="Weigh findings and threats against the change",
            inputs=("change", "analyse"),
        ),
    )


def _threats(goal: str) -> Step:
    return Step(id="threats", agent="research", action="threats", title="Find the threats", goal=goal)


def _analyse() -> Step:
    return Step(
        id="analyse",
        agent="security",
        action="analyse",
        title="Analyse the code",
        goal="Run the analysers over all code of the task; it is parsed, never run",
    )


_PLANS = {
    TaskKind.DRAFT: _draft,
    TaskKind.REVIEW: _review,
    TaskKind.RESEARCH: _research,
    TaskKind.ASSESS: _assess,
}
_REASONS = {
    TaskKind.DRAFT: "Research runs beside the draft; the review follows, and serious findings send the draft back",
    TaskKind.REVIEW: "Reading, analysis and research run side by side; repairs follow and are analysed again",
    TaskKind.RESEARCH: "Threats first; exposure and mitigation side by side; the dossier draws them together",
    TaskKind.ASSESS: "Change, analysis and threats are read side by side, then conditions and risk are weighed",
}
