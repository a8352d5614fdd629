"""Where the inputs of a row come from: the paths of the rows that made them. Found when somebody asks, row by row."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from costcalc.cost.folding import folded, is_folded
from costcalc.cost.model import Source
from costcalc.graph.model import Block, Edge, Layer, by_entry, join_path

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
    """What the entries of a block hand on. The block stands at `path`, and its entries on level `at`.

    Attributes:
        inputs: where the block's own inputs come from.
        shared: the weights of each entry that belong to others.
        depth: the last level with rows of its own.
        fold: from how many on equal instances are one row.
    """

    __slots__ = ("at", "block", "depth", "fold", "inputs", "known", "path", "shared")

    def __init__(
        self,
        block: Block,
        inputs: Callable[[], Sources],
        *,
        path: str,
        shared: Mapping[str, frozenset[str]],
        at: int,
        depth: int | None,
        fold: int,
    ) -> None:
        self.block = block
        self.inputs = inputs
        self.path = path
        self.shared = shared
        self.at = at
        self.depth = depth
        self.fold = fold
        self.known: dict[int, Source] | None = None

    def taken(self, edge: Edge) -> Sources:
        """Where the inputs of the first instance of an edge come from."""
        return tuple(None if reference is None else self._of(reference) for reference in edge.inputs)

    def taken_after(self, edge: Edge, name: str) -> Sources:
        """Where the inputs of the instance of an edge that follows the one of this name come from."""
        return (Source(self.last(edge, name)), *self.taken(edge)[1:])

    def taken_by_all(self, edge: Edge) -> Sources:
        """Where the inputs of many instances in one row come from."""
        taken = self.taken(edge)
        if not taken or taken[0] is None:
            return taken
        name = folded(edge)
        later = ((join_path(self.path, name), self.last(edge, name)), *taken[0].later)
        return (taken[0]._replace(later=later), *taken[1:])

    def last(self, edge: Edge, name: str) -> str:
        """The path of the row that made the output of an instance of a repeat."""
        shared = self.shared.get(name, _NONE) | edge.shared
        return self._inside(edge.child, join_path(self.path, name), shared, self.at + 1)

    def maker(self, edge: Edge) -> str:
        """The path of the row that made what an edge hands on: the last instance's last layer."""
        return self._maker(edge, self.path, self.shared, self.at)

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

    def _maker(self, edge: Edge, above: str, shared: Mapping[str, frozenset[str]], at: int) -> str:
        path = join_path(above, edge.name)
        if edge.start is None:
            return self._inside(edge.child, path, shared.get(edge.name, _NONE) | edge.shared, at)
        if not self._opens(at):
            return path
        name = edge.instance(edge.count - 1)
        within = shared.get(name, _NONE) | edge.shared
        if is_folded(edge, self.fold, shared):
            name = folded(edge)
        return self._inside(edge.child, join_path(above, name), within, at + 1)

    def _inside(self, child: Layer | Block, path: str, shared: frozenset[str], at: int) -> str:
        """The path of the row that made the output of a child that stands at `path` on level `at`."""
        if isinstance(child, Layer) or not self._opens(at):
            return path
        return self._maker(child.edges[child.result], path, by_entry(shared) if shared else {}, at + 1)


_NONE: frozenset[str] = frozenset()
