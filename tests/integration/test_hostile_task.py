"""A task, its files and its library full of traps: the whole way through, all of it stays text."""

import io
import os
import re
import subprocess
import sys
import time
import zlib
from collections.abc import AsyncIterator, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt
from rich.console import Console

from tests import sample_run
from workbench.commands import console, ingesting, running, searching
from workbench.core.database import Database
from workbench.core.engine import Engine, FileEnded, FileState, RunState
from workbench.core.events import RunStarted
from workbench.core.filters import NO_FILTER
from workbench.core.journal import Journal
from workbench.core.knowledge import shelf
from workbench.core.knowledge.embedder import OnnxEmbedder
from workbench.core.reports import ReportOptions, render
from workbench.core.tasks import Task, TaskError, load_task, make_task, read_attachment
from workbench.places import Places

TRAPS = (
    "<script>alert(1)</script><img src=//evil.example/i onerror=alert(1)><a href=file:///etc/passwd>a</a> "
    "![p](http://evil.example/p.png) [l](javascript:alert(1)) <http://evil.example> # heading\n---\n| a | b |\n"
    '#panic("typst") #read("/etc/passwd") $ x $ = Title \\ {{ 7*7 }} {% raw %} ``` ~~~ '
    "[bold red]rich[/bold red] [link=http://evil.example]r[/link] [/] \x1b[31mred\x1b]0;title\x07 "
    "\u202egnp.exe\u202c\u2066x\u2069 a\u200bb\ufeff \x00 \u2028 \r over e" + "\u0301" * 60 + " %s {0} ../../x"
)
CODE = f"""import subprocess, pickle
TRAPS = {TRAPS!r}
def f(name):  # <script>alert(2)</script> #panic() [red]
    subprocess.run("ls <b>[/red]../../x</b> ![](http://evil.example) " + name, shell=True)
    return pickle.loads(name)
"""
LONG = "x = '" + "<b>" * 33_333 + "'\n"
NESTED = "x = " + "(" * 5_000 + ")" * 5_000 + "\n"
NAMES = (
    "../../x.py",
    "/etc/passwd",
    "<img src=x onerror=alert(1)>.py",
    "a\u202eyp.exe",
    "CON",
    "[red]x[/].py",
    "$(id).py",
)
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\u2028\ufeff]")


def hostile_task(**fields: Any) -> Task:
    units = [{"name": name, "language": "python", "text": CODE} for name in NAMES]
    units += [
        {"name": "long.py", "language": "python", "text": LONG},
        {"name": "nested.py", "language": "python", "text": NESTED},
        {"name": TRAPS, "language": TRAPS, "text": "\0" + TRAPS},
    ]
    return Task.model_validate(
        {
            "kind": "review",
            "title": TRAPS[:300],
            "description": TRAPS + "\n" + "<b>" * 600,
            "code": CODE,
            "attachments": units,
            "options": [f"{TRAPS} fine", "[red]later[/]", "<b>never</b>"],
            "sources": ["starter knowledge", "my library", TRAPS],
            **fields,
        }
    )


@pytest.fixture
def home(places_with_model: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Places]:
    """A small starter knowledge, and a working folder where nobody has anything to write."""
    documents = shelf.load_shelf()[::12]
    monkeypatch.setattr(shelf, "load_shelf", lambda: documents)
    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")
    before = {path.name for path in tmp_path.iterdir()}
    yield places_with_model
    assert list((tmp_path / "cwd").iterdir()) == []
    assert {path.name for path in tmp_path.iterdir()} - before <= {"out", "documents"}


@pytest.fixture
async def engine(home: Places) -> AsyncIterator[Engine]:
    engine = Engine(home)
    await engine.start()
    await engine.ready()
    yield engine
    await engine.close()


class Page(HTMLParser):
    """What a browser would build of a report."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs


def check_html(page: str) -> None:
    read = Page(page)
    assert not read.tags & {"script", "img", "iframe", "link", "object", "form", "base", "svg", "embed", "video"}
    assert not [name for name, _ in read.attributes if name.startswith("on")]
    links = [value for name, value in read.attributes if name in ("href", "src", "action", "background")]
    assert not [value for value in links if not re.fullmatch(r"#[\w-]+", value or "")]
    assert not CONTROL.search(page)


def check_markdown(source: str) -> None:
    reader = MarkdownIt("gfm-like")
    assert reader.linkify is not None
    reader.linkify.set({"fuzzy_link": False})  # GitHub makes no link of a bare `nested.py`, as this reader would
    tokens = reader.parse(source)
    parts = [*tokens, *(child for token in tokens for child in token.children or ())]
    active = [part for part in parts if part.type in ("html_block", "html_inline", "link_open", "image")]
    assert [(part.type, part.content, part.attrs) for part in active] == []
    assert not CONTROL.search(source)


def check_pdf(pdf: bytes) -> None:
    inner = [pdf]
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.S):
        try:
            inner.append(zlib.decompress(stream))
        except zlib.error:
            continue
    for part in inner:
        assert not re.search(rb"/URI\b|/JavaScript\b|/JS\b|/Launch\b|/EmbeddedFile\b|/OpenAction\s*<<\s*/S\s*/J", part)


async def test_a_hostile_task_is_run_and_told_as_text_in_every_format(
    home: Places, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = await running.run_task(home, hostile_task(), tmp_path / "out", ("html", "pdf", "md", "json"))
    told = capsys.readouterr()
    assert code == 0
    assert not CONTROL.search(told.out + told.err)
    assert "[bold red]rich" in told.out or "[/red]" in told.out
    written = {path.name: path.read_bytes() for path in (tmp_path / "out").rglob("*")}
    assert set(written) == {"report.html", "report.pdf", "report.md", "run.json"}
    check_html(written["report.html"].decode())
    check_markdown(written["report.md"].decode())
    check_pdf(written["report.pdf"])
    assert written["run.json"].isascii()


def test_a_text_without_any_space_is_reported() -> None:
    task = hostile_task(description="QUJD" * 20_000)
    events = sample_run.events()
    begun = events[0].model_copy(update={"body": RunStarted(task=task, versions={})})
    made = render(RunState.from_events([begun, *events[1:]]), ReportOptions(), ("pdf",))
    check_pdf(made["pdf"])


def test_a_terminal_shows_traps_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    terminal = Console(file=screen, force_terminal=True, color_system="truecolor", highlight=False, soft_wrap=True)
    monkeypatch.setattr(console, "console", terminal)
    console.line(TRAPS)
    shown = screen.getvalue()
    assert "\x1b" not in shown
    assert "[bold red]rich[/bold red]" in shown
    console.line(TRAPS, style="bold")
    assert re.findall("\x1b[^m]*m", screen.getvalue().replace("\n", "")) != []
    assert "\x1b]" not in screen.getvalue()
    assert "\x1b[31m" not in screen.getvalue()


def test_a_title_that_the_terminal_cannot_write_is_printed_in_escapes(places: Places) -> None:
    with Database(places.database) as database:
        task = make_task({"kind": "review", "title": "日本語 é", "code": "c"})
        Journal(database).append("r1", 1, 1, RunStarted(task=task, versions={}))
    done = subprocess.run(
        [sys.executable, "-m", "workbench.cli", "runs"],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "\\u65e5" in done.stdout


def hostile_documents(folder: Path) -> list[Path]:
    folder.mkdir()
    names = [
        "<img src=x>.md",
        "a\u202edm.md",
        "[red]x[bold].html",
        "new\nline.txt",
        "quote\"'.py",
        "%s {0}.csv",
        "x.json",
    ]
    for name in names:
        (folder / name).write_text(TRAPS + "\n\nzebra zebra crossing\n", "utf-8")
    (folder / "long.md").write_text("<b>" * 2_000 + " zebra\n", "utf-8")
    (folder / "deep.json").write_text("[" * 50_000 + "]" * 50_000, "utf-8")
    (folder / "deep.html").write_text("<div>" * 2_000 + "zebra", "utf-8")
    (folder / "bomb.md").write_text("> " * 500 + "zebra\n\n" + "[" * 2_000, "utf-8")
    Path(os.fsdecode(os.fsencode(folder) + b"/not-utf8-\xff.md")).write_text("# zebra\n\nzebra herd\n", "utf-8")
    return [folder]


async def test_hostile_documents_are_taken_in_or_refused_by_name_and_found_as_text(
    engine: Engine, tmp_path: Path
) -> None:
    job = engine.library.ingest(hostile_documents(tmp_path / "documents"))
    ended = [event async for event in job if isinstance(event, FileEnded)]
    assert len(ended) == 12
    assert [event.path for event in ended if event.state is FileState.FAILED and not event.reason] == []
    assert sum(event.state is FileState.ADDED for event in ended) >= 8
    answer = await engine.library.search("zebra crossing", limit=20, sources=("my library",))
    assert answer.passages
    for passage in answer.passages:
        assert await engine.library.document(passage.document_id) is not None


QUESTIONS = (
    TRAPS,
    '"unbalanced (and AND OR NOT +- title:x [a TO b] field:* ~2^3 \\',
    "\0",
    "\ud800 lone",
    "a" * 100_000,
    "<b>" * 3_000,
    "'; DROP TABLE chunks; --",
    "\u202e\u2066",
    "/.*(a+)+$/",
)


async def test_a_hostile_question_is_answered(engine: Engine) -> None:
    for question in QUESTIONS:
        answer = await engine.library.search(question)
        assert [status.state for status in answer.statuses if status.state != "ok"] == [], question[:80]


async def test_search_results_are_printed_as_text(
    home: Places, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await ingesting.ingest_paths(home, hostile_documents(tmp_path / "documents"), "library")
    await searching.search_library(home, "zebra crossing", 10, as_json=False, filters=NO_FILTER)
    await searching.search_library(home, "zebra crossing", 10, as_json=True, filters=NO_FILTER)
    told = capsys.readouterr()
    assert not CONTROL.search(told.out.replace("\\u", "") + told.err)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"kind": "review", "title": "t", "code": "c", "limits": {"seconds": NaN}}',
        '{"kind": "review", "title": "t", "code": "c", "limits": {"seconds": ' + "9" * 5_000 + "}}",
        '{"kind": "review", "title": "\\ud800", "code": "c"}',
        '{"kind": "review", "title": "t", "files": ["a\\u0000b"]}',
        '{"kind": "review", "title": "t", "files": ["' + "a/" * 3_000 + '"]}',
        '{"kind": "review", "title": "t", "files": ["."]}',
        '{"kind": "review", "title": "t", "files": [""]}',
        '{"kind": ["review"], "title": "t", "code": "c"}',
        '{"kind": "review", "title": "t", "attachments": [{"name": "x"}]}',
        '{"kind": "review", "title": "t", "code": "c", "sources": "all"}',
        '{"kind": "review", "title": "t", "code": "c", "\\u202e": 1}',
        "\xff\xfe\x00",
        "",
        "null",
    ],
    ids=range(15),
)
def test_an_odd_task_file_gets_one_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "task.json"
    path.write_text(text, "utf-8")
    with pytest.raises(TaskError) as caught:
        load_task(path)
    assert len(str(caught.value).splitlines()) == 1
    assert len(str(caught.value)) < 700


def test_a_file_whose_name_is_no_text_is_attached_or_refused_in_a_sentence(tmp_path: Path) -> None:
    odd = os.fsdecode(b"odd-\xff.py")
    (tmp_path / odd).write_text("print(1)\n")
    unit = read_attachment(tmp_path / odd)
    assert unit.text == "print(1)\n"
    assert "odd-" in unit.name


def test_a_long_text_without_spaces_is_split_for_the_embedder_without_delay(places_with_model: Places) -> None:
    embedder = OnnxEmbedder(places_with_model)
    text = "<b>" * 33_000
    began = time.monotonic()
    pieces = embedder.split(text)
    assert time.monotonic() - began < 5  # a twentieth of a second; 25 s when each piece reads all offsets again
    assert "".join(pieces) == text
