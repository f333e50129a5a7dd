"""A run full of traps on screen: every panel shows it as text, and nothing of it becomes markup."""

from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, Qt
from PySide6.QtGui import Qt as GuiQt
from PySide6.QtWidgets import QAbstractItemView, QLabel, QWidget
from pytestqt.qtbot import QtBot

from tests import sample_run
from workbench.core.events import RunEvent
from workbench.ui.main_window import MainWindow

TRAP = "<h1>TRAP</h1><img src=/etc/passwd><a href=http://evil.example>x</a>\u202egnp.exe\u202c \x1b[31m \x00"
WORDS = {
    "title", "text", "excerpt", "explanation", "fix", "summary", "rationale", "reason", "detail", "path", "heading",
    "goal", "quote", "claim", "description", "rule", "purpose", "host", "basis",
}  # fmt: skip
"""Fields that come from outside, or may quote what does."""


def trapped(value: Any, field: str = "") -> Any:
    """The value with a trap in front of every text that may come from outside."""
    if isinstance(value, dict):
        return {key: trapped(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [trapped(item, field) for item in value]
    return f"{TRAP} {value}"[:300] if isinstance(value, str) and field in WORDS else value


def hostile_events() -> list[RunEvent]:
    return [RunEvent.model_validate(trapped(event.model_dump(mode="json"))) for event in sample_run.events()]


def indexes(model: QAbstractItemModel, parent: QModelIndex) -> list[QModelIndex]:
    own = [
        model.index(row, column, parent)
        for row in range(model.rowCount(parent))
        for column in range(model.columnCount(parent))
    ]
    return own + [index for each in own if each.column() == 0 for index in indexes(model, each)]


def is_taken_for_markup(text: str) -> bool:
    """Whether Qt would render a trap in a text of which it guesses the format."""
    return GuiQt.mightBeRichText(text) and "<h1>TRAP" in text


def test_a_hostile_run_is_shown_as_text_in_every_panel(qtbot: QtBot, window: MainWindow) -> None:
    window.run_model.show(hostile_events())
    for panel in (
        "graph",
        "consensus",
        "answer",
        "history",
        "log",
        "source",
        "notes",
        "connections",
        "evidence",
        "knowledge",
        "task",
    ):
        window.docks.show(panel)
        qtbot.wait(20)
        assert not window.grab().isNull()

    labels = window.findChildren(QLabel)
    trapped_labels = [label for label in labels if "TRAP" in label.text()]
    assert trapped_labels
    assert [
        label.text()[:80]
        for label in trapped_labels
        if label.textFormat() != Qt.TextFormat.PlainText and is_taken_for_markup(label.text())
    ] == []
    assert [tip[:80] for each in window.findChildren(QWidget) if is_taken_for_markup(tip := each.toolTip())] == []

    seen = 0
    for view in window.findChildren(QAbstractItemView):
        model = view.model()
        for index in indexes(model, QModelIndex()) if model is not None else []:
            text, tip = index.data(Qt.ItemDataRole.DisplayRole), index.data(Qt.ItemDataRole.ToolTipRole)
            seen += isinstance(text, str) and "TRAP" in text
            assert not (isinstance(tip, str) and is_taken_for_markup(tip)), tip[:120]
            assert not (isinstance(text, str) and "\u202e" in text), text[:120]
    assert seen
