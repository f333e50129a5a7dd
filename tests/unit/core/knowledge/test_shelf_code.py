"""The code on the shelf: snippets that parse, and what the workbench's own review says of snippets and recipes."""

import ast
import re
from collections.abc import Callable
from functools import cache

import pytest
import tree_sitter_c
import tree_sitter_go
import tree_sitter_java
import tree_sitter_javascript
from tree_sitter import Language, Parser

from workbench.core.analysis.analyse import analyse_unit
from workbench.core.analysis.kinship import are_kin
from workbench.core.evidence import Finding, Severity
from workbench.core.knowledge.shelf import ShelfEntry, read_entries
from workbench.core.knowledge.shelf_entries import Recipe, Weakness
from workbench.core.tasks import CodeUnit

ENTRIES = read_entries()
WEAKNESSES = [item for item in ENTRIES if isinstance(item.entry, Weakness)]
RECIPES = [item.entry for item in ENTRIES if isinstance(item.entry, Recipe)]
PARENTS = {item.entry.id: item.entry.parents for item in WEAKNESSES if isinstance(item.entry, Weakness)}
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
GRAMMARS: dict[str, Callable[[], object]] = {
    "javascript": tree_sitter_javascript.language,
    "java": tree_sitter_java.language,
    "go": tree_sitter_go.language,
    "c": tree_sitter_c.language,
}
SERIOUS = (Severity.MEDIUM, Severity.HIGH)


def snippets(item: ShelfEntry) -> dict[str, list[str]]:
    """The code of "How it shows in code" by language, in its order."""
    text = next(block.text for block in item.blocks if block.heading == "How it shows in code" and not block.is_heading)
    found: dict[str, list[str]] = {}
    for language, code in FENCE.findall(text):
        found.setdefault(language, []).append(code)
    return found


@cache
def findings(name: str, code: str) -> tuple[Finding, ...]:
    return analyse_unit(CodeUnit(name=name, language="python", text=code)).findings


def names_it(finding: Finding, weakness: str) -> bool:
    """Whether a finding is of that weakness, of a parent or child of it, or of near kin."""
    cwe = finding.cwe or ""
    return (
        are_kin(cwe, weakness)
        or cwe in PARENTS.get(weakness, ())
        or weakness in PARENTS.get(cwe, ())
        or any(are_kin(cwe, parent) for parent in PARENTS.get(weakness, ()))
    )


def errors(language: str, code: str) -> list[str]:
    """Lines that do not parse."""
    root = Parser(Language(GRAMMARS[language]())).parse(code.encode()).root_node
    if not root.has_error:
        return []
    return [f"line {number}: {line}" for number, line in enumerate(code.splitlines(), 1)]


@pytest.mark.parametrize("item", WEAKNESSES, ids=lambda item: item.entry.id)
def test_snippets_come_in_pairs_that_parse_and_differ(item: ShelfEntry) -> None:
    shown = snippets(item)
    assert "python" in shown
    for language, codes in shown.items():
        insecure, fixed = codes
        assert " ".join(insecure.split()) != " ".join(fixed.split())
        if language == "python":
            assert ast.parse(insecure).body
            assert ast.parse(fixed).body
        else:
            assert errors(language, insecure) == []
            assert errors(language, fixed) == []


@pytest.mark.parametrize("item", WEAKNESSES, ids=lambda item: item.entry.id)
def test_an_insecure_snippet_is_flagged_or_listed_as_not_detectable(item: ShelfEntry) -> None:
    assert isinstance(item.entry, Weakness)
    insecure, _ = snippets(item)["python"]
    flagged = [finding for finding in findings("insecure.py", insecure) if names_it(finding, item.entry.id)]
    if item.entry.undetected is None:
        assert flagged, "say under `undetected` why the analysers cannot see it"
    else:
        assert not flagged, "the analysers do find it: remove `undetected`"


@pytest.mark.parametrize("item", WEAKNESSES, ids=lambda item: item.entry.id)
def test_a_fixed_snippet_is_not_flagged(item: ShelfEntry) -> None:
    _, fixed = snippets(item)["python"]
    told = [
        f"{found.cwe} line {found.line_start}" for found in findings("fixed.py", fixed) if found.severity in SERIOUS
    ]
    assert told == []


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.id)
def test_a_recipe_passes_the_workbenchs_own_review(recipe: Recipe) -> None:
    told = [
        f"{found.cwe} line {found.line_start}: {found.title}"
        for found in findings("recipe.py", recipe.code)
        if found.severity in SERIOUS
    ]
    assert told == []
