"""What the demo organisation is made of: one schema for each of its files."""

from datetime import date
from ipaddress import IPv4Address
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from workbench.core.knowledge.shelf_entries import CveId, CweId, TechniqueId
from workbench.core.values import Value

Text = Annotated[str, Field(min_length=1)]
AssetId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)+$")]
TicketId = Annotated[str, Field(pattern=r"^LM-1\d{3}$")]
ThreatId = Annotated[str, Field(pattern=r"^THR-\d{3}$")]
Reach = Literal["internet", "partner", "inside", ""]


class Organisation(Value):
    """Who it is: its sites, teams, services and networks, each with a few words."""

    name: Text
    domain: Annotated[str, Field(pattern=r"\.example$")]
    business: Text
    staff: int = Field(ge=1)
    sites: dict[str, Text]
    teams: dict[str, Text]
    services: dict[str, Text]
    environments: tuple[Text, ...]
    networks: dict[str, Text]


class Asset(Value):
    """A machine, image, bucket or hosted service. `id` is the short host name by which everybody calls it."""

    id: AssetId
    host: Text
    kind: Literal[
        "server", "database", "container image", "CI runner", "laptop", "workstation", "network device", "SaaS",
        "bucket",
    ]  # fmt: skip
    team: Text
    service: Text
    role: Text
    environment: Text
    system: Text
    address: IPv4Address | None
    site: Text
    exposure: Literal["internet", "partner", "internal"]
    criticality: Literal["high", "medium", "low"]
    data: tuple[Text, ...]


class Software(Value):
    """A package on an asset; `reachable_from` says from where the service it offers can be reached, empty for none."""

    asset: AssetId
    package: Text
    version: Text
    reachable_from: Reach


class Comment(Value):
    """What a team said to a ticket."""

    date: date
    team: Text
    text: Text


class Ticket(Value):
    """Something that somebody has to look at.

    `standing` says what the named vulnerabilities mean for the named assets as the software table stands; it is empty
    where the ticket is not about that.
    """

    id: TicketId
    type: Literal["vulnerability", "incident", "change", "exception", "pen test finding", "question"]
    title: Text
    text: Annotated[str, Field(min_length=100)]
    state: Literal["open", "in progress", "waiting", "resolved", "closed", "accepted", "rejected"]
    severity: Literal["critical", "high", "medium", "low", "info"]
    created: date
    updated: date
    reporter: Text
    assets: tuple[AssetId, ...] = Field(min_length=1)
    services: tuple[Text, ...] = Field(min_length=1)
    cves: tuple[CveId, ...] = ()
    weaknesses: tuple[CweId, ...] = ()
    techniques: tuple[TechniqueId, ...] = ()
    standing: Literal["affected", "not affected", "backported", ""] = ""
    comments: tuple[Comment, ...] = ()

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        days = [self.created, *(comment.date for comment in self.comments), self.updated]
        if days != sorted(days):
            raise ValueError("created, comments and updated must follow each other")
        return self


class Threat(Value):
    """What is known or assumed about those who may attack. `grade` is source and information as in A1 to F6."""

    id: ThreatId
    title: Text
    kind: Literal["actor profile", "campaign report", "advisory", "post-mortem", "threat model", "hunting guide"]
    actor: str = ""
    campaign: str = ""
    techniques: tuple[TechniqueId, ...] = Field(min_length=1)
    weaknesses: tuple[CweId, ...] = ()
    cves: tuple[CveId, ...] = ()
    sectors: tuple[Text, ...] = Field(min_length=1)
    indicators: tuple[Text, ...] = ()
    confidence: Literal["high", "moderate", "low"]
    date: date
    grade: Annotated[str, Field(pattern=r"^[A-F][1-6]$")]
    body: Annotated[str, Field(min_length=600)]
    path: Text
    """Its file, relative to the demo folder, with forward slashes."""


class Component(Value):
    """A package that a service is built of."""

    name: Text
    version: Text


class KnownIssue(Value):
    """A weakness that was planted in a service. `found` says whether the workbench's own review flags the line."""

    file: Text
    line: int = Field(ge=1)
    cwe: CweId
    found: bool
    what: Text


class Service(Value):
    """A small program with its parts and planted weaknesses; `files` are relative to the demo folder."""

    name: Text
    files: tuple[str, ...]
    requirements: tuple[Component, ...]
    sbom: tuple[Component, ...]
    issues: tuple[KnownIssue, ...]


class DemoData(Value):
    """Everything about the demo organisation, as it was read from `folder`."""

    folder: Path
    organisation: Organisation
    assets: tuple[Asset, ...]
    software: tuple[Software, ...]
    tickets: tuple[Ticket, ...]
    threats: tuple[Threat, ...]
    services: tuple[Service, ...]
