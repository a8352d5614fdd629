"""Every weight of a child by its path, and where it is stored: shared weights are followed to their owner."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import NamedTuple

from costcalc.graph.model import COPIES, Block, Edge, Layer, Spot, StoredWeight, join_path
from costcalc.ops.op import Shape


class Placed(NamedTuple):
    """A weight at its place.

    Attributes:
        weight: the tensor that the layer there uses.
        copies: how many experts have one each, for every mixture around it, outer first.
        root: where it is stored, seen from the list that the table is of.
        number: the place in stored order.
    """

    weight: StoredWeight
    copies: tuple[int, ...]
    root: Spot
    number: int

    @property
    def kind(self) -> tuple[tuple[int, ...], Shape]:
        """The key that two weights of one path must have in common to be shared."""
        return self.copies, self.weight.shape


Table = dict[str, Placed]
"""Path inside a child -> the weight there."""
Tables = dict[Layer | Block, Table]
"""The tables that were made so far. Objects are told apart by identity."""


def placed_weights(child: Layer | Block, tables: Tables) -> Table:
    """Every weight below `child`, also those that are another's."""
    known = tables.get(child)
    if known is None:
        known = tables[child] = _of_layer(child) if isinstance(child, Layer) else _of_block(child, tables)
    return known


def _of_layer(layer: Layer) -> Table:
    return {
        weight.name: Placed(weight, (), Spot(0, weight.name), number) for number, weight in enumerate(layer.weights)
    }


def _of_block(block: Block, tables: Tables) -> Table:
    found: Table = {}
    spots: dict[Spot, Spot] = dict(block.ties)
    for edge in block.edges:
        inside = placed_weights(edge.child, tables)
        copies = (edge.copies,) if edge.copies > 1 else ()
        for offset in range(edge.count if inside else 0):
            entry = edge.entry(offset)
            for path, (weight, more, root, _) in inside.items():
                here = Spot(0, join_path(entry, path))
                found[here.path] = Placed(weight, copies + more, here, len(found))
                there = owned(edge, offset, root)
                if there != here:
                    spots[here] = there
    for path, placed in found.items() if spots else ():
        found[path] = placed._replace(root=_end(placed.root, spots))
    return found


def owned(edge: Edge, offset: int, root: Spot) -> Spot:
    """The place of a weight of an instance, seen from the edge's list; `root` is its place inside the child."""
    if root.up:
        return Spot(root.up - 1, root.path)
    if edge.owner is not None:
        return edge.owner.spot(offset, root.path)
    owner = edge.shared.get(root.path)
    return Spot(0, join_path(edge.entry(offset), root.path)) if owner is None else owner.spot(offset)


def _end(spot: Spot, spots: dict[Spot, Spot]) -> Spot:
    """The end of a chain; the places on the way are led there at once."""
    passed = []
    while spot in spots:
        passed.append(spot)
        spot = spots[spot]
    spots.update((before, spot) for before in passed)
    return spot


def has_weights(child: Layer | Block, known: dict[Layer | Block, bool]) -> bool:
    """True if a layer below `child` uses weights; found without a list of them."""
    if isinstance(child, Layer):
        return bool(child.weights)
    if child not in known:
        known[child] = any(has_weights(edge.child, known) for edge in child.edges)
    return known[child]


def stored_weights(child: Layer | Block) -> Iterator[tuple[str, StoredWeight]]:
    """Every weight that is stored below `child`, with its path inside it; made one by one, they may be a million."""
    if isinstance(child, Layer):
        yield from ((weight.name, weight) for weight in child.weights)
        return
    tied = child.tied
    for edge in child.edges:
        for entry in map(edge.entry, range(edge.count if edge.stored else 0)):
            for own, weight in stored_weights(edge.child):
                path = join_path(entry, own)
                if own not in edge.shared and path not in tied:
                    yield path, weight


def owners(root: Block) -> tuple[dict[str, StoredWeight], dict[str, str]]:
    """The stored weights of a network by path, and the path of every other weight -> that of its owner.

    Every expert of a mixture has paths of its own: `expert[3].linear.weight`.
    """
    table = placed_weights(root, {})
    stored: dict[str, StoredWeight] = {}
    shared: dict[str, str] = {}
    for path, placed in table.items():
        for indices in product(*map(range, placed.copies)):
            here = _filled(path, indices)
            if placed.root.path == path:
                stored[here] = placed.weight
            else:
                shared[here] = _filled(placed.root.path, _of_owner(path, placed.root.path, indices))
    return stored, shared


def _filled(path: str, indices: tuple[int, ...]) -> str:
    """A path with indices in place of what stands for all experts."""
    first, *rest = path.split(COPIES)
    return first + "".join(f"[{index}]{part}" for index, part in zip(indices, rest, strict=True))


def _of_owner(path: str, owner: str, indices: tuple[int, ...]) -> tuple[int, ...]:
    """Which expert of the owner an expert uses: the same of a mixture around both, else the one at its own place."""
    ours, theirs = path.split(COPIES), owner.split(COPIES)
    alike = 0
    while alike < len(theirs) - 1 and ours[: alike + 1] == theirs[: alike + 1]:
        alike += 1
    inner = len(theirs) - 1 - alike
    return indices[:alike] + indices[len(indices) - inner :] if inner else indices[:alike]


def by_entry(paths: frozenset[str]) -> Mapping[str, frozenset[str]]:
    """Paths of weights inside a block as paths inside each of its entries; those of a named join's op under ''.

    >>> by_entry(frozenset(["body[0].conv.weight", "router"])) == {
    ...     "body[0]": frozenset(["conv.weight"]), "": frozenset(["router"])
    ... }
    True
    """
    found: dict[str, set[str]] = {}
    for path in paths:
        name, dot, rest = path.partition(".")
        found.setdefault(name if dot else "", set()).add(rest or path)
    return {name: frozenset(rests) for name, rests in found.items()}
