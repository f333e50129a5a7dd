"""The names of weaknesses."""

import re
from pathlib import Path

import workbench
from workbench.core.reports.cwe_names import cwe_names
from workbench.places import RESOURCES


def test_every_weakness_that_our_analysers_report_has_a_name() -> None:
    folder = Path(workbench.__file__).parent / "core" / "analysis"
    reported = {cwe for path in folder.rglob("*.py") for cwe in re.findall(r"CWE-\d+", path.read_text())}
    assert reported
    assert reported - set(cwe_names()) == set()


def test_the_names_are_those_of_the_starter_knowledge() -> None:
    shelf = {path.stem: path.read_text(encoding="utf-8") for path in (RESOURCES / "weaknesses").glob("CWE-*.md")}
    named = {cwe: re.search(r'^name: "?(.*?)"?$', text, re.MULTILINE) for cwe, text in shelf.items()}
    ours = cwe_names()
    differing = {cwe: (found[1], ours.get(cwe)) for cwe, found in named.items() if found and ours.get(cwe) != found[1]}
    assert differing == {}
