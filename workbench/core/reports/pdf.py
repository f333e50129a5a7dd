"""The report as PDF by Typst. The data goes in as JSON, so that no text of the run is ever markup."""

import json
import re
from typing import Any

from workbench.core.reports import wording
from workbench.core.reports.affected import COLUMNS, ROWS_TOLD
from workbench.core.reports.data import GATES_TOLD, UNCITED_TOLD, ReportData
from workbench.places import RESOURCES
from workbench.visible_text import breakable, source_lines, visible, wrapped

TEMPLATES = RESOURCES / "templates"

CODE_COLUMNS = {"a4": 92, "us-letter": 95}
"""Monospaced cells that fit beside the line numbers on one line of code, by paper."""

RUNNING_TITLE = 88
"""Characters that fit on the one line at the head of each page."""

DIFF_COLUMNS = {"a4": 98, "us-letter": 101}

CHUNK_ROWS = 50
"""Rows of a draft in one cell of its table: a cell for each row costs Typst several times the time and memory."""

_NOT_BUNDLED = re.compile("[^\t\n\x20-\u052f\u0590-\u05ff\u0600-\u06ff\u1e00-\u1fff\u2000-\u22ff\u2500-\u25ff]")


def render_pdf(data: ReportData) -> bytes:
    """The report as PDF, tagged for screen readers, with the journal's time as its date.

    Fonts come with the program, so the bytes are the same on every machine; only for scripts that these fonts lack
    (Chinese, Japanese, Korean, emoji ...) are the system's fonts asked.
    """
    import typst

    content = json.dumps(_content(data), ensure_ascii=False)
    compiler = typst.Compiler(
        str(TEMPLATES / "report.typ"),
        root=str(TEMPLATES),
        font_paths=[str(TEMPLATES / "fonts")],
        ignore_system_fonts=not needs_system_fonts(content),
        sys_inputs={"data": content},
    )
    pdf = compiler.compile(format="pdf", timestamp=int(data.ended.timestamp()) if data.ended else 0)
    assert isinstance(pdf, bytes)  # without an output path Typst returns the file's content
    return pdf


def needs_system_fonts(text: str) -> bool:
    """Whether it has characters beyond Latin, Greek, Cyrillic, Hebrew, Arabic and common symbols."""
    return _NOT_BUNDLED.search(text) is not None


def _content(data: ReportData) -> dict[str, Any]:
    content: dict[str, Any] = _printable(data.model_dump(mode="json"))
    content["cited"] = [
        _printable(item.model_dump(mode="json") | {"quotes": [said.model_dump(mode="json") for said in item.quotes]})
        for item in data.cited
    ]
    content["uncited"] = [
        _printable(item.model_dump(mode="json") | {"places": wording.uncited_places(item.places)})
        for item in data.uncited[:UNCITED_TOLD]
    ]
    del content["places"]
    content["affected"] = _printable([list(row.cells) for row in data.affected[:ROWS_TOLD]])
    content["affected_columns"], content["affected_notes"] = list(COLUMNS), list(data.affected_notes)
    content["gates"], content["more_gates"] = content["gates"][:GATES_TOLD], data.more_gates
    content["uncited_line"] = data.uncited_line
    for item, agent in zip(content["agents"], data.agents, strict=True):
        item["checks"], item["says"] = _printable([wording.checks_line(agent.checks), agent.says])
    rationales = {agent.rationale for agent in data.agents}
    for item, step in zip(content["steps"], data.steps, strict=True):
        if step.summary in rationales:
            item["summary"] = "What it came to stands above, among what each agent proposed."
    content["running_title"] = _shortened(" · ".join(filter(None, (data.organisation, data.title))))
    content["briefing_note"] = wording.BRIEFING_NOTE
    content["question"] = wording.KIND_QUESTIONS[data.kind]
    content["started"], content["ended"] = wording.utc(data.started), wording.utc(data.ended)
    shown = zip(content["findings"] + content["repair_findings"], data.findings + data.repair_findings, strict=True)
    for item, finding in shown:
        item["rows"] = _rows(
            [(line.number, line.text, line.marked) for line in finding.lines], CODE_COLUMNS[data.paper]
        )
    for item, draft in zip(content["drafts"], data.drafts, strict=True):
        numbered = [(number, line, False) for number, line in enumerate(source_lines(draft.text), start=1)]
        item["chunks"] = [] if draft.diff else _chunks(_rows(numbered, CODE_COLUMNS[data.paper]))
        del item["text"], item["diff"]
        item["diff_rows"] = _diff_rows(draft.diff, DIFF_COLUMNS[data.paper])
    return content


def _printable(value: Any) -> Any:
    match value:
        case str():
            return breakable(visible(value))
        case dict():
            return {_printable(key): _printable(item) for key, item in value.items()}
        case list():
            return [_printable(item) for item in value]
    return value


def _shortened(text: str) -> str:
    line = " ".join(visible(text).split())
    return line if len(line) <= RUNNING_TITLE else f"{line[: RUNNING_TITLE - 1]}…"


def _rows(lines: list[tuple[int, str, bool]], columns: int) -> list[dict[str, Any]]:
    return [
        {"number": str(number) if first else "↪", "text": row, "marked": marked}
        for number, text, marked in lines
        for first, row in ((not index, row) for index, row in enumerate(wrapped(visible(text), columns)))
    ]


def _chunks(rows: list[dict[str, Any]]) -> list[dict[str, str]]:
    return [
        {name: "\n".join(row[name] or " " for row in rows[start : start + CHUNK_ROWS]) for name in ("number", "text")}
        for start in range(0, len(rows), CHUNK_ROWS)
    ]


def _diff_rows(diff: str, columns: int) -> list[dict[str, str]]:
    return [
        {"kind": wording.diff_kind(line), "text": row}
        for line in source_lines(diff)
        for row in wrapped(visible(line), columns)
    ]
