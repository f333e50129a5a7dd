"""Sets the constants of a recipe by what a task asks for; they are known by their shape and by what the recipe says.

No constant is ever made weaker than is safe: too short a secret is refused, and a file type or scheme that the recipe
leaves out stays out. What is asked for and not done is told.
"""

import ast
import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from workbench.core.citations import content_words
from workbench.core.drafting.wishes import Measure, Quantity, Wishes
from workbench.core.knowledge.shelf_entries import Parameter

LEAST_RANDOM_BYTES = 16
"""Fewest random bytes in a secret: 128 bits, twice the 64 bits of entropy that OWASP's Session Management Cheat Sheet
asks for."""

SQL_TABLE = re.compile(r"\b(FROM|INTO|UPDATE|JOIN)\s+([A-Za-z_]\w*)")


class Setting(NamedTuple):
    """A new value for a constant as source text, and what was done in one sentence. No source: it stays as it is."""

    source: str
    sentence: str
    met: bool = True
    """Whether what the task asks for is had; else the sentence says why not."""


class Constant(NamedTuple):
    """A constant of a recipe's module that the recipe declares as adaptable."""

    parameter: Parameter
    value: ast.expr

    @property
    def name(self) -> str:
        """Its name in the module."""
        return self.parameter.name

    @property
    def about(self) -> str:
        """Its name and meaning, as words to compare."""
        return f"{self.name.replace('_', ' ')} {self.parameter.meaning}".lower()

    @property
    def shown(self) -> str:
        """Its value, to read."""
        return _shown(ast.unparse(self.value))

    @property
    def literal(self) -> object:
        """Its value where that is a literal, else None."""
        try:
            return ast.literal_eval(self.value)
        except ValueError:
            return None


def constants_of(code: str, parameters: tuple[Parameter, ...]) -> list[Constant]:
    """The declared parameters that are constants of the module, in the order of the recipe."""
    values = {
        target.id: node.value
        for node in ast.parse(code).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    return [Constant(parameter, values[parameter.name]) for parameter in parameters if parameter.name in values]


def settings(constants: list[Constant], wishes: Wishes) -> Iterator[tuple[Constant, Setting]]:
    """What the wishes make of each constant that they concern."""
    shared = _share_out(constants, wishes.quantities)
    for constant in constants:
        quantity = shared.get(constant.name)
        setting = _by_quantity(constant, quantity) if quantity else _by_kind(constant, wishes)
        if setting is not None:
            yield constant, setting


def _share_out(constants: list[Constant], quantities: tuple[Quantity, ...]) -> dict[str, Quantity]:
    """Each quantity to the constant that measures the same, by shared words where there are several."""
    shared: dict[str, Quantity] = {}
    for quantity in quantities:
        fitting = [constant for constant in constants if _measures(constant, quantity) and constant.name not in shared]
        if fitting:
            words = content_words(f"{quantity.said} {quantity.noun}")
            best = max(fitting, key=lambda constant: len(words & content_words(constant.about)))
            shared[best.name] = quantity
    return shared


def _measures(constant: Constant, quantity: Quantity) -> bool:
    """Whether a constant is of the kind that a quantity sets."""
    if quantity.measure is Measure.SECONDS:
        return _is_span(constant.value) or (_is_number(constant) and "second" in constant.about)
    if not _is_number(constant):
        return False
    in_bytes = bool(re.search(r"\bbytes\b", constant.about))
    if quantity.measure is Measure.BYTES:
        # A size in MB bounds content, never the length of a secret, which is told in bits or bytes.
        return in_bytes and (not _is_secret(constant) or bool(re.search(r"bits?|bytes?$", quantity.said)))
    return not in_bytes and quantity.noun.rstrip("s") in {word.rstrip("s") for word in constant.about.split()}


def _is_number(constant: Constant) -> bool:
    return isinstance(constant.literal, int | float)


def _is_span(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and ast.unparse(value.func).endswith("timedelta")


def _is_secret(constant: Constant) -> bool:
    return "random" in constant.about


def _by_quantity(constant: Constant, quantity: Quantity) -> Setting:
    if quantity.amount <= 0:
        return Setting("", f"{constant.name} stays {constant.shown}: {quantity.said} is no limit", met=False)
    if _is_secret(constant) and quantity.amount < LEAST_RANDOM_BYTES:
        weak = f"{quantity.said} can be guessed, {LEAST_RANDOM_BYTES * 8} bits is the least"
        return Setting("", f"{constant.name} stays {constant.shown}: {weak}", met=False)
    source = _span(quantity.amount) if _is_span(constant.value) else _number(quantity.amount, constant.literal)
    return _changed(constant, source, quantity.said)


def _span(seconds: float) -> str:
    for unit, length in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds % length == 0:
            return f"timedelta({unit}={seconds / length:.0f})"
    return f"timedelta(seconds={seconds:g})"


def _number(amount: float, like: object) -> str:
    return f"{amount:.1f}" if isinstance(like, float) else f"{round(amount):_}"


def _by_kind(constant: Constant, wishes: Wishes) -> Setting | None:
    for kind in _KINDS:
        setting = kind(constant, wishes)
        if setting is not None:
            return setting
    return None


def _file_types(constant: Constant, wishes: Wishes) -> Setting | None:
    """Signatures by file ending: kept for the types asked for; others are not added, for want of a safe test."""
    known = constant.literal
    if not wishes.types or not isinstance(known, dict) or not all(_is_ending(ending) for ending in known.values()):
        return None
    wanted = {content: ending for content, ending in known.items() if ending in wishes.types}
    foreign = [ending for ending in wishes.types if ending not in known.values()]
    missing = f"; {labels(foreign)} stays refused, since the recipe has no safe test for it" if foreign else ""
    if not wanted:
        return Setting("", f"{constant.name} stays as in the recipe{missing}", met=False)
    if wanted == known:
        return Setting("", f"{constant.name} takes {labels(known.values())}, as in the recipe{missing}", not foreign)
    source = "".join(f"    {_bytes(content)}: {json.dumps(ending)},\n" for content, ending in wanted.items())
    return Setting(f"{{\n{source}}}", f"{constant.name} takes {labels(wanted.values())} only{missing}", not foreign)


def labels(endings: Iterable[str]) -> str:
    """File types in words, each once: `PNG, JPEG and GIF`."""
    names = list(dict.fromkeys(ending[1:].upper().replace("JPG", "JPEG") for ending in endings))
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _is_ending(value: object) -> bool:
    return isinstance(value, str) and value.startswith(".")


def _bytes(content: bytes) -> str:
    """Bytes as source in double quotes."""
    return 'b"' + repr(content)[2:-1].replace('"', '\\"') + '"'


def _schemes(constant: Constant, wishes: Wishes) -> Setting | None:
    known = constant.literal
    if not wishes.https_only or not isinstance(known, dict) or "https" not in known:
        return None
    return _changed(constant, f'{{"https": {known["https"]}}}', "https only")


def _program(constant: Constant, wishes: Wishes) -> Setting | None:
    known = constant.literal
    if not wishes.program or not (isinstance(known, tuple) and known and str(known[0]).startswith("/")):
        return None
    path = wishes.program if wishes.program.startswith("/") else f"/usr/bin/{wishes.program}"
    setting = _changed(constant, f'("{path}",)', f"the program {wishes.program}")
    return setting._replace(sentence=f"{setting.sentence}; check the path and add the options that are always given")


def _home(constant: Constant, wishes: Wishes) -> Setting | None:
    known = constant.literal
    if not wishes.home or not (isinstance(known, str) and known.startswith("/")):
        return None
    return _changed(constant, f'"{wishes.home}"', wishes.home)


def _table(constant: Constant, wishes: Wishes) -> Setting | None:
    """SQL statements by name, made to ask another table; which columns that has is for the reader to check."""
    known = constant.literal
    if not wishes.table or not isinstance(known, dict):
        return None
    if not all(isinstance(statement, str) and SQL_TABLE.search(statement) for statement in known.values()):
        return None
    asked = {name: SQL_TABLE.sub(rf"\1 {wishes.table}", statement) for name, statement in known.items()}
    source = "".join(f"    {json.dumps(name)}: {json.dumps(statement)},\n" for name, statement in asked.items())
    return Setting(f"{{\n{source}}}", f"{constant.name} asks the table {wishes.table}; check the names of its columns")


def _changed(constant: Constant, source: str, said: str) -> Setting:
    if _same(source, ast.unparse(constant.value)):
        return Setting("", f"{constant.name} is {_shown(source)}, as in the recipe")
    new = _shown(source)
    asked = "" if said.strip('"') in new else f" ({said})"
    return Setting(source, f"{constant.name} is {new}{asked} instead of {constant.shown}")


def _same(source: str, other: str) -> bool:
    return ast.dump(ast.parse(source)) == ast.dump(ast.parse(other))


def _shown(source: str) -> str:
    """A value to read: whole numbers with thousands marked, strings in double quotes."""
    number = source.replace("_", "")
    return f"{int(number):,}" if number.isdigit() else source.replace("'", '"')


_KINDS: tuple[Callable[[Constant, Wishes], Setting | None], ...] = (_file_types, _schemes, _program, _home, _table)
