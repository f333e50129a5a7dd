"""What the analyst asks: a Task, its options and limits, and the task file it can be read from."""

import difflib
import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError, field_validator, model_validator

from workbench.core.values import Value, WorkbenchError

MAX_ATTACHMENT_BYTES = 2_000_000
"""Largest attached file taken into a task; a larger one is refused by name (source of 2 MB is generated code)."""

MAX_PATH = 4096
"""Characters of a path, as Linux has it (PATH_MAX in limits.h)."""


class TaskKind(StrEnum):
    """What is asked: write code, is this code safe, what threatens this, should we accept this."""

    DRAFT = "draft"
    REVIEW = "review"
    RESEARCH = "research"
    ASSESS = "assess"


class Tlp(StrEnum):
    """Traffic Light Protocol marking of a task, see https://www.first.org/tlp/."""

    CLEAR = "clear"
    GREEN = "green"
    AMBER = "amber"
    RED = "red"


OPTIONS: dict[TaskKind, tuple[str, ...]] = {
    TaskKind.DRAFT: ("safe", "safe after fixes", "do not use"),
    TaskKind.REVIEW: ("safe", "safe after fixes", "do not use"),
    TaskKind.RESEARCH: ("not affected", "schedule", "act now"),
    TaskKind.ASSESS: ("accept", "accept with conditions", "refuse"),
}
"""What can be decided, by kind, in order of caution: the most permissive first, the safest last."""


class TaskError(WorkbenchError):
    """A task that cannot be run, with the reason and the way out."""


class Limits(Value):
    """Hard limits of one run: wall-clock seconds, model tokens, money in the currency of the price list."""

    seconds: float = Field(default=600.0, gt=0, le=86_400)
    tokens: int | None = Field(default=None, gt=0)
    money: float | None = Field(default=None, gt=0)


class CodeUnit(Value):
    """One piece of code under review: a name to show, its language and its text. It is parsed, never run."""

    name: str
    language: str
    text: str


class Task(Value):
    """A question to the workbench, complete in itself: attached text is inside, so a run can be repeated."""

    kind: TaskKind
    title: Annotated[str, Field(max_length=300)]
    description: str = Field(default="", max_length=100_000)
    language: str = "python"
    code: str = Field(default="", max_length=MAX_ATTACHMENT_BYTES)
    attachments: tuple[CodeUnit, ...] = ()
    sources: tuple[str, ...] | None = None
    limits: Limits = Limits()
    tlp: Tlp = Tlp.AMBER
    options: tuple[str, ...] | None = None

    @field_validator("title", "description")
    @classmethod
    def _strip(cls, text: str) -> str:
        return text.strip()

    @field_validator("options")
    @classmethod
    def _two_to_ten_different(cls, options: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if options is not None and not (2 <= len(set(options)) == len(options) <= 10):
            raise ValueError("give 2 to 10 different options, the safest last")
        return options

    @model_validator(mode="after")
    def _asks_something(self) -> "Task":
        if not self.title:
            raise ValueError("the task has no title; say in a few words what you want to know")
        if not (self.description or self.code.strip() or self.attachments):
            raise ValueError("the task is empty; describe it, paste code or attach a file")
        if self.kind is TaskKind.REVIEW and not self.code_units:
            raise ValueError("a review needs code; paste it or attach a file")
        return self

    @property
    def verdicts(self) -> tuple[str, ...]:
        """The options that can be decided, most permissive first, safest last."""
        return self.options or OPTIONS[self.kind]

    @property
    def code_units(self) -> tuple[CodeUnit, ...]:
        """All code of the task: the pasted text first, then the attachments."""
        pasted = (CodeUnit(name="pasted code", language=self.language, text=self.code),) if self.code.strip() else ()
        return pasted + self.attachments

    @property
    def domain(self) -> str:
        """What records are kept by: its kind and the language it is about, such as `review/python`.

        The language is that of the pasted code, else of the first attachment that is code. A diff has no language of
        its own and a draft no code yet, so the task's is taken. A task without code is `research/general`.
        """
        if self.code.strip() or self.kind is TaskKind.DRAFT:
            return f"{self.kind}/{self.language}"
        languages = [unit.language for unit in self.attachments if unit.language not in NOT_CODE]
        told = next((language for language in languages if language != "diff"), None)
        return f"{self.kind}/{told or (self.language if languages else 'general')}"

    @property
    def question(self) -> str:
        """Title and description as one text, for retrieval."""
        return f"{self.title}\n{self.description}".strip()


NOT_CODE = frozenset({"text", "json", "yaml", "toml", "html", "markdown"})
"""Languages of attachments that are material, not code."""

LANGUAGES: dict[str, str] = {
    ".py": "python", ".pyi": "python", ".js": "javascript", ".mjs": "javascript", ".jsx": "javascript",
    ".ts": "typescript", ".tsx": "typescript", ".java": "java", ".go": "go", ".c": "c", ".h": "c", ".cc": "cpp",
    ".cpp": "cpp", ".hpp": "cpp", ".rb": "ruby", ".php": "php", ".cs": "csharp", ".rs": "rust", ".sh": "shell",
    ".sql": "sql", ".yml": "yaml", ".yaml": "yaml", ".json": "json", ".toml": "toml", ".html": "html",
    ".diff": "diff", ".patch": "diff", ".tf": "terraform",
}  # fmt: skip
"""Language by file ending, for attached files."""


def read_attachment(path: Path) -> CodeUnit:
    """Read one file as code to look at.

    Raises TaskError when it is missing, larger than MAX_ATTACHMENT_BYTES, or not text.
    """
    try:
        size = path.stat().st_size
        if size > MAX_ATTACHMENT_BYTES:
            raise TaskError(
                f"{path.name} has {size / 1e6:.1f} MB and an attachment may have {MAX_ATTACHMENT_BYTES / 1e6:.0f} MB; "
                "attach the files that matter, or ingest the folder into the library"
            )
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise TaskError(f"{path} cannot be read ({reason}); check the path and attach it again") from error
    if b"\0" in data[:8192] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise TaskError(f"{path.name} is a binary file, which cannot be reviewed as code; attach its source instead")
    return CodeUnit(name=path.name, language=LANGUAGES.get(path.suffix.lower(), "text"), text=decode(data))


def decode(data: bytes) -> str:
    """Text of a source file: by its byte order mark, else UTF-8, else Latin-1, which takes any byte."""
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return data.decode("latin-1")


def load_task(path: Path) -> Task:
    """Read a task file (JSON, see the manual); `files` are paths in its folder or below.

    Raises TaskError with one sentence for anything wrong with it.
    """
    try:
        data = json.loads(decode(path.read_bytes()))
    except OSError as error:
        raise TaskError(f"{path} cannot be read ({error.strerror}); check the path") from error
    except json.JSONDecodeError as error:
        raise TaskError(f"{path.name} is not valid JSON (line {error.lineno}: {error.msg}); mend it there") from error
    except (RecursionError, ValueError) as error:
        raise TaskError(f"{path.name} is nested too deeply or holds a number that is too long; mend it") from error
    if not isinstance(data, dict):
        raise TaskError(f"{path.name} holds no JSON object; a task file is one object with kind, title, description")
    files = data.pop("files", [])
    if not isinstance(files, list) or not all(isinstance(name, str) for name in files):
        raise TaskError(f"`files` in {path.name} must be a list of paths beside the task file")
    data["attachments"] = [read_attachment(_beside(path, name)) for name in files]
    return make_task(data)


def _beside(task_file: Path, name: str) -> Path:
    """A file that the task file names; a task file from elsewhere must not collect files from all over the disk."""
    folder = task_file.parent.resolve()
    if "\0" in name or len(name) > MAX_PATH:
        raise TaskError(f"`files` in {task_file.name} holds a name that no file can have; mend it there")
    file = (folder / name).resolve()
    if not file.is_relative_to(folder):
        raise TaskError(
            f"{task_file.name} names {name}, which is outside its own folder and was not read; "
            "put the file beside the task file, or attach it in the window"
        )
    return file


def make_task(data: dict[str, Any]) -> Task:
    """A Task from plain data; raises TaskError with one readable sentence instead of a validation report."""
    try:
        return Task.model_validate(data)
    except ValidationError as error:
        raise TaskError(_sentence(error)) from error


def _sentence(error: ValidationError) -> str:
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"])
    if field == "kind":
        known = ", ".join(TaskKind)
        return f"The task's kind is unknown or missing; choose one of {known}"
    if first["type"] == "extra_forbidden":
        names = [*Task.model_fields, "files"]
        near = difflib.get_close_matches(field, names, n=1)
        hint = f"did you mean `{near[0]}`?" if near else f"a task has {', '.join(names)}"
        return f"`{field}` is not a field of a task; {hint}"
    if first["type"] == "missing":
        return f"The task has no `{field}`; add it"
    message = first["msg"].removeprefix("Value error, ")
    if not field:
        return f"The task cannot be run: {message}"
    return f"The task's `{field}` does not fit: {message[:1].lower()}{message[1:]}; change it and try again"
