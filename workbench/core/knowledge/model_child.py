"""The child process that runs a model of the user's own: requests a line each, numbers as bytes, until input ends.

It keeps torch out of the program itself, whose window an import of torch would hold up for seconds. Requests are JSON
lines: {"do": "load", "reads": "texts" | "pairs", "folder"} first, then "count", "split", "embed" and "ask" (passages
and questions) of a model that reads texts, "rank" of one that reads pairs. An answer is a JSON line; where it names a
shape, so many float32 numbers follow as bytes. {"error": sentence} says what went wrong.
"""

import json
import os
import signal
import sys
from typing import Any, BinaryIO, Protocol

LOADING: dict[str, Any] = {"device": "cpu", "local_files_only": True, "trust_remote_code": False}
"""Nothing is fetched, and no code of a model's own is run."""

SAFE_WEIGHTS = {"use_safetensors": True}

BATCH = 8
"""Texts that go through the model together; more need more memory and are hardly faster on a processor."""


class _Model(Protocol):
    def facts(self) -> dict[str, Any]:
        """What the parent wants to know of it."""
        ...

    def answer(self, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        """The answer's line and its bytes."""
        ...


class _SentenceModel:
    """Makes vectors of texts."""

    def __init__(self, folder: str) -> None:
        from sentence_transformers import SentenceTransformer

        self.model = SentenceTransformer(folder, model_kwargs=SAFE_WEIGHTS, **LOADING)
        self.max_tokens = int(self.model.get_max_seq_length() or self.model.tokenizer.model_max_length)

    def facts(self) -> dict[str, Any]:
        return {"dimension": int(self.model.get_embedding_dimension() or 0), "tokens": self.max_tokens}

    def answer(self, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        match request["do"]:
            case "count":
                return {"counts": self._count(request["texts"])}, b""
            case "split":
                return {"pieces": self._split(request["text"])}, b""
            case "embed":
                return _numbers(self._encode(self.model.encode_document, request["texts"]))
            case _:
                return _numbers(self._encode(self.model.encode_query, request["texts"]))

    def _encode(self, encode: Any, texts: list[str]) -> Any:
        return encode(texts, batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False)

    def _count(self, texts: list[str]) -> list[int]:
        encoded = self.model.tokenizer(texts, truncation=False, padding=False, verbose=False)
        return [len(ids) for ids in encoded["input_ids"]]

    def _split(self, text: str) -> list[str]:
        """Pieces of at most `max_tokens`, cut between words where no word alone is longer."""
        encoded = self.model.tokenizer(
            text, truncation=False, add_special_tokens=False, return_offsets_mapping=True, verbose=False
        )
        offsets, words = encoded["offset_mapping"], encoded.word_ids()
        room = self.max_tokens - self._count([""])[0]
        pieces, start = [], 0
        while start < len(offsets):
            end = min(start + room, len(offsets))
            whole = end
            while start < whole < len(offsets) and words[whole] == words[whole - 1]:
                whole -= 1
            end = whole if whole > start else end
            pieces.append(text[offsets[start][0] : offsets[end - 1][1]])
            start = end
        return pieces


class _PairModel:
    """Says of a question and a text how well they go together."""

    def __init__(self, folder: str) -> None:
        from sentence_transformers import CrossEncoder

        self.model = CrossEncoder(folder, model_kwargs=SAFE_WEIGHTS, **LOADING)

    def facts(self) -> dict[str, Any]:
        return {"labels": int(self.model.num_labels)}

    def answer(self, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        pairs = [(request["question"], text) for text in request["texts"]]
        return _numbers(self.model.predict(pairs, batch_size=BATCH, show_progress_bar=False))


READERS: dict[str, type[_SentenceModel | _PairModel]] = {"texts": _SentenceModel, "pairs": _PairModel}


def main() -> None:
    """Answer requests until standard input ends. Ctrl+C in a terminal reaches this process too, and is the parent's."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    channel = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    model: _Model | None = None
    for line in sys.stdin.buffer:
        request = json.loads(line)
        try:
            if request["do"] == "load":
                model = READERS[request["reads"]](request["folder"])
                _say(channel, model.facts())
            else:
                assert model is not None
                _say(channel, *model.answer(request))
        except Exception as error:  # whatever a library raises over a model is told, and the parent decides
            _say(channel, {"error": f"{type(error).__name__}: {' '.join(str(error).split())[:500]}"})


def _numbers(rows: Any) -> tuple[dict[str, Any], bytes]:
    return {"shape": list(rows.shape)}, rows.astype("<f4").tobytes()


def _say(channel: BinaryIO, answer: dict[str, Any], payload: bytes = b"") -> None:
    channel.write(json.dumps(answer).encode("ascii") + b"\n" + payload)
    channel.flush()


if __name__ == "__main__":
    main()
