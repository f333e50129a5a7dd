"""Which embedding model the library is searched with, as a setting, and the embedder that it means."""

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from workbench.core.knowledge.cosine_scale import SAME_SCALE, CosineScale
from workbench.core.values import Value
from workbench.places import Places

if TYPE_CHECKING:
    from workbench.core.knowledge.embedder import Embedder


class EmbedderKind(StrEnum):
    """Where the model runs."""

    BUILT_IN = "built-in"
    FOLDER = "folder"
    ENDPOINT = "endpoint"


class EmbedderSettings(Value):
    """One embedding model. What was found out when it was chosen stands here too, so that no start has to ask again."""

    kind: EmbedderKind = EmbedderKind.BUILT_IN
    precision: str = Field("int8", pattern="^(int8|fp32)$", description="Of the built-in model only.")
    folder: str = Field("", description="Folder of a sentence-transformers model.")
    address: str = Field(
        "", description="Base address of an OpenAI-compatible server, such as http://127.0.0.1:11434/v1."
    )
    model: str = Field("", description="Name of the model on that server.")
    inside: bool = Field(False, description="Whether that server is the organisation's own; all text goes there.")
    has_key: bool = False
    """Whether the keyring has a key for that server."""
    digest: str = ""
    dimension: int = Field(0, ge=0, le=65_536)
    max_tokens: int = Field(0, ge=0)
    probe: tuple[float, ...] = ()
    """Of a server: what it answered at first, by which another model behind the same name is noticed."""
    scale: CosineScale = SAME_SCALE
    """What its cosines mean in the built-in model's terms."""

    @model_validator(mode="after")
    def _is_complete(self) -> "EmbedderSettings":
        if self.kind is EmbedderKind.FOLDER and not self.folder:
            raise ValueError("an embedder of the kind `folder` needs a folder")
        if self.kind is EmbedderKind.ENDPOINT and not (self.address and self.model):
            raise ValueError("an embedder of the kind `endpoint` needs an address and a model")
        return self

    @property
    def title(self) -> str:
        """What it is called on the screen."""
        match self.kind:
            case EmbedderKind.BUILT_IN:
                return f"all-MiniLM-L6-v2 ({self.precision}), built in"
            case EmbedderKind.FOLDER:
                return f"{Path(self.folder).name}, in a folder"
            case EmbedderKind.ENDPOINT:
                return f"{self.model} at {self.address}"

    @property
    def host(self) -> str:
        """The other machine that all text of the library goes to; empty where it stays on this one."""
        from workbench.core.knowledge.endpoint_embedder import is_this_machine

        host = urlsplit(self.address).hostname or "" if self.kind is EmbedderKind.ENDPOINT else ""
        return "" if is_this_machine(host) else host

    @property
    def facts(self) -> str:
        """What is known of the model, in words; of one that was never used nothing is."""
        from workbench.core.knowledge.embedder import DIMENSION, MAX_TOKENS

        is_ours = self.kind is EmbedderKind.BUILT_IN
        dimension, tokens = self.dimension or (DIMENSION * is_ours), self.max_tokens or (MAX_TOKENS * is_ours)
        told = [f"{dimension:,} numbers a text"] if dimension else []
        told += [f"reads up to {tokens:,} tokens at once"] if tokens else []
        if dimension and not is_ours:
            told.append(f"its nearness agrees with the built-in model's by {self.scale.correlation:.2f} of 1")
        return ", ".join(told)


def make_embedder(settings: EmbedderSettings, places: Places, key: Callable[[], str] = lambda: "") -> "Embedder":
    """The embedder that the settings mean, not yet prepared. `key` gives a server's key when it connects.

    Raises EmbedderError for a folder without a model, or a server that no text may go to.
    """
    from workbench.core.knowledge.embedder import OnnxEmbedder

    if settings.kind is EmbedderKind.FOLDER:
        from workbench.core.knowledge.folder_embedder import FolderEmbedder

        return FolderEmbedder(
            Path(settings.folder),
            dimension=settings.dimension,
            max_tokens=settings.max_tokens,
            digest=settings.digest,
        )
    if settings.kind is EmbedderKind.ENDPOINT:
        from workbench.core.knowledge.endpoint_embedder import EndpointEmbedder

        return EndpointEmbedder(
            settings.address,
            settings.model,
            OnnxEmbedder(places),
            key=key,
            inside=settings.inside,
            probe=settings.probe,
        )
    return OnnxEmbedder(places, settings.precision)


def found_out(settings: EmbedderSettings, embedder: "Embedder") -> EmbedderSettings:
    """The settings with what a prepared embedder turned out to be."""
    return settings.model_copy(
        update={
            "digest": embedder.digest,
            "dimension": embedder.dimension,
            "max_tokens": embedder.max_tokens,
            "probe": tuple(getattr(embedder, "probe", ())),
        }
    )
