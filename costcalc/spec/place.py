"""The surroundings of a list of layers in a file, and the names it needs from outside."""

from __future__ import annotations

from collections.abc import Set

from costcalc.spec.names import Namer
from costcalc.spec.visible import Visible

INDEX = frozenset(("i",))
"""The name of the number of an instance, which a `repeat` adds."""


class Place:
    """A list's surroundings: the names its expressions see, its parameters that may hold ops, enclosing lists."""

    __slots__ = ("dynamic", "inputs", "later", "namer", "parameters", "parent", "seen", "unread", "visible")

    def __init__(self, visible: Set[str], parameters: Set[str], parent: Place | None, seen: set[str]) -> None:
        self.visible = visible
        self.parameters = parameters
        self.parent = parent
        self.seen = seen  # names of earlier layers in this list
        self.unread: set[str] = set()  # those of them that only a layer that could not be read would have had
        self.inputs = frozenset(seen)
        self.later: dict[str, int] = {}  # explicit names in this list, and their lines
        self.namer = Namer()
        self.dynamic = False  # a layer's name is known only when the list is built

    def inner(self, *, repeats: bool) -> Place:
        """The place of a list inside a layer of this one."""
        visible = Visible(INDEX, self.visible) if repeats and "i" not in self.visible else self.visible
        return Place(visible, self.parameters, self, set())


class Needs:
    """The names that a list needs from outside, gathered while it is read."""

    __slots__ = ("captures", "names", "shares")

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.captures: dict[str, None] = {}
        self.shares: dict[str, None] = {}
