from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests import servers
from workbench.core.connection_settings import ConnectionRefused, ConnectionSettings
from workbench.core.demo import postgresql
from workbench.core.demo.entries import DemoData
from workbench.core.demo.outside import DemoRefused
from workbench.core.demo.reading import read_demo

PASSWORD = "writer's password 41c7"


@pytest.fixture(scope="module")
def data() -> DemoData:
    return read_demo()


@pytest.fixture(scope="module")
def server() -> Iterator[servers.PostgresServer]:
    with servers.postgresql() as started:
        quoted = PASSWORD.replace("'", "''")
        started.run(
            f"CREATE ROLE writer LOGIN PASSWORD '{quoted}'",
            f"CREATE ROLE reader LOGIN PASSWORD '{quoted}'",
            "CREATE DATABASE threats OWNER writer",
        )
        yield started


@pytest.fixture
def settings(server: servers.PostgresServer) -> Iterator[ConnectionSettings]:
    yield of(server)
    server.run(
        "DROP SCHEMA IF EXISTS workbench_demo CASCADE", "DROP SCHEMA IF EXISTS other CASCADE", database="threats"
    )


def of(server: servers.PostgresServer, **changed: Any) -> ConnectionSettings:
    values = {"name": "threat desk", "kind": "postgresql", "host": servers.HOST, "port": server.port}
    values |= {"database": "threats", "user": "writer", "tls": "off"}
    return ConnectionSettings.model_validate(values | changed)


def ask(server: servers.PostgresServer, question: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(
        host=servers.HOST, port=server.port, dbname="threats", user=server.user, password=server.password
    ) as connection:
        return connection.execute(question.encode()).fetchall()


def schemas(server: servers.PostgresServer) -> int:
    return int(ask(server, "SELECT count(*) FROM pg_namespace WHERE nspname = 'workbench_demo'")[0][0])


def test_all_of_it_is_written_and_can_be_asked(
    server: servers.PostgresServer, settings: ConnectionSettings, data: DemoData
) -> None:
    written = postgresql.put(settings, PASSWORD, data)
    assert written.counts["assets"] == len(data.assets)
    for table, count in written.counts.items():
        assert ask(server, f"SELECT count(*) FROM workbench_demo.{table}") == [(count,)]
    titles = [title for _, title in ask(server, written.look)]
    assert "xz 5.6.x with the backdoor on build-03 and desk-17" in titles
    hit = "SELECT asset FROM workbench_demo.software WHERE package LIKE 'xz%' AND version ~ '^5[.]6[.][01]-' ORDER BY 1"
    assert ask(server, hit) == [("build-03",), ("desk-17",)]
    first = ask(server, "SELECT address::text, data FROM workbench_demo.assets WHERE id = 'web-01'")
    assert first == [("10.20.10.10/32", ["personal", "payment"])]


def test_keys_and_indexes_are_there(
    server: servers.PostgresServer, settings: ConnectionSettings, data: DemoData
) -> None:
    postgresql.put(settings, PASSWORD, data)
    keys = "SELECT contype::text, count(*) FROM pg_constraint WHERE connamespace = 'workbench_demo'::regnamespace "
    kinds = dict(ask(server, keys + "AND contype IN ('p', 'f') GROUP BY 1"))
    assert kinds == {"p": 6, "f": 4}
    gin = "SELECT indexname FROM pg_indexes WHERE schemaname = 'workbench_demo' AND indexdef LIKE '%USING gin%'"
    assert sorted(ask(server, gin)) == [("threats_search",), ("tickets_search",)]


def test_again_replaces_its_own_schema_and_nothing_else(
    server: servers.PostgresServer, settings: ConnectionSettings, data: DemoData
) -> None:
    server.run("CREATE SCHEMA other", "CREATE TABLE other.assets (id int)", database="threats")
    postgresql.put(settings, PASSWORD, data)
    server.run("DELETE FROM workbench_demo.software", database="threats")
    assert postgresql.put(settings, PASSWORD, data).counts["software"] == len(data.software)
    assert ask(server, "SELECT count(*) FROM workbench_demo.software") == [(len(data.software),)]
    assert ask(server, "SELECT count(*) FROM other.assets") == [(0,)]


def test_it_is_taken_out_again(server: servers.PostgresServer, settings: ConnectionSettings, data: DemoData) -> None:
    assert postgresql.remove(settings, PASSWORD) is False
    postgresql.put(settings, PASSWORD, data)
    assert postgresql.remove(settings, PASSWORD) is True
    assert schemas(server) == 0


@pytest.mark.parametrize("comment", ["NULL", "'ours, hands off'"])
def test_a_schema_of_somebody_else_is_left_alone(
    server: servers.PostgresServer, settings: ConnectionSettings, data: DemoData, comment: str
) -> None:
    server.run(
        "CREATE SCHEMA workbench_demo AUTHORIZATION writer",
        "CREATE TABLE workbench_demo.assets (id int)",
        f"COMMENT ON SCHEMA workbench_demo IS {comment}",
        database="threats",
    )
    with pytest.raises(DemoRefused, match="has a schema workbench_demo that the workbench did not make"):
        postgresql.put(settings, PASSWORD, data)
    with pytest.raises(DemoRefused, match="nothing was changed"):
        postgresql.remove(settings, PASSWORD)
    assert ask(server, "SELECT count(*) FROM workbench_demo.assets") == [(0,)]


@pytest.mark.parametrize(
    "theirs",
    [
        ("CREATE SCHEMA other", "CREATE VIEW other.mine AS SELECT id FROM workbench_demo.tickets"),
        ("CREATE TABLE workbench_demo.mine (id int)",),
    ],
)
def test_what_others_built_upon_it_or_put_into_it_is_kept(
    server: servers.PostgresServer, settings: ConnectionSettings, data: DemoData, theirs: tuple[str, ...]
) -> None:
    postgresql.put(settings, PASSWORD, data)
    server.run(*theirs, database="threats")
    for act in (lambda: postgresql.put(settings, PASSWORD, data), lambda: postgresql.remove(settings, PASSWORD)):
        with pytest.raises(DemoRefused, match="something that the workbench did not make"):
            act()
    assert ask(server, "SELECT count(*) FROM workbench_demo.tickets") == [(len(data.tickets),)]


def test_an_account_without_the_right_is_told_so(server: servers.PostgresServer, data: DemoData) -> None:
    with pytest.raises(DemoRefused, match="reader may not write the schema workbench_demo"):
        postgresql.put(of(server, user="reader"), PASSWORD, data)
    assert schemas(server) == 0


def test_whatever_goes_wrong_leaves_the_earlier_version(
    server: servers.PostgresServer, settings: ConnectionSettings, data: DemoData
) -> None:
    postgresql.put(settings, PASSWORD, data)
    broken = data.model_copy(update={"software": (*data.software, data.software[0])})
    with pytest.raises(DemoRefused, match=r"broke off \(UniqueViolation\), so nothing was changed"):
        postgresql.put(settings, PASSWORD, broken)
    assert ask(server, "SELECT count(*) FROM workbench_demo.software") == [(len(data.software),)]


def test_a_wrong_password_is_told_as_the_test_of_a_connection_does(
    server: servers.PostgresServer, data: DemoData
) -> None:
    with pytest.raises(ConnectionRefused, match="does not accept this password for writer"):
        postgresql.put(of(server), "wrong", data)


def test_where_nothing_listens_it_is_told(data: DemoData) -> None:
    nowhere = servers.PostgresServer(servers.free_port(), "nobody", "")
    with pytest.raises(ConnectionRefused, match="Nothing listens at"):
        postgresql.put(of(nowhere), PASSWORD, data)
