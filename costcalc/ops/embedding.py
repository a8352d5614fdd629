"""Embedding: every token becomes its row of a table. Rows are looked up; nothing is computed.

y[p] = weight[x[p]]
"""

from __future__ import annotations

from costcalc.ops.formula import Symbols
from costcalc.ops.kinds import COUNT
from costcalc.ops.op import REQUIRED, Argument, Op, Setting, Shape, Weight


def infer(setting: Setting) -> Shape:
    return (*setting.x, setting["out"])


def symbols(setting: Setting, output: Shape) -> Symbols:
    return {"v": setting["count"], "c_out": setting["out"]}


OP = Op(
    name="embedding",
    about="The row of a table for every token; tokens are whole numbers from 0.",
    source="PyTorch, torch.nn.functional.embedding",
    also={"pytorch": "Embedding embedding", "keras": "Embedding", "other": "word_embedding token_embedding lookup"},
    rule="an axis of size out comes last",
    arguments=(
        Argument("count", COUNT, REQUIRED, "rows of the table: how many different tokens there are"),
        Argument("out", COUNT, REQUIRED, "features of a row"),
    ),
    infer=infer,
    indices={"x": "count"},
    symbols=symbols,
    weights=(Weight("weight", "v, c_out"),),
    meanings={"v": "rows of the table", "c_out": "features of a row"},
)
