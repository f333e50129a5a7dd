"""Gathers what bears on a task: by its words, identifiers and code, then along the relations of what is close."""

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from workbench.core.agents.base import StepContext
from workbench.core.agents.clues import Clues
from workbench.core.agents.threats import KINDS, STEP_DECAY, Threat, kind_of, rank, record_of, suggested
from workbench.core.evidence import Passage, PassageKind
from workbench.core.knowledge.shelf import load_vulnerability
from workbench.core.tasks import Task, TaskKind

FOUND_PER_QUESTION = 8

RECORDS_PER_QUESTION = 5
RECORDS_PER_SENTENCE = 2
"""Records kept of what is found for the task as a whole or its title, and for one sentence of it. In a large library
there is always something near; what stands further down in an answer is near by chance."""

MAX_SENTENCES = 10
MIN_WORDS = 6
"""Sentences of a task that are asked one by one, and the words one must have to be worth it."""

OPENED = 6
"""Close records of which the other sections are read, too: they say what the record is related to."""

FOLLOWED = 12
"""Relations looked up in one round."""

ROUNDS = 3
"""Rounds of relations: vulnerability -> weakness -> attack pattern -> technique."""

TELLING_RECORDS = 3
"""A call that the passages of more records show is in all code of its kind and no sign of any of them."""

COMMON = frozenset({"connect", "get", "getLogger", "getenv", "join", "open", "post", "read", "write"})
"""Last names of calls that nearly all code makes: without a switch set in them they suggest nothing."""

PART = 0.8
"""What a search by one sentence keeps of relevance: the more is asked, the nearer the nearest stranger is."""


@dataclass(frozen=True)
class Finds:
    """The passages gathered, the threats among them, the weightiest first, and what calls no more than suggest."""

    passages: list[Passage]
    threats: list[Threat]
    suggested: list[Threat]


async def gather(context: StepContext, clues: Clues) -> Finds:
    """Ask the library, open what is close, follow what it leads to; says each relation that led somewhere."""
    task = context.task
    passages = [*_of_first(context.evidence, RECORDS_PER_QUESTION), *await _ask(context, clues.identifiers)]
    passages += await _ask(context, [task.question, task.title], RECORDS_PER_QUESTION)
    passages += [_less(passage, PART) for passage in await _ask(context, _sentences(task), RECORDS_PER_SENTENCE)]
    if task.kind is not TaskKind.RESEARCH or _names_vulnerability(clues):
        passages = await asyncio.to_thread(_without_strangers, passages, task, clues)
    passages += await _look_up(context, clues.signs)
    passages += await _open(context, rank(passages, clues.identifiers, clues.signs)[:OPENED])
    looked_up = {*clues.identifiers, *clues.signs}
    for _ in range(ROUNDS):
        passages += await _follow(context, rank(passages, clues.identifiers, clues.signs), looked_up)
    threats = rank(passages, clues.identifiers, clues.signs)
    if task.kind is TaskKind.RESEARCH:
        return Finds(passages, threats, [])
    calls = [call for call in clues.calls if not _is_common(call)]
    return Finds(passages, threats, suggested(await _ask_calls(context, calls), threats))


def _sentences(task: Task) -> list[str]:
    """Sentences of the description, each a question of its own: a long text is close to nothing."""
    sentences = re.split(r"(?<=[.!?])\s+|\n+", task.description)
    return [sentence for sentence in sentences if len(sentence.split()) >= MIN_WORDS][:MAX_SENTENCES]


def _less(passage: Passage, share: float) -> Passage:
    return passage.model_copy(update={"score": share * passage.score})


def _names_vulnerability(clues: Clues) -> bool:
    return any(kind_of(identifier) is PassageKind.VULNERABILITY for identifier in clues.identifiers)


async def _ask(context: StepContext, questions: Sequence[str], records: int | None = None) -> list[Passage]:
    """What is found for each question: of the `records` that come first, or of all."""
    answers = await asyncio.gather(
        *(context.search(question, kinds=KINDS, limit=FOUND_PER_QUESTION) for question in questions)
    )
    return [passage for answer in answers for passage in _of_first(answer, records)]


def _of_first(answer: Sequence[Passage], records: int | None) -> list[Passage]:
    described = [record for passage in answer if (record := record_of(passage)) is not None]
    first = list(dict.fromkeys(described))[:records]
    return [passage for passage in answer if record_of(passage) in first]


def _without_strangers(passages: Sequence[Passage], task: Task, clues: Clues) -> list[Passage]:
    """The passages without vulnerabilities of products that the task neither names nor uses.

    Where code is judged or the question is about a certain vulnerability, another product's bears on nothing, however
    alike the mistake is. What the shelf has no entry for is from the user's own library and stays.
    """
    said = " ".join([task.question, *clues.imports]).lower()

    def is_stranger(record: str) -> bool:
        entry = load_vulnerability(record)
        packages = {package for affected in entry.affected for package in affected.packages} if entry else set()
        return bool(packages) and not any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", said) for name in packages)

    records = {record for passage in passages if (record := record_of(passage)) is not None}
    vulnerabilities = {record for record in records if kind_of(record) is PassageKind.VULNERABILITY}
    strangers = {record for record in vulnerabilities - set(clues.identifiers) if is_stranger(record)}
    return [passage for passage in passages if record_of(passage) not in strangers]


async def _look_up(context: StepContext, records: Iterable[str]) -> list[Passage]:
    """Passages of these records. Looking them up by name is no closeness, so they have none of their own."""
    names = list(records)
    answers = await asyncio.gather(*(context.search(name, kinds=(kind_of(name),), limit=3) for name in names))
    return [
        passage.model_copy(update={"score": 0.0})
        for name, answer in zip(names, answers, strict=True)
        for passage in answer
        if record_of(passage) == name
    ]


async def _ask_calls(context: StepContext, calls: Sequence[str]) -> list[tuple[str, Passage]]:
    """Passages that show a call, each with it: a short question finds much, and the others say nothing of the code."""
    language = context.task.language
    answers = await asyncio.gather(
        *(context.search(f"{language} {call}", kinds=KINDS, limit=FOUND_PER_QUESTION) for call in calls)
    )
    return [(call, passage) for call, answer in zip(calls, answers, strict=True) for passage in _showing(call, answer)]


def _is_common(call: str) -> bool:
    return " " not in call and re.split(r"\.|::|->", call)[-1] in COMMON


def _showing(call: str, answer: Sequence[Passage]) -> list[Passage]:
    showing = [passage for passage in answer if shows(passage.text, call)]
    return showing if len({record_of(passage) for passage in showing}) <= TELLING_RECORDS else []


def shows(text: str, call: str) -> bool:
    """Whether `text` shows what is telling of a call: the switches it sets, else its full name."""
    name, *switches = call.split()
    dotted = any(mark in name for mark in (".", "::", "->"))
    wanted = [rf"{re.escape(switch)}(?!\w)" for switch in switches] or [
        re.escape(name) + (r"(?!\w)" if dotted else r"\s*\(")
    ]
    return any(re.search(rf"(?<!\w){pattern}", text) for pattern in wanted)


async def _open(context: StepContext, threats: Sequence[Threat]) -> list[Passage]:
    """The other sections of these records, no closer than what was found of them."""
    answers = await asyncio.gather(
        *(context.search(threat.id, kinds=(threat.kind,), limit=FOUND_PER_QUESTION) for threat in threats)
    )
    return [
        passage.model_copy(update={"score": min(passage.score, threat.closeness)})
        for threat, answer in zip(threats, answers, strict=True)
        for passage in answer
        if record_of(passage) == threat.id
    ]


async def _follow(context: StepContext, threats: Sequence[Threat], looked_up: set[str]) -> list[Passage]:
    """Passages of the records that these lead to. Their score is at most what the relation lends them."""
    lent = _lent(threats, looked_up)
    chosen = sorted(lent, key=lambda identifier: (-lent[identifier][0], identifier))[:FOLLOWED]
    looked_up.update(chosen)
    answers = await asyncio.gather(
        *(context.search(identifier, kinds=(kind_of(identifier),), limit=3) for identifier in chosen)
    )
    found: list[Passage] = []
    for identifier, answer in zip(chosen, answers, strict=True):
        closeness, origin = lent[identifier]
        mine = [passage for passage in answer if record_of(passage) == identifier]
        found += [passage.model_copy(update={"score": min(passage.score, closeness)}) for passage in mine]
        if mine:
            await context.say(f"{origin} leads to {mine[0].title}")
    return found


def _lent(threats: Sequence[Threat], looked_up: set[str]) -> Mapping[str, tuple[float, str]]:
    """Closeness lent, and by whom, for each record that is led to and was not looked up yet."""
    lent: dict[str, tuple[float, str]] = {}
    for threat in threats:
        for other in threat.related:
            if other not in looked_up:
                lent.setdefault(other, (threat.closeness * STEP_DECAY, threat.id))
    return lent
