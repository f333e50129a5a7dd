"""Reading a source at the cited place."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests import sample_run
from workbench.ui.panels.source_viewer import SourceViewer
from workbench.ui.theme import palette_for

LONG = "".join(f"line {number}\n" for number in range(1, 2001))


@pytest.fixture
def viewer(qtbot: QtBot, spawned: list[str]) -> SourceViewer:
    made = SourceViewer()
    qtbot.addWidget(made)
    made.resize(700, 400)
    made.show()
    return made


def _first_and_last_in_sight(viewer: SourceViewer) -> tuple[int, int]:
    view = viewer.text.viewport().rect()
    top, bottom = viewer.text.cursorForPosition(view.topLeft()), viewer.text.cursorForPosition(view.bottomLeft())
    return top.blockNumber() + 1, bottom.blockNumber() + 1


def test_the_cited_lines_are_marked_and_in_sight(viewer: SourceViewer) -> None:
    viewer.show_text("long.txt", LONG, "text", line_start=1500, line_end=1503)
    assert viewer.marked_lines == (1500, 1503)
    marked = [selection.cursor.blockNumber() + 1 for selection in viewer.text.extraSelections()]
    assert marked == [1500, 1501, 1502, 1503]
    first, last = _first_and_last_in_sight(viewer)
    assert first < 1500
    assert last > 1503


def test_the_way_back_to_the_cited_lines_is_one_click(viewer: SourceViewer) -> None:
    viewer.show_text("long.txt", LONG, "text", line_start=1500)
    viewer.text.verticalScrollBar().setValue(0)
    assert _first_and_last_in_sight(viewer)[1] < 1500
    viewer.back.click()
    first, last = _first_and_last_in_sight(viewer)
    assert first < 1500 < last


def test_a_line_beyond_the_text_is_said_to_be_missing(viewer: SourceViewer) -> None:
    viewer.show_text("short.py", "a = 1\nb = 2", "python", line_start=40, line_end=41, subtitle="F1")
    assert viewer.marked_lines is None
    assert viewer.subtitle.text() == "F1\nThe cited line 40 is not there: this text has 2 lines."
    assert viewer.back.isHidden()


def test_a_last_line_beyond_the_text_marks_up_to_the_end(viewer: SourceViewer) -> None:
    viewer.show_text("short.py", "a = 1\nb = 2", "python", line_start=2, line_end=9)
    assert viewer.marked_lines == (2, 2)


def test_the_text_can_be_read_and_copied_but_not_changed(viewer: SourceViewer, qtbot: QtBot) -> None:
    viewer.show_text("shop/views.py", sample_run.VIEW, "python")
    qtbot.keyClicks(viewer.text, "x")
    assert viewer.text.toPlainText() == sample_run.VIEW
    assert viewer.text.isReadOnly()


def test_hidden_characters_are_shown_and_lines_keep_their_numbers(viewer: SourceViewer) -> None:
    viewer.show_text("<b>a</b>\u202e", "one\r\ntwo\u2028still two\x0c\nthree \u202e", "text", line_start=3)
    assert viewer.text.toPlainText() == "one\ntwo‹U+2028›still two‹U+000C›\nthree ‹U+202E›"
    assert viewer.marked_lines == (3, 3)
    assert viewer.title.text() == "<b>a</b>‹U+202E›"
    assert viewer.title.textFormat() is Qt.TextFormat.PlainText


def test_lines_of_prose_are_wrapped_and_lines_of_code_are_not(viewer: SourceViewer) -> None:
    bar = viewer.text.horizontalScrollBar()
    viewer.show_text("a.md", "word " * 200, "markdown")
    assert bar.maximum() == 0
    viewer.show_text("a.py", "x = " + "1 + " * 200 + "1", "python")
    assert bar.maximum() > 0


def test_ctrl_f_finds_words_round_the_text(viewer: SourceViewer, qtbot: QtBot) -> None:
    viewer.show_text("shop/views.py", sample_run.VIEW, "python")
    viewer.text.setFocus()
    qtbot.keyClick(viewer.text, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert not viewer.find_bar.isHidden()
    viewer.find_bar.words.setText("DEF ")
    found = []
    for _ in range(4):
        viewer.find_bar.find_next()
        found.append((viewer.text.textCursor().blockNumber() + 1, viewer.find_bar.count.text()))
    assert found == [(13, "1 of 3"), (23, "2 of 3"), (30, "3 of 3"), (13, "1 of 3")]
    viewer.find_bar.find_previous()
    assert viewer.text.textCursor().blockNumber() + 1 == 30
    viewer.find_bar.words.setText("nowhere")
    viewer.find_bar.find_next()
    assert viewer.find_bar.count.text() == "not found"
    qtbot.keyClick(viewer.find_bar.words, Qt.Key.Key_Escape)
    assert viewer.find_bar.isHidden()


def test_before_anything_is_opened_it_says_how(viewer: SourceViewer, qtbot: QtBot) -> None:
    assert not viewer.text.isVisible()
    qtbot.keyClick(viewer, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert viewer.find_bar.isHidden()
    viewer.show_text("a", "b")
    assert viewer.text.isVisible()
    viewer.clear()
    assert not viewer.text.isVisible()
    assert viewer.text.toPlainText() == ""


def test_the_mark_follows_the_theme(viewer: SourceViewer) -> None:
    viewer.show_text("a", "b", line_start=1)
    before = QApplication.palette()
    try:
        colours = []
        for dark in (False, True):
            QApplication.setPalette(palette_for(dark))
            QApplication.sendPostedEvents()
            (selection,) = viewer.text.extraSelections()
            colours.append(selection.format.background().color().lightness())
    finally:
        QApplication.setPalette(before)
    assert colours[0] > 180
    assert colours[1] < 110
