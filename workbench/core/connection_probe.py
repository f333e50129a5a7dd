"""The test of a connection: reaches the host, signs in, looks at what the account may do, and says it in plain words.

Everything here blocks and runs in a thread. It only reads: PostgreSQL is asked inside a read-only transaction, MongoDB
with commands that change nothing.
"""

import os
import socket
import ssl
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any, NoReturn

from workbench.core.connection_settings import (
    TEST_SECONDS,
    ConnectionKind,
    ConnectionRefused,
    ConnectionReport,
    ConnectionSettings,
    TlsMode,
    timed_out,
)
from workbench.logs import redact
from workbench.visible_text import visible

if TYPE_CHECKING:
    import psycopg
    import pymongo

MAX_NAMES = 50
APPLICATION = "Analyst Workbench"
_WRITES = {"insert", "update", "remove", "createCollection", "dropCollection", "dropDatabase", "anyAction"}
_SUPERUSER_ROLES = {"root", "__system"}


def probe(settings: ConnectionSettings, password: str | None) -> ConnectionReport:
    """Connect and report; raises ConnectionRefused with one sentence. Takes a little more than TEST_SECONDS at most."""
    reach(settings)
    if settings.user and not password and settings.kind is ConnectionKind.MONGODB:
        raise ConnectionRefused(f"No password is stored for {settings.user} at this address; enter it and test again")
    if settings.kind is ConnectionKind.POSTGRESQL:
        return _postgresql(settings, password)
    return _mongodb(settings, password)


def reach(settings: ConnectionSettings) -> None:
    """Open and close a plain connection: drivers tell these failures in many words and only after long retries."""
    where = f"{settings.host}:{settings.port}"
    try:
        socket.create_connection((settings.host, settings.port), timeout=TEST_SECONDS - 1).close()
    except (socket.gaierror, UnicodeError) as error:
        raise ConnectionRefused(
            f"There is no host named {settings.host} that this machine can find; check the name and the network"
        ) from error
    except TimeoutError as error:
        raise ConnectionRefused(timed_out(settings)) from error
    except ConnectionRefusedError as error:
        raise ConnectionRefused(
            f"Nothing listens at {where}; check host and port, and whether the database is running"
        ) from error
    except OSError as error:
        raise ConnectionRefused(f"{where} cannot be reached ({error.strerror}); check address and network") from error


def _postgresql(settings: ConnectionSettings, password: str | None) -> ConnectionReport:
    import psycopg

    try:
        with closing(open_postgresql(settings, password)) as connection:
            connection.read_only = True
            return _look_at_postgresql(connection)
    except psycopg.Error as error:
        refuse_postgresql(settings, error)


def open_postgresql(settings: ConnectionSettings, password: str | None) -> "psycopg.Connection":
    """A line to the database; raises what psycopg raises, see refuse_postgresql."""
    import psycopg

    return psycopg.connect(
        host=settings.host,
        port=settings.port,
        dbname=settings.database,
        user=settings.user,
        password=password or "",
        passfile=os.devnull,
        sslmode={TlsMode.OFF: "disable"}.get(settings.tls, str(settings.tls)),
        sslrootcert=settings.ca_file or ("system" if settings.tls is TlsMode.VERIFY_FULL else None),
        gssencmode="disable",
        connect_timeout=int(TEST_SECONDS),
        application_name=APPLICATION,
    )


def _look_at_postgresql(connection: "psycopg.Connection") -> ConnectionReport:
    connection.execute(f"SET LOCAL statement_timeout = {int(TEST_SECONDS * 1000)}")
    started = time.perf_counter()
    row = connection.execute(
        "SELECT current_setting('server_version'), rolsuper FROM pg_roles WHERE rolname = current_user"
    ).fetchone()
    latency = (time.perf_counter() - started) * 1000
    version, superuser = row or ("", False)
    names = [
        str(name)
        for (name,) in connection.execute(
            "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_' "
            "AND n.nspname <> 'information_schema' AND has_schema_privilege(n.oid, 'USAGE') "
            "AND has_table_privilege(c.oid, 'SELECT') ORDER BY 1 LIMIT %s",
            (MAX_NAMES + 1,),
        )
    ]
    written = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN "
        "('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND has_table_privilege(c.oid, "
        "'INSERT, UPDATE, DELETE, TRUNCATE')) OR EXISTS (SELECT 1 FROM pg_namespace n WHERE n.nspname !~ '^pg_' "
        "AND n.nspname <> 'information_schema' AND has_schema_privilege(n.oid, 'CREATE'))"
    ).fetchone()
    tls = str(connection.info.parameter_status("ssl_protocol") or "TLS") if connection.pgconn.ssl_in_use else ""
    return _report(
        "PostgreSQL",
        version=str(version).split(" ")[0],
        latency=latency,
        tls=tls,
        can_write=bool(written and written[0]),
        superuser=bool(superuser),
        names=names,
    )


def refuse_postgresql(settings: ConnectionSettings, error: "psycopg.Error") -> NoReturn:
    """Raise ConnectionRefused with what libpq said. Its words are English; the server's may be in its own language."""
    text = str(error)
    lowered = text.lower()
    pgconn = error.pgconn
    if "certificate" in lowered or "root certificate file" in lowered or "server name" in lowered:
        sentence = _certificate(settings)
    elif "does not support ssl" in lowered or "ssl error" in lowered or "ssl" in lowered.partition("failed: ")[2][:12]:
        sentence = _no_tls(settings, text)
    elif "timeout" in lowered:
        sentence = timed_out(settings)
    elif "database" in lowered and "does not exist" in lowered:
        sentence = f"There is no database named {settings.database} on this server; check its name"
    elif "no password supplied" in lowered or (pgconn is not None and pgconn.needs_password):
        sentence = f"No password is stored for {settings.user} at this address; enter it and test again"
    elif "authentication failed" in lowered or "does not exist" in lowered:
        sentence = _wrong_password(settings)
    else:
        sentence = f"PostgreSQL refused the connection: {_first_line(text)}; check user, password and TLS mode"
    raise ConnectionRefused(sentence) from error


def _mongodb(settings: ConnectionSettings, password: str | None) -> ConnectionReport:
    from pymongo.errors import PyMongoError

    tls = handshake(settings) if settings.tls is not TlsMode.OFF else ""
    try:
        with open_mongodb(settings, password) as client:
            return _look_at_mongodb(client, settings.database, tls)
    except PyMongoError as error:
        refuse_mongodb(settings, error)


def open_mongodb(
    settings: ConnectionSettings, password: str | None, seconds: float = TEST_SECONDS
) -> "pymongo.MongoClient[dict[str, Any]]":
    """A client whose every operation takes `seconds` at most; it connects when it is first used."""
    import pymongo

    milliseconds = int(TEST_SECONDS * 1000) - 500
    options: dict[str, Any] = {
        "directConnection": True,
        "serverSelectionTimeoutMS": milliseconds,
        "connectTimeoutMS": milliseconds,
        "timeoutMS": int(seconds * 1000) - 500,
        "appname": APPLICATION,
        "tls": settings.tls is not TlsMode.OFF,
    }
    if settings.user:
        options |= {"username": settings.user, "password": password, "authSource": settings.auth_database or "admin"}
    if settings.tls is TlsMode.REQUIRE:
        options |= {"tlsInsecure": True}
    elif settings.tls is TlsMode.VERIFY_FULL and settings.ca_file:
        options |= {"tlsCAFile": settings.ca_file}
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return pymongo.MongoClient(host, settings.port, **options)


def handshake(settings: ConnectionSettings) -> str:
    """The TLS version the host agrees to; raises ConnectionRefused at once where the driver would retry for seconds."""
    try:
        context = ssl.create_default_context(cafile=settings.ca_file or None)
    except OSError as error:
        raise ConnectionRefused(
            f"The CA file {settings.ca_file} cannot be used ({error.strerror or error}); choose a PEM file"
        ) from error
    if settings.tls is TlsMode.REQUIRE:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with (
            socket.create_connection((settings.host, settings.port), timeout=TEST_SECONDS - 2) as line,
            context.wrap_socket(line, server_hostname=settings.host) as protected,
        ):
            return protected.version() or "TLS"
    except ssl.SSLCertVerificationError as error:
        raise ConnectionRefused(_certificate(settings)) from error
    except TimeoutError as error:
        raise ConnectionRefused(_no_tls(settings, "it leaves the greeting unanswered")) from error
    except OSError as error:
        raise ConnectionRefused(_no_tls(settings, error.strerror or str(error))) from error


def _look_at_mongodb(client: "pymongo.MongoClient[dict[str, Any]]", database: str, tls: str) -> ConnectionReport:
    client.admin.command("ping")
    started = time.perf_counter()
    client.admin.command("ping")
    latency = (time.perf_counter() - started) * 1000
    version = client.admin.command("buildInfo").get("version", "")
    can_write, superuser = _mongodb_rights(client)
    names = sorted(client[database].list_collection_names(authorizedCollections=True))
    return _report(
        "MongoDB",
        version=str(version),
        latency=latency,
        tls=tls,
        can_write=can_write,
        superuser=superuser,
        names=names[: MAX_NAMES + 1],
    )


def _mongodb_rights(client: "pymongo.MongoClient[dict[str, Any]]") -> tuple[bool | None, bool | None]:
    """Whether this account may write, and whether it may do anything; None when the server does not tell."""
    from pymongo.errors import OperationFailure

    try:
        told = client.admin.command("connectionStatus", showPrivileges=True)["authInfo"]
    except (OperationFailure, KeyError):
        return None, None
    if not told.get("authenticatedUsers"):
        return True, True  # a server without access control lets anyone do anything
    actions = {action for privilege in told.get("authenticatedUserPrivileges", ()) for action in privilege["actions"]}
    roles = {role["role"] for role in told.get("authenticatedUserRoles", ())}
    return bool(actions & _WRITES), bool(roles & _SUPERUSER_ROLES)


def refuse_mongodb(settings: ConnectionSettings, error: Exception) -> NoReturn:
    """Raise ConnectionRefused with what went wrong, in plain words."""
    from pymongo.errors import OperationFailure

    lowered = str(error).lower()
    if isinstance(error, OperationFailure) and error.code in {13, 18, 8000}:
        # 13 Unauthorized, 18 AuthenticationFailed, 8000 the same from Atlas
        sentence = (
            _wrong_password(settings)
            if error.code != 13
            else (
                f"{settings.user or 'An anonymous user'} may not read the database {settings.database}; "
                "ask for the role `read` on it, or sign in"
            )
        )
    elif "timed out" in lowered or "timeout" in lowered:
        sentence = timed_out(settings)
    elif "connection closed" in lowered:
        sentence = (
            f"{settings.host}:{settings.port} closed the connection; check whether it is MongoDB and the TLS mode"
        )
    else:
        sentence = f"MongoDB refused the connection: {_first_line(str(error))}; check user, password and TLS mode"
    raise ConnectionRefused(sentence) from error


def _wrong_password(settings: ConnectionSettings) -> str:
    return f"The server does not accept this password for {settings.user}; check user and password"


def _certificate(settings: ConnectionSettings) -> str:
    return (
        f"The certificate of {settings.host} is not one to trust (unknown authority, other name, or no CA file found); "
        "choose the CA file of your organisation, or correct the host name"
    )


def _no_tls(settings: ConnectionSettings, text: str) -> str:
    return (
        f"{settings.host}:{settings.port} does not speak TLS ({_first_line(text)}); turn TLS on at the server, "
        "or off here if the line is safe"
    )


def _first_line(text: str) -> str:
    """What a driver or server said, short and safe to show."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "no reason given")
    return visible(redact(line.rpartition("failed: ")[2]))[:200]


def _report(
    product: str,
    *,
    version: str,
    latency: float,
    tls: str,
    can_write: bool | None,
    superuser: bool | None,
    names: list[str],
) -> ConnectionReport:
    shown = tuple(visible(name)[:200] for name in names[:MAX_NAMES])
    count = f"more than {MAX_NAMES}" if len(names) > MAX_NAMES else str(len(names))
    what = ("table" if product == "PostgreSQL" else "collection") + ("" if len(names) == 1 else "s")
    parts = [f"Connected to {product}{' ' + version if version else ''} in {latency:.0f} ms, "]
    parts.append(f"over {tls}" if tls else "without encryption")
    parts.append(f"; {count} {what} can be read")
    if superuser:
        parts.append("; this account may do anything, so better take one that may only read")
    elif can_write:
        parts.append("; this account may also write, so better take one that may only read")
    return ConnectionReport(
        ok=True,
        sentence="".join(parts),
        server_version=version,
        latency_ms=latency,
        tls=tls,
        can_write=can_write,
        is_superuser=superuser,
        names=shown,
        more_names=len(names) > MAX_NAMES,
    )
