"""The API of the document import: takes batches in and tells their state."""

import hashlib
import os
import secrets
from pathlib import Path

from fastapi import Depends, FastAPI, File, Header, HTTPException, UploadFile
from fastapi.middleware.cors import CORSMiddleware
from pydantic import BaseModel, Field

from importer import filing, jobs

app = FastAPI(title="Document import")
app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_credentials=True, allow_methods=["*"])

INBOX = Path("/srv/import/inbox")
MAX_BYTES = 200 * 1024 * 1024
PIECE = 1024 * 1024


class Batch(BaseModel):
    """What a sender learns about a batch."""

    id: str
    state: str
    documents: int = Field(default=0, ge=0)


def sender(x_api_key: str = Header()) -> str:
    """Who sends, by key. Keys are stored as digests only."""
    digest = hashlib.sha256(x_api_key.encode()).hexdigest()
    name = jobs.queue().hget("import:senders", digest)
    if name is None:
        raise HTTPException(401, "unknown key")
    return name


@app.post("/batches", status_code=202)
async def take_in(batch: UploadFile = File(), who: str = Depends(sender)) -> Batch:
    """Store a batch under a name of our own, piece by piece, and put it into the queue."""
    identity = secrets.token_hex(12)
    target = INBOX / f"{identity}.zip"
    size = 0
    with target.open("wb") as stream:
        while piece := await batch.read(PIECE):
            size += len(piece)
            if size > MAX_BYTES:
                target.unlink()
                raise HTTPException(413, "a batch has at most 200 MB")
            stream.write(piece)
    jobs.put(identity, {"path": str(target), "sender": who})
    return Batch(id=identity, state="waiting")


@app.get("/batches/{identity}")
def state(identity: str, who: str = Depends(sender)) -> Batch:
    """The state of a batch of the sender."""
    found = jobs.state(identity)
    if found is None or found["sender"] != who:
        raise HTTPException(404, "no such batch")
    return Batch(id=identity, state=found["state"], documents=int(found.get("documents", 0)))


@app.get("/batches/{identity}/report")
def report(identity: str, name: str = "report.txt", who: str = Depends(sender)) -> dict[str, str]:
    """What the worker wrote about a batch."""
    path = os.path.join("/srv/import/reports", identity, name)
    with open(path, encoding="utf-8") as stream:
        return {"report": stream.read()}


@app.get("/documents")
def documents(claim: str, who: str = Depends(sender)) -> list[dict[str, str]]:
    """Documents of a claim, as far as the sender sent them."""
    return filing.of_claim(claim, who)


@app.post("/admin/requeue")
def requeue(identity: str) -> dict[str, bool]:
    """Put a batch into the queue again. Called by hand from the inside."""
    return {"queued": jobs.again(identity)}
