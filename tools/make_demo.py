"""Makes resources/demo/assets.csv, software.csv and the SBOMs of its services; all else there is written by hand.

    python tools/make_demo.py [FOLDER]

The seed is fixed, so two runs write the same bytes. tests/unit/core/demo/test_make_demo.py compares them with what is
committed.
"""

import csv
import json
import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import NAMESPACE_DNS, uuid5

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "resources" / "demo"
sys.path.insert(0, str(Path(__file__).resolve().parent))

from demo_estate import FLEETS, PROFILES, Fleet  # noqa: E402

SEED = 20261122
DOMAIN = "larkmere.example"
TIME = "2025-12-01T06:00:00Z"
ASSET_COLUMNS = (
    "id", "host", "kind", "team", "service", "role", "environment", "system", "address", "site", "exposure",
    "criticality", "data",
)  # fmt: skip
SOFTWARE_COLUMNS = ("asset", "package", "version", "reachable_from")

Row = dict[str, str]


def names(pattern: str) -> Iterator[str]:
    """`web-{01..03}` gives web-01, web-02, web-03; commas separate several."""
    for part in pattern.split(","):
        found = re.fullmatch(r"(.*)\{(\d+)\.\.(\d+)\}", part.strip())
        if found is None:
            yield part.strip()
            continue
        stem, first, last = found.groups()
        for number in range(int(first), int(last) + 1):
            yield f"{stem}{number:0{len(first)}d}"


def host_of(name: str, fleet: Fleet) -> str:
    """The full name; what is no machine has none of its own in our domain."""
    if fleet.kind == "container image":
        return f"registry.corp.{DOMAIN}/{name.removeprefix('img-')}"
    if fleet.kind == "bucket":
        return f"{name}.storage.{DOMAIN}"
    if fleet.kind == "SaaS":
        return f"{name.removeprefix('saas-')}.saas.example"
    return f"{name}.{DOMAIN}" if fleet.exposure == "internet" and fleet.kind == "server" else f"{name}.corp.{DOMAIN}"


def rows() -> tuple[list[Row], list[Row]]:
    """All assets and all software, in the order of the fleets."""
    chance = random.Random(SEED)
    assets, software = [], []
    hosts_of_network: dict[str, int] = {}
    for fleet in FLEETS:
        for name in names(fleet.names):
            number = hosts_of_network.get(fleet.network, 10)
            hosts_of_network[fleet.network] = number + 1
            assets.append(
                {
                    "id": name, "host": host_of(name, fleet), "kind": fleet.kind, "team": fleet.team,
                    "service": fleet.service, "role": fleet.role, "environment": fleet.environment,
                    "system": fleet.system, "address": f"{fleet.network}.{number}" if fleet.network else "",
                    "site": fleet.site, "exposure": fleet.exposure, "criticality": fleet.criticality,
                    "data": " ".join(fleet.data),
                }
            )  # fmt: skip
            software += list(software_of(name, fleet, chance))
    return assets, software


def software_of(name: str, fleet: Fleet, chance: random.Random) -> Iterator[Row]:
    """The packages of an asset: those of its profiles, then its own, which go before. One of `a|b` is drawn."""
    packages: dict[str, tuple[str, str]] = {}
    for profile in fleet.profiles:
        for line in PROFILES[profile]:
            package, versions, reachable = line
            packages[package] = (chance.choice(versions.split("|")), reachable)
    for package, version, reachable in fleet.own:
        packages[package] = (version, reachable)
    for package, (version, reachable) in packages.items():
        yield {"asset": name, "package": package, "version": version, "reachable_from": reachable}


def sbom(service: Path) -> str:
    """CycloneDX 1.6 of a service: exactly what its requirements.txt pins."""
    pins = [
        line.split("==")
        for line in service.joinpath("requirements.txt").read_text("utf-8").split("\n")
        if line and not line.startswith("#")
    ]
    reference = f"pkg:generic/larkmere/{service.name}@1.0.0"
    parts = [
        {"type": "library", "bom-ref": purl(*pin), "name": pin[0], "version": pin[1], "purl": purl(*pin)}
        for pin in pins
    ]
    bom = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_DNS, f'{service.name}.{DOMAIN}')}",
        "version": 1,
        "metadata": {
            "timestamp": TIME,
            "component": {"type": "application", "bom-ref": reference, "name": service.name, "version": "1.0.0"},
        },
        "components": parts,
        "dependencies": [{"ref": reference, "dependsOn": [part["bom-ref"] for part in parts]}],
    }
    return json.dumps(bom, indent=2) + "\n"


def purl(name: str, version: str) -> str:
    """Package URL of a Python package, its name as PyPI writes it."""
    return f"pkg:pypi/{name.lower().replace('_', '-')}@{version}"


def write(folder: Path, services: Path = DEMO / "services") -> None:
    """Write the tables, and an SBOM for each service in `services`."""
    assets, software = rows()
    for name, columns, table in (("assets.csv", ASSET_COLUMNS, assets), ("software.csv", SOFTWARE_COLUMNS, software)):
        with (folder / name).open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(table)
    for service in sorted(services.iterdir()):
        target = folder / "services" / service.name
        target.mkdir(parents=True, exist_ok=True)
        (target / "sbom.cdx.json").write_text(sbom(service), "utf-8", newline="\n")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else DEMO)
