"""Damaged files without end: each sound sample is changed at random and read by the loader child (`make fuzz`).

usage: python -m tests.fuzz_loaders [SECONDS] [SEED]

Ends with status 1 when a reader crashed, hung or met an error that no loader foresaw; build/fuzz keeps those files.
"""

import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from benchmarks._hostile_files import WORDS_ON_PAGE, member, page_pdf, tarred, zipped
from tests.unit.core.knowledge.doubles import pdf, word
from tests.unit.core.knowledge.loaders.test_source_code import SOURCES
from tests.unit.core.knowledge.office import old_word, open_document, outlook, shape, slide, slides, workbook
from workbench.core.knowledge.documents import LoadError
from workbench.core.knowledge.loaders.process import LoaderProcess

# ruff: noqa: E501
KEPT = Path("build/fuzz")

DEADLINE = 20.0

SECONDS = 180.0

TEXT = {
    "a.md": b"---\ntitle: T\n---\n# One\n\ntext [link](x)\n\n- a\n- b\n\n```py\nx\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n",
    "a.html": b"<html><head><title>T</title></head><body><h1>One</h1><p>text <b>bold</b><table><tr><td>1<td>2</table>",
    "a.xml": b'<?xml version="1.0" encoding="utf-8"?><a b="c"><d>text &amp; more</d><e xmlns:f="g"><f:h/></e></a>',
    "a.json": b'{"a": [1, 2.5, null, true], "b": {"c": "text \\u00e9"}, "d": "e"}',
    "a.jsonl": b'{"a": 1}\n{"a": "text"}\n[1, 2]\n',
    "a.csv": b'name,value\none,1\n"two, three","4\n5"\n',
    "a.eml": b"From: a@example.org\nSubject: =?utf-8?q?h=C3=A9?=\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\ntext\n"
    b"--b\nContent-Type: text/plain; name=a.txt\nContent-Transfer-Encoding: base64\n\nd29yZHM=\n--b--\n",
    "a.mbox": b"From a@example.org Mon Jan  1 00:00:00 2024\nSubject: x\n\ntext\n\nFrom b\nSubject: y\n\nmore\n",
    "a.ipynb": b'{"cells": [{"cell_type": "markdown", "source": ["# One\\n", "text"]}, {"cell_type": "code", "source": "x = 1",'
    b' "outputs": [{"output_type": "stream", "text": ["1"]}]}], "metadata": {}, "nbformat": 4}',
    "a.rtf": b"{\\rtf1\\ansi\\ansicpg1252 {\\fonttbl{\\f0 A;}} text \\'e9 \\u233? {\\b bold}\\par more}",
    "a.yaml": b"# c\na:\n  b: 1\n  c: [1, 2]\nd: >\n  text\n---\ne: f\n",
    "a.toml": b"a = 1\n[b.c]\nd = 'e'\n[[f]]\n",
    "a.rst": b"One\n===\n\ntext\n\n===\nTwo\n===\n\nmore\n",
    "a.py": b"import os\n\n\n@d\nclass A:\n    def f(self):\n        return f'{self!r}'\n\n\nasync def g(): ...\n",
    "a.txt": "text in Czech: příliš žluťoučký kůň".encode("cp1250"),
}


def samples() -> dict[str, bytes]:
    """A sound file of each kind."""
    packed = {
        "a.pdf": pdf("text", "more"),
        "b.pdf": page_pdf(WORDS_ON_PAGE),
        "a.docx": word([("Heading 1", "One"), ("Normal", "text")]),
        "a.pptx": slides(slide(shape("text"))),
        "a.xlsx": workbook({"S": [["a", "b"], [1, 2]]}),
        "a.odt": open_document("<text:h>One</text:h><text:p>text</text:p>"),
        "a.doc": old_word("text in an old document"),
        "a.msg": outlook({"1000": "text"}),
        "a.zip": zipped({"a.txt": b"text", "b/c.py": b"def f(): pass\n", "d.zip": zipped({"e.txt": b"x"})}),
        "a.tar": tarred((member("a.txt"), b"text"), (member("b.md"), b"# One\n")),
        "a.tar.gz": tarred((member("a.txt"), b"text"), mode="w:gz"),
        "a.txt.xz": tarred((member("a.txt"), b"text"), mode="w:xz"),
    }
    return {**TEXT, **packed, **{name: code.encode() for name, (code, _) in SOURCES.items()}}


def damaged(data: bytes, chance: random.Random) -> bytes:
    """The bytes with a few changes: flipped, cut, doubled, swapped, or with a number's limits put in."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        at, to = sorted((chance.randrange(len(changed) + 1), chance.randrange(len(changed) + 1)))
        match chance.randrange(6):
            case 0 if changed:
                changed[min(at, len(changed) - 1)] ^= 1 << chance.randrange(8)
            case 1:
                del changed[at : at + chance.choice((1, 4, 64, to - at))]
            case 2:
                changed[at:at] = changed[at:to][:4096] * chance.choice((1, 2, 50))
            case 3:
                changed[at : at + 4] = chance.choice(
                    (b"\xff\xff\xff\xff", b"\0\0\0\0", b"\xff\xff\xff\x7f", b"\0\0\0\x80")
                )
            case 4:
                changed[at:at] = chance.choice(
                    (b"<", b"{", b"[", b'"', b"(", b"\0", b"\n", b"\\", b"&", b"%", b"=?", b"\xed\xa0\x80")
                )
            case _:
                changed[at:to] = bytes(reversed(changed[at:to]))
    return bytes(changed[:1_000_000])


def fuzz(seconds: float, seed: int) -> int:
    """Read damaged files for so long; returns how many were read badly, which are kept."""
    chance = random.Random(seed)
    sound = samples()
    ends: Counter[str] = Counter()
    bad = 0
    until = time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as folder, LoaderProcess(DEADLINE) as loader:
        while time.monotonic() < until:
            name = chance.choice(list(sound))
            path = Path(folder) / name
            path.write_bytes(damaged(sound[name], chance))
            end, sentence = _read(loader, path)
            ends[end] += 1
            if end == "bad":
                bad += 1
                KEPT.mkdir(parents=True, exist_ok=True)
                (KEPT / f"{seed}-{bad}-{name}").write_bytes(path.read_bytes())
                print(f"{seed}-{bad}-{name}: {sentence}", flush=True)
    print(f"seed {seed}: {dict(ends)}")
    return bad


def _read(loader: LoaderProcess, path: Path) -> tuple[str, str]:
    try:
        loader.load(path)
    except LoadError as error:
        sentence = str(error)
        unforeseen = "cannot be read (" in sentence or "reader crash" in sentence or "took longer" in sentence
        return ("bad" if unforeseen else "told"), sentence
    return "text", ""


if __name__ == "__main__":
    time_given = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    sys.exit(1 if fuzz(time_given, int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(10**6)) else 0)
