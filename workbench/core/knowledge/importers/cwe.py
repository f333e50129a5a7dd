"""MITRE's CWE: the views as CSV (research, software, hardware), or the whole catalogue as XML."""

from collections import Counter
from collections.abc import Iterable

from workbench.core.knowledge.importers.base import Imported, foreign
from workbench.core.knowledge.importers.cwe_csv import read_csv
from workbench.core.knowledge.importers.cwe_weakness import Weakness
from workbench.core.knowledge.importers.cwe_xml import read_xml
from workbench.wording import counted

OUT_OF_FORCE = frozenset({"deprecated", "obsolete"})
"""What the status of a weakness says when it should not be used any more; its text only points elsewhere."""


class CweImporter:
    """Reads cwec_v4.17.xml, 1000.csv and the other views."""

    name = "cwe"
    title = "MITRE CWE"
    files = ("cwec_*.xml", "cwec_*.zip", "*.xml", "*.csv", "*.csv.zip")
    address = "https://cwe.mitre.org/data/xml/cwec_latest.xml.zip"
    licence = (
        "© The MITRE Corporation. CWE is free to use by any organization or individual for any research, development, "
        "and/or commercial purposes, per its terms of use (https://cwe.mitre.org/about/termsofuse.html)."
    )

    def recognises(self, head: bytes) -> bool:
        """Whether it begins like one of the two formats."""
        return _is_csv(head) or b"<Weakness_Catalog" in head

    def read(self, data: bytes) -> Imported:
        """A document for each weakness that is in force. Raises LoadError for anything but CWE."""
        if _is_csv(data[:100]):
            return _imported("", read_csv(data, self.title), "text/csv", self.title)
        if not data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
            raise foreign(self.title, "it is neither the table nor the XML of CWE")
        return _imported(*read_xml(data, self.title), "application/xml", self.title)


def _is_csv(head: bytes) -> bool:
    return head.removeprefix(b"\xef\xbb\xbf").startswith((b"CWE-ID,Name,", b'"CWE-ID","Name",'))


def _imported(version: str, weaknesses: Iterable[Weakness], media_type: str, title: str) -> Imported:
    told = list(weaknesses)
    complete = [weakness for weakness in told if weakness.id and weakness.name]
    if not complete:
        raise foreign(title, "it has no weakness with an id and a name")
    in_force = {weakness.id: weakness for weakness in complete if weakness.status.lower() not in OUT_OF_FORCE}
    kinds = Counter(parent for weakness in complete for parent in weakness.mapping_parents)
    for weakness in complete:
        weakness.mapped_kinds = kinds[weakness.id]
        weakness.is_mapped = bool(weakness.mapped_kinds or weakness.mapping_parents)
    reasons = (
        (len(complete) - len(in_force), "deprecated by MITRE"),
        (len(told) - len(complete), "without an id or a name"),
    )
    notices = [f"{counted(count, 'weakness', 'weaknesses')} left out: {why}." for count, why in reasons if count]
    documents = [in_force[identifier].document(media_type) for identifier in sorted(in_force)]
    return Imported(version, documents, notices)
