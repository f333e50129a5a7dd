"""Each family by examples of what it reports and, as important, of what it does not."""

import pytest

from tests.unit.core.analysis.looking import cases, cwes_of, findings_of, rules_of
from workbench.core.evidence import Severity

INSECURE: dict[str, list[str]] = {
    "CWE-89": [
        "def f(c, n):\n    c.execute(f\"SELECT a FROM t WHERE n = '{n}'\")",
        "def f(c, n):\n    c.execute('SELECT a FROM t WHERE n = ' + n)",
        "def f(c, n):\n    c.execute('SELECT a FROM t WHERE n = %s' % n)",
        "def f(c, n):\n    c.execute('SELECT a FROM t WHERE n = {}'.format(n))",
        "def f(c, n):\n    q = 'INSERT INTO t VALUES (1, \"%s\")' % n\n    c.execute(q)",
        "def f(c, n):\n    q = 'SELECT a FROM t WHERE a = 1'\n    q += ' AND n = \\'' + n + '\\''\n    c.execute(q)",
        "Q = \"DELETE FROM t WHERE n = '%s'\"\ndef f(c, n):\n    c.execute(Q % n)",
        "def f(self, n):\n    return self.run_it(\"UPDATE t SET a = '%s'\" % n)",
        "def f(c):\n    c.execute('SELECT a FROM t ORDER BY ' + request.args['o'])",
        "def f(c, n):\n    c.execute(QUERY % n)",
    ],
    "CWE-78": [
        "import os\ndef f(n):\n    os.system('ping ' + n)",
        "import subprocess\ndef f(n):\n    subprocess.run(f'ping {n}', shell=True)",
        "import subprocess as sp\ndef f(n):\n    sp.check_output('ping %s' % n, shell=True)",
        "from subprocess import call\ndef f(n):\n    call(n, shell=True)",
        "import subprocess\ndef f(n):\n    subprocess.run(['sh', '-c', 'ping ' + n])",
        "def f(client, n):\n    client.exec_command('ls ' + n)",
        "def f(host, n):\n    host.run('kubectl get pod {}'.format(n))",
    ],
    "CWE-79": [
        "def f():\n    return HttpResponse('<b>' + request.GET['n'] + '</b>')",
        "@app.route('/')\ndef f():\n    n = request.args['n']\n    return f'<p>{n}</p>'",
        "@app.route('/')\ndef f():\n    return request.args['n']",
        "def f(n):\n    return mark_safe(n)",
        "def f(n):\n    return Markup('<b>%s</b>' % n)",
        "def f(self):\n    return render('a.html', {'rows': json.dumps(self.rows())})",
        "def f(self):\n    return {'text': markdown.markdown(self.text)}",
    ],
    "CWE-22": [
        "def f():\n    return send_file(os.path.join('/srv', request.args['n']))",
        "@app.route('/<n>')\ndef f(n):\n    return open('/srv/' + n).read()",
        "def f(folder, filename):\n    path = os.path.join(folder, filename)\n    return open(path)",
        "def f(name):\n    return (ROOT / name).read_text()",
        "import tarfile\ndef f(a):\n    with tarfile.open(a) as t:\n        t.extractall('/srv')",
    ],
    "CWE-918": ["import requests\ndef f():\n    return requests.get(request.args['u']).text"],
    "CWE-601": ["from flask import redirect\ndef f():\n    return redirect(request.args['next'])"],
    "CWE-502": [
        "import pickle\ndef f():\n    return pickle.loads(request.data)",
        "import yaml\ndef f(t):\n    return yaml.unsafe_load(t)",
        "import yaml\ndef f(t):\n    return yaml.load(t)",
    ],
    "CWE-95": [
        "def f(t):\n    return eval(t)",
        "def f(t, d):\n    if t.startswith('='):\n        return eval(t[1:], {}, {'d': d})",
    ],
    "CWE-1336": [
        "from flask import render_template_string\ndef f():\n    return render_template_string(request.args['t'])"
    ],
    "CWE-611": ["from lxml import etree\ndef f(x):\n    return etree.fromstring(x)"],
    "CWE-643": ["from lxml import etree\ndef f(t):\n    return t.xpath(\"//u[@n='\" + request.args['n'] + \"']\")"],
    "CWE-347": ["import jwt\ndef f(t):\n    return jwt.decode(t, options={'verify_signature': False})"],
    "CWE-295": ["import requests\nrequests.get('https://a.example', verify=False, timeout=5)"],
    "CWE-798": ["API_KEY = 'sk-4f9a8b7c6d5e'"],
    "CWE-916": ["import hashlib\ndef f(password):\n    return hashlib.sha256(password.encode()).hexdigest()"],
    "CWE-338": ["import random\ndef make_token():\n    token = random.choice('abc')\n    return token"],
    "CWE-532": ["import logging\nlog = logging.getLogger()\ndef f(password):\n    log.info('login %s', password)"],
    "CWE-614": ["def f(r):\n    r.set_cookie('session', make(), secure=False)"],
}

SECURE: dict[str, list[str]] = {
    "CWE-89": [
        "def f(c, n):\n    c.execute('SELECT a FROM t WHERE n = ?', (n,))",
        "def f(c, n):\n    c.execute('SELECT a FROM t WHERE n IN (' + ','.join('?' for _ in n) + ')', n)",
        "TABLE = 'users'\ndef f(c, n):\n    c.execute(f'SELECT a FROM {TABLE} WHERE n = ?', (n,))",
        "class A:\n    def f(self, c, n):\n        c.execute(f'SELECT a FROM {self.table} WHERE n = ?', (n,))",
        "def f(c, n):\n    c.execute('SELECT a FROM t LIMIT ' + str(int(n)))",
        "def f(c, n):\n    if n not in COLUMNS:\n        raise E\n    c.execute('SELECT a FROM t ORDER BY ' + n)",
        "def f(n):\n    print('Select the name from the list: ' + n)",
        "def f(n):\n    raise ValueError('delete from %s failed' % n)",
        "from psycopg import sql\ndef f(c, n):\n    c.execute(sql.SQL('SELECT a FROM {}').format(sql.Identifier(n)))",
    ],
    "CWE-78": [
        "import subprocess\ndef f(n):\n    subprocess.run(['ping', n])",
        "import subprocess\nsubprocess.run('df -h | tail', shell=True)",
        "import os, shlex\ndef f(n):\n    os.system('ping ' + shlex.quote(n))",
        "import os\ndef f(n: int):\n    os.system(f'sleep {n}')",
        "def f(c, n):\n    c.run('everything about ' + n)",
        "import subprocess\ndef f(n):\n    subprocess.check_call(['shasum', '-c', n + '.sha256'])",
    ],
    "CWE-79": [
        "@app.route('/')\ndef f():\n    n = escape(request.args['n'])\n    return f'<p>{n}</p>'",
        "@app.route('/')\ndef f():\n    return render_template('a.html', n=request.args['n'])",
        "@app.route('/')\ndef f():\n    return {'n': request.args['n']}",
        "def f(n):\n    return mark_safe('<b>bold</b>')",
        "def f(n):\n    return format_html('<b>{}</b>', n)",
        "def f(n):\n    log.info('<p> tag in %s', n)",
        "def f(n):\n    return HttpResponse(n, content_type='application/json')",
        "def f(t):\n    return bleach.clean(markdown.markdown(t))",
    ],
    "CWE-22": [
        "def f():\n    return send_from_directory('/srv', request.args['n'])",
        "def f(folder, filename):\n    return open(os.path.join(folder, os.path.basename(filename)))",
        "def f(name):\n    path = ROOT / name\n    path.resolve().relative_to(ROOT.resolve())\n    return path.open()",
        "def f(folder, name):\n    path = os.path.join(folder, name)\n"
        "    if os.path.commonpath((folder, path)) != folder:\n        raise ValueError\n    return open(path)",
        "@app.route('/<n>')\ndef f(n):\n    return open('/srv/' + secure_filename(n)).read()",
        "def f(path):\n    return open(path).read()",
        "import tarfile\ndef f(a):\n    with tarfile.open(a) as t:\n        t.extractall('/srv', filter='data')",
    ],
    "CWE-918": [
        "import requests\ndef f():\n    return requests.get('https://a.example/' + request.args['p'], timeout=5)",
        "import requests\ndef f():\n    u = request.args['u']\n    check_url(u)\n    return requests.get(u, timeout=5)",
    ],
    "CWE-601": [
        "from flask import redirect\ndef f():\n    return redirect(url_for('index', page=request.args['p']))",
        "from flask import redirect\ndef f():\n    n = request.args['next']\n"
        "    if urlparse(n).netloc != '':\n        abort(400)\n    return redirect('/' + 'home')",
    ],
    "CWE-502": [
        "import json\ndef f():\n    return json.loads(request.data)", "import yaml\ndef f(t):\n    yaml.safe_load(t)",
    ],
    "CWE-95": [
        "import ast\ndef f(t):\n    return ast.literal_eval(t)", "eval('1 + 1')",
        "import ast\ndef f(t):\n    tree = ast.parse(t, mode='eval')\n"
        "    if not all(isinstance(node, ALLOWED) for node in ast.walk(tree)):\n        raise ValueError\n"
        "    return eval(compile(tree, '', 'eval'))",
    ],
    "CWE-611": [
        "from lxml import etree\ndef f(x):\n    p = etree.XMLParser(resolve_entities=False)\n    etree.fromstring(x, p)"
    ],
    "CWE-643": ["from lxml import etree\ndef f(t):\n    return t.xpath('//u[@n=$n]', n=request.args['n'])"],
    "CWE-347": ["import jwt\ndef f(t):\n    return jwt.decode(t, KEY, algorithms=['HS256'])"],
    "CWE-798": [
        "API_KEY = os.environ['API_KEY']", "PASSWORD = ''", "TOKEN_URL = 'https://a.example/token'",
        "password = 'your password here'",
    ],
    "CWE-916": ["import hashlib\ndef f(path):\n    return hashlib.sha256(path.read_bytes()).hexdigest()"],
    "CWE-532": ["import logging\nlog = logging.getLogger()\ndef f(r):\n    log.info('%s', r.headers['X-Id'])"],
    "CWE-614": ["def f(r):\n    r.set_cookie('session', make(), secure=True)"],
}  # fmt: skip


@pytest.mark.parametrize(("cwe", "code"), cases(INSECURE))
def test_the_weakness_is_reported(cwe: str, code: str) -> None:
    assert cwe in cwes_of(code)


@pytest.mark.parametrize(("cwe", "code"), cases(SECURE))
def test_the_secure_way_is_not_reported(cwe: str, code: str) -> None:
    assert cwe not in cwes_of(code)


def test_a_value_from_a_request_is_surer_than_one_of_unknown_origin() -> None:
    outside = findings_of("def f(c):\n    c.execute(f\"SELECT a FROM t WHERE n = '{request.args['n']}'\")")[0]
    unknown = findings_of("def f(c):\n    c.execute(f\"SELECT a FROM t WHERE n = '{fetch()}'\")")[0]
    assert outside.confidence > unknown.confidence
    assert outside.severity is Severity.HIGH


def test_random_numbers_that_are_no_secret_are_a_minor_matter() -> None:
    (finding,) = findings_of("import random\ndef jitter():\n    return random.random()")
    assert finding.severity is Severity.LOW


def test_a_number_format_makes_sql_formatting_a_minor_matter() -> None:
    (finding,) = findings_of("def f(c, n):\n    c.execute('SELECT a FROM t WHERE n = %d' % n)")
    assert finding.severity is Severity.LOW


def test_a_finding_stands_at_the_lines_that_build_the_statement() -> None:
    (finding,) = findings_of(
        "def f(c):\n    n = request.args['n']\n    q = (\n        'SELECT a FROM t '\n"
        "        f\"WHERE n = '{n}'\"\n    )\n"
        "    c.execute(q)\n"
    )
    assert (finding.line_start, finding.line_end) == (4, 5)
    assert "SELECT" in finding.excerpt


def test_every_finding_says_what_can_happen_and_what_to_write_instead() -> None:
    for _, code in cases(INSECURE):
        own = [finding for finding in findings_of(code) if "workbench rules" in finding.witnesses]
        assert all(finding.explanation.endswith(".") and finding.fix.endswith(".") for finding in own)


def test_an_import_under_another_name_hides_nothing() -> None:
    assert "command-in-shell" in rules_of("from os import system as s\ndef f(n):\n    s('ping ' + n)")


ROUTE = '@app.route("/")\ndef page():\n'


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (
            "    rows = db.execute(QUERY, (request.args['q'],)).fetchall()\n"
            "    return ''.join(f'<li>{row[0]}</li>' for row in rows)",
            "a row of a database (asked for with a value from outside, `request.args['q']`)",
        ),
        (
            "    return '<p>' + requests.get(request.args['u']).text + '</p>'",
            "the answer of another server (asked for with a value from outside, `request.args['u']`)",
        ),
        (
            "    return '<p>' + shorten(request.args['t']) + '</p>'",
            "what `shorten()` gives for a value from outside, `request.args['t']`",
        ),
        ("    return '<p>' + request.args['t'].strip() + '</p>'", "a value from outside, `request.args['t']`"),
        (
            "    name = request.args['t']\n    return '<p>' + name + fetch(name) + '</p>'",
            "a value from outside, `request.args['t']`",
        ),
    ],
)
def test_a_value_is_told_as_what_it_is_when_the_request_only_asked_for_it(body: str, told: str) -> None:
    (finding,) = [f for f in findings_of(ROUTE + body) if f.cwe == "CWE-79"]
    assert f"Here {told} is " in finding.explanation


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("requests.get(request.args['u'], timeout=5)\n    return answer.text", "html-response-sends-on"),
        ("request.args['u']\n    return answer", "html-response-echoes"),
    ],
)
def test_only_what_the_client_sent_is_said_to_be_given_back(value: str, rule: str) -> None:
    assert rule in rules_of(f"{ROUTE}    answer = {value}")


def test_a_method_of_what_an_imported_name_gave_keeps_its_origin() -> None:
    code = "from flask import request, redirect\ndef f():\n    return redirect(request.args.get('next', '').strip())"
    assert "redirect-from-outside" in rules_of(code)


@pytest.mark.parametrize(
    "target",
    [
        "f\"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': request.get_full_path()})}\"",
        "settings.LOGIN_URL + '?next=' + request.args['n']",
        "'%s#%s' % (BASE, request.args['n'])",
    ],
)
def test_a_value_in_the_query_of_a_fixed_address_chooses_no_host(target: str) -> None:
    assert "redirect-from-outside" not in rules_of(f"def f():\n    return redirect({target})")


@pytest.mark.parametrize(
    "target", ["request.args['n'] + '?a=b'", "f\"{request.args['n']}?{q}\"", "f\"{BASE}{request.args['n']}\""]
)
def test_a_value_before_the_query_may_choose_the_host(target: str) -> None:
    assert "redirect-from-outside" in rules_of(f"def f():\n    return redirect({target})")


SAVE = "def f():\n    name = request.cookies['sid']\n    {}"


@pytest.mark.parametrize("call", ["store.save(name, {'user': 1})", "self.sessions.save(name, data)"])
def test_a_store_that_keeps_a_record_under_a_key_writes_no_path(call: str) -> None:
    assert "CWE-22" not in cwes_of(SAVE.format(call))


@pytest.mark.parametrize(
    "call", ["upload.save(name)", "img.save(name, 'PNG')", "np.save(name, data)", "default_storage.save(name, content)"]
)
def test_a_file_saved_under_a_name_from_outside_is_reported(call: str) -> None:
    assert "CWE-22" in cwes_of(SAVE.format(call))
