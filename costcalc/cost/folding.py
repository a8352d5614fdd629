"""The edges of a block as the rows have them: those of a repeat are one row with rows inside."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from costcalc.graph.model import Block, Edge


def runs(block: Block) -> Iterator[tuple[Edge, ...]]:
    """The edges of a block, those of one `repeat` together."""
    for (_, repeats), group in groupby(block.edges, key=lambda edge: (edge.name, edge.start is not None)):
        edges = tuple(group)
        yield edges if repeats else edges[:1]
