"""Protections switched off by an argument, and secrets in the code: what a call says, not what flows into it."""

import ast
import re
from collections.abc import Iterator

from workbench.core.analysis.base import Examined
from workbench.core.analysis.module import Function, argument, constant, keyword
from workbench.core.analysis.origins import Origin
from workbench.core.analysis.rules import Match, Rule, Scan
from workbench.core.evidence import Severity

TOPIC = "settings"


JWT_RULE = Rule(
    "jwt-not-verified", "CWE-347", "Token is read without checking its signature", Severity.HIGH,
    "Anybody can write a token that says they are somebody else.",
    "Decode with the key and a fixed list of algorithms, and leave verification on.",
)  # fmt: skip
TLS_RULE = Rule(
    "tls-not-verified", "CWE-295", "Certificate of the other side is not checked", Severity.HIGH,
    "Whoever sits between the two can read and change everything.",
    "Leave verification on, or point it at your own CA bundle.",
)  # fmt: skip
SECRET_RULE = Rule(
    "secret-in-code", "CWE-798", "Secret is written in the code", Severity.MEDIUM,
    "Everybody who can read the code or its history knows it, and changing it needs a release.",
    "Read it from the environment or a secret store, and change the one that was published.",
)  # fmt: skip
PASSWORD_HASH_RULE = Rule(
    "password-hash-fast", "CWE-916", "Password or PIN is hashed with a fast hash", Severity.HIGH,
    "A stolen table of fast hashes is tried out at billions of guesses a second.",
    "Use scrypt (hashlib.scrypt) or argon2 with a salt of its own for each password.",
)  # fmt: skip
CSRF_RULE = Rule(
    "csrf-exempt", "CWE-352", "View is exempted from the check against forged requests", Severity.MEDIUM,
    "Another site can make a logged-in user's browser send this request.",
    "Leave the check on, or authenticate by a header that a browser does not send by itself.",
)  # fmt: skip
BIND_LOG_RULE = Rule(
    "secret-logged", "CWE-532", "Secret is written to the log", Severity.MEDIUM,
    "Logs are read by more people and kept longer than the secret should be.",
    "Leave it out, or log a short digest of it.",
)  # fmt: skip
CORS_RULE = Rule(
    "cors-any-origin", "CWE-942", "Any site may read the answers", Severity.MEDIUM,
    "With credentials allowed, every site a user visits can act in their name.",
    "Name the origins that may.",
)  # fmt: skip
TOKEN_RULE = Rule(
    "random-for-secret", "CWE-338", "Secret is made with a guessable random generator", Severity.HIGH,
    "The Mersenne Twister's future can be computed from its past.",
    "Use the secrets module.",
)  # fmt: skip

SECRET_NAME = re.compile(
    r"(?:^|_)(?:password|passwd|pwd|secret|secret_?key|api_?key|token|private_?key|access_?key|auth_?key|credential)s?$",
    re.IGNORECASE,
)
NOT_A_SECRET = re.compile(
    r"(?i)^(?:|none|null|test|changeme|password|secret|token|your[-_ ].*|<.*>|\{.*\}|\$.*|x+|\*+|example.*|.*\s.*|"
    r"[a-z_]+_(?:token|key|password|secret)|(?:https?|file)://.*|/.*|\w*\.(?:json|pem|key|txt|yml))$"
)
PASSWORDS = re.compile(r"(?i)(?:^|_|\b)(?:password|passwd|pwd|pin|passphrase|passcode)\b|passw")
SECRETS = re.compile(
    r"(?i)(?:token|secret|password|passwd|otp|session_?id|reset_?code|api_?key|nonce|salt|csrf|auth_?code|verification|"
    r"recovery)"
)
FAST_HASHES = frozenset({
    "hashlib.md5", "hashlib.sha1", "hashlib.sha224", "hashlib.sha256", "hashlib.sha384", "hashlib.sha512",
    "hashlib.sha3_256", "md5.new", "sha.new",
})  # fmt: skip
WHOLE_SECRETS = frozenset({"headers", "credentials", "cookies"})
"""Collections that have a secret among them; one element by name is judged by its name."""

LOGGING = frozenset({"debug", "info", "warning", "error", "critical", "exception", "log"})
RANDOM = re.compile(r"^random\.(?:random|randint|choice|choices|randrange|sample|getrandbits|uniform|shuffle)$")


def find(scan: Scan) -> Iterator[Match | Examined]:
    """Arguments that switch a protection off, and secrets written, hashed, drawn or logged badly."""
    for call in scan.module.calls:
        dotted = scan.module.dotted(call)
        last = dotted.rsplit(".", 1)[-1]
        yield from _token(call, dotted, last)
        yield from _certificate(call, dotted)
        yield from _hash(scan, call, dotted)
        yield from _random(scan, call, dotted)
        yield from _logged(scan, call, dotted, last)
        yield from _cors(call, last)
    for node in ast.walk(scan.module.tree):
        if isinstance(node, ast.Assign):
            yield from _secret(node)
        elif isinstance(node, Function):
            yield from _exempt(scan, node)


def _token(call: ast.Call, dotted: str, last: str) -> Iterator[Match]:
    if last != "decode" or not dotted.endswith("jwt.decode"):
        return
    options = keyword(call, "options")
    switched_off = isinstance(options, ast.Dict) and any(
        constant(key) == "verify_signature" and constant(value) is False
        for key, value in zip(options.keys, options.values, strict=True)
    )
    algorithms = keyword(call, "algorithms")
    allows_none = isinstance(algorithms, ast.List) and any(
        str(constant(value)).lower() == "none" for value in algorithms.elts
    )
    if (
        switched_off
        or allows_none
        or constant(keyword(call, "verify")) is False
        or constant(argument(call, 2)) is False
    ):
        yield Match(JWT_RULE, call, 0.9)


def _certificate(call: ast.Call, dotted: str) -> Iterator[Match]:
    if dotted in {"ssl._create_unverified_context", "ssl._create_stdlib_context"}:
        yield Match(TLS_RULE, call, 0.9)
    elif constant(keyword(call, "verify")) is False and not dotted.endswith("jwt.decode"):
        yield Match(TLS_RULE, call, 0.9 if dotted.split(".", maxsplit=1)[0] in {"requests", "httpx"} else 0.6)
    elif constant(keyword(call, "verify_ssl")) is False or constant(keyword(call, "ssl")) is False:
        yield Match(TLS_RULE, call, 0.7)


def _hash(scan: Scan, call: ast.Call, dotted: str) -> Iterator[Match]:
    if dotted not in FAST_HASHES or not call.args:
        return
    atoms = scan.flow.atoms(call.args[0])
    words = " ".join({ast.unparse(call.args[0]), *(name for atom in atoms for name in atom.through | {atom.root})})
    if PASSWORDS.search(words):
        yield Match(PASSWORD_HASH_RULE, call, 0.8)


def _random(scan: Scan, call: ast.Call, dotted: str) -> Iterator[Match | Examined]:
    if not RANDOM.match(dotted):
        return
    statement = scan.module.statement_of(call)
    scope = scan.module.scope_of(call)
    targets = [ast.unparse(target) for target in getattr(statement, "targets", [])]
    names = [*targets, scope.name] if isinstance(scope, Function) else targets
    if any(SECRETS.search(name) for name in names):
        yield Match(TOKEN_RULE, call, 0.75)


def _logged(scan: Scan, call: ast.Call, dotted: str, last: str) -> Iterator[Match]:
    if last not in LOGGING or dotted.split(".", maxsplit=1)[0] not in {
        "logging",
        "log",
        "logger",
        "LOG",
        "LOGGER",
        "self",
        "app",
    }:
        return
    for given in call.args[1:]:
        names = {node.id for node in ast.walk(given) if isinstance(node, ast.Name)}
        names |= {node.attr for node in ast.walk(given) if isinstance(node, ast.Attribute)}
        whole = isinstance(given, ast.Name | ast.Attribute | ast.Call) and _last_name(given) in WHOLE_SECRETS
        secret = whole or any(SECRET_NAME.search(name) for name in names)
        if secret and scan.flow.atoms(given) and max(atom.origin for atom in scan.flow.atoms(given)) > Origin.SAFE:
            yield Match(BIND_LOG_RULE, call, 0.5)
            return


def _last_name(node: ast.Name | ast.Attribute | ast.Call) -> str:
    named = node.func if isinstance(node, ast.Call) else node
    return named.attr if isinstance(named, ast.Attribute) else named.id if isinstance(named, ast.Name) else ""


def _cors(call: ast.Call, last: str) -> Iterator[Match]:
    origins = keyword(call, "allow_origins") or keyword(call, "origins")
    values = origins.elts if isinstance(origins, ast.List) else [origins]
    any_origin = any(constant(value) == "*" for value in values if value is not None)
    credentials = constant(keyword(call, "allow_credentials")) is True
    if any_origin and (credentials or constant(keyword(call, "supports_credentials")) is True):
        yield Match(CORS_RULE, call, 0.7)


def _secret(node: ast.Assign) -> Iterator[Match | Examined]:
    value = constant(node.value)
    if isinstance(value, str):
        yield Examined(topic="secret", line_start=node.lineno, line_end=node.end_lineno or node.lineno)
    if not isinstance(value, str) or not 6 <= len(value) <= 200 or NOT_A_SECRET.match(value):
        return
    for target in node.targets:
        name = target.attr if isinstance(target, ast.Attribute) else ast.unparse(target)
        if isinstance(target, ast.Subscript):
            name = str(constant(target.slice))
        if SECRET_NAME.search(name):
            yield Match(SECRET_RULE, node, 0.7)


def _exempt(scan: Scan, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[Match]:
    for decorator in node.decorator_list:
        if scan.module.dotted(decorator).endswith("csrf_exempt"):
            yield Match(CSRF_RULE, decorator, 0.5)
