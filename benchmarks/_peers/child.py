"""Runs one system on one job in this process.

python -m benchmarks._peers.child SYSTEM JOB.json RESULT.json
"""

import json
import resource
import sys
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks._peers.systems import SYSTEMS, Document, System
from benchmarks._peers.vectors import Meter


def main(argv: Sequence[str] | None = None) -> None:
    """Read the job, do it, write the result."""
    name, job_file, result_file = argv or sys.argv[1:]
    job = json.loads(Path(job_file).read_text(encoding="utf-8"))
    result = run(SYSTEMS[name].load(), job)
    result["versions"] = {package: version(package) for package in SYSTEMS[name].packages}
    Path(result_file).write_text(json.dumps(result), encoding="utf-8")


def run(kind: type[System], job: dict[str, Any]) -> dict[str, Any]:
    """Take the documents in, ask the questions by every rule; the questions of the first rule are timed."""
    began = time.perf_counter()
    meter = Meter(Path(job["vectors"]) if job["vectors"] else None)
    model = Path(job["model"])
    system = kind(model, meter)
    started = time.perf_counter() - began
    documents = [Document(*row) for row in job["documents"]]
    began, worked = time.perf_counter(), time.process_time()
    with meter.counting():
        system.take_in(documents)
    taken, worked = time.perf_counter() - began, time.process_time() - worked
    rankings, milliseconds = _asked(system, meter, kind.RULES, job["questions"], job["depth"])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    system.close()
    meter.close()
    return {
        "start_seconds": started,
        "seconds": taken,
        "cpu_seconds": worked,
        "documents": len(documents),
        "chunks": len(meter.texts),
        "tokens": _tokens(meter, model),
        "rankings": rankings,
        "milliseconds": milliseconds,
        "peak_mb": peak,
    }


def _asked(
    system: System, meter: Meter, rules: Sequence[str], questions: dict[str, str], depth: int
) -> tuple[dict[str, dict[str, list[str]]], list[float]]:
    rankings: dict[str, dict[str, list[str]]] = {}
    milliseconds = []
    if questions:
        system.rank("warm up", depth, rules[0])
    for rule in rules:
        rankings[rule] = {}
        meter.recalling = rule != rules[0]
        for identity, question in questions.items():
            began = time.perf_counter()
            rankings[rule][identity] = system.rank(question, depth, rule)
            if rule == rules[0]:
                milliseconds.append(1000 * (time.perf_counter() - began))
    return rankings, milliseconds


def _tokens(meter: Meter, model: Path) -> int:
    """Tokens that the model read of what was embedded: no more of a text than the system lets through."""
    import tokenizers

    tokenizer = tokenizers.Tokenizer.from_file(str(model / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return sum(min(len(found.ids), meter.longest) for found in tokenizer.encode_batch_fast(meter.texts))


if __name__ == "__main__":
    main()
