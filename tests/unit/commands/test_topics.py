"""`workbench knowledge topics` on a real library."""

import json
from pathlib import Path

import pytest

from workbench.commands import topics
from workbench.commands.ingesting import ingest_paths
from workbench.core.values import WorkbenchError
from workbench.places import Places

CATS = "The cat sleeps on the warm windowsill and purrs. Its kitten number {} chases a mouse."
PUMPS = "The pump of the pipeline presses oil through valve {}. Its turbine is greased."


@pytest.fixture
def home(places_with_model: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    """A library without a shelf."""

    async def no_shelf(*_parts: object) -> None:
        return None

    monkeypatch.setattr("workbench.core.knowledge.starter.take_in_shelf", no_shelf)
    papers = tmp_path / "papers"
    papers.mkdir()
    for number in range(12):
        (papers / f"cat{number}.md").write_text(CATS.format(number), "utf-8")
        (papers / f"pump{number}.md").write_text(PUMPS.format(number), "utf-8")
    return places_with_model


async def test_a_library_tells_its_topics(home: Places, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    await ingest_paths(home, [tmp_path / "papers"], "papers")
    capsys.readouterr()
    assert await topics.show_topics(home, ["papers"], as_json=True) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["chunks"] == 24
    named = [set(topic["words"]) for topic in found["topics"]]
    assert any("cat" in words or "kitten" in words for words in named)
    assert any("oil" in words or "pipeline" in words for words in named)
    assert all(topic["name"] for topic in found["topics"])
    assert await topics.show_topics(home, [], as_json=False) == 0
    told = capsys.readouterr().out
    assert "passages in" in told
    assert "such as" in told
    with pytest.raises(WorkbenchError, match="no collection called attic; there are: papers"):
        await topics.show_topics(home, ["attic"], as_json=False)


async def test_a_library_of_a_few_passages_has_no_topics(
    home: Places, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await ingest_paths(home, [tmp_path / "papers" / "cat1.md"], "library")
    capsys.readouterr()
    assert await topics.show_topics(home, [], as_json=False) == 5
    assert "1 passage, too few to have topics" in capsys.readouterr().out
