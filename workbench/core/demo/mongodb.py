"""The demo organisation in a MongoDB: collections of its own, each document replaced at once. All of it blocks."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any

from workbench.core.connection_settings import ConnectionRefused, ConnectionSettings, TlsMode
from workbench.core.demo.entries import DemoData
from workbench.core.demo.outside import MARK, SECONDS, DemoRefused, Written, not_ours
from workbench.core.values import Value

if TYPE_CHECKING:
    from pymongo.database import Database

COLLECTIONS = ("demo_assets", "demo_software", "demo_tickets", "demo_threats")
INDEXES: dict[str, list[tuple[str, int | str]]] = {
    "demo_assets": [("service", 1), ("kind", 1)],
    "demo_software": [("package", 1), ("version", 1)],
    "demo_tickets": [("title", "text"), ("text", "text")],
    "demo_threats": [("title", "text"), ("body", "text")],
}
"""One index for each collection, made before its first document; those of texts are for full text search."""

MARKER = "demo_made_by_workbench"
"""The collection that says that the others are ours: one document, written before them and removed after them."""


def put(settings: ConnectionSettings, password: str | None, data: DemoData) -> Written:
    """Write the demo data, in the place of an earlier version; raises DemoRefused or ConnectionRefused.

    Documents are put over the old ones one by one, then what is no longer among them goes: a server without a replica
    set has no transactions, and so whoever reads meanwhile never finds a collection empty or a document half.
    """
    from pymongo import ReplaceOne

    documents = documents_of(data)
    with _database(settings, password) as database:
        there = _refuse_others(database, settings)
        database[MARKER].replace_one({"_id": MARK}, {"_id": MARK}, upsert=True)
        for name, each in documents.items():
            collection = database[name]
            if name not in there:
                collection.create_index(INDEXES[name], name="search")
            collection.bulk_write([ReplaceOne({"_id": one["_id"]}, one, upsert=True) for one in each])
            collection.delete_many({"_id": {"$nin": [one["_id"] for one in each]}})
    look = 'db.demo_tickets.find({$text: {$search: "xz backdoor"}}, {title: 1})'
    return Written(place=_place(settings), counts={name: len(each) for name, each in documents.items()}, look=look)


def remove(settings: ConnectionSettings, password: str | None) -> bool:
    """Take the demo data out; returns whether they were there. Raises DemoRefused or ConnectionRefused."""
    with _database(settings, password) as database:
        there = _refuse_others(database, settings)
        for name in COLLECTIONS:
            database[name].drop()
        database[MARKER].drop()
    return bool(there)


def documents_of(data: DemoData) -> dict[str, list[dict[str, Any]]]:
    """The documents of each collection; an id is the document's `_id`, comments stand inside their ticket."""
    return {
        "demo_assets": [_document(each) for each in data.assets],
        "demo_software": [{**_document(each), "_id": f"{each.asset}/{each.package}"} for each in data.software],
        "demo_tickets": [_document(each) for each in data.tickets],
        "demo_threats": [_document(each) for each in data.threats],
    }


def _document(each: Value) -> dict[str, Any]:
    fields: dict[str, Any] = _plain(each.model_dump())
    if "id" in fields:
        fields["_id"] = fields.pop("id")
    return fields


def _plain(value: Any) -> Any:
    """The value in types that BSON has."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    if isinstance(value, date):
        return datetime.combine(value, time(), UTC)
    return value if value is None or isinstance(value, (str, int)) else str(value)


def _refuse_others(database: "Database[dict[str, Any]]", settings: ConnectionSettings) -> list[str]:
    """Which collections of our names there are; raises DemoRefused when they are not ours."""
    names = set(database.list_collection_names())
    there = sorted(names & set(COLLECTIONS))
    marked = MARKER in names and database[MARKER].find_one({"_id": MARK}) is not None
    if not marked and (there or MARKER in names):
        raise not_ours(f"a collection {(there or [MARKER])[0]}", _place(settings))
    return there


@contextmanager
def _database(settings: ConnectionSettings, password: str | None) -> "Iterator[Database[dict[str, Any]]]":
    from pymongo.errors import AutoReconnect, OperationFailure, PyMongoError

    from workbench.core.connection_probe import handshake, open_mongodb, reach, refuse_mongodb

    reach(settings)
    if settings.user and not password:
        raise ConnectionRefused(f"No password is stored for {settings.user} at this address; enter it in the window")
    if settings.tls is not TlsMode.OFF:
        handshake(settings)
    try:
        with open_mongodb(settings, password, SECONDS / 2) as client:
            yield client[settings.database]
    except OperationFailure as error:
        if error.code == 18:
            refuse_mongodb(settings, error)
        what = f"{settings.user or 'An anonymous user'} may not write {_place(settings)}" if error.code == 13 else ""
        raise DemoRefused(
            f"{what or f'{_place(settings)} refused to be written (code {error.code})'}; what was written before "
            "that is kept, run it again with an account that has the role readWrite"
        ) from error
    except AutoReconnect as error:
        refuse_mongodb(settings, error)
    except PyMongoError as error:
        raise DemoRefused(
            f"{_place(settings)} broke off ({type(error).__name__}); run it again, which replaces what is half done"
        ) from error


def _place(settings: ConnectionSettings) -> str:
    return f"the database {settings.database} at {settings.host}:{settings.port}"
