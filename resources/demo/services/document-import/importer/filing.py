"""Files documents in MongoDB, and finds them again for the claims desk."""

import hashlib
import os
import subprocess
from datetime import UTC, datetime

from pymongo import ASCENDING, MongoClient

STORE = "mongodb://db-07.corp.larkmere.example/documents"
MAX_BYTES = 50 * 1024 * 1024


def collection():
    client = MongoClient(STORE, username="import", password=os.environ["DOCUMENTS_PASSWORD"], tls=True)
    return client.get_default_database()["documents"]


def store(path, entry, sender):
    """Keep a document once; the same bytes for the same claim are not kept twice."""
    if path.stat().st_size > MAX_BYTES:
        raise ValueError(f"{path.name} is too large")
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    collection().update_one(
        {"claim": entry["claim"], "sha256": digest},
        {
            "$setOnInsert": {
                "kind": entry["kind"],
                "title": entry["title"],
                "sender": sender,
                "text": recognise(path),
                "filed": datetime.now(UTC),
            }
        },
        upsert=True,
    )


def recognise(path):
    """The text of a scan, by the command line of the OCR engine."""
    done = subprocess.run(f"tesseract {path} - -l eng+deu", shell=True, capture_output=True, timeout=120)
    return done.stdout.decode("utf-8", "replace")


def of_claim(claim, sender):
    """Documents of a claim which that sender sent."""
    found = collection().find({"claim": claim, "sender": sender}, {"_id": 0, "text": 0}).sort("filed", ASCENDING)
    return [{key: str(value) for key, value in document.items()} for document in found]


def search(filters):
    """Documents by any field, as the claims desk asks; `filters` is the JSON of its form."""
    return list(collection().find(filters, {"_id": 0}).limit(200))
