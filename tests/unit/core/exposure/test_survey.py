import time

import pytest

from tests.unit.core.exposure.fleet import FLEET, a_place
from workbench.core.agents import exposure_words
from workbench.core.consensus.gates import gates_of
from workbench.core.decisions import Proposal
from workbench.core.evidence import Exposure, Place, Severity
from workbench.core.exposure.survey import as_finding, survey
from workbench.core.knowledge.shelf import load_vulnerability
from workbench.core.knowledge.shelf_entries import Vulnerability
from workbench.core.tasks import CodeUnit

XZ = load_vulnerability("CVE-2024-3094")


def places(units: list[CodeUnit], vulnerability: Vulnerability) -> list[Place]:
    """The places compared with one vulnerability that the task names."""
    return [place for place in survey(units, [vulnerability]) if place.vulnerability == vulnerability.id]


def unnamed(text: str, name: str = "inventory.csv") -> list[Place]:
    """All that is told of a text when the task names no vulnerability."""
    return survey([CodeUnit(name=name, language="text", text=text)])


def affected(found: list[Place]) -> set[tuple[str, str | None, str]]:
    return {(place.package, place.version, place.vulnerability) for place in found if place.standing == "affected"}


def found(text: str, name: str = "inventory.csv") -> list[tuple[int, str | None, Exposure]]:
    assert XZ is not None
    unit = CodeUnit(name=name, language="text", text=text)
    return [(place.line, place.version, place.standing) for place in places([unit], XZ)]


def test_a_table_is_compared_by_its_columns() -> None:
    text = "host,package,version\na,xz-utils,5.6.1-1\nb,xz-utils,5.4.1-0.2\nc,xz-utils,\nd,openssh,5.6.1\ne,XZ,5.6.0\n"
    assert found(text) == [
        (2, "5.6.1-1", Exposure.AFFECTED),
        (3, "5.4.1-0.2", Exposure.NOT_AFFECTED),
        (4, None, Exposure.UNKNOWN),
        (6, "5.6.0", Exposure.AFFECTED),
    ]


def test_the_old_code_under_a_higher_number_is_not_affected() -> None:
    assert found("package,version\nxz-utils,5.6.1+really5.4.5-1\n")[0][2] is Exposure.NOT_AFFECTED


@pytest.mark.parametrize(
    ("line", "standing"),
    [
        ("xz==5.6.0", Exposure.AFFECTED),
        ("ii  liblzma5:amd64  5.6.1-1  amd64  library", Exposure.AFFECTED),
        ("RUN apk add xz=5.4.5-r0", Exposure.NOT_AFFECTED),
        ("we use xz for backups", Exposure.UNKNOWN),
    ],
)
def test_a_line_of_any_list_is_compared_by_the_version_beside_the_name(line: str, standing: Exposure) -> None:
    assert [place[2] for place in found(line, "list.txt")] == [standing]


@pytest.mark.parametrize(
    ("version", "standing"),
    [("2.3.31", Exposure.AFFECTED), ("2.3.32", Exposure.NOT_AFFECTED), ("2.5.10", Exposure.AFFECTED)],
)
def test_a_product_with_several_branches_is_affected_in_any_of_their_ranges(version: str, standing: Exposure) -> None:
    struts = load_vulnerability("CVE-2017-5638")
    assert struts is not None
    assert len(struts.affected) > 1
    unit = CodeUnit(name="inventory.csv", language="text", text=f"package,version\nstruts2-core,{version}\n")
    assert [place.standing for place in places([unit], struts)] == [standing]


@pytest.mark.parametrize(
    ("build", "standing"),
    [("NS13.1: Build 49.13.nc", Exposure.AFFECTED), ("NS13.1: Build 49.15", Exposure.NOT_AFFECTED)],
)
def test_a_netscaler_is_compared_by_the_build_it_prints(build: str, standing: Exposure) -> None:
    bleed = load_vulnerability("CVE-2023-4966")
    assert bleed is not None
    package = bleed.affected[0].packages[0]
    unit = CodeUnit(name="show.txt", language="text", text=f"{package} {build}, Date: Jul 10 2023")
    (place,) = places([unit], bleed)
    assert place.standing is standing
    assert place.text == unit.text, "the line as it stands there"
    assert build in place.told


@pytest.mark.parametrize("line", ["xzibit 5.6.1", "lxz 5.6.1", "my-xz 5.6.1", "xz-embedded 5.6.1"])
def test_another_package_with_a_similar_name_is_none(line: str) -> None:
    assert found(line, "list.txt") == []


def test_an_affected_place_becomes_a_finding_with_range_and_weakness() -> None:
    finding = as_finding(a_place(Exposure.AFFECTED))
    assert (finding.severity, finding.cwe, finding.line_start) == (Severity.HIGH, "CWE-506", 2)
    assert "5.6.1" in finding.explanation


def test_what_else_an_inventory_says_of_a_place_is_told_by_its_columns() -> None:
    assert XZ is not None
    table = "host,role,package,version,reachable_from\nbuild-03,package builds,xz-utils,5.6.1-1,internet\n"
    (place,) = places([CodeUnit(name="i.csv", language="text", text=table)], XZ)
    assert place.told == "host build-03, role package builds, reachable from internet"


def test_a_line_of_other_text_is_quoted() -> None:
    assert XZ is not None
    (place,) = places([CodeUnit(name="notes.txt", language="text", text="we run xz 5.6.1 here")], XZ)
    assert place.told == "“we run xz 5.6.1 here”"


def test_an_inventory_is_compared_with_the_whole_shelf_though_the_task_names_nothing() -> None:
    told = unnamed(FLEET)
    assert {("log4j-core", "2.14.1", "CVE-2021-44228"), ("openssl", "1.0.1f", "CVE-2014-0160")} <= affected(told)
    assert ("xz-utils", "5.6.1-1", "CVE-2024-3094") in affected(told)
    assert not any(version == "5.6.1+really5.4.5-1" for _, version, _ in affected(told))
    assert not any("postfix" in place.text for place in told)
    clear = [place for place in told if place.version == "7.18.1"]
    assert [(place.standing, place.vulnerability) for place in clear] == [(Exposure.NOT_AFFECTED, "")]


def test_pinned_requirements_are_compared_with_the_whole_shelf() -> None:
    text = (
        "# portal\nDjango==3.2.4\nPyYAML==5.3.1\ncelery[redis]==5.2.2\nnumpy\nrequests\n"
        'urllib3==1.26.18 ; python_version < "3.12"\ncryptography>=3.2,<3.3\nPyJWT~=2.3.0\nPillow<10.2.0\n'
    )
    told = unnamed(text, "requirements.txt")
    assert {package for package, _, _ in affected(told)} == {"Django", "PyYAML", "cryptography", "PyJWT"}
    lowest = {place.package for place in told if place.is_lowest_allowed}
    assert lowest == {"cryptography", "PyJWT"}
    words = " ".join(exposure_words.summary([], told, []))
    assert "the lowest version that they allow was compared" in words
    assert (
        "lowest version that the requirement allows"
        in as_finding(next(place for place in told if place.package == "PyJWT")).explanation
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("package-lock.json", '"node_modules/minimist":{"version":"0.0.8"}'),
        ("package-lock.json", '"node_modules/minimist": {\n  "version": "0.0.8",'),
        ("poetry.lock", '[[package]]\nname = "minimist"\nversion = "0.0.8"'),
        ("yarn.lock", 'minimist@^0.0.5, minimist@~0.0.1:\n  version "0.0.8"'),
        ("sbom.json", '"purl": "pkg:npm/minimist@0.0.8"'),
        ("pom.xml", "<artifactId>minimist</artifactId>\n<version>0.0.8</version>"),
    ],
)
def test_a_lock_file_is_compared_by_what_is_installed(name: str, text: str) -> None:
    assert {version for _, version, _ in affected(unnamed(text, name))} == {"0.0.8"}


def test_a_lock_file_says_nothing_by_what_a_package_asks_for() -> None:
    assert unnamed('"dependencies": {"minimist": "^0.0.8"}', "package-lock.json") == []


@pytest.mark.parametrize(
    "text", ["import requests\n", "next we use 2.0", "@sentry/next 13.0.1", "docker compose 1.2.3"]
)
def test_what_is_no_version_of_a_product_is_not_told(text: str) -> None:
    assert unnamed(text, "notes.txt") == []


def test_every_mention_of_a_package_counts_with_its_own_version() -> None:
    told = unnamed("log4j-core 2.17.1 runs on web-02 and log4j-core 2.14.1 on web-01.", "description")
    assert {(place.version, str(place.standing)) for place in told} == {
        ("2.17.1", "not affected"),
        ("2.14.1", "affected"),
    }


@pytest.mark.parametrize("name", ["Spring Framework", "spring-framework", "spring_framework", "Spring.Framework"])
def test_names_are_equal_whatever_stands_between_their_words(name: str) -> None:
    assert (name, "5.3.17", "CVE-2022-22965") in affected(
        unnamed(f"Hostname;Software;Version installed\na;{name};5.3.17")
    )
    assert (name, "5.3.17", "CVE-2022-22965") in affected(unnamed(f"We run {name} 5.3.17.", "description"))


@pytest.mark.parametrize(
    ("version", "standing"),
    [
        ("1:8.9p1-3ubuntu0.10", Exposure.PERHAPS),
        ("1:9.2p1-2+deb12u3", Exposure.PERHAPS),
        ("8.7p1-38.el9_4.1", Exposure.PERHAPS),
        ("8.7p1-8.amzn2023.0.9", Exposure.PERHAPS),
        ("9.6p1-150600.6.3.1", Exposure.PERHAPS),
        ("1:9.7p1-2", Exposure.AFFECTED),
        ("9.7p1", Exposure.AFFECTED),
        ("1:9.9p1-3ubuntu3.1", Exposure.NOT_AFFECTED),
    ],
)
def test_what_a_distribution_may_have_mended_under_the_old_number_is_not_sure(version: str, standing: Exposure) -> None:
    regresshion = load_vulnerability("CVE-2024-6387")
    assert regresshion is not None
    unit = CodeUnit(name="i.csv", language="text", text=f"package,version\nopenssh-server,{version}\n")
    assert [place.standing for place in places([unit], regresshion)] == [standing]


def test_what_is_not_sure_is_a_medium_finding_without_a_gate() -> None:
    (place,) = [place for place in unnamed(FLEET) if place.vulnerability == "CVE-2024-6387"]
    finding = as_finding(place)
    assert (finding.severity, finding.confidence) == (Severity.MEDIUM, 0.5)
    assert "may be affected" in finding.title
    assert "tracker" in finding.fix
    proposal = Proposal(
        agent="security", step="s", domain="d", probabilities={"a": 0.5, "b": 0.5}, rationale="", findings=(finding,),
        lineage="l",
    )  # fmt: skip
    assert gates_of([proposal]) == ()


def test_a_range_that_counts_a_distributions_revisions_is_sure() -> None:
    (place,) = [p for p in unnamed("package,version\nglibc,2.28-225.el8_8.3") if p.vulnerability == "CVE-2023-4911"]
    assert place.standing is Exposure.AFFECTED


@pytest.mark.parametrize(
    ("line", "cve", "fixed"),
    [
        ("log4j-core 2.14.1", "CVE-2021-45105", "2.17.0"),
        ("log4j-core 2.12.2", "CVE-2021-45105", "2.12.3"),
        ("NetScaler 12.1-65.1", "CVE-2023-4966", "13.0-92.19"),
    ],
)
def test_the_fix_names_the_first_fixed_version_of_the_branch(line: str, cve: str, fixed: str) -> None:
    (place,) = [place for place in unnamed(line, "l.txt") if place.vulnerability == cve]
    assert place.fixed_in == fixed
    assert f"Move to {fixed} or later" in as_finding(place).fix


def test_only_the_range_that_hit_is_told_and_no_list_of_names() -> None:
    (place,) = [place for place in unnamed(FLEET) if place.vulnerability == "CVE-2021-44228" and place.fixed_in]
    told = as_finding(place).explanation
    assert "from 2.13.0 before 2.15.0" in told
    assert "liblog4j2-java" not in told
    assert "2.0-beta9" not in told


@pytest.mark.parametrize(
    ("line", "version"),
    [("jenkins 2.440.", "2.440"), ("log4j-core-2.14.1.jar", "2.14.1"), ("Grafana 8.2.6, and more", "8.2.6")],
)
def test_a_full_stop_and_a_files_suffix_are_no_part_of_a_version(line: str, version: str) -> None:
    assert {place.version for place in unnamed(line, "l.txt")} == {version}


def test_a_long_inventory_is_compared_with_the_whole_shelf_in_about_a_second() -> None:
    lines = [f"host-{n},openssl,1.0.{n % 90}{'abcdefgh'[n % 8]},Team {n}" for n in range(19_999)]
    unnamed("package,version\nxz,5.6.1")
    started = time.process_time()
    told = unnamed("\n".join(["host,package,version,owner", *lines]))
    assert len({place.line for place in told}) == 19_999
    assert time.process_time() - started < 8.0, "one second is usual; an accidental quadratic takes minutes"
