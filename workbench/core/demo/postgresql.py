"""The demo organisation in a PostgreSQL: a schema of its own, written in one transaction. Everything here blocks."""

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, LiteralString

from workbench.core.connection_settings import ConnectionSettings
from workbench.core.demo.entries import DemoData
from workbench.core.demo.outside import MARK, DemoRefused, Written, not_ours

if TYPE_CHECKING:
    import psycopg

SCHEMA = "workbench_demo"

LOOK = "SELECT id, title FROM workbench_demo.tickets WHERE search @@ websearch_to_tsquery('english', 'xz backdoor');"
"""A question to begin with."""

LOCK = 7_036_111_227
"""Advisory lock of the schema, so that two programs do not write it at the same time."""

TABLES: tuple[LiteralString, ...] = (
    """
    CREATE TABLE workbench_demo.assets (
        id text PRIMARY KEY, host text NOT NULL, kind text NOT NULL, team text NOT NULL, service text NOT NULL,
        role text NOT NULL, environment text NOT NULL, system text NOT NULL, address inet, site text NOT NULL,
        exposure text NOT NULL, criticality text NOT NULL, data text[] NOT NULL
    )
    """,
    """
    CREATE TABLE workbench_demo.software (
        asset text NOT NULL REFERENCES workbench_demo.assets, package text NOT NULL, version text NOT NULL,
        reachable_from text NOT NULL, PRIMARY KEY (asset, package)
    )
    """,
    """
    CREATE TABLE workbench_demo.tickets (
        id text PRIMARY KEY, type text NOT NULL, title text NOT NULL, text text NOT NULL, state text NOT NULL,
        severity text NOT NULL, created date NOT NULL, updated date NOT NULL, reporter text NOT NULL,
        services text[] NOT NULL, cves text[] NOT NULL, weaknesses text[] NOT NULL, techniques text[] NOT NULL,
        standing text NOT NULL,
        search tsvector GENERATED ALWAYS AS (to_tsvector('english', title || ' ' || text)) STORED
    )
    """,
    """
    CREATE TABLE workbench_demo.ticket_assets (
        ticket text NOT NULL REFERENCES workbench_demo.tickets, asset text NOT NULL REFERENCES workbench_demo.assets,
        PRIMARY KEY (ticket, asset)
    )
    """,
    """
    CREATE TABLE workbench_demo.ticket_comments (
        ticket text NOT NULL REFERENCES workbench_demo.tickets, number int NOT NULL, date date NOT NULL,
        team text NOT NULL, text text NOT NULL, PRIMARY KEY (ticket, number)
    )
    """,
    """
    CREATE TABLE workbench_demo.threats (
        id text PRIMARY KEY, title text NOT NULL, kind text NOT NULL, actor text NOT NULL, campaign text NOT NULL,
        techniques text[] NOT NULL, weaknesses text[] NOT NULL, cves text[] NOT NULL, sectors text[] NOT NULL,
        indicators text[] NOT NULL, confidence text NOT NULL, date date NOT NULL, grade text NOT NULL,
        body text NOT NULL,
        search tsvector GENERATED ALWAYS AS (to_tsvector('english', title || ' ' || body)) STORED
    )
    """,
)
INDEXES: tuple[LiteralString, ...] = (
    "CREATE INDEX ON workbench_demo.software (package, version)",
    "CREATE INDEX ON workbench_demo.ticket_assets (asset)",
    "CREATE INDEX tickets_search ON workbench_demo.tickets USING gin (search)",
    "CREATE INDEX threats_search ON workbench_demo.threats USING gin (search)",
)
COPIES: dict[str, LiteralString] = {
    "assets": "COPY workbench_demo.assets FROM STDIN",
    "software": "COPY workbench_demo.software FROM STDIN",
    "tickets": (
        "COPY workbench_demo.tickets (id, type, title, text, state, severity, created, updated, reporter, services, "
        "cves, weaknesses, techniques, standing) FROM STDIN"
    ),
    "ticket_assets": "COPY workbench_demo.ticket_assets FROM STDIN",
    "ticket_comments": "COPY workbench_demo.ticket_comments FROM STDIN",
    "threats": (
        "COPY workbench_demo.threats (id, title, kind, actor, campaign, techniques, weaknesses, cves, sectors, "
        "indicators, confidence, date, grade, body) FROM STDIN"
    ),
}

DROP: tuple[LiteralString, ...] = (
    "DROP TABLE IF EXISTS workbench_demo.software, workbench_demo.ticket_assets, workbench_demo.ticket_comments, "
    "workbench_demo.threats, workbench_demo.tickets, workbench_demo.assets RESTRICT",
    "DROP SCHEMA workbench_demo RESTRICT",
)
"""Without CASCADE: what others built upon our tables, or put beside them, makes it fail and is kept."""


def put(settings: ConnectionSettings, password: str | None, data: DemoData) -> Written:
    """Write the demo data, in the place of an earlier version; raises DemoRefused or ConnectionRefused."""
    with _transaction(settings, password) as connection:
        _drop(connection, settings)
        connection.execute("CREATE SCHEMA workbench_demo")
        connection.execute(f"COMMENT ON SCHEMA workbench_demo IS '{MARK}'")
        for statement in (*TABLES, *INDEXES):
            connection.execute(statement)
        counts = {table: _copy(connection, table, rows) for table, rows in rows_of(data).items()}
        for table in counts:
            connection.execute(_ANALYSE[table])
    return Written(place=_place(settings), counts=counts, look=LOOK)


def remove(settings: ConnectionSettings, password: str | None) -> bool:
    """Take the demo data out; returns whether they were there. Raises DemoRefused or ConnectionRefused."""
    with _transaction(settings, password) as connection:
        return _drop(connection, settings)


def rows_of(data: DemoData) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of each table, in the order in which foreign keys allow them to be written."""
    tickets = data.tickets
    return {
        "assets": [(*_values(each, "data"), list(each.data)) for each in data.assets],
        "software": [_values(each) for each in data.software],
        "tickets": [
            (
                each.id, each.type, each.title, each.text, each.state, each.severity, each.created, each.updated,
                each.reporter, list(each.services), list(each.cves), list(each.weaknesses), list(each.techniques),
                each.standing,
            )
            for each in tickets
        ],
        "ticket_assets": [(each.id, asset) for each in tickets for asset in each.assets],
        "ticket_comments": [
            (each.id, number, comment.date, comment.team, comment.text)
            for each in tickets
            for number, comment in enumerate(each.comments, start=1)
        ],
        "threats": [
            (
                each.id, each.title, each.kind, each.actor, each.campaign, list(each.techniques),
                list(each.weaknesses), list(each.cves), list(each.sectors), list(each.indicators), each.confidence,
                each.date, each.grade, each.body,
            )
            for each in data.threats
        ],
    }  # fmt: skip


_ANALYSE: dict[str, LiteralString] = {
    "assets": "ANALYZE workbench_demo.assets",
    "software": "ANALYZE workbench_demo.software",
    "tickets": "ANALYZE workbench_demo.tickets",
    "ticket_assets": "ANALYZE workbench_demo.ticket_assets",
    "ticket_comments": "ANALYZE workbench_demo.ticket_comments",
    "threats": "ANALYZE workbench_demo.threats",
}


def _values(each: Any, *without: str) -> tuple[Any, ...]:
    return tuple(getattr(each, name) for name in type(each).model_fields if name not in without)


def _copy(connection: "psycopg.Connection", table: str, rows: Iterable[tuple[Any, ...]]) -> int:
    count = 0
    with connection.cursor() as cursor, cursor.copy(COPIES[table]) as copy:
        for count, row in enumerate(rows, start=1):  # noqa: B007 - the last one is the count
            copy.write_row(row)
    return count


def _drop(connection: "psycopg.Connection", settings: ConnectionSettings) -> bool:
    """Drop our schema; returns whether it was there. Raises DemoRefused when it is not ours."""
    row = connection.execute(
        "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = %s", (SCHEMA,)
    ).fetchone()
    if row is None:
        return False
    if row[0] != MARK:
        raise not_ours(f"a schema {SCHEMA}", _place(settings))
    for statement in DROP:
        connection.execute(statement)
    return True


@contextmanager
def _transaction(settings: ConnectionSettings, password: str | None) -> "Iterator[psycopg.Connection]":
    """One transaction, which is rolled back when anything goes wrong."""
    import psycopg
    from psycopg import errors

    from workbench.core.connection_probe import open_postgresql, reach, refuse_postgresql

    reach(settings)
    try:
        connection = open_postgresql(settings, password)
    except psycopg.Error as error:
        refuse_postgresql(settings, error)
    try:
        with closing(connection), connection.transaction():
            connection.execute("SET LOCAL statement_timeout = '60s'")
            connection.execute("SET LOCAL lock_timeout = '10s'")
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
            yield connection
    except errors.DependentObjectsStillExist as error:
        raise DemoRefused(
            f"In {_place(settings)} something that the workbench did not make stands in the schema {SCHEMA} or builds "
            "upon its tables, so nothing was changed; move it away first"
        ) from error
    except errors.InsufficientPrivilege as error:
        raise DemoRefused(
            f"{settings.user} may not write the schema {SCHEMA} in {_place(settings)}, so nothing was changed; use an "
            "account that may create schemas there"
        ) from error
    except psycopg.Error as error:
        raise DemoRefused(
            f"{_place(settings)} broke off ({type(error).__name__}), so nothing was changed; try again when it is less "
            "busy, and see its log"
        ) from error


def _place(settings: ConnectionSettings) -> str:
    return f"the database {settings.database} at {settings.host}:{settings.port}"
