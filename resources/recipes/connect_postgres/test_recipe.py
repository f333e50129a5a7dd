from typing import Any
from unittest.mock import Mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from .recipe import SETTINGS, ConnectionRefusedByUsError, connect_postgres, connection_parameters

psycopg = pytest.importorskip("psycopg")
conninfo = pytest.importorskip("psycopg.conninfo")
GOOD = ("db.example.org", "shop", "app_reader", "secret")


def test_the_parameters_are_ones_that_libpq_knows() -> None:
    parameters = connection_parameters(*GOOD)
    assert conninfo.conninfo_to_dict(conninfo.make_conninfo(**parameters)) == {
        name: str(value) for name, value in parameters.items()
    }
    assert parameters["host"] == "db.example.org"
    assert "default_transaction_read_only=on" in str(parameters["options"])
    assert "default_transaction_read_only=off" in str(connection_parameters(*GOOD, read_only=False)["options"])


def test_it_connects_with_them(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, Any] = {}
    monkeypatch.setattr(psycopg, "connect", lambda **parameters: seen.update(parameters) or Mock())
    connect_postgres(*GOOD)
    assert seen == connection_parameters(*GOOD)


def test_attack_the_environment_cannot_weaken_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "PGSSLMODE": "disable",
        "PGHOST": "evil.example",
        "PGOPTIONS": "-c statement_timeout=0",
    }.items():
        monkeypatch.setenv(name, value)
    parameters = conninfo.conninfo_to_dict(conninfo.make_conninfo(**connection_parameters(*GOOD)))
    assert parameters["sslmode"] == "verify-full"
    assert parameters["channel_binding"] == "require"
    assert parameters["host"] == "db.example.org"
    for name in SETTINGS:
        assert f"-c {name}=" in str(parameters["options"])


@settings(max_examples=30)
@given(st.text(min_size=1).filter(lambda text: "\0" not in text and text.isprintable()))
def test_attack_a_password_cannot_add_a_parameter(password: str) -> None:
    parameters = conninfo.conninfo_to_dict(conninfo.make_conninfo(**connection_parameters(*GOOD[:3], password)))
    assert parameters["password"] == password
    assert parameters["sslmode"] == "verify-full"


@pytest.mark.parametrize(
    "database",
    [
        "shop sslmode=disable",
        "postgresql://evil.example/shop",
        "host=evil.example",
        "shop?sslmode=disable",
        "",
        "a b",
        "a\n",
    ],
)
def test_attack_a_database_name_cannot_be_a_connection_string(database: str) -> None:
    with pytest.raises(ConnectionRefusedByUsError, match="odd characters"):
        connection_parameters("db", database, "app", "secret")
    with pytest.raises(ConnectionRefusedByUsError, match="odd characters"):
        connection_parameters("db", "shop", database, "secret")


@pytest.mark.parametrize("host", ["", "/tmp", "db,evil.example", "@evil", "db sslmode=disable", "db:1", "-db", "db\n"])
def test_attack_a_host_is_one_host(host: str) -> None:
    with pytest.raises(ConnectionRefusedByUsError, match="host"):
        connection_parameters(host, "shop", "app", "secret")


@pytest.mark.parametrize("user", ["postgres", "Postgres", "rds_superuser", "root"])
def test_attack_a_superuser_is_not_what_an_application_logs_in_as(user: str) -> None:
    with pytest.raises(ConnectionRefusedByUsError, match="everything"):
        connection_parameters("db", "shop", user, "secret")


def test_an_empty_password_is_refused() -> None:
    with pytest.raises(ConnectionRefusedByUsError, match="empty"):
        connection_parameters("db", "shop", "app", "")


def test_attack_a_role_that_turns_out_to_be_a_superuser_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    connection = Mock()
    connection.info.parameter_status.return_value = "on"
    monkeypatch.setattr(psycopg, "connect", lambda **_: connection)
    with pytest.raises(ConnectionRefusedByUsError, match="everything"):
        connect_postgres(*GOOD)
    connection.info.parameter_status.assert_called_once_with("is_superuser")
    connection.close.assert_called_once_with()
