"""The walks over the tree: a sum over all that stands in it, and every distinct object once.

Both look at an object once, however often it stands in the network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from costcalc.graph.model import Block, Edge, Layer, join_path

Value = TypeVar("Value", bound=Any)


def fold(
    child: Layer | Block,
    of_layer: Callable[[Layer], Value],
    times: Callable[[Edge, Value], Value],
    zero: Value,
    memo: dict[Layer | Block, Value],
    finish: Callable[[Block, Value], Value] = lambda _, value: value,
) -> Value:
    """Add up the values of all layers below one instance of `child`. Blocks nest as deep as specs do, not deeper.

    `times` makes the value of an edge of that of its child: it says what of `stored`, `run` and `count` matters.
    `finish` corrects the sum of a block. `memo` holds the values of the objects that were looked at.
    """
    known = memo.get(child)
    if known is None:
        if isinstance(child, Layer):
            known = of_layer(child)
        else:
            parts = (times(edge, fold(edge.child, of_layer, times, zero, memo, finish)) for edge in child.edges)
            known = finish(child, sum(parts, zero))
        memo[child] = known
    return known


def objects(root: Block, *, run: bool = False) -> Iterator[tuple[str, Layer | Block]]:
    """Every distinct layer and block below `root`, with the first path it stands at, in stored order.

    With `run`, only those that are reached over edges that run.
    """
    seen: set[Layer | Block] = set()
    waiting = [("", edge) for edge in reversed(root.edges)]
    while waiting:
        above, edge = waiting.pop()
        child = edge.child
        if child in seen or (run and not edge.run):
            continue
        seen.add(child)
        path = join_path(above, edge.instance(0))
        yield path, child
        if isinstance(child, Block):
            waiting.extend((path, inner) for inner in reversed(child.edges))


def layers_of(root: Block) -> Iterator[Layer]:
    """Every layer below `root`, one that stands in several places once."""
    return (child for _, child in objects(root) if isinstance(child, Layer))
