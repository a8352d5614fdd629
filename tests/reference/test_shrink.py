"""Smaller twins: every op has one, of unequal sides, and it is the same op with the same window."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from costcalc.ops import catalogue
from costcalc.ops.op import Op
from costcalc.reference.execute import differences, execute
from costcalc.reference.shrink import positions, shrink, work
from tests.reference.layers import layer_of
from tests.reference.test_kernels import CASES, value

LIMIT = 20_000
IMAGE = (64, 112, 112)
TOKENS = (197, 768)
LARGE: list[tuple[str, dict[str, Any], list[Any]]] = [
    ("conv", {"out": 512, "kernel": 3, "padding": 1, "bias": False}, [(512, 56, 56)]),
    ("conv", {"out": 960, "kernel": (5, 3), "stride": 2, "padding": (2, 1), "groups": 960}, [(960, 28, 28)]),
    ("conv", {"out": 1024, "kernel": 3, "dilation": 6, "padding": 6, "groups": 32}, [(256, 56, 56)]),
    ("conv", {"out": 128, "kernel": 32, "stride": 32}, [(3, 224, 224)]),
    ("conv_transpose", {"out": 256, "kernel": 4, "stride": 2, "padding": 1, "groups": 4}, [(512, 28, 28)]),
    ("linear", {"out": 1000}, [(4096,)]),
    ("linear", {"out": 3072}, [TOKENS]),
    ("flatten", {}, [IMAGE]),
    ("prelu", {"per_channel": True}, [IMAGE]),
    ("clamp", {"min": 0}, [IMAGE]),
    ("rescale", {"factor": Fraction(1, 8)}, [IMAGE]),
    ("layer_norm", {}, [TOKENS]),
    ("rms_norm", {}, [(4096, 4096)]),
    ("normalize", {}, [TOKENS]),
    ("group_norm", {"groups": 32}, [(320, 64, 64)]),
    ("local_response_norm", {"size": 5}, [(96, 55, 55)]),
    ("softmax", {}, [(12, 197, 197)]),
    ("max_pool", {"kernel": 3, "stride": 2, "padding": 1}, [IMAGE]),
    ("avg_pool", {"kernel": 2}, [(512, 56, 56)]),
    ("adaptive_avg_pool", {"out": 7}, [(512, 14, 14)]),
    ("adaptive_max_pool", {"out": (7, 5)}, [(512, 28, 28)]),
    ("add", {}, [(256, 56, 56), (256, 56, 56)]),
    ("mul", {}, [(256, 56, 56), (256, 1, 1)]),
    ("sub", {}, [TOKENS, TOKENS]),
    ("concat", {}, [(256, 56, 56), (64, 56, 56)]),
    ("slice", {"axis": "channels", "start": 32}, [IMAGE]),
    ("reshape", {"shape": (64, -1)}, [IMAGE]),
    ("transpose", {"order": (1, 2, 0)}, [IMAGE]),
    ("pad", {"padding": 1}, [IMAGE]),
    ("crop", {"size": 96}, [IMAGE]),
    ("crop", {}, [IMAGE, (21, 96, 96)]),
    ("upsample", {"scale": 2, "mode": "bilinear"}, [IMAGE]),
    ("upsample", {"size": (224, 224)}, [IMAGE]),
    ("pixel_shuffle", {"factor": 2}, [(256, 48, 48)]),
    ("channel_shuffle", {"groups": 3}, [(240, 28, 28)]),
    ("mean", {"axis": (1, 2)}, [IMAGE]),
    ("roll", {"shift": (-3, -3), "axis": (0, 1)}, [(56, 56, 96)]),
    ("embedding", {"count": 30_522, "out": 768}, [(128,)]),
    ("parameter", {"shape": TOKENS}, []),
    ("relative_position_bias", {"window": (12, 12), "heads": 16}, []),
    ("relative_attention_bias", {"heads": 8, "queries": 512}, []),
    ("shifted_window_mask", {"size": (56, 56), "window": (7, 7), "shift": 3}, []),
    ("scaled_dot_product_attention", {"heads": 12}, [TOKENS, TOKENS, TOKENS]),
    ("scaled_dot_product_attention", {"heads": 32, "kv_heads": 8, "causal": True},
     [(2048, 4096), (2048, 1024), (2048, 1024)]),
    ("scaled_dot_product_attention", {"heads": 3}, [(64, 49, 96), (64, 49, 96), (64, 49, 96), (3, 49, 49)]),
    ("rotary_embedding", {"heads": 32}, [(2048, 4096)]),
    ("matmul", {}, [(12, 197, 64), (12, 64, 197)]),
    ("lstm", {"out": 512, "layers": 2, "bidirectional": True}, [(100, 256)]),
    ("gru", {"out": 1024}, [(50, 1024)]),
    ("selective_scan", {}, [(1024, 1536), (1024, 1536), (1024, 16), (1024, 16)]),
    ("mixture_of_experts", {"experts": 8, "active": 2}, [(512, 4096), (512, 4096)]),
]  # fmt: skip


def large(op: Op) -> tuple[str, dict[str, Any], list[Any]]:
    """A large layer of an op that is not listed: the arguments of its first case by hand, on a whole image or text."""
    given = {name: value(argument) for name, argument in CASES[op.name][0].get("arguments", {}).items()}
    needed = [name for name in op.inputs if not name.endswith("?")]
    return op.name, given, [IMAGE if op.axes in ("image", "every") else TOKENS for _ in needed]


LARGE += [large(op) for op in catalogue().values() if op.name not in {row[0] for row in LARGE}]


@pytest.mark.parametrize(("op", "given", "shapes"), LARGE, ids=[f"{row[0]}-{n}" for n, row in enumerate(LARGE)])
def test_every_op_has_a_small_twin(op: str, given: dict[str, Any], shapes: list[Any]) -> None:
    layer = layer_of(op, given, shapes)
    assert work(layer) > LIMIT
    twin = shrink(layer, LIMIT)
    assert twin is not None
    assert LIMIT // 50 < work(twin) <= LIMIT
    assert twin.op is layer.op
    for name in ("kernel", "stride", "padding", "dilation", "bias", "axis", "mode", "factor", "causal", "scale"):
        assert twin.arguments.get(name) == layer.arguments.get(name)
    assert len(twin.output) == len(layer.output)
    assert differences(twin, execute(twin)) == ()


def test_sides_become_unequal_and_of_both_parities() -> None:
    twin = shrink(layer_of("conv", {"out": 8, "kernel": 3}, [(4, 64, 64)]), LIMIT)
    assert twin is not None
    (_, height, width), *_ = twin.inputs
    assert (height + width) % 2 == 1
    assert twin.arguments["out"] == 8


def test_channels_are_left_out_last_and_are_unlike_each_other() -> None:
    twin = shrink(layer_of("conv", {"out": 512, "kernel": 3, "padding": 1}, [(512, 56, 56)]), 100_000)
    assert twin is not None
    assert twin.inputs[0][0] != twin.arguments["out"] < 512
    assert positions(twin) >= 6


@pytest.mark.parametrize(
    ("op", "given", "shape", "limit"),
    [
        ("conv", {"out": 128, "kernel": 3, "padding": (0, 1, 1)}, (128, 5, 256, 256), 300_000),
        ("conv", {"out": 1, "kernel": (31, 1)}, (1, 32, 4096), 1_000),
        ("conv", {"out": 2, "kernel": (1, 1, 40)}, (1, 512, 300, 41), 2_000),
        ("max_pool", {"kernel": (16, 2, 2)}, (8, 16, 512, 512), 2_000),
        ("avg_pool", {"kernel": (7, 1)}, (4, 7, 10_000), 300),
        ("slice", {"axis": 1, "start": 200, "end": 220}, (64, 224, 224), 3_000),
        ("crop", {"size": 96, "offset": 100}, (64, 224, 224), 3_000),
        ("pad", {"padding": ((3, 3), (0, 0))}, (4, 2, 5_000), 1_000),
    ],
)
def test_each_side_is_made_smaller_for_itself(op: str, given: dict[str, Any], shape: Any, limit: int) -> None:
    """A window that needs all of one side, or nearly, does not stop the others."""
    layer = layer_of(op, given, [shape])
    twin = shrink(layer, limit)
    assert twin is not None
    assert work(twin) <= limit
    assert all(small <= large for small, large in zip(twin.inputs[0], shape, strict=True))
    assert differences(twin, execute(twin)) == ()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((128, 1, 256, 256), (128, 256, 256)),
        ((300, 400), (300, 20, 20)),
        ((64, 8, 8, 900), (64, 64, 900)),
        ((512, 640), (-1, 32, 640)),
        ((30, 40, 500), (40, 30, 500)),
    ],
)
def test_a_reshape_is_made_smaller_with_the_shape_it_is_given(before: Any, after: Any) -> None:
    """Axes that become one, or are made of one, go together; what cannot be told apart keeps its size."""
    layer = layer_of("reshape", {"shape": after}, [before])
    twin = shrink(layer, 3_000)
    assert twin is not None
    assert work(twin) <= 3_000
    assert len(twin.inputs[0]) == len(before)
    assert len(twin.output) == len(after)
    assert (-1 in twin.arguments["shape"]) == (-1 in after)
    assert differences(twin, execute(twin)) == ()


def test_what_is_small_enough_stays_as_it_is() -> None:
    layer = layer_of("conv", {"out": 4, "kernel": 3}, [(4, 8, 8)])
    twin = shrink(layer, 1_000_000)
    assert twin is not None
    assert (twin.inputs, twin.arguments) == (layer.inputs, layer.arguments)


def test_there_may_be_no_twin() -> None:
    """By hand: a single output of a 9x9 window over one channel takes 81 multiply-adds."""
    assert shrink(layer_of("conv", {"out": 1, "kernel": 9, "bias": False}, [(1, 20, 20)]), 80) is None


def test_the_work_is_events_and_a_third_of_the_numbers() -> None:
    """By hand: 4 x 3 x 2 outputs of 2 x 3 x 3 products are 432 macs and 24 bias additions; 40 + 76 + 24 numbers."""
    layer = layer_of("conv", {"out": 4, "kernel": 3}, [(2, 5, 4)])
    assert work(layer) == 432 + 24 + (40 + 76 + 24) // 3
