"""The catalogue as a whole: complete, explained, and the same work in both layouts."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from costcalc.ops import catalogue, op_files, words
from costcalc.ops.formula import Formula
from costcalc.ops.op import REQUIRED, Op
from costcalc.text.suggest import did_you_mean, same

OPS = list(catalogue().values())
NAMES = """
    conv conv_transpose linear
    batch_norm layer_norm group_norm instance_norm rms_norm local_response_norm
    relu relu6 leaky_relu prelu elu gelu silu sigmoid softplus tanh hardswish hardsigmoid softmax
    max_pool avg_pool adaptive_avg_pool adaptive_max_pool global_avg_pool global_max_pool
    add sub mul concat slice flatten reshape transpose pad crop
    upsample pixel_shuffle channel_shuffle dropout identity
    embedding parameter relative_position_bias relative_attention_bias shifted_window_mask
    scaled_dot_product_attention rotary_embedding matmul mean roll lstm gru selective_scan
    exp clamp rescale normalize
"""
EVENTS = {"mac", "bias_add", "add", "mul", "div", "compare", "exp", "log", "sqrt", "erf", "tanh", "pow"}
# ops whose products are added up: convolutions, matrix products, attention, and what contains them
MULTIPLIERS = {
    "conv", "conv_transpose", "linear", "matmul", "scaled_dot_product_attention", "lstm", "gru", "mixture_of_experts",
    "selective_scan",
}  # fmt: skip
EACH = pytest.mark.parametrize("op", OPS, ids=[op.name for op in OPS])


def formulas(op: Op) -> list[Formula]:
    dims = [dim for weight in op.weights for dim in weight.dims]
    return [*dims, *op.tally.values(), *op.quantities.values()]


def test_the_ops_there_must_be() -> None:
    assert set(NAMES.split()) <= catalogue().keys()


def test_names_are_sorted_and_identifiers() -> None:
    assert list(catalogue()) == sorted(catalogue())
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in catalogue())


def test_no_two_files_define_the_same_op() -> None:
    folder = Path(__file__).parents[2] / "costcalc" / "ops"
    sources = "".join((folder / f"{file}.py").read_text() for file in op_files())
    defined = re.findall(r'(?:name=|= _pointwise\(\s*)"(\w+)"', sources)
    assert sorted(defined) == list(catalogue())


@EACH
def test_every_op_says_what_it_is(op: Op) -> None:
    assert op.about
    assert op.source
    assert op.rule


@EACH
def test_every_argument_is_explained(op: Op) -> None:
    assert all(argument.about for argument in op.arguments)
    assert len({argument.name for argument in op.arguments}) == len(op.arguments)


@EACH
def test_required_arguments_stand_first(op: Op) -> None:
    required = [argument.default is REQUIRED for argument in op.arguments]
    assert required == sorted(required, reverse=True)


@EACH
def test_every_default_is_a_value_the_argument_may_have(op: Op) -> None:
    for argument in op.arguments:
        if argument.default is not REQUIRED and argument.default is not None:
            assert argument.kind.check(argument.default) == argument.default
            assert isinstance(argument.default, int | str | tuple | Fraction)


@EACH
def test_every_symbol_has_a_meaning_and_every_meaning_a_symbol(op: Op) -> None:
    used: set[str] = set()
    for formula in formulas(op):
        used |= set(re.findall(r"[a-z_]\w*", formula.text))
    assert used == op.meanings.keys()


@EACH
def test_events_are_known(op: Op) -> None:
    assert op.tally.keys() <= EVENTS


@EACH
def test_macs_belong_to_convolutions_and_matrix_products(op: Op) -> None:
    assert op.name not in MULTIPLIERS or "mac" in op.tally
    assert "mac" not in op.tally or op.weights or len(op.inputs) > 1, "there is nothing to multiply with"


@EACH
def test_outputs_that_are_sums_of_weights_have_the_letter_of_their_channels(op: Op) -> None:
    """The products of one output are found by it: one axis of every weight is that of the output channels."""
    if op.sums:
        assert "mac" in op.tally
        for weight in op.weights:
            assert sum(op.sums in dim.letters() for dim in weight.dims) == 1


@EACH
def test_flags_that_switch_weights_are_flags_of_the_op(op: Op) -> None:
    for weight in op.weights:
        for flag in weight.when.split():
            argument = op.argument(flag)
            assert argument is not None
            assert argument.default in (True, False)


@EACH
def test_a_bias_is_added_where_there_is_one(op: Op) -> None:
    assert ("bias" in [weight.name for weight in op.weights]) is ("bias_add" in op.tally)


@EACH
def test_every_op_has_cases_by_hand(op: Op) -> None:
    cases = "".join(
        path.read_text() for path in Path(__file__).parent.glob("test_*.py") if path.name != Path(__file__).name
    )
    assert f'"{op.name}", {{' in cases


def test_views_are_these() -> None:
    """As in PyTorch: what only looks at its input in another way. `roll` and `pad` copy."""
    views = ["crop", "dropout", "flatten", "identity", "reshape", "slice", "transpose"]
    assert [op.name for op in OPS if op.view] == views
    assert [op.name for op in OPS if op.is_weight] == ["parameter"]


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        ("add", ("*",)),
        ("mul", ("*",)),
        ("concat", ("*",)),
        ("sub", ("left", "right")),
        ("crop", ("x", "like?")),
        ("mixture_of_experts", ("x", "expert")),
        ("matmul", ("left", "right")),
        ("scaled_dot_product_attention", ("query", "key", "value", "bias?")),
        ("selective_scan", ("x", "delta", "B", "C")),
    ],
)
def test_ops_that_join_tensors(name: str, inputs: tuple[str, ...]) -> None:
    op = catalogue()[name]
    assert op.joins
    assert op.inputs == inputs


def test_words_that_stand_for_themselves() -> None:
    assert words() >= {"bilinear", "channels", "features", "height", "nearest", "none", "same", "tanh", "width"}


# op, arguments, shapes with the channels first
BOTH_LAYOUTS: list[tuple[str, dict[str, Any], list[tuple[int, ...]]]] = [
    ("conv", {"out": 6, "kernel": (3, 2), "padding": ((0, 1), (2, 0)), "groups": 2}, [(4, 7, 10)]),
    ("conv_transpose", {"out": 6, "kernel": (3, 2), "stride": (1, 2), "padding": ((0, 1), (1, 0))}, [(4, 7, 10)]),
    ("batch_norm", {}, [(4, 7, 10)]),
    ("group_norm", {"groups": 2}, [(4, 7, 10)]),
    ("instance_norm", {"affine": True}, [(4, 7, 10)]),
    ("local_response_norm", {"size": 3}, [(4, 7, 10)]),
    ("prelu", {"per_channel": True}, [(4, 7, 10)]),
    ("max_pool", {"kernel": (3, 2), "stride": (1, 3), "ceil": True}, [(4, 7, 10)]),
    ("avg_pool", {"kernel": (3, 2), "padding": (1, 0)}, [(4, 7, 10)]),
    ("adaptive_avg_pool", {"out": (3, 4)}, [(4, 7, 10)]),
    ("adaptive_max_pool", {"out": (3, 4)}, [(4, 7, 10)]),
    ("global_avg_pool", {}, [(4, 7, 10)]),
    ("global_max_pool", {}, [(4, 7, 10)]),
    ("concat", {}, [(4, 7, 10), (5, 7, 10)]),
    ("slice", {"axis": "channels", "end": 2}, [(4, 7, 10)]),
    ("softmax", {"axis": "height"}, [(4, 7, 10)]),
    ("pad", {"padding": ((0, 1), (2, 3))}, [(4, 7, 10)]),
    ("crop", {}, [(4, 7, 10), (9, 3, 5)]),
    ("upsample", {"scale": (2, 3), "mode": "bilinear"}, [(4, 7, 10)]),
    ("pixel_shuffle", {"factor": 2}, [(4, 7, 10)]),
    ("channel_shuffle", {"groups": 2}, [(4, 7, 10)]),
]


@pytest.mark.parametrize(("op", "arguments", "shapes"), BOTH_LAYOUTS, ids=[row[0] for row in BOTH_LAYOUTS])
def test_the_layout_moves_the_channels_and_nothing_else(
    work: Any, op: str, arguments: dict[str, Any], shapes: list[tuple[int, ...]]
) -> None:
    first = work(op, arguments, *shapes)
    last = work(op, {**arguments, "layout": "channels_last"}, *((*sizes, channels) for channels, *sizes in shapes))
    assert last.shape == (*first.shape[1:], first.shape[0])
    for part in ("weights", "buffers", "tally", "quantities"):
        assert getattr(last, part) == getattr(first, part)


# --- what others call it ---------------------------------------------------------------------------------------------


def test_every_name_elsewhere_is_that_of_one_op() -> None:
    """Written in a file, each is answered with its op, and a name that means something else nowhere."""
    names = [op.name for op in OPS]
    for op in OPS:
        assert op.also.keys() <= {"pytorch", "onnx", "keras", "other"}
        for others in op.also.values():
            assert others == " ".join(others.split())
            assert {same(name, names) for name in others.split()} == {op.name}


# fact: (a name, where it comes from, the op)
ELSEWHERE = [
    ("BatchNorm2d", "torch.nn.BatchNorm2d", "batch_norm"),
    ("Gemm", "ONNX, operator Gemm", "linear"),
    ("Conv2DTranspose", "keras.layers.Conv2DTranspose", "conv_transpose"),
    ("MaxPooling1D", "keras.layers.MaxPooling1D", "max_pool"),
    ("LpNormalization", "ONNX, operator LpNormalization", "normalize"),
    ("DepthToSpace", "ONNX, operator DepthToSpace", "pixel_shuffle"),
    ("InnerProduct", "Caffe, layer InnerProduct", "linear"),
    ("flash-attention", "Dao et al. 2022", "scaled_dot_product_attention"),
]


@pytest.mark.parametrize(("name", "source", "op"), ELSEWHERE)
def test_names_of_other_tools_are_known(name: str, source: str, op: str) -> None:
    assert did_you_mean(name, [op.name for op in OPS]) == f"did you mean '{op}'?"
