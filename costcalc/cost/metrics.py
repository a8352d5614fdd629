"""The metrics: one entry each says its name, its title, its unit, how it is read, and where it is shown.

A metric that adds up over layers is a field of `Cost`, is filled in by `weights_cost` or `layer_cost`, and has an entry
in `METRICS`. Totals, comparisons, sorts, columns, JSON, limits, locks and differences are read off the table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from operator import add, attrgetter, mul
from typing import TYPE_CHECKING, NamedTuple, Union

from costcalc.spec.model import bytes_of
from costcalc.text.values import product

if TYPE_CHECKING:
    from fractions import Fraction

    from costcalc.cost.model import Report
    from costcalc.graph.model import Layer, StoredWeight

Number = Union[int, "Fraction"]  # a name in quotes takes no |
"""A count: costcalc's own are integers, another convention's need not be whole."""


class Cost(NamedTuple):
    """The cost of a layer or a block, for the whole batch.

    Attributes:
        params: trainable scalars, a shared weight once.
        params_active: those that one item uses: of a mixture of experts, the active ones.
        buffers: running statistics, never params.
        weight_bytes: the size of both in their number formats, every tensor a whole number of bytes.
        macs: multiply-accumulates of convolutions, matrix products and attention.
        activations: elements of every layer output; views of their input and weights count nothing.
        activation_bytes: the size of the activations in their number formats, every tensor a whole number of bytes.
        layers: how many layers run.
    """

    params: int = 0
    params_active: int = 0
    buffers: int = 0
    weight_bytes: int = 0
    macs: int = 0
    activations: int = 0
    activation_bytes: int = 0
    layers: int = 0

    def __add__(self, other: Cost) -> Cost:  # type: ignore[override]  # costs add up, tuples would be joined
        return Cost._make(map(add, self, other))

    def times(self, *, stored: int, run: int, active: int | None = None) -> Cost:
        """The cost of `stored` copies of the weights, of which one item uses `active`, and `run` rounds of the work."""
        active = min(stored, run) if active is None else active
        return Cost._make(map(mul, self, _factors(stored, run, active)))

    @property
    def flops(self) -> int:
        """2 x macs."""
        return 2 * self.macs


def weights_cost(layer: Layer, weights: Iterable[StoredWeight]) -> Cost:
    """The part of a layer's cost that these of its weights make; it is the same for every batch."""
    params = buffers = size = 0
    for weight in weights:
        params += weight.size if weight.trainable else 0
        buffers += 0 if weight.trainable else weight.size
        size += bytes_of(weight.size, layer.weights_dtype)
    return Cost(params=params, params_active=params, buffers=buffers, weight_bytes=size)


def layer_cost(layer: Layer, batch: int) -> Cost:
    """The cost of one layer that runs once, with all its weights."""
    activations = product(layer.output) * batch if layer.op.allocates else 0
    return weights_cost(layer, layer.weights) + Cost(
        macs=layer.count("mac") * batch,
        activations=activations,
        activation_bytes=bytes_of(activations, layer.dtype),
        layers=1,
    )


class Metric(NamedTuple):
    """A number of a report.

    Attributes:
        name: its key everywhere: in JSON, limits, locks, `--sort`, `--columns`.
        title: its name in tables.
        scale: what it grows with: weights that are `stored` or `active`, or rounds that `run`; empty for one that is
            worked out from others.
        bytes: True for a size in bytes, False for a count.
        scaled: True if its number is also shown in short: 4.09 G, 97.49 MiB.
        shown: whether the totals of `show` and `compare` have it: `always`, `nonzero` (of `show` only), `never`.
        rows: the rows of JSON that have it: `all`, `blocks` or nothing.
        about: what it is, where its title alone would not say so.
        network: how it is read, where it belongs to the whole network and its parts do not add up to it.
    """

    name: str
    title: str
    scale: str = ""
    bytes: bool = False
    scaled: bool = True
    shown: str = "always"
    rows: str = "all"
    about: str = ""
    network: Callable[[Report], int] | None = None

    @property
    def label(self) -> str:
        """Its name among totals."""
        return f"{self.title} ({self.about})" if self.about else self.title

    @property
    def of_blocks(self) -> bool:
        """True if parts of a network have it too, and add up to it."""
        return self.network is None


def _peak_bytes(report: Report) -> int:
    return report.peak().bytes


METRICS: Mapping[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("params", "Params", "stored"),
        Metric("params_active", "Params active", "active", shown="never"),
        Metric("buffers", "Buffers", "stored", shown="nonzero"),
        Metric("macs", "MACs", "run"),
        Metric("flops", "FLOPs", rows="", about="2 x MACs"),
        Metric("activations", "Activations", "run"),
        Metric("activation_bytes", "Activation bytes", "run", bytes=True),
        Metric("peak_activation_bytes", "Peak activation bytes", bytes=True, network=_peak_bytes),
        Metric("weight_bytes", "Weight bytes", "stored", bytes=True, rows=""),
        Metric("layers", "Layers", "run", scaled=False, rows="blocks"),
    )
}
ADDITIVE = tuple(metric.name for metric in METRICS.values() if metric.of_blocks)

SORTS = ("position", "path", *Cost._fields)
"""The orders of rows: by place, by path, or by a metric, the largest first."""

COUNTED_BY = ("costcalc", 2)
"""The convention that counts them, and its version: raised when a spec would give other numbers than before."""


METRIC_OF_UNIT = {"mac": "macs", "flop": "flops", "activation": "activations"}
"""The metric that a convention counts, by the unit of the convention."""

_SCALES = tuple(METRICS[field].scale for field in Cost._fields)


def _factors(stored: int, run: int, active: int) -> list[int]:
    factor = {"stored": stored, "run": run, "active": active}
    return [factor[scale] for scale in _SCALES]


def total(report: Report, metric: str) -> int:
    """A metric of a whole network. Budgets and differences get their numbers here."""
    read = METRICS[metric].network
    return part(report.totals, metric) if read is None else read(report)


def totals(report: Report) -> dict[str, int]:
    """Every metric of a whole network."""
    return {metric: total(report, metric) for metric in METRICS}


def part(cost: Cost, metric: str) -> int:
    """A metric of a layer or block."""
    number: int = getattr(cost, metric)
    return number


_all_parts = attrgetter(*ADDITIVE)


def metrics_of(cost: Cost, many: int = 1) -> dict[str, Number]:
    """Every metric of a layer or block, or of one of `many` alike that have this cost together."""
    numbers = _all_parts(cost)
    return dict(zip(ADDITIVE, numbers if many == 1 else (number // many for number in numbers), strict=True))


ROWS_OF_LAYERS = tuple(metric.name for metric in METRICS.values() if metric.rows == "all" and metric.of_blocks)
ROWS_OF_BLOCKS = tuple(metric.name for metric in METRICS.values() if metric.rows and metric.of_blocks)
"""The metrics in a row of JSON."""


def part_of_row(cost: Cost, metrics: Iterable[str]) -> dict[str, int]:
    """These metrics of a layer or block, by name."""
    return {metric: part(cost, metric) for metric in metrics}
