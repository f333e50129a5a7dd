"""A drawn plan can be read: steps stand right of what they need, and never on each other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.core.agents import project_manager
from workbench.core.tasks import Task, TaskKind
from workbench.ui.models.plan_layout import lay_out


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
    layout = lay_out({name: plan[name] for name in names})
    cells = layout.cells
    assert set(cells) == set(plan)
    taken = [*cells.values(), *(cell for bends in layout.bends.values() for cell in bends)]
    assert len(set(taken)) == len(taken)
    for name, needed in plan.items():
        assert all(cells[source][0] < cells[name][0] for source in needed)


def test_a_long_edge_has_a_lane_of_its_own_beside_the_steps_it_passes() -> None:
    layout = lay_out({"a": (), "b": ("a",), "c": ("b", "a")})
    assert layout.bends["a", "b"] == ()
    [(column, row)] = layout.bends["a", "c"]
    assert column == layout.cells["b"][0]
    assert row != layout.cells["b"][1]


def test_a_chain_is_drawn_without_gaps_and_centred() -> None:
    assert lay_out({"c": ("b",), "b": ("a",), "a": ()}).cells == {"a": (0, 0), "b": (1, 0), "c": (2, 0)}


def test_two_chains_do_not_cross() -> None:
    cells = lay_out({"a1": (), "b1": (), "b2": ("b1",), "a2": ("a1",)}).cells
    assert (cells["a1"][1] < cells["b1"][1]) == (cells["a2"][1] < cells["b2"][1])


def test_steps_that_wait_for_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match="wait for each other: a, b"):
        lay_out({"a": ("b",), "b": ("a",)})


@pytest.mark.parametrize("kind", list(TaskKind))
def test_the_plans_of_the_project_manager_can_be_drawn(kind: TaskKind) -> None:
    plan, _ = project_manager.plan(Task(kind=kind, title="t", description="d", code="x = 1"), ())
    cells = lay_out({step.id: step.inputs for step in plan.steps}).cells
    assert max(column for column, _ in cells.values()) >= 1
