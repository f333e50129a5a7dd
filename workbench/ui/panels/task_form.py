"""The task form: what is asked, about which code, of which sources, within which limits."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from workbench.core.tasks import LANGUAGES, Limits, Task, TaskError, TaskKind, Tlp, make_task
from workbench.ui.theme import shades
from workbench.ui.widgets.attachment_list import AttachmentList
from workbench.ui.widgets.code_editor import CodeEditor
from workbench.ui.widgets.icons import icon
from workbench.ui.widgets.kind_chooser import KindChooser

TLP_TEXTS: dict[Tlp, str] = {
    Tlp.RED: "TLP:RED, stays on this machine",
    Tlp.AMBER: "TLP:AMBER, outside only as identifiers",
    Tlp.GREEN: "TLP:GREEN, may go outside",
    Tlp.CLEAR: "TLP:CLEAR, may go anywhere",
}
_CHECK_MS = 200


class TaskForm(QWidget):
    """Edits one Task. It says while it is written what is still missing, and offers Run once nothing is."""

    run_asked = Signal(object)
    """The complete Task."""

    edited = Signal()
    """Something changed; told a moment after the last change."""

    attach_asked = Signal()
    """The analyst wants to choose files to attach."""

    refused = Signal(str)
    """Why a file was not attached, in one sentence."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self._options: tuple[str, ...] | None = None
        self._limits = Limits()
        self._waiting = ""
        self._chosen: tuple[str, ...] | None = None
        self._left_out: frozenset[str] = frozenset()
        """Names, in lower case, of sources that this task leaves out as long as nobody marks any by hand."""
        self._defaults = (600, Tlp.AMBER, frozenset[str]())
        self._make_fields()
        self._lay_out()
        self._check = QTimer(self, singleShot=True, interval=_CHECK_MS)
        self._check.timeout.connect(self._look)
        self._listen()
        self._look()

    def _make_fields(self) -> None:
        self.kind = KindChooser()
        self.title = QLineEdit(placeholderText="For example: May we use this upload view?")
        self.title.setMaxLength(300)
        self.description = QPlainTextEdit(placeholderText="What you know, what worries you, where it runs")
        self.description.setTabChangesFocus(True)
        self.description.setFixedHeight(76)
        self.language = QComboBox(editable=True)
        self.language.addItems(sorted(set(LANGUAGES.values())))
        self.language.setCurrentText("python")
        self.language.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.tlp = QComboBox()
        for marking, text in TLP_TEXTS.items():
            self.tlp.addItem(text, marking)
        for box in (self.tlp, self.language):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(6)
            box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.tlp.setCurrentIndex(list(TLP_TEXTS).index(Tlp.AMBER))
        self.tlp.currentTextChanged.connect(self.tlp.setToolTip)
        self.tlp.setToolTip(self.tlp.currentText())
        self.seconds = QSpinBox(minimum=5, maximum=86_400, value=600, suffix=" s", singleStep=60)
        self.code = CodeEditor()
        self.code.setPlaceholderText("Paste code here, or drop files on the form")
        self.code.setMinimumHeight(110)
        self.attachments = AttachmentList()
        self.sources: dict[str, QCheckBox] = {}
        self._name_fields()

    def _name_fields(self) -> None:
        for field, name in (
            (self.title, "Title of the task"),
            (self.description, "Description of the task"),
            (self.language, "Language of the code"),
            (self.tlp, "Traffic light marking"),
            (self.seconds, "Time limit in seconds"),
            (self.code, "Code to look at"),
        ):
            field.setAccessibleName(name)

    def _lay_out(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(10, 8, 10, 8)
        column.setSpacing(8)
        column.addWidget(self.kind)
        column.addLayout(self._labelled("&Title", self.title))
        column.addLayout(self._labelled("&Description", self.description))
        column.addLayout(self._code_header())
        column.addWidget(self.code, 1)
        column.addWidget(self.attachments)
        column.addLayout(self._settings())
        scroll = QScrollArea(widgetResizable=True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setWidget(inside)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(scroll, 1)
        layout.addLayout(self._footer())

    def _labelled(self, caption: str, field: QWidget) -> QVBoxLayout:
        label = QLabel(caption)
        label.setBuddy(field)
        column = QVBoxLayout()
        column.setSpacing(3)
        column.addWidget(label)
        column.addWidget(field)
        return column

    def _code_header(self) -> QHBoxLayout:
        label = QLabel("&Code")
        label.setBuddy(self.code)
        self.attach = QToolButton()
        self.attach.setText("Attach ...")
        self.attach.setAccessibleName("Attach files")
        self.attach.setIcon(icon("attach"))
        self.attach.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.attach.setToolTip("Attach source files, a diff or a list of requirements")
        row = QHBoxLayout()
        row.addWidget(label)
        row.addStretch(1)
        self.language.setMaximumWidth(160)
        row.addWidget(self.language, 1)
        row.addWidget(self.attach)
        return row

    def _settings(self) -> QFormLayout:
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(10)
        form.setVerticalSpacing(6)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        self._sources_box = QWidget()
        self._sources_grid = QGridLayout(self._sources_box)
        self._sources_grid.setContentsMargins(0, 0, 0, 0)
        form.addRow("Sources", self._sources_box)
        form.addRow("&Marking", self.tlp)
        form.addRow("Time &limit", self.seconds)
        return form

    def _footer(self) -> QVBoxLayout:
        self._sentence = QLabel(wordWrap=True)
        self._sentence.setTextFormat(Qt.TextFormat.PlainText)
        self._sentence.setAccessibleName("What the task still needs")
        self.run = QPushButton("Run")
        self.run.setProperty("primary", True)
        self.run.setToolTip("Run the task (Ctrl+Return)")
        footer = QVBoxLayout()
        footer.setContentsMargins(10, 4, 10, 10)
        footer.addWidget(self._sentence)
        footer.addWidget(self.run)
        return footer

    def _listen(self) -> None:
        self.kind.changed.connect(self._touch)
        self.title.textChanged.connect(self._touch)
        self.description.textChanged.connect(self._touch)
        self.language.currentTextChanged.connect(self._change_language)
        self.tlp.currentIndexChanged.connect(self._touch)
        self.seconds.valueChanged.connect(self._touch)
        self.code.textChanged.connect(self._touch)
        self.code.files_dropped.connect(self.attachments.attach)
        self.attachments.changed.connect(self._touch)
        self.attachments.refused.connect(self.refused)
        self.attach.clicked.connect(self.attach_asked)
        self.run.clicked.connect(self.ask_to_run)

    def _touch(self) -> None:
        self._check.start()

    def _change_language(self, language: str) -> None:
        self.code.highlighter.set_language(language)
        self._touch()

    def set_sources(self, names: Sequence[str]) -> None:
        """Offer these sources, marked as the task has them; a task that names none asks all."""
        for box in self.sources.values():
            self._sources_grid.removeWidget(box)
            box.deleteLater()
        self.sources = {}
        for place, name in enumerate(names):
            box = QCheckBox(name)
            box.setChecked(self._asks(name))
            box.setAccessibleName(f"Search {name}")
            box.toggled.connect(self._mark_sources)
            self._sources_grid.addWidget(box, place // 2, place % 2)
            self.sources[name] = box

    def _asks(self, name: str) -> bool:
        return name in self._chosen if self._chosen is not None else name.casefold() not in self._left_out

    def _sources_asked(self) -> list[str] | None:
        """None asks all."""
        asked = [name for name in self.sources if self._asks(name)]
        if self._chosen is None:
            return None if len(asked) == len(self.sources) else asked
        return list(self._chosen)

    def _mark_sources(self) -> None:
        marked = tuple(name for name, box in self.sources.items() if box.isChecked())
        absent = tuple(name for name in self._chosen or () if name not in self.sources)
        self._chosen = None if len(marked) == len(self.sources) and not absent else marked + absent
        self._left_out = frozenset()
        self._touch()

    def set_defaults(self, seconds: int, tlp: Tlp, sources_off: Sequence[str] = ()) -> None:
        """What a new task begins with, and this one if nothing was written yet."""
        self._defaults = (seconds, tlp, frozenset(name.strip().casefold() for name in sources_off))
        if self.is_blank:
            self._begin_with_defaults()

    def _begin_with_defaults(self) -> None:
        seconds, tlp, self._left_out = self._defaults
        self.seconds.setValue(seconds)
        self.tlp.setCurrentIndex(list(TLP_TEXTS).index(tlp))
        self._options, self._limits, self._chosen = None, Limits(), None
        self.set_sources(tuple(self.sources))
        self._touch()

    @property
    def is_blank(self) -> bool:
        """Whether nothing was written or attached yet."""
        written = (self.title.text(), self.description.toPlainText(), self.code.toPlainText())
        return not any(map(str.strip, written)) and not self.attachments.units

    def set_waiting(self, reason: str) -> None:
        """While there is a reason to wait (`Running ...`), the form can be edited but not run; empty: it can be run."""
        if reason != self._waiting:
            self._waiting = reason
            self._look()

    def contents(self) -> dict[str, Any]:
        """What the form holds, as plain data for `make_task` or a draft; it need not make a task yet."""
        limits = self._limits.model_copy(update={"seconds": float(self.seconds.value())})
        return {
            "kind": str(self.kind.kind),
            "title": self.title.text(),
            "description": self.description.toPlainText(),
            "language": self.language.currentText().strip().lower() or "text",
            "code": self.code.toPlainText(),
            "attachments": [unit.model_dump() for unit in self.attachments.units],
            "sources": self._sources_asked(),
            "limits": limits.model_dump(),
            "tlp": str(self.tlp.currentData()),
            "options": list(self._options) if self._options else None,
        }

    def task(self) -> Task:
        """The task as written; raises TaskError with one sentence while something is missing."""
        return make_task(self.contents())

    def show_task(self, task: Task) -> None:
        """Fill the form from this task."""
        self._options, self._limits = task.options, task.limits
        self.kind.kind = task.kind
        self.title.setText(task.title)
        self.title.setCursorPosition(0)
        self.description.setPlainText(task.description)
        self.language.setCurrentText(task.language)
        self.code.setPlainText(task.code)
        self.attachments.set_units(task.attachments)
        self.tlp.setCurrentIndex(list(TLP_TEXTS).index(task.tlp))
        self.seconds.setValue(round(task.limits.seconds))
        self._chosen, self._left_out = task.sources, frozenset()
        self.set_sources(tuple(self.sources))
        self._look()

    def restore(self, draft: dict[str, Any]) -> None:
        """Fill the form from a draft; what cannot be understood is left as it is."""
        blank = Task(kind=TaskKind.DRAFT, title="-", description="-")
        fields = {name: _understood(name, draft[name], blank) for name in Task.model_fields if name in draft}
        self.show_task(blank.model_copy(update={"title": "", "description": "", **fields}))
        if self.is_blank:
            self._begin_with_defaults()

    def clear(self) -> None:
        """Begin a new task with the defaults; kind and language stay."""
        self.title.clear()
        self.description.clear()
        self.code.clear()
        self.attachments.set_units(())
        self._begin_with_defaults()
        self.title.setFocus()

    def ask_to_run(self) -> None:
        """Announce the task if it is complete, else show where it is not."""
        if self._waiting:
            return
        try:
            task = self.task()
        except TaskError as error:
            self._say(str(error), urgent=True)
            self._focus_what_is_missing()
        else:
            self.run_asked.emit(task)

    def _focus_what_is_missing(self) -> None:
        (self.title if not self.title.text().strip() else self.code).setFocus()

    def _look(self) -> None:
        """Say what is missing; an untouched form is not scolded."""
        try:
            self.task()
        except TaskError as error:
            untouched = not (self.title.text() or self.code.toPlainText() or self.attachments.units)
            self._say("" if untouched else str(error), urgent=False)
            ready = False
        else:
            self._say("", urgent=False)
            ready = True
        self.run.setEnabled(ready and not self._waiting)
        self.run.setText(self._waiting or "Run")
        self.edited.emit()

    def _say(self, sentence: str, *, urgent: bool) -> None:
        tones = shades(self.palette())
        palette = self._sentence.palette()
        palette.setColor(self._sentence.foregroundRole(), tones.bad if urgent else tones.quiet)
        self._sentence.setPalette(palette)
        self._sentence.setText(sentence)
        self._sentence.setVisible(bool(sentence))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Welcome files anywhere on the form."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Attach what was dropped."""
        self.attachments.attach([Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()])
        event.acceptProposedAction()


def _understood(name: str, value: object, blank: Task) -> object:
    """`value` as the field of that name, or the blank task's where it makes no sense."""
    if name in ("title", "description", "code"):
        return value if isinstance(value, str) else ""
    data = blank.model_dump() | {"code": "-", name: value}
    try:
        return getattr(make_task(data), name)
    except TaskError:
        return getattr(blank, name)
