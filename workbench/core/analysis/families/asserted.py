"""Checks of rights and of input that are made with assert, and so go with an option of the interpreter (CWE-617)."""

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from workbench.core.analysis.base import Examined
from workbench.core.analysis.flow import is_request
from workbench.core.analysis.follow import last_word, values
from workbench.core.analysis.module import Function, constant
from workbench.core.analysis.origins import Origin
from workbench.core.analysis.rules import Match, Rule, Scan
from workbench.core.evidence import Severity

TOPIC = "asserts"

RIGHTS_RULE = Rule(
    "rights-asserted", "CWE-617", "Rights are checked with assert", Severity.MEDIUM,
    "With `python -O` there are no asserts, and so no check; without it the client gets an error of the server.",
    "Use `if` and raise an exception of your own.",
)  # fmt: skip
INPUT_RULE = Rule(
    "input-asserted", "CWE-617", "Input from outside is checked with assert", Severity.MEDIUM,
    "With `python -O` there are no asserts, and so no check; without it the client makes the server fail.",
    "Use `if` and answer with an error of the client's.",
)  # fmt: skip

RIGHT = re.compile(
    r"(?i)^(?:is_?(?:admin|staff|superuser|authenticated|owner|authori[sz]ed|logged_in|allowed|permitted)|"
    r"has_(?:perms?|permissions?|role|access|rights?)|check_(?:permissions?|access|password|password_hash)|"
    r"can_(?:edit|delete|view|read|write|access|manage|admin\w*)|authori[sz]ed|compare_digest|"
    r"verify_(?:password|token|signature|csrf\w*))$"
)
"""Words whose being true is the right itself."""

OWNED = re.compile(r"(?i)^(?:(?:owner|author|tenant)_?id|user_?role)$")
"""Words that say who has a right, once they are compared."""

LISTED = re.compile(r"(?i)^(?:permissions?|perms|rights|privileges)$")
"""Words for what somebody has, once something is looked up in them."""

GROUPED = re.compile(r"(?i)^(?:roles|scopes?|groups)$")
"""Words for the like, which are about rights where they are those of an account, or a privileged role is looked up."""

ROLE = re.compile(r"(?i)^(?:role|user_?type|access_?level|owner|owned_by|tenant|org(?:anisation)?_?id|user_?id)$")
"""Words that are about rights where the account that asks has a part in the comparison, or a privileged role."""

PERSON = re.compile(
    r"(?i)^(?:(?:current|request|logged_in|auth|session)?_?(?:user|account|member)|me|caller|requester|principal|identity|"
    r"claims|session|user_?id)$"
)
PRIVILEGED = re.compile(
    r"(?i)^(?:super_?)?(?:admin|administrator|owner|staff|moderator|root|superuser|manager|editor)s?$"
)
LOGGED_IN = re.compile(r"(?:^|\.)(?:request\.user|current_user|logged_in_user|g\.user)(?:\.|$)")
SESSION_KEY = re.compile(r"(?i)user|login|logged|account|auth|admin|uid|email|staff|token|csrf")
FRAMEWORKS = frozenset({"flask", "quart", "django", "bottle", "starlette", "fastapi", "pyramid", "cherrypy", "aiohttp"})

OF_VALUES = frozenset({"isinstance", "issubclass", "callable", "hasattr", "len", "type", "id"})
"""Calls that ask of what kind or how long a value is."""

TESTING = frozenset({"pytest", "unittest", "hypothesis", "nose"})
TEST_FILE = re.compile(r"^(?:test_.*|.*_test|tests?|conftest)$")
TEST_CLASS = re.compile(r"^Test|Tests?$|TestCase$")
MAX_DEPTH = 4
"""Names followed, and conditions within conditions that come by them."""


def find(scan: Scan) -> Iterator[Match | Examined]:
    """Asserts outside of tests that look at rights, at a session, or at what a request says."""
    path = PurePosixPath(scan.module.source.name)
    if TESTING & scan.module.imported or TEST_FILE.search(path.stem) or {"tests", "test"} & set(path.parts[:-1]):
        return
    for node in ast.walk(scan.module.tree):
        if isinstance(node, ast.Assert) and not _is_test(scan, node):
            yield from _asserted(scan, node)


def _is_test(scan: Scan, node: ast.Assert) -> bool:
    return any(
        (isinstance(around, Function) and around.name.startswith("test"))
        or (isinstance(around, ast.ClassDef) and TEST_CLASS.search(around.name))
        for around in scan.module.enclosing(node)
    )


def _asserted(scan: Scan, node: ast.Assert) -> Iterator[Match]:
    conditions = list(_conditions(scan, node.test))
    for condition in conditions:
        if seen := _right(scan, condition):
            yield Match(RIGHTS_RULE, node, 0.7, f"`{ast.unparse(seen)[:60]}` is what decides")
            return
    if not _tells_type(scan, node.test) and any(_is_sent(scan, part) for part in ast.walk(node.test)):
        yield Match(INPUT_RULE, node, 0.55)


def _conditions(scan: Scan, test: ast.expr, depth: int = MAX_DEPTH) -> Iterator[ast.expr]:
    """The single conditions that a condition is made of, with names followed to what they stand for."""
    match test:
        case ast.BoolOp(values=parts):
            inner = parts
        case ast.UnaryOp(op=ast.Not(), operand=part) | ast.NamedExpr(value=part) | ast.Await(value=part):
            inner = [part]
        case ast.Call(func=ast.Name(id="bool" | "any" | "all"), args=[ast.GeneratorExp(elt=part) | part]):
            inner = [part]
        case ast.Name():
            yield test
            inner = [value for value in values(scan.flow, test) if value is not test]
        case _:
            yield test
            return
    if depth > 0:
        for part in inner:
            yield from _conditions(scan, part, depth - 1)


def _right(scan: Scan, condition: ast.expr) -> ast.expr | None:
    """What of a single condition is about rights."""
    if isinstance(condition, ast.Compare) and len(condition.ops) == 1:
        return _compared(scan, condition, condition.left, condition.comparators[0])
    if RIGHT.search(_word(condition)) or _is_of_session(scan, condition):
        return condition
    return None


def _compared(scan: Scan, condition: ast.Compare, left: ast.expr, right: ast.expr) -> ast.expr | None:
    """The side of a comparison that is about rights, by itself or together with the other."""
    sides = [
        (one, two) for a in values(scan.flow, left) for b in values(scan.flow, right) for one, two in [(a, b), (b, a)]
    ]
    if isinstance(condition.ops[0], ast.In | ast.NotIn):
        if isinstance(constant(left), str) and _is_session(scan, right, str(constant(left))):
            return right
        if _is_listed(left, right):
            return right
    for side, other in sides:
        of_session = _is_of_session(scan, side)
        if of_session or (not _is_none(other) and _tells_right(scan, side, other)):
            return side
    return None


def _tells_right(scan: Scan, side: ast.expr, other: ast.expr) -> bool:
    word = _word(side)
    if RIGHT.search(word) or OWNED.search(word) or LOGGED_IN.search(scan.module.dotted(side)):
        return True
    if not ROLE.search(word):
        return False
    return _is_privileged(other) or _is_person(_holder(side)) or _is_person(other) or _is_person(_holder(other))


def _is_listed(sought: ast.expr, among: ast.expr) -> bool:
    """Whether something is looked up among somebody's rights."""
    if LISTED.search(_word(among)):
        return _is_person(_holder(among)) or isinstance(constant(sought), str)
    return GROUPED.search(_word(among)) is not None and (_is_person(_holder(among)) or _is_privileged(sought))


def _word(node: ast.expr) -> str:
    """The word by which a value is known; of a call the name of its function."""
    word = last_word(node)
    return word or (last_word(node.func) if isinstance(node, ast.Call) else "")


def _holder(node: ast.expr) -> ast.expr | None:
    """Of what a value is a part: `user` of `user.role`, `user['role']` and `user.get('role')`."""
    match node:
        case ast.Call(func=ast.Attribute(attr="get" | "lower" | "upper" | "strip" | "all" | "split", value=receiver)):
            return receiver if not isinstance(receiver, ast.Call) else _holder(receiver)
        case ast.Attribute(value=receiver) | ast.Subscript(value=receiver):
            return receiver
        case _:
            return None


def _is_person(node: ast.expr | None) -> bool:
    return node is not None and PERSON.search(_word(node)) is not None


def _is_privileged(node: ast.expr) -> bool:
    """Whether a value is the name of a role with rights, or several of which one is."""
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return any(_is_privileged(part) for part in node.elts)
    word = constant(node) if isinstance(node, ast.Constant) else _word(node)
    return isinstance(word, str) and PRIVILEGED.search(word) is not None


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_of_session(scan: Scan, node: ast.expr) -> bool:
    """Whether a value is read from the session of a web client, by a key."""
    holder = _holder(node)
    key = last_word(node)
    return (
        isinstance(node, ast.Subscript | ast.Call)
        and holder is not None
        and bool(key)
        and _is_session(scan, holder, key)
    )


def _is_session(scan: Scan, node: ast.expr, key: str) -> bool:
    """Whether a mapping is such a session: by its name, and by its key where the name alone may be another's."""
    if last_word(node) != "session":
        return False
    named = scan.module.dotted(node)
    return bool(FRAMEWORKS & {named.split(".")[0]}) or "request." in named or SESSION_KEY.search(key) is not None


def _tells_type(scan: Scan, test: ast.expr) -> bool:
    """Whether an assert tells a type checker what a value is, or that there is one."""
    if isinstance(test, ast.Name | ast.Attribute):
        return True
    if isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.Is | ast.IsNot):
        return True
    return isinstance(test, ast.Call) and scan.module.dotted(test) in OF_VALUES


def _is_sent(scan: Scan, part: ast.AST) -> bool:
    """Whether a part of a condition is read from a request; a parameter of a handler alone need not be."""
    return isinstance(part, ast.Name | ast.Subscript | ast.Call) and any(
        atom.origin is Origin.REQUEST and is_request(atom.root.split("(")[0].split("[")[0])
        for atom in scan.flow.atoms(part)
    )
