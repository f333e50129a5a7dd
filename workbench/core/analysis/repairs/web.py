"""Fixes for web code: values escaped before they stand between tags, paths joined so that they stay in their folder."""

import ast

from workbench.core.analysis.edits import Edit
from workbench.core.analysis.families.html import ESCAPERS, RESPONSES
from workbench.core.analysis.origins import Origin
from workbench.core.analysis.repairs.base import Change, Site
from workbench.core.analysis.shapes import holes, is_building
from workbench.wording import counted


def escape_values(site: Site) -> Change | str:
    """Values put between tags go through html.escape()."""
    target = _outermost(site)
    if target is None:
        return "the page is not put together at this place"
    inside = {id(node) for node in ast.walk(target)}
    dangerous = {
        id(hole.place): hole.place
        for shape in site.scan.shapes.of(target)
        for hole in holes(shape)
        if id(hole.place) in inside and any(_is_open(atom.origin, atom.calls) for atom in hole.atoms)
    }
    if not dangerous:
        return "the values come from another place; escape them there"
    name = "html_escape" if site.is_bound("escape") else "escape"
    imported = f"from html import escape{' as html_escape' if name == 'html_escape' else ''}"
    sentence = counted(len(dangerous), "value of the page is escaped", "values of the page are escaped")
    return Change(_wrapped(site, target, dangerous, name), sentence, [imported])


def _wrapped(site: Site, target: ast.expr, dangerous: dict[int, ast.expr], name: str) -> list[Edit]:
    """Edits that wrap each value where it stands; the whole text anew where the tree's places are not exact.

    Before Python 3.12 places inside an f-string can be wrong (https://docs.python.org/3/whatsnew/3.12.html, PEP 701).
    """
    if all(_is_exact(site, node) for node in dangerous.values()):
        return [site.places.replacing(node, f"{name}(str({site.places.written(node)}))") for node in dangerous.values()]
    return [site.places.replacing(target, ast.unparse(_Escape(set(dangerous), name).visit(target)))]


def _is_exact(site: Site, node: ast.expr) -> bool:
    try:
        written = ast.parse(site.places.written(node).strip(), mode="eval").body
    except SyntaxError:
        return False
    return ast.dump(written) == ast.dump(node)


def _is_open(origin: Origin, calls: frozenset[str]) -> bool:
    return origin >= Origin.UNKNOWN and not calls & ESCAPERS


def _outermost(site: Site) -> ast.expr | None:
    """The outermost text-building expression at the finding's lines, or the value that is sent back as it is."""
    for node in ast.walk(site.scan.module.tree):
        if isinstance(node, ast.expr) and is_building(node) and site.holds(node):
            return node
    for node in ast.walk(site.scan.module.tree):
        if isinstance(node, ast.Return) and node.value is not None and site.holds(node):
            return node.value
        if isinstance(node, ast.Call) and site.name(node).rsplit(".", 1)[-1] in RESPONSES and site.holds(node):
            return node.args[0] if node.args else None
    return None


class _Escape(ast.NodeTransformer):
    """Wraps the given nodes, and no others, in a call of the escaping function."""

    def __init__(self, wanted: set[int], name: str) -> None:
        self._wanted = wanted
        self._name = name

    def visit(self, node: ast.AST) -> ast.AST:
        if id(node) in self._wanted and isinstance(node, ast.expr):
            as_text = ast.Call(ast.Name("str", ast.Load()), [node], [])
            return ast.Call(ast.Name(self._name, ast.Load()), [as_text], [])
        return self.generic_visit(node)


def join_safely(site: Site) -> Change | str:
    """`send_file(os.path.join(a, b))` becomes `send_from_directory(a, b)`; other joins become `safe_join`."""
    if not site.scan.module.imported & {"flask", "werkzeug"}:
        return "only Flask brings a join that stays in its folder; elsewhere resolve the path and check it"
    for call in site.calls():
        if not site.name(call).endswith("path.join"):
            continue
        outer = site.scan.module.parents.get(call)
        if isinstance(outer, ast.Call) and site.name(outer).endswith("send_file") and len(call.args) == 2:
            start, end = site.places.span(outer.func)
            edits = [
                Edit(start, end, "send_from_directory"),
                site.places.replacing(call, ", ".join(site.places.written(given) for given in call.args)),
            ]
            return Change(
                edits,
                "The file is sent by send_from_directory, which answers 404 for a name that leads out of the folder",
                ["from flask import send_from_directory"],
            )
        sentence = "The path is joined by safe_join, which gives None for a name that leads out; handle that case"
        edit = site.places.replacing(call.func, "safe_join")
        return Change([edit], sentence, ["from werkzeug.utils import safe_join"])
    return "the path is not joined by os.path.join at this place"
