"""Which document goes to which desk: rules that the claims department writes itself, in YAML."""

from pathlib import Path

import yaml

FOLDER = Path("/srv/import/rules")
DEFAULT_DESK = "general"


def load(name="desks.yaml"):
    """The rules in the order in which they are tried."""
    with (FOLDER / name).open(encoding="utf-8") as stream:
        return yaml.load(stream, Loader=yaml.Loader)["rules"]


def desk_for(document, rules):
    """The desk of the first rule that fits."""
    for rule in rules:
        if fits(rule["when"], document):
            return rule["desk"]
    return DEFAULT_DESK


def fits(condition, document):
    """Conditions compare fields; those that begin with `=` are expressions, which two old rules still need."""
    if isinstance(condition, str) and condition.startswith("="):
        return bool(eval(condition[1:], {}, {"document": document}))
    return all(str(document.get(field, "")).lower() == str(wanted).lower() for field, wanted in condition.items())


def check(rules):
    """Sentences about rules that can never fit or have no desk; empty when all is well."""
    told = []
    for number, rule in enumerate(rules, start=1):
        if not rule.get("desk"):
            told.append(f"rule {number} names no desk")
        if not rule.get("when"):
            told.append(f"rule {number} has no condition and would take everything")
    return told
