"""SARIF 2.1.0: what other tools found in code, one document for each result, so that it can be searched and cited.

Results carry no date, so that the same result of the next scan is unchanged.

Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import Field, ValidationError

from workbench.core.evidence import PassageKind, Severity
from workbench.core.knowledge.documents import Block, LoadedDocument
from workbench.core.knowledge.importers.base import Imported, damaged, foreign, parse_json
from workbench.core.knowledge.importers.cvss import rating, severity_of
from workbench.core.knowledge.importers.vulnerability import Lenient
from workbench.core.knowledge.records import Record, Relation, RelationKind

_CWE = re.compile(r"(?:^|[^A-Za-z])CWE[-_:/ ]?0*(\d{1,5})(?!\d)", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"\{(\d{1,3})\}")
_LEVELS = {"error": Severity.HIGH, "warning": Severity.MEDIUM, "note": Severity.LOW}

_NO_RUNS = re.compile(rb'"runs"\s*:\s*\[\s*\]')
"""A scan that had nothing to do is a scan all the same."""

SNIPPET_CHARS = 1_200
"""Most code of one result that is kept; a longer snippet is the file."""


class _Message(Lenient):
    text: str = ""
    id: str = ""
    arguments: tuple[str, ...] = ()


class _Artifact(Lenient):
    uri: str = ""
    index: int = -1


class _Region(Lenient):
    line: int | None = Field(None, alias="startLine", ge=1)
    end: int | None = Field(None, alias="endLine", ge=1)
    snippet: _Message = _Message()


class _Physical(Lenient):
    artifact: _Artifact = Field(_Artifact(), alias="artifactLocation")
    region: _Region = _Region()


class _Location(Lenient):
    physical: _Physical = Field(_Physical(), alias="physicalLocation")


class _RuleReference(Lenient):
    id: str = ""
    index: int = -1


class _Result(Lenient):
    rule_id: str = Field("", alias="ruleId")
    rule_index: int = Field(-1, alias="ruleIndex")
    rule: _RuleReference = _RuleReference()
    level: str = ""
    kind: str = "fail"
    message: _Message = _Message()
    locations: tuple[_Location, ...] = ()
    fingerprints: dict[str, str] = Field(default_factory=dict)
    partial: dict[str, str] = Field(default_factory=dict, alias="partialFingerprints")
    suppressions: tuple[Any, ...] | None = ()
    taxa: tuple[Any, ...] = ()
    properties: dict[str, Any] = Field(default_factory=dict)


class _Configuration(Lenient):
    level: str = ""


class _Rule(Lenient):
    id: str = ""
    name: str = ""
    short: _Message = Field(_Message(), alias="shortDescription")
    full: _Message = Field(_Message(), alias="fullDescription")
    help: _Message = _Message()
    messages: dict[str, _Message] = Field(default_factory=dict, alias="messageStrings")
    default: _Configuration = Field(_Configuration(), alias="defaultConfiguration")
    relationships: tuple[Any, ...] = ()
    properties: dict[str, Any] = Field(default_factory=dict)


class _Driver(Lenient):
    name: str = "unnamed tool"
    version: str = ""
    semantic: str = Field("", alias="semanticVersion")
    rules: tuple[_Rule, ...] = ()


class _Tool(Lenient):
    driver: _Driver
    extensions: tuple[_Driver, ...] = ()


class _Invocation(Lenient):
    end: str = Field("", alias="endTimeUtc")


class _ArtifactEntry(Lenient):
    location: _Artifact = _Artifact()


class _Provenance(Lenient):
    repository: str = Field("", alias="repositoryUri")


class _Automation(Lenient):
    id: str = ""


class _Run(Lenient):
    tool: _Tool
    provenance: tuple[_Provenance, ...] = Field((), alias="versionControlProvenance")
    automation: _Automation = Field(_Automation(), alias="automationDetails")
    results: tuple[Any, ...] | None = ()
    invocations: tuple[_Invocation, ...] = ()
    artifacts: tuple[_ArtifactEntry, ...] = ()


class SarifImporter:
    """Results of static analysers and scanners."""

    name = "sarif"
    title = "SARIF"
    files = ("*.sarif", "*.json", "*.sarif.json")
    address = ""
    licence = ""

    def recognises(self, head: bytes) -> bool:
        """Whether it names the schema of SARIF, or has its version and runs of a tool."""
        if b"sarif" in head.lower() and b'"version"' in head:
            return True
        return b'"2.1.0"' in head and b'"runs"' in head and (b'"driver"' in head or _NO_RUNS.search(head) is not None)

    def read(self, data: bytes) -> Imported:
        """All results of all runs; one of an unknown shape is left out and told."""
        log = parse_json(data, self.title)
        if not isinstance(log, dict) or not isinstance(log.get("runs"), list):
            raise foreign(self.title, "it has no runs")
        if log.get("version") != "2.1.0":
            raise foreign(self.title, f"it is of version {str(log.get('version'))[:20]}, and only 2.1.0 is read")
        try:
            runs = [_Run.model_validate(run) for run in log["runs"]]
        except ValidationError as error:
            where = ".".join(map(str, error.errors(include_url=False, include_input=False)[0]["loc"]))
            raise damaged(self.title, f"`{where}` of a run is missing or malformed") from error
        times = [each.end for run in runs for each in run.invocations if each.end]
        imported = Imported(version=max(times, default=""), documents=(), name=_scan(runs))
        imported.documents = [document for run in runs for document in _results(run, imported)]
        return imported


def _scan(runs: Sequence[_Run]) -> str:
    """What was scanned by what: every pipeline calls its file the same, and one scan is no newer version of another."""
    parts: list[str] = []
    for run in runs:
        repositories = (each.repository.rstrip("/").rpartition("/")[2] for each in run.provenance)
        parts += [run.tool.driver.name, *repositories, run.automation.id.strip("/")]
    return ", ".join(dict.fromkeys(part for part in parts if part))


def _results(run: _Run, imported: Imported) -> Iterator[LoadedDocument]:
    """The documents of a run. Those that a tool gives one fingerprint are told apart by a number."""
    odd, known = 0, []
    for raw in run.results or ():
        try:
            result = _Result.model_validate(raw)
        except ValidationError:
            odd += 1
            continue
        if result.kind not in {"pass", "notApplicable"}:
            known.append(_document(run, result))
    times: Counter[str] = Counter()
    for document in sorted(known, key=lambda document: (document.path, document.content_hash)):
        times[document.path] += 1
        number = times[document.path]
        yield document.model_copy(update={"path": f"{document.path}-{number}"}) if number > 1 else document
    if odd:
        imported.notices.append(f"{odd} results of {run.tool.driver.name} were left out, because they are malformed")


def _document(run: _Run, result: _Result) -> LoadedDocument:
    rule = _rule_of(run, result)
    name = result.rule_id or result.rule.id or rule.id or "unnamed rule"
    place, region = _place(run, result)
    said = _said(result.message, rule)
    weaknesses = tuple(dict.fromkeys(_weaknesses(rule, result)))
    identity = _identity(run, result, name, place, said)
    severity = _severity(rule, result)
    record = Record(
        id=f"sarif:{identity}",
        kind=PassageKind.DOCUMENT,
        title=f"{name} in {place or 'the code'}",
        severity=severity,
        data={
            "tool": run.tool.driver.name,
            "rule": name,
            "file": place,
            "line": region.line,
            "weaknesses": list(weaknesses),
            "level": result.level or rule.default.level or "warning",
            "suppressed": bool(result.suppressions),
        },
    )
    at = f"{place}:{region.line}" if region.line else place
    return LoadedDocument(
        path=f"sarif/{identity}",
        title=f"{run.tool.driver.name}: {name} in {at or 'the code'}",
        media_type="application/sarif+json",
        blocks=tuple(_blocks(record, said, rule, region)),
        identifiers=weaknesses,
        records=(record,),
        relations=tuple(Relation(source=record.id, kind=RelationKind.WEAKNESS, target=cwe) for cwe in weaknesses),
    )


def _blocks(record: Record, said: str, rule: _Rule, region: _Region) -> Iterator[Block]:
    lines = [said or "The tool gives no message."]
    about = rule.full.text or rule.short.text
    if about and about != said:
        lines.append(about)
    facts = [f"Rule {record.data['rule']}", f"severity {record.severity or 'not told'}"]
    facts += [f"weakness {cwe}" for cwe in record.data["weaknesses"]]
    facts += ["suppressed in the source"] if record.data["suppressed"] else []
    lines.append(", ".join(facts) + ".")
    yield Block(text="\n".join(lines))
    if snippet := region.snippet.text.strip("\n")[:SNIPPET_CHARS]:
        yield Block(text=snippet, heading="Code")


def _rule_of(run: _Run, result: _Result) -> _Rule:
    """The rule by index, else by id; a rule that the log does not describe is an empty one."""
    rules = run.tool.driver.rules
    index = result.rule_index if result.rule_index >= 0 else result.rule.index
    wanted = result.rule_id or result.rule.id
    if 0 <= index < len(rules) and (not wanted or wanted.startswith(rules[index].id)):
        return rules[index]
    everywhere = [*rules, *(rule for extension in run.tool.extensions for rule in extension.rules)]
    return next((rule for rule in everywhere if rule.id == wanted), _Rule())


def _place(run: _Run, result: _Result) -> tuple[str, _Region]:
    if not result.locations:
        return "", _Region()
    physical = result.locations[0].physical
    uri = physical.artifact.uri
    if not uri and 0 <= physical.artifact.index < len(run.artifacts):
        uri = run.artifacts[physical.artifact.index].location.uri
    return uri.removeprefix("file://"), physical.region


def _said(message: _Message, rule: _Rule) -> str:
    """The message, its placeholders filled as section 3.11.5 says."""
    text = message.text or rule.messages.get(message.id, _Message()).text
    values = message.arguments
    return _PLACEHOLDER.sub(lambda found: values[int(found[1])] if int(found[1]) < len(values) else found[0], text)


def _weaknesses(rule: _Rule, result: _Result) -> Iterator[str]:
    """CWE ids where tools put them: tags (CodeQL, Semgrep), properties, taxa and relationships, the rule's own id."""
    places: list[Any] = [rule.properties.get("tags"), rule.properties.get("cwe"), result.properties.get("cwe")]
    places += [result.properties.get("tags"), list(rule.relationships), list(result.taxa), rule.id]
    for place in places:
        for text in _texts(place, 4):
            for number in _CWE.findall(text):
                yield f"CWE-{number}"


def _texts(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif depth and isinstance(value, dict):
        named = str(value.get("toolComponent", "")).upper().find("CWE") >= 0
        for key, item in value.items():
            yield f"CWE-{item}" if named and key == "id" and str(item).isdigit() else ""
            yield from _texts(item, depth - 1)
    elif depth and isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item, depth - 1)


def _severity(rule: _Rule, result: _Result) -> Severity | None:
    """The rule's `security-severity` (a CVSS score, GitHub's custom) before the result's level."""
    told = str(result.properties.get("security-severity") or rule.properties.get("security-severity") or "")
    try:
        return severity_of(rating(float(told), "3.1"))
    except ValueError:
        return _LEVELS.get(result.level or rule.default.level or "warning")


def _identity(run: _Run, result: _Result, rule: str, place: str, said: str) -> str:
    """The tool's own fingerprint, so that a result that moved stays the same; else what it says and where."""
    own = result.fingerprints or result.partial
    region = result.locations[0].physical.region if result.locations else _Region()
    parts = [run.tool.driver.name, rule, place]
    parts += [f"{key}={own[key]}" for key in sorted(own)] or [str(region.line), said]
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:16]
