"""Places the steps of a plan on a grid: every step right of all its inputs, few crossings. Pure and Qt-free.

Layers by longest path and the barycentre order of Sugiyama, Tagawa, Toda (1981), with a free cell kept in each layer
that a long edge passes, which is enough for plans of tens of steps: https://doi.org/10.1109/TSMC.1981.4308636
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

SWEEPS = 4
"""Passes of the ordering; plans of our size no longer change after three."""

Cell = tuple[int, float]
"""Column (0 is leftmost) and row; rows of a column are 1 apart, and centred about 0."""

Edge = tuple[str, str]
"""From an input to the step that needs it."""


@dataclass(frozen=True)
class PlanLayout:
    """Where everything stands. No two steps or bends share a cell."""

    cells: dict[str, Cell] = field(default_factory=dict)
    bends: dict[Edge, tuple[Cell, ...]] = field(default_factory=dict)
    """For every edge, the cells it passes through between its ends; none for edges between neighbouring columns."""


def lay_out(inputs: Mapping[str, Sequence[str]]) -> PlanLayout:
    """The layout of steps given with their inputs (inputs that are no step are ignored).

    Raises ValueError when the steps wait for each other.
    """
    columns = _columns(inputs)
    chains = {
        (source, step): tuple(f"{source}\0{step}\0{column}" for column in range(columns[source] + 1, columns[step]))
        for step, needed in inputs.items()
        for source in needed
        if source in columns
    }
    layers: list[list[str]] = [[] for _ in range(max(columns.values(), default=-1) + 1)]
    for step, column in columns.items():
        layers[column].append(step)
    for (source, _), chain in chains.items():
        for column, point in enumerate(chain, start=columns[source] + 1):
            layers[column].append(point)
    _reduce_crossings(layers, [(source, *chain, step) for (source, step), chain in chains.items()])
    cells = {
        name: (column, row - (len(layer) - 1) / 2)
        for column, layer in enumerate(layers)
        for row, name in enumerate(layer)
    }
    return PlanLayout(
        cells={step: cells[step] for step in inputs},
        bends={edge: tuple(cells[point] for point in chain) for edge, chain in chains.items()},
    )


def _columns(inputs: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """The longest way from a step without inputs to each step."""
    columns: dict[str, int] = {}
    left = dict(inputs)
    while left:
        ready = [step for step, needed in left.items() if all(name in columns or name not in inputs for name in needed)]
        if not ready:
            raise ValueError(f"these steps wait for each other: {', '.join(left)}")
        for step in ready:
            columns[step] = 1 + max((columns[name] for name in left.pop(step) if name in columns), default=-1)
    return {step: columns[step] for step in inputs}


def _reduce_crossings(layers: list[list[str]], paths: Sequence[Sequence[str]]) -> None:
    """Order each layer by where its neighbours on the paths stand, forth and back a few times."""
    before: dict[str, list[str]] = {name: [] for layer in layers for name in layer}
    after: dict[str, list[str]] = {name: [] for name in before}
    for path in paths:
        for left, right in pairwise(path):
            before[right].append(left)
            after[left].append(right)
    for sweep in range(SWEEPS):
        height = {name: row - (len(layer) - 1) / 2 for layer in layers for row, name in enumerate(layer)}
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            _order(layer, before if sweep % 2 == 0 else after, height)


def _order(layer: list[str], neighbours: Mapping[str, Sequence[str]], height: dict[str, float]) -> None:
    def centre(name: str) -> float:
        near = [height[other] for other in neighbours[name]]
        return sum(near) / len(near) if near else height[name]

    layer.sort(key=centre)
    height.update({name: row - (len(layer) - 1) / 2 for row, name in enumerate(layer)})
