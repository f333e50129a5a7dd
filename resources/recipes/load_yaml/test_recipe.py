import datetime
from pathlib import Path

import pytest

from .recipe import YamlRefusedError, load_yaml


def test_plain_data_is_loaded() -> None:
    text = "name: web\nports: [80, 443]\nsince: 2025-11-20\nowner: null\n"
    expected = {"name": "web", "ports": [80, 443], "since": datetime.date(2025, 11, 20), "owner": None}
    assert load_yaml(text) == expected
    assert load_yaml("") is None


@pytest.mark.parametrize(
    "attack",
    [
        "!!python/object/apply:os.system ['touch {target}']",
        "!!python/object/apply:subprocess.check_output [['touch', '{target}']]",
        "!!python/object/new:type {{args: [z, [], {{extend: !!python/name:exec}}], listitems: 'open(1)'}}",
        "!!python/name:os.system",
    ],
)
def test_attack_a_tag_that_makes_an_object_runs_nothing(attack: str, tmp_path: Path) -> None:
    target = tmp_path / "pwned"
    with pytest.raises(YamlRefusedError):
        load_yaml(attack.format(target=target))
    assert not target.exists()


def test_attack_a_billion_laughs_are_refused() -> None:
    lines = ["a0: &a0 [lol]"] + [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 10)]
    with pytest.raises(YamlRefusedError, match="aliases"):
        load_yaml("\n".join(lines))


def test_attack_a_second_key_cannot_override_the_first() -> None:
    with pytest.raises(YamlRefusedError, match="role comes twice"):
        load_yaml("user:\n  role: guest\n  role: admin\n")


@pytest.mark.parametrize("text", ["a: [", "--- 1\n--- 2\n", "[" * 5_000, "? [a]\n: 1", "x" * 1_000_001])
def test_what_is_no_single_plain_document_is_refused(text: str) -> None:
    with pytest.raises(YamlRefusedError):
        load_yaml(text)
