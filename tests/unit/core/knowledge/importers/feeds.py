"""Small made-up files in the formats of feeds, scanners and inventories."""

import gzip
import io
import json
import zipfile
from typing import Any


def as_json(value: object) -> bytes:
    return json.dumps(value).encode()


def packed(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


def gzipped(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def cve(number: int = 1, text: str = "A made-up flaw lets strangers in.", **fields: Any) -> dict[str, Any]:
    """One CVE as NVD tells it."""
    return {
        "cve": {
            "id": f"CVE-2099-{number:04}",
            "sourceIdentifier": "cna@example.org",
            "published": "2099-01-02T03:04:05.000",
            "lastModified": "2099-02-03T04:05:06.000",
            "vulnStatus": "Analyzed",
            "descriptions": [{"lang": "es", "value": "Un fallo."}, {"lang": "en", "value": text}],
            "metrics": {
                "cvssMetricV2": [
                    {
                        "type": "Primary",
                        "baseSeverity": "MEDIUM",
                        "cvssData": {"version": "2.0", "vectorString": "AV:N/AC:L/Au:N/C:P/I:N/A:N", "baseScore": 5.0},
                    }
                ],
                "cvssMetricV31": [
                    {
                        "type": "Secondary",
                        "cvssData": {
                            "version": "3.1",
                            "vectorString": "CVSS:3.1/x",
                            "baseScore": 4.0,
                            "baseSeverity": "MEDIUM",
                        },
                    },
                    {
                        "type": "Primary",
                        "cvssData": {
                            "version": "3.1",
                            "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
                            "baseScore": 9.8,
                            "baseSeverity": "CRITICAL",
                        },
                    },
                ],
            },
            "weaknesses": [
                {"source": "nvd@nist.gov", "description": [{"lang": "en", "value": "CWE-502"}]},
                {"source": "nvd@nist.gov", "description": [{"lang": "en", "value": "NVD-CWE-noinfo"}]},
            ],
            "configurations": [
                {
                    "nodes": [
                        {
                            "operator": "OR",
                            "negate": False,
                            "cpeMatch": [
                                {
                                    "vulnerable": True,
                                    "criteria": "cpe:2.3:a:acme:rocket_server:*:*:*:*:*:*:*:*",
                                    "versionStartIncluding": "2.0",
                                    "versionEndExcluding": "2.15.0",
                                },
                                {"vulnerable": True, "criteria": "cpe:2.3:a:acme:anvil:1.4:rc1:*:*:*:*:*:*"},
                                {"vulnerable": False, "criteria": "cpe:2.3:o:acme:os:-:*:*:*:*:*:*:*"},
                            ],
                        }
                    ]
                }
            ],
            "references": [{"url": "https://example.org/advisory"}],
        }
        | fields
    }


def nvd(*entries: dict[str, Any], stamp: str = "2099-03-01T00:00:00.000") -> bytes:
    """A page of the API, or a yearly feed."""
    return as_json(
        {
            "resultsPerPage": len(entries),
            "startIndex": 0,
            "totalResults": len(entries),
            "format": "NVD_CVE",
            "version": "2.0",
            "timestamp": stamp,
            "vulnerabilities": list(entries),
        }
    )


def osv(identifier: str = "PYSEC-2099-1", **fields: Any) -> dict[str, Any]:
    """One vulnerability in OSV's form."""
    return {
        "schema_version": "1.7.0",
        "id": identifier,
        "modified": "2099-02-01T00:00:00Z",
        "published": "2099-01-01T00:00:00Z",
        "aliases": ["CVE-2099-0001"],
        "summary": "Rocket opens archives outside its folder",
        "details": "A crafted archive writes files anywhere.",
        "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:N/I:H/A:N"}],
        "affected": [
            {
                "package": {"ecosystem": "PyPI", "name": "Rocket", "purl": "pkg:pypi/rocket"},
                "ranges": [
                    {
                        "type": "ECOSYSTEM",
                        "events": [
                            {"introduced": "0"},
                            {"fixed": "1.2"},
                            {"introduced": "2.0"},
                            {"last_affected": "2.3"},
                        ],
                    },
                    {"type": "GIT", "repo": "https://example.org/rocket", "events": [{"introduced": "0"}]},
                ],
                "versions": ["1.0", "1.1", "2.0"],
            }
        ],
        "references": [{"type": "WEB", "url": "https://example.org/rocket"}],
        "database_specific": {"cwe_ids": ["CWE-22"], "severity": "MODERATE"},
    } | fields


GHSA = "GHSA-jfh8-c2jp-5v3q"


def ghsa_rest(**fields: Any) -> dict[str, Any]:
    """One advisory as GitHub's REST API gives it."""
    return {
        "ghsa_id": GHSA,
        "cve_id": "CVE-2099-0001",
        "summary": "Remote code execution in Rocket",
        "description": "### Impact\nStrangers run code.",
        "type": "reviewed",
        "severity": "critical",
        "published_at": "2099-01-01T00:00:00Z",
        "updated_at": "2099-02-01T00:00:00Z",
        "withdrawn_at": None,
        "vulnerabilities": [
            {
                "package": {"ecosystem": "maven", "name": "org.acme:rocket"},
                "vulnerable_version_range": ">= 2.0, < 2.15.0",
                "first_patched_version": "2.15.0",
                "vulnerable_functions": [],
            }
        ],
        "cvss_severities": {
            "cvss_v3": {"vector_string": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", "score": 10.0},
            "cvss_v4": {"vector_string": None, "score": 0.0},
        },
        "cwes": [{"cwe_id": "CWE-502", "name": "Deserialization"}],
        "references": ["https://example.org/ghsa"],
    } | fields


def sarif(*results: dict[str, Any], version: str = "2.1.0") -> bytes:
    """A log of one run of a made-up scanner with two rules."""
    return as_json(
        {
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": version,
            "runs": [
                {
                    "tool": {
                        "driver": {
                            "name": "Probe",
                            "semanticVersion": "1.0.0",
                            "rules": [
                                {
                                    "id": "py/injection",
                                    "shortDescription": {"text": "SQL from user input"},
                                    "messageStrings": {"default": {"text": "{0} reaches {1}"}},
                                    "properties": {
                                        "tags": ["security", "external/cwe/cwe-089"],
                                        "security-severity": "8.8",
                                    },
                                },
                                {"id": "py/weak", "defaultConfiguration": {"level": "note"}},
                            ],
                        }
                    },
                    "invocations": [{"executionSuccessful": True, "endTimeUtc": "2099-04-01T10:00:00Z"}],
                    "results": list(results),
                }
            ],
        }
    )


def sarif_result(rule: str = "py/injection", line: int = 12, **fields: Any) -> dict[str, Any]:
    return {
        "ruleId": rule,
        "message": {"id": "default", "arguments": ["name", "execute()"]},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "src/app.py"},
                    "region": {"startLine": line, "snippet": {"text": "cursor.execute(name)"}},
                }
            }
        ],
    } | fields


def cyclonedx(*components: dict[str, Any], **fields: Any) -> bytes:
    return as_json(
        {
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "serialNumber": "urn:uuid:0",
            "metadata": {
                "timestamp": "2099-05-01T00:00:00Z",
                "component": {"type": "application", "name": "webshop", "version": "3.0"},
                "tools": {"components": [{"type": "application", "name": "maker", "version": "1"}]},
            },
            "components": list(components),
        }
        | fields
    )


def component(name: str = "rocket", version: str = "2.14.1", **fields: Any) -> dict[str, Any]:
    return {
        "type": "library",
        "name": name,
        "version": version,
        "purl": f"pkg:pypi/{name}@{version}",
        "licenses": [{"license": {"id": "MIT"}}],
    } | fields


CYCLONEDX_XML = b"""<?xml version="1.0" encoding="UTF-8"?>
<bom xmlns="http://cyclonedx.org/schema/bom/1.5" serialNumber="urn:uuid:0" version="1">
  <metadata>
    <timestamp>2099-05-01T00:00:00Z</timestamp>
    <component type="application"><name>webshop</name><version>3.0</version></component>
  </metadata>
  <components>
    <component type="library">
      <name>rocket</name><version>2.14.1</version>
      <licenses><license><id>MIT</id></license></licenses>
      <purl>pkg:pypi/rocket@2.14.1</purl>
    </component>
  </components>
</bom>
"""


def spdx(*packages: dict[str, Any], **fields: Any) -> bytes:
    return as_json(
        {
            "spdxVersion": "SPDX-2.3",
            "SPDXID": "SPDXRef-DOCUMENT",
            "name": "webshop",
            "creationInfo": {"created": "2099-05-01T00:00:00Z", "creators": ["Tool: maker-1", "Organization: Acme"]},
            "packages": list(packages),
        }
        | fields
    )


def spdx_package(name: str = "rocket", version: str = "2.14.1", **fields: Any) -> dict[str, Any]:
    return {
        "name": name,
        "SPDXID": f"SPDXRef-{name}",
        "versionInfo": version,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "MIT",
        "supplier": "Organization: Acme",
        "externalRefs": [
            {
                "referenceCategory": "PACKAGE-MANAGER",
                "referenceType": "purl",
                "referenceLocator": f"pkg:pypi/{name}@{version}",
            }
        ],
    } | fields


SPDX_TAGS = b"""SPDXVersion: SPDX-2.3
DataLicense: CC0-1.0
SPDXID: SPDXRef-DOCUMENT
DocumentName: webshop
Creator: Tool: maker-1
Created: 2099-05-01T00:00:00Z

PackageName: rocket
SPDXID: SPDXRef-rocket
PackageVersion: 2.14.1
PackageLicenseConcluded: NOASSERTION
PackageLicenseDeclared: MIT
PackageSupplier: Organization: Acme
PackageDescription: <text>Fires
rockets.</text>
ExternalRef: PACKAGE-MANAGER purl pkg:pypi/rocket@2.14.1

FileName: ./a.py
SPDXID: SPDXRef-File
"""
