import json
from pathlib import Path

import pytest

from workbench.commands import ingesting, keeping
from workbench.core.values import WorkbenchError
from workbench.places import Places


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "a.md").write_text("# Alpha\n\nThe first.", encoding="utf-8")
    (folder / "b.md").write_text("# Beta\n\nThe second.", encoding="utf-8")
    return folder


async def test_a_folder_is_taken_in_listed_pruned_and_forgotten(
    places_with_model: Places, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    places = places_with_model
    assert await ingesting.ingest_paths(places, [folder], "papers") == 0
    told = capsys.readouterr().out
    assert f"added     {folder / 'a.md'} (1 chunk)" in told
    assert "2 added in" in told
    (folder / "a.md").unlink()
    assert await ingesting.ingest_paths(places, [folder], "papers") == 0
    told = capsys.readouterr().out
    assert told.startswith("1 unchanged in")
    assert await keeping.list_knowledge(places, "", as_json=True) == 0
    listed = json.loads(capsys.readouterr().out)
    assert ("papers", 2) in {(each["name"], each["documents"]) for each in listed["collections"]}
    assert [each["path"] for each in listed["folders"]] == [str(folder)]
    await keeping.prune(places, dry_run=True)
    assert "1 document would be removed" in capsys.readouterr().out
    await keeping.prune(places, dry_run=False)
    assert f"removed   {folder / 'a.md'}" in capsys.readouterr().out
    assert await keeping.remove(places, str(folder)) == 0
    assert "1 document removed from the library" in capsys.readouterr().out
    assert await keeping.remove(places, str(folder)) == 5


async def test_a_folder_that_is_away_is_named_and_its_documents_are_left(
    places_with_model: Places, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await ingesting.ingest_paths(places_with_model, [folder], "library")
    folder.rename(folder.with_name("away"))
    capsys.readouterr()
    await keeping.prune(places_with_model, dry_run=False)
    told = capsys.readouterr().out
    assert f"{folder} is not there or empty" in told
    assert "no documents removed" in told


async def test_going_on_with_nothing_and_watching_a_file_are_said(
    places_with_model: Places, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await ingesting.go_on(places_with_model) == 0
    assert "nothing to go on with" in capsys.readouterr().out
    with pytest.raises(WorkbenchError, match="only folders are watched"):
        await ingesting.ingest_paths(places_with_model, [folder / "a.md"], "library", watch=True)
    with pytest.raises(WorkbenchError, match="check the path"):
        await ingesting.ingest_paths(places_with_model, [folder / "none"], "library")
