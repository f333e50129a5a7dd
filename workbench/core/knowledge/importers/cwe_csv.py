"""CWE's views as CSV. Cells that hold several entries are written `::PHASE:Design:DESCRIPTION:...::PHASE:...::`."""

import csv
import io
import re
from collections.abc import Iterator

from workbench.core.knowledge.importers.base import damaged, foreign
from workbench.core.knowledge.importers.cwe_weakness import MAPPING_VIEW, RESEARCH_VIEW, Weakness
from workbench.core.knowledge.importers.sections import listed

FIRST_COLUMNS = ("CWE-ID", "Name", "Weakness Abstraction", "Status", "Description")
LONGEST_CELL = 1_000_000
"""Characters; the longest real one has some 20,000."""

Fields = list[tuple[str, str]]
"""Keys and values of one entry, in order; a key may come several times."""


def read_csv(data: bytes, title: str) -> list[Weakness]:
    """The weaknesses of the table. Raises LoadError when it is another table or is damaged."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise damaged(title, f"no UTF-8 text at byte {error.start}") from error
    csv.field_size_limit(LONGEST_CELL)
    try:
        rows = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        if tuple(rows.fieldnames or ())[: len(FIRST_COLUMNS)] != FIRST_COLUMNS:
            raise foreign(title, f"its first columns are not {listed(FIRST_COLUMNS)}")
        return [_weakness({key: value.strip() for key, value in row.items() if key and value}) for row in rows]
    except csv.Error as error:
        raise damaged(title, f"no valid CSV: {error}") from error


def _weakness(row: dict[str, str]) -> Weakness:
    number = row.get("CWE-ID", "")
    keys = ("NATURE", "CWE ID", "CHAIN ID", "VIEW ID", "ORDINAL")
    related = [dict(entry) for entry in _entries(row.get("Related Weaknesses", ""), *keys)]
    return Weakness(
        id=f"CWE-{number}" if number.isdigit() else "",
        name=row.get("Name", ""),
        abstraction=row.get("Weakness Abstraction", ""),
        status=row.get("Status", ""),
        description=list(filter(None, (row.get("Description", ""), row.get("Extended Description", "")))),
        parents=_parents(related, RESEARCH_VIEW),
        mapping_parents=_parents(related, MAPPING_VIEW),
        other_names=[
            dict(entry).get("TERM", "") for entry in _entries(row.get("Alternate Terms", ""), "TERM", "DESCRIPTION")
        ],
        platforms=_platforms(row.get("Applicable Platforms", "")),
        background=_plain_entries(row.get("Background Details", "")),
        introduction=list(_told(row.get("Modes Of Introduction", ""), "PHASE", "NOTE")),
        consequences=list(_told(row.get("Common Consequences", ""), "SCOPE", "IMPACT", "LIKELIHOOD", "NOTE")),
        detection=list(_told(row.get("Detection Methods", ""), "METHOD", "DESCRIPTION", "EFFECTIVENESS")),
        mitigations=list(
            _told(row.get("Potential Mitigations", ""), "PHASE", "STRATEGY", "DESCRIPTION", "EFFECTIVENESS")
        ),
        observed=[
            (entry.get("REFERENCE", ""), entry.get("DESCRIPTION", ""))
            for entry in map(dict, _entries(row.get("Observed Examples", ""), "REFERENCE", "DESCRIPTION", "LINK"))
        ],
        patterns=[f"CAPEC-{number}" for number in re.findall(r"\d+", row.get("Related Attack Patterns", ""))],
        notes=list(_told(row.get("Notes", ""), "TYPE", "NOTE")),
        likelihood=row.get("Likelihood of Exploit", ""),
    )


def _entries(cell: str, *keys: str) -> Iterator[Fields]:
    """The entries of a cell; each begins with the first key. Values may hold colons, also double ones."""
    parts = re.compile(rf"(?:^|:)({'|'.join(map(re.escape, keys))}):")
    for entry in re.split(rf"::(?={re.escape(keys[0])}:)", cell):
        found = list(parts.finditer(entry))
        ends = [*(match.start() for match in found[1:]), len(entry)]
        if found:
            yield [(m[1], _joined(entry[m.end() : end])) for m, end in zip(found, ends, strict=True)]


def _joined(value: str) -> str:
    return value.strip().strip(":").strip()


def _told(cell: str, *keys: str) -> Iterator[str]:
    """Each entry as a line: its short values first, then what is said at length."""
    at_length = {"DESCRIPTION", "NOTE"}
    for entry in _entries(cell, *keys):
        short = listed(dict.fromkeys(value for key, value in entry if key not in at_length and value))
        long = " ".join(value for key, value in entry if key in at_length and value)
        if short or long:
            yield f"{short}: {long}" if short and long else short or long


def _plain_entries(cell: str) -> list[str]:
    return [part.strip() for part in cell.split("::") if part.strip()]


def _platforms(cell: str) -> list[str]:
    """Names of languages, systems, architectures and technologies, each once."""
    found = re.findall(r"(?:NAME|CLASS):(.*?)(?=:[A-Z ]+:|::|$)", cell)
    return list(dict.fromkeys(name.strip() for name in found if name.strip()))


def _parents(related: list[dict[str, str]], view: str) -> list[str]:
    numbers = (one.get("CWE ID", "") for one in related if (one.get("NATURE"), one.get("VIEW ID")) == ("ChildOf", view))
    return [f"CWE-{number}" for number in dict.fromkeys(numbers) if number.isdigit()]
