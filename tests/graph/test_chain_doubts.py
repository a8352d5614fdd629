"""Warnings for layers that may not take what a reader expects."""

from __future__ import annotations

from textwrap import dedent

import pytest

from costcalc.graph.build import build
from costcalc.spec.load import load_text


def warned(text: str) -> list[tuple[int, int, str, str]]:
    found = []
    for warning in build(load_text(dedent(text).lstrip("\n"))).warnings:
        assert warning.location is not None
        found.append((warning.location.line, warning.location.column, warning.message, warning.hint))
    return found


BESIDE = """
    input: [4, 8]
    layers:
      - linear: {out: 8}
      - parameter: {shape: [1, 8]}
        name: token
      - LAYER
"""
UNUSED = "'token' is used by nobody, and '{}' takes the layer before it"
WRITE = "write 'from: token' where it is meant, leave out its name, or remove it"


@pytest.mark.parametrize(
    ("layer", "name"),
    [
        ("linear: {out: 3}", "linear_2"),
        ("{linear: {out: 3}, name: head}", "head"),
        ("{linear: {out: 3}, repeat: 2}", "linear_2"),
        ("{layers: [relu]}", "group"),
        ("{concat: {axis: 0, a: [], b: [relu]}}", "concat"),
        ("{parameter: {shape: [2]}, name: other}\n      - {add: {a: [], b: {from: other}}}", "add"),
    ],
)
def test_an_op_beside_the_chain_that_nobody_uses(layer: str, name: str) -> None:
    """It stands aside under its name; the next layer takes the one before it, which a reader may not expect."""
    text = BESIDE.replace("LAYER", layer).replace("[2]", "[1, 8]")
    assert warned(text) == [(4, 5, UNUSED.format(name), WRITE)]


@pytest.mark.parametrize(
    "layer",
    [
        "{linear: {out: 3}, from: token}",
        "{concat: {axis: 0}, from: [token, linear]}",
        "{concat: {axis: 0, a: {from: token}, b: []}}",
        "{relu: , from: linear}",  # says itself what it takes
        "{relu: }\n      - {relu: , from: token, name: aside}\noutput: [relu]",  # not run on purpose: listed, no warning
        "{relu: }\noutput: [relu, token]",
    ],
)
def test_no_warning_where_it_is_used_or_the_next_layer_says_what_it_takes(layer: str) -> None:
    assert warned(dedent(BESIDE).replace("LAYER", dedent(layer)).replace("\n      -", "\n  -")) == []


def test_the_other_ways_out_end_the_warning() -> None:
    """Without its name it is the chain; removed it is gone."""
    assert warned(BESIDE.replace("LAYER", "linear: {out: 3}").replace("        name: token\n", "")) == []


CHANNELS = "'x.{0}' is that of the network's input, not of the layer before"
MEANT = "write '{0}.{1}' if that is meant, else a number or an arg; in a block 'x' is what the block takes"


@pytest.mark.parametrize(
    ("layer", "column", "part"),
    [
        ("- conv: {out: x.channels, kernel: 1}", 17, "channels"),
        ("- conv: {out: 2 * x.channels, kernel: 1}", 21, "channels"),
        ("- linear: {out: 'max(3, x.features)'}", 27, "features"),
        ("- {relu: , when: x.channels == 3}", 20, "channels"),
        ("- layers: [{conv: {out: x.channels, kernel: 1}}]", 27, "channels"),
        ("- add: {a: [{conv: {out: x.channels, kernel: 1}}], b: [{conv: {out: 1, kernel: 1}}]}", 28, "channels"),
        ("- {parameter: {shape: [x.channels, 1, 1]}}", 26, "channels"),
    ],
)
def test_the_channels_of_the_input_behind_the_first_layer(layer: str, column: int, part: str) -> None:
    text = "input: {image: [3, 8, 10]}\nlayers:\n  - conv: {out: 6, kernel: 1}\n  LAYER\n"
    found = warned(text.replace("LAYER", layer))
    assert (4, column, CHANNELS.format(part), MEANT.format("image", part)) in found
    assert len([one for one in found if one[2].startswith("'x.")]) == 1
    followed = warned(text.replace("LAYER", layer.replace("x.", "image.")))
    assert not [one for one in followed if "network's input" in one[2]]


@pytest.mark.parametrize(
    "layers",
    [
        "[{conv: {out: x.channels, kernel: 1}}]",  # the first layer takes the input
        "[{conv: {out: 4, kernel: 1}}, {conv: {out: x.channels, kernel: 1}, from: input}]",
        "[{conv: {out: 4, kernel: 1}}, {conv: {out: x.channels, kernel: 1}, from: x}]",
        "[{add: {a: [{conv: {out: 8, kernel: 1}}, {conv: {out: x.channels, kernel: 1}}], b: []}}]",
        "[{conv: {out: 4, kernel: 1}}, {upsample: {size: [x.height, x.width]}}]",  # back to the size of the input
        "[{parameter: {shape: [3, 1, 1]}, name: scale}, {conv: {out: x.channels, kernel: 1}}, {mul: , from: [conv, scale]}]",
        "[{conv: {out: 4, kernel: 1}}, {unit: }]",
    ],
)
def test_no_warning_where_x_is_what_the_layer_takes(layers: str) -> None:
    text = "input: [3, 8, 10]\nblocks: {unit: [relu, {conv: {out: x.channels, kernel: 1}}]}\nlayers: LAYERS\n"
    assert warned(text.replace("LAYERS", layers)) == []
