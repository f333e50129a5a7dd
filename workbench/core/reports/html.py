"""The report as one self-contained HTML file: no scripts, nothing loaded, readable in light, dark and print."""

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from workbench.core.reports import wording
from workbench.core.reports.affected import COLUMNS, ROWS_TOLD
from workbench.core.reports.data import GATES_TOLD, UNCITED_TOLD, ReportData
from workbench.places import RESOURCES
from workbench.visible_text import source_lines, visible

if TYPE_CHECKING:
    import jinja2
    import markupsafe

TEMPLATES = RESOURCES / "templates"

CODE_SPAN = re.compile(r"`([^`\n]+)`")
"""Code within an agent's sentence."""

TLP_COLOURS = {"red": "#ff2b2b", "amber": "#ffc000", "green": "#33ff00", "clear": "#ffffff"}
"""Text colours of the marking, on black: FIRST, Traffic Light Protocol 2.0, https://www.first.org/tlp/."""


def render_html(data: ReportData) -> bytes:
    """The report as UTF-8 HTML. All text from the run is escaped, invisible characters are shown."""
    return _environment().get_template("report.html").render(r=data).encode("utf-8")


@cache
def _environment() -> "jinja2.Environment":
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.globals["question"] = wording.KIND_QUESTIONS
    environment.globals["briefing_note"] = wording.BRIEFING_NOTE
    environment.globals["affected_columns"] = COLUMNS
    environment.globals["rows_told"] = ROWS_TOLD
    environment.globals["gates_told"] = GATES_TOLD
    environment.globals["uncited_told"] = UNCITED_TOLD
    environment.globals["tlp_colours"] = TLP_COLOURS
    environment.filters["source_lines"] = source_lines
    environment.filters["prose"] = _prose
    for name in (
        "percent",
        "signed",
        "utc",
        "duration",
        "size",
        "counted",
        "diff_kind",
        "checks_line",
        "uncited_places",
        "capital",
    ):
        environment.filters[name] = getattr(wording, name)
    return environment


def _prose(text: str) -> "markupsafe.Markup":
    """Escaped text in which what stands between backticks is set as code."""
    import markupsafe

    return markupsafe.Markup(CODE_SPAN.sub(r"<code>\1</code>", str(markupsafe.escape(visible(text)))))  # noqa: S704


def _shown(value: Any) -> Any:
    # Markup is the template's own; everything else came with the run
    return visible(value) if isinstance(value, str) and not hasattr(value, "__html__") else value
