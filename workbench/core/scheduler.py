"""Runs a plan: each step as soon as its inputs have ended, side by side, each with attempts and a deadline."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from loguru import logger

from workbench.core import events as ev
from workbench.core.agents import project_manager
from workbench.core.agents.base import Agent, KeepNote, Search, StepContext
from workbench.core.run_state import RunState
from workbench.core.unbroken import unbroken
from workbench.core.values import WorkbenchError

Emit = Callable[[ev.EventBody], Awaitable[None]]
"""Writes an event to the journal and applies it to the run's state, before anyone else sees it."""

_ENDED = {ev.StepState.DONE, ev.StepState.FAILED, ev.StepState.SKIPPED}


class Scheduler:
    """Carries the plan in `state` to its end. Steps that the state already holds as done are not run again."""

    def __init__(
        self,
        state: RunState,
        agents: Mapping[str, Agent],
        emit: Emit,
        search: Search,
        keep_note: Callable[[str], KeepNote],
    ) -> None:
        self._state, self._agents, self._emit = state, agents, emit
        self._search, self._keep_note = search, keep_note

    async def run(self) -> None:
        """Run every step that can be run. Failed steps are events, not exceptions; cancelling cancels all steps."""
        running: dict[str, asyncio.Task[None]] = {}
        try:
            while True:
                await self._send_back()
                await self._skip_the_hopeless()
                for step in self._ready(running):
                    running[step.id] = asyncio.create_task(self._carry_out(step), name=f"step {step.id}")
                if not running:
                    return
                done, _ = await asyncio.wait(running.values(), return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
                running = {name: task for name, task in running.items() if task not in done}
        finally:
            for task in running.values():
                task.cancel()
            await unbroken(asyncio.gather(*running.values(), return_exceptions=True))

    async def _send_back(self) -> None:
        assert self._state.plan is not None
        revision = project_manager.revise(self._state.plan, self._state.outcomes)
        if revision is not None:
            plan, reason = revision
            await self._emit(ev.PlanMade(plan=plan, reason=reason))

    def _inputs_ended(self, step: ev.Step) -> bool:
        return all(self._state.steps[needed].state in _ENDED for needed in step.inputs)

    def _waiting(self) -> list[ev.Step]:
        return [record.step for record in self._state.steps.values() if record.state is ev.StepState.WAITING]

    async def _skip_the_hopeless(self) -> None:
        for step in self._waiting():
            finished = any(self._state.steps[needed].outcome for needed in step.inputs)
            if step.inputs and self._inputs_ended(step) and not finished:
                reason = f"Not run, since nothing it needs was finished ({', '.join(step.inputs)})"
                await self._emit(ev.StepSkipped(step=step.id, agent=step.agent, reason=reason))

    def _ready(self, running: Mapping[str, object]) -> list[ev.Step]:
        return [step for step in self._waiting() if step.id not in running and self._inputs_ended(step)]

    async def _carry_out(self, step: ev.Step) -> None:
        for attempt in range(1, step.attempts + 1):
            await self._emit(ev.StepStarted(step=step.id, agent=step.agent, attempt=attempt))
            try:
                async with asyncio.timeout(step.deadline_seconds):
                    outcome = await self._agents[step.agent].perform(self._context(step))
            except WorkbenchError as error:
                return await self._fail(step, str(error), final=True)
            except TimeoutError:
                return await self._fail(step, f"Not finished in {step.deadline_seconds:.0f} s, so it was stopped", True)
            except Exception as error:
                logger.opt(exception=error).error("Step {} of {} failed", step.id, step.agent)
                last = attempt == step.attempts
                again = "gave up" if last else "trying again"
                await self._fail(
                    step, f"Something unexpected went wrong ({type(error).__name__}: {error}); {again}", last
                )
            else:
                return await self._emit(ev.StepFinished(step=step.id, agent=step.agent, outcome=outcome))
        return None

    async def _fail(self, step: ev.Step, reason: str, final: bool) -> None:
        await self._emit(ev.StepFailed(step=step.id, agent=step.agent, reason=reason, final=final))

    def _context(self, step: ev.Step) -> StepContext:
        assert self._state.task is not None

        async def say(text: str) -> None:
            await self._emit(ev.StepSaid(step=step.id, agent=step.agent, text=text))

        inputs = {
            needed: outcome.model_copy(update={"proposal": None})
            for needed, outcome in self._state.outcomes.items()
            if needed in step.inputs
        }
        return StepContext(
            task=self._state.task,
            step=step,
            evidence=self._state.evidence,
            inputs=inputs,
            search=self._search,
            keep_note=self._keep_note(step.agent),
            say=say,
        )
