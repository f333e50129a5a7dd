"""The demo organisation agrees with itself, with the shelf, with the samples, and harms nobody real."""

import csv
import ipaddress
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from workbench.core.analysis.analyse import analyse_unit
from workbench.core.demo.entries import Asset, DemoData, Service
from workbench.core.demo.reading import FOLDER, read_demo
from workbench.core.exposure.versions import is_affected
from workbench.core.knowledge.shelf import read_entries
from workbench.core.knowledge.shelf_entries import Vulnerability
from workbench.core.tasks import CodeUnit
from workbench.places import RESOURCES

SAMPLES = RESOURCES / "samples"
REACH = {"inside": "internal", "internet": "internet"}


@pytest.fixture(scope="module")
def data() -> DemoData:
    return read_demo()


@pytest.fixture(scope="module")
def assets(data: DemoData) -> dict[str, Asset]:
    return {asset.id: asset for asset in data.assets}


@pytest.fixture(scope="module")
def shelf() -> dict[str, Vulnerability]:
    return {each.entry.id: each.entry for each in read_entries() if isinstance(each.entry, Vulnerability)}


def affected(data: DemoData, vulnerability: Vulnerability, asset: str) -> bool:
    return any(
        row.package.lower() in each.packages and is_affected(row.version, each)
        for row in data.software
        if row.asset == asset
        for each in vulnerability.affected
    )


def test_there_is_as_much_as_promised(data: DemoData) -> None:
    assert len(data.assets) >= 200
    assert len(data.tickets) >= 150
    assert len(data.threats) >= 80
    assert [service.name for service in data.services] == ["customer-portal", "document-import", "payment-client"]
    readme = (FOLDER / "README.md").read_text("utf-8")
    for count in (data.assets, data.software, data.tickets, data.threats):
        assert f"{len(count):,} " in readme


def test_ids_are_given_once(data: DemoData) -> None:
    for ids in (
        [asset.id for asset in data.assets], [asset.host for asset in data.assets],
        [(row.asset, row.package) for row in data.software], [ticket.id for ticket in data.tickets],
        [threat.id for threat in data.threats], [ticket.title for ticket in data.tickets],
        [threat.title for threat in data.threats],
        [asset.address for asset in data.assets if asset.address],
    ):  # fmt: skip
        assert [each for each, count in Counter(ids).items() if count > 1] == []


def test_every_kind_of_asset_ticket_and_threat_occurs(data: DemoData) -> None:
    assert len({asset.kind for asset in data.assets}) == 9
    assert len({ticket.type for ticket in data.tickets}) == 6
    assert len({threat.kind for threat in data.threats}) == 6


def test_assets_name_teams_services_and_sites_that_exist(data: DemoData) -> None:
    about = data.organisation
    for asset in data.assets:
        assert asset.team in about.teams, asset.id
        assert asset.service in about.services, asset.id
        assert asset.site in about.sites, asset.id
        assert asset.environment in about.environments, asset.id


def test_every_software_row_names_an_asset(data: DemoData, assets: dict[str, Asset]) -> None:
    assert {row.asset for row in data.software} <= set(assets)


def test_every_ticket_names_assets_services_and_teams_that_exist(data: DemoData, assets: dict[str, Asset]) -> None:
    for ticket in data.tickets:
        assert set(ticket.assets) <= set(assets), ticket.id
        assert set(ticket.services) <= set(data.organisation.services), ticket.id
        assert {assets[asset].service for asset in ticket.assets} & set(ticket.services), ticket.id
        assert {ticket.reporter, *(comment.team for comment in ticket.comments)} <= set(data.organisation.teams)


def test_tickets_are_numbered_by_day_and_lie_within_the_story(data: DemoData) -> None:
    assert [ticket.created for ticket in data.tickets] == sorted(ticket.created for ticket in data.tickets)
    assert [ticket.id for ticket in data.tickets] == sorted(ticket.id for ticket in data.tickets)
    assert {ticket.updated.year for ticket in data.tickets} | {ticket.created.year for ticket in data.tickets} <= {
        2025,
        2026,
    }


def test_texts_name_tickets_and_machines_that_exist(data: DemoData, assets: dict[str, Asset]) -> None:
    tickets = {ticket.id for ticket in data.tickets}
    stems = {re.sub(r"\d+$", "", name) for name in assets if re.search(r"-\d+$", name)}
    texts = {ticket.id: " ".join((ticket.text, *(each.text for each in ticket.comments))) for ticket in data.tickets}
    texts |= {threat.id: threat.body for threat in data.threats}
    for place, text in texts.items():
        assert set(re.findall(r"\bLM-1\d{3}\b", text)) <= tickets, place
        named = set(re.findall(r"\b[a-z0-9]+(?:-[a-z]+)*-\d{2,3}\b", text))
        assert {name for name in named if re.sub(r"\d+$", "", name) in stems} <= set(assets), place
        assert not re.search(r"(?<!\$)\{[a-z0-9]+-[a-z0-9-]+\}", text), place


def test_a_ticket_on_a_vulnerability_of_the_shelf_agrees_with_the_installed_versions(
    data: DemoData, shelf: dict[str, Vulnerability]
) -> None:
    checked = 0
    for ticket in data.tickets:
        for cve in set(ticket.cves) & set(shelf):
            for asset in ticket.assets:
                if ticket.standing in {"affected", "not affected"}:
                    assert affected(data, shelf[cve], asset) == (ticket.standing == "affected"), (ticket.id, cve, asset)
                    checked += 1
    assert checked > 30


def test_the_questions_of_the_story_have_one_answer(data: DemoData, shelf: dict[str, Vulnerability]) -> None:
    def machines(cve: str) -> list[str]:
        return [asset.id for asset in data.assets if affected(data, shelf[cve], asset.id)]

    assert machines("CVE-2024-3094") == ["build-03", "desk-17"]
    assert machines("CVE-2021-44228") == ["arch-01"]
    assert [row.asset for row in data.software if (row.package, row.version) == ("log4j-core", "2.14.1")] == ["arch-01"]


def test_the_numbers_for_the_board_are_those_of_the_tickets(data: DemoData) -> None:
    board = next(ticket for ticket in data.tickets if ticket.title.startswith("Numbers for the board"))
    states = Counter(
        ticket.state for ticket in data.tickets if ticket.type == "pen test finding" and ticket.created.month == 9
    )
    done = states["resolved"] + states["closed"]
    counts = f"{sum(states.values())} findings: {done} resolved or closed, {states['in progress']} in progress"
    assert f"{counts}, {states['open']} open" in board.text
    waiting = [
        (board.updated - ticket.created).days
        for ticket in data.tickets
        if ticket.severity == "high" and ticket.state in {"open", "in progress", "waiting"}
    ]
    assert f"mean age of open high findings is {sum(waiting) // len(waiting)} days" in board.text


def test_techniques_and_weaknesses_in_texts_are_well_formed(data: DemoData) -> None:
    for path in FOLDER.rglob("*.md"):
        text = path.read_text("utf-8")
        for written in re.findall(r"\bT\d{3,}[\d.]*\d", text):
            assert re.fullmatch(r"T1\d{3}(\.\d{3})?", written), (path.name, written)
        for written in re.findall(r"\b(?:CVE|CWE)-[\w-]+", text):
            assert re.fullmatch(r"CVE-\d{4}-\d{4,7}|CWE-\d{1,4}", written), (path.name, written)


@pytest.mark.parametrize("low", [120])
def test_threat_documents_have_substance(data: DemoData, low: int) -> None:
    assert [threat.path for threat in data.threats if not low <= len(threat.body.split()) <= 350] == []


def test_no_two_tickets_or_documents_are_one_template(data: DemoData) -> None:
    """Half of the words of one in another would mean that names were swapped only."""
    texts = [ticket.text for ticket in data.tickets] + [threat.body for threat in data.threats]
    runs = [{tuple(words[at : at + 5]) for at in range(len(words) - 4)} for words in map(str.split, texts)]
    for number, one in enumerate(runs):
        for other in runs[:number]:
            assert len(one & other) <= 0.3 * min(len(one), len(other))


ENDINGS = "com|org|net|io|dev|edu|gov|info|biz|de|uk|fr|nl|eu|ch|at|ru|cn|us|app|cloud|xyz|onion"


FIXED_ERLANG = "26.2.5.11"
"""The one version in the texts that looks like an address and is in no table."""


def test_no_real_name_or_address_occurs(data: DemoData) -> None:
    versions = " ".join((FIXED_ERLANG, *(row.version for row in data.software)))
    for path in FOLDER.rglob("*"):
        if not path.is_file() or path.suffix == ".pyc":
            continue
        text = path.read_text("utf-8").replace("http://cyclonedx.org/schema/", "")
        names = re.findall(rf"(?<![\w.])(?:[\w-]+\.)+(?:{ENDINGS})(?![\w(.])", text)
        assert {name for name in names if not re.search(r"(^|\.)example\.(com|org|net)$", name)} == set(), path.name
        for written in re.findall(r"(?<![\d.v:-])\d{1,3}(?:\.\d{1,3}){3}(?![\d.-])", text):
            assert written in versions or ipaddress.ip_address(written).is_private, (path.name, written)
        assert not re.search(r"[\w.]+@(?!larkmere\.example)[\w-]+\.[a-z]{2,}\b", text), path.name


def test_the_sample_inventory_stands_in_the_tables_with_the_same_facts(
    data: DemoData, assets: dict[str, Asset]
) -> None:
    installed = {(row.asset, row.package): row for row in data.software}
    with (SAMPLES / "inventory.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 10
    for row in rows:
        asset, package = assets[row["host"]], installed[row["host"], row["package"]]
        assert (asset.role, asset.system) == (row["role"], row["system"])
        assert (package.version, package.reachable_from) == (row["version"], row["reachable_from"])
        if row["reachable_from"] == "internet":
            assert asset.exposure == "internet"


def test_the_samples_code_is_that_of_the_services(tmp_path: Path) -> None:
    services = FOLDER / "services"
    view = services / "customer-portal" / "portal" / "invoices.py"
    assert view.read_bytes() == (SAMPLES / "invoices.py").read_bytes()
    copied = tmp_path / "payment-client"
    shutil.copytree(services / "payment-client", copied)
    change = (SAMPLES / "partner-client.diff").resolve()
    check = ["git", "apply", "--check", str(change)]
    done = subprocess.run(check, cwd=copied, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_an_sbom_lists_what_the_requirements_pin(data: DemoData) -> None:
    for service in data.services:
        assert service.sbom == service.requirements, service.name
        assert len(service.sbom) >= 4
        assert all(part.version for part in service.sbom)


def test_services_run_what_their_hosts_have(data: DemoData) -> None:
    host = {"customer-portal": "web-01", "payment-client": "pay-01", "document-import": "import-01"}
    installed = {(row.asset, row.package): row.version for row in data.software}
    for service in data.services:
        for part in service.requirements:
            assert installed.get((host[service.name], part.name), part.version) == part.version


def python_files(service: Service) -> list[Path]:
    return [FOLDER / name for name in service.files if name.endswith(".py")]


def test_services_are_small_and_parse(data: DemoData) -> None:
    for service in data.services:
        lines = sum(len(path.read_text("utf-8").splitlines()) for path in python_files(service))
        assert 150 <= lines <= 400, (service.name, lines)
        for path in python_files(service):
            compile(path.read_text("utf-8"), path.name, "exec")


def test_the_review_finds_what_the_known_issues_say_it_finds(data: DemoData) -> None:
    for service in data.services:
        found: set[tuple[str, int, str]] = set()
        for path in python_files(service):
            unit = CodeUnit(name=path.name, language="python", text=path.read_text("utf-8"))
            name = path.relative_to(FOLDER / "services" / service.name).as_posix()
            found |= {(name, each.line_start, each.cwe) for each in analyse_unit(unit).findings}
        assert any(issue.found for issue in service.issues)
        assert any(not issue.found for issue in service.issues)
        for issue in service.issues:
            if issue.found:
                assert (issue.file, issue.line, issue.cwe) in found, issue


def test_known_issues_point_at_lines_with_code(data: DemoData) -> None:
    for service in data.services:
        for issue in service.issues:
            lines = (FOLDER / "services" / service.name / issue.file).read_text("utf-8").splitlines()
            assert lines[issue.line - 1].strip(), issue
