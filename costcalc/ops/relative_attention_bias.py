"""T5's relative positions: a number for every pair of query and key and every head, by their distance.

    y[head, q, k] = weight[bucket(k - q), head]

Near distances have a bucket each, far ones share theirs on a logarithmic scale up to `max_distance`. The last query
stands at the place of the last key. Buckets depend on the sizes alone; rows are looked up; nothing is computed.
"""

from __future__ import annotations

from costcalc.errors import Fault
from costcalc.ops.formula import Symbols
from costcalc.ops.kinds import COUNT, FLAG
from costcalc.ops.op import REQUIRED, Argument, Op, Setting, Shape, Weight


def infer(setting: Setting) -> Shape:
    if setting["buckets"] < (least := 4 if setting["bidirectional"] else 2):
        raise Fault(f"buckets={setting['buckets']} must be at least {least}", "half of them are for near distances")
    if setting["max_distance"] <= (near := setting["buckets"] // (least // 2) // 2):
        raise Fault(f"max_distance={setting['max_distance']} must be above the {near} distances with their own bucket")
    return (setting["heads"], setting["queries"], setting["keys"] or setting["queries"])


def decoded(setting: Setting, axes: tuple[int | None, ...], context: int) -> Setting:
    """The row of the last query: its distances to all tokens."""
    if setting["queries"] not in (1, context):
        return setting
    keys = context if setting["keys"] in (None, 1) else setting["keys"]
    return Setting({**setting.arguments, "queries": 1, "keys": keys}, setting.inputs, setting.layout)


def symbols(setting: Setting, output: Shape) -> Symbols:
    return {"n": setting["buckets"], "h": setting["heads"]}


OP = Op(
    name="relative_attention_bias",
    about="A trained number for every bucket of distances and every head, laid out for all pairs of query and key.",
    source="Raffel et al. 2019 (T5); transformers, T5Attention.compute_bias",
    rule="[heads, queries, keys]",
    arguments=(
        Argument("heads", COUNT, REQUIRED, "heads of the attention it is for"),
        Argument("queries", COUNT, REQUIRED, "how many queries there are"),
        Argument("keys", COUNT, None, "how many keys there are; as many as queries when not given"),
        Argument("buckets", COUNT, 32, "rows of the table"),
        Argument("max_distance", COUNT, 128, "all distances from here on share the last bucket"),
        Argument("bidirectional", FLAG, True, "half of the buckets for keys after the query; false in a decoder"),
    ),
    inputs=(),
    sides=("queries", "keys"),
    infer=infer,
    decoded=decoded,
    symbols=symbols,
    weights=(Weight("weight", "n, h"),),
    meanings={"n": "buckets", "h": "heads"},
)
