"""Values of a connection: where an outside database is, how to speak to it, and what a test of it found."""

import re
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from workbench.core.values import Value, WorkbenchError

TEST_SECONDS = 5.0
"""How long a test may take, from the first packet to the last answer."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


class ConnectionKind(StrEnum):
    """Which database it is."""

    POSTGRESQL = "postgresql"
    MONGODB = "mongodb"


class TlsMode(StrEnum):
    """How far the line is protected: not at all, encrypted, or encrypted to a host that proved its name."""

    OFF = "off"
    REQUIRE = "require"
    VERIFY_FULL = "verify-full"


_PORTS = {ConnectionKind.POSTGRESQL: 5432, ConnectionKind.MONGODB: 27017}

Text = Annotated[str, Field(max_length=255)]


class ConnectionSettings(Value):
    """Where a database is and how to speak to it; the password is in the keyring only."""

    name: Annotated[str, Field(min_length=1, max_length=80, title="Name", description="What you call it.")]
    kind: ConnectionKind = Field(title="Database")
    host: Annotated[str, Field(min_length=1, max_length=255, title="Host", description="Name or IP address.")]
    port: int = Field(ge=1, le=65_535, title="Port")
    database: Annotated[str, Field(min_length=1, max_length=255, title="Database name")]
    user: Text = Field("", title="User", description="Best one that may only read.")
    auth_database: Text = Field("admin", title="User is known in", description="MongoDB's authentication database.")
    tls: TlsMode = Field(TlsMode.VERIFY_FULL, title="TLS")
    ca_file: str = Field("", max_length=4096, title="CA file", description="PEM; empty for the system's authorities.")
    zone: Literal["inside", "outside"] = Field(
        "outside", title="Zone", description="Inside: a server of your organisation, which may see TLP:AMBER whole."
    )

    @field_validator("name", "host", "database", "user", "auth_database", "ca_file")
    @classmethod
    def _plain(cls, text: str) -> str:
        if _CONTROL.search(text):
            raise ValueError("control characters are not allowed here")
        return text.strip()

    @field_validator("host")
    @classmethod
    def _one_host(cls, host: str) -> str:
        # libpq takes lists of hosts and socket folders in this place; a pasted URL is a common mistake.
        if re.search(r"[\s,/\\@?#\[\]]", host):
            raise ValueError("give one host name or IP address, without scheme, user or port")
        return host

    @model_validator(mode="after")
    def _not_blank(self) -> Self:
        if not (self.name and self.host and self.database):
            raise ValueError("name, host and database are needed")
        if self.kind is ConnectionKind.POSTGRESQL and not self.user:
            raise ValueError("PostgreSQL needs a user")
        return self

    @staticmethod
    def usual_port(kind: str) -> int:
        """The port that databases of this kind listen at unless told otherwise."""
        return _PORTS[ConnectionKind(kind)]

    @property
    def address(self) -> str:
        """What a password belongs to."""
        return f"{self.kind}://{self.user}@{self.host}:{self.port}"


class ConnectionReport(Value):
    """What a test found. `sentence` says it all in plain words; None where the test did not come that far."""

    ok: bool
    sentence: str
    server_version: str = ""
    latency_ms: float | None = None
    """Time of one question and answer on the open connection."""
    tls: str = ""
    """Protocol version of the encrypted line, empty for a line in the clear."""
    can_write: bool | None = None
    is_superuser: bool | None = None
    names: tuple[str, ...] = ()
    """Tables or collections that can be read, at most 50."""
    more_names: bool = False


class ConnectionRefused(WorkbenchError):  # noqa: N818 - named as the analyst reads it
    """A connection could not be made, with the reason and the way out."""


def timed_out(settings: ConnectionSettings) -> str:
    """The sentence for a host that takes too long."""
    return (
        f"{settings.host}:{settings.port} did not answer within {TEST_SECONDS:.0f} seconds; check the address, "
        "and whether a firewall is in between"
    )
