"""The rows of a report, made by walking the tree: paths, roll-up by depth, equal neighbours folded."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, islice
from typing import NamedTuple

from costcalc.cost.estimate import edge_cost, own_cost
from costcalc.cost.model import Cost, Report, Row, Source
from costcalc.errors import CostcalcError, UnknownChoice
from costcalc.graph.model import Block, Edge, Layer, by_entry, join_path
from costcalc.text.suggest import did_you_mean

FOLD = 64
"""Runs of more equal instances than this are one row."""
MOST_ROWS = 1_000_000
MOST_SUGGESTED = 10_000


class _Above(NamedTuple):
    """Sums of the edges above a place: path, how often it is stored, active and run, weights shared away, blocks."""

    path: str = ""
    parent: str = ""
    instances: int = 1
    stored: int = 1
    active: int = 1
    run: int = 1
    shared: frozenset[str] = frozenset()
    within: tuple[str, ...] = ()
    sources: tuple[Source | None, ...] = ()


class _Tour(NamedTuple):
    """A walk through the tree: where it turns back, and from how many on equal instances are one row."""

    report: Report
    fold: int = FOLD
    depth: int | None = None
    towards: tuple[str, ...] | None = None

    def enters(self, path: str, at: int) -> bool:
        """Whether the walk goes into what stands at `path`, on level `at`."""
        if self.towards is not None:
            return _leads(path, self.towards)
        return self.opens(at)

    def opens(self, at: int) -> bool:
        """True if what stands on level `at` has rows of its own inside."""
        return self.depth is None or at < self.depth


def output_sources(report: Report, depth: int | None) -> dict[str, str]:
    """See `Report.output_sources`."""
    tour, names = _Tour(report, FOLD, depth), list(report.graph.inputs)
    return {
        name: names[-1 - reference] if reference < 0 else _maker(tour, report.graph.root.edges[reference], "", {}, 1)
        for name, (reference, _) in report.graph.outputs.items()
    }


def rows(report: Report, depth: int | None, fold: int | None) -> Iterator[Row]:
    """See `Report.rows`."""
    for row, rolled in _walk(_Tour(report, FOLD if fold is None else fold, depth)):
        if not rolled or _is_limit(row, depth):
            yield row


def blocks(report: Report, depth: int | None) -> Iterator[Row]:
    """See `Report.blocks`."""
    return (row for row, rolled in _walk(_Tour(report, depth=depth)) if rolled)


def find(report: Report, path: str) -> Row:
    """The row at `path`; an index inside a folded run finds the run.

    Raises:
        UnknownChoice: there is no such layer or block.
    """
    names = _names(path)
    for row, _ in _tour(_Tour(report, towards=names)):
        if len(_names(row.path)) == len(names) and _leads(row.path, names):
            return row
    seen = [row.path for row, _ in islice(_tour(_Tour(report)), MOST_SUGGESTED)]
    hint = did_you_mean(path, seen) or f"'costcalc show {report.graph.address}' lists the layers"
    raise UnknownChoice(f"{report.name} has no layer or block '{path}': {hint}")


def parts(report: Report, path: str) -> Iterator[Row]:
    """What stands directly inside the block at `path`: together it costs what the block costs."""
    return (row for row, _ in _tour(_Tour(report, towards=_names(path))) if row.parent == path)


_NAME = re.compile(r"\[[^\]]*\]|[^.\[]+")
_RANGE = re.compile(r"\[(\d+)\.\.(\d+)\]")


def _names(path: str) -> tuple[str, ...]:
    """`stage1[0].conv` -> `stage1`, `[0]`, `conv`."""
    return tuple(_NAME.findall(path))


def _leads(path: str, names: tuple[str, ...]) -> bool:
    """Whether `path` is the place of these names, or one above it; `stage[1..9]` stands for `stage[4]`."""
    own = _names(path)
    return len(own) <= len(names) and all(map(_stands_for, own, names))


def _stands_for(shown: str, name: str) -> bool:
    folded = None if shown == name else _RANGE.fullmatch(shown)
    if folded is None:
        return shown == name
    index = name[1:-1]
    return index.isdecimal() and int(folded.group(1)) <= int(index) <= int(folded.group(2))


def _is_limit(row: Row, depth: int | None) -> bool:
    return depth is not None and level(row.path) >= depth


def level(path: str) -> int:
    """How deep a path lies: every name is a level, and every index of a repeat is one.

    >>> [level(path) for path in ("stem", "stage1", "stage1[0]", "stage1[0].conv")]
    [1, 1, 2, 3]
    """
    return 1 + path.count(".") - path.count("..") * 2 + path.count("[")


def _walk(tour: _Tour) -> Iterator[tuple[Row, bool]]:
    """Every row, and whether it is a block rolled up; outer before inner. Refused where nobody could print them."""
    if _count(tour, tour.report.graph.root, 1, {}) > MOST_ROWS:
        raise CostcalcError(f"more than {MOST_ROWS:,} rows: use --depth to roll them up")
    return _tour(tour)


def _count(tour: _Tour, block: Block, at: int, known: dict[tuple[Block, int], int]) -> int:
    """How many rows a block gives, found without making them."""
    count = known.get((block, at))
    if count is None:
        count = 0
        for edge in block.edges:
            repeats = edge.start is not None
            count += repeats
            if not repeats or tour.enters("", at):
                inside = 0
                if isinstance(edge.child, Block) and tour.enters("", at + repeats):
                    inside = _count(tour, edge.child, at + repeats + 1, known)
                count += (1 + inside) * (edge.count if repeats and edge.count <= tour.fold else 1)
        known[block, at] = count
    return count


def _tour(tour: _Tour) -> Iterator[tuple[Row, bool]]:
    graph = tour.report.graph
    return _block(tour, graph.root, _Above(sources=tuple(map(Source, graph.inputs))), 1)


def _block(tour: _Tour, block: Block, above: _Above, at: int) -> Iterator[tuple[Row, bool]]:
    shared = by_entry(above.shared)
    made: list[Source] = []  # what each edge hands on
    for (name, repeats), group in groupby(block.edges, key=lambda edge: (edge.name, edge.start is not None)):
        run = tuple(group)
        taken = _taken(run[0], made, above)
        if not repeats:
            yield from _instance(tour, run[0], name, 1, shared.get(name, _NONE), above, taken, at)
            made.append(Source(_maker(tour, run[0], above.path, shared, at)))
            continue
        path = join_path(above.path, name)
        yield _rolled(tour.report, run, above, taken), True
        inner = above._replace(parent=path)
        for edge in run:
            taken = _taken(edge, made, above)
            for instance, count in _instances(edge, tour.fold, shared) if tour.enters(path, at) else ():
                within = shared.get(instance, _NONE)
                if count > 1:
                    instance = _folded(edge)
                last = _inside(tour, edge.child, join_path(above.path, instance), within | edge.shared, at + 1)
                if count > 1 and taken and taken[0] is not None:
                    later = ((join_path(above.path, instance), last), *taken[0].later)
                    taken = (taken[0]._replace(later=later), *taken[1:])
                yield from _instance(tour, edge, instance, count, within, inner, taken, at + 1)
                taken = (Source(last), *taken[1:])
            made.append(Source(_maker(tour, edge, above.path, shared, at)))


def _taken(edge: Edge, made: Sequence[Source], above: _Above) -> tuple[Source | None, ...]:
    """Where the inputs of the first instance of an edge come from; `made` is what the edges before it hand on."""
    return tuple([
        None if reference is None else made[reference] if reference >= 0 else above.sources[-1 - reference]
        for reference in edge.inputs
    ])  # fmt: skip


def _maker(tour: _Tour, edge: Edge, above: str, shared: Mapping[str, frozenset[str]], at: int) -> str:
    """The path of the row that made what an edge on level `at` hands on: the last instance's last layer."""
    path = join_path(above, edge.name)
    if edge.start is None:
        return _inside(tour, edge.child, path, shared.get(edge.name, _NONE) | edge.shared, at)
    if not tour.opens(at):
        return path
    name = edge.instance(edge.count - 1)
    within = shared.get(name, _NONE) | edge.shared
    if _folds(edge, tour.fold, shared):
        name = _folded(edge)
    return _inside(tour, edge.child, join_path(above, name), within, at + 1)


def _inside(tour: _Tour, child: Layer | Block, path: str, shared: frozenset[str], at: int) -> str:
    """The path of the row that made the output of a child that stands at `path` on level `at`."""
    if isinstance(child, Layer) or not tour.opens(at):
        return path
    return _maker(tour, child.edges[child.result], path, by_entry(shared), at + 1)


def _folds(edge: Edge, fold: int, shared: Mapping[str, frozenset[str]]) -> bool:
    """True if the instances of an edge are one row: they are many, and share the same weights."""
    return edge.count > fold and (not shared or len({shared.get(name) for name in edge.instances()}) == 1)


def _folded(edge: Edge) -> str:
    """The name of many instances in one row: `stage[1..99]`."""
    start = edge.start or 0
    return f"{edge.name}[{start}..{start + edge.count - 1}]"


def _instances(edge: Edge, fold: int, shared: Mapping[str, frozenset[str]]) -> Iterator[tuple[str, int]]:
    """The names of the instances, each with 1; or the first with their count, where they are one row."""
    if _folds(edge, fold, shared):
        yield next(edge.instances()), edge.count
    else:
        yield from ((name, 1) for name in edge.instances())


def _instance(
    tour: _Tour, edge: Edge, name: str, count: int, shared: frozenset[str], above: _Above,
    sources: tuple[Source | None, ...], at: int,
) -> Iterator[tuple[Row, bool]]:  # fmt: skip
    path = join_path(above.path, name)
    below = _Above(
        path=path,
        parent=path,
        instances=above.instances * count,
        stored=above.stored * count * edge.stored // edge.count,
        active=above.active * count * edge.active // edge.count,
        run=above.run * count * edge.run // edge.count,
        shared=shared | edge.shared,
        within=above.within,
        sources=sources,
    )
    row = _row(tour.report, edge, edge.child, below, above.parent)
    if isinstance(edge.child, Layer):
        yield row, False
        return
    yield row, True
    if tour.enters(path, at):
        inside = below._replace(within=(*above.within, edge.child.name))
        yield from _block(tour, edge.child, inside, at + 1)


def _row(report: Report, edge: Edge, child: Layer | Block, below: _Above, parent: str) -> Row:
    cost = report.costs[child]
    if below.shared:
        cost = own_cost(child, below.shared, cost)
    return Row(
        path=below.path,
        op=child.op.name if isinstance(child, Layer) else child.name,
        child=child,
        arguments=child.arguments if isinstance(child, Layer) else {},
        input=child.inputs,
        output=child.output,
        cost=cost.times(stored=below.stored, run=below.run, active=below.active),
        count=below.instances,
        stored=below.stored,
        run=below.run,
        parent=parent,
        location=edge.location,
        note=edge.note,
        within=below.within,
        work=((child, below.run),),
        sources=below.sources,
    )


def _rolled(report: Report, run: tuple[Edge, ...], above: _Above, sources: tuple[Source | None, ...]) -> Row:
    """A whole repeat as one row."""
    first, last = run[0].child, run[-1].child
    cost = sum((edge_cost(edge, report.costs[edge.child]) for edge in run), Cost())
    if above.shared:
        cost = own_cost(Block("", (), run, 0, last.output), above.shared, cost)
    return Row(
        path=join_path(above.path, run[0].name),
        op=first.op.name if isinstance(first, Layer) else first.name,
        child=first,
        arguments=first.arguments if isinstance(first, Layer) else {},
        input=first.inputs,
        output=last.output,
        cost=cost.times(stored=above.stored, run=above.run, active=above.active),
        count=above.instances * sum(edge.count for edge in run),
        stored=above.stored * sum(edge.stored for edge in run),
        run=above.run * sum(edge.run for edge in run),
        parent=above.parent,
        location=run[0].location,
        note=run[0].note,
        within=above.within,
        work=tuple((edge.child, above.run * edge.run) for edge in run),
        sources=sources,
    )


_NONE: frozenset[str] = frozenset()
