"""The report as Markdown (CommonMark with tables), for tickets and wikis. Text from the run is never markup."""

import re
from collections.abc import Iterable, Sequence

from workbench.core.reports import wording
from workbench.core.reports.affected import COLUMNS, ROWS_TOLD
from workbench.core.reports.data import (
    GATES_TOLD,
    UNCITED_TOLD,
    AgentData,
    FindingData,
    PassageData,
    PointData,
    ReportData,
)
from workbench.visible_text import visible

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~&@$]|^[#=+-]|(?<=https)[:]|(?<=http)[:]|(?<=ftp)[:])", re.IGNORECASE)
_ORDERED = re.compile(r"^(\d+)([.)])")
_WWW = re.compile(r"\bwww\.", re.IGNORECASE)


def render_markdown(data: ReportData) -> bytes:
    """The report as UTF-8 Markdown; every character of the run's text that could be markup is escaped."""
    blocks = [
        *_title(data), *_decision(data), *_affected(data), *_briefings(data), *_posterior(data), *_agents(data),
        *_dissent(data), *_task(data), *_findings(data), *_drafts(data), *_evidence(data), *_sources(data),
        *_steps(data), *_limits(data), *_egress(data), *_versions(data),
        f"---\n\n**TLP:{data.tlp.upper()}** · run {_code(data.run_id)}",
    ]  # fmt: skip
    return ("\n\n".join(blocks) + "\n").encode("utf-8")


def escaped(text: str) -> str:
    """`text` as one line of Markdown that shows exactly it: no link, no emphasis, no HTML, no heading."""
    line = _SPECIAL.sub(r"\\\1", " ".join(visible(text).split()))
    return _WWW.sub(lambda found: f"{found[0][:-1]}\\.", _ORDERED.sub(r"\1\\\2", line))


def fenced(text: str, language: str = "") -> str:
    """`text` as a code block, in a fence longer than any run of backticks in it."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{re.sub(r'[^a-z0-9+#-]', '', language.lower())}\n{visible(text).rstrip(chr(10))}\n{fence}"


def _code(text: str) -> str:
    line = " ".join(visible(text).split()).replace("|", "\\|")
    fence = "`" * (max((len(run) for run in re.findall("`+", line)), default=0) + 1)
    space = " " if line.startswith("`") or line.endswith("`") or not line else ""
    return f"{fence}{space}{line}{space}{fence}"


def _prose(text: str) -> str:
    paragraphs = (escaped(paragraph) for paragraph in re.split(r"\n\s*\n", text) if paragraph.strip())
    return "\n\n".join(paragraphs)


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    return "\n".join([*lines, *(f"| {' | '.join(cell or '-' for cell in row)} |" for row in rows)])


def _items(texts: Iterable[str]) -> str:
    return "\n".join(f"- {escaped(text)}" for text in texts)


def _title(data: ReportData) -> list[str]:
    facts = [
        ("Started", wording.utc(data.started)),
        ("Ended", wording.utc(data.ended)),
        ("Run", _code(data.run_id) + (f" (attempt {data.attempt})" if data.attempt > 1 else "")),
        ("Organisation", escaped(data.organisation)),
        ("Author", escaped(data.author)),
    ]
    return [
        f"**TLP:{data.tlp.upper()}**",
        f"# {escaped(data.title)}",
        f"*{data.kind}: {wording.KIND_QUESTIONS[data.kind]}*",
        "\n".join(f"- {name}: {value}" for name, value in facts if value),
        *([f"**{escaped(data.state_note)}**"] if data.state_note else []),
    ]


def _decision(data: ReportData) -> list[str]:
    blocks = ["## Decision", f"**{escaped(data.headline)}**"]
    if data.decision is None:
        return blocks
    blocks.append(f"Standing: **{data.decision.standing}**. {escaped(data.standing_note)}")
    blocks.append(escaped(data.findings_line))
    if data.gates:
        gates = (
            f"{gate.reason} (F{gate.finding})" if gate.finding else gate.reason for gate in data.gates[:GATES_TOLD]
        )
        blocks += [f"{escaped(data.gates_line)}:", _items([*gates, *([data.more_gates] if data.more_gates else [])])]
    return blocks


def _affected(data: ReportData) -> list[str]:
    if not data.places:
        return []
    rows = [[escaped(cell) for cell in row.cells] for row in data.affected[:ROWS_TOLD]]
    return ["## What is affected", _table(COLUMNS, rows), *map(escaped, data.affected_notes)]


def _briefings(data: ReportData) -> list[str]:
    if not data.briefings:
        return []
    blocks = ["## What is known about it", escaped(wording.BRIEFING_NOTE)]
    for briefing in data.briefings:
        blocks += [f"### {escaped(briefing.title)}", f"*{escaped(wording.capital(briefing.reached))}*"]
        blocks += [_point(point) for point in briefing.points]
    return blocks


def _point(point: PointData) -> str:
    number = f" \\[{point.number}\\]" if point.number else ""
    lost = "" if point.holds else " **QUOTE NOT FOUND in the passage**"
    return f"**{escaped(point.heading)}.** {escaped(point.quote)}{number}{lost}"


def _task(data: ReportData) -> list[str]:
    blocks = ["## The task", _prose(data.description) or "*The task has a title and code, and no description.*"]
    if data.code:
        rows = [(_code(unit.name), escaped(unit.language), str(unit.lines), _code(unit.sha256)) for unit in data.code]
        blocks.append(_table(("Code looked at", "Language", "Lines", "SHA-256 of the text"), rows))
    return blocks


def _posterior(data: ReportData) -> list[str]:
    head = "## How likely each option is"
    if data.decision is None:
        return [head, "*Nothing was decided, so there are no probabilities.*"]
    posterior = data.decision.posterior
    rows = [
        (escaped(option), f"`{'█' * round(posterior[option] * 20):░<20}`", wording.percent(posterior[option]))
        for option in data.verdicts
        if option in posterior
    ]
    before = ", ".join(f"{option} {wording.percent(share)}" for option, share in data.decision.prior.items())
    return [head, _table(("Option", "", "Probability"), rows), escaped(f"Before the agents spoke: {before}.")]


def _agents(data: ReportData) -> list[str]:
    head = "## What each agent proposed"
    if not data.agents:
        return [head, "*No agent had sealed a proposal when this run ended.*"]
    rows = [
        (
            escaped(agent.agent) + (" (dissents)" if agent.dissents else ""),
            escaped(agent.says),
            "-" if agent.abstained else wording.percent(agent.probability),
            "-" if agent.points is None else wording.signed(agent.points),
            escaped(agent.record),
            "-" if agent.points is None else "yes" if agent.would_flip else "no",
        )
        for agent in data.agents
    ]
    columns = ("Agent", "Its verdict", "Probability", "Points", "Record", "Would flip it")
    note = "Points are ten times the natural log-odds that an agent adds to the leading verdict."
    return [head, _table(columns, rows), *([note] if data.decision else []), *map(_agent, data.agents)]


def _agent(agent: AgentData) -> str:
    checks = f" {escaped(wording.checks_line(agent.checks))}" if agent.checks else ""
    words = "*see Dissent*" if agent.dissents else _prose(agent.rationale) or "*It gave no reason.*"
    return f"**{escaped(agent.agent)}**: {words}\n\nBased on {escaped(agent.lineage)}.{checks}"


def _dissent(data: ReportData) -> list[str]:
    against = [agent for agent in data.agents if agent.dissents]
    if not against:
        reason = "No agent proposed another verdict." if data.decision else "Nothing was decided."
        return ["## Dissent", f"*{reason}*"]
    return [
        "## Dissent",
        *(
            _quoted(f"{_prose(agent.rationale)}\n\n{escaped(agent.agent)}, for {escaped(agent.verdict)} "
                    f"with {wording.percent(agent.probability)}")
            for agent in against
        ),
    ]  # fmt: skip


def _findings(data: ReportData) -> list[str]:
    if not data.findings:
        return ["## Findings", "*No weakness was found. That is no proof that there is none.*"]
    return ["## Findings", *(block for item in data.findings for block in _finding(item))]


def _finding(item: FindingData) -> list[str]:
    finding = item.finding
    cwe = f" · {escaped(f'{finding.cwe} {item.weakness}'.strip())}" if finding.cwe else ""
    blocks = [
        f"### F{item.number} {finding.severity.upper()}: {escaped(finding.title)}",
        f"{_code(item.place)}{cwe}",
        f"**{escaped(item.remark)}**" if item.remark else "",
        fenced("\n".join(f"{line.number:5d} {'>' if line.marked else ' '} {line.text}" for line in item.lines))
        if item.lines
        else "",
        f"({wording.counted(item.left_out, 'further line')} in the file)" if item.left_out else "",
        _prose(finding.explanation),
        f"**Fix.** {_prose(finding.fix)}" if finding.fix else "",
        f"Confidence {wording.percent(finding.confidence)}, rule {escaped(finding.rule)}"
        + (f", seen by {escaped(', '.join(finding.witnesses))}" if finding.witnesses else "")
        + ".",
    ]
    return [block for block in blocks if block]


def _drafts(data: ReportData) -> list[str]:
    if not data.drafts:
        return ["## Code written or repaired", "*This run wrote and changed no code.*"]
    blocks = ["## Code written or repaired"]
    for draft in data.drafts:
        blocks += [f"### {_code(draft.name)}", f"{escaped(draft.language)}, from {escaped(draft.basis)}"]
        blocks += [_items(draft.changes)] if draft.changes else []
        blocks.append(fenced(draft.diff, "diff") if draft.diff else fenced(draft.text, draft.language))
    if data.repair_findings:
        blocks.append("### Found only in the repaired code")
    return [*blocks, *(block for item in data.repair_findings for block in _finding(item))]


def _evidence(data: ReportData) -> list[str]:
    if not data.evidence:
        return ["## Evidence", "*No passage was found. What the sources answered stands below.*"]
    blocks = ["## Evidence", *(block for item in data.cited for block in _passage(item))]
    if not data.cited:
        blocks.append("*No agent cited a passage.*")
    if data.uncited:
        rows = [
            (escaped(item.title), item.kind, escaped(f"{item.source}, {wording.uncited_places(item.places)}"))
            for item in data.uncited[:UNCITED_TOLD]
        ]
        blocks += ["### Found, but not cited", _table(("Title", "Kind", "Source and place"), rows)]
        blocks += [data.uncited_line] if data.uncited_line else []
    return blocks


def _passage(item: PassageData) -> list[str]:
    identifiers = f", {', '.join(item.passage.identifiers)}" if item.passage.identifiers else ""
    return [
        f"### \\[{item.number}\\] {escaped(item.passage.title)}",
        escaped(f"{item.passage.kind}{identifiers}, {_source(item)}"),
        *(
            _quoted(
                f"{'*Quoted above.*' if said.in_briefing else escaped(said.quote)}\n\n"
                f"{'; '.join(map(escaped, said.claims))} "
                f"({'quote found in the passage' if said.holds else '**QUOTE NOT FOUND in the passage**'})"
            )
            for said in item.quotes
        ),
    ]


def _source(item: PassageData) -> str:
    return f"{item.passage.source}, {item.place}" if item.place else item.passage.source


def _sources(data: ReportData) -> list[str]:
    if not data.statuses:
        return ["## What each source answered", "*No source had answered when this run ended.*"]
    rows = [
        (escaped(s.source), s.state.value, str(s.found), wording.duration(s.seconds), escaped(s.detail))
        for s in data.statuses
    ]
    return ["## What each source answered", _table(("Source", "Answer", "Passages", "Time", "Detail"), rows)]


def _steps(data: ReportData) -> list[str]:
    if not data.steps:
        return ["## Plan and steps", "*This run had no plan yet when it ended.*"]
    rows = [
        (escaped(s.title), escaped(s.agent), s.state.value, wording.duration(s.seconds), escaped(s.summary or s.reason))
        for s in data.steps
    ]
    why = [escaped(data.plan_reason)] if data.plan_reason else []
    return ["## Plan and steps", *why, _table(("Step", "Agent", "State", "Time", "Result"), rows)]


def _limits(data: ReportData) -> list[str]:
    blocks = ["## Limits of this report"]
    blocks.append(_items(data.cautions) or "*Every source answered, every step finished, and nothing fell back.*")
    return [*blocks, *(["Also noted:", _items(data.remarks)] if data.remarks else [])]


def _egress(data: ReportData) -> list[str]:
    rows = [(_code(e.host), escaped(e.purpose), str(e.requests), wording.size(e.bytes_sent)) for e in data.egress]
    sent = _table(("Host", "Purpose", "Requests", "Sent"), rows)
    left = sent if rows else "Nothing. No host was contacted by this run."
    return ["## What left the machine", left, "## Research notes", escaped(data.notes_line)]


def _versions(data: ReportData) -> list[str]:
    if not data.versions:
        return ["## Versions", "*The journal names no versions.*"]
    return ["## Versions", "\n".join(f"- {escaped(name)} {_code(version)}" for name, version in data.versions.items())]
