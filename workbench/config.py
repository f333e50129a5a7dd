"""The settings: one typed, versioned model in config.json. Secrets are never in it.

A file with a mistake, or from a newer program, is told about in one sentence, is left exactly as it is, and the session
runs on the defaults; nothing is saved over it until it is mended.
"""

import difflib
import json
import os
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, Field, ValidationError, model_validator

from workbench.core.connection_settings import ConnectionSettings
from workbench.core.knowledge.embedder_choice import EmbedderSettings
from workbench.core.tasks import Tlp
from workbench.core.values import Value, WorkbenchError

VERSION = 1
MAX_BYTES = 1_000_000
"""A settings file larger than this is not one of ours."""

Upgrade = Callable[[dict[str, Any]], dict[str, Any]]

UPGRADES: Mapping[int, Upgrade] = {}
"""By the version they begin with: what makes a file of the next version out of one of this. None was needed yet."""


class ConfigError(WorkbenchError):
    """The settings file cannot be used or written, with the field, the file and the way out."""


class ReportSettings(Value):
    """What stands on every new report."""

    organisation: str = Field("", max_length=200, title="Organisation", description="Named on the cover of a report.")
    author: str = Field("", max_length=200, title="Author", description="Who answers for the report.")
    paper: Literal["a4", "us-letter"] = Field("a4", title="Paper", description="Page size of the PDF.")


class TaskDefaults(Value):
    """What a new task begins with."""

    tlp: Tlp = Field(
        Tlp.AMBER,
        title="TLP marking",
        description="Traffic Light Protocol of a new task; red never leaves this machine.",
    )
    seconds: int = Field(
        600,
        ge=10,
        le=86_400,
        title="Time limit",
        description="Seconds a run may take before it decides on what it has.",
    )


OFFICIAL = {
    "attack": (
        "https://raw.githubusercontent.com/mitre-attack/attack-stix-data/master/enterprise-attack/enterprise-attack.json"
    ),
    "capec": "https://raw.githubusercontent.com/mitre/cti/master/capec/2.1/stix-capec.json",
    "cwe": "https://cwe.mitre.org/data/xml/cwec_latest.xml.zip",
    "kev": "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json",
    "nvd": "https://nvd.nist.gov/feeds/json/cve/2.0/nvdcve-2.0-{part}.json.gz",
    "osv": "https://osv-vulnerabilities.storage.googleapis.com/{part}/all.zip",
}
"""Where the official files are published, by the importer's name."""

Address = Annotated[str, Field(max_length=2_000, pattern=r"^(https?://\S+)?$")]


class KnowledgeSettings(Value):
    """Where knowledge is downloaded from, when the user asks for it. An empty address switches a download off."""

    attack: Address = Field(OFFICIAL["attack"], title="ATT&CK", description="MITRE's STIX bundle.")
    capec: Address = Field(OFFICIAL["capec"], title="CAPEC", description="MITRE's STIX bundle.")
    cwe: Address = Field(OFFICIAL["cwe"], title="CWE", description="MITRE's catalogue, XML in a zip file.")
    kev: Address = Field(OFFICIAL["kev"], title="KEV", description="CISA's known exploited vulnerabilities, JSON.")
    nvd: Address = Field(OFFICIAL["nvd"], title="NVD", description="Yearly feed; {part} stands for the year.")
    osv: Address = Field(OFFICIAL["osv"], title="OSV", description="All of an ecosystem; {part} stands for its name.")
    plain_http_to_this_machine: bool = Field(
        False,
        title="Plain http to this machine",
        description="Also allow http://localhost, for a mirror that runs here; all else is https.",
    )

    def addresses(self) -> dict[str, str]:
        """The addresses that are set, by the importer's name."""
        return {name: address for name in OFFICIAL if (address := str(getattr(self, name)))}


class Config(Value):
    """Everything that can be set. Titles and descriptions are what the settings dialog shows."""

    version: Literal[1] = 1
    theme: Literal["system", "light", "dark"] = Field(
        "system", title="Theme", description="Light, dark, or as the system has it."
    )
    task: TaskDefaults = Field(default=TaskDefaults(), title="New tasks")
    report: ReportSettings = Field(default=ReportSettings(), title="Reports")
    sources_off: tuple[str, ...] = Field(
        (), title="Sources not asked", description="Names of sources that new tasks leave out, one a line."
    )
    knowledge: KnowledgeSettings = Field(default=KnowledgeSettings(), title="Get knowledge")
    embedder: EmbedderSettings = Field(
        default=EmbedderSettings(), title="Embedding model", description="What the library is searched with."
    )
    ranking_model: str = Field(
        "",
        title="Ranking model",
        description="Folder of a cross-encoder that puts what was found in order; empty for none. From the next start.",
    )
    connections: tuple[ConnectionSettings, ...] = Field(
        (), title="Connections", description="Outside databases; their passwords are in the keyring."
    )

    @model_validator(mode="after")
    def _names_differ(self) -> "Config":
        names = [connection.name.casefold() for connection in self.connections]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"two connections are named `{twice}`")
        return self


class ConfigStore:
    """The settings file of one installation, and the settings this session runs on. Its methods block."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.current = Config()
        """What this session runs on: the file's settings, or the defaults while the file cannot be used."""
        self._turn = threading.Lock()

    def load(self) -> Config:
        """Read the file; where there is none, the defaults. Sets `current`.

        Raises ConfigError for a mistake in the file or a newer version; `current` is the defaults then.
        """
        with self._turn:
            self.current = Config()
            self.current = self._read()
            return self.current

    def change(self, **fields: Any) -> Config:
        """Set top-level fields and save; returns the new settings.

        What was changed in the file by hand meanwhile is kept. Raises ConfigError when the file has a mistake (nothing
        is saved over it then), when a value does not fit, or when it cannot be written; `current` stays as it was.
        """
        with self._turn:
            before = self._read()
            try:
                after = Config.model_validate({**dict(before), **fields})
            except ValidationError as error:
                raise ConfigError(f"This cannot be saved: {_complaint(error)}") from error
            if after != before or not self.path.exists():
                self._write(after)
            self.current = after
            return after

    def _read(self) -> Config:
        try:
            if self.path.stat().st_size > MAX_BYTES:
                raise ConfigError(f"{self.path} is too large to be a settings file; {_REMEDY}")
            text = self.path.read_text("utf-8-sig")
        except FileNotFoundError:
            return Config()
        except UnicodeDecodeError as error:
            raise ConfigError(f"{self.path} is not UTF-8 text; {_REMEDY}") from error
        except OSError as error:
            raise ConfigError(f"{self.path} cannot be read ({error.strerror}); check its permissions") from error
        return parse(text, self.path)

    def _write(self, config: Config) -> None:
        text = json.dumps(config.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if self.path.exists():
                _replace(self.path.with_name(self.path.name + ".bak"), self.path.read_bytes())
            _replace(self.path, text.encode())
        except OSError as error:
            raise ConfigError(
                f"The settings could not be saved to {self.path} ({error.strerror}); the file is as it was, "
                "check the disk and its permissions"
            ) from error


_REMEDY = "mend the file or move it away; until then the defaults are used and nothing is saved over it"


def parse(text: str, path: Path) -> Config:
    """The settings in `text`, the content of `path`; raises ConfigError with one sentence."""
    try:
        data = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        place = f"line {error.lineno}: {error.msg}" if isinstance(error, json.JSONDecodeError) else "nested too deeply"
        raise ConfigError(f"{path} is not valid JSON ({place}); {_REMEDY}") from error
    if not isinstance(data, dict):
        raise ConfigError(f"{path} holds no JSON object; {_REMEDY}")
    try:
        return Config.model_validate(upgrade(data, path))
    except ValidationError as error:
        raise ConfigError(f"{path}: {_complaint(error)}; {_REMEDY}") from error


def upgrade(
    data: dict[str, Any], path: Path, steps: Mapping[int, Upgrade] = UPGRADES, to: int = VERSION
) -> dict[str, Any]:
    """`data` as version `to` has it; raises ConfigError when it is newer than that, or of no known version."""
    version = data.get("version", 1)
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise ConfigError(f"{path}: `version` must be a whole number from 1 to {to}; {_REMEDY}")
    if version > to:
        raise ConfigError(
            f"{path} is from a newer workbench (version {version}, this one knows {to}); update this program, or move "
            "the file away; until then the defaults are used and nothing is saved over it"
        )
    for number in range(version, to):
        data = {**steps[number](data), "version": number + 1}
    return data


def _complaint(error: ValidationError) -> str:
    """The first mistake as a clause that names its field."""
    first = error.errors(include_url=False, include_context=False)[0]
    field = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        close = difflib.get_close_matches(str(first["loc"][-1]), _field_names(Config), n=1)
        return f"`{field}` is not a setting" + (f" (did you mean `{close[0]}`?)" if close else "")
    message = first["msg"].removeprefix("Value error, ")
    return f"`{field}` does not fit: {message}" if field else message


def _field_names(model: type[BaseModel]) -> list[str]:
    names: list[str] = []
    for name, field in model.model_fields.items():
        names.append(name)
        for kind in (field.annotation, *get_args(field.annotation)):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                names += _field_names(kind)
    return names


def _replace(path: Path, data: bytes) -> None:
    """Put `data` at `path` so that a reader, and a crash at any moment, sees the old file or the new one."""
    new = path.with_name(path.name + ".new")
    try:
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError:
        with suppress(OSError):
            new.unlink(missing_ok=True)
        raise
