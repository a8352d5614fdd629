"""A fingerprint of a block's inside, the same for equal insides: to see a change that no number shows.

Two networks that are rolled up are compared block by block. That a relu became a gelu changes no count, so the numbers
of the blocks would say that they are the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from costcalc.cost.metrics import Cost
from costcalc.cost.model import Row
from costcalc.graph.model import Block, Edge, Layer
from costcalc.versions.piece import text_of


class Contents:
    """The insides of the objects of one report; each is looked at once."""

    def __init__(self, costs: Mapping[Layer | Block, Cost]) -> None:
        self.costs = costs
        self.insides: dict[Layer | Block, str] = {}
        self.outlines: dict[Layer | Block, str] = {}

    def of_row(self, row: Row) -> str:
        """The content of a row beside its own numbers and arguments; empty for a layer."""
        if isinstance(row.child, Layer) and len(row.work) == 1:
            return ""
        return _digest(*(self.inside(child) for child, _ in row.work))

    def inside(self, child: Layer | Block) -> str:
        """The key that makes layers equal: their names in the block, ops, arguments and numbers."""
        known = self.insides.get(child)
        if known is None:
            if isinstance(child, Layer):
                arguments = [(name, text_of(value)) for name, value in child.arguments.items()]
                known = _digest(child.op.name, arguments, self.costs[child])
            else:
                known = _digest(
                    sorted(child.ties.items()), *((*_place(edge), self.inside(edge.child)) for edge in child.edges)
                )
            self.insides[child] = known
        return known

    def outline(self, child: Layer | Block) -> str:
        """The key of a graph's rows, their paths and ops: rows of equal keys can be compared one by one."""
        known = self.outlines.get(child)
        if known is None:
            if isinstance(child, Layer):
                known = child.op.name
            else:
                edges = child.edges
                known = _digest(
                    sorted(child.ties.items()),
                    *((*_place(edge), _block(edge), self.outline(edge.child)) for edge in edges),
                )
            self.outlines[child] = known
        return known


def _place(edge: Edge) -> tuple[Any, ...]:
    return edge.name, edge.start, edge.count, edge.stored, edge.run, edge.owner, sorted(edge.shared.items())


def _block(edge: Edge) -> str:
    return edge.child.name if isinstance(edge.child, Block) else ""


def _digest(*parts: object) -> str:
    return blake2b(repr(parts).encode(), digest_size=20).hexdigest()
