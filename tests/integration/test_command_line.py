"""The whole job from the command line, as a process of its own, on a library of its own."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SAMPLES = Path(__file__).resolve().parents[2] / "resources" / "samples"
REVIEW = "review-flask-view.json"


class Workbench:
    """Calls the command line with a home of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environment = {
            **os.environ,
            "WORKBENCH_HOME": str(home),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
            "COLUMNS": "200",
        }

    def twin(self, home: Path) -> "Workbench":
        """Another library with the same contents, record and all."""
        shutil.copytree(self.home, home)
        return Workbench(home)

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "workbench.cli", *arguments],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __call__(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        process = self.start(*arguments)
        out, err = process.communicate(timeout=110)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)


@pytest.fixture(scope="module")
def workbench(tmp_path_factory: pytest.TempPathFactory) -> Workbench:
    """One library for all tests of this file: the model is exported and the starter knowledge taken in once."""
    workbench = Workbench(tmp_path_factory.mktemp("home"))
    prepared = workbench("search", "SQL injection")
    assert prepared.returncode == 0, prepared.stderr
    return workbench


def begun(process: "subprocess.Popen[str]") -> str:
    """The id of the run that the process has begun; earlier lines are passed over."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("run "):
            return line.split()[1]
    pytest.fail("the process began no run")


def decision(folder: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((folder / "run.json").read_text(encoding="utf-8"))["decision"]
    return found


@pytest.mark.parametrize("sample", sorted(path.name for path in SAMPLES.glob("*.json")))
def test_every_sample_runs_to_a_decision_and_a_report(workbench: Workbench, tmp_path: Path, sample: str) -> None:
    done = workbench("run", str(SAMPLES / sample), "--out", str(tmp_path), "--format", "html,pdf,md,json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert {path.suffix for path in tmp_path.iterdir()} == {".html", ".pdf", ".md", ".json"}
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")
    decided = decision(tmp_path)
    assert decided["verdict"] in decided["posterior"]
    assert len(decided["contributions"]) == 3
    assert sum(decided["posterior"].values()) == pytest.approx(1)


def test_a_killed_run_goes_on_and_reaches_the_same_decision(workbench: Workbench, tmp_path: Path) -> None:
    twin = workbench.twin(tmp_path / "twin")
    whole = twin("run", str(SAMPLES / REVIEW), "--out", str(tmp_path / "whole"))
    assert whole.returncode == 0, whole.stderr

    process = workbench.start("run", str(SAMPLES / REVIEW), "--out", str(tmp_path / "killed"))
    run_id = begun(process)
    deadline = time.monotonic() + 60
    finished = ""
    while time.monotonic() < deadline:
        line = process.stdout.readline()
        if re.match(r"\[(code|security|research)\] \w+: ", line):
            finished = line.split("] ")[1].split(":")[0]
            break
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert finished, "no step finished before the deadline"

    offered = workbench("runs", "--json")
    assert {run["run_id"]: run["state"] for run in json.loads(offered.stdout)}[run_id] == "interrupted"
    resumed = workbench("resume", run_id, "--out", str(tmp_path / "resumed"))
    assert resumed.returncode == 0, resumed.stdout + resumed.stderr
    assert not re.search(rf"\] {finished}: ", resumed.stdout), "a finished step was repeated"
    assert decision(tmp_path / "resumed") == decision(tmp_path / "whole")


def test_an_interrupted_run_is_offered_when_the_task_is_run_again(workbench: Workbench, tmp_path: Path) -> None:
    process = workbench.start("run", str(SAMPLES / REVIEW), "--out", str(tmp_path / "killed"))
    run_id = begun(process)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    again = workbench("run", str(SAMPLES / REVIEW), "--out", str(tmp_path / "again"))
    assert f"workbench resume {run_id}" in again.stdout


def test_the_report_of_a_run_is_the_same_bytes_every_time(workbench: Workbench, tmp_path: Path) -> None:
    run_id = json.loads(workbench("runs", "--json").stdout)[0]["run_id"]
    for folder in ("one", "two"):
        assert workbench("report", run_id, "--out", str(tmp_path / folder)).returncode == 0
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


def test_a_cancelled_run_says_so_and_exits_with_130(workbench: Workbench, tmp_path: Path) -> None:
    process = workbench.start("run", str(SAMPLES / REVIEW), "--out", str(tmp_path))
    begun(process)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, out + err
    assert "cancelled" in out


def test_what_was_ingested_is_found_with_its_place(workbench: Workbench, tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "gateway.md").write_text(
        "# Gateway\n\n## Rotation\n\nThe zebra gateway rotates its signing keys every ninety days.\n", encoding="utf-8"
    )
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 nothing more")
    done = workbench("ingest", str(folder))
    assert done.returncode == 4
    assert re.search(r"added\s+.*gateway\.md", done.stdout)
    assert re.search(r"failed\s+.*broken\.pdf \(.+\)", done.stdout)
    assert "1 unchanged" in workbench("ingest", str(folder)).stdout
    found = json.loads(workbench("search", "how often are zebra gateway keys rotated", "--json").stdout)
    assert "ninety days" in found["passages"][0]["text"]
    place = found["passages"][0]["location"]
    assert place["line_start"] <= 5 <= place["line_end"]
    assert {status["state"] for status in found["statuses"]} == {"ok"}


@pytest.mark.parametrize(
    ("task", "words"),
    [
        ({"kind": "audit", "title": "t", "code": "c"}, "choose one of draft, review, research, assess"),
        ({"kind": "review", "title": "t"}, "empty"),
        ({"kind": "review", "title": "t", "files": ["gone.py"]}, "cannot be read"),
    ],
)
def test_a_bad_task_gets_one_sentence_and_exit_code_2(
    workbench: Workbench, tmp_path: Path, task: dict[str, object], words: str
) -> None:
    path = tmp_path / "task.json"
    path.write_text(json.dumps(task), encoding="utf-8")
    done = workbench("run", str(path), "--out", str(tmp_path / "out"))
    assert done.returncode == 2
    assert words in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr


def test_code_that_does_not_parse_is_reviewed_as_far_as_it_goes_and_said_so(
    workbench: Workbench, tmp_path: Path
) -> None:
    path = tmp_path / "task.json"
    task = {"kind": "review", "title": "Broken", "code": "def f(:\n    os.system(input()\n"}
    path.write_text(json.dumps(task), encoding="utf-8")
    done = workbench("run", str(path), "--out", str(tmp_path / "out"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "parse" in done.stdout


def test_a_second_workbench_on_the_same_library_is_refused_with_a_sentence(
    workbench: Workbench, tmp_path: Path
) -> None:
    process = workbench.start("run", str(SAMPLES / REVIEW), "--out", str(tmp_path))
    begun(process)
    second = workbench("runs")
    process.communicate(timeout=100)
    assert second.returncode == 2
    assert "Another workbench has the library" in second.stderr


def test_the_command_line_imports_no_qt_and_nothing_heavy() -> None:
    code = (
        "import sys, workbench.cli, workbench.core.engine\n"
        "heavy = {'PySide6', 'qasync', 'numpy', 'networkx', 'torch', 'faiss', 'tantivy', 'psycopg', 'pymongo',"
        " 'onnxruntime', 'bandit', 'libcst', 'keyring', 'typst'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_doctor_names_every_part_and_how_to_mend_what_is_missing(workbench: Workbench) -> None:
    done = workbench("doctor", "--json")
    assert done.returncode == 0, done.stderr
    components = json.loads(done.stdout)
    assert {component["state"] for component in components} <= {"ok", "missing", "broken", "optional"}
    keyring = next(component for component in components if "keyring" in component["name"].lower())
    assert keyring["mend"]
