"""Short ways to ask the analysis about a piece of code."""

import textwrap

from workbench.core.analysis.analyse import analyse_unit
from workbench.core.analysis.base import UnitAnalysis
from workbench.core.analysis.module import Module
from workbench.core.analysis.rules import Scan
from workbench.core.analysis.source import read_source
from workbench.core.evidence import Finding
from workbench.core.tasks import CodeUnit


def cases(examples: dict[str, list[str]]) -> list[tuple[str, str]]:
    """Each piece of code with the rule or weakness that it is an example of."""
    return [(kind, code) for kind, codes in examples.items() for code in codes]


def unit_of(code: str, name: str = "unit.py", language: str = "python") -> CodeUnit:
    return CodeUnit(name=name, language=language, text=textwrap.dedent(code).lstrip("\n"))


def analysis_of(code: str) -> UnitAnalysis:
    return analyse_unit(unit_of(code))


def findings_of(code: str) -> tuple[Finding, ...]:
    return analysis_of(code).findings


def rules_of(code: str) -> list[str]:
    return [finding.rule for finding in findings_of(code)]


def cwes_of(code: str) -> set[str | None]:
    return {finding.cwe for finding in findings_of(code)}


def scan_of(code: str) -> Scan:
    return Scan.of(Module(read_source("unit.py", textwrap.dedent(code).lstrip("\n"))))
