"""The dialog of the embedding model, and the change that it begins: what it says, what it refuses, how it ends."""

import pytest
from pytestqt.qtbot import QtBot

from tests.ui.doing import dialog_of
from tests.ui.fake_engine import FakeEmbedding, FakeEngine
from workbench.core.engine import EmbedderKind, EmbedderSettings, WorkbenchError
from workbench.ui.dialogs.embedder import EmbedderDialog
from workbench.ui.main_window import MainWindow

SERVER = EmbedderSettings(
    kind=EmbedderKind.ENDPOINT, address="https://llm.example.org/v1", model="e5", inside=True, has_key=True
)


class Control:
    """What the dialog needs of the window's control, without a window."""

    def __init__(self, embedding: FakeEmbedding) -> None:
        self._embedding = embedding

    async def begin(self, settings: EmbedderSettings, key: str) -> None:
        await self._embedding.change(settings, key)

    async def others(self) -> int:
        return await self._embedding.others()

    async def forget_others(self) -> int:
        return await self._embedding.forget_others()


@pytest.fixture
def embedding() -> FakeEmbedding:
    return FakeEmbedding()


def alone(qtbot: QtBot, embedding: FakeEmbedding) -> EmbedderDialog:
    """The dialog without a window behind it."""
    dialog = EmbedderDialog(Control(embedding), embedding.current, 1_200)  # type: ignore[arg-type]
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def opened(qtbot: QtBot, window: MainWindow) -> EmbedderDialog:
    window.commands.invoke("library.model")
    return dialog_of(qtbot, EmbedderDialog)


def choose(dialog: EmbedderDialog, kind: EmbedderKind) -> None:
    dialog.kind.setCurrentIndex(dialog.kind.findData(str(kind)))


def choose_server(dialog: EmbedderDialog) -> None:
    choose(dialog, EmbedderKind.ENDPOINT)
    dialog.address.setText("https://llm.example.org/v1")
    dialog.model.setText("e5")
    dialog.inside.setChecked(True)


def test_the_dialog_shows_what_is_now_and_only_the_fields_that_matter(qtbot: QtBot, embedding: FakeEmbedding) -> None:
    dialog = alone(qtbot, embedding)
    assert dialog.settings == EmbedderSettings()
    assert not dialog.change.isEnabled(), "that is the model now"
    dialog.precision.setCurrentIndex(1)
    assert dialog.change.isEnabled()
    assert dialog.precision.isVisible()
    assert not dialog.address.isVisible()
    choose(dialog, EmbedderKind.FOLDER)
    assert dialog.folder.isVisible()
    assert not dialog.precision.isVisible()
    assert not dialog.change.isEnabled(), "no folder is named"
    assert "code in the folder is never run" in dialog.told.text()
    dialog.folder.setText("/models/e5")
    assert dialog.settings == EmbedderSettings(kind=EmbedderKind.FOLDER, folder="/models/e5")
    assert dialog.change.isEnabled()
    dialog.reject()


def test_a_server_is_named_with_what_goes_there(qtbot: QtBot, embedding: FakeEmbedding) -> None:
    dialog = alone(qtbot, embedding)
    choose_server(dialog)
    assert "All text of the library goes to llm.example.org, and so does every question." in dialog.warned.text()
    assert dialog.settings == SERVER.model_copy(update={"has_key": False})
    dialog.reject()


def test_a_key_that_is_kept_need_not_be_typed_again_for_the_same_server(qtbot: QtBot, embedding: FakeEmbedding) -> None:
    embedding.current = SERVER
    dialog = alone(qtbot, embedding)
    assert dialog.settings == SERVER
    dialog.address.setText("https://other.example.org/v1")
    assert dialog.settings is not None
    assert not dialog.settings.has_key
    dialog.reject()


def test_what_is_refused_is_said_in_the_dialog_and_can_be_mended(qtbot: QtBot, embedding: FakeEmbedding) -> None:
    embedding.refusal = WorkbenchError("llm.example.org is not on this machine; mark it")
    dialog = alone(qtbot, embedding)
    choose_server(dialog)
    dialog.change.click()
    qtbot.waitUntil(dialog.outcome.isVisible)
    assert dialog.outcome.text() == "llm.example.org is not on this machine; mark it"
    assert dialog.change.isEnabled()
    assert embedding.changes == []
    dialog.model.setText("e5-small")
    assert not dialog.outcome.isVisible()
    dialog.reject()


def begun(qtbot: QtBot, window: MainWindow) -> None:
    dialog = opened(qtbot, window)
    choose_server(dialog)
    dialog.key.setText("s3cret")
    dialog.change.click()
    panel = window.knowledge.panel
    assert panel is not None
    qtbot.waitUntil(lambda: window.knowledge.embedder.done == 1)
    window.docks.show("knowledge")


def test_a_change_goes_on_beside_other_work_and_offers_to_forget_the_rest(
    qtbot: QtBot, window: MainWindow, engine: FakeEngine
) -> None:
    begun(qtbot, window)
    panel = window.knowledge.panel
    assert panel is not None
    assert engine.embedding.keys == ["s3cret"]
    assert panel.model_strip.what.text() == "Embedding the library with e5 at https://llm.example.org/v1"
    assert panel.model_strip.far.text() == "1 of 2 passages, about 1 min 15 s left"
    assert not panel.model_strip.pause.isVisible()
    assert not panel.model.isEnabled()
    window.settle()
    assert "Embedding the library" in window.status.text.text()
    engine.embedding.left = 2
    engine.embedding.changes[0].go.set()
    qtbot.waitUntil(lambda: window.messages.message("embedder") is not None)
    message = window.messages.message("embedder")
    assert message is not None
    assert "The library is searched with e5 at https://llm.example.org/v1 from now on." in message.text
    assert "embedded in pieces" in message.text
    assert "2 vectors of other models are kept." in message.text
    assert panel.model.isEnabled()
    assert not panel.model_strip.isVisible()
    window.settle()
    assert window.status.badge.text() == "Text goes to llm.example.org"
    next(button for button in message.buttons if button.text() == "Forget them").click()
    qtbot.waitUntil(lambda: engine.embedding.left == 0)
    qtbot.waitUntil(lambda: "2 vectors of other models forgotten" in _text(window))


def _text(window: MainWindow) -> str:
    message = window.messages.message("embedder")
    return message.text if message is not None else ""


def test_a_change_can_be_stopped_from_the_panel(qtbot: QtBot, window: MainWindow, engine: FakeEngine) -> None:
    begun(qtbot, window)
    panel = window.knowledge.panel
    assert panel is not None
    panel.model_strip.stop.click()
    qtbot.waitUntil(lambda: "searched with the model as before" in _text(window))
    assert engine.embedding.current == EmbedderSettings()


def test_a_model_that_fails_on_the_way_changes_nothing_and_is_told(
    qtbot: QtBot, window: MainWindow, engine: FakeEngine
) -> None:
    begun(qtbot, window)
    engine.embedding.changes[0].error = WorkbenchError("e5 gave no vectors; check that the server runs")
    engine.embedding.changes[0].go.set()
    qtbot.waitUntil(lambda: "e5 gave no vectors; check that the server runs." in _text(window))
    assert "The model was not changed" in _text(window)
    assert not window.knowledge.embedder.busy


def test_vectors_of_models_used_before_can_be_forgotten_in_the_dialog(qtbot: QtBot, embedding: FakeEmbedding) -> None:
    embedding.left = 7
    dialog = alone(qtbot, embedding)
    qtbot.waitUntil(dialog.others.isVisible)
    assert dialog.others.text() == "7 vectors of models used before are kept."
    dialog.forget.click()
    qtbot.waitUntil(lambda: not dialog.others.isVisible())
    assert embedding.left == 0
    dialog.reject()


@pytest.mark.parametrize(
    ("address", "host"),
    [("http://127.0.0.1:11434/v1", ""), ("http://localhost/v1", ""), ("https://llm.example.org/v1", "llm.example.org")],
)
def test_only_a_server_elsewhere_counts_as_text_that_leaves(address: str, host: str) -> None:
    assert SERVER.model_copy(update={"address": address}).host == host
