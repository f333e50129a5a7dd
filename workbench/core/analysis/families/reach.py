"""A value from outside reaches a call that interprets it: as code, data, address, template, query or pattern.

One table; a row names the calls, the argument that is interpreted, what makes a value harmless, and from which origin
on it counts. Adding a sink is adding a row.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from workbench.core.analysis.base import Examined
from workbench.core.analysis.flow import strongest
from workbench.core.analysis.module import argument, constant, keyword
from workbench.core.analysis.origins import Origin
from workbench.core.analysis.rules import SURE_OF, Match, Rule, Scan, describe
from workbench.core.analysis.shapes import Shape
from workbench.core.evidence import Severity

TOPIC = "reach"


@dataclass(frozen=True)
class Sink:
    """Calls that interpret one argument. `names` are dotted names, `methods` last names on any object.

    `needs` are modules of which one must be imported for a method name to count, since such names are common.
    """

    rule: Rule
    names: frozenset[str] = frozenset()
    methods: frozenset[str] = frozenset()
    position: int = 0
    keywords: tuple[str, ...] = ()
    cleaners: frozenset[str] = frozenset()
    least: Origin = Origin.REQUEST
    needs: frozenset[str] = frozenset()
    topic: str = TOPIC
    harmless: tuple[tuple[str, object], ...] = field(default=())
    """Keyword arguments that make the call harmless."""


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


SINKS: tuple[Sink, ...] = (
    Sink(
        Rule(
            "code-evaluated", "CWE-95", "Text is evaluated as Python", Severity.HIGH,
            "Whoever writes the text runs code with the rights of this program.",
            "Use ast.literal_eval() for literals, or choose among functions by name from a fixed table.",
        ),
        _names("eval exec builtins.eval builtins.exec compile code.InteractiveInterpreter.runsource"),
        least=Origin.UNKNOWN, topic="code",
    ),
    Sink(
        Rule(
            "data-unpickled", "CWE-502", "Objects are loaded from data that can name code", Severity.HIGH,
            "pickle, marshal and their kin call what the data names: loading is running.",
            "Use JSON and check it against a schema.",
        ),
        _names(
            "pickle.loads pickle.load cPickle.loads cPickle.load _pickle.loads dill.loads dill.load cloudpickle.loads "
            "cloudpickle.load jsonpickle.decode shelve.open marshal.loads marshal.load joblib.load pandas.read_pickle "
            "pd.read_pickle torch.load pickle.Unpickler jsonpickle.loads"
        ),
        cleaners=_names("dumps dump"), least=Origin.UNKNOWN, topic="deserialise", harmless=(("weights_only", True),),
    ),
    Sink(
        Rule(
            "yaml-loaded-whole", "CWE-502", "YAML is loaded with tags that build objects", Severity.HIGH,
            "The full loaders build any Python object that the text names, which runs code.",
            "Use yaml.safe_load().",
        ),
        _names("yaml.unsafe_load yaml.full_load yaml.unsafe_load_all yaml.full_load_all"),
        least=Origin.UNKNOWN, topic="deserialise",
    ),
    Sink(
        Rule(
            "request-to-chosen-address", "CWE-918", "Server fetches an address chosen from outside", Severity.HIGH,
            "The address may point inside: at services that trust this machine, or at the cloud's metadata service.",
            "Take scheme and host from a fixed set, resolve the name, and refuse private addresses.",
        ),
        _names(
            "requests.get requests.post requests.put requests.delete requests.head requests.patch requests.options "
            "requests.request urllib.request.urlopen urllib2.urlopen urllib.urlopen urlopen httpx.get httpx.post "
            "httpx.put httpx.delete httpx.request httpx.stream aiohttp.request urllib.request.urlretrieve "
            "urllib.urlretrieve wget.download pycurl.URL"
        ),
        keywords=("url",), topic="ssrf",
    ),
    Sink(
        Rule(
            "redirect-from-outside", "CWE-601", "Redirect goes where the request says", Severity.MEDIUM,
            "A link to this site can send its users to a copy of it elsewhere.",
            "Redirect to relative paths only, or check the host against a fixed set.",
        ),
        _names("flask.redirect django.shortcuts.redirect redirect HttpResponseRedirect RedirectResponse self.redirect "
               "starlette.responses.RedirectResponse fastapi.responses.RedirectResponse bottle.redirect HTTPFound "
               "django.http.HttpResponseRedirect web.seeother HttpResponsePermanentRedirect"),
        cleaners=_names("url_for reverse url_has_allowed_host_and_scheme is_safe_url"),
        keywords=("location", "url", "to"),
    ),
    Sink(
        Rule(
            "template-from-outside", "CWE-1336", "Template text comes from outside", Severity.HIGH,
            "A template language can reach the program's objects; whoever writes the template runs code.",
            "Keep templates in files and hand values over as context.",
        ),
        _names("flask.render_template_string render_template_string jinja2.Template mako.template.Template Template "
               "django.template.Template tornado.template.Template"),
        methods=_names("from_string"), needs=_names("jinja2 flask mako django tornado"),
        keywords=("source",), topic="html",
    ),
    Sink(
        Rule(
            "xpath-built", "CWE-643", "XPath expression with a value put into it", Severity.HIGH,
            "A quote in the value ends the literal, and the rest changes which nodes are found.",
            "Pass the value as an XPath variable: tree.xpath('//u[@n=$n]', n=name).",
        ),
        methods=_names("xpath XPath find findall iterfind findtext select"),
        needs=_names("lxml xml elementpath"), keywords=("path",),
    ),
    Sink(
        Rule(
            "ldap-filter-built", "CWE-90", "LDAP filter with a value put into it", Severity.HIGH,
            "Brackets and stars in the value change the filter, and so who is found.",
            "Escape it with ldap3.utils.conv.escape_filter_chars().",
        ),
        methods=_names("search search_s search_ext search_ext_s search_st"), position=1,
        keywords=("search_filter", "filterstr"), needs=_names("ldap ldap3"),
        cleaners=_names("escape_filter_chars escape_rdn escape_dn_chars filter_format"),
    ),
    Sink(
        Rule(
            "log-line-built", "CWE-117", "Log line with a value from outside", Severity.LOW,
            "A line break in the value writes log lines of its own.",
            "Replace line breaks, or log structured data.",
        ),
        _names("logging.info logging.warning logging.error logging.debug logging.critical"),
        cleaners=_names("replace repr quote dumps"),
    ),
    Sink(
        Rule(
            "pattern-from-outside", "CWE-1333", "Regular expression comes from outside", Severity.MEDIUM,
            "A pattern with nested repetition can keep the program busy for hours.",
            "Use re.escape(), or look for plain text.",
        ),
        _names("re.compile re.match re.search re.findall re.sub re.fullmatch re.split re.finditer"),
        cleaners=_names("escape"), keywords=("pattern",),
    ),
    Sink(
        Rule(
            "module-from-outside", "CWE-470", "Module or attribute is chosen from outside", Severity.MEDIUM,
            "Whoever names the module chooses which code is run.",
            "Choose from a fixed table.",
        ),
        _names("importlib.import_module __import__ imp.load_source runpy.run_path runpy.run_module"),
    ),
    Sink(
        Rule(
            "expression-from-outside", "CWE-917", "Text from outside is evaluated as an expression", Severity.HIGH,
            "These expressions reach functions and attributes, and through them run code.",
            "Let the request choose fields and operators from a fixed table, and hand values over as numbers or texts.",
        ),
        _names("pandas.eval pd.eval numexpr.evaluate ne.evaluate sympy.sympify sympify sympy.parse_expr parse_expr "
               "sympy.parsing.sympy_parser.parse_expr asteval.Interpreter"),
        methods=_names("query eval"), needs=_names("pandas"), keywords=("expr",), topic="code",
    ),
    Sink(
        Rule(
            "xml-entities", "CWE-611", "XML from outside is parsed with external entities", Severity.HIGH,
            "An entity can name a file or an address, whose content then stands in the document.",
            "Use defusedxml, or a parser with resolve_entities=False and no_network=True.",
        ),
        _names("lxml.etree.parse lxml.etree.fromstring lxml.etree.XML etree.parse etree.fromstring etree.XML "
               "xml.sax.parse xml.sax.parseString xml.dom.pulldom.parse xml.dom.pulldom.parseString"),
        least=Origin.PARAMETER, topic="xml",
    ),
)  # fmt: skip


def find(scan: Scan) -> Iterator[Match | Examined]:
    """Every call of the table whose argument has an origin that counts."""
    for call in scan.module.calls:
        dotted = scan.module.dotted(call)
        last = dotted.rsplit(".", 1)[-1]
        for sink in SINKS:
            if dotted in sink.names or (last in sink.methods and _fits(scan, call, sink)):
                yield from _at(scan, call, sink)
                break


def _fits(scan: Scan, call: ast.Call, sink: Sink) -> bool:
    return isinstance(call.func, ast.Attribute) and bool(sink.needs & scan.module.imported)


def _at(scan: Scan, call: ast.Call, sink: Sink) -> Iterator[Match | Examined]:
    given = argument(call, sink.position, *sink.keywords)
    if given is None or any(constant(keyword(call, name)) == value for name, value in sink.harmless):
        return
    if sink.rule.cwe == "CWE-611" and _has_safe_parser(scan, call):
        yield Examined(topic=sink.topic, line_start=call.lineno, line_end=call.end_lineno or call.lineno)
        return
    atoms = scan.unchecked(scan.open_atoms(given, sink.cleaners), call, strictly=sink.topic == "code")
    if sink.topic in {"ssrf", "code"} and strongest(atoms) < Origin.UNKNOWN:
        yield Examined(topic=sink.topic, line_start=call.lineno, line_end=call.end_lineno or call.lineno)
    origin = strongest(atoms)
    if origin >= sink.least and not _fixed_start(scan, given, sink):
        yield Match(sink.rule, call, 0.9 * SURE_OF[origin], f"it is given {describe(atoms)}")


def _fixed_start(scan: Scan, given: ast.expr, sink: Sink) -> bool:
    """Whether an address begins with a fixed host or path, so that what follows cannot choose another."""
    if sink.rule.cwe not in {"CWE-918", "CWE-601"}:
        return False
    shapes = scan.shapes.of(given)
    return all(_begins_fixed(shape) or _only_asks(shape) for shape in shapes if shape)


def _begins_fixed(shape: Shape) -> bool:
    return isinstance(shape[0], str) and _fixes_host(shape[0])


def _only_asks(shape: Shape) -> bool:
    """Whether nothing from outside stands before the query of an address, so that it cannot choose the host."""
    for piece in shape:
        if isinstance(piece, str):
            if "?" in piece or "#" in piece:
                return True
        elif piece.origin >= Origin.PARAMETER:
            return False
    return False


def _fixes_host(start: str) -> bool:
    if "://" in start:
        return "/" in start.split("://", 1)[1]
    return start.startswith("/") and not start.startswith("//") and len(start) > 1


def _has_safe_parser(scan: Scan, call: ast.Call) -> bool:
    """Whether lxml is given a parser whose entities are switched off."""
    parser = argument(call, 1, "parser")
    if isinstance(parser, ast.Name):
        definitions, _ = scan.flow.reaching(parser.id, parser)
        parser = definitions[0].value if definitions else None
    return isinstance(parser, ast.Call) and constant(keyword(parser, "resolve_entities")) is False
