"""Scores findings against labelled code: rates by related weakness, and pairs told apart.

Related means equal, ancestor or descendant within three ChildOf steps of CWE view 1000 (pillars and very general
classes left out), or one of the FAMILIES. The definitions are those of the measurement's reference, so that figures
stay comparable.
"""

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench.core.values import WorkbenchError

VERY_GENERAL = frozenset(
    f"CWE-{number}" for number in (707, 74, 664, 691, 693, 284, 710, 703, 682, 697, 435)
)  # fmt: skip
"""Classes so general that being their descendant says nothing."""

FAMILIES = tuple(
    frozenset(f"CWE-{number}" for number in numbers.split())
    for numbers in (
        "77 78 88", "94 95 96 98", "326 327 328 916 759 760 780 310 329", "330 331 338 335 339 336 337", "79 80 116",
        "20 611 776 827", "259 798 321 522", "295 297 599 296", "377 379 378", "614 1004 1275 311", "319 311 523",
        "732 276 279 281", "22 23 36 73", "400 730 1333 770", "209 215 489 200", "643 91",
    )
)  # fmt: skip
"""Weaknesses that are told apart by few and stand for the same mistake."""

STEPS = 3
"""ChildOf steps within which two weaknesses are related."""

_CHILD_OF = re.compile(r"NATURE:ChildOf:CWE ID:(\d+):VIEW ID:1000")


class CatalogueError(WorkbenchError):
    """The CWE catalogue cannot be read."""


class Catalogue:
    """The hierarchy of CWE view 1000, from MITRE's CSV (columns CWE-ID, Weakness Abstraction, Related Weaknesses)."""

    def __init__(self, parents: Mapping[str, frozenset[str]], ignored: Iterable[str] = ()) -> None:
        self._parents = dict(parents)
        self._ignored = VERY_GENERAL | set(ignored)

    @classmethod
    def read(cls, path: Path) -> "Catalogue":
        """The catalogue in a CSV file; raises CatalogueError when it is missing or has other columns."""
        parents: dict[str, frozenset[str]] = {}
        pillars: set[str] = set()
        try:
            with path.open(newline="", encoding="utf-8") as file:
                for row in csv.DictReader(file):
                    cwe = f"CWE-{row['CWE-ID']}"
                    parents[cwe] = frozenset(f"CWE-{n}" for n in _CHILD_OF.findall(row["Related Weaknesses"] or ""))
                    if row["Weakness Abstraction"] == "Pillar":
                        pillars.add(cwe)
        except (OSError, UnicodeDecodeError) as error:
            raise CatalogueError(f"{path} cannot be read ({error}); give MITRE's CWE list as CSV with --cwe") from error
        except KeyError as error:
            raise CatalogueError(
                f"{path.name} has no column {error}; give MITRE's CWE list as CSV with --cwe"
            ) from error
        return cls(parents, pillars)

    def ancestors(self, cwe: str) -> set[str]:
        """The weakness and what it descends from within STEPS, without what is too general."""
        seen = frontier = {cwe}
        for _ in range(STEPS):
            frontier = {parent for child in frontier for parent in self._parents.get(child, ())}
            seen = seen | frontier
        return seen - self._ignored

    def related(self, one: str, other: str) -> bool:
        """Whether two weaknesses are equal, in one line of descent, or in one family."""
        if one == other or any(one in family and other in family for family in FAMILIES):
            return True
        return one in self.ancestors(other) or other in self.ancestors(one)


def score(
    labels: Sequence[Mapping[str, Any]],
    predictions: Mapping[str, Sequence[Mapping[str, Any]]],
    catalogue: Catalogue,
) -> dict[str, float | int | None]:
    """Rates in percent, None where there is nothing to count.

    `any_recall`, `exact_recall` and `cwe_recall`: insecure items with any finding, one of exactly their CWE, a related
    one. `any_fpr` and `cwe_fpr`: the same on secure items, related to the CWE of their insecure twin. `pair`: pairs of
    which the insecure half is flagged with a related CWE and the fixed half is not.
    """
    count: Counter[Any] = Counter()
    pairs: defaultdict[str, dict[str, bool]] = defaultdict(dict)
    for item in labels:
        label, cwe = item["label"], item.get("cwe")
        found = predictions.get(item["id"], ())
        hits = {finding.get("cwe") for finding in found} - {None}
        related = bool(cwe) and any(catalogue.related(str(hit), str(cwe)) for hit in hits)
        count[label] += 1
        count[label, "any"] += bool(found)
        if cwe:
            count[label, "labelled"] += 1
            count[label, "exact"] += cwe in hits
            count[label, "related"] += related
        if item.get("pair") is not None:
            pairs[item["pair"]][label] = related if cwe else bool(found)
    whole = [pair for pair in pairs.values() if len(pair) == 2]
    right = sum(pair["insecure"] and not pair["secure"] for pair in whole)
    return {
        "items": count["insecure"] + count["secure"],
        "missing": sum(item["id"] not in predictions for item in labels),
        "any_recall": _rate(count["insecure", "any"], count["insecure"]),
        "exact_recall": _rate(count["insecure", "exact"], count["insecure", "labelled"]),
        "cwe_recall": _rate(count["insecure", "related"], count["insecure", "labelled"]),
        "any_fpr": _rate(count["secure", "any"], count["secure"]),
        "cwe_fpr": _rate(count["secure", "related"], count["secure", "labelled"]),
        "pair": _rate(right, len(whole)),
    }


def _rate(part: int, of: int) -> float | None:
    return round(100 * part / of, 1) if of else None
