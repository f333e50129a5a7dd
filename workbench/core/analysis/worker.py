"""The warm child process that parses untrusted code, and its answers as values.

The child is started at the first request and kept. When it takes longer than the deadline, or dies on odd code (a
parser written in C can crash), it is replaced and the unit is reported as not analysed; nobody else is affected.
"""

import asyncio
import contextlib
import json
import subprocess
import threading
from typing import Any

from pydantic import BaseModel

from workbench.core.analysis.base import UnitAnalysis
from workbench.core.analysis.repair import Repair, RepairRequest
from workbench.core.analysis.source import code_lines
from workbench.core.analysis.structure import Structure
from workbench.core.child_process import child_command
from workbench.core.tasks import CodeUnit
from workbench.core.values import WorkbenchError

DEADLINE_SECONDS = 30.0
"""For one unit. Most take a hundredth of a second; the largest that are parsed about ten."""


class AnalysisError(WorkbenchError):
    """The child gave no answer for one unit; the text says why."""


class AnalysisWorker:
    """Asks the child, one request at a time. Safe to share between tasks of one loop; close it at the end."""

    def __init__(self, deadline_seconds: float = DEADLINE_SECONDS) -> None:
        self._deadline = deadline_seconds
        self._turn = asyncio.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._starting = threading.Lock()

    async def analyse(self, unit: CodeUnit) -> UnitAnalysis:
        """Findings in one unit. Never raises for what the code is like: what failed is a notice of the answer."""
        try:
            return UnitAnalysis.model_validate(await self._ask("analyse", unit))
        except AnalysisError as error:
            total = sum(1 for line in code_lines(unit.text) if line.strip())
            return UnitAnalysis(unit=unit.name, language=unit.language, lines_total=total, notices=(str(error),))

    async def repair(self, request: RepairRequest) -> Repair:
        """The unit with the findings mended that can be; raises AnalysisError when the child gave no answer."""
        return Repair.model_validate(await self._ask("repair", request))

    async def structure(self, unit: CodeUnit) -> Structure:
        """What one unit consists of; raises AnalysisError when the child gave no answer."""
        return Structure.model_validate(await self._ask("structure", unit))

    async def close(self) -> None:
        """End the child."""
        await asyncio.to_thread(self._stop)

    async def _ask(self, operation: str, payload: BaseModel) -> Any:
        """One exchange. After a deadline, a cancellation or a crash the next request finds a new child."""
        request = json.dumps({"operation": operation, "payload": payload.model_dump(mode="json")})
        subject = getattr(payload, "name", None) or getattr(getattr(payload, "unit", None), "name", "the code")
        async with self._turn:
            try:
                async with asyncio.timeout(self._deadline):
                    line = await asyncio.to_thread(self._exchange, request)
            except TimeoutError:
                self._kill()
                raise AnalysisError(
                    f"{subject} was not analysed: it took more than {self._deadline:.0f} s; attach a smaller part of it"
                ) from None
            except asyncio.CancelledError:
                self._kill()
                raise
            if not line:
                self._process = None
                raise AnalysisError(
                    f"{subject} was not analysed: the parser crashed on it; attach a smaller part of it"
                )
        answer = json.loads(line)
        if "error" in answer:
            raise AnalysisError(f"{subject} was not analysed: {answer['error']}; attach a smaller part of it")
        return answer["ok"]

    def _exchange(self, request: str) -> str:
        """Blocking: one line out, one line back; an empty answer when the child is gone, which is then cleared away."""
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        line = ""
        with contextlib.suppress(OSError, ValueError):
            process.stdin.write(request + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        if not line:
            _clear_away(process)
        return line

    def _running(self) -> subprocess.Popen[str]:
        with self._starting:
            if self._process is None or self._process.poll() is not None:
                self._process = subprocess.Popen(  # noqa: S603 - our own program, by argument list
                    child_command("workbench.core.analysis.child"),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    encoding="utf-8",
                    errors="replace",
                )
            return self._process

    def _kill(self) -> None:
        """End the child at once; the thread that waits for its answer clears it away."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            _clear_away(process)


def _clear_away(process: "subprocess.Popen[str]") -> None:
    """Wait for a dead child and close its pipes."""
    process.kill()
    process.wait(timeout=10)
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
