"""How layers of one list are called: by their `name`, else by their op or block, the second `conv_2`."""

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
        count = self.counts.get(base, 0)
        while True:
            count += 1
            name = base if count == 1 else f"{base}_{count}"
            if name not in self.taken:
                break
        self.counts[base] = count
        self.taken.add(name)
        return name
