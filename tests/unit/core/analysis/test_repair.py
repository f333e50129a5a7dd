import ast

import pytest

from tests.unit.core.analysis.looking import findings_of, unit_of
from workbench.core.analysis.analyse import analyse_unit
from workbench.core.analysis.edits import Edit, add_imports, apply_edits
from workbench.core.analysis.repair import Repair, RepairRequest, repair_unit


def repair(code: str, language: str = "python") -> Repair:
    unit = unit_of(code, language=language)
    return repair_unit(RepairRequest(unit=unit, findings=analyse_unit(unit).findings))


@pytest.mark.parametrize(
    ("code", "line"),
    [
        (
            "import sqlite3\ndef f(c, n):\n    c.execute(f\"SELECT a FROM t WHERE n = '{n}'\")\n",
            'c.execute("SELECT a FROM t WHERE n = ?", (n,))',
        ),
        (
            "import psycopg\ndef f(c, a, b):\n    q = \"UPDATE t SET a = '%s', r = '5%%' WHERE b = %s\" % (a, b)\n"
            "    c.execute(q)\n",
            "c.execute(q, (a, b))",
        ),
        (
            "import sqlite3\ndef f(c, n):\n    c.execute(\"SELECT a FROM t WHERE n LIKE '%\" + n + \"%'\")\n",
            'c.execute("SELECT a FROM t WHERE n LIKE ?", (f"%{n}%",))',
        ),
        ("import os\ndef f(n):\n    os.system('ping -c 1 ' + n)\n", 'subprocess.call(["ping", "-c", "1", str(n)])'),
        (
            "import subprocess\ndef f(n):\n    subprocess.run(f'tar xf {n}.tar', shell=True, check=True)\n",
            'subprocess.run(["tar", "xf", f"{n}.tar"], check=True)',
        ),
        (
            "import subprocess\ndef f(n):\n    subprocess.run('ls \"a b\" ' + n, shell=True)\n",
            'subprocess.run(["ls", "a b", str(n)])',
        ),
        (
            "from flask import Flask\n@app.route('/')\ndef f():\n    n = request.args['n']\n    return f'<p>{n}</p>'\n",
            "return f'<p>{escape(str(n))}</p>'",
        ),
        (
            "import os\nfrom flask import send_file\n"
            "def f():\n    return send_file(os.path.join('/srv', request.args['n']))\n",
            "return send_from_directory('/srv', request.args['n'])",
        ),
        ("import yaml\ndef f(t):\n    return yaml.load(t, Loader=yaml.Loader)\n", "return yaml.safe_load(t)"),
        ("import requests\nrequests.get('https://a.example', verify=False, timeout=5)\n",
         "requests.get('https://a.example', timeout=5)"),
        ("import requests\nrequests.get('https://a.example')\n", "requests.get('https://a.example', timeout=10)"),
        ("import flask\napp.run(port=80, debug=True)\n", "app.run(port=80, debug=False)"),
        ("def f(t):\n    return eval(t)\n", "return ast.literal_eval(t)"),
        ("import tempfile\np = tempfile.mktemp()\n", "p = tempfile.NamedTemporaryFile(delete=False).name"),
        ("import random\ndef f():\n    token = random.choice('abc')\n    return token\n",
         "token = secrets.SystemRandom().choice('abc')"),
        ("import jinja2\ne = jinja2.Environment(loader=l)\n", "e = jinja2.Environment(loader=l, autoescape=True)"),
        ("import tarfile\ndef f(t):\n    tarfile.open(t).extractall('/srv')\n",
         "tarfile.open(t).extractall('/srv', filter=\"data\")"),
        ("API_KEY = 'sk-4f9a8b7c6d5e'\n", 'API_KEY = os.environ["API_KEY"]'),
    ],
)  # fmt: skip
def test_a_known_fix_is_written_at_the_place_and_the_finding_is_gone(code: str, line: str) -> None:
    before = findings_of(code)
    result = repair(code)
    assert line in result.text
    assert len(result.repaired) == len(before)
    assert result.remaining == ()
    ast.parse(result.text)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import sqlite3\ndef f(c, n):\n    c.execute('SELECT a FROM t ORDER BY ' + n)\n", "cannot bind a name"),
        ("import os\ndef f(n):\n    os.system('ls ' + n + ' | wc -l')\n", "the shell's own syntax"),
        ("import pickle\ndef f(d):\n    return pickle.loads(d)\n", "change its format"),
        ("def f(t):\n    exec(t)\n", "no safe counterpart"),
        ("import os\ndef f(n):\n    return open(os.path.join('/srv', request.args['n']))\n", "only Flask brings"),
    ],
)
def test_what_cannot_be_mended_is_left_as_it_is_with_the_reason(code: str, reason: str) -> None:
    result = repair(code)
    assert result.text == code
    assert result.diff == ""
    assert reason in result.unrepaired[0].reason


def test_everything_else_stays_as_it_was_written() -> None:
    code = (
        "# a comment\nimport sqlite3\n\n\ndef find( c,n ):   # odd spacing stays\n"
        "    '''Docs.'''\n    return c.execute('SELECT a FROM t WHERE n = \"%s\"' % n)\n"
    )
    result = repair(code.replace('"%s"', "\\'%s\\'"))
    changed = [line for line in result.diff.splitlines() if line[:1] in "+-" and line[:3] not in {"+++", "---"}]
    assert [line[0] for line in changed] == ["-", "+"]
    assert "# odd spacing stays" in result.text


def test_imports_that_a_fix_needs_are_added_once_below_the_docstring() -> None:
    code = '"""Docs."""\nfrom __future__ import annotations\n\ndef f(n):\n    eval(n)\n    eval(n)\n'
    text = repair(code).text
    assert text.count("import ast") == 1
    assert text.index("__future__") < text.index("import ast") < text.index("def f")
    ast.parse(text)


def test_a_page_whose_part_is_built_above_is_mended_as_a_whole() -> None:
    code = (
        "from flask import Flask\n@app.route('/')\ndef f():\n"
        "    rows = ''.join(f'<li>{r}</li>' for r in request.args.getlist('r'))\n"
        "    return f'<ul>{rows}</ul>' + request.args['n']\n"
    )
    result = repair(code)
    assert result.remaining == ()
    assert result.text.count("escape(str(") == 2


def test_code_in_another_language_or_that_does_not_parse_is_not_touched() -> None:
    for result in (repair("eval($x);", "php"), repair("def f(:\n    eval(x)\n")):
        assert result.changes == ()
        assert result.diff == ""


def test_the_same_place_is_never_changed_twice() -> None:
    with pytest.raises(ValueError, match="same place"):
        apply_edits("abcdef", [Edit(0, 3, "x"), Edit(2, 4, "y")])
    assert apply_edits("abcdef", [Edit(4, 5, "y"), Edit(0, 3, "x")]) == "xdyf"


def test_names_that_are_imported_already_are_not_imported_again() -> None:
    assert add_imports("import os\nx = 1\n", ["import os"]) == "import os\nx = 1\n"
    assert add_imports("x = 1\n", ["import os"]) == "import os\n\nx = 1\n"


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("f'tar xf {n}.tar'", "`n` can still be an option (`-x`) or lead out of its folder by `../`"),
        ("f'cat /srv/{n}'", "`n` can still lead out of its folder by `../`"),
        ("f'head -n {len(n)} /srv/{n}'", "; `n` can still lead out of its folder by `../`, which"),
    ],
)
def test_a_command_without_a_shell_tells_what_a_value_can_still_do(command: str, told: str) -> None:
    (change,) = repair(f"import subprocess\ndef f(n):\n    subprocess.run({command}, shell=True)\n").changes
    assert "no shell" in change
    assert told in change
    assert "len(n)" not in change
    assert ("option" in change) is ("option" in told)


def test_a_shell_is_taken_away_although_an_operand_may_still_be_read_as_an_option() -> None:
    code = (
        "import subprocess\nfrom flask import request\n@app.route('/export')\ndef export():\n"
        "    name = request.form['name']\n    subprocess.run(f'zip -q export.zip {name}', shell=True)\n"
    )
    mended = repair(code)
    assert "shell=True" not in mended.text
    assert {finding.rule for finding in findings_of(mended.text)} == {"operand-read-as-option"}
