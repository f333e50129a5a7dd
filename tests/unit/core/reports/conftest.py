"""The rich run, and ways to bend it."""

import pytest

from tests import sample_run
from workbench.core import events as ev
from workbench.core.evidence import Exposure, Place
from workbench.core.plan import StepOutcome
from workbench.core.reports import ReportOptions
from workbench.core.run_state import RunState
from workbench.core.tasks import Task

HOSTILE = (
    '<script>alert(1)</script> <img src=http://evil.example/x> #eval("1") $x$ *b* _i_ [link](http://evil.example) '
    '"]) #panic() \\u{1F} {{ 7*7 }} {% raw %} ``` | cell | &amp; <!-- --> http://evil.example www.evil.example '
    "\u202egnp.exe\u202c a\u200bb \x1b[31mred\x07 e" + "\u0301" * 40 + " " + "A" * 600 + " https\u2028//x @everyone"
)
"""What an attacker would put into a task, a document or a file name, in one string."""


@pytest.fixture
def state() -> RunState:
    return sample_run.state()


@pytest.fixture
def options() -> ReportOptions:
    return ReportOptions(organisation="Example Product Security", author="A. Analyst")


@pytest.fixture
def hostile_state() -> RunState:
    """A run in which every text that comes from outside is HOSTILE."""
    finding = sample_run.a_finding(
        title=HOSTILE, explanation=HOSTILE, fix=HOSTILE, excerpt=HOSTILE, rule=HOSTILE, file=HOSTILE, cwe=HOSTILE,
        witnesses=(HOSTILE,),
    )  # fmt: skip
    passage = ev.Passage(
        id="p", source=HOSTILE, document_id="d", title=HOSTILE, text=HOSTILE, identifiers=(HOSTILE,),
        location=ev.Location(path=HOSTILE, heading=HOSTILE),
    )  # fmt: skip
    citation = ev.Citation(claim=HOSTILE, passage_id="p", quote=HOSTILE)
    draft = ev.CodeDraft(
        name=HOSTILE, language=HOSTILE, text=HOSTILE, basis=HOSTILE, changes=(HOSTILE,), diff=f"+{HOSTILE}"
    )
    proposal = ev.Proposal(
        agent=HOSTILE, step="s", domain=HOSTILE, probabilities={HOSTILE: 0.6, "no": 0.4}, rationale=HOSTILE,
        lineage=HOSTILE, citations=(citation,), checks=(ev.QualityCheck(name=HOSTILE, passed=0, total=1),),
    )  # fmt: skip
    contribution = ev.Contribution(
        agent=HOSTILE, verdict=HOSTILE, confidence=0.6, log_odds={HOSTILE: 0.2, "no": -0.2}, parts={HOSTILE: 0.2},
        domain=HOSTILE,
    )  # fmt: skip
    task = Task.model_validate(
        {"kind": "review", "title": HOSTILE[:300], "description": HOSTILE, "options": (HOSTILE, "no"),
         "attachments": ({"name": HOSTILE, "language": HOSTILE, "text": HOSTILE},)}
    )  # fmt: skip
    step = ev.Step(id="s", agent=HOSTILE, action="review", title=HOSTILE, goal=HOSTILE)
    outcome = StepOutcome(
        summary=HOSTILE,
        findings=(finding,),
        citations=(citation,),
        drafts=(draft,),
        places=(
            Place(
                file=HOSTILE, line=1, text=HOSTILE, told=HOSTILE, package=HOSTILE, version=HOSTILE, fixed_in=HOSTILE,
                standing=Exposure.AFFECTED, vulnerability=HOSTILE, affected_range=HOSTILE,
            ),
        ),
        briefings=(ev.Briefing(title=HOSTILE, reached=HOSTILE, points=(citation,)),),
    )  # fmt: skip
    return RunState.from_events(
        sample_run.journal(
            [
                ev.RunStarted(task=task, versions={HOSTILE: HOSTILE}),
                ev.AttemptStarted(),
                ev.SourceAnswered(
                    status=ev.SourceStatus(source=HOSTILE, state=ev.SourceState.ERROR, detail=HOSTILE)
                ),
                ev.EvidenceFound(passages=(passage,)),
                ev.PlanMade(plan=ev.Plan(steps=(step,)), reason=HOSTILE),
                ev.StepStarted(step="s", agent=HOSTILE),
                ev.StepFinished(step="s", agent=HOSTILE, outcome=outcome),
                ev.ProposalSealed(proposal=proposal),
                ev.Notice(level="warning", text=HOSTILE),
                ev.LeftTheMachine(host=HOSTILE, purpose=HOSTILE, bytes_sent=1),
                ev.DecisionMade(
                    decision=sample_run.decision(
                        verdict=HOSTILE, reason=HOSTILE, posterior={HOSTILE: 0.6, "no": 0.4},
                        prior={HOSTILE: 0.5, "no": 0.5}, contributions=(contribution,), dissent=(HOSTILE,),
                        runner_up="no", gates=(ev.Gate(reason=HOSTILE, fingerprint="x"),), algorithm=HOSTILE,
                    )
                ),
                ev.RunFailed(reason=HOSTILE),
            ]
        )
    )  # fmt: skip
