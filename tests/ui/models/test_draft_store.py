"""A draft is never lost: not by a crash while it is written, not by a file somebody broke."""

import json
from pathlib import Path

import pytest

from workbench.ui.models.draft_store import DraftStore


def test_what_was_saved_comes_back(tmp_path: Path) -> None:
    store = DraftStore(tmp_path / "data" / "draft.json")
    store.save({"title": "Grüße", "code": "x\n" * 1000})
    assert store.load() == {"title": "Grüße", "code": "x\n" * 1000}


def test_without_a_draft_there_is_none(tmp_path: Path) -> None:
    assert DraftStore(tmp_path / "draft.json").load() == {}


@pytest.mark.parametrize("content", [b"{", b"[1]", b"\xff\xfe\x00", b""])
def test_a_broken_draft_is_set_aside_and_not_lost(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "draft.json"
    path.write_bytes(content)
    assert DraftStore(path).load() == {}
    assert (tmp_path / "draft.broken").read_bytes() == content


def test_a_failed_save_leaves_the_old_draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = DraftStore(tmp_path / "draft.json")
    store.save({"title": "old"})

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        store.save({"title": "new"})
    assert json.loads((tmp_path / "draft.json").read_text()) == {"title": "old"}
