"""Rules as data, what a rule matches, and what a family of rules works with."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from workbench.core.analysis.base import Examined
from workbench.core.analysis.checks import Checks
from workbench.core.analysis.flow import Atom, Atoms, Flow
from workbench.core.analysis.module import Module
from workbench.core.analysis.origins import FILE_CALLS, ROW_CALLS, Origin, is_web_client
from workbench.core.analysis.shapes import Shapes
from workbench.core.evidence import Severity


@dataclass(frozen=True)
class Rule:
    """One kind of weakness we look for. `explanation` says what can happen, `fix` what to write instead."""

    id: str
    cwe: str
    title: str
    severity: Severity
    explanation: str
    fix: str


@dataclass(frozen=True)
class Match:
    """A rule that holds at a node. `detail` says what was seen there; `severity` replaces the rule's when given."""

    rule: Rule
    node: ast.expr | ast.stmt
    confidence: float
    detail: str = ""
    severity: Severity | None = None


@dataclass(frozen=True)
class Scan:
    """One module with everything that has been worked out about it."""

    module: Module
    flow: Flow
    shapes: Shapes
    checks: Checks

    @classmethod
    def of(cls, module: Module) -> "Scan":
        """A scan of a parsed module."""
        flow = Flow(module)
        return cls(module, flow, Shapes(flow), Checks(module, flow))

    def open_atoms(self, node: ast.expr, cleaners: frozenset[str] = frozenset()) -> Atoms:
        """Origins of a value, without the harmless ones and those that went through one of the `cleaners`."""
        return frozenset(
            atom for atom in self.flow.atoms(node) if atom.origin >= Origin.CONFIG and not atom.calls & cleaners
        )

    def unchecked(self, atoms: Atoms, use: ast.expr, *, strictly: bool = False) -> Atoms:
        """The origins that no check before `use` looks at; `strictly` leaves out checks of one end only."""
        return frozenset(atom for atom in atoms if not self.checks.covers(atom, use, strictly=strictly))


class Family(Protocol):
    """Rules about one topic. A module with these names is one."""

    TOPIC: str

    def find(self, scan: Scan) -> Iterator[Match | Examined]:
        """Everything the family's rules match, and the places it looked at."""
        ...


SURE_OF: dict[Origin, float] = {
    Origin.CONSTANT: 0.0,
    Origin.SAFE: 0.0,
    Origin.CONFIG: 0.3,
    Origin.UNKNOWN: 0.6,
    Origin.PARAMETER: 0.75,
    Origin.REQUEST: 0.95,
}
"""How sure a dangerous use of a value is a weakness, by where the value comes from: our own first judgement, to be
replaced by measured precision once there is a record of analysts' verdicts."""


def describe(atoms: Atoms) -> str:
    """What a value is, and where the strongest origin is that it has a part in, in words.

    Of origins alike one that is the value itself comes before one that only had a say in what a call gave.
    """
    if not atoms:
        return "a constant"
    strongest = max(atoms, key=lambda atom: (atom.origin, not atom.got_by, atom.root, atom.got_by))
    origin = f"{_WORDS[strongest.origin]} `{strongest.root[:60]}`"
    if not strongest.got_by:
        return origin
    fetched = fetched_from(strongest)
    if strongest.origin < Origin.PARAMETER:
        return fetched or origin
    return f"{fetched} (asked for with {origin})" if fetched else f"what `{strongest.got_by[:60]}()` gives for {origin}"


def fetched_from(atom: Atom) -> str:
    """What a value is that a call got elsewhere, in words; empty for a value that was handed on or is not known."""
    last = atom.got_by.rsplit(".", 1)[-1]
    if is_web_client(atom.got_by):
        return "the answer of another server"
    if last in ROW_CALLS:
        return "a row of a database"
    return "the content of a file" if last in FILE_CALLS else ""


_WORDS = {
    Origin.CONSTANT: "a constant",
    Origin.SAFE: "a value without syntax",
    Origin.CONFIG: "a setting or constant",
    Origin.UNKNOWN: "a value of unknown origin,",
    Origin.PARAMETER: "a parameter of the function,",
    Origin.REQUEST: "a value from outside,",
}
