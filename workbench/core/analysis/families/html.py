"""HTML put together as text, and ways around a template's escaping (CWE-79)."""

import ast
import re
from collections.abc import Iterator

from workbench.core.analysis.base import Examined
from workbench.core.analysis.flow import Atoms, strongest
from workbench.core.analysis.module import Function, argument, constant, keyword
from workbench.core.analysis.origins import Origin
from workbench.core.analysis.rules import SURE_OF, Match, Rule, Scan, describe, fetched_from
from workbench.core.analysis.shapes import Shape, holes, is_building, literal
from workbench.core.evidence import Severity

TOPIC = "html"

BUILT_RULE = Rule(
    "html-built-as-text",
    "CWE-79",
    "HTML built as text without escaping",
    Severity.HIGH,
    "A value with `<` or a quote in it becomes markup: script that runs in the reader's session.",
    "Render a template that escapes by default, or pass each value through markupsafe.escape().",
)
TRUSTED_RULE = Rule(
    "html-marked-safe",
    "CWE-79",
    "Text marked as safe HTML without having been escaped",
    Severity.HIGH,
    "Marking a text as safe switches the template's escaping off for it.",
    "Use format_html() or Markup.format(), which escape what is put in, or leave the marking out.",
)
RESPONSE_RULE = Rule(
    "html-response-echoes",
    "CWE-79",
    "Response gives back what the client sent",
    Severity.HIGH,
    "The framework sends the text as HTML, so markup in it runs in the reader's session.",
    "Escape it, render a template, or send it as text/plain or JSON.",
)
SENDS_ON_RULE = Rule(
    "html-response-sends-on",
    "CWE-79",
    "Response sends on as HTML what was got elsewhere",
    Severity.HIGH,
    "The framework sends the text as HTML, so markup in what a server, a database or a file gave runs in the reader's "
    "session.",
    "Escape it, render a template, or send it as text/plain or JSON.",
)
JSON_RULE = Rule(
    "html-json-in-template",
    "CWE-79",
    "JSON handed to a template as text",
    Severity.MEDIUM,
    "json.dumps() leaves `</script>` and `<!--` as they are, so a value in it can leave the script block it is put in.",
    "Use the template's own tojson or json_script filter, or an encoder that escapes <, > and &.",
)
MARKDOWN_RULE = Rule(
    "html-from-markdown",
    "CWE-79",
    "Markdown rendered without sanitising the result",
    Severity.MEDIUM,
    "Markdown lets HTML through unchanged, so whoever writes the text writes markup.",
    "Sanitise the result with an allow-list (nh3, bleach), or switch raw HTML off in the renderer.",
)
CONTEXT_RULE = Rule(
    "html-request-in-context",
    "CWE-79",
    "Link of the page is taken from the request",
    Severity.MEDIUM,
    "Escaping does not help where a value is a link: `javascript:` addresses run script.",
    "Take only relative addresses, or check scheme and host against a fixed set.",
)
ERROR_RULE = Rule(
    "html-json-errors",
    "CWE-79",
    "Form errors sent as a page without escaping",
    Severity.MEDIUM,
    "Django's as_json() does not escape unless asked, and the response's type is text/html.",
    "Use as_json(escape_html=True) or JsonResponse.",
)

ESCAPERS = frozenset({
    "escape", "quote", "quote_plus", "urlencode", "format_html", "conditional_escape", "escapejs", "clean", "e",
    "sanitize", "tojson", "render_template", "render", "xml_escape", "xhtml_escape", "urlquote", "force_escape",
    "strip_tags", "bleach", "linkify", "jsonify", "escape_html", "html_escape", "render_to_string", "translate",
    "get_absolute_url", "static", "format_html_join", "nh3",
})  # fmt: skip
"""Calls whose result is safe to put between tags; `str.translate` with a table is how escaping is written by hand."""

MARKERS = frozenset({"mark_safe", "Markup", "SafeText", "SafeString", "SafeUnicode", "literal", "HTML"})
"""Calls that say a text is HTML already."""

RESPONSES = frozenset({
    "HttpResponse", "make_response", "Response", "HTMLResponse", "HttpResponseBadRequest", "HttpResponseNotFound",
    "HttpResponseForbidden", "HttpResponseServerError",
})  # fmt: skip
RENDERERS = frozenset({"render", "render_template", "render_to_response", "render_to_string", "TemplateResponse"})
MARKDOWN = frozenset({
    "markdown", "markdown.markdown", "markdown2.markdown", "misaka.html", "mistune.markdown", "mistune.html",
    "commonmark.commonmark", "compile_markdown",
})  # fmt: skip
LINK_KEYS = re.compile(r"(?:^|_)(?:back|next|url|link|href|redirect|dest|destination|return|continue)(?:_|$)", re.I)

_TAG = re.compile(
    r"</?(?:a|abbr|article|b|blockquote|body|br|button|caption|center|code|dd|div|dl|dt|em|embed|fieldset|figure|font|"
    r"footer|form|h[1-6]|head|header|hr|html|i|iframe|img|input|label|legend|li|link|main|meta|nav|object|ol|option|p|"
    r"pre|script|section|select|small|span|strong|style|sub|sup|svg|table|tbody|td|textarea|tfoot|th|thead|title|tr|u|"
    r"ul|video)(?:\s[^<>]*)?/?>|<(?:a|img|div|span|p|td|tr|li|input|script|iframe|form|link)\s+[\w-]+=",
    re.IGNORECASE,
)
"""A tag of HTML; other text in angle brackets is how Python shows objects."""

_PLAIN_TYPES = ("json", "plain", "xml", "csv", "octet", "javascript", "pdf", "yaml")


def find(scan: Scan) -> Iterator[Match | Examined]:
    """HTML built by formatting, then every call that hands something to a browser unescaped."""
    seen: set[int] = set()
    for node in ast.walk(scan.module.tree):
        if isinstance(node, ast.expr) and is_building(node) and not _inside_building(scan, node):
            yield from _built(scan, node, seen)
        elif isinstance(node, ast.Return) and node.value is not None:
            yield from _returned(scan, node, seen)
        elif isinstance(node, ast.Assign):
            yield from _link(scan, node)
    for call in scan.module.calls:
        yield from _in_call(scan, call, seen)


def _built(scan: Scan, node: ast.expr, seen: set[int]) -> Iterator[Match | Examined]:
    statement = scan.module.statement_of(node)
    if statement is None or id(statement) in seen or _is_only_logged(scan, node):
        return
    for shape in scan.shapes.of(node):
        if not holes(shape) or not _TAG.search(literal(shape)):
            continue
        yield Examined(topic=TOPIC, line_start=node.lineno, line_end=node.end_lineno or node.lineno)
        atoms = _unescaped(scan, shape, node)
        origin = strongest(atoms)
        if origin < Origin.UNKNOWN:
            continue
        seen.add(id(statement))
        severity = Severity.HIGH if origin is Origin.REQUEST else Severity.MEDIUM
        sure = SURE_OF[origin] * (0.95 if origin is Origin.REQUEST else 0.75)
        yield Match(BUILT_RULE, node, sure, f"{describe(atoms)} is put between tags", severity)
        return


def _unescaped(scan: Scan, shape: Shape, use: ast.expr) -> Atoms:
    atoms = frozenset(atom for hole in holes(shape) if not hole.numeric for atom in hole.atoms)
    return scan.unchecked(frozenset(atom for atom in atoms if not atom.calls & ESCAPERS), use)


def _returned(scan: Scan, node: ast.Return, seen: set[int]) -> Iterator[Match | Examined]:
    """A handler that returns what it was sent: frameworks send a returned text as HTML."""
    scope = scan.module.scope_of(node)
    if node.value is None or not _is_route(scan, scope) or id(node) in seen:
        return
    value = node.value.elts[0] if isinstance(node.value, ast.Tuple) and node.value.elts else node.value
    if isinstance(value, ast.Dict | ast.List | ast.Call) and not is_building(value):
        return
    for shape in scan.shapes.of(value):
        if holes(shape) and (len(shape) > 1 or not _is_call(holes(shape)[0].node)):
            atoms = _unescaped(scan, shape, value)
            if strongest(atoms) is Origin.REQUEST:
                yield _sent(value, atoms)
                return


def _is_call(node: ast.expr) -> bool:
    return isinstance(node, ast.Call | ast.Await)


def _is_route(scan: Scan, scope: ast.AST) -> bool:
    """Whether a function's return value is itself the response (Flask, Bottle), not a response object."""
    if not isinstance(scope, Function):
        return False
    names = {scan.module.dotted(decorator).rsplit(".", 1)[-1] for decorator in scope.decorator_list}
    return bool(names & {"route", "get", "post", "put"})


def _in_call(scan: Scan, call: ast.Call, seen: set[int]) -> Iterator[Match | Examined]:
    dotted = scan.module.dotted(call)
    last = dotted.rsplit(".", 1)[-1]
    statement = scan.module.statement_of(call)
    if last in MARKERS and call.args and dotted != "sqlalchemy.literal":
        yield from _marked(scan, call)
    elif last in RESPONSES and call.args and id(statement) not in seen:
        yield from _response(scan, call)
    elif dotted in MARKDOWN or last in MARKDOWN:
        yield from _markdown(scan, call)
    elif last == "dumps" and _is_template_value(scan, call):
        yield from _json(scan, call)
    elif last in RENDERERS:
        yield from _context(scan, call)


def _marked(scan: Scan, call: ast.Call) -> Iterator[Match | Examined]:
    yield Examined(topic=TOPIC, line_start=call.lineno, line_end=call.end_lineno or call.lineno)
    for shape in scan.shapes.of(call.args[0]):
        atoms = _unescaped(scan, shape, call)
        origin = strongest(atoms)
        if origin >= Origin.UNKNOWN and not _is_translated(scan, call.args[0]):
            yield Match(TRUSTED_RULE, call, 0.85 * SURE_OF[origin], f"{describe(atoms)} is marked as safe")
            return


def _is_translated(scan: Scan, node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and scan.module.dotted(node).rsplit(".", 1)[-1] in {
        "_",
        "gettext",
        "gettext_lazy",
    }


def _response(scan: Scan, call: ast.Call) -> Iterator[Match | Examined]:
    kind = argument(call, 1, "content_type", "mimetype", "media_type") or keyword(call, "mimetype")
    if isinstance(kind, ast.Constant) and any(word in str(kind.value) for word in _PLAIN_TYPES):
        return
    given = call.args[0]
    if isinstance(given, ast.Call) and isinstance(given.func, ast.Attribute) and given.func.attr == "as_json":
        if keyword(given, "escape_html") is None:
            yield Match(ERROR_RULE, call, 0.6)
        return
    for shape in scan.shapes.of(given):
        atoms = _unescaped(scan, shape, call)
        if strongest(atoms) is Origin.REQUEST and not _through_data(atoms):
            yield _sent(call, atoms)
            return


def _sent(node: ast.expr, atoms: Atoms) -> Match:
    """A response with these origins: the client's own text, or what was got elsewhere by what the client said."""
    strong = [atom for atom in atoms if atom.origin is Origin.REQUEST]
    if all(fetched_from(atom) for atom in strong):
        return Match(SENDS_ON_RULE, node, 0.7, f"{describe(atoms)} is sent on")
    return Match(RESPONSE_RULE, node, 0.7, f"{describe(atoms)} is sent back")


def _through_data(atoms: Atoms) -> bool:
    """Whether every strong origin only chose the data (a query, a file), rather than being it."""
    strong = [atom for atom in atoms if atom.origin is Origin.REQUEST]
    known = {"str", "strip", "get", "lower", "upper", "replace", "format", "join", "decode", "encode", "unquote"}
    return all(atom.calls - known for atom in strong)


def _markdown(scan: Scan, call: ast.Call) -> Iterator[Match | Examined]:
    if not call.args or keyword(call, "safe_mode") is not None or constant(keyword(call, "escape")) is True:
        return
    for around in scan.module.enclosing(call):
        if isinstance(around, ast.Call) and scan.module.dotted(around).rsplit(".", 1)[-1] in ESCAPERS:
            return
        if isinstance(around, ast.stmt):
            break
    atoms = scan.unchecked(scan.open_atoms(call.args[0], ESCAPERS), call)
    origin = strongest(atoms)
    if origin >= Origin.UNKNOWN and not _cleaned_later(scan, call):
        yield Match(MARKDOWN_RULE, call, 0.7 * SURE_OF[origin] + 0.1, f"{describe(atoms)} is rendered")


def _cleaned_later(scan: Scan, call: ast.Call) -> bool:
    """Whether the name that holds the result is handed to a sanitiser afterwards."""
    statement = scan.module.statement_of(call)
    names = {target.id for target in getattr(statement, "targets", []) if isinstance(target, ast.Name)}
    scope = scan.module.scope_of(call)
    later = (node for node in ast.walk(scope) if isinstance(node, ast.Call) and node.lineno > call.lineno)
    return any(
        scan.module.dotted(node).rsplit(".", 1)[-1] in ESCAPERS
        and any(isinstance(given, ast.Name) and given.id in names for given in node.args)
        for node in later
    )


def _is_template_value(scan: Scan, call: ast.Call) -> bool:
    """Whether a call's result is a value of a template's context: an element of a dict given to a renderer."""
    parent = scan.module.parents.get(call)
    if not isinstance(parent, ast.Dict):
        return False
    around = scan.module.parents.get(parent)
    return isinstance(around, ast.Call) and scan.module.dotted(around).rsplit(".", 1)[-1] in RENDERERS


def _json(scan: Scan, call: ast.Call) -> Iterator[Match | Examined]:
    if not call.args or keyword(call, "cls") is not None or keyword(call, "default") is not None:
        return
    atoms = scan.open_atoms(call.args[0], ESCAPERS)
    if strongest(atoms) >= Origin.UNKNOWN:
        yield Match(JSON_RULE, call, 0.5, f"{describe(atoms)} is in it")


def _context(scan: Scan, call: ast.Call) -> Iterator[Match | Examined]:
    """Values of a template's context that are links and come straight from the request."""
    for given in call.args:
        if isinstance(given, ast.Dict):
            for key, value in zip(given.keys, given.values, strict=True):
                if key is not None and LINK_KEYS.search(str(constant(key))):
                    yield from _link_value(scan, value)
    for word in call.keywords:
        if word.arg and LINK_KEYS.search(word.arg):
            yield from _link_value(scan, word.value)


def _link(scan: Scan, node: ast.Assign) -> Iterator[Match | Examined]:
    """`context["next"] = request.GET["next"]` in a method that makes a template's context."""
    scope = scan.module.scope_of(node)
    if not isinstance(scope, Function) or "context" not in scope.name:
        return
    for target in node.targets:
        if isinstance(target, ast.Subscript) and LINK_KEYS.search(str(constant(target.slice))):
            yield from _link_value(scan, node.value)


def _link_value(scan: Scan, value: ast.expr) -> Iterator[Match | Examined]:
    atoms = scan.unchecked(scan.open_atoms(value, ESCAPERS), value)
    if strongest(atoms) is Origin.REQUEST and not _through_data(atoms):
        yield Match(CONTEXT_RULE, value, 0.5, f"{describe(atoms)} becomes a link")


def _is_only_logged(scan: Scan, node: ast.expr) -> bool:
    for around in scan.module.enclosing(node):
        if isinstance(around, ast.Raise):
            return True
        if isinstance(around, ast.Call):
            last = scan.module.dotted(around).rsplit(".", 1)[-1]
            if last in {"debug", "info", "warning", "error", "exception", "print", "critical"}:
                return True
        if isinstance(around, ast.stmt):
            return False
    return False


def _inside_building(scan: Scan, node: ast.expr) -> bool:
    for around in scan.module.enclosing(node):
        if isinstance(around, ast.stmt):
            return False
        if isinstance(around, ast.expr) and is_building(around):
            return True
    return False
