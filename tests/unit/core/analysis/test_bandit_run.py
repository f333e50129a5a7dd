import pytest

from tests.unit.core.analysis.looking import findings_of
from workbench.core.analysis.bandit_rules import CWE_OF, FIX_OF, LEFT_OUT, TITLE_OF, TOPIC_OF
from workbench.core.analysis.bandit_run import BanditAnalyser, _bandit
from workbench.core.analysis.source import read_source
from workbench.core.evidence import Severity


def bandit(code: str) -> dict[str, str | None]:
    """CWE by rule of what Bandit alone reports."""
    findings = BanditAnalyser().analyse(read_source("unit.py", code)).findings
    return {finding.rule: finding.cwe for finding in findings}


def kept_rules() -> set[str]:
    """Every rule of the installed Bandit that is not left out.

    Bandit is loaded by its runner, which silences its loader's warnings.
    """
    _bandit()
    from bandit.core import extension_loader

    manager = extension_loader.MANAGER
    listed = {entry["id"] for entries in manager.blacklist.values() for entry in entries}
    return (set(manager.plugins_by_id) | listed) - set(LEFT_OUT)


@pytest.mark.parametrize(
    ("code", "rule", "cwe"),
    [
        ("eval(x)\n", "bandit:B307", "CWE-95"),
        ("exec(x)\n", "bandit:B102", "CWE-95"),
        ("import yaml\nyaml.load(x)\n", "bandit:B506", "CWE-502"),
        ("import xml.etree.ElementTree as e\ne.fromstring(x)\n", "bandit:B314", "CWE-611"),
        ("import jinja2\njinja2.Environment()\n", "bandit:B701", "CWE-79"),
        ("import flask\napp.run(debug=True)\n", "bandit:B201", "CWE-489"),
        ("import hashlib\nhashlib.md5(x)\n", "bandit:B324", "CWE-328"),
    ],
)
def test_labels_follow_the_meaning_of_the_rule(code: str, rule: str, cwe: str) -> None:
    assert bandit(code)[rule] == cwe


@pytest.mark.parametrize("code", ["assert x\n", "import pickle\n", "import subprocess\nsubprocess.run(['ls'])\n"])
def test_noise_is_left_out(code: str) -> None:
    assert bandit(code) == {}


def test_code_cannot_silence_its_own_review() -> None:
    assert "bandit:B307" in bandit("eval(x)  # nosec\n")
    assert "code-evaluated" in {finding.rule for finding in findings_of("def f(x):\n    eval(x)  # nosec B307\n")}


def test_a_finding_has_its_lines_excerpt_and_grades() -> None:
    (finding,) = BanditAnalyser().analyse(read_source("a.py", "import flask\n\napp.run(debug=True)\n")).findings
    assert (finding.file, finding.line_start, finding.excerpt) == ("a.py", 3, "app.run(debug=True)")
    assert finding.severity is Severity.HIGH
    assert 0 < finding.confidence < 1


def test_every_rule_that_is_kept_has_a_title_in_our_words() -> None:
    named = set(CWE_OF) | set(FIX_OF) | set(TOPIC_OF)
    assert set(TITLE_OF) == kept_rules() | named
    assert not set(TITLE_OF) & set(LEFT_OUT)


@pytest.mark.parametrize("rule", sorted(TITLE_OF))
def test_a_title_is_a_short_sentence_and_no_name_of_a_function(rule: str) -> None:
    title = TITLE_OF[rule]
    assert title[0].isupper()
    assert not title.endswith(".")
    assert len(title.split()) >= 3
    assert len(title) <= 80
    assert "_" not in title


@pytest.mark.parametrize(
    ("code", "title"),
    [
        ("import tempfile\ntempfile.mktemp()\n", "Name of a temporary file is chosen before the file exists"),
        ("import yaml\nyaml.load(x)\n", "YAML is loaded with tags that build objects"),
        ("import flask\napp.run(debug=True)\n", "Flask runs in debug mode"),
        ("run(host='0.0.0.0')\n", "Server listens on every network of the machine"),
    ],
)
def test_findings_have_these_titles(code: str, title: str) -> None:
    assert [finding.title for finding in BanditAnalyser().analyse(read_source("a.py", code)).findings] == [title]
