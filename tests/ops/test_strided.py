"""Views as strides, held against lists of indices that are cut, turned and reshaped one by one."""

from __future__ import annotations

import random
from itertools import product

import pytest

from costcalc.ops.strided import MOST_RUNS, Cut, Order, Strided, distinct, heaviest


def elements(view: Strided) -> list[int]:
    """The places of all elements, in order."""
    return [
        view.offset + sum(index * stride for index, stride in zip(indices, view.strides, strict=True))
        for indices in product(*map(range, view.sizes))
    ]


def by_hand(flat: list[int], sizes: tuple[int, ...], change: Cut | Order) -> list[int]:
    """What a change makes of a list of elements in order."""
    at = dict(zip(product(*map(range, sizes)), flat, strict=True))
    if isinstance(change, Order):
        turned = product(*(range(sizes[axis]) for axis in change.axes))
        return [at[tuple(indices[change.axes.index(axis)] for axis in range(len(sizes)))] for indices in turned]
    taken = range(change.start, change.start + (change.size - 1) * change.step + 1, change.step)
    ranges = [taken if axis == change.axis else range(size) for axis, size in enumerate(sizes)]
    return [at[indices] for indices in product(*ranges)]


@pytest.mark.parametrize("seed", range(200))
def test_views_of_views(seed: int) -> None:
    """Up to six changes of a small tensor; a reshape that would need a copy is said to be none."""
    choose = random.Random(seed)  # noqa: S311
    sizes = tuple(choose.choice([1, 2, 3, 4, 6]) for _ in range(choose.randint(1, 4)))
    view = Strided.whole(sizes)
    flat = list(range(len(elements(view))))
    for _ in range(6):
        kind = choose.choice(["cut", "order", "reshape"])
        if kind == "reshape":
            shape = choose.choice([(len(flat),), (1, len(flat)), (*view.sizes, 1), view.sizes[::-1]])
            again = view.reshaped(shape)
            if again is None:
                continue
            view = again
        elif kind == "order":
            change = Order(tuple(choose.sample(range(len(view.sizes)), len(view.sizes))))
            flat, view = by_hand(flat, view.sizes, change), view.changed(change)
        else:
            axis = choose.randrange(len(view.sizes))
            start, step = choose.randrange(view.sizes[axis]), choose.choice([1, 1, 2])
            size = choose.randint(1, (view.sizes[axis] - start - 1) // step + 1)
            cut = Cut(axis, start, step, size)
            flat, view = by_hand(flat, view.sizes, cut), view.changed(cut)
        assert elements(view) == flat


@pytest.mark.parametrize("seed", range(200))
def test_elements_of_several_regions_are_counted_once(seed: int) -> None:
    choose = random.Random(seed)  # noqa: S311
    regions = []
    for _ in range(choose.randint(1, 4)):
        view = Strided.whole((4, 3, 8))
        for axis, size in enumerate((4, 3, 8)):
            start, step = choose.randrange(size), choose.choice([1, 1, 2])
            view = view.changed(Cut(axis, start, step, choose.randint(1, (size - start - 1) // step + 1)))
        regions.append(view)
    assert distinct(regions) == len({place for region in regions for place in elements(region)})
    weighted = [(region, choose.randint(1, 9)) for region in regions]
    heavy: dict[int, int] = {}
    for region, weight in weighted:
        heavy.update((place, max(weight, heavy.get(place, 0))) for place in elements(region))
    assert heaviest(weighted) == sum(heavy.values())


def test_a_region_as_large_as_a_file_can_say() -> None:
    """10^15 neighbours are one stretch; regions in too many stretches count as apart, never as fewer than they are."""
    whole = Strided.whole((10**15,))
    assert distinct([whole, whole.changed(Cut(0, 5, 1, 10**14))]) == 10**15
    scattered = whole.changed(Cut(0, 0, 3, MOST_RUNS + 1))
    assert distinct([scattered, scattered]) == MOST_RUNS + 1
    assert distinct([scattered, whole.changed(Cut(0, 0, 3, 7))]) == MOST_RUNS + 8
