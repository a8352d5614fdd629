"""`build`: a `Spec` with arguments and input shapes -> a `Graph`.

A block sees its parameters, its inputs and the file's args, nothing else; so a block called again with the same
arguments and shapes *is* the same object and is built once. Groups and branches are blocks without a name: what they
take from around them is added to their inputs and arguments.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from costcalc.errors import Fault, Location, Problem, SpecError
from costcalc.graph.arguments import bind_args, bind_inputs, checked, problem_of
from costcalc.graph.model import Block, Edge, Graph, Layer, StoredWeight, Tensor
from costcalc.graph.sharing import common_weights, shares_nothing
from costcalc.ops import catalogue
from costcalc.ops.kinds import FLAG, LARGEST_DIMENSION, NATURAL, whole
from costcalc.ops.op import REQUIRED, Op, Setting, Shape
from costcalc.spec.model import Branch, Call, Layers, OpCall, Reference, Spec, Value
from costcalc.spec.names import Namer
from costcalc.text.collection import uncollected
from costcalc.text.nodes import Node
from costcalc.text.suggest import did_you_mean
from costcalc.text.trees import Tree, index_bound
from costcalc.text.values import describe, plain

MOST_OBJECTS = 1_000_000
MOST_INSTANCES = 100_000
MOST_SHAPES = 8
DEEPEST = 64
LONGEST_TRAIL = 4
ON_IMAGES = frozenset(
    ("conv", "conv_transpose", "batch_norm", "max_pool", "avg_pool", "adaptive_avg_pool", "adaptive_max_pool",
     "global_avg_pool", "global_max_pool", "upsample")
)  # fmt: skip
POINTWISE = frozenset(("relu", "relu6", "leaky_relu", "gelu", "silu", "hardswish", "sigmoid", "tanh", "dropout"))
Memo = dict[Any, Any]
Owner = Layer | Block | tuple[tuple[int, int, Layer | Block], ...]
"""What `share` may name: a child, or the instances of a repeat as (first index, index after the last, child)."""


@uncollected
def build(
    spec: Spec,
    args: Mapping[str, Any] | None = None,
    input: Mapping[str, Iterable[int]] | Iterable[int] | None = None,
    *,
    memo: Memo | None = None,
) -> Graph:
    """Build `spec` with `args` and `input` shapes in place of its own.

    Args:
        args: arg name -> value: numbers, truth values, lists, or text read as an expression.
        input: input name -> shape without the batch; or a shape alone, for the first input.
        memo: what was built before, shared between builds of one spec: equal blocks are the same objects.

    Raises:
        SpecError: shapes do not fit, an expression fails, an arg or input is unknown.
    """
    values = bind_args(spec, args or {})
    shapes = bind_inputs(spec, values, input)
    memo = {} if memo is None else memo
    used = memo.get("args that blocks read")
    if used is None:
        used = memo["args that blocks read"] = _args_of_blocks(spec)
    key = tuple([_typed(values[name]) for name in used])
    builder = _Builder(spec, values, memo.setdefault(key, {}))
    return builder.graph(shapes)


def _args_of_blocks(spec: Spec) -> list[str]:
    """The args that some block reads by itself: what a block costs depends on these too."""
    names = {name for block in spec.blocks.values() if not block.included for name in block.body.names}
    names |= {name for block in spec.blocks.values() for _, value in block.parameters if value for name in value.names}
    return [name for name, _ in spec.args if name in names]


class _Stop(Exception):
    """Problems on their way out; every block they pass adds a line to the trail."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(problems[0].message)
        self.problems = problems

    def passing(self, line: str) -> _Stop:
        """The same with a further line on each trail, as far as that is not long already."""
        return _Stop(*(
            problem._replace(trail=(*problem.trail, line)) if len(problem.trail) < LONGEST_TRAIL else problem
            for problem in self.problems
        ))  # fmt: skip


class _Scope:
    """A list of layers while it is built: its edges so far, their shapes, and what the names stand for."""

    __slots__ = (
        "calls",
        "chain",
        "depth",
        "edges",
        "env",
        "formats",
        "inputs",
        "left_out",
        "namer",
        "names",
        "shapes",
        "shares",
    )

    def __init__(
        self, env: dict[str, Any], inputs: tuple[Shape, ...], names: dict[str, int], formats: tuple[str, str],
        shares: dict[str, Owner], depth: int,
    ) -> None:  # fmt: skip
        if depth > DEEPEST:
            raise Fault(f"blocks are nested deeper than {DEEPEST}")
        self.env = env
        self.inputs = inputs
        self.names = names
        self.formats = formats
        self.shares = shares
        self.depth = depth
        self.edges: list[Edge] = []
        self.shapes: list[Shape] = []
        self.calls: list[Call] = []
        self.left_out: set[str] = set()  # names of layers that `when` leaves out
        self.namer = Namer()
        self.chain = -1

    def shape(self, reference: int | None) -> Any:
        """The shape of the tensor at `reference`."""
        if reference is None:
            return None
        return self.shapes[reference] if reference >= 0 else self.inputs[-1 - reference]

    def add(self, edge: Edge, call: Call) -> int:
        """Append an edge; returns the reference of its output."""
        self.edges.append(edge)
        self.shapes.append(edge.child.output)
        self.calls.append(call)
        return len(self.edges) - 1


class _Builder:
    def __init__(self, spec: Spec, args: dict[str, Any], memo: Memo) -> None:
        self.spec = spec
        self.args = args
        self.memo = memo
        self.ops = catalogue()
        self.layout = spec.layout
        self.warnings: dict[Location, Problem] = {}
        self.indexed: dict[Call, tuple[Tree, ...]] = {}  # the expressions of a repeat that speak of `i`

    # --- the whole -------------------------------------------------------------------------------------------------

    def graph(self, inputs: dict[str, Shape]) -> Graph:
        spec = self.spec
        shapes = tuple(inputs.values())
        env = dict(self.args)
        names: dict[str, int] = {}
        for position, (name, shape) in enumerate(inputs.items()):
            env[name] = Tensor(shape, self.layout)
            names[name] = -1 - position
        env["x"] = Tensor(shapes[0], self.layout)
        names["x"] = -1
        scope = _Scope(env, shapes, names, (spec.dtype, spec.dtype), {}, 0)
        self.look_at(inputs)
        try:
            self.fill(scope, spec.layers)
            outputs = self.outputs(scope)
        except _Stop as stop:
            raise SpecError(stop.problems) from None
        needed = _needed(scope.edges, [reference for reference, _ in outputs.values()])
        edges = tuple(edge if needed[k] else replace(edge, run=0) for k, edge in enumerate(scope.edges))
        root = Block(spec.name, shapes, edges, scope.chain, scope.shape(scope.chain))
        return Graph(
            name=spec.name,
            address=spec.address,
            path=spec.path,
            variant=spec.variant,
            root=root,
            inputs=inputs,
            outputs=outputs,
            args=self.args,
            layout=spec.layout,
            dtype=spec.dtype,
            expect=spec.expect,
            meta=spec.meta,
            about=spec.about,
            source=spec.source,
            warnings=tuple(sorted((*spec.warnings, *self.warnings.values()), key=lambda warning: warning.order)),
        )

    def look_at(self, inputs: dict[str, Shape]) -> None:
        """Warn of an image whose axes look like those of the other layout."""
        for (_, values), shape in zip(self.spec.inputs, inputs.values(), strict=True):
            if self.layout == "channels_first" and len(shape) == 3 and shape[0] == shape[1] > shape[2] == 3 and values:
                location = values[0].location()
                message = f"the input {list(shape)} is read as {shape[0]} channels of {shape[1]} x {shape[2]}"
                hint = "did you mean 'layout: channels_last'?"
                self.warnings[location] = Problem(message, location, hint, (), "warning")

    def outputs(self, scope: _Scope) -> dict[str, tuple[int, Shape]]:
        spec = self.spec
        if spec.output is None:
            name = next(reversed(scope.names))  # the last layer's, also where `when` leaves it out
            return {name: (scope.chain, scope.shape(scope.chain))}
        found: dict[str, tuple[int, Shape]] = {}
        for name, reference in spec.output:
            position = scope.names.get(reference.name)
            if position is None:
                hint = did_you_mean(reference.name, scope.names)
                raise _Stop(Problem(f"'output: {reference.name}': there is no such layer",
                                    reference.node.location(), hint))  # fmt: skip
            if reference.name not in scope.left_out:
                found[name] = (position, scope.shape(position))
        if not found:
            node = spec.output[0][1].node
            raise _Stop(Problem("every output is left out by 'when'", node.location(), "name one that exists"))
        return found

    # --- lists -----------------------------------------------------------------------------------------------------

    def fill(self, scope: _Scope, layers: Layers) -> None:
        """Build every call of a list, in order."""
        for call in layers.calls:
            try:
                made = self.call(scope, call)
            except Fault as fault:
                raise _Stop(problem_of(fault, call.node)) from None
            if not (self.stands_alone(call) and call.name is not None and call is not layers.calls[-1]):
                scope.chain = made

    def stands_alone(self, call: Call) -> bool:
        """Whether a call takes nothing from the chain: an op without inputs. Under a name it lets the chain pass."""
        if call.kind != "op" or call.inputs or call.branches:
            return False
        inputs = self.ops[call.target].inputs
        return not inputs or inputs[0].endswith("?")

    def close(self, name: str, scope: _Scope) -> Block:
        """The list as a `Block`; a layer in it that nothing uses is an error."""
        needed = _needed(scope.edges, [scope.chain])
        for position, used in enumerate(needed):
            if not used:
                edge, call = scope.edges[position], scope.calls[position]
                message = f"the output of layer '{edge.name}' is never used"
                hint = "a block has one output, its last layer; name this one in a later 'from:', or remove it"
                raise _Stop(Problem(message, call.node.location(), hint))
        if len(self.memo) > MOST_OBJECTS:
            raise Fault(f"more than {MOST_OBJECTS:,} different blocks and layers")
        taken = {scope.chain, *(reference for edge in scope.edges for reference in edge.inputs)}
        unused = frozenset(k for k in range(len(scope.inputs)) if -1 - k not in taken)
        return Block(name, scope.inputs, tuple(scope.edges), scope.chain, scope.shape(scope.chain), unused)

    def call(self, scope: _Scope, call: Call) -> int:
        """Build one call, with its repeats; returns the reference of its output."""
        inputs = self.inputs(scope, call)
        target = self.target(scope, call)
        if call.name is not None:
            self.take(scope, call.name)
        elif target == "none":
            return inputs[0][1]
        name = call.name or scope.namer.automatic("group" if call.kind == "group" else target)
        if call.branches and call.name is None and call.repeat is None:
            for branch in call.branches:
                self.take(scope, branch.name)
        if target == "none":
            reference = self.leave_out(scope, name, inputs)
        elif call.repeat is not None:
            count = checked(call.repeat, scope.env, lambda value: whole(NATURAL.check(value)), "repeat")
            reference = self.repeat(scope, call, name, inputs, count)
        else:
            reference = self.single(scope, call, name, inputs)
        scope.names[name] = reference
        return reference

    @staticmethod
    def take(scope: _Scope, name: str) -> None:
        """Take an explicit name. Two can be equal only where one is that of the op that a parameter holds."""
        if not scope.namer.take(name):
            raise Fault(f"the name '{name}' is used twice in one list", "a parameter holds an op of that name")

    @staticmethod
    def leave_out(scope: _Scope, name: str, inputs: list[tuple[str | None, int]]) -> int:
        """A layer that does not exist: its first input passes through, under its name."""
        scope.left_out.add(name)
        scope.shares.pop(name, None)
        return inputs[0][1]

    def inputs(self, scope: _Scope, call: Call) -> list[tuple[str | None, int]]:
        """The tensors a call takes, its first input first: what `from` says, else the one before."""
        if not call.inputs:
            return [(None, scope.chain)]
        found: list[tuple[str | None, int]] = []
        for name, reference in call.inputs:
            position = scope.names.get(reference.name)
            if position is None:
                raise _Stop(_unknown(reference, scope.names))
            found.append((name, position))
        if call.branches and len(found) > 1:
            raise Fault("a layer with branches takes one tensor")
        first = self.first_input(scope, call)
        if found[0][0] is not None and first is not None:
            if all(name != first for name, _ in found):
                return [(first, scope.chain), *found]
            found.sort(key=lambda given: given[0] != first)
        return found

    def first_input(self, scope: _Scope, call: Call) -> str | None:
        """The name of the input that the layer before gives when nobody mentions it."""
        target = self.target(scope, call)
        if target in self.ops:
            names = self.ops[target].inputs
        else:
            names = self.spec.blocks[target].inputs if target in self.spec.blocks else ()
        return names[0] if names and names[0] != "*" and not names[0].endswith("?") else None

    def target(self, scope: _Scope, call: Call) -> Any:
        """What a call calls; for a parameter, the op or block that it holds."""
        if call.kind != "parameter":
            return call.target
        value = scope.env[call.target]
        word = getattr(value, "word", value)
        if word.__class__ is not str:
            raise Fault(f"'{call.target}' is {describe(value)}, not an op or a block", "as in act=relu")
        return word

    def single(self, scope: _Scope, call: Call, name: str, inputs: list[tuple[str | None, int]]) -> int:
        """A call that does not repeat."""
        if call.when is not None and not checked(call.when, scope.env, FLAG.check, "when"):
            return self.leave_out(scope, name, inputs)
        if call.branches and call.name is None and call.share is None:
            return self.join(scope, call, name, inputs[0][1], self.formats(scope, call))
        child, references = self.child(scope, call, scope.env, inputs)
        if isinstance(child, Block) and not child.edges:
            return int(references[-1 - child.result])
        shared, _ = self.tied(scope, call, name, child, None, 1, [])
        if call.share is not None and shared == frozenset():
            raise _Stop(shares_nothing(call.share, child, self.owner(scope, call.share, None)[0]))
        edge = Edge(
            name,
            child,
            _taken(child, references),
            call.node,
            stored=0 if shared is None else 1,
            shared=shared or frozenset(),
            note=call.note,
        )
        scope.shares[name] = child
        return scope.add(edge, call)

    def repeat(self, scope: _Scope, call: Call, name: str, inputs: list[tuple[str | None, int]], count: int) -> int:
        """Instances `name[0]`, `name[1]`, ..., chained on the first input; equal neighbours are one edge."""
        env = dict(scope.env)
        bound = self.bound(call, env)
        if count > MOST_INSTANCES and (bound is None or bound > MOST_INSTANCES):
            raise self.too_many(call, count)
        first = len(scope.edges)
        owners: list[Layer | Block] = []  # the different instances so far, where they share among themselves
        chain = inputs[0][1]
        index = 0
        while index < count:
            if index >= MOST_INSTANCES:
                raise self.too_many(call, count)
            env["i"] = index
            current = [(inputs[0][0], chain), *inputs[1:]]
            before = scope.shape(chain)
            skipped = call.when is not None and not checked(call.when, env, FLAG.check, "when")
            try:
                child, references = (None, []) if skipped else self.child(scope, call, env, current)
            except _Stop as stop:
                raise stop.passing(f"in '{name}[{index}]'") if index else stop from None
            except Fault as fault:
                raise _Stop(problem_of(fault, call.node, *[f"in '{name}[{index}]'"] * (index > 0))) from None
            if isinstance(child, Block) and not child.edges:
                chain = int(references[-1 - child.result])
                child = None
            stable = bound is not None and index >= bound
            if child is None:
                if stable:
                    break
                index += 1
                continue
            many = count - index if stable and child.output == before else 1
            shared, many = self.tied(scope, call, name, child, index, many, owners)
            taken = _taken(child, references)
            if (not taken or taken[0] is None) and (many > 1 or len(scope.edges) > first):
                raise Fault(f"the instances of '{name}' do not take what the one before made", "remove 'repeat'")
            stored = 0 if shared is None else many
            edge = Edge(name, child, taken, call.node, index, many, stored, many, shared or frozenset(), call.note)
            last = scope.edges[-1] if len(scope.edges) > first else None
            if last is not None and _continues(last, edge):
                scope.edges[-1] = replace(
                    last, count=last.count + many, stored=last.stored + edge.stored, run=last.run + many
                )
            else:
                chain = scope.add(edge, call)
            index += many
        made = scope.edges[first:]
        if not made:
            return self.leave_out(scope, name, [(None, chain)])
        if call.share is not None and all(edge.stored and not edge.shared for edge in made):
            owner = made[0].child if call.share.name == name else self.owner(scope, call.share, None)[0]
            if call.share.name != name or sum(edge.count for edge in made) > 1:
                raise _Stop(shares_nothing(call.share, made[-1].child, owner))
        scope.shares[name] = tuple((edge.start or 0, (edge.start or 0) + edge.count, edge.child) for edge in made)
        return chain

    @staticmethod
    def too_many(call: Call, count: int) -> Fault:
        """A repeat that cannot be built one by one."""
        hint = f"at most {MOST_INSTANCES:,}; any number where they are alike"
        fault = Fault(f"repeat of {count:,} instances that differ from one another", hint)
        return fault if call.repeat is None else call.repeat.place(fault)

    def tied(
        self, scope: _Scope, call: Call, name: str, child: Layer | Block, index: int | None, many: int,
        owners: list[Layer | Block],
    ) -> tuple[frozenset[str] | None, int]:  # fmt: skip
        """Which weights of an instance are another layer's (None: all), and of how many instances this is true."""
        if call.share is None:
            return frozenset(), many
        if index is None or call.share.name != name:
            owner, until = self.owner(scope, call.share, index)
            return common_weights(child, [owner] if owner is not None else []), min(many, until - (index or 0))
        shared = common_weights(child, owners)
        if shared is None:
            return None, many
        owners.append(child)
        return shared, 1

    def bound(self, call: Call, env: dict[str, Any]) -> int | None:
        """From which instance on the call no longer depends on `i`; None where it always may."""
        trees = self.indexed.get(call)
        if trees is None:
            trees = self.indexed[call] = tuple(tree for tree in _trees(call) if "i" in tree.names)
        try:
            bounds = [index_bound(tree, env) for tree in trees]
        except Fault:
            return None  # it fails when it is evaluated, with its place
        known = [bound for bound in bounds if bound is not None]
        return max(known, default=0) if len(known) == len(bounds) else None

    # --- children --------------------------------------------------------------------------------------------------

    def child(
        self, scope: _Scope, call: Call, env: dict[str, Any], inputs: list[tuple[str | None, int]]
    ) -> tuple[Layer | Block, list[Any]]:
        """The object a call makes, and where its inputs come from."""
        formats = self.formats(scope, call)
        if call.kind == "group" and len(inputs) > 1:
            raise Fault("a group takes one tensor", "layers inside it may say 'from:' themselves")
        if call.body is not None:
            return self.enclosed(scope, call.body, "group", env, inputs[0][1], formats)
        if call.branches:
            return self.enclosed(scope, call, call.target, env, inputs[0][1], formats)
        target = self.target(scope, call)
        arguments = {name: value.evaluate(env) for name, value in call.arguments.items()}
        if call.kind == "parameter" and isinstance(env[call.target], OpCall):
            arguments = {**env[call.target].arguments, **arguments}
        if target in self.ops:
            op = self.ops[target]
            if op.inputs == ("*",) and not call.inputs:
                raise Fault(f"{target} joins tensors, and has one", "give it branches, or 'from: [one, another]'")
            references = _by_name(op, [] if self.stands_alone(call) else inputs, scope.chain)
            shapes = tuple([scope.shape(reference) for reference in references])
            names = [reference.name for _, reference in call.inputs] if op.inputs == ("*",) else op.inputs
            if target == "linear" and len(shapes[0]) == 3 and self.layout == "channels_first":
                self.warn_of_image(scope, call, references[0], shapes[0])
            return self.layer(op, call, arguments, shapes, formats, names), references
        if target not in self.spec.blocks:
            names = (*self.ops, *self.spec.blocks)
            raise Fault(f"'{call.target}' is {describe(target)}, not an op or a block", did_you_mean(target, names))
        return self.block(scope, call, target, arguments, inputs, formats)

    def warn_of_image(self, scope: _Scope, call: Call, reference: int, shape: Shape) -> None:
        """A linear layer right behind an op on images works on the width, which is rarely meant."""
        while reference >= 0 and _maker(scope.edges[reference].child) in POINTWISE:
            following = scope.edges[reference].inputs[0]
            reference = -1 if following is None else following
        if reference >= 0 and _maker(scope.edges[reference].child) in ON_IMAGES:
            location = call.node.location()
            message = f"linear works on the last axis of {list(shape)}, the width of an image"
            self.warnings[location] = Problem(message, location, "put 'flatten' before it?", (), "warning")

    def formats(self, scope: _Scope, call: Call) -> tuple[str, str]:
        """The number formats of activations and of weights inside a call."""
        dtype, weights = scope.formats
        return call.dtype or dtype, call.weights or call.dtype or weights

    def layer(
        self, op: Op, call: Call, given: dict[str, Any], shapes: tuple[Any, ...], formats: tuple[str, str],
        names: Sequence[str | None],
    ) -> Layer:  # fmt: skip
        """An op at these shapes, built once; `names` are those of its inputs, for messages."""
        key = (op.name, *given.items(), None, shapes, formats) if not _has_bool(given) else (
            op.name, *((name, _typed(value)) for name, value in given.items()), None, shapes, formats)  # fmt: skip
        known = self.memo.get(key)
        if known is not None:
            layer: Layer = known
            return layer
        arguments: dict[str, Any] = {}
        for argument in op.arguments:
            if argument.name in given:
                try:
                    arguments[argument.name] = argument.kind.check(given[argument.name])
                except Fault as fault:
                    fault.message = f"argument '{argument.name}' of {op.name}: {fault.message}"
                    value = call.arguments.get(argument.name)
                    raise (value.place(fault) if value is not None else fault) from None
            elif argument.default is REQUIRED:
                raise Fault(f"{op.name} needs '{argument.name}'")
            else:
                arguments[argument.name] = argument.default
        for name in given:
            if name not in arguments:
                hint = did_you_mean(name, arguments) if arguments else f"{op.name} takes no arguments"
                value = call.arguments.get(name)
                unknown = Fault(f"{op.name} has no argument '{name}'", hint)
                raise unknown if value is None else value.place(unknown)
        setting = Setting(arguments, shapes, self.layout)
        try:
            output = op.infer(setting)
            if output and max(output) > LARGEST_DIMENSION:
                raise Fault(f"the output would be {list(output)}", "a size is at most 10^15")
            symbols = op.symbols(setting, output)
        except Fault as fault:
            named = _named(fault.message, given, shapes)
            if named in call.arguments:
                fault.location = call.arguments[named].node.location()
            raise _Stop(problem_of(fault, call.node, *_inputs_line(fault.message, shapes, names))) from None
        weights = tuple(
            StoredWeight(weight.name, weight.shape(symbols), weight.trainable)
            for weight in op.weights
            if weight.stored(setting)
        )
        layer = Layer(op, arguments, shapes, output, self.layout, formats[0], formats[1], symbols, weights)
        self.memo[key] = layer
        return layer

    def block(
        self, scope: _Scope, call: Call, target: str, arguments: dict[str, Any],
        inputs: list[tuple[str | None, int]], formats: tuple[str, str],
    ) -> tuple[Block, list[Any]]:  # fmt: skip
        """A call of a named block."""
        block = self.spec.blocks[target]
        references = _bind(block.inputs, inputs, scope.chain, f"block '{target}'")
        shapes = tuple([scope.shape(reference) for reference in references])
        as_given = (target, "as given", *[(name, _typed(value)) for name, value in arguments.items()], shapes, formats)
        built = self.memo.get(as_given)
        if built is not None:
            return built, references
        env: dict[str, Any] = {} if block.included else dict(self.args)
        names: dict[str, int] = {}
        for position, (name, shape) in enumerate(zip(block.inputs, shapes, strict=True)):
            env[name] = Tensor(shape, self.layout)
            names[name] = -1 - position
        try:
            for name, default in block.parameters:
                if name in arguments:
                    env[name] = arguments.pop(name)
                elif default is None:
                    raise Fault(f"block '{target}' needs '{name}'")
                else:
                    env[name] = self.default(default, call.node, env)
            if arguments:
                unknown = min(arguments)
                known = [name for name, _ in block.parameters]
                raise Fault(f"block '{target}' has no parameter '{unknown}'", did_you_mean(unknown, known))
            key = (target, *[_typed(env[name]) for name, _ in block.parameters], None, shapes, formats)
            built = self.memo.get(key)
            if built is None:
                inner = _Scope(env, shapes, names, formats, {}, scope.depth + 1)
                self.fill(inner, block.body)
                built = self.memo[key] = self.close(target, inner)
            self.memo[as_given] = built
        except _Stop as stop:
            line = f"in block '{target}', called at {call.node.location()} (layer '{call.name or target}')"
            raise stop.passing(line) from None
        return built, references

    @staticmethod
    def default(default: Value, node: Node, env: Mapping[str, Any]) -> Any:
        """The value of a parameter that a call does not give; it fails inside the block."""
        try:
            return default.evaluate(env)
        except Fault as fault:
            raise _Stop(problem_of(fault, node)) from None

    def enclosed(
        self, scope: _Scope, what: Layers | Call, name: str, env: dict[str, Any], first: int, formats: tuple[str, str]
    ) -> tuple[Block, list[Any]]:
        """A list inside another, or a join with a name or a repeat: what it captures becomes further inputs."""
        captured = [name for name in what.captures if name in scope.names]
        references = [first, *(scope.names[name] for name in captured)]
        shapes = tuple([scope.shape(reference) for reference in references])
        shares = {name: scope.shares[name] for name in what.shares if name in scope.shares}
        values = [_typed(env[name]) for name in what.names if name in env]
        key = (what, *values, None, shapes, formats, *shares.values())
        built: Block | None = self.memo.get(key)
        if built is None:
            names = {name: -2 - position for position, name in enumerate(captured)}
            inner = _Scope(dict(env), shapes, names, formats, shares, scope.depth + 1)
            if isinstance(what, Layers):
                self.fill(inner, what)
            else:
                inner.chain = self.join(inner, what, "", -1, formats)
            built = self.memo[key] = self.close(name, inner)
        return built, references

    def join(self, scope: _Scope, call: Call, name: str, incoming: int, formats: tuple[str, str]) -> int:
        """An op with branches: each is a block in the scope, the op takes their outputs."""
        op = self.ops[call.target]
        arguments = {key: value.evaluate(scope.env) for key, value in call.arguments.items()}
        arrived: list[tuple[str | None, int]] = []
        problems: list[Problem] = []
        names: list[str] = []
        positional = op.inputs == ("*",)
        for branch in call.branches:
            if branch.when is not None and not checked(branch.when, scope.env, FLAG.check, "when"):
                continue
            source = incoming
            if branch.source is not None:
                found = scope.names.get(branch.source.name)
                if found is None:
                    raise _Stop(_unknown(branch.source, scope.names))
                source = found
            copies = (1, 1)
            if branch.name in op.copies:
                stored, run = op.copies[branch.name]
                copies = (whole(arguments.get(stored), 1, f"'{stored}'"), whole(arguments.get(run), 1, f"'{run}'"))
            try:
                reference = self.branch(scope, call, branch, source, formats, copies)
            except _Stop as stop:
                problems.extend(stop.problems)  # what is wrong with one branch says nothing about the others
                continue
            names.append(branch.name)
            arrived.append((None if positional else branch.name, reference))
        if problems:
            raise _Stop(*problems)
        if not arrived:
            raise Fault(f"no branch of {op.name} exists: every 'when' is false", "keep one, or put 'when' on the join")
        if len(arrived) == 1 and positional:
            return arrived[0][1]
        references = _by_name(op, arrived, incoming, complete=not op.copies)
        shapes = tuple([scope.shape(reference) for reference in references])
        child = self.layer(op, call, arguments, shapes, formats, names if positional else op.inputs)
        scope.shares[name] = child
        return scope.add(Edge(name, child, tuple(references), call.node, note=call.note), call)

    def branch(
        self, scope: _Scope, call: Call, branch: Branch, source: int, formats: tuple[str, str], copies: tuple[int, int]
    ) -> int:
        """One branch; without layers it is the tensor it starts from. `copies`: how often it is stored, and run."""
        if not branch.body.calls:
            return source
        child, references = self.enclosed(scope, branch.body, "branch", scope.env, source, formats)
        if not child.edges:
            return int(references[-1 - child.result])
        stored, run = copies
        return scope.add(Edge(branch.name, child, _taken(child, references), branch.node, stored=stored, run=run), call)

    # --- sharing ---------------------------------------------------------------------------------------------------

    @staticmethod
    def owner(scope: _Scope, share: Reference, index: int | None) -> tuple[Layer | Block | None, int]:
        """Whose weights instance `index` uses, and up to which instance; None where there is no counterpart.

        A repeat shares with a repeat instance by instance; anything else with its last instance, as in `from`.
        """
        owner = scope.shares.get(share.name)
        if owner is None:
            message, hint = "there is no such layer before this one", did_you_mean(share.name, scope.shares)
            if share.name in scope.left_out:
                message, hint = f"'{share.name}' is left out", "leave this one out, too, or share with another"
            raise _Stop(Problem(f"'share: {share.name}': {message}", share.node.location(), hint))
        if not isinstance(owner, tuple):
            return owner, LARGEST_DIMENSION
        if index is None:
            return owner[-1][2], LARGEST_DIMENSION
        for start, end, child in owner:
            if index < end:
                return (child, end) if start <= index else (None, start)
        return None, LARGEST_DIMENSION


# --- small parts -----------------------------------------------------------------------------------------------------


def _taken(child: Layer | Block, references: list[Any]) -> tuple[int | None, ...]:
    """The references without those of inputs that a block does not use."""
    if isinstance(child, Layer) or not child.unused:
        return tuple(references)
    return tuple(None if k in child.unused else reference for k, reference in enumerate(references))


def _continues(last: Edge, edge: Edge) -> bool:
    """Whether an instance of a repeat is like those before it."""
    return (
        last.child is edge.child
        and last.start is not None
        and last.start + last.count == edge.start
        and bool(last.stored) is bool(edge.stored)
        and last.shared == edge.shared
    )


def _maker(child: Layer | Block) -> str:
    """The op that made the output of `child`; empty where it is an input passed through."""
    while isinstance(child, Block):
        if child.result < 0:
            return ""
        child = child.edges[child.result].child
    return child.op.name


def _typed(value: Any) -> Any:
    """A key part that keeps `true` and `1` apart."""
    if value is True or value is False:
        return (bool, value)
    if value.__class__ is tuple:
        return tuple([_typed(item) for item in value])
    return value


def _has_bool(arguments: dict[str, Any]) -> bool:
    return any(value is True or value is False for value in arguments.values())


def _named(message: str, given: Mapping[str, Any], shapes: tuple[Shape | None, ...]) -> str:
    """The argument that a message of an op is about: the first that it names, else the one whose value it has."""
    places = {name: re.search(rf"\b{name}\b", message) for name in given}
    found = [(place.start(), name) for name, place in places.items() if place is not None]
    if found:
        return min(found)[1]
    for shape in shapes:
        message = message.replace(str(list(shape or ())), "")
    named = [name for name, value in given.items() if re.search(rf"(?<!\w){re.escape(plain(value))}(?!\w)", message)]
    return named[0] if len(named) == 1 else ""


def _inputs_line(message: str, shapes: tuple[Shape | None, ...], names: Sequence[str | None]) -> tuple[str, ...]:
    """The shapes that came in, as a line of a trail, unless the message has the one there is."""
    given = [(name, list(shape)) for name, shape in zip(names, shapes, strict=False) if shape is not None]
    if len(given) > 1:
        more = ", ..." if len(given) > MOST_SHAPES else ""
        return (", ".join(f"{(name or 'input').rstrip('?')} is {shape}" for name, shape in given[:MOST_SHAPES]) + more,)
    return tuple(f"the input is {shape}" for _, shape in given if str(shape) not in message)


def _unknown(reference: Reference, names: Mapping[str, int]) -> Problem:
    hint = did_you_mean(reference.name, names)
    return Problem(f"'from: {reference.name}': there is no such layer before this one", reference.node.location(), hint)


def _needed(edges: list[Edge], outputs: list[int]) -> list[bool]:
    """Which edges the outputs need."""
    needed = [False] * len(edges)
    stack = [reference for reference in outputs if reference >= 0]
    while stack:
        position = stack.pop()
        if not needed[position]:
            needed[position] = True
            stack.extend(reference for reference in edges[position].inputs if reference is not None and reference >= 0)
    return needed


def _by_name(op: Op, inputs: list[tuple[str | None, int]], chain: int, *, complete: bool = False) -> list[Any]:
    """References in the order of the op's inputs."""
    if op.inputs == ("*",):
        return [reference for _, reference in inputs]
    return _bind(op.inputs, inputs, chain, op.name, complete=complete)


def _bind(
    names: tuple[str, ...], inputs: list[tuple[str | None, int]], chain: int, what: str, *, complete: bool = False
) -> list[Any]:
    """References in the order of `names`: by name or by position; the first, unmentioned, is the layer before."""
    if len(names) == len(inputs) == 1 and inputs[0][0] is None:
        return [inputs[0][1]]
    plain = [name.rstrip("?") for name in names]
    if len(inputs) > len(names):
        raise Fault(f"{what} takes {len(names)} input{'s' * (len(names) > 1)}, got {len(inputs)}")
    given: dict[str, int] = {}
    for position, (name, reference) in enumerate(inputs):
        key = plain[position] if name is None else name
        if key not in plain:
            raise Fault(f"{what} has no input '{key}'", f"its inputs are {', '.join(plain)}")
        given[key] = reference
    if names and not names[0].endswith("?") and plain[0] not in given and not complete:
        given[plain[0]] = chain
    missing = [name for name in names if not name.endswith("?") and name not in given]
    if missing:
        wanted = " and ".join(f"'{name}'" for name in missing)
        raise Fault(f"{what} needs its input {wanted}", f"as in 'from: {{{missing[0]}: LAYER}}'")
    return [given.get(name) for name in plain]


def _trees(call: Call) -> Iterable[Tree]:
    """Every expression in a call that may see the `i` of its repeat."""
    if call.when is not None:
        yield call.when.tree
    yield from (value.tree for value in call.arguments.values())
    bodies = [call.body] if call.body is not None else []
    for branch in call.branches:
        if branch.when is not None:
            yield branch.when.tree
        bodies.append(branch.body)
    for body in bodies:
        for inner in body.calls:
            if inner.repeat is not None:
                yield inner.repeat.tree  # the `i` in it is the enclosing one; inside, the inner layer has its own
            else:
                yield from _trees(inner)
