"""How long a run takes from `cancel()` to its visible final event, cancelled at moments spread over the whole run.

Budget: at most 1 s, whatever was running.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from workbench.core.engine import Engine
from workbench.core.events import RunCancelled
from workbench.core.tasks import load_task
from workbench.places import RESOURCES, Places

SAMPLE = RESOURCES / "samples" / "review-flask-view.json"
MOMENTS = 8


async def measure(home: Path, moments: int = MOMENTS) -> dict[str, float]:
    """The longest time from a cancel to its final event, in seconds, over `moments` runs of the sample."""
    engine = Engine(Places.under(home))
    await engine.start()
    try:
        await engine.ready()
        await _run(engine, None)  # the first run also starts the child process, so it is longer than those that count
        _, whole = await _run(engine, None)
        ends = [await _run(engine, whole * number / moments) for number in range(moments)]
    finally:
        await engine.close()
    waits = [seconds for cancelled, seconds in ends if cancelled]
    return {"longest_s": round(max(waits), 3), "run_s": round(whole, 3), "cancels": len(waits), "asked": moments}


async def _run(engine: Engine, cancel_after: float | None) -> tuple[bool, float]:
    """Whether it ended cancelled, and the seconds a whole run takes or those from the cancel to the final event.

    A run that was over before its cancel counts for nothing.
    """
    began = time.perf_counter()
    handle = await engine.runs.submit(load_task(SAMPLE))
    if cancel_after is not None:
        await asyncio.sleep(cancel_after)
        began = time.perf_counter()
        handle.cancel()
    async for event in handle:
        if event.is_final:
            return isinstance(event.body, RunCancelled), time.perf_counter() - began
    raise RuntimeError("the run ended without a final event")


def main(argv: Sequence[str] | None = None) -> None:
    """Print the figures, as JSON with --json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as home:
        figures = asyncio.run(measure(Path(home)))
    print(json.dumps(figures) if options.json else f"{figures['longest_s']} s at most from cancel to the final event")


if __name__ == "__main__":
    main()
