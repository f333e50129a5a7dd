"""Numbers from outside that say how much work or memory something takes, without a bound (CWE-1284)."""

import ast
from collections.abc import Iterator

from workbench.core.analysis.base import Examined
from workbench.core.analysis.flow import strongest
from workbench.core.analysis.module import argument, constant, keyword
from workbench.core.analysis.origins import Origin
from workbench.core.analysis.rules import Match, Rule, Scan
from workbench.core.evidence import Severity

TOPIC = "amounts"

AMOUNT_RULE = Rule(
    "amount-without-bound", "CWE-1284", "Amount from outside decides over memory or time without a bound",
    Severity.MEDIUM,
    "One request with a huge (or negative) number takes all memory, or keeps a worker busy.",
    "Refuse a number outside the range that makes sense before using it.",
)  # fmt: skip

TAKERS: dict[str, int] = {
    "bytearray": 0, "bytes": 0, "range": 0, "time.sleep": 0, "asyncio.sleep": 0, "os.urandom": 0,
    "secrets.token_bytes": 0, "secrets.token_hex": 0, "numpy.zeros": 0, "numpy.ones": 0, "numpy.empty": 0,
    "numpy.full": 0, "np.zeros": 0, "np.ones": 0, "np.empty": 0, "PIL.Image.new": 1, "Image.new": 1,
}  # fmt: skip
"""Calls that take as much memory or time as one argument says."""

MAX_DEPTH = 8


def find(scan: Scan) -> Iterator[Match | Examined]:
    """Calls of the table, and repeated texts and lists, whose amount comes from outside."""
    for call in scan.module.calls:
        position = TAKERS.get(scan.module.dotted(call))
        if position is not None:
            given = call.args if scan.module.dotted(call) == "range" else [argument(call, position)]
            yield from _judged(scan, call, [node for node in given if node is not None])
    for node in ast.walk(scan.module.tree):
        if isinstance(node, ast.BinOp) and _repeats(node):
            yield from _judged(scan, node, [node.right])


def _repeats(node: ast.BinOp) -> bool:
    """Whether it repeats a written list or text: `[0] * count`."""
    written = isinstance(node.left, ast.List) or isinstance(constant(node.left), str | bytes)
    return isinstance(node.op, ast.Mult) and written


def _judged(scan: Scan, node: ast.expr, given: list[ast.expr]) -> Iterator[Match]:
    for amount in given:
        names = _numbers(scan, amount)
        if names and not names & _compared(scan, node):
            said = ", ".join(f"`{name[:60]}`" for name in sorted(names)[:2])
            yield Match(AMOUNT_RULE, node, 0.7, f"the amount is {said}")
            return


def _numbers(scan: Scan, node: ast.expr, depth: int = 0) -> set[str]:  # noqa: PLR0911 - one case per kind
    """Names and expressions of the numbers from outside that an amount is made of; none when there is none."""
    if depth > MAX_DEPTH:
        return set()
    match node:
        case ast.Call() if _reads_number(scan, node):
            return {ast.unparse(node)}
        case ast.Name():
            definitions, _ = scan.flow.reaching(node.id, node)
            found = [_part(each.value, node.id, each.kind) for each in definitions]
            inside = {name for value in found if value is not None for name in _numbers(scan, value, depth + 1)}
            return inside | {node.id} if inside else set()
        case ast.BinOp(op=ast.Mod()):
            return set()
        case ast.BinOp():
            return _numbers(scan, node.left, depth + 1) | _numbers(scan, node.right, depth + 1)
        case ast.Tuple() | ast.List():
            return {name for element in node.elts for name in _numbers(scan, element, depth + 1)}
        case _:
            return set()


def _part(value: ast.expr | None, name: str, kind: str) -> ast.expr | None:
    """What a definition gives a name: of `a, b = x, y` either may be meant, and each is looked at."""
    return value if kind == "assign" or isinstance(value, ast.Tuple) else None


def _reads_number(scan: Scan, call: ast.Call) -> bool:
    """Whether a call turns a value from outside into a number: `int(...)`, or `args.get(..., type=int)`."""
    dotted = scan.module.dotted(call)
    if dotted in {"int", "float"} and call.args and isinstance(call.args[0], ast.expr):
        return strongest(scan.unchecked(scan.flow.atoms(call.args[0]), call)) is Origin.REQUEST and not _own(scan, call)
    kind = keyword(call, "type")
    is_number = isinstance(kind, ast.Name) and kind.id in {"int", "float"}
    return is_number and strongest(scan.flow.atoms(call)) is Origin.REQUEST and not _own(scan, call)


def _own(scan: Scan, call: ast.Call) -> bool:
    """Whether the number is the operator's own, or a length that the server has bounded already."""
    return "Content-Length" in ast.unparse(call) or any(atom.is_of_operator for atom in scan.flow.atoms(call.args[0]))


def _compared(scan: Scan, node: ast.expr) -> set[str]:
    """Names and expressions that the function compares, or bounds with min()."""
    found: set[str] = set()
    for part in ast.walk(scan.module.scope_of(node)):
        if isinstance(part, ast.Compare) or (isinstance(part, ast.Call) and _last(part) in {"min", "clamp", "clip"}):
            found |= {ast.unparse(each) for each in ast.walk(part) if isinstance(each, ast.expr)}
    return found


def _last(call: ast.Call) -> str:
    return ast.unparse(call.func).rsplit(".", 1)[-1]
