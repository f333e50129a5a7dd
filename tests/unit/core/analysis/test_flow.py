import ast

import pytest

from tests.unit.core.analysis.looking import cwes_of, scan_of
from workbench.core.analysis.flow import strongest
from workbench.core.analysis.origins import Origin
from workbench.core.analysis.shapes import holes, literal


def origin_of_sink(code: str) -> Origin:
    """Origin of the argument of the call `sink(...)`."""
    scan = scan_of(code)
    call = next(call for call in scan.module.calls if scan.module.dotted(call) == "sink")
    return strongest(scan.flow.atoms(call.args[0]))


@pytest.mark.parametrize(
    ("code", "origin"),
    [
        ("sink('a')", Origin.CONSTANT),
        ("x = 'a'\nsink(x + 'b')", Origin.CONSTANT),
        ("def f(a):\n    sink(a)", Origin.PARAMETER),
        ("def f(a):\n    a = 'fixed'\n    sink(a)", Origin.CONSTANT),
        ("def f(a):\n    if c:\n        a = 'fixed'\n    sink(a)", Origin.PARAMETER),
        ("def f(a):\n    if c:\n        x = a\n    else:\n        x = ''\n        sink(x)", Origin.CONSTANT),
        ("def f(a):\n    sink(int(a))", Origin.SAFE),
        ("def f(a: int):\n    sink(a)", Origin.SAFE),
        ("def f(a):\n    sink(a == 1)", Origin.SAFE),
        ("def f(a):\n    for x in a:\n        sink(x)", Origin.PARAMETER),
        ("def f(a):\n    sink([x.strip() for x in a])", Origin.PARAMETER),
        ("def f(a):\n    with open(a) as g:\n        sink(g)", Origin.PARAMETER),
        ("def f(a):\n    def g():\n        sink(a)", Origin.PARAMETER),
        ("def f():\n    sink(request.args.get('q'))", Origin.REQUEST),
        ("def f():\n    q = request.form['q']\n    sink(q.strip())", Origin.REQUEST),
        ("from flask import request as r\ndef f():\n    sink(r.args['q'])", Origin.REQUEST),
        ("@app.route('/<n>')\ndef f(n):\n    sink(n)", Origin.REQUEST),
        ("import sys\nsink(sys.argv[1])", Origin.REQUEST),
        ("TABLE = load()\ndef f():\n    sink(TABLE)", Origin.CONFIG),
        ("def f():\n    sink(settings.TABLE)", Origin.CONFIG),
        ("class A:\n    def f(self):\n        sink(self.x)", Origin.UNKNOWN),
        ("def f():\n    sink(fetch())", Origin.UNKNOWN),
        ("def f(a):\n    x = ''\n    x += a\n    sink(x)", Origin.PARAMETER),
        ("def f(a):\n    sink(a.id if a else 0)", Origin.PARAMETER),
    ],
)
def test_where_a_value_comes_from(code: str, origin: Origin) -> None:
    assert origin_of_sink(code) is origin


def shape_of_sink(code: str) -> list[str]:
    """The texts that the argument of `sink(...)` may be, with a name in braces for each hole."""
    scan = scan_of(code)
    call = next(call for call in scan.module.calls if scan.module.dotted(call) == "sink")
    found = []
    for shape in scan.shapes.of(call.args[0]):
        names = iter([ast.unparse(hole.place) for hole in holes(shape)])
        found.append("".join(part if part != "\0" else f"<{next(names)}>" for part in literal(shape)))
    return found


@pytest.mark.parametrize(
    ("code", "shapes"),
    [
        ("def f(a):\n    sink('x' + a + 'y')", ["x<a>y"]),
        ("def f(a):\n    sink(f'x{a}y')", ["x<a>y"]),
        ("def f(a, b):\n    sink('%s-%d%%' % (a, b))", ["<a>-<b>%"]),
        ("def f(a):\n    sink('%(k)s' % {'k': a})", ["<a>"]),
        ("def f(a, b):\n    sink('{} {1} {k} {{}}'.format(a, b, k='c'))", ["<a> <b> c {}"]),
        ("def f(a):\n    q = 'x ' + a\n    q += ' y'\n    sink(q)", ["x <a> y"]),
        ("def f(a):\n    sink(' '.join(['x', a]))", ["x <a>"]),
        ("def f(n):\n    sink('(' + ','.join('?' for _ in n) + ')')", ["(?,)"]),
        ("def f(n):\n    sink('(' + ','.join(['?'] * len(n)) + ')')", ["(?,)"]),
        ("def f(a):\n    if a:\n        q = 'x'\n    else:\n        q = 'y'\n    sink(q)", ["y", "x"]),
        ("Q = 'x %s'\ndef f(a):\n    sink(Q % a)", ["x <a>"]),
        ("def f(a):\n    sink('%(a)s!' % locals())", ["<a>!"]),
    ],
)
def test_what_text_an_expression_builds(code: str, shapes: list[str]) -> None:
    assert shape_of_sink(code) == shapes


def test_many_branches_over_one_name_end_in_time() -> None:
    branches = "".join(f"    if c{i}:\n        x = x + y{i}\n" for i in range(200))
    assert origin_of_sink(f"def f(x):\n{branches}    sink(x)\n") is Origin.PARAMETER


def test_a_text_that_many_branches_change_ends_in_time_and_stays_a_finding() -> None:
    branches = "".join(f"    if c{i}:\n        q = q + ' AND a = ' + x{i}\n" for i in range(200))
    code = f'def f(c, x):\n    q = "SELECT a FROM t WHERE n = \'" + x + "\'"\n{branches}    c.execute(q)\n'
    assert "CWE-89" in cwes_of(code)


def test_a_name_that_depends_on_itself_ends_too() -> None:
    assert origin_of_sink("def f():\n    global x\n    sink(x)\nx = y\ny = x\n") is Origin.CONSTANT
