"""Code loaded from where others may put it: a folder that everybody writes to, or a place the request names."""

import ast
from collections.abc import Iterator

from workbench.core.analysis.base import Examined
from workbench.core.analysis.flow import strongest
from workbench.core.analysis.module import argument
from workbench.core.analysis.origins import Origin, is_web_client
from workbench.core.analysis.rules import Match, Rule, Scan, describe
from workbench.core.analysis.shapes import literal
from workbench.core.evidence import Severity

TOPIC = "loaders"

LOADED_RULE = Rule(
    "code-from-open-place", "CWE-829", "Code is loaded from a place where others may put it", Severity.HIGH,
    "Whoever writes the file there runs code with the rights of this program.",
    "Load code from folders that only the program's owner may write to.",
)  # fmt: skip

LOADERS: dict[str, int] = {
    "importlib.util.spec_from_file_location": 1, "importlib.machinery.SourceFileLoader": 1, "imp.load_source": 1,
    "runpy.run_path": 0, "ctypes.CDLL": 0, "ctypes.cdll.LoadLibrary": 0, "ctypes.PyDLL": 0,
    "importlib.machinery.ExtensionFileLoader": 1, "spec_from_file_location": 1, "SourceFileLoader": 1,
}  # fmt: skip
"""Calls that load code, with the argument that says from where."""

OPEN_FOLDERS = ("/tmp/", "/var/tmp/", "/dev/shm/")  # noqa: S108 - they are what we look for
DOWNLOADED = frozenset({"text", "content", "read"})


def find(scan: Scan) -> Iterator[Match | Examined]:
    """Loaders given such a place, and downloaded text that is executed."""
    for call in scan.module.calls:
        dotted = scan.module.dotted(call)
        if dotted in LOADERS:
            yield from _loaded(scan, call, argument(call, LOADERS[dotted], "location", "path", "path_name", "name"))
        elif dotted in {"exec", "builtins.exec"} and call.args:
            yield from _downloaded(scan, call, call.args[0])


def _loaded(scan: Scan, call: ast.Call, given: ast.expr | None) -> Iterator[Match]:
    if given is None:
        return
    atoms = scan.unchecked(scan.open_atoms(given), call)
    if strongest(atoms) is Origin.REQUEST and not any(atom.is_of_operator for atom in atoms):
        yield Match(LOADED_RULE, call, 0.8, f"the place is {describe(atoms)}")
    elif any(literal(shape).startswith(OPEN_FOLDERS) for shape in scan.shapes.of(given)):
        yield Match(LOADED_RULE, call, 0.7, "the folder is shared by everybody on the machine", Severity.MEDIUM)


def _downloaded(scan: Scan, call: ast.Call, given: ast.expr) -> Iterator[Match]:
    got = [part for part in ast.walk(given) if isinstance(part, ast.Call) and is_web_client(scan.module.dotted(part))]
    if got or any(is_web_client(atom.got_by) for atom in scan.flow.atoms(given)):
        yield Match(LOADED_RULE, call, 0.8, "it was downloaded a moment ago")
