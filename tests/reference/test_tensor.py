"""Tensors, windows, layouts and weights: the parts that kernels are made of."""

from __future__ import annotations

from random import Random

import pytest

from costcalc.reference.image import axis, from_planes, from_volumes, planes, volumes
from costcalc.reference.numbers import Tally
from costcalc.reference.tensor import Tensor
from costcalc.reference.weights import WeightError, Weights, counted, draw, draw_weight
from costcalc.reference.windows import pad, paddings, slide

CUBE = Tensor((2, 3, 2), list(range(12)))


def test_rows_are_nested_by_axis_and_measured_again() -> None:
    assert CUBE.rows() == [[[0, 1], [2, 3], [4, 5]], [[6, 7], [8, 9], [10, 11]]]
    assert Tensor.of(CUBE.rows(), 3).shape == (2, 3, 2)


def test_rows_of_unequal_length_are_no_tensor() -> None:
    with pytest.raises(ValueError, match=r"rows of unequal length: \[1, 2\]"):
        Tensor.of([[1, 2], [3]], 2)
    with pytest.raises(ValueError, match=r"5 numbers do not fill the shape \[2, 3\]"):
        Tensor((2, 3), [1, 2, 3, 4, 5])


def test_lines_hold_the_last_axes_together() -> None:
    assert CUBE.lines() == [[0, 1], [2, 3], [4, 5], [6, 7], [8, 9], [10, 11]]
    assert CUBE.lines(2) == [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11]]


def test_axes_change_places() -> None:
    assert CUBE.permute([1, 2, 0]).rows() == [[[0, 6], [1, 7]], [[2, 8], [3, 9]], [[4, 10], [5, 11]]]


def test_a_part_along_an_axis() -> None:
    assert CUBE.select(1, slice(0, None, 2)).rows() == [[[0, 1], [4, 5]], [[6, 7], [10, 11]]]


def test_channels_come_apart_and_together_in_both_layouts() -> None:
    first, last = Tensor((2, 3), [1, 2, 3, 4, 5, 6]), Tensor((3, 2), [1, 4, 2, 5, 3, 6])
    assert planes(first, "channels_first") == planes(last, "channels_last") == [[1, 2, 3], [4, 5, 6]]
    assert from_planes([[1, 2, 3], [4, 5, 6]], (3,), "channels_last").rows() == last.rows()
    assert from_volumes(volumes(last, "channels_last"), 1, "channels_last").rows() == last.rows()


def test_axes_have_names() -> None:
    shape = (4, 7, 10)
    assert [axis(name, shape, "channels_first") for name in ("channels", "height", "width", "features", -1)] == [
        0, 1, 2, 2, 2,
    ]  # fmt: skip
    assert [axis(name, shape, "channels_last") for name in ("channels", "height", "width", "features", 0)] == [
        2, 0, 1, 2, 0,
    ]  # fmt: skip


def test_windows_slide_while_they_fit() -> None:
    """By hand: 2 rows fit once in 3 with a step of 2; 2 columns that are 2 apart fit twice in 4."""
    image = [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]
    found = [list(row) for row in slide([image], (2, 2), (2, 1), (1, 2))]
    assert found == [[(0, 2, 4, 6), (1, 3, 5, 7)]]


def test_a_window_that_does_not_fit_is_not_there() -> None:
    assert list(slide([[1, 2]], (3,), (1,), (1,))) == []


def test_padding_that_keeps_the_size() -> None:
    """By hand: 5 with a step of 2 starts last at 4, and 3 taps reach to 6, two beyond 4: one before, one after."""
    assert paddings("same", (5,), (3,), (2,), (1,)) == [(1, 1)]
    assert paddings("same", (4,), (3,), (2,), (1,)) == [(0, 1)]
    assert paddings("same", (4,), (2,), (1,), (3,)) == [(1, 2)]
    assert paddings("same", (5,), (1,), (2,), (1,)) == [(0, 0)]
    assert paddings(((1, 2), (0, 3)), (5, 5), (1, 1), (1, 1), (1, 1)) == [(1, 2), (0, 3)]
    assert paddings((1, 2), (5, 5), (1, 1), (1, 1), (1, 1)) == [(1, 1), (2, 2)]


def test_padding_leaves_the_volume_as_it_is() -> None:
    image = [[1, 2], [3, 4]]
    assert pad(image, [(1, 0), (0, 2)], 0) == [[0, 0, 0, 0], [1, 2, 0, 0], [3, 4, 0, 0]]
    assert image == [[1, 2], [3, 4]]


def test_weights_remember_being_read() -> None:
    weights = Weights({"weight": Tensor((2, 3), [0.0] * 6), "bias": Tensor((2,), [0.0] * 2)})
    weights.read("weight", 2, 3)
    assert weights.reads == {"weight": (2, 3)}
    with pytest.raises(WeightError, match=r"bias is read as \[3\] but stated as \[2\]"):
        weights.read("bias", 3)
    with pytest.raises(WeightError, match=r"router \[4\] is read but not stated"):
        weights.read("router", 4)
    assert weights.reads == {"weight": (2, 3), "bias": (3,), "router": (4,)}


def test_what_nobody_stated_can_be_supplied() -> None:
    weights = Weights({}, lambda name, shape: Tensor(shape, [1.0, 2.0]))
    assert weights.read("bias", 2).numbers == [1.0, 2.0]


def seeded(seed: int) -> Random:
    return Random(seed)  # noqa: S311


def test_random_numbers_are_the_same_for_the_same_seed() -> None:
    assert draw((2, 3), seeded(1)).numbers == draw((2, 3), seeded(1)).numbers != draw((2, 3), seeded(2)).numbers
    assert all(-1 <= number <= 1 for number in draw((100,), seeded(1)).numbers)


def test_a_variance_is_above_0() -> None:
    assert min(draw_weight("running_var", (100,), seeded(1)).numbers) >= 0.5


def test_only_a_bias_knows_that_it_is_one() -> None:
    for name, event in (("bias", "bias_add"), ("weight", "add")):
        tally = Tally()
        (number,) = counted(Tensor((1,), [1.0]), tally, name).numbers
        number + 1
        assert tally.events() == {event: 1}
