"""The full text of one thing."""

from pytestqt.qtbot import QtBot

from workbench.ui.widgets.details_view import DetailsView


def test_text_is_never_markup(qtbot: QtBot) -> None:
    view = DetailsView("details")
    qtbot.addWidget(view)
    hostile = '<img src="file:///etc/passwd"> <b>x</b> \u202egnp'
    view.show_parts([("title", hostile), ("code", hostile), ("prose", hostile)])
    assert view.toPlainText().count('<img src="file:///etc/passwd"> <b>x</b> ‹U+202E›gnp') == 3
    assert "<img" not in view.toHtml().replace("&lt;", "")


def test_parts_without_text_leave_no_gap_and_no_parts_hide_the_view(qtbot: QtBot) -> None:
    view = DetailsView("details")
    qtbot.addWidget(view)
    view.show_parts([("title", "a"), ("caption", " "), ("code", ""), ("prose", "b")])
    assert view.toPlainText() == "a\nb"
    assert view.isVisibleTo(view.parentWidget()) or not view.isHidden()
    view.show_parts([])
    assert view.isHidden()


def test_code_stands_between_its_neighbours_in_order(qtbot: QtBot) -> None:
    view = DetailsView("details")
    qtbot.addWidget(view)
    view.show_parts([("prose", "before"), ("code", "x = 1\ny = 2"), ("prose", "after")])
    assert [line for line in view.toPlainText().splitlines() if line] == ["before", "x = 1", "y = 2", "after"]
