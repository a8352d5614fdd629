"""`Census`: the layers of a report in few classes, with the sums of everything that a convention may count.

Conventions are many and layers may be, so layers are looked at once and not for every convention. Of a class all
conventions say the same: its layers are of one op, stand in the same blocks that rules are about, are called alike by
the reference code, and agree in which of their quantities are zero and in which are equal.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from costcalc.cost.model import Report
from costcalc.graph.functional import by_first
from costcalc.graph.model import Block, Layer
from costcalc.text.values import product

ELEMENTS = ("input_element", "output_element", "scale_shift")
"""Quantities of one op that are told as one where they count the same elements."""
AXES_OF_IMAGES = 3
Paths = frozenset[str]
Sums = dict[str, int]
"""Quantity -> how much of it there is, for one item; those that are zero are left out."""


class Kind(NamedTuple):
    """A class of layers.

    Attributes:
        scope: the enclosing blocks that rules are about, outer first.
        image: True if the first input has two spatial axes.
        called: True if the reference code calls these layers as functions.
        computes: True if anything happens in them.
        present: the quantities that are not zero.
        alike: for each of `ELEMENTS` the first of them that counts as much.
    """

    scope: tuple[str, ...]
    op: str
    image: bool
    called: bool
    computes: bool
    present: tuple[str, ...]
    alike: tuple[int, ...]


class Census:
    """The classes of the layers of a report; `blocks` are those that rules are about."""

    def __init__(self, report: Report, blocks: frozenset[str]) -> None:
        self.blocks = blocks
        self.root = report.graph.root
        self.functional = report.graph.functional
        self.known: dict[tuple[int, Paths], dict[Kind, Sums]] = {}
        self.layers: dict[int, tuple[Kind, Sums]] = {}
        self.paths: dict[Paths, dict[str, Paths]] = {}

    def classes(self, child: Layer | Block, paths: Paths) -> dict[Kind, Sums]:
        """The classes below `child`, itself included, in stored order; `paths` are of function calls, from here."""
        if isinstance(child, Layer):
            kind, sums = self.of_layer(child)
            return {kind._replace(called=True) if "" in paths or child.op.name in self.functional.ops else kind: sums}
        known = self.known.get((id(child), paths))
        if known is None:
            known = self.known[id(child), paths] = self.of_block(child, paths)
        return known

    def of_block(self, block: Block, paths: Paths) -> dict[Kind, Sums]:
        named = block is not self.root
        if named:
            paths = self.entered(block.name, paths)
        found: dict[Kind, Sums] = {}
        for edge in block.edges:
            if not edge.run:
                continue
            for kind, sums in self.classes(edge.child, self.below(paths, edge.name) if paths else paths).items():
                total = found.setdefault(kind, dict.fromkeys(sums, 0))
                for quantity, count in sums.items():
                    total[quantity] += count * edge.run
        if named and block.name in self.blocks:
            return {kind._replace(scope=(block.name, *kind.scope)): sums for kind, sums in found.items()}
        return found

    def of_layer(self, layer: Layer) -> tuple[Kind, Sums]:
        """The class of a layer that stands alone and is called as a module, and what there is of it."""
        known = self.layers.get(id(layer))
        if known is None:
            sums = {name: count for name, count in quantities_of(layer) if count}
            counts = [sums.get(name, 0) for name in ELEMENTS]
            kind = Kind(
                scope=(),
                op=layer.op.name,
                image=bool(layer.inputs) and len(layer.inputs[0] or ()) == AXES_OF_IMAGES,
                called=False,
                computes=any(name in sums for name in layer.op.tally),
                present=tuple(sums),
                alike=tuple(map(counts.index, counts)),
            )
            known = self.layers[id(layer)] = (kind, sums)
        return known

    def below(self, paths: Paths, name: str) -> Paths:
        """Paths from a block as paths from its entry `name`."""
        entries = self.paths.get(paths)
        if entries is None:
            entries = self.paths[paths] = by_first(paths)
        return entries.get(name, frozenset())

    def entered(self, block: str, paths: Paths) -> Paths:
        """The paths of what is inside a block: those from its call, and those from every call of it."""
        return paths | self.functional.blocks.get(block, frozenset())


def quantities_of(layer: Layer) -> Iterable[tuple[str, int]]:
    """Every quantity of one layer for one item: what every op has, the events, and what the op publishes."""
    generic = {
        "input_element": sum(product(shape) for shape in layer.inputs if shape is not None),
        "output_element": product(layer.output),
        "param": sum(weight.size for weight in layer.weights if weight.trainable),
        "once": 1,
    }
    yield from generic.items()
    for formulas in (layer.op.tally, layer.op.quantities):
        for name, formula in formulas.items():
            if name not in generic and not (formulas is layer.op.quantities and name in layer.op.tally):
                yield name, formula.evaluate(layer.symbols)
