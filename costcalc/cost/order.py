"""Rows in another order than they stand in, one after another: the costliest first, or by path.

Nothing is sorted that nobody asks for. Of 2^60 layers the five costliest are found by going into the blocks that hold
them: what the costliest row inside a block costs is known of every object, so the next row is always in the block that
promises most.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from heapq import heappop, heappush
from typing import Any

from costcalc.cost.estimate import edge_cost
from costcalc.cost.extent import printed
from costcalc.cost.folding import runs
from costcalc.cost.metrics import Cost
from costcalc.cost.model import Report, Row
from costcalc.cost.places import Place, Repeat, Tour
from costcalc.cost.walk import is_printed, walk
from costcalc.graph.model import Block, Edge


def ordered(report: Report, sort: str, depth: int | None = None) -> Iterator[Row]:
    """The rows of a table of this depth: by `position`, by `path`, or by a number of their costs, the largest first.

    Rows that cost the same stand in stored order.
    """
    tour = Tour(report, depth=depth)
    places: Iterator[Place]
    if sort == "position":
        places = (place for place in walk(tour) if is_printed(place, depth))
    elif sort == "path":
        places = _by_path(tour)
    else:
        places = _by_size(tour, sort)
    return (place.row(report) for place in places)


def _by_path(tour: Tour) -> Iterator[Place]:
    """By going into the tree in the order of names, each with the character that follows it in the paths inside.

    The op of a named join is called by the join's own name, so it stands before what may come between.
    """
    open_ = [iter(_named(tour, tour.start()))]
    while open_:
        for _, place, inner in open_[-1]:
            if inner is None:
                yield place
            else:
                open_.append(iter(_named(tour, inner)))
                break
        else:
            open_.pop()


def _named(tour: Tour, places: Iterator[Place]) -> list[tuple[str, Place, Iterator[Place] | None]]:
    found: list[tuple[str, Place, Iterator[Place] | None]] = []
    for place in places:
        if is_printed(place, tour.depth):
            found.append((place.name, place, None))
            continue
        inner = list(place.inside(tour))
        found += [(place.name, own, None) for own in inner if not own.name]
        mark = "[" if isinstance(place, Repeat) else "."
        found.append((f"{place.name}{mark}", place, (other for other in inner if other.name)))
    return sorted(found, key=lambda item: item[0])


def _by_size(tour: Tour, metric: str) -> Iterator[Place]:
    sizes = _Sizes(tour, metric)
    heap: list[tuple[Any, ...]] = []  # size, position, and the place: flat, as there may be a million of them
    sames: dict[int, int] = {}  # each size once, as there are few

    def add(places: Iterator[Place], position: int) -> None:
        for place in places:
            count = sizes.count(place)
            if count:
                size = -sizes.most(place)
                heappush(heap, (sames.setdefault(size, size), position, place.__class__, *place))
            position += count

    add(tour.start(), 0)
    while heap:
        _, position, kind, *parts = heappop(heap)
        place = kind(*parts)
        if is_printed(place, tour.depth):
            yield place
        else:
            add(place.inside(tour), position)


class _Sizes:
    """An upper bound of the costliest row at a place, and the number of rows."""

    def __init__(self, tour: Tour, metric: str) -> None:
        self.report = tour.report
        self.depth = tour.depth
        self.fold = tour.fold
        self.metric = metric
        self.known: dict[tuple[Block, int], int] = {}

    def count(self, place: Place) -> int:
        """The rows printed of a place."""
        if is_printed(place, self.depth):
            return 1
        extent, depth = self.report.extent, None if self.depth is None else self.depth - place.at
        if isinstance(place, Repeat):
            return printed(extent.of_repeat(place.edges, place.made.away)[1:], depth)
        assert isinstance(place.edge.child, Block)
        return printed(extent.of_block(place.edge.child, place.below.shared), depth)

    def most(self, place: Place) -> int:
        """The number of the row; no row inside a block has a larger one."""
        if is_printed(place, self.depth):
            return self.number(place.cost(self.report))
        if isinstance(place, Repeat):
            above, one = place.above, max(self.of_edge(edge, place.at + 1) for edge in place.edges)
            return one * self.factor(above.stored, above.run)
        below = place.below
        assert isinstance(place.edge.child, Block)
        return self.inside(place.edge.child, place.at + 1) * self.factor(below.stored, below.run)

    def inside(self, block: Block, at: int) -> int:
        """The largest number of a row inside one instance of a block, as if all weights were its own."""
        key = block, 0 if self.depth is None else at
        known = self.known.get(key)
        if known is None:
            known = self.known[key] = max(map(partial(self.of_run, at=at), runs(block)), default=0)
        return known

    def of_run(self, edges: tuple[Edge, ...], at: int) -> int:
        if edges[0].start is None:
            return self.of_edge(edges[0], at)
        if self.is_last(at):
            return self.number(sum((edge_cost(edge, self.report.costs[edge.child]) for edge in edges), Cost()))
        return max(self.of_edge(edge, at + 1) for edge in edges)

    def of_edge(self, edge: Edge, at: int) -> int:
        """The largest number of a row of an edge, or inside it: one instance is a row, or all where they are many."""
        if isinstance(edge.child, Block) and not self.is_last(at):
            number = self.inside(edge.child, at + 1)
        else:
            number = self.number(self.report.costs[edge.child])
        parts = 1 if edge.count > self.fold else edge.count
        return number * self.factor(edge.stored // parts, edge.run // parts)

    def is_last(self, at: int) -> bool:
        return self.depth is not None and at >= self.depth

    def factor(self, stored: int, run: int) -> int:
        """The most that a number is multiplied by: as often as weights are stored, or as often as work is done."""
        return self.number(Cost(**{self.metric: 1}).times(stored=stored, run=run, active=stored))

    def number(self, cost: Cost) -> int:
        number: int = getattr(cost, self.metric)
        return number
