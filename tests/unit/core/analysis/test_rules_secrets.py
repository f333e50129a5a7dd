"""Rules about secrets: how they are compared, kept in cookies, encrypted, sent and shown."""

import pytest

from tests.unit.core.analysis.looking import cases, findings_of, rules_of
from workbench.core.evidence import Severity

FLASK = "from flask import request, session, abort\n"

REPORTED: dict[str, list[str]] = {
    "signature-compared-in-steps": [
        "import hmac\ndef f(k, b, s):\n    return hmac.new(k, b, 'sha256').hexdigest() == s",
        "import hmac\ndef f(k, b, s):\n    w = hmac.new(k, b, 'sha256')\n    if w.hexdigest() != s:\n        raise E",
        "import hmac\ndef f(k, b, s):\n    w = 'sha256=' + hmac.new(k, b, 'sha256').hexdigest()\n    return s == w",
        "import base64, hmac\nclass A:\n    async def f(self, b, s):\n"
        "        want = base64.b64encode(hmac.digest(self.key, b, 'sha1')).decode()\n        return want == s",
    ],
    "secret-compared-in-steps": [
        FLASK + "def f():\n    if request.headers.get('X-Api-Key') != API_KEY:\n        abort(401)",
        FLASK + "def f():\n    return request.form['csrf_token'] == session['csrf_token']",
        "import secrets\ndef f(api_key, known):\n    return api_key == known",
        FLASK + "def f(user):\n    given = request.args['token']\n    return user.reset_token == given",
    ],
    "cookie-read-by-scripts": [
        "def f(r):\n    r.set_cookie('session_id', new(), secure=True)",
        "def f(r):\n    r.set_cookie(key='auth', value=new(), secure=True, httponly=False)",
        "NAME = 'sid'\ndef f(r):\n    r.set_cookie(NAME, new(), secure=True, samesite='Lax')",
        "SESSION_COOKIE_HTTPONLY = False",
        "app.config['SESSION_COOKIE_HTTPONLY'] = False",
        "app.config.update(SESSION_COOKIE_HTTPONLY=False)",
    ],
    "cookie-sent-across-sites": [
        "def f(r):\n    r.set_cookie('session_id', new(), secure=True, httponly=True, samesite='None')",
        "SESSION_COOKIE_SAMESITE = 'None'",
        "app.config.from_mapping({'SESSION_COOKIE_SAMESITE': 'None'})",
    ],
    "cookie-not-protected": [
        "def f(r):\n    r.set_cookie('session_id', new())", "SESSION_COOKIE_SECURE = False",
    ],
    "trace-shown": [
        FLASK + "@app.errorhandler(Exception)\ndef f(error):\n    return jsonify(t=traceback.format_exc()), 500",
        FLASK + "@app.route('/')\ndef f():\n    try:\n        go()\n    except ValueError:\n"
        "        trace = traceback.format_exc()\n        return '<pre>' + trace + '</pre>'",
        "def view(request):\n    return HttpResponse(traceback.format_exc(), status=500)",
    ],
    "error-text-shown": [
        FLASK + "@app.route('/')\ndef f():\n    try:\n        go()\n    except Exception as e:\n"
        "        return str(e), 500",
        "@router.get('/')\nasync def f():\n    try:\n        await go()\n    except Exception as e:\n"
        "        raise HTTPException(status_code=500, detail=f'failed: {e}')",
        FLASK + "@app.errorhandler(500)\ndef f(error):\n    return {'error': repr(error)}, 500",
        "import sqlite3\ndef view(request):\n    try:\n        go()\n    except (KeyError, sqlite3.Error) as e:\n"
        "        text = 'failed: %s' % e\n        return JsonResponse({'error': text})",
    ],
    "secret-in-arguments": [
        "import subprocess\ndef f(password):\n"
        "    subprocess.run(['mysqldump', f'--password={password}', 'x'], check=True)",
        "import subprocess\ndef f(pw):\n    subprocess.check_call(['curl', '--password', pw])",
        "import subprocess\ndef f(password):\n    subprocess.run(['mysql', '-p' + password])",
        "import subprocess\ndef f(t):\n    command = ['tool', '--api-key=%s' % t]\n"
        "    return subprocess.Popen(command)",
        "import asyncio\nasync def f(t):\n    await asyncio.create_subprocess_exec(*['x'])\n"
        "    os.system('tool --token=x --auth-token=' + t)",
    ],
    "secret-in-query": [
        "import requests\ndef f(t):\n    requests.get('https://a.example', params={'access_token': t}, timeout=5)",
        "import requests\ndef f(t):\n    requests.get(f'https://a.example/?user=a&password={t}', timeout=5)",
        "import httpx\nasync def f(client, key):\n    query = {'api_key': key}\n"
        "    await client.get(URL, params=query)",
        "import requests\ndef f(t):\n    requests.post(URL + '?token=' + t, timeout=5)",
    ],
    "password-from-query": [
        FLASK + "def f():\n    return login(request.args['user'], request.args['password'])",
        "def view(request):\n    p = request.GET.get('pwd')\n    return check(p)",
        "async def f(request):\n    return await check(request.query_params.get('password'))",
    ],
    "token-without-end": [
        "import jwt\ndef f(u):\n    return jwt.encode({'sub': u.id}, KEY, algorithm='HS256')",
        "import jwt\ndef f(u):\n    claims = {'sub': u.id, 'role': u.role}\n    return jwt.encode(claims, KEY)",
        "from jose import jwt\nasync def f(u):\n    return jwt.encode(claims={'sub': u}, key=KEY)",
    ],
    "tls-not-verified": [
        "import ssl\ndef f():\n    c = ssl.create_default_context()\n    c.check_hostname = False\n"
        "    c.verify_mode = ssl.CERT_NONE\n    return c",
        "import requests\ns = requests.Session()\ns.verify = False",
        "import urllib3\npool = urllib3.PoolManager(cert_reqs='CERT_NONE')",
    ],
    "hostname-not-checked": [
        "import ssl\ndef f():\n    c = ssl.create_default_context()\n    c.check_hostname = False\n    return c",
        "import urllib3\npool = urllib3.HTTPSConnectionPool('a.example', assert_hostname=False)",
        "class A:\n    def f(self):\n        self.context.check_hostname = False",
    ],
    "request-in-clear": [
        "import requests\nrequests.get('http://rates.example.com/latest', timeout=5)",
        "import httpx\nURL = 'http://rates.example.com/'\nasync def f(n):\n    httpx.post(URL + n, json={})",
        "from urllib.request import urlopen\ndef f(n):\n    return urlopen(f'http://rates.example.com/{n}')",
        "import requests\nrequests.request('GET', url='http://rates.example.com', timeout=5)",
    ],
    "login-in-clear": [
        "import smtplib\ndef f(m):\n    with smtplib.SMTP('mail.example.com') as s:\n        s.login(U, P)\n"
        "        s.send(m)",
        "import imaplib\ndef f():\n    box = imaplib.IMAP4(host=HOST)\n    box.login(U, P)",
    ],
    "database-in-clear": [
        "import psycopg\ndef f():\n    return psycopg.connect(host='db.example.com', sslmode='disable')",
        "DSN = 'postgresql://a@db.example.com/x?sslmode=disable'\nengine = create_engine(DSN)",
    ],
    "iv-fixed": [
        "IV = b'\\0' * 16\ndef f(k):\n    return Cipher(algorithms.AES(k), modes.CBC(IV))",
        "def f(k, t):\n    return AES.new(k, AES.MODE_CBC, b'0123456789abcdef').encrypt(t)",
        "def f(k, t):\n    return AES.new(k, AES.MODE_CBC, iv=bytes(16)).encrypt(t)",
        "def f(key, t):\n    return AES.new(key, AES.MODE_CBC, key[:16]).encrypt(t)",
        "class A:\n    def f(self, k):\n        iv = '0123456789abcdef'\n        return modes.CBC(iv.encode())",
    ],
    "nonce-fixed": [
        "def f(k, t):\n    return AESGCM(k).encrypt(b'000000000000', t, None)",
        "def f(k, t):\n    box = AESGCM(k)\n    nonce = bytes.fromhex('00' * 12)\n"
        "    return box.encrypt(bytes(12), t, None)",
        "def f(k, t):\n    return AES.new(k, AES.MODE_GCM, nonce=b'000000000000').encrypt(t)",
    ],
}  # fmt: skip

NOT_REPORTED: dict[str, list[str]] = {
    "signature-compared-in-steps": [
        "import hmac\ndef f(k, b, s):\n    return hmac.compare_digest(hmac.new(k, b, 'sha256').hexdigest(), s)",
        "import hashlib\ndef f(b, s):\n    return hashlib.sha256(b).hexdigest() == s",
        "import hmac\ndef test_f():\n    assert hmac.new(b'k', b'b', 'sha256').hexdigest() == expected",
        "import hmac\ndef f(k):\n    return len(hmac.new(k).digest()) == 32",
        "x = x.y\ndef f(s):\n    return x.z == s",
    ],
    "secret-compared-in-steps": [
        FLASK + "def f():\n    return request.form['reset_token'] == ''",
        FLASK + "def f():\n    return request.form['password'] == request.form['password_again']",
        "import inspect\ndef f(signature, other):\n    return signature == other.signature",
        "def f(token):\n    return token == Token.NAME",
        "import hmac\ndef f(api_key, known):\n    return hmac.compare_digest(api_key, known)",
        FLASK + "def f():\n    return request.args['page'] == PAGE",
        "import hmac\nclass A:\n    def __eq__(self, other):\n        return self.signature == other.signature",
    ],
    "cookie-read-by-scripts": [
        "def f(r):\n    r.set_cookie('session_id', new(), secure=True, httponly=True)",
        "def f(r):\n    r.set_cookie('theme', 'dark', secure=True)",
        "def f(r):\n    r.set_cookie('csrf_token', new(), secure=True)",
        "def f(r):\n    r.set_cookie('session_id', new(), **FLAGS)",
        "SESSION_COOKIE_HTTPONLY = True",
        "CSRF_COOKIE_HTTPONLY = False",
    ],
    "cookie-sent-across-sites": [
        "def f(r):\n    r.set_cookie('session_id', new(), secure=True, httponly=True, samesite='Lax')",
        "def f(r):\n    r.set_cookie('widget', new(), secure=True, httponly=True, samesite='None')",
        "SESSION_COOKIE_SAMESITE = 'Lax'",
    ],
    "cookie-not-protected": [
        "def f(r):\n    r.set_cookie('session_id', new(), secure=True)", "SESSION_COOKIE_SECURE = not DEBUG",
    ],
    "trace-shown": [
        FLASK + "@app.route('/')\ndef f():\n    log.error(traceback.format_exc())\n    return 'failed', 500",
        "def main():\n    return traceback.format_exc()",
    ],
    "error-text-shown": [
        FLASK + "@app.route('/')\ndef f():\n    try:\n        go()\n    except ValueError as e:\n"
        "        return str(e), 400",
        FLASK + "@app.errorhandler(404)\ndef f(error):\n    return str(error), 404",
        FLASK + "@app.route('/')\ndef f():\n    try:\n        go()\n    except Exception as e:\n"
        "        log.error('%s', e)\n        return 'failed', 500",
        "def tool():\n    try:\n        go()\n    except Exception as e:\n        return str(e)",
    ],
    "secret-in-arguments": [
        "import subprocess\ndef f(port):\n    subprocess.run(['ssh', '-p', port, 'host'], check=True)",
        "import subprocess\ndef f(path):\n    subprocess.run(['x', f'--password-file={path}'], check=True)",
        "import subprocess\nsubprocess.run(['mysqladmin', 'password'], input=secret, check=True)",
        "import subprocess\nsubprocess.run(['x', '--password', ''], check=True)",
    ],
    "secret-in-query": [
        "import requests\ndef f(t):\n    requests.get(URL, params={'page': t}, timeout=5)",
        "import requests\ndef f(t):\n    requests.post(URL, json={'password': t}, timeout=5)",
        "def f(d, t):\n    return d.get('?token=' + t)",
    ],
    "password-from-query": [
        FLASK + "def f():\n    return login(request.form['user'], request.form['password'])",
        FLASK + "def f():\n    return confirm(request.args['token'])",
        "def f(args):\n    return args['password']",
    ],
    "token-without-end": [
        "import jwt\ndef f(u):\n    return jwt.encode({'sub': u.id, 'exp': soon()}, KEY)",
        "import jwt\ndef f(u):\n    claims = {'sub': u.id}\n    claims['exp'] = soon()\n"
        "    return jwt.encode(claims, KEY)",
        "import jwt\ndef f(u):\n    claims = {'sub': u.id}\n    claims.update(times())\n"
        "    return jwt.encode(claims, KEY)",
        "import jwt\ndef f(u):\n    return jwt.encode({'sub': u.id, **times()}, KEY)",
        "import jwt\ndef f(claims):\n    return jwt.encode(claims, KEY)",
        "import json\ndef f(u):\n    return json.encode({'sub': u})",
    ],
    "tls-not-verified": [
        "import ssl\nc = ssl.create_default_context()\nc.verify_mode = ssl.CERT_REQUIRED",
        "import ssl\ndef f(c, s):\n    c.verify_mode = ssl.CERT_NONE\n    if s.getpeercert(True) != PINNED:\n"
        "        raise E",
        "def f(form):\n    form.verify = False",
        "import ssl\nclass A(ssl.SSLContext):\n    def f(self):\n        self.verify_mode = ssl.CERT_NONE",
    ],
    "hostname-not-checked": [
        "c.check_hostname = True", "def f(check_hostname=False):\n    go()",
        "import ssl\ndef f(c):\n    c.check_hostname = False\n    c.verify_mode = ssl.CERT_NONE",
    ],
    "request-in-clear": [
        "import requests\nrequests.get('https://rates.example.com/latest', timeout=5)",
        "import requests\nrequests.get('http://localhost:8000/x', timeout=5)",
        "import requests\nrequests.get('http://api:8000/x', timeout=5)",
        "import requests\ndef f(host):\n    requests.get(f'http://{host}/x', timeout=5)",
        "import requests\nrequests.get('http://store.internal/x', timeout=5)",
    ],
    "login-in-clear": [
        "import smtplib\ndef f():\n    with smtplib.SMTP('mail.example.com') as s:\n"
        "        s.starttls()\n        s.login(U, P)",
        "import smtplib\ndef f(m):\n    with smtplib.SMTP('mail.example.com') as s:\n        s.send_message(m)",
        "import smtplib\ndef f():\n    smtplib.SMTP_SSL('mail.example.com').login(U, P)",
        "import smtplib\ndef f():\n    smtplib.SMTP('localhost').login(U, P)",
    ],
    "database-in-clear": [
        "import psycopg\ndef f():\n    return psycopg.connect(host='db.example.com', sslmode='verify-full')",
        "import psycopg\ndef f():\n    return psycopg.connect(host='/run/pg', sslmode='disable')",
    ],
    "iv-fixed": [
        "def f(k):\n    iv = os.urandom(16)\n    return Cipher(algorithms.AES(k), modes.CBC(iv))",
        "def f(k, data):\n    return AES.new(k, AES.MODE_CBC, data[:16]).decrypt(data[16:])",
        "def f(k, iv):\n    return AES.new(k, AES.MODE_CBC, iv)",
        "def f(k):\n    return AES.new(k, AES.MODE_ECB)",
    ],
    "nonce-fixed": [
        "def f(k, t):\n    nonce = os.urandom(12)\n    return nonce + AESGCM(k).encrypt(nonce, t, None)",
        "def f(k, n, t):\n    return AESGCM(k).encrypt(n, t, None)",
        "def f(box, t):\n    return box.encrypt(b'000000000000', t)",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("rule", "code"), cases(REPORTED))
def test_it_is_reported(rule: str, code: str) -> None:
    assert rule in rules_of(code)


@pytest.mark.parametrize(("rule", "code"), cases(NOT_REPORTED))
def test_the_safe_form_is_not(rule: str, code: str) -> None:
    assert rule not in rules_of(code)


def test_a_cookie_without_any_flag_is_told_once() -> None:
    (finding,) = findings_of("def f(r):\n    r.set_cookie('session_id', new())")
    assert finding.severity is Severity.LOW


def test_verification_given_up_on_a_condition_is_a_lesser_matter() -> None:
    (finding,) = findings_of("def f(c, insecure):\n    if insecure:\n        c.check_hostname = False")
    assert finding.severity is Severity.LOW
