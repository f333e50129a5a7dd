import datetime
import time
from pathlib import Path

import pytest
import yaml

from .recipe import PlainLoader, YamlRefusedError, load_yaml


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


def test_attack_many_keys_do_not_take_long() -> None:
    text = "\n".join(f"k{number}: 1" for number in range(3_000))
    loader, node = composed(text)
    begin = time.perf_counter()
    loader.construct_mapping(node)
    assert time.perf_counter() - begin < 0.1


def composed(text: str) -> tuple[PlainLoader, yaml.MappingNode]:
    loader = PlainLoader(text)
    node = loader.get_single_node()
    assert isinstance(node, yaml.MappingNode)
    return loader, node


@pytest.mark.parametrize("number", ["1" + ":59" * 20_000, "1" + ":59" * 1_000 + ".5", "9" * 5_000, "0x" + "f" * 9_000])
def test_attack_a_number_that_takes_long_or_does_not_fit_is_refused(number: str) -> None:
    with pytest.raises(YamlRefusedError):
        load_yaml(f"a: {number}")


@pytest.mark.parametrize("text", ["!!binary aGk=", "!!set {a}", "!!omap [a: 1]", "!!pairs [a: 1]"])
def test_attack_a_tag_makes_nothing_that_is_not_plain(text: str) -> None:
    with pytest.raises(YamlRefusedError):
        load_yaml(text)
