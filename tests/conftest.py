"""For all tests: folders of their own, a keyring in memory, no strange logs, nothing left running."""

import asyncio
import hashlib
import inspect
import shutil
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import keyring
import keyring.backend
import pytest
from loguru import logger

from tests.tiny_models import save_tiny_models
from workbench.places import Places


class MemoryKeyring(keyring.backend.KeyringBackend):
    """A keyring that lives as long as the test."""

    priority = 5  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.secrets: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.secrets.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.secrets[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.secrets.pop((service, username), None) is None:
            raise keyring.errors.PasswordDeleteError("no such password")


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    """Folders of this test alone."""
    home = tmp_path / "home"
    monkeypatch.setenv("WORKBENCH_HOME", str(home))
    places = Places.under(home)
    places.make()
    return places


@pytest.fixture(scope="session")
def exported_models(request: pytest.FixtureRequest) -> Path:
    """The embedder, exported by the first test that needs it and kept in pytest's cache over sessions."""
    from workbench.core.knowledge.embedder import OnnxEmbedder

    assert request.config.cache is not None
    cache = Path(request.config.cache.mkdir("workbench"))
    places = Places(cache, cache, cache, cache)
    OnnxEmbedder(places).prepare()
    return places.models


@pytest.fixture(scope="session")
def tiny_models(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Models that torch can load and that know nothing (see save_tiny_models), kept in pytest's cache over sessions."""
    assert request.config.cache is not None
    version = hashlib.sha256(Path(inspect.getfile(save_tiny_models)).read_bytes()).hexdigest()[:12]
    folder = Path(request.config.cache.mkdir("workbench"), f"tiny-{version}")
    if not folder.exists():
        shutil.move(save_tiny_models(tmp_path_factory.mktemp("models")), folder)
    return folder


@pytest.fixture
def places_with_model(places: Places, exported_models: Path) -> Places:
    """Folders of this test alone, in which the embedder has been exported already."""
    try:
        places.models.symlink_to(exported_models, target_is_directory=True)
    except OSError:
        shutil.copytree(exported_models, places.models)
    return places


@pytest.fixture(autouse=True)
def memory_keyring() -> Iterator[MemoryKeyring]:
    """No test touches the keyring of the person who runs it."""
    before, mine = keyring.get_keyring(), MemoryKeyring()
    keyring.set_keyring(mine)
    yield mine
    keyring.set_keyring(before)


@pytest.fixture(autouse=True)
def no_unexpected_warnings(request: pytest.FixtureRequest) -> Iterator[None]:
    """A log line of level WARNING or above fails the test, unless it is marked `expects_warnings`."""
    lines: list[str] = []
    sink = logger.add(lines.append, level="WARNING", format="{level} {name}: {message}")
    yield
    logger.remove(sink)
    if lines and request.node.get_closest_marker("expects_warnings") is None:
        pytest.fail("the test logged, without expecting it:\n" + "".join(map(str, lines)))


@pytest.fixture(autouse=True)
def no_threads_left() -> Iterator[None]:
    """A thread that a test started and left running fails it; pools of the event loop are ended by pytest-asyncio."""
    before = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - before:
        if not thread.daemon and not thread.name.startswith(("asyncio_", "engine", "ThreadPoolExecutor")):
            thread.join(timeout=2)
            if thread.is_alive():
                pytest.fail(f"the test left the thread {thread.name!r} running; join it or stop what owns it")


@pytest.fixture
async def no_tasks_left() -> AsyncIterator[None]:
    """A task that outlives an async test fails it."""
    before = asyncio.all_tasks()
    yield
    await asyncio.sleep(0)
    left = [task.get_name() for task in asyncio.all_tasks() - before if task is not asyncio.current_task()]
    if left:
        pytest.fail(f"the test left tasks running: {left}; await or cancel them")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every async test is checked for tasks it leaves behind."""
    for item in items:
        if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.function):
            item.fixturenames.append("no_tasks_left")
