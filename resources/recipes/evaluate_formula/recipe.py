"""Work out an arithmetic formula that a user wrote, without eval and within bounds on size and time."""

import ast
import math
import operator
from collections.abc import Callable, Mapping

MAX_CHARACTERS = 300
"""Longest formula."""

MAX_NODES = 100
"""Most parts of a formula: numbers, names, operators, calls."""

MAX_VALUE = 1e15
"""Largest value, also in between, without its sign; to there float counts whole numbers exactly."""

OPERATORS: Mapping[type[ast.AST], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
    ast.Pow: math.pow,  # of floats: no number with a million digits can come out
}
FUNCTIONS: Mapping[str, Callable[..., float]] = {"abs": abs, "min": min, "max": max, "round": round, "sqrt": math.sqrt}
"""What can be called by name, with numbers only."""


class FormulaError(ValueError):
    """The formula is too large, has something that is no arithmetic, or no value; the message may be shown."""


def evaluate_formula(formula: str, values: Mapping[str, float]) -> float:
    """The value of `formula`, such as "price * (1 + tax) - min(discount, 10)", with the names in `values`.

    Everything is counted in float. Only numbers, the names given, + - * / % **, brackets and FUNCTIONS are known:
    no attribute, index, text or name of Python can be reached. Raises FormulaError.
    """
    if len(formula) > MAX_CHARACTERS:
        raise FormulaError(f"the formula has more than {MAX_CHARACTERS} characters")
    try:
        tree = ast.parse(formula.strip(), mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise FormulaError("the formula cannot be read") from error
    if sum(1 for _ in ast.walk(tree)) > MAX_NODES:
        raise FormulaError(f"the formula has more than {MAX_NODES} parts")
    return _value(tree.body, values)


def _value(node: ast.expr, values: Mapping[str, float]) -> float:
    try:
        value = float(_compute(node, values))
    except (ArithmeticError, ValueError, TypeError) as error:
        if isinstance(error, FormulaError):
            raise
        raise FormulaError("the formula has no value, as when dividing by zero") from error
    if not abs(value) <= MAX_VALUE:  # false for NaN too
        raise FormulaError("a value in the formula is too large")
    return value


def _compute(node: ast.expr, values: Mapping[str, float]) -> float:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return number
        case ast.Name(id=name) if name in values:
            return values[name]
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
            return -_value(operand, values) if isinstance(sign, ast.USub) else _value(operand, values)
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in OPERATORS:
            return OPERATORS[type(sign)](_value(left, values), _value(right, values))
        case ast.Call(func=ast.Name(id=name), args=[_, *_] as arguments, keywords=[]) if name in FUNCTIONS:
            return FUNCTIONS[name](*(_value(argument, values) for argument in arguments))
    raise FormulaError("the formula may have numbers, " + ", ".join([*values, *FUNCTIONS]) + " and + - * / % ** ( )")
