"""Pick code by a name from outside: from a list of ours, never by importing what the name says."""

import importlib
from collections.abc import Callable
from functools import cache
from typing import cast

PLUGINS = {
    "csv": "app.exporters.csv_exporter:export",
    "json": "app.exporters.json_exporter:export",
}
"""The plugins by the name that is used outside, each as module:function. Who may change this may run code."""

Exporter = Callable[[list[dict[str, str]]], bytes]
"""What a plugin is."""


class UnknownPluginError(LookupError):
    """There is no plugin of that name; the message lists those there are."""


class BrokenPluginError(RuntimeError):
    """A plugin of the list cannot be imported, or is not what a plugin must be. A mistake of ours, not of the user."""


def load_plugin(name: str) -> Exporter:
    """The plugin called `name`, imported when it is first asked for.

    `name` is only looked up, exactly: no dots, paths or spellings of it reach the import. Raises UnknownPluginError,
    or BrokenPluginError; check_plugins finds the latter at the start of the program.
    """
    target = PLUGINS.get(name) if isinstance(name, str) else None
    if target is None:
        raise UnknownPluginError(f"there is no such plugin; choose one of {', '.join(sorted(PLUGINS))}")
    return _load(target)


def check_plugins() -> None:
    """Import every plugin, so that a broken one stops the start and not the first user."""
    for name in PLUGINS:
        load_plugin(name)


@cache
def _load(target: str) -> Exporter:
    module, _, attribute = target.partition(":")
    try:
        found = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise BrokenPluginError(f"the plugin {target} cannot be imported") from error
    if not callable(found):
        raise BrokenPluginError(f"the plugin {target} is no function")
    return cast("Exporter", found)
