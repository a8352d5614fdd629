"""The weights inside a block that are another's, and which instances of a repeat are one row: many equal neighbours."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from costcalc.graph.model import COPIES, Edge
from costcalc.graph.weights import by_entry


class Away:
    """The weights inside a block that are stored there and belong to others, given by their paths."""

    __slots__ = ("entries", "indices")

    def __init__(self, paths: frozenset[str]) -> None:
        self.entries = by_entry(paths) if paths else {}
        self.indices: dict[str, list[int]] = {}  # name of a repeat -> its instances that are among the entries
        for entry in self.entries:
            name, bracket, index = entry.partition("[")
            if bracket and index != COPIES[1:]:
                self.indices.setdefault(name, []).append(int(index[:-1]))
        for numbers in self.indices.values():
            numbers.sort()

    def of(self, edge: Edge, offset: int = 0) -> frozenset[str]:
        """Those inside one instance of an edge, counted from the first that the edge stands for."""
        return self.entries.get(edge.entry(offset), _NONE) if self.entries else _NONE

    def inside(self, edge: Edge, offset: int = 0) -> frozenset[str]:
        """The same with those that the edge itself says are another's."""
        own = self.of(edge, offset)
        return own.union(edge.shared) if edge.shared else own

    def rows(self, edge: Edge, fold: int) -> Iterator[tuple[int, int]]:
        """The first instance and the count of every row of an edge: more neighbours than `fold` are one row."""
        for first, end in self.alike(edge):
            if end - first > fold:
                yield first, end - first
            else:
                yield from ((offset, 1) for offset in range(first, end))

    def last_row(self, edge: Edge, fold: int) -> tuple[int, int]:
        """The last of the rows."""
        first, end = self.alike(edge)[-1]
        return (first, end - first) if end - first > fold else (end - 1, 1)

    def alike(self, edge: Edge) -> list[tuple[int, int]]:
        """The runs of instances of which the same weights are another's: first, and one after the last."""
        start = edge.start or 0
        indices = self.indices.get(edge.name, ()) if edge.start is not None else ()
        among = indices[bisect_left(indices, start) : bisect_left(indices, start + edge.count)]
        runs: list[tuple[int, int]] = []
        at = 0
        for offset in [*(index - start for index in among), edge.count]:
            if offset > at:
                runs.append((at, offset))
            if offset < edge.count:
                same = runs and self.of(edge, runs[-1][0]) == self.of(edge, offset)
                runs.append((runs.pop()[0] if same else offset, offset + 1))
            at = offset + 1
        return runs


def row_name(edge: Edge, first: int, count: int) -> str:
    """The name of some instances as a row: `stage[0]`, `stage[1..99]`."""
    start = (edge.start or 0) + first
    return edge.instance(first) if count == 1 else f"{edge.name}[{start}..{start + count - 1}]"


_NONE: frozenset[str] = frozenset()
