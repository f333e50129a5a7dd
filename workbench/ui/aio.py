"""The one place that knows qasync: runs the loop, keeps tasks alive, opens dialogs without nesting event loops.

A nested event loop (`exec`, `processEvents`) wedges every task that wakes meanwhile, and asyncSlot keeps only weak
references to its tasks; so dialogs are opened here and every coroutine of the window is spawned here.
"""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from PySide6.QtWidgets import QApplication, QDialog

Reporter = Callable[[BaseException, str], None]

_tasks: set[asyncio.Task[Any]] = set()
_reporters: list[Reporter] = []


def report_errors_to(reporter: Reporter) -> None:
    """Have `reporter(error, task name)` told of every error that leaves a spawned task."""
    _reporters[:] = [reporter]


def run(main: Coroutine[Any, Any, None], app: QApplication) -> None:
    """Run `main` on a loop that also runs Qt, until it returns; then cancel and await what is left."""
    import qasync

    def make_loop() -> asyncio.AbstractEventLoop:
        loop: asyncio.AbstractEventLoop = qasync.QEventLoop(app)
        loop.set_default_executor(ThreadPoolExecutor(max_workers=8, thread_name_prefix="engine"))
        return loop

    app.setQuitOnLastWindowClosed(False)
    with asyncio.Runner(loop_factory=make_loop) as runner:
        runner.run(main)


def spawn(work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
    """Start `work` on the running loop, hold it until it ends, and report the error it ends with, if any."""
    task = asyncio.get_running_loop().create_task(work, name=name)
    _tasks.add(task)
    task.add_done_callback(_settle)
    return task


def _settle(task: asyncio.Task[Any]) -> None:
    _tasks.discard(task)
    if task.cancelled():
        return
    error = task.exception()
    if error is not None:
        for reporter in _reporters or [_print_error]:
            reporter(error, task.get_name())


def _print_error(error: BaseException, name: str) -> None:
    print(f"{name}: {error!r}", file=sys.stderr)


def running() -> tuple[str, ...]:
    """Names of the spawned tasks that have not ended."""
    return tuple(sorted(task.get_name() for task in _tasks if not task.done()))


async def shutdown(seconds: float = 5.0) -> None:
    """Cancel every spawned task but the caller's and wait for them, at most `seconds`."""
    mine = asyncio.current_task()
    others = [task for task in _tasks if task is not mine]
    for task in others:
        task.cancel()
    if others:
        await asyncio.wait(others, timeout=seconds)


async def show_dialog(dialog: QDialog) -> int:
    """Open `dialog` window-modal and wait for its result code, while everything else goes on."""
    answered: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def settle(code: int) -> None:
        if not answered.done():
            answered.set_result(code)

    dialog.finished.connect(settle)
    dialog.open()
    try:
        return await answered
    finally:
        dialog.deleteLater()
