"""What embedding a library anew says while it goes on. Light to import."""

from typing import Literal

from pydantic import Field

from workbench.core.knowledge.cosine_scale import LEAST_CORRELATION, CosineScale
from workbench.core.knowledge.embedder_choice import EmbedderSettings
from workbench.core.values import Value


class ReembedProgress(Value):
    """How far it is. `seconds_left` is None while there is nothing to go by."""

    kind: Literal["reembed_progress"] = "reembed_progress"
    done: int = Field(ge=0)
    total: int = Field(ge=0)
    seconds_left: float | None = None


class ReembedEnded(Value):
    """Last event. What was embedded is kept when it was cancelled, and another try goes on from there."""

    kind: Literal["reembed_ended"] = "reembed_ended"
    embedded: int
    in_pieces: int
    """Chunks longer than the model reads: the mean of their pieces' vectors stands for them."""
    seconds: float
    cancelled: bool = False


ReembedEvent = ReembedProgress | ReembedEnded


class EmbedderChanged(Value):
    """Last event of a change that came to its end: from now on the library is searched with this model."""

    kind: Literal["embedder_changed"] = "embedder_changed"
    settings: EmbedderSettings
    embedded: int
    in_pieces: int
    scale: CosineScale

    @property
    def warning(self) -> str:
        """What the analyst should know of the model; empty when there is nothing."""
        told = []
        if self.in_pieces:
            told.append(
                f"{self.in_pieces} passages are longer than the model reads and were embedded in pieces; take them in "
                "again to have them cut for it"
            )
        if self.scale.correlation < LEAST_CORRELATION:
            told.append("the model sees other things as near than the built-in one, so what is close is hardly known")
        return "; ".join(told)


ChangeEvent = ReembedEvent | EmbedderChanged
