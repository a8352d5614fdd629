"""A spec as values: `Spec`, `Block`, `Call`. Nothing here is evaluated yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from costcalc.errors import Fault, Location, Problem
from costcalc.text.nodes import Node, Scalar
from costcalc.text.trees import Environment, Tree

LAYER_KEYS = ("name", "from", "when", "repeat", "share", "dtype", "weights", "note", "layers")
NONE: dict[str, Any] = {}
"""The mapping that a spec has where it says nothing. Nobody adds to it."""

BATCH_NAMES = frozenset(("n", "b", "bs", "batch", "batch_size"))
"""Common names of the batch, which is not part of a shape."""
LAYOUTS = ("channels_first", "channels_last")
DTYPE_BITS: Mapping[str, int] = {
    "float64": 64, "float32": 32, "float16": 16, "bfloat16": 16, "float8": 8, "int64": 64, "int32": 32, "int16": 16,
    "int8": 8, "uint8": 8, "int4": 4, "bool": 8,
}  # fmt: skip


def bytes_of(elements: int, dtype: str) -> int:
    """The size of one tensor: a whole number of bytes."""
    return -(-elements * DTYPE_BITS[dtype] // 8)


class Value:
    """An expression and the scalar it stands in; `offset` is where it begins inside that scalar."""

    __slots__ = ("node", "offset", "tree")

    def __init__(self, tree: Tree, node: Node, offset: int = 0) -> None:
        self.tree = tree
        self.node = node
        self.offset = offset

    @property
    def names(self) -> frozenset[str]:
        """The free names of the expression."""
        return self.tree.names

    def evaluate(self, env: Environment) -> Any:
        """The value under `env`; a fault gets its place."""
        try:
            return self.tree.evaluate(env)
        except Fault as fault:
            raise self.place(fault) from None

    def place(self, fault: Fault) -> Fault:
        """`fault` with the place of the part of this value that it is about, unless it has one."""
        if fault.location is None:
            items = getattr(self.node, "items", None) or getattr(self.tree, "items", None)
            if fault.item is None or not items or fault.item >= len(items):
                fault.location = self.location(fault.start, fault.end)
            elif isinstance(self.node, Scalar):
                fault.location = self.location(items[fault.item].start, items[fault.item].end)
            else:
                fault.location = items[fault.item].location()
        return fault

    def location(self, start: int = 0, end: int | None = None) -> Location:
        """The place of a part of the expression."""
        if isinstance(self.node, Scalar):
            last = None if end is None else end + self.offset
            return self.node.part(start + self.offset, last)
        return self.node.location()


class ListTree(Tree):
    """A YAML list of values."""

    __slots__ = ("items",)

    def __init__(self, items: tuple[Value, ...]) -> None:
        self.items = items
        self.start = self.end = 0
        self.names = frozenset().union(*(item.names for item in items))

    def children(self) -> Iterator[Tree]:
        yield from (item.tree for item in self.items)

    def evaluate(self, env: Environment) -> Any:
        return tuple(item.evaluate(env) for item in self.items)


class OpCall:
    """The value of `{leaky_relu: {slope: 0.1}}`: an op or a block with some of its arguments, as a value."""

    __slots__ = ("arguments", "key", "word")

    def __init__(self, word: str, arguments: dict[str, Any]) -> None:
        self.word = word
        self.arguments = arguments
        self.key = (word, tuple(arguments.items()))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, OpCall) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __str__(self) -> str:
        return f"{{{self.word}: ...}}"


class OpCallTree(Tree):
    """A YAML mapping of one key that names an op or a block."""

    __slots__ = ("arguments", "word")

    def __init__(self, word: str, arguments: dict[str, Value]) -> None:
        self.word = word
        self.arguments = arguments
        self.start = self.end = 0
        self.names = frozenset().union(*(value.names for value in arguments.values()))

    def children(self) -> Iterator[Tree]:
        yield from (value.tree for value in self.arguments.values())

    def evaluate(self, env: Environment) -> Any:
        return OpCall(self.word, {name: value.evaluate(env) for name, value in self.arguments.items()})


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """One entry of a list of layers: what is called, with what, from where, when and how often.

    `kind` is `op`, `block`, `parameter` (a parameter that holds an op or a block) or `group`.
    `inputs` is what `from` says: names by position, or by input name. `names`, `captures` and `shares` are what the
    arguments, branches and body need from outside, `i` included.
    """

    kind: str
    target: str
    node: Node
    arguments: dict[str, Value]
    branches: tuple[Branch, ...] = ()
    body: Layers | None = None
    name: str | None = None
    inputs: tuple[tuple[str | None, Reference], ...] = ()
    when: Value | None = None
    repeat: Value | None = None
    share: Reference | None = None
    dtype: str | None = None
    weights: str | None = None
    note: str = ""
    names: tuple[str, ...] = ()
    captures: tuple[str, ...] = ()
    shares: tuple[str, ...] = ()


class Reference:
    """A layer's name as `from`, `share`, `output` or `functional` give it, and where."""

    __slots__ = ("name", "node")

    def __init__(self, name: str, node: Node) -> None:
        self.name = name
        self.node = node


class Branch(NamedTuple):
    """A named list of layers inside a joining op."""

    name: str
    node: Node
    body: Layers
    source: Reference | None = None
    when: Value | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Layers:
    """A list of calls with what it needs from outside.

    `names` are the free names of its expressions, `captures` the layers that `from` takes from enclosing lists,
    `shares` the same for `share`.
    """

    calls: tuple[Call, ...]
    names: tuple[str, ...]
    captures: tuple[str, ...]
    shares: tuple[str, ...]


class Block(NamedTuple):
    """A block: parameters with their defaults, named inputs, and a body."""

    name: str
    node: Scalar
    parameters: tuple[tuple[str, Value | None], ...]
    inputs: tuple[str, ...]
    body: Layers
    included: bool = False


class Verify(NamedTuple):
    """Smaller args and input for the reference executor, and values for `run`."""

    args: tuple[tuple[str, Value], ...] = ()
    input: tuple[tuple[str, tuple[Value, ...]], ...] | None = None
    values: Any = None


class Spec(NamedTuple):
    """A network as written: immutable, and not yet at any size.

    `path` is the file as the user named it, `address` that and the variant. `expect` holds numbers from outside.
    `input_dtypes` holds the number formats of the inputs that state one.
    """

    name: str
    path: str
    layers: Layers
    inputs: tuple[tuple[str, tuple[Value, ...]], ...]
    variant: str | None = None
    variants: tuple[str, ...] = ()
    about: str = ""
    source: str = ""
    meta: Any = None
    functional: tuple[Reference, ...] = ()
    args: tuple[tuple[str, Value], ...] = ()
    layout: str = "channels_first"
    dtype: str = "float32"
    input_dtypes: Mapping[str, str] = NONE
    blocks: Mapping[str, Block] = NONE
    output: tuple[tuple[str, Reference], ...] | None = None
    expect: Mapping[str, tuple[Any, Node]] = NONE
    verify: Verify | None = None
    warnings: tuple[Problem, ...] = ()

    def __eq__(self, other: object) -> bool:
        return self is other

    def __ne__(self, other: object) -> bool:
        return self is not other

    def __hash__(self) -> int:
        return id(self)

    @property
    def address(self) -> str:
        """`FILE` or `FILE@VARIANT`."""
        return self.path if self.variant is None else f"{self.path}@{self.variant}"
