"""Shapes given in place of a spec's own: one of another rank is never read as another kind of network."""

from __future__ import annotations

from typing import Any

import pytest

import costcalc
from costcalc.spec.load import load_text

IMAGE = "input: [3, 224, 224]\nlayers:\n  - conv: {out: 64, kernel: 7, stride: 2, padding: 3}\n"
LAST = "layout: channels_last\ninput: [160, 576, 3]\nlayers:\n  - conv: {out: 8, kernel: 3}\n"
TOKENS = """
args: {T: 128}
input: [T]
layers:
  - embedding: {count: 100, out: 16}
    name: e
  - scaled_dot_product_attention: {heads: 2, causal: true}
    from: {query: e, key: e, value: e}
"""
ROWS = TOKENS.replace("[T]", "[T, 16]").replace("embedding: {count: 100, out: 16}", "linear: {out: 16}")
TWICE = TOKENS.replace("[T]", "[2 * T]")
FEATURES = "args: {wide: 9}\ninput: [wide]\nlayers: [{linear: {out: 8}}]"
PAIR = """
input: {left: [3, 64, 48], right: [3, 64, 48], extra: [7]}
layers:
  - conv: {out: 8, kernel: 3}
    name: a
    from: left
  - conv: {out: 8, kernel: 3}
    name: b
    from: right
    share: a
  - add:
    from: [a, b]
"""
ITEMS = "the batch is not part of a shape: write"


@pytest.mark.parametrize(
    ("text", "given", "hint"),
    [
        (IMAGE, [320, 320], "write --input 3x320x320; the batch is --batch"),
        (IMAGE, [320], "write --input 3x320x320; the batch is --batch"),
        (IMAGE, [3, 320], "write --input 3x320x320; the batch is --batch"),
        (IMAGE, [1, 3, 224, 224], f"{ITEMS} --input 3x224x224 --batch 1"),
        (IMAGE, [8, 3, 320, 256], f"{ITEMS} --input 3x320x256 --batch 8"),
        (IMAGE, [8, 320, 256, 3], f"{ITEMS} --input 3x320x256 --batch 8"),
        (IMAGE, [2, 2, 3, 320, 256], "as in --input 3x224x224; the batch is --batch"),
        (LAST, [320, 256], "write --input 320x256x3; the batch is --batch"),
        (LAST, [4, 3, 320, 256], f"{ITEMS} --input 320x256x3 --batch 4"),
        (TOKENS, [4, 512], f"{ITEMS} --sequence 512 --batch 4 (or --set T=512 --batch 4)"),
        (ROWS, [4, 512, 16], f"{ITEMS} --sequence 512 --batch 4 (or --set T=512 --batch 4)"),
        (ROWS, [512], "write --input 512x16; the batch is --batch"),
        (TWICE, [4, 512], f"{ITEMS} --sequence 512 --batch 4"),  # --set T=512 would be 1,024 tokens
        (FEATURES, [4, 7], f"{ITEMS} --set wide=7 --batch 4"),  # it does not attend: --sequence is not for it
    ],
)
def test_another_rank_is_refused_with_what_to_type(text: str, given: list[int], hint: str) -> None:
    """A shape with more or fewer sizes than the spec's own would be another network, or a batch."""
    with pytest.raises(costcalc.SpecError) as caught:
        costcalc.build(load_text(text), input=given)
    (problem,) = caught.value.problems
    assert problem.hint == hint
    assert f"{given} has {len(given)}" in problem.message
    with pytest.raises(costcalc.SpecError):
        costcalc.build(load_text(text), input={"input": given})


def test_the_shape_that_the_hint_says() -> None:
    """7 x 7 x 3 x 64 weights and 64 biases; 112 x 112 places: both by hand."""
    report = costcalc.estimate(costcalc.build(load_text(IMAGE), input=[3, 224, 224]), 1)
    assert (report.totals.params, report.totals.macs) == (9_408 + 64, 112 * 112 * 9_408)


def test_a_bare_shape_needs_a_name_where_several_inputs_have_as_many_sizes() -> None:
    with pytest.raises(costcalc.SpecError, match="fits several inputs") as caught:
        costcalc.build(load_text(PAIR), input=[3, 32, 32])
    assert caught.value.problems[0].hint == (
        "name the one that is meant: --input left=3x32x32 or --input right=3x32x32"
    )
    with pytest.raises(costcalc.SpecError, match=r"\[4, 9\] fits no input") as caught:
        costcalc.build(load_text(PAIR), input=[4, 9])
    assert caught.value.problems[0].hint == f"{ITEMS} --input extra=9 --batch 4"


def test_a_bare_shape_is_for_the_only_input_of_as_many_sizes() -> None:
    graph = costcalc.build(load_text(PAIR), input=[9])
    assert graph.inputs == {"left": (3, 64, 48), "right": (3, 64, 48), "extra": (9,)}


def test_names_and_bare_shapes_together() -> None:
    """As the command line gives them: pairs of a name, or none, and a shape."""
    pairs = [("left", (3, 32, 30)), ("", (9,)), ("right", (3, 32, 30))]
    graph = costcalc.build(load_text(PAIR), input=pairs)
    assert graph.inputs == {"left": (3, 32, 30), "right": (3, 32, 30), "extra": (9,)}
    with pytest.raises(costcalc.SpecError, match="'left' is given two shapes"):
        costcalc.build(load_text(PAIR), input=[*pairs, ("left", (3, 4, 4))])


@pytest.mark.parametrize("given", [[3, 0, 4], [3, -1, 4], [3, 10**16, 4], [3, True, 4], [3, 4.0, 4], "3x4", []])
def test_sizes_that_cannot_be(given: Any) -> None:
    with pytest.raises(costcalc.SpecError):
        costcalc.build(load_text(IMAGE), input=given)


@pytest.mark.parametrize(
    ("text", "given", "hint"),
    [
        (IMAGE, (224, 224, 3), "did you mean --input 3x224x224?"),
        (IMAGE, (10, 12, 3), "did you mean --input 3x10x12?"),
        (LAST, (3, 320, 256), "did you mean --input 320x256x3?"),
    ],
)
def test_channels_at_the_wrong_end_of_a_given_shape(text: str, given: tuple[int, ...], hint: str) -> None:
    """The warning is about what was given, so it points at no line of the file."""
    text = text.replace("kernel: 7", "kernel: 3").replace("kernel: 3", "kernel: 1").replace("padding: 3", "padding: 0")
    (warning,) = costcalc.build(load_text(text), input=given).warnings
    assert (warning.location, warning.hint) == (None, hint)


@pytest.mark.parametrize(
    ("shape", "warned"),
    [
        ("[1, 3, 224, 224]", True),
        ("[16, 3, 32, 32]", True),
        ("[8, 1, 28, 28]", True),
        ("[1, 16, 64, 64]", False),  # a volume of one channel
        ("[3, 16, 112, 112]", False),  # a film
        ("[3, 224, 224]", False),
    ],
)
def test_an_input_that_looks_batched(shape: str, warned: bool) -> None:
    warnings = costcalc.build(load_text(f"input: {shape}\nlayers:\n  - conv: {{out: 8, kernel: 1}}\n")).warnings
    assert bool(warnings) is warned
    assert all("the batch is not part of a shape: write [" in warning.hint for warning in warnings)


def test_the_smaller_input_of_verify_has_as_many_sizes() -> None:
    """It is written in the file, so the message says where."""
    text = IMAGE + "verify: {input: [1, 3, 9, 8]}\n"
    with pytest.raises(costcalc.SpecError, match="'verify' gives the input 'input' 4 sizes, the spec has 3") as caught:
        costcalc.verify(load_text(text), budget=1000)
    assert caught.value.problems[0].location is not None


def test_a_given_shape_changes_no_arg() -> None:
    """Positions are as many as the arg says: the message says what stays, and how it is changed."""
    text = TOKENS.replace(
        "  - scaled",
        "  - parameter: {shape: [T, 16]}\n    name: place\n  - add:\n    name: sum\n    from: [e, place]\n  - scaled",
    )
    with pytest.raises(costcalc.SpecError, match="do not fit together") as caught:
        costcalc.build(load_text(text), input=[64])
    assert caught.value.problems[0].trail[-1] == "a given input shape changes no arg: T = 128; --set changes it"
    assert costcalc.build(load_text(text), {"T": 64}).inputs == {"input": (64,)}


def test_tokens_are_given_by_the_arg_that_makes_them() -> None:
    """The length of TWICE is 2 * T: 512 tokens are T = 256, and no T makes 511."""
    graph = costcalc.build(load_text(TWICE), sequence=512)
    assert graph.inputs == {"input": (512,)}
    assert graph.args["T"] == 256
    with pytest.raises(costcalc.CostcalcError, match="--sequence 511: no value of T makes"):
        costcalc.build(load_text(TWICE), sequence=511)
    with pytest.raises(costcalc.CostcalcError, match="both say how many tokens"):
        costcalc.build(load_text(TWICE), input=[512], sequence=512)
