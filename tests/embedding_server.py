"""An OpenAI-compatible embeddings server on a loopback port, whose model knows words only."""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.word_embedder import WordEmbedder

Answer = Callable[[dict[str, Any]], tuple[int, Any]]
WORDS = WordEmbedder()
"""The server's model, as an embedder here."""

PATIENT = WordEmbedder()
PATIENT.max_tokens = 100_000


class EmbeddingServer:
    """Speaks POST /v1/embeddings; `answer` makes status and body of a request."""

    def __init__(self) -> None:
        self.answer: Answer = self.by_words
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.asked.append(request)
                outer.keys.append(self.headers["Authorization"])
                status, body = outer.answer(request)
                data = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                if status == 307:
                    self.send_header("Location", f"http://127.0.0.1:{outer.http.server_address[1]}/elsewhere")
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.http.serve_forever)
        self.thread.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.http.server_address[1]}/v1"

    def close(self) -> None:
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()

    def by_words(self, request: dict[str, Any]) -> tuple[int, Any]:
        rows = 3 * PATIENT.embed(request["input"])
        data = [{"object": "embedding", "index": place, "embedding": row.tolist()} for place, row in enumerate(rows)]
        usage = {"prompt_tokens": 1, "total_tokens": 1}
        return 200, {"object": "list", "model": request["model"], "data": data[::-1], "usage": usage}
