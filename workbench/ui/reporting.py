"""One place that hears of every error of the window, whoever raised it, and tells the analyst once."""

import hashlib
import sys
import threading
import traceback
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, qInstallMessageHandler

if TYPE_CHECKING:
    import asyncio


@dataclass(frozen=True)
class Report:
    """An error as the analyst sees it: a sentence, and the traceback for whoever mends it (empty when foreseen)."""

    sentence: str
    details: str
    key: str
    """The same for errors from the same place, so that they are shown once."""


def describe(error: BaseException, during: str) -> Report:
    """What to say about `error`, which came out of `during` (the name of a task or thread)."""
    from workbench.core.engine import WorkbenchError

    if isinstance(error, WorkbenchError):
        return Report(str(error), "", f"foreseen {type(error).__name__}")
    details = "".join(traceback.format_exception(error))
    places = "".join(f"{frame.filename}:{frame.name};" for frame in traceback.extract_tb(error.__traceback__))
    key = hashlib.sha256(f"{type(error).__name__} {places}".encode()).hexdigest()[:16]
    sentence = (
        f"Something unexpected went wrong in “{during}” ({type(error).__name__}: {error}). "
        "What was stored is safe; try again, and pass on the details if it stays."
    )
    return Report(sentence, details, key)


class ErrorReporter(QObject):
    """Logs each error and passes it on as a signal, also from other threads."""

    reported = Signal(object)
    """A Report; it arrives in the thread of the window."""

    def report(self, error: BaseException, during: str) -> None:
        """Log `error` and tell the window. Cancellation and Ctrl+C are no errors."""
        import asyncio

        if isinstance(error, KeyboardInterrupt | SystemExit | asyncio.CancelledError):
            return
        from loguru import logger

        report = describe(error, during)
        if report.details:
            logger.opt(exception=error).error("Unexpected error in {}", during)
        else:
            logger.warning("{}: {}", during, report.sentence)
        self.reported.emit(report)

    def install(self) -> None:
        """Hear of errors in slots, threads, finalisers and Qt itself. The loop is added by `watch_loop`."""
        sys.excepthook = self._from_interpreter
        threading.excepthook = self._from_thread
        sys.unraisablehook = self._from_finaliser
        qInstallMessageHandler(_log_qt)

    def uninstall(self) -> None:
        """Give the hooks back."""
        sys.excepthook = sys.__excepthook__
        threading.excepthook = threading.__excepthook__
        sys.unraisablehook = sys.__unraisablehook__
        qInstallMessageHandler(None)

    def watch_loop(self, loop: "asyncio.AbstractEventLoop") -> None:
        """Hear of the errors the event loop has nobody else to tell of."""
        loop.set_exception_handler(self._from_loop)

    def _from_interpreter(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        self.report(error.with_traceback(trace), "the window")

    def _from_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self.report(args.exc_value, args.thread.name if args.thread else "a thread")

    def _from_finaliser(self, unraisable: "sys.UnraisableHookArgs") -> None:
        if unraisable.exc_value is not None:
            self.report(unraisable.exc_value, "cleaning up")

    def _from_loop(self, loop: "asyncio.AbstractEventLoop", context: dict[str, Any]) -> None:
        error = context.get("exception") or RuntimeError(context.get("message", "unknown"))
        self.report(error, "the event loop")


_QT_LEVELS = {
    QtMsgType.QtDebugMsg: "DEBUG",
    QtMsgType.QtInfoMsg: "INFO",
    QtMsgType.QtWarningMsg: "WARNING",
    QtMsgType.QtCriticalMsg: "ERROR",
    QtMsgType.QtFatalMsg: "CRITICAL",
}

_BEYOND_US = "This plugin does not support"
"""What a platform plugin without a window manager says of every window."""


def _log_qt(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    if text.startswith(_BEYOND_US):
        return
    from loguru import logger

    logger.log(_QT_LEVELS[kind], "Qt: {}", text)
