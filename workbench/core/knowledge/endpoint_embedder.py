"""An embedder behind an OpenAI-compatible server: on this machine, or marked by the user as the organisation's own.

All text of the library goes there, so no other server is ever asked.
"""

import ipaddress
import threading
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from workbench.core.knowledge.embedder import EmbedderError

if TYPE_CHECKING:
    import numpy as np
    from openai import OpenAI

SECONDS = 60.0
"""Deadline of one request; of the tries after a failure each."""

TRIES_AGAIN = 2
"""The client's own retries of what failed on the way or was refused for load."""

BATCH = 32
"""Texts in one request."""

PROBE = "The quick brown fox jumps over the lazy dog."
"""What every server is asked first: its vector tells its dimension, and whether it is still the same model."""

SAME = 0.98
"""Cosine of two vectors of PROBE by one model; another quantisation gives .99, another model far less."""


class Counter(Protocol):
    """Counts and splits by a tokenizer at hand, since a server's cannot be asked."""

    @property
    def max_tokens(self) -> int:
        """Tokens of the longest text that it reads."""
        ...

    def count_tokens(self, text: str) -> int:
        """Tokens of `text`."""
        ...

    def count_tokens_of_each(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text."""
        ...

    def split(self, text: str) -> list[str]:
        """`text` in pieces of at most `max_tokens`."""
        ...


class EndpointEmbedder:
    """The model `model` of the server at `address` (its base, such as http://127.0.0.1:11434/v1). Methods block.

    Texts are measured by `counter`: chunks that fit its model are short enough for every embedding server we know of.
    `key` is asked for at each connection, empty where the server wants none. `probe` is the vector of PROBE that the
    library was embedded with, empty at first.
    """

    precision = "endpoint"

    def __init__(
        self,
        address: str,
        model: str,
        counter: Counter,
        *,
        key: Callable[[], str] = lambda: "",
        inside: bool = False,
        probe: Sequence[float] = (),
    ) -> None:
        check_address(address, inside=inside)
        self.address, self.model = address.rstrip("/"), model
        self.name = f"{model} at {urlsplit(address).hostname}"
        self.digest = sha256(f"{model}\0{len(probe)}\0{[round(value, 2) for value in probe]}".encode()).hexdigest()
        self.probe = tuple(probe)
        self.max_tokens = counter.max_tokens
        self._counter, self._key = counter, key
        self._client: OpenAI | None = None
        self._turn = threading.Lock()
        self._stopped = False

    @property
    def dimension(self) -> int:
        """Length of a vector; 0 while the server was never asked."""
        return len(self.probe)

    def prepare(self) -> None:
        """Ask the server for one vector; nothing once done. Raises EmbedderError when it cannot be used.

        So it does when the server's model is another than the one that the library was embedded with.
        """
        with self._turn:
            if self._client is None:
                self._connect()

    def _connect(self) -> None:
        """Connect, and let others use the connection only when the model behind it is known to be the right one."""
        import numpy as np

        if self._stopped:
            raise EmbedderError(f"The connection to {self.name} was closed")
        client = self._connected()
        try:
            vector = self._rows(client, [PROBE])[0]
            if self.probe and not _are_the_same(np.asarray(self.probe), vector):
                raise EmbedderError(
                    f"{self.name} is another model than the one that the library was embedded with, so its vectors "
                    "cannot be compared; choose the embedder again to embed the library anew"
                )
        except EmbedderError:
            client.close()
            raise
        if not self.probe:
            self.probe = tuple(float(value) for value in vector)
            self.digest = sha256(
                f"{self.model}\0{len(self.probe)}\0{[round(value, 2) for value in self.probe]}".encode()
            ).hexdigest()
        self._client = client

    def embed(self, texts: Sequence[str]) -> "np.ndarray":
        """Normalised float32 rows (n, dimension), in the order of `texts`. Raises EmbedderError."""
        import numpy as np

        self.prepare()
        client = self._client
        if client is None:
            raise EmbedderError(f"The connection to {self.name} was closed")
        batches = [texts[start : start + BATCH] for start in range(0, len(texts), BATCH)]
        rows = [self._rows(client, batch) for batch in batches]
        return np.concatenate(rows) if rows else np.empty((0, self.dimension), dtype=np.float32)

    def embed_questions(self, texts: Sequence[str]) -> "np.ndarray":
        """As `embed`: a server makes no difference."""
        return self.embed(texts)

    def count_tokens(self, text: str) -> int:
        """Tokens of `text` by the tokenizer at hand."""
        return self._counter.count_tokens(text)

    def count_tokens_of_each(self, texts: Sequence[str]) -> list[int]:
        """`count_tokens` of many texts at once."""
        return self._counter.count_tokens_of_each(texts)

    def split(self, text: str) -> list[str]:
        """`text` in pieces that each fit `max_tokens`."""
        return self._counter.split(text)

    def stop(self) -> None:
        """Close the connections and open none any more; a request that goes on fails."""
        self._stopped = True
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def _connected(self) -> "OpenAI":
        from openai import DefaultHttpxClient, OpenAI

        here = is_this_machine(urlsplit(self.address).hostname or "")
        # A redirect or a proxy could take the text elsewhere. The client insists on a key; most servers take any.
        http = DefaultHttpxClient(follow_redirects=False, trust_env=not here)
        return OpenAI(
            base_url=self.address,
            api_key=self._key() or "none",
            timeout=SECONDS,
            max_retries=TRIES_AGAIN,
            http_client=http,
        )

    def _rows(self, client: "OpenAI", texts: Sequence[str]) -> "np.ndarray":
        import numpy as np
        from openai import OpenAIError

        readable = [text.encode("utf-8", "replace").decode() or " " for text in texts]
        try:
            answer = client.embeddings.create(model=self.model, input=readable, encoding_format="float")
            rows = np.array([item.embedding for item in sorted(answer.data, key=lambda item: item.index)], np.float32)
        except OpenAIError as error:
            # A server may say the key back, and the chain of errors may go to the log: only the sentence goes on.
            said = " ".join(str(error).replace(client.api_key, "***").split())[:200]
            raise EmbedderError(
                f"{self.name} gave no vectors ({said}); check that the server runs and has this model"
            ) from None
        except (ValueError, TypeError, AttributeError) as error:
            raise EmbedderError(f"{self.name} answered with something that is no list of vectors") from error
        norms = np.linalg.norm(rows, axis=1, keepdims=True) if rows.ndim == 2 else np.zeros(1)
        wrong = rows.shape != (len(texts), self.dimension or rows.shape[-1]) or not np.isfinite(rows).all()
        if wrong or not (norms > 0).all():
            raise EmbedderError(f"{self.name} gave vectors of shape {rows.shape} for {len(texts)} texts")
        return np.asarray(rows / norms, dtype=np.float32)


def check_address(address: str, *, inside: bool) -> None:
    """Raises EmbedderError unless the address is of this machine, or of a server marked as the organisation's own."""
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.password:
        raise EmbedderError(
            f"{address} is no address of a server; write it as http://127.0.0.1:11434/v1, without a key in it"
        )
    if is_this_machine(parts.hostname):
        return
    if not inside:
        raise EmbedderError(
            f"{parts.hostname} is not on this machine, and all text of the library would go there; use a server on "
            "this machine, or mark it as the organisation's own"
        )
    if parts.scheme != "https":
        raise EmbedderError(f"{parts.hostname} is not on this machine, so its address must begin with https")


def is_this_machine(host: str) -> bool:
    """Whether a host is this machine by its name or address alone; nothing is looked up."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _are_the_same(one: "np.ndarray", other: "np.ndarray") -> bool:
    return one.shape == other.shape and float(one @ other) >= SAME
