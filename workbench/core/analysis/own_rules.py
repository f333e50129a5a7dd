"""Our own rules as an analyser: every family over one parsed module."""

from importlib import import_module
from typing import cast

from workbench.core.analysis.base import Examined, Sightings
from workbench.core.analysis.module import Module
from workbench.core.analysis.rules import Family, Match, Scan
from workbench.core.analysis.source import Source
from workbench.core.evidence import Finding

FAMILIES = ("sql", "command", "html", "path", "reach", "settings", "cookies", "comparison", "shown", "credentials",
            "transport", "cipher", "trust", "failures", "asserted",
            "handles", "openness",
            "patterns", "hosts", "headers", "formats", "options", "attributes", "documents", "uploads", "amounts",
            "canonical", "websites", "loaders")  # fmt: skip
"""Families by module name, in the order in which they look."""

MAX_LINES = 12
"""A finding shows at most so many lines of code."""


class OwnRules:
    """The rules in `families`."""

    name = "workbench rules"
    version = "1"

    def analyse(self, source: Source) -> Sightings:
        """What the families match, in line order."""
        scan = Scan.of(Module(source))
        findings: list[Finding] = []
        examined: list[Examined] = []
        for name in FAMILIES:
            family = cast(Family, import_module(f"workbench.core.analysis.families.{name}"))
            for seen in family.find(scan):
                if isinstance(seen, Examined):
                    examined.append(seen)
                else:
                    findings.append(_finding(source, seen))
        return Sightings(findings=tuple(_distinct(findings)), examined=tuple(examined))


def _finding(source: Source, match: Match) -> Finding:
    rule, node = match.rule, match.node
    end = min(node.end_lineno or node.lineno, node.lineno + MAX_LINES - 1)
    detail = f" Here {match.detail}." if match.detail else ""
    return Finding(
        rule=rule.id,
        cwe=rule.cwe,
        title=rule.title,
        severity=match.severity or rule.severity,
        confidence=round(min(max(match.confidence, 0.05), 0.98), 3),
        file=source.name,
        line_start=node.lineno,
        line_end=end,
        excerpt=source.excerpt(node.lineno, end),
        explanation=rule.explanation + detail,
        fix=rule.fix,
        witnesses=(OwnRules.name,),
    )


def _distinct(findings: list[Finding]) -> list[Finding]:
    """One finding per rule and line, the surest."""
    best: dict[tuple[str, int], Finding] = {}
    for finding in findings:
        key = (finding.rule, finding.line_start)
        if key not in best or best[key].confidence < finding.confidence:
            best[key] = finding
    return sorted(best.values(), key=lambda finding: finding.line_start)
