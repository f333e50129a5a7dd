"""Every error is told once, in a sentence, whoever raised it."""

import asyncio
import sys
import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from workbench.core.engine import WorkbenchError
from workbench.ui.reporting import ErrorReporter, Report, describe


@pytest.fixture
def told() -> list[Report]:
    return []


@pytest.fixture
def reporter(told: list[Report]) -> Iterator[ErrorReporter]:
    reporter = ErrorReporter()
    reporter.reported.connect(told.append)
    yield reporter
    reporter.uninstall()


def fail(message: str) -> BaseException:
    try:
        raise KeyError(message)
    except KeyError as error:
        return error


def test_a_foreseen_error_is_its_own_sentence_without_details() -> None:
    report = describe(WorkbenchError("The disk is full; make room"), "saving")
    assert report.sentence == "The disk is full; make room"
    assert report.details == ""


def test_an_unforeseen_error_names_itself_and_has_a_traceback() -> None:
    report = describe(fail("x"), "reading")
    assert "“reading” (KeyError: 'x')" in report.sentence
    assert "Traceback" in report.details


def test_errors_of_the_same_place_share_a_key_and_others_do_not() -> None:
    assert describe(fail("a"), "one").key == describe(fail("b"), "two").key
    assert describe(fail("a"), "one").key != describe(ValueError("a"), "one").key


@pytest.mark.expects_warnings
def test_an_error_in_a_thread_reaches_the_window(qtbot: QtBot, reporter: ErrorReporter, told: list[Report]) -> None:
    reporter.install()

    def work() -> None:
        raise RuntimeError("in a thread")

    thread = threading.Thread(target=work, name="reader")
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: bool(told))
    assert "“reader” (RuntimeError: in a thread)" in told[0].sentence


@pytest.mark.expects_warnings
def test_an_error_in_a_slot_reaches_the_window(reporter: ErrorReporter, told: list[Report]) -> None:
    reporter.install()
    error = fail("slot")
    sys.excepthook(type(error), error, error.__traceback__)
    assert len(told) == 1


def test_cancelling_is_no_error(reporter: ErrorReporter, told: list[Report]) -> None:
    reporter.report(asyncio.CancelledError(), "a task")
    reporter.report(KeyboardInterrupt(), "a task")
    assert told == []
