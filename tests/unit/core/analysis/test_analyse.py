import pytest

from tests.unit.core.analysis.looking import unit_of
from workbench.core.analysis import analyse
from workbench.core.analysis.analyse import analyse_unit
from workbench.core.analysis.base import Sightings
from workbench.core.analysis.own_rules import OwnRules
from workbench.core.analysis.source import Source

BAD = "import os\ndef f(n):\n    os.system('ping ' + n)\n"


class Endless:
    name, version = "endless", "1"

    def analyse(self, source: Source) -> Sightings:
        while True:
            pass


class Broken:
    name, version = "broken", "1"

    def analyse(self, source: Source) -> Sightings:
        raise KeyError("odd code")


def test_an_analyser_that_does_not_end_or_fails_is_named_and_the_others_count(monkeypatch: pytest.MonkeyPatch) -> None:
    analyse_unit(unit_of(BAD))  # what it imports the first time is not part of the time it gets below
    monkeypatch.setattr(analyse, "ANALYSER_SECONDS", 0.5)
    analysis = analyse_unit(unit_of(BAD), (Endless(), Broken(), OwnRules()))
    assert [finding.rule for finding in analysis.findings] == ["command-in-shell"]
    assert [notice.split(" on this code")[0] for notice in analysis.notices] == [
        "unit.py: endless failed",
        "unit.py: broken failed",
    ]
    assert analysis.analysers == ("workbench rules 1",)


def test_coverage_is_the_share_of_lines_that_was_read() -> None:
    analysis = analyse_unit(unit_of("x = 1\n%%%\n\ny = 2\nz = 3\n"))
    assert (analysis.lines_read, analysis.lines_total, analysis.coverage) == (3, 4, 0.75)


@pytest.mark.parametrize("text", ["", "\n\n", "((((" * 2000])
def test_nothing_to_read_gives_no_findings_and_no_error(text: str) -> None:
    assert analyse_unit(unit_of(text)).findings == ()
