"""Paths made of names from outside (CWE-22) and archives unpacked without looking (CWE-22)."""

import ast
import re
from collections.abc import Iterator

from workbench.core.analysis.base import Examined
from workbench.core.analysis.flow import Atoms, strongest
from workbench.core.analysis.module import argument, constant, keyword
from workbench.core.analysis.origins import Origin
from workbench.core.analysis.rules import Match, Rule, Scan, describe
from workbench.core.analysis.shapes import Hole, Shape, holes, literal
from workbench.core.evidence import Severity

TOPIC = "path"

OUTSIDE_RULE = Rule(
    "path-from-outside",
    "CWE-22",
    "File path made of a name from outside",
    Severity.HIGH,
    "With `../` or an absolute path the name leaves the folder it is meant for.",
    "Resolve the path and check that it is below the folder (Path.is_relative_to), or use the framework's safe_join.",
)
JOINED_RULE = Rule(
    "path-joined-unchecked",
    "CWE-22",
    "Folder joined with a name that nothing checks",
    Severity.MEDIUM,
    "If the name can come from outside, `../` or an absolute path in it leads out of the folder.",
    "Resolve the joined path and check that it is still below the folder before using it.",
)
ARCHIVE_RULE = Rule(
    "path-archive-unpacked",
    "CWE-22",
    "Archive unpacked without checking its members",
    Severity.MEDIUM,
    "A member called `../../etc/cron.d/x` is written there.",
    "tarfile: extractall(path, filter='data'); otherwise check each member's resolved path.",
)

OPENERS = frozenset({
    "open", "io.open", "codecs.open", "os.open", "os.remove", "os.unlink", "os.rename", "os.replace", "os.mkdir",
    "os.makedirs", "os.rmdir", "os.removedirs", "os.listdir", "os.scandir", "os.chmod", "os.link", "os.symlink",
    "os.readlink", "os.truncate", "shutil.rmtree", "shutil.copy", "shutil.copyfile", "shutil.copy2", "shutil.move",
    "shutil.copytree", "send_file", "flask.send_file", "FileResponse", "static_file", "bottle.static_file",
    "aiofiles.open", "os.utime", "os.walk", "os.stat", "os.startfile", "gzip.open", "bz2.open", "lzma.open",
    "zipfile.ZipFile", "tarfile.open", "django.http.FileResponse", "file", "starlette.responses.FileResponse",
    "fastapi.responses.FileResponse", "serve_file", "cherrypy.lib.static.serve_file", "os.path.getsize",
})  # fmt: skip
"""Calls whose first argument is a path that is opened, changed or handed out."""

PATH_METHODS = frozenset({
    "read_text", "read_bytes", "write_text", "write_bytes", "unlink", "rmdir", "mkdir", "iterdir", "rename", "touch",
    "save", "get_contents_to_filename", "sendfile", "download_file", "upload_file",
})  # fmt: skip
FILE_SAVERS = re.compile(r"(?i)(?:^|[._])(?:np|numpy|torch|image|img|pic\w*|fig\w*|plt|file\w*|\w*storage|fs|joblib)$")
"""Receivers of `save` whose first argument is a path, also where a second one says what is saved."""

JOINERS = frozenset({"os.path.join", "posixpath.join", "path.join", "ntpath.join", "join_path", "joinpath"})
CLEANERS = frozenset({
    "basename", "secure_filename", "safe_join", "get_valid_filename", "slugify", "relative_to", "uuid4", "quote",
    "quote_plus", "send_from_directory", "is_relative_to", "hexdigest", "name", "stem", "splitext", "get_valid_name",
})  # fmt: skip
"""Calls after which a name has no folder in it, or has been checked."""

NAMED_LIKE_A_NAME = re.compile(
    r"(?:^|_|\.)(?:file_?name|fname|file|path|url|uri|name|key|dir|folder|template|page|resource|image|document|"
    r"attachment|upload|member|entry|slug|filepath|filelist)s?$",
    re.IGNORECASE,
)
"""Parameters that a caller is likely to fill with a name from outside."""

TEXT_CALLS = frozenset({
    "str", "strip", "get", "lower", "upper", "replace", "format", "join", "decode", "encode", "unquote", "Path",
    "getlist", "pop", "lstrip", "rstrip", "split", "loads", "expanduser", "abspath", "normpath", "unquote_plus",
    "joinpath", "path", "fspath", "dirname", "list", "tuple", "sorted", "realpath", "resolve", "items", "values",
    "b64decode", "get_json", "from_request", "parse_qs", "urlparse", "PurePath", "PosixPath",
})  # fmt: skip
"""Calls that change how a name is written, but not who chose it."""

_EXTRACTING = frozenset({"extractall", "extract", "unpack_archive"})


def find(scan: Scan) -> Iterator[Match | Examined]:
    """Calls that take a path, joins of a folder and a name, and unpacked archives."""
    seen: set[int] = set()
    for call in scan.module.calls:
        name = scan.module.dotted(call)
        last = name.rsplit(".", 1)[-1]
        if name in OPENERS or last in {"send_file", "static_file", "FileResponse", "serve_file"}:
            yield from _opened(scan, call, argument(call, 0, "path", "filename", "file", "path_or_file"), seen)
        elif last in PATH_METHODS and isinstance(call.func, ast.Attribute):
            given = call.args[0] if last in {"save", "get_contents_to_filename"} and call.args else call.func.value
            if last != "save" or _saves_a_file(call):
                yield from _opened(scan, call, given, seen)
        elif name in JOINERS or last == "joinpath":
            yield from _joined(scan, call, call.args[1:] if name in JOINERS else call.args, seen)
        elif last in _EXTRACTING:
            yield from _unpacked(scan, call, last)
    for node in ast.walk(scan.module.tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            yield from _joined(scan, node, [node.right], seen)


def _saves_a_file(call: ast.Call) -> bool:
    """Whether `x.save(name, ...)` writes a file; a second value that is no option is the record that a store keeps."""
    store = ast.unparse(call.func).rsplit(".", 1)[0]
    return len(call.args) < 2 or isinstance(call.args[1], ast.Constant) or bool(FILE_SAVERS.search(store))


def _opened(scan: Scan, call: ast.Call, given: ast.expr | None, seen: set[int]) -> Iterator[Match | Examined]:
    statement = scan.module.statement_of(call)
    if given is None or id(statement) in seen:
        return
    atoms = _open(scan, given, call)
    if strongest(atoms) is Origin.REQUEST and not _only_chooses(atoms):
        seen.add(id(statement))
        yield Match(OUTSIDE_RULE, call, 0.8, f"the path has {describe(atoms)} in it")
        return
    for shape in scan.shapes.of(given):
        named = _name_after_folder(scan, shape, call)
        if named:
            seen.add(id(statement))
            yield Match(JOINED_RULE, call, 0.4, f"the folder is joined with {describe(named)}")
            return


def _name_after_folder(scan: Scan, shape: Shape, use: ast.expr) -> Atoms:
    """Origins of a name that follows a folder's slash in a built path, and that looks like one from outside."""
    for index, piece in enumerate(shape):
        before = literal(shape[:index])
        if isinstance(piece, Hole) and not piece.numeric and before.endswith(("/", "\\")) and len(holes(shape)) < 6:
            atoms = frozenset(atom for atom in piece.atoms if atom.origin >= Origin.PARAMETER)
            atoms = _unclean(scan, atoms, use)
            if any(NAMED_LIKE_A_NAME.search(_bare(atom.root)) for atom in atoms):
                return atoms
    return frozenset()


def _bare(root: str) -> str:
    """The last word of an expression: `name` of `data['name']`."""
    words = re.findall(r"\w+", root)
    return words[-1] if words else ""


def _joined(scan: Scan, join: ast.expr, names: list[ast.expr], seen: set[int]) -> Iterator[Match | Examined]:
    """A folder joined with a name, by os.path.join or by pathlib's `/`; the check may follow the join."""
    statement = scan.module.statement_of(join)
    if id(statement) in seen or scan.checks.looks_at_result(join):
        return
    for given in names:
        atoms = frozenset(atom for atom in _open(scan, given, join) if atom.origin >= Origin.PARAMETER)
        division = isinstance(join, ast.BinOp)
        if strongest(atoms) is Origin.REQUEST and not _only_chooses(atoms) and not division:
            seen.add(id(statement))
            yield Match(OUTSIDE_RULE, join, 0.7, f"the folder is joined with {describe(atoms)}")
            return
        if any(NAMED_LIKE_A_NAME.search(_bare(atom.root)) and atom.calls <= TEXT_CALLS for atom in atoms):
            seen.add(id(statement))
            yield Match(JOINED_RULE, join, 0.35, f"the folder is joined with {describe(atoms)}", Severity.LOW)
            return


def _unpacked(scan: Scan, call: ast.Call, last: str) -> Iterator[Match | Examined]:
    if constant(keyword(call, "filter")) in {"data", "tar"} or not isinstance(call.func, ast.Attribute):
        return
    receiver = scan.flow.atoms(call.func.value)
    names = {name for atom in receiver for name in atom.calls} | {atom.root for atom in receiver}
    is_zip = any("zip" in name.lower() for name in names) or "zip" in ast.unparse(call.func.value).lower()
    given = [*call.args, *(word.value for word in call.keywords if word.arg in {"members", "member"})]
    if is_zip or any(isinstance(value, ast.Call) for value in given[1:]):
        return
    whole = last == "extractall" or scan.module.dotted(call) == "shutil.unpack_archive"
    if whole and not any(scan.checks.covers(atom, call) for atom in receiver):
        yield Match(ARCHIVE_RULE, call, 0.5)


def _open(scan: Scan, given: ast.expr, use: ast.expr) -> Atoms:
    return _unclean(scan, scan.flow.atoms(given), use)


def _unclean(scan: Scan, atoms: Atoms, use: ast.expr) -> Atoms:
    dirty = frozenset(atom for atom in atoms if atom.origin >= Origin.CONFIG and not atom.calls & CLEANERS)
    return scan.unchecked(dirty, use, strictly=True)


def _only_chooses(atoms: Atoms) -> bool:
    """Whether each outside value only chose among rows or results, by a call that is no mere change of text."""
    strong = [atom for atom in atoms if atom.origin is Origin.REQUEST]
    return bool(strong) and all(any(not _decodes(name) for name in atom.calls - TEXT_CALLS) for atom in strong)


def _decodes(name: str) -> bool:
    return any(word in name.lower() for word in ("decode", "parse", "load", "unpack", "decrypt", "token"))
