"""Uploads kept as whatever they are, and types that are taken from what the client says (CWE-434, CWE-646)."""

import ast
import re
from collections.abc import Iterator

from workbench.core.analysis.base import Examined
from workbench.core.analysis.module import Scope
from workbench.core.analysis.origins import Origin
from workbench.core.analysis.rules import Match, Rule, Scan
from workbench.core.evidence import Severity

TOPIC = "uploads"

ANY_RULE = Rule(
    "upload-of-any-type", "CWE-434", "Upload is kept under its own name, whatever its type", Severity.MEDIUM,
    "A page or a script among the pictures is served, or run, as part of this site.",
    "Look at the content for the types that are wanted, and give the file a name and an ending of your own.",
)  # fmt: skip
SAID_RULE = Rule(
    "upload-type-believed", "CWE-646", "Type of an upload is taken from what the client says", Severity.LOW,
    "Name and Content-Type of an upload are free text; the content can be anything.",
    "Look at the content: parse it with a library for that type, or compare its first bytes.",
)  # fmt: skip

UPLOAD = re.compile(r"^(?:\w+\.)*(?:request|req)\.(?:files|FILES)\b")
LOOKS_AT_CONTENT = re.compile(
    r"(?i)magic|imghdr|filetype|PdfReader|Image\.open|\.verify\(|startswith\(b|puremagic|_type\(b|\[:\d+\]|scan|sniff"
)
LOOKS_AT_TYPE = re.compile(
    r"(?i)allow|ext\b|extension|splitext|endswith|suffix|mimetype|content_type|guess_type|rsplit|valid|check|"
    + LOOKS_AT_CONTENT.pattern[4:]
)
NAME = re.compile(r"\.(?:filename|name)\b")


def find(scan: Scan) -> Iterator[Match | Examined]:
    """Uploads that are saved, and conditions on the type that came with one."""
    for call in scan.module.calls:
        if isinstance(call.func, ast.Attribute) and call.func.attr == "save" and call.args:
            yield from _saved(scan, call, call.func.value, call.args[0])
        elif scan.module.dotted(call) == "mimetypes.guess_type" and call.args:
            yield from _believed(scan, call, call.args[0])
    for node in ast.walk(scan.module.tree):
        match node:
            case ast.Compare(left=ast.Attribute(attr="content_type" | "mimetype", value=upload)):
                yield from _believed(scan, node, upload)


def _is_upload(scan: Scan, node: ast.expr) -> bool:
    return any(atom.origin is Origin.REQUEST and UPLOAD.match(atom.root) for atom in scan.flow.atoms(node))


def _saved(scan: Scan, call: ast.Call, upload: ast.expr, target: ast.expr) -> Iterator[Match]:
    if not _is_upload(scan, upload) or LOOKS_AT_TYPE.search(_text(scan.module.scope_of(call))):
        return
    atoms = scan.flow.atoms(target)
    if any(UPLOAD.match(atom.root) and NAME.search(" ".join((atom.root, *atom.through))) for atom in atoms):
        yield Match(ANY_RULE, call, 0.7)


def _believed(scan: Scan, node: ast.expr, upload: ast.expr) -> Iterator[Match]:
    whole = _text(scan.module.scope_of(node))
    if _is_upload(scan, upload) and not LOOKS_AT_CONTENT.search(whole):
        yield Match(SAID_RULE, node, 0.6)


def _text(scope: Scope) -> str:
    """A function's code without its documentation and comments."""
    return "\n".join(ast.unparse(part) for part in (scope.body if isinstance(scope.body, list) else [scope.body]))
