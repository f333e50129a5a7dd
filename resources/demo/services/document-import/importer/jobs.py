"""The queue of batches in Redis, and the loop of a worker."""

import json
import logging
import os
import pickle
import signal
import time
from pathlib import Path

import redis

from importer import archive, filing, manifest

log = logging.getLogger(__name__)

QUEUE = "import:waiting"
STATES = "import:states"
REDIS_PASSWORD = "imp0rt-queue-2021"
WORK = Path("/srv/import/work")
_stop = False


def queue():
    return redis.Redis(
        host=os.environ.get("REDIS_HOST", "redis-01.corp.larkmere.example"), password=REDIS_PASSWORD, decode_responses=True
    )


def put(identity, job):
    line = queue()
    line.hset(STATES, identity, json.dumps({**job, "state": "waiting"}))
    line.lpush(QUEUE, identity)


def state(identity):
    found = queue().hget(STATES, identity)
    return json.loads(found) if found else None


def again(identity):
    if state(identity) is None:
        return False
    queue().lpush(QUEUE, identity)
    return True


def _mark(line, identity, job, **changed):
    line.hset(STATES, identity, json.dumps({**job, **changed}))


def checkpoint(identity):
    """Where a worker was when it was stopped, so that a large batch need not begin anew."""
    path = WORK / identity / "checkpoint"
    if not path.exists():
        return {"done": []}
    return pickle.loads(path.read_bytes())


def work():
    """Take batches until told to stop; one that fails three times is put aside."""
    signal.signal(signal.SIGTERM, _stop_soon)
    line = queue()
    while not _stop:
        taken = line.brpop(QUEUE, timeout=5)
        if taken is None:
            continue
        identity = taken[1]
        job = state(identity)
        if job is None:
            continue
        try:
            count = handle(identity, job)
        except Exception as error:
            tries = int(job.get("tries", 0)) + 1
            log.exception("batch %s failed the %d. time", identity, tries)
            _mark(line, identity, job, state="failed", tries=tries, reason=type(error).__name__)
            if tries < 3:
                time.sleep(2**tries)
                line.lpush(QUEUE, identity)
            continue
        _mark(line, identity, job, state="done", documents=count)


def handle(identity, job):
    """Unpack a batch, read its manifest, file its documents; returns how many there were."""
    folder = WORK / identity
    folder.mkdir(parents=True, exist_ok=True)
    archive.unpack(Path(job["path"]), folder)
    entries = manifest.read(folder / "manifest.xml")
    done = set(checkpoint(identity)["done"])
    for entry in entries:
        if entry["file"] not in done:
            filing.store(folder / entry["file"], entry, job["sender"])
    return len(entries)


def _stop_soon(_number, _frame):
    global _stop
    _stop = True
