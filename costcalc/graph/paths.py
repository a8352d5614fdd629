"""Paths of layers and blocks by their beginning, one level at a time, however many layers there are."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from costcalc.graph.model import Block, Graph, Layer, join_path

MOST_INSTANCES = 1_000


def paths_from(graph: Graph, beginning: str) -> list[str]:
    """The paths that a beginning can become on its own level: `stage1[0].b` -> `stage1[0].body`.

    Where only one block is left, what stands inside it is added.
    """
    *parents, _ = beginning.split(".")
    block: Layer | Block = graph.root
    for name in parents:
        found = next((child for instance, child in _inside(block) if instance == name), None)
        if found is None:
            return []
        block = found
    above = ".".join(parents)
    begun = {join_path(above, name): child for name, child in _inside(block)}
    begun = {path: child for path, child in begun.items() if path.startswith(beginning)}
    if len(begun) == 1:
        ((path, child),) = begun.items()
        return [path, *dict.fromkeys(join_path(path, name) for name, _ in _inside(child))]
    return list(begun)


def _inside(block: Layer | Block) -> Iterator[tuple[str, Layer | Block]]:
    """The names of what stands directly in a block; of a long repeat, the first instances."""
    if isinstance(block, Block):
        for edge in block.edges:
            for name in islice(edge.instances(), MOST_INSTANCES):
                if name:
                    yield name, edge.child
