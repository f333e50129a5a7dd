"""Reads the demo organisation from its files; a mistake in one is told by file, place and field."""

import csv
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from workbench.core.demo.entries import (
    Asset,
    Component,
    DemoData,
    KnownIssue,
    Organisation,
    Service,
    Software,
    Threat,
    Ticket,
)
from workbench.core.values import Value, WorkbenchError
from workbench.places import RESOURCES

FOLDER = RESOURCES / "demo"

_ISSUE = re.compile(r"^\| (\S+\.py) \| (\d+) \| (CWE-\d+) \| (yes|no) \| (.+) \|$", re.MULTILINE)

ValueT = TypeVar("ValueT", bound=Value)


class DemoError(WorkbenchError):
    """A file of the demo data that cannot be used: which file, where, what is wrong."""


def read_demo(folder: Path = FOLDER) -> DemoData:
    """All of it, each in the order of its files. Raises DemoError. Blocks."""
    return DemoData(
        folder=folder,
        organisation=_organisation(folder / "organisation.json"),
        assets=tuple(_table(Asset, folder / "assets.csv", data=str.split, address=lambda text: text or None)),
        software=tuple(_table(Software, folder / "software.csv")),
        tickets=tuple(_lines(Ticket, folder / "tickets.jsonl")),
        threats=tuple(sorted(_threats(folder), key=lambda threat: threat.id)),
        services=tuple(_service(path, folder) for path in _folders(folder / "services")),
    )


def _organisation(path: Path) -> Organisation:
    return _checked(Organisation, _json(_text(path), path.name), path.name)


def _table(kind: type[ValueT], path: Path, **convert: Any) -> Iterator[ValueT]:
    rows = enumerate(csv.DictReader(_text(path).splitlines(), strict=True), start=2)
    number = 1
    try:
        for number, row in rows:
            cells = {name: convert.get(name, str)(cell or "") for name, cell in row.items()}
            yield _checked(kind, cells, f"{path.name}, line {number}")
    except csv.Error as error:
        raise DemoError(f"{path.name}, line {number + 1} is no CSV ({error}); install the program again") from error


def _lines(kind: type[ValueT], path: Path) -> Iterator[ValueT]:
    for number, line in enumerate(_text(path).splitlines(), start=1):
        place = f"{path.name}, line {number}"
        yield _checked(kind, _json(line, place), place)


def _threats(folder: Path) -> Iterator[Threat]:
    import yaml

    for path in sorted((folder / "threats").glob("*.md")):
        parts = _text(path).split("---\n", 2)
        if len(parts) != 3 or parts[0]:
            raise DemoError(f"{path.name} does not begin with YAML between two lines ---; install the program again")
        try:
            front = yaml.safe_load(parts[1])
        except yaml.YAMLError as error:
            problem = " ".join(str(error).split())
            raise DemoError(
                f"{path.name} has YAML that cannot be read ({problem}); install the program again"
            ) from error
        if not isinstance(front, dict):
            raise DemoError(f"{path.name} has no fields in its YAML; install the program again")
        relative = path.relative_to(folder).as_posix()
        yield _checked(Threat, {**front, "body": parts[2].strip(), "path": relative}, path.name)


def _service(path: Path, folder: Path) -> Service:
    files = sorted(each for each in path.rglob("*") if each.is_file() and "__pycache__" not in each.parts)
    found = _ISSUE.findall(_text(path / "KNOWN-ISSUES.md"))
    keys = ("file", "line", "cwe", "found", "what")
    return Service(
        name=path.name,
        files=tuple(each.relative_to(folder).as_posix() for each in files),
        requirements=tuple(_requirements(path)),
        sbom=tuple(_components(path)),
        issues=tuple(
            _checked(KnownIssue, dict(zip(keys, row, strict=True)), f"{path.name}/KNOWN-ISSUES.md") for row in found
        ),
    )


def _requirements(path: Path) -> Iterator[Component]:
    for line in _text(path / "requirements.txt").splitlines():
        if line and not line.startswith("#"):
            name, _, version = line.partition("==")
            yield _checked(Component, {"name": name, "version": version}, f"{path.name}/requirements.txt")


def _components(path: Path) -> Iterator[Component]:
    place = f"{path.name}/sbom.cdx.json"
    bom = _json(_text(path / "sbom.cdx.json"), place)
    if not isinstance(bom, dict) or not isinstance(bom.get("components"), list):
        raise DemoError(f"{place} lacks components; install the program again")
    for part in bom["components"]:
        fields = part if isinstance(part, dict) else {}
        yield _checked(Component, {name: fields.get(name) for name in Component.model_fields}, place)


def _folders(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_dir())
    except OSError as error:
        raise DemoError(f"The demo data lack {folder.name} ({error.strerror}); install the program again") from error


def _json(text: str, place: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise DemoError(f"{place} is no JSON ({error.msg}); install the program again") from error


def _checked(kind: type[ValueT], values: Mapping[str, Any], place: str) -> ValueT:
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"])) or "the whole"
        raise DemoError(f"{place}: {field}: {first['msg']}; install the program again") from error


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise DemoError(f"{path.name} is no UTF-8 text ({error.reason}); install the program again") from error
    except OSError as error:
        raise DemoError(
            f"The demo data lack {path.name} ({error.strerror or error}); install the program again"
        ) from error
