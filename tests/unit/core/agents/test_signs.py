"""What code shows of weaknesses, and what it does not."""

import pytest

from workbench.core.agents.signs import LONGEST, SIGNS, signs_in
from workbench.core.knowledge.shelf import load_shelf


@pytest.mark.parametrize(
    ("weakness", "code"),
    [
        ("CWE-89", "db.execute(f\"DELETE FROM t WHERE name = '{name}'\")"),
        ("CWE-89", 'db.execute("SELECT a FROM t WHERE id = %s" % number)'),
        ("CWE-89", "db.query(`SELECT a FROM t WHERE id = ${id}`)"),
        ("CWE-78", "run(\n    command,\n    shell=True,\n)"),
        ("CWE-78", "os.system('ping ' + host)"),
        ("CWE-502", "state = pickle.loads(body)"),
        ("CWE-502", "yaml.load(text)"),
        ("CWE-79", "page = f'<b>{name}</b>'"),
        ("CWE-79", "box.innerHTML = answer"),
        ("CWE-22", "return send_file(os.path.join(ROOT, name))"),
        ("CWE-918", "requests.get(request.args['to'])"),
        ("CWE-295", "client.get(url, verify=False)"),
        ("CWE-798", 'PASSWORD = "correct-horse-9"'),
        ("CWE-601", "redirect(request.args['next'])"),
        ("CWE-916", "hashlib.md5(password.encode())"),
        ("CWE-532", 'log.info("sent with %s", headers())'),
        ("CWE-330", "token = random.choice(LETTERS)"),
        ("CWE-489", "app.run(debug=True)"),
        ("CWE-94", "eval(formula)"),
    ],
)
def test_a_dangerous_use_is_a_sign_of_its_weakness(weakness, code):
    assert weakness in signs_in([code])


@pytest.mark.parametrize(
    "code",
    [
        "term = request.args.get('q')",
        "path = os.path.join(folder, name)",
        "log = logging.getLogger(__name__)",
        'db.execute("SELECT a FROM t WHERE id = %s", (number,))',
        'subprocess.run(["zip", name], check=True)',
        "yaml.load(text, Loader=yaml.SafeLoader)",
        "hashlib.md5(picture).hexdigest()",
        "client.get(url, verify=True)",
        "# never set verify=False or call pickle.loads(body)",
        "redirect(url_for('start'))",
        "password = getpass.getpass()",
        'log.info("the password was changed")',
        "archive.extractall(folder, filter='data')",
        "model.eval()",
        "print(f'{count} < {limit}')",
    ],
)
def test_sources_and_safe_uses_show_nothing(code):
    assert signs_in([code]) == {}


def test_a_long_line_is_cut_to_the_part_that_shows_it():
    excerpt = signs_in([f"    run({'a_long_name + ' * 12}b, shell=True, check={'True or ' * 12}False)\n"])["CWE-78"]
    assert "shell=True" in excerpt
    assert len(excerpt) <= LONGEST + 6


def test_the_shelf_has_every_weakness_that_there_is_a_sign_of():
    there = {identifier for passage in load_shelf() for identifier in passage.identifiers[:1]}
    assert {sign.weakness for sign in SIGNS} <= there
