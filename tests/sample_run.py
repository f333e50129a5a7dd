"""A realistic run of every kind of event, for the tests of reports and panels: a reviewed Flask view and its repair."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from workbench.core import events as ev
from workbench.core.plan import StepOutcome
from workbench.core.run_state import RunState
from workbench.core.tasks import Task, TaskKind, Tlp

BEGAN = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)
RUN_ID = "20260314T092653-7f3a91c2"

VIEW = '''import hashlib
import pickle
import sqlite3
import subprocess

from flask import Flask, request

app = Flask(__name__)
API_TOKEN = "d41d8cd98f00b204e9800998ecf8427e"


@app.route("/orders")
def orders():
    """Orders of one customer, newest first."""
    customer = request.args["customer"]
    rows = sqlite3.connect("shop.db").execute(
        "SELECT id, placed, total FROM orders WHERE customer = '" + customer + "' ORDER BY placed DESC"
    )
    return {"orders": [dict(zip(("id", "placed", "total"), row)) for row in rows]}


@app.route("/invoice")
def invoice():
    name = request.args["name"]
    subprocess.run("wkhtmltopdf /srv/invoices/" + name + ".html /tmp/out.pdf", shell=True)
    return {"etag": hashlib.md5(open("/tmp/out.pdf", "rb").read()).hexdigest()}


@app.route("/basket", methods=["POST"])
def basket():
    return {"items": pickle.loads(request.data)}
'''

REPAIRED = VIEW.replace(
    """        "SELECT id, placed, total FROM orders WHERE customer = '" + customer + "' ORDER BY placed DESC"
    )""",
    """        "SELECT id, placed, total FROM orders WHERE customer = ? ORDER BY placed DESC", (customer,)
    )""",
)

DIFF = """--- shop/views.py
+++ shop/views.py
@@ -15,5 +15,5 @@
     rows = sqlite3.connect("shop.db").execute(
-        "SELECT id, placed, total FROM orders WHERE customer = '" + customer + "' ORDER BY placed DESC"
+        "SELECT id, placed, total FROM orders WHERE customer = ? ORDER BY placed DESC", (customer,)
     )
"""


def a_finding(**fields: object) -> ev.Finding:
    """The SQL injection of the sample, or another finding by `fields`."""
    return ev.Finding.model_validate(
        {
            "rule": "B608",
            "cwe": "CWE-89",
            "title": "SQL built from request data",
            "severity": ev.Severity.HIGH,
            "confidence": 0.93,
            "file": "shop/views.py",
            "line_start": 17,
            "line_end": 17,
            "excerpt": VIEW.splitlines()[16],
            "explanation": "The customer's name comes from the query string and becomes part of the statement, so a "
            "visitor can read or change every table the account can reach.",
            "fix": "Bind the value as a parameter: execute(sql, (customer,)).",
            "witnesses": ("bandit 1.9.4", "taint"),
            **fields,
        }
    )


def findings() -> tuple[ev.Finding, ...]:
    """Five findings: three high, one medium, one low."""
    return (
        a_finding(),
        a_finding(
            rule="B602", cwe="CWE-78", title="Shell command built from request data", line_start=25, line_end=25,
            excerpt=VIEW.splitlines()[24], confidence=0.96,
            explanation="The file name reaches a shell. `x;id` runs a second command as the web server's user.",
            fix="Give the program a list of arguments without a shell, and accept only names from the invoice table.",
        ),
        a_finding(
            rule="B301", cwe="CWE-502", title="Unpickling of the request body", line_start=31, line_end=31,
            excerpt=VIEW.splitlines()[30], confidence=0.98, witnesses=("bandit 1.9.4",),
            explanation="pickle.loads runs code that the sender chooses.", fix="Send the basket as JSON.",
        ),
        a_finding(
            rule="B105", cwe="CWE-798", title="Token in the source", severity="medium", confidence=0.7, line_start=9,
            line_end=9, excerpt=VIEW.splitlines()[8], witnesses=("bandit 1.9.4",),
            explanation="Everyone who can read the repository has the token.",
            fix="Read it from the environment or a secret store, and revoke this one.",
        ),
        a_finding(
            rule="B324", cwe="CWE-328", title="MD5 as a checksum", severity="low", confidence=0.55, line_start=26,
            line_end=26, excerpt=VIEW.splitlines()[25], witnesses=("bandit 1.9.4",),
            explanation="MD5 resists no deliberate collision. For an ETag that matters little.", fix="",
        ),
    )  # fmt: skip


def passages() -> tuple[ev.Passage, ...]:
    """Eight passages: records, a recipe, documents, code and a row of an outside database."""
    return (
        _passage("p1", "starter knowledge", "CWE-89: SQL Injection", "weakness", ("CWE-89",), 0.94,
                 "Untrusted input becomes part of a statement. Bind every value as a parameter.",
                 path="weaknesses/CWE-89.md", line_start=1, line_end=14),
        _passage("p2", "starter knowledge", "CWE-78: OS Command Injection", "weakness", ("CWE-78",), 0.91,
                 "A shell reads untrusted input as commands. Start programs from a list of arguments.",
                 path="weaknesses/CWE-78.md", line_start=1, line_end=12),
        _passage("p3", "starter knowledge", "Exploit Public-Facing Application", "technique", ("T1190",), 0.83,
                 "Adversaries use a weakness of an Internet-facing program to get in.",
                 path="techniques/T1190.md", line_start=3, line_end=9),
        _passage("p4", "starter knowledge", "Query a database with bound values", "recipe", ("CWE-89",), 0.81,
                 'rows = connection.execute("SELECT id FROM orders WHERE customer = ?", (customer,))',
                 path="recipes/bound_query.py", line_start=8, line_end=21),
        _passage("p5", "library", "Secure coding rules, 4th edition", "document", (), 0.66,
                 "Rule 12. Deserialise only formats that cannot carry code; JSON with a schema is one.",
                 path="/home/analyst/rules/secure-coding.pdf", page=31, heading="12 Deserialisation"),
        _passage("p6", "library", "shop/db.py", "code", (), 0.52,
                 "def connect() -> sqlite3.Connection:\n    return sqlite3.connect(settings.database)",
                 path="/home/analyst/shop/db.py", line_start=4, line_end=5),
        _passage("p7", "incidents (PostgreSQL)", "Incident 2031: tampered order list", "row", ("CWE-89",), 0.48,
                 "A visitor read the order table through the customer parameter.", row_key="incidents/2031"),
        _passage("p8", "starter knowledge", "CWE-502: Deserialization of Untrusted Data", "weakness", ("CWE-502",),
                 0.45,
                 "Objects built from untrusted bytes can run code while they are built.",
                 path="weaknesses/CWE-502.md", line_start=1, line_end=11),
    )  # fmt: skip


def _passage(
    identity: str, source: str, title: str, kind: str, ids: tuple[str, ...], score: float, text: str, **place: object
) -> ev.Passage:
    return ev.Passage(
        id=identity, source=source, document_id=f"d-{identity}", title=title, text=text, kind=ev.PassageKind(kind),
        location=ev.Location.model_validate(place), identifiers=ids, score=score,
    )  # fmt: skip


def statuses() -> tuple[ev.SourceStatus, ...]:
    """Three sources that answered, one that timed out, one that failed."""
    state = ev.SourceState
    return (
        ev.SourceStatus(source="starter knowledge", state=state.OK, found=5, seconds=0.18),
        ev.SourceStatus(source="library", state=state.OK, found=2, seconds=0.21),
        ev.SourceStatus(source="incidents (PostgreSQL)", state=state.PARTIAL, found=1, seconds=2.4,
                        detail="1 of 2 tables searched, `tickets` is not on the list of allowed tables"),
        ev.SourceStatus(source="advisories (MongoDB)", state=state.TIMEOUT, seconds=10.0,
                        detail="no answer within 10 s; it may hold more than is shown here"),
        ev.SourceStatus(source="threat intelligence (Milvus)", state=state.ERROR, seconds=0.05,
                        detail="connection refused by vectors.example:19530; start the server or leave the source out"),
    )  # fmt: skip


def proposals() -> tuple[ev.Proposal, ...]:
    """Three proposals; the code agent, which has repaired one place, disagrees."""
    holds = ev.Citation(claim="joined SQL is injectable", passage_id="p1", quote="Bind every value as a parameter.",
                        holds=True)  # fmt: skip
    broken = ev.Citation(
        claim="the house rules forbid pickle", passage_id="p5", quote="pickle is forbidden", holds=False
    )
    return (
        _proposal("research", (0.03, 0.22, 0.75), "Public-facing views with three ways to run code or SQL match T1190, "
                  "and the house's own incident 2031 came in by the same parameter.",
                  citations=(holds, ev.Citation(claim="this has happened here", passage_id="p7", holds=True,
                                                quote="read the order table through the customer parameter"), broken),
                  checks=(ev.QualityCheck(name="citations that hold", passed=2, total=3),), lineage="retrieval"),
        _proposal("code", (0.05, 0.80, 0.15), "The SQL is repaired below by one bound parameter. The shell call and "
                  "the pickle are two small changes of the same kind.\n\nWith those done I would let it go out.",
                  checks=(ev.QualityCheck(name="draft parses", passed=1, total=1),), lineage="recipes+libcst 1.8.6"),
        _proposal("security", (0.01, 0.12, 0.87), "Three findings of high severity stand in code that anyone can reach "
                  "without logging in; each alone gives away the data or the host.", findings=findings(),
                  citations=(ev.Citation(claim="a shell reads it", passage_id="p2", holds=True,
                                         quote="A shell reads untrusted input as commands."),),
                  checks=(ev.QualityCheck(name="lines found in the code", passed=5, total=5),),
                  lineage="rules+bandit 1.9.4"),
    )  # fmt: skip


def _proposal(agent: str, shares: tuple[float, float, float], rationale: str, **fields: object) -> ev.Proposal:
    options = ("safe", "safe after fixes", "do not use")
    return ev.Proposal.model_validate(
        {"agent": agent, "step": agent, "domain": "review/python", "rationale": rationale,
         "probabilities": dict(zip(options, shares, strict=True)), **fields}
    )  # fmt: skip


def decision(**fields: object) -> ev.Decision:
    """The consensus: do not use, provisional, with two gates and one dissent."""
    gates = tuple(
        ev.Gate(reason=f"{finding.title} ({finding.cwe}) at {finding.file}:{finding.line_start}",
                fingerprint=finding.fingerprint)
        for finding in findings()[:2]
    )  # fmt: skip
    return ev.Decision.model_validate(
        {
            "verdict": "do not use",
            "standing": ev.Standing.PROVISIONAL,
            "reason": "no agent has a record in review/python yet",
            "posterior": {"safe": 0.06, "safe after fixes": 0.27, "do not use": 0.67},
            "prior": {"safe": 1 / 3, "safe after fixes": 1 / 3, "do not use": 1 / 3},
            "contributions": (
                _contribution("research", "do not use", 0.75, (-0.45, -0.05, 0.5), right=0, judged=0),
                _contribution("code", "safe after fixes", 0.80, (-0.3, 0.55, -0.25), right=3, judged=5),
                _contribution("security", "do not use", 0.87, (-0.7, -0.1, 0.8), right=0, judged=0, would_flip=True),
            ),
            "dissent": ("code",),
            "runner_up": "safe after fixes",
            "margin": 0.40,
            "gates": gates,
            "judged_to_settle": 10,
            "algorithm": "log-odds pool 1 (a0=6, k=10, cap ln 9)",
            **fields,
        }
    )


def _contribution(
    agent: str, verdict: str, confidence: float, log_odds: tuple[float, float, float], **fields: object
) -> ev.Contribution:
    options = ("safe", "safe after fixes", "do not use")
    return ev.Contribution.model_validate(
        {"agent": agent, "verdict": verdict, "confidence": confidence, "domain": "review/python",
         "log_odds": dict(zip(options, log_odds, strict=True)),
         "parts": {"record": 0.4, "confidence": 0.1, "quality": -0.05}, **fields}
    )  # fmt: skip


def plan() -> ev.Plan:
    """Research and repair side by side, the review after both."""
    return ev.Plan(
        steps=(
            ev.Step(id="research", agent="research", action="research", title="Find what threatens these views",
                    goal="weaknesses, techniques and incidents that bear on the code"),
            ev.Step(id="code", agent="code", action="repair", title="Repair what a known fix covers",
                    goal="a repaired copy of shop/views.py"),
            ev.Step(id="security", agent="security", action="review", title="Review the submitted code",
                    goal="findings with place, severity and fix", inputs=("research", "code")),
        )
    )  # fmt: skip


def bodies() -> list[ev.EventBody]:
    """What the run says, in order, without its end."""
    research, code, security = proposals()
    draft = ev.CodeDraft(
        name="shop/views.py", language="python", text=REPAIRED, basis="rule B608 applied by libcst 1.8.6",
        changes=("Line 17: the customer's name is bound as a parameter.",), diff=DIFF,
    )  # fmt: skip
    return [
        ev.RunStarted(task=task(), versions={"workbench": "0.1.0", "bandit": "1.9.4", "libcst": "1.8.6",
                                             "python": "3.11.2", "all-MiniLM-L6-v2": "53aa51172d14"}),
        ev.AttemptStarted(),
        *(ev.SourceAnswered(status=status) for status in statuses()),
        ev.EvidenceFound(passages=passages()),
        ev.PlanMade(plan=plan(), reason="A review reads the evidence and repairs side by side, then judges both."),
        ev.StepStarted(step="research", agent="research"),
        ev.StepStarted(step="code", agent="code"),
        ev.StepSaid(step="research", agent="research", text="8 passages bear on the views."),
        ev.StepFinished(step="research", agent="research", outcome=StepOutcome(
            summary="3 weaknesses, 1 technique, 1 incident", citations=research.citations, proposal=research)),
        ev.ProposalSealed(proposal=research),
        ev.NoteWaiting(agent="research", reason="the vault is locked"),
        ev.NoteDropped(agent="research", reason="the vault stayed locked"),
        ev.StepFailed(step="code", agent="code", reason="the parser child did not answer", final=False),
        ev.StepStarted(step="code", agent="code", attempt=2),
        ev.StepFinished(step="code", agent="code", outcome=StepOutcome(
            summary="1 of 3 places repaired by a known fix", drafts=(draft,), proposal=code)),
        ev.ProposalSealed(proposal=code),
        ev.StepStarted(step="security", agent="security"),
        ev.Notice(level="warning", text="No language model is configured: the agents answered from evidence."),
        ev.Notice(level="info", text="The library held 812 documents when the run began."),
        ev.StepFinished(step="security", agent="security", outcome=StepOutcome(
            summary="5 findings, 3 of high severity", findings=findings(), citations=security.citations,
            proposal=security)),
        ev.ProposalSealed(proposal=security),
        ev.LeftTheMachine(host="db.example:5432", purpose="incidents (PostgreSQL): search", bytes_sent=412),
        ev.LeftTheMachine(host="db.example:5432", purpose="incidents (PostgreSQL): search", bytes_sent=388),
        ev.DecisionMade(decision=decision()),
    ]  # fmt: skip


def recheck() -> list[ev.EventBody]:
    """A further step, which finds one weakness in the repaired code alone."""
    step = ev.Step(id="recheck", agent="security", action="recheck", title="Check the repair", goal="what is new")
    found = a_finding(rule="B608-new", title="Statement that only the repair has", excerpt=REPAIRED.splitlines()[16])
    return [
        ev.PlanMade(plan=ev.Plan(steps=(*plan().steps, step)), reason="the repair is analysed again"),
        ev.StepStarted(step="recheck", agent="security"),
        ev.StepFinished(step="recheck", agent="security", outcome=StepOutcome(summary="1 new", findings=(found,))),
    ]


def task() -> Task:
    """A review of one Flask file."""
    return Task.model_validate(
        {
            "kind": TaskKind.REVIEW,
            "title": "Are the new order views of the shop safe to put on the Internet?",
            "description": "The three views below replace the order pages on Monday. They need no login."
            "\n\nTell us whether they can go out, and what has to change first.",
            "attachments": ({"name": "shop/views.py", "language": "python", "text": VIEW},),
            "tlp": Tlp.AMBER,
        }
    )


def journal(said: Iterable[ev.EventBody], seconds: float = 0.7) -> list[ev.RunEvent]:
    """These bodies as the events of one run, `seconds` apart."""
    return [
        ev.RunEvent(run_id=RUN_ID, seq=seq, attempt=1, at=BEGAN + timedelta(seconds=seconds * seq), body=body)
        for seq, body in enumerate(said, start=1)
    ]


def events(more: Iterable[ev.EventBody] = ()) -> list[ev.RunEvent]:
    """The whole run, completed, with `more` before its end."""
    return journal([*bodies(), *more, ev.RunCompleted()])


def state() -> RunState:
    """What the whole run comes to."""
    return RunState.from_events(events())
