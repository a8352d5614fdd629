"""Mixture of experts: a router gives every token to a few of many expert networks, and adds up what they say.

    logits = router @ x[t]        the `active` largest are chosen, and a softmax over them gives the gates
    y[t] = sum over the chosen of gate * expert(x[t])

The op owns its router; the experts are the branch `expert`, stored `experts` times and run `active` times a token.
"""

from __future__ import annotations

from costcalc.errors import Fault
from costcalc.ops.formula import Symbols
from costcalc.ops.kinds import COUNT
from costcalc.ops.op import REQUIRED, Argument, Op, Setting, Shape, Weight, tally


def infer(setting: Setting) -> Shape:
    x, expert = setting.inputs
    if setting["active"] > setting["experts"]:
        raise Fault(f"active={setting['active']} is more than the {setting['experts']} experts")
    if len(x) < 2 or expert[:-1] != x[:-1]:
        raise Fault(
            f"the experts take {list(x)} to {list(expert)}: their positions differ",
            "an expert works on the last axis of [positions, features] and keeps the positions",
        )
    return tuple(expert)


def symbols(setting: Setting, output: Shape) -> Symbols:
    return {
        "c_in": setting.x[-1],
        "c_out": output[-1],
        "p": setting.x[:-1],
        "e": setting["experts"],
        "a": setting["active"],
    }


OP = Op(
    name="mixture_of_experts",
    about="A router, and the experts that it chooses for every token.",
    source="Shazeer et al. 2017; Jiang et al. 2024 (Mixtral of Experts): a softmax over the chosen logits",
    also={"other": "moe sparse_moe"},
    rule="the expert's output",
    axes="last",
    inputs=("x", "expert"),
    copies={"expert": ("experts", "active")},
    arguments=(
        Argument("experts", COUNT, REQUIRED, "how many experts are stored"),
        Argument("active", COUNT, REQUIRED, "how many of them a token uses"),
    ),
    infer=infer,
    symbols=symbols,
    weights=(Weight("router", "e, c_in"),),
    tally=tally(
        mac="p * e * c_in",
        compare="p * (a * (2 * e - a - 1) / 2 + a - 1)",
        add="p * (2 * a + a * c_out)",
        exp="p * a",
        div="p * a",
        mul="p * a * c_out",
    ),
    meanings={
        "c_in": "features a token has",
        "c_out": "features an expert gives",
        "p": "tokens",
        "e": "experts",
        "a": "active experts",
    },
)
