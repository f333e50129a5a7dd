"""CVSS base scores of vectors that come without one: versions 3.0, 3.1 and 2.0.

Version 4.0 is rated by a table of 270 groups that no permissively licensed library holds; such a vector is kept as it
is, and rated only where its source says how. Formulas and weights: https://www.first.org/cvss/v3.1/specification-document
(section 7) and https://www.first.org/cvss/v2/guide (section 3.2).
"""

from workbench.core.evidence import Severity

_V3 = {
    "AV": {"N": 0.85, "A": 0.62, "L": 0.55, "P": 0.2},
    "AC": {"L": 0.77, "H": 0.44},
    "UI": {"N": 0.85, "R": 0.62},
    "C": {"H": 0.56, "L": 0.22, "N": 0.0},
    "I": {"H": 0.56, "L": 0.22, "N": 0.0},
    "A": {"H": 0.56, "L": 0.22, "N": 0.0},
}
_PRIVILEGES = {"U": {"N": 0.85, "L": 0.62, "H": 0.27}, "C": {"N": 0.85, "L": 0.68, "H": 0.5}}
_V2 = {
    "AV": {"L": 0.395, "A": 0.646, "N": 1.0},
    "AC": {"H": 0.35, "M": 0.61, "L": 0.71},
    "Au": {"M": 0.45, "S": 0.56, "N": 0.704},
    "C": {"N": 0.0, "P": 0.275, "C": 0.66},
    "I": {"N": 0.0, "P": 0.275, "C": 0.66},
    "A": {"N": 0.0, "P": 0.275, "C": 0.66},
}


def version_of(vector: str) -> str:
    """Which version a vector is of: 4.0, 3.1, 3.0, or 2.0 where it does not say."""
    start, _, rest = vector.partition("/")
    return start.removeprefix("CVSS:") if start.startswith("CVSS:") and rest else "2.0"


def base_score(vector: str) -> float | None:
    """The base score of a vector, 0.0 to 10.0; None for version 4.0 and for what is no vector."""
    version = version_of(vector)
    metrics = dict(part.partition(":")[::2] for part in vector.strip("()").split("/"))
    try:
        if version in {"3.0", "3.1"}:
            return _v3(metrics)
        return _v2(metrics) if version == "2.0" else None
    except KeyError:
        return None


def rating(score: float, version: str) -> str:
    """The qualitative rating of a score; version 2 knows no critical."""
    if score == 0:
        return "none"
    if score < 4:
        return "low"
    if score < 7:
        return "medium"
    return "critical" if score >= 9 and version != "2.0" else "high"


def severity_of(word: str) -> Severity | None:
    """A source's word for how bad it is (critical, HIGH, moderate ...); None for none and for words unknown."""
    known = {
        "critical": Severity.HIGH,
        "high": Severity.HIGH,
        "important": Severity.HIGH,
        "moderate": Severity.MEDIUM,
        "medium": Severity.MEDIUM,
        "low": Severity.LOW,
    }
    return known.get(word.strip().lower())


def _v3(metrics: dict[str, str]) -> float:
    weight = {name: table[metrics[name]] for name, table in _V3.items()}
    changed = {"U": False, "C": True}[metrics["S"]]
    privileges = _PRIVILEGES[metrics["S"]][metrics["PR"]]
    base = 1 - (1 - weight["C"]) * (1 - weight["I"]) * (1 - weight["A"])
    impact = 7.52 * (base - 0.029) - 3.25 * (base - 0.02) ** 15 if changed else 6.42 * base
    if impact <= 0:
        return 0.0
    exploitability = 8.22 * weight["AV"] * weight["AC"] * privileges * weight["UI"]
    return _round_up(min((1.08 if changed else 1.0) * (impact + exploitability), 10.0))


def _round_up(value: float) -> float:
    """To one decimal upwards, as appendix A of version 3.1 spells it out against errors of floating point."""
    scaled = round(value * 100_000)
    return scaled / 100_000 if scaled % 10_000 == 0 else (scaled // 10_000 + 1) / 10


def _v2(metrics: dict[str, str]) -> float:
    weight = {name: table[metrics[name]] for name, table in _V2.items()}
    impact = 10.41 * (1 - (1 - weight["C"]) * (1 - weight["I"]) * (1 - weight["A"]))
    exploitability = 20 * weight["AV"] * weight["AC"] * weight["Au"]
    return round((0.6 * impact + 0.4 * exploitability - 1.5) * (1.176 if impact else 0), 1)
