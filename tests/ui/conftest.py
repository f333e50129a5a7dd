"""For the tests of the window: one application, one loop that Qt drives, and nothing left behind by any test.

The tests are ordinary functions; `qtbot.waitUntil` lets the loop run. An async test would need a loop of its own.
"""

import asyncio
import gc
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
import qasync
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.fake_engine import FakeEngine
from workbench.config import ConfigStore
from workbench.places import Places
from workbench.ui import aio
from workbench.ui.furnishing import furnish
from workbench.ui.main_window import MainWindow
from workbench.ui.theme import Theme


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A warning of Qt fails the test of the window that caused it."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.qt_log_level_fail("WARNING"))
            item.add_marker(pytest.mark.qt_log_ignore("This plugin does not support propagateSizeHints"))


@pytest.fixture(scope="session")
def qt_loop(qapp: QApplication) -> Iterator[qasync.QEventLoop]:
    """The loop of the whole session. It counts as running only while a test of the window does."""
    qapp.setQuitOnLastWindowClosed(False)
    loop = qasync.QEventLoop(qapp, already_running=True)
    pool = ThreadPoolExecutor(max_workers=4, thread_name_prefix="engine")
    loop.set_default_executor(pool)
    asyncio.events._set_running_loop(None)
    yield loop
    pool.shutdown()


@pytest.fixture(autouse=True)
def clean(qt_loop: qasync.QEventLoop, qtbot: QtBot) -> Iterator[list[str]]:
    """The loop runs, errors of tasks fail the test, and so does what it leaves: tasks, timers, windows."""
    asyncio.events._set_running_loop(qt_loop)
    errors: list[str] = []
    qt_loop.set_exception_handler(lambda _loop, context: errors.append(f"loop: {context}"))
    aio.report_errors_to(lambda error, name: errors.append(f"{name}: {error!r}"))
    windows, timers = set(QApplication.topLevelWidgets()), set(map(id, active_timers()))
    yield errors
    try:
        qtbot.waitUntil(lambda: not aio.running(), timeout=3_000)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        assert not errors, f"errors that nobody expected: {errors}"
        left = [window for window in set(QApplication.topLevelWidgets()) - windows if window.isVisible()]
        assert not left, f"windows left open; close them or give them to qtbot.addWidget: {left}"
        running = [timer for timer in active_timers() if id(timer) not in timers and not timer.isSingleShot()]
        strays = [timer for timer in running if timer.parent() is None]
        assert not strays, f"timers left running; give them a parent or stop them: {strays}"
    finally:
        asyncio.events._set_running_loop(None)


def active_timers() -> list[QTimer]:
    """Every QTimer that Python knows and that is running."""
    return [
        thing for thing in gc.get_objects() if type(thing) is QTimer and shiboken6.isValid(thing) and thing.isActive()
    ]


@pytest.fixture(scope="session")
def theme(qapp: QApplication) -> Theme:
    """The theme of the application, light at first."""
    return Theme(qapp, "light")


@pytest.fixture
def bare_window(qtbot: QtBot, places: Places, theme: Theme) -> Iterator[MainWindow]:
    """A furnished window without an engine."""
    theme.choose("light")
    window = MainWindow(places, theme)
    window.show()
    qtbot.waitUntil(lambda: window._drawn)
    furnishing = aio.spawn(furnish(window, ConfigStore(places.config_file)), "furnishing")
    qtbot.waitUntil(furnishing.done)
    furnishing.result()
    yield window
    window.closing.asks = False
    window.close()
    qtbot.waitUntil(lambda: window.closing.done, timeout=5_000)
    qtbot.waitUntil(lambda: not aio.running(), timeout=5_000)
    window.deleteLater()


@pytest.fixture
def engine() -> FakeEngine:
    """An engine that replays a recorded run."""
    return FakeEngine()


@pytest.fixture
def window(qtbot: QtBot, bare_window: MainWindow, engine: FakeEngine) -> MainWindow:
    """A complete window that works with the fake engine."""
    task = aio.spawn(bare_window.attach(engine), "attaching")
    qtbot.waitUntil(task.done)
    task.result()
    return bare_window
