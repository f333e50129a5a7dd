"""Renders a run's report and writes the files. Both block: call them from a thread."""

import os
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path

from workbench.core.reports.build import ReportError, build
from workbench.core.reports.data import ReportData, ReportOptions
from workbench.core.reports.html import render_html
from workbench.core.reports.machine import render_json
from workbench.core.reports.markdown import render_markdown
from workbench.core.reports.pdf import render_pdf
from workbench.core.run_state import RunState

_RENDERERS: dict[str, Callable[[ReportData], bytes]] = {
    "html": render_html,
    "pdf": render_pdf,
    "md": render_markdown,
    "json": render_json,
}

FORMATS = tuple(_RENDERERS)
"""The formats a report can be made in."""

FILE_NAMES = {"html": "report.html", "pdf": "report.pdf", "md": "report.md", "json": "run.json"}
"""The file that each format is written to."""

__all__ = ["FILE_NAMES", "FORMATS", "ReportError", "render", "write"]


def render(state: RunState, options: ReportOptions, formats: Iterable[str] = FORMATS) -> dict[str, bytes]:
    """The report of a run in each of `formats`, by format. The same journal and options give the same bytes.

    Raises ReportError for an unknown format or a run without a task.
    """
    wanted = tuple(dict.fromkeys(formats))
    unknown = [name for name in wanted if name not in _RENDERERS]
    if unknown:
        raise ReportError(f"There is no report format {', '.join(unknown)}; choose among {', '.join(FORMATS)}")
    data = build(state, options)
    return {name: _RENDERERS[name](data) for name in wanted}


def write(state: RunState, options: ReportOptions, formats: Iterable[str], folder: Path) -> list[Path]:
    """Render and write the files into `folder`, which is made if missing; returns their paths.

    Each file appears complete or not at all; one of the same name is replaced. Raises ReportError.
    """
    rendered = render(state, options, formats)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return [_write_atomically(folder / FILE_NAMES[name], content) for name, content in rendered.items()]
    except OSError as error:
        reason = error.strerror or str(error)
        raise ReportError(
            f"The report could not be written to {folder} ({reason}); make room there or choose another folder"
        ) from error


def _write_atomically(path: Path, content: bytes) -> Path:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return path
