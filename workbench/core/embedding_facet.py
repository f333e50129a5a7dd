"""The engine's facet for the embedding model: which one it is, changing it, and tidying up after a change."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from workbench.core.keys import Keyring
from workbench.core.knowledge.embedder_choice import EmbedderKind, EmbedderSettings, make_embedder
from workbench.places import Places

if TYPE_CHECKING:
    from workbench.config import ConfigStore
    from workbench.core.database import Database
    from workbench.core.knowledge.chosen_embedder import ChosenEmbedder
    from workbench.core.knowledge.cosine_scale import CosineScale
    from workbench.core.knowledge.embedder import Embedder
    from workbench.core.knowledge.embedder_change import EmbedderChange
    from workbench.core.knowledge.indexes import LibraryIndexes
    from workbench.core.knowledge.ingest_turn import Turn

SERVICE = "analyst-workbench/embedder"
"""What the keys of embedding servers stand under in the keyring, by their address."""

KEY_SECONDS = 15.0
"""How long a connection waits for its key, at most; the keyring has a limit of its own."""


class EmbeddingFacet:
    """One model at a time searches the library; vectors of models used before are kept until they are forgotten."""

    def __init__(
        self,
        database: "Database",
        *,
        indexes: "LibraryIndexes",
        chosen: "ChosenEmbedder",
        turn: "Turn",
        places: Places,
        config: "ConfigStore",
        keyring: Keyring,
    ) -> None:
        from workbench.core.knowledge.spaces import Spaces

        self._spaces, self._indexes, self._chosen, self._turn = Spaces(database), indexes, chosen, turn
        self._places, self._config, self._keyring = places, config, keyring

    @property
    def current(self) -> EmbedderSettings:
        """The model of the settings."""
        return self._config.current.embedder

    @property
    def scale(self) -> "CosineScale":
        """What its cosines mean in the built-in model's terms."""
        return self._config.current.embedder.scale

    async def change(self, settings: EmbedderSettings, key: str = "") -> "EmbedderChange":
        """A change to this model; iterate over it for its events, or cancel it. A server's key goes to the keyring.

        Raises EmbedderError for a folder without a model or a server that no text may go to, KeyringUnavailable when
        there is a key and no keyring.
        """
        from workbench.core.knowledge.embedder_change import Changing, EmbedderChange

        if key:
            settings = settings.model_copy(update={"has_key": True})
        key_of = endpoint_key(self._keyring, settings, asyncio.get_running_loop())
        embedder = await asyncio.to_thread(make_embedder, settings, self._places, key_of)
        if key:
            await self._keyring.put(SERVICE, settings.address, key)
        parts = Changing(self._spaces, self._indexes, self._chosen, self._turn, self._scale_of, self._keep)
        return EmbedderChange(settings, embedder, parts)

    async def others(self) -> int:
        """How many vectors of models used before there are."""
        counts = await asyncio.to_thread(self._spaces.counts)
        return sum(count for space, count in counts.items() if space != self._space)

    async def forget_others(self) -> int:
        """Remove those, and return how many there were; going back to such a model takes as long as it did at first."""
        counts = await asyncio.to_thread(self._spaces.counts)
        forgotten = 0
        for space in counts.keys() - {self._space}:
            forgotten += await asyncio.to_thread(self._spaces.forget, space)
        return forgotten

    @property
    def _space(self) -> str:
        from workbench.core.knowledge.embedder import space_of

        return space_of(self._chosen)

    def _scale_of(self, embedder: "Embedder") -> "CosineScale":
        from workbench.core.knowledge.cosine_scale import PAIRS, SAME_SCALE, fit_scale
        from workbench.core.knowledge.embedder import OnnxEmbedder

        if isinstance(embedder, OnnxEmbedder):
            return SAME_SCALE
        pairs = self._spaces.pairs(PAIRS)
        return fit_scale(pairs, OnnxEmbedder(self._places), embedder) if len(pairs) > 1 else SAME_SCALE

    async def _keep(self, settings: EmbedderSettings, scale: "CosineScale") -> None:
        kept = settings.model_copy(update={"scale": scale})
        await asyncio.to_thread(lambda: self._config.change(embedder=kept))


def endpoint_key(keyring: Keyring, settings: EmbedderSettings, loop: asyncio.AbstractEventLoop) -> Callable[[], str]:
    """What gives a server's key, to a thread, while `loop` runs; empty where there is none."""

    def key() -> str:
        if not settings.has_key:
            return ""
        asked = asyncio.run_coroutine_threadsafe(keyring.get(SERVICE, settings.address), loop)
        return asked.result(KEY_SECONDS) or ""

    return key


def starting_embedder(settings: EmbedderSettings, places: Places, key: Callable[[], str]) -> "Embedder":
    """The embedder of the settings, or one that says at each use why there is none."""
    from workbench.core.knowledge.chosen_embedder import NoEmbedder
    from workbench.core.knowledge.embedder import EmbedderError

    try:
        return make_embedder(settings, places, key)
    except EmbedderError as error:
        precision = "endpoint" if settings.kind is EmbedderKind.ENDPOINT else "fp32"
        return NoEmbedder(settings.title, settings.digest, precision, settings.dimension or 1, str(error))
