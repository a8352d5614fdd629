"""The check can fail: mistakes are planted in formulas and in kernels, one at a time, and each must be caught.

A mistake is a change of source text. It is made in a copy of the module that is put in its place for one test, and a
small network is verified with it. Sizes decide: the last tests show what a square or an odd side would hide.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from costcalc.ops import catalogue
from costcalc.ops.op import Op
from costcalc.reference import execute as execute_module
from costcalc.reference.kernels import kernels
from costcalc.reference.verify import Verification, verify
from costcalc.spec.load import load_text
from tests.reference.test_kernels import CASES, calculate, tensor

Plant = Callable[[str, str, str], None]


@pytest.fixture
def plant(monkeypatch: pytest.MonkeyPatch) -> Plant:
    """The function `plant(module, old, new)`: the module with `old` replaced by `new`, for everybody who uses it."""

    def planted(name: str, old: str, new: str) -> None:
        original = importlib.import_module(f"costcalc.{name}")
        source = Path(str(original.__file__)).read_text()
        assert source.count(old) == 1, f"{old!r} stands {source.count(old)} times in {name}"
        copy = ModuleType(original.__name__)
        copy.__file__ = original.__file__
        exec(compile(source.replace(old, new), str(original.__file__), "exec"), copy.__dict__)  # noqa: S102
        replace_functions(monkeypatch, original, copy)
        ops = {op.name: op for op in vars(copy).values() if isinstance(op, Op)}
        mixed = {**catalogue(), **ops}
        monkeypatch.setattr(importlib.import_module("costcalc.graph.build"), "catalogue", lambda: mixed)
        changed = {**kernels(), **getattr(copy, "KERNELS", {})}
        monkeypatch.setattr(execute_module, "kernels", lambda: changed)
        monkeypatch.setattr(sys.modules["tests.reference.test_kernels"], "kernels", lambda: changed)

    return planted


def replace_functions(monkeypatch: pytest.MonkeyPatch, original: ModuleType, copy: ModuleType) -> None:
    """Put the functions and classes of `copy` in place of those of `original`, wherever they were imported to."""
    for name, value in list(vars(original).items()):
        if getattr(value, "__module__", None) != original.__name__ or isinstance(value, Op):
            continue
        for module in list(sys.modules.values()):
            if module.__name__.startswith("costcalc.") and vars(module).get(name) is value:
                monkeypatch.setattr(module, name, vars(copy)[name])


def verified(input: str, *layers: str) -> Verification:
    text = "\n".join(["name: planted", f"input: {input}", "layers:", *(f"  - {layer}" for layer in layers)])
    return verify(load_text(text))


def texts(verification: Verification) -> list[str]:
    return [difference.text for row in verification.rows for difference in row.differences]


CONV = ("[6, 9, 8]", "conv: {out: 4, kernel: [3, 2], stride: 2, padding: 1, dilation: [1, 2], groups: 2}")
BARE = ("[6, 9, 8]", "conv: {out: 4, kernel: 3, bias: false}")
BACK = (
    "[8, 5, 4]",
    "conv_transpose: {out: 12, kernel: [3, 2], stride: 2, padding: [1, 0], output_padding: 1, groups: 4}",
)
MAX = ("[3, 9, 8]", "max_pool: {kernel: [3, 2], stride: 2, padding: 1, ceil: true}")
AVG = ("[3, 9, 8]", "avg_pool: {kernel: [3, 2], stride: 2, padding: 1}")
NORM = ("[6, 9, 8]", "batch_norm")
ROWS = ("[9, 8]", "layer_norm")

Network = tuple[str, ...]
FORMULAS: list[tuple[str, Network, str, str, str, str]] = [
    # what is wrong, network, module, text, mistake, what the check says
    ("positions rounded up", CONV, "ops.window", "count = room // s + 1", "count = -(-room // s) + 1",
     "the shape rule says [4, 5, 5], [4, 5, 4] came out"),
    ("one tap too few", CONV, "ops.conv", "(c_in / g) * k\"", "(c_in / g) * (k - 1)\"",
     "mac: the formula says 1,200, 1,440 happened: 240 more"),
    ("a stored weight one tap smaller", BARE, "ops.conv", '"c_out, c_in / g, k")', '"c_out, c_in / g, 3, 2")',
     "weight is stated as [4, 6, 3, 2] but read as [4, 6, 3, 3]"),
    ("height and width swapped", CONV, "ops.conv", "tuple(step.result for step in steps(setting, ()))",
     "tuple(step.result for step in reversed(steps(setting, ())))", "the shape rule says [4, 4, 5], [4, 5, 4] came out"),
    ("a bias where there is none", BARE, "ops.conv", 'Weight("bias", "c_out", when="bias")', 'Weight("bias", "c_out")',
     "bias [4] is stated but never read"),
    ("a bias added where there is none", BARE, "ops.conv", '"b * c_out * p"', '"c_out * p"',
     "bias_add: the formula says 168, 0 happened: 168 fewer"),
    ("no bias stated where there is one", CONV, "ops.conv", ', Weight("bias", "c_out", when="bias")', ",",
     "bias [4] is read but not stated"),
    ("groups ignored", CONV, "ops.conv", "p * (c_in / g) * k", "p * c_in * k",
     "mac: the formula says 2,880, 1,440 happened: 1,440 fewer"),
    ("groups ignored in the weight", CONV, "ops.conv", '"c_out, c_in / g, k"', '"c_out, c_in, k"',
     "weight is stated as [4, 6, 3, 2] but read as [4, 3, 3, 2]"),
    ("dilation forgotten", CONV, "ops.window", "after - d * (k - 1) - 1\n", "after - (k - 1) - 1\n",
     "the shape rule says [4, 5, 5], [4, 5, 4] came out"),
    ("padding counted once", CONV, "ops.window", "room = size + before + after", "room = size + after",
     "the shape rule says [4, 4, 4], [4, 5, 4] came out"),
    ("transposed: output positions for input positions", BACK, "ops.conv_transpose", '(mac="c_in * q', '(mac="c_in * p',
     "mac: the formula says 12,960, 2,880 happened: 10,080 fewer"),
    ("transposed: divided by the groups twice", BACK, "ops.conv_transpose", "q * (c_out / g) * k\", b",
     "q * (c_out / g / g) * k\", b", "mac: the formula says 720, 2,880 happened: 2,160 more"),
    ("transposed: padding added instead of cut off", BACK, "ops.conv_transpose", "stride - before - after",
     "stride + before + after", "the shape rule says [12, 14, 9], [12, 10, 9] came out"),
    ("transposed: output_padding forgotten", BACK, "ops.conv_transpose", " + output_padding + 1\")", " + 1\")",
     "the shape rule says [12, 9, 8], [12, 10, 9] came out"),
    ("a comparison too many", MAX, "ops.pool", "c * p * (k - 1)", "c * p * k",
     "compare: the formula says 450, 375 happened: 75 fewer"),
    ("a last window that starts beyond the input", ("[3, 9, 8]", "max_pool: {kernel: 1, stride: 2, ceil: true}"),
     "ops.window", "int((count - 1) * s >= size + before)", "0", "the shape rule says [3, 5, 5], [3, 5, 4] came out"),
    ("the divisor counted as an addition", AVG, "ops.pool", 'add="c * p * k"', 'add="c * p * (k + 1)"',
     "add: the formula says 525, 450 happened: 75 fewer"),
    ("windows that do not overlap", ("[3, 9, 8]", "adaptive_avg_pool: {out: [4, 3]}"), "ops.adaptive_pool",
     "size + out - gcd(size, out) for", "size for", "add: the formula says 216, 360 happened: 144 more"),
    ("scale and shift for every element", NORM, "ops.batch_norm", 'sqrt="c"', 'sqrt="c * p"',
     "sqrt: the formula says 432, 6 happened: 426 fewer"),
    ("the running mean forgotten", NORM, "ops.batch_norm", 'Weight("running_mean", "c", trainable=False),', "",
     "running_mean [6] is read but not stated"),
    ("the centring forgotten", ROWS, "ops.layer_norm", "3 * d + 1", "2 * d + 1",
     "add: the formula says 153, 225 happened: 72 more"),
    ("the largest not taken off", ("[9, 8]", "softmax"), "ops.softmax", 'add="2 * r * d"', 'add="r * d"',
     "add: the formula says 72, 144 happened: 72 more"),
    ("features of the wrong axis", ("[9, 8]", "linear: {out: 5}"), "ops.linear", '"c_in": setting.x[-1]',
     '"c_in": setting.x[0]', "weight is stated as [5, 9] but read as [5, 8]"),
    ("a product too few", ("[9, 8]", "gelu: {approximate: tanh}"), "ops.activation", "t * 5 * n", "t * 4 * n",
     "mul: the formula says 288, 360 happened: 72 more"),
    ("two interpolations for three", ("[3, 5, 4]", "upsample: {scale: 2, mode: bilinear}"), "ops.upsample",
     "l * 6 * m", "l * 4 * m", "add: the formula says 960, 1,440 happened: 480 more"),
    ("concatenation as large as its first input", ("[3, 5, 4]", "concat: {a: [relu], b: [tanh]}"), "ops.concat",
     "sum(shape[axis] for shape in setting.inputs)", "setting.x[axis]",
     "the shape rule says [3, 5, 4], [6, 5, 4] came out"),
]  # fmt: skip

KERNELS: list[tuple[str, Network, str, str, str, str]] = [
    ("the window slides on beyond the end", AVG, "reference.windows", "for tap in range(kernel[0])]",
     "for tap in range(kernel[0] - 1)]", "add: the formula says 450, 150 happened: 300 fewer"),
    ("the stride of the other axis", ("[6, 9, 8]", "conv: {out: 4, kernel: 3, stride: [1, 2]}"), "reference.windows",
     ":: stride[0]]", ":: stride[-1]]", "the shape rule says [4, 7, 3], [4, 4, 3] came out"),
    ("dilation left out", CONV, "reference.windows", "volume[tap * dilation[0] ::", "volume[tap ::",
     "the shape rule says [4, 5, 4], [4, 5, 5] came out"),
    ("every group sees all channels", CONV, "reference.kernels.conv",
     "channels[group * taken : (group + 1) * taken]", "channels",
     "the arithmetic stops: ValueError"),
    ("every output channel twice", CONV, "reference.kernels.conv", "rows[group * given : (group + 1) * given]", "rows",
     "the arithmetic stops"),
    ("the bias never read", CONV, "reference.kernels.conv", 'if arguments["bias"]:', "if False:",
     "bias [4] is stated but never read"),
    ("padding on one side only", CONV, "reference.windows", "rows + [blank] * after", "rows",
     "the shape rule says [4, 5, 4], [4, 4, 4] came out"),
    ("transposed: the stride left out", BACK, "reference.kernels.conv_transpose",
     "tap * distance + size * step, step)", "tap * distance + size)",
     "the shape rule says [12, 10, 9], [12, 6, 6] came out"),
    ("transposed: every input channel for every output", BACK, "reference.kernels.conv_transpose",
     "for c in range(group * taken, (group + 1) * taken):", "for c in range(len(channels)):",
     "mac: the formula says 2,880, 11,520 happened: 8,640 more"),
    ("a pool that starts from minus infinity", MAX, "reference.kernels.pool", "slider.pool(volume, lowest, max)",
     "slider.pool(volume, lowest, lambda window: max((lowest, *window)))",
     "compare: the formula says 375, 450 happened: 75 more"),
    ("a mean that divides every element", AVG, "reference.kernels.pool",
     "sums = [slider.pool(volume, x.constant(0.0), sum)",
     "sums = [slider.pool(volume, x.constant(0.0), lambda window: sum(number / 1 for number in window))",
     "div: the formula says 75, 525 happened: 450 more"),
    ("the scale worked out for every element", NORM, "reference.kernels.batch_norm", "[n * scale + shift for n in row]",
     "[n * (scale / 1) + shift for n in row]", "div: the formula says 6, 438 happened: 432 more"),
    ("no mean taken off", ROWS, "reference.kernels.layer_norm", "[x - mean for x in row]", "[x for x in row]",
     "add: the formula says 225, 153 happened: 72 fewer"),
    ("the weight of another size", ROWS, "reference.kernels.layer_norm",
     'weights.read("weight", *x.shape[first:]).numbers', 'weights.read("weight", 1).numbers * len(rows[0])',
     "weight is stated as [8] but read as [1]"),
    ("nothing taken off before the exponential", ("[9, 8]", "softmax"), "reference.kernels.softmax",
     "exp(x - largest)", "exp(x)", "add: the formula says 144, 72 happened: 72 fewer"),
    ("a row left out", ("[9, 8]", "linear: {out: 5}"), "reference.kernels.linear", "for line in x.lines()]",
     "for line in x.lines()[1:]]", "the arithmetic stops: ValueError: 40 numbers do not fill the shape [9, 5]"),
    ("concatenation along the next axis", ("[3, 5, 4]", "concat: {a: [relu], b: [tanh]}"), "reference.kernels.concat",
     "if along == 0:", "if along == -1:", "the shape rule says [6, 5, 4], [3, 10, 4] came out"),
    ("counted in the kernel", ("[9, 8]", "relu"), "reference.kernels.activation", "return lambda x: max(x, zero)",
     "return lambda x: max(x, zero) + 0.0", "add: the formula says 0, 72 happened: 72 more"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("network", "module", "old", "new", "said"), [row[1:] for row in FORMULAS + KERNELS],
    ids=[row[0] for row in FORMULAS + KERNELS],
)  # fmt: skip
def test_a_planted_mistake_is_caught(
    plant: Plant, network: Network, module: str, old: str, new: str, said: str
) -> None:
    assert verified(*network).agreed
    plant(module, old, new)
    verification = verified(*network)
    assert not verification.agreed
    assert any(said in text for text in texts(verification)), texts(verification)


VALUES: list[tuple[str, str, str, str, str]] = [
    # what is wrong, op, module, text, mistake: the counts are right, the values are not
    ("the odd element of same padding before", "conv", "reference.windows", "(beyond // 2, beyond - beyond // 2)",
     "(beyond - beyond // 2, beyond // 2)"),
    ("taps mirrored", "conv", "reference.windows", "range(kernel[0])]", "reversed(range(kernel[0]))]"),
    ("padding before and after swapped", "conv", "reference.windows", "[blank] * before + rows + [blank] * after",
     "[blank] * after + rows + [blank] * before"),
    ("groups in the wrong order", "conv", "reference.kernels.conv", "for group in range(groups):",
     "for group in reversed(range(groups)):"),
    ("transposed: cut off at the wrong end", "conv_transpose", "reference.kernels.conv_transpose",
     "pad(canvas, [(0, more) for more in extra], 0.0)", "pad(canvas, [(more, 0) for more in extra], 0.0)"),
    ("padding divided by when it should not be", "avg_pool", "reference.kernels.pool",
     'int(arguments["count_include_pad"])', "1"),
    ("a variance without its mean", "batch_norm", "reference.kernels.batch_norm", "bias - mean * scale",
     "bias - scale * scale"),
    ("the constant of gelu", "gelu", "reference.kernels.activation", "0.044715", "0.44715"),
    ("the wrong neighbours", "local_response_norm", "reference.kernels.local_response_norm",
     "[zeros] * (size // 2) + squares + [zeros] * ((size - 1) // 2)",
     "[zeros] * ((size - 1) // 2) + squares + [zeros] * (size // 2)"),
    ("rows and columns swapped", "pixel_shuffle", "reference.kernels.pixel_shuffle",
     "for beside in cut(planes, factor):", "for beside in zip(*cut(planes, factor)):"),
    ("the groups not dealt out", "channel_shuffle", "reference.kernels.channel_shuffle",
     "zip(*groups, strict=True)", "groups"),
    ("right minus left", "sub", "reference.kernels.elementwise", "from operator import add, mul, sub",
     "from operator import add, mul\nsub = lambda a, b: b - a"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("op", "module", "old", "new"), [row[1:] for row in VALUES], ids=[row[0] for row in VALUES]
)  # fmt: skip
def test_a_mistake_that_counts_cannot_see_is_caught_by_values(
    plant: Plant, op: str, module: str, old: str, new: str
) -> None:
    plant(module, old, new)
    assert any(not right(op, case) for case in CASES[op])


def right(op: str, case: dict[str, Any]) -> bool:
    found, expected = calculate(op, case), tensor(case["output"])
    return found.shape == expected.shape and bool(found.numbers == pytest.approx(expected.numbers, rel=1e-9, abs=1e-9))


STRIDED = "conv: {out: 4, kernel: 3, stride: 2}"


@pytest.mark.parametrize(("side", "caught"), [("33, 33", False), ("33, 32", True), ("32, 33", True)])
def test_an_odd_side_hides_a_rounding_mistake(plant: Plant, side: str, caught: bool) -> None:
    plant("ops.window", "count = room // s + 1", "count = -(-room // s) + 1")
    assert verified(f"[2, {side}]", STRIDED).agreed is not caught


@pytest.mark.parametrize(("side", "caught"), [("33, 33", False), ("32, 32", False), ("33, 32", True)])
def test_a_square_hides_swapped_sides(plant: Plant, side: str, caught: bool) -> None:
    plant(
        "ops.conv",
        "tuple(step.result for step in steps(setting, ()))",
        "tuple(step.result for step in reversed(steps(setting, ())))",
    )
    layer = "conv: {out: 4, kernel: 3}"
    assert verified(f"[2, {side}]", layer).agreed is not caught


def test_a_square_that_is_shrunk_is_no_square_any_more(plant: Plant) -> None:
    """What a network's own square sides would hide is seen when its layers are made smaller."""
    plant(
        "ops.conv",
        "tuple(step.result for step in steps(setting, ()))",
        "tuple(step.result for step in reversed(steps(setting, ())))",
    )
    spec = load_text("name: square\ninput: [16, 64, 64]\nlayers:\n  - conv: {out: 16, kernel: 3}\n")
    assert not verify(spec, budget=100_000).agreed
