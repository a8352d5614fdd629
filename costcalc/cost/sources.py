"""The sources of a row's inputs: the paths of the rows that made them. Found on demand, row by row."""

from __future__ import annotations

from collections.abc import Callable

from costcalc.cost.away import Away, row_name
from costcalc.cost.model import Source
from costcalc.graph.model import Block, Edge, Layer, join_path

Sources = tuple[Source | None, ...]
"""One for each input; None for one that is not given or not used."""


class Later:
    """Sources that are found once, when somebody asks."""

    __slots__ = ("find", "found")

    def __init__(self, find: Callable[[], Sources]) -> None:
        self.find = find
        self.found: Sources | None = None

    def __call__(self) -> Sources:
        if self.found is None:
            self.found = self.find()
        return self.found


class Made:
    """The outputs of a block's entries. The block stands at `path`, its entries on level `at`.

    Attributes:
        inputs: where the block's own inputs come from.
        away: the weights inside that belong to others.
        depth: the last level with rows of its own.
        fold: from how many on equal instances are one row.
    """

    __slots__ = ("at", "away", "block", "depth", "fold", "inputs", "known", "path")

    def __init__(
        self,
        block: Block,
        inputs: Callable[[], Sources],
        *,
        path: str,
        away: Away,
        at: int,
        depth: int | None,
        fold: int,
    ) -> None:
        self.block = block
        self.inputs = inputs
        self.path = path
        self.away = away
        self.at = at
        self.depth = depth
        self.fold = fold
        self.known: dict[int, Source] | None = None

    def taken(self, edge: Edge) -> Sources:
        """The sources of the inputs of an edge's first instance."""
        return tuple(None if reference is None else self._of(reference) for reference in edge.inputs)

    def taken_after(self, edge: Edge, first: int, count: int) -> Sources:
        """The sources of the inputs of the instance that follows a row of an edge."""
        return (Source(self.last(edge, first, count)), *self.taken(edge)[1:])

    def taken_by_all(self, edge: Edge, first: int, count: int, taken: Sources) -> Sources:
        """The sources of the inputs of many instances in one row; `taken` has those of the first."""
        if not taken or taken[0] is None:
            return taken
        name = row_name(edge, first, count)
        later = ((join_path(self.path, name), self.last(edge, first, count)), *taken[0].later)
        return (taken[0]._replace(later=later), *taken[1:])

    def last(self, edge: Edge, first: int, count: int) -> str:
        """The path of the row that made the output of a row of a repeat."""
        path = join_path(self.path, row_name(edge, first, count))
        return self._inside(edge.child, path, self.away.inside(edge, first), self.at + 1)

    def maker(self, edge: Edge) -> str:
        """The path of the row that made what an edge hands on: the last instance's last layer."""
        return self._maker(edge, self.path, self.away, self.at)

    def _of(self, reference: int) -> Source | None:
        if reference < 0:
            return self.inputs()[-1 - reference]
        if self.known is None:
            self.known = {}
        known = self.known.get(reference)
        if known is None:
            known = self.known[reference] = Source(self.maker(self.block.edges[reference]))
        return known

    def _opens(self, at: int) -> bool:
        return self.depth is None or at < self.depth

    def _maker(self, edge: Edge, above: str, away: Away, at: int) -> str:
        path = join_path(above, edge.name)
        if edge.start is None:
            return self._inside(edge.child, path, away.inside(edge), at)
        if not self._opens(at):
            return path
        first, count = away.last_row(edge, self.fold)
        return self._inside(
            edge.child, join_path(above, row_name(edge, first, count)), away.inside(edge, first), at + 1
        )

    def _inside(self, child: Layer | Block, path: str, shared: frozenset[str], at: int) -> str:
        """The path of the row that made the output of a child that stands at `path` on level `at`."""
        if isinstance(child, Layer) or not self._opens(at):
            return path
        return self._maker(child.edges[child.result], path, Away(shared | child.tied if child.ties else shared), at + 1)
