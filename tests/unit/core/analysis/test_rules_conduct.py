"""Rules about how code conducts itself: whom it trusts, which failures it sees, what it leaves open or locked."""

import pytest

from tests.unit.core.analysis.looking import cases, findings_of, rules_of, unit_of
from workbench.core.analysis.analyse import analyse_unit
from workbench.core.evidence import Severity

FLASK = "from flask import request, session, abort\n"
RUN = "import subprocess\n"

REPORTED: dict[str, list[str]] = {
    "address-header-trusted": [
        FLASK + "def f():\n    if request.headers['X-Forwarded-For'] not in OURS:\n        abort(403)",
        FLASK + "def f():\n    a = request.headers.get('X-Real-IP', request.remote_addr)\n"
        "    return a.startswith('10.')",
        "def view(request):\n    a = request.META.get('HTTP_X_FORWARDED_FOR', '').split(',')[0]\n"
        "    if ipaddress.ip_address(a) in NET:\n        return secret()",
        "async def view(request):\n    if request.headers.get('x-remote-user') == 'root':\n        return secret()",
    ],
    "origin-compared-in-part": [
        FLASK + "def f():\n    if not request.headers.get('Origin', '').endswith('example.com'):\n        abort(403)",
        FLASK + "def f():\n    o = request.headers['Origin'].lower()\n    return o.startswith('https://example.com')",
        "def view(request):\n    if 'example.com' in request.META['HTTP_REFERER']:\n        return go()",
    ],
    "cookie-decides-rights": [
        FLASK + "def f():\n    if request.cookies.get('role') != 'admin':\n        abort(403)",
        FLASK + "def f():\n    role = request.cookies['role']\n    return role == 'admin' and secret()",
        "def view(request):\n    if request.COOKIES.get('is_admin'):\n        return secret()",
        FLASK + "def f():\n    if request.cookies.get('user_type', '').lower() in ('staff', 'admin'):\n        go()",
    ],
    "request-decides-rights": [
        FLASK + "def f():\n    if request.form.get('staff') == 'true':\n        return secret()",
        FLASK + "def f():\n    if request.headers.get('X-Role') == 'admin':\n        return secret()",
        FLASK + "def f():\n    data = request.get_json()\n    admin = data['is_admin']\n    if admin == True:\n"
        "        go()",
        "def view(request):\n    if 'yes' == request.GET['admin']:\n        return secret()",
    ],
    "price-from-request": [
        FLASK + "def f():\n    return charge(session['id'], int(request.form['price_in_cents']))",
        FLASK + "def f():\n    price = request.form.get('price')\n    gateway.create_payment(user, amount=price)",
        "async def f(request):\n    return await shop.checkout(total=request.POST['total_price'])",
    ],
    "reset-link-host": [
        FLASK + "def forgot():\n    send_mail(user.mail, f'https://{request.host}/reset?t={token}')",
        FLASK + "def f():\n    link = request.host_url + 'reset/' + t\n    msg = Message('Your password', body=link)",
        "def f(request):\n    url = 'https://' + request.META['HTTP_HOST'] + '/password/' + t\n"
        "    send_mail('x', url, A, [b])",
    ],
    "check-result-ignored": [
        RUN + "def f(s, p):\n    subprocess.run(['/usr/bin/gpg', '--verify', s, p])",
        RUN + "def f(s, p):\n    command = ['gpgv', s, p]\n    subprocess.call(command)",
        RUN + "def f(s):\n    subprocess.run(f'sha256sum -c {s}', shell=True, check=False)",
        "import os\ndef f():\n    os.system('cosign verify image')",
    ],
    "hardening-result-ignored": [
        RUN + "subprocess.run(['sudo', 'iptables', '-A', 'INPUT', '-j', 'DROP'])",
        "import os\nos.system('chmod 600 /srv/key')",
    ],
    "security-error-swallowed": [
        "def f(s):\n    try:\n        s.revoke()\n    except Exception:\n        pass",
        "def f(t):\n    try:\n        verify_signature(t)\n    except InvalidSignature:\n        ...",
        "async def f(all):\n    for s in all:\n        try:\n            await s.invalidate()\n"
        "        except:\n            continue",
        "def f():\n    try:\n        os.setuid(100)\n    except OSError:\n        pass",
    ],
    "rights-asserted": [
        "def f(user):\n    assert user.is_admin\n    go()",
        "def f(user, d):\n    assert d.owner_id == user.id, 'not yours'\n    d.delete()",
        "async def f(user):\n    assert user.has_perm('app.delete')",
        "class A:\n    def f(self):\n        assert check_permission(self.user)",
        FLASK + "def f():\n    assert session.get('role') == 'admin'",
        FLASK + "def f():\n    role = session['role']\n    assert role.lower() in ('admin', 'staff'), 'no'",
        FLASK + "def f():\n    assert 'user_id' in session", FLASK + "def f():\n    assert session.get('step') == 3",
        FLASK + "async def f():\n    assert session.get('user_id') is not None",
        "def f(request, d):\n    assert request.session['uid'] == d.uid",
        "def f(user):\n    assert user['role'] == 'admin'\n    return True",
        "def f(user):\n    assert user.role in {Role.ADMIN, Role.OWNER}", "def f(role):\n    assert role == 'admin'",
        "def f(request, d):\n    assert request.user == d.owner", "def f(d):\n    assert d.user_id == current_user.id",
        "def f(user, d):\n    mine = d.owner_id == user.id\n    assert mine",
        "def f(user):\n    assert not user.locked and user.is_staff is True",
        "def f(user):\n    assert 'write' in user.permissions", "def f(claims):\n    assert 'admin' in claims['scope']",
        "async def f(user):\n    assert await has_permission(user, 'x')", "def f(is_admin):\n    assert is_admin",
        "def f(u):\n    assert any(is_allowed(u, g) for g in GROUPS)",
        "import hmac\ndef f(a, b):\n    assert hmac.compare_digest(a, b)",
    ],
    "input-asserted": [
        FLASK + "def f():\n    assert request.form['n'] in NAMES",
        FLASK + "def f():\n    n = request.args['n']\n    assert len(request.args['n']) < 9 and n in NAMES",
    ],
    "lock-kept-on-error": [
        "def f(d):\n    lock.acquire()\n    d['n'] -= 1\n    lock.release()",
        "class A:\n    def f(self):\n        self._lock.acquire()\n        go()\n        self._lock.release()",
        "async def f(mutex):\n    await mutex.acquire()\n    await go()\n    mutex.release()",
    ],
    "handle-not-closed": [
        "def f(p):\n    file = open(p)\n    return [line.strip() for line in file]",
        "import socket\ndef f(all):\n    for h in all:\n        c = socket.create_connection((h, 22))\n"
        "        print(c.recv(9))",
        "class A:\n    def f(self):\n        log = open('x', 'w')\n        log.write('y')",
        "import gzip\nasync def f(p):\n    data = gzip.open(p)\n    return data.read()",
    ],
    "file-checked-then-used": [
        "import os\ndef f(p):\n    if os.access(p, os.W_OK):\n        with open(p, 'w') as f:\n"
        "            f.write('x')",
        "def f(path):\n    if path.is_symlink():\n        raise E\n    return path.read_text()",
        "import os, subprocess\ndef f(p):\n    if os.path.islink(p):\n        return\n"
        "    subprocess.run([p], check=True)",
        "import os\ndef f(p):\n    if not os.access(p, os.R_OK):\n        raise E\n    return open(p)",
    ],
    "file-created-if-absent": [
        "import os\ndef f(p):\n    if not os.path.exists(p):\n        with open(p, 'w') as f:\n"
        "            f.write('x')",
        "def f(path):\n    if path.exists():\n        raise FileExistsError\n    path.write_text('x')",
        "def f(path):\n    if not path.is_file():\n        path.open(mode='wb').close()",
    ],
    "umask-cleared": ["import os\nos.umask(0)", "import os\ndef f():\n    os.umask(0o000)"],
    "path-has-working-folder": [
        "import os\nos.environ['PATH'] = '.:' + os.environ['PATH']",
        "import os\nos.environ['PATH'] = f\"{os.environ['PATH']}:.\"",
    ],
    "modules-from-open-folder": [
        "import sys\nsys.path.insert(0, '')", "import sys\nsys.path.append('/tmp/plugins')",
        "import os, sys\nhere = os.getcwd()\nsys.path.insert(0, here)",
    ],
    "folder-listed": [
        "app.router.add_static('/files', '/srv/files', show_index=True)",
        "urlpatterns = [re_path('^m/(?P<path>.*)$', serve, {'document_root': R, 'show_indexes': True})]",
        "from http.server import HTTPServer, SimpleHTTPRequestHandler\n"
        "HTTPServer(('', 8000), SimpleHTTPRequestHandler).serve_forever()",
    ],
    "recursion-limit-raised": [
        "import sys\nsys.setrecursionlimit(1_000_000)",
        "import sys as s\ns.setrecursionlimit(100_000)",
    ],
    "text-as-truth": [
        "import os\nDEBUG = bool(os.environ.get('DEBUG', 'false'))",
        "from os import getenv\ndef f():\n    value = getenv('X', default='0')\n    return bool(value)",
        "parser.add_argument('--verify', type=bool, default=True)",
        FLASK + "def f():\n    return bool(request.args.get('all', 'false'))",
    ],
    "remote-attributes-open": [
        "server.register_instance(service, allow_dotted_names=True)",
        "class A:\n    def f(self):\n        self.server.register_instance(self, True)",
        "ThreadedServer(S, protocol_config={'allow_all_attrs': True})",
    ],
}  # fmt: skip

NOT_REPORTED: dict[str, list[str]] = {
    "address-header-trusted": [
        FLASK + "def f():\n    if request.headers.get('X-Forwarded-For'):\n        log.info('behind a proxy')",
        FLASK + "def f():\n    if request.remote_addr not in OURS:\n        abort(403)",
        FLASK + "def f():\n    if request.headers.get('X-Real-IP') is None:\n        abort(400)",
        FLASK + "def f():\n    if request.headers.get('X-Requested-With') == 'XMLHttpRequest':\n        go()",
    ],
    "origin-compared-in-part": [
        FLASK + "def f():\n    if request.headers.get('Origin') not in ORIGINS:\n        abort(403)",
        FLASK + "def f():\n    return request.headers['Origin'].endswith('.example.com')",
        FLASK + "def f():\n    return request.headers['Referer'].startswith('https://example.com/')",
        FLASK + "def f():\n    return request.headers['Origin'] == 'https://example.com'",
    ],
    "cookie-decides-rights": [
        FLASK + "def f():\n    if session.get('role') != 'admin':\n        abort(403)",
        FLASK + "def f():\n    if request.cookies.get('theme') == 'dark':\n        go()",
        FLASK + "def f():\n    role = signer.unsign(request.cookies['role'])\n    return role == 'admin'",
        FLASK + "def f():\n    if request.cookies.get('role') is None:\n        go()",
    ],
    "request-decides-rights": [
        FLASK + "def f():\n    user.is_admin = request.form.get('is_admin') == 'on'",
        FLASK + "def f():\n    if request.form.get('staff_name') == 'Ann':\n        go()",
        FLASK + "def f():\n    if request.form['role'] == 'admin':\n        require(user)",
    ],
    "price-from-request": [
        FLASK + "def f():\n    article.price = request.form['price']",
        FLASK + "def f():\n    return charge(user, find(request.form['article']).price)",
        FLASK + "def f():\n    return display(request.form['price'])",
    ],
    "reset-link-host": [
        FLASK + "def forgot():\n    send_mail(user.mail, f'{BASE}/reset?t={token}')",
        FLASK + "def f():\n    send_mail(ADMIN, f'new visitor from {request.host}')",
        FLASK + "def reset():\n    log.info('reset asked at %s', request.host)",
    ],
    "check-result-ignored": [
        RUN + "def f(s, p):\n    subprocess.run(['gpg', '--verify', s, p], check=True)",
        RUN + "def f(s, p):\n    if subprocess.run(['gpg', '--verify', s, p]).returncode:\n        raise E",
        RUN + "def f(s, p):\n    subprocess.check_call(['gpg', '--verify', s, p])",
        RUN + "def f(p):\n    subprocess.run(['gpg', '--armor', p])",
        RUN + "def f(p, c):\n    subprocess.run(['gpg', '--verify', p], check=c)",
        RUN + "subprocess.run(['make', 'verify'])",
    ],
    "hardening-result-ignored": [
        RUN + "subprocess.run(['ls', '-l'])", RUN + "subprocess.run(['chmod', '600', 'x'], check=True)",
    ],
    "security-error-swallowed": [
        "def f():\n    try:\n        os.unlink('x')\n    except OSError:\n        pass",
        "def f(keys):\n    for k in keys:\n        try:\n            k.verify(s)\n            return True\n"
        "        except InvalidSignature:\n            pass\n    return False",
        "def f(keys):\n    for k in keys:\n        try:\n            k.verify(s)\n        except InvalidSignature:\n"
        "            continue\n        else:\n            return True",
        "def f(s):\n    try:\n        s.revoke()\n    except Exception:\n        log.exception('not revoked')",
        "def f(t):\n    claims = None\n    try:\n        claims = decrypt(t)\n    except ValueError:\n        pass",
    ],
    "rights-asserted": [
        "def f(n):\n    assert n > 0", "import pytest\ndef f(user):\n    assert user.is_admin",
        "def test_f(user):\n    assert user.is_admin", "def f(user):\n    assert user.owner_id is not None",
        "def f(user):\n    if not user.is_admin:\n        raise E",
        "def f(user):\n    assert isinstance(user.role, str)", "def f(user):\n    assert len(user.permissions) < 9",
        "def f(user):\n    assert user.role", "def f(d):\n    assert d.owner_id",
        "def f(request):\n    assert request.user is not None", "def f():\n    assert current_user",
        "def f(user):\n    n = len(user.permissions)\n    assert n > 0", "def f(role):\n    assert role in ROLES",
        "class Lock:\n    def f(self):\n        assert self.owner == get_ident()",
        "def f(s):\n    assert s.permissions == 0o644", "def f(self):\n    assert 'user' in self.scope",
        "def f(m):\n    assert 'name' in m.groups",
        "def f(session):\n    assert session.get(User, 1) == u", "def f(u, session):\n    assert u in session",
        "def f(session):\n    assert session['model'] == 'x'", "def f(node):\n    assert node.role == 'button'",
        "class OrderTests(Base):\n    def allowed(self, user):\n        assert user.is_admin",
        "def test_f():\n    def check(user):\n        assert user.is_admin",
        "def f(n):\n    assert n.kind == 'admin' or n.size > 3",
    ],
    "input-asserted": [
        "def f(n):\n    assert n", FLASK + "def f():\n    v = request.args.get('n')\n    assert v is not None",
        FLASK + "def f():\n    v = request.args.get('n')\n    assert isinstance(v, str)",
        FLASK + "def f():\n    v = request.args.get('n')\n    assert v",
    ],
    "lock-kept-on-error": [
        "def f(d):\n    with lock:\n        d['n'] -= 1",
        "def f(d):\n    lock.acquire()\n    try:\n        go()\n    finally:\n        lock.release()",
        "def f():\n    lock.acquire()\n    go()", "def acquire(self):\n    self.lock.acquire()\n    go()\n"
        "    self.lock.release()",
        "def f(camera):\n    camera.acquire()\n    go()\n    camera.release()",
        "def f():\n    lock.acquire()\n    n = 1\n    lock.release()",
    ],
    "handle-not-closed": [
        "def f(p):\n    with open(p) as file:\n        return file.read()",
        "def f(p):\n    file = open(p)\n    return file",
        "def f(p):\n    file = open(p)\n    text = file.read()\n    file.close()\n    return text",
        "class A:\n    def f(self, p):\n        file = open(p)\n        self.file = file",
        "def f(p):\n    file = open(p)\n    with file:\n        return file.read()",
        "def f(p):\n    file = open(p)\n    stack.push(file)", "def f(p):\n    file = self.open(p)\n    file.read()",
        "def f(p):\n    file = open(p)\n    with closing(file):\n        return file.read()",
    ],
    "file-checked-then-used": [
        "import os\ndef f(p):\n    if os.path.islink(p):\n        os.unlink(p)",
        "import os\ndef f(p):\n    if os.path.exists(p):\n        return open(p).read()",
        "import os\ndef f(p, q):\n    if os.access(p, os.W_OK):\n        open(q)",
        "import os\ndef f(p):\n    return os.access(p, os.X_OK)",
        "import os\ndef f(p):\n    if not os.access(p, os.F_OK):\n        return None\n    return open(p)",
    ],
    "file-created-if-absent": [
        "import os\ndef f(p):\n    if not os.path.exists(p):\n        open(p, 'x').close()",
        "import os\ndef f(p):\n    if not os.path.exists(p):\n        raise E\n    open(p, 'w')",
        "import os\ndef f(p):\n    if os.path.exists(p):\n        open(p, 'w')",
        "import os\ndef f(p):\n    if not os.path.exists(p):\n        os.makedirs(p)",
        "def f(query):\n    if query.exists():\n        raise E\n    query.create()",
    ],
    "umask-cleared": [
        "import os\nos.umask(0o077)", "import os\ndef f():\n    mask = os.umask(0)\n    os.umask(mask)",
    ],
    "path-has-working-folder": [
        "import os\nos.environ['PATH'] = '/usr/bin:/bin'",
        "import os\nos.environ['PATH'] = '/opt/x.y/bin:' + os.environ['PATH']",
    ],
    "modules-from-open-folder": [
        "import sys\nsys.path.insert(0, '/opt/app')",
        "import os, sys\nsys.path.insert(0, os.path.dirname(__file__))", "sys.argv.append('.')",
    ],
    "folder-listed": [
        "app.router.add_static('/files', '/srv/files', show_index=False)",
        "from http.server import HTTPServer, SimpleHTTPRequestHandler\n"
        "HTTPServer(('127.0.0.1', 8000), SimpleHTTPRequestHandler).serve_forever()",
        "HTTPServer(('', 8000), Handler)",
    ],
    "recursion-limit-raised": ["import sys\nsys.setrecursionlimit(5000)", "def f(n):\n    sys.setrecursionlimit(n)"],
    "text-as-truth": [
        "import os\nDEBUG = bool(os.environ.get('DEBUG'))", "DEBUG = bool(names)",
        "import os\nDEBUG = bool(os.environ.get('DEBUG', ''))",
        "import os\nDEBUG = os.environ.get('DEBUG', 'false') == 'true'",
        "parser.add_argument('--verify', action='store_true')", "def f(d):\n    return bool(d.get('x', 'y'))",
    ],
    "remote-attributes-open": [
        "server.register_instance(service)", "server.register_function(service.status, 'status')",
        "server.register_instance(service, allow_dotted_names=False)",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("rule", "code"), cases(REPORTED))
def test_it_is_reported(rule: str, code: str) -> None:
    assert rule in rules_of(code)


@pytest.mark.parametrize(("rule", "code"), cases(NOT_REPORTED))
def test_the_safe_form_is_not(rule: str, code: str) -> None:
    assert rule not in rules_of(code)


@pytest.mark.parametrize("name", ["test_views.py", "views_test.py", "conftest.py", "app/tests/helpers.py"])
def test_asserts_in_files_of_tests_are_no_checks(name: str) -> None:
    code = "def f(user):\n    assert user.is_admin\n"
    assert analyse_unit(unit_of(code)).findings
    assert not analyse_unit(unit_of(code, name)).findings


def test_a_right_that_is_asserted_is_named() -> None:
    (finding,) = findings_of(FLASK + "def f():\n    assert session.get('role') == 'admin'\n")
    assert (finding.cwe, finding.severity) == ("CWE-617", Severity.MEDIUM)
    assert "`session.get('role')`" in finding.explanation
