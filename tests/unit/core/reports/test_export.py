"""What is promised of every format."""

import hashlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import sample_run
from workbench.core import events as ev
from workbench.core.reports import FILE_NAMES, FORMATS, ReportError, ReportOptions, render, write
from workbench.core.run_state import RunState

DIGESTS = """
import hashlib, json
from tests import sample_run
from workbench.core.reports import ReportOptions, render
made = render(sample_run.state(), ReportOptions(organisation="Example Product Security", author="A. Analyst"))
print(json.dumps({name: hashlib.sha256(content).hexdigest() for name, content in made.items()}))
"""


def _digests(made: dict[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(content).hexdigest() for name, content in made.items()}


def test_the_same_journal_gives_the_same_bytes(state: RunState, options: ReportOptions) -> None:
    assert render(state, options) == render(sample_run.state(), options)


def test_another_process_with_another_hash_seed_and_time_zone_gives_the_same_bytes(
    state: RunState, options: ReportOptions
) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": "4711", "TZ": "Pacific/Auckland", "LC_ALL": "C"}
    root = Path(__file__).parents[4]
    answer = subprocess.run(
        [sys.executable, "-c", DIGESTS], cwd=root, env=environment, capture_output=True, text=True, check=True
    )
    assert json.loads(answer.stdout) == _digests(render(state, options))


def test_options_are_part_of_the_report(state: RunState, options: ReportOptions) -> None:
    other = options.model_copy(update={"paper": "us-letter", "author": "B. Analyst"})
    mine, theirs = _digests(render(state, options)), _digests(render(state, other))
    assert all(mine[name] != theirs[name] for name in FORMATS)


def test_every_format_writes_its_file_and_leaves_nothing_else(
    state: RunState, options: ReportOptions, tmp_path: Path
) -> None:
    paths = write(state, options, FORMATS, tmp_path / "new" / "folder")
    assert [path.name for path in paths] == [FILE_NAMES[name] for name in FORMATS]
    assert sorted(path.name for path in (tmp_path / "new" / "folder").iterdir()) == sorted(FILE_NAMES.values())
    assert {path.name: path.read_bytes() for path in paths} == {
        FILE_NAMES[name]: content for name, content in render(state, options).items()
    }


def test_an_unknown_format_is_refused_before_anything_is_written(
    state: RunState, options: ReportOptions, tmp_path: Path
) -> None:
    with pytest.raises(ReportError, match="no report format docx; choose among html"):
        write(state, options, ("html", "docx"), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_one_sentence(
    state: RunState, options: ReportOptions, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ReportError, match=r"could not be written to [^;]+; make room there"):
        write(state, options, ("md",), tmp_path / "file")


def test_a_failed_write_keeps_the_earlier_report(
    state: RunState, options: ReportOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "report.md").write_text("the earlier report")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ReportError, match="No space left on device"):
        write(state, options, ("md",), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["report.md"]
    assert (tmp_path / "report.md").read_text() == "the earlier report"


def test_a_run_without_a_task_is_refused(options: ReportOptions) -> None:
    with pytest.raises(ReportError, match="no task in its journal"):
        render(RunState(), options)


@pytest.mark.parametrize("length", range(1, len(sample_run.bodies()) + 1))
def test_a_run_cut_anywhere_still_gives_an_honest_report(length: int, options: ReportOptions) -> None:
    said = [*sample_run.bodies()[:length], ev.RunCancelled()]
    made = render(RunState.from_events(sample_run.journal(said)), options)
    assert "Partial report: the analyst stopped this run." in made["html"].decode()
    assert made["pdf"].startswith(b"%PDF-")


def test_a_thousand_findings_are_rendered_in_seconds(options: ReportOptions) -> None:
    code = "\n".join(f"value_{number} = eval(request.args['{number}'])" for number in range(3000))
    said = sample_run.bodies()
    started = said[0]
    assert isinstance(started, ev.RunStarted)
    unit = ev.Task.model_validate(
        started.task.model_dump() | {"attachments": ({"name": "big.py", "language": "python", "text": code},)}
    )
    many = tuple(
        sample_run.a_finding(
            file="big.py", line_start=line, line_end=line, excerpt=code.splitlines()[line - 1], title=f"Eval {line}"
        )
        for line in range(1, 3000, 3)
    )
    last = said[-4]
    assert isinstance(last, ev.ProposalSealed)
    finished = next(body for body in said if isinstance(body, ev.StepFinished) and body.step == "security")
    outcome = finished.outcome.model_copy(update={"findings": many})
    said[0] = started.model_copy(update={"task": unit})
    said[said.index(finished)] = finished.model_copy(update={"outcome": outcome})
    state = RunState.from_events(sample_run.journal([*said, ev.RunCompleted()]))
    began = time.perf_counter()
    made = render(state, options)
    assert time.perf_counter() - began < 30
    assert all(b"Eval 2998" in made[name] for name in ("html", "md", "json"))
