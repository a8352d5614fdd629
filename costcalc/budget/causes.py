"""The blocks and layers that a number, or its growth, comes from: the largest share first."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from costcalc.cost.metrics import Number
from costcalc.cost.model import Row
from costcalc.cost.walk import on_the_way
from costcalc.errors import Location
from costcalc.graph.model import Block
from costcalc.ops import catalogue
from costcalc.versions.match_layers import Pair, match
from costcalc.versions.piece import Piece
from costcalc.versions.snapshot import Measured, Snapshot

MOST = 5
"""The most blocks and layers that are named."""


@dataclass(frozen=True, slots=True)
class Cause:
    """A block or layer with its number now and before; `before` is None where that is not known.

    `count` are those like it, in other instances of a repeat, with the same numbers; `row` is the layer where there is
    one to explain, `location` its place in the spec.
    """

    path: str
    op: str
    before: Number | None
    after: Number
    layer: bool
    location: Location | None = None
    row: Row | None = None
    count: int = 1

    @property
    def change(self) -> Number:
        """By how much it grew; all of it where nothing is known of before."""
        return self.after - (self.before or 0)


@dataclass(frozen=True, slots=True)
class Matched:
    """The outermost blocks of a network and its layers, each with what it was; where only blocks are known, those."""

    blocks: tuple[Pair, ...]
    layers: tuple[Pair, ...]

    def knows(self, metric: str) -> bool:
        """True if what it was says anything of a metric."""
        return all(metric in before.numbers for before, _ in self.blocks if before is not None)


def matched(now: Measured, before: Snapshot) -> Matched:
    """A network beside what it was."""
    depth = now.cut.depth if now.cut is not None else None
    if isinstance(before, Measured) and before.cut is not None:
        depth = min(depth or before.cut.depth, before.cut.depth)
    layers = match(before.down_to(depth), now.down_to(depth)) if before.layers else []
    return Matched(tuple(match(before.outline, now.outline)), tuple(layers))


def causes_of(now: Measured, past: Matched | None, metric: str, path: str = "", *, fell: bool = False) -> list[Cause]:
    """The outermost blocks, then the layers, that a metric of the network (or of its part at `path`) grew by most.

    With `fell`, those that it shrank by most. Without a past the largest, since nothing tells which of them is new.
    """
    if metric == "peak_activation_bytes":
        return _of_peak(now)
    if past is not None and not past.knows(metric):
        past = None
    blocks = _causes(past.blocks, metric, layer=False) if past is not None else _sizes(now.outline, metric, layer=False)
    blocks = [] if path else _worst(blocks, fell=fell)
    if past is not None and past.layers:
        return [*blocks, *_worst(_below(_causes(past.layers, metric, layer=True), path), fell=fell)]
    inside = path or (blocks[0].path if blocks and past is not None else "")
    return [*blocks, *_worst(_below(_sizes(now.layers, metric, layer=True), inside), fell=False)]


def _causes(pairs: Iterable[Pair], metric: str, *, layer: bool) -> list[Cause]:
    found = []
    for before, after in pairs:
        was = 0 if before is None else before.numbers.get(metric, 0)
        if after is not None:
            found.append(_cause(after, was, after.numbers[metric], layer=layer))
        elif before is not None:
            found.append(Cause(before.path, before.op, was, 0, layer and not _is_block(before)))
    return found


def _sizes(pieces: Iterable[Piece], metric: str, *, layer: bool) -> list[Cause]:
    return [_cause(piece, None, piece.numbers[metric], layer=layer) for piece in pieces]


def _cause(piece: Piece, was: Number | None, number: Number, *, layer: bool) -> Cause:
    layer = layer and not _is_block(piece)
    return Cause(piece.path, piece.op, was, number, layer, piece.location, piece.row)


def _is_block(piece: Piece) -> bool:
    """True for a block that stands for its layers, because there are too many of them."""
    return piece.row is not None and isinstance(piece.row.child, Block)


def _merged(causes: Iterable[Cause]) -> list[Cause]:
    """The causes, equal ones in several instances of a repeat as the first of them."""
    found: dict[tuple[object, ...], Cause] = {}
    for cause in causes:
        key = (re.sub(r"\[\d+\]", "[]", cause.path), cause.op, cause.before, cause.after)
        known = found.get(key)
        found[key] = cause if known is None else replace(known, count=known.count + 1)
    return list(found.values())


def _below(causes: Iterable[Cause], path: str) -> list[Cause]:
    """The causes inside a block or repeat, or the one at the path itself."""
    inside = (f"{path}.", f"{path}[")
    return [cause for cause in causes if not path or cause.path == path or cause.path.startswith(inside)]


def _worst(causes: list[Cause], *, fell: bool) -> list[Cause]:
    wanted = _merged(cause for cause in causes if (cause.change < 0 if fell else cause.change > 0))
    return sorted(wanted, key=lambda cause: cause.change * cause.count, reverse=not fell)[:MOST]


def _of_peak(now: Measured) -> list[Cause]:
    """The layer at which most is alive, and the largest tensors alive then."""
    peak = now.report.peak()
    live = sorted(peak.live, key=lambda tensor: -tensor[1])[:MOST]
    found = []
    for path, size, layer in ((peak.layer, peak.bytes, False), *((path, size, True) for path, size in live)):
        piece = now.part(path)
        found.append(Cause(path, piece.op if piece else "input", None, size, layer, piece.location if piece else None))
    return found


def place(now: Measured, path: str) -> Location | None:
    """The line of the spec's own list of layers on which the block or layer at `path` is written.

    What lies inside a block is written once for all its calls, so the call is the place. Groups, branches and the ops
    that join these are written where they stand: the search goes on inside them.
    """
    location = None
    for row in on_the_way(now.report, path):
        location = row.location
        if row.op not in ("group", "branch") and row.op not in catalogue():
            break
    return location
