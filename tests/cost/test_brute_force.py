"""Random specs against an expander of its own: every layer written out one by one, and costed one by one.

The expander reads the same data as the YAML reader and shares no code with costcalc: it copies every block where it is
called, knows no memory of what was built before, counts by walking, and finds the peak by running the flat list.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from costcalc.cost.estimate import estimate
from costcalc.cost.metrics import Cost
from costcalc.cost.model import Report
from costcalc.errors import SpecError
from costcalc.graph.build import build
from costcalc.graph.memo import Memo
from costcalc.spec.load import load_text

HEIGHT, WIDTH = 1, 3
BITS = {"float64": 64, "float32": 32, "float16": 16, "int4": 4}
MODIFIERS = ("name", "from", "when", "repeat", "share", "dtype", "weights")
OPS = ("conv", "batch_norm", "relu", "prelu", "dropout", "add", "concat")
VIEWS = ("dropout", "slice", "crop", "transpose")
NO_ACTIVATIONS = (*VIEWS, "parameter")
MIXTURE = "mixture_of_experts"
JOINS = ("add", "concat", MIXTURE)
WEIGHTED = ("conv", "batch_norm", "prelu", "concat", "layers", "first", "second")

# --- the expander ----------------------------------------------------------------------------------------------------


class Invalid(Exception):
    """A spec that must be refused."""


def whole_bytes(bits: int) -> int:
    return bits // 8 + (bits % 8 > 0)


@dataclass(eq=False)
class Storage:
    """A piece of memory: who made it, and how large it is for one item."""

    maker: str
    bits: int


@dataclass(eq=False)
class Tensor:
    """What a layer hands on: so many channels, in some memory, made by one of the steps (-1: an input)."""

    channels: int
    storage: Storage
    step: int
    source: Tensor | None = None

    def is_of(self, chain: Tensor) -> bool:
        """True if it is the tensor that an instance of a repeat takes, or came into a repeat inside it as that."""
        return self is chain or (self.source is not None and self.source.is_of(chain))


@dataclass(eq=False)
class Weight:
    """A tensor that a layer uses. `like` leads to another that it is equal with; `shared` when that is stored."""

    shape: tuple[int, ...]
    bits: int
    trainable: bool = True
    shared: bool = False
    like: Weight | None = None

    def first(self) -> Weight:
        return self if self.like is None else self.like.first()

    @property
    def bytes(self) -> int:
        return whole_bytes(self.size * self.bits)

    @property
    def size(self) -> int:
        size = 1
        for side in self.shape:
            size *= side
        return size


@dataclass(eq=False)
class Step:
    """One layer of the network written out. Inside experts it is stored and run more than once."""

    path: str
    op: str
    inputs: list[Tensor]
    output: Tensor
    weights: list[Weight]
    macs: int
    stored: int
    run: int

    def trainable(self) -> int:
        return sum(weight.size for weight in self.weights if weight.trainable and not weight.shared)

    def params(self) -> int:
        return self.trainable() * self.stored

    def params_active(self) -> int:
        """Those that one item uses, or would use where the layer is not run."""
        return self.trainable() * self.run

    def buffers(self) -> int:
        return self.stored * sum(weight.size for weight in self.weights if not weight.trainable and not weight.shared)


Weights = dict[str, Weight]


@dataclass
class Scope:
    """What a list of layers sees: values, earlier layers by name, and their weights."""

    values: dict[str, Any]
    tensors: dict[str, Tensor]
    weights: dict[str, Any]  # a layer's weights; for a repeat, those of every instance by its index
    prefix: str
    dtype: str
    stored: str
    taken: set[str] = field(default_factory=set)
    own: Weights = field(default_factory=dict)

    def unused(self, base: str) -> str:
        number, name = 1, base
        while name in self.taken:
            number += 1
            name = f"{base}_{number}"
        return name


class Sizes:
    """The `x` of an expression."""

    def __init__(self, tensor: Tensor) -> None:
        self.channels = tensor.channels


class Expansion:
    """A spec written out: its steps in order, its outputs, and which steps the outputs need."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self.steps: list[Step] = []
        self.stored = self.run = 1  # how often what is being written out is stored, and run
        self.blocks = {key.partition("(")[0]: (key, body) for key, body in spec.get("blocks", {}).items()}
        self.args = dict(spec.get("args", {}))
        self.inputs = {
            name: Tensor(shape[0], Storage(name, shape[0] * HEIGHT * WIDTH * 32), -1)
            for name, shape in spec["input"].items()
        }
        first = next(iter(self.inputs.values()))
        tensors = {**self.inputs, "x": first}
        values = {**self.args, **{name: Sizes(tensor) for name, tensor in tensors.items()}}
        scope = Scope(values, tensors, {}, "", "float32", "float32")
        result = self.layers(spec["layers"], scope, first)
        names = spec.get("output")
        self.outputs = [result] if names is None else [scope.tensors[name] for name in names]
        self.needed = self.reach(self.outputs, 0)
        stored: set[Weight] = set()  # of equal weights the first
        for weight in (weight for step in self.steps for weight in step.weights):
            weight.shared = weight.first() in stored
            stored.add(weight.first())

    def value(self, text: Any, scope: Scope) -> Any:
        if not isinstance(text, str):
            return text
        # the expressions are those of this file, and Python reads them as costcalc should
        return eval(text, {"__builtins__": {}}, scope.values)  # noqa: S307

    def reach(self, outputs: list[Tensor], start: int) -> set[int]:
        """The steps from `start` on that the outputs need."""
        found: set[int] = set()
        todo = [tensor.step for tensor in outputs]
        while todo:
            step = todo.pop()
            if step >= start and step not in found:
                found.add(step)
                todo.extend(tensor.step for tensor in self.steps[step].inputs)
        return found

    def layers(self, layers: list[Any], scope: Scope, chain: Tensor) -> Tensor:
        for number, layer in enumerate(layers, 1):
            layer = layer if isinstance(layer, dict) else {layer: None}
            made = self.layer(layer, scope, chain)
            if not ("parameter" in layer and "name" in layer and number < len(layers)):
                chain = made
        return chain

    def closed(self, layers: list[Any], scope: Scope, chain: Tensor) -> Tensor:
        """A list inside another: each of its layers is used."""
        start = len(self.steps)
        chain = self.layers(layers, scope, chain)
        if self.reach([chain], start) != set(range(start, len(self.steps))):
            raise Invalid("a layer is never used")
        return chain

    def layer(self, layer: dict[str, Any], scope: Scope, chain: Tensor) -> Tensor:
        (target,) = (key for key in layer if key not in MODIFIERS)
        arguments = layer[target] or {}
        inputs = {"": chain}
        given = layer.get("from")
        if isinstance(given, str):
            inputs = {"": self.tensor(given, scope)}
        elif isinstance(given, list):
            inputs = {str(k): self.tensor(name, scope) for k, name in enumerate(given)}
        elif isinstance(given, dict):
            inputs = {"": chain, **{name: self.tensor(other, scope) for name, other in given.items()}}
        if target in scope.values:
            target = scope.values[target]
        if target == "none" and "name" not in layer:
            return next(iter(inputs.values()))
        name = layer.get("name") or scope.unused("group" if target == "layers" else target)
        if name in scope.taken:
            raise Invalid("a name is used twice")
        scope.taken.add(name)
        joins = target in JOINS and bool(arguments)
        flat = joins and "name" not in layer and "repeat" not in layer and "share" not in layer
        if flat:
            for branch in branches_of(arguments):
                if branch in scope.taken:
                    raise Invalid("a name is used twice")
                scope.taken.add(branch)
        first = next(iter(inputs))
        exists = target != "none"
        if exists and "repeat" not in layer:
            exists = self.value(layer.get("when", True), scope)
        made: Tensor
        if "repeat" in layer and exists:
            made = self.repeated(layer, target, arguments, name, scope, inputs)
        elif not exists:
            made = inputs[first]
            scope.weights.pop(name, None)
        else:
            before = len(self.steps)
            made, own = self.called(layer, target, arguments, scope, inputs, name, flat)
            if flat:
                scope.own.update(own)
            elif len(self.steps) > before:
                if "share" in layer:
                    owner = self.owner(layer["share"], scope)
                    if not share(own, owner[max(owner)] if isinstance(next(iter(owner), ""), int) else owner):
                        raise Invalid("nothing is shared")
                scope.own.update({f"{name}.{path}": weight for path, weight in own.items()})
                scope.weights[name] = own
        scope.tensors[name] = made
        return made

    def repeated(
        self, layer: dict[str, Any], target: str, arguments: Any, name: str, scope: Scope, inputs: dict[str, Tensor]
    ) -> Tensor:
        first = next(iter(inputs))
        made = inputs[first]
        every: dict[int, Weights] = {}
        shared = False
        for index in range(self.value(layer["repeat"], scope)):
            inner = Scope({**scope.values, "i": index}, scope.tensors, scope.weights, scope.prefix, scope.dtype,
                          scope.stored)  # fmt: skip
            if not self.value(layer.get("when", True), inner):
                continue
            before = len(self.steps)
            chain = replace(made, source=made)  # the same tensor, to be told from where it comes by another name
            made, own = self.called(
                layer, target, arguments, inner, {**inputs, first: chain}, f"{name}[{index}]", False
            )
            if len(self.steps) == before:
                continue
            if every and not any(tensor.is_of(chain) for step in self.steps[before:] for tensor in step.inputs):
                raise Invalid("the instances do not take what the one before made")
            if layer.get("share") == name:
                shared = any([share(own, other) for other in every.values()]) or shared
            elif "share" in layer:
                owner = self.owner(layer["share"], scope)
                if isinstance(next(iter(owner), ""), int):
                    owner = owner.get(index, {})
                shared = share(own, owner) or shared
            every[index] = own
            scope.own.update({f"{name}[{index}].{path}": weight for path, weight in own.items()})
        scope.weights.pop(name, None)
        if every:
            scope.weights[name] = every
            alone = layer.get("share") == name and len(every) == 1
            if "share" in layer and not shared and not alone:
                raise Invalid("nothing is shared")
        return made

    def called(
        self, layer: dict[str, Any], target: str, arguments: Any, scope: Scope, inputs: dict[str, Tensor], name: str,
        flat: bool,
    ) -> tuple[Tensor, Weights]:  # fmt: skip
        """One instance: what it makes, and its weights by their paths inside it."""
        path = f"{scope.prefix}{name}"
        dtype = layer.get("dtype", scope.dtype)
        stored = layer.get("weights") or layer.get("dtype") or scope.stored
        chain = next(iter(inputs.values()))
        if target == "layers":
            inner = Scope(dict(scope.values), dict(scope.tensors), dict(scope.weights), f"{path}.", dtype, stored)
            return self.closed(arguments, inner, chain), inner.own
        if target in self.blocks:
            key, body = self.blocks[target]
            signature, _, names = key.partition(" from ")
            tensors = {"x": chain}
            for other in (part.strip() for part in names.split(",")):
                if other and other != "x":
                    tensors[other] = inputs[other]
            values: dict[str, Any] = {**self.args, **{n: Sizes(tensor) for n, tensor in tensors.items()}}
            inner = Scope(values, tensors, {}, f"{path}.", dtype, stored)
            for part in signature.partition("(")[2].rstrip(")").split(","):
                parameter, _, default = (piece.strip() for piece in part.partition("="))
                if parameter in arguments:
                    values[parameter] = self.value(arguments[parameter], scope)
                elif parameter:
                    values[parameter] = self.value(default, inner)
            return self.closed(body, inner, chain), inner.own
        if target in JOINS and arguments:
            return self.join(layer, target, arguments, scope, chain, path, dtype, stored, flat)
        taken = [] if target == "parameter" else list(inputs.values())
        return self.op(target, arguments, taken, scope, path, dtype, stored)

    def join(
        self, layer: dict[str, Any], target: str, branches: dict[str, Any], scope: Scope, chain: Tensor, path: str,
        dtype: str, stored: str, flat: bool,
    ) -> tuple[Tensor, Weights]:  # fmt: skip
        start = len(self.steps)
        arrived = []
        own: Weights = {}
        mixture = target == MIXTURE
        around = self.stored, self.run
        if mixture:
            self.stored, self.run = self.stored * branches["experts"], self.run * branches["active"]
            arrived.append(chain)
        for name, branch in branches_of(branches).items():
            branch = branch if isinstance(branch, dict) else {"layers": branch}
            if not self.value(branch.get("when", True), scope):
                continue
            source = self.tensor(branch["from"], scope) if "from" in branch else chain
            inside = f"{scope.prefix}{name}" if flat else f"{path}.{name}"
            inner = Scope(dict(scope.values), dict(scope.tensors), dict(scope.weights), f"{inside}.", dtype, stored)
            arrived.append(self.closed(branch.get("layers", []), inner, source))
            own.update({f"{name}.{weight_path}": weight for weight_path, weight in inner.own.items()})
        self.stored, self.run = around
        if not arrived:
            raise Invalid("no branch exists")
        made = arrived[0]
        if len(arrived) > 1:
            made, weights = self.op(target, branches, arrived, scope, path, dtype, stored)
            own.update({f"{MIXTURE}.{name}" if flat else name: weight for name, weight in weights.items()})
        if not flat and self.reach([made], start) != set(range(start, len(self.steps))):
            raise Invalid("a layer is never used")
        return made, own

    def op(
        self, op: str, arguments: dict[str, Any], inputs: list[Tensor], scope: Scope, path: str, dtype: str, stored: str
    ) -> tuple[Tensor, Weights]:
        channels, macs = inputs[0].channels if inputs else 0, 0
        weights: Weights = {}
        size = BITS[stored]
        if op == "conv":
            out = self.value(arguments["out"], scope)
            if out < 1:
                raise Invalid("no channels")
            weights = {"weight": Weight((out, channels, 1, 1), size), "bias": Weight((out,), size)}
            macs = channels * out * HEIGHT * WIDTH
            channels = out
        elif op == "batch_norm":
            weights = {name: Weight((channels,), size) for name in ("weight", "bias")}
            weights |= {name: Weight((channels,), size, trainable=False) for name in ("running_mean", "running_var")}
        elif op == "prelu":
            weights = {"weight": Weight((1,), size)}
        elif op == "parameter":
            channels = self.value(arguments["shape"][0], scope)
            if channels < 1:
                raise Invalid("no channels")
            weights = {"weight": Weight((channels, HEIGHT, WIDTH), size)}
        elif op == MIXTURE:
            channels = inputs[1].channels
            if inputs[0].channels != channels:
                raise Invalid("the shapes do not fit")
            weights = {"router": Weight((arguments["experts"], WIDTH), size)}
            macs = channels * HEIGHT * arguments["experts"] * WIDTH
        elif op == "slice":
            channels = 1
        elif op == "concat":
            channels = sum(tensor.channels for tensor in inputs)
        elif op == "add":
            channels = max(tensor.channels for tensor in inputs)
            if any(tensor.channels not in (1, channels) for tensor in inputs):
                raise Invalid("the shapes do not fit")
        bits = 0 if op == "parameter" else channels * HEIGHT * WIDTH * BITS[dtype]
        storage = inputs[0].storage if op in VIEWS else Storage(path, bits)
        made = Tensor(channels, storage, len(self.steps))
        self.steps.append(Step(path, op, inputs, made, list(weights.values()), macs, self.stored, self.run))
        return made, weights

    def tensor(self, name: str, scope: Scope) -> Tensor:
        if name not in scope.tensors:
            raise Invalid("there is no such layer")
        return scope.tensors[name]

    def owner(self, name: str, scope: Scope) -> dict[Any, Any]:
        if name not in scope.weights:
            raise Invalid("there is no such layer")
        owner: dict[Any, Any] = scope.weights[name]
        return owner

    def kept(self, batch: int) -> list[tuple[str, int]]:
        """What lives where nothing runs: the inputs that are handed out."""
        out = {tensor.storage for tensor in self.outputs}
        return [
            (tensor.storage.maker, whole_bytes(tensor.storage.bits * batch))
            for tensor in self.inputs.values()
            if tensor.storage in out
        ]

    def moments(self, batch: int) -> dict[str, list[tuple[str, int]]]:
        """Path of every step that runs -> the memory alive while it does, in the order it was made."""
        run = [(number, step) for number, step in enumerate(self.steps) if number in self.needed]
        born = {tensor.storage: 0 for tensor in self.inputs.values()}
        dies = dict.fromkeys(born, -1)
        for time, (_, step) in enumerate(run):
            born.setdefault(step.output.storage, time)
            dies.update((tensor.storage, time) for tensor in (*step.inputs, step.output))
        dies.update((tensor.storage, len(run)) for tensor in self.outputs)
        return {
            step.path: [(s.maker, whole_bytes(s.bits * batch)) for s in born if s.bits and born[s] <= time <= dies[s]]
            for time, (_, step) in enumerate(run)
        }


def branches_of(arguments: dict[str, Any]) -> dict[str, Any]:
    """The branches among what stands under a join."""
    return {name: value for name, value in arguments.items() if isinstance(value, (list, dict))}


def share(own: Weights, owner: Weights) -> bool:
    """Make equal what both have in the same shape; False if that is nothing."""
    common = [path for path, weight in own.items() if path in owner and owner[path].shape == weight.shape]
    for path in common:
        one, other = own[path].first(), owner[path].first()
        if one is not other:
            one.like = other
    return bool(common)


# --- random specs ----------------------------------------------------------------------------------------------------


@dataclass
class Around:
    """What a list of layers may speak of while it is drawn."""

    numbers: list[Any]
    conditions: list[Any]
    tensors: list[str]
    blocks: dict[str, tuple[bool, ...]]
    acts: list[str]
    weighted: list[tuple[str, str]]
    depth: int
    number: Iterator[int]
    top: bool = False

    def inner(self, *, repeats: bool) -> Around:
        more = ["i + 1", "2 if i == 0 else 3", "1 if i < 2 else 2"] if repeats else []
        conditions = ["i > 0", "i != 1"] if repeats else []
        return replace(
            self,
            numbers=[*self.numbers, *more],
            conditions=[*self.conditions, *conditions],
            tensors=list(self.tensors),
            weighted=list(self.weighted),
            depth=self.depth - 1,
            top=False,
        )


@st.composite
def lists(draw: st.DrawFn, around: Around, least: int = 0) -> list[Any]:
    """A list of layers. Names are made so that most `from` and `share` have something to speak of."""
    made: list[Any] = []
    for _ in range(draw(st.integers(2, 6) if around.top else st.integers(least, 3))):
        made.append(draw(layers(around, bool(made) and isinstance(made[-1], dict) and made[-1].get("name"))))
    return made


@st.composite
def layers(draw: st.DrawFn, around: Around, before: Any) -> Any:
    repeats = draw(st.integers(0, 5)) == 0
    inner = around.inner(repeats=repeats)
    kinds = ["conv", "conv", "conv", "batch_norm", "relu", "prelu", *VIEWS, "parameter", *around.acts]
    if around.depth > 0:
        kinds += ["layers", "concat", "concat", "add", MIXTURE, MIXTURE, *around.blocks, *around.blocks]
    if before and around.tensors:
        kinds.append("from")
    kind = draw(st.sampled_from(kinds))
    layer: dict[str, Any] = {}
    if kind == "from":
        return {"concat": None, "from": [before, draw(st.sampled_from(around.tensors))]}
    if kind == "conv":
        layer["conv"] = {"out": draw(st.sampled_from(inner.numbers)), "kernel": 1}
    elif kind == "parameter":
        return draw(parameters(around))
    elif kind == "slice":
        layer["slice"] = {"axis": 0, "end": 1}
    elif kind == "transpose":
        layer["transpose"] = {"order": [0, 1, 2]}  # the sizes stay, so that everything goes with everything
    elif kind == "crop":
        layer["crop"] = {"size": [HEIGHT, WIDTH]}
        if around.tensors and draw(st.booleans()):
            layer = {"crop": None, "from": {"like": draw(st.sampled_from(around.tensors))}}
    elif kind == "layers":
        layer["layers"] = draw(lists(inner, 1))
    elif kind in ("concat", "add"):
        layer[kind] = draw(branches(inner, kind))
    elif kind == MIXTURE:
        experts = draw(st.sampled_from([3, 2, 1]))
        expert = draw(lists(inner))
        if draw(st.integers(0, 3)):
            expert = [{"layers": [*expert, {"conv": {"out": 2, "kernel": 1}}]}, "relu"]
        layer[kind] = {"experts": experts, "active": draw(st.integers(1, experts)), "expert": expert}
    elif kind in around.blocks:
        two, has_default = around.blocks[kind]
        layer[kind] = {"p": draw(st.sampled_from(inner.numbers))}
        if has_default and draw(st.booleans()):
            layer[kind]["q"] = draw(st.sampled_from(inner.numbers))
        if two:
            layer["from"] = {"skip": draw(st.sampled_from([*around.tensors, "x"]))}
    else:
        layer[kind] = None
    if repeats:
        layer["repeat"] = draw(st.sampled_from([0, 1, 2, 3, "w"]))
    if draw(st.integers(0, 3)) == 0:
        layer["when"] = draw(st.sampled_from(inner.conditions))
    if draw(st.booleans()) or (kind == MIXTURE and not around.top):  # two without names are refused, also uncalled
        layer["name"] = f"n{next(around.number)}"
    if draw(st.integers(0, 7)) == 0:
        layer["dtype"] = draw(st.sampled_from(sorted(BITS)))
    if draw(st.integers(0, 7)) == 0:
        layer["weights"] = draw(st.sampled_from(sorted(BITS)))
    alike = [name for name, other in around.weighted if other == kind]
    if repeats and "name" in layer and kind in WEIGHTED:
        alike += [layer["name"]] * 2
    if alike and draw(st.booleans()):
        layer["share"] = draw(st.sampled_from(alike))
    if around.top and around.tensors and "from" not in layer and draw(st.integers(0, 4)) == 0:
        layer["from"] = draw(st.sampled_from(around.tensors))
    if "name" in layer:
        around.tensors.append(layer["name"])
        if kind in WEIGHTED:
            around.weighted.append((layer["name"], kind))
    if layer == {"relu": None}:
        return "relu"
    return layer


@st.composite
def parameters(draw: st.DrawFn, around: Around) -> dict[str, Any]:
    """A weight that stands as it is: in the chain, or beside it under a name."""
    layer: dict[str, Any] = {"parameter": {"shape": [draw(st.sampled_from(around.numbers)), HEIGHT, WIDTH]}}
    if draw(st.integers(0, 2)):
        layer["name"] = f"n{next(around.number)}"
        around.tensors.append(layer["name"])
    for key in ("dtype", "weights"):
        if draw(st.integers(0, 7)) == 0:
            layer[key] = draw(st.sampled_from(sorted(BITS)))
    return layer


@st.composite
def branches(draw: st.DrawFn, around: Around, kind: str) -> dict[str, Any]:
    names = [f"b{next(around.number)}" for _ in range(draw(st.integers(2, 3)))]
    made: dict[str, Any] = {names[0]: draw(lists(around.inner(repeats=False)))}
    if kind == "add":
        made[names[0]].append({"conv": {"out": 1, "kernel": 1}})  # one channel goes with any
    for name in names[1:]:
        form = draw(st.sampled_from(["list", "identity", "from", "when"]))
        if form == "identity" or kind == "add":
            made[name] = []
        else:
            made[name] = draw(lists(around.inner(repeats=False)))
        if form == "from" and around.tensors and kind == "concat":
            made[name] = {"from": draw(st.sampled_from(around.tensors)), "layers": made[name]}
        elif form == "when":
            made[name] = {"when": draw(st.sampled_from(around.conditions)), "layers": made[name]}
    return made


@st.composite
def specs(draw: st.DrawFn) -> dict[str, Any]:
    """A spec as data, in which every part of the language may stand."""
    args = {
        "w": draw(st.integers(0, 3)),
        "flag": draw(st.booleans()),
        "act": draw(st.sampled_from((*OPS[1:5], "none"))),
    }
    number = count()
    blocks: dict[str, Any] = {}
    known: dict[str, tuple[bool, ...]] = {}
    for name in ("first", "second")[: draw(st.integers(0, 2))]:
        two, has_default = draw(st.booleans()), draw(st.booleans())
        numbers = [1, 2, "p", "p + 1", "w + 1", "x.channels", *(["q"] if has_default else [])]
        conditions = ["flag", "p == 2", "x.channels > 2", True]
        around = Around(numbers, conditions, ["skip"] * two, dict(known), ["act"], [], 2, number)
        key = f"{name}(p{', q=p + 1' if has_default else ''}){' from x, skip' if two else ''}"
        blocks[key] = draw(lists(around, 1))
        known[name] = (two, has_default)
    numbers = [1, 2, 3, "w + 1", "2 * w + 1", "x.channels", "x.channels + 1"]
    around = Around(numbers, ["flag", "not flag", "w > 1", True, False], ["x"], known, ["act"], [], 3, number, top=True)
    made = draw(lists(around, 1))
    spec: dict[str, Any] = {
        "args": args,
        "input": {"image": [draw(st.integers(1, 3)), HEIGHT, WIDTH]},
        "blocks": blocks,
        "layers": made,
    }
    if draw(st.booleans()):
        spec["input"]["mask"] = [draw(st.integers(1, 3)), HEIGHT, WIDTH]
    named = [layer["name"] for layer in made if isinstance(layer, dict) and "name" in layer and "when" not in layer
             and "repeat" not in layer and layer.get("act", 0) == 0]  # fmt: skip
    if named and draw(st.integers(0, 2)) == 0:
        spec["output"] = draw(st.lists(st.sampled_from(named), min_size=1, max_size=2, unique=True))
    return spec


def expanded(spec: dict[str, Any]) -> Expansion | None:
    try:
        return Expansion(spec)
    except Invalid as reason:
        event(f"refused: {reason}")
        return None


def reported(spec: dict[str, Any], batch: int = 1) -> Report:
    # JSON is YAML
    return estimate(build(load_text(json.dumps(spec))), batch)


@given(spec=specs(), batch=st.integers(1, 3))
@settings(max_examples=400)
def test_a_spec_is_the_layers_that_it_writes_out_to(spec: dict[str, Any], batch: int) -> None:
    """Path, op, channels, params, active ones, buffers and macs of every layer; totals; the peak with what lives at it."""
    expansion = expanded(spec)
    if expansion is None:
        with pytest.raises(SpecError):
            reported(spec)
        return
    report = reported(spec, batch)
    rows = list(report.rows(fold=10**9))
    wanted = [
        (step.path, step.op, step.output.channels, step.params(), step.params_active(), step.buffers(),
         step.macs * step.run * batch if number in expansion.needed else 0, number in expansion.needed)
        for number, step in enumerate(expansion.steps)
    ]  # fmt: skip
    assert [
        (row.path, row.op, row.output[0], row.cost.params, row.cost.params_active, row.cost.buffers, row.cost.macs,
         row.run > 0)
        for row in rows
    ] == wanted  # fmt: skip
    event(f"{min(len(wanted), 20)} layers")
    if expansion.needed != set(range(len(wanted))):
        event("not run")
    every = [(weight, step.stored) for step in expansion.steps for weight in step.weights]
    if any(weight.shared for weight, _ in every):
        event("shared")
    if any(step.stored > step.run for step in expansion.steps):
        event("experts")
    run = [step for number, step in enumerate(expansion.steps) if number in expansion.needed]
    made = [(step.output, step.run) for step in run if step.op not in NO_ACTIVATIONS]
    total = report.totals
    assert total.params == sum(step.params() for step in expansion.steps)
    assert total.params_active == sum(step.params_active() for step in expansion.steps)
    assert total.weight_bytes == sum(stored * weight.bytes for weight, stored in every if not weight.shared)
    assert total.activations == sum(times * tensor.channels * HEIGHT * WIDTH * batch for tensor, times in made)
    assert total.activation_bytes == sum(times * whole_bytes(tensor.storage.bits * batch) for tensor, times in made)
    assert total.layers == sum(step.run for step in run)
    moments = expansion.moments(batch)
    peak = report.peak()
    if moments:
        assert peak.bytes == max(sum(size for _, size in live) for live in moments.values())
        assert list(peak.live) == moments[peak.layer]
    else:
        assert list(peak.live) == expansion.kept(batch)
        assert peak.layer == peak.live[0][0]
    assert sum(size for _, size in peak.live) == peak.bytes


@given(spec=specs(), batch=st.integers(1, 3), fold=st.sampled_from([0, 1, 2, 64]))
def test_the_rows_of_every_depth_add_up_to_the_totals(spec: dict[str, Any], batch: int, fold: int) -> None:
    """Also where equal neighbours are one row. A block's row is the sum of what lies under its path."""
    if expanded(spec) is None:
        return
    report = estimate(build(load_text(json.dumps(spec))), batch)
    for depth in (None, 1, 2, 3, 4):
        assert sum((row.cost for row in report.rows(depth, fold=fold)), Cost()) == report.totals
    layers = list(report.rows(fold=10**9))
    for block in report.blocks():
        under = (f"{block.path}.", f"{block.path}[")
        inside = [row.cost for row in layers if row.path.startswith(under) or row.path == block.path]
        assert sum(inside, Cost()) == block.cost


@given(spec=specs(), args=st.lists(st.fixed_dictionaries({"w": st.integers(0, 3), "flag": st.booleans()}), max_size=3))
@settings(max_examples=50)
def test_builds_that_share_their_memory_give_the_same_as_builds_alone(
    spec: dict[str, Any], args: list[dict[str, Any]]
) -> None:
    """What was built before for other args changes no number."""
    loaded = load_text(json.dumps(spec))
    memo = Memo()
    for values in [*args, {}, *args]:
        outcomes = []
        for remembered in (memo, Memo()):
            try:
                report = estimate(build(loaded, values, memo=remembered))
            except SpecError as error:
                outcomes.append([str(error)])
            else:
                outcomes.append([(row.path, row.op, row.output, row.cost) for row in report.rows()])
        assert outcomes[0] == outcomes[1]
