"""Does the time of plain Python follow the multiply-adds? Blocks that cost about the same, and blocks that do not.

    python benchmarks/basic_bottleneck.py [--side 14] [--repeats 7]

ResNet's basic block against its bottleneck, and Inception's 5x5 convolution with and without the 1x1 that reduces
before it, on the reference executor with floats. The specs are the bundled ones on a smaller image: a convolution on
an image a quarter as large takes a quarter of the multiply-adds, so the ratios of MACs stay. A round runs every layer
of both once, in turn; seconds are CPU time, medians of the rounds, ratios medians of the ratios round by round.
"""

from __future__ import annotations

import argparse
import platform
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

from costcalc.graph.build import build
from costcalc.graph.model import Layer
from costcalc.reference.bench import LIMIT_NAME, draw_values, in_python, limit_of, row_length
from costcalc.reference.execute import stated_events
from costcalc.reference.verify import distinct
from costcalc.report.layers import in_short
from costcalc.spec.load import load

PAIRS = (("basic", "bottleneck"), ("inception_5x5_direct", "inception_5x5_reduced"))


@dataclass
class Timed:
    """A layer that is timed, with its seconds and those of a multiply-add at the limit, round by round."""

    path: str
    times: int
    layer: Layer
    run: Callable[[], object]
    limit: tuple[Callable[[], object], int] | None
    seconds: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)

    @property
    def macs(self) -> int:
        """The multiply-adds of all layers like it."""
        return self.times * stated_events(self.layer).get("mac", 0)


def main() -> None:
    """Time both pairs and say what came out."""
    parser = argparse.ArgumentParser(description="Whether the time of plain Python follows the multiply-adds.")
    parser.add_argument("--side", type=int, default=14, help="of the image; 28 or 56 in the papers")
    parser.add_argument("--repeats", type=int, default=7)
    options = parser.parse_args()
    print(f"Python {platform.python_version()}, {platform.machine()}, CPU time, medians of {options.repeats}")
    for names in PAIRS:
        compare(names, options.side, options.repeats)


def compare(names: tuple[str, str], side: int, repeats: int) -> None:
    """A table for each of two networks, and the ratios."""
    networks = [prepare(name, side) for name in names]
    for network in networks:
        for timed in network:
            timed.run()
    clock = in_python().clock
    for _ in range(repeats):
        for timed in [timed for network in networks for timed in network]:
            start = clock()
            timed.run()
            timed.seconds.append((clock() - start) * timed.times)
            if timed.limit is not None:
                bare, work = timed.limit
                start = clock()
                bare()
                timed.bare.append((clock() - start) / work)
    for name, network in zip(names, networks, strict=True):
        table(name, network)
    explain(names, networks)


def prepare(name: str, side: int) -> list[Timed]:
    """The layers of a bundled spec on a smaller image; equal ones stand once."""
    spec = load(name)
    shape = build(spec).inputs["input"]
    found = []
    for place in distinct(build(spec, {}, {"input": (shape[0], side, side)})):
        layer, macs = place.layer, stated_events(place.layer).get("mac", 0)
        run = in_python().prepare(layer, draw_values(layer, 0))
        assert run is not None
        limit = limit_of(row_length(layer), min(macs, 1_000_000)) if macs else None
        found.append(Timed(place.path, place.layers, layer, run, limit))
    return found


def table(name: str, network: list[Timed]) -> None:
    """A line a layer."""
    print(f"\n{name}\n{'layer':<14}{'op':<38}{'MACs':>14}{'sums of':>9}{'ms':>9}{'ns/MAC':>8}{'limit':>8}{'share':>7}")
    for timed in network:
        milliseconds = median(timed.seconds) * 1e3
        line = f"{timed.path:<14}{in_short(timed.layer.op, timed.layer.arguments):<38}{timed.macs:>14,}"
        if timed.limit is None:
            print(f"{line}{'':>9}{milliseconds:>9.2f}")
            continue
        own, bare = milliseconds * 1e6 / timed.macs, median(timed.bare) * 1e9
        print(f"{line}{row_length(timed.layer):>9}{milliseconds:>9.2f}{own:>8.1f}{bare:>8.1f}{bare / own:>7.2f}")


def explain(names: tuple[str, str], networks: list[list[Timed]]) -> None:
    """How the second compares with the first, in MACs and in time, and where the difference comes from."""
    first, second = networks
    macs = total(second) / total(first)
    rounds = range(len(first[0].seconds))

    def ratio(kind: Callable[[Timed], bool]) -> float:
        sums = [[sum(t.seconds[k] for t in network if kind(t)) for k in rounds] for network in networks]
        return median(b / a for a, b in zip(*sums, strict=True))

    products, whole = ratio(lambda timed: timed.limit is not None), ratio(lambda timed: True)
    bare = [sum(median(t.bare) * t.macs for t in network if t.limit is not None) for network in networks]
    print(f"\n{names[1]} to {names[0]}")
    print(f"  MACs                                {macs:.3f}")
    print(f"  time of the convolutions            {products:.3f}   {products / macs:.2f} of what the MACs say")
    print(f"  the limit, bare {LIMIT_NAME:<20}{bare[1] / bare[0]:.3f}   rows of the same lengths, already gathered")
    print(f"  time of all layers                  {whole:.3f}   {whole / macs:.2f} of what the MACs say")
    for line in reasons(names, networks, products / macs, bare[1] / bare[0] / macs, whole / macs):
        print(f"  {line}")


def reasons(
    names: tuple[str, str], networks: list[list[Timed]], products: float, bare: float, whole: float
) -> list[str]:
    """Why time and MACs differ, read off the figures of this run."""
    lengths = [mean_length(network) for network in networks]
    found = [f"Sums are {lengths[0]:.0f} products long in {names[0]}, {lengths[1]:.0f} in {names[1]}, on average."]
    if abs(products - 1) < 0.05:
        found.append("The convolutions follow the MACs to a twentieth.")
    else:
        found += [
            f"The convolutions take {products:.2f} times what the MACs say, bare sums of these lengths {bare:.2f}.",
            "Every sum is begun and ended once, so a product of a short one costs more. The rest is what the kernel",
            "does beside sums: gathering windows, once for all output channels, and putting numbers in their places.",
        ]
    others = [
        sum(median(timed.seconds) for timed in network if timed.limit is None)
        / sum(median(timed.seconds) for timed in network)
        for network in networks
    ]
    numbers = [sum(t.times * size(t.layer) for t in network if t.limit is None) for network in networks]
    found += [
        f"Layers without MACs (relu, add) take {others[0]:.1%} and {others[1]:.1%} of the time:",
        f"they put out {numbers[0]:,} and {numbers[1]:,} numbers, of which MACs know nothing.",
        f"With them the ratio is {whole:.2f} times that of the MACs.",
    ]
    return found


def total(network: list[Timed]) -> int:
    """The multiply-adds of a network."""
    return sum(timed.macs for timed in network)


def mean_length(network: list[Timed]) -> float:
    """Products to a sum: multiply-adds over the numbers that come out."""
    return total(network) / sum(t.times * size(t.layer) for t in network if t.limit is not None)


def size(layer: Layer) -> int:
    """The numbers that come out of a layer."""
    count = 1
    for side in layer.output:
        count *= side
    return count


if __name__ == "__main__":
    main()
