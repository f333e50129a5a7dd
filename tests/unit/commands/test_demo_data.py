from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner

from tests import servers
from workbench import cli
from workbench.commands import demo_data
from workbench.commands.demo_data import demo_in_library, demo_outside
from workbench.commands.opened import opened
from workbench.config import ConfigStore
from workbench.core.connection_settings import ConnectionSettings
from workbench.core.connections import Connections
from workbench.core.demo.documents import COLLECTION
from workbench.core.keys import Keyring
from workbench.core.knowledge.documents import Block, LoadedDocument
from workbench.core.values import WorkbenchError
from workbench.places import Places


@pytest.fixture(scope="module")
def postgresql() -> Iterator[servers.PostgresServer]:
    with servers.postgresql() as server:
        yield server


@pytest.fixture(scope="module")
def mongodb() -> Iterator[int]:
    with servers.mongodb() as port:
        yield port


async def save(places: Places, password: str | None, **values: Any) -> None:
    store = ConfigStore(places.config_file)
    store.load()
    settings = {"host": servers.HOST, "database": "postgres", "tls": "off"} | values
    await Connections(store, Keyring()).save(ConnectionSettings.model_validate(settings), password)


async def test_both_databases_at_once_and_out_again(
    places: Places, postgresql: servers.PostgresServer, mongodb: int, capsys: pytest.CaptureFixture[str]
) -> None:
    await save(places, postgresql.password, name="Desk", kind="postgresql", port=postgresql.port, user=postgresql.user)
    await save(places, None, name="papers", kind="mongodb", port=mongodb)
    assert await demo_outside(places, "desk", "papers", remove=False) == 0
    told = capsys.readouterr().out
    assert f"the database postgres at 127.0.0.1:{postgresql.port}" in told
    assert "  tickets: 152" in told
    assert "  demo_threats: 82" in told
    assert "websearch_to_tsquery" in told
    assert 'workbench demo-data --mongodb "papers" --remove' in told
    assert postgresql.password not in told
    assert await demo_outside(places, "desk", "papers", remove=True) == 0
    assert await demo_outside(places, "desk", "papers", remove=True) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Desk: the demo data are removed",
        "papers: the demo data are removed",
        "Desk: there were no demo data",
        "papers: there were no demo data",
    ]


@pytest.mark.parametrize(
    ("arguments", "called"),
    [
        ([], ("library", False)),
        (["--remove"], ("library", True)),
        (["--mongodb", "papers"], ("outside", "", "papers", False)),
        (["--postgresql", "desk", "--mongodb", "papers", "--remove"], ("outside", "desk", "papers", True)),
    ],
)
def test_the_command_line_says_where(
    places: Places, monkeypatch: pytest.MonkeyPatch, arguments: list[str], called: tuple[object, ...]
) -> None:
    calls: list[tuple[object, ...]] = []

    async def library(_places: Places, remove: bool) -> int:
        calls.append(("library", remove))
        return 0

    async def outside(_places: Places, *given: object) -> int:
        calls.append(("outside", *given))
        return 0

    monkeypatch.setattr(demo_data, "demo_in_library", library)
    monkeypatch.setattr(demo_data, "demo_outside", outside)
    assert CliRunner().invoke(cli.app, ["demo-data", *arguments]).exit_code == 0
    assert calls == [called]


async def test_a_connection_must_exist_and_be_of_the_kind_that_was_named(places: Places) -> None:
    await save(places, None, name="papers", kind="mongodb", port=27017)
    with pytest.raises(WorkbenchError, match=r"no postgresql connection named papers \(known: none yet\)"):
        await demo_outside(places, "papers", "", remove=False)
    with pytest.raises(WorkbenchError, match=r"no mongodb connection named paper \(known: papers\)"):
        await demo_outside(places, "", "paper", remove=False)


async def test_nothing_is_written_anywhere_when_one_of_two_connections_is_unknown(
    places: Places, postgresql: servers.PostgresServer, capsys: pytest.CaptureFixture[str]
) -> None:
    await save(places, postgresql.password, name="desk", kind="postgresql", port=postgresql.port, user=postgresql.user)
    with pytest.raises(WorkbenchError, match="no mongodb connection"):
        await demo_outside(places, "desk", "papers", remove=False)
    assert await demo_outside(places, "desk", "", remove=True) == 0
    assert "there were no demo data" in capsys.readouterr().out


async def test_a_database_that_takes_too_long_is_given_up(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo_data, "SECONDS", 0.2)
    with servers.deaf_port() as port:
        await save(places, None, name="deaf", kind="mongodb", port=port)
        with pytest.raises(WorkbenchError, match="deaf was not done with the demo data within"):
            await demo_outside(places, "", "deaf", remove=False)


def document(name: str, text: str) -> LoadedDocument:
    return LoadedDocument(path=f"demo/{name}", title=name, media_type="text/plain", blocks=(Block(text=text),))


async def test_the_library_takes_it_in_its_own_collection_once_and_forgets_it(
    places_with_model: Places, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    documents = [document("one", "xz 5.6.1 runs on build-03"), document("two", "log4j-core runs on arch-01")]
    monkeypatch.setattr(demo_data, "demo_documents", lambda _data: documents)
    assert await demo_in_library(places_with_model, remove=False) == 0
    assert "2 added" in capsys.readouterr().out
    assert await demo_in_library(places_with_model, remove=False) == 0
    assert "2 unchanged" in capsys.readouterr().out
    documents.pop()
    assert await demo_in_library(places_with_model, remove=False) == 0
    async with opened(places_with_model) as engine:
        found = [each.path for each in await engine.library.documents() if each.collection == COLLECTION]
    assert found == ["demo/one"], "what is no longer among the demo data goes"
    assert await demo_in_library(places_with_model, remove=True) == 0
    assert await demo_in_library(places_with_model, remove=True) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == [
        "1 demo document removed from the library",
        "There were no demo data",
    ]
