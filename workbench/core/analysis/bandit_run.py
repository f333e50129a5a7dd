"""Bandit, run inside this process on a text: no file, no subprocess, and `# nosec` in the code under review is ignored.

The code under review must not be able to silence its own review.
"""

import io
import logging
import warnings
from functools import cache
from typing import Any

from workbench.core.analysis.bandit_rules import CWE_OF, FIX_OF, LEFT_OUT, TITLE_OF
from workbench.core.analysis.base import Sightings
from workbench.core.analysis.source import Source
from workbench.core.evidence import Finding, Severity

CONFIDENCE_OF = {"HIGH": 0.8, "MEDIUM": 0.55, "LOW": 0.3, "UNDEFINED": 0.3}
"""Bandit's three steps as probabilities: our own reading, near its measured precision on labelled code (pair 45 % of
flags were right on real fixes at any level; see docs/decisions)."""


class BanditAnalyser:
    """Bandit with its labels corrected and its noise left out, see `bandit_rules`."""

    name = "bandit"

    @property
    def version(self) -> str:
        """Bandit's own version."""
        from importlib.metadata import version

        return version("bandit")

    def analyse(self, source: Source) -> Sightings:
        """What Bandit reports for the text, in line order."""
        issues = _issues(source.name, source.text)
        kept = (issue for issue in issues if issue.test_id not in LEFT_OUT)
        return Sightings(findings=tuple(_finding(source, issue) for issue in kept))


@cache
def _bandit() -> tuple[Any, Any]:
    """Bandit's manager class and configuration, loaded once; its plugin loader warns of its own deprecated ways."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from bandit.core import config, manager

        logging.getLogger("bandit").setLevel(logging.CRITICAL)
        return manager.BanditManager, config.BanditConfig()


def _issues(name: str, text: str) -> list[Any]:
    manager, config = _bandit()
    run = manager(config, "file", ignore_nosec=True, quiet=True)
    run._parse_file(name, io.BytesIO(text.encode()), [name])
    return sorted(run.results, key=lambda issue: (issue.lineno, issue.test_id))


def _finding(source: Source, issue: Any) -> Finding:
    lines = [number for number in issue.linerange if number >= issue.lineno] or [issue.lineno]
    end = min(max(lines), issue.lineno + 30)
    label = f"CWE-{issue.cwe.id}" if issue.cwe and issue.cwe.id else None
    text = str(issue.text).strip()
    return Finding(
        rule=f"bandit:{issue.test_id}",
        cwe=CWE_OF.get(issue.test_id, label),
        title=TITLE_OF.get(issue.test_id) or _title(str(issue.test)),
        severity=Severity(issue.severity.lower()) if issue.severity != "UNDEFINED" else Severity.LOW,
        confidence=CONFIDENCE_OF[issue.confidence],
        file=source.name,
        line_start=max(1, issue.lineno),
        line_end=max(1, end),
        excerpt=source.excerpt(issue.lineno, end),
        explanation=text,
        fix=FIX_OF.get(issue.test_id, ""),
        witnesses=("bandit",),
    )


def _title(test: str) -> str:
    """A title for a rule of a later Bandit that the table does not have yet."""
    words = test.replace("_", " ").strip()
    return words[:1].upper() + words[1:]
