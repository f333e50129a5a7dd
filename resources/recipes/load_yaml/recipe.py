"""Load YAML from outside as plain data: no objects, no aliases, no key twice."""

from typing import Any

import yaml

MAX_CHARACTERS = 1_000_000
"""Longest text taken."""


class YamlRefusedError(ValueError):
    """The text is too long, is no YAML, or asks for more than plain data."""


class PlainLoader(yaml.SafeLoader):
    """SafeLoader without aliases, which can grow without bound, and without a key that comes twice."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Refuse an alias where PyYAML would share the node it stands for."""
        if self.check_event(yaml.AliasEvent):
            raise YamlRefusedError("aliases are not taken; write the value out")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Refuse a key that comes twice: two readers could see two different values."""
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = sorted({str(key) for key in keys if keys.count(key) > 1})
        if twice:
            raise YamlRefusedError(f"the key {twice[0]} comes twice")
        return super().construct_mapping(node, deep)


def load_yaml(text: str) -> Any:
    """The one document in `text` as dicts, lists, strings, numbers, dates, booleans and None.

    Raises YamlRefusedError. Check the result against what you expect before you use it.
    """
    if len(text) > MAX_CHARACTERS:
        raise YamlRefusedError(f"the text has more than {MAX_CHARACTERS} characters")
    loader = PlainLoader(text)
    try:
        return loader.get_single_data()
    except (yaml.YAMLError, ValueError, RecursionError, TypeError) as error:
        if isinstance(error, YamlRefusedError):
            raise
        raise YamlRefusedError("this is no YAML of plain data") from error
    finally:
        loader.dispose()
