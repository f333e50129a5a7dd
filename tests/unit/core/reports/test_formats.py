"""What each format says, and that text from outside can never be more than text."""

import json
import re
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from tests import sample_run
from workbench.core import events as ev
from workbench.core.plan import StepOutcome
from workbench.core.reports import ReportOptions, render, wording
from workbench.core.reports.markdown import escaped, fenced
from workbench.core.reports.pdf import needs_system_fonts
from workbench.core.run_state import RunState
from workbench.core.tasks import make_task


class Tags(HTMLParser):
    """Collects what a browser would build."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def pdf_text(pdf: bytes) -> str:
    """The text of a PDF as pypdfium2 reads it, in one line."""
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    try:
        pages = [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()
    return " ".join(" ".join(pages).split())


def squeezed(text: str) -> str:
    """Without white space, which differs by line breaking, and without case."""
    return "".join(text.split()).lower()


@pytest.mark.parametrize("name", ["html", "md", "pdf"])
def test_a_reader_finds_the_whole_story(state: RunState, options: ReportOptions, name: str) -> None:
    made = render(state, options, (name,))[name]
    text = pdf_text(made) if name == "pdf" else made.decode()
    text = Tags(text).text if name == "html" else text.replace("\\", "")
    said = [
        "TLP:AMBER", "The decision is “do not use”", "next comes “safe after fixes”", "provisional", "(F1)",
        "no record in review/python", "right 3 of 5", "With those done I would let it go out.",
        "shop/views.py, line 17",
        "('SQL Injection')", "Bind the value as a parameter", "QUOTE NOT FOUND", "no answer within 10 s",
        "1 of 2 tables searched", "attempt 2" if name != "md" else "Repair what a known fix covers", "800 bytes",
        "1 research note dropped (the vault stayed locked).", "No language model is configured", "1.9.4",
        "@app.route(\"/basket\", methods=[\"POST\"])", "A. Analyst", sample_run.RUN_ID,
    ]  # fmt: skip
    missing = [words for words in said if squeezed(words) not in squeezed(text)]
    assert missing == []


def test_run_json_holds_the_decision_for_programs(state: RunState, options: ReportOptions) -> None:
    run = json.loads(render(state, options, ("json",))["json"])
    assert (run["schema"], run["schema_version"]) == ("analyst-workbench/run", 1)
    assert run["decision"]["verdict"] == "do not use"
    assert run["decision"]["standing"] == "provisional"
    assert run["decision"]["posterior"] == pytest.approx({"safe": 0.06, "safe after fixes": 0.27, "do not use": 0.67})
    assert [part["agent"] for part in run["decision"]["contributions"]] == ["research", "code", "security"]
    assert len(run["decision"]["gates"]) == 2


def test_json_is_ascii_so_that_no_control_reaches_a_terminal(hostile_state: RunState, options: ReportOptions) -> None:
    made = render(hostile_state, options, ("json",))["json"]
    assert made.isascii()
    assert not re.search(rb"[\x00-\x09\x0b-\x1f\x7f]", made)


def test_html_holds_no_element_that_came_with_the_run(
    state: RunState, hostile_state: RunState, options: ReportOptions
) -> None:
    page = Tags(render(hostile_state, options, ("html",))["html"].decode())
    known = Tags(render(state, options, ("html",))["html"].decode())
    assert set(page.tags) <= set(known.tags)
    assert not {"script", "img", "iframe", "link", "object", "form"} & set(page.tags)
    links = [value for name, value in page.attributes if name in ("href", "src", "action")]
    assert all(value and re.fullmatch(r"#[a-z]+\d*", value) for value in links)
    assert not any(name.startswith("on") for name, _ in page.attributes)


def test_html_loads_nothing(state: RunState, options: ReportOptions) -> None:
    page = render(state, options, ("html",))["html"].decode()
    assert "default-src 'none'; style-src 'unsafe-inline'" in page
    assert not re.search(r"url\(|@import|https?://", page)


def test_markdown_of_hostile_text_makes_no_link_image_or_html(hostile_state: RunState, options: ReportOptions) -> None:
    source = render(hostile_state, options, ("md",))["md"].decode()
    tokens = MarkdownIt("gfm-like").parse(source)
    inline = [child for token in tokens for child in token.children or ()]
    kinds = {token.type for token in tokens} | {child.type for child in inline}
    assert not kinds & {"html_block", "html_inline", "link_open", "image"}
    headings = [token for token in tokens if token.type == "heading_open"]
    plain = MarkdownIt("gfm-like").parse(render(sample_run.state(), options, ("md",))["md"].decode())
    assert {token.tag for token in headings} <= {token.tag for token in plain if token.type == "heading_open"}


@pytest.mark.parametrize(
    "text", ["# no heading", "1. no list", "- none", "+ none", "> none", "a | b", "<b>", "&amp;", "![x](http://e.example/)",
             "http://e.example", "www.e.example", "a_b_c *d* ~~e~~ `f`", "= =", "Setext ---"],
)  # fmt: skip
def test_escaped_markdown_shows_exactly_the_text(text: str) -> None:
    tokens = MarkdownIt("gfm-like").parse(escaped(text))
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    assert "".join(child.content for child in tokens[1].children or ()) == text
    assert {child.type for child in tokens[1].children or ()} <= {"text", "text_special"}


def test_code_cannot_leave_its_fence() -> None:
    block = fenced("```\n# heading\n````", "python")
    tokens = MarkdownIt().parse(block)
    assert [token.type for token in tokens] == ["fence"]


def test_hostile_text_is_only_text_in_the_pdf(hostile_state: RunState, options: ReportOptions) -> None:
    text = pdf_text(render(hostile_state, options, ("pdf",))["pdf"])
    assert "<script>alert(1)</script>" in text
    assert "‹U+202E›gnp.exe‹U+202C›" in text


def test_no_text_leaves_the_page(hostile_state: RunState, options: ReportOptions) -> None:
    import pypdfium2

    document = pypdfium2.PdfDocument(render(hostile_state, options, ("pdf",))["pdf"])
    try:
        for page in document:
            width, height = page.get_size()
            words = page.get_textpage()
            for index in range(words.count_rects()):
                left, bottom, right, top = words.get_rect(index)
                assert left >= 20
                assert right <= width - 20
                assert bottom >= 10
                assert top <= height - 10
    finally:
        document.close()


def test_a_long_draft_line_is_wrapped_and_complete(options: ReportOptions) -> None:
    long_line = "token = '" + "".join(f"{number:05d}" for number in range(200)) + "'"
    draft = ev.CodeDraft(name="long.py", language="python", text=long_line + "\n", basis="a recipe")
    said = sample_run.bodies()
    finished = next(body for body in said if isinstance(body, ev.StepFinished) and body.step == "code")
    outcome = finished.outcome.model_copy(update={"drafts": (draft,)})
    said[said.index(finished)] = finished.model_copy(update={"outcome": outcome})
    state = RunState.from_events(sample_run.journal([*said, ev.RunCompleted()]))
    text = pdf_text(render(state, options, ("pdf",))["pdf"])
    assert long_line.replace(" ", "") in text.replace(" ", "").replace("↪", "")


@pytest.mark.parametrize("name", ["html", "md", "pdf"])
def test_a_finding_of_the_repair_is_not_counted_as_one_of_the_file(options: ReportOptions, name: str) -> None:
    state = RunState.from_events(sample_run.events(sample_run.recheck()))
    made = render(state, options, (name,))[name]
    text = pdf_text(made) if name == "pdf" else made.decode()
    text = " ".join((Tags(text).text if name == "html" else text.replace("\\", "")).split())
    assert "5 findings: 3 high, 1 medium, 1 low. The repaired code has 1 of its own" in text
    assert text.index("F5 ") < text.index("Found only in the repaired code") < text.index("F6 ")
    assert "shop/views.py, line 17 of the repaired file" in text


def test_a_repair_is_told_by_its_diff_and_a_draft_in_full(state: RunState, options: ReportOptions) -> None:
    said = pdf_text(render(state, options, ("pdf",))["pdf"])
    assert "WHERE customer = ?" in said
    assert said.count("import hashlib") == 0
    page = render(state, options, ("html",))["html"].decode()
    assert page.index("<details>") < page.index("import hashlib") < page.index("</details>")


def test_code_in_a_sentence_is_set_as_code_and_stays_text(options: ReportOptions) -> None:
    finding = sample_run.a_finding(explanation="Here `<b>x</b>` is <i>sent</i> back.")
    said = [
        body.model_copy(update={"outcome": body.outcome.model_copy(update={"findings": (finding,)})})
        if isinstance(body, ev.StepFinished) and body.step == "security"
        else body
        for body in sample_run.bodies()
    ]
    page = render(RunState.from_events(sample_run.journal(said)), options, ("html",))["html"].decode()
    assert "Here <code>&lt;b&gt;x&lt;/b&gt;</code> is &lt;i&gt;sent&lt;/i&gt; back." in page


def test_one_document_found_many_times_is_one_line(state: RunState, options: ReportOptions) -> None:
    outcome = StepOutcome(
        summary="more",
        passages=tuple(
            ev.Passage(
                id=f"m{line}", source="library", document_id="many", title="Hardening guide", text="x",
                score=line / 100, location=ev.Location(path="guide.md", line_start=line, line_end=line + 1),
            )
            for line in range(1, 30)
        ),
    )  # fmt: skip
    step = ev.Step(id="more", agent="research", action="threats", title="More", goal="more")
    more = (
        ev.PlanMade(plan=ev.Plan(steps=(*sample_run.plan().steps, step)), reason="more"),
        ev.StepFinished(step="more", agent="research", outcome=outcome),
    )
    text = pdf_text(render(RunState.from_events(sample_run.events(more)), options, ("pdf",))["pdf"])
    assert text.count("Hardening guide") == 1
    assert "library, guide.md, 29 places" in text


def test_every_page_of_the_pdf_carries_the_marking(state: RunState, options: ReportOptions) -> None:
    import pypdfium2

    document = pypdfium2.PdfDocument(render(state, options, ("pdf",))["pdf"])
    try:
        marks = [page.get_textpage().get_text_range().count("TLP:AMBER") for page in document]
    finally:
        document.close()
    assert len(marks) > 3
    assert set(marks) == {2}


def test_system_fonts_are_asked_only_for_scripts_that_ours_lack() -> None:
    assert not needs_system_fonts("Grüße, Привет, Ελλάδα, “quotes” – ↪ ‹U+202E› ≤ ▒ ě")
    assert needs_system_fonts("漢字")
    assert needs_system_fonts("🙂")


def test_empty_sections_say_why(options: ReportOptions) -> None:
    said = [*sample_run.bodies()[:2], ev.RunFailed(reason="the library is locked by another program")]
    page = Tags(render(RunState.from_events(sample_run.journal(said)), options, ("html",))["html"].decode()).text
    for reason in (
        "this run failed (the library is locked by another program)", "There is no decision yet.",
        "Nothing was decided, so there are no probabilities.", "No agent had sealed a proposal",
        "No weakness was found.",
        "This run wrote and changed no code.", "No passage was found.", "No source had answered",
        "This run had no plan yet", "Nothing. No host was contacted", "No research note was written.",
    ):  # fmt: skip
        assert reason in page


@pytest.mark.parametrize("name", ["html", "md", "pdf"])
def test_an_agent_without_an_opinion_is_shown_without_a_verdict(options: ReportOptions, name: str) -> None:
    bodies = [
        body.model_copy(update={"decision": _with_silent(body.decision)}) if isinstance(body, ev.DecisionMade) else body
        for body in sample_run.bodies()
    ]
    made = render(RunState.from_events(sample_run.journal(bodies)), options, (name,))[name]
    text = pdf_text(made) if name == "pdf" else made.decode()
    assert text.lower().count("no opinion") >= (1 if name == "md" else 2)


@pytest.mark.parametrize("name", ["html", "md", "pdf"])
def test_where_nobody_has_an_opinion_nothing_is_told_as_decided(options: ReportOptions, name: str) -> None:
    def silenced(decision: ev.Decision) -> ev.Decision:
        silent = tuple(one.model_copy(update={"abstained": True}) for one in decision.contributions)
        return decision.model_copy(update={"contributions": silent})

    bodies = [
        body.model_copy(update={"decision": silenced(body.decision)}) if isinstance(body, ev.DecisionMade) else body
        for body in sample_run.bodies()
    ]
    made = render(RunState.from_events(sample_run.journal(bodies)), options, (name,))[name]
    text = " ".join((pdf_text(made) if name == "pdf" else made.decode()).split())
    assert "Nothing is decided: no agent has an opinion" in text
    assert "The decision is" not in text


def _with_silent(decision: ev.Decision) -> ev.Decision:
    first, *others = decision.contributions
    return decision.model_copy(update={"contributions": (first.model_copy(update={"abstained": True}), *others)})


def test_the_wait_for_the_first_preparation_is_not_noted_but_what_is_missing_is(options: ReportOptions) -> None:
    more = (
        ev.Notice(level="wait", text="Preparing the embedding model, which is done once and takes up to a minute"),
        ev.Notice(text="The run goes on without part of the knowledge: the index is damaged"),
    )
    page = render(RunState.from_events(sample_run.events(more)), options, ("md",))["md"].decode()
    assert "done once" not in page
    assert "without part of the knowledge" in page


def test_a_verdict_that_the_votes_do_not_lead_to_says_so() -> None:
    decision = sample_run.decision()
    turned = decision.model_copy(update={"verdict": decision.runner_up, "runner_up": decision.verdict})
    assert "although the votes lean to" in wording.headline(turned)
    assert "next comes" in wording.headline(decision)


def test_what_is_copied_from_the_pdf_has_nothing_invisible_in_it(options: ReportOptions) -> None:
    path = "lib/" + "/".join(f"part_{number}.of_it" for number in range(12)) + "-" + "ab12" * 16
    said = (ev.Notice(level="warning", text=f"The file {path} could not be read"),)
    text = pdf_text(render(RunState.from_events(sample_run.events(said)), options, ("pdf",))["pdf"])
    assert "\u200b" not in text
    assert path in text.replace(" ", "")


@pytest.mark.parametrize("name", ["html", "md", "pdf"])
def test_only_the_most_relevant_of_what_nobody_cited_is_listed(options: ReportOptions, name: str) -> None:
    passages = tuple(
        ev.Passage(id=f"u{n}", source="library", document_id=f"u{n}", title=f"Handbook{n:02}", text="x", score=n / 100)
        for n in range(40)
    )
    step = ev.Step(id="more", agent="research", action="threats", title="More", goal="more")
    more = (
        ev.PlanMade(plan=ev.Plan(steps=(*sample_run.plan().steps, step)), reason="more"),
        ev.StepFinished(step="more", agent="research", outcome=StepOutcome(summary="more", passages=passages)),
    )
    state = RunState.from_events(sample_run.events(more))
    made = render(state, options, (name,))[name]
    text = pdf_text(made) if name == "pdf" else made.decode()
    listed = set(re.findall(r"Handbook(\d\d)", text))
    assert "39" in listed
    assert "00" not in listed
    assert "less relevant documents" in text
    assert render(state, options, ("json",))["json"].decode().count('"title": "Handbook') == len(passages)


RESEARCH = {"kind": "research", "title": "What is SSRF?", "description": "Tell me."}


def briefed(quote: str, *, holds: bool) -> RunState:
    """A research run with one briefing of one point."""
    passage = ev.Passage(
        id="p", source="starter knowledge", document_id="d", title="CWE-918 SSRF", text="Fetches it all."
    )
    point = ev.Citation(claim="What it is", passage_id="p", quote=quote, holds=holds)
    outcome = StepOutcome(
        summary="Found.", passages=(passage,),
        briefings=(ev.Briefing(title="CWE-918 SSRF", reached="named in the task", points=(point,)),),
    )  # fmt: skip
    step = ev.Step(id="threats", agent="research", action="threats", title="Find the threats", goal="")
    return RunState.from_events(
        sample_run.journal(
            [
                ev.RunStarted(task=make_task(RESEARCH), versions={}),
                ev.AttemptStarted(),
                ev.PlanMade(plan=ev.Plan(steps=(step,)), reason=""),
                ev.StepStarted(step="threats", agent="research"),
                ev.StepFinished(step="threats", agent="research", outcome=outcome),
            ]
        )
    )


@pytest.mark.parametrize("name", ["html", "md", "pdf"])
def test_a_quote_of_a_briefing_that_is_not_in_the_passage_says_so_where_it_stands(
    options: ReportOptions, name: str
) -> None:
    made = render(briefed("Invented.", holds=False), options, (name,))[name]
    text = " ".join((pdf_text(made) if name == "pdf" else made.decode()).split())
    told = text[text.index("Invented.") :][:250]
    assert "QUOTE NOT FOUND in the passage" in told


@pytest.mark.parametrize("name", ["html", "md", "pdf"])
def test_what_answers_a_research_task_is_quoted_once_with_the_number_of_its_evidence(
    options: ReportOptions, name: str
) -> None:
    run = briefed("Fetches it all.", holds=True)
    made = render(run, options, (name,))[name]
    text = pdf_text(made) if name == "pdf" else made.decode().replace("\\", "")
    assert text.count("Fetches it all.") == 1
    assert text.index("What is known about it") < text.index("Fetches it all.") < text.rindex("Quoted above")
    assert "[1]" in text
