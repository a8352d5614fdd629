"""Inputs that hold whole numbers: tokens and the like, which only pick rows of a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from costcalc.graph.model import Block, Layer
from costcalc.ops.op import Shape

INDEX_DTYPE = "int64"
"""The types that PyTorch takes as indices."""


class Use(NamedTuple):
    """The use of one input of a layer or block, views of it included.

    Attributes:
        rows: rows of the smallest table that it picks from; None where it picks from none.
        read: True if something reads its numbers as they are.
        passed: True if the output is the input or a view of it.
    """

    rows: int | None = None
    read: bool = False
    passed: bool = False

    def beside(self, other: Use) -> Use:
        """Both uses of one tensor."""
        rows = [use.rows for use in (self, other) if use.rows is not None]
        return Use(min(rows, default=None), self.read or other.read, self.passed or other.passed)


def uses_of_inputs(root: Block, inputs: Mapping[str, Shape]) -> dict[str, Use]:
    """Input name -> what the network does with it."""
    return dict(zip(inputs, _uses(root, {}), strict=True))


def input_dtypes(root: Block, inputs: Mapping[str, Shape], written: Mapping[str, str], dtype: str) -> dict[str, str]:
    """Input name -> its number format: the one written, whole numbers if it only picks rows, else the network's."""
    uses = uses_of_inputs(root, inputs)
    return {
        name: written.get(name) or (INDEX_DTYPE if use.rows is not None and not use.read else dtype)
        for name, use in uses.items()
    }


def _uses(block: Block, known: dict[int, list[Use]]) -> list[Use]:
    """The use of each input of a block; every block is looked at once, for all its inputs together."""
    if id(block) in known:
        return known[id(block)]
    found = [Use()] * len(block.inputs)
    same: list[int | None] = []  # which input every edge hands on, if any
    for edge in block.edges:
        taken = [
            None if reference is None else -1 - reference if reference < 0 else same[reference]
            for reference in edge.inputs
        ]
        child = edge.child
        if isinstance(child, Layer):
            uses = [Use() if source is None else _use_of_layer(child, place) for place, source in enumerate(taken)]
        else:
            uses = _uses(child, known)
        handed = next((source for source, use in zip(taken, uses, strict=False) if use.passed), None)
        if edge.count > 1 and handed is not None and taken[0] != handed:
            taken, uses = [*taken, handed], [*uses[: len(taken)], uses[0]]  # what the next instance takes
        for source, use in zip(taken, uses, strict=False):
            if source is not None:
                found[source] = found[source].beside(use._replace(passed=False))
        same.append(handed)
    result = -1 - block.result if block.result < 0 else same[block.result]
    if result is not None:
        found[result] = found[result]._replace(passed=True)
    known[id(block)] = found
    return found


def _use_of_layer(layer: Layer, position: int) -> Use:
    op = layer.op
    name = op.inputs[position].rstrip("?") if op.inputs != ("*",) else ""
    if name in op.indices:
        return Use(rows=layer.arguments[op.indices[name]])
    if op.view and position == 0:
        return Use(passed=True)
    return Use(read=True)
