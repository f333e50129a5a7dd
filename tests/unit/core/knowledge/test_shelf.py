import ast
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.core.evidence import PassageKind
from workbench.core.knowledge.documents import LoadedDocument, find_identifiers
from workbench.core.knowledge.shelf import (
    ShelfEntry,
    ShelfError,
    load_recipe,
    load_shelf,
    load_vulnerability,
    nicknamed,
    read_entries,
    recipes_against,
    related,
    shelf_digest,
)
from workbench.core.knowledge.shelf_entries import Recipe, Vulnerability, Weakness
from workbench.core.knowledge.stored import DocumentView
from workbench.core.tasks import TaskKind, load_task
from workbench.places import RESOURCES

ENTRIES = read_entries(RESOURCES)
RECIPES = [item.entry for item in ENTRIES if isinstance(item.entry, Recipe)]
FENCE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def of_kind(kind: PassageKind) -> list[LoadedDocument]:
    return [document for document in load_shelf() if document.kind is kind]


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A small shelf that a test may change: one entry of each kind."""
    for name in (
        "weaknesses/CWE-89.md",
        "techniques/T1190.md",
        "patterns/CAPEC-66.md",
        "vulnerabilities/CVE-2023-34362.md",
    ):
        (tmp_path / name).parent.mkdir(parents=True)
        shutil.copy(RESOURCES / name, tmp_path / name)
    shutil.copytree(RESOURCES / "recipes" / "query_database", tmp_path / "recipes" / "query_database")
    return tmp_path


@pytest.mark.parametrize("page", ["docs/manual.md", "README.md"])
def test_the_documents_say_how_much_is_on_the_shelf(page: str) -> None:
    text = " ".join((RESOURCES.parent / page).read_text(encoding="utf-8").split())
    counted = (
        r"\b(\d+) (?:ATT&CK |attack |well-known |secure |tested )?(weakness|technique|pattern|vulnerabilit|recipe)"
    )
    said = {kind: int(count) for count, kind in re.findall(counted, text)}
    counts = {kind.value: len(of_kind(kind)) for kind in {item.entry.kind for item in ENTRIES}}
    assert {kind: said[kind.removesuffix("y")] for kind in counts} == counts


def test_the_shelf_holds_what_a_stranger_asks_first() -> None:
    ranks = [item.entry.rank for item in ENTRIES if isinstance(item.entry, Weakness) and item.entry.rank]
    assert sorted(ranks) == list(range(1, 26)), "the Top 25, each place once"
    assert len(of_kind(PassageKind.WEAKNESS)) >= 100
    assert len(of_kind(PassageKind.TECHNIQUE)) >= 80
    assert len(of_kind(PassageKind.PATTERN)) >= 30
    assert len(of_kind(PassageKind.VULNERABILITY)) >= 40
    assert len(RECIPES) >= 60


@pytest.mark.parametrize("item", [i for i in ENTRIES if i.path.endswith(".md")], ids=lambda item: item.path)
def test_a_citation_opens_at_the_lines_of_the_entry(item: ShelfEntry) -> None:
    lines = (RESOURCES / item.path).read_text(encoding="utf-8").splitlines()
    facts, *others = item.blocks
    assert facts.heading == "At a glance"
    written = [block for block in others if block.heading != "Questions it answers"]
    assert len(written) == 2 * len(item.entry.sections), "each section with its heading"
    for block in written:
        assert block.line_start is not None
        assert "\n".join(lines[block.line_start - 1 : block.line_end]) == block.text


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.id)
def test_a_recipe_is_found_by_its_questions_and_shows_its_code_whole(recipe: Recipe) -> None:
    item = next(item for item in ENTRIES if item.entry.id == recipe.id)
    texts = {block.heading: block.text for block in item.blocks if not block.is_heading}
    assert texts["Questions it answers"].splitlines() == list(recipe.questions)
    assert ast.dump(ast.parse(texts["Code"])) == ast.dump(ast.parse(recipe.code))


@pytest.mark.parametrize("item", ENTRIES, ids=lambda item: item.path)
def test_an_entry_is_shown_whole_with_every_block_at_its_own_lines(item: ShelfEntry) -> None:
    document = item.document()
    kept = {"id": "x", "collection": "starter", **document.model_dump(include={"title", "path", "kind", "media_type"})}
    view = DocumentView(blocks=document.blocks, **kept)
    assert view.has_file_lines
    shown = view.text.split("\n")
    for block in document.blocks:
        assert block.line_start is not None
        assert "\n".join(shown[block.line_start - 1 : block.line_end]) == block.text


def test_a_document_is_about_its_own_identifier_and_its_facts_name_the_others() -> None:
    for item in ENTRIES:
        document = item.document()
        assert document.identifiers == (item.entry.id,)
        facts = next(block.text for block in document.blocks if block.heading == "At a glance" and not block.is_heading)
        assert set(item.entry.relations()) <= {*find_identifiers(facts)} | set(facts.replace(",", " ").split())


@pytest.mark.parametrize("item", [i for i in ENTRIES if isinstance(i.entry, Weakness)], ids=lambda item: item.entry.id)
def test_a_weakness_shows_python_code_that_parses_with_and_without_it(item: ShelfEntry) -> None:
    code = next(block.text for block in item.blocks if block.heading == "How it shows in code" and not block.is_heading)
    insecure, fixed = FENCE.findall(code)
    assert ast.dump(ast.parse(insecure)) != ast.dump(ast.parse(fixed))


def test_no_two_recipes_answer_the_same_question() -> None:
    questions = [" ".join(re.findall(r"\w+", question.lower())) for recipe in RECIPES for question in recipe.questions]
    assert len(set(questions)) == len(questions)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.id)
def test_what_a_recipe_says_of_its_code_is_there(recipe: Recipe) -> None:
    tree = ast.parse(recipe.code)
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    constants = {target.id for node in tree.body if isinstance(node, ast.Assign) for target in node.targets}
    arguments = {argument.arg for argument in functions[recipe.function].args.args}
    assert {parameter.name for parameter in recipe.parameters} <= arguments | constants
    for name, function in functions.items():
        if not name.startswith("_"):
            assert ast.get_docstring(function), f"{name} says nothing of itself"
            assert function.returns is not None
            assert all(argument.annotation for argument in function.args.args)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.id)
def test_a_recipe_is_tested_for_what_it_does_and_for_the_attack_it_stops(recipe: Recipe) -> None:
    tests = (RESOURCES / "recipes" / recipe.id / "test_recipe.py").read_text(encoding="utf-8")
    names = re.findall(r"^def (test_\w+)", tests, re.MULTILINE)
    assert any(name.startswith("test_attack_") for name in names)
    assert any(not name.startswith("test_attack_") for name in names)


def test_bandit_finds_nothing_of_medium_or_high_severity_in_a_recipe() -> None:
    files = [str(RESOURCES / "recipes" / recipe.id / "recipe.py") for recipe in RECIPES]
    command = [sys.executable, "-m", "bandit", "--quiet", "--severity-level", "medium", "--format", "json", *files]
    answer = json.loads(subprocess.run(command, capture_output=True, text=True, timeout=60, check=False).stdout)
    assert not answer["errors"]
    assert len(answer["metrics"]) == len(files) + 1, "one line of metrics per file, and their sum"
    assert [f"{found['filename']}:{found['line_number']} {found['test_id']}" for found in answer["results"]] == []


def test_a_vulnerability_leads_to_its_weakness_its_pattern_and_the_recipe_against_it() -> None:
    found = {relation.id: relation for relation in related("CVE-2023-34362")}
    assert found["CWE-89"].via == ()
    assert found["CAPEC-66"].via == ("CWE-89",)
    assert found["T1190"].kind is PassageKind.TECHNIQUE
    assert found["query_database"].kind is PassageKind.RECIPE


def test_the_way_from_the_xz_backdoor_ends_in_the_supply_chain() -> None:
    found = {relation.id: relation for relation in related("CVE-2024-3094")}
    assert {"CWE-506", "CAPEC-442", "T1195.001", "T1195.002"} <= set(found)
    assert related("CVE-1999-0001") == ()


@given(st.sampled_from([item.entry.id for item in ENTRIES]))
def test_relations_are_told_once_each_and_every_step_on_the_way_was_told_before(identifier: str) -> None:
    told: list[str] = []
    for relation in related(identifier):
        assert relation.id not in (*told, identifier)
        assert set(relation.via) <= set(told)
        told.append(relation.id)


def test_the_recipe_that_names_a_weakness_first_comes_first() -> None:
    assert recipes_against("CWE-434")[0].id == "store_upload"
    assert [recipe.id for recipe in recipes_against("CWE-22")][:2] == ["extract_archive", "join_path"]
    assert recipes_against("CWE-99999") == []


def test_a_recipe_is_loaded_with_its_code_and_an_unknown_one_is_told_with_the_known_ones() -> None:
    assert "def store_upload(" in load_recipe("store_upload").code
    with pytest.raises(ShelfError, match=r"no recipe 'x'.*store_upload"):
        load_recipe("x")


def test_a_vulnerability_knows_the_versions_it_is_in() -> None:
    affected = load_vulnerability("CVE-2024-3094")
    assert isinstance(affected, Vulnerability)
    assert [(entry.introduced, entry.last) for entry in affected.affected] == [("5.6.0", "5.6.1")]
    assert "liblzma5 from 5.6.0 up to and including 5.6.1" in affected.facts()
    assert load_vulnerability("CWE-89") is None


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Is our ticket system hit by Log4Shell?", ("CVE-2021-44228",)),
        ("heartbleed and dirty cow again", ("CVE-2014-0160", "CVE-2016-5195")),
        ("does CVE-2014-7169 matter", ("CVE-2014-6271",)),
        ("our cow is dirty, and the meltdowns of toddlers", ()),
        ("after the meltdown a rapid reset", ()),
        ("are we hit by Meltdown", ("CVE-2017-5754",)),
        ("", ()),
    ],
)
def test_a_vulnerability_is_known_by_the_name_people_gave_it(text: str, named: tuple[str, ...]) -> None:
    assert nicknamed(text) == named


def test_a_vulnerability_of_several_names_is_named_once() -> None:
    assert nicknamed("CitrixBleed, also written Citrix Bleed") == ("CVE-2023-4966",)


def test_the_digest_tells_a_changed_entry_and_nothing_else(shelf: Path) -> None:
    before = shelf_digest(shelf)
    (shelf / "recipes" / "query_database" / "test_recipe.py").write_text("changed")
    (shelf / "weaknesses" / "notes.txt").write_text("no entry")
    assert shelf_digest(shelf) == before
    with (shelf / "recipes" / "query_database" / "recipe.py").open("a") as code:
        code.write("# changed\n")
    assert shelf_digest(shelf) != before


def test_adding_an_entry_is_adding_a_file(shelf: Path) -> None:
    before = len(load_shelf(shelf))
    shutil.copy(RESOURCES / "weaknesses" / "CWE-79.md", shelf / "weaknesses")
    assert len(load_shelf(shelf)) == before + 1


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("rank: 2", "rank: 26", r"CWE-89\.md: the field rank is wrong"),
        ("rank: 2", "rnk: 2", r"CWE-89\.md: the field rnk is wrong"),
        ("parents: [CWE-943]", "parents: [CWE-943, 79]", r"CWE-89\.md: the field parents\.1 is wrong"),
        ("id: CWE-89", "id: CWE-90", r"CWE-89\.md: the field id is CWE-90"),
        ("id: CWE-89", "id: [CWE-89", r"CWE-89\.md has YAML that cannot be read"),
        ("---\nid", "id", r"CWE-89\.md has no front matter"),
        ("## What follows", "## Consequences", r"CWE-89\.md has the sections .*Consequences.*needs these"),
        ("```\n\n## What follows", "\n\n## What follows", r"CWE-89\.md has a code block that does not end"),
        ("---\n\n## What it is", "---\n\nHello\n\n## What it is", r"CWE-89\.md has text before its first section"),
        ("abstraction: base\n", "", r"CWE-89\.md: the field abstraction is wrong"),
    ],
)
def test_a_mistake_in_an_entry_is_told_by_file_and_field(shelf: Path, old: str, new: str, sentence: str) -> None:
    path = shelf / "weaknesses" / "CWE-89.md"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ShelfError, match=sentence):
        load_shelf(shelf)


def test_a_section_without_text_is_told(shelf: Path) -> None:
    path = shelf / "patterns" / "CAPEC-66.md"
    path.write_text(
        path.read_text(encoding="utf-8").partition("## How to break it")[0] + "## How to break it\n", encoding="utf-8"
    )
    with pytest.raises(ShelfError, match=r"CAPEC-66\.md has nothing under its section 'How to break it'"):
        load_shelf(shelf)


def test_a_recipe_without_its_code_or_with_a_foreign_encoding_is_told(shelf: Path) -> None:
    code = shelf / "recipes" / "query_database" / "recipe.py"
    code.write_bytes(b"# caf\xe9\n")
    with pytest.raises(ShelfError, match=r"recipe\.py is not UTF-8"):
        load_shelf(shelf)
    code.unlink()
    with pytest.raises(ShelfError, match=r"recipe\.py of query_database cannot be read"):
        load_shelf(shelf)


def test_an_installation_without_its_shelf_is_told(tmp_path: Path) -> None:
    with pytest.raises(ShelfError, match="holds no starter knowledge"):
        load_shelf(tmp_path)


def test_the_samples_are_one_task_of_each_kind_with_their_files() -> None:
    tasks = [load_task(path) for path in sorted((RESOURCES / "samples").glob("*.json"))]
    assert sorted(task.kind for task in tasks) == sorted(TaskKind)
    named = {unit.name for task in tasks for unit in task.attachments}
    beside = {path.name for path in (RESOURCES / "samples").iterdir() if path.suffix != ".json"}
    assert named == beside, "a file beside the samples that no task attaches, or the other way round"


def test_the_code_of_the_review_sample_parses() -> None:
    task = load_task(RESOURCES / "samples" / "review-flask-view.json")
    ast.parse(task.code_units[0].text)
