"""`workbench shelf`: what the starter knowledge holds, and any entry of it to read."""

import json
from difflib import get_close_matches

from workbench.commands.console import line
from workbench.core.evidence import PassageKind
from workbench.core.knowledge.shelf import ShelfEntry, ShelfError, nicknamed, read_entries

PLURALS = {
    PassageKind.WEAKNESS: "weaknesses",
    PassageKind.TECHNIQUE: "techniques",
    PassageKind.PATTERN: "patterns",
    PassageKind.VULNERABILITY: "vulnerabilities",
    PassageKind.RECIPE: "recipes",
}
"""What the kinds are called here; one of them lists its entries."""


def show_shelf(what: str, as_json: bool) -> None:
    """Print how much of each kind there is; the entries of the kind `what`; or the entry of that id or name.

    Raises ShelfError with one sentence for anything else.
    """
    entries = read_entries()
    if not what:
        _show_counts(entries, as_json)
    elif kind := next((kind for kind, plural in PLURALS.items() if what.lower() in {kind.value, plural}), None):
        _show_list([shelved for shelved in entries if shelved.entry.kind is kind], as_json)
    else:
        _show_entry(_found(entries, what), as_json)


def _show_counts(entries: list[ShelfEntry], as_json: bool) -> None:
    counts = {plural: sum(shelved.entry.kind is kind for shelved in entries) for kind, plural in PLURALS.items()}
    if as_json:
        print(json.dumps(counts))
        return
    for plural, count in counts.items():
        line(f"{count:>4} {plural}")
    line("List one kind with `workbench shelf weaknesses`, read an entry with `workbench shelf CWE-89`.")


def _show_list(entries: list[ShelfEntry], as_json: bool) -> None:
    if as_json:
        print(json.dumps([shelved.entry.model_dump(mode="json", exclude={"code"}) for shelved in entries]))
        return
    width = max(len(shelved.entry.id) for shelved in entries)
    for shelved in entries:
        line(f"{shelved.entry.id:<{width}}  {shelved.entry.name}")


def _show_entry(shelved: ShelfEntry, as_json: bool) -> None:
    if as_json:
        print(shelved.entry.model_dump_json())
        return
    line(f"{shelved.entry.id} {shelved.entry.name}", style="bold")
    for block in shelved.blocks:
        if block.asks:
            continue
        print()
        for text in block.text.splitlines():
            line(text, style="bold" if block.is_heading else "")


def _found(entries: list[ShelfEntry], what: str) -> ShelfEntry:
    """By id, then by nickname, then by any name an entry goes by; how words are joined and their case do not count.

    Of several entries with one name the kind that comes first in PLURALS is meant.
    """
    names = {shelved.entry.id: shelved for shelved in entries}
    known = {_plain(identifier): identifier for identifier in names}
    for shelved in sorted(entries, key=lambda one: list(PLURALS).index(one.entry.kind)):
        for name in (shelved.entry.name, *shelved.entry.aliases):
            known.setdefault(_plain(name), shelved.entry.id)
    known |= {_plain(what): cve for cve in nicknamed(what)}
    if _plain(what) in known:
        return names[known[_plain(what)]]
    near = [known[name] for name in get_close_matches(_plain(what), known, n=3)]
    hint = f"; do you mean {', '.join(dict.fromkeys(near))}?" if near else f", or one of {', '.join(PLURALS.values())}"
    raise ShelfError(f"There is nothing called {what!r} on the shelf; give an id such as CWE-89{hint}")


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())
