"""Small made-up files in MITRE's and CISA's formats. Nothing of it is theirs but the form."""

import json
from typing import Any

MITRE = "mitre-attack"


def stix(kind: str, ident: str, number: str, name: str, source: str = MITRE, **fields: Any) -> dict[str, Any]:
    """An object of a bundle; without a `number` it has no id of the catalogue."""
    references = [{"source_name": source, "external_id": number}] if number else []
    return {
        "type": kind,
        "id": f"{kind}--{ident}",
        "name": name,
        "modified": "2026-01-02T03:04:05.000Z",
        "external_references": references,
        "x_mitre_domains": ["enterprise-attack"],
        **fields,
    }


def link(kind: str, source: str, target: str, told: str = "", **fields: Any) -> dict[str, Any]:
    """A relationship between two objects."""
    ends = {"source_ref": source, "target_ref": target}
    return {"type": "relationship", "id": f"r--{kind}-{source}-{target}", "relationship_type": kind, **ends,
            "description": told, **fields}  # fmt: skip


def bundle(*objects: Any) -> bytes:
    """A STIX bundle as a file."""
    return json.dumps({"type": "bundle", "id": "bundle--1", "objects": list(objects)}).encode()


def attack_objects() -> list[dict[str, Any]]:
    """A matrix of two techniques, one of them with a sub-technique, and all that bears on them."""
    tactic = {"kill_chain_phases": [{"kill_chain_name": MITRE, "phase_name": "baking"}]}
    return [
        stix("x-mitre-tactic", "t", "TA0901", "Baking", x_mitre_shortname="baking", description="Bake things."),
        stix("attack-pattern", "1", "T9001", "Dough Theft", **tactic, x_mitre_platforms=["Oven"],
             description="Thieves take [dough](https://example.org/a(b)) with <code>spoon -x</code>."
             "(Citation: Baker (old) 2020)\n\nThen they run.",
             external_references=[{"source_name": MITRE, "external_id": "T9001"},
                                  {"source_name": "capec", "external_id": "CAPEC-901"}]),
        stix("attack-pattern", "2", "T9001.001", "Rye", **tactic, description="Only rye."),
        stix("attack-pattern", "3", "T9002", "Crumbs", description="Leave crumbs.",
             x_mitre_detection="Look for crumbs."),
        stix("attack-pattern", "old", "T8001", "Dough Thievery", revoked=True),
        stix("attack-pattern", "older", "T7001", "Dough Grab", revoked=True),
        stix("attack-pattern", "gone", "T8002", "Flour", x_mitre_deprecated=True),
        stix("attack-pattern", "odd", "", "Nameless number"),
        stix("intrusion-set", "g", "G9001", "Muffin Bear", aliases=["Muffin Bear", "MB-12"], description="A gang."),
        stix("campaign", "c", "C9001", "Operation Crust", first_seen="2025-01-01T00:00:00Z",
             last_seen="2025-02-01T00:00:00Z"),
        stix("malware", "s", "S9001", "Whisk", description="Stirs."),
        stix("course-of-action", "m", "M9001", "Lock the Oven", description="Use a lock."),
        stix("x-mitre-detection-strategy", "d", "DET1", "Watch", x_mitre_analytic_refs=["x-mitre-analytic--a", "no"]),
        stix("x-mitre-analytic", "a", "AN1", "Analytic", description="Weigh the dough.", x_mitre_platforms=["Oven"]),
        stix("x-mitre-data-component", "dc", "DC1", "Weight"),
        link("subtechnique-of", "attack-pattern--2", "attack-pattern--1"),
        link("revoked-by", "attack-pattern--old", "attack-pattern--1"),
        link("revoked-by", "attack-pattern--older", "attack-pattern--old"),
        link("uses", "intrusion-set--g", "attack-pattern--1", "[Muffin Bear](https://e.org) stole dough.(Citation: X)"),
        link("uses", "malware--s", "attack-pattern--2", "Whisk stirs rye."),
        link("uses", "intrusion-set--g", "malware--s", "Muffin Bear owns Whisk."),
        link("mitigates", "course-of-action--m", "attack-pattern--1", "A locked oven keeps dough."),
        link("attributed-to", "campaign--c", "intrusion-set--g"),
        link("detects", "x-mitre-detection-strategy--d", "attack-pattern--1"),
        link("uses", "malware--s", "attack-pattern--nowhere", "Lost."),
    ]  # fmt: skip


def capec_objects() -> list[dict[str, Any]]:
    """Two patterns in force, one that is not, and a mitigation."""
    first = stix(
        "attack-pattern", "1", "", "Cake Forgery", description="A <b>false</b> cake.", x_capec_status="Stable",
        x_capec_version="3.9", x_capec_typical_severity="Very High", x_capec_likelihood_of_attack="Low",
        x_capec_abstraction="Detailed", x_capec_child_of_refs=["attack-pattern--2"],
        x_capec_execution_flow="<h2> Execution Flow </h2><ol><li><p><b>Look: </b>at cakes</p></li></ol>",
        x_capec_consequences={"Access_Control": ["Free Cake"]}, x_capec_alternate_terms=["Fake Cake"],
        x_capec_prerequisites=["An oven."], x_capec_skills_required={"Low": "Can bake."},
        x_capec_example_instances=["Somebody did."],
        external_references=[
            {"source_name": "capec", "external_id": "CAPEC-901"}, {"source_name": "cwe", "external_id": "CWE-9001"},
            {"source_name": "ATTACK", "external_id": "T9001"}],
    )  # fmt: skip
    return [
        first,
        stix("attack-pattern", "2", "CAPEC-902", "Forgery", "capec", x_capec_version="3.10", x_capec_status="Draft"),
        stix("attack-pattern", "3", "CAPEC-903", "DEPRECATED: Pie", "capec", x_capec_status="Deprecated"),
        stix("course-of-action", "m", "", "coa-1", description="Taste it."),
        link("mitigates", "course-of-action--m", "attack-pattern--1"),
    ]


CWE_HEAD = (
    "CWE-ID,Name,Weakness Abstraction,Status,Description,Extended Description,Related Weaknesses,Weakness Ordinalities,"
    "Applicable Platforms,Background Details,Alternate Terms,Modes Of Introduction,Exploitation Factors,"
    "Likelihood of Exploit,Common Consequences,Detection Methods,Potential Mitigations,Observed Examples,"
    "Functional Areas,Affected Resources,Taxonomy Mappings,Related Attack Patterns,Notes\n"
)


def cwe_row(**fields: str) -> str:
    """A line of the table."""
    names = CWE_HEAD.strip().split(",")
    cells = [fields.get(name.replace(" ", "_").replace("-", "_"), "").replace('"', '""') for name in names]
    return ",".join(f'"{cell}"' for cell in cells) + ",\n"


CWE_CSV = (CWE_HEAD + cwe_row(
    CWE_ID="9001", Name="Improper Handling of Crumbs ('Crumb Overflow')", Weakness_Abstraction="Base", Status="Draft",
    Description="The product spills std::crumbs.", Extended_Description="More crumbs.",
    Related_Weaknesses="::NATURE:ChildOf:CWE ID:9000:VIEW ID:1000:ORDINAL:Primary::NATURE:ChildOf:CWE ID:8999:VIEW ID:"
    "1003:ORDINAL:Primary::",
    Applicable_Platforms="::LANGUAGE CLASS:Not Language-Specific:LANGUAGE PREVALENCE:Undetermined::",
    Alternate_Terms="::TERM:Crumbing:DESCRIPTION:Colloquial::TERM:Spill::",
    Common_Consequences="::SCOPE:Integrity:SCOPE:Availability:IMPACT:Mess:NOTE:Sweep: at once::",
    Potential_Mitigations="::PHASE:Design:DESCRIPTION:Use a plate, as in std::plate: it helps.::PHASE:Build::",
    Detection_Methods="::METHOD:Looking:DESCRIPTION:Look down.:EFFECTIVENESS:High::",
    Observed_Examples="::REFERENCE:CVE-2020-9999:DESCRIPTION:Toaster spills crumbs:LINK:https://example.org/x::",
    Related_Attack_Patterns="::901::902::",
) + cwe_row(CWE_ID="9002", Name="DEPRECATED: Pie", Status="Deprecated")).encode()  # fmt: skip

CWE_XML = b"""<?xml version="1.0" encoding="UTF-8"?>
<Weakness_Catalog Name="CWE" Version="4.99" Date="2026-01-01" xmlns="http://cwe.mitre.org/cwe-7"
  xmlns:xhtml="http://www.w3.org/1999/xhtml"><Weaknesses>
<Weakness ID="9001" Name="Improper Handling of Crumbs ('Crumb Overflow')" Abstraction="Base" Status="Draft">
 <Description>The product spills std::crumbs.</Description>
 <Extended_Description><xhtml:p>More crumbs.</xhtml:p><xhtml:p>Yet more.</xhtml:p></Extended_Description>
 <Related_Weaknesses><Related_Weakness Nature="ChildOf" CWE_ID="9000" View_ID="1000"/>
  <Related_Weakness Nature="ChildOf" CWE_ID="8999" View_ID="1003"/></Related_Weaknesses>
 <Applicable_Platforms><Language Class="Not Language-Specific"/></Applicable_Platforms>
 <Alternate_Terms><Alternate_Term><Term>Crumbing</Term></Alternate_Term></Alternate_Terms>
 <Common_Consequences><Consequence><Scope>Integrity</Scope><Impact>Mess</Impact><Note>Sweep.</Note></Consequence>
 </Common_Consequences>
 <Potential_Mitigations><Mitigation><Phase>Design</Phase><Description><xhtml:p>Use a plate.</xhtml:p></Description>
 </Mitigation></Potential_Mitigations>
 <Demonstrative_Examples><Demonstrative_Example><Intro_Text>See:</Intro_Text>
  <Example_Code Nature="Bad" Language="C"><xhtml:div>spill();<xhtml:br/>run();</xhtml:div></Example_Code>
  <Body_Text>It spills.</Body_Text></Demonstrative_Example></Demonstrative_Examples>
 <Observed_Examples><Observed_Example><Reference>CVE-2020-9999</Reference><Description>Toaster spills crumbs
 </Description></Observed_Example></Observed_Examples>
 <Related_Attack_Patterns><Related_Attack_Pattern CAPEC_ID="901"/></Related_Attack_Patterns>
 <Mapping_Notes><Usage>Allowed</Usage><Rationale>It is precise.</Rationale></Mapping_Notes>
 <Content_History><Submission><Submission_Date>2020-01-01</Submission_Date></Submission>
  <Modification><Modification_Date>2025-05-05</Modification_Date></Modification></Content_History>
</Weakness>
<Weakness ID="9002" Name="DEPRECATED: Pie" Status="Deprecated"><Description>No.</Description></Weakness>
</Weaknesses></Weakness_Catalog>
"""


def kev(*rows: Any) -> bytes:
    """CISA's catalogue with these rows."""
    return json.dumps({"title": "x", "catalogVersion": "2026.01.02", "vulnerabilities": list(rows)}).encode()


KEV_ROW = {
    "cveID": "CVE-2026-0001", "vendorProject": "Bakery", "product": "Oven", "vulnerabilityName": "Bakery Oven Crumbs",
    "dateAdded": "2026-01-02", "shortDescription": "Ovens spill.", "requiredAction": "Sweep.", "dueDate": "2026-01-09",
    "knownRansomwareCampaignUse": "Known", "notes": "https://a.example ; https://b.example", "cwes": ["CWE-9001"],
}  # fmt: skip
