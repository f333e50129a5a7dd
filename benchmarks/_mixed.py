"""A made-up folder of mixed files, drawn from a fixed seed: Markdown, Python, HTML, CSV and JSON."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks._library import SEED, words

WORDS = 60


def write_folder(folder: Path, files: int) -> None:
    """Write `files` files of one to a few chunks each, in a folder for each kind."""
    rng = np.random.default_rng(SEED + 4)
    kinds: list[tuple[str, Callable[[np.random.Generator, int], str]]] = [
        ("md", _markdown),
        ("py", _python),
        ("html", _html),
        ("csv", _csv),
        ("json", _json),
    ]
    for number in range(files):
        suffix, make = kinds[number % len(kinds)]
        path = folder / suffix / f"{number:04}.{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(make(rng, number), encoding="utf-8")


def change_folder(folder: Path) -> None:
    """A second version: a sentence more in every third file, a new one in each folder."""
    for number, path in enumerate(sorted(folder.rglob("*.*"))):
        if number % 3 == 0 and path.suffix in {".md", ".py"}:
            mark = "# " if path.suffix == ".py" else ""
            path.write_text(f"{path.read_text('utf-8')}\n{mark}Changed at place {number}.\n", encoding="utf-8")
    (folder / "md" / "new.md").write_text("# New\n\nWritten after the first pass.\n", encoding="utf-8")


def questions(folder: Path, count: int) -> list[str]:
    """Eight words each from somewhere in `count` of the files."""
    rng = np.random.default_rng(SEED + 5)
    paths = sorted(folder.rglob("*.md"))
    asked = []
    for number in range(count):
        text = paths[number % len(paths)].read_text("utf-8").split()
        start = int(rng.integers(0, max(1, len(text) - 8)))
        asked.append(" ".join(text[start : start + 8]))
    return asked


def _markdown(rng: np.random.Generator, number: int) -> str:
    sections = [f"## Part {part}\n\n{words(rng, WORDS)}." for part in range(4)]
    return f"# Paper {number}\n\nIt names CVE-2024-{number:04}.\n\n" + "\n\n".join(sections) + "\n"


def _python(rng: np.random.Generator, number: int) -> str:
    functions = [
        f'def step_{number}_{part}(value):\n    """{words(rng, WORDS)}"""\n    return value + {part}\n'
        for part in range(4)
    ]
    return f'"""Module {number}."""\n\n\n' + "\n\n".join(functions)


def _html(rng: np.random.Generator, number: int) -> str:
    parts = [f"<h2>Part {part}</h2><p>{words(rng, WORDS)}</p>" for part in range(4)]
    return f"<html><head><title>Page {number}</title></head><body>{''.join(parts)}</body></html>"


def _csv(rng: np.random.Generator, number: int) -> str:
    rows = [f"{number}-{row},{words(rng, 12)}" for row in range(16)]
    return "key,said\n" + "\n".join(rows) + "\n"


def _json(rng: np.random.Generator, number: int) -> str:
    return json.dumps({"name": f"record {number}", "items": [{"id": n, "said": words(rng, 12)} for n in range(12)]})
