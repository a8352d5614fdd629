"""A larger (or smaller) image, by repeating elements or by interpolating between them.

    nearest: nothing is computed        bilinear: three interpolations (b - a) * t + a an output element

Positions and weights t depend on the sizes alone and are not counted.
"""

from __future__ import annotations

from costcalc.errors import Fault
from costcalc.ops.formula import Formula, Symbols
from costcalc.ops.kinds import COUNTS, FLAG, NUMBERS, choice
from costcalc.ops.op import SPATIAL, Argument, Op, Setting, Shape, Step, tally
from costcalc.text.values import plain, product

SIZE = Formula("size * scale")
SIZE_RATIO = Formula("size * up // down")


def infer(setting: Setting) -> Shape:
    setting.need_image("upsample")
    if setting["scale"] is None and setting["size"] is None:
        raise Fault("upsample needs a scale or a size")
    if setting["scale"] is not None and setting["size"] is not None:
        raise Fault("upsample takes a scale or a size, not both")
    if setting["mode"] == "bilinear" and len(setting.sizes) != 2:
        raise Fault(f"bilinear needs two spatial axes, got the input {list(setting.x)}")
    if setting["align_corners"] and setting["mode"] != "bilinear":
        raise Fault("align_corners is for mode: bilinear alone")
    if setting["scale"] is None:
        return setting.image(setting.channels, setting.per_axis("size"))
    return setting.image(setting.channels, tuple(step.result for step in steps(setting, ())))


def steps(setting: Setting, output: Shape) -> list[Step]:
    if setting["scale"] is None:
        return []
    found = []
    for name, size, scale in zip(SPATIAL[len(setting.sizes)], setting.sizes, setting.per_axis("scale"), strict=True):
        if scale <= 0:
            raise Fault(f"a scale must be above 0, got {plain(scale)}")
        formula, symbols = SIZE, {"size": size, "scale": scale}
        if scale.denominator > 1:
            formula, symbols = SIZE_RATIO, {"size": size, "up": scale.numerator, "down": scale.denominator}
        result = formula.evaluate(symbols)
        if result < 1:
            raise Fault(f"output {name} would be {result} = {formula.substitute(symbols)}")
        found.append(Step(name, formula, symbols, result))
    return found


def symbols(setting: Setting, output: Shape) -> Symbols:
    return {
        "n": product(setting.x),
        "m": product(output),
        "p": setting.sizes_of(output),
        "l": int(setting["mode"] == "bilinear"),
        "z": int(setting["size"] is not None),
    }


OP = Op(
    name="upsample",
    about="A larger image, by repeating or interpolating.",
    source="PyTorch, torch.nn.functional.interpolate; a decimal scale is taken exactly",
    also={
        "pytorch": "Upsample UpsamplingNearest2d UpsamplingBilinear2d upsample interpolate",
        "onnx": "Resize Upsample",
        "keras": "UpSampling1D UpSampling2D UpSampling3D",
    },
    rule="channels stay; size' = floor(size * scale), or size, on every spatial axis",
    axes="image",
    arguments=(
        Argument("scale", NUMBERS, None, "factor of the size"),
        Argument("size", COUNTS, None, "size of the output, in place of a scale"),
        Argument("mode", choice("nearest", "bilinear"), "nearest", "repeat, or interpolate between four neighbours"),
        Argument("align_corners", FLAG, False, "let the outermost elements keep their place (bilinear)"),
    ),
    sides=("size",),
    infer=infer,
    steps=steps,
    symbols=symbols,
    tally=tally(add="l * 6 * m", mul="l * 3 * m"),
    quantities=tally(
        interpolated_element="l * m",
        repeated_element="(1 - l) * m",
        scaled_input_element="(1 - z) * n",
        scaled_output_element="(1 - z) * m",
        size_position="z * p",
    ),
    meanings={
        "n": "input elements",
        "m": "output elements",
        "p": "output positions",
        "l": "1 when bilinear, else 0",
        "z": "1 when the size is given, 0 when the scale is",
    },
)
