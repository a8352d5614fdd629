"""Recurrent layers over a sequence: LSTM and GRU, one after the other and in one or both directions.

LSTM:  i, f, o = sigmoid(gate)   g = tanh(gate)    cell' = f * cell + i * g       hidden' = o * tanh(cell')
GRU:   r, z = sigmoid(gate)      n = tanh(weight_ih x + bias + r * (weight_hh hidden + bias))
                                                   hidden' = z * (hidden - n) + n

A gate is weight_ih x + bias + weight_hh hidden + bias: it has two biases, as in PyTorch, and a sigmoid takes an
exponential, an addition and a division. The first state is 0, and is multiplied like every other.

The weights of all layers and directions lie side by side: `weight_ih` has the columns of the first layer, which sees
the c_in input features, and then those of every further layer, which sees the hidden features of all directions.
"""

from __future__ import annotations

from collections.abc import Mapping

from costcalc.errors import Fault
from costcalc.ops.formula import Formula, Symbols
from costcalc.ops.kinds import COUNT, FLAG
from costcalc.ops.op import REQUIRED, Argument, Op, Setting, Shape, Step, Weight, tally

FEATURES = Formula("out * directions")


def infer(setting: Setting) -> Shape:
    if len(setting.x) != 2:
        raise Fault(f"a recurrent layer needs [steps, features], got {list(setting.x)}")
    return (setting.x[0], *(step.result for step in steps(setting, ())))


def steps(setting: Setting, output: Shape) -> list[Step]:
    symbols = {"out": setting["out"], "directions": 1 + setting["bidirectional"]}
    return [Step("features", FEATURES, symbols, FEATURES.evaluate(symbols))]


def decoded(setting: Setting, axes: tuple[int | None, ...], context: int) -> Setting:
    """One step; it cannot be one of a run from the last token to the first."""
    if setting["bidirectional"] and axes[0] == 0:
        raise Fault("a layer that runs in both directions cannot be decoded", "'bidirectional: false' looks back only")
    return setting


def carries(setting: Setting, axis: int) -> bool:
    return axis == 0


def symbols(setting: Setting, output: Shape) -> Symbols:
    return {
        "t": setting.x[0],
        "c_in": setting.x[1],
        "h": setting["out"],
        "l": setting["layers"],
        "d": 1 + setting["bidirectional"],
        "b": int(setting["bias"]),
    }


def _recurrent(name: str, about: str, source: str, also: Mapping[str, str], gates: int, **events: int) -> Op:
    """An op with so many gates; `events` are those of one hidden feature at one step, beside the gates' products."""
    per_feature = {
        event: f"{count} * l * d * t * h" if count > 1 else "l * d * t * h" for event, count in events.items()
    }
    return Op(
        name=name,
        about=about,
        source=source,
        also=also,
        rule="[steps, out], or [steps, 2 * out] in both directions: the hidden state of the last layer at every step",
        axes="last",
        arguments=(
            Argument("out", COUNT, REQUIRED, "hidden features of a direction"),
            Argument("layers", COUNT, 1, "layers one after the other"),
            Argument("bidirectional", FLAG, False, "also run from the last step to the first, with its own weights"),
            Argument("bias", FLAG, True, "two biases a gate"),
        ),
        infer=infer,
        decoded=decoded,
        carries=carries,
        steps=steps,
        symbols=symbols,
        weights=(
            Weight("weight_ih", f"d, {gates} * h, c_in + (l - 1) * d * h"),
            Weight("weight_hh", f"l, d, {gates} * h, h"),
            Weight("bias", f"l, d, 2, {gates} * h", when="bias"),
        ),
        tally=tally(
            mac=f"d * t * {gates} * h * (c_in + (l - 1) * d * h + l * h)",
            bias_add=f"b * l * d * t * 2 * {gates} * h",
            **per_feature,
        ),
        quantities=tally(hidden_element="l * d * t * h", one_way_element="l * t * h"),
        meanings={
            "t": "steps",
            "c_in": "input features",
            "h": "hidden features of a direction",
            "l": "layers",
            "d": "directions",
            "b": "1 with biases, else 0",
        },
    )


LSTM = _recurrent(
    name="lstm",
    about="Long short-term memory over [steps, features].",
    source="PyTorch, torch.nn.LSTM without projections; Hochreiter and Schmidhuber 1997",
    also={"pytorch": "LSTM", "onnx": "LSTM", "keras": "LSTM", "other": "bilstm long_short_term_memory"},
    gates=4,
    # four sums of a gate, three sigmoids, one cell; three products; tanh of g and of the cell
    add=4 + 3 + 1, mul=3, exp=3, div=3, tanh=2,
)  # fmt: skip
GRU = _recurrent(
    name="gru",
    about="Gated recurrent units over [steps, features].",
    source="PyTorch, torch.nn.GRU (the reset gate after the product); Cho et al. 2014",
    also={"pytorch": "GRU", "onnx": "GRU", "keras": "GRU", "other": "bigru"},
    gates=3,
    # three sums of a gate, two sigmoids, two in the new state; two products; tanh of n
    add=3 + 2 + 2, mul=2, exp=2, div=2, tanh=1,
)  # fmt: skip
