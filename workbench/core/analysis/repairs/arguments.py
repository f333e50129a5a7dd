"""Fixes that change a name or an argument of one call."""

import ast

from workbench.core.analysis.module import constant, keyword
from workbench.core.analysis.repairs.base import Change, Site, with_keyword, without_keyword


def leave_verification_on(site: Site) -> Change | str:
    """`verify=False` goes; an unverified TLS context becomes the default one."""
    for call in site.calls():
        if constant(keyword(call, "verify")) is False:
            edit = without_keyword(site.places, call, "verify")
            if edit is not None:
                return Change([edit], "verify=False was taken out, so the certificate is checked again")
        if site.name(call) in {"ssl._create_unverified_context", "ssl._create_stdlib_context"}:
            edit = site.places.replacing(call, "ssl.create_default_context()")
            return Change([edit], "The TLS context checks certificates again")
    return "the switch is not a plain argument here"


def turn_debug_off(site: Site) -> Change | str:
    """`debug=True` becomes `debug=False`."""
    for call in site.calls():
        if constant(keyword(call, "debug")) is True:
            return Change([with_keyword(site.places, call, "debug", "False")], "Debug mode is off")
    return "debug mode is not switched on by a plain argument here"


def add_timeout(site: Site) -> Change | str:
    """A request gets `timeout=10`."""
    for call in site.calls():
        first = site.name(call).split(".", maxsplit=1)[0]
        value = keyword(call, "timeout")
        if first in {"requests", "httpx"} and (value is None or constant(value) is None):
            edit = with_keyword(site.places, call, "timeout", "10")
            return Change([edit], "The request gives up after 10 seconds; choose what suits the other side")
    return "the request is not a plain call of requests or httpx"


def load_yaml_safely(site: Site) -> Change | str:
    """`yaml.load(x, Loader=...)` becomes `yaml.safe_load(x)`."""
    names = {"yaml.load", "yaml.unsafe_load", "yaml.full_load"}
    for call in site.calls():
        if site.name(call) in names and isinstance(call.func, ast.Attribute) and call.args:
            module = site.places.written(call.func.value)
            text = f"{module}.safe_load({site.places.written(call.args[0])})"
            return Change([site.places.replacing(call, text)], "YAML is loaded without tags that build objects")
    return "yaml.load is not called by that name"


def evaluate_literals_only(site: Site) -> Change | str:
    """`eval(x)` becomes `ast.literal_eval(x)`."""
    for call in site.calls():
        if site.name(call) == "eval" and len(call.args) == 1:
            edit = site.places.replacing(call.func, "ast.literal_eval")
            sentence = (
                "Only literals are evaluated now; if the text holds more than literals, it needs a parser of its own"
            )
            return Change([edit], sentence, ["import ast"])
    return "code that is executed as statements has no safe counterpart; choose among functions by name instead"


def make_temporary_file(site: Site) -> Change | str:
    """`tempfile.mktemp()` becomes a file that is created at once."""
    for call in site.calls():
        if site.name(call) == "tempfile.mktemp" and isinstance(call.func, ast.Attribute):
            module = site.places.written(call.func.value)
            given = ", ".join(
                [f"{word.arg}={site.places.written(word.value)}" for word in call.keywords] + ["delete=False"]
            )
            if call.args:
                return "mktemp is called with positional arguments"
            text = f"{module}.NamedTemporaryFile({given}).name"
            return Change(
                [site.places.replacing(call, text)],
                "The temporary file is created when its name is chosen, so nobody can put another there first",
            )
    return "mktemp is not called by that name"


def draw_from_the_system(site: Site) -> Change | str:
    """`random.x()` becomes `secrets.SystemRandom().x()`."""
    for call in site.calls():
        if isinstance(call.func, ast.Attribute) and site.name(call).startswith("random."):
            if call.func.attr in {"seed", "setstate", "getstate"}:
                continue
            edit = site.places.replacing(call.func.value, "secrets.SystemRandom()")
            return Change([edit], "The random value comes from the operating system", ["import secrets"])
    return "the generator is not called as random.something"


def escape_templates(site: Site) -> Change | str:
    """A Jinja2 environment gets `autoescape=True`."""
    for call in site.calls():
        if site.name(call).rsplit(".", 1)[-1] == "Environment":
            edit = with_keyword(site.places, call, "autoescape", "True")
            return Change([edit], "Templates escape what is put into them")
    return "the environment is not made at this place"


def filter_archive(site: Site) -> Change | str:
    """`extractall()` gets `filter="data"` (PEP 706)."""
    for call in site.calls():
        if site.name(call).endswith(".extractall"):
            edit = with_keyword(site.places, call, "filter", '"data"')
            return Change([edit], "Members that would leave the folder, and special files, are refused (PEP 706)")
    return "the archive is not unpacked by extractall"


def reject_unknown_hosts(site: Site) -> Change | str:
    """Paramiko's AutoAddPolicy and WarningPolicy become RejectPolicy."""
    for call in site.calls():
        for given in call.args:
            named = given.func if isinstance(given, ast.Call) else given
            if isinstance(named, ast.Attribute) and named.attr in {"AutoAddPolicy", "WarningPolicy"}:
                module = site.places.written(named.value)
                edit = site.places.replacing(named, f"{module}.RejectPolicy")
                return Change([edit], "Hosts whose key is not known are refused; add their keys first")
    return "the policy is not given by its name"


def narrow_file_mode(site: Site) -> Change | str:
    """A world-writable mode becomes 0o700."""
    for call in site.calls():
        if site.name(call).endswith("chmod") and len(call.args) == 2 and isinstance(constant(call.args[1]), int):
            edit = site.places.replacing(call.args[1], "0o700")
            return Change([edit], "Only the owner may use the file; widen the mode where others need it")
    return "the mode is not a plain number"


def secret_from_environment(site: Site) -> Change | str:
    """A secret written in the code is read from the environment."""
    for node in ast.walk(site.scan.module.tree):
        if not isinstance(node, ast.Assign) or not site.holds(node) or not isinstance(constant(node.value), str):
            continue
        target = node.targets[0]
        name = target.attr if isinstance(target, ast.Attribute) else target.id if isinstance(target, ast.Name) else ""
        if name.isidentifier():
            edit = site.places.replacing(node.value, f'os.environ["{name.upper()}"]')
            sentence = (
                f"The secret is read from the environment variable {name.upper()}; change the one that was published"
            )
            return Change([edit], sentence, ["import os"])
    return "the secret is not assigned to a plain name"
