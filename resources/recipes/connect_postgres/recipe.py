"""Connect to PostgreSQL with the server verified, few rights, and a bound on the time of every statement."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg

CA_FILE = Path("/etc/ssl/postgres-ca.pem")
"""The authority that signed the server's certificate; one of your own, not all those of the system."""

SETTINGS = {
    "statement_timeout": "5s",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "10s",
    "search_path": "pg_catalog,app",
    "row_security": "on",
}
"""What the session starts with. An own schema after pg_catalog, and never public, where others may plant functions."""

SUPERUSERS = frozenset({"postgres", "root", "admin", "rds_superuser", "cloudsqlsuperuser", "azure_pg_admin"})


class ConnectionRefusedByUsError(ValueError):
    """A parameter would weaken the connection or lead it elsewhere."""


def connect_postgres(
    host: str, database: str, user: str, password: str, read_only: bool = True
) -> "psycopg.Connection":
    """An open connection, read only unless told otherwise; `password` comes from a secret store.

    Raises ConnectionRefusedByUsError for a superuser, and psycopg.OperationalError when the server cannot be reached
    or is not the one whose certificate we trust.
    """
    import psycopg

    connection = psycopg.connect(**connection_parameters(host, database, user, password, read_only))
    if connection.info.parameter_status("is_superuser") == "on":  # whatever it is called
        connection.close()
        raise ConnectionRefusedByUsError(f"{user} may do everything; use a role with the rights that are needed")
    return connection


def connection_parameters(host: str, database: str, user: str, password: str, read_only: bool = True) -> dict[str, Any]:
    """The parameters for psycopg.connect, also for psycopg_pool (`kwargs=`) and SQLAlchemy (`connect_args=`).

    Given one by one, never pasted into a URL or DSN, so that no value can add another. They are all set here, and so
    PGSSLMODE and PGOPTIONS in the environment change nothing. Raises ConnectionRefusedByUsError.
    """
    if not re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?", host):
        raise ConnectionRefusedByUsError("the host is not one host name; socket folders and lists are not taken")
    for value in (database, user):
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]{0,62}", value):  # a database name may be a whole DSN for libpq
            raise ConnectionRefusedByUsError("the name of the database or the user has odd characters")
    if user.lower() in SUPERUSERS:
        raise ConnectionRefusedByUsError(f"{user} may do everything; use a role with the rights that are needed")
    if not password:
        raise ConnectionRefusedByUsError("the password is empty")
    settings = SETTINGS | {"default_transaction_read_only": "on" if read_only else "off"}
    return {
        "host": host,
        "port": 5432,
        "dbname": database,
        "user": user,
        "password": password,
        "sslmode": "verify-full",  # certificate and host name; require would take any certificate
        "sslrootcert": str(CA_FILE),
        "ssl_min_protocol_version": "TLSv1.2",
        "gssencmode": "disable",
        "channel_binding": "require",  # with SCRAM: nobody in between can use the login
        "connect_timeout": 5,
        "application_name": "app",
        "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
    }
