"""`bench`: a `Graph` -> a `Benchmark`. Every distinct layer is run several times on floats, beside the limit of Python.

The limit is what plain Python takes for bare sums of products, of rows that are already gathered and as long as the
layer's own sums. It is measured in turn with the layer, so that a machine that slows down slows both.
"""

from __future__ import annotations

import math
import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import mul
from random import Random
from statistics import median
from time import get_clock_info, perf_counter, process_time

from costcalc.errors import CostcalcError
from costcalc.graph.model import Graph, Layer
from costcalc.reference.execute import stated_events
from costcalc.reference.kernels import kernels
from costcalc.reference.shrink import work
from costcalc.reference.tensor import Tensor
from costcalc.reference.verify import Progress, distinct, fit, too_large
from costcalc.reference.weights import Weights, draw, draw_weight

FEWEST, MOST = 100_000, 1_000_000
"""The limit is timed with as many multiply-adds as the layer has, but no fewer and no more than these."""
FINE = 1e-5
"""A clock whose steps are longer, in seconds, is too coarse."""

Values = tuple[tuple[Tensor | None, ...], dict[str, Tensor]]
"""Inputs and weights of a layer."""
Timed = tuple[Callable[[], object], int]
"""A thing to time, and its number of multiply-adds."""
Prepare = Callable[[Layer, Values], Callable[[], object] | None]
"""A layer and its values -> what is to be timed; None where the backend has no such op."""


@dataclass(frozen=True, slots=True)
class Backend:
    """A backend that runs layers.

    Attributes:
        version: its name, version and whatever else decides how fast it is.
        cpu: whether CPU seconds are taken, which other work on the machine disturbs little.
    """

    name: str
    version: str
    prepare: Prepare
    cpu: bool = False

    @property
    def clock(self) -> Callable[[], float]:
        """The clock function."""
        return process_time if self.cpu else perf_counter

    @property
    def clock_name(self) -> str:
        """The clock in words."""
        return "CPU time" if self.cpu else "time of the clock"


@dataclass(frozen=True, slots=True)
class TimedLayer:
    """One distinct layer of a network, and how long it took.

    Attributes:
        path: the first layer of its kind; `layers` says how many there are.
        layer: the layer as the network has it.
        run: the layer as it was timed; None when it was not, and `reason` says why.
        macs: the multiply-adds of `run`.
        length: how many products one of its sums has, about; 0 without any.
        seconds: of every repeat.
        limit: seconds of one multiply-add at the limit of plain Python, of every repeat; empty without multiply-adds.
    """

    path: str
    layers: int
    layer: Layer
    run: Layer | None
    macs: int = 0
    length: int = 0
    seconds: tuple[float, ...] = ()
    limit: tuple[float, ...] = ()
    reason: str = ""

    @property
    def median(self) -> float:
        """The median of the repeats in seconds; 0 if it was not run."""
        return median(self.seconds) if self.seconds else 0.0

    @property
    def ns_per_mac(self) -> float | None:
        """Nanoseconds a multiply-add; None without any."""
        return self.median / self.macs * 1e9 if self.macs and self.seconds else None

    @property
    def share(self) -> float | None:
        """The speed relative to the limit, the median of the repeats; None without multiply-adds."""
        if not self.limit:
            return None
        pairs = zip(self.seconds, self.limit, strict=True)
        return median(limit * self.macs / max(seconds, 1e-12) for seconds, limit in pairs)

    @property
    def shrunk(self) -> bool:
        """True if the layer was timed smaller than the network has it."""
        return self.run is not None and self.run is not self.layer


@dataclass(frozen=True, slots=True)
class Benchmark:
    """Time the distinct layers of a network, one after the other, each on its own.

    `limit_name` is what the limit was measured with.
    """

    graph: Graph
    backend: Backend
    python: str
    limit_name: str
    repeats: int
    budget: int
    rows: tuple[TimedLayer, ...]

    @property
    def seconds(self) -> float:
        """The sum of the medians."""
        return sum(row.median for row in self.rows)

    @property
    def macs(self) -> int:
        """The multiply-adds of one repeat of all rows."""
        return sum(row.macs for row in self.rows)

    @property
    def multiplying(self) -> tuple[TimedLayer, ...]:
        """The rows with multiply-adds."""
        return tuple(row for row in self.rows if row.macs and row.seconds)

    @property
    def ns_per_mac(self) -> float | None:
        """Nanoseconds a multiply-add, of the layers that have any; None if none has."""
        rows = self.multiplying
        return sum(row.median for row in rows) / sum(row.macs for row in rows) * 1e9 if rows else None

    @property
    def share(self) -> float | None:
        """The speed of the layers with multiply-adds relative to the limit, all together."""
        rows = self.multiplying
        taken = sum(row.median for row in rows)
        return sum(median(row.limit) * row.macs for row in rows) / taken if taken else None


def bench(
    graph: Graph,
    repeats: int = 5,
    budget: int = 20_000_000,
    backend: Backend | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Benchmark:
    """Time every distinct layer of `graph`, with about `budget` multiply-adds for all of them once.

    What is too large is timed smaller, as `verify` does. Every layer is run once more, before it is timed.

    Raises:
        CostcalcError: repeats or budget are below 1.
    """
    if repeats < 1 or budget < 1:
        raise CostcalcError("repeats and budget must be at least 1")
    backend = backend or in_python()
    places = distinct(graph)
    fitted, limit = fit([place.layer for place in places], budget)
    total = sum(work(layer) for layer in fitted if layer is not None)
    rows: list[TimedLayer] = []
    spent = 0
    for place, layer in zip(places, fitted, strict=True):
        if progress is not None:
            progress(spent, total, place.path)
        if layer is None:
            reason = too_large(place.layer, limit)
            rows.append(TimedLayer(place.path, place.layers, place.layer, None, reason=reason))
            continue
        spent += work(layer)
        ready = backend.prepare(layer, draw_values(layer, seed))
        if ready is None:
            reason = f"{backend.name} has no {layer.op.name} like it"
            rows.append(TimedLayer(place.path, place.layers, place.layer, None, reason=reason))
            continue
        macs, length = stated_events(layer).get("mac", 0), row_length(layer)
        bare = limit_of(length, min(max(macs, FEWEST), MOST)) if length else None
        seconds, limits = _timed(ready, bare, repeats, backend.clock)
        rows.append(TimedLayer(place.path, place.layers, place.layer, layer, macs, length, seconds, limits))
    if progress is not None:
        progress(total, total, "")
    return Benchmark(graph, backend, platform.python_version(), LIMIT_NAME, repeats, budget, tuple(rows))


def _timed(
    ready: Callable[[], object], limit: Timed | None, repeats: int, clock: Callable[[], float]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Seconds of every repeat, and of a multiply-add at the limit, in turn."""
    seconds, limits = [], []
    ready()
    if limit is not None:
        limit[0]()
    for _ in range(repeats):
        start = clock()
        ready()
        seconds.append(clock() - start)
        if limit is not None:
            bare, work = limit
            start = clock()
            bare()
            limits.append((clock() - start) / work)
    return tuple(seconds), tuple(limits)


def row_length(layer: Layer) -> int:
    """The approximate number of products that an output of a layer adds up; 0 without any."""
    macs = stated_events(layer).get("mac", 0)
    return max(1, macs // math.prod(layer.output)) if macs else 0


# --- values and kernels ----------------------------------------------------------------------------------------------


def draw_values(layer: Layer, seed: int) -> Values:
    """Random inputs and weights; numbers of rows where an op picks rows."""
    random = Random(f"{seed} {layer.op.name}")  # noqa: S311  # reproducible values, no secrets
    inputs = tuple(None if shape is None else draw(shape, random) for shape in layer.inputs)
    for name, rows in layer.op.indices.items():
        place, count = layer.op.inputs.index(name), layer.arguments[rows]
        inputs = tuple(_rows(x, count, random) if number == place else x for number, x in enumerate(inputs))
    return inputs, {weight.name: draw_weight(weight.name, weight.shape, random) for weight in layer.weights}


def _rows(x: Tensor | None, count: int, random: Random) -> Tensor | None:
    """A tensor of that shape of the numbers of rows of a table that has `count` of them."""
    return x and Tensor(x.shape, [float(random.randrange(count)) for _ in x.numbers])


def in_python() -> Backend:
    """The kernels of this package."""
    fine = get_clock_info("process_time").resolution <= FINE
    return Backend("python", f"Python {platform.python_version()}", _kernel, cpu=fine)


def _kernel(layer: Layer, values: Values) -> Callable[[], object]:
    kernel, (inputs, weights) = kernels()[layer.op.name], values
    return lambda: kernel(inputs, Weights(weights), layer.arguments, layer.layout)  # type: ignore[arg-type]


# --- the limit -------------------------------------------------------------------------------------------------------


def sum_of_products(a: Sequence[float], b: Sequence[float]) -> float:
    """The sum of the products of two rows."""
    total: float = sum(map(mul, a, b))
    return total


LIMIT: Callable[[Sequence[float], Sequence[float]], float] = getattr(math, "sumprod", sum_of_products)
"""The fastest sum of products that the interpreter has."""
LIMIT_NAME = "math.sumprod(a, b)" if hasattr(math, "sumprod") else "sum(map(mul, a, b))"


def limit_of(length: int, work: int) -> Timed:
    """Sums of products of rows of this length, already gathered, and how many multiply-adds they are."""
    random = Random(length)  # noqa: S311  # as above
    count = max(1, work // length)
    rows = [draw((length,), random).numbers for _ in range(min(count + 1, 64))]
    pairs = [(rows[k % len(rows)], rows[(k + 1) % len(rows)]) for k in range(count)]
    return lambda: [LIMIT(a, b) for a, b in pairs], count * length
