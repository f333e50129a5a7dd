"""The first shelf: the starter knowledge in resources/, one file (for a recipe one folder) per entry.

    weaknesses/CWE-79.md  techniques/T1190.md  patterns/CAPEC-66.md  vulnerabilities/CVE-2021-44228.md
    recipes/store_upload/{recipe.yaml,recipe.py,test_recipe.py,__init__.py}

A Markdown entry begins with YAML between two lines `---` (the schemas are in shelf_entries), then has the sections of
its kind under `## ` headings. Adding an entry is adding a file; a mistake in it is told by file and field.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from workbench.core.evidence import PassageKind
from workbench.core.knowledge import records
from workbench.core.knowledge.documents import Block, LoadedDocument
from workbench.core.knowledge.records import RelationKind
from workbench.core.knowledge.shelf_entries import Entry, Pattern, Recipe, Technique, Vulnerability, Weakness
from workbench.core.values import Value, WorkbenchError
from workbench.places import RESOURCES

SHELF_VERSION = 4
"""Version of what is made from an entry; part of the digest, so that a new version is ingested anew."""

FACTS_HEADING = "At a glance"
"""Heading of the block that is made from an entry's front matter."""

QUESTIONS_HEADING = "Questions it answers"
"""Heading of the block that lists an entry's questions."""

NICKNAME = re.compile(r"CVE-\d{4}-\d{4,}|(?=.{5,}$)\w*[A-Z]\w*(?: [A-Z]\w+)?(?: \d)?")
"""Aliases of vulnerabilities that are names: nobody says Heartbleed and means something else."""

ORDINARY = frozenset({"meltdown", "spectre", "rapid reset", "terrapin"})
"""Nicknames that mean other things, too: they name a vulnerability only as it writes them, with capitals."""

KINDS: dict[str, type[Entry]] = {
    "weaknesses": Weakness,
    "techniques": Technique,
    "patterns": Pattern,
    "vulnerabilities": Vulnerability,
}
"""Schema by folder, for the entries that are one Markdown file."""


EntryT = TypeVar("EntryT", bound=Entry)


class ShelfError(WorkbenchError):
    """An entry of the shelf that cannot be used: which file, which field, what is wrong."""


@dataclass(frozen=True)
class ShelfEntry:
    """An entry with its text: `path` (of a recipe its folder's) is relative to the shelf, with forward slashes."""

    entry: Entry
    path: str
    blocks: tuple[Block, ...]

    def document(self) -> LoadedDocument:
        """The entry as a document for the library, about exactly one identifier: its own."""
        return LoadedDocument(
            path=self.path,
            title=_title(self.entry),
            media_type="text/x-python" if isinstance(self.entry, Recipe) else "text/markdown",
            kind=self.entry.kind,
            blocks=self.blocks,
            identifiers=(self.entry.id,),
            dated=self.entry.dated,
            relations=tuple(
                records.Relation(source=self.entry.id, kind=self._relation_to(target), target=target)
                for target in self.entry.leads_to()
            ),
        )

    def _relation_to(self, target: str) -> RelationKind:
        if target.startswith("CWE-"):
            by_kind = {PassageKind.WEAKNESS: RelationKind.CHILD_OF, PassageKind.RECIPE: RelationKind.PREVENTS}
            return by_kind.get(self.entry.kind, RelationKind.WEAKNESS)
        return RelationKind.PATTERN if target.startswith("CAPEC-") else RelationKind.TECHNIQUE


class Relation(Value):
    """An identifier reached from another one. `via` are the steps between, in order; empty when it is next to it."""

    id: str
    kind: PassageKind
    via: tuple[str, ...] = ()


def load_shelf(folder: Path = RESOURCES) -> list[LoadedDocument]:
    """Every entry as a document, ordered by path: its facts, then a block for each section and for its heading.

    Raises ShelfError naming file and field for the first entry that breaks its schema.
    """
    return [shelved.document() for shelved in read_entries(folder)]


def shelf_digest(folder: Path = RESOURCES) -> str:
    """SHA-256 over the entries' paths and bytes: another digest means that something has to be ingested again."""
    digest = hashlib.sha256(f"shelf {SHELF_VERSION}".encode())
    for path in _entry_files(folder):
        parts = [path] if path.suffix == ".md" else [path, path.with_name("recipe.py")]
        for part in parts:
            data = _read(part)
            digest.update(f"\0{_relative(part, folder)}\0{len(data)}\0".encode())
            digest.update(data)
    return digest.hexdigest()


def read_entries(folder: Path = RESOURCES) -> list[ShelfEntry]:
    """Every entry with its blocks, ordered by path; raises ShelfError, also for two entries with one id."""
    shelved = [_read_entry(path, folder) for path in _entry_files(folder)]
    seen: dict[str, str] = {}
    for item in shelved:
        if item.entry.id in seen:
            raise ShelfError(
                f"{item.path} and {seen[item.entry.id]} have the same id {item.entry.id}, which must be unique; "
                "remove or rename one of them"
            )
        seen[item.entry.id] = item.path
    return shelved


def load_recipe(recipe_id: str, folder: Path = RESOURCES) -> Recipe:
    """The recipe of that id, with its code; raises ShelfError when there is none."""
    for entry in _entries(folder).values():
        if isinstance(entry, Recipe) and entry.id == recipe_id:
            return entry
    known = ", ".join(entry.id for entry in _entries(folder).values() if isinstance(entry, Recipe))
    raise ShelfError(f"There is no recipe {recipe_id!r} on the shelf; the recipes are {known}")


def load_vulnerability(cve: str, folder: Path = RESOURCES) -> Vulnerability | None:
    """The vulnerability with its affected packages and versions; None when the shelf has no entry for it."""
    entry = _entries(folder).get(cve)
    return entry if isinstance(entry, Vulnerability) else None


def names(kind: PassageKind, folder: Path = RESOURCES) -> dict[str, str]:
    """The names of all entries of a kind by their ids."""
    return {entry.id: entry.name for entry in _entries(folder).values() if entry.kind is kind}


@cache
def vulnerabilities(folder: Path = RESOURCES) -> tuple[Vulnerability, ...]:
    """Every vulnerability of the shelf, in the order of its files."""
    return tuple(entry for entry in _entries(folder).values() if isinstance(entry, Vulnerability))


def nicknamed(text: str, folder: Path = RESOURCES) -> tuple[str, ...]:
    """The vulnerabilities that `text` calls by a name (Log4Shell, Dirty COW) or by another of their ids."""
    said = text.lower()
    # `in` is twenty times as fast as the pattern, and most texts hold no nickname
    named = (
        cve
        for alias, pattern, cve in _nicknames(folder)
        if alias in said and pattern.search(text if alias in ORDINARY else said)
    )
    return tuple(dict.fromkeys(named))


@cache
def _nicknames(folder: Path) -> tuple[tuple[str, re.Pattern[str], str], ...]:
    """Aliases in lower case, of at most two words that are all capitalised, or ids; their pattern; what they name."""
    return tuple(
        (alias.lower(), re.compile(rf"(?<![\w-]){re.escape(_written(alias))}(?![\w-])"), entry.id)
        for entry in _entries(folder).values()
        if isinstance(entry, Vulnerability)
        for alias in entry.aliases
        if NICKNAME.fullmatch(alias)
    )


def _written(alias: str) -> str:
    return alias if alias.lower() in ORDINARY else alias.lower()


def recipes_against(weakness: str, folder: Path = RESOURCES) -> list[Recipe]:
    """The recipes that prevent a weakness (CWE id), those that name it earliest first."""
    found = [entry for entry in _entries(folder).values() if isinstance(entry, Recipe) and weakness in entry.prevents]
    return sorted(found, key=lambda recipe: (recipe.prevents.index(weakness), recipe.id))


def related(identifier: str, folder: Path = RESOURCES) -> tuple[Relation, ...]:
    """What an identifier leads to, nearest first, each once: CVE -> CWE -> CAPEC -> technique, and the recipes.

    Parents of weaknesses are followed too, so a variant finds what is known of its base. An unknown identifier leads
    to nothing. Identifiers without an entry of their own are told as well: they are facts of the catalogue.
    """
    found: dict[str, Relation] = {}
    border: list[tuple[str, tuple[str, ...]]] = [(identifier, ())]
    while border:
        reached: list[tuple[str, tuple[str, ...]]] = []
        for current, via in border:
            for neighbour in _neighbours(current, folder):
                if neighbour != identifier and neighbour not in found:
                    found[neighbour] = Relation(id=neighbour, kind=_kind(neighbour), via=via)
                    reached.append((neighbour, (*via, neighbour)))
        border = reached
    return tuple(found.values())


def _neighbours(identifier: str, folder: Path) -> tuple[str, ...]:
    entry = _entries(folder).get(identifier)
    if isinstance(entry, Recipe):
        return ()
    return (entry.relations() if entry else ()) + tuple(recipe.id for recipe in recipes_against(identifier, folder))


def _kind(identifier: str) -> PassageKind:
    prefixes = {"CVE-": PassageKind.VULNERABILITY, "CWE-": PassageKind.WEAKNESS, "CAPEC-": PassageKind.PATTERN}
    for prefix, kind in prefixes.items():
        if identifier.startswith(prefix):
            return kind
    return PassageKind.TECHNIQUE if identifier[:1] == "T" else PassageKind.RECIPE


@cache
def _entries(folder: Path) -> dict[str, Entry]:
    """Entries by id, read once per process: the shelf is part of the program and does not change under it."""
    return {shelved.entry.id: shelved.entry for shelved in read_entries(folder)}


def _entry_files(folder: Path) -> list[Path]:
    entries = [path for kind in KINDS for path in (folder / kind).glob("*.md")]
    recipes = list((folder / "recipes").glob("*/recipe.yaml"))
    if not entries and not recipes:
        raise ShelfError(f"{folder} holds no starter knowledge; install the program again, its files are incomplete")
    return sorted(entries + recipes, key=lambda path: _relative(path, folder))


def _read_entry(path: Path, folder: Path) -> ShelfEntry:
    if path.suffix == ".md":
        return _read_markdown(path, folder)
    code = _text(path.with_name("recipe.py"))
    entry = _validated(Recipe, {**_mapping(_text(path), path), "code": code}, path, path.parent.name)
    return ShelfEntry(entry, _relative(path.parent, folder), _recipe_blocks(entry))


def _recipe_blocks(recipe: Recipe) -> tuple[Block, ...]:
    """The questions, the facts and the code, one below the other; lines count in this text, since it is no one file."""
    blocks: list[Block] = [*_asked(1, recipe, gap=2)]
    for heading, text in ((FACTS_HEADING, recipe.facts()), ("Code", recipe.code.rstrip())):
        line = (blocks[-1].line_end or 0) + 2
        blocks += [_at(line, f"## {heading}", heading, is_heading=True), _at(line + 2, text, heading)]
    return tuple(blocks)


def _at(line: int, text: str, heading: str, *, is_heading: bool = False) -> Block:
    last = line + text.count("\n")
    return Block(text=text, heading=heading, line_start=line, line_end=last, is_heading=is_heading)


def _read_markdown(path: Path, folder: Path) -> ShelfEntry:
    lines = _text(path).splitlines()
    if not lines or lines[0] != "---" or "---" not in lines[1:]:
        raise ShelfError(f"{path.name} has no front matter; begin it with YAML between two lines of ---")
    end = lines.index("---", 1)
    schema = KINDS[path.parent.name]
    entry = _validated(schema, _mapping("\n".join(lines[1:end]), path), path, path.stem)
    sections = _sections(lines, end + 1, path)
    headings = tuple(block.heading for block in sections if block.is_heading)
    if headings != schema.sections:
        expected = ", ".join(schema.sections)
        raise ShelfError(
            f"{path.name} has the sections {', '.join(headings) or 'none'}, and its kind needs these in this order: "
            f"{expected}"
        )
    return ShelfEntry(entry, _relative(path, folder), (*_front(entry, end, path), *sections))


def _front(entry: Entry, end: int, path: Path) -> tuple[Block, ...]:
    """Facts and questions in the place of the front matter (its last line is `end`), so the sections keep their lines.

    The facts begin where it begins, and the questions end where it ends.
    """
    facts = _at(1, entry.facts(), FACTS_HEADING)
    first = end + 1 - len(entry.questions)
    if first - 1 <= (facts.line_end or 0):
        raise ShelfError(f"{path.name} has several questions on one line; write each on a line of its own")
    return (facts, *_asked(first - 1, entry, gap=1))


def _asked(line: int, entry: Entry, gap: int) -> tuple[Block, Block]:
    """Heading and questions of an entry, `gap` lines from the one to the other."""
    blocks = (
        _at(line, f"## {QUESTIONS_HEADING}", QUESTIONS_HEADING, is_heading=True),
        _at(line + gap, "\n".join(entry.questions), QUESTIONS_HEADING),
    )
    return (blocks[0].model_copy(update={"asks": True}), blocks[1].model_copy(update={"asks": True}))


def _sections(lines: list[str], first: int, path: Path) -> tuple[Block, ...]:
    """Blocks of the text from line index `first` on; a heading inside a code fence is code."""
    starts: list[int] = []
    fenced = False
    for index in range(first, len(lines)):
        fenced ^= lines[index].startswith("```")
        if lines[index].startswith("## ") and not fenced:
            starts.append(index)
    if fenced:
        raise ShelfError(f"{path.name} has a code block that does not end; close it with ```")
    ends = [*starts[1:], len(lines)]
    if any(line.strip() for line in lines[first : starts[0] if starts else len(lines)]):
        raise ShelfError(f"{path.name} has text before its first section; move it under a ## heading")
    return tuple(block for start, end in zip(starts, ends, strict=True) for block in _section(lines, start, end, path))


def _section(lines: list[str], start: int, end: int, path: Path) -> tuple[Block, Block]:
    """The heading line, and what is written under it."""
    heading = lines[start].removeprefix("## ").strip()
    written = [index for index in range(start + 1, end) if lines[index].strip()]
    if not written:
        raise ShelfError(f"{path.name} has nothing under its section {heading!r}; write it or remove the file")
    text = "\n".join(lines[written[0] : written[-1] + 1])
    return _at(start + 1, lines[start], heading, is_heading=True), _at(written[0] + 1, text, heading)


def _validated(schema: type[EntryT], data: dict[str, Any], path: Path, stem: str) -> EntryT:
    name = _name(path)
    try:
        entry = schema.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise ShelfError(f"{name}: the field {field} is wrong ({first['msg']}); correct it there") from error
    if entry.id != stem:
        raise ShelfError(f"{name}: the field id is {entry.id} and the file is named for {stem}; make them the same")
    return entry


def _name(path: Path) -> str:
    """What a file is called in a sentence: that of a recipe is named with its folder, since all have one name."""
    return path.name if path.suffix == ".md" else f"{path.parent.name}/{path.name}"


def _mapping(text: str, path: Path) -> dict[str, Any]:
    import yaml  # costs 20 ms, and the window needs it not

    try:
        from yaml import CSafeLoader as SafeLoader  # ten times as fast, where PyYAML was built with libyaml
    except ImportError:
        from yaml import SafeLoader  # type: ignore[assignment]
    try:
        data = yaml.load(text, Loader=SafeLoader)
    except yaml.YAMLError as error:
        problem = " ".join(str(error).split())
        raise ShelfError(f"{_name(path)} has YAML that cannot be read ({problem}); correct it there") from error
    if not isinstance(data, dict):
        raise ShelfError(f"{_name(path)} has no fields in its YAML; write them as `field: value`, one a line")
    return data


def _title(entry: Entry) -> str:
    return entry.name if isinstance(entry, Recipe) else f"{entry.id} {entry.name}"


def _relative(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ShelfError(
            f"{path.name} of {path.parent.name} cannot be read ({error.strerror}); check the file"
        ) from error


def _text(path: Path) -> str:
    try:
        return _read(path).decode("utf-8")
    except UnicodeDecodeError as error:
        raise ShelfError(f"{path.name} is not UTF-8 (byte {error.start}); save it as UTF-8") from error
