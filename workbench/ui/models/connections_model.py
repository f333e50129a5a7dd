"""The outside databases on screen, and what testing each of them said."""

from enum import IntEnum
from typing import Any, Protocol

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from workbench.core.engine import ConnectionReport, ConnectionSettings, WorkbenchError
from workbench.ui.tooltips import plain_tooltip
from workbench.ui.widgets.icons import icon
from workbench.visible_text import visible

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()

KINDS = {"postgresql": "PostgreSQL", "mongodb": "MongoDB"}
TLS = {"verify-full": "Encrypted, host checked", "require": "Encrypted", "off": "Not encrypted"}
ZONES = {"inside": "Inside", "outside": "Outside"}
TESTING = "Testing ..."


class Column(IntEnum):
    """Columns of the table."""

    NAME = 0
    KIND = 1
    ADDRESS = 2
    TLS = 3
    ZONE = 4
    TEST = 5


HEADERS = {
    Column.NAME: "Name",
    Column.KIND: "Database",
    Column.ADDRESS: "Where",
    Column.TLS: "Line",
    Column.ZONE: "Zone",
    Column.TEST: "Last test",
}


class Connections(Protocol):
    """The part of the engine's connections facet that the window uses."""

    def list(self) -> tuple[ConnectionSettings, ...]:
        """All connections."""
        ...

    async def backend(self) -> str:
        """Where passwords are kept."""
        ...

    async def save(self, settings: ConnectionSettings, password: str | None, replaces: str | None = None) -> None:
        """Store one."""
        ...

    async def remove(self, name: str) -> None:
        """Delete one."""
        ...

    async def test(self, settings: ConnectionSettings, password: str | None) -> ConnectionReport:
        """Try one."""
        ...


class ConnectionsModel(QAbstractTableModel):
    """Rows are the saved connections, by name. Reports live as long as the window."""

    failed = Signal(str)
    """Something could not be done; one sentence."""

    reported = Signal(str)
    """A test of the connection of that name began or ended."""

    def __init__(self, connections: Connections, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._connections = connections
        self._rows: list[ConnectionSettings] = list(connections.list())
        self._reports: dict[str, ConnectionReport | None] = {}
        """By name; None while a test goes on."""

    def at(self, row: int) -> ConnectionSettings:
        """The connection of that row."""
        return self._rows[row]

    @property
    def names(self) -> list[str]:
        """Names of all connections."""
        return [settings.name for settings in self._rows]

    def report(self, name: str) -> ConnectionReport | None:
        """What the last test said; None before it and while it goes on."""
        return self._reports.get(name)

    def is_tested(self, name: str) -> bool:
        """Whether a test goes on."""
        return name in self._reports and self._reports[name] is None

    def rowCount(self, parent: Index = _ROOT) -> int:
        """One row a connection."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """As many as Column names."""
        return 0 if parent.isValid() else len(Column)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Captions of the columns."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return HEADERS[Column(section)]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text of a cell, a sign of the last test, and the whole sentence as tool tip."""
        if not index.isValid():
            return None
        settings, column = self._rows[index.row()], Column(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return visible(self._text(settings, column))
        if role == Qt.ItemDataRole.ToolTipRole and column is Column.TEST:
            report = self.report(settings.name)
            return plain_tooltip(report.sentence) if report else None
        if role == Qt.ItemDataRole.DecorationRole and column is Column.TEST:
            return self._sign(settings.name)
        return None

    def _text(self, settings: ConnectionSettings, column: Column) -> str:
        match column:
            case Column.NAME:
                return settings.name
            case Column.KIND:
                return KINDS[settings.kind]
            case Column.ADDRESS:
                user = f"{settings.user}@" if settings.user else ""
                return f"{user}{settings.host}:{settings.port}/{settings.database}"
            case Column.TLS:
                return TLS[settings.tls]
            case Column.ZONE:
                return ZONES[settings.zone]
            case Column.TEST:
                return self._outcome(settings.name)

    def _outcome(self, name: str) -> str:
        if name not in self._reports:
            return "Not tested"
        report = self._reports[name]
        if report is None:
            return TESTING
        return f"Works, {report.latency_ms or 0:.0f} ms" if report.ok else "Failed"

    def _sign(self, name: str) -> Any:
        report = self.report(name)
        if report is None:
            return icon("running" if self.is_tested(name) else "waiting")
        return icon("done" if report.ok else "failed")

    def refresh(self) -> None:
        """Read the connections anew."""
        self.beginResetModel()
        self._rows = list(self._connections.list())
        self._reports = {name: report for name, report in self._reports.items() if name in self.names}
        self.endResetModel()

    async def backend(self) -> str:
        """Where passwords are kept; raises WorkbenchError when nothing here may keep one."""
        return await self._connections.backend()

    async def save(self, settings: ConnectionSettings, password: str | None, replaces: str | None) -> None:
        """Store a connection; raises WorkbenchError. What an earlier test said of it does not hold any more."""
        await self._connections.save(settings, password, replaces)
        for name in (settings.name, replaces):
            self._reports.pop(name or "", None)
        self.refresh()

    async def remove(self, name: str) -> None:
        """Delete a connection and its password."""
        try:
            await self._connections.remove(name)
        except WorkbenchError as error:
            self.failed.emit(str(error))
        self.refresh()

    async def try_out(self, settings: ConnectionSettings, password: str | None) -> ConnectionReport:
        """Test settings that need not be saved; every failure is a report."""
        try:
            return await self._connections.test(settings, password)
        except WorkbenchError as error:
            return ConnectionReport(ok=False, sentence=str(error))

    async def test(self, settings: ConnectionSettings) -> None:
        """Test a saved connection with its stored password; the report is shown in its row."""
        self._set_report(settings.name, None)
        try:
            report = await self.try_out(settings, None)
        except BaseException:
            self._reports.pop(settings.name, None)
            raise
        self._set_report(settings.name, report)

    def _set_report(self, name: str, report: ConnectionReport | None) -> None:
        if name not in self.names:
            return
        self._reports[name] = report
        cell = self.index(self.names.index(name), Column.TEST)
        self.dataChanged.emit(cell, cell)
        self.reported.emit(name)
