"""Inputs that hold whole numbers: tokens and the like, which only pick rows of a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from costcalc.graph.model import Block, Layer
from costcalc.ops.op import Shape

INDEX_DTYPE = "int64"
"""What PyTorch takes as indices."""


class Use(NamedTuple):
    """What becomes of one input of a layer or block, views of it included.

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
    known: dict[tuple[int, int], Use] = {}
    return {name: _use(root, position, known) for position, name in enumerate(inputs)}


def input_dtypes(root: Block, inputs: Mapping[str, Shape], written: Mapping[str, str], dtype: str) -> dict[str, str]:
    """Input name -> its number format: the one written, whole numbers if it only picks rows, else the network's."""
    uses = uses_of_inputs(root, inputs)
    return {
        name: written.get(name) or (INDEX_DTYPE if use.rows is not None and not use.read else dtype)
        for name, use in uses.items()
    }


def _use(child: Layer | Block, position: int, known: dict[tuple[int, int], Use]) -> Use:
    """What becomes of input `position` of a layer or block; blocks are looked at once for each of their inputs."""
    if isinstance(child, Layer):
        return _use_of_layer(child, position)
    key = (id(child), position)
    if key not in known:
        same = {-1 - position}
        found = Use()
        for at, edge in enumerate(child.edges):
            places = {place for place, reference in enumerate(edge.inputs) if reference in same}
            uses = [_use(edge.child, place, known) for place in places]
            if edge.count > 1 and 0 not in places and any(use.passed for use in uses):
                uses.append(_use(edge.child, 0, known))  # the next instance takes what this one hands on
            for use in uses:
                found = found.beside(use._replace(passed=False))
                if use.passed:
                    same.add(at)
        known[key] = found._replace(passed=child.result in same)
    return known[key]


def _use_of_layer(layer: Layer, position: int) -> Use:
    op = layer.op
    name = op.inputs[position].rstrip("?") if op.inputs != ("*",) else ""
    if name in op.indices:
        return Use(rows=layer.arguments[op.indices[name]])
    if op.view and position == 0:
        return Use(passed=True)
    return Use(read=True)
