"""Rows and reports: costs, and where in the network they arise."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from costcalc.cost.metrics import Cost
from costcalc.errors import Location
from costcalc.graph.model import Block, Graph, Layer
from costcalc.ops.op import Shape

if TYPE_CHECKING:
    from costcalc.cost.extent import Extent
    from costcalc.cost.memory import Peak


class Source(NamedTuple):
    """The source of an input: the path of the row that made it, or the name of an input of the network.

    Where a row stands for many instances, `path` is true of the first. `later` says where it comes from in the others:
    pairs of the path of the instances (`stage[1..99]`), innermost first, and the row of the instance before.
    """

    path: str
    later: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One line of a report: a layer, or a block rolled up, for the whole batch.

    Attributes:
        path: where it stands; `stage[1..9]` for equal neighbours in one row.
        op: the op; for a block rolled up, what it is a call of.
        child: the layer or block itself.
        arguments: of the op; empty for a block.
        cost: of all `count` instances, for the whole batch.
        count: how many instances the row stands for.
        stored: how often its weights are stored; 0 where they are shared.
        run: how often it runs; 0 where no output needs it.
        parent: the path of the block around it.
        within: the names of the blocks around it, outer first.
        work: the layers or blocks that it stands for, each with how often it runs.
        trace: finds `sources`.
    """

    path: str
    op: str
    child: Layer | Block
    arguments: Mapping[str, Any]
    input: tuple[Any, ...]
    output: Shape
    cost: Cost
    count: int
    stored: int
    run: int
    parent: str
    location: Location
    note: str = ""
    within: tuple[str, ...] = ()
    work: tuple[tuple[Layer | Block, int], ...] = ()
    trace: Callable[[], tuple[Source | None, ...]] = tuple

    @property
    def sources(self) -> tuple[Source | None, ...]:
        """The source of each input; None for one that is not given or not used."""
        return self.trace()

    @property
    def params(self) -> int:
        """Trainable scalars."""
        return self.cost.params

    @property
    def macs(self) -> int:
        """Multiply-accumulates."""
        return self.cost.macs

    @property
    def block(self) -> str:
        """The name of the block that is rolled up here; the same as `op`."""
        return self.op


@dataclass(frozen=True, eq=False)
class Report:
    """The cost of a graph at one batch size. Rows are made by walking, on demand."""

    graph: Graph
    batch: int
    totals: Cost
    costs: Mapping[Layer | Block, Cost]

    @property
    def name(self) -> str:
        """The variant's name, or the spec's."""
        return self.graph.variant or self.graph.name

    @property
    def input(self) -> Mapping[str, Shape]:
        """Input name -> shape."""
        return self.graph.inputs

    @property
    def output(self) -> Mapping[str, Shape]:
        """Output name -> shape."""
        return {name: shape for name, (_, shape) in self.graph.outputs.items()}

    @cached_property
    def extent(self) -> Extent:
        """The number of rows on every level."""
        from costcalc.cost.extent import Extent

        return Extent(self)

    def rows(self, depth: int | None = None, *, fold: int | None = None) -> Iterator[Row]:
        """The layers in stored order; what lies deeper than `depth` is rolled up into its block."""
        from costcalc.cost.walk import rows

        return rows(self, depth, fold)

    def blocks(self, depth: int | None = None) -> Iterator[Row]:
        """Every block, group, branch and repeat with its total, outer before inner."""
        from costcalc.cost.walk import blocks

        return blocks(self, depth)

    def ordered(self, sort: str, depth: int | None = None) -> Iterator[Row]:
        """The rows by `position`, by `path`, or by a number of their costs, each found when it is asked for."""
        from costcalc.cost.order import ordered

        return ordered(self, sort, depth)

    def find(self, path: str) -> Row:
        """The layer or block at `path`; an `UnknownChoice` if there is none."""
        from costcalc.cost.walk import find

        return find(self, path)

    def parts(self, path: str) -> Iterator[Row]:
        """The rows directly inside the block at `path`."""
        from costcalc.cost.walk import parts

        return parts(self, path)

    def output_sources(self, depth: int | None = None) -> dict[str, str]:
        """Output name -> the path of the row that made it, or the name of an input of the network."""
        from costcalc.cost.walk import output_sources

        return output_sources(self, depth)

    def peak(self) -> Peak:
        """The most bytes that live at once, and which tensors those are."""
        return self._peak

    @cached_property
    def _peak(self) -> Peak:
        from costcalc.cost.memory import peak

        return peak(self.graph, self.batch)

    def tally(self) -> dict[str, int]:
        """Event -> how often it happens in the whole network, for the whole batch."""
        from costcalc.cost.estimate import tally_of

        return {event: count * self.batch for event, count in tally_of(self.graph.root).items()}
