"""Run every benchmark of this folder, one after the other, and record the figures.

usage: python -m benchmarks [NAME ...]

Writes benchmarks/results/NAME.json with the figures, the command, the date and the versions. The retrieval,
review, consensus and threat figures are recorded too when WORKBENCH_EVAL names the folder of judged data.
"""

import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from workbench import __version__

HERE = Path(__file__).resolve().parent
ALONE = frozenset({"peers"})
"""What has a make target of its own, because it installs other libraries and takes long."""

ON_EVALUATION_DATA = frozenset({"identifiers", "messy"})
"""What measures on files beside the judged data, and is left out where there are none."""

PACKAGES = ("PySide6_Essentials", "qasync", "faiss-cpu", "tantivy", "onnxruntime", "bandit", "libcst")


def main() -> None:
    """Run the benchmarks named on the command line, or all."""
    evaluations = _evaluations()
    if not evaluations:
        left_out = ", ".join(sorted(ON_EVALUATION_DATA))
        print(f"WORKBENCH_EVAL is not set, so retrieval, review and consensus, {left_out} are not measured")
    commands = {**_budgets(), **evaluations}
    for name in sys.argv[1:] or [name for name in commands if evaluations or name not in ON_EVALUATION_DATA]:
        print(f"{name} ...", flush=True)
        record(name, commands[name])


def _budgets() -> dict[str, list[str]]:
    names = sorted({path.stem for path in HERE.glob("[a-z]*.py")} - ALONE)
    budgets = {name: ["-m", f"benchmarks.{name}", "--json"] for name in names}
    asked = {
        f"shelf-{path.stem}": [
            "-m",
            "workbench.cli",
            "eval",
            "shelf",
            path.relative_to(HERE.parent).as_posix(),
            "--json",
        ]
        for path in sorted((HERE / "shelf_questions").glob("*.jsonl"))
    }
    return budgets | asked


def _evaluations() -> dict[str, list[str]]:
    folder = os.environ.get("WORKBENCH_EVAL")
    if not folder:
        return {}
    data = Path(folder)
    catalogue = data.parent / "knowledge" / "cwe_details.csv"
    retrieval = {
        f"retrieval-{path.name}": ["-m", "workbench.cli", "eval", "retrieval", str(path), "--json"]
        for path in sorted((data / "retrieval").iterdir())
    }
    review = {
        f"review-{path.stem}": ["-m", "workbench.cli", "eval", "review", str(path), "--cwe", str(catalogue), "--json"]
        for path in sorted((data / "code").glob("*.jsonl"))
    }
    consensus = {"consensus": ["-m", "workbench.cli", "eval", "consensus", str(data / "consensus"), "--json"]}
    return retrieval | review | consensus | _threats(data)


def _threats(data: Path) -> dict[str, list[str]]:
    """Each set of pairs by the descriptions alone, and with its own other sentences to learn from."""
    commands = {}
    for path in sorted((data / "threats").glob("*.jsonl")):
        command = ["-m", "workbench.cli", "eval", "threats", str(path), "--json"]
        commands[f"threats-{path.stem}"] = command
        commands[f"threats-{path.stem}-labelled"] = [*command, "--labelled", str(path)]
    return commands


def record(name: str, arguments: list[str]) -> None:
    """Run one command of this Python and keep its figures with everything needed to run it again."""
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, cwd=HERE.parent, check=False)
    if done.returncode:
        print(f"{name} failed:\n{done.stderr}", file=sys.stderr)
        return
    keep(name, json.loads(done.stdout.strip().splitlines()[-1]), f"python {' '.join(arguments)}")


def keep(name: str, figures: dict[str, Any], command: str) -> None:
    """Write benchmarks/results/NAME.json."""
    folder = os.environ.get("WORKBENCH_EVAL", "")
    result = {
        "figures": figures,
        "command": command.replace(str(Path(folder).parent) if folder else "\0", "$WORKBENCH_EVAL/.."),
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "versions": {
            "workbench": __version__,
            "python": platform.python_version(),
            **{package: version(package) for package in PACKAGES},
        },
    }
    path = HERE / "results" / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(f"  {json.dumps(figures)[:160]}")


if __name__ == "__main__":
    main()
