"""Messages tell without stopping anybody."""

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from workbench.ui.widgets.message_bar import MAX_MESSAGES, Choice, MessageBar


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
