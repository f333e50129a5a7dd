"""The product beside txtai, Haystack and LlamaIndex: the same documents, the same model, the same scorer.

usage: python -m benchmarks.peers [--record] [--resume]      (make peers)

Each system runs in a process of its own, the others in a virtual environment that is made for them. Quality: every
collection in $WORKBENCH_EVAL/retrieval, whole, the best 100 documents of each question; vectors of documents are kept
on disk meanwhile, so the systems that run the model alike embed a text once between them; a library's other documented
ways to join words and meaning are scored too, and the product is held against the best of them. Speed: the same sample
of all collections, taken in anew by each, nothing kept, the product first and last. A chunk is a text that was embedded
(whole documents by most of the others, cut off at the model's limit), so documents, chunks and tokens a second are all
told; the product's time includes its writing to disk, which the others do not do. The load of the machine before each
run and the processor's seconds are kept beside, since rates of a busy machine say nothing.
"""

import argparse
import hashlib
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.__main__ import keep
from benchmarks._peers.environment import ROOT, ChildError, Environment
from benchmarks._peers.figures import ingestion, margins, quality, speedup, table
from benchmarks._peers.systems import PRODUCT, SYSTEMS
from workbench.core.knowledge.export import weights_folder
from workbench.evaluation.retrieval import DEPTH, JudgedCollection, read_collection

SAMPLE = 600
"""Documents taken in to measure speed, as many of each collection."""

VECTORS = "vectors.sqlite"

Row = tuple[str, str, str]
"""Id, title, text."""


class Runs:
    """Results of children, kept in a folder, so that an interrupted comparison can go on."""

    def __init__(self, environment: Environment | None, folder: Path, resume: bool, again: Sequence[str] = ()) -> None:
        self._environment, self._folder = environment, folder
        self._resume, self._again = resume, frozenset(again)
        self.unmeasured: list[str] = []
        """Runs that are not in the folder, where there is no environment to run them in."""
        self.missing: dict[str, str] = {}
        """Why a system has no figures."""
        self.versions: dict[str, dict[str, str]] = {}

    def run(self, label: str, system: str, job: dict[str, Any]) -> dict[str, Any] | None:
        """The result of one job, from the folder where it was done already, else of a child; None when that fails."""
        if system in self.missing:
            return None
        path = self._folder / f"{label}-{system}.json"
        digest = hashlib.sha256(json.dumps(job | {"vectors": None}, sort_keys=True).encode()).hexdigest()
        result = self._kept(path, digest) if self._resume and system not in self._again else None
        if result is None and self._environment is None:
            self.unmeasured.append(path.stem)
            return None
        if result is None:
            load = round(os.getloadavg()[0], 2)
            print(f"{datetime.now(UTC):%H:%M:%S} {label}: {SYSTEMS[system].title}", file=sys.stderr, flush=True)
            try:
                result = self._environment.run(system, job)
            except ChildError as error:
                self.missing[system] = str(error)
                return None
            result |= {"load_before": load}
            self._folder.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps({"job": digest, "result": result}), encoding="utf-8")
        self.versions[system] = result["versions"]
        return result

    @staticmethod
    def _kept(path: Path, digest: str) -> dict[str, Any] | None:
        if not path.exists():
            return None
        kept = json.loads(path.read_text(encoding="utf-8"))
        return kept["result"] if kept["job"] == digest else None


def ranked(
    collections: Mapping[str, JudgedCollection], systems: Sequence[str], runs: Runs, kept: Path
) -> dict[str, dict[str, Any]]:
    """Quality figures by collection and system; vectors of documents are kept in the file `kept`."""
    by_set: dict[str, dict[str, Any]] = {}
    for name, collection in collections.items():
        job = _job(rows(collection), collection.questions, kept)
        results = {system: runs.run(name, system, job) for system in systems}
        by_set[name] = {
            system: quality(result, collection.judgements) for system, result in results.items() if result is not None
        }
    return by_set


def rates(
    collections: Mapping[str, JudgedCollection], systems: Sequence[str], runs: Runs, sample: int
) -> dict[str, list[dict[str, Any]]]:
    """Figures of every ingestion of the sample, by system; the product has two, first and last."""
    job = _job(sampled([rows(collection) for collection in collections.values()], sample), {}, None)
    found: dict[str, list[dict[str, Any]]] = {}
    order = [*systems, PRODUCT] if PRODUCT in systems and len(systems) > 1 else systems
    for turn, system in enumerate(order):
        if result := runs.run(f"ingestion-{turn}", system, job):
            found.setdefault(system, []).append(ingestion(result))
    return found


def _job(documents: Sequence[Row], questions: Mapping[str, str], vectors: Path | None) -> dict[str, Any]:
    return {
        "documents": documents,
        "questions": dict(questions),
        "depth": DEPTH,
        "model": str(weights_folder()),
        "vectors": str(vectors) if vectors else None,
    }


def rows(collection: JudgedCollection) -> list[Row]:
    """The documents as they are handed to every system."""
    return [
        (identity, document.title, "".join(block.text for block in document.blocks))
        for identity, document in collection.documents
    ]


def sampled(sets: Sequence[Sequence[Row]], count: int) -> list[Row]:
    """`count` documents, evenly spread, as many of each set as it goes; the number of the set is put before each id."""
    chosen: list[Row] = []
    for number, found in enumerate(sets):
        each = min(count // len(sets), len(found))
        chosen += [(f"{number}/{row[0]}", *row[1:]) for row in (found[n * len(found) // each] for n in range(each))]
    return chosen


def limited(collection: JudgedCollection, count: int) -> JudgedCollection:
    """Its first documents, and the questions that one of them answers: to try the benchmark, not to measure."""
    documents = collection.documents[:count]
    ids = {identity for identity, _ in documents}
    judgements = {
        question: {identity: grade for identity, grade in grades.items() if identity in ids}
        for question, grades in collection.judgements.items()
        if any(grade > 0 and identity in ids for identity, grade in grades.items())
    }
    questions = {identity: text for identity, text in collection.questions.items() if identity in judgements}
    return replace(collection, documents=documents, questions=questions, judgements=judgements)


def read_collections(names: Sequence[str], limit: int | None) -> dict[str, JudgedCollection]:
    """Those in $WORKBENCH_EVAL/retrieval, all unless some are named."""
    data = os.environ.get("WORKBENCH_EVAL")
    if not data:
        raise SystemExit("WORKBENCH_EVAL is not set, so there is nothing to rank; set it to the folder of judged data")
    folder = Path(data) / "retrieval"
    found = {name: read_collection(folder / name) for name in names or sorted(path.name for path in folder.iterdir())}
    return {name: limited(collection, limit) if limit else collection for name, collection in found.items()}


def main(argv: Sequence[str] | None = None) -> None:
    """Measure what the options ask for, and print the table or, with --json, the figures."""
    options = _options(argv)
    collections = read_collections(options.sets, options.limit)
    environment = None if options.kept else Environment(options.venv)
    runs = Runs(environment, options.state, options.resume or options.kept, options.again)
    load = round(os.getloadavg()[0], 2)
    runs.missing |= environment.install(options.systems) if environment else {}
    by_set = {} if options.ingestion_only else ranked(collections, options.systems, runs, options.state / VECTORS)
    by_system = rates(collections, options.systems, runs, options.sample) if options.sample else {}
    figures = {
        "quality": by_set,
        "above_best_peer": margins(by_set),
        "ingestion": by_system,
        "faster_than_fastest_peer": speedup(by_system),
        "missing": runs.missing,
        "unmeasured": runs.unmeasured,
        "versions": runs.versions,
        "load_at_start": load,
    }
    if options.record:
        keep("peers", figures, f"python -m benchmarks.peers {' '.join(argv or sys.argv[1:])}")
    print(json.dumps(figures) if options.json else table(figures))
    for system, reason in runs.missing.items():
        print(f"{SYSTEMS[system].title} could not be measured: {reason}", file=sys.stderr)


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--record", action="store_true", help="write benchmarks/results/peers.json")
    parser.add_argument("--resume", action="store_true", help="keep results of the same jobs that are in the state")
    parser.add_argument("--kept", action="store_true", help="run nothing: what an interrupted comparison has so far")
    parser.add_argument("--again", nargs="+", default=[], metavar="SYSTEM", help="but run these systems again")
    parser.add_argument("--systems", nargs="+", choices=SYSTEMS, default=list(SYSTEMS), help="all unless given")
    parser.add_argument("--sets", nargs="+", default=[], help="collections; all unless given")
    parser.add_argument("--limit", type=int, help="documents of each collection, to try it out")
    parser.add_argument("--ingestion-only", action="store_true", help="measure no quality")
    parser.add_argument("--sample", type=int, default=SAMPLE, help="documents whose ingestion is timed; 0 for none")
    parser.add_argument("--venv", type=Path, default=ROOT / "build" / "peers-venv", help="of the other libraries")
    parser.add_argument("--state", type=Path, default=ROOT / "build" / "peers", help="results and vectors so far")
    return parser.parse_args(argv)


if __name__ == "__main__":
    main()
