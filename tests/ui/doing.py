"""What tests of panels do over and over: wait for a coroutine, find a dialog, answer a question."""

from collections.abc import Coroutine
from typing import Any, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QMessageBox
from pytestqt.qtbot import QtBot

from workbench.ui import aio

D = TypeVar("D", bound=QDialog)
T = TypeVar("T")
FOLLOWS = "the knowledge panel: activity"
"""The one task that a complete window has all the while."""


def finish(qtbot: QtBot, work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`, for which the loop runs meanwhile."""
    task = aio.spawn(work, "a test")
    qtbot.waitUntil(task.done)
    result: T = task.result()
    return result


def dialog_of(qtbot: QtBot, kind: type[D]) -> D:
    """The dialog of that kind that is open, once it is."""
    found: list[D] = []

    def look() -> bool:
        found[:] = [each for each in QApplication.topLevelWidgets() if isinstance(each, kind) and each.isVisible()]
        return bool(found)

    qtbot.waitUntil(look)
    return found[0]


def answer_box(qtbot: QtBot, caption: str) -> str:
    """Press that button of the question that is asked, wait until it is gone, and return the question."""
    box = dialog_of(qtbot, QMessageBox)
    text = box.text()
    button = next(each for each in box.buttons() if each.text().replace("&", "") == caption)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not any(isinstance(each, QMessageBox) and each.isVisible() for each in _windows()))
    qtbot.waitUntil(lambda: not set(aio.running()) - {FOLLOWS})
    return text


def _windows() -> list[Any]:
    return list(QApplication.topLevelWidgets())
