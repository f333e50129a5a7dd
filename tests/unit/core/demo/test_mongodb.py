from collections.abc import Iterator
from typing import Any

import pymongo
import pytest
from pymongo.database import Database

from tests import servers
from workbench.core.connection_settings import ConnectionRefused, ConnectionSettings
from workbench.core.demo import mongodb
from workbench.core.demo.entries import DemoData
from workbench.core.demo.outside import DemoRefused
from workbench.core.demo.reading import read_demo


@pytest.fixture(scope="module")
def data() -> DemoData:
    return read_demo()


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with servers.mongodb() as started:
        yield started


@pytest.fixture
def database(port: int) -> Iterator[Database[dict[str, Any]]]:
    with pymongo.MongoClient[dict[str, Any]](servers.HOST, port) as client:
        yield client["threats"]
        for name in client["threats"].list_collection_names():
            client["threats"][name].drop()


def of(port: int, **changed: Any) -> ConnectionSettings:
    values = {"name": "threat desk", "kind": "mongodb", "host": servers.HOST, "port": port}
    values |= {"database": "threats", "tls": "off"}
    return ConnectionSettings.model_validate(values | changed)


def test_all_of_it_is_written_and_can_be_asked(port: int, database: Database[Any], data: DemoData) -> None:
    database["reports"].insert_one({"title": "theirs"})
    written = mongodb.put(of(port), None, data)
    assert set(written.counts) == set(mongodb.COLLECTIONS)
    for name, count in written.counts.items():
        assert database[name].count_documents({}) == count
    titles = [found["title"] for found in database["demo_tickets"].find({"$text": {"$search": "xz backdoor"}})]
    assert "xz 5.6.x with the backdoor on build-03 and desk-17" in titles
    heron = database["demo_threats"].find_one({"title": {"$regex": "^Glass Heron"}})
    assert heron is not None
    assert "T1486" in heron["techniques"]
    assert (heron["date"].year, heron["date"].month) == (2025, 10)
    assert database["reports"].count_documents({}) == 1


def test_again_puts_right_what_was_changed(port: int, database: Database[Any], data: DemoData) -> None:
    mongodb.put(of(port), None, data)
    database["demo_software"].delete_many({"package": "xz-utils"})
    database["demo_assets"].update_one({"_id": "web-01"}, {"$set": {"role": "nothing"}})
    database["demo_assets"].insert_one({"_id": "web-99", "role": "of an earlier version"})
    mongodb.put(of(port), None, data)
    assert database["demo_software"].count_documents({}) == len(data.software)
    assert database["demo_assets"].count_documents({}) == len(data.assets)
    web = database["demo_assets"].find_one({"_id": "web-01"})
    assert web is not None
    assert web["role"] == "customer portal"


def test_it_is_taken_out_again(port: int, database: Database[Any], data: DemoData) -> None:
    database["reports"].insert_one({"title": "theirs"})
    assert mongodb.remove(of(port), None) is False
    mongodb.put(of(port), None, data)
    assert mongodb.remove(of(port), None) is True
    assert database.list_collection_names() == ["reports"]


@pytest.mark.parametrize("name", ["demo_threats", mongodb.MARKER])
def test_a_collection_of_somebody_else_is_left_alone(
    port: int, database: Database[Any], data: DemoData, name: str
) -> None:
    database[name].insert_one({"title": "theirs"})
    with pytest.raises(DemoRefused, match=f"has a collection {name} that the workbench did not make"):
        mongodb.put(of(port), None, data)
    with pytest.raises(DemoRefused, match="nothing was changed"):
        mongodb.remove(of(port), None)
    assert database.list_collection_names() == [name]
    assert database[name].count_documents({}) == 1


def test_where_nothing_listens_it_is_told(data: DemoData) -> None:
    with pytest.raises(ConnectionRefused, match="Nothing listens at"):
        mongodb.put(of(servers.free_port()), None, data)


def test_a_user_without_a_password_is_told_so(port: int, data: DemoData) -> None:
    with pytest.raises(ConnectionRefused, match="No password is stored for analyst"):
        mongodb.put(of(port, user="analyst"), None, data)


def test_a_server_without_tls_is_told_at_once(port: int, data: DemoData) -> None:
    with pytest.raises(ConnectionRefused, match="does not speak TLS"):
        mongodb.put(of(port, tls="verify-full"), None, data)


@pytest.mark.parametrize(
    ("code", "told"),
    [(13, "user may not write .*; what was written before"), (18, "does not accept this password"), (50, "code 50")],
)
def test_a_refusal_is_one_sentence(data: DemoData, code: int, told: str) -> None:
    def reply(name: str, command: dict[str, Any]) -> dict[str, Any]:
        return {"ok": 0, "code": code, "errmsg": "no"}

    with servers.scripted_mongodb(reply) as port, pytest.raises((DemoRefused, ConnectionRefused), match=told):
        mongodb.put(of(port), None, data)
