"""Which instances of a repeat are one row: many equal ones that share the same weights, or none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby

from costcalc.graph.model import Block, Edge


def runs(block: Block) -> Iterator[tuple[Edge, ...]]:
    """The edges of a block, those of one `repeat` together."""
    for (_, repeats), group in groupby(block.edges, key=lambda edge: (edge.name, edge.start is not None)):
        edges = tuple(group)
        yield edges if repeats else edges[:1]


def instances(edge: Edge, fold: int, shared: Mapping[str, frozenset[str]]) -> Iterator[tuple[str, int]]:
    """The names of the instances, each with 1; or the first with their count, where they are one row."""
    if is_folded(edge, fold, shared):
        yield edge.instance(0), edge.count
    else:
        yield from ((name, 1) for name in edge.instances())


def is_folded(edge: Edge, fold: int, shared: Mapping[str, frozenset[str]]) -> bool:
    """True if the instances of an edge are one row: they are many, and share the same weights."""
    if edge.count <= fold:
        return False
    if edge.count > len(shared):  # so one of them shares none
        return not any(edge.has(name) for name in shared)
    return len({shared.get(name) for name in edge.instances()}) == 1


def folded(edge: Edge) -> str:
    """The name of many instances in one row: `stage[1..99]`."""
    start = edge.start or 0
    return f"{edge.name}[{start}..{start + edge.count - 1}]"
