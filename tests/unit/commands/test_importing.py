"""`workbench import` as the user meets it: what it prints, what it asks, how it ends."""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from tests.unit.core.knowledge.doubles import CountingEmbedder
from tests.unit.core.knowledge.importers.feeds import component, cve, cyclonedx, gzipped, nvd
from tests.unit.core.knowledge.importers.test_download import Server
from workbench import cli
from workbench.commands import importing
from workbench.commands.exit_codes import CANCELLED, FILES_FAILED
from workbench.config import OFFICIAL, KnowledgeSettings
from workbench.core.database import Database
from workbench.core.import_facet import ImportsFacet
from workbench.core.knowledge.embedder import space_of
from workbench.core.knowledge.importers.registry import NAMES, importer_of
from workbench.core.knowledge.importers.store import ImportStore
from workbench.core.knowledge.library import Library
from workbench.core.values import WorkbenchError
from workbench.places import Places


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    made.answers(lambda handler: handler.send(200, gzipped(nvd(cve(1), cve(2))), ETag='"one"'))
    yield made
    made.close()


@pytest.fixture
def facet(places: Places, server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[ImportsFacet]:
    """The imports of a library without a shelf, whose NVD is on this machine."""
    address = server.address.replace("feed", "nvdcve-2.0-{part}")
    chosen = KnowledgeSettings(nvd=address, kev="", plain_http_to_this_machine=True)
    with Database(places.database) as database:
        embedder = CountingEmbedder()
        library = Library(database, space_of(embedder))
        made = ImportsFacet(library, embedder, ImportStore(database), settings=lambda: chosen, cache=places.cache)

        @asynccontextmanager
        async def opened(_: Places) -> AsyncIterator[object]:
            yield SimpleNamespace(library=SimpleNamespace(imports=made))

        monkeypatch.setattr(importing, "opened", opened)
        yield made


Told = Callable[[], str]


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Told:
    return lambda: capsys.readouterr().out


async def test_a_file_is_imported_and_what_it_changed_is_told(facet: ImportsFacet, places: Places, told: Told) -> None:
    path = places.data / "bom.json"
    path.write_bytes(cyclonedx(component(), component("fuse", "1.0")))
    assert await importing.import_files(places, [path], "", older=False) == 0
    lines = told().splitlines()
    assert lines[0] == "CycloneDX webshop, version 2099-05-01T00:00:00Z: 3 entries, 3 new"
    assert "  added rocket 2.14.1 in webshop" in lines
    assert lines[-1].startswith("webshop 2099-05-01T00:00:00Z: 3 added, 0 changed, 0 removed, 0 unchanged in ")


async def test_one_bad_file_does_not_keep_the_others_out(facet: ImportsFacet, places: Places, told: Told) -> None:
    bad, good = places.data / "bad.json", places.data / "bom.json"
    bad.write_bytes(b"{}")
    good.write_bytes(cyclonedx(component()))
    assert await importing.import_files(places, [bad, good], "", older=False) == FILES_FAILED
    assert "2 added" in told()
    with pytest.raises(WorkbenchError, match=r"bad\.json: no importer recognises it"):
        await importing.import_files(places, [bad], "", older=False)


async def test_nothing_is_downloaded_before_somebody_agrees(
    facet: ImportsFacet, places: Places, server: Server, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(WorkbenchError, match="--yes"):
        await importing.download(places, "nvd", "2099", agreed=False, older=False)
    assert server.address.replace("feed", "nvdcve-2.0-2099") in told()
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr("builtins.input", lambda _: "n")
    assert await importing.download(places, "nvd", "2099", agreed=False, older=False) == CANCELLED
    assert "Nothing was downloaded" in told()
    assert server.asked == []
    assert await facet.downloads() == []


async def test_an_official_file_is_downloaded_imported_and_ledgered(
    facet: ImportsFacet, places: Places, server: Server, told: Told
) -> None:
    assert await importing.download(places, "nvd", "2099", agreed=True, older=False) == 0
    assert "NVD nvdcve-2.0-2099, version 2099-03-01T00:00:00.000: 2 entries, 2 new" in told()
    server.answers(lambda handler: handler.send(304))
    assert await importing.download(places, "nvd", "2099", agreed=True, older=False) == 0
    assert "0 added, 0 changed, 0 removed, 2 unchanged" in told()
    await importing.show_history(places, as_json=False)
    history = told()
    assert "nvd nvdcve-2.0-2099 2099-03-01T00:00:00.000: 2 added" in history
    assert "Requests that left this machine" in history
    assert history.rstrip().endswith("downloaded")
    await importing.show_history(places, as_json=True)
    ledger = json.loads(told())
    assert [each["outcome"] for each in ledger["downloads"]] == ["unchanged", "downloaded"]
    assert [each["added"] for each in ledger["imports"]] == [0, 2]


async def test_a_downloaded_file_that_is_no_feed_changes_nothing_and_is_not_kept(
    facet: ImportsFacet, places: Places, server: Server
) -> None:
    server.answers(lambda handler: handler.send(200, b"<html>Sign in to the network</html>", ETag='"two"'))
    with pytest.raises(WorkbenchError, match="nothing was imported"):
        await importing.download(places, "nvd", "2099", agreed=True, older=False)
    assert await facet.history() == []
    assert not list((places.cache / "downloads" / "nvd").iterdir())


async def test_what_has_no_official_file_says_so(facet: ImportsFacet, places: Places) -> None:
    for kind in ("sarif", "kev", "nonsense"):
        with pytest.raises(WorkbenchError, match="no official file"):
            await importing.download(places, kind, "", agreed=True, older=False)
    with pytest.raises(WorkbenchError, match="for each ecosystem"):
        facet.address("osv")
    for part in ("../x", "a/b", "a?b", "..", "{part}"):
        with pytest.raises(WorkbenchError, match="is no ecosystem"):
            facet.address("osv", part)
    assert facet.address("osv", "Debian").endswith("/Debian/all.zip")


async def test_the_formats_are_listed_with_their_addresses(facet: ImportsFacet, places: Places, told: Told) -> None:
    assert await importing.list_kinds(places) == 0
    lines = told().splitlines()
    assert [line.split()[0] for line in lines] == list(NAMES)
    assert OFFICIAL["attack"] in lines[0]
    assert lines[-1].endswith("from files only")


@pytest.mark.parametrize("name", NAMES)
def test_importers_and_settings_name_the_same_official_address(name: str) -> None:
    assert importer_of(name).address == OFFICIAL.get(name, "")
    assert OFFICIAL.get(name, "https:").startswith("https:")


async def test_an_import_can_be_cancelled_while_it_downloads(facet: ImportsFacet, server: Server) -> None:
    server.answers(lambda handler: handler.send(200, b"x", 100_000))
    job = facet.download("nvd", "2099")
    events = []
    async for event in job:
        events.append(event)
        job.cancel()
    assert events[-1].kind == "import_ended"
    assert events[-1].cancelled
    assert not job.running
    await facet.close()


@pytest.mark.parametrize(
    ("arguments", "called"),
    [
        ([], "list_kinds"),
        (["--history"], "show_history"),
        (["--from", "kev", "--yes"], "download"),
        (["a.json", "--from", "osv", "--older"], "import_files"),
    ],
)
def test_the_command_does_what_its_arguments_say(
    arguments: list[str], called: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, dict[str, object]]] = []

    def noted(name: str) -> Callable[..., object]:
        async def note(*_: object, **options: object) -> int:
            asked.append((name, options))
            return 0

        return note

    for name in ("list_kinds", "show_history", "download", "import_files"):
        monkeypatch.setattr(importing, name, noted(name))
    result = CliRunner().invoke(cli.app, ["import", *arguments])
    assert result.exit_code == 0, result.output
    ((name, options),) = asked
    assert name == called
    assert options.get("agreed", True)
    assert options.get("older", False) == ("--older" in arguments)
