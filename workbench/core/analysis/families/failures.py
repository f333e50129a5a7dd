"""Failures that nobody sees: results not looked at, errors swallowed (CWE-252, CWE-390)."""

import ast
import re
from collections.abc import Iterator

from workbench.core.analysis.base import Examined
from workbench.core.analysis.follow import values
from workbench.core.analysis.module import argument, constant, keyword
from workbench.core.analysis.rules import Match, Rule, Scan
from workbench.core.evidence import Severity

TOPIC = "failures"

RESULT_RULE = Rule(
    "check-result-ignored", "CWE-252", "Nobody looks whether the verifying program agreed", Severity.MEDIUM,
    "The program tells by its exit code that a signature or sum is wrong; what follows is done all the same.",
    "Pass check=True, or look at returncode.",
)  # fmt: skip
HARDENING_RULE = Rule(
    "hardening-result-ignored", "CWE-252", "Nobody looks whether a protecting command worked", Severity.LOW,
    "When the command fails, the program goes on with rights or rules that are more open than meant.",
    "Pass check=True, or look at returncode.",
)  # fmt: skip
SWALLOWED_RULE = Rule(
    "security-error-swallowed", "CWE-390", "Failure of a security step is passed over in silence", Severity.MEDIUM,
    "The program goes on as if the step had been done.",
    "Log it and stop, or tell the caller that the step failed.",
)  # fmt: skip

RUNNING = frozenset({"subprocess.run", "subprocess.call", "os.system"})
VERIFYING = re.compile(
    r"^(?:gpgv?2?|cosign|minisign|signify|openssl|slsa-verifier|rpmkeys|jarsigner|codesign|sha(?:1|224|256|384|512)?sum|"
    r"md5sum|b2sum)\b.*(?:\bverify\b|--verify\b|--check\b|--checksig\b|\s-[a-zA-Z]*[cV]\b)|^gpgv\b"
)
"""Command lines whose exit code is their answer."""

HARDENING = re.compile(
    r"^(?:chmod|chown|chgrp|setfacl|iptables|ip6tables|nft|ufw|setenforce|passwd|cryptsetup|shred|usermod|umount|chattr)\b"
)
SECURITY_STEP = re.compile(
    r"(?i)^(?:_?(?:verify|revoke|authenticate|authorize|authorise|invalidate|enforce)(?:$|_)|check_(?:password|token|"
    r"signature|permissions?|access|csrf|integrity|rights|auth)|validate(?:_(?:token|signature|csrf|session|certificate))?$|"
    r"(?:decrypt|drop_privileges|setuid|setgid|setgroups)$)"
)


def find(scan: Scan) -> Iterator[Match | Examined]:
    """Processes whose result is dropped, and handlers that do nothing."""
    for call in scan.module.calls:
        if scan.module.dotted(call) in RUNNING and isinstance(scan.module.parents.get(call), ast.Expr):
            yield from _dropped(scan, call)
    for node in ast.walk(scan.module.tree):
        if isinstance(node, ast.Try):
            yield from _swallowed(scan, node)


def _dropped(scan: Scan, call: ast.Call) -> Iterator[Match]:
    checked = keyword(call, "check")
    if checked is not None and constant(checked) is not False:
        return
    given = argument(call, 0, "args", "command")
    for value in values(scan.flow, given) if given is not None else []:
        command = _command(scan, value)
        if VERIFYING.search(command):
            yield Match(RESULT_RULE, call, 0.8)
            return
        if HARDENING.search(command):
            yield Match(HARDENING_RULE, call, 0.6)
            return


def _command(scan: Scan, node: ast.expr) -> str:
    """The words of a command line, without the folder of its program; an unknown word reads `?`."""
    if isinstance(node, ast.List | ast.Tuple):
        words = [str(constant(part)) if isinstance(part, ast.Constant) else "?" for part in node.elts]
    else:
        words = "".join(piece if isinstance(piece, str) else "?" for piece in scan.shapes.of(node)[0]).split()
    words = [word for word in words if word != "sudo"]
    return " ".join([words[0].rsplit("/", 1)[-1], *words[1:]]) if words else ""


def _swallowed(scan: Scan, node: ast.Try) -> Iterator[Match]:
    """A security step, made for its effect as the last of its block, whose failure is passed over."""
    last = node.body[-1]
    call = last.value if isinstance(last, ast.Expr) else None
    call = call.value if isinstance(call, ast.Await) else call
    if not isinstance(call, ast.Call) or node.orelse or node.finalbody:
        return
    step = scan.module.dotted(call).rsplit(".", 1)[-1]
    for handler in node.handlers:
        if SECURITY_STEP.search(step) and all(_does_nothing(statement) for statement in handler.body):
            yield Match(SWALLOWED_RULE, call, 0.65, f"a failure of `{step}()` is passed over")
            return


def _does_nothing(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Pass | ast.Continue) or (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    )
