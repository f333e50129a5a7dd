import pytest

from workbench.core.agents.exposure import Place, Standing, as_finding, places
from workbench.core.agents.exposure_check import exposure_opinion
from workbench.core.evidence import Severity
from workbench.core.knowledge.shelf import load_vulnerability
from workbench.core.tasks import OPTIONS, CodeUnit, TaskKind

XZ = load_vulnerability("CVE-2024-3094")
OPTIONS_ = OPTIONS[TaskKind.RESEARCH]


def found(text: str, name: str = "inventory.csv") -> list[tuple[int, str | None, Standing]]:
    assert XZ is not None
    unit = CodeUnit(name=name, language="text", text=text)
    return [(place.line, place.version, place.standing) for place in places([unit], XZ)]


def test_a_table_is_compared_by_its_columns() -> None:
    text = "host,package,version\na,xz-utils,5.6.1-1\nb,xz-utils,5.4.1-0.2\nc,xz-utils,\nd,openssh,5.6.1\ne,XZ,5.6.0\n"
    assert found(text) == [
        (2, "5.6.1-1", Standing.AFFECTED),
        (3, "5.4.1-0.2", Standing.NOT_AFFECTED),
        (4, None, Standing.UNKNOWN),
        (6, "5.6.0", Standing.AFFECTED),
    ]


def test_the_old_code_under_a_higher_number_is_not_affected() -> None:
    assert found("package,version\nxz-utils,5.6.1+really5.4.5-1\n")[0][2] is Standing.NOT_AFFECTED


@pytest.mark.parametrize(
    ("line", "standing"),
    [
        ("xz==5.6.0", Standing.AFFECTED),
        ("ii  liblzma5:amd64  5.6.1-1  amd64  library", Standing.AFFECTED),
        ("RUN apk add xz=5.4.5-r0", Standing.NOT_AFFECTED),
        ("we use xz for backups", Standing.UNKNOWN),
    ],
)
def test_a_line_of_any_list_is_compared_by_the_version_beside_the_name(line: str, standing: Standing) -> None:
    assert [place[2] for place in found(line, "list.txt")] == [standing]


@pytest.mark.parametrize(
    ("version", "standing"),
    [("2.3.31", Standing.AFFECTED), ("2.3.32", Standing.NOT_AFFECTED), ("2.5.10", Standing.AFFECTED)],
)
def test_a_product_with_several_branches_is_affected_in_any_of_their_ranges(version: str, standing: Standing) -> None:
    struts = load_vulnerability("CVE-2017-5638")
    assert struts is not None
    assert len(struts.affected) > 1
    unit = CodeUnit(name="inventory.csv", language="text", text=f"package,version\nstruts2-core,{version}\n")
    assert [place.standing for place in places([unit], struts)] == [standing]


@pytest.mark.parametrize(
    ("build", "standing"),
    [("NS13.1: Build 49.13.nc", Standing.AFFECTED), ("NS13.1: Build 49.15", Standing.NOT_AFFECTED)],
)
def test_a_netscaler_is_compared_by_the_build_it_prints(build: str, standing: Standing) -> None:
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


def a_place(standing: Standing) -> Place:
    return Place(
        file="i.csv", line=2, text="a,xz,5.6.1", told="host a", package="xz", version="5.6.1", standing=standing,
        vulnerability="CVE-1",
    )  # fmt: skip


def test_an_affected_place_becomes_a_finding_with_range_and_weakness() -> None:
    assert XZ is not None
    finding = as_finding(a_place(Standing.AFFECTED), XZ)
    assert (finding.severity, finding.cwe, finding.line_start) == (Severity.HIGH, "CWE-506", 2)
    assert "5.6.1" in finding.explanation


def verdict(opinion: dict[str, float]) -> str:
    return max(opinion, key=lambda option: opinion[option])


def test_the_opinion_follows_what_was_compared() -> None:
    assert XZ is not None
    affected, clear, unknown = (a_place(standing) for standing in Standing)
    assert verdict(exposure_opinion([affected, clear], [as_finding(affected, XZ)], OPTIONS_)) == "act now"
    assert verdict(exposure_opinion([clear, clear], [], OPTIONS_)) == "not affected"
    assert verdict(exposure_opinion([unknown], [], OPTIONS_)) == "schedule"


def test_nothing_compared_is_no_opinion() -> None:
    opinion = exposure_opinion([], [], OPTIONS_)
    assert max(opinion.values()) - min(opinion.values()) < 1e-9


def test_what_else_an_inventory_says_of_a_place_is_told_by_its_columns() -> None:
    assert XZ is not None
    table = "host,role,package,version,reachable_from\nbuild-03,package builds,xz-utils,5.6.1-1,internet\n"
    (place,) = places([CodeUnit(name="i.csv", language="text", text=table)], XZ)
    assert place.told == "host build-03, role package builds, reachable from internet"


def test_a_line_of_other_text_is_quoted() -> None:
    assert XZ is not None
    (place,) = places([CodeUnit(name="notes.txt", language="text", text="we run xz 5.6.1 here")], XZ)
    assert place.told == "“we run xz 5.6.1 here”"
