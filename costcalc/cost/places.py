"""The places of a report's rows in the tree, and the row of each: paths, roll-up by depth, equal neighbours folded.

A place is cheap and its row is not, so that a walk makes the rows that somebody wants and no others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from costcalc.cost.away import Away, row_name
from costcalc.cost.estimate import edge_cost, own_cost
from costcalc.cost.folding import runs
from costcalc.cost.metrics import Cost
from costcalc.cost.model import Report, Row, Source
from costcalc.cost.sources import Later, Made, Sources
from costcalc.graph.model import FOLD, Block, Edge, Layer, join_path


class Above(NamedTuple):
    """Sums of the edges above a place: path, how often it is stored, active and run, weights shared away, blocks."""

    path: str = ""
    parent: str = ""
    instances: int = 1
    stored: int = 1
    active: int = 1
    run: int = 1
    shared: frozenset[str] = frozenset()
    within: tuple[str, ...] = ()
    sources: Callable[[], Sources] = tuple


class Tour(NamedTuple):
    """A walk through the tree: where it turns back, and from how many on equal instances are one row.

    With `leads` it goes into those places alone whose paths lead where somebody wants to go.
    """

    report: Report
    fold: int = FOLD
    depth: int | None = None
    leads: Callable[[str], bool] | None = None

    def enters(self, path: str, at: int) -> bool:
        """True if the walk goes into what stands at `path`, on level `at`."""
        if self.leads is not None:
            return self.leads(path)
        return self.depth is None or at < self.depth

    def start(self) -> Iterator[Place]:
        """The outermost places."""
        graph = self.report.graph
        return inside(self, graph.root, Above(sources=lambda: tuple(map(Source, graph.inputs))), 1)


class Instance(NamedTuple):
    """A layer or a block, or several equal ones in one row: `many` of them.

    `made` is what the entries of the block around it hand on, `first` which of the edge's instances is the first, and
    `before` how many instances the row before it in a repeat has.
    """

    edge: Edge
    name: str
    many: int
    shared: frozenset[str]
    above: Above
    at: int
    made: Made
    first: int = 0
    before: int = 0

    def sources(self) -> Sources:
        """The sources of its inputs."""
        made, edge, first, before = self.made, self.edge, self.first, self.before
        taken = made.taken_after(edge, first - before, before) if before else made.taken(edge)
        return made.taken_by_all(edge, first, self.many, taken) if self.many > 1 else taken

    @property
    def path(self) -> str:
        """The path of the row."""
        return join_path(self.above.path, self.name)

    @property
    def rolled(self) -> bool:
        """True if the row is of a block, with all that is inside."""
        return isinstance(self.edge.child, Block)

    @property
    def below(self) -> Above:
        """The frame above the places inside."""
        edge, above, many = self.edge, self.above, self.many
        path = self.path
        return Above(
            path=path,
            parent=path,
            instances=above.instances * many,
            stored=above.stored * many * edge.stored // edge.count,
            active=above.active * many * edge.active // edge.count,
            run=above.run * many * edge.run // edge.count,
            shared=self.shared,
            within=above.within,
        )

    def inside(self, tour: Tour) -> Iterator[Place]:
        """The places directly inside, where the walk goes in."""
        child = self.edge.child
        if isinstance(child, Layer) or not tour.enters(self.path, self.at):
            return iter(())
        below = self.below
        below = below._replace(within=(*below.within, child.name), sources=Later(self.sources))
        return inside(tour, child, below, self.at + 1)

    def cost(self, report: Report) -> Cost:
        """The cost of the row."""
        return self._cost(report, self.below)

    def _cost(self, report: Report, below: Above) -> Cost:
        child = self.edge.child
        cost = report.costs[child]
        if below.shared:
            cost = own_cost(child, below.shared, cost)
        return cost.times(stored=below.stored, run=below.run, active=below.active)

    def row(self, report: Report) -> Row:
        """The row."""
        below, child = self.below, self.edge.child
        return Row(
            path=below.path,
            op=child.op.name if isinstance(child, Layer) else child.name,
            child=child,
            arguments=child.arguments if isinstance(child, Layer) else {},
            input=child.inputs,
            output=child.output,
            cost=self._cost(report, below),
            count=below.instances,
            stored=below.stored,
            run=below.run,
            parent=self.above.parent,
            location=self.edge.location,
            note=self.edge.note,
            within=below.within,
            work=((child, below.run),),
            trace=self.sources,
        )


class Repeat(NamedTuple):
    """All instances of a `repeat`."""

    edges: tuple[Edge, ...]
    made: Made
    above: Above
    at: int

    @property
    def rolled(self) -> bool:
        """True: the row is of all instances."""
        return True

    @property
    def name(self) -> str:
        """The name of the repeat."""
        return self.edges[0].name

    @property
    def path(self) -> str:
        """The path of the row."""
        return join_path(self.above.path, self.name)

    def inside(self, tour: Tour) -> Iterator[Place]:
        """The instances, where the walk goes in."""
        path = self.path
        if not tour.enters(path, self.at):
            return
        above, made = self.above._replace(parent=path), self.made
        for edge in self.edges:
            before = 0
            for first, count in made.away.rows(edge, tour.fold):
                name, shared = row_name(edge, first, count), made.away.inside(edge, first)
                yield Instance(edge, name, count, shared, above, self.at + 1, made, first, before)
                before = count

    def cost(self, report: Report) -> Cost:
        """The cost of the row."""
        above = self.above
        cost = sum((edge_cost(edge, report.costs[edge.child]) for edge in self.edges), Cost())
        if above.shared:
            cost = own_cost(Block("", (), self.edges, 0, self.edges[-1].child.output), above.shared, cost)
        return cost.times(stored=above.stored, run=above.run, active=above.active)

    def row(self, report: Report) -> Row:
        """The row."""
        edges, above = self.edges, self.above
        first, last = edges[0].child, edges[-1].child
        return Row(
            path=self.path,
            op=first.op.name if isinstance(first, Layer) else first.name,
            child=first,
            arguments=first.arguments if isinstance(first, Layer) else {},
            input=first.inputs,
            output=last.output,
            cost=self.cost(report),
            count=above.instances * sum(edge.count for edge in edges),
            stored=above.stored * sum(edge.stored for edge in edges),
            run=above.run * sum(edge.run for edge in edges),
            parent=above.parent,
            location=edges[0].location,
            note=edges[0].note,
            within=above.within,
            work=tuple((edge.child, above.run * edge.run) for edge in edges),
            trace=partial(self.made.taken, edges[0]),
        )


Place = Instance | Repeat


def inside(tour: Tour, block: Block, above: Above, at: int) -> Iterator[Place]:
    """The places of a block's own entries."""
    if block.ties:
        above = above._replace(shared=above.shared | block.tied)
    away = Away(above.shared)
    made = Made(block, above.sources, path=above.path, away=away, at=at, depth=tour.depth, fold=tour.fold)
    for edges in runs(block):
        if edges[0].start is None:
            edge = edges[0]
            yield Instance(edge, edge.name, 1, away.inside(edge), above, at, made)
        else:
            yield Repeat(edges, made, above, at)
