"""The desktop entry: settings, window, first paint, and only then the engine, all on one loop."""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, qVersion
from PySide6.QtWidgets import QApplication

from workbench import __version__
from workbench.errors import PlacesError
from workbench.places import Places
from workbench.ui import aio, plain_import

if TYPE_CHECKING:
    from workbench.config import ConfigStore
    from workbench.core.engine import Engine
    from workbench.ui.main_window import MainWindow

CLOSING_SECONDS = 10.0
"""How long the engine may take to put its affairs in order once the window is closed."""

HEARTBEAT_MS = 500
"""On Windows Python sees Ctrl+C only while it runs, so a timer lets it run now and then."""

SWITCH_SECONDS = 0.001
"""How soon a computing thread lets the event loop in; five times as often as Python does by itself."""

Script = Callable[["MainWindow", "Engine"], Awaitable[None]]
"""Drives the window instead of an analyst, e.g. for screenshots; the window closes when it returns."""


def main(argv: Sequence[str] | None = None, script: Script | None = None) -> int:
    """Show the window until the analyst closes it. Returns the exit code."""
    plain_import.restore()
    sys.setswitchinterval(SWITCH_SECONDS)
    options = parse_options(sys.argv[1:] if argv is None else argv)
    if options.home:
        os.environ["WORKBENCH_HOME"] = str(options.home.resolve())
    places = Places.default()
    try:
        places.make()
    except PlacesError as error:
        print(f"analyst-workbench: {error}", file=sys.stderr)
        return 2
    app = QApplication.instance() or QApplication(["analyst-workbench"])
    assert isinstance(app, QApplication)
    app.setApplicationName("analyst-workbench")
    app.setApplicationDisplayName("Analyst Workbench")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("analyst-workbench")
    failures: list[BaseException] = []
    aio.run(_session(app, places, script, failures), app)
    return 1 if failures else 0


def parse_options(argv: Sequence[str]) -> argparse.Namespace:
    """The options of the window; ends the program for --help, --version and what it does not know."""
    parser = argparse.ArgumentParser("analyst-workbench", description="Open the Analyst Workbench window.")
    parser.add_argument("--home", type=Path, help="keep settings, library and logs under this folder")
    parser.add_argument("--version", action="version", version=f"Analyst Workbench {__version__}")
    return parser.parse_args(argv)


async def _session(app: QApplication, places: Places, script: Script | None, failures: list[BaseException]) -> None:
    """From the first paint to the closed engine."""
    from workbench.ui.reporting import ErrorReporter

    reporter = ErrorReporter()
    aio.report_errors_to(reporter.report)
    reporter.install()
    reporter.watch_loop(asyncio.get_running_loop())
    window = _make_window(app, places)
    reporter.reported.connect(window.report)
    closed, painted = asyncio.Event(), asyncio.Event()
    window.closed.connect(closed.set)
    window.painted.connect(painted.set)
    _close_on_signals(window)
    window.show()
    await painted.wait()
    work = aio.spawn(_work(window, places, script, failures), "preparing the library")
    await closed.wait()
    work.cancel()
    await aio.shutdown(CLOSING_SECONDS)
    await _close_engine(window)
    reporter.uninstall()


def _make_window(app: QApplication, places: Places) -> "MainWindow":
    from PySide6.QtCore import QSettings

    from workbench.ui.main_window import MainWindow
    from workbench.ui.theme import Theme, remembered
    from workbench.ui.widgets.icons import app_icon

    app.setWindowIcon(app_icon())
    settings = QSettings(str(places.config / "window.ini"), QSettings.Format.IniFormat)
    return MainWindow(places, Theme(app, remembered(settings)))


async def _work(window: "MainWindow", places: Places, script: Script | None, failures: list[BaseException]) -> None:
    """Furnish the window, start the engine, and let a script drive if there is one."""
    from workbench.ui.furnishing import furnish

    try:
        config = await _load_settings(window)
        await furnish(window, config)
        from workbench.core.engine import Engine

        engine = Engine(places, config, attended=True)
        await engine.start()
        await window.attach(engine)
        if script is not None:
            await script(window, engine)
    except Exception as error:
        failures.append(error)
        window.fail_to_prepare()
        raise
    finally:
        if script is not None:
            window.closing.asks = False
            window.close()


async def _load_settings(window: "MainWindow") -> "ConfigStore":
    """Start the log and read the settings; a mistake in them is shown, and the defaults are used."""
    logs = await asyncio.to_thread(import_module, "workbench.logs")
    logs.start(window.places.logs)
    from loguru import logger

    logger.info("Analyst Workbench {}, Python {}, Qt {}", __version__, sys.version.split()[0], qVersion())
    logger.info("Library in {}, settings in {}", window.places.data, window.places.config)
    settings = await asyncio.to_thread(import_module, "workbench.config")
    config: ConfigStore = settings.ConfigStore(window.places.config_file)
    try:
        await asyncio.to_thread(config.load)
    except settings.ConfigError as error:
        window.messages.show_message(str(error), "warning", key="config")
    if config.current.theme != window.theme.scheme:
        window.theme.choose(config.current.theme)
    return config


async def _close_engine(window: "MainWindow") -> None:
    """Close the engine, if there is one, but not for ever."""
    engine = window.detach()
    if engine is None:
        return
    try:
        async with asyncio.timeout(CLOSING_SECONDS):
            await engine.close()
    except TimeoutError:
        from loguru import logger

        logger.error("The engine did not close within {} s", CLOSING_SECONDS)


def _close_on_signals(window: "MainWindow") -> None:
    """Close the window, as its cross would, on Ctrl+C or a request to terminate."""
    loop = asyncio.get_running_loop()
    try:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, window.close)
    except NotImplementedError:
        signal.signal(signal.SIGINT, lambda *_: window.close())
        heartbeat = QTimer(window)
        heartbeat.timeout.connect(lambda: None)
        heartbeat.start(HEARTBEAT_MS)
