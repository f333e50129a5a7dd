"""The settings, made from the fields of Config: their titles, descriptions, types and bounds."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QGroupBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from workbench.config import Config, ConfigError, ConfigStore
from workbench.ui import aio
from workbench.ui.theme import shades
from workbench.visible_text import visible

ELSEWHERE = ("version", "connections", "knowledge", "embedder")
"""Fields that are no settings to choose here: the file's version, what has a panel of its own, the addresses of
official files, which are shown before each download and changed in the file, and the embedding model, whose change is a
work of its own."""


@dataclass(frozen=True)
class Editor:
    """A widget for one field, and how to read its value."""

    widget: QWidget
    value: Callable[[], Any]


class SettingsDialog(QDialog):
    """Edits the settings of `store` and saves them itself; closes once that worked."""

    saved = Signal(object)
    """The new Config."""

    def __init__(self, store: ConfigStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self.setWindowTitle("Settings")
        self.setMinimumWidth(560)
        self.editors: dict[str, Editor] = {}
        """By dotted name of the field."""
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        general = QFormLayout()
        layout.addLayout(general)
        current = store.current
        for name, field in Config.model_fields.items():
            value = getattr(current, name)
            if name in ELSEWHERE:
                continue
            if isinstance(value, BaseModel):
                layout.addWidget(self._group(name, field, value))
            else:
                self._add(general, name, field, value)
        self.outcome = QLabel(wordWrap=True)
        self.outcome.setTextFormat(Qt.TextFormat.PlainText)
        layout.addWidget(self.outcome)
        layout.addStretch(1)
        where = QLabel(f"Kept in {visible(str(store.path))}", wordWrap=True)
        where.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout.addWidget(where)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.save = self.buttons.addButton("Save", QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.accepted.connect(lambda: aio.spawn(self._save(), "saving the settings"))
        self.buttons.rejected.connect(self.reject)
        layout.addWidget(self.buttons)

    def _group(self, name: str, field: FieldInfo, value: BaseModel) -> QGroupBox:
        box = QGroupBox(field.title or name)
        form = QFormLayout(box)
        for inner, inner_field in type(value).model_fields.items():
            self._add(form, f"{name}.{inner}", inner_field, getattr(value, inner))
        return box

    def _add(self, form: QFormLayout, name: str, field: FieldInfo, value: Any) -> None:
        editor = make_editor(field, value)
        title = field.title or name
        editor.widget.setAccessibleName(title)
        editor.widget.setAccessibleDescription(field.description or "")
        editor.widget.setToolTip(field.description or "")
        self.editors[name] = editor
        label = QLabel(title)
        label.setBuddy(editor.widget)
        form.addRow(label, editor.widget)
        if field.description:
            words = QLabel(field.description)
            words.setForegroundRole(words.palette().ColorRole.PlaceholderText)
            form.addRow("", words)

    def fields(self) -> dict[str, Any]:
        """What is chosen, as top-level fields of Config."""
        fields: dict[str, Any] = {}
        for name, editor in self.editors.items():
            outer, _, inner = name.partition(".")
            if inner:
                fields.setdefault(outer, {})[inner] = editor.value()
            else:
                fields[outer] = editor.value()
        return fields

    async def _save(self) -> None:
        self.save.setEnabled(False)
        try:
            config = await asyncio.to_thread(lambda: self._store.change(**self.fields()))
        except ConfigError as error:
            palette = self.palette()
            palette.setColor(palette.ColorRole.WindowText, shades(palette).bad)
            self.outcome.setPalette(palette)
            self.outcome.setText(visible(str(error)))
        else:
            self.saved.emit(config)
            self.accept()
        finally:
            self.save.setEnabled(True)


def make_editor(field: FieldInfo, value: Any) -> Editor:
    """A widget that offers what the field's type allows; raises TypeError for a type that has none."""
    kind = field.annotation
    if get_origin(kind) is Literal:
        return _choice([str(option) for option in get_args(kind)], value)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return _choice([str(option) for option in kind], str(value))
    if kind is bool:
        box = QCheckBox()
        box.setChecked(value)
        return Editor(box, box.isChecked)
    if kind is int:
        return _number(field, value)
    if kind is str:
        line = QLineEdit(value, maxLength=_bound(field, "max_length", 32_767))
        return Editor(line, line.text)
    if kind == tuple[str, ...]:
        lines = QPlainTextEdit("\n".join(value))
        lines.setTabChangesFocus(True)
        lines.setFixedHeight(lines.fontMetrics().height() * 3 + 14)
        return Editor(lines, lambda: tuple(filter(None, map(str.strip, lines.toPlainText().splitlines()))))
    raise TypeError(f"there is no widget for a setting of type {kind}")


def _choice(options: list[str], value: str) -> Editor:
    box = QComboBox()
    for option in options:
        box.addItem(_caption(option), option)
    box.setCurrentIndex(box.findData(value))
    return Editor(box, box.currentData)


def _caption(option: str) -> str:
    """`us-letter` as `US letter`."""
    words = " ".join(word.upper() if len(word) <= 2 else word for word in option.split("-"))
    return words[:1].upper() + words[1:]


def _number(field: FieldInfo, value: int) -> Editor:
    box = QSpinBox(minimum=_bound(field, "ge", 0), maximum=_bound(field, "le", 2**31 - 1))
    box.setGroupSeparatorShown(True)
    box.setValue(value)
    return Editor(box, box.value)


def _bound(field: FieldInfo, name: str, otherwise: int) -> int:
    found = [getattr(each, name) for each in field.metadata if getattr(each, name, None) is not None]
    return int(found[0]) if found else otherwise
