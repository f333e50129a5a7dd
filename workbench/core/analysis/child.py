"""The analysis child: reads one JSON request a line, answers with one JSON object a line, until its input ends.

Run as `python -m workbench.core.analysis.child` by `worker`, under a memory limit. It parses what it is given and
never runs it.
"""

import json
import sys
from collections.abc import Callable
from typing import Any

from workbench.core.analysis.analyse import analyse_unit
from workbench.core.analysis.repair import RepairRequest, repair_unit
from workbench.core.analysis.structure import read_structure
from workbench.core.child_process import limit_resources
from workbench.core.tasks import CodeUnit

MEMORY_BYTES = 2_000_000_000
"""Address space of the child. The largest unit that is parsed (1 MB) needs about 400 MB, libraries included."""

Handler = Callable[[Any], str]


def _analyse(payload: Any) -> str:
    return analyse_unit(CodeUnit.model_validate(payload)).model_dump_json()


def _repair(payload: Any) -> str:
    return repair_unit(RepairRequest.model_validate(payload)).model_dump_json()


def _structure(payload: Any) -> str:
    return read_structure(CodeUnit.model_validate(payload)).model_dump_json()


HANDLERS: dict[str, Handler] = {"analyse": _analyse, "repair": _repair, "structure": _structure}


def answer(line: str) -> str:
    """The answer to one request line, itself one line: `{"ok": ...}` or `{"error": "..."}`."""
    try:
        request = json.loads(line)
        return f'{{"ok": {HANDLERS[request["operation"]](request["payload"])}}}'
    except (RecursionError, MemoryError):
        return json.dumps({"error": "the code is nested too deeply or too large to be parsed"})
    except Exception as error:
        return json.dumps({"error": f"{type(error).__name__}: {error}"})


def main() -> None:
    """Serve until standard input ends. Whatever a library prints goes to standard error, not into the answers."""
    answers, sys.stdout = sys.stdout, sys.stderr
    limit_resources(MEMORY_BYTES)
    for line in sys.stdin:
        answers.write(answer(line) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
