"""Line breaks and commands put into protocols that are made of lines: HTTP headers, mail, sockets, network devices."""

import ast
import re
from collections.abc import Iterator

from workbench.core.analysis.base import Examined
from workbench.core.analysis.families.command import REMOTE_SHELLS
from workbench.core.analysis.flow import Atom, Atoms, strongest
from workbench.core.analysis.module import argument
from workbench.core.analysis.origins import HANDLER_FIELDS, Origin
from workbench.core.analysis.rules import SURE_OF, Match, Rule, Scan, describe
from workbench.core.analysis.shapes import holes, is_building, literal
from workbench.core.evidence import Severity

TOPIC = "headers"

HEADER_RULE = Rule(
    "header-from-outside", "CWE-113", "HTTP header made of a value from outside", Severity.MEDIUM,
    "http.server writes headers as they are: a line break in the value begins a header, or an answer, of its own.",
    "Choose from fixed values, or refuse a value with a line break.",
)  # fmt: skip
MAIL_RULE = Rule(
    "mail-header-built", "CWE-93", "Mail header put together as text", Severity.MEDIUM,
    "A line break in the value adds recipients, or a text of somebody else's.",
    "Fill an email.message.EmailMessage, which refuses line breaks, and send it with send_message().",
)  # fmt: skip
LINE_RULE = Rule(
    "protocol-line-built", "CWE-93", "Line of a protocol made of a value from outside", Severity.MEDIUM,
    "A line break in the value ends the line, and what follows is read as the next command.",
    "Refuse a value with a line break before it is put into the line.",
)  # fmt: skip
DEVICE_RULE = Rule(
    "device-command-built", "CWE-77", "Command for a device put together as text", Severity.MEDIUM,
    "What runs on the device is whatever the value says after a line break or a separator.",
    "Hold the value against a pattern of what it may be (fullmatch) before it is put into the command.",
)  # fmt: skip

CLEANERS = frozenset({
    "quote", "quote_plus", "urlencode", "b64encode", "hexlify", "dumps", "repr", "escape", "formataddr", "Header",
    "make_msgid", "splitlines", "replace", "translate",
})  # fmt: skip
"""Calls whose result has no line break in it, or that take them out."""

DECODERS = frozenset({"unquote", "unquote_plus", "unquote_to_bytes", "parse_qs", "parse_qsl", "b64decode", "loads"})
"""Calls whose result can have a line break in it that was encoded before."""

DEVICE_METHODS = frozenset({
    "send_command", "send_command_timing", "send_command_expect", "send_config_set", "send_config", "send_configs",
    "send_commands", "load_merge_candidate", "load_replace_candidate",
})  # fmt: skip
DEVICE_MODULES = frozenset({"netmiko", "scrapli", "napalm", "nornir", "nornir_netmiko", "pexpect"})

_MAIL_HEADER = re.compile(r"(?im)^(?:subject|to|from|cc|bcc|reply-to|sender):[^\n\0]*\0")


def find(scan: Scan) -> Iterator[Match | Examined]:
    """Calls that write lines, with a value in them that may break the line."""
    for call in scan.module.calls:
        last = scan.module.dotted(call).rsplit(".", 1)[-1]
        if last == "send_header" and len(call.args) == 2:
            yield from _found(scan, call, call.args[1], HEADER_RULE, Origin.REQUEST)
        elif last == "sendmail":
            yield from _mail(scan, call)
        elif last in {"sendall", "send"} and "socket" in scan.module.imported:
            yield from _socket(scan, call)
        elif last in DEVICE_METHODS - REMOTE_SHELLS and scan.module.imported & DEVICE_MODULES:
            yield from _device(scan, call)


def _found(scan: Scan, call: ast.Call, value: ast.expr, rule: Rule, least: Origin) -> Iterator[Match]:
    atoms = frozenset(atom for atom in scan.unchecked(_texts(scan, value), call) if not _is_one_line(atom))
    if strongest(atoms) >= least:
        yield Match(rule, call, 0.9 * SURE_OF[strongest(atoms)], f"it has {describe(atoms)} in it")


def _is_one_line(atom: Atom) -> bool:
    """Whether it is a part of the request's head as it came: that was read by lines, until something decodes it."""
    return atom.root.startswith(tuple(f"self.{name}" for name in HANDLER_FIELDS)) and not atom.calls & DECODERS


def _texts(scan: Scan, value: ast.expr) -> Atoms:
    """Origins of what a text is made of, without numbers and what has been cleaned."""
    every = (hole for shape in scan.shapes.of(value) for hole in holes(shape) if not hole.numeric)
    cleaned = {atom.root for atom in scan.flow.atoms(value) if atom.calls & CLEANERS}
    return frozenset(
        atom
        for hole in every
        for atom in scan.flow.atoms(hole.place)
        if atom.origin >= Origin.CONFIG and atom.root not in cleaned
    )


def _mail(scan: Scan, call: ast.Call) -> Iterator[Match]:
    text = argument(call, 2, "msg")
    shapes = scan.shapes.of(text) if text is not None else []
    if text is not None and any(_MAIL_HEADER.search(literal(shape).replace("\r\n", "\n")) for shape in shapes):
        yield from _found(scan, call, text, MAIL_RULE, Origin.PARAMETER)


def _socket(scan: Scan, call: ast.Call) -> Iterator[Match]:
    if not call.args:
        return
    built = [shape for shape in scan.shapes.of(call.args[0]) if holes(shape) and "\n" in literal(shape)]
    if built:
        yield from _found(scan, call, call.args[0], LINE_RULE, Origin.REQUEST)


def _device(scan: Scan, call: ast.Call) -> Iterator[Match]:
    given = argument(call, 0, "command_string", "config_commands", "command", "config", "commands", "configs")
    commands = given.elts if isinstance(given, ast.List | ast.Tuple) else [given]
    for command in commands:
        if isinstance(command, ast.expr) and _is_built(scan, command):
            yield from _found(scan, call, command, DEVICE_RULE, Origin.PARAMETER)


def _is_built(scan: Scan, command: ast.expr) -> bool:
    """Whether a command has a fixed part: one that is handed on whole was built, and is judged, elsewhere."""
    return is_building(command) or any(holes(shape) and literal(shape, "") for shape in scan.shapes.of(command))
