"""The demo organisation as documents for the library: one for each asset, ticket, threat and file of a service."""

from collections import defaultdict
from collections.abc import Iterator

from workbench.core.demo.entries import Asset, DemoData, Software, Threat, Ticket
from workbench.core.knowledge.documents import Block, LoadedDocument

COLLECTION = "demo"
"""The collection of the library that holds the demo data and nothing else."""

ROOT = "demo"
"""What the paths of its documents begin with."""

JSON_LINES, CSV, MARKDOWN = "application/x-ndjson", "text/csv", "text/markdown"


def demo_documents(data: DemoData) -> list[LoadedDocument]:
    """All of them. Reads the files of the services and of the story in the loader child, so it blocks."""
    packages: dict[str, list[Software]] = defaultdict(list)
    for row in data.software:
        packages[row.asset].append(row)
    return [
        *(_asset(asset, packages[asset.id]) for asset in data.assets),
        *map(_ticket, data.tickets),
        *map(_threat, data.threats),
        *_files(data),
    ]


def _asset(asset: Asset, packages: list[Software]) -> LoadedDocument:
    address = f" Address {asset.address}." if asset.address else ""
    about = (
        f"{asset.id} ({asset.host}) is a {asset.kind}: {asset.role}, part of {asset.service}, {asset.environment}. "
        f"System {asset.system}, site {asset.site}.{address} Reachable from {asset.exposure}. "
        f"Criticality {asset.criticality}; data: {', '.join(asset.data)}. Owner: team {asset.team}."
    )
    blocks = [Block(text=about)]
    if packages:
        lines = "\n".join(map(_package, packages))
        blocks.append(Block(text=f"Software on {asset.id}:\n{lines}", heading="Software"))
    return _document(f"assets/{asset.id}", f"{asset.id}, {asset.role}", CSV, blocks)


def _package(row: Software) -> str:
    return f"{row.package} {row.version}" + (f", reachable from {row.reachable_from}" if row.reachable_from else "")


def _ticket(ticket: Ticket) -> LoadedDocument:
    about = (
        f"{ticket.id}, {ticket.type}, {ticket.severity}, {ticket.state}. Created {ticket.created}, updated "
        f"{ticket.updated} by team {ticket.reporter}. Assets: {', '.join(ticket.assets)}. "
        f"Services: {', '.join(ticket.services)}."
    )
    named = (*ticket.cves, *ticket.weaknesses, *ticket.techniques)
    if ticket.standing:
        about += f" These assets are {ticket.standing}."
    if named:
        about += f" Concerns {', '.join(named)}."
    blocks = [Block(text=ticket.text), Block(text=about)]
    said = (f"{each.date}, team {each.team}: {each.text}" for each in ticket.comments)
    blocks += [Block(text=text, heading="Comments") for text in said]
    return _document(f"tickets/{ticket.id}", f"{ticket.id} {ticket.title}", JSON_LINES, blocks)


def _threat(threat: Threat) -> LoadedDocument:
    about = [f"{threat.id}, {threat.kind} of {threat.date}, confidence {threat.confidence}, grade {threat.grade}."]
    facts = {
        "Actor": (threat.actor,), "Campaign": (threat.campaign,), "Techniques": threat.techniques,
        "Weaknesses": threat.weaknesses, "Vulnerabilities": threat.cves, "Sectors": threat.sectors,
        "Indicators": threat.indicators,
    }  # fmt: skip
    about += [f"{name}: {', '.join(values)}." for name, values in facts.items() if any(values)]
    blocks = [Block(text=" ".join(about))]
    for part in f"\n{threat.body}".split("\n## "):
        heading, _, text = part.partition("\n")
        if text.strip():
            blocks.append(Block(text=text.strip(), heading=heading.strip()))
    return _document(threat.path, threat.title, MARKDOWN, blocks)


def _document(path: str, title: str, media_type: str, blocks: list[Block]) -> LoadedDocument:
    return LoadedDocument(path=f"{ROOT}/{path}", title=title, media_type=media_type, blocks=tuple(blocks))


def _files(data: DemoData) -> Iterator[LoadedDocument]:
    from workbench.core.knowledge.loaders.process import LoaderProcess

    with LoaderProcess() as loader:
        for name in ("README.md", *(name for service in data.services for name in service.files)):
            document, _ = loader.load(data.folder / name)
            yield document.model_copy(update={"path": f"{ROOT}/{name}", "title": name})
