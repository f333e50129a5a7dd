"""Load YAML from outside as plain data: no objects, no aliases, no key twice."""

from typing import Any

import yaml

MAX_CHARACTERS = 1_000_000
"""Longest text taken."""


MAX_NUMBER = 100
"""Longest number, in characters."""

NUMBERS = frozenset({"tag:yaml.org,2002:int", "tag:yaml.org,2002:float"})
NOT_PLAIN = frozenset(f"tag:yaml.org,2002:{name}" for name in ("binary", "set", "omap", "pairs"))


class YamlRefusedError(ValueError):
    """The text is too long, is no YAML, or asks for more than plain data."""


class PlainLoader(yaml.SafeLoader):
    """SafeLoader without aliases, which can grow without bound, and without a key that comes twice."""

    yaml_constructors = {  # noqa: RUF012 - PyYAML keeps it so
        tag: make for tag, make in yaml.SafeLoader.yaml_constructors.items() if tag not in NOT_PLAIN
    }

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Refuse an alias where PyYAML would share the node it stands for."""
        if self.check_event(yaml.AliasEvent):
            raise YamlRefusedError("aliases are not taken; write the value out")
        return super().compose_node(parent, index)

    def construct_scalar(self, node: Any) -> Any:
        """Refuse a long number: 1:59:59... is one to the base of sixty, and takes long to work out."""
        if node.tag in NUMBERS and len(node.value) > MAX_NUMBER:
            raise YamlRefusedError(f"a number has more than {MAX_NUMBER} characters")
        return super().construct_scalar(node)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Refuse a key that comes twice: two readers could see two different values."""
        seen: set[Any] = set()
        for key in (self.construct_object(key, deep=True) for key, _ in node.value):
            if key in seen:
                raise YamlRefusedError(f"the key {str(key)[:100]} comes twice")
            seen.add(key)
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
    except (yaml.YAMLError, ValueError, ArithmeticError, RecursionError, TypeError) as error:
        if isinstance(error, YamlRefusedError):
            raise
        raise YamlRefusedError("this is no YAML of plain data") from error
    finally:
        loader.dispose()
