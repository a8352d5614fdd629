"""The selective state space of Mamba: every feature has a state of n numbers, which fades and takes in at every step.

    decay = exp(delta[t, c] * A[c, n])                          A = -exp(A_log)
    state[c, n] = decay * state[c, n] + delta[t, c] * x[t, c] * B[t, n]
    y[t, c] = sum over n of state[c, n] * C[t, n] + D[c] * x[t, c]

Reading the state out with C is a matrix product and counts as macs; fading and taking in are element by element. A is
worked out once; delta comes in positive (softplus). The first state is 0, and is multiplied like every other.
"""

from __future__ import annotations

from costcalc.errors import Fault
from costcalc.ops.formula import Symbols
from costcalc.ops.op import Op, Setting, Shape, Weight, tally


def infer(setting: Setting) -> Shape:
    x, delta, taking, reading = setting.inputs
    if len(x) != 2:
        raise Fault(f"selective_scan needs [steps, features], got {list(x)}")
    if delta != x:
        raise Fault(f"delta {list(delta)} must have the shape of x, {list(x)}")
    if len(taking) != 2 or taking[0] != x[0]:
        raise Fault(f"B {list(taking)} must be [{x[0]}, state]: a row for every step of x {list(x)}")
    if reading != taking:
        raise Fault(f"C {list(reading)} must have the shape of B, {list(taking)}")
    return setting.x


def carries(setting: Setting, axis: int) -> bool:
    return axis == 0


def symbols(setting: Setting, output: Shape) -> Symbols:
    return {"t": output[0], "c": output[1], "n": setting.inputs[2][1]}


OP = Op(
    name="selective_scan",
    about="A state space whose step size, input and output change from step to step (Mamba).",
    source="Gu and Dao 2023, algorithm 2; mamba_ssm, selective_scan_ref",
    also={"other": "selective_scan_fn"},
    rule="x [T, features], delta [T, features], B [T, state] and C [T, state] give [T, features]",
    axes="last",
    inputs=("x", "delta", "B", "C"),
    infer=infer,
    carries=carries,
    symbols=symbols,
    weights=(Weight("A_log", "c, n"), Weight("D", "c")),
    tally=tally(
        mac="t * c * n",
        mul="3 * t * c * n + 2 * t * c",
        add="t * c * n + t * c",
        exp="t * c * n + c * n",
    ),
    meanings={"t": "steps", "c": "features", "n": "numbers in the state of a feature"},
)
