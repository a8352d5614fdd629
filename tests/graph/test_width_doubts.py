"""A linear layer on the width of an image is warned of, whatever element-wise ops and norms stand between."""

from __future__ import annotations

import pytest

from costcalc.graph.build import build
from costcalc.ops import catalogue
from costcalc.spec.find import bundled, bundled_variants
from costcalc.spec.load import load, load_text

HINT = "put 'flatten' before it?"


def warned(layers: str, more: str = "", shape: str = "[4, 8, 10]") -> list[tuple[str, str]]:
    graph = build(
        load_text(f"input: {shape}\n{more}\nlayers:\n" + "".join(f"  - {line}\n" for line in layers.split("; ")))
    )
    return [(warning.message, warning.hint) for warning in graph.warnings]


def on(shape: str, what: str = "an image") -> list[tuple[str, str]]:
    return [(f"linear works on the last axis of {shape}, the width of {what}", HINT)]


# what stands between a convolution and the linear layer: every element-wise op and norm of the catalogue, and the like
BETWEEN = """
    relu; relu6; leaky_relu; prelu; elu; gelu; silu; sigmoid; softplus; tanh; hardswish; hardsigmoid; exp; identity;
    dropout; batch_norm; instance_norm; layer_norm; rms_norm; softmax; group_norm: {groups: 2}; normalize; clamp: {min: 0};
    rescale: {factor: 2}; local_response_norm: {size: 3}; channel_shuffle: {groups: 2}; roll: {shift: 1, axis: 1};
    pad: {padding: 0}; crop: {size: [8, 10]}; slice: {axis: 0, end: 6}; max_pool: {kernel: 1}; avg_pool: {kernel: 1}
"""
LINES = [line.strip() for line in BETWEEN.replace("\n", " ").split(";")]


@pytest.mark.parametrize("line", LINES)
def test_whatever_stands_between(line: str) -> None:
    line = f"{{{line}}}" if ":" in line else line
    assert warned(f"conv: {{out: 6, kernel: 1}}; {line}; {line}; linear: {{out: 3}}") == on("[6, 8, 10]")


def test_every_element_wise_op_and_norm_is_tried() -> None:
    """An op that is added to the catalogue is added to the list."""
    tried = {line.partition(":")[0] for line in LINES} | {"add", "mul", "sub"}
    assert {op.name for op in catalogue().values() if op.axes == "every"} <= tried
    assert {name for name in catalogue() if name.endswith("_norm")} <= tried


def test_joins_blocks_branches_and_repeats_hand_an_image_on() -> None:
    for join in ("add", "mul", "concat"):
        layers = f"{{conv: {{out: 6, kernel: 1}}, name: c}}; {{{join}: , from: [c, c]}}; {{linear: {{out: 3}}}}"
        assert len(warned(layers)) == 1
    assert warned("{conv: {out: 4, kernel: 1}}; {sub: , from: {right: x}}; {linear: {out: 3}}") == on("[4, 8, 10]")
    blocks = "blocks: {head: [dropout, {linear: {out: 3}}], wrap: [{layers: [elu], repeat: 3}]}"
    assert warned("{conv: {out: 6, kernel: 1}}; wrap; {add: {a: [{head: }], b: [head]}}", blocks) == on("[6, 8, 10]")
    # the first instance takes the input, which may be anything; the second takes an image
    blocks = "blocks: {unit: [{linear: {out: 10}}, {conv: {out: 4, kernel: 1}}]}"
    assert warned("{unit: , repeat: 2}", blocks) == on("[4, 8, 10]")
    assert warned("unit", blocks) == []


def test_signals_and_volumes() -> None:
    assert warned("{conv: {out: 6, kernel: 1}}; elu; {linear: {out: 3}}", shape="[4, 10]") == on("[6, 10]", "a signal")
    assert warned("{conv: {out: 6, kernel: 1}}; elu; {linear: {out: 3}}", shape="[4, 5, 8, 10]") == on("[6, 5, 8, 10]")


@pytest.mark.parametrize(
    "between",
    ["flatten", "{reshape: {shape: [6, 80]}}", "{transpose: {order: [1, 2, 0]}}", "{mean: {axis: [1, 2]}}"],
)
def test_the_hint_and_other_ways_end_the_warning(between: str) -> None:
    """Where the axes were moved or merged the last one is what the writer made it."""
    assert warned(f"{{conv: {{out: 6, kernel: 1}}}}; elu; {between}; {{linear: {{out: 3}}}}") == []


def test_where_the_last_axis_is_channels_all_is_well() -> None:
    assert warned("{conv: {out: 6, kernel: 1}}; elu; {linear: {out: 3}}", "layout: channels_last", "[8, 10, 4]") == []


@pytest.mark.parametrize("name", sorted({*bundled(), *bundled_variants()}))
def test_bundled_networks_are_silent(name: str) -> None:
    assert build(load(name)).warnings == ()
