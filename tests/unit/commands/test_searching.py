"""`workbench search` as the user meets it: what it narrows by, what it prints, how it ends."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import pytest
from typer.testing import CliRunner

from workbench import cli
from workbench.commands import searching
from workbench.core.engine import CollectionInfo, SearchAnswer, SearchFilter
from workbench.core.evidence import Location, Passage, PassageKind, Severity, SourceState, SourceStatus
from workbench.core.values import WorkbenchError
from workbench.places import Places


class Library:
    """Answers with what a test puts in, and remembers what was asked."""

    def __init__(self) -> None:
        self.passages: tuple[Passage, ...] = ()
        self.statuses: tuple[SourceStatus, ...] = ()
        self.asked: list[Any] = []

    @property
    def library(self) -> "Library":
        return self

    stage = ""

    async def ready(self) -> None:
        return None

    async def indexed(self) -> None:
        return None

    def source_names(self) -> tuple[str, ...]:
        return ("starter knowledge", "my library")

    async def collections(self) -> list[CollectionInfo]:
        return [CollectionInfo(name="cwe", documents=1, failed=0, chunks=1, size=1, newest=None)]

    async def search(
        self, question: str, filters: SearchFilter, limit: int, sources: list[str] | None = None
    ) -> SearchAnswer:
        self.asked.append((question, filters, limit, sources))
        return SearchAnswer(passages=self.passages, statuses=self.statuses)


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Library:
    made = Library()

    @asynccontextmanager
    async def opened(_: Places) -> AsyncIterator[Library]:
        yield made

    monkeypatch.setattr(searching, "opened", opened)
    return made


def passage(text: str, score: float, **fields: Any) -> Passage:
    given = {"id": text, "source": "my library", "document_id": "d", "title": text, "text": text, "score": score}
    return Passage.model_validate({**given, "location": Location(path=f"/docs/{text}.md"), **fields})


def ask(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli.app, ["search", *arguments])
    if isinstance(result.exception, WorkbenchError):
        raise result.exception
    return result.exit_code, result.output


def test_every_option_narrows_the_search(library: Library) -> None:
    ask(
        "xss", "--collection", "cwe", "--kind", "weakness", "--kind", "recipe", "--since", "2023", "--until", "2024-02",
        "--cwe", "79", "--cwe", "CWE-89", "--severity", "high", "--source", "my library", "--limit", "3",
    )  # fmt: skip
    [(question, filters, limit, sources)] = library.asked
    assert (question, limit, sources) == ("xss", 3, ["my library"])
    assert filters == SearchFilter(
        collections=("cwe",),
        kinds=(PassageKind.WEAKNESS, PassageKind.RECIPE),
        since=date(2023, 1, 1),
        until=date(2024, 2, 29),
        weaknesses=("CWE-79", "CWE-89"),
        severities=(Severity.HIGH,),
    )


def test_without_options_everything_is_searched(library: Library) -> None:
    ask("xss")
    assert library.asked == [("xss", SearchFilter(), 10, None)]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--since", "last week"), "`last week` is no date; write it like 2024-01-31"),
        (("--cwe", "CVE-2024-3094"), "is no CWE id; write it like CWE-79"),
        (("--source", "web"), "no source called web; there are: starter knowledge, my library"),
        (("--collection", "papers"), "no collection called papers; there are: cwe"),
    ],
)
def test_what_would_find_nothing_in_silence_is_refused(library: Library, arguments: tuple[str, str], told: str) -> None:
    with pytest.raises(WorkbenchError, match=told):
        ask("xss", *arguments)
    assert library.asked == []


def test_a_passage_that_is_hardly_about_it_is_marked_and_copies_are_named(library: Library) -> None:
    library.passages = (passage("close", 0.9, also_in=("/docs/copy.md", "/docs/third.md")), passage("far", 0.3))
    code, told = ask("xss")
    assert code == 0
    close, far = (line for line in told.splitlines() if "relevance" in line)
    assert "relevance 0.90]" in close
    assert "relevance 0.30, hardly about the question]" in far
    assert "also in: /docs/copy.md; /docs/third.md" in told


def test_when_nothing_is_close_that_comes_first_and_is_the_exit_code(library: Library) -> None:
    library.passages = (passage("far", 0.3),)
    code, told = ask("CWE-79", "--kind", "weakness")
    assert code == 5
    assert told.startswith("CWE-79 has no entry in what was searched.\nNothing close was found; the nearest are:")


def test_a_source_that_did_not_answer_in_full_is_told(library: Library) -> None:
    library.statuses = (SourceStatus(source="my library", state=SourceState.ERROR, detail="[it] is broken"),)
    code, told = ask("xss")
    assert code == 5
    assert "my library: [it] is broken" in told
