"""What the importers of ATT&CK, CAPEC, CWE and KEV promise."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.core.knowledge.importers.mitre import (
    CWE_CSV,
    CWE_HEAD,
    CWE_XML,
    KEV_ROW,
    attack_objects,
    bundle,
    capec_objects,
    kev,
    stix,
)
from workbench.core.evidence import PassageKind, Severity
from workbench.core.knowledge.documents import LoadedDocument, LoadError
from workbench.core.knowledge.importers.attack import AttackImporter
from workbench.core.knowledge.importers.base import Imported, Importer
from workbench.core.knowledge.importers.capec import CapecImporter
from workbench.core.knowledge.importers.cwe import CweImporter
from workbench.core.knowledge.importers.kev import KevImporter
from workbench.core.knowledge.importers.registry import recognise
from workbench.core.knowledge.records import Relation, RelationKind

IMPORTERS: list[Importer] = [AttackImporter(), CapecImporter(), CweImporter(), KevImporter()]
FILES = [bundle(*attack_objects()), bundle(*capec_objects()), CWE_CSV, CWE_XML, kev(KEV_ROW)]


def pages(imported: Imported) -> dict[str, LoadedDocument]:
    return {document.path: document for document in imported.documents}


def section(document: LoadedDocument, heading: str) -> str:
    return "\n".join(block.text for block in document.blocks if block.heading == heading and not block.is_heading)


@pytest.fixture(scope="module")
def attack() -> dict[str, LoadedDocument]:
    return pages(AttackImporter().read(FILES[0]))


def test_each_file_is_recognised_as_what_it_is() -> None:
    assert [recognise(data[:65_536]) for data in FILES] == ["attack", "capec", "cwe", "cwe", "kev"]


def test_attack_has_a_page_for_each_entry_in_force(attack: dict[str, LoadedDocument]) -> None:
    numbers = ("C9001", "G9001", "M9001", "S9001", "T9001", "T9001.001", "T9002", "TA0901")
    assert list(attack) == [f"attack/{number}" for number in numbers]
    assert [page.kind.value for page in attack.values()] == [
        "campaign", "group", "mitigation", "software", "technique", "technique", "technique", "tactic"
    ]  # fmt: skip
    assert attack["attack/T9001.001"].title == "T9001.001 Dough Theft: Rye"
    assert attack["attack/T9001"].dated == "2026-01-02T03:04:05.000Z"


def test_what_is_left_out_of_attack_is_told() -> None:
    imported = AttackImporter().read(FILES[0])
    assert imported.version == "2026-01-02"
    assert imported.name == "enterprise-attack"
    assert imported.notices == [
        "1 object left out: deprecated by MITRE without a successor.",
        "1 object left out: without an id or a name.",
        "1 object left out: data components and data sources, which only detection strategies refer to.",
        "1 object left out: relationships with an entry that is not in force.",
    ]


def test_a_technique_is_readable_without_marks(attack: dict[str, LoadedDocument]) -> None:
    page = attack["attack/T9001"]
    assert section(page, "Description") == "Thieves take dough with spoon -x.\nThen they run."
    assert section(page, "Mitigations") == "M9001 Lock the Oven: A locked oven keeps dough."
    assert section(page, "Detection") == "Oven: Weigh the dough."
    assert section(page, "Used by") == "G9001 Muffin Bear"
    assert "Tactics: TA0901 Baking." in section(page, "At a glance")
    assert section(attack["attack/T9002"], "Detection") == "Look for crumbs."


def test_procedure_sentences_are_sought_of_the_technique_and_shown_of_the_group(
    attack: dict[str, LoadedDocument],
) -> None:
    sought = [block for block in attack["attack/T9001"].blocks if block.asks and not block.is_heading]
    assert [block.text for block in sought] == ["Dough Theft", "Muffin Bear stole dough."]
    assert section(attack["attack/G9001"], "Techniques used") == "T9001 Dough Theft: Muffin Bear stole dough."
    assert section(attack["attack/G9001"], "Software used") == "S9001 Whisk: Muffin Bear owns Whisk."
    assert section(attack["attack/G9001"], "Names") == "Muffin Bear\nMB-12"


def test_a_revoked_entry_leads_to_its_successor_through_others(attack: dict[str, LoadedDocument]) -> None:
    page = attack["attack/T9001"]
    assert page.identifiers == ("T9001", "T7001", "T8001")
    assert [record.id for record in page.records] == ["T9001", "T7001", "T8001"]
    assert Relation(source="T7001", kind=RelationKind.ALIAS, target="T9001") in page.relations
    assert "Replaces T7001, T8001, which ATT&CK has revoked." in section(page, "At a glance")


def test_relations_of_attack(attack: dict[str, LoadedDocument]) -> None:
    told = {(r.source, r.kind.value, r.target) for page in attack.values() for r in page.relations}
    assert told == {
        ("T9001.001", "child of", "T9001"), ("T9001", "serves", "TA0901"), ("T9001.001", "serves", "TA0901"),
        ("G9001", "uses", "T9001"), ("S9001", "uses", "T9001.001"), ("G9001", "uses", "S9001"),
        ("M9001", "mitigates", "T9001"), ("C9001", "attributed to", "G9001"), ("CAPEC-901", "used as", "T9001"),
        ("T8001", "also known as", "T9001"), ("T7001", "also known as", "T9001"),
    }  # fmt: skip


def test_another_matrix_stands_in_a_folder_of_its_own() -> None:
    objects = [stix("attack-pattern", "1", "T9900", "Tap", x_mitre_domains=["mobile-attack"], description="Tap.")]
    imported = AttackImporter().read(bundle(*objects))
    assert imported.name == "mobile-attack"
    assert list(pages(imported)) == ["attack/mobile-attack/T9900"]


def test_a_pattern_of_capec() -> None:
    imported = CapecImporter().read(FILES[1])
    page = pages(imported)["capec/CAPEC-901"]
    assert imported.version == "3.10"
    assert imported.notices == ["1 attack pattern left out: deprecated by MITRE, which keeps no text of them."]
    assert page.records[0].severity is Severity.HIGH
    assert section(page, "Description") == "A false cake."
    assert section(page, "Execution flow") == "Look: at cakes"
    assert section(page, "Consequences") == "Access Control: Free Cake"
    assert section(page, "Mitigations") == "Taste it."
    assert [(r.source, r.kind.value, r.target) for r in page.relations] == [
        ("CWE-9001", "attacked by", "CAPEC-901"),
        ("CAPEC-901", "used as", "T9001"),
        ("CAPEC-901", "child of", "CAPEC-902"),
    ]


@pytest.mark.parametrize("data", [CWE_CSV, CWE_XML], ids=["csv", "xml"])
def test_a_weakness_says_the_same_in_both_formats(data: bytes) -> None:
    imported = CweImporter().read(data)
    (page,) = imported.documents
    assert imported.notices == ["1 weakness left out: deprecated by MITRE."]
    assert (page.path, page.kind) == ("cwe/CWE-9001", PassageKind.WEAKNESS)
    assert section(page, "Description").startswith("The product spills std::crumbs.\nMore crumbs.")
    assert section(page, "Names").split("\n")[:3] == ["Improper Handling of Crumbs", "Crumb Overflow", "Crumbing"]
    assert section(page, "Observed examples") == "Toaster spills crumbs (CVE-2020-9999)"
    assert "Mess" in section(page, "Consequences")
    assert section(page, "Mitigations").startswith("Design: Use a plate")
    assert {(r.source, r.kind.value, r.target) for r in page.relations} >= {
        ("CWE-9001", "child of", "CWE-9000"),
        ("CWE-9001", "attacked by", "CAPEC-901"),
        ("CVE-2020-9999", "has weakness", "CWE-9001"),
    }
    assert not any(relation.target == "CWE-8999" for relation in page.relations)


def test_a_weakness_says_how_usual_it_is_among_those_that_vulnerabilities_are_mapped_to() -> None:
    kind = CWE_XML[CWE_XML.index(b"<Weakness ID") : CWE_XML.index(b"</Weakness>") + len(b"</Weakness>")]
    parent = (
        b'<Weakness ID="8999" Name="Mess" Abstraction="Class" Status="Stable"><Description>M</Description></Weakness>'
    )
    documents = CweImporter().read(CWE_XML.replace(kind, kind + parent)).documents
    data = {page.identifiers[0]: page.records[0].data for page in documents}
    assert (data["CWE-8999"]["mapped"], data["CWE-8999"]["mapped_kinds"]) == (True, 1)
    assert data["CWE-9001"]["mapped"]
    assert "mapped_kinds" not in data["CWE-9001"]


def test_cells_of_the_table_keep_their_colons() -> None:
    (page,) = CweImporter().read(CWE_CSV).documents
    assert section(page, "Mitigations") == "Design: Use a plate, as in std::plate: it helps.\nBuild"
    assert section(page, "Consequences") == "Integrity, Availability, Mess: Sweep: at once"


def test_the_whole_catalogue_has_more() -> None:
    imported = CweImporter().read(CWE_XML)
    (page,) = imported.documents
    assert (imported.version, page.dated) == ("4.99", "2025-05-05")
    assert section(page, "Examples") == "See:\nspill();\nrun();\nIt spills."
    assert section(page, "Mapping") == "Mapping of vulnerabilities to it: allowed. It is precise."


def test_a_vulnerability_of_kev() -> None:
    imported = KevImporter().read(kev(KEV_ROW, {"cveID": "none"}))
    (page,) = imported.documents
    assert (imported.version, imported.notices) == ("2026.01.02", ["1 entry left out: without a CVE id."])
    assert (page.path, page.dated, page.title) == (
        "kev/CVE-2026-0001",
        "2026-01-02",
        "CVE-2026-0001 Bakery Oven Crumbs",
    )
    assert page.records[0].data == {"exploited": True, "due": "2026-01-09", "ransomware": True}
    assert section(page, "What to do") == "Sweep."
    assert [(r.kind.value, r.target) for r in page.relations] == [("has weakness", "CWE-9001")]


@pytest.mark.parametrize("data", FILES, ids=["attack", "capec", "csv", "xml", "kev"])
def test_the_same_bytes_make_the_same_documents(data: bytes) -> None:
    importer = next(one for one in IMPORTERS if one.recognises(data))
    first, second = importer.read(data), importer.read(data)
    assert [page.content_hash for page in first.documents] == [page.content_hash for page in second.documents]


def test_the_order_of_a_bundle_does_not_matter() -> None:
    turned = pages(AttackImporter().read(bundle(*reversed(attack_objects()))))
    for path, page in pages(AttackImporter().read(FILES[0])).items():
        assert page.text == turned[path].text


@pytest.mark.parametrize("importer", IMPORTERS, ids=lambda one: one.name)
@pytest.mark.parametrize(
    "data",
    [
        b"", b"nonsense", b"\xff\xfe\x00", b"{}", b"[]", b"null", b'{"type": "bundle"}', b'{"vulnerabilities": {}}',
        b'{"type": "bundle", "objects": [1]}', b'{"type": "bundle", "objects": []}', b"[" * 100_000,
        b'{"vulnerabilities": [{"cveID": "x"}]}', b"<a/>", b"<Weakness_Catalog/>", CWE_HEAD.encode(),
        CWE_HEAD.encode() + b'"1,2\n3', b"CWE-ID,Name,x\n1,2,3\n", b"CWE-ID,Name,\xff",
        b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><Weakness_Catalog>&b;</Weakness_Catalog>',
        b'<!DOCTYPE a [<!ENTITY b "cc"><!ENTITY d "&b;&b;">]><a>&d;</a>', CWE_XML[:900],
    ],
)  # fmt: skip
def test_a_file_that_is_something_else_is_refused_in_one_sentence(importer: Importer, data: bytes) -> None:
    with pytest.raises(LoadError, match=r"^this (is no )?file of .*; (choose|get) .*$"):
        list(importer.read(data).documents)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def swapped(objects: list[dict[str, Any]], number: int, key: int, value: object) -> list[dict[str, Any]]:
    """The objects with one field of one of them replaced."""
    chosen = objects[number % len(objects)]
    chosen[sorted(chosen)[key % len(chosen)]] = value
    return objects


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 99), st.integers(0, 99), ANYTHING)
def test_a_field_of_another_type_costs_no_more_than_its_entry(number: int, key: int, value: object) -> None:
    for importer, data in (
        (AttackImporter(), bundle(*swapped(attack_objects(), number, key, value))),
        (CapecImporter(), bundle(*swapped(capec_objects(), number, key, value))),
        (KevImporter(), kev(KEV_ROW, *swapped([dict(KEV_ROW, cveID="CVE-2026-0002")], number, key, value))),
    ):
        try:
            found = list(importer.read(data).documents)
        except LoadError:
            assert json.loads(data)
        else:
            assert found
