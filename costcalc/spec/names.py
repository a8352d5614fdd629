"""The names of layers in one list: their `name`, else their op or block, the second `conv_2`."""

from __future__ import annotations


class Namer:
    """Gives out the names of one scope."""

    __slots__ = ("counts", "taken")

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.taken: set[str] = set()

    def take(self, name: str) -> bool:
        """Take an explicit name; False if it is taken already."""
        if name in self.taken:
            return False
        self.taken.add(name)
        return True

    def automatic(self, base: str) -> str:
        """The next free name for an unnamed layer.

        >>> namer = Namer()
        >>> [namer.automatic("conv") for _ in range(3)]
        ['conv', 'conv_2', 'conv_3']
        """
        name = self.following(base)
        self.taken.add(name)
        return name

    def following(self, base: str) -> str:
        """The name that `automatic` would give, without taking it."""
        count = self.counts.get(base, 1)
        while (name := base if count == 1 else f"{base}_{count}") in self.taken:
            count += 1
        self.counts[base] = count
        return name
