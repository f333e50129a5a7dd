"""What may stand on the shelf: one schema per kind of entry, and the entry's facts in plain sentences."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from workbench.core.evidence import PassageKind
from workbench.core.values import Value

CweId = Annotated[str, Field(pattern=r"^CWE-[1-9]\d{0,4}$")]
CapecId = Annotated[str, Field(pattern=r"^CAPEC-[1-9]\d{0,3}$")]
TechniqueId = Annotated[str, Field(pattern=r"^T\d{4}(\.\d{3})?$")]
CveId = Annotated[str, Field(pattern=r"^CVE-\d{4}-\d{4,19}$")]
RecipeId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$")]
OwaspId = Annotated[str, Field(pattern=r"^A(0[1-9]|10):(2021|2025)$")]
Text = Annotated[str, Field(min_length=1)]
Question = Annotated[str, Field(min_length=1, max_length=250)]
"""One that the embedder reads whole."""

OWASP_TOP_10 = {
    "A01:2021": "Broken Access Control",
    "A02:2021": "Cryptographic Failures",
    "A03:2021": "Injection",
    "A04:2021": "Insecure Design",
    "A05:2021": "Security Misconfiguration",
    "A06:2021": "Vulnerable and Outdated Components",
    "A07:2021": "Identification and Authentication Failures",
    "A08:2021": "Software and Data Integrity Failures",
    "A09:2021": "Security Logging and Monitoring Failures",
    "A10:2021": "Server-Side Request Forgery (SSRF)",
    "A01:2025": "Broken Access Control",
    "A02:2025": "Security Misconfiguration",
    "A03:2025": "Software Supply Chain Failures",
    "A04:2025": "Cryptographic Failures",
    "A05:2025": "Injection",
    "A06:2025": "Insecure Design",
    "A07:2025": "Authentication Failures",
    "A08:2025": "Software or Data Integrity Failures",
    "A09:2025": "Security Logging and Alerting Failures",
    "A10:2025": "Mishandling of Exceptional Conditions",
}
"""The categories of the OWASP Top 10, https://owasp.org/Top10/, of its two latest years."""


class Entry(Value):
    """What every entry says about itself: its id, the official name, other names, and where its facts come from."""

    kind: ClassVar[PassageKind]
    sections: ClassVar[tuple[str, ...]]
    """The headings its text must have, in this order."""

    id: str
    name: Text
    aliases: tuple[Text, ...] = ()
    questions: tuple[Question, ...] = Field(min_length=3)
    """What somebody would ask when this entry is the answer, each in other words. They are searched like its text."""
    source: Text
    """Catalogues and dates that the facts were checked against."""
    checked: date
    """The day the entry was last checked against its source."""

    def facts(self) -> str:
        """The entry's facts, one sentence a line, so that identifiers are found and can be quoted."""
        return "\n".join(self._facts())

    def relations(self) -> tuple[str, ...]:
        """Identifiers this entry leads on to, nearest first: the steps of CVE -> CWE -> CAPEC -> technique."""
        return ()

    def leads_to(self) -> tuple[str, ...]:
        """All identifiers that it names as its relations."""
        return self.relations()

    @property
    def dated(self) -> str:
        """When what it tells of was published, in ISO format; empty where that means nothing."""
        return ""

    def _facts(self) -> Iterator[str]:
        yield f"{self.id}: {self.name}."
        if self.aliases:
            yield f"Also called {', '.join(self.aliases)}."
        yield from self._own_facts()
        yield f"Source: {self.source}; checked {self.checked.isoformat()}."

    def _own_facts(self) -> Iterator[str]:
        yield from ()


class Weakness(Entry):
    """A CWE weakness. `rank` is its place in the CWE Top 25 of 2025, None when it is not in that list.

    The code of the section "How it shows in code" comes in pairs of fences, insecure and fixed; Python is always there.
    """

    kind = PassageKind.WEAKNESS
    sections = (
        "What it is",
        "How it shows in code",
        "What follows",
        "How to find it",
        "How to fix it",
        "How sure a review can be",
    )

    id: CweId
    abstraction: Literal["pillar", "class", "base", "variant", "compound"]
    rank: int | None = Field(default=None, ge=1, le=25)
    parents: tuple[CweId, ...] = ()
    patterns: tuple[CapecId, ...] = ()
    techniques: tuple[TechniqueId, ...] = ()
    owasp: tuple[OwaspId, ...] = ()
    """Categories of the OWASP Top 10 that count it in, as OWASP maps them."""
    undetected: Text | None = None
    """Why the workbench's analysers do not flag the insecure Python snippet; None when they do."""

    def relations(self) -> tuple[str, ...]:
        """Attack patterns, then techniques, then the parents."""
        return self.patterns + self.techniques + self.parents

    def _own_facts(self) -> Iterator[str]:
        place = f"A {self.abstraction} weakness" + (f", child of {_list(self.parents)}." if self.parents else ".")
        yield f"Number {self.rank} of the CWE Top 25 of 2025. {place}" if self.rank else place
        if self.patterns:
            yield f"Attack patterns: {_list(self.patterns)}."
        if self.techniques:
            yield f"Techniques it opens the door to: {_list(self.techniques)}."
        if self.owasp:
            yield f"OWASP Top 10: {', '.join(f'{category} {OWASP_TOP_10[category]}' for category in self.owasp)}."
        if self.undetected:
            yield f"The analysers do not find the Python example: {self.undetected}"
        else:
            yield "The analysers find the Python example."


class Technique(Entry):
    """An ATT&CK technique for enterprise systems."""

    kind = PassageKind.TECHNIQUE
    sections = ("How it works", "What it leaves behind", "How to detect it", "How to mitigate it")

    id: TechniqueId
    tactics: tuple[Text, ...] = Field(min_length=1)
    platforms: tuple[Text, ...] = Field(min_length=1)
    mitigations: tuple[Annotated[str, Field(pattern=r"^M\d{4}$")], ...] = ()
    weaknesses: tuple[CweId, ...] = ()

    def leads_to(self) -> tuple[str, ...]:
        """The weaknesses that make it possible."""
        return self.weaknesses

    def _own_facts(self) -> Iterator[str]:
        yield f"Tactics: {_list(self.tactics)}. Platforms: {_list(self.platforms)}."
        if self.mitigations:
            yield f"ATT&CK mitigations: {_list(self.mitigations)}."
        if self.weaknesses:
            yield f"Weaknesses that make it possible: {_list(self.weaknesses)}."


class Pattern(Entry):
    """A CAPEC attack pattern."""

    kind = PassageKind.PATTERN
    sections = ("How it goes", "What it needs", "How to break it")

    id: CapecId
    abstraction: Literal["meta", "standard", "detailed"]
    weaknesses: tuple[CweId, ...] = ()
    techniques: tuple[TechniqueId, ...] = ()

    def relations(self) -> tuple[str, ...]:
        """The techniques it is part of."""
        return self.techniques

    def leads_to(self) -> tuple[str, ...]:
        """The weaknesses that it exploits, then the techniques."""
        return self.weaknesses + self.techniques

    def _own_facts(self) -> Iterator[str]:
        yield f"A {self.abstraction} attack pattern."
        if self.weaknesses:
            yield f"Weaknesses it exploits: {_list(self.weaknesses)}."
        if self.techniques:
            yield f"Techniques: {_list(self.techniques)}."


KEV_DATE = "2025-08-25"
"""Date of the catalogue that entries without `kev_added` were looked up in."""


class Affected(Value):
    """Versions of a package that have a vulnerability, in the terms of OSV's ranges: from `introduced` on (None: from
    the first), before `fixed` or up to and including `last`; without either, all later ones.
    """

    packages: tuple[Text, ...] = Field(min_length=1)
    """The names it goes by in package managers, in lower case."""
    introduced: str | None = None
    fixed: str | None = None
    last: str | None = None

    def __str__(self) -> str:
        start = f" from {self.introduced}" if self.introduced else ""
        end = f" before {self.fixed}" if self.fixed else f" up to and including {self.last}" if self.last else ""
        return f"{', '.join(self.packages)}{start}{end or ', all versions'}"


class Vulnerability(Entry):
    """A published vulnerability. `kev_added` is the day CISA listed it as exploited, None when it is not listed."""

    kind = PassageKind.VULNERABILITY
    sections = (
        "What it is",
        "Affected versions",
        "How it is exploited",
        "How to tell whether you are affected",
        "What to do",
    )

    id: CveId
    product: Text
    published: date
    kev_added: date | None = None
    ransomware: bool = False
    """Whether CISA's catalogue knows of use in ransomware campaigns."""
    weaknesses: tuple[CweId, ...] = Field(min_length=1)
    techniques: tuple[TechniqueId, ...] = ()
    affected: tuple[Affected, ...] = Field(min_length=1)

    def relations(self) -> tuple[str, ...]:
        """Weaknesses, then techniques."""
        return self.weaknesses + self.techniques

    @property
    def dated(self) -> str:
        """The day it was published."""
        return self.published.isoformat()

    def _own_facts(self) -> Iterator[str]:
        yield f"Product: {self.product}. Published {self.published.isoformat()}."
        yield f"Affected: {'; '.join(str(affected) for affected in self.affected)}."
        yield f"Weaknesses: {_list(self.weaknesses)}."
        if self.kev_added:
            known = "; used in ransomware campaigns" if self.ransomware else ""
            yield f"In CISA's catalogue of known exploited vulnerabilities since {self.kev_added.isoformat()}{known}."
        else:
            yield f"Not in CISA's catalogue of known exploited vulnerabilities of {KEV_DATE}."
        if self.techniques:
            yield f"Techniques seen with it: {_list(self.techniques)}."


class Parameter(Value):
    """What can be adapted in a recipe: an argument of its function or a constant of its module."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
    meaning: Text


class Recipe(Entry):
    """A short function that does a common job safely, with the attack it stops. `code` is the text of recipe.py."""

    kind = PassageKind.RECIPE
    sections = ()

    id: RecipeId
    function: Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]*$")]
    """The function to call; the others in the module serve it or its twin."""
    summary: Text
    questions: tuple[Question, ...] = Field(min_length=5)
    parameters: tuple[Parameter, ...] = Field(min_length=1)
    prevents: tuple[CweId, ...] = Field(min_length=1)
    limits: tuple[Text, ...] = Field(min_length=1)
    """What it does not protect from, or needs around it."""
    libraries: tuple[Text, ...] = ()
    """What must be installed beyond the standard library."""
    code: str = ""

    def relations(self) -> tuple[str, ...]:
        """The weaknesses it prevents."""
        return self.prevents

    def _own_facts(self) -> Iterator[str]:
        yield self.summary
        yield f"Call {self.function}(). Prevents {_list(self.prevents)}."
        yield f"Needs {_list(self.libraries)}." if self.libraries else "Needs the standard library only."
        yield "Adapt: " + "; ".join(f"{parameter.name}, {parameter.meaning}" for parameter in self.parameters) + "."
        yield "Limits: " + " ".join(self.limits)


def _list(items: tuple[str, ...]) -> str:
    return ", ".join(items)
