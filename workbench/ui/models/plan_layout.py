"""Places the steps of a plan on a grid: every step right of all its inputs, few crossings. Pure and Qt-free.

Layers by longest path and the barycentre order of Sugiyama, Tagawa, Toda (1981), which is enough for plans of tens of
steps: https://doi.org/10.1109/TSMC.1981.4308636
"""

from collections.abc import Mapping, Sequence

SWEEPS = 4
"""Passes of the ordering; plans of our size no longer change after three."""

Cell = tuple[int, float]
"""Column (0 is leftmost) and row; rows of a column are 1 apart, and centred about 0."""


def place(inputs: Mapping[str, Sequence[str]]) -> dict[str, Cell]:
    """Cells by step, for steps given with their inputs (inputs that are no step are ignored).

    Raises ValueError when the steps wait for each other.
    """
    columns = _columns(inputs)
    layers: list[list[str]] = [[] for _ in range(max(columns.values(), default=-1) + 1)]
    for step, column in columns.items():
        layers[column].append(step)
    _reduce_crossings(layers, inputs)
    return {
        step: (column, row - (len(layer) - 1) / 2)
        for column, layer in enumerate(layers)
        for row, step in enumerate(layer)
    }


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


def _reduce_crossings(layers: list[list[str]], inputs: Mapping[str, Sequence[str]]) -> None:
    """Order each layer by where its neighbours stand, forth and back a few times."""
    needed_by: dict[str, list[str]] = {step: [] for step in inputs}
    for step, needed in inputs.items():
        for name in needed:
            if name in needed_by:
                needed_by[name].append(step)
    for sweep in range(SWEEPS):
        forth = sweep % 2 == 0
        neighbours: Mapping[str, Sequence[str]] = inputs if forth else needed_by
        height = {step: row - (len(layer) - 1) / 2 for layer in layers for row, step in enumerate(layer)}
        for layer in layers if forth else reversed(layers):
            _order(layer, neighbours, height)


def _order(layer: list[str], neighbours: Mapping[str, Sequence[str]], height: dict[str, float]) -> None:
    def centre(step: str) -> float:
        near = [height[name] for name in neighbours[step] if name in height]
        return sum(near) / len(near) if near else height[step]

    layer.sort(key=centre)
    height.update({step: row - (len(layer) - 1) / 2 for row, step in enumerate(layer)})
