"""The sample tasks that come with the workbench."""

from pathlib import Path

from workbench.core.tasks import Task, TaskError, TaskKind, load_task
from workbench.places import RESOURCES

FOLDER = RESOURCES / "samples"
_ORDER = list(TaskKind)


def read_samples(folder: Path = FOLDER) -> list[tuple[Path, Task]]:
    """Path and task of each sample, in the order of the kinds; files that are no task are left out. Blocks."""
    samples = []
    for path in sorted(folder.glob("*.json")):
        try:
            samples.append((path, load_task(path)))
        except TaskError:
            continue
    return sorted(samples, key=lambda each: _ORDER.index(each[1].kind))
