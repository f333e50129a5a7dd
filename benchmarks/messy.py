"""What becomes of the real odd files in WORKBENCH_EVAL/messy, read through the loader child of the product.

Budget: none crashes its reader, hangs or is dropped without a word; of those that a person can read, at least 95 %
yield their text. Which a person cannot read stands, with the reason, in messy_judged.json. Of the files whose names say
their encoding, those count as decoded rightly whose text differs from that encoding's in at most one character in 500.
"""

import argparse
import hashlib
import json
import os
import re
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from workbench.core.knowledge.documents import LoadError, UnknownKindError
from workbench.core.knowledge.loaders.decoding import clean, decode_text
from workbench.core.knowledge.loaders.process import LoaderProcess
from workbench.core.knowledge.loaders.raw import RawFile

JUDGED = Path(__file__).with_name("messy_judged.json")

ENCODINGS = {
    "IBM855": "cp855", "IBM866": "cp866", "MacCyrillic": "mac-cyrillic", "EUC-KR": "cp949", "EUC-JP": "euc-jp",
    "GB2312": "gb18030", "SHIFT_JIS": "cp932", "TIS-620": "cp874", "Big5": "big5", "KOI8-R": "koi8-r",
    "UTF-16": "utf-16", "utf-8": "utf-8", "ascii": "ascii",
}  # fmt: skip
"""Python's names for the encodings that the names of files begin with."""

NUMBERED = re.compile(r"(?:iso-8859-\d+|windows-\d+)")

WRONG_SHARE = 0.002


def measure(folder: Path) -> dict[str, object]:
    """Counts over all files of `folder`, and the names of those that a person can read and the loaders cannot."""
    unreadable = json.loads(JUDGED.read_text(encoding="utf-8"))["unreadable"]
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    states: Counter[str] = Counter()
    missed, unneeded, slowest = [], [], 0.0
    with LoaderProcess() as loader:
        for path in files:
            began = time.perf_counter()
            state = _state(loader, path)
            slowest = max(slowest, time.perf_counter() - began)
            states[state] += 1
            judged = hashlib.sha256(path.read_bytes()).hexdigest() in unreadable
            if not judged and state != "text":
                missed.append(path.name)
            if judged and state == "text":
                unneeded.append(path.name)
    readable = len(files) - sum(hashlib.sha256(path.read_bytes()).hexdigest() in unreadable for path in files)
    decoded = [_decoded(path) for path in sorted((folder / "chardet").iterdir())]
    return {
        "files": len(files),
        "crashed": states["crashed"],
        "hung": states["hung"],
        "dropped": states["dropped"],
        "text": states["text"],
        "told": states["told"],
        "skipped": states["skipped"],
        "readable": readable,
        "yield": round((readable - len(missed)) / readable, 4),
        "missed": missed,
        "judged_unreadable_but_read": unneeded,
        "encodings": len(decoded),
        "encodings_right": sum(decoded),
        "slowest_s": round(slowest, 2),
    }


def _state(loader: LoaderProcess, path: Path) -> str:
    """How a file ends: as text, in a sentence that tells why not, or badly."""
    try:
        document, _ = loader.load(path)
    except UnknownKindError:
        return "skipped"
    except LoadError as error:
        sentence = str(error)
        if "made its reader crash" in sentence:
            return "crashed"
        if "took longer than" in sentence:
            return "hung"
        return "told" if path.name in sentence else "dropped"
    return "text" if document.text.strip() else "dropped"


def _decoded(path: Path) -> bool:
    """Whether the text is that of the encoding which the file's name begins with."""
    numbered = NUMBERED.match(path.name)
    encoding = numbered.group() if numbered else next(
        codec for name, codec in ENCODINGS.items() if path.name.startswith(name)
    )  # fmt: skip
    data = path.read_bytes()
    true = clean(data.decode(encoding, "replace").lstrip("\ufeff")).strip()
    try:
        text = decode_text(RawFile(path=path, data=data, media_type="text/plain"))[0].strip()
    except LoadError:
        return False
    wrong = sum(mine != theirs for mine, theirs in zip(text, true, strict=False))
    return len(text) == len(true) and wrong <= len(true) * WRONG_SHARE


def main(argv: Sequence[str] | None = None) -> None:
    """Print the figures, as JSON with --json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(argv)
    eval_folder = os.environ.get("WORKBENCH_EVAL")
    if not eval_folder:
        raise SystemExit("WORKBENCH_EVAL is not set, so the odd files are not measured")
    figures = measure(Path(eval_folder) / "messy")
    print(json.dumps(figures) if options.json else "\n".join(f"{name}: {value}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
