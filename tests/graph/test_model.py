"""What an expression sees of a tensor, in both layouts and every rank; the names of edges; paths of weights."""

from __future__ import annotations

import pytest

from costcalc.errors import Fault
from costcalc.graph.model import Tensor, join_path


@pytest.mark.parametrize(
    ("shape", "layout", "expected"),
    [
        ((3, 5, 7), "channels_first", {"channels": 3, "height": 5, "width": 7, "length": 5, "features": 7}),
        ((5, 7, 3), "channels_last", {"channels": 3, "height": 5, "width": 7, "length": 7, "features": 3}),
        ((2, 3, 5, 7), "channels_first", {"channels": 2, "height": 5, "width": 7, "length": 5, "features": 7}),
        ((3, 5, 7, 2), "channels_last", {"channels": 2, "height": 5, "width": 7, "length": 7, "features": 2}),
        # of a 1-D signal the length is its width; `length` is the axis before the last, the places of [T, D]
        ((3, 11), "channels_first", {"channels": 3, "height": None, "width": 11, "length": 3, "features": 11}),
        ((11, 3), "channels_last", {"channels": 3, "height": None, "width": 11, "length": 11, "features": 3}),
        ((13,), "channels_first", {"channels": 13, "height": None, "width": None, "length": None, "features": 13}),
        ((13,), "channels_last", {"channels": 13, "height": None, "width": None, "length": None, "features": 13}),
    ],
)
def test_the_numbers_of_a_shape(shape: tuple[int, ...], layout: str, expected: dict[str, int | None]) -> None:
    tensor = Tensor(shape, layout)
    assert tensor.attribute("shape") == shape
    assert tensor.attribute("rank") == len(shape)
    for name, size in expected.items():
        if size is None:
            with pytest.raises(Fault, match=f"has no {name}"):
                tensor.attribute(name)
        else:
            assert tensor.attribute(name) == size


def test_a_path_leaves_empty_parts_out() -> None:
    assert join_path("stage1[0]", "conv") == "stage1[0].conv"
    assert join_path("", "conv") == "conv"
    assert join_path("fuse", "") == "fuse"
