"""The research agent over a small shelf that is searched by shared words."""

import pytest

from workbench.core.agents import project_manager
from workbench.core.agents.base import StepContext
from workbench.core.agents.clues import clues_of
from workbench.core.agents.gathering import shows
from workbench.core.agents.research import ResearchAgent
from workbench.core.agents.research_view import Opinion, opinion
from workbench.core.agents.threats import rank
from workbench.core.citations import content_words
from workbench.core.evidence import Finding, Location, Passage, PassageKind, Severity
from workbench.core.knowledge.documents import find_identifiers
from workbench.core.plan import Step, StepOutcome
from workbench.core.tasks import Task, make_task
from workbench.core.values import WorkbenchError


def passage(record: str, kind: PassageKind, text: str, score: float = 0.0, part: int = 0) -> Passage:
    title = f"{record} {kind.value} entry"
    return Passage(
        id=f"{record}#{part}",
        source="starter knowledge",
        document_id=record,
        title=title,
        text=text,
        kind=kind,
        location=Location(path=f"{record}.md"),
        identifiers=find_identifiers(f"{record} {text}"),
        score=score,
    )


SHELF = [
    passage(
        "CVE-2024-3094",
        PassageKind.VULNERABILITY,
        "CVE-2024-3094: backdoor. In CISA's catalogue of known exploited vulnerabilities since 2024-04-01.\n"
        "Weaknesses: CWE-506.\nSource: CISA KEV; checked 2026-11-22.",
    ),
    passage(
        "CVE-2024-3094",
        PassageKind.VULNERABILITY,
        "The release archives of xz 5.6.0 and 5.6.1 carry a backdoor that sshd loads. Other versions do not have it.",
        part=1,
    ),
    passage("CWE-506", PassageKind.WEAKNESS, "Malicious code hides in test data. It leads to CAPEC-442 infections."),
    passage("CAPEC-442", PassageKind.PATTERN, "Software is infected before it is shipped, as T1195.002 describes."),
    passage("T1195.002", PassageKind.TECHNIQUE, "The supply chain is compromised; weaknesses such as CWE-89 help."),
    passage(
        "CWE-502",
        PassageKind.WEAKNESS,
        "Outside data is deserialised with pickle.loads and runs code. Never load pickles from a request.",
    ),
    passage("CWE-89", PassageKind.WEAKNESS, "A statement is put together from outside text. Bind the values instead."),
]


class Library:
    """Finds by the share of the question's words that stand in a passage; a named record comes first."""

    def __init__(self, shelf=SHELF):
        self.shelf, self.questions = shelf, []

    async def __call__(self, question, *, kinds=(), limit=10):
        self.questions.append(question)
        wanted, named = content_words(question), find_identifiers(question)
        scored = []
        for found in self.shelf:
            share = len(wanted & content_words(f"{found.title} {found.text}")) / max(1, len(wanted))
            score = 1.0 if found.document_id in named else share
            if score and (not kinds or found.kind in kinds):
                scored.append(found.model_copy(update={"score": score}))
        return sorted(scored, key=lambda found: -found.score)[:limit]


class Desk:
    """What a step writes: its stream and its notes."""

    def __init__(self):
        self.said, self.notes = [], []

    async def say(self, text):
        self.said.append(text)

    async def keep_note(self, title, text):
        self.notes.append((title, text))


def context(task: Task, step: str, desk: Desk, library=None, inputs=None) -> StepContext:
    plan, _ = project_manager.plan(task, ())
    return StepContext(
        task=task,
        step=plan.step(step),
        evidence=(),
        inputs=inputs or {},
        search=library or Library(),
        keep_note=desk.keep_note,
        say=desk.say,
    )


def research(title="Does CVE-2024-3094 concern our servers?", description="We run xz 5.6.1 on two of them."):
    return make_task({"kind": "research", "title": title, "description": description})


def review(code="import pickle\npickle.loads(request.data)\n"):
    return make_task({"kind": "review", "title": "Zzz", "description": "qqq", "code": code})


def entry(record, kind, *sections, score=0.0):
    """An entry as the shelf cuts it: its facts, then a passage for each (heading, text)."""
    facts = passage(record, kind, f"{record}: a record.\nSource: a catalogue; checked 2026-11-22.")
    return [
        facts,
        *(
            passage(record, kind, f"## {heading}\n{text}", part=part).model_copy(
                update={"location": Location(path=f"{record}.md", line_start=10 * part)}
            )
            for part, (heading, text) in enumerate(sections, 1)
        ),
    ]


async def test_a_research_question_is_answered_section_by_section_in_checked_quotes():
    shelf = entry(
        "CWE-918",
        PassageKind.WEAKNESS,
        ("What it is", "A server fetches an address that a user gave."),
        ("What follows", "The metadata service answers the server with its credentials."),
        ("How to fix it", "Refuse addresses inside. " + "Another sentence of the many that follow it. " * 20),
    )
    desk, task, library = Desk(), research("CWE-918 in the link?", "A server fetches what users post."), Library(shelf)
    outcome = await ResearchAgent().perform(context(task, "threats", desk, library))
    (told,) = outcome.briefings
    assert library.questions.count("CWE-918") <= 3, "a record is opened once, not for each section"
    assert [point.claim for point in told.points] == ["What it is", "What follows", "How to fix it"]
    assert all(point.holds for point in told.points)
    assert told.points[2].quote.startswith("Refuse addresses inside.")
    assert len(told.points[2].quote.split()) <= 90
    assert {point.passage_id for point in told.points} <= {found.id for found in outcome.passages}
    assert any("What follows: “The metadata service answers" in line for line in desk.said)


async def test_where_nothing_is_close_the_nearest_is_told_as_what_it_is():
    shelf = entry("CWE-918", PassageKind.WEAKNESS, ("What it is", "A server fetches an address that a user gave."))
    task = research(
        "Server fetches weather reports daily",
        "Nobody gave it another address to date, we think, says Anna.",
    )
    outcome = await ResearchAgent().perform(context(task, "threats", Desk(), Library(shelf)))
    (told,) = outcome.briefings
    assert "the nearest there is, not close" in told.reached
    assert outcome.citations == (), "it is no threat"
    far = research("Zebras graze", "Lions sleep tonight in the quiet jungle, says everybody.")
    assert (await ResearchAgent().perform(context(far, "threats", Desk(), Library(shelf)))).briefings == ()


async def test_a_vulnerability_is_named_by_its_nickname():
    desk = Desk()
    task = research("Are we hit by the XZ backdoor called Log4Shell?", "Somebody said so.")
    await ResearchAgent().perform(context(task, "threats", desk))
    assert any("Named in the task: CVE-2021-44228" in line for line in desk.said)


async def test_a_review_is_not_answered_with_a_briefing():
    outcome = await ResearchAgent().perform(context(review(), "threats", Desk()))
    assert outcome.briefings == ()


async def test_a_named_vulnerability_leads_over_its_weakness_to_pattern_and_technique():
    desk = Desk()
    outcome = await ResearchAgent().perform(context(research(), "threats", desk))
    assert outcome.proposal is None, "the dossier proposes for a research question"
    cited = {found.passage_id.partition("#")[0] for found in outcome.citations}
    assert cited == {"CVE-2024-3094", "CWE-506", "CAPEC-442", "T1195.002"}
    assert any("CWE-506 leads to CAPEC-442" in line for line in desk.said)
    assert "CWE-89" not in {found.document_id for found in outcome.passages}, "relations are not followed backwards"


async def test_every_citation_is_checked_and_holds():
    outcome = await ResearchAgent().perform(context(review(), "threats", Desk()))
    assert outcome.citations
    assert all(found.holds for found in outcome.citations)
    texts = {found.id: found.text for found in SHELF}
    assert all(found.quote in texts[found.passage_id] for found in outcome.citations)
    checks = {check.name: (check.passed, check.total) for check in outcome.proposal.checks}
    assert checks["citations that hold"] == (len(outcome.citations),) * 2


async def test_the_quote_says_something_rather_than_naming_the_record():
    outcome = await ResearchAgent().perform(context(research(), "threats", Desk()))
    quote = next(found.quote for found in outcome.citations if found.passage_id.startswith("CVE-2024-3094"))
    assert "5.6.1" in quote
    assert "Source:" not in quote


async def test_a_call_in_the_code_leads_to_the_weakness_that_shows_it():
    desk = Desk()
    outcome = await ResearchAgent().perform(context(review(), "threats", desk))
    assert "The code uses pickle" in desk.said
    assert any("CWE-502" in line and "pickle.loads" in line for line in desk.said)
    assert "pickle.loads" in outcome.proposal.rationale
    assert outcome.proposal.domain == "review/python"
    assert outcome.proposal.verdict == "safe after fixes"


async def test_a_generic_call_is_a_suggestion_at_most_and_no_part_of_the_opinion():
    shelf = [
        *SHELF,
        passage("CWE-601", PassageKind.WEAKNESS, "The target comes from flask request.args.get unchecked."),
        passage("CWE-327", PassageKind.WEAKNESS, "hashlib.md5 python"),
    ]
    code = "import hashlib\nfrom flask import request\nname = request.args.get('name')\nhashlib.md5(picture)\n"
    desk = Desk()
    outcome = await ResearchAgent().perform(context(review(code), "threats", desk, Library(shelf)))
    assert list(outcome.proposal.probabilities.values()) == pytest.approx([1 / 3] * 3)
    assert "CWE-601" not in outcome.proposal.rationale
    assert not any("CWE-601" in line for line in desk.said), "nearly all code makes that call"
    assert any("CWE-327" in line and "suggested by the call hashlib.md5" in line for line in desk.said)
    assert not any("shown by" in line for line in desk.said)


async def test_what_the_code_shows_comes_before_what_is_close_to_the_words():
    words = "A statement put together from outside text. Bind the values instead."
    task = make_task({"kind": "review", "title": "Zzz", "description": words, "code": "pickle.loads(body)\n"})
    desk = Desk()
    outcome = await ResearchAgent().perform(context(task, "threats", desk))
    told = outcome.proposal.rationale
    assert told.index("CWE-502") < told.index("CWE-89")
    assert "shown by the code `pickle.loads(body)`" in told
    assert "It leans to “safe after fixes”" in told


async def test_closeness_is_the_same_in_threats_and_dossier_whatever_other_steps_found():
    task, desk = research(description="Malicious code hides in test data."), Desk()
    task = task.model_copy(update={"title": "Is there something in the archives?"})
    begun = (passage("CWE-506", PassageKind.WEAKNESS, "Malicious code hides in test data.", 0.3),)
    asked = context(task, "threats", desk)
    threats = await ResearchAgent().perform(StepContext(**{**asked.__dict__, "evidence": begun}))
    told = next(line for line in desk.said if line.startswith("CWE-506") and "close" in line)
    other = StepOutcome(summary="", passages=(begun[0].model_copy(update={"score": 1.0}),))
    asked = context(task, "dossier", Desk(), inputs={"threats": threats, "exposure": other, "mitigate": other})
    outcome = await ResearchAgent().perform(StepContext(**{**asked.__dict__, "evidence": begun}))
    assert told.partition(": ")[2] in outcome.proposal.rationale


@pytest.mark.parametrize(("words", "told"), [("our own log-in", False), ("our moveit server", True)])
async def test_a_vulnerability_of_a_product_that_the_task_does_not_use_is_not_told(words, told):
    vulnerable = passage("CVE-2023-34362", PassageKind.VULNERABILITY, "Is our own log-in or our moveit server safe?")
    title = f"Is {words} safe?"
    task = make_task({"kind": "review", "title": title, "description": title, "code": "total = 1\n"})
    outcome = await ResearchAgent().perform(context(task, "threats", Desk(), Library([vulnerable])))
    assert ("CVE-2023-34362" in outcome.proposal.rationale) is told


async def test_when_nothing_is_close_it_says_so_and_stays_even():
    desk = Desk()
    outcome = await ResearchAgent().perform(context(review("total = 1\n"), "threats", desk))
    assert list(outcome.proposal.probabilities.values()) == pytest.approx([1 / 3] * 3)
    assert "Nothing that was found is close" in outcome.summary
    assert "Asked: every source that is set up, and nothing came from there" in outcome.summary
    assert not outcome.citations
    assert "Nothing that was found is close" in desk.notes[0][1]


async def test_what_the_task_names_and_the_library_lacks_is_told():
    desk = Desk()
    task = research(title="Are CVE-2024-3094 and CVE-2031-1111 urgent?")
    outcome = await ResearchAgent().perform(context(task, "threats", desk))
    assert any("Not found: CVE-2031-1111" in line for line in desk.said)
    assert "CVE-2031-1111" in outcome.summary
    assert "checked 2026-11-22" in outcome.summary


async def test_it_says_which_sources_were_asked_and_where_it_has_it_from():
    task = make_task({**research().model_dump(), "sources": ("my library", "starter knowledge")})
    outcome = await ResearchAgent().perform(context(task, "threats", Desk()))
    assert "Asked: only my library, starter knowledge. All of this is from starter knowledge" in outcome.summary


async def test_it_says_that_it_works_without_a_language_model():
    desk = Desk()
    outcome = await ResearchAgent().perform(context(review(), "threats", desk))
    assert "language model" in desk.said[0]
    assert "No language model was used" in outcome.proposal.rationale


async def test_the_dossier_ranks_proposes_and_writes_one_note():
    desk, task, library = Desk(), research(), Library()
    threats = await ResearchAgent().perform(context(task, "threats", desk, library))
    assert not desk.notes, "a research question's note is written once, at its end"
    asked = len(library.questions)
    inputs = {
        "threats": threats,
        "exposure": StepOutcome(summary="nothing to check"),
        "mitigate": StepOutcome(summary=""),
    }
    outcome = await ResearchAgent().perform(context(task, "dossier", desk, library, inputs))
    assert len(library.questions) == asked, "the dossier draws together what was found, and asks nothing again"
    assert outcome.proposal.step == "dossier"
    assert [title for title, _ in desk.notes] == [f"Research: {task.title}"]
    assert desk.notes[0][1].index("CVE-2024-3094") < desk.notes[0][1].index("CAPEC-442")
    assert "by way of CVE-2024-3094" in outcome.proposal.rationale
    assert "known to be exploited" in outcome.proposal.rationale


async def test_confirmed_exposure_makes_a_research_question_urgent():
    finding = Finding(
        rule="affected version", cwe="CWE-506", title="xz 5.6.1", severity=Severity.HIGH, confidence=0.95,
        file="inventory.csv", line_start=8, line_end=8, excerpt="build-03,xz-utils,5.6.1", explanation="affected",
    )  # fmt: skip
    task, desk = research(), Desk()
    threats = await ResearchAgent().perform(context(task, "threats", desk))
    proposals = {}
    for name, findings in (("exposed", (finding,)), ("unknown", ())):
        inputs = {"threats": threats, "exposure": StepOutcome(summary="", findings=findings)}
        outcome = await ResearchAgent().perform(context(task, "dossier", Desk(), inputs=inputs))
        proposals[name] = outcome.proposal
    assert proposals["exposed"].verdict == "act now"
    assert proposals["unknown"].verdict == "schedule"
    assert proposals["exposed"].probabilities["act now"] > proposals["unknown"].probabilities["act now"] + 0.1


async def test_a_dossier_without_the_exposure_check_says_so():
    desk = Desk()
    await ResearchAgent().perform(context(research(), "dossier", desk, inputs={"threats": StepOutcome(summary="")}))
    assert any("exposure check did not finish" in line for line in desk.said)


async def test_an_unknown_step_is_refused_in_a_sentence():
    asked = context(review(), "threats", Desk())
    strange = Step(id="x", agent="research", action="dance", title="", goal="")
    with pytest.raises(WorkbenchError, match="dance"):
        await ResearchAgent().perform(StepContext(**{**asked.__dict__, "step": strange}))


def test_clues_are_the_names_imports_and_calls_of_what_will_be_there():
    diff = (
        "diff --git a/client.py b/client.py\n--- a/client.py\n+++ b/client.py\n@@ -1,3 +1,4 @@\n import requests\n"
        "-import telnetlib\n+import yaml as y\n"
        "+requests.post(\n+    url,\n+    headers=head(1),\n+    verify=False,\n+)\n"
        "-telnetlib.open(host)\n+y.load(text)  # CVE-2020-14343\n"
    )
    task = make_task(
        {"kind": "assess", "title": "T", "attachments": [{"name": "c.diff", "language": "diff", "text": diff}]}
    )
    clues = clues_of(task)
    assert clues.identifiers == ("CVE-2020-14343",)
    assert clues.imports == ("requests", "yaml")
    assert clues.calls == ("requests.post verify=False", "y.load")


@pytest.mark.parametrize(
    ("language", "code", "imports"),
    [
        ("python", "from os import path, system as run\n", ("os",)),
        ("javascript", "const fs = require('fs');\nimport x from 'node:child_process'\n", ("fs",)),
        ("c", '#include <stdio.h>\n#include "my/own.h"\n', ("stdio.h", "my/own.h")),
        ("java", "import java.util.List;\n", ("java.util.List",)),
        ("text", "import this sentence, which is not code", ()),
        ("text", "", ()),
    ],
)
def test_imports_are_read_in_many_languages(language, code, imports):
    task = make_task({"kind": "review", "title": "T", "description": "d", "code": code or " x", "language": language})
    assert set(imports) <= set(clues_of(task).imports)
    if not imports:
        assert not clues_of(task).calls


def test_a_switch_is_more_telling_than_the_name_of_the_call():
    assert shows("subprocess.call(command, shell=True)", "subprocess.run shell=True")
    assert not shows("subprocess.run(command)", "subprocess.run shell=True")
    assert shows("use hashlib.md5 no more", "hashlib.md5")
    assert not shows("app.run()", "subprocess.run")


def test_an_exploited_vulnerability_comes_before_a_closer_weakness():
    found = [
        passage("CWE-89", PassageKind.WEAKNESS, "Outside text.", 0.99),
        passage("CVE-2021-44228", PassageKind.VULNERABILITY, "In CISA's catalogue of known exploited vulnerabilities "
                "since 2021-12-10.", 0.8),
        passage("CVE-2020-1", PassageKind.VULNERABILITY, "Not in CISA's catalogue of known exploited vulnerabilities "
                "on the day it was checked.", 0.3),
    ]  # fmt: skip
    assert [threat.id for threat in rank(found, ())] == ["CVE-2021-44228", "CWE-89"]
    assert [threat.exploited for threat in rank(found, ())] == [True, False]


def test_another_products_vulnerability_must_be_nearer_than_a_kind_of_mistake():
    likely = [
        passage("CVE-2023-34362", PassageKind.VULNERABILITY, "Another product.", 0.6),
        passage("CWE-506", PassageKind.WEAKNESS, "Malicious code.", 0.6),
    ]
    assert [threat.id for threat in rank(likely, ())] == ["CWE-506"]
    assert {threat.id for threat in rank(likely, ("CVE-2023-34362",))} == {"CWE-506", "CVE-2023-34362"}


def test_a_document_of_the_user_is_no_threat():
    mine = passage("CWE-89", PassageKind.DOCUMENT, "Our guide says CWE-89.", 0.9)
    assert rank([mine], ()) == []


@pytest.mark.parametrize("options", [("yes", "no"), ("a", "b", "c"), tuple("abcdefghij")])
def test_more_pull_moves_probability_towards_where_the_evidence_points(options):
    for caution, end in ((0.0, options[0]), (1.0, options[-1])):
        shares = [Opinion(caution, pull).probabilities(options)[end] for pull in (0.0, 0.3, 0.8)]
        assert shares == sorted(shares)
        assert shares[0] == pytest.approx(1 / len(options))
        assert sum(Opinion(caution, 0.8).probabilities(options).values()) == pytest.approx(1)


def test_threats_alone_never_make_research_sure():
    found = [passage(f"CWE-{number}", PassageKind.WEAKNESS, "Close.", 1.0) for number in range(1, 9)]
    for task in (review(), research()):
        probabilities = opinion(task, rank(found, ())).probabilities(task.verdicts)
        assert max(probabilities.values()) < 0.7
