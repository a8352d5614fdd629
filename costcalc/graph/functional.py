"""Layers that a spec's reference code calls as functions, not as modules: `meta: {functional: [relu, stage1.pool]}`.

A name is an op, wherever it stands; or the path of a layer, from the network or from a block, wherever that is called:
`window_attention.out_projection`. An index is ignored: all instances of a repeat are called alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from functools import cached_property

from costcalc.errors import Problem, SpecError
from costcalc.graph.model import Block, Functional, Layer, join_path
from costcalc.ops import catalogue
from costcalc.spec.model import Layers, Reference, Spec
from costcalc.text.suggest import Suggestions

INSIDE = "name the layers inside it that are functions"
_Place = tuple[str, str]
"""The block from which a path leads, empty for the network, and the path."""
_INDEX = re.compile(r"\[[\d.]*\]")


def functional(spec: Spec, root: Block, left_out: AbstractSet[str]) -> Functional:
    """Check the function calls that `spec` lists against its network; `left_out` are names of layers left out of it.

    Raises:
        SpecError: a name is neither an op nor a layer.
    """
    if not spec.functional:
        return Functional()
    network = _Network(spec, root)
    problems = [_problem(reference, network, left_out) for reference in spec.functional]
    found = [problem for problem in problems if problem is not None]
    if found:
        raise SpecError(found)
    paths = frozenset(without_indices(reference.name) for reference in spec.functional)
    entries = by_first(paths)
    return Functional(
        ops=paths & catalogue().keys(),
        paths=paths,
        blocks={block: inside for block in spec.blocks if (inside := entries.get(block, frozenset()) - {""})},
    )


def without_indices(path: str) -> str:
    """`stage1[0].conv` -> `stage1.conv`."""
    return _INDEX.sub("", path)


def by_first(paths: frozenset[str]) -> dict[str, frozenset[str]]:
    """Paths from a block as paths from each of its entries; '' is the entry itself, and the op of a named join.

    >>> entries = by_first(frozenset(["stage.conv", "stage", "pool"]))
    >>> sorted(entries["stage"]), sorted(entries["pool"])
    (['', 'conv'], [''])
    """
    found: dict[str, set[str]] = {}
    for path in paths:
        first, _, rest = path.partition(".")
        found.setdefault(first, set()).add(rest)
    return {first: frozenset(rests) for first, rests in found.items()}


class _Network:
    """The children of a network by path, from its root or from a block; each list is looked through once."""

    def __init__(self, spec: Spec, root: Block) -> None:
        self.spec = spec
        self.root = root
        self.suggest = Suggestions()
        self.reached: dict[_Place, list[Layer | Block]] = {("", ""): [root]}
        self.known: dict[_Place, dict[str, list[Layer | Block]]] = {}
        self.opened: dict[str, bool] = {}

    @cached_property
    def calls(self) -> dict[str, list[Block]]:
        """Block -> what its calls are in the network, each once."""
        seen = {id(self.root): self.root}
        waiting = [self.root]
        found: dict[str, list[Block]] = {}
        while waiting:
            for edge in waiting.pop().edges:
                if isinstance(edge.child, Block) and id(edge.child) not in seen:
                    seen[id(edge.child)] = edge.child
                    waiting.append(edge.child)
                    found.setdefault(edge.child.name, []).append(edge.child)
        return found

    def entries(self, place: _Place) -> dict[str, list[Layer | Block]]:
        """The children of the blocks at a place that was reached: name -> children, each once."""
        known = self.known.get(place)
        if known is None:
            found: dict[str, dict[int, Layer | Block]] = {}
            for child in self.reached[place]:
                for edge in child.edges if isinstance(child, Block) else ():
                    found.setdefault(edge.name, {})[id(edge.child)] = edge.child
            known = self.known[place] = {name: [*children.values()] for name, children in found.items()}
        return known

    def find(self, path: str) -> tuple[list[Layer | Block], dict[_Place, str]]:
        """Find the children at a path, from the network or from a block; and the names missing there: place -> name."""
        first, _, rest = path.partition(".")
        starts = [(("", ""), path)]
        if rest and first in self.spec.blocks:
            self.reached.setdefault((first, ""), [*self.calls.get(first, ())])
            starts.append(((first, ""), rest))
        found: list[Layer | Block] = []
        ends: dict[_Place, str] = {}
        for place, names in starts:
            for name in names.split("."):
                entries = self.entries(place)
                if name not in entries:
                    ends[place] = name
                    break
                place = place[0], join_path(place[1], name)
                self.reached[place] = entries[name]
            else:
                found += self.reached[place]
        return found, ends

    def nearest(self, written: str, path: str, ends: Iterable[_Place]) -> str:
        """A guess, as a question, at the path meant by one that does not exist."""
        rest = path.partition(".")[2]
        known = [
            join_path(join_path(*place), name)
            for place in ends
            for name in (self.entries(place) if self.suggest.allow(self.entries(place)) else ())
            if name
        ]
        if not rest:
            known += catalogue()
        elif self.suggest.allow(self.spec.blocks):
            elsewhere = (join_path(block, rest) for block in self.spec.blocks)
            known += [name for name in elsewhere if name in catalogue() or self.find(name)[0]]
        return self.suggest.did_you_mean(written, dict.fromkeys(known))

    def holds_ops(self, block: str) -> bool:
        """True if a block calls a parameter, which may hold one op or another."""
        if block not in self.opened:
            self.opened[block] = _holds_ops(self.spec.blocks[block].body)
        return self.opened[block]


def _problem(reference: Reference, network: _Network, left_out: AbstractSet[str]) -> Problem | None:
    """The problem with a name, if there is one."""
    written, where = reference.name, reference.node.location()
    path = without_indices(written)
    blocks = network.spec.blocks
    if path in catalogue():
        return None
    first, _, rest = path.partition(".")
    if rest and first in blocks and first not in network.calls:
        return None  # `when` leaves them all out
    children, ends = network.find(path)
    if any(isinstance(child, Layer) or child.name in catalogue() for child in children):
        return None  # a block with the name of an op is a named join
    if children or path in blocks:
        return Problem(f"'functional: {written}' is a block", where, INSIDE)
    if not left_out.isdisjoint(ends.values()):
        return None
    if rest and first in blocks and path.rpartition(".")[2] in catalogue() and network.holds_ops(first):
        return None  # a parameter may hold that op, with other args
    hint = network.nearest(written, path, ends) or "'costcalc show' prints the paths of the layers"
    return Problem(f"'functional: {written}' is neither an op nor a layer of the network", where, hint)


def _holds_ops(layers: Layers) -> bool:
    """True if a list, or one inside it, calls a parameter."""
    bodies = [call.body for call in layers.calls if call.body] + [
        branch.body for call in layers.calls for branch in call.branches
    ]
    return any(call.kind == "parameter" for call in layers.calls) or any(map(_holds_ops, bodies))
