"""Everything the analyst can do, once: the menu bar, the toolbar, the shortcuts and the palette are made from it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu, QToolBar

from workbench.ui.widgets.icons import icon


def _always() -> bool:
    return True


@dataclass(frozen=True)
class Command:
    """One thing the analyst can do.

    `shortcuts` are in Qt's portable text; `enabled` is asked whenever the registry is refreshed; a command with
    `checked` is shown with a mark while that is true.
    """

    id: str
    caption: str
    run: Callable[[], object]
    shortcuts: tuple[str, ...] = ()
    tip: str = ""
    enabled: Callable[[], bool] = _always
    checked: Callable[[], bool] | None = None
    icon: str = ""


Menu = tuple[str, tuple[object, ...]]
"""Caption and entries: a command's id, None for a line, or another Menu."""


class CommandRegistry(QObject):
    """Holds the commands of one window, each as one QAction, so that every way in has the same state."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._commands: dict[str, Command] = {}
        self._actions: dict[str, QAction] = {}
        self._menus: dict[str, QMenu] = {}

    def __iter__(self) -> Iterator[Command]:
        return iter(self._commands.values())

    def add(self, commands: Iterable[Command]) -> None:
        """Take these commands in; ValueError when an id is there already."""
        for command in commands:
            if command.id in self._commands:
                raise ValueError(f"two commands are called {command.id!r}")
            self._commands[command.id] = command
            self._actions[command.id] = self._make_action(command)
        self.refresh()

    def _make_action(self, command: Command) -> QAction:
        action = QAction(command.caption, self._window)
        action.setShortcuts([QKeySequence(keys) for keys in command.shortcuts])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        tip = command.tip or command.caption.removesuffix(" ...")
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        action.setToolTip(f"{tip} ({keys})" if keys else tip)
        action.setStatusTip(tip)
        action.setMenuRole(QAction.MenuRole.NoRole)
        action.setCheckable(command.checked is not None)
        if command.icon:
            action.setIcon(icon(command.icon))
        action.triggered.connect(lambda _checked=False: self._run(command))
        self._window.addAction(action)
        return action

    def _run(self, command: Command) -> None:
        command.run()
        self.refresh()

    def action(self, command_id: str) -> QAction:
        """The action of that command, for a button or a menu; KeyError if there is none."""
        return self._actions[command_id]

    def invoke(self, command_id: str) -> None:
        """Do it, if it can be done now."""
        self.refresh()
        self._actions[command_id].trigger()

    def refresh(self) -> None:
        """Ask every command anew whether it can be done and is checked."""
        for name, command in self._commands.items():
            self._actions[name].setEnabled(command.enabled())
            if command.checked is not None:
                self._actions[name].setChecked(command.checked())

    def fill_menu_bar(self, menus: Sequence[Menu]) -> None:
        """Make the window's menu bar of these menus."""
        bar = self._window.menuBar()
        for caption, entries in menus:
            self._fill(bar.addMenu(caption), entries)

    def add_to_menu(self, menu: str, command: Command) -> None:
        """Take in another command and put it at the end of the menu of that caption; KeyError if there is none."""
        self.add([command])
        self._menus[menu].addAction(self.action(command.id))
        self._menus[menu].menuAction().setVisible(True)

    def _fill(self, menu: QMenu, entries: Sequence[object]) -> None:
        self._menus[menu.title()] = menu
        menu.menuAction().setVisible(bool(entries))
        for entry in entries:
            match entry:
                case None:
                    menu.addSeparator()
                case str():
                    menu.addAction(self.action(entry))
                case (str() as caption, tuple() as inner):
                    self._fill(menu.addMenu(caption), inner)
                case _:
                    raise TypeError(f"no menu entry: {entry!r}")

    def fill_tool_bar(self, bar: QToolBar, entries: Sequence[str | None]) -> None:
        """Put these commands on the toolbar; None draws a line."""
        for entry in entries:
            if entry is None:
                bar.addSeparator()
            else:
                bar.addAction(self.action(entry))
