"""Which records bear on a task: passages grouped by the record they describe, ranked by closeness and weight."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from workbench.core.evidence import Passage, PassageKind
from workbench.core.knowledge.documents import find_identifiers
from workbench.core.retrieval import CLOSE

KINDS = (PassageKind.VULNERABILITY, PassageKind.WEAKNESS, PassageKind.TECHNIQUE, PassageKind.PATTERN)
"""The kinds of records that are threats."""

_FORWARD = (PassageKind.VULNERABILITY, PassageKind.WEAKNESS, PassageKind.PATTERN, PassageKind.TECHNIQUE)
"""Relations are followed this way only: what a vulnerability rests on, how that is exploited, what that is part of. The
other way each leads to very many: a technique such as T1190 names most weaknesses there are."""

STEP_DECAY = 0.6
"""What a relation keeps of closeness: a technique two steps from a named vulnerability has 0.6 * 0.6 of it."""

_WEIGHTS = {
    PassageKind.VULNERABILITY: 0.7,
    PassageKind.WEAKNESS: 0.55,
    PassageKind.TECHNIQUE: 0.5,
    PassageKind.PATTERN: 0.4,
}
"""How much a record of this kind says about danger: a published vulnerability is a fact about a product, a weakness a
kind of mistake, a technique or pattern something attackers do with such mistakes."""

CLOSE_VULNERABILITY = 0.75
"""Relevance from which a vulnerability that the task does not name bears on it. It is about one product, and the text
about another product's reads much alike, so it must be nearer than a kind of mistake."""

CLOSE_MEANS = 0.6
"""The same for techniques and attack patterns, which are told in general words that fit much. What a weakness that
bears on the task leads to needs no closeness of its own."""

SHOWN = 0.95
"""Closeness of a weakness that the code itself shows: next to what the task names."""

SHOWN_WEIGHT = 0.75
"""A weakness that the code shows is a fact about this very code, more than a vulnerability of some product."""

EXPLOITED_WEIGHT = 1.0
"""A vulnerability that CISA lists as exploited (KEV): the danger is not a guess."""

_BORDERS = {
    PassageKind.VULNERABILITY: CLOSE_VULNERABILITY,
    PassageKind.TECHNIQUE: CLOSE_MEANS,
    PassageKind.PATTERN: CLOSE_MEANS,
}

_EXPLOITED = re.compile(r"catalogue of known exploited vulnerabilities since \d{4}-\d{2}-\d{2}", re.IGNORECASE)
_CHECKED = re.compile(r"\bchecked (\d{4}-\d{2}-\d{2})")
_PREFIXES = {
    "CVE": PassageKind.VULNERABILITY,
    "GHSA": PassageKind.VULNERABILITY,
    "CWE": PassageKind.WEAKNESS,
    "CAPEC": PassageKind.PATTERN,
}


@dataclass(frozen=True)
class Threat:
    """A record that bears on the task: `closeness` from 0 to 1, `via` the records that led to it, nearest last."""

    id: str
    title: str
    kind: PassageKind
    closeness: float
    passages: tuple[Passage, ...]
    """What was found of it, best first."""
    named: bool = False
    sign: str = ""
    """The code of the task that shows it; empty when no code does."""
    clue: str = ""
    """The call that alone suggests it: what to look for, not what is there; empty when more led to it."""
    exploited: bool = False
    via: tuple[str, ...] = ()

    @property
    def weight(self) -> float:
        """Closeness times what its kind says about danger: the order in which threats are told."""
        kind = SHOWN_WEIGHT if self.sign else _WEIGHTS[self.kind]
        return self.closeness * (EXPLOITED_WEIGHT if self.exploited else kind)

    @property
    def is_close(self) -> bool:
        """Whether it bears on the task by itself."""
        return self.closeness >= _BORDERS.get(self.kind, CLOSE)

    @property
    def related(self) -> tuple[str, ...]:
        """Identifiers that its passages name and that lie ahead of it, in their order; all others when it is named."""
        named = dict.fromkeys(other for passage in self.passages for other in _identifiers(passage))
        here = 0 if self.named else _FORWARD.index(self.kind) + 1
        return tuple(other for other in named if other != self.id and kind_of(other) in _FORWARD[here:])


def record_of(passage: Passage) -> str | None:
    """The identifier of the record a passage describes; None when it describes none of the threat kinds."""
    if passage.kind not in KINDS:
        return None
    named = find_identifiers(passage.title) or passage.identifiers
    return next((identifier for identifier in named if kind_of(identifier) is passage.kind), None)


def kind_of(identifier: str) -> PassageKind:
    """What an identifier names, by its prefix; ATT&CK's have a T and digits only."""
    return _PREFIXES.get(identifier.partition("-")[0].upper(), PassageKind.TECHNIQUE)


def rank(passages: Iterable[Passage], named: Sequence[str], signs: Mapping[str, str] | None = None) -> list[Threat]:
    """The threats that bear on the task: those it names first, then by weight, of equals in the order of `signs`.

    `signs` has by weakness the code that shows it. A record named in the task has closeness 1, one that the code shows
    SHOWN; others that of their best passage, or what a relation to a close one lends them, whichever is more. Records
    that are not close are left out.
    """
    shown = signs or {}
    threats = {threat.id: threat for threat in _grouped(passages, named, shown)}
    border = sorted((threat for threat in threats.values() if threat.is_close), key=_order)
    while border:
        reached = []
        for threat in border:
            lent = threat.closeness * STEP_DECAY
            for other in threat.related:
                neighbour = threats.get(other)
                if neighbour is not None and _gains(neighbour, lent):
                    threats[other] = replace(neighbour, closeness=lent, via=(*threat.via, threat.id))
                    reached.append(threats[other])
        border = reached
    places = {weakness: place for place, weakness in enumerate(shown)}
    told = (threat for threat in threats.values() if _is_told(threat))
    return sorted(
        told, key=lambda threat: (not threat.named, -threat.weight, places.get(threat.id, len(places)), threat.id)
    )


def suggested(by_call: Iterable[tuple[str, Passage]], told: Collection[Threat]) -> list[Threat]:
    """Records that nothing but a call leads to, the closest first, each with its call.

    `by_call` are passages that show a call of the code. What is told already needs no suggestion.
    """
    known = {threat.id for threat in told}
    calls: dict[str, str] = {}
    passages = []
    for call, passage in by_call:
        record = record_of(passage)
        if record is not None and record not in known:
            calls.setdefault(record, call)
            passages.append(passage)
    threats = (replace(threat, clue=calls[threat.id]) for threat in _grouped(passages, (), {}))
    return sorted((threat for threat in threats if threat.is_close), key=_order)


def shelf_date(passages: Iterable[Passage]) -> str | None:
    """The latest day on which an entry among these was checked against its source, such as `2026-11-22`."""
    return max((day for passage in passages for day in _CHECKED.findall(passage.text)), default=None)


def _gains(threat: Threat, lent: float) -> bool:
    """Whether a relation explains this threat better: it lends more, or as much as a look-up along it had noted."""
    return not threat.named and (threat.closeness < lent or (threat.closeness == lent and not threat.via))


def _is_told(threat: Threat) -> bool:
    """Close itself, or reached by relations: three steps from a named record, two from one that is just close."""
    return threat.is_close or (bool(threat.via) and threat.closeness >= STEP_DECAY**2 * CLOSE)


def _order(threat: Threat) -> tuple[float, str]:
    return -threat.weight, threat.id


def _grouped(passages: Iterable[Passage], named: Sequence[str], signs: Mapping[str, str]) -> list[Threat]:
    groups: dict[str, dict[str, Passage]] = {}
    for passage in passages:
        record = record_of(passage)
        if record is not None:
            kept = groups.setdefault(record, {})
            if passage.id not in kept or kept[passage.id].score < passage.score:
                kept[passage.id] = passage
    return [
        _threat(record, list(group.values()), record in named, signs.get(record, ""))
        for record, group in groups.items()
    ]


def _threat(record: str, passages: list[Passage], named: bool, sign: str) -> Threat:
    ordered = tuple(sorted(passages, key=lambda passage: (-passage.score, passage.id)))
    return Threat(
        id=record,
        title=ordered[0].title,
        kind=ordered[0].kind,
        closeness=1.0 if named else max(min(1.0, ordered[0].score), SHOWN if sign else 0.0),
        passages=ordered,
        named=named,
        sign=sign,
        exploited=any(_EXPLOITED.search(passage.text) for passage in ordered),
    )


def _identifiers(passage: Passage) -> tuple[str, ...]:
    return passage.identifiers or find_identifiers(passage.text)
