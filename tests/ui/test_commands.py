"""One registry behind menu, toolbar, shortcuts and palette."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from workbench.ui.commands import Command, CommandRegistry
from workbench.ui.dialogs.command_palette import CommandPalette


@pytest.fixture
def window(qtbot: QtBot) -> QMainWindow:
    window = QMainWindow()
    qtbot.addWidget(window)
    return window


def test_a_disabled_command_is_not_done_by_any_way(window: QMainWindow) -> None:
    done: list[str] = []
    may = [False]
    registry = CommandRegistry(window)
    registry.add([Command("a", "A thing", lambda: done.append("a"), enabled=lambda: may[0])])
    registry.invoke("a")
    registry.action("a").trigger()
    assert done == []
    may[0] = True
    registry.invoke("a")
    assert done == ["a"]


def test_the_same_id_twice_is_refused(window: QMainWindow) -> None:
    registry = CommandRegistry(window)
    registry.add([Command("a", "A", print)])
    with pytest.raises(ValueError, match="two commands are called 'a'"):
        registry.add([Command("a", "B", print)])


def test_the_palette_finds_a_command_by_a_few_letters(qtbot: QtBot, window: QMainWindow) -> None:
    registry = CommandRegistry(window)
    registry.add(
        [
            Command("export", "Export report ...", print),
            Command("dark", "Theme: dark", print),
            Command("off", "Export nothing", print, enabled=lambda: False),
        ]
    )
    palette = CommandPalette(registry, window)
    qtbot.addWidget(palette)
    palette.show()
    assert palette.list.count() == 2
    qtbot.keyClicks(palette.box, "thd")
    assert [palette.list.item(row).text() for row in range(palette.list.count())] == ["Theme: dark"]
    palette.grab()
    qtbot.keyClick(palette.box, Qt.Key.Key_Return)
    assert palette.chosen == "dark"


def test_arrows_in_the_box_move_through_the_list(qtbot: QtBot, window: QMainWindow) -> None:
    registry = CommandRegistry(window)
    registry.add([Command("a", "Alpha", print), Command("b", "Beta", print)])
    palette = CommandPalette(registry, window)
    qtbot.addWidget(palette)
    palette.show()
    qtbot.keyClick(palette.box, Qt.Key.Key_Down)
    qtbot.keyClick(palette.box, Qt.Key.Key_Return)
    assert palette.chosen == "b"
