"""A list of layers while it is built, the problems that end its building, and the remarks that do not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from costcalc.errors import Fault, Location, Problem
from costcalc.graph.model import Block, Edge, Layer, Spot
from costcalc.ops.op import Shape
from costcalc.spec.model import Call
from costcalc.spec.names import Namer

DEEPEST = 64
LONGEST_TRAIL = 4


class Holder(NamedTuple):
    """A thing that `share` may name.

    Attributes:
        up: how many lists further out it stands.
        name: its name there.
        runs: its instances, as (first index, index after the last, child).
        repeats: False for a layer that does not repeat, which is one run.
        apart: True for a join whose branches have weights and stand beside it, as it has no name.
    """

    up: int
    name: str
    runs: tuple[tuple[int, int, Layer | Block], ...]
    repeats: bool = False
    apart: bool = False


class Stop(Exception):
    """Problems on their way out; every block they pass adds a line to the trail."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(problems[0].message)
        self.problems = problems

    def passing(self, line: str) -> Stop:
        """A copy with `line` added to each trail, up to LONGEST_TRAIL lines."""
        return Stop(*(
            problem._replace(trail=(*problem.trail, line)) if len(problem.trail) < LONGEST_TRAIL else problem
            for problem in self.problems
        ))  # fmt: skip


class Env(dict[str, Any]):
    """Names and their values, over those of an outer environment. A copy for every block would cost blocks x args."""

    __slots__ = ("outer",)

    def __init__(self, own: Mapping[str, Any], outer: Mapping[str, Any]) -> None:
        super().__init__(own)
        self.outer = outer

    def __missing__(self, name: str) -> Any:
        return self.outer[name]

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or name in self.outer

    def __iter__(self) -> Iterator[str]:
        yield from super().__iter__()
        yield from (name for name in self.outer if not super(Env, self).__contains__(name))


class Scope:
    """A list of layers while it is built: its edges so far, their shapes, and what the names stand for."""

    __slots__ = (
        "axes",
        "calls",
        "chain",
        "depth",
        "dropped",
        "edges",
        "entries",
        "env",
        "formats",
        "inputs",
        "left_out",
        "namer",
        "names",
        "shapes",
        "shares",
        "ties",
    )

    def __init__(
        self, env: dict[str, Any], inputs: tuple[Shape, ...], names: dict[str, int], formats: tuple[str, str],
        shares: dict[str, Holder], depth: int,
    ) -> None:  # fmt: skip
        if depth > DEEPEST:
            raise Fault(f"blocks are nested deeper than {DEEPEST}")
        self.env = env
        self.inputs = inputs
        self.names = names
        self.formats = formats
        self.shares = shares
        self.depth = depth
        self.edges: list[Edge] = []
        self.entries: dict[str, list[int]] = {}  # name -> the positions of its edges
        self.ties: dict[Spot, Spot] = {}
        self.shapes: list[Shape] = []
        self.calls: list[Call] = []
        self.left_out: set[str] = set()  # names of layers that `when` leaves out
        self.dropped: dict[int, str] = {}  # what only such a layer would take -> its name
        self.namer = Namer()
        self.chain = -1
        self.axes: tuple[int | None, ...] = ()  # where the tokens lie in the inputs, in a network of one new token

    def shape(self, reference: int | None) -> Any:
        """The shape of the tensor at `reference`."""
        if reference is None:
            return None
        return self.shapes[reference] if reference >= 0 else self.inputs[-1 - reference]

    def add(self, edge: Edge, call: Call) -> int:
        """Append an edge; returns the reference of its output."""
        self.entries.setdefault(edge.name, []).append(len(self.edges))
        self.edges.append(edge)
        self.shapes.append(edge.child.output)
        self.calls.append(call)
        return len(self.edges) - 1


class Remarks:
    """Remarks on lists beside their edges: warnings by their place, and the names of layers that do not exist."""

    __slots__ = ("left_out", "warnings")

    def __init__(self) -> None:
        self.warnings: dict[Location, Problem] = {}
        self.left_out: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self.warnings or self.left_out)

    def add(self, other: Remarks) -> None:
        """Merge another list's remarks into this one."""
        self.warnings.update(other.warnings)
        self.left_out |= other.left_out
