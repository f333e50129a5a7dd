import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keyring
import keyring.backends.fail
import pytest
from pydantic import ValidationError

from tests import servers
from tests.conftest import MemoryKeyring
from workbench.config import Config, ConfigStore
from workbench.core import connections as module
from workbench.core.connection_settings import ConnectionKind, ConnectionReport, ConnectionSettings, TlsMode
from workbench.core.connections import SERVICE, Connections, UnknownConnection
from workbench.core.keys import Keyring, KeyringUnavailable
from workbench.places import Places

PASSWORD = "reader's password 9f2c"


@pytest.fixture(scope="module")
def postgresql() -> Iterator[servers.PostgresServer]:
    with servers.postgresql() as server:
        server.run("CREATE DATABASE threats", "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        quoted = PASSWORD.replace("'", "''")
        server.run(
            f"CREATE ROLE reader LOGIN PASSWORD '{quoted}'",
            f"CREATE ROLE writer LOGIN PASSWORD '{quoted}'",
            "CREATE TABLE incidents (id int)",
            'CREATE TABLE "odd\u202ename" (id int)',
            "CREATE TABLE hidden (id int)",
            'GRANT SELECT ON incidents, "odd\u202ename" TO reader, writer',
            "GRANT INSERT ON incidents TO writer",
            database="threats",
        )
        yield server


@pytest.fixture(scope="module")
def mongodb() -> Iterator[int]:
    with servers.mongodb() as port:
        import pymongo

        with pymongo.MongoClient(servers.HOST, port) as client:
            client["threats"]["reports"].insert_one({"title": "one"})
            client["threats"]["actors"].insert_one({"title": "two"})
        yield port


@pytest.fixture
def store(places: Places) -> ConfigStore:
    return ConfigStore(places.config_file)


@pytest.fixture
def connections(store: ConfigStore) -> Connections:
    return Connections(store, Keyring())


def settings(**changed: Any) -> ConnectionSettings:
    values = {"name": "threat desk", "kind": "postgresql", "host": servers.HOST, "port": 5432}
    values |= {"database": "threats", "user": "reader", "tls": "off"}
    return ConnectionSettings.model_validate(values | changed)


async def refusal(connections: Connections, tried: ConnectionSettings, password: str | None = PASSWORD) -> str:
    report = await connections.test(tried, password)
    assert not report.ok
    assert "\n" not in report.sentence
    assert PASSWORD not in report.sentence
    return report.sentence


class TestPostgresql:
    async def test_a_read_only_account_is_reported_with_what_it_can_read(
        self, connections: Connections, postgresql: servers.PostgresServer
    ) -> None:
        report = await connections.test(settings(port=postgresql.port), PASSWORD)
        assert report.ok, report.sentence
        assert report.server_version.startswith("18")
        assert (report.can_write, report.is_superuser, report.tls) == (False, False, "")
        assert len(report.names) == 2
        assert "incidents" in report.names
        assert not any("\u202e" in name for name in report.names), "names are shown, so controls are made visible"
        assert report.latency_ms is not None
        assert "without encryption; 2 tables can be read" in report.sentence

    async def test_an_account_that_can_write_is_warned_about(
        self, connections: Connections, postgresql: servers.PostgresServer
    ) -> None:
        report = await connections.test(settings(port=postgresql.port, user="writer"), PASSWORD)
        assert (report.ok, report.can_write, report.is_superuser) == (True, True, False)
        assert "may also write" in report.sentence

    async def test_a_superuser_is_warned_about(
        self, connections: Connections, postgresql: servers.PostgresServer
    ) -> None:
        report = await connections.test(settings(port=postgresql.port, user=postgresql.user), postgresql.password)
        assert (report.ok, report.can_write, report.is_superuser) == (True, True, True)
        assert "may do anything" in report.sentence

    async def test_at_most_fifty_names_come_back(
        self, connections: Connections, postgresql: servers.PostgresServer
    ) -> None:
        postgresql.run("CREATE DATABASE wide")
        tables = [f"CREATE TABLE t{number} (id int)" for number in range(51)]
        postgresql.run(*tables, database="wide")
        tried = settings(port=postgresql.port, user=postgresql.user, database="wide")
        report = await connections.test(tried, postgresql.password)
        assert (len(report.names), report.more_names) == (50, True)
        assert "more than 50 tables" in report.sentence

    @pytest.mark.parametrize(
        ("changed", "password", "said"),
        [
            ({}, "wrong", "does not accept this password for reader"),
            ({}, "", "No password is stored for reader"),
            ({"user": "nobody"}, PASSWORD, "does not accept this password for nobody"),
            ({"database": "thrats"}, PASSWORD, "no database named thrats"),
            ({"tls": "require"}, PASSWORD, "does not speak TLS"),
            ({"tls": "verify-full"}, PASSWORD, "does not speak TLS"),
        ],
    )
    async def test_what_the_server_refuses_is_said_in_one_sentence(
        self,
        connections: Connections,
        postgresql: servers.PostgresServer,
        changed: dict[str, str],
        password: str,
        said: str,
    ) -> None:
        assert said in await refusal(connections, settings(port=postgresql.port, **changed), password)

    async def test_tls_with_a_checked_certificate(
        self, connections: Connections, postgresql: servers.PostgresServer, tmp_path: Path
    ) -> None:
        context, ca_file = servers.server_certificate(tmp_path, servers.HOST)
        with servers.tls_before_postgresql(postgresql.port, context) as port:
            verified = settings(port=port, tls="verify-full", ca_file=str(ca_file))
            report = await connections.test(verified, PASSWORD)
            assert report.ok, report.sentence
            assert report.tls.startswith("TLS")
            unknown = settings(port=port, tls="verify-full")
            assert "not one to trust" in await refusal(connections, unknown)
            missing = settings(port=port, tls="verify-full", ca_file=str(tmp_path / "no.pem"))
            assert "not one to trust" in await refusal(connections, missing)
            assert (await connections.test(settings(port=port, tls="require"), PASSWORD)).ok

    async def test_a_certificate_of_another_host_is_refused(
        self, connections: Connections, postgresql: servers.PostgresServer, tmp_path: Path
    ) -> None:
        context, ca_file = servers.server_certificate(tmp_path, "db.example")
        with servers.tls_before_postgresql(postgresql.port, context) as port:
            tried = settings(port=port, tls="verify-full", ca_file=str(ca_file))
            assert "not one to trust" in await refusal(connections, tried)


class TestMongodb:
    async def test_a_server_without_access_control_is_warned_about(
        self, connections: Connections, mongodb: int
    ) -> None:
        report = await connections.test(settings(kind="mongodb", port=mongodb, user=""), None)
        assert report.ok, report.sentence
        assert report.names == ("actors", "reports")
        assert "2 collections can be read" in report.sentence

    async def test_rights_are_read_from_what_the_server_tells(self, connections: Connections) -> None:
        with servers.scripted_mongodb(_reader) as port:
            report = await connections.test(settings(kind="mongodb", port=port, user=""), None)
        assert (report.ok, report.can_write, report.is_superuser) == (True, False, False)
        assert (report.server_version, report.names) == ("8.0.4", ("reports",))

    async def test_a_wrong_password_is_said(self, connections: Connections) -> None:
        refused = {"ok": 0, "errmsg": "Authentication failed.", "code": 18, "codeName": "AuthenticationFailed"}
        with servers.scripted_mongodb(lambda name, command: refused) as port:
            sentence = await refusal(connections, settings(kind="mongodb", port=port), "wrong")
        assert "does not accept this password for reader" in sentence

    async def test_a_database_that_may_not_be_read_is_said(self, connections: Connections) -> None:
        def reply(name: str, command: dict[str, Any]) -> dict[str, Any]:
            if name == "listCollections":
                return {"ok": 0, "errmsg": "not authorized", "code": 13, "codeName": "Unauthorized"}
            return _reader(name, command)

        with servers.scripted_mongodb(reply) as port:
            assert "may not read the database threats" in await refusal(
                connections, settings(kind="mongodb", port=port, user="")
            )

    async def test_a_user_without_a_password_is_asked_for_it(self, connections: Connections, mongodb: int) -> None:
        assert "No password is stored for reader" in await refusal(
            connections, settings(kind="mongodb", port=mongodb), None
        )

    async def test_tls_is_really_asked_for(self, connections: Connections, mongodb: int, tmp_path: Path) -> None:
        context, ca_file = servers.server_certificate(tmp_path, servers.HOST)
        anonymous = {"kind": "mongodb", "user": ""}
        with servers.scripted_mongodb(_reader, context) as port:
            verified = settings(port=port, tls="verify-full", ca_file=str(ca_file), **anonymous)
            report = await connections.test(verified, None)
            assert report.ok, report.sentence
            assert report.tls.startswith("TLSv1.")
            assert (await connections.test(settings(port=port, tls="require", **anonymous), None)).ok
            missing = settings(port=port, tls="verify-full", ca_file=str(tmp_path / "no.pem"), **anonymous)
            assert "CA file" in await refusal(connections, missing)
            unknown = settings(port=port, tls="verify-full", **anonymous)
            assert "not one to trust" in await refusal(connections, unknown)
        plain = settings(port=mongodb, tls="require", **anonymous)
        assert "does not speak TLS" in await refusal(connections, plain)


def _reader(name: str, command: dict[str, Any]) -> dict[str, Any]:
    """What a MongoDB says to an account with the role `read`."""
    told: dict[str, dict[str, Any]] = {
        "buildInfo": {"version": "8.0.4"},
        "connectionStatus": {
            "authInfo": {
                "authenticatedUsers": [{"user": "reader", "db": "admin"}],
                "authenticatedUserRoles": [{"role": "read", "db": "threats"}],
                "authenticatedUserPrivileges": [
                    {"resource": {"db": "threats"}, "actions": ["find", "listCollections"]}
                ],
            }
        },
        "listCollections": {
            "cursor": {"id": 0, "ns": "threats.$cmd", "firstBatch": [{"name": "reports", "type": "collection"}]}
        },
    }
    return {"ok": 1} | told.get(name, {})


@pytest.mark.parametrize("kind", ["postgresql", "mongodb"])
class TestTheWay:
    async def test_a_closed_port_is_told_at_once(self, connections: Connections, kind: str) -> None:
        started = time.monotonic()
        sentence = await refusal(connections, settings(kind=kind, port=servers.free_port()))
        assert "Nothing listens at" in sentence
        assert time.monotonic() - started < 3

    async def test_an_unknown_host_is_told(self, connections: Connections, kind: str) -> None:
        assert "no host named db.invalid" in await refusal(connections, settings(kind=kind, host="db.invalid"))

    async def test_a_port_that_never_answers_is_given_up_in_time(
        self, connections: Connections, kind: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "TEST_SECONDS", 1.0)
        started = time.monotonic()
        with servers.deaf_port() as port:
            sentence = await refusal(connections, settings(kind=kind, port=port))
        assert "did not answer within" in sentence
        assert time.monotonic() - started < 3


async def test_the_password_is_in_the_keyring_and_nowhere_else(
    connections: Connections, places: Places, memory_keyring: MemoryKeyring
) -> None:
    await connections.save(settings(), PASSWORD)
    assert memory_keyring.secrets == {(SERVICE, "postgresql://reader@127.0.0.1:5432"): PASSWORD}
    assert await connections.password("threat desk") == PASSWORD
    for path in places.data.parent.rglob("*"):
        assert not path.is_file() or PASSWORD.encode() not in path.read_bytes()


async def test_saved_connections_are_there_at_the_next_start(connections: Connections, places: Places) -> None:
    await connections.save(settings(name="Zeta"), None)
    await connections.save(settings(name="alpha", kind="mongodb", port=27017, tls="verify-full"), None)
    again = ConfigStore(places.config_file)
    again.load()
    assert [each.name for each in Connections(again, Keyring()).list()] == ["alpha", "Zeta"]


async def test_the_stored_password_is_used_for_its_own_address_only(
    connections: Connections, store: ConfigStore
) -> None:
    await connections.save(settings(), PASSWORD)
    moved = settings(host="elsewhere.example")
    store.change(connections=(moved,))
    assert await connections.password("threat desk") is None


async def test_the_stored_password_is_used_by_a_test_that_brings_none(
    connections: Connections, postgresql: servers.PostgresServer
) -> None:
    await connections.save(settings(port=postgresql.port), PASSWORD)
    assert (await connections.test(settings(port=postgresql.port), None)).ok


async def test_renaming_keeps_the_password_and_leaves_one_connection(
    connections: Connections, memory_keyring: MemoryKeyring
) -> None:
    await connections.save(settings(), PASSWORD)
    await connections.save(settings(name="renamed"), None, replaces="threat desk")
    assert [each.name for each in connections.list()] == ["renamed"]
    assert await connections.password("renamed") == PASSWORD


async def test_an_address_no_longer_used_takes_its_password_along(
    connections: Connections, memory_keyring: MemoryKeyring
) -> None:
    await connections.save(settings(), PASSWORD)
    await connections.save(settings(host="new.example"), "another", replaces="threat desk")
    assert list(memory_keyring.secrets.values()) == ["another"]
    await connections.remove("threat desk")
    assert memory_keyring.secrets == {}
    assert connections.list() == ()


async def test_removing_one_of_two_at_an_address_leaves_the_other_its_password(connections: Connections) -> None:
    await connections.save(settings(name="one"), PASSWORD)
    await connections.save(settings(name="two", database="other"), None)
    await connections.remove("one")
    assert await connections.password("two") == PASSWORD


async def test_without_a_keyring_nothing_is_saved_in_the_clear(connections: Connections, places: Places) -> None:
    keyring.set_keyring(keyring.backends.fail.Keyring())
    with pytest.raises(KeyringUnavailable):
        await connections.save(settings(), PASSWORD)
    assert connections.list() == ()
    assert not places.config_file.exists()


async def test_a_connection_without_a_user_needs_no_keyring(connections: Connections) -> None:
    keyring.set_keyring(keyring.backends.fail.Keyring())
    anonymous = settings(kind="mongodb", port=27017, user="")
    await connections.save(anonymous, None)
    await connections.remove(anonymous.name)
    assert connections.list() == ()


async def test_an_unknown_name_is_said(connections: Connections) -> None:
    with pytest.raises(UnknownConnection, match="nothing"):
        await connections.password("nothing")


@pytest.mark.parametrize(
    "host",
    [
        "mongodb://evil/",
        "a,b",
        "/var/run/postgresql",
        "host name",
        "host?ssl=false",
        "user@host",
        "",
        "a\x00b",
        "a\u202eb",
    ],
)
def test_a_host_is_one_name_and_nothing_more(host: str) -> None:
    with pytest.raises(ValidationError):
        settings(host=host)


def test_new_connections_begin_with_a_checked_line() -> None:
    fields = ConnectionSettings.model_fields
    assert fields["tls"].default is TlsMode.VERIFY_FULL
    assert fields["zone"].default == "outside"
    assert {kind: ConnectionSettings.usual_port(kind) for kind in ConnectionKind} == {
        "postgresql": 5432,
        "mongodb": 27017,
    }


def test_two_connections_cannot_have_one_name() -> None:
    with pytest.raises(ValidationError, match="two connections are named `desk`"):
        Config(connections=(settings(name="Desk"), settings(name="desk", port=1)))


def test_a_report_of_a_failure_has_no_success_in_it() -> None:
    report = ConnectionReport(ok=False, sentence="x")
    assert (report.names, report.can_write, report.latency_ms) == ((), None, None)
