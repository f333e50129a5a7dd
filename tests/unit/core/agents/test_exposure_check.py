from tests.unit.core.exposure.fleet import FLEET, a_place
from workbench.core.agents import exposure_words
from workbench.core.agents.exposure_check import exposure_opinion
from workbench.core.evidence import Exposure
from workbench.core.exposure.survey import as_finding, survey
from workbench.core.tasks import OPTIONS, CodeUnit, TaskKind

OPTIONS_ = OPTIONS[TaskKind.RESEARCH]


def verdict(opinion: dict[str, float]) -> str:
    return max(opinion, key=lambda option: opinion[option])


def test_the_opinion_follows_what_was_compared() -> None:
    open_, clear, unknown = map(a_place, (Exposure.AFFECTED, Exposure.NOT_AFFECTED, Exposure.UNKNOWN))
    assert verdict(exposure_opinion([open_, clear], [as_finding(open_)], OPTIONS_)) == "act now"
    assert verdict(exposure_opinion([clear, clear], [], OPTIONS_)) == "not affected"
    assert verdict(exposure_opinion([unknown], [], OPTIONS_)) == "schedule"


def test_nothing_compared_is_no_opinion() -> None:
    opinion = exposure_opinion([], [], OPTIONS_)
    assert max(opinion.values()) - min(opinion.values()) < 1e-9


def test_the_words_say_what_was_compared_with_what() -> None:
    places = survey([CodeUnit(name="inventory.csv", language="text", text=FLEET)])
    words = " ".join(exposure_words.summary([], places, []))
    assert "118 known vulnerabilities were compared with 8 places that name a product the shelf knows." in words
    assert "log4j-core 2.14.1 by CVE-2021-44228, CVE-2021-45046, CVE-2021-45105 (host web-01" in words
    assert "may have fixed it under the old number" in words
    nothing = " ".join(exposure_words.summary([], [], []))
    assert "nothing of what is attached is a product the shelf knows" in nothing
