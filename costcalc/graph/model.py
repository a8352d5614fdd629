"""The tree. Identical block instances are one object; what differs between them stands on the edges.

A `Layer` or `Block` knows its input shapes and nothing of where it stands. An `Edge` is one entry of a block: the
name, the child, where its inputs come from, and how often its weights are stored and its work is done.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from costcalc.errors import Fault, Location, Problem, UnknownChoice
from costcalc.ops.formula import Symbols
from costcalc.ops.op import Op, Shape
from costcalc.text.nodes import Node
from costcalc.text.suggest import did_you_mean
from costcalc.text.values import product

COPIES = "[*]"
"""Stands for the index of an expert in the paths of weights: all are stored, or shared, alike."""
MOST_NAMES = 10_000
"""So many names are looked at for a suggestion."""


FOLD = 64
"""More equal instances of a repeat than this are one row, and are named together."""


class Tensor:
    """An input as an expression sees it: `x.channels`, `x.height`, ... by the layout."""

    __slots__ = ("layout", "shape")

    def __init__(self, shape: Shape, layout: str) -> None:
        self.shape = shape
        self.layout = layout

    def attribute(self, name: str) -> Any:
        """One number of the shape; a `Fault` where the shape has no such axis."""
        shape = self.shape
        if name == "shape":
            return shape
        if name == "rank":
            return len(shape)
        if name == "features":
            return shape[-1]
        if name == "length":
            if len(shape) < 2:
                raise Fault(f"the shape {list(shape)} has no length: it has one axis only")
            return shape[-2]
        channels = 0 if self.layout == "channels_first" or len(shape) == 1 else len(shape) - 1
        if name == "channels":
            return shape[channels]
        sizes = shape[:channels] + shape[channels + 1 :]
        if name == "width" and sizes:
            return sizes[-1]
        if name == "height" and len(sizes) > 1:
            return sizes[-2]
        raise Fault(f"the shape {list(shape)} has no {name} ({self.layout})")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tensor) and self.shape == other.shape

    def __hash__(self) -> int:
        return hash(self.shape)

    def __str__(self) -> str:
        return f"the tensor {list(self.shape)}"


class StoredWeight:
    """One stored tensor of a layer."""

    __slots__ = ("name", "shape", "size", "trainable")

    def __init__(self, name: str, shape: Shape, trainable: bool) -> None:
        self.name = name
        self.shape = shape
        self.size = product(shape)
        self.trainable = trainable


class Spot(NamedTuple):
    """The place of a weight, seen from a list: so many lists further out, and its path from there."""

    up: int
    path: str


class Owner(NamedTuple):
    """Whose weights an edge uses, seen from its list.

    Attributes:
        up: how many lists further out the owner stands.
        entry: the owner's name there.
        instance: which of the owner's instances; None where it does not repeat.
        each: the instances of the edge use one instance of the owner each, from `instance` on.
        path: of the weight inside the owner; empty where all weights are meant.
    """

    up: int
    entry: str
    instance: int | None = None
    each: bool = False
    path: str = ""

    def at(self, offset: int) -> Owner:
        """The owner of one instance, counted from the first that the edge stands for."""
        if self.instance is None:
            return self
        return self._replace(instance=self.instance + offset * self.each, each=False)

    def spot(self, offset: int = 0, inside: str = "") -> Spot:
        """The place of the weight that an instance uses, counted from the first that the edge stands for."""
        entry = self.entry
        if self.instance is not None:
            entry = f"{entry}[{self.instance + offset * self.each}]"
        return Spot(self.up, join_path(join_path(entry, self.path), inside))


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """An op at one size: complete arguments, shapes, the symbols of its formulas, its weights."""

    op: Op
    arguments: Mapping[str, Any]
    inputs: tuple[Any, ...]
    output: Shape
    layout: str
    dtype: str
    weights_dtype: str
    symbols: Symbols
    weights: tuple[StoredWeight, ...]

    def tally(self) -> dict[str, int]:
        """Event -> how often it happens for one item, in the op's order; events that do not happen are left out."""
        counts = ((event, formula.evaluate(self.symbols)) for event, formula in self.op.tally.items())
        return {event: count for event, count in counts if count}

    def count(self, quantity: str) -> int:
        """One event or other quantity that the op publishes, for one item; 0 where it publishes none of this name."""
        formula = self.op.tally.get(quantity, self.op.quantities.get(quantity))
        return 0 if formula is None else formula.evaluate(self.symbols)


@dataclass(frozen=True, slots=True, eq=False)
class Edge:
    """One entry of a block, or a run of equal instances of a `repeat`, chained on their first input.

    Attributes:
        name: the name in the scope; empty for the op of a named join, which is called by the join's name.
        start: index of the first instance, or None where nothing repeats.
        count: how many instances the edge stands for.
        inputs: where each input comes from: the position of an earlier edge, or -1 - k for input k of the block.
            None for an optional input that is not given, or one that the child does not use.
        node: what the spec says there.
        stored: how often the weights are stored: `count`, or 0 where they are shared.
        run: how often the work is done: `count`, or 0 where no output needs it.
        idle: how often the work would be done, where no output needs it; 0 where it is done.
        owner: whose weights all those of the child are, path by path; None where the child has some of its own.
        shared: path of a weight that the child stores -> whose weight it is here; empty where none is another's.
    """

    name: str
    child: Layer | Block
    inputs: tuple[int | None, ...]
    node: Node
    start: int | None = None
    count: int = 1
    stored: int = 1
    run: int = 1
    owner: Owner | None = None
    shared: Mapping[str, Owner] = field(default_factory=dict)
    note: str = ""
    idle: int = 0

    @property
    def active(self) -> int:
        """The number of stored copies that one item uses: of a mixture of experts, the active ones; also if not run."""
        return min(self.stored, self.run or self.idle)

    @property
    def location(self) -> Location:
        """The place in the spec."""
        return self.node.location()

    def instance(self, index: int) -> str:
        """The name of an instance, counted from the first that the edge stands for."""
        return self.name if self.start is None else f"{self.name}[{self.start + index}]"

    @property
    def span(self) -> str:
        """The name of all instances together: `layers[0..11]`."""
        if self.start is None or self.count == 1:
            return self.instance(0)
        return f"{self.name}[{self.start}..{self.start + self.count - 1}]"

    def instances(self) -> Iterator[str]:
        """The names of the instances."""
        return map(self.instance, range(self.count))

    def names(self) -> Iterable[str]:
        """The names of the instances, or one such as `stage[0..99]` where they are many."""
        if self.count <= FOLD or self.start is None:
            return self.instances()
        return [f"{self.name}[{self.start}..{self.start + self.count - 1}]"]

    def has(self, name: str) -> bool:
        """True if `name` is that of one of the instances."""
        if self.start is None:
            return name == self.name
        index = name.removeprefix(f"{self.name}[").removesuffix("]")
        return index.isdecimal() and int(index) - self.start in range(self.count) and name == f"{self.name}[{index}]"

    @property
    def copies(self) -> int:
        """The number of copies of the weights that one instance has: the experts of a mixture; 1 for anything else."""
        return self.stored if self.start is None and self.stored > 1 else 1

    def entry(self, index: int) -> str:
        """The name of an instance in the paths of weights: `expert[*]` stands for all experts."""
        return f"{self.name}{COPIES}" if self.copies > 1 else self.instance(index)


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """A list of edges at one size.

    Attributes:
        result: where its output comes from, as in `Edge.inputs`.
        unused: its inputs that no edge and no output takes.
        ties: weight -> the one that it is made equal with by a `share` of a later layer. Those of enclosing lists are
            for the block around.
    """

    name: str
    inputs: tuple[Shape, ...]
    edges: tuple[Edge, ...]
    result: int
    output: Shape
    unused: frozenset[int] = frozenset()
    ties: Mapping[Spot, Spot] = field(default_factory=dict)

    @property
    def tied(self) -> frozenset[str]:
        """The paths of weights that an entry stores and another one owns."""
        return frozenset(spot.path for spot in self.ties if spot.up == 0) if self.ties else _NONE


_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Functional:
    """The function calls of the reference code: ops, paths of layers, and block -> paths from each of its calls."""

    ops: frozenset[str] = frozenset()
    paths: frozenset[str] = frozenset()
    blocks: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Phase:
    """A language model at work.

    Attributes:
        name: `prefill` reads a prompt at once, `decode` makes one token after `context - 1` others.
        context: tokens that the last one can look back on, itself included.
        input: the input that is the tokens.
        arg: the arg that says how many tokens there are; None if there is no such arg.
    """

    name: str
    context: int
    input: str
    arg: str | None


@dataclass(frozen=True, eq=False)
class Graph:
    """A network at one size.

    Attributes:
        inputs: input name -> shape.
        input_dtypes: input name -> number format.
        outputs: output name -> (reference as in `Edge.inputs`, shape).
        phase: what a language model does; None where nobody asked.
    """

    name: str
    address: str
    path: str
    variant: str | None
    root: Block
    inputs: Mapping[str, Shape]
    outputs: Mapping[str, tuple[int, Shape]]
    args: Mapping[str, Any]
    layout: str
    dtype: str
    input_dtypes: Mapping[str, str]
    expect: Mapping[str, Any] = field(default_factory=dict)
    meta: Any = None
    functional: Functional = field(default_factory=Functional)
    about: str = ""
    source: str = ""
    warnings: tuple[Problem, ...] = ()
    phase: Phase | None = None

    @cached_property
    def not_run(self) -> tuple[str, ...]:
        """The names of the top-level layers that no output needs; `aux[0..99]` where they are many in a repeat."""
        return tuple(name for edge in self.root.edges if edge.run == 0 for name in edge.names())


def join_path(parent: str, name: str) -> str:
    """`stage1[0]` and `conv` -> `stage1[0].conv`; an empty part is left out."""
    return f"{parent}.{name}" if parent and name else parent or name


def need_layer(graph: Graph, path: str) -> None:
    """Raise an `UnknownChoice` unless there is a layer at `path`."""
    seen: list[str] = []

    def found(block: Block, above: str) -> bool:
        for edge in block.edges:
            for name in edge.instances():
                here = join_path(above, name)
                inside = path == here or path.startswith((f"{here}.", f"{here}["))
                if len(seen) < MOST_NAMES:
                    seen.append(here)
                if isinstance(edge.child, Layer):
                    if path == here:
                        return True
                elif (inside or len(seen) < MOST_NAMES) and found(edge.child, here):
                    return True
        return False

    if not found(graph.root, ""):
        hint = did_you_mean(path, seen) or f"layers are {', '.join(seen[:8])}"
        raise UnknownChoice(f"{graph.name} has no layer '{path}': {hint}")
