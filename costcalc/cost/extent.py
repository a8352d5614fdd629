"""Count the rows of a report on every level, from the tree and without making them, and say how many can be printed.

Blocks that call blocks twice have 2^60 rows after sixty levels, in a file of a hundred lines. So whoever prints asks
here first, and rolls up what cannot be printed.
"""

from __future__ import annotations

from itertools import accumulate, zip_longest
from typing import TYPE_CHECKING, NamedTuple

from costcalc.cost.away import Away
from costcalc.cost.folding import runs
from costcalc.graph.model import FOLD, Block, Edge, Layer

if TYPE_CHECKING:
    from costcalc.cost.model import Report

MOST_ROWS = 1_000_000
"""So many rows, of layers and of blocks together, can be printed."""
FEWER_ROWS = 10_000
"""So many, where there are more than can be printed and nobody has said how deep to go."""

Level = tuple[int, int]
"""Rows of layers and rows of blocks."""


class Cut(NamedTuple):
    """The part that is printed of a report with too many rows: those down to a depth.

    Attributes:
        depth: the level whose blocks are rolled up.
        rows: how many there would be.
        deepest: the last level that can be printed.
    """

    depth: int
    rows: int
    deepest: int


class Extent:
    """The rows of a report on every level; `fold` is from how many on equal instances are one row."""

    def __init__(self, report: Report, fold: int = FOLD) -> None:
        self.fold = fold
        self.known: dict[tuple[Block, frozenset[str]], tuple[Level, ...]] = {}
        self.levels = self.of_block(report.graph.root, _NONE)

    def rows(self, depth: int | None = None) -> int:
        """All rows down to a depth, those of layers and those of blocks."""
        return sum(map(sum, self.levels[:depth]))

    def printed(self, depth: int | None = None) -> int:
        """The rows of a table of this depth: layers, and the blocks of the last level."""
        return printed(self.levels, depth)

    def deepest(self, most: int) -> int:
        """The depth down to which there are at most so many rows; 1 at least."""
        sums = accumulate(map(sum, self.levels))
        return max(1, sum(total <= most for total in sums))

    def cut(self, depth: int | None, most: int = MOST_ROWS, fewer: int = FEWER_ROWS) -> Cut | None:
        """The depth to roll a table up to; None where it need not be."""
        rows = self.rows(depth)
        if rows <= most:
            return None
        return Cut(self.deepest(fewer), rows, self.deepest(most))

    def of_block(self, block: Block, shared: frozenset[str]) -> tuple[Level, ...]:
        """The rows inside a block, level by level; `shared` are its weights that belong to others."""
        levels = self.known.get((block, shared))
        if levels is None:
            levels, away = (), Away(shared | block.tied if block.ties else shared)
            for edges in runs(block):
                if edges[0].start is None:
                    levels = _sum(levels, self.of_instance(edges[0], away.inside(edges[0])))
                else:
                    levels = _sum(levels, self.of_repeat(edges, away))
            self.known[block, shared] = levels
        return levels

    def of_repeat(self, edges: tuple[Edge, ...], away: Away) -> tuple[Level, ...]:
        """The row of a whole repeat, and those of its instances below it."""
        levels: tuple[Level, ...] = ()
        for edge in edges:
            for first, end in away.alike(edge):
                times = 1 if end - first > self.fold else end - first
                inner = self.of_instance(edge, away.inside(edge, first))
                levels = _sum(levels, tuple((layers * times, blocks * times) for layers, blocks in inner))
        return ((0, 1), *levels)

    def of_instance(self, edge: Edge, shared: frozenset[str]) -> tuple[Level, ...]:
        """The row of an instance, and those inside."""
        if isinstance(edge.child, Layer):
            return ((1, 0),)
        return ((0, 1), *self.of_block(edge.child, shared))


def printed(levels: tuple[Level, ...], depth: int | None) -> int:
    """The rows that a table prints of these levels: layers, and the blocks of the last one."""
    layers = sum(layers for layers, _ in levels[:depth])
    return layers if depth is None or depth > len(levels) else layers + levels[depth - 1][1]


def _sum(one: tuple[Level, ...], other: tuple[Level, ...]) -> tuple[Level, ...]:
    return tuple((a + c, b + d) for (a, b), (c, d) in zip_longest(one, other, fillvalue=(0, 0)))


_NONE: frozenset[str] = frozenset()
