"""The code agent over the real shelf, searched by shared words, and the real analysis child."""

import ast

import pytest

from tests.unit.core.agents.code_desk import SHELF, a_finding, a_task, real_desk
from workbench.core.agents import project_manager
from workbench.core.agents.code import CodeAgent
from workbench.core.agents.code_basis import mended_opinion, recipe_against
from workbench.core.analysis.worker import AnalysisError
from workbench.core.evidence import Location, Passage, PassageKind, Severity
from workbench.core.knowledge.shelf import load_recipe
from workbench.core.plan import StepOutcome
from workbench.core.tasks import CodeUnit, TaskKind
from workbench.core.values import WorkbenchError

LOGIN = """import hashlib
import sqlite3

from flask import Flask, request

app = Flask(__name__)


@app.route("/user")
def user():
    name = request.args["name"]
    return str(sqlite3.connect("u.db").execute(f"SELECT id FROM users WHERE name = '{name}'").fetchall())


def load(data):
    import pickle

    return pickle.loads(data)
"""

DIFF = """--- a/client.py
+++ b/client.py
@@ -1,9 +1,11 @@
 import requests
+import urllib3

-TIMEOUT = 10
+TIMEOUT = None


 def charge(url, cents):
-    if cents <= 0:
-        raise ValueError("cents")
-    return requests.post(url, json=cents, timeout=TIMEOUT)
+    urllib3.disable_warnings()
+    return requests.post(url, json=cents, timeout=TIMEOUT, verify=False)
"""

AVATARS = "Store uploaded avatars safely. Check the type and size of an uploaded image before saving it to disk."


def asked(question: str) -> Passage:
    """A piece of the user's own code that shares the words of a question."""
    return Passage(
        id="own",
        source="my library",
        document_id="d",
        title="shop/dates.py",
        text=f'def sort_dates(dates):\n    """{question}"""\n    return sorted(dates)\n',
        kind=PassageKind.CODE,
        location=Location(path="shop/dates.py", line_start=3, line_end=5),
    )


async def test_a_draft_comes_from_the_recipe_with_the_names_and_limits_asked_for() -> None:
    task = a_task("draft", title=AVATARS, description="Write `store_avatar` for at most 2 MB.")
    async with real_desk() as desk:
        outcome = await desk.perform("draft", task)
    (draft,) = outcome.drafts
    assert draft.name == "store_avatar.py"
    assert "MAX_BYTES = 2_000_000" in draft.text
    assert "store_upload" in draft.basis
    assert outcome.citations
    assert outcome.proposal is not None
    assert outcome.proposal.verdict == "safe"
    assert {check.name: (check.passed, check.total) for check in outcome.proposal.checks}["draft parses"] == (1, 1)
    assert "No language model" in desk.said[0]


async def test_a_draft_cites_what_its_recipe_is_for_and_its_first_limit_and_no_code() -> None:
    recipe = load_recipe("store_upload")
    async with real_desk() as desk:
        outcome = await desk.perform("draft", a_task("draft", title=AVATARS, description="At most 2 MB."))
    assert [citation.quote for citation in outcome.citations] == [recipe.summary, recipe.limits[0]]
    assert {passage.location.heading for passage in outcome.passages} == {"At a glance"}


async def test_what_a_recipe_cannot_do_makes_the_draft_less_sure() -> None:
    async with real_desk() as desk:
        plain = await desk.perform("draft", a_task("draft", title=AVATARS, description="At most 2 MB."))
        more = await desk.perform("draft", a_task("draft", title=AVATARS, description="At most 2 MB, SVG and PDF."))
    assert plain.proposal is not None
    assert more.proposal is not None
    assert more.proposal.probabilities["safe"] < plain.proposal.probabilities["safe"]
    assert "SVG" in more.summary


async def test_where_no_recipe_fits_there_is_no_draft_and_the_cautious_verdict() -> None:
    task = a_task("draft", title="Sort dates", description="In ascending chronological order.")
    async with real_desk() as desk:
        outcome = await desk.perform("draft", task)
    assert outcome.drafts == ()
    assert "No recipe fits closely" in outcome.summary
    assert outcome.proposal is not None
    assert outcome.proposal.verdict == task.verdicts[-1]


async def test_own_code_is_offered_unchanged_where_no_recipe_fits() -> None:
    task = a_task("draft", title="Sort dates", description="In ascending chronological order.")
    async with real_desk([*SHELF, asked(task.question)]) as desk:
        outcome = await desk.perform("draft", task)
    (draft,) = outcome.drafts
    assert draft.text == desk.library.passages[-1].text
    assert "shop/dates.py" in draft.basis
    assert outcome.proposal is not None
    assert outcome.proposal.verdict == "safe after fixes"


async def test_a_recipe_in_python_is_no_draft_in_another_language() -> None:
    async with real_desk() as desk:
        outcome = await desk.perform("draft", a_task("draft", title=AVATARS, language="go"))
    assert outcome.drafts == ()
    assert "not in go" in outcome.summary


async def test_a_draft_is_mended_by_what_the_review_found() -> None:
    task = a_task("draft")
    async with real_desk() as desk:
        reviewed = await desk.agent._worker.analyse(CodeUnit(name="d.py", language="python", text=LOGIN))
        first = StepOutcome.model_validate(
            {"summary": "", "drafts": [{"name": "d.py", "language": "python", "text": LOGIN, "basis": "b"}]}
        )
        found = StepOutcome(summary="", findings=reviewed.findings)
        outcome = await desk.perform("repair_draft", task, draft=first, review=found)
    (draft,) = outcome.drafts
    assert draft.name == "d.py"
    assert 'f"SELECT' not in draft.text
    assert draft.changes
    assert draft.diff
    ast.parse(draft.text)


async def test_a_repair_gives_a_patch_and_says_what_is_left_and_which_recipe_helps() -> None:
    task = a_task("review", code=LOGIN)
    async with real_desk() as desk:
        analysis = await desk.agent._worker.analyse(task.code_units[0])
        outcome = await desk.perform("repair", task, analyse=StepOutcome(summary="", findings=analysis.findings))
    (draft,) = outcome.drafts
    assert draft.name == "pasted code"
    assert draft.diff.startswith("--- a/pasted code")
    assert "pickle" in draft.text
    assert any("left" in line and "JSON with a schema" in line for line in desk.said)
    assert "JSON with a schema" in outcome.summary
    assert any("CWE-89" in citation.claim for citation in outcome.citations)
    assert outcome.proposal is not None
    assert outcome.proposal.verdict == "safe after fixes"


async def test_without_an_analysis_nothing_is_repaired_and_the_opinion_is_even() -> None:
    task = a_task("review", code=LOGIN)
    async with real_desk() as desk:
        outcome = await desk.perform("repair", task, read=StepOutcome(summary=""))
    assert outcome.drafts == ()
    assert outcome.proposal is not None
    assert len({round(share, 9) for share in outcome.proposal.probabilities.values()}) == 1


async def test_code_in_which_nothing_was_found_is_left_alone() -> None:
    task = a_task("review", code="def add(a, b):\n    return a + b\n")
    async with real_desk() as desk:
        outcome = await desk.perform("repair", task, analyse=StepOutcome(summary=""))
    assert outcome.drafts == ()
    assert outcome.proposal is not None
    assert outcome.proposal.verdict == "safe"


async def test_a_finding_in_a_diff_is_named_as_not_repaired() -> None:
    task = a_task("review", attachments=[CodeUnit(name="c.diff", language="diff", text=DIFF)])
    async with real_desk() as desk:
        found = StepOutcome(summary="", findings=(a_finding(file="client.py"),))
        outcome = await desk.perform("repair", task, analyse=found)
    assert outcome.drafts == ()
    assert "as a diff" in outcome.summary


async def test_a_child_that_gives_no_answer_leaves_the_finding_with_the_reason() -> None:
    task = a_task("review", code=LOGIN)
    async with real_desk() as desk:

        async def broken(request):
            raise AnalysisError("the parser crashed on it")

        desk.agent._worker.repair = broken
        outcome = await desk.perform("repair", task, analyse=StepOutcome(summary="", findings=(a_finding(),)))
    assert outcome.drafts == ()
    assert "the parser crashed on it" in outcome.summary


async def test_reading_tells_entry_points_packages_and_what_was_not_understood() -> None:
    broken = CodeUnit(name="odd.py", language="python", text="def f(:\n  ???\n")
    task = a_task("review", code=LOGIN, attachments=[broken])
    async with real_desk() as desk:
        outcome = await desk.perform("read", task)
    assert "flask" in outcome.summary
    assert "Reached from outside: user" in outcome.summary
    assert "odd.py" in outcome.summary
    assert any("databases" in line for line in desk.said)
    assert outcome.proposal is None


async def test_a_change_is_told_by_what_it_adds_sets_and_takes_away() -> None:
    task = a_task("assess", attachments=[CodeUnit(name="c.diff", language="diff", text=DIFF)])
    async with real_desk() as desk:
        outcome = await desk.perform("change", task)
    assert "4 lines added and 4 removed in 1 file" in outcome.summary
    assert "charge()" in outcome.summary
    assert "TIMEOUT from 10 to None" in outcome.summary
    assert "verify=False" in outcome.summary
    assert "if cents <= 0" in outcome.summary
    assert any("urllib3.disable_warnings" in line for line in desk.said)


async def test_without_a_diff_it_says_that_no_change_can_be_seen() -> None:
    async with real_desk() as desk:
        with_code = await desk.perform("change", a_task("assess", code=LOGIN))
        without = await desk.perform("change", a_task("assess"))
    assert "No diff is attached" in with_code.summary
    assert "Neither a diff nor code" in without.summary


async def test_conditions_are_the_fixes_of_the_findings_with_the_shelf_s_own_words() -> None:
    task = a_task("assess", attachments=[CodeUnit(name="c.diff", language="diff", text=DIFF)])
    finding = a_finding(cwe="CWE-295", title="Certificate not checked", file="client.py", fix="Leave verification on.")
    async with real_desk() as desk:
        outcome = await desk.perform("mitigate", task, analyse=StepOutcome(summary="", findings=(finding,)))
    assert "Leave verification on" in outcome.summary
    assert "TIMEOUT from 10 to None" in outcome.summary
    assert "Repair the trust instead" in outcome.citations[0].quote
    assert outcome.proposal is not None
    assert outcome.proposal.verdict == "accept with conditions"


async def test_a_change_that_nobody_could_read_gets_no_conditions_and_an_even_opinion() -> None:
    async with real_desk() as desk:
        outcome = await desk.perform("mitigate", a_task("assess"), change=StepOutcome(summary=""))
    assert outcome.proposal is not None
    assert len({round(share, 9) for share in outcome.proposal.probabilities.values()}) == 1
    assert "nothing was analysed" in outcome.summary


async def test_a_question_is_answered_with_what_the_record_says_to_do() -> None:
    task = a_task("research", title="Does CVE-2024-3094 concern us?")
    evidence = [passage for passage in SHELF if passage.title.startswith(("CVE-2024-3094", "CWE-506"))]
    async with real_desk() as desk:
        outcome = await desk.perform("mitigate", task, evidence, threats=StepOutcome(summary=""))
    assert "5.6.2 or later" in outcome.summary
    assert outcome.proposal is not None
    assert outcome.proposal.verdict == "schedule"


async def test_a_question_that_a_recipe_answers_gets_its_code_with_its_limits() -> None:
    recipe = load_recipe("fetch_url")
    task = a_task("research", title=recipe.questions[0], description="Ours is open.")
    near = [
        passage.model_copy(update={"text": f"{passage.text} {task.question}"})
        for passage in SHELF
        if passage.document_id == "recipes/fetch_url"
    ]
    async with real_desk(near) as desk:
        outcome = await desk.perform("mitigate", task, (), threats=StepOutcome(summary=""))
    (draft,) = outcome.drafts
    assert draft.text == recipe.code
    assert draft.changes == tuple(f"Limit: {limit}" for limit in recipe.limits)


async def test_where_nothing_is_known_it_says_so_and_stays_even() -> None:
    async with real_desk([]) as desk:
        outcome = await desk.perform("mitigate", a_task("research"), threats=StepOutcome(summary=""))
    assert "Nothing in the library" in outcome.summary
    assert outcome.proposal is not None
    assert len({round(share, 9) for share in outcome.proposal.probabilities.values()}) == 1


@pytest.mark.parametrize("kind", list(TaskKind))
async def test_it_knows_every_step_that_the_plans_give_it(kind: TaskKind) -> None:
    task = a_task(kind, code=LOGIN)
    plan, _ = project_manager.plan(task, ())
    async with real_desk([]) as desk:
        mine = [step for step in plan.steps if step.agent == "code"]
        outcomes = [await desk.perform(step.action, task) for step in mine]
    assert outcomes[-1].proposal is not None
    assert outcomes[-1].proposal.agent == "code"


async def test_a_step_of_another_version_is_refused_in_one_sentence() -> None:
    async with real_desk() as desk:
        with pytest.raises(WorkbenchError, match="knows no step 'sing'"):
            await desk.perform("sing", a_task("draft"))
    assert CodeAgent.name == "code"


def test_the_more_a_patch_removes_the_less_speaks_for_the_safest_option() -> None:
    found = [a_finding(line_start=line, line_end=line, excerpt=str(line)) for line in range(1, 5)]
    options = ("safe", "safe after fixes", "do not use")
    shares = [mended_opinion(found, found[:left], 1.0, options)["do not use"] for left in range(5)]
    assert shares == sorted(shares)
    assert shares[0] < 0.1 < 0.8 < shares[4]
    severe = mended_opinion(found, [a_finding(severity=Severity.LOW)], 1.0, options)["do not use"]
    assert severe < shares[1]


def test_a_recipe_is_shown_only_against_the_weaknesses_it_is_made_for() -> None:
    assert recipe_against("CWE-295", "requests.get(url, verify=False)") is None
    assert recipe_against("CWE-99999", "anything") is None


@pytest.mark.parametrize(
    ("weakness", "seen", "recipe"),
    [
        ("CWE-22", "File path made of a name from the request", "join_path"),
        ("CWE-22", "Archive unpacked with tarfile.extractall", "extract_archive"),
        ("CWE-502", "yaml.load of a document", "load_yaml"),
        ("CWE-502", "pickle.loads of a request", None),
        ("CWE-502", "Objects are loaded from data: torch.load(path)", None),
        ("CWE-22", "send_file(os.path.join(FOLDER, name))", "join_path"),
    ],
)
def test_of_several_recipes_the_one_that_speaks_of_the_code_is_shown(
    weakness: str, seen: str, recipe: str | None
) -> None:
    shown = recipe_against(weakness, seen)
    assert (shown.id if shown else None) == recipe


async def test_code_that_nobody_can_analyse_gives_an_even_opinion_and_says_why() -> None:
    task = a_task("review", attachments=[{"name": "app.js", "language": "javascript", "text": "eval(location.hash)\n"}])
    async with real_desk() as desk:
        outcome = await desk.perform("repair", task, analyse=StepOutcome(summary=""))
    proposal = outcome.proposal
    assert proposal is not None
    assert list(proposal.probabilities.values()) == pytest.approx([1 / 3] * 3, abs=1e-12)
    assert proposal.rationale.startswith("app.js was not analysed: there is no analyser for JavaScript.")
    assert ("code read whole", 0, 1) in {(check.name, check.passed, check.total) for check in proposal.checks}
    assert "found nothing" not in " ".join(desk.said)


async def test_conditions_name_the_language_that_nobody_could_analyse() -> None:
    patch = "--- a/app.ts\n+++ b/app.ts\n@@ -1,1 +1,2 @@\n const a = 1;\n+eval(a);\n"
    task = a_task("assess", attachments=[{"name": "c.diff", "language": "diff", "text": patch}])
    async with real_desk() as desk:
        outcome = await desk.perform("mitigate", task, analyse=StepOutcome(summary=""))
    assert "app.ts was not analysed: there is no analyser for TypeScript." in outcome.summary
