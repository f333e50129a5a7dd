"""Adapts a recipe to a task: the names it asks for and the limits it states, and nothing else. Parsed, never run."""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from workbench.core.drafting import codemods
from workbench.core.drafting.constants import Constant, Setting, constants_of, labels, settings
from workbench.core.drafting.fitting import Fit
from workbench.core.drafting.wishes import Wishes, usable_name, wishes_of
from workbench.core.evidence import CodeDraft
from workbench.core.knowledge.shelf_entries import Recipe
from workbench.core.tasks import Task

LONGEST_SHOWN = 60
"""Characters of a constant's value that are shown in a sentence."""


@dataclass(frozen=True)
class Adapted:
    """A draft with an account of it: what was asked for and had, asked for and not had, and never spoken of."""

    draft: CodeDraft
    met: tuple[str, ...]
    unmet: tuple[str, ...]
    left: tuple[str, ...]
    """Constants that the task says nothing of, with their value and meaning."""
    passed: tuple[str, ...]
    """What the caller passes, with its meaning, as far as the recipe says something of it."""

    @property
    def share_met(self) -> float:
        """Share of the wishes that are met, 0 to 1; 1 when there were none."""
        asked = len(self.met) + len(self.unmet)
        return len(self.met) / asked if asked else 1.0


def adapt(fit: Fit, task: Task) -> Adapted:
    """The recipe as the task wants it. The result parses and keeps the recipe's docstrings and imports.

    What cannot be done without changing what the recipe promises is left and told.
    """
    recipe = fit.recipe
    work = _Work(recipe.code, recipe.function)
    wishes = wishes_of(task.question)
    constants = constants_of(recipe.code, recipe.parameters)
    spoken_of = set[str]()
    for constant, setting in settings(constants, wishes):
        spoken_of.add(constant.name)
        work.set_constant(constant, setting)
    work.give_folder(wishes)
    work.rename_parameters(recipe, wishes)
    work.rename_function(wishes)
    ast.parse(work.text)
    return Adapted(
        draft=CodeDraft(
            name=f"{work.function}.py",
            language="python",
            text=work.text,
            basis=f"recipe {recipe.id} ({recipe.name}; checked {recipe.checked}), passage {fit.passage.id}",
            changes=tuple(work.changes),
        ),
        met=tuple(work.met),
        unmet=tuple(work.unmet),
        left=tuple(_value(constant) for constant in constants if constant.name not in spoken_of),
        passed=tuple(work.passed(recipe)),
    )


@dataclass
class _Work:
    """The text as it stands, and the account of what was done to it."""

    text: str
    function: str
    changes: list[str] = field(default_factory=list)
    met: list[str] = field(default_factory=list)
    unmet: list[str] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)
    """Parameters that have another name now, by the recipe's name."""

    def set_constant(self, constant: Constant, setting: Setting) -> None:
        if setting.source:
            self.text = codemods.set_constant(self.text, constant.name, setting.source)
            self.text = _with_matching_words(self.text, constant, setting.source)
            self.changes.append(f"{setting.sentence}.")
        (self.met if setting.met else self.unmet).append(setting.sentence)

    def give_folder(self, wishes: Wishes) -> None:
        """The folder that the task names becomes the default of a last parameter that is a folder."""
        folder = next((name for name, kind in self._parameters() if "folder" in name and kind == "Path"), "")
        if not wishes.folder or not folder:
            return
        try:
            self.text = codemods.set_default(self.text, self.function, folder, f'Path("{wishes.folder}")')
        except ValueError:
            self.met.append(f'call it with Path("{wishes.folder}") as {folder}')
            return
        self.changes.append(f"{folder} is {wishes.folder} unless the caller says otherwise.")
        self.met.append(f"{folder} is {wishes.folder}")

    def rename_parameters(self, recipe: Recipe, wishes: Wishes) -> None:
        names = [name for name, _ in self._parameters()]
        renames = {old: new for old, new in wishes.renames if old in names}
        renames |= _paired([name for name in names if name not in renames], wishes.parameters)
        for old, new in renames.items():
            self._rename_parameter(old, new)
        wanted = [name for name in wishes.parameters if name not in names and name not in renames.values()]
        for name in wanted:
            self.unmet.append(f"a parameter {name} was not added: {recipe.function} has nothing that it would do")

    def _rename_parameter(self, old: str, new: str) -> None:
        try:
            if not usable_name(new):
                raise ValueError(f"{new} is a name of Python's own")
            self.text = codemods.rename_parameters(self.text, self.function, {old: new})
            self.renamed[old] = new
        except ValueError as error:
            self.unmet.append(f"the parameter {old} keeps its name: {error}")
            return
        self.changes.append(f"The parameter {old} is called {new}.")
        self.met.append(f"the parameter {new}")

    def rename_function(self, wishes: Wishes) -> None:
        old, new = self.function, wishes.function
        if not new or new == old:
            return
        try:
            if not usable_name(new):
                raise ValueError(f"{new} is a name of Python's own")
            self.text = codemods.rename_function(self.text, old, new)
        except ValueError as error:
            self.unmet.append(f"the function keeps the name {old}: {error}")
            return
        self.function = new
        self.changes.insert(0, f"The function is called {new} instead of {old}.")
        self.met.insert(0, f"the name {new}")

    def passed(self, recipe: Recipe) -> Iterator[str]:
        """The parameters of the function that the recipe explains."""
        there = {name for name, _ in self._parameters()}
        for parameter in recipe.parameters:
            name = self.renamed.get(parameter.name, parameter.name)
            if name in there:
                yield f"{name}, {parameter.meaning}"

    def _parameters(self) -> list[tuple[str, str]]:
        """Name and annotation of each parameter of the public function."""
        for node in ast.parse(self.text).body:
            if isinstance(node, ast.FunctionDef) and node.name == self.function:
                return [(a.arg, ast.unparse(a.annotation) if a.annotation else "") for a in node.args.args]
        return []


def _paired(names: Sequence[str], wanted: Sequence[str]) -> dict[str, str]:
    """Which parameter becomes which: a name in common stays, and one that is left on either side is a pair."""
    left = [name for name in names if name not in wanted]
    new = [name for name in wanted if name not in names]
    return {left[0]: new[0]} if len(left) == len(new) == 1 else {}


def _with_matching_words(text: str, constant: Constant, source: str) -> str:
    """The text with what its messages and docstrings say of a constant put right."""
    old, new = constant.literal, _literal(source)
    if isinstance(old, dict) and isinstance(new, dict) and all(isinstance(value, str) for value in old.values()):
        return text.replace(labels(old.values()), labels(new.values())) if _are_types(old) else text
    if isinstance(new, int) and isinstance(old, int):
        if new % 1_000_000:
            text = text.replace(f"{{{constant.name} // 1_000_000}} MB", f"{{{constant.name} / 1_000_000:g}} MB")
        if "random" in constant.about:
            text = re.sub(rf"\b{old * 8} bits\b", f"{new * 8} bits", text)
    return text


def _are_types(value: dict[object, str]) -> bool:
    return all(ending.startswith(".") for ending in value.values())


def _literal(source: str) -> object:
    try:
        return ast.literal_eval(source)
    except ValueError:
        return None


def _value(constant: Constant) -> str:
    shown = constant.shown if len(constant.shown) <= LONGEST_SHOWN else "as in the recipe"
    return f"{constant.name}, {constant.parameter.meaning}: {shown}"
