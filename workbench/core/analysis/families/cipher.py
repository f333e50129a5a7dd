"""Initialisation vectors and nonces that are the same every time (CWE-329, CWE-323)."""

import ast
from collections.abc import Iterator

from workbench.core.analysis.base import Examined
from workbench.core.analysis.follow import values
from workbench.core.analysis.module import argument
from workbench.core.analysis.rules import Match, Rule, Scan
from workbench.core.evidence import Severity

TOPIC = "cipher"

IV_RULE = Rule(
    "iv-fixed", "CWE-329", "Text is encrypted with an initialisation vector that is always the same", Severity.MEDIUM,
    "Equal beginnings give equal ciphertext, so records can be matched and guesses be tried out.",
    "Draw os.urandom(16) for each message and send it along, or use AES-GCM with a fresh nonce.",
)  # fmt: skip
NONCE_RULE = Rule(
    "nonce-fixed", "CWE-323", "Text is encrypted with a nonce that is always the same", Severity.HIGH,
    "Two messages under one nonce tell their difference, and in GCM let anybody forge messages.",
    "Draw os.urandom(12) for each message and send it along.",
)  # fmt: skip

CHAINED = frozenset({"CBC", "CFB", "CFB8", "MODE_CBC", "MODE_CFB"})
STREAMED = frozenset({"GCM", "CTR", "OFB", "MODE_GCM", "MODE_CTR", "MODE_OFB", "MODE_EAX", "MODE_CCM"})
AEADS = frozenset({"AESGCM", "ChaCha20Poly1305", "AESCCM", "AESGCMSIV", "AESOCB3"})
FIXED_CALLS = frozenset({
    "bytes", "bytearray", "bytes.fromhex", "binascii.unhexlify", "unhexlify", "b64decode", "base64.b64decode",
})  # fmt: skip


def find(scan: Scan) -> Iterator[Match | Examined]:
    """Ciphers made with a mode, of cryptography and of pycryptodome, and encryption with an AEAD."""
    for call in scan.module.calls:
        dotted = scan.module.dotted(call)
        owner, _, last = dotted.rpartition(".")
        if last in CHAINED | STREAMED and owner.endswith("modes"):
            yield from _judged(scan, call, last, argument(call, 0, "initialization_vector", "nonce"), None)
        elif last == "new" and len(call.args) > 1:
            mode = scan.module.dotted(call.args[1]).rsplit(".", 1)[-1]
            yield from _judged(scan, call, mode, argument(call, 2, "iv", "IV", "nonce"), call.args[0])
        elif last == "encrypt" and _is_aead(scan, call):
            yield from _judged(scan, call, "GCM", argument(call, 0, "nonce"), None)


def _judged(scan: Scan, call: ast.Call, mode: str, given: ast.expr | None, key: ast.expr | None) -> Iterator[Match]:
    if given is None or mode not in CHAINED | STREAMED:
        return
    rule = IV_RULE if mode in CHAINED else NONCE_RULE
    if all(_is_fixed(scan, value) for value in values(scan.flow, given)):
        yield Match(rule, call, 0.85)
    elif key is not None and isinstance(key, ast.Name) and _is_key(scan, given, key):
        yield Match(rule, call, 0.8, "the key itself is used for it")


def _is_key(scan: Scan, given: ast.expr, key: ast.Name) -> bool:
    """Whether the vector is the key or a slice of it."""
    found = [value.value if isinstance(value, ast.Subscript) else value for value in values(scan.flow, given)]
    return all(isinstance(value, ast.Name) and value.id == key.id for value in found)


def _is_fixed(scan: Scan, node: ast.expr) -> bool:
    """Whether a value is written in the code, as a literal or by a call that only changes its form."""
    match node:
        case ast.Constant(value=str() | bytes()):
            return True
        case ast.BinOp(op=ast.Mult() | ast.Add()):
            return all(isinstance(side, ast.Constant) or _is_fixed(scan, side) for side in (node.left, node.right))
        case ast.Call(args=[ast.Constant(), *_]):
            return scan.module.dotted(node) in FIXED_CALLS
        case ast.Call(func=ast.Attribute(attr="encode", value=receiver)):
            return all(_is_fixed(scan, value) for value in values(scan.flow, receiver))
        case _:
            return False


def _is_aead(scan: Scan, call: ast.Call) -> bool:
    receiver = call.func.value if isinstance(call.func, ast.Attribute) else None
    made = values(scan.flow, receiver) if receiver is not None else []
    return any(isinstance(value, ast.Call) and scan.module.dotted(value).rsplit(".", 1)[-1] in AEADS for value in made)
