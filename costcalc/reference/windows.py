"""Windows that slide over an image while they fit. How many there are is not worked out: it is found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from costcalc.reference.image import per_axis
from costcalc.reference.numbers import Number
from costcalc.reference.tensor import Shape

Pair = tuple[int, int]


def paddings(padding: Any, sizes: Shape, kernel: Shape, stride: Shape, dilation: Shape) -> list[Pair]:
    """The elements before and after, axis by axis.

    `same` takes as many as the last of ceil(size / stride) windows reaches beyond the input; the odd one comes after.
    """
    if padding != "same":
        return [pair if isinstance(pair, tuple) else (pair, pair) for pair in per_axis(padding, len(sizes))]
    pairs = []
    for size, taps, step, distance in zip(sizes, kernel, stride, dilation, strict=True):
        last_start = range(0, size, step)[-1]
        beyond = max(0, last_start + distance * (taps - 1) + 1 - size)
        pairs.append((beyond // 2, beyond - beyond // 2))
    return pairs


def pad(volume: Sequence[Any], pairs: Sequence[Pair], value: Number) -> list[Any]:
    """A volume with elements around it: `pairs` holds (before, after) for every axis.

    >>> pad([[1, 2]], [(0, 1), (1, 0)], 0)
    [[0, 1, 2], [0, 0, 0]]
    """
    if not any(map(any, pairs)):
        return list(volume)
    (before, after), *deeper = pairs
    rows = [pad(row, deeper, value) for row in volume] if deeper else list(volume)
    blank = _blank(rows[0], value) if deeper else value
    return [blank] * before + rows + [blank] * after


def _blank(rows: Any, value: Number) -> Any:
    return [_blank(row, value) for row in rows] if isinstance(rows, list) else value


def slide(
    volumes: Sequence[Any], kernel: Shape, stride: Shape, dilation: Shape, within: Shape | None = None
) -> Iterator[Any]:
    """All windows over volumes of equal size, nested by position; a window is flat: volume by volume, tap by tap.

    Every tap sees the rows from its own place on, one in `stride`. The last tap runs out first, and there `zip` stops:
    the window no longer fits. With `within`, windows must also start inside the first so many elements.

    >>> list(slide([[1, 2, 3, 4, 5]], (3,), (2,), (1,)))
    [(1, 2, 3), (3, 4, 5)]
    """
    taps = [volume[tap * dilation[0] :: stride[0]] for volume in volumes for tap in range(kernel[0])]
    windows: Iterator[Any] = zip(*taps, strict=False)
    if within is not None:
        windows = islice(windows, len(range(0, within[0], stride[0])))
        within = within[1:]
    if len(kernel) == 1:
        return windows
    return (slide(window, kernel[1:], stride[1:], dilation[1:], within) for window in windows)


def each(windows: Iterable[Any], rank: int, function: Callable[[Any], Number]) -> list[Any]:
    """The function of every window, nested as the windows are, `rank` deep."""
    if rank == 1:
        return [function(window) for window in windows]
    return [each(inner, rank - 1, function) for inner in windows]
