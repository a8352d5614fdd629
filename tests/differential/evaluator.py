"""An evaluator of the spec language, written from its definition and sharing no code with costcalc.

It reads plain YAML data and writes a network out, layer by layer: every call of a block is copied, every instance of a
repeat is a step, every weight is an object of its own until `share` makes two of them one. Costs are counted by walking
the steps; the peak is found by running the flat list. Nothing is remembered and nothing is computed twice as fast.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

MODIFIERS = ("name", "from", "when", "repeat", "share", "dtype", "weights", "note")
BITS = {"float64": 64, "float32": 32, "float16": 16, "bfloat16": 16, "int8": 8, "int4": 4, "int64": 64}
VIEWS = ("dropout", "identity", "flatten", "reshape", "slice", "transpose")
JOINS = ("add", "mul", "concat")
ARGUMENTS = ("axis", "experts", "active")
"""Arguments of joins: never the names of branches."""


class Refused(Exception):
    """A spec that must be refused."""


@dataclass(eq=False)
class Weight:
    """A stored tensor. `same_as` leads to the weight that it is one with."""

    shape: tuple[int, ...]
    bits: int
    trainable: bool = True
    same_as: Weight | None = None

    @property
    def bytes(self) -> int:
        return whole_bytes(math.prod(self.shape) * self.bits)

    def root(self) -> Weight:
        return self if self.same_as is None else self.same_as.root()

    def join(self, other: Weight) -> None:
        if self.root() is not other.root():
            self.root().same_as = other.root()


@dataclass(eq=False)
class Memory:
    """What one layer, or the caller, made; views of it keep it alive."""

    maker: str
    elements: int
    bits: int

    def bytes(self, batch: int) -> int:
        return whole_bytes(self.elements * batch * self.bits)


@dataclass(eq=False)
class Tensor:
    """What a layer hands on. A parameter has no memory of its own: it is weights. Step -1 is an input."""

    shape: tuple[int, ...]
    memory: Memory | None
    step: int

    # what an expression may ask, channels first
    @property
    def channels(self) -> int:
        return self.shape[0]

    @property
    def features(self) -> int:
        return self.shape[-1]

    @property
    def length(self) -> int:
        return self.shape[-2]


@dataclass(eq=False)
class Step:
    """One layer of the network written out. Experts are stored and run several times."""

    path: str
    op: str
    inputs: list[Tensor]
    output: Tensor
    weights: dict[str, Weight]
    macs: int
    bits: int
    stored: int
    run: int

    @property
    def activations(self) -> int:
        return 0 if self.op in (*VIEWS, "parameter") else math.prod(self.output.shape)


Weights = dict[str, Weight]


@dataclass
class Scope:
    """What a list of layers sees: values, earlier layers by name, their weights, and the number formats."""

    values: dict[str, Any]
    tensors: dict[str, Tensor]
    weights: dict[str, Any]
    prefix: str
    dtype: str
    stored: str
    copies: tuple[int, int] = (1, 1)
    taken: set[str] = field(default_factory=set)
    own: Weights = field(default_factory=dict)

    def unused(self, base: str) -> str:
        number, name = 1, base
        while name in self.taken:
            number += 1
            name = f"{base}_{number}"
        return name

    def inside(self, prefix: str, dtype: str, stored: str, copies: tuple[int, int] = (1, 1)) -> Scope:
        times = self.copies[0] * copies[0], self.copies[1] * copies[1]
        return Scope(dict(self.values), dict(self.tensors), dict(self.weights), prefix, dtype, stored, times)


class Network:
    """A spec, or one of its variants, written out for a batch."""

    def __init__(self, spec: dict[str, Any], variant: str | None = None, batch: int = 1) -> None:
        changed = spec.get("variants", {}).get(variant, {})
        self.batch = batch
        self.steps: list[Step] = []
        self.blocks = {key.partition("(")[0]: (key, body) for key, body in spec.get("blocks", {}).items()}
        self.args: dict[str, Any] = {}
        for name, value in {**spec.get("args", {}), **changed.get("args", {})}.items():
            self.args[name] = self.value(value, self.args)
        dtype = spec.get("dtype", "float32")
        written = changed.get("input", spec["input"])
        given = written if isinstance(written, dict) else {"input": written}
        self.inputs: dict[str, Tensor] = {}
        for name, shape in given.items():
            sizes = tuple(self.value(size, self.args) for size in shape)
            self.inputs[name] = Tensor(sizes, Memory(name, math.prod(sizes), BITS[dtype]), -1)
        first = next(iter(self.inputs.values()))
        tensors = {**self.inputs, "x": first}
        scope = Scope({**self.args, **tensors}, tensors, {}, "", dtype, spec.get("weights", dtype))
        result = self.layers(spec["layers"], scope, first)
        names = spec.get("output")
        self.outputs = [result] if names is None else [self.tensor(name, scope) for name in names]
        self.needed = self.reach(self.outputs, 0)
        self.read_tokens()

    # --- values ------------------------------------------------------------------------------------------------------

    @staticmethod
    def value(text: Any, values: dict[str, Any]) -> Any:
        """A value as written, or an expression over `values`; a division gives an exact number."""
        if isinstance(text, list):
            return [Network.value(item, values) for item in text]
        if not isinstance(text, str) or text in BITS:
            return text
        known = {"min": min, "max": max, "round_to": round_to, "true": True, "false": False}
        # the expressions are those of this folder, and Python reads them as the language's definition does
        try:
            found = eval(text, {"__builtins__": {}}, {**known, **values})  # noqa: S307
        except NameError:
            return text  # a word: the name of an op
        except (IndexError, ZeroDivisionError) as error:
            raise Refused(str(error)) from None
        return found

    def size(self, text: Any, scope: Scope) -> int:
        value = self.value(text, scope.values)
        if isinstance(value, bool) or value < 1:
            raise Refused("a size is at least 1")
        return int(value)

    # --- lists -------------------------------------------------------------------------------------------------------

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
        for number, layer in enumerate(layers):
            call = layer if isinstance(layer, dict) else {layer: None}
            made = self.layer(call, scope, chain)
            alone = "parameter" in call and "name" in call and number < len(layers) - 1
            chain = chain if alone else made
        return chain

    def closed(self, layers: list[Any], scope: Scope, chain: Tensor) -> Tensor:
        """A list inside another: each of its layers is used."""
        start = len(self.steps)
        chain = self.layers(layers, scope, chain)
        self.all_used(chain, start)
        return chain

    def all_used(self, made: Tensor, start: int) -> None:
        if self.reach([made], start) != set(range(start, len(self.steps))):
            raise Refused("a layer is never used")

    def layer(self, layer: dict[str, Any], scope: Scope, chain: Tensor) -> Tensor:
        (target,) = (key for key in layer if key not in MODIFIERS)
        arguments = layer[target] or {}
        given = layer.get("from")
        inputs = {"": chain}
        if isinstance(given, str):
            inputs = {"": self.tensor(given, scope)}
        elif isinstance(given, list):
            inputs = {str(k): self.tensor(name, scope) for k, name in enumerate(given)}
        elif isinstance(given, dict):
            inputs = {name: self.tensor(other, scope) for name, other in given.items()}
            if target != "scaled_dot_product_attention" and "x" not in inputs:
                inputs = {"": chain, **inputs}
        if target in scope.values and not isinstance(scope.values[target], Tensor):
            target = scope.values[target]
        if target == "none" and "name" not in layer:
            return next(iter(inputs.values()))
        name = layer.get("name") or scope.unused("group" if target == "layers" else target)
        if name in scope.taken:
            raise Refused("a name is used twice")
        scope.taken.add(name)
        joins = branches_of(target, arguments) != {}
        flat = joins and not {"name", "repeat", "share"} & layer.keys()
        if joins and not {"name", "repeat"} & layer.keys():
            for branch in branches_of(target, arguments):
                if branch in scope.taken:
                    raise Refused("a name is used twice")
                scope.taken.add(branch)
        exists = target != "none"
        if exists and "repeat" not in layer:
            exists = self.value(layer.get("when", True), scope.values)
        if "repeat" in layer and exists:
            made = self.repeated(layer, target, arguments, name, scope, inputs)
        elif not exists:
            made = next(iter(inputs.values()))
            scope.weights.pop(name, None)
        else:
            before = len(self.steps)
            made, own = self.called(layer, target, arguments, scope, inputs, name, flat)
            if flat:
                scope.own.update(own)
            elif len(self.steps) > before:
                if "share" in layer:
                    owner = self.owner(layer["share"], scope)
                    if not tie(own, owner[max(owner)] if isinstance(next(iter(owner), ""), int) else owner):
                        raise Refused("nothing is shared")
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
        for index in range(self.value(layer["repeat"], scope.values)):
            inner = Scope({**scope.values, "i": index}, scope.tensors, scope.weights, scope.prefix, scope.dtype,
                          scope.stored, scope.copies)  # fmt: skip
            if not self.value(layer.get("when", True), inner.values):
                continue
            before, chain = len(self.steps), made
            made, own = self.called(layer, target, arguments, inner, {**inputs, first: made}, f"{name}[{index}]", False)
            if len(self.steps) == before:
                continue
            if every and not any(chain in step.inputs for step in self.steps[before:]):
                raise Refused("an instance does not take what the one before made")
            if layer.get("share") == name:
                for other in every.values():
                    shared = tie(own, other) or shared
            elif "share" in layer:
                owner = self.owner(layer["share"], scope)
                if isinstance(next(iter(owner), ""), int):
                    owner = owner.get(index, {})
                shared = tie(own, owner) or shared
            every[index] = own
            scope.own.update({f"{name}[{index}].{path}": weight for path, weight in own.items()})
        scope.weights.pop(name, None)
        if every:
            scope.weights[name] = every
            alone = layer.get("share") == name and len(every) == 1
            if "share" in layer and not shared and not alone:
                raise Refused("nothing is shared")
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
            inner = scope.inside(f"{path}.", dtype, stored)
            return self.closed(arguments, inner, chain), inner.own
        if target in self.blocks:
            inner = self.block(target, arguments, scope, inputs, f"{path}.", dtype, stored)
            return self.closed(self.blocks[target][1], inner, chain), inner.own
        if branches_of(target, arguments):
            return self.join(target, arguments, scope, chain, path, dtype, stored, flat)
        return self.op(target, arguments, list(inputs.values()), scope, path, dtype, stored)

    def block(
        self, target: str, arguments: dict[str, Any], scope: Scope, inputs: dict[str, Tensor], prefix: str, dtype: str,
        stored: str,
    ) -> Scope:  # fmt: skip
        """What the body of a block sees: its parameters, its inputs, and the file's args."""
        signature, _, names = self.blocks[target][0].partition(" from ")
        tensors = {"x": next(iter(inputs.values()))}
        for other in (part.strip() for part in names.split(",")):
            if other and other != "x":
                tensors[other] = inputs[other]
        values: dict[str, Any] = {**self.args, **tensors}
        inner = Scope(values, tensors, {}, prefix, dtype, stored, scope.copies)
        for part in signature.partition("(")[2].rstrip(")").split(","):
            parameter, _, default = (piece.strip() for piece in part.partition("="))
            if parameter in arguments:
                values[parameter] = self.value(arguments[parameter], scope.values)
            elif parameter:
                values[parameter] = self.value(default, values)
        return inner

    def join(
        self, target: str, arguments: dict[str, Any], scope: Scope, chain: Tensor, path: str, dtype: str, stored: str,
        flat: bool,
    ) -> tuple[Tensor, Weights]:  # fmt: skip
        start = len(self.steps)
        arrived = [chain] if target == "mixture_of_experts" else []
        own: Weights = {}
        for name, branch in branches_of(target, arguments).items():
            branch = branch if isinstance(branch, dict) else {"layers": branch}
            if not self.value(branch.get("when", True), scope.values):
                continue
            source = self.tensor(branch["from"], scope) if "from" in branch else chain
            copies = (1, 1)
            if target == "mixture_of_experts":
                copies = self.size(arguments["experts"], scope), self.size(arguments["active"], scope)
            inside = f"{scope.prefix}{name}" if flat else f"{path}.{name}"
            inner = scope.inside(f"{inside}.", dtype, stored, copies)
            arrived.append(self.closed(branch.get("layers", []), inner, source))
            own.update({f"{name}.{weight_path}": weight for weight_path, weight in inner.own.items()})
        if not arrived:
            raise Refused("no branch exists")
        if len(arrived) == 1:
            made = arrived[0]
        else:
            made, of_join = self.op(target, arguments, arrived, scope, path, dtype, stored)
            own.update({f"{target}.{name}" if flat else name: weight for name, weight in of_join.items()})
        if not flat:
            self.all_used(made, start)
        return made, own

    # --- ops ---------------------------------------------------------------------------------------------------------

    def op(
        self, op: str, arguments: dict[str, Any], inputs: list[Tensor], scope: Scope, path: str, dtype: str, stored: str
    ) -> tuple[Tensor, Weights]:
        """One layer: its shape, its weights and its multiply-adds by their textbook definitions."""
        given = {name: self.value(value, scope.values) for name, value in arguments.items() if not layers_in(value)}
        weights: Weights = {}
        macs = 0
        x = inputs[0].shape if op not in ("parameter",) else ()
        bits = BITS[stored]

        def weight(name: str, *shape: int, trainable: bool = True) -> None:
            weights[name] = Weight(shape, bits, trainable)

        if op in ("conv", "max_pool") and len(x) < 2:
            raise Refused("a window needs an axis to slide on")
        if op == "conv":
            out, kernel, groups = self.size(arguments["out"], scope), given["kernel"], given.get("groups", 1)
            if x[0] % groups or out % groups:
                raise Refused("groups must divide the channels")
            sizes = [(side + 2 * given.get("padding", 0) - kernel) // given.get("stride", 1) + 1 for side in x[1:]]
            if min(side + 2 * given.get("padding", 0) for side in x[1:]) < kernel:
                raise Refused("the window does not fit")
            weight("weight", out, x[0] // groups, *[kernel] * len(sizes))
            if given.get("bias", True):
                weight("bias", out)
            shape: tuple[int, ...] = (out, *sizes)
            macs = math.prod(shape) * (x[0] // groups) * kernel ** len(sizes)
        elif op == "linear":
            out = self.size(arguments["out"], scope)
            weight("weight", out, x[-1])
            if given.get("bias", True):
                weight("bias", out)
            shape = (*x[:-1], out)
            macs = math.prod(shape) * x[-1]
        elif op == "embedding":
            out = self.size(arguments["out"], scope)
            weight("weight", given["count"], out)
            shape = (*x, out)
        elif op == "batch_norm":
            for name in ("weight", "bias"):
                weight(name, x[0])
            for name in ("running_mean", "running_var"):
                weight(name, x[0], trainable=False)
            shape = x
        elif op == "layer_norm":
            for name in ("weight", "bias"):
                weight(name, x[-1])
            shape = x
        elif op == "prelu":
            weight("weight", 1)
            shape = x
        elif op in ("relu", "dropout", "identity"):
            shape = x
        elif op == "max_pool":
            kernel = given["kernel"]
            if min(x[1:]) < kernel:
                raise Refused("the window does not fit")
            shape = (x[0], *((side - kernel) // given["stride"] + 1 for side in x[1:]))
        elif op == "flatten":
            shape = (math.prod(x),)
        elif op == "slice":
            axis, end = given["axis"], given["end"]
            if not 0 < end <= x[axis]:
                raise Refused("the end is outside the axis")
            shape = (*x[:axis], end, *x[axis + 1 :])
        elif op == "transpose":
            if sorted(given["order"]) != list(range(len(x))):
                raise Refused("the order must name every axis once")
            shape = tuple(x[axis] for axis in given["order"])
        elif op == "parameter":
            shape = tuple(self.size(size, scope) for size in arguments["shape"])
            weight("weight", *shape)
        elif op in ("add", "mul"):
            shape = broadcast([tensor.shape for tensor in inputs])
        elif op == "concat":
            axis = given.get("axis", 0)
            others = {(*t.shape[:axis], *t.shape[axis + 1 :]) for t in inputs}
            if len(others) > 1 or len({len(tensor.shape) for tensor in inputs}) > 1:
                raise Refused("the shapes do not fit")
            shape = (*x[:axis], sum(tensor.shape[axis] for tensor in inputs), *x[axis + 1 :])
        elif op == "scaled_dot_product_attention":
            query, key, value = (tensor.shape for tensor in inputs)
            heads = given.get("heads", 1)
            if min(map(len, (query, key, value))) < 2:
                raise Refused("attention needs positions")
            if query[-1] % heads or key[-1] != query[-1] or value[-1] % heads or key[:-1] != value[:-1]:
                raise Refused("the shapes do not fit")
            if given.get("causal") and query[-2] > key[-2]:
                raise Refused("a query would see no key")
            shape = (*query[:-1], value[-1])
            macs = math.prod(query[:-1]) * key[-2] * (query[-1] + value[-1])
        elif op == "mixture_of_experts":
            if given["active"] > given["experts"] or inputs[1].shape[:-1] != x[:-1] or len(x) < 2:
                raise Refused("the experts do not fit")
            weight("router", given["experts"], x[-1])
            shape = inputs[1].shape
            macs = math.prod(x[:-1]) * given["experts"] * x[-1]
        else:
            raise AssertionError(op)
        memory = None if op == "parameter" else Memory(path, math.prod(shape), BITS[dtype])
        made = Tensor(shape, inputs[0].memory if op in VIEWS else memory, len(self.steps))
        taken = [] if op == "parameter" else inputs
        self.steps.append(Step(path, op, taken, made, weights, macs, BITS[dtype], *scope.copies))
        return made, dict(weights)

    @staticmethod
    def tensor(name: str, scope: Scope) -> Tensor:
        if name not in scope.tensors:
            raise Refused("there is no such layer")
        return scope.tensors[name]

    @staticmethod
    def owner(name: str, scope: Scope) -> dict[Any, Any]:
        if name not in scope.weights:
            raise Refused("there is no such layer")
        owner: dict[Any, Any] = scope.weights[name]
        return owner

    # --- what it costs -----------------------------------------------------------------------------------------------

    def read_tokens(self) -> None:
        """An input that only embeddings read holds token ids, int64."""
        for tensor in self.inputs.values():
            readers = [step for step in self.steps if any(one.memory is tensor.memory for one in step.inputs)]
            known = [step for step in readers if step.op not in VIEWS]
            returned = any(output.memory is tensor.memory for output in self.outputs)
            if known and all(step.op == "embedding" for step in known) and not returned and tensor.memory:
                tensor.memory.bits = 64

    def rows(self) -> list[dict[str, Any]]:
        """Every layer: a shared weight counts where it first stands; what is not run counts its weights alone."""
        seen: set[Weight] = set()
        rows = []
        for number, step in enumerate(self.steps):
            firsts: dict[Weight, Weight] = {}  # a shared weight is stored as the first that has it says
            for weight in step.weights.values():
                firsts.setdefault(weight.root(), weight)
            new = [weight for root, weight in firsts.items() if root not in seen]
            seen |= firsts.keys()
            run = step.run if number in self.needed else 0
            params = sum(math.prod(weight.shape) for weight in new if weight.trainable)
            buffers = sum(math.prod(weight.shape) for weight in new if not weight.trainable)
            rows.append(
                {
                    "path": step.path,
                    "op": step.op,
                    "output": step.output.shape,
                    "params": params * step.stored,
                    "params_active": params * min(step.stored, step.run),
                    "buffers": buffers * step.stored,
                    "weight_bytes": sum(weight.bytes for weight in new) * step.stored,
                    "macs": step.macs * run * self.batch,
                    "activations": step.activations * run * self.batch,
                    "activation_bytes": whole_bytes(step.activations * self.batch * step.bits) * run,
                    "layers": run,
                }
            )
        return rows

    def moments(self) -> dict[str, list[tuple[str, int]]]:
        """Path of every step that runs -> the memory alive while it does, in the order it was made."""
        run = [step for number, step in enumerate(self.steps) if number in self.needed]
        born = {tensor.memory: 0 for tensor in self.inputs.values() if tensor.memory}
        dies = dict.fromkeys(born, -1)
        for time, step in enumerate(run):
            if step.output.memory:
                born.setdefault(step.output.memory, time)
            dies.update((tensor.memory, time) for tensor in (*step.inputs, step.output) if tensor.memory)
        dies.update((tensor.memory, len(run)) for tensor in self.outputs if tensor.memory)
        return {
            step.path: [(one.maker, one.bytes(self.batch)) for one in born if born[one] <= time <= dies[one]]
            for time, step in enumerate(run)
        }

    def peak(self) -> int:
        """The most bytes alive at once; where nothing runs, the inputs that are outputs."""
        moments = self.moments().values()
        held = {tensor.memory for tensor in self.outputs if tensor.memory}
        return max(
            (sum(size for _, size in live) for live in moments), default=sum(one.bytes(self.batch) for one in held)
        )


def whole_bytes(bits: int) -> int:
    """A tensor takes whole bytes."""
    return -(-bits // 8)


def layers_in(value: Any) -> bool:
    """True for a branch: a list of layers, or a mapping."""
    return isinstance(value, dict) or (isinstance(value, list) and all(isinstance(item, (dict, str)) for item in value))


def branches_of(target: str, arguments: Any) -> dict[str, Any]:
    """The branches among what is written under an op."""
    if target not in (*JOINS, "mixture_of_experts") or not isinstance(arguments, dict):
        return {}
    return {name: value for name, value in arguments.items() if name not in ARGUMENTS}


def tie(own: Weights, owner: Weights) -> bool:
    """Make one of each two weights of equal path and shape; True if there is any."""
    alike = [path for path, weight in own.items() if path in owner and owner[path].shape == weight.shape]
    for path in alike:
        own[path].join(owner[path])
    return bool(alike)


def broadcast(shapes: list[tuple[int, ...]]) -> tuple[int, ...]:
    rank = max(map(len, shapes))
    padded = [(1,) * (rank - len(shape)) + shape for shape in shapes]
    sides = [set(sizes) - {1} for sizes in zip(*padded, strict=True)]
    if any(len(side) > 1 for side in sides):
        raise Refused("the shapes do not fit")
    return tuple(side.pop() if side else 1 for side in sides)


def round_to(value: Any, multiple: int) -> int:
    """MobileNet's rounding: to the nearest multiple, at least one, never below 0.9 of the value."""
    rounded = max(multiple, math.floor(Fraction(value) / multiple + Fraction(1, 2)) * multiple)
    return rounded + multiple if rounded * 10 < 9 * value else rounded
