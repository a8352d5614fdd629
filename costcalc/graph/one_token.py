"""A network built for one new token: which axis of a tensor is the tokens', and where one row of many is taken.

Args keep their values, so a table of positions has a row for every token of the context; the new token meets its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from costcalc.errors import Fault
from costcalc.graph.model import Block, Edge, Layer, join_path
from costcalc.ops.op import UNKNOWN, Setting, Shape

Axes = tuple[int | None, ...]
"""For each tensor, the axis along which its tokens lie: `UNKNOWN` where there is none, None where it has no tokens."""


def one_row(shapes: Sequence[Shape], axes: Axes, context: int) -> tuple[Shape, ...]:
    """Shapes that lie over one another, those with a row for every token of the context cut down to the new one's.

    >>> one_row([(1, 16), (128, 16), (16,)], (0, None, None), 128)
    ((1, 16), (1, 16), (16,))
    """
    tokens = [(shape, axis) for shape, axis in zip(shapes, axes, strict=True) if axis is not None]
    from_end = {len(shape) - axis for shape, axis in tokens if axis != UNKNOWN}
    if not from_end and tokens:
        rank = min(len(shape) for shape, _ in tokens)
        from_end = {k for k in range(1, rank + 1) if all(shape[-k] == 1 for shape, _ in tokens)}
    return tuple(
        tuple(
            1 if len(shape) - place in from_end and size == context else size  # its rows stand where the tokens' do
            for place, size in enumerate(shape)
        )
        if axis is None
        else shape
        for shape, axis in zip(shapes, axes, strict=True)
    )


def token_axis(layer: Layer, shapes: Sequence[Any], axes: Axes) -> tuple[int | None, int]:
    """The token axis of a layer's output, and how many axes the tokens reach: 1, unless it works across them.

    Found by trying: with two tokens, the axis that grows is theirs.
    """
    if all(axis is None for axis in axes):
        return None, 1
    known = [(shape, axis) for shape, axis in zip(shapes, axes, strict=True) if axis is not None and axis != UNKNOWN]
    if not known:
        return UNKNOWN, 1
    output = layer.output
    try:
        twice = layer.op.infer(Setting(layer.arguments, tuple(map(_doubled, shapes, axes)), layer.layout))
    except Fault:
        twice = ()
    if len(twice) == len(output):
        grown = [place for place, (size, more) in enumerate(zip(output, twice, strict=True)) if size != more]
        if len(grown) == 1 and output[grown[0]] == 1:
            return grown[0], 1
        return UNKNOWN, len(grown)
    axis = known[0][1]
    return (axis, 1) if axis < len(output) and output[axis] == 1 else (UNKNOWN, 1)


def _doubled(shape: Any, axis: int | None) -> Any:
    if shape is None or axis is None or axis == UNKNOWN:
        return shape
    return (*shape[:axis], 2, *shape[axis + 1 :])


class RowTaken(NamedTuple):
    """A layer that meets one row of a tensor that has a row for every token: its path, who made that, both shapes."""

    path: str
    source: str
    whole: Shape
    row: Shape


def rows_taken(root: Block) -> Iterator[RowTaken]:
    """The path of one row among many, in stored order; `layers[0..11]` stands for equal instances."""
    return _rows_taken(root, "", {})


def _rows_taken(block: Block, path: str, known: dict[int, bool]) -> Iterator[RowTaken]:
    for edge in block.edges:
        here = join_path(path, edge.span)
        if isinstance(edge.child, Block):
            if _takes_rows(edge.child, known):
                yield from _rows_taken(edge.child, here, known)
            continue
        for source, whole, row in _taken(block, edge, edge.child):
            yield RowTaken(here, join_path(path, source), whole, row)


def _takes_rows(block: Block, known: dict[int, bool]) -> bool:
    found = known.get(id(block))
    if found is None:
        found = known[id(block)] = any(
            _takes_rows(edge.child, known)
            if isinstance(edge.child, Block)
            else any(True for _ in _taken(block, edge, edge.child))
            for edge in block.edges
        )
    return found


def _taken(block: Block, edge: Edge, layer: Layer) -> Iterator[tuple[str, Shape, Shape]]:
    if not layer.op.aligned:
        return
    for reference, shape in zip(edge.inputs, layer.inputs, strict=True):
        if reference is None:
            continue
        source = block.edges[reference] if reference >= 0 else None
        whole = block.inputs[-1 - reference] if source is None else source.child.output
        if whole != shape:
            yield ("" if source is None else source.instance(source.count - 1)), whole, shape
