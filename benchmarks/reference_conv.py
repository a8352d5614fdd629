"""How close the reference executor's convolutions come to what plain Python allows.

    python benchmarks/reference_conv.py [--repeats 10]

Every case is timed against bare sums of products over rows that are already gathered, in the same run: over rows of
576, the limit of a 3x3 convolution of 64 channels, and over rows as long as the case's own. `sumprod` is
`math.sumprod`, from Python 3.12 on. The 3x3 case is also timed against seven nested loops. All on floats; medians.
"""

from __future__ import annotations

import argparse
import math
import platform
import random
import statistics
import time
from collections.abc import Callable, Sequence
from operator import mul
from typing import Any

from costcalc.reference.kernels import kernels
from costcalc.reference.weights import Weights, draw

Case = tuple[str, int, dict[str, Any]]
CASES: Sequence[Case] = (
    ("3x3, 64 -> 64", 64, {"out": 64, "kernel": 3, "padding": 1}),
    ("1x1, 256 -> 64", 256, {"out": 64}),
    ("1x1, 64 -> 256", 64, {"out": 256}),
    ("3x3 grouped, 128 -> 128, 4 groups", 128, {"out": 128, "kernel": 3, "padding": 1, "groups": 4}),
    ("3x3 grouped, 128 -> 128, 32 groups", 128, {"out": 128, "kernel": 3, "padding": 1, "groups": 32}),
    ("3x3 strided, 64 -> 64, stride 2", 64, {"out": 64, "kernel": 3, "padding": 1, "stride": 2}),
    ("3x3 dilated, 64 -> 64, dilation 2", 64, {"out": 64, "kernel": 3, "padding": 2, "dilation": 2}),
    ("3x3 depthwise, 128 channels", 128, {"out": 128, "kernel": 3, "padding": 1, "groups": 128}),
)
SIDE = 14
DEFAULTS = {"kernel": 1, "stride": 1, "padding": 0, "dilation": 1, "groups": 1, "bias": False}
ROWS = 2_000


def main() -> None:
    """Time every case and print the table."""
    parser = argparse.ArgumentParser(description="How close the reference convolutions come to plain Python's limit.")
    parser.add_argument("--repeats", type=int, default=10)
    repeats = parser.parse_args().repeats

    sumprod: Callable[[Any, Any], float] | None = getattr(math, "sumprod", None)
    print(f"Python {platform.python_version()}, {platform.machine()}, medians of {repeats}")
    print(f"input {SIDE}x{SIDE}, floats, rates in million multiply-adds a second\n")
    print(f"{'case':<36}{'rate':>8}{'own rows':>10}{'ratio':>7}{'rows of 576':>13}{'ratio':>7}   limit")
    for name, channels, given in CASES:
        arguments = {**DEFAULTS, **given}
        length = channels // arguments["groups"] * arguments["kernel"] ** 2
        run, work = convolution(channels, arguments)
        limits = {"sum(map(mul))": sum_of_products} | ({"math.sumprod": sumprod} if sumprod else {})
        for label, limit in limits.items():
            rate, own, wide = rates(repeats, (run, work), bare(limit, length), bare(limit, 576))
            print(f"{name:<36}{rate:>8.1f}{own:>10.1f}{rate / own:>7.2f}{wide:>13.1f}{rate / wide:>7.2f}   {label}")
    name, channels, given = CASES[0]
    arguments = {**DEFAULTS, **given}
    loops = (seven_loops(channels, arguments), bare_loops(channels, arguments))
    rate, naive, fast = rates(max(3, repeats // 3), convolution(channels, arguments), *loops)
    print(f"\n{name} as seven nested loops: {naive:.1f}; the kernel is {rate / naive:.1f} times as fast")
    print(
        f"the same stripped (padded input, no stride, no dilation, sum in a local): {fast:.1f}; {rate / fast:.1f} times"
    )


def seeded(seed: int) -> random.Random:
    """Random numbers, the same in every run."""
    return random.Random(seed)  # noqa: S311  # no secrets


Timed = tuple[Callable[[], object], int]
"""What to run, and how many multiply-adds it takes."""


def rates(repeats: int, *timed: Timed) -> list[float]:
    """Million multiply-adds a second, medians; the candidates take turns."""
    seconds: list[list[float]] = [[] for _ in timed]
    for _ in range(repeats):
        for (run, _), times in zip(timed, seconds, strict=True):
            start = time.perf_counter()
            run()
            times.append(time.perf_counter() - start)
    return [work / statistics.median(times) / 1e6 for (_, work), times in zip(timed, seconds, strict=True)]


def convolution(channels: int, arguments: dict[str, Any]) -> Timed:
    """The kernel on random values."""
    source = seeded(1)
    x = draw((channels, SIDE, SIDE), source)
    taken = channels // arguments["groups"]
    kernel = arguments["kernel"]
    weights = Weights({"weight": draw((arguments["out"], taken, kernel, kernel), source)})
    conv = kernels()["conv"]
    y = conv([x], weights, arguments, "channels_first")
    return lambda: conv([x], weights, arguments, "channels_first"), len(y.numbers) * taken * kernel**2


def bare(limit: Callable[[Any, Any], float], length: int) -> Timed:
    """Sums of products over rows of that length, already gathered."""
    source = seeded(2)
    count = max(1, ROWS * 576 // length)
    rows = [[source.uniform(-1, 1) for _ in range(length)] for _ in range(min(count, 64))]
    pairs = [(rows[i % len(rows)], rows[(i + 1) % len(rows)]) for i in range(count)]
    return lambda: [limit(a, b) for a, b in pairs], count * length


def sum_of_products(a: Sequence[float], b: Sequence[float]) -> float:
    """The sum of the products of two rows."""
    total: float = sum(map(mul, a, b))
    return total


def seven_loops(channels: int, arguments: dict[str, Any]) -> Timed:
    """The loop nest of the textbooks: image, output channel, row, column, input channel, and the window's two axes."""
    source = seeded(3)
    out, kernel, stride = arguments["out"], arguments["kernel"], arguments["stride"]
    padding, dilation = arguments["padding"], arguments["dilation"]
    x: list[Any] = draw((1, channels, SIDE, SIDE), source).rows()
    weight: list[Any] = draw((out, channels, kernel, kernel), source).rows()

    def run() -> list[Any]:
        y: list[Any] = [[[[0.0] * SIDE for _ in range(SIDE)] for _ in range(out)] for _ in x]
        for n in range(len(x)):
            for o in range(out):
                for i in range(SIDE):
                    for j in range(SIDE):
                        for c in range(channels):
                            for ki in range(kernel):
                                for kj in range(kernel):
                                    row = i * stride + ki * dilation - padding
                                    column = j * stride + kj * dilation - padding
                                    if 0 <= row < SIDE and 0 <= column < SIDE:
                                        y[n][o][i][j] += weight[o][c][ki][kj] * x[n][c][row][column]
        return y

    return run, out * SIDE * SIDE * channels * kernel**2


def bare_loops(channels: int, arguments: dict[str, Any]) -> Timed:
    """The same with all taken out that can be: a padded input, no stride, no dilation, the sum in a local variable."""
    source = seeded(3)
    out, kernel = arguments["out"], arguments["kernel"]
    x: list[Any] = draw((1, channels, SIDE + kernel - 1, SIDE + kernel - 1), source).rows()
    weight: list[Any] = draw((out, channels, kernel, kernel), source).rows()

    def run() -> list[float]:
        result = []
        for image in x:
            for o in range(out):
                for i in range(SIDE):
                    for j in range(SIDE):
                        total = 0.0
                        for c in range(channels):
                            for ki in range(kernel):
                                for kj in range(kernel):
                                    total += weight[o][c][ki][kj] * image[c][i + ki][j + kj]
                        result.append(total)
        return result

    return run, out * SIDE * SIDE * channels * kernel**2


if __name__ == "__main__":
    main()
