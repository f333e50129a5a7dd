"""Names of hosts compared in part: a test that another domain, which anybody can register, passes as well (CWE-183).

Headers that tell a caller's origin are judged by `trust`, as CWE-346.
"""

import ast
import re
from collections.abc import Iterator

from workbench.core.analysis.base import Examined
from workbench.core.analysis.flow import strongest
from workbench.core.analysis.follow import last_word, values
from workbench.core.analysis.module import constant
from workbench.core.analysis.origins import Origin
from workbench.core.analysis.rules import SURE_OF, Match, Rule, Scan
from workbench.core.evidence import Severity

TOPIC = "hosts"

HOST_RULE = Rule(
    "host-compared-in-part", "CWE-183", "Only a part of a host's name is compared", Severity.MEDIUM,
    "Another domain has the same part: evil-example.com ends with example.com, example.com.evil.net begins with it.",
    "Parse the address and compare the whole host with a fixed set, or its ending with the leading dot.",
)  # fmt: skip

HOST_NAME = re.compile(r"(?i)(?:^|_)(?:host|hostname|netloc|domain|server_name)(?:$|_)")
ADDRESS_NAME = re.compile(r"(?i)(?:^|_)(?:url|uri|link|next|target|callback|redirect|webhook|return_to|address)(?:$|_)")

_DOMAIN = re.compile(r"(?i)^(?:[a-z0-9-]+\.)+(?:com|org|net|io|dev|app|edu|gov|info|co|eu|de|uk|example|test|local)$")
_START = re.compile(r"(?i)^https?://(?:[a-z0-9-]+\.)+[a-z]{2,}$")


def find(scan: Scan) -> Iterator[Match | Examined]:
    """Conditions on the end of a host's name without a dot, or on the start of an address without a slash."""
    for call in scan.module.calls:
        if isinstance(call.func, ast.Attribute) and call.func.attr in {"endswith", "startswith"} and call.args:
            yield from _judged(scan, call, call.func.value, call.args[0], at_end=call.func.attr == "endswith")


def _judged(scan: Scan, call: ast.Call, value: ast.expr, part: ast.expr, *, at_end: bool) -> Iterator[Match]:
    said = [constant(one) for node in values(scan.flow, part) for one in _each(node)]
    loose = [text for text in said if isinstance(text, str) and (_DOMAIN if at_end else _START).match(text)]
    name = last_word(value)
    if not loose or not (HOST_NAME.search(name) or (not at_end and ADDRESS_NAME.search(name))):
        return
    origin = strongest(scan.flow.atoms(value))
    if origin >= Origin.PARAMETER and "@" not in ast.unparse(scan.module.statement_of(call) or call):
        severity = Severity.MEDIUM if origin is Origin.REQUEST else Severity.LOW
        yield Match(HOST_RULE, call, 0.7 * SURE_OF[origin], f"`{name}` is compared with {loose[0]!r}", severity)


def _each(node: ast.expr) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.Tuple) else [node]
