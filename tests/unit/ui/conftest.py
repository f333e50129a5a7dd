"""For all tests of the window: no display, no coroutine that outlives its test."""

import os
from collections.abc import Coroutine, Iterator
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent

from workbench.ui import aio

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture
def spawned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """For tests without an event loop: notes the names of the coroutines that were to be spawned, and drops them."""
    names: list[str] = []

    def note(work: Coroutine[Any, Any, Any], name: str) -> None:
        work.close()
        names.append(name)

    monkeypatch.setattr(aio, "spawn", note)
    return names


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """What a test has put away is gone before the next begins, and its timers with it."""
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
