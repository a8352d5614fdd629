"""Arguments, weights and settings: what every op builds on."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction

import pytest

from costcalc.errors import Fault
from costcalc.ops import catalogue
from costcalc.ops.kinds import AXIS, NUMBER, choice
from costcalc.ops.op import Argument, Setting, Weight

# (axis, shape, layout, number)
AXES: list[tuple[int | str, tuple[int, ...], str, int]] = [
    (0, (4, 5, 7), "channels_first", 0),
    (2, (4, 5, 7), "channels_first", 2),
    (-1, (4, 5, 7), "channels_first", 2),
    (-3, (4, 5, 7), "channels_first", 0),
    (1, (4, 5, 7), "channels_last", 1),
    ("channels", (4, 5, 7), "channels_first", 0),
    ("height", (4, 5, 7), "channels_first", 1),
    ("width", (4, 5, 7), "channels_first", 2),
    ("features", (4, 5, 7), "channels_first", 2),
    ("channels", (4, 5, 7), "channels_last", 2),
    ("height", (4, 5, 7), "channels_last", 0),
    ("width", (4, 5, 7), "channels_last", 1),
    ("features", (4, 5, 7), "channels_last", 2),
    ("width", (4, 5), "channels_first", 1),
    ("width", (4, 5), "channels_last", 0),
    ("height", (2, 3, 4, 5), "channels_first", 2),
    ("width", (2, 3, 4, 5), "channels_last", 2),
    ("channels", (2, 3, 4, 5, 6), "channels_last", 4),
    ("channels", (7,), "channels_first", 0),
    ("features", (7,), "channels_last", 0),
]


@pytest.mark.parametrize(("axis", "shape", "layout", "number"), AXES)
def test_an_axis_by_number_or_name(axis: int | str, shape: tuple[int, ...], layout: str, number: int) -> None:
    assert Setting({}, (shape,), layout).axis(axis) == number


@pytest.mark.parametrize(
    ("axis", "shape", "message"),
    [
        (3, (4, 5, 7), "the input [4, 5, 7] has no axis 3"),
        (-4, (4, 5, 7), "the input [4, 5, 7] has no axis -4"),
        ("height", (4, 5), "the input [4, 5] has no axis 'height'"),
        ("width", (7,), "the input [7] has no axis 'width'"),
        ("height", (2, 3, 4, 5, 6), "the input [2, 3, 4, 5, 6] has no axis 'height'"),
    ],
)
def test_an_axis_there_is_not(axis: int | str, shape: tuple[int, ...], message: str) -> None:
    with pytest.raises(Fault) as caught:
        Setting({}, (shape,)).axis(axis)
    assert caught.value.message == message
    assert caught.value.hint == ("" if isinstance(axis, str) else "axes count from 0; -1 is the last")


def test_channels_and_sizes_by_layout() -> None:
    first, last = Setting({}, ((4, 5, 7),)), Setting({}, ((5, 7, 4),), "channels_last")
    assert (first.channels, first.sizes, first.image(3, (8, 9))) == (4, (5, 7), (3, 8, 9))
    assert (last.channels, last.sizes, last.image(3, (8, 9))) == (4, (5, 7), (8, 9, 3))
    assert first.sizes_of((3, 8, 9)) == last.sizes_of((8, 9, 3)) == (8, 9)


def test_one_value_stands_for_every_axis() -> None:
    setting = Setting({"kernel": 3, "stride": None, "padding": (1, 2)}, ((4, 5, 7),))
    assert setting.per_axis("kernel") == (3, 3)
    assert setting.per_axis("stride", 2) == (2, 2)
    assert setting.per_axis("padding") == (1, 2)


def test_a_default_in_text_is_an_exact_number() -> None:
    assert Argument("eps", NUMBER, "0.00001", "").default == Fraction(1, 100_000)
    assert Argument("alpha", NUMBER, 1, "").default == 1


def test_a_default_that_is_a_word_stays_one() -> None:
    assert Argument("axis", AXIS, "channels", "").default == "channels"
    assert Argument("approximate", choice("none", "tanh"), "none", "").default == "none"


def test_the_defaults_of_the_catalogue_are_pytorchs() -> None:
    """Source: the signatures in PyTorch's documentation. rms_norm has none there; 0.000001 is LLaMA's."""
    defaults = {f"{op.name}.{item.name}": item.default for op in catalogue().values() for item in op.arguments}
    expected = {
        "batch_norm.eps": Fraction(1, 100_000),
        "dropout.p": Fraction(1, 2),
        "group_norm.eps": Fraction(1, 100_000),
        "instance_norm.eps": Fraction(1, 100_000),
        "layer_norm.eps": Fraction(1, 100_000),
        "leaky_relu.slope": Fraction(1, 100),
        "local_response_norm.alpha": Fraction(1, 10_000),
        "local_response_norm.beta": Fraction(3, 4),
        "rms_norm.eps": Fraction(1, 1_000_000),
        "avg_pool.count_include_pad": True,
        "avg_pool.stride": None,
        "conv.bias": True,
        "elu.alpha": 1,
        "instance_norm.affine": False,
        "layer_norm.axis": -1,
        "local_response_norm.k": 1,
        "upsample.mode": "nearest",
    }
    assert {name: defaults[name] for name in expected} == expected


def test_the_catalogue_loads_without_rationals() -> None:
    """`fractions` brings `decimal` and `numbers` with it, and most runs need no rational number at all."""
    program = "import sys; from costcalc.ops import catalogue; catalogue(); print('fractions' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_a_weight_is_stored_when_all_its_flags_are_on() -> None:
    always, one, two = Weight("a", "c"), Weight("b", "c", when="bias"), Weight("c", "c", when="affine bias")
    for affine, bias, stored in [
        (True, True, [True, True, True]),
        (True, False, [True, False, False]),
        (False, True, [True, True, False]),
    ]:
        setting = Setting({"affine": affine, "bias": bias}, ((7,),))
        assert [weight.stored(setting) for weight in (always, one, two)] == stored


def test_a_weight_has_an_axis_a_symbol_and_a_symbol_of_factors_an_axis_each() -> None:
    """12 outputs, 8 / 2 inputs, a 3x5 window."""
    weight = Weight("weight", "c_out, c_in / g, k")
    assert weight.shape({"c_out": 12, "c_in": 8, "g": 2, "k": (3, 5)}) == (12, 4, 3, 5)
    assert Weight("scalar", "").shape({}) == ()
