"""`workbench run`, `resume`, `runs` and `report`."""

import asyncio
import json
import signal
from pathlib import Path

from workbench.commands.console import errors, line
from workbench.commands.exit_codes import CANCELLED, RUN_FAILED
from workbench.commands.opened import opened
from workbench.core import events as ev
from workbench.core.engine import Engine, RunHandle, RunState
from workbench.core.tasks import Task
from workbench.core.values import WorkbenchError
from workbench.places import Places
from workbench.wording import counted, percent

RESUMABLE = ("interrupted", "cancelled", "failed")


async def run_task(places: Places, task: Task, out: Path | None, formats: tuple[str, ...]) -> int:
    """Run a task, print what the agents do, write the report, return the exit code."""
    async with opened(places) as engine:
        for run in await engine.runs.list():
            if run.state == "interrupted" and run.title == task.title:
                line(f"An earlier run of this task was interrupted; to go on with it: workbench resume {run.run_id}")
        handle = await engine.runs.submit(task)
        return await _follow(engine, handle, out, formats)


async def resume_run(places: Places, run_id: str, out: Path | None, formats: tuple[str, ...]) -> int:
    """Go on with a run (the latest resumable one when `run_id` is empty)."""
    async with opened(places) as engine:
        if not run_id:
            left = [run.run_id for run in await engine.runs.list() if run.state in RESUMABLE]
            if not left:
                raise WorkbenchError("Every run of this library is complete, so there is nothing to go on with")
            run_id = left[0]
        handle = await engine.runs.resume(run_id)
        return await _follow(engine, handle, out, formats)


async def list_runs(places: Places, as_json: bool) -> int:
    """Print the run history."""
    async with opened(places) as engine:
        runs = await engine.runs.list()
    if as_json:
        print(json.dumps([run.model_dump(mode="json") for run in runs], indent=2))
        return 0
    for run in runs:
        line(f"{run.run_id}  {run.kind:<8}  {run.state:<11}  {run.verdict or '-':<22}  {run.title}")
    if not runs:
        line("No run yet; start with: workbench run resources/samples/review-flask-view.json")
    return 0


async def report_run(places: Places, run_id: str, out: Path | None, formats: tuple[str, ...]) -> int:
    """Write the report of an earlier run."""
    async with opened(places) as engine:
        for path in await engine.runs.report(run_id, formats, out or default_folder(run_id)):
            line(str(path.resolve()))
    return 0


async def _follow(engine: Engine, handle: RunHandle, out: Path | None, formats: tuple[str, ...]) -> int:
    try:
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, handle.cancel)
    except NotImplementedError:  # the event loop of Windows has no signal handlers; Ctrl+C then ends the program
        errors.print("Ctrl+C ends the program; the run can be resumed")
    line(f"run {handle.run_id}")
    async for event in handle:
        for text in describe(event.body):
            line(text)
    state = await handle.finished()
    folder = out or default_folder(handle.run_id)
    for path in await engine.runs.report(handle.run_id, tuple(dict.fromkeys((*formats, "json"))), folder):
        line(str(path.resolve()))
    return exit_code(state)


def default_folder(run_id: str) -> Path:
    """Where a report goes when nobody says where: a folder of its own, so that no earlier report is written over."""
    return Path("report") / run_id


def exit_code(state: RunState) -> int:
    """0 for a decision, RUN_FAILED or CANCELLED otherwise."""
    match state.final:
        case ev.RunCompleted():
            return 0
        case ev.RunCancelled():
            return CANCELLED
        case _:
            return RUN_FAILED


def describe(body: ev.EventBody) -> list[str]:
    """Lines that tell a person of one event; none for events that need no line."""
    match body:
        case ev.StepSaid() | ev.StepFinished() | ev.StepFailed() | ev.StepSkipped():
            return [f"[{body.agent}] {_of_step(body)}"]
        case ev.DecisionMade(decision=decision):
            shares = ", ".join(f"{name} {percent(share)}" for name, share in decision.posterior.items())
            return [f"decision: {decision.told} ({decision.standing}) - {shares}", f"  {decision.reason}"]
        case ev.PlanMade(plan=plan, reason=reason):
            return [f"[project manager] {reason}", f"  steps: {', '.join(step.id for step in plan.steps)}"]
        case _:
            return _of_run(body)


def _of_step(body: ev.StepSaid | ev.StepFinished | ev.StepFailed | ev.StepSkipped) -> str:
    match body:
        case ev.StepSaid(text=text):
            return text
        case ev.StepFinished(step=step, outcome=outcome):
            return f"{step}: {outcome.summary}"
        case ev.StepFailed(step=step, reason=reason) | ev.StepSkipped(step=step, reason=reason):
            return f"{step}: {reason}"


def _of_run(body: ev.EventBody) -> list[str]:
    match body:
        case ev.SourceAnswered(status=status):
            detail = f" ({status.detail})" if status.detail else ""
            found = counted(status.found, "passage")
            return [f"[{status.source}] {status.state}: {found} in {status.seconds:.2f} s{detail}"]
        case ev.Notice(text=text):
            return [f"note: {text}"]
        case ev.NoteDropped(agent=agent, reason=reason) | ev.NoteWaiting(agent=agent, reason=reason):
            return [f"[{agent}] research note not stored: {reason}"]
        case ev.RunFailed(reason=reason):
            return [f"failed: {reason}"]
        case ev.RunCancelled():
            return ["cancelled; what was finished is kept"]
        case _:
            return []
