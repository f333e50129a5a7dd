import json
import os
import pickle
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from . import recipe
from .recipe import Job, State, StateRefusedError, dump_state, load_state

JOBS = st.builds(
    Job,
    name=st.from_regex(r"\A[a-z][a-z0-9-]{0,40}\Z"),
    attempts=st.integers(0, 1000),
    due=st.none() | st.datetimes(timezones=st.just(UTC)),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.json"


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(JOBS, max_size=5))
def test_what_was_saved_is_loaded(path: Path, jobs: list[Job]) -> None:
    state = State(jobs=tuple(jobs))
    path.write_bytes(dump_state(state))
    assert load_state(path) == state


def test_a_state_can_be_written_by_hand(path: Path) -> None:
    path.write_text('{"version": 1, "jobs": [{"name": "mail", "due": "2026-11-22T12:00:00Z"}]}')
    assert load_state(path).jobs == (Job(name="mail", due=datetime(2026, 11, 22, 12, tzinfo=UTC)),)


class Exploit:
    """What runs a command when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, ("pwned",)


def test_attack_a_pickle_is_refused_and_runs_nothing(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path.write_bytes(pickle.dumps(Exploit()))
    with pytest.raises(StateRefusedError, match="schema"):
        load_state(path)
    assert not (tmp_path / "pwned").exists()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"is_admin": True}, "is_admin"),
        ({"py/object": "os.system"}, "py/object"),
        ({"version": 2}, "version"),
        ({"version": "1"}, "version"),
        ({"jobs": [{"name": "a", "attempts": "3"}]}, "attempts"),
        ({"jobs": [{"name": "a", "attempts": True}]}, "attempts"),
        ({"jobs": [{"name": "a", "attempts": 10**30}]}, "attempts"),
        ({"jobs": [{"name": "../../etc/passwd"}]}, "name"),
        ({"jobs": [{"name": "a\n"}]}, "name"),
        ({"jobs": {"name": "a"}}, "jobs"),
        ({"jobs": [{"name": "a", "__class__": "os"}]}, "__class__"),
    ],
)
def test_attack_what_is_not_of_the_schema_is_refused_by_field(path: Path, changed: Any, field: str) -> None:
    path.write_text(json.dumps(changed))
    with pytest.raises(StateRefusedError, match=field):
        load_state(path)


@pytest.mark.parametrize("content", [b"", b"null", b"{", b"[" * 100_000, b"\xff\xfe", b'{"version": NaN}'])
def test_attack_what_is_no_json_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(StateRefusedError):
        load_state(path)


def test_attack_the_error_shows_no_content(path: Path) -> None:
    path.write_text('{"jobs": [{"name": "SECRET VALUE"}]}')
    with pytest.raises(StateRefusedError) as caught:
        load_state(path)
    assert "SECRET" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_a_file_that_is_too_large_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipe, "MAX_BYTES", 10)
    path.write_bytes(dump_state(State()))
    with pytest.raises(StateRefusedError, match="more than 10"):
        load_state(path)


def test_a_state_cannot_be_changed_by_accident() -> None:
    with pytest.raises(ValidationError):
        State().version = 2  # type: ignore[misc,assignment]
