import json

import pytest
from typer.testing import CliRunner

from workbench import cli
from workbench.commands.shelf import PLURALS, show_shelf
from workbench.core.knowledge.shelf import ShelfError, read_entries


def shown(*arguments: str) -> str:
    result = CliRunner().invoke(cli.app, ["shelf", *arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_shelf_says_how_much_of_each_kind_it_holds() -> None:
    counts = json.loads(shown("--json"))
    assert list(counts) == list(PLURALS.values())
    assert sum(counts.values()) == len(read_entries())
    assert f"{counts['weaknesses']:>4} weaknesses" in shown()


@pytest.mark.parametrize("kind", ["recipes", "recipe", "Recipes"])
def test_a_kind_is_listed_by_id_and_name(kind: str) -> None:
    lines = shown(kind).splitlines()
    assert len(lines) == json.loads(shown("--json"))["recipes"]
    assert any(line.startswith("join_path ") and line.endswith("without leaving the folder") for line in lines)


@pytest.mark.parametrize("name", ["CWE-89", "cwe-89"])
def test_an_entry_is_read_whole_by_its_id(name: str) -> None:
    text = shown(name)
    assert "## How to fix it" in text
    assert "SELECT id, mail FROM users WHERE name = ?" in text
    assert "Questions it answers" not in text


@pytest.mark.parametrize(
    ("name", "entry"),
    [
        ("log4shell", "CVE-2021-44228"), ("cwe89", "CWE-89"), ("hash-password", "hash_password "), ("SQLi", "CWE-89"),
        ("ssrf", "CWE-918"), ("csrf", "CWE-352"), ("pass the hash", "T1550.002"),
    ],
)  # fmt: skip
def test_an_entry_is_read_by_any_name_it_goes_by(name: str, entry: str) -> None:
    assert entry.casefold() in shown(name).partition("\n")[0].casefold()


@pytest.mark.parametrize(("what", "hint"), [("zzzzzz", "or one of weaknesses"), ("CWE-8999", r"do you mean .*CWE-89")])
def test_what_is_not_there_is_told_with_a_way_out(what: str, hint: str) -> None:
    with pytest.raises(ShelfError, match=f"nothing called '{what}'.*{hint}"):
        show_shelf(what, as_json=False)
