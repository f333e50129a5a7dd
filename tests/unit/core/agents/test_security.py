from collections.abc import AsyncIterator

import pytest

from workbench.core.agents.base import StepContext
from workbench.core.agents.project_manager import plan
from workbench.core.agents.security import SecurityAgent, code_of
from workbench.core.agents.security_compare import compare, stood_before
from workbench.core.analysis.repair import RepairRequest
from workbench.core.analysis.worker import AnalysisWorker
from workbench.core.evidence import CodeDraft, Finding, Location, Passage, PassageKind
from workbench.core.plan import Step, StepOutcome
from workbench.core.tasks import CodeUnit, Task, TaskKind, make_task
from workbench.core.values import WorkbenchError

VIEW = """\
import os
from flask import request

@app.route("/ping")
def ping():
    host = request.args["host"]
    os.system("ping -c 1 " + host)
    return "done"
"""

WEAKNESS = Passage(
    id="p78",
    source="starter knowledge",
    document_id="d",
    title="CWE-78 OS command injection",
    text="A program starts a shell with text from outside in it. Whoever controls the text runs commands of their own.",
    kind=PassageKind.WEAKNESS,
    identifiers=("CWE-78",),
    score=0.9,
    location=Location(heading="What it is"),
)


class Library:
    """Answers every question with the same passages of the wanted kinds."""

    def __init__(self, *passages: Passage) -> None:
        self.passages = passages
        self.asked: list[str] = []

    async def search(self, question: str, *, kinds: tuple[PassageKind, ...] = (), limit: int = 10) -> list[Passage]:
        self.asked.append(question)
        return [passage for passage in self.passages if not kinds or passage.kind in kinds][:limit]


class Stage:
    """Runs single steps of a task's own plan with one agent."""

    def __init__(self, task: Task, agent: SecurityAgent, library: Library) -> None:
        self.task, self.agent, self.library = task, agent, library
        self.said: list[str] = []
        self.outcomes: dict[str, StepOutcome] = {}
        self.steps = {step.id: step for step in plan(task, ())[0].steps}

    async def run(self, step_id: str) -> StepOutcome:
        step = self.steps[step_id]
        inputs = {name: self.outcomes[name] for name in step.inputs if name in self.outcomes}

        async def say(text: str) -> None:
            self.said.append(text)

        async def keep_note(title: str, text: str) -> None:
            raise AssertionError("the security agent writes no notes")

        context = StepContext(self.task, step, (), inputs, self.library.search, keep_note, say)
        self.outcomes[step_id] = await self.agent.perform(context)
        return self.outcomes[step_id]


@pytest.fixture
async def agent() -> AsyncIterator[SecurityAgent]:
    worker = AnalysisWorker()
    yield SecurityAgent(worker)
    await worker.close()


def a_stage(agent: SecurityAgent, kind: TaskKind, *passages: Passage, **fields: object) -> Stage:
    task = make_task({"kind": kind, "title": "Is this safe?", **fields})
    return Stage(task, agent, Library(*passages))


def verdict(outcome: StepOutcome) -> str:
    assert outcome.proposal is not None
    return outcome.proposal.verdict


async def test_analyse_reports_findings_and_leaves_the_opinion_to_the_last_step(agent: SecurityAgent) -> None:
    stage = a_stage(agent, TaskKind.REVIEW, code=VIEW)
    outcome = await stage.run("analyse")
    assert [finding.cwe for finding in outcome.findings] == ["CWE-78"]
    assert outcome.proposal is None
    assert any("line 7" in line for line in stage.said)


async def test_a_review_after_repair_says_what_is_gone_and_cites_the_weakness(agent: SecurityAgent) -> None:
    stage = a_stage(agent, TaskKind.REVIEW, WEAKNESS, code=VIEW)
    found = (await stage.run("analyse")).findings
    unit = stage.task.code_units[0]
    repair = await agent._worker.repair(RepairRequest(unit=unit, findings=found))
    draft = CodeDraft(name=unit.name, language="python", text=repair.text, basis="known fixes")
    stage.outcomes["repair"] = StepOutcome(summary="repaired", drafts=(draft,))
    outcome = await stage.run("recheck")
    proposal = outcome.proposal
    assert proposal is not None
    assert proposal.verdict == "safe after fixes"
    assert proposal.findings == found
    assert "Before the repair 1, after it 0: 1 gone, 0 as before" in outcome.summary
    assert [(c.passage_id, c.holds) for c in proposal.citations] == [("p78", True)]
    assert outcome.passages == (WEAKNESS,)
    assert {check.name: (check.passed, check.total) for check in proposal.checks} == {
        "citations that hold": (1, 1), "code read whole": (1, 1), "findings confirmed by analysing again": (1, 1),
    }  # fmt: skip


async def test_a_review_without_repair_keeps_its_findings(agent: SecurityAgent) -> None:
    stage = a_stage(agent, TaskKind.REVIEW, code=VIEW)
    await stage.run("analyse")
    assert verdict(await stage.run("recheck")) == "do not use"


async def test_clean_code_is_called_safe_and_never_proven_safe(agent: SecurityAgent) -> None:
    stage = a_stage(agent, TaskKind.REVIEW, code="def double(number):\n    return 2 * number\n")
    await stage.run("analyse")
    outcome = await stage.run("recheck")
    assert verdict(outcome) == "safe"
    assert outcome.proposal is not None
    assert outcome.proposal.confidence < 0.9
    assert any("no proof" in line for line in stage.said)


async def test_what_could_not_be_read_is_said_and_makes_the_opinion_even(agent: SecurityAgent) -> None:
    stage = a_stage(agent, TaskKind.REVIEW, code="int main() { gets(s); }\n", language="c")
    await stage.run("analyse")
    outcome = await stage.run("recheck")
    assert outcome.proposal is not None
    assert list(outcome.proposal.probabilities.values()) == pytest.approx([1 / 3] * 3)
    assert outcome.proposal.rationale.startswith("pasted code was not analysed: there is no analyser for C.")
    assert "No weakness" not in outcome.proposal.rationale
    assert outcome.proposal.quality == 0


async def test_a_draft_is_reviewed_and_no_draft_is_never_safe(agent: SecurityAgent) -> None:
    stage = a_stage(agent, TaskKind.DRAFT, description="write a ping")
    stage.outcomes["draft"] = StepOutcome(summary="nothing fits")
    assert verdict(await stage.run("review")) != "safe"
    bad = CodeDraft(name="ping.py", language="python", text=VIEW, basis="recipe")
    stage.outcomes["draft"] = StepOutcome(summary="drafted", drafts=(bad,))
    outcome = await stage.run("review")
    assert [finding.file for finding in outcome.findings] == ["ping.py"]
    assert verdict(outcome) == "do not use"


DIFF = """\
--- a/client.py
+++ b/client.py
@@ -10,3 +10,4 @@
 import os, requests
 os.system("ls " + os.environ["D"] + requests.__version__ + name)
-requests.get(URL, timeout=5)
+requests.get(URL, timeout=5,
+             verify=False)
"""


async def test_of_a_change_only_what_it_brings_in_is_weighed(agent: SecurityAgent) -> None:
    stage = a_stage(agent, TaskKind.ASSESS, attachments=[{"name": "c.diff", "language": "diff", "text": DIFF}])
    outcome = await stage.run("analyse")
    assert [(finding.cwe, finding.file, finding.line_start) for finding in outcome.findings] == [
        ("CWE-295", "client.py", 12)
    ]
    stage.outcomes["change"] = StepOutcome(summary="read")
    weighed = await stage.run("weigh")
    assert verdict(weighed) in {"accept with conditions", "refuse"}
    assert "the rest of the files was not shown" in weighed.summary


async def test_exposure_names_the_affected_lines(agent: SecurityAgent) -> None:
    inventory = {"name": "i.csv", "language": "text", "text": "host,package,version\na,xz-utils,5.6.1-1\nb,xz,5.4.1\n"}
    stage = a_stage(agent, TaskKind.RESEARCH, description="Does CVE-2024-3094 concern us?", attachments=[inventory])
    stage.outcomes["threats"] = StepOutcome(summary="found")
    outcome = await stage.run("exposure")
    assert [(finding.file, finding.line_start) for finding in outcome.findings] == [("i.csv", 2)]
    assert verdict(outcome) == "act now"


async def test_exposure_with_nothing_to_compare_says_so(agent: SecurityAgent) -> None:
    stage = a_stage(agent, TaskKind.RESEARCH, description="Does CVE-2024-3094 concern us?")
    stage.outcomes["threats"] = StepOutcome(summary="found")
    outcome = await stage.run("exposure")
    assert "nothing is attached to compare" in outcome.summary
    assert outcome.findings == ()


async def test_exposure_of_an_inventory_needs_no_name_of_a_vulnerability(agent: SecurityAgent) -> None:
    inventory = {"name": "i.csv", "language": "text", "text": "host,exposure,package,version\na,lan,openssl,1.0.1f\n"
                 "b,internet,xz,5.6.1\nc,internet,openssl,3.0.9\nd,internet,openssl,1.0.1f\n"}  # fmt: skip
    stage = a_stage(agent, TaskKind.RESEARCH, description="Which must be patched?", attachments=[inventory])
    stage.outcomes["threats"] = StepOutcome(summary="found")
    outcome = await stage.run("exposure")
    assert "known vulnerabilities were compared with 4 places" in outcome.summary
    assert verdict(outcome) == "act now"
    first, *_, last = outcome.places
    assert (first.standing, first.exploited, first.line) == ("affected", True, 5), "exploited, on the internet"
    assert last.standing == "not affected"


async def test_exposure_of_products_that_nobody_knows_is_no_opinion(agent: SecurityAgent) -> None:
    inventory = {"name": "i.csv", "language": "text", "text": "host,package,version\na,postfix,3.7.4\n"}
    stage = a_stage(agent, TaskKind.RESEARCH, description="Which must be patched?", attachments=[inventory])
    stage.outcomes["threats"] = StepOutcome(summary="found")
    outcome = await stage.run("exposure")
    assert "nothing of what is attached is a product the shelf knows" in outcome.summary
    assert outcome.proposal is not None
    shares = outcome.proposal.probabilities.values()
    assert max(shares) - min(shares) < 1e-9


async def test_a_weakness_without_an_entry_is_left_without_a_citation(agent: SecurityAgent) -> None:
    far = WEAKNESS.model_copy(update={"identifiers": ("CWE-1",), "score": 0.1})
    stage = a_stage(agent, TaskKind.REVIEW, far, code=VIEW)
    await stage.run("analyse")
    outcome = await stage.run("recheck")
    assert outcome.proposal is not None
    assert outcome.proposal.citations == ()


async def test_an_unknown_step_is_refused_in_one_sentence(agent: SecurityAgent) -> None:
    stage = a_stage(agent, TaskKind.REVIEW, code=VIEW)
    stage.steps["x"] = Step(id="x", agent="security", action="dance", title="t", goal="g")
    with pytest.raises(WorkbenchError, match="'dance'"):
        await stage.run("x")


def test_material_is_no_gap_in_what_was_read() -> None:
    units = [CodeUnit(name="i.csv", language="text", text="a,b"), CodeUnit(name="a.py", language="python", text="x")]
    assert [unit.name for unit in code_of(units)] == ["a.py"]


def a_finding(rule: str, excerpt: str) -> Finding:
    return Finding.model_validate(
        {
            "rule": rule, "cwe": "CWE-78", "title": rule, "severity": "high", "confidence": 0.9, "file": "a.py",
            "line_start": 1, "line_end": 1, "excerpt": excerpt, "explanation": "e",
        }
    )  # fmt: skip


def test_findings_are_compared_by_their_code_and_then_by_their_rule() -> None:
    before = [a_finding("a", "x"), a_finding("a", "y"), a_finding("b", "z")]
    after = [a_finding("a", "y"), a_finding("b", "z, changed for another reason"), a_finding("c", "new")]
    comparison = compare(before, after)
    assert comparison.gone == (before[0],)
    assert comparison.stays == (before[1], before[2])
    assert comparison.new == (after[2],)


@pytest.mark.parametrize(
    ("name", "language", "text", "reason"),
    [
        ("app.js", "javascript", "eval(location.hash)\n", "there is no analyser for JavaScript"),
        ("notes.txt", "text", "Is this safe?\n", "there is no analyser for text"),
        ("broken.py", "python", "}}} ((( nothing\n", "it does not parse as Python"),
        ("opened.py", "python", "}}} ((( nothing\n def (:\n", "it does not parse as Python"),
    ],
)
async def test_what_nobody_can_analyse_is_told_and_counts_for_nothing(
    agent: SecurityAgent, name: str, language: str, text: str, reason: str
) -> None:
    stage = a_stage(agent, TaskKind.REVIEW, attachments=[{"name": name, "language": language, "text": text}])
    analysed = await stage.run("analyse")
    proposal = (await stage.run("recheck")).proposal
    assert proposal is not None
    assert proposal.rationale.startswith(f"{name} was not analysed: {reason}.")
    assert "weakness was found" not in f"{analysed.summary} {proposal.rationale} {stage.said}"
    assert max(proposal.probabilities.values()) - min(proposal.probabilities.values()) < 1e-9
    assert {check.name: (check.passed, check.total) for check in proposal.checks}["code read whole"] == (0, 1)


async def test_beside_code_that_is_read_the_unread_lowers_the_opinion(agent: SecurityAgent) -> None:
    script = {"name": "app.js", "language": "javascript", "text": "run()\n"}
    stage = a_stage(agent, TaskKind.REVIEW, code="def double(number):\n    return 2 * number\n", attachments=[script])
    await stage.run("analyse")
    proposal = (await stage.run("recheck")).proposal
    assert proposal is not None
    assert "in 3 lines of code, of which 2 could be read" in proposal.rationale
    assert "app.js was not analysed: there is no analyser for JavaScript." in proposal.rationale
    assert ("code read whole", 1, 2) in {(check.name, check.passed, check.total) for check in proposal.checks}


async def test_a_file_of_which_a_diff_shows_a_part_is_not_called_read_whole(agent: SecurityAgent) -> None:
    new = "--- /dev/null\n+++ b/new.py\n@@ -0,0 +1,2 @@\n+def one():\n+    return 1\n"
    stage = a_stage(agent, TaskKind.ASSESS, attachments=[{"name": "c.diff", "language": "diff", "text": DIFF + new}])
    await stage.run("analyse")
    stage.outcomes["change"] = StepOutcome(summary="read")
    proposal = (await stage.run("weigh")).proposal
    assert proposal is not None
    assert ("code read whole", 1, 2) in {(check.name, check.passed, check.total) for check in proposal.checks}


EXPORT = """\
import subprocess
from flask import request

@app.route("/export")
def export():
    name = request.form["name"]
    subprocess.run(f"lpr -q /tmp/export.zip {name}", shell=True)
    return "done"
"""


async def test_what_only_the_rewritten_statement_shows_is_not_said_to_have_come_in(agent: SecurityAgent) -> None:
    stage = a_stage(agent, TaskKind.REVIEW, code=EXPORT)
    found = (await stage.run("analyse")).findings
    unit = stage.task.code_units[0]
    repair = await agent._worker.repair(RepairRequest(unit=unit, findings=found))
    draft = CodeDraft(name=unit.name, language="python", text=repair.text, basis="known fixes")
    stage.outcomes["repair"] = StepOutcome(summary="repaired", drafts=(draft,))
    outcome = await stage.run("recheck")
    assert [finding.rule for finding in outcome.findings] == ["bandit:B108"]
    assert "Before the repair 1, after it 1: 1 gone, 0 as before, and 1 is told of the repaired code only" in (
        outcome.summary
    )
    assert "Told only now, of a statement that the repair wrote anew" in outcome.summary
    assert "Came in" not in outcome.summary


def test_a_new_word_in_the_repaired_lines_may_have_brought_a_weakness_in() -> None:
    units = [CodeUnit(name="a.py", language="python", text="run('zip /tmp/x')")]
    assert stood_before(a_finding("a", "run(['zip', '/tmp/x'])"), units)
    assert not stood_before(a_finding("a", "eval(['zip', '/tmp/x'])"), units)


async def test_an_empty_file_is_told_and_not_called_free_of_weaknesses(agent: SecurityAgent) -> None:
    empty = {"name": "empty.py", "language": "python", "text": "\n\n"}
    outcome = await a_stage(agent, TaskKind.REVIEW, attachments=[empty]).run("analyse")
    assert outcome.summary == "empty.py holds no code. So nothing in it was looked at for weaknesses."
