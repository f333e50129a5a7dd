"""Where a value comes from, and what it went through: the words in which flow speaks."""

from enum import IntEnum


class Origin(IntEnum):
    """How far a value may be under someone else's control; a value made of several has the highest of theirs."""

    CONSTANT = 0
    """Written in the code."""
    SAFE = 1
    """Cannot carry markup or syntax: a number, a truth value, a digest, a date."""
    CONFIG = 2
    """Set by whoever runs the program: a constant by name, a setting, a field of the object itself."""
    UNKNOWN = 3
    """Result of a call, a global, a row of a database."""
    PARAMETER = 4
    """Given by the caller of the function."""
    REQUEST = 5
    """Given from outside: a web request, the command line, standard input, a socket."""


FIELD_PREFIXES = ("self.", "cls.")
"""Roots that are fields of the object itself: another method filled them."""

NUMERIC = frozenset({
    "int", "float", "bool", "len", "abs", "round", "hash", "id", "ord", "hex", "sum", "isinstance", "hasattr",
    "issubclass", "callable", "any", "all", "UUID", "uuid1", "uuid4", "time", "monotonic", "perf_counter", "now",
    "utcnow", "today", "date", "datetime", "timedelta", "strftime", "isoformat", "timestamp", "total_seconds", "count",
    "isdigit", "isalnum", "isalpha", "startswith", "endswith", "hexdigest", "token_hex", "token_urlsafe", "randint",
    "randrange", "randbelow", "getpid", "urandom", "exists", "isfile", "isdir", "mkdtemp", "mkstemp",
    "gettempdir", "Decimal", "ObjectId", "url_for", "reverse", "get_random_string", "b64encode", "type",
})  # fmt: skip
"""Last names of calls whose result cannot carry another language's syntax, whatever goes in."""

TRUTH_PREFIXES = ("is_", "has_", "can_", "should_", "was_", "are_")
"""A call named so gives a truth value, by every style guide's convention."""

REQUEST_OBJECTS = frozenset({"request", "req", "self.request", "flask.request", "bottle.request", "cherrypy.request"})
"""Names of the object that holds what a web client sent."""

REQUEST_FIELDS = frozenset({
    "args", "form", "values", "cookies", "headers", "json", "files", "data", "get_json", "GET", "POST", "FILES",
    "COOKIES", "META", "REQUEST", "body", "query", "query_params", "query_string", "path_params", "params", "stream",
    "get_data", "get", "forms", "path", "path_info", "url", "full_path", "referrer", "content", "get_argument",
    "arguments", "match_info", "post", "text", "rel_url", "matchdict", "view_args", "host", "base_url",
    "get_full_path", "build_absolute_uri", "get_arguments", "get_body_argument", "get_query_argument", "get_cookie",
    "getlist", "environ", "user_agent", "remote_addr", "authorization",
})  # fmt: skip
"""Attributes of a request that the client decides (Flask, Django, FastAPI, Tornado, aiohttp, Bottle, Pyramid)."""

REQUEST_CALLS = frozenset({
    "input", "raw_input", "sys.stdin.read", "sys.stdin.readline", "sys.stdin.readlines", "click.prompt",
    "getpass.getpass", "cgi.FieldStorage", "self.get_argument",
    "self.get_query_argument", "self.get_body_argument", "self.get_cookie", "self.rfile.read", "self.rfile.readline",
})  # fmt: skip
"""Calls whose result someone outside decides."""

HANDLER_FIELDS = frozenset({"path", "headers", "requestline"})
"""Attributes of a request handler of http.server that the client decides."""

OPERATOR_WORDS = ("argv", "parse_args", "input(", "prompt(", "getpass(")
"""Parts of the expressions by which a program reads what its own user says."""

REQUEST_NAMES = frozenset({"sys.argv", "flask.request.args", "flask.request.form"})
"""Names whose value someone outside decides."""

REQUEST_METHODS = frozenset({"recv", "recvfrom", "parse_args"})
"""Methods whose result someone outside decides, whatever they are called on."""

SETTINGS_OBJECTS = frozenset({
    "settings", "config", "conf", "cfg", "constants", "app.config", "current_app.config", "self.config",
    "self.settings", "CONF", "os.environ", "os",
})  # fmt: skip
"""Names of objects that hold what the operator set."""

HANDING_ON = frozenset({
    "get", "pop", "setdefault", "unquote", "unquote_plus", "unescape", "loads", "json", "group", "groups", "read",
    "readline", "readlines", "getvalue", "b64decode", "rsplit", "partition", "rpartition", "removeprefix",
    "removesuffix", "casefold", "swapcase", "zfill", "center", "ljust", "rjust", "expandtabs", "translate", "basename",
    "normpath", "abspath", "realpath", "unicode", "fromkeys", "urljoin", "StringIO", "BytesIO", "sub",
})  # fmt: skip
"""Last names of calls whose result is what they were given, or a part or another form of it."""

ROW_CALLS = frozenset({"execute", "executemany", "fetchone", "fetchall", "fetchmany", "scalar", "scalars"})
"""Last names of calls that give rows of a database (PEP 249, SQLAlchemy, Django)."""

WEB_CLIENTS = frozenset({"requests", "httpx", "aiohttp", "urllib3", "urllib.request", "urllib2"})
"""Modules whose functions give what another server answered."""

FILE_CALLS = frozenset({"open", "read_text", "read_bytes"})
"""Last names of calls that give what a file holds."""


def is_web_client(dotted: str) -> bool:
    """Whether a call, by its dotted name, gives what another server answered."""
    return dotted.rsplit(".", 1)[0] in WEB_CLIENTS or dotted.rsplit(".", 1)[-1] == "urlopen"


CHECKING_WORDS = (
    "valid", "check", "verif", "sanit", "safe", "clean", "allow", "whitelist", "permit", "secure", "escape", "quote",
    "restrict",
)  # fmt: skip
"""Parts of a function's name that say that it checks or cleans what it is given."""

NOT_CHECKING = frozenset({"check_output", "check_call", "mark_safe", "checkout", "unquote", "unescape", "unquote_plus"})
"""Names with such a part that say something else."""


def is_checking(name: str) -> bool:
    """Whether a function's last name says that it checks or cleans what it is given."""
    lowered = name.lower()
    return name not in NOT_CHECKING and any(word in lowered for word in CHECKING_WORDS)
