"""Messages tell without stopping anybody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from workbench.ui.widgets.clamped_label import ClampedLabel
from workbench.ui.widgets.message_bar import MAX_MESSAGES, Choice, Message, MessageBar


def bar_in(qtbot: QtBot) -> MessageBar:
    bar = MessageBar()
    qtbot.addWidget(bar)
    return bar


def test_a_message_of_the_same_key_replaces_the_earlier(qtbot: QtBot) -> None:
    bar = bar_in(qtbot)
    bar.show_message("one", key="k")
    bar.show_message("two", key="k")
    assert bar.texts == ["two"]


def test_the_oldest_give_way(qtbot: QtBot) -> None:
    bar = bar_in(qtbot)
    for number in range(MAX_MESSAGES + 2):
        bar.show_message(str(number))
    assert bar.texts == [str(number) for number in range(2, MAX_MESSAGES + 2)]


def test_a_choice_is_done_and_its_message_goes(qtbot: QtBot) -> None:
    bar, done = bar_in(qtbot), []
    message = bar.show_message("well?", choices=(Choice("Yes", lambda: done.append("yes")),))
    message.buttons[0].click()
    assert done == ["yes"]
    assert bar.texts == []
    assert bar.isHidden()


def test_details_can_be_copied_with_the_message(qtbot: QtBot) -> None:
    message = bar_in(qtbot).show_message("failed", "error", details="Traceback: here")
    next(button for button in message.findChildren(QPushButton) if button.text() == "Copy").click()
    assert QGuiApplication.clipboard().text() == "failed\n\nTraceback: here"


def test_a_message_is_never_markup(qtbot: QtBot) -> None:
    bar = bar_in(qtbot)
    bar.show_message("<b>bold</b>")
    bar.show()
    assert bar.texts == ["<b>bold</b>"]
    bar.grab()


LONG = "Decision: do not use (provisional). " + "Nobody has judged a decision in this domain yet. " * 6


def shown_at(qtbot: QtBot, width: int, text: str, *choices: Choice) -> Message:
    bar = bar_in(qtbot)
    message = bar.show_message(text, choices=choices)
    bar.resize(width, 200)
    bar.show()
    qtbot.wait(20)
    return message


@pytest.mark.parametrize("width", [240, 420, 900])
def test_a_long_message_takes_three_lines_and_is_whole_in_details_and_tool_tip(qtbot: QtBot, width: int) -> None:
    message = shown_at(qtbot, width, LONG, Choice("Export report ...", lambda: None))
    lines = message.label.shown(message.label.width())
    assert len(lines) == 3
    assert lines[-1].endswith("…")
    assert message.label.height() >= message.label.heightForWidth(message.label.width())
    message.unfold.click()
    assert LONG.strip() in message.findChild(QPlainTextEdit).toPlainText()
    assert LONG.strip() in message.label.toolTip()


def test_a_short_message_needs_no_details(qtbot: QtBot) -> None:
    assert shown_at(qtbot, 600, "Done.").unfold.isHidden()


def test_the_buttons_stand_beside_the_text_or_beneath_it_where_it_is_narrow(qtbot: QtBot) -> None:
    wide = shown_at(qtbot, 900, LONG, Choice("Export report ...", lambda: None))
    assert wide.buttons[0].mapTo(wide, QPoint()).x() > wide.label.geometry().right()
    narrow = shown_at(qtbot, 360, LONG, Choice("Export report ...", lambda: None))
    assert narrow.buttons[0].mapTo(narrow, QPoint()).y() > narrow.label.geometry().bottom()
    assert narrow.label.width() > 240


@given(st.text(max_size=300), st.integers(30, 900))
def test_what_is_shown_of_a_text_is_its_beginning(qapp: object, text: str, width: int) -> None:
    label = ClampedLabel(text, 3)
    shown = label.shown(width)
    assert len(shown) <= 3
    assert label.fits(width) == (" ".join(text.split()) == "".join(shown))
