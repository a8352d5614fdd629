"""The rows of a report, made by walking the tree: paths, roll-up by depth, equal neighbours folded."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby

from costcalc.cost.estimate import edge_cost, own_cost
from costcalc.cost.model import Cost, Report, Row
from costcalc.errors import CostcalcError, UnknownChoice
from costcalc.graph.model import Block, Edge, Layer, by_entry, join_path
from costcalc.text.suggest import did_you_mean

FOLD = 64
"""Runs of more equal instances than this are one row."""
MOST_ROWS = 1_000_000


@dataclass(frozen=True, slots=True)
class _Above:
    """What the edges above a place amount to: its path, how often it is stored and run, weights shared away, blocks."""

    path: str = ""
    parent: str = ""
    count: int = 1
    stored: int = 1
    run: int = 1
    shared: frozenset[str] = frozenset()
    within: tuple[str, ...] = ()


def rows(report: Report, depth: int | None, fold: int | None) -> Iterator[Row]:
    """See `Report.rows`."""
    for row, rolled in _walk(report, FOLD if fold is None else fold, depth):
        if not rolled or _is_limit(row, depth):
            yield row


def blocks(report: Report, depth: int | None) -> Iterator[Row]:
    """See `Report.blocks`."""
    return (row for row, rolled in _walk(report, FOLD, depth) if rolled)


def find(report: Report, path: str) -> Row:
    """The row at `path`; an index inside a folded run finds the run.

    Raises:
        UnknownChoice: there is no such layer or block.
    """
    seen = []
    for row, _ in _walk(report, FOLD, None):
        if row.path == path or ("..]" not in path and ".." in row.path and _covers(row.path, path)):
            return row
        seen.append(row.path)
    hint = did_you_mean(path, seen) or f"'costcalc show {report.graph.address}' lists the layers"
    raise UnknownChoice(f"{report.name} has no layer or block '{path}': {hint}")


def _covers(folded: str, path: str) -> bool:
    """Whether `stage[1..9].conv` stands for `stage[4].conv`."""
    pattern = _RANGE.split(folded)
    expression = "".join(
        re.escape(part) if k % 3 == 0 else r"\[(\d+)\]" if k % 3 == 1 else "" for k, part in enumerate(pattern)
    )
    match = re.fullmatch(expression, path)
    if match is None:
        return False
    limits = _RANGE.findall(folded)
    return all(int(low) <= int(index) <= int(high) for index, (low, high) in zip(match.groups(), limits, strict=True))


_RANGE = re.compile(r"\[(\d+)\.\.(\d+)\]")


def parts(report: Report, path: str) -> Iterator[Row]:
    """What stands directly inside the block at `path`: together it costs what the block costs."""
    return (row for row, _ in _walk(report, FOLD, None) if row.parent == path)


def _is_limit(row: Row, depth: int | None) -> bool:
    return depth is not None and level(row.path) >= depth


def level(path: str) -> int:
    """How deep a path lies: every name is a level, and every index of a repeat is one.

    >>> [level(path) for path in ("stem", "stage1", "stage1[0]", "stage1[0].conv")]
    [1, 1, 2, 3]
    """
    return 1 + path.count(".") - path.count("..") * 2 + path.count("[")


def _walk(report: Report, fold: int, depth: int | None) -> Iterator[tuple[Row, bool]]:
    """Every row, and whether it is a block rolled up; outer before inner."""
    if _count(report.graph.root, fold, depth, 1, {}) > MOST_ROWS:
        raise CostcalcError(f"more than {MOST_ROWS:,} rows: use --depth to roll them up")
    return _block(report, report.graph.root, _Above(), fold, depth, 1)


def _count(block: Block, fold: int, depth: int | None, at: int, known: dict[tuple[Block, int], int]) -> int:
    """How many rows a block gives, found without making them."""
    count = known.get((block, at))
    if count is None:
        count = 0
        for edge in block.edges:
            repeats = edge.start is not None
            shown = depth is None or at + repeats <= depth
            inside = 0
            if isinstance(edge.child, Block) and (depth is None or at + repeats < depth):
                inside = _count(edge.child, fold, depth, at + 1 + repeats, known)
            count += repeats + shown * (edge.count if repeats and edge.count <= fold else 1) * (1 + inside)
        known[block, at] = count
    return count


def _block(
    report: Report, block: Block, above: _Above, fold: int, depth: int | None, at: int
) -> Iterator[tuple[Row, bool]]:
    shared = by_entry(above.shared)
    for (name, repeats), group in groupby(block.edges, key=lambda edge: (edge.name, edge.start is not None)):
        run = tuple(group)
        if not repeats:
            yield from _instance(report, run[0], name, 1, shared.get(name, _NONE), above, fold, depth, at)
            continue
        yield _rolled(report, run, above), True
        if depth is None or at < depth:
            inner = replace(above, parent=join_path(above.path, name))
            for edge in run:
                for instance, count in _instances(edge, fold, shared):
                    within = shared.get(instance, _NONE)
                    if count > 1:
                        instance = f"{name}[{edge.start}..{(edge.start or 0) + count - 1}]"
                    yield from _instance(report, edge, instance, count, within, inner, fold, depth, at + 1)


def _instances(edge: Edge, fold: int, shared: Mapping[str, frozenset[str]]) -> Iterator[tuple[str, int]]:
    """The names of the instances, each with 1; or the first with their count, where many share the same weights."""
    if edge.count > fold and (not shared or len({shared.get(name) for name in edge.instances()}) == 1):
        yield next(edge.instances()), edge.count
    else:
        yield from ((name, 1) for name in edge.instances())


def _instance(
    report: Report,
    edge: Edge,
    name: str,
    count: int,
    shared: frozenset[str],
    above: _Above,
    fold: int,
    depth: int | None,
    at: int,
) -> Iterator[tuple[Row, bool]]:
    path = join_path(above.path, name)
    below = _Above(
        path=path,
        parent=path,
        count=above.count * count,
        stored=above.stored * count * edge.stored // edge.count,
        run=above.run * count * edge.run // edge.count,
        shared=shared | edge.shared,
        within=above.within,
    )
    row = _row(report, edge, edge.child, below, above.parent)
    if isinstance(edge.child, Layer):
        yield row, False
        return
    yield row, True
    if depth is None or at < depth:
        inside = replace(below, within=(*above.within, edge.child.name))
        yield from _block(report, edge.child, inside, fold, depth, at + 1)


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
        cost=cost.times(stored=below.stored, run=below.run, batch=report.batch),
        count=below.count,
        stored=below.stored,
        run=below.run,
        parent=parent,
        location=edge.location,
        note=edge.note,
        within=below.within,
        work=((child, below.run),),
    )


def _rolled(report: Report, run: tuple[Edge, ...], above: _Above) -> Row:
    """A whole repeat as one row."""
    first, last = run[0].child, run[-1].child
    cost = sum((edge_cost(edge, report.costs[edge.child]) for edge in run), Cost())
    if above.shared:
        cost = own_cost(Block("", (), run, 0, last.output), above.shared, cost)
    return Row(
        path=join_path(above.path, run[0].name),
        op=first.op.name if isinstance(first, Layer) else first.name,
        child=first,
        arguments={},
        input=first.inputs,
        output=last.output,
        cost=cost.times(stored=above.stored, run=above.run, batch=report.batch),
        count=above.count * sum(edge.count for edge in run),
        stored=above.stored * sum(edge.stored for edge in run),
        run=above.run * sum(edge.run for edge in run),
        parent=above.parent,
        location=run[0].location,
        note=run[0].note,
        within=above.within,
        work=tuple((edge.child, above.run * edge.run) for edge in run),
    )


_NONE: frozenset[str] = frozenset()
