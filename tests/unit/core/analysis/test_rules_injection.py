"""Rules about values that break out of their place: patterns, hosts, headers, formats, options, queries, uploads."""

import pytest

from tests.unit.core.analysis.looking import cases, findings_of, rules_of
from workbench.core.evidence import Severity

FLASK = "from flask import request, session, abort\n"
DATA = FLASK + "import pymongo\n"
HANDLER = "from http.server import BaseHTTPRequestHandler\nclass H(BaseHTTPRequestHandler):\n    def do_GET(self):\n"

REPORTED: dict[str, list[str]] = {
    "pattern-exponential": [
        "import re\nP = re.compile(r'^(\\w+\\s?)*$')",
        "import re\ndef f(t):\n    return re.match('(a|aa)+$', t)",
        "import re as r\nRULE = '([a-z]+)*'\ndef f(t):\n    return r.search(RULE + '!', t, r.I)",
        "import re\ndef f(t):\n    return re.sub(pattern='(x+x+)+y', repl='', string=t)",
        "import re\ndef f(t):\n    return re.fullmatch(r'(a+)+', t)",
        "from django.core.validators import RegexValidator\nv = RegexValidator(r'^([0-9]+,?)+$')",
    ],
    "pattern-open-end": [
        FLASK
        + "import re\ndef f():\n    n = request.args['n']\n    if not re.match(r'[a-z]+', n):\n        abort(400)",
        "import re\ndef f(name):\n    if re.match(r'^[\\w.-]{1,40}', name) is None:\n        raise ValueError",
        "import re\nNAME = re.compile('[a-z0-9]+')\ndef f(name):\n    if not NAME.match(name):\n        return None",
        "import re\ndef is_valid(code):\n    return bool(re.match(r'\\d+', code))",
        "import re\nasync def f(self, n):\n    if not n or not re.search(r'[0-9]{4,}', n):\n        raise E",
    ],
    "pattern-dot-not-escaped": [
        "import re\ndef f(h):\n    return re.match('www.example.com$', h)",
        "import re\nP = re.compile(r'^report-\\d+.pdf$')",
        "import re\nP = re.compile('(https?)://' + 'api.example.org' + '/.*')",
    ],
    "host-compared-in-part": [
        "from urllib.parse import urlsplit\ndef f(url):\n    host = urlsplit(url).hostname\n"
        "    return host.endswith('example.com')",
        FLASK + "def f():\n    if not urlparse(request.args['u']).netloc.endswith(('example.com', 'example.org')):\n"
        "        abort(400)",
        FLASK + "def f():\n    target = request.args['next']\n    if target.startswith('https://example.com'):\n"
        "        go(target)",
        "GOOD = 'example.org'\ndef f(domain):\n    return domain.endswith(GOOD)",
    ],
    "header-from-outside": [
        HANDLER + "        self.send_header('X-Id', unquote(self.headers['X-Id']))",
        HANDLER + "        v = parse_qs(urlsplit(self.path).query)['v'][0]\n"
        "        self.send_header('Set-Cookie', f'v={v}; Path=/')",
        HANDLER + "        v = json.loads(self.rfile.read(100))\n        self.send_header('Location', '/a/' + v['p'])",
    ],
    "mail-header-built": [
        "def f(server, who, text):\n    server.sendmail('a@b.example', ['c@d.example'], f'Subject: {who}\\n\\n{text}')",
        "def f(server, who):\n    m = 'From: x\\r\\nReply-To: ' + who + '\\r\\n\\r\\nhello'\n"
        "    server.sendmail('a', 'b', m.encode())",
        "def f(server, who):\n    server.sendmail('a', 'b', msg='To: %s\\n\\nhello' % who)",
        "class A:\n    async def f(self, who):\n        await self.s.sendmail('a', 'b', 'Cc: {}\\n\\n'.format(who))",
    ],
    "protocol-line-built": [
        FLASK + "import socket\ndef f(s):\n    s.sendall(f'GET {request.args[\"k\"]}\\r\\n'.encode())",
        FLASK + "import socket\ndef f(s):\n    line = 'set ' + request.form['k'] + '\\n'\n    s.send(line.encode())",
    ],
    "device-command-built": [
        "from netmiko import ConnectHandler\ndef f(c, name):\n    c.send_config_set(f'interface {name}')",
        "import netmiko\ndef f(c, name):\n    c.send_config_set(['interface ' + name, 'no shutdown'])",
        "import scrapli\nasync def f(c, name):\n    line = 'interface %s' % name\n    await c.send_config(line)",
    ],
    "format-from-outside": [
        FLASK + "def f():\n    return {'t': request.form['t'].format(user=current())}",
        FLASK + "def f():\n    t = request.get_json()['t']\n    return t.format_map(values())",
        FLASK + "def f():\n    data = request.get_json()\n    t = data.get('t', '')\n    return t.format(current())",
        "@app.post('/')\nasync def f(template: str):\n    return template.format(user=current())",
    ],
    "operand-read-as-option": [
        FLASK + "import subprocess\ndef f():\n    subprocess.run(['git', 'clone', request.form['url'], '/srv/x'])",
        FLASK + "import subprocess as sp\ndef f():\n    host = request.args['h']\n    line = ['ssh', host, 'uptime']\n"
        "    return sp.check_output(line)",
        FLASK + "import asyncio\nasync def f():\n    await asyncio.create_subprocess_exec('curl', request.args['u'])",
        "import subprocess\ndef view(request):\n    subprocess.Popen(args=['/usr/bin/tar', 'cf', request.GET['n']])",
    ],
    "attribute-named-outside": [
        FLASK + "def f(user):\n    for name, value in request.get_json().items():\n        setattr(user, name, value)",
        FLASK + "def f(user):\n    setattr(user, request.form['field'], request.form['value'])",
        "async def f(request):\n    data = request.json\n    for key in data:\n        setattr(load(), key, data[key])",
    ],
    "record-filled-from-request": [
        FLASK + "def f():\n    user = User(**request.get_json())\n    db.session.add(user)",
        FLASK + "def f():\n    db.session.add(User(**request.form))",
        FLASK + "def f(user):\n    user.__dict__.update(request.get_json())",
        "def f(request):\n    return User.objects.create(**request.data)",
        "def f(request, pk):\n    User.objects.filter(pk=pk).update(**request.POST.dict())",
        FLASK + "def f(user):\n    data = request.json\n    vars(user).update(data)",
    ],
    "form-with-every-field": [
        "class S(ModelSerializer):\n    class Meta:\n        model = User\n        fields = '__all__'"
    ],
    "merge-sets-any-attribute": [
        "def merge(source, target):\n    for k, v in source.items():\n        if isinstance(v, dict):\n"
        "            merge(v, getattr(target, k))\n        else:\n            setattr(target, k, v)",
        "class A:\n    def lay(self, source, target):\n        for k, v in source.items():\n"
        "            if hasattr(target, k) and isinstance(v, dict):\n                self.lay(v, getattr(target, k))\n"
        "            else:\n                setattr(target, k, v)",
    ],
    "query-value-of-any-type": [
        DATA + "def f():\n    form = request.get_json()\n    return users.find_one({'name': form['name']})",
        DATA + "def f():\n    return users.find_one(request.json)",
        DATA + "def f():\n    q = {'a': request.get_json().get('a')}\n    users.delete_many(filter=q)",
        "from motor import motor_asyncio\nasync def f(request):\n    data = request.json\n"
        "    await db.users.update_one({'code': data['code']}, {'$set': {'a': 1}})",
    ],
    "query-script-built": [
        DATA + "def f():\n    return users.find({'$where': 'this.n == \"' + request.args['n'] + '\"'})",
        "def f(users, n):\n    script = f'this.n == {n}'\n    return list(users.find({'$where': script}))",
    ],
    "upload-of-any-type": [
        FLASK + "def f():\n    up = request.files['p']\n    up.save(os.path.join('static', up.filename))",
        FLASK + "def f():\n    up = request.files.get('p')\n    name = secure_filename(up.filename)\n"
        "    up.save('static/' + name)",
    ],
    "upload-type-believed": [
        FLASK + "def f():\n    up = request.files['p']\n    if up.content_type != 'image/png':\n        abort(415)\n"
        "    keep(up.read())",
        FLASK + "import mimetypes\ndef f():\n    kind, _ = mimetypes.guess_type(request.files['p'].filename)\n"
        "    return keep(kind)",
        FLASK + "def f():\n    if request.files['p'].mimetype in {'image/png'}:\n        keep()",
    ],
    "amount-without-bound": [
        FLASK + "def f():\n    return bytearray(int(request.args['n']))",
        FLASK + "def f():\n    w, h = int(request.args['w']), int(request.args['h'])\n    return bytearray(w * h * 4)",
        FLASK + "import time\ndef f():\n    n = request.args.get('n', 1, type=int)\n    time.sleep(n)",
        FLASK + "def f():\n    n = int(request.form['n'])\n    return [row() for _ in range(n)]",
        FLASK + "def f():\n    return {'t': 'ab' * int(request.get_json()['n'])}",
        "import asyncio\nasync def f(request):\n    await asyncio.sleep(float(request.query['s']))",
    ],
    "decoded-after-check": [
        FLASK + "from urllib.parse import unquote\ndef f():\n    n = request.args['n']\n    if n.startswith('/'):\n"
        "        abort(400)\n    return show(unquote(n))",
        FLASK + "import unicodedata\ndef f():\n    n = request.form['n']\n    if any(c in n for c in '<>'):\n"
        "        raise ValueError\n    n = unicodedata.normalize('NFKC', n)\n    store(n)",
        "import html\ndef view(request):\n    t = request.POST['t']\n    if '<' in t:\n        return bad()\n"
        "    return put(html.unescape(t))",
    ],
    "path-absolute-passes": [
        FLASK + "import os\ndef f():\n    n = request.args['n']\n    if '..' in n:\n        abort(400)\n"
        "    return send_file(os.path.join('/srv/a', n))",
        FLASK + "from pathlib import Path\ndef f():\n    n = request.args['n']\n    if '../' in n or '..' in n:\n"
        "        abort(400)\n    return (Path('/srv/a') / n).read_text()",
    ],
    "frame-allowed": [
        "@xframe_options_exempt\ndef view(request):\n    return page()",
        "X_FRAME_OPTIONS = 'ALLOWALL'",
        "def f(r):\n    r.headers['X-Frame-Options'] = 'ALLOW-FROM https://a.example'",
    ],
    "websocket-any-origin": [
        "import websockets\nasync def f():\n    async with websockets.serve(handle, '0.0.0.0', 80):\n        pass",
        "from websockets.asyncio.server import serve\nasync def f():\n    await serve(handle, 'localhost', 80)",
        "class H(WebSocketHandler):\n    def check_origin(self, origin):\n        return True",
        "from flask_socketio import SocketIO\nio = SocketIO(app, cors_allowed_origins='*')",
        "import socketio\nio = socketio.AsyncServer(cors_allowed_origins=['*'])",
    ],
    "folder-handed-out": [
        "app = Flask(__name__, static_folder='.')",
        "app.mount('/static', StaticFiles(directory='..'))",
        FLASK + "def f(name):\n    return send_from_directory('.', name)",
    ],
    "bucket-public": ["s3.put_object(Bucket='b', Key='k', Body=data, ACL='public-read')"],
    "code-from-open-place": [
        "import importlib.util as u\nspec = u.spec_from_file_location('p', '/tmp/plugins/p.py')",
        "import runpy\nFOLDER = '/var/tmp/'\ndef f(n):\n    runpy.run_path(FOLDER + n)",
        FLASK + "import ctypes\ndef f():\n    ctypes.CDLL(request.args['lib'])",
        "import requests\ndef f():\n    exec(requests.get(ADDRESS, timeout=5).text)",
    ],
    "expression-from-outside": [
        FLASK + "import pandas\ndef f(frame):\n    return frame.query(request.args['q'])",
        FLASK + "import pandas as pd\ndef f():\n    return pd.eval(request.args['q'])",
        FLASK + "from sympy import sympify\ndef f():\n    text = request.form['t']\n    return str(sympify(text))",
    ],
}

SAFE: dict[str, list[str]] = {
    "pattern-exponential": [
        "import re\nP = re.compile(r'^(\\w+\\s)*$')",
        "import re2\nP = re2.compile(r'^(\\w+\\s?)*$')",
        "import re\ndef f(t):\n    return re.match(r'(a+)+', t)",
        "import re\ndef f(t):\n    return re.match(re.escape(t), 'x')",
        "import re\nP = re.compile(r'(a+)+$', FLAGS)",
    ],
    "pattern-open-end": [
        "import re\ndef f(name):\n    if not re.fullmatch(r'[a-z]+', name):\n        raise ValueError",
        "import re\ndef f(name):\n    if not re.match(r'[a-z]+$', name):\n        raise ValueError",
        "import re\ndef f(line):\n    found = re.match(r'\\d+', line)\n    return found and found.group()",
        "import re\ndef f(line):\n    if not re.match(r'Chapter .*', line):\n        raise ValueError",
        "import re\ndef f(path):\n    if not re.match(r'/api/', path):\n        return None",
        "import re\ndef f(line):\n    if re.search(r'\\d+', line):\n        return 1",
    ],
    "pattern-dot-not-escaped": [
        "import re\nP = re.compile(r'www\\.example\\.com$')",
        "import re\nP = re.compile(r'.*com')",
        "import re\nP = re.compile(r'[.]com$|\\w[.com]')",
        "import re\nP = re.compile('a # see example.com\\n b', re.X)",
    ],
    "host-compared-in-part": [
        "def f(host):\n    return host == 'example.com' or host.endswith('.example.com')",
        "def f(url):\n    return url.startswith('https://example.com/')",
        "def f(name):\n    return name.endswith('example.com')",
        "def f(host):\n    return host.endswith('.txt')",
        "def f(url):\n    return url.startswith('https://')",
    ],
    "header-from-outside": [
        HANDLER + "        self.send_header('Content-Length', str(len(self.path)))",
        HANDLER + "        v = unquote(self.path)\n        if v not in KNOWN:\n            return\n"
        "        self.send_header('V', v)",
        HANDLER + "        self.send_header('Location', '/a?' + quote(unquote(self.path)))",
        HANDLER + "        self.send_header('Location', self.path + '/')",
        "class A:\n    def f(self):\n        self.send_header('X-Path', unquote(self.path))",
    ],
    "mail-header-built": [
        "def f(server, who, text):\n    server.sendmail('a', 'b', f'Subject: hello\\n\\n{text}')",
        "def f(server, message):\n    server.sendmail('a', 'b', message.as_string())",
        "def f(server, count: int):\n    server.sendmail('a', 'b', f'Subject: {count} new\\n\\nhello')",
        "def f(server, who):\n    who = who.replace('\\n', '')\n    server.sendmail('a', 'b', f'To: {who}\\n\\nhello')",
    ],
    "protocol-line-built": [
        "import socket\ndef f(s, line):\n    s.sendall(line + b'\\r\\n')",
        FLASK + "import socket\ndef f(s):\n    s.sendall(request.data)",
    ],
    "device-command-built": [
        "import netmiko\ndef f(c):\n    c.send_config_set(['shutdown'])",
        "import netmiko\ndef f(c, commands):\n    c.send_config_set(commands)",
        "import netmiko, re\ndef f(c, name):\n    if not re.fullmatch(r'Vlan\\d+', name):\n        raise ValueError\n"
        "    c.send_config_set(f'interface {name}')",
        "def f(c, name):\n    c.send_config_set(f'interface {name}')",
    ],
    "format-from-outside": [
        FLASK + "def f():\n    return 'hello {}'.format(request.args['n'])",
        FLASK + "def f():\n    return TEXTS[request.args['l']].format(n=1)",
        FLASK + "def f():\n    text = TEXTS.get(request.args['l'])\n    return text.format(n=1)",
        FLASK + "def f():\n    return translate(request.args['l']).format(n=1)",
        "import argparse\ndef f(parser):\n    args = parser.parse_args()\n    return args.text.format(n=1)",
        "def f(text):\n    return text.format(n=1)",
    ],
    "operand-read-as-option": [
        FLASK + "import subprocess\ndef f():\n    subprocess.run(['git', 'clone', '--', request.form['url']])",
        FLASK + "import subprocess\ndef f():\n    subprocess.run(['git', 'log', '--author', request.form['a']])",
        FLASK + "import subprocess\ndef f():\n    subprocess.run(['tar', 'cf', '/srv/' + request.form['a']])",
        FLASK + "import subprocess\ndef f():\n    subprocess.run(['ping', request.args['h']])",
        FLASK + "import subprocess\ndef f():\n    h = request.args['h']\n    if h not in HOSTS:\n        abort(400)\n"
        "    subprocess.run(['ssh', h])",
        "import subprocess, sys\nsubprocess.run(['git', 'clone', sys.argv[1]])",
        FLASK + "import subprocess\ndef f():\n    subprocess.run(['find', str(int(request.args['n']))])",
    ],
    "attribute-named-outside": [
        FLASK + "def f(user):\n    for name, value in request.get_json().items():\n        if name in FIELDS:\n"
        "            setattr(user, name, value)",
        "def f(user, name, value):\n    setattr(user, name, value)",
        FLASK + "def f(user):\n    for name in ('a', 'b'):\n        setattr(user, name, request.form[name])",
    ],
    "record-filled-from-request": [
        FLASK + "def f():\n    change = Change(**request.get_json())\n    return change.name",
        FLASK + "def f():\n    db.session.add(User(name=request.form['name']))",
        "def f(request, form):\n    return User.objects.create(**form.cleaned_data)",
        "def f(self, request, serializer):\n    User.objects.create(**serializer.validated_data)",
        "def f(**fields):\n    return User.objects.create(**fields)",
    ],
    "form-with-every-field": [
        "class S(ModelSerializer):\n    class Meta:\n        model = User\n        fields = ['name']",
        "class S(Filter):\n    class Meta:\n        fields = '__all__'",
    ],
    "merge-sets-any-attribute": [
        "def merge(source, target):\n    for k, v in source.items():\n        if k not in KNOWN:\n            raise E\n"
        "        if isinstance(v, dict):\n            merge(v, getattr(target, k))\n        else:\n"
        "            setattr(target, k, v)",
        "def merge(source, target):\n    for k, v in source.items():\n        if isinstance(v, dict):\n"
        "            merge(v, target[k])\n        else:\n            target[k] = v",
        "def fill(target, values):\n    for k, v in values.items():\n        setattr(target, k, v)",
    ],
    "query-value-of-any-type": [
        DATA + "def f():\n    return users.find_one({'name': request.form['name']})",
        DATA + "def f():\n    form = request.get_json()\n    return users.find_one({'name': {'$eq': form['name']}})",
        DATA + "def f():\n    return users.find_one({'name': str(request.get_json()['name'])})",
        DATA + "def f():\n    n = request.get_json()['n']\n    if not isinstance(n, str):\n        abort(400)\n"
        "    return users.find_one({'n': n})",
        DATA + "def f():\n    form = Login.model_validate(request.json)\n    return users.find_one({'n': form.n})",
        FLASK + "def f():\n    return texts.find(request.get_json()['n'])",
    ],
    "query-script-built": ["def f(users):\n    return users.find({'$where': 'this.a > this.b'})"],
    "upload-of-any-type": [
        FLASK + "def f():\n    up = request.files['p']\n    if not allowed_file(up.filename):\n        abort(415)\n"
        "    up.save('static/' + up.filename)",
        FLASK + "def f():\n    up = request.files['p']\n    up.save('static/' + uuid4().hex + '.png')",
        "def f(form, figure):\n    figure.save(form.filename)",
    ],
    "upload-type-believed": [
        FLASK + "import magic\ndef f():\n    up = request.files['p']\n    if up.content_type != 'image/png':\n"
        "        abort(415)\n    if magic.from_buffer(up.read(2048), mime=True) != 'image/png':\n        abort(415)",
        "import mimetypes\ndef f(path):\n    return mimetypes.guess_type(path)",
        FLASK + "def f():\n    if request.content_type != 'application/json':\n        abort(415)",
    ],
    "amount-without-bound": [
        FLASK + "def f():\n    n = int(request.args['n'])\n    if n > 9:\n        abort(400)\n    return bytearray(n)",
        FLASK + "def f():\n    return bytearray(min(int(request.args['n']), 100))",
        FLASK + "def f():\n    n = min(int(request.args['n']), 100)\n    return list(range(n))",
        "def f(n):\n    return bytearray(int(n))",
        "import sys\nfor i in range(int(sys.argv[1])):\n    go()",
        FLASK + "def f():\n    return bytearray(int(request.args['n']) % 16)",
        FLASK + "def f():\n    return price() * int(request.args['n'])",
    ],
    "decoded-after-check": [
        FLASK + "from urllib.parse import unquote\ndef f():\n    n = unquote(request.args['n'])\n"
        "    if n.startswith('/'):\n        abort(400)\n    return show(n)",
        FLASK + "from urllib.parse import unquote\ndef f():\n    n = request.args['n']\n    if not n:\n"
        "        abort(400)\n    return show(unquote(n))",
        FLASK + "from urllib.parse import unquote\ndef f():\n    n = request.args['n']\n    if '%' in n:\n"
        "        n = unquote(n)\n    return show(n)",
        FLASK + "from urllib.parse import unquote\ndef f():\n    n = request.args['n']\n    if '..' in n:\n"
        "        abort(400)\n    n = unquote(n)\n    if '..' in n:\n        abort(400)\n    return show(n)",
    ],
    "path-absolute-passes": [
        FLASK + "import os\ndef f():\n    n = request.args['n']\n    if '..' in n or n.startswith('/'):\n"
        "        abort(400)\n    return send_file(os.path.join('/srv/a', n))",
        FLASK + "import os\ndef f():\n    n = request.args['n']\n    if '..' in n:\n        abort(400)\n"
        "    return send_file('/srv/a/' + n)",
        FLASK + "import os\ndef f():\n    n = request.args['n']\n    if '..' in n:\n        abort(400)\n"
        "    return send_file(os.path.join('/srv/a', n.lstrip('/')))",
        FLASK + "import os\ndef f():\n    n = request.args['n']\n    if '..' in n:\n        abort(400)\n"
        "    path = os.path.realpath(os.path.join('/srv/a', n))\n    if not path.startswith('/srv/a/'):\n"
        "        abort(400)\n    return send_file(path)",
    ],
    "frame-allowed": ["X_FRAME_OPTIONS = 'DENY'", "@xframe_options_deny\ndef view(request):\n    return page()"],
    "websocket-any-origin": [
        "import websockets\nasync def f():\n    await websockets.serve(handle, 'localhost', 80, origins=[OURS])",
        "class H(WebSocketHandler):\n    def check_origin(self, origin):\n        return origin in OURS",
        "io = SocketIO(app, cors_allowed_origins=['https://a.example'])",
        "from waitress import serve\nserve(app)",
    ],
    "folder-handed-out": ["app = Flask(__name__, static_folder='public')", "app = Flask(__name__)"],
    "bucket-public": ["s3.put_object(Bucket='b', Key='k', Body=data, ACL='private')"],
    "code-from-open-place": [
        "import importlib.util as u\nspec = u.spec_from_file_location('p', FOLDER / 'p.py')",
        "import sys, runpy\nrunpy.run_path(sys.argv[1])",
        "def f(text):\n    log(text)\nopen('/tmp/x')",
    ],
    "expression-from-outside": [
        FLASK + "import pandas\ndef f(frame):\n    return frame.query('year == @y', y=request.args['y'])",
        FLASK + "def f(session):\n    return session.query(request.args['q'])",
        "import pandas\ndef f(frame, text):\n    return frame.query(text)",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("rule", "code"), cases(REPORTED))
def test_the_weakness_is_reported(rule: str, code: str) -> None:
    assert rule in rules_of(code)


@pytest.mark.parametrize(("rule", "code"), cases(SAFE))
def test_code_that_only_looks_like_it_is_not(rule: str, code: str) -> None:
    assert rule not in rules_of(code)


def test_every_rule_has_both_kinds_of_examples() -> None:
    assert REPORTED.keys() == SAFE.keys()


def test_a_value_from_outside_weighs_more_than_a_parameter() -> None:
    guard = "    if not re.match('[a-z]+', {}):\n        raise ValueError"
    (outside,) = findings_of(FLASK + "import re\ndef f():\n" + guard.format("request.args['n']"))
    (given,) = findings_of(f"import re\ndef f(n):\n{guard.format('n')}")
    assert (outside.severity, given.severity) == (Severity.MEDIUM, Severity.LOW)
    assert outside.confidence > given.confidence


def test_an_exponential_pattern_is_told_with_a_text_that_shows_it() -> None:
    (found,) = findings_of("import re\nP = re.compile('(a+)+$')")
    assert "'a' many times and '!'" in found.explanation
