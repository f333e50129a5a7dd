"""SARIF, CycloneDX and SPDX: what other tools found, and what software consists of."""

import json
from typing import Any

import pytest

from tests.unit.core.knowledge.importers.feeds import (
    CYCLONEDX_XML,
    SPDX_TAGS,
    as_json,
    component,
    cyclonedx,
    sarif,
    sarif_result,
    spdx,
    spdx_package,
)
from workbench.core.evidence import PassageKind, Severity
from workbench.core.knowledge.documents import LoadedDocument, LoadError
from workbench.core.knowledge.importers.cyclonedx import CycloneDxImporter
from workbench.core.knowledge.importers.sarif import SarifImporter
from workbench.core.knowledge.importers.spdx import SpdxImporter
from workbench.core.knowledge.records import RelationKind


def documents(importer: Any, data: bytes) -> dict[str, LoadedDocument]:
    return {document.path: document for document in importer.read(data).documents}


def test_a_result_says_rule_place_weakness_and_severity() -> None:
    (document,) = documents(SarifImporter(), sarif(sarif_result())).values()
    record = document.records[0]
    assert (record.data["rule"], record.data["file"], record.data["line"]) == ("py/injection", "src/app.py", 12)
    assert record.severity is Severity.HIGH
    assert document.identifiers == ("CWE-89",)
    assert document.relations[0].kind is RelationKind.WEAKNESS
    assert "name reaches execute()" in document.text
    assert "cursor.execute(name)" in document.text


def test_a_result_without_a_score_has_the_severity_of_its_level() -> None:
    weak, told = documents(
        SarifImporter(), sarif(sarif_result("py/weak"), sarif_result("other", level="error"))
    ).values()
    assert {weak.records[0].severity, told.records[0].severity} == {Severity.LOW, Severity.HIGH}


def test_a_result_stays_itself_when_its_line_moves() -> None:
    prints = {"partialFingerprints": {"primaryLocationLineHash": "abc:1"}}
    before = documents(SarifImporter(), sarif(sarif_result(line=12, **prints)))
    after = documents(SarifImporter(), sarif(sarif_result(line=20, **prints)))
    assert before.keys() == after.keys()


def test_results_that_look_the_same_are_all_kept_and_passed_checks_are_not() -> None:
    log = sarif(sarif_result(), sarif_result(), sarif_result("py/weak", kind="pass"))
    assert len(documents(SarifImporter(), log)) == 2


def test_another_version_of_sarif_is_refused() -> None:
    with pytest.raises(LoadError, match=r"only 2\.1\.0"):
        SarifImporter().read(sarif(version="2.0.0"))


@pytest.mark.parametrize(
    ("importer", "data"),
    [
        (CycloneDxImporter(), cyclonedx(component())),
        (CycloneDxImporter(), CYCLONEDX_XML),
        (SpdxImporter(), spdx(spdx_package())),
        (SpdxImporter(), SPDX_TAGS),
    ],
    ids=["cyclonedx json", "cyclonedx xml", "spdx json", "spdx tags"],
)
def test_all_inventories_say_the_same_of_a_component(importer: Any, data: bytes) -> None:
    imported = importer.read(data)
    found = {document.path: document for document in imported.documents}
    assert found.keys() == {"sbom/inventory", "sbom/pkg:pypi/rocket"}
    row = found["sbom/pkg:pypi/rocket"]
    assert row.kind is PassageKind.ROW
    assert row.records[0].id == "pkg:pypi/rocket@2.14.1"
    assert row.records[0].data["version"] == "2.14.1"
    assert row.records[0].data["licences"] == ["MIT"]
    assert (row.relations[0].source, row.relations[0].kind) == ("sbom:webshop", RelationKind.CONTAINS)
    assert row.relations[0].target == "pkg:pypi/rocket"
    assert imported.version == "2099-05-01T00:00:00Z"
    assert imported.name == "webshop"


def test_components_within_components_and_two_versions_of_one_are_all_there() -> None:
    inner = component("fuse", "1.0")
    found = documents(CycloneDxImporter(), cyclonedx(component(components=[inner]), component(version="3.0")))
    assert found.keys() == {
        "sbom/inventory",
        "sbom/pkg:pypi/fuse",
        "sbom/pkg:pypi/rocket@2.14.1",
        "sbom/pkg:pypi/rocket@3.0",
    }


def test_an_inventory_made_anew_changes_no_component() -> None:
    before = documents(CycloneDxImporter(), cyclonedx(component()))
    after = documents(CycloneDxImporter(), cyclonedx(component(), metadata={"timestamp": "2100-01-01T00:00:00Z"}))
    del before["sbom/inventory"], after["sbom/inventory"]
    assert [each.records for each in before.values()] == [each.records for each in after.values()]
    assert [each.dated for each in after.values()] == [""]


def test_malformed_components_are_left_out_and_told() -> None:
    imported = CycloneDxImporter().read(cyclonedx(component(), {"name": 3.5, "licenses": "MIT"}, "rocket"))
    assert len(list(imported.documents)) == 2
    assert imported.notices == ["2 components were left out, because they are malformed"]


def test_a_component_without_a_package_url_is_kept_under_its_name() -> None:
    found = documents(SpdxImporter(), spdx(spdx_package(externalRefs=[], versionInfo="")))
    assert "sbom/component//rocket".replace("//", "/") in found


def test_a_newer_standard_is_refused_with_what_to_do() -> None:
    with pytest.raises(LoadError, match=r"export it as 2\.3"):
        SpdxImporter().read(b'{"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": []}')


def test_a_text_without_an_end_is_damage() -> None:
    with pytest.raises(LoadError, match="has no end"):
        SpdxImporter().read(SPDX_TAGS.replace(b"</text>", b""))


def test_scans_of_other_tools_and_repositories_are_no_versions_of_one_another() -> None:
    log = json.loads(sarif(sarif_result()))
    names = {SarifImporter().read(as_json(log)).name}
    log["runs"][0]["versionControlProvenance"] = [{"repositoryUri": "https://git.example.org/team/billing"}]
    names.add(SarifImporter().read(as_json(log)).name)
    log["runs"][0]["automationDetails"] = {"id": "nightly/"}
    names.add(SarifImporter().read(as_json(log)).name)
    assert names == {"Probe", "Probe, billing", "Probe, billing, nightly"}


def test_a_scan_without_runs_is_a_scan_without_findings() -> None:
    log = as_json({"version": "2.1.0", "runs": []})
    assert SarifImporter().recognises(log)
    assert documents(SarifImporter(), log) == {}


def test_an_inventory_of_an_unknown_version_is_read_and_told() -> None:
    read = CycloneDxImporter().read(cyclonedx(specVersion="9.9"))
    assert any("9.9" in notice for notice in read.notices)
