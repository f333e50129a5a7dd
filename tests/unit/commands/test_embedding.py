"""`workbench knowledge embedder` as the user meets it; the real change is tested in tests/integration."""

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from workbench.commands import embedding
from workbench.core.engine import EmbedderChanged, EmbedderKind, EmbedderSettings, ReembedEnded, ReembedProgress
from workbench.core.knowledge.cosine_scale import CosineScale
from workbench.core.knowledge.embedder import EmbedderError
from workbench.core.values import WorkbenchError
from workbench.places import Places

SERVER = EmbedderSettings(kind=EmbedderKind.ENDPOINT, address="http://127.0.0.1/v1", model="e5")
SCALE = CosineScale(slope=0.8, offset=0.1, correlation=0.21)


class Change:
    """Embeds two passages, unless it is cancelled before."""

    def __init__(self, engine: "Engine", settings: EmbedderSettings) -> None:
        self._engine, self._settings = engine, settings
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True

    async def __aiter__(self) -> AsyncIterator[object]:
        yield ReembedProgress(done=0, total=2)
        if self._engine.is_impatient:
            yield ReembedEnded(embedded=0, in_pieces=0, seconds=0.1, cancelled=True)
            return
        yield ReembedProgress(done=2, total=2, seconds_left=0.0)
        found = self._settings.model_copy(update={"dimension": 768, "max_tokens": 512, "scale": SCALE})
        self._engine.current = found
        yield EmbedderChanged(settings=found, embedded=2, in_pieces=0, scale=SCALE)


class Engine:
    """An engine of which only the embedding is there."""

    stage = ""

    def __init__(self) -> None:
        self.current = EmbedderSettings()
        self.left = 0
        self.keys: list[str] = []
        self.is_impatient = self.is_broken = False

    @property
    def embedding(self) -> "Engine":
        return self

    @property
    def library(self) -> "Engine":
        return self

    async def indexed(self) -> None:
        return None

    async def ready(self) -> None:
        if self.is_broken:
            raise EmbedderError("The model is gone")

    async def change(self, settings: EmbedderSettings, key: str) -> Change:
        self.keys.append(key)
        self.left = 2
        return Change(self, settings)

    async def others(self) -> int:
        return self.left

    async def forget_others(self) -> int:
        left, self.left = self.left, 0
        return left


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    made = Engine()

    @asynccontextmanager
    async def opened(_: Places) -> AsyncIterator[Engine]:
        yield made

    monkeypatch.setattr(embedding, "opened", opened)
    return made


async def test_without_a_wish_the_model_is_shown(
    engine: Engine, places: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await embedding.show_or_change(places, None, "", forget_others=False) == 0
    told = capsys.readouterr().out
    assert told == ("all-MiniLM-L6-v2 (int8), built in\n    384 numbers a text, reads up to 256 tokens at once\n")


async def test_a_change_says_what_was_embedded_and_what_to_beware_of(
    engine: Engine, places: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.is_broken = True  # which is a reason to change it
    assert await embedding.show_or_change(places, SERVER, "s3cret", forget_others=False) == 0
    told = capsys.readouterr().out
    assert engine.keys == ["s3cret"]
    assert "2 passages embedded" in told
    assert "Warning: the model sees other things as near" in told
    assert "e5 at http://127.0.0.1/v1\n    768 numbers a text, reads up to 512 tokens at once" in told
    assert "agrees with the built-in model's by 0.21 of 1" in told
    assert "all text of the library goes to this server" in told
    assert "2 vectors of models used before are kept; --forget-others removes them" in told


async def test_what_other_models_left_is_forgotten_when_asked(
    engine: Engine, places: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.left = 7
    assert await embedding.show_or_change(places, None, "", forget_others=True) == 0
    told = capsys.readouterr().out
    assert told.startswith("7 vectors of models used before forgotten\n")
    assert "are kept" not in told


async def test_a_change_that_was_stopped_says_so_and_ends_as_cancelled(
    engine: Engine, places: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.is_impatient = True
    assert await embedding.show_or_change(places, SERVER, "", forget_others=False) == 130
    assert "the library is searched as before" in capsys.readouterr().out


def wanted(**options: object) -> EmbedderSettings | None:
    given = {"folder": None, "endpoint": "", "model": "", "inside": False, "built_in": "", "key_from_stdin": False}
    return embedding.wanted(**{**given, **options})  # type: ignore[arg-type]


def test_options_mean_one_model_or_none() -> None:
    assert wanted() is None
    assert wanted(built_in="fp32") == EmbedderSettings(precision="fp32")
    chosen = wanted(endpoint="https://llm.example.org/v1", model="e5", inside=True)
    assert chosen is not None
    assert (chosen.kind, chosen.model, chosen.inside) == (EmbedderKind.ENDPOINT, "e5", True)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"built_in": "int8", "endpoint": "http://127.0.0.1/v1"}, "Choose one model"),
        ({"model": "e5"}, "name it with --endpoint"),
        ({"endpoint": "http://127.0.0.1/v1"}, "name one with --model"),
        ({"built_in": "int4"}, "use int8 or fp32"),
    ],
)
def test_options_that_do_not_fit_together_are_refused(options: dict[str, object], told: str) -> None:
    with pytest.raises(WorkbenchError, match=told):
        wanted(**options)


def test_a_key_that_is_empty_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    with pytest.raises(WorkbenchError, match="no key on the standard input"):
        embedding.read_key()
    monkeypatch.setattr("sys.stdin", io.StringIO("s3cret\n"))
    assert embedding.read_key() == "s3cret"
