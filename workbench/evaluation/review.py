"""Measures the product's own code analysis on labelled code (JSONL of id, cwe, code, label, optionally pair)."""

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench.core.analysis.base import UnitAnalysis
from workbench.core.analysis.worker import AnalysisWorker
from workbench.core.knowledge.shelf import read_entries
from workbench.core.knowledge.shelf_entries import Weakness
from workbench.core.tasks import CodeUnit
from workbench.core.values import WorkbenchError
from workbench.evaluation.score_findings import Catalogue, score

LABELS = frozenset({"insecure", "secure"})


class LabelledDataError(WorkbenchError):
    """The labelled code cannot be used."""


def evaluate(labels: Path, predictions: Path | None = None, cwe: Path | None = None) -> dict[str, Any]:
    """Analyse every item as the security agent would, and score what was found; the keys are those of `score`.

    Without `cwe` (MITRE's list as CSV) weaknesses are related by the entries of the starter knowledge and by families,
    which counts fewer of them as related. With `predictions` the findings are written there, one object a line: id and
    findings with cwe, rule, line, severity, confidence. Raises LabelledDataError and CatalogueError.
    """
    items = read_labels(labels)
    catalogue = Catalogue.read(cwe) if cwe is not None else shelf_catalogue()
    analyses = asyncio.run(_analyse(items))
    found = {str(item["id"]): _findings(analysis) for item, analysis in zip(items, analyses, strict=True)}
    if predictions is not None:
        _write(predictions, found)
    return score(items, found, catalogue)


def read_labels(path: Path) -> list[dict[str, Any]]:
    """The labelled items in their order; raises LabelledDataError naming the line that is wrong."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise LabelledDataError(f"{path} cannot be read as UTF-8 text ({error}); give a JSONL file") from error
    items = list(_items(lines, path.name))
    if not items:
        raise LabelledDataError(
            f"{path.name} has no items, so there is nothing to measure; give labelled code as JSONL"
        )
    return items


def _items(lines: Sequence[str], name: str) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
        except json.JSONDecodeError as error:
            raise LabelledDataError(f"{name}, line {number} is not JSON ({error.msg}); correct it there") from error
        if not isinstance(item, dict) or not {"id", "code", "label"} <= item.keys() or item["label"] not in LABELS:
            raise LabelledDataError(f"{name}, line {number} needs id, code and a label, insecure or secure")
        yield item


def shelf_catalogue() -> Catalogue:
    """The parents of the weaknesses in the starter knowledge."""
    entries = (shelved.entry for shelved in read_entries())
    return Catalogue({entry.id: frozenset(entry.parents) for entry in entries if isinstance(entry, Weakness)})


async def _analyse(items: Sequence[Mapping[str, Any]]) -> list[UnitAnalysis]:
    worker = AnalysisWorker()
    try:
        units = (CodeUnit(name=str(item["id"]), language="python", text=str(item["code"])) for item in items)
        return [await worker.analyse(unit) for unit in units]
    finally:
        await worker.close()


def _findings(analysis: UnitAnalysis) -> list[dict[str, Any]]:
    return [
        {
            "cwe": finding.cwe,
            "rule": finding.rule,
            "line": finding.line_start,
            "severity": finding.severity.value,
            "confidence": finding.confidence,
        }
        for finding in analysis.findings
    ]


def _write(path: Path, found: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    text = "".join(json.dumps({"id": item, "findings": findings}) + "\n" for item, findings in found.items())
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise LabelledDataError(f"{path} cannot be written ({error.strerror}); choose another place") from error
