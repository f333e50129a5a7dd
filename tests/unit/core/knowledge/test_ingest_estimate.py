from itertools import pairwise
from pathlib import Path

from workbench.core.knowledge.discovery import FoundFile
from workbench.core.knowledge.ingest_control import IngestControl
from workbench.core.knowledge.ingest_estimate import FIRST_AFTER, Estimate


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def files(kind: str, count: int, size: int) -> list[FoundFile]:
    return [FoundFile(Path(f"{number}.{kind}"), size) for number in range(count)]


def told_over_time(items: list[FoundFile], chunks_of: dict[str, int], per_second: float) -> list[tuple[float, float]]:
    """(seconds that are really left, seconds told) after each batch of an ingestion of constant speed."""
    clock = Clock()
    estimate = Estimate(clock)
    estimate.begin(items)
    whole = sum(chunks_of[item.path.suffix] for item in items) / per_second
    told = []
    for item in items:
        chunks = chunks_of[item.path.suffix]
        estimate.read(item.path, chunks)
        clock.now += chunks / per_second
        estimate.embedded(chunks)
        left = estimate.seconds_left()
        if left is not None:
            told.append((whole - clock.now, left))
    return told


def test_what_is_told_is_near_the_truth_when_a_fifth_is_done_whatever_the_kinds_make() -> None:
    items = [each for pair in zip(files("pdf", 60, 400_000), files("csv", 60, 20_000), strict=True) for each in pair]
    told = told_over_time(items, {".pdf": 12, ".csv": 40}, 50)
    for really, said in told[len(told) // 5 : -10]:
        assert 0.7 * really < said < 1.4 * really


def test_a_kind_that_comes_late_does_not_make_it_jump() -> None:
    items = [*files("md", 100, 8_000), *files("pdf", 20, 300_000)]
    told = [said for _, said in told_over_time(items, {".md": 10, ".pdf": 10}, 50)]
    rises = [after - before for before, after in pairwise(told)]
    assert max(rises) < 0.1 * max(told)
    assert told[-1] == 0


def test_nothing_is_told_before_there_is_something_to_go_by() -> None:
    clock = Clock()
    estimate = Estimate(clock)
    estimate.begin(files("md", 10, 8_000))
    assert estimate.seconds_left() is None
    clock.now = FIRST_AFTER / 2
    estimate.read(Path("0.md"), 10)
    estimate.embedded(10)
    assert estimate.seconds_left() is None
    assert estimate.chunks_done == 10
    assert 50 < estimate.chunks_total < 200


def test_time_does_not_pass_while_a_job_is_paused() -> None:
    clock = Clock()
    control = IngestControl(clock)
    clock.now = 5.0
    control.pause()
    clock.now = 500.0
    assert control.working_clock() == 5.0
    control.go_on()
    clock.now = 501.0
    assert control.working_clock() == 6.0
