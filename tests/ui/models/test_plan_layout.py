"""A drawn plan can be read: steps stand right of what they need, and never on each other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.core.agents import project_manager
from workbench.core.tasks import Task, TaskKind
from workbench.ui.models.plan_layout import place


@st.composite
def plans(draw: st.DrawFn) -> dict[str, tuple[str, ...]]:
    count = draw(st.integers(0, 14))
    return {
        str(step): tuple(map(str, draw(st.sets(st.integers(0, step - 1), max_size=4)))) if step else ()
        for step in range(count)
    }


@given(plans(), st.randoms(use_true_random=False))
def test_every_step_stands_right_of_its_inputs_and_alone(plan: dict[str, tuple[str, ...]], random: object) -> None:
    names = list(plan)
    random.shuffle(names)  # type: ignore[attr-defined]
    cells = place({name: plan[name] for name in names})
    assert set(cells) == set(plan)
    assert len(set(cells.values())) == len(plan)
    for name, needed in plan.items():
        assert all(cells[source][0] < cells[name][0] for source in needed)


def test_a_chain_is_drawn_without_gaps_and_centred() -> None:
    assert place({"c": ("b",), "b": ("a",), "a": ()}) == {"a": (0, 0), "b": (1, 0), "c": (2, 0)}


def test_two_chains_do_not_cross() -> None:
    cells = place({"a1": (), "b1": (), "b2": ("b1",), "a2": ("a1",)})
    assert (cells["a1"][1] < cells["b1"][1]) == (cells["a2"][1] < cells["b2"][1])


def test_steps_that_wait_for_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match="wait for each other: a, b"):
        place({"a": ("b",), "b": ("a",)})


@pytest.mark.parametrize("kind", list(TaskKind))
def test_the_plans_of_the_project_manager_can_be_drawn(kind: TaskKind) -> None:
    plan, _ = project_manager.plan(Task(kind=kind, title="t", description="d", code="x = 1"), ())
    cells = place({step.id: step.inputs for step in plan.steps})
    assert max(column for column, _ in cells.values()) >= 1
