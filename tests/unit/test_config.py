import json
import os
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench import config as module
from workbench.config import Config, ConfigError, ConfigStore, ReportSettings, TaskDefaults, upgrade
from workbench.core.tasks import Tlp
from workbench.places import Places


@pytest.fixture
def store(places: Places) -> ConfigStore:
    return ConfigStore(places.config_file)


def write(store: ConfigStore, text: str) -> None:
    store.path.write_text(text, "utf-8")


def test_without_a_file_the_defaults_hold_and_none_is_written(store: ConfigStore) -> None:
    assert store.load() == Config()
    assert not store.path.exists()


def test_what_was_changed_is_there_at_the_next_start(store: ConfigStore) -> None:
    store.change(theme="dark", report=ReportSettings(organisation="Größe & Söhne"), sources_off=("my library",))
    again = ConfigStore(store.path)
    assert again.load() == store.current
    assert again.current.report.organisation == "Größe & Söhne"


def test_only_the_user_can_read_the_file(store: ConfigStore) -> None:
    store.change(theme="dark")
    assert stat.S_IMODE(store.path.stat().st_mode) & 0o077 == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"version": 1, "them": "dark"}', "`them` is not a setting (did you mean `theme`?)"),
        ('{"task": {"second": 5}}', "`task.second` is not a setting (did you mean `seconds`?)"),
        ('{"theme": "pink"}', "`theme` does not fit"),
        ('{"theme": 3}', "`theme` does not fit"),
        ('{"task": {"seconds": "soon"}}', "`task.seconds` does not fit"),
        ('{"connections": [{"name": "x"}]}', "`connections.0.kind` does not fit"),
        ('{"version": 1,', "line 1"),
        ("[]", "no JSON object"),
        ("", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ('{"version": "one"}', "`version` must be a whole number"),
        ('{"version": true}', "`version` must be a whole number"),
        ('{"version": 0}', "`version` must be a whole number"),
        ('{"version": 2, "theme": "dark", "new": 1}', "newer workbench (version 2, this one knows 1)"),
    ],
)
def test_a_mistake_is_one_sentence_and_the_file_stays_as_it_is(store: ConfigStore, text: str, said: str) -> None:
    write(store, text)
    with pytest.raises(ConfigError) as caught:
        store.load()
    sentence = str(caught.value)
    assert said in sentence
    assert str(store.path) in sentence
    assert "\n" not in sentence
    assert store.current == Config(), "the session runs on the defaults"
    with pytest.raises(ConfigError):
        store.change(theme="light")
    assert store.path.read_text("utf-8") == text
    assert [path.name for path in store.path.parent.iterdir()] == [store.path.name]


def test_bytes_that_are_no_text_are_told(store: ConfigStore) -> None:
    store.path.write_bytes(b"\xff\xfe\x00{")
    with pytest.raises(ConfigError, match="not UTF-8"):
        store.load()


def test_a_huge_file_is_not_read(store: ConfigStore) -> None:
    store.path.write_bytes(b" " * (module.MAX_BYTES + 1))
    with pytest.raises(ConfigError, match="too large"):
        store.load()


def test_a_byte_order_mark_is_no_mistake(store: ConfigStore) -> None:
    store.path.write_bytes(b"\xef\xbb\xbf" + b'{"theme": "dark"}')
    assert store.load().theme == "dark"


def test_a_mended_file_can_be_saved_to_again(store: ConfigStore) -> None:
    write(store, '{"them": "dark"}')
    with pytest.raises(ConfigError):
        store.load()
    write(store, '{"theme": "dark"}')
    assert store.change(task=TaskDefaults(seconds=60)).theme == "dark"


def test_a_change_by_hand_meanwhile_is_kept(store: ConfigStore) -> None:
    store.load()
    write(store, '{"theme": "dark"}')
    store.change(task=TaskDefaults(tlp=Tlp.RED))
    assert (store.current.theme, store.current.task.tlp) == ("dark", Tlp.RED)


def test_a_value_that_does_not_fit_changes_nothing(store: ConfigStore) -> None:
    store.change(theme="dark")
    with pytest.raises(ConfigError, match="`theme` does not fit"):
        store.change(theme="pink")
    assert store.current.theme == "dark"
    assert json.loads(store.path.read_text("utf-8"))["theme"] == "dark"


def test_the_last_settings_stay_beside_the_new_ones(store: ConfigStore) -> None:
    store.change(theme="dark")
    store.change(theme="light")
    backup = store.path.with_name("config.json.bak")
    assert json.loads(backup.read_text("utf-8"))["theme"] == "dark"
    assert {path.name for path in store.path.parent.iterdir()} == {"config.json", "config.json.bak"}


def test_saving_the_same_again_writes_nothing(store: ConfigStore) -> None:
    store.change(theme="dark")
    before = store.path.stat()
    store.change(theme="dark")
    assert store.path.stat().st_ino == before.st_ino


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_full_disk_leaves_the_old_settings(store: ConfigStore, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    store.change(theme="dark")
    before = store.path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(*{"fsync": (os, "fsync", full), "replace": (Path, "replace", full)}[step])
    with pytest.raises(ConfigError, match="No space left on device"):
        store.change(theme="light")
    assert store.path.read_bytes() == before
    assert store.current.theme == "dark"
    assert [path.name for path in store.path.parent.iterdir()] == ["config.json"]


def test_an_old_file_goes_through_every_step_in_order(tmp_path: Path) -> None:
    steps = {
        1: lambda data: {"theme": data["colours"]},
        2: lambda data: data | {"seen": True},
    }
    assert upgrade({"version": 1, "colours": "dark"}, tmp_path, steps, 3) == {
        "version": 3,
        "theme": "dark",
        "seen": True,
    }


def test_there_is_a_step_from_every_version_to_the_next() -> None:
    assert sorted(module.UPGRADES) == list(range(1, module.VERSION))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(
    data=st.dictionaries(
        st.sampled_from([*Config.model_fields, "other"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
            max_leaves=6,
        ),
        max_size=4,
    )
)
def test_any_file_is_either_read_or_refused_in_a_sentence(store: ConfigStore, data: dict[str, object]) -> None:
    write(store, json.dumps(data))
    try:
        store.load()
    except ConfigError as error:
        sentence = str(error)
        assert sentence.startswith(str(store.path))
        assert store.current == Config()


def test_every_setting_says_what_it_is() -> None:
    for model in (Config, TaskDefaults, ReportSettings):
        for name, field in model.model_fields.items():
            assert name == "version" or field.title, f"{model.__name__}.{name} has no title"
