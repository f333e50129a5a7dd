import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.unit.core.analysis.looking import unit_of
from workbench.core.analysis.repair import RepairRequest
from workbench.core.analysis.worker import AnalysisError, AnalysisWorker

BAD = "import os\ndef f(n):\n    os.system('ping ' + n)\n"


@pytest.fixture
async def worker() -> AsyncIterator[AnalysisWorker]:
    made = AnalysisWorker(deadline_seconds=20)
    yield made
    await made.close()


async def test_the_child_finds_what_the_analysers_find_and_stays_warm(worker: AnalysisWorker) -> None:
    first = await worker.analyse(unit_of(BAD))
    process = worker._process
    second = await worker.analyse(unit_of(BAD))
    assert [finding.rule for finding in first.findings] == ["command-in-shell"]
    assert first == second
    assert worker._process is process


async def test_units_can_be_asked_side_by_side(worker: AnalysisWorker) -> None:
    answers = await asyncio.gather(*(worker.analyse(unit_of(BAD, name=f"u{i}.py")) for i in range(5)))
    assert [answer.unit for answer in answers] == [f"u{i}.py" for i in range(5)]


async def test_code_is_parsed_and_never_run(worker: AnalysisWorker, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    analysis = await worker.analyse(unit_of(f"open({str(marker)!r}, 'w').close()\nraise SystemExit\n"))
    assert analysis.coverage == 1
    assert not marker.exists()


async def test_a_child_that_dies_is_told_and_replaced(worker: AnalysisWorker) -> None:
    await worker.analyse(unit_of(BAD))
    assert worker._process is not None
    worker._process.send_signal(signal.SIGSTOP)
    waiting = asyncio.create_task(worker.analyse(unit_of(BAD)))
    await asyncio.sleep(0.05)
    worker._process.kill()
    answer = await waiting
    assert answer.findings == ()
    assert "was not analysed" in answer.notices[0]
    assert (await worker.analyse(unit_of(BAD))).findings


async def test_a_unit_that_takes_too_long_is_given_up_and_the_next_one_works() -> None:
    worker = AnalysisWorker(deadline_seconds=20)
    await worker.analyse(unit_of(BAD))
    assert worker._process is not None
    worker._process.send_signal(signal.SIGSTOP)
    worker._deadline = 0.1
    late = await worker.analyse(unit_of(BAD, name="late.py"))
    assert "late.py was not analysed: it took more than" in late.notices[0]
    worker._deadline = 20
    assert (await worker.analyse(unit_of(BAD))).findings
    await worker.close()


async def test_a_cancelled_request_ends_at_once_and_leaves_no_answer_for_the_next(worker: AnalysisWorker) -> None:
    await worker.analyse(unit_of(BAD))
    assert worker._process is not None
    worker._process.send_signal(signal.SIGSTOP)
    waiting = asyncio.create_task(worker.analyse(unit_of(BAD, name="first.py")))
    await asyncio.sleep(0.05)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert (await worker.analyse(unit_of(BAD, name="second.py"))).unit == "second.py"


async def test_a_language_without_an_analyser_is_said(worker: AnalysisWorker) -> None:
    analysis = await worker.analyse(unit_of("int main(){}", name="a.c", language="c"))
    assert (analysis.coverage, analysis.findings) == (0, ())
    assert analysis.notices == ("a.c was not analysed: there is no analyser for C",)


async def test_a_request_the_child_cannot_answer_is_one_sentence(worker: AnalysisWorker) -> None:
    with pytest.raises(AnalysisError, match="was not analysed"):
        await worker._ask("nonsense", RepairRequest(unit=unit_of(BAD), findings=()))
