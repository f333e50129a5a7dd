"""The code agent: drafts from recipes, repairs by known fixes, reads code and changes, finds what prevents a threat.

It works without a language model and says so: what no recipe or known fix answers is left to a human, not made up.
"""

from workbench.core.agents.base import StepContext
from workbench.core.agents.code_basis import NAME
from workbench.core.agents.code_change import read_change
from workbench.core.agents.code_draft import draft, repair_draft
from workbench.core.agents.code_mitigate import mitigate
from workbench.core.agents.code_reading import read
from workbench.core.agents.code_repair import repair
from workbench.core.analysis.worker import AnalysisWorker
from workbench.core.plan import StepOutcome
from workbench.core.values import WorkbenchError


class CodeAgent:
    """Carries out `draft`, `repair_draft`, `read`, `repair`, `change` and `mitigate`.

    Whoever made the worker closes it.
    """

    name = NAME

    def __init__(self, worker: AnalysisWorker) -> None:
        self._worker = worker
        self._actions = {
            "draft": draft,
            "repair_draft": repair_draft,
            "read": read,
            "repair": repair,
            "change": read_change,
            "mitigate": mitigate,
        }

    async def perform(self, context: StepContext) -> StepOutcome:
        """Carry out the step; raises WorkbenchError for an action it does not know."""
        action = self._actions.get(context.step.action)
        if action is None:
            raise WorkbenchError(
                f"The code agent knows no step {context.step.action!r}; the plan is from another version, so start anew"
            )
        return await action(context, self._worker)
