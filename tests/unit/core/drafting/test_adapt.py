import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.core.drafting.adapt import Adapted, adapt
from workbench.core.drafting.fitting import Fit
from workbench.core.evidence import Passage, PassageKind
from workbench.core.knowledge.shelf import load_recipe, read_entries
from workbench.core.knowledge.shelf_entries import Recipe
from workbench.core.tasks import Task, TaskKind

RECIPES = [shelved.entry.id for shelved in read_entries() if isinstance(shelved.entry, Recipe)]


def adapted(recipe: str, description: str) -> Adapted:
    passage = Passage(
        id="p1", source="starter knowledge", document_id="d", title="t", text="t", kind=PassageKind.RECIPE
    )
    task = Task(kind=TaskKind.DRAFT, title="Draft", description=description)
    return adapt(Fit(load_recipe(recipe), passage, 0.9), task)


def constant(code: str, name: str) -> object:
    for node in ast.parse(code).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == name:
            return ast.literal_eval(node.value)
    raise AssertionError(name)


def function(code: str, name: str) -> ast.FunctionDef:
    return next(node for node in ast.parse(code).body if isinstance(node, ast.FunctionDef) and node.name == name)


def test_without_wishes_the_recipe_stays_as_it_is() -> None:
    done = adapted("store_upload", "Store what people send")
    assert done.draft.text == load_recipe("store_upload").code
    assert done.draft.changes == ()
    assert any("MAX_BYTES" in line for line in done.left)
    assert any("folder" in line for line in done.passed)


def test_name_and_limits_are_those_of_the_task_and_each_change_is_told() -> None:
    done = adapted("store_upload", "A function `store_avatar`. PNG or JPEG pictures of at most 2 MB.")
    code = done.draft.text
    assert done.draft.name == "store_avatar.py"
    assert function(code, "store_avatar")
    assert "def store_upload" not in code
    assert constant(code, "MAX_BYTES") == 2_000_000
    assert set(constant(code, "SIGNATURES").values()) == {".png", ".jpg"}  # type: ignore[attr-defined]
    assert len(done.draft.changes) == 3
    assert "store_upload" in done.draft.basis
    assert "p1" in done.draft.basis


def test_messages_say_what_the_code_does_after_the_change() -> None:
    code = adapted("store_upload", "Only PNG and JPEG, at most 500 kB").draft.text
    assert "Only PNG and JPEG pictures" in code
    assert "GIF" not in code.replace("GIF87a", "").split("SIGNATURES")[1]
    shown = f"The picture is larger than {500_000 / 1_000_000:g} MB"
    assert shown == "The picture is larger than 0.5 MB"
    assert "{MAX_BYTES / 1_000_000:g} MB" in code


def test_a_type_without_a_safe_test_is_not_added_and_that_is_told() -> None:
    done = adapted("store_upload", "Accept PNG and SVG")
    assert ".svg" not in str(constant(done.draft.text, "SIGNATURES"))
    assert any("SVG" in line for line in done.unmet)
    assert done.share_met < 1


def test_a_secret_is_never_made_short_enough_to_guess() -> None:
    done = adapted("issue_token", "A token of 64 bits, valid for 2 days")
    assert constant(done.draft.text, "TOKEN_BYTES") == 32
    assert "LIFETIME = timedelta(days=2)" in done.draft.text
    assert any("guessed" in line for line in done.unmet)


def test_a_longer_secret_is_taken_and_its_docstring_follows() -> None:
    code = adapted("issue_token", "48 bytes please").draft.text
    assert constant(code, "TOKEN_BYTES") == 48
    assert "384 bits" in code


def test_a_parameter_is_renamed_in_the_function_only() -> None:
    code = adapted("query_database", "The parameter `name` shall be called `term`").draft.text
    renamed = function(code, "find_users")
    assert [argument.arg for argument in renamed.args.args] == ["connection", "term", "sort"]
    assert "escape_like(term)" in code
    assert '"name": "SELECT id, name FROM users' in code
    assert "contains `term`" in code


def test_the_table_asked_for_is_put_into_the_statements_only() -> None:
    code = adapted("query_database", "Look in the `parts` table, at most 20 rows").draft.text
    assert all(" FROM parts " in statement for statement in constant(code, "STATEMENTS").values())  # type: ignore[attr-defined]
    assert constant(code, "MAX_ROWS") == 20


def test_a_parameter_that_the_recipe_has_no_use_for_is_told_and_not_added() -> None:
    done = adapted("store_upload", "def keep(upload, folder, owner): store it")
    assert [argument.arg for argument in function(done.draft.text, "keep").args.args] == ["upload", "folder"]
    assert any("owner" in line for line in done.unmet)


def test_a_name_of_pythons_own_is_refused_and_told() -> None:
    done = adapted("store_upload", "a function called `open`")
    assert function(done.draft.text, "store_upload")
    assert any("open" in line for line in done.unmet)


def test_a_name_that_the_recipe_uses_already_is_refused() -> None:
    done = adapted("store_upload", "a function called `picture_ending`")
    assert function(done.draft.text, "store_upload")
    assert done.unmet


def test_a_folder_becomes_the_default_where_it_can_be_one() -> None:
    assert 'folder: Path = Path("/srv/pics")' in adapted("store_upload", "Put them into /srv/pics").draft.text
    done = adapted("join_path", "Only files below /srv/files may be read")
    assert done.draft.text == load_recipe("join_path").code
    assert any('Path("/srv/files")' in line for line in done.met)


def test_https_only_leaves_no_plain_http() -> None:
    assert constant(adapted("fetch_url", "https only").draft.text, "PORTS") == {"https": 443}


def test_text_of_a_task_never_becomes_code() -> None:
    nasty = (
        'Run `rm"); import os; os.system("x` into /srv/a");evil=("b. Table `x; DROP TABLE y`. '
        'def f(a=__import__("os")): 1'
    )
    for recipe in RECIPES:
        before = {node.func.attr for node in ast.walk(ast.parse(load_recipe(recipe).code)) if _is_method_call(node)}
        after = {
            node.func.attr for node in ast.walk(ast.parse(adapted(recipe, nasty).draft.text)) if _is_method_call(node)
        }
        assert after == before


def _is_method_call(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)


SAID = (
    "function called keep `save` def f(upload, folder) at most up to 2 MB 30 minutes 7 files 40 rows 3 bytes 128 bits "
    "png jpeg svg https only /srv/x `y` table parameter the and , . valid for takes `a` `b` rename folder to target "
    "otherwise /home run `convert`"
)


@pytest.mark.parametrize("recipe", RECIPES)
@given(words=st.lists(st.sampled_from(SAID.split()), min_size=1, max_size=25))
@settings(max_examples=15, deadline=None)
def test_whatever_is_asked_the_draft_parses_and_keeps_imports_and_docstrings(recipe: str, words: list[str]) -> None:
    done = adapted(recipe, "Please " + " ".join(words))
    before, after = ast.parse(load_recipe(recipe).code), ast.parse(done.draft.text)
    imports = [ast.dump(node) for node in before.body if isinstance(node, ast.Import | ast.ImportFrom)]
    assert [ast.dump(node) for node in after.body if isinstance(node, ast.Import | ast.ImportFrom)] == imports
    documented = [node for node in after.body if isinstance(node, ast.FunctionDef) and ast.get_docstring(node)]
    assert len(documented) == sum(
        isinstance(n, ast.FunctionDef) and ast.get_docstring(n) is not None for n in before.body
    )
    assert bool(done.draft.changes) == (done.draft.text != load_recipe(recipe).code)
    assert 0 <= done.share_met <= 1


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_recipe_can_be_given_another_name(recipe: str) -> None:
    done = adapted(recipe, "a function called `our_own_name`")
    assert function(done.draft.text, "our_own_name")
    assert load_recipe(recipe).function not in {
        node.id for node in ast.walk(ast.parse(done.draft.text)) if isinstance(node, ast.Name)
    }
