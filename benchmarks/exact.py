"""How fast convolutions are on packed integers, layer kind by layer kind and for the whole of ResNet-18.

    python benchmarks/exact.py [--repeats 7] [--all-channels]

Every kind of layer is timed against bare sums of products over rows that are already gathered, of the layer's own
length and numbers: `sum(map(mul))`, and `math.sumprod` from Python 3.12 on. Candidates take turns; medians of CPU
seconds, so that other work on the machine disturbs little. ResNet-18 is run once, from 3x224x224 to 1000 classes, on
seeded integers; of every convolution one output channel is compared with the plain kernel, with `--all-channels` all
of them, which takes as long as plain Python takes.
"""

from __future__ import annotations

import argparse
import math
import platform
import random
import resource
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from operator import mul
from pathlib import Path
from typing import Any

from costcalc.graph.build import build
from costcalc.graph.model import Block, Layer, join_path
from costcalc.reference.exact import check_exact, exact_kernels
from costcalc.reference.exact_values import draw_exact_weight, draw_integers
from costcalc.reference.kernels import kernels
from costcalc.reference.packed import lanes_for
from costcalc.reference.tensor import Tensor, cut
from costcalc.reference.weights import Weights
from costcalc.spec.load import load

DEFAULTS = {"kernel": 1, "stride": 1, "padding": 0, "dilation": 1, "groups": 1, "bias": False}
WINDOW = {"kernel": 3, "padding": 1}
Case = tuple[str, int, int, int, dict[str, Any]]
CASES: Sequence[Case] = (  # name, input channels, side, the largest number, arguments
    ("1x1, 256 -> 64", 256, 28, 8, {"out": 64}),
    ("1x1, 64 -> 256", 64, 28, 8, {"out": 256}),
    ("3x3, 64 -> 64", 64, 28, 8, {"out": 64, **WINDOW}),
    ("3x3, 64 -> 64, 30-bit numbers", 64, 28, 2**29, {"out": 64, **WINDOW}),
    ("3x3, 64 -> 64, 80-bit numbers", 64, 28, 2**79, {"out": 64, **WINDOW}),
    ("3x3, 64 -> 64, on 7x7", 64, 7, 8, {"out": 64, **WINDOW}),
    ("3x3, 64 -> 64, stride 2", 64, 28, 8, {"out": 64, **WINDOW, "stride": 2}),
    ("3x3, 64 -> 64, dilation 2", 64, 28, 8, {"out": 64, "kernel": 3, "padding": 2, "dilation": 2}),
    ("3x3, 128 -> 128, 4 groups", 128, 28, 8, {"out": 128, **WINDOW, "groups": 4}),
    ("3x3, 128 -> 128, 32 groups", 128, 28, 8, {"out": 128, **WINDOW, "groups": 32}),
    ("3x3 depthwise, 128 channels", 128, 28, 8, {"out": 128, **WINDOW, "groups": 128}),
)
SPEC = Path(__file__).parent.parent / "specs/resnet/resnet18.yaml"
SUMPROD: Callable[[Any, Any], int] | None = getattr(math, "sumprod", None)


def main() -> None:
    """Time the kinds of layers, then the network."""
    parser = argparse.ArgumentParser(description="How fast exact convolutions are on packed integers.")
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--all-channels", action="store_true", help="compare all of ResNet-18 with the plain kernels")
    options = parser.parse_args()
    print(f"Python {platform.python_version()}, {platform.machine()}, CPU time; million multiply-adds a second\n")
    kinds(options.repeats)
    Network(options.all_channels).run()


# --- kinds of layers -------------------------------------------------------------------------------------------------

Timed = tuple[Callable[[], object], int]
"""What to run, and how many multiply-adds it takes."""


def kinds(repeats: int) -> None:
    """A line for every kind of layer; medians."""
    print(f"{'layer':<32}{'lanes':>6}{'packed':>9}{'sum(map(mul))':>15}{'ratio':>7}{'sumprod':>9}{'ratio':>7}")
    for name, channels, side, largest, given in CASES:
        arguments = {**DEFAULTS, **given}
        source = seeded(1)
        x = Tensor((channels, side, side), [source.randint(-largest, largest) for _ in range(channels * side**2)])
        shape = (arguments["out"], channels // arguments["groups"], *[arguments["kernel"]] * 2)
        weights = {"weight": draw_exact_weight("weight", shape, source, arguments)}
        rows = weights["weight"].lines(3)
        conv = Convolution(x, weights, arguments)
        limits = [gathered(sum_of_products, x.numbers, rows)]
        limits += [gathered(SUMPROD, x.numbers, rows)] if SUMPROD else []
        rate, bare, *other = rates(repeats, (conv, len(conv().numbers) * len(rows[0])), *limits)
        line = f"{name:<32}{lanes_for(x.numbers, rows).bits:>6}{rate:>9.0f}{bare:>15.1f}{rate / bare:>7.1f}"
        print(line + "".join(f"{prod:>9.1f}{rate / prod:>7.1f}" for prod in other))


@dataclass(frozen=True)
class Convolution:
    """A convolution on packed integers, ready to run."""

    x: Tensor
    weights: dict[str, Tensor]
    arguments: dict[str, Any]

    def __call__(self) -> Tensor:
        return exact_kernels()["conv"]([self.x], Weights(self.weights), self.arguments, "channels_first")


def seeded(seed: int | str) -> random.Random:
    """Random numbers, the same in every run."""
    return random.Random(seed)  # noqa: S311  # no secrets


def rates(repeats: int, *timed: Timed) -> list[float]:
    """Million multiply-adds a second, medians; the candidates take turns."""
    seconds: list[list[float]] = [[] for _ in timed]
    for _ in range(repeats):
        for (run, _), times in zip(timed, seconds, strict=True):
            start = time.process_time()
            run()
            times.append(time.process_time() - start)
    return [work / statistics.median(times) / 1e6 for (_, work), times in zip(timed, seconds, strict=True)]


def gathered(limit: Callable[[Any, Any], int], numbers: list[int], rows: list[list[int]], work: int = 500_000) -> Timed:
    """Sums of products of rows of weights with equally long rows of the numbers, already gathered."""
    source, length = seeded(2), len(rows[0])
    count = max(1, work // length)
    windows = [source.choices(numbers, k=length) for _ in range(min(count, 64))]
    pairs = [(rows[i % len(rows)], windows[i % len(windows)]) for i in range(count)]
    return lambda: [limit(a, b) for a, b in pairs], count * length


def sum_of_products(a: Sequence[int], b: Sequence[int]) -> int:
    """The sum of the products of two rows."""
    return sum(map(mul, a, b))


# --- ResNet-18 -------------------------------------------------------------------------------------------------------


class Integers(Tensor):
    """A tensor whose border is an integer 0: on it the plain kernels are exact too."""

    def constant(self, value: float) -> int:
        return int(value)


class Network:
    """ResNet-18 on exact integers, timed layer by layer."""

    def __init__(self, all_channels: bool) -> None:
        self.all_channels = all_channels
        self.packed = self.bare = self.small = self.plain = self.cpu = 0.0
        self.work = self.compared = 0

    def run(self) -> None:
        """Run it and print the table."""
        graph = build(load(str(SPEC)))
        check_exact(graph)
        small = rates(7, gathered(sum_of_products, [*range(-8, 8)], [[1, -2, 2, -1] * 144]))[0]
        print(f"\n{graph.name} at 3x224x224, on integers that nothing rounds; convolutions and the head")
        print(f"\n{'layer':<40}{'multiply-adds':>15}{'lanes':>6}{'packed':>9}{'sum(map(mul))':>15}{'ratio':>7}")
        y = self.block(graph.root, [draw_integers(graph.inputs["input"], seeded("input"))], "")
        print(f"{'all of them':<40}{self.work:>15,}{'':>6}", end="")
        rate, bare = (self.work / seconds / 1e6 for seconds in (self.packed, self.bare))
        print(f"{rate:>9.0f}{bare:>15.1f}{rate / bare:>7.1f}")
        print(f"\nthe whole network, values drawn and all: {self.cpu:.1f} s of CPU time")
        print(f"the convolutions alone: {self.packed:.1f} s; as sum(map(mul)) {self.bare:.0f} s on these numbers, ")
        print(f"{self.work / small / 1e6:.0f} s on small ones ({small:.0f} million a second): {rate / small:.1f} times")
        print(f"{self.compared:,} numbers compared with the plain kernel, which took {self.plain:.1f} s: all equal")
        widest = max(number.numerator.bit_length() for number in y.numbers)
        print(f"output {list(y.shape)}, up to {widest} bits; peak memory", end=" ")
        print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")

    def block(self, block: Block, inputs: list[Tensor], path: str) -> Tensor:
        """The output of a block: its entries in order, the instances of a repeat one after the other."""
        known = {-1 - place: x for place, x in enumerate(inputs)}
        for place, edge in enumerate(block.edges):
            taken = [known[reference] for reference in edge.inputs if reference is not None]
            for name in edge.instances():
                here = join_path(path, name)
                child = edge.child
                taken[0] = (
                    self.block(child, taken, here) if isinstance(child, Block) else self.layer(child, taken, here)
                )
            known[place] = taken[0]
        return known[block.result]

    def layer(self, layer: Layer, inputs: list[Tensor], path: str) -> Tensor:
        """The output of a layer."""
        start = time.process_time()
        weights = dict(self.weights(layer, path))
        drawn = time.process_time()
        y = exact_kernels()[layer.op.name](inputs, Weights(weights), layer.arguments, layer.layout)
        seconds = time.process_time() - drawn
        self.cpu += drawn - start + seconds
        if layer.op.name in ("conv", "linear"):
            self.report(layer, inputs[0], weights["weight"], path, seconds)
        if layer.op.name == "conv":
            self.compare(layer, inputs[0], weights["weight"], y)
        return y

    def weights(self, layer: Layer, path: str) -> Iterator[tuple[str, Tensor]]:
        """The weights of a layer, seeded by its path."""
        for weight in layer.weights:
            source = seeded(join_path(path, weight.name))
            yield weight.name, draw_exact_weight(weight.name, weight.shape, source, layer.arguments)

    def report(self, layer: Layer, x: Tensor, weight: Tensor, path: str, seconds: float) -> None:
        """A line for a layer, beside bare sums of products of its own numbers."""
        work = layer.op.tally["mac"].evaluate(layer.symbols)
        rows = weight.lines(len(weight.shape) - 1)
        whole = [number.numerator for number in x.numbers]
        bits, bare = lanes_for(whole, rows).bits, rates(3, gathered(sum_of_products, whole, rows))[0]
        rate = work / seconds / 1e6
        print(f"{path:<40}{work:>15,}{bits:>6}{rate:>9.0f}{bare:>15.1f}{rate / bare:>7.1f}", flush=True)
        self.work += work
        self.packed += seconds
        self.bare += work / bare / 1e6

    def compare(self, layer: Layer, x: Tensor, weight: Tensor, y: Tensor) -> None:
        """Hold one output channel, or all, against the plain kernel."""
        out = layer.arguments["out"]
        channels = [*range(out)] if self.all_channels else [out // 3]
        rows, planes = weight.lines(len(weight.shape) - 1), cut(y.numbers, len(y.numbers) // out)
        start = time.process_time()
        some = Tensor((len(channels), *weight.shape[1:]), [number for c in channels for number in rows[c]])
        arguments = {**layer.arguments, "out": len(channels)}
        plain = kernels()["conv"]([Integers(x.shape, x.numbers)], Weights({"weight": some}), arguments, layer.layout)
        self.plain += time.process_time() - start
        if plain.numbers != [number for c in channels for number in planes[c]]:
            raise SystemExit("the packed and the plain kernel disagree")
        self.compared += len(plain.numbers)


if __name__ == "__main__":
    main()
