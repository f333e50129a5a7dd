import importlib
import json
import sys

import pytest

from . import recipe
from .recipe import BrokenPluginError, UnknownPluginError, check_plugins, load_plugin


@pytest.fixture(autouse=True)
def plugins(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    found = {"json": "json:dumps", "lines": "os:linesep", "gone": "no_such_module_here:x", "odd": "json:no_such"}
    monkeypatch.setattr(recipe, "PLUGINS", found)
    recipe._load.cache_clear()
    return found


def test_a_known_plugin_is_loaded() -> None:
    assert load_plugin("json") is json.dumps


@pytest.mark.parametrize(
    "name",
    ["os:system", "os.system", "json:loads", "antigravity", "JSON", "json ", "", "../json", "__init__", None, ["json"]],
)
def test_attack_a_name_that_is_not_on_the_list_imports_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: str) -> None:
        raise AssertionError("it imported something")

    monkeypatch.setattr(importlib, "import_module", refuse)
    with pytest.raises(UnknownPluginError, match="gone, json, lines, odd"):
        load_plugin(name)
    assert "antigravity" not in sys.modules


def test_attack_the_name_is_not_repeated_in_the_message() -> None:
    with pytest.raises(UnknownPluginError) as caught:
        load_plugin("<script>")
    assert "<script>" not in str(caught.value)


@pytest.mark.parametrize(("name", "why"), [("gone", "imported"), ("odd", "imported"), ("lines", "no function")])
def test_a_broken_plugin_is_told_as_our_mistake(name: str, why: str) -> None:
    with pytest.raises(BrokenPluginError, match=why):
        load_plugin(name)


def test_a_broken_plugin_stops_the_start(plugins: dict[str, str]) -> None:
    with pytest.raises(BrokenPluginError):
        check_plugins()
    for name in ("lines", "gone", "odd"):
        del plugins[name]
    check_plugins()
