"""Rules about how code conducts itself: whom it trusts, which failures it sees, what it leaves open or locked."""

import pytest

from tests.unit.core.analysis.looking import rules_of

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
    ],
    "input-asserted": [
        FLASK + "def f():\n    assert request.form['n'] == session['n']",
        FLASK + "def f():\n    n = request.args['n']\n    assert len(request.args['n']) < 9 and n in NAMES",
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
    ],
    "input-asserted": [
        "def f(n):\n    assert n", FLASK + "def f():\n    v = request.args.get('n')\n    assert v is not None",
        FLASK + "def f():\n    v = request.args.get('n')\n    assert isinstance(v, str)",
    ],
}  # fmt: skip


def cases(examples: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(rule, code) for rule, codes in examples.items() for code in codes]


@pytest.mark.parametrize(("rule", "code"), cases(REPORTED))
def test_it_is_reported(rule: str, code: str) -> None:
    assert rule in rules_of(code)


@pytest.mark.parametrize(("rule", "code"), cases(NOT_REPORTED))
def test_the_safe_form_is_not(rule: str, code: str) -> None:
    assert rule not in rules_of(code)
