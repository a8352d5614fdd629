"""Names in layers: those of a list or a block over those of the file, which all blocks share and none copies."""

from __future__ import annotations

from collections.abc import Iterator, Set


class Visible(Set[str]):
    """The names of `own` and of `outer`, as they are when asked. A copy for every block would cost blocks x args.

    >>> outer = {"classes"}
    >>> names = Visible({"out"}, outer)
    >>> sorted(names), "width" in names
    (['classes', 'out'], False)
    """

    __slots__ = ("outer", "own")

    def __init__(self, own: Set[str], outer: Set[str]) -> None:
        self.own = own
        self.outer = outer

    def __contains__(self, name: object) -> bool:
        return name in self.own or name in self.outer

    def __iter__(self) -> Iterator[str]:
        yield from self.own
        yield from (name for name in self.outer if name not in self.own)

    def __len__(self) -> int:
        return len(self.outer) + sum(name not in self.outer for name in self.own)
