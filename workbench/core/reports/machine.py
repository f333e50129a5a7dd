"""The report as JSON, for programs: run.json."""

import json

from workbench.core.reports.data import ReportData


def render_json(data: ReportData) -> bytes:
    """The whole report by the schema of ReportData, `schema` and `schema_version` first.

    ASCII with escapes, so that a control or bidirectional character in it cannot act on a terminal.
    """
    content = data.model_dump(mode="json", by_alias=True)
    return (json.dumps(content, ensure_ascii=True, indent=1) + "\n").encode("ascii")
