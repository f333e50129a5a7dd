"""What goes into the library just now: how far it is, how long it will take, and what became of it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from workbench.ui.widgets.clamped_label import ClampedLabel
from workbench.ui.widgets.elided_label import ElidedLabel
from workbench.ui.widgets.icons import icon
from workbench.ui.wording import duration, plural
from workbench.visible_text import visible

STOP_TIP = "Stop reading; what is in stays in, and the rest can be read later"


class IntakeStrip(QFrame):
    """Shows one intake that goes on, or the result of the last until it is put away; hidden when there is neither."""

    pause_asked = Signal()
    go_on_asked = Signal()
    stop_asked = Signal()

    def __init__(self, parent: QWidget | None = None, *, can_pause: bool = True, stop_tip: str = STOP_TIP) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.what = ElidedLabel()
        self.what.setAccessibleName("What is being read")
        self.far = ElidedLabel()
        self.far.setAccessibleName("How far it is")
        self.bar = QProgressBar(textVisible=False)
        self.bar.setFixedHeight(12)
        self.bar.setAccessibleName("Progress of the reading")
        self.pause = QPushButton(icon("pause"), "Pause")
        self.pause.setToolTip("Wait after the document in hand; what is in can be searched meanwhile")
        self.stop = QPushButton(icon("stop"), "Stop")
        self.stop.setToolTip(stop_tip)
        if not can_pause:
            self.pause.hide()
        self.troubles = QPlainTextEdit(readOnly=True)
        self.troubles.setAccessibleName("What did not come in, and why")
        self.troubles.setMaximumHeight(110)
        self.unfold = QPushButton("Troubles ...")
        self.unfold.setCheckable(True)
        self.cross = QToolButton(autoRaise=True)
        self.cross.setIcon(icon("remove"))
        self.cross.setToolTip("Put this result away")
        self.cross.setAccessibleName("Put this result away")
        self._paused = False
        self._result: ClampedLabel | None = None
        self._lay_out()
        self.pause.clicked.connect(self._turn_pause)
        self.stop.clicked.connect(self.stop_asked)
        self.unfold.toggled.connect(self.troubles.setVisible)
        self.cross.clicked.connect(self.hide)
        self.hide()

    def _lay_out(self) -> None:
        self._running, self._ended = QWidget(), QWidget()
        words = QVBoxLayout()
        words.setSpacing(2)
        for widget in (self.what, self.bar, self.far):
            words.addWidget(widget)
        running = QHBoxLayout(self._running)
        running.setContentsMargins(0, 0, 0, 0)
        running.addLayout(words, 1)
        running.addWidget(self.pause)
        running.addWidget(self.stop)
        self._ended_row = QHBoxLayout(self._ended)
        self._ended_row.setContentsMargins(0, 0, 0, 0)
        self._ended_row.addWidget(self.unfold, 0, Qt.AlignmentFlag.AlignTop)
        self._ended_row.addWidget(self.cross, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        for part in (self._running, self._ended, self.troubles):
            layout.addWidget(part)

    def show_progress(self, what: str, told: str, done: int, total: int) -> None:
        """Something goes on: `done` of `total` (0: not known yet), as `told` says."""
        self._paused = False
        self.what.setText(visible(what))
        self.bar.setRange(0, total)
        self.bar.setValue(done)
        self.far.setText(told)
        self.pause.setText("Pause")
        self.pause.setIcon(icon("pause"))
        self._turn(running=True)

    def show_pause(self, told: str) -> None:
        """It waits until the analyst lets it go on."""
        self._paused = True
        self.what.setText("Paused; what is in can be searched")
        self.bar.setMaximum(max(1, self.bar.maximum()))
        self.far.setText(told)
        self.pause.setText("Go on")
        self.pause.setIcon(icon("resume"))
        self._turn(running=True)

    def end(self) -> None:
        """Nothing goes on any more; a result may follow."""
        if self._running.isVisibleTo(self):
            self._running.hide()
            self.hide()

    def show_result(self, sentence: str, troubles: str) -> None:
        """It has ended: what came of it, and a line for each trouble."""
        if self._result is not None:
            self._ended_row.removeWidget(self._result)
            self._result.deleteLater()
        self._result = ClampedLabel(visible(sentence), 4)
        self._ended_row.insertWidget(0, self._result, 1)
        lines = troubles.splitlines()
        self.troubles.setPlainText(visible(troubles))
        self.unfold.setText(f"{plural(len(lines), 'trouble')} ...")
        self.unfold.setVisible(bool(lines))
        self.unfold.setChecked(False)
        self._turn(running=False)

    @property
    def result(self) -> str:
        """The sentence of the last result, empty while something goes on or none is shown."""
        return self._result.text() if self._result is not None and self._ended.isVisibleTo(self) else ""

    def _turn_pause(self) -> None:
        (self.go_on_asked if self._paused else self.pause_asked).emit()

    def _turn(self, *, running: bool) -> None:
        self._running.setVisible(running)
        self._ended.setVisible(not running)
        self.troubles.setVisible(not running and self.unfold.isChecked())
        self.show()


def progress_in_words(done: int, total: int, noun: str, chunks: int, seconds_left: float | None) -> str:
    """`12 of 340 files, 1,234 passages, about 2 min 5 s left`."""
    if not total:
        return ""
    told = [f"{done:,} of {plural(total, noun)}", plural(chunks, "passage") if chunks else ""]
    if seconds_left is not None and done < total:
        told.append(f"about {duration(max(1.0, seconds_left))} left" if seconds_left >= 10 else "a few seconds left")
    return ", ".join(part for part in told if part)
