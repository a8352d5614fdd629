"""The memory of what was built and costed before, shared between builds of one spec at many sizes."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from costcalc.graph.model import Block, Layer
    from costcalc.spec.model import Layers, Spec

MOST_REMEMBERED = 200_000
"""A memo that holds more objects is begun anew: a sweep of many sizes would fill the memory."""


class Memo:
    """Blocks and layers by what they were built from, and their costs by batch size.

    Equal blocks of two builds are the same objects, and are costed once. It holds at most about `most` objects, and can
    be pickled together with its spec. A memo is for one thread.

    >>> import costcalc
    >>> spec, memo = costcalc.load("resnet18"), Memo()
    >>> graphs = [costcalc.build(spec, {"classes": classes}, memo=memo) for classes in (10, 100)]
    >>> [costcalc.estimate(graph, memo=memo).totals.params for graph in graphs]
    [11181642, 11227812]
    """

    __slots__ = ("built", "costs", "layers", "most", "used")

    def __init__(self, most: int = MOST_REMEMBERED) -> None:
        self.layers: Layers | None = None
        self.used: list[str] | None = None  # the args that blocks read by themselves
        self.most = most
        self.built = _Parts()
        self.costs = _Parts()

    def of(self, spec: Spec) -> Memo:
        """This memo, for builds of `spec`.

        Raises:
            ValueError: it is of another spec.
        """
        if self.layers is None:
            self.layers = spec.layers
        if self.layers is not spec.layers:
            raise ValueError("this memo holds the layers of another spec: each takes a memo of its own")
        return self

    def built_at(self, values: Hashable) -> dict[Any, Any]:
        """Return what was built at these values of the args that blocks read; a full memo is begun anew."""
        if self.built.size() > self.most:
            self.built, self.costs = _Parts(), _Parts()
        return self.built.part(values)

    def costs_at(self, batch: int) -> dict[Layer | Block, Any]:
        """The costs of objects at a batch size; all are forgotten where they are too many."""
        if self.costs.size() > self.most:
            self.costs = _Parts()
        return self.costs.part(batch)


class _Parts:
    """Dictionaries by a key, and how large they are together: each is counted when the next is asked for."""

    __slots__ = ("before", "counted", "last", "parts")

    def __init__(self) -> None:
        self.parts: dict[Hashable, dict[Any, Any]] = {}
        self.before = 0  # the size of all, when the last was asked for
        self.last: dict[Any, Any] = {}
        self.counted = 0  # the size of the last, when it was asked for

    def size(self) -> int:
        return self.before + len(self.last) - self.counted

    def part(self, key: Hashable) -> dict[Any, Any]:
        self.before = self.size() + (key not in self.parts)
        self.last = self.parts.setdefault(key, {})
        self.counted = len(self.last)
        return self.last
