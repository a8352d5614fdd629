"""Lanes: what is packed comes back, also after sums and products, up to the bound and not beyond."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costcalc.reference.lanes import Lanes

BOUNDS = st.one_of(
    st.integers(0, 2**20), st.builds(lambda bits, less: 2**bits - less, st.integers(1, 200), st.integers(0, 1))
)


@st.composite
def packings(draw: st.DrawFn) -> tuple[int, list[int]]:
    """A bound and numbers within it, often on it."""
    bound = draw(BOUNDS)
    number = st.one_of(st.sampled_from((-bound, bound, 0, -1 if bound else 0)), st.integers(-bound, bound))
    return bound, draw(st.lists(number, min_size=1, max_size=12))


@given(packings())
def test_what_is_packed_comes_back(case: tuple[int, list[int]]) -> None:
    bound, numbers = case
    lanes = Lanes(bound)
    packed = lanes.pack(numbers)
    assert packed == sum(number * 2 ** (lanes.bits * place) for place, number in enumerate(numbers))
    assert lanes.unpack(packed, len(numbers)) == numbers


@given(packings(), st.integers(0, 12), st.data())
def test_lanes_are_cut_out_and_moved(case: tuple[int, list[int]], room: int, data: st.DataObject) -> None:
    bound, numbers = case
    lanes = Lanes(bound)
    padded = numbers + [0] * room
    start = data.draw(st.integers(0, len(padded) - 1))
    count = data.draw(st.integers(1, len(padded) - start))
    assert lanes.cut(lanes.lift(numbers, len(padded)), start, count) == lanes.pack(padded[start : start + count])
    assert lanes.shift(lanes.pack(numbers), room) == lanes.pack([0] * room + numbers)


@given(st.lists(st.tuples(st.integers(-(2**70), 2**70), st.integers(-(2**70), 2**70)), min_size=1, max_size=9))
def test_sums_of_multiples_are_those_of_the_numbers(pairs: list[tuple[int, int]]) -> None:
    """Sums on the way may be too large for a lane: only the last must fit."""
    left, right = ([pair[side] for pair in pairs] for side in (0, 1))
    lanes = Lanes(max(abs(number) for pair in pairs for number in pair) * 2)
    packed = 10**40 * lanes.pack(left) + lanes.pack(right) - 10**40 * lanes.pack(left) + lanes.pack(left)
    assert lanes.unpack(packed, len(pairs)) == [a + b for a, b in pairs]


@pytest.mark.parametrize(
    ("bound", "width"), [(0, 1), (127, 1), (128, 2), (2**15 - 1, 2), (2**15, 3), (2**63 - 1, 8), (2**63, 9)]
)
def test_lanes_are_no_wider_than_the_bound_asks(bound: int, width: int) -> None:
    assert Lanes(bound).width == width


@pytest.mark.parametrize("bits", [7, 15, 23, 31, 39, 47, 55, 63, 71, 95, 127])
def test_one_more_than_the_bound_is_lost(bits: int) -> None:
    """The lanes are as narrow as can be, so a bound that is too small would show."""
    lanes = Lanes(2**bits - 1)
    assert lanes.unpack(lanes.pack([1 - 2**bits, 0]), 2) == [1 - 2**bits, 0]
    largest = lanes.pack([2**bits - 1, 0])
    assert lanes.unpack(largest, 2) == [2**bits - 1, 0]
    assert lanes.unpack(largest + lanes.pack([1, 0]), 2) != [2**bits, 0]
