"""Random specs as plain data, in which every part of the language may stand. Most are valid; the others are refused."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import count
from random import Random
from typing import Any

FORMATS = ("float64", "float32", "float16", "bfloat16", "int8", "int4")
IMAGE, TOKENS = "image", "tokens"
WEIGHTED = ("conv", "linear", "batch_norm", "layer_norm", "prelu", "layers", "concat", "mixture_of_experts")


@dataclass
class Around:
    """What a list of layers may speak of while it is drawn."""

    kind: str
    numbers: list[Any]
    conditions: list[Any]
    tensors: list[str]
    blocks: dict[str, Block]
    weighted: list[tuple[str, str, Any]]  # name, op or block, arguments that may stand elsewhere
    depth: int
    top: bool = False

    def inner(self, *, repeats: bool = False) -> Around:
        return replace(
            self,
            numbers=[*self.numbers, *(["i + 1", "2 if i == 0 else 3", "4 - min(i, 3)"] if repeats else [])],
            conditions=[*self.conditions, *(["i > 0", "i != 1", "i % 2 == 0"] if repeats else [])],
            tensors=list(self.tensors),
            weighted=list(self.weighted),
            depth=self.depth - 1,
            top=False,
        )


@dataclass
class Block:
    """A block that may be called: of images or of tokens, with a second input or not, its parameters."""

    kind: str
    two: bool
    parameters: list[str] = field(default_factory=list)


class Draw:
    """One random spec."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.number = count()

    def chance(self, one_in: int) -> bool:
        return self.random.randrange(one_in) == 0

    def pick(self, items: Any) -> Any:
        return self.random.choice(list(items))

    # --- the file ----------------------------------------------------------------------------------------------------

    def spec(self) -> dict[str, Any]:
        kind = self.pick((IMAGE, IMAGE, TOKENS))
        act = self.pick(("relu", "prelu", "dropout", "none"))
        args = {"w": self.random.randint(1, 3), "v": "w + 1", "flag": self.pick((True, False)), "act": act}
        blocks: dict[str, Any] = {}
        known: dict[str, Block] = {}
        for name in ("first", "second", "third")[: self.random.randrange(4)]:
            key, body, block = self.block(name, known)
            blocks[key] = body
            known[name] = block
        numbers = [1, 2, 3, "w", "v", "2 * w + 1", "x.channels", "x.channels + 1", "round_to(3 * w, 2)"]
        around = Around(kind, numbers, ["flag", "not flag", "w > 1", True], ["x"], known, [], 3, top=True)
        spec: dict[str, Any] = {"args": args, "input": self.inputs(kind, around), "blocks": blocks}
        start: list[Any] = []
        if self.is_ids(spec["input"]):
            start = [{"embedding": {"count": 11, "out": self.pick((4, 6))}, "name": "embedded"}]
            around.tensors[0] = "embedded"
        spec["layers"] = [*start, *self.list(around, 2, 6)]
        if self.chance(3):
            spec["dtype"] = self.pick(FORMATS)
        if self.chance(3):
            other: dict[str, Any] = {"args": {"w": self.random.randint(1, 3), "flag": self.pick((True, False))}}
            if isinstance(spec["input"], list) and self.chance(2):
                other["input"] = [spec["input"][0] + 1, *spec["input"][1:]]
            spec["variants"] = {"other": other}
        named = [
            layer["name"]
            for layer in spec["layers"]
            if isinstance(layer, dict) and "name" in layer and not {"when", "repeat", "act"} & layer.keys()
        ]
        if named and self.chance(3):
            spec["output"] = self.random.sample(named, min(len(named), self.random.randint(1, 2)))
        return spec

    def inputs(self, kind: str, around: Around) -> Any:
        if kind == TOKENS and self.chance(2):
            return {"ids": ["w + 4"]}
        shape = [self.random.randint(1, 4), 4, 5] if kind == IMAGE else [5, 4]
        if self.chance(3):
            around.tensors.append("mask")
            return {kind: shape, "mask": [self.random.randint(1, 2), *shape[1:]] if kind == IMAGE else shape}
        return shape if self.chance(2) else {kind: shape}

    @staticmethod
    def is_ids(inputs: Any) -> bool:
        return isinstance(inputs, dict) and "ids" in inputs

    def block(self, name: str, known: dict[str, Block]) -> tuple[str, list[Any], Block]:
        block = Block(self.pick((IMAGE, TOKENS)), self.chance(3), ["p", "q"][: self.random.randint(1, 2)])
        numbers = [
            1,
            2,
            "p",
            "p + 1",
            "w",
            "x.channels",
            "min(x.features, 4)",
            *(["q"] if "q" in block.parameters else []),
        ]
        conditions = ["flag", "p == 2", "x.channels > 2", "p != w", True]
        around = Around(block.kind, numbers, conditions, ["skip"] * block.two, dict(known), [], 2)
        defaults = ", q=p + 1" if "q" in block.parameters else ""
        return f"{name}(p{defaults}){' from x, skip' if block.two else ''}", self.list(around, 1, 3), block

    # --- lists -------------------------------------------------------------------------------------------------------

    def list(self, around: Around, least: int, most: int) -> list[Any]:
        made: list[Any] = []
        for _ in range(self.random.randint(least, most)):
            made.append(self.layer(around))
        return made

    def layer(self, around: Around) -> Any:
        again = [known for known in around.weighted if known[2] is not None]
        if again and self.chance(6):  # the same again, with the weights of before
            name, target, arguments = self.pick(again)
            made = f"n{next(self.number)}"
            around.tensors.append(made)
            around.weighted.append((made, target, arguments))
            return {target: arguments, "share": name, "name": made}
        repeats = self.chance(6)
        inner = around.inner(repeats=repeats)
        target, arguments, more = self.call(around, inner)
        layer: dict[str, Any] = {target: arguments, **more}
        if "from" in layer and target in ("concat", "add"):
            return layer
        if repeats:
            layer["repeat"] = self.pick((0, 1, 2, 3, "w"))
        if self.chance(5):
            layer["when"] = self.pick(inner.conditions)
        if self.chance(2) or target == "mixture_of_experts":
            layer["name"] = f"n{next(self.number)}"
        if self.chance(8):
            layer["dtype"] = self.pick(FORMATS)
        if self.chance(8):
            layer["weights"] = self.pick(FORMATS)
        alike = [name for name, other, _ in around.weighted if other == target]
        if repeats and "name" in layer and target in WEIGHTED:
            alike += [layer["name"]] * 2
        if alike and self.chance(2):
            layer["share"] = self.pick(alike)
        if around.top and len(around.tensors) > 1 and "from" not in layer and self.chance(6):
            layer["from"] = self.pick(around.tensors)
        if "name" in layer:
            around.tensors.append(layer["name"])
            if target in WEIGHTED or (target in around.blocks and not around.blocks[target].two):
                around.weighted.append((layer["name"], target, None if repeats else arguments))
        return target if layer == {target: None} else layer

    def call(self, around: Around, inner: Around) -> tuple[str, Any, dict[str, Any]]:
        """An op or a block, its arguments, and further keys that it needs."""
        image = around.kind == IMAGE
        kinds = ["relu", "dropout", "act", "slice"]
        kinds += ["conv", "conv", "conv", "batch_norm", "prelu", "max_pool"] if image else []
        kinds += [] if image else ["linear", "linear", "linear", "layer_norm", "attention"]
        if around.depth > 0:
            kinds += ["layers", "concat", "add", "mul", *around.blocks, *around.blocks]
            kinds += [] if image else ["experts", "positions"]
        if around.tensors:
            kinds.append("from")
        kind = self.pick(kinds)
        number = self.pick(inner.numbers)
        if kind == "conv":
            return "conv", self.convolution(number), {}
        if kind == "linear":
            return "linear", {"out": number, **({"bias": False} if self.chance(3) else {})}, {}
        if kind == "max_pool":
            return "max_pool", {"kernel": 2, "stride": 2}, {}
        if kind == "slice":
            return "slice", {"axis": 0, "end": 1} if image else {"axis": 1, "end": self.pick((1, 2))}, {}
        if kind == "attention":
            return "scaled_dot_product_attention", {"causal": self.pick((True, False))}, self.attended(around)
        if kind == "layers":
            return "layers", self.list(inner, 1, 3), {}
        if kind in ("concat", "add", "mul"):
            return kind, self.branches(inner, kind), {}
        if kind == "experts":
            experts = self.random.randint(1, 3)
            body = self.list(inner, 1, 2)
            return (
                "mixture_of_experts",
                {"experts": experts, "active": self.random.randint(1, experts), "expert": body},
                {},
            )
        if kind == "positions":
            b, c = f"b{next(self.number)}", f"b{next(self.number)}"
            return "add", {b: [], c: [{"parameter": {"shape": [1, 1]}}]}, {}
        if kind == "from":
            return self.pick(("concat", "add")), None, {"from": [self.pick(around.tensors), self.pick(around.tensors)]}
        if kind in around.blocks:
            block = around.blocks[kind]
            given = {name: self.pick(inner.numbers) for name in block.parameters if name == "p" or self.chance(2)}
            return kind, given, {"from": {"skip": self.pick([*around.tensors, "x"])}} if block.two else {}
        return kind, None, {}

    def attended(self, around: Around) -> dict[str, Any]:
        source = self.pick(around.tensors or ["x"])
        return {"from": dict.fromkeys(("query", "key", "value"), source)}

    def convolution(self, number: Any) -> dict[str, Any]:
        made = {"out": number, **self.pick(({"kernel": 1}, {"kernel": 3, "padding": 1}, {"kernel": 1, "bias": False}))}
        if self.chance(8):
            made["stride"] = 2
        if self.chance(8):
            made["groups"] = "x.channels"
        return made

    def branches(self, around: Around, kind: str) -> dict[str, Any]:
        names = [f"b{next(self.number)}" for _ in range(self.random.randint(2, 3))]
        made: dict[str, Any] = {names[0]: self.list(around.inner(), 0, 2)}
        if kind != "concat":  # one channel, or one feature, goes with any
            narrow = {"conv": {"out": 1, "kernel": 1}} if around.kind == IMAGE else {"linear": {"out": 1}}
            made[names[0]].append(narrow)
        for name in names[1:]:
            form = self.pick(("list", "identity", "from", "when"))
            made[name] = [] if form == "identity" or kind != "concat" else self.list(around.inner(), 0, 2)
            if form == "from" and around.tensors and kind == "concat":
                made[name] = {"from": self.pick(around.tensors), "layers": made[name]}
            elif form == "when":
                made[name] = {"when": self.pick(around.conditions), "layers": made[name]}
        return made


def spec(seed: int) -> dict[str, Any]:
    """The random spec of this number."""
    return Draw(Random(seed)).spec()  # noqa: S311  a test, not a secret
