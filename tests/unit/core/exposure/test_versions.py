import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.core.exposure.versions import VERSION, compare, is_affected, upstream
from workbench.core.knowledge.shelf_entries import Affected


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("5.4.1-0.2", "5.4.1"), ("1:9.2p1-2+deb12u2", "9.2p1"), ("5.6.1+really5.4.5-1", "5.4.5"), ("v2.14.1", "2.14.1"),
        ("5.6.0-2.fc41", "5.6.0"), ("2.0-beta9", "2.0-beta9"), ("5.4.5-r0", "5.4.5"),
    ],
)  # fmt: skip
def test_the_upstream_part_of_a_distribution_version(version: str, expected: str) -> None:
    assert upstream(version) == expected


@pytest.mark.parametrize(
    ("lower", "higher"),
    [
        ("1.9", "1.10"),
        ("2.0-beta9", "2.0"),
        ("2.0-rc1", "2.0.1"),
        ("9.2p1", "9.3"),
        ("1.2", "1.2.1"),
        ("9.2", "9.2p1"),
        ("1.0.1", "1.0.1a"),
        ("1.0.1a", "1.0.1g"),
        ("1.0.1c", "1.0.2"),
        ("1.0a1", "1.0"),
        ("5.6.1~rc1-1", "5.6.1-1"),
    ],
)
def test_versions_are_compared_as_their_projects_count(lower: str, higher: str) -> None:
    assert compare(lower, higher) == -1
    assert compare(higher, lower) == 1


def test_a_missing_last_number_counts_as_zero() -> None:
    assert compare("1.2", "1.2.0") == 0


numbers = st.lists(st.integers(0, 99), min_size=2, max_size=4)


@given(numbers, numbers)
def test_number_versions_compare_like_their_numbers(one: list[int], other: list[int]) -> None:
    padded = [part + [0] * (4 - len(part)) for part in (one, other)]
    expected = (padded[0] > padded[1]) - (padded[0] < padded[1])
    assert compare(".".join(map(str, one)), ".".join(map(str, other))) == expected


@pytest.mark.parametrize(
    ("version", "affected", "expected"),
    [
        ("5.6.1", Affected(packages=("xz",), introduced="5.6.0", last="5.6.1"), True),
        ("5.6.2", Affected(packages=("xz",), introduced="5.6.0", last="5.6.1"), False),
        ("5.4.9", Affected(packages=("xz",), introduced="5.6.0", last="5.6.1"), False),
        ("2.14.1", Affected(packages=("l",), introduced="2.0-beta9", fixed="2.15.0"), True),
        ("2.15.0", Affected(packages=("l",), introduced="2.0-beta9", fixed="2.15.0"), False),
        ("9.9", Affected(packages=("l",)), True),
        ("10.2.9", Affected(packages=("p",), introduced="10.2.0", fixed="10.2.9-h1"), True),
        ("10.2.9-h1", Affected(packages=("p",), introduced="10.2.0", fixed="10.2.9-h1"), False),
        ("14.1-8.49", Affected(packages=("n",), introduced="14.1", fixed="14.1-8.50"), True),
        ("14.1-8.50", Affected(packages=("n",), introduced="14.1", fixed="14.1-8.50"), False),
    ],
)
def test_the_ends_of_a_range(version: str, affected: Affected, expected: bool) -> None:
    assert is_affected(version, affected) is expected


@pytest.mark.parametrize("text", ["a,5.4.1-0.2,b", "log4j-core-2.14.1.jar", "openssl==3.0.2", "1:9.2p1"])
def test_a_version_is_seen_where_it_stands(text: str) -> None:
    assert VERSION.search(text) is not None
