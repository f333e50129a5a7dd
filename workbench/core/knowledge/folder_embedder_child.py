"""The child process that runs a sentence-transformers model: requests a line each, vectors as bytes, until input ends.

It keeps torch out of the program itself, whose window an import of torch would hold up for seconds. Requests are JSON
lines {"do": "load" | "embed" | "ask" | "count" | "split", ...}. An answer is a JSON line; that of "embed" and "ask"
names the shape, and the float32 rows follow as bytes. {"error": sentence} says what went wrong.
"""

import json
import os
import sys
from typing import Any, BinaryIO


class _Model:
    """The one model of this process."""

    def __init__(self, folder: str) -> None:
        from sentence_transformers import SentenceTransformer

        self.model = SentenceTransformer(
            folder,
            device="cpu",
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs={"use_safetensors": True},
        )

    @property
    def max_tokens(self) -> int:
        return int(self.model.get_max_seq_length() or self.model.tokenizer.model_max_length)

    def encode(self, texts: list[str], *, as_questions: bool) -> Any:
        encode = self.model.encode_query if as_questions else self.model.encode_document
        return encode(texts, batch_size=8, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False)

    def count(self, texts: list[str]) -> list[int]:
        encoded = self.model.tokenizer(texts, truncation=False, padding=False, verbose=False)
        return [len(ids) for ids in encoded["input_ids"]]

    def split(self, text: str) -> list[str]:
        """Pieces of at most `max_tokens`, cut between words where no word alone is longer."""
        encoded = self.model.tokenizer(
            text, truncation=False, add_special_tokens=False, return_offsets_mapping=True, verbose=False
        )
        offsets, words = encoded["offset_mapping"], encoded.word_ids()
        room = self.max_tokens - self.count([""])[0]
        pieces, start = [], 0
        while start < len(offsets):
            end = min(start + room, len(offsets))
            whole = end
            while whole < len(offsets) and whole > start and words[whole] == words[whole - 1]:
                whole -= 1
            end = whole if whole > start else end
            pieces.append(text[offsets[start][0] : offsets[end - 1][1]])
            start = end
        return pieces


def main() -> None:
    """Answer requests until standard input ends."""
    channel = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    model: _Model | None = None
    for line in sys.stdin.buffer:
        request = json.loads(line)
        try:
            if request["do"] == "load":
                model = _Model(request["folder"])
            assert model is not None
            _answer(model, request, channel)
        except Exception as error:  # whatever a library raises over a model is told, and the parent decides
            _say(channel, {"error": f"{type(error).__name__}: {' '.join(str(error).split())[:500]}"})


def _answer(model: _Model, request: dict[str, Any], channel: BinaryIO) -> None:
    match request["do"]:
        case "load":
            _say(channel, {"dimension": int(model.model.get_embedding_dimension() or 0), "tokens": model.max_tokens})
        case "count":
            _say(channel, {"counts": model.count(request["texts"])})
        case "split":
            _say(channel, {"pieces": model.split(request["text"])})
        case "embed" | "ask" as do:
            rows = model.encode(request["texts"], as_questions=do == "ask").astype("<f4")
            _say(channel, {"shape": list(rows.shape)}, rows.tobytes())


def _say(channel: BinaryIO, answer: dict[str, Any], payload: bytes = b"") -> None:
    channel.write(json.dumps(answer).encode("ascii") + b"\n" + payload)
    channel.flush()


if __name__ == "__main__":
    main()
