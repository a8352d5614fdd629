"""`build`: a `Spec` with arguments and input shapes -> a `Graph`.

A block sees its parameters, its inputs and the file's args, nothing else; so a block called again with the same
arguments and shapes *is* the same object and is built once. Groups and branches are blocks without a name: what they
take from around them is added to their inputs and arguments.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from costcalc.errors import Fault, Problem, SpecError
from costcalc.graph.arguments import bind_args, checked, problem_of
from costcalc.graph.chain_doubts import aside_doubts, chain_doubts
from costcalc.graph.functional import functional
from costcalc.graph.indices import input_dtypes
from costcalc.graph.inputs import Given, args_left_alone, bind_inputs
from costcalc.graph.layer import op_at
from costcalc.graph.memo import Memo
from costcalc.graph.model import Block, Edge, Graph, Layer, Owner, Tensor
from costcalc.graph.one_token import Axes, one_row, token_axis
from costcalc.graph.references import (
    bind,
    is_aside,
    needed_edges,
    references_of,
    references_used,
    stands_alone,
    unknown_reference,
)
from costcalc.graph.scope import Env, Holder, Remarks, Scope, Stop
from costcalc.graph.sharing import Pool, Sharing, Tie, holder_of, shares_nothing
from costcalc.graph.tokens import args_at
from costcalc.graph.warnings import across_tokens, input_doubts, state_of_tokens
from costcalc.graph.weights import has_weights
from costcalc.graph.width_doubts import width_doubts
from costcalc.ops import catalogue
from costcalc.ops.kinds import FLAG, NATURAL, whole
from costcalc.ops.op import Op, Setting, Shape
from costcalc.spec.model import Branch, Call, Layers, OpCall, Reference, Spec, Value
from costcalc.text.nodes import Node
from costcalc.text.suggest import did_you_mean
from costcalc.text.trees import Tree, index_bound
from costcalc.text.values import describe

MOST_OBJECTS = 1_000_000
MOST_INSTANCES = 100_000
LONG_LIST = 16
MOST_LISTS = 1_000
_LIST = object()
"""Tells the number of a list from a number."""
Built = dict[Any, Any]
"""Blocks and layers by the call, arguments and shapes that they were built from."""


def build(
    spec: Spec,
    args: Mapping[str, Any] | None = None,
    input: Given = None,
    *,
    sequence: int | None = None,
    memo: Memo | None = None,
) -> Graph:
    """Build `spec` with `args` and `input` shapes in place of its own.

    Args:
        args: arg name -> value: numbers, truth values, lists, or text read as an expression.
        input: input name -> shape without the batch; or a shape alone, for the only input of as many sizes.
        sequence: how many tokens come in, where one arg gives the length of the only input: sets that arg.
        memo: what was built before, shared between builds of one spec: equal blocks are the same objects.

    Raises:
        SpecError: shapes do not fit, an expression fails, an arg or input is unknown, a given shape has more or fewer
            sizes than the spec's own.
        CostcalcError: `sequence` is given and no arg, or several, give the length of the input, or a shape does.
        ValueError: the memo is of another spec.
    """
    values = bind_args(spec, args_at(spec, args, input, sequence))
    shapes = bind_inputs(spec, values, input)
    memo = (memo or Memo()).of(spec)
    if memo.used is None:
        memo.used = _args_of_blocks(spec)
    known = memo.built_at(tuple([_typed(values[name]) for name in memo.used]))
    try:
        return _Builder(spec, values, known).graph(shapes)
    except SpecError as error:
        line = args_left_alone(spec, values, shapes)
        if not line:
            raise
        raise SpecError([problem._replace(trail=(*problem.trail, line)) for problem in error.problems]) from None


def _args_of_blocks(spec: Spec) -> list[str]:
    """The args that some block reads by itself: what a block costs depends on these too."""
    names = {name for block in spec.blocks.values() if not block.included for name in block.body.names}
    names |= {name for block in spec.blocks.values() for _, value in block.parameters if value for name in value.names}
    return [name for name, _ in spec.args if name in names]


def build_one_token(spec: Spec, args: Mapping[str, Any], input: Given = None) -> Graph:
    """Build `spec` for one new token of as many as its first input is long: args keep their values.

    Raises:
        SpecError: as `build`; or a layer cannot work on one token at a time.
    """
    values = bind_args(spec, args)
    shapes = bind_inputs(spec, values, input)
    first = spec.inputs[0][0]
    context = shapes[first][0]
    return _Builder(spec, values, {}, context).graph({**shapes, first: (1, *shapes[first][1:])})


class _Builder:
    def __init__(self, spec: Spec, args: dict[str, Any], memo: Built, context: int | None = None) -> None:
        self.spec = spec
        self.args = args
        self.memo = memo
        self.ops = catalogue()
        self.layout = spec.layout
        self.made = 0
        self.lists: dict[int, tuple[Any, Any]] = {}  # id of a long list -> the list, and its part of a key
        self.context = context  # of the one token that the network is built for
        self.token_axes: dict[Layer | Block, int | None] = {}
        self.remarks = Remarks()
        self.sharing = Sharing()
        self.remembered: dict[Block, Remarks] = memo.setdefault("remarks", {})

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
        scope = Scope(env, shapes, names, (spec.dtype, spec.dtype), {}, 0)
        scope.axes = (0, *(None,) * (len(shapes) - 1))
        try:
            self.fill(scope, spec.layers)
            outputs = self.outputs(scope)
        except Stop as stop:
            raise SpecError(stop.problems) from None
        needed = needed_edges(scope.edges, [reference for reference, _ in outputs.values()])
        edges = tuple(edge if needed[k] else replace(edge, run=0, idle=edge.run) for k, edge in enumerate(scope.edges))
        root = Block(spec.name, shapes, edges, scope.chain, scope.shape(scope.chain), ties=scope.ties)
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
            input_dtypes=input_dtypes(root, inputs, spec.input_dtypes, spec.dtype),
            expect=spec.expect,
            meta=spec.meta,
            functional=functional(spec, root, self.remarks.left_out),
            about=spec.about,
            source=spec.source,
            warnings=tuple(
                sorted(
                    (
                        *spec.warnings,
                        *input_doubts(spec, self.args, inputs),
                        *chain_doubts(spec),
                        *aside_doubts(scope, spec.layers, [reference for reference, _ in outputs.values()]),
                        *width_doubts(root, spec.layout),
                        *self.remarks.warnings.values(),
                    ),
                    key=lambda warning: warning.order,
                )
            ),
        )

    def warn(self, warning: Problem | None) -> None:
        """Keep a warning; one place is warned of once."""
        if warning is not None and warning.location is not None:
            self.remarks.warnings[warning.location] = warning

    def outputs(self, scope: Scope) -> dict[str, tuple[int, Shape]]:
        spec = self.spec
        if spec.output is None:
            name = next(reversed(scope.names))  # the last layer's, also where `when` leaves it out
            return {name: (scope.chain, scope.shape(scope.chain))}
        found: dict[str, tuple[int, Shape]] = {}
        for name, reference in spec.output:
            position = scope.names.get(reference.name)
            if position is None:
                hint = did_you_mean(reference.name, scope.names)
                raise Stop(Problem(f"'output: {reference.name}': there is no such layer",
                                    reference.node.location(), hint))  # fmt: skip
            if reference.name not in scope.left_out:
                found[name] = (position, scope.shape(position))
        if not found:
            node = spec.output[0][1].node
            raise Stop(Problem("every output is left out by 'when'", node.location(), "name one that exists"))
        return found

    # --- one token ---------------------------------------------------------------------------------------------------

    def axis(self, scope: Scope, reference: int | None) -> int | None:
        """The axis of the tokens in a tensor; None where the network is not built for one token."""
        if self.context is None or reference is None:
            return None
        return scope.axes[-1 - reference] if reference < 0 else self.token_axes[scope.edges[reference].child]

    def axes(self, scope: Scope, references: Iterable[int | None]) -> Axes:
        """The same of several tensors; nothing where the network is not built for one token."""
        return () if self.context is None else tuple([self.axis(scope, reference) for reference in references])

    def of_one_token(
        self, op: Op, call: Call, given: dict[str, Any], shapes: tuple[Any, ...], formats: tuple[str, str],
        names: Sequence[str | None], axes: Axes, context: int,
    ) -> Layer:  # fmt: skip
        """A layer that works on one new token of a context."""
        if op.aligned:
            shapes = one_row(shapes, axes, context)
        layer = op_at(op, call, given, shapes, names, self.layout, formats, axes, context)
        self.token_axes[layer], reached = token_axis(layer, shapes, axes)
        if reached != 1 and layer.tally():
            if reached > 1 and "mac" in op.tally:
                attention = ", ".join(other.name for other in self.ops.values() if other.attends)
                hint = f"{attention} with 'causal: true' keeps keys and values"
                raise Fault(f"{op.name} multiplies tokens with tokens, and would need those before", hint)
            self.warn(across_tokens(op, call, context))
        first = axes[0] if axes else None
        setting = Setting(layer.arguments, layer.inputs, layer.layout)
        if first is not None and op.carries is not None and op.carries(setting, first):
            self.warn(state_of_tokens(op, call))
        return layer

    # --- lists -----------------------------------------------------------------------------------------------------

    def fill(self, scope: Scope, layers: Layers) -> None:
        """Build every call of a list, in order."""
        for call in layers.calls:
            try:
                made = self.call(scope, call)
            except Fault as fault:
                raise Stop(problem_of(fault, call.node)) from None
            if not is_aside(call) or call is layers.calls[-1]:
                scope.chain = made

    def close(self, name: str, scope: Scope) -> Block:
        """The list as a `Block`; a layer in it that nothing uses is an error."""
        needed = needed_edges(scope.edges, [scope.chain])
        for position, used in enumerate(needed):
            if not used:
                edge, call = scope.edges[position], scope.calls[position]
                message = f"the output of layer '{edge.name}' is never used"
                hint = "a block has one output, its last layer; name this one in a later 'from:', or remove it"
                if position in scope.dropped:
                    name = scope.dropped[position]
                    message += f": 'when' leaves out '{name}', which hands on its first input alone"
                    hint = f"give '{edge.name}' the same 'when' as '{name}'"
                raise Stop(Problem(message, call.node.location(), hint))
        self.made += len(scope.edges)
        if self.made > MOST_OBJECTS:
            raise Fault(f"more than {MOST_OBJECTS:,} different blocks and layers")
        taken = {scope.chain, *(reference for edge in scope.edges for reference in edge.inputs)}
        unused = frozenset(k for k in range(len(scope.inputs)) if -1 - k not in taken)
        return Block(name, scope.inputs, tuple(scope.edges), scope.chain, scope.shape(scope.chain), unused, scope.ties)

    def call(self, scope: Scope, call: Call) -> int:
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
    def take(scope: Scope, name: str) -> None:
        """Take an explicit name. Two can be equal only where one is that of the op that a parameter holds."""
        if not scope.namer.take(name):
            raise Fault(f"the name '{name}' is used twice in one list", "a parameter holds an op of that name")

    def leave_out(self, scope: Scope, name: str, inputs: list[tuple[str | None, int]]) -> int:
        """A layer that does not exist: its first input passes through, under its name."""
        scope.left_out.add(name)
        scope.dropped.update((reference, name) for _, reference in inputs[1:])
        self.remarks.left_out.add(name)
        scope.shares.pop(name, None)
        return inputs[0][1]

    def inputs(self, scope: Scope, call: Call) -> list[tuple[str | None, int]]:
        """The tensors a call takes, its first input first: what `from` says, else the one before."""
        if not call.inputs:
            return [(None, scope.chain)]
        found: list[tuple[str | None, int]] = []
        for name, reference in call.inputs:
            position = scope.names.get(reference.name)
            if position is None:
                raise Stop(unknown_reference(reference, scope.names))
            found.append((name, position))
        if call.branches and len(found) > 1:
            raise Fault("a layer with branches takes one tensor")
        first = self.first_input(scope, call)
        if found[0][0] is not None and first is not None:
            if all(name != first for name, _ in found):
                return [(first, scope.chain), *found]
            found.sort(key=lambda given: given[0] != first)
        return found

    def first_input(self, scope: Scope, call: Call) -> str | None:
        """The name of the input that the layer before gives when nobody mentions it."""
        target = self.target(scope, call)
        if target in self.ops:
            names = self.ops[target].inputs
        else:
            names = self.spec.blocks[target].inputs if target in self.spec.blocks else ()
        return names[0] if names and names[0] != "*" and not names[0].endswith("?") else None

    def target(self, scope: Scope, call: Call) -> Any:
        """The op or block that a call calls; for a parameter, the one that it holds."""
        if call.kind != "parameter":
            return call.target
        value = scope.env[call.target]
        word = getattr(value, "word", value)
        if word.__class__ is not str:
            raise Fault(f"'{call.target}' is {describe(value)}, not an op or a block", "as in act=relu")
        return word

    def single(self, scope: Scope, call: Call, name: str, inputs: list[tuple[str | None, int]]) -> int:
        """A call that does not repeat."""
        if call.when is not None and not checked(call.when, scope.env, FLAG.check, "when"):
            return self.leave_out(scope, name, inputs)
        if call.branches and call.name is None and call.share is None:
            return self.join(scope, call, name, inputs[0][1], self.formats(scope, call))
        child, references = self.child(scope, call, scope.env, inputs)
        if isinstance(child, Block) and not child.edges:
            self.remarks.left_out.add(name)
            scope.shares.pop(name, None)
            return int(references[-1 - child.result])
        tie = Tie()
        if call.share is not None:
            tie = self.sharing.with_layer(scope, call.share, None, child, 1)
            if tie.nothing:
                raise Stop(self.shares_nothing(scope, call.share, child))
        edge = Edge(
            name,
            child,
            references_used(child, references),
            call.node,
            stored=int(tie.stored),
            owner=tie.owner,
            shared=tie.shared,
            note=call.note,
        )
        scope.shares[name] = Holder(0, name, ((0, 1, child),))
        return self.add(scope, edge, call)

    def add(self, scope: Scope, edge: Edge, call: Call) -> int:
        """Append an edge, with what its child says of weights outside; returns the reference of its output."""
        self.sharing.adopt(scope, edge.child)
        return scope.add(edge, call)

    def shares_nothing(self, scope: Scope, share: Reference, child: Layer | Block) -> Problem:
        """The problem that no weight is shared with what `share` names."""
        return shares_nothing(share, child, holder_of(scope, share).runs[-1][2], self.sharing.tables)

    def repeat(self, scope: Scope, call: Call, name: str, inputs: list[tuple[str | None, int]], count: int) -> int:
        """Instances `name[0]`, `name[1]`, ..., chained on the first input; equal neighbours are one edge."""
        env = Env({}, scope.env)
        bound = self.bound(call, env)
        if count > MOST_INSTANCES and (bound is None or bound > MOST_INSTANCES):
            raise self.too_many(call, count)
        first = len(scope.edges)
        pool = Pool(name)
        alone = True
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
            except Stop as stop:
                raise stop.passing(f"in '{name}[{index}]'") if index else stop from None
            except Fault as fault:
                raise Stop(problem_of(fault, call.node, *[f"in '{name}[{index}]'"] * (index > 0))) from None
            if isinstance(child, Block) and not child.edges:
                chain = int(references[-1 - child.result])
                child = None
            stable = bound is not None and index >= bound
            if child is None:
                if stable:
                    break
                index += 1
                continue
            stable = stable and (self.context is None or self.token_axes[child] == self.axis(scope, chain))
            many = count - index if stable and child.output == before else 1
            tie = self.tie(scope, call, pool, child, index, many)
            many, alone = tie.many, alone and tie.nothing
            taken = references_used(child, references)
            if (not taken or taken[0] is None) and (many > 1 or len(scope.edges) > first):
                raise Fault(f"the instances of '{name}' do not take what the one before made", "remove 'repeat'")
            stored = many if tie.stored else 0
            edge = Edge(name, child, taken, call.node, index, many, stored, many, tie.owner, tie.shared, call.note)
            last = scope.edges[-1] if len(scope.edges) > first else None
            if last is not None and _continues(last, edge):
                scope.edges[-1] = replace(
                    last, count=last.count + many, stored=last.stored + edge.stored, run=last.run + many
                )
            else:
                chain = self.add(scope, edge, call)
            index += many
        made = scope.edges[first:]
        if not made:
            return self.leave_out(scope, name, [(None, chain)])
        runs = tuple((edge.start or 0, (edge.start or 0) + edge.count, edge.child) for edge in made)
        if call.share is not None and alone:
            if call.share.name != name:
                raise Stop(self.shares_nothing(scope, call.share, made[-1].child))
            if sum(edge.count for edge in made) > 1:
                raise Stop(shares_nothing(call.share, made[-1].child, made[0].child, self.sharing.tables))
        scope.shares[name] = Holder(0, name, runs, repeats=True)
        return chain

    @staticmethod
    def too_many(call: Call, count: int) -> Fault:
        """A repeat that cannot be built one by one."""
        hint = f"at most {MOST_INSTANCES:,}; any number where they are alike"
        fault = Fault(f"repeat of {count:,} instances that differ from one another", hint)
        return fault if call.repeat is None else call.repeat.place(fault)

    def tie(self, scope: Scope, call: Call, pool: Pool, child: Layer | Block, index: int, many: int) -> Tie:
        """Which weights of an instance are another's, and of how many instances this is true."""
        if call.share is None:
            return Tie(many=many)
        if call.share.name != pool.name:
            return self.sharing.with_layer(scope, call.share, index, child, many)
        one = not pool.children
        return self.sharing.with_instances(scope, pool, index, child, 1 if one else many)

    def bound(self, call: Call, env: dict[str, Any]) -> int | None:
        """From which instance on the call no longer depends on `i`; None where it always may."""
        trees: tuple[Tree, ...] | None = self.memo.get(call)
        if trees is None:
            trees = self.memo[call] = tuple(tree for tree in _trees(call) if "i" in tree.names)
        try:
            bounds = [index_bound(tree, env) for tree in trees]
        except Fault:
            return None  # it fails when it is evaluated, with its place
        known = [bound for bound in bounds if bound is not None]
        return max(known, default=0) if len(known) == len(bounds) else None

    # --- children --------------------------------------------------------------------------------------------------

    def child(
        self, scope: Scope, call: Call, env: dict[str, Any], inputs: list[tuple[str | None, int]]
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
                raise Fault(
                    f"{target} needs at least two tensors, and gets one", "give it branches, or 'from: [one, another]'"
                )
            references = references_of(op, [] if stands_alone(call) else inputs, scope.chain)
            shapes = tuple([scope.shape(reference) for reference in references])
            names = [reference.name for _, reference in call.inputs] if op.inputs == ("*",) else op.inputs
            return self.layer(op, call, arguments, shapes, formats, names, self.axes(scope, references)), references
        if target not in self.spec.blocks:
            names = (*self.ops, *self.spec.blocks)
            raise Fault(f"'{call.target}' is {describe(target)}, not an op or a block", did_you_mean(target, names))
        return self.block(scope, call, target, arguments, inputs, formats)

    def formats(self, scope: Scope, call: Call) -> tuple[str, str]:
        """The number formats of activations and of weights inside a call."""
        dtype, weights = scope.formats
        return call.dtype or dtype, call.weights or call.dtype or weights

    def layer(
        self, op: Op, call: Call, given: dict[str, Any], shapes: tuple[Any, ...], formats: tuple[str, str],
        names: Sequence[str | None], axes: Axes,
    ) -> Layer:  # fmt: skip
        """An op at these shapes, built once; `names` are those of its inputs, for messages."""
        values = map(_typed, given.values()) if _has_bool(given.values()) else given.values()
        key = (op.name, *given, *values, shapes, formats, *axes)
        layer: Layer | None = self.memo.get(key)
        if layer is None and self.context is not None:
            layer = self.memo[key] = self.of_one_token(op, call, given, shapes, formats, names, axes, self.context)
        elif layer is None:
            layer = self.memo[key] = op_at(op, call, given, shapes, names, self.layout, formats)
        return layer

    def block(
        self, scope: Scope, call: Call, target: str, arguments: dict[str, Any],
        inputs: list[tuple[str | None, int]], formats: tuple[str, str],
    ) -> tuple[Block, list[Any]]:  # fmt: skip
        """A call of a named block."""
        block = self.spec.blocks[target]
        references = bind(block.inputs, inputs, scope.chain, f"block '{target}'")
        shapes = tuple([scope.shape(reference) for reference in references])
        axes = self.axes(scope, references)
        as_given = (
            target, "as given", *[(name, self.key(value)) for name, value in arguments.items()], shapes, formats, *axes,
        )  # fmt: skip
        built: Block | None = self.memo.get(as_given)
        if built is not None:
            return self.again(built), references
        env = Env({}, {} if block.included else self.args)
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
            key = (target, *[self.key(env[name]) for name, _ in block.parameters], None, shapes, formats, *axes)
            built = self.memo.get(key)
            if built is None:
                inner = Scope(env, shapes, names, formats, {}, scope.depth + 1)
                inner.axes = axes
                built = self.memo[key] = self.filled(target, inner, block.body)
            self.memo[as_given] = self.again(built)
        except Stop as stop:
            line = f"in block '{target}', called at {call.node.location()} (layer '{call.name or target}')"
            raise stop.passing(line) from None
        return built, references

    def key(self, value: Any) -> Any:
        """As `_typed`; a long list stands as its number among the lists so far, so that it is hashed once."""
        if value.__class__ is not tuple or len(value) < LONG_LIST:
            return _typed(value)
        known = self.lists.get(id(value))
        if known is None or known[0] is not value:
            numbers = self.memo.setdefault("lists", {})
            if len(self.lists) > MOST_LISTS:
                self.lists.clear()
            known = self.lists[id(value)] = (value, (_LIST, numbers.setdefault(_typed(value), len(numbers))))
        return known[1]

    @staticmethod
    def default(default: Value, node: Node, env: Mapping[str, Any]) -> Any:
        """The value of a parameter that a call does not give; it fails inside the block."""
        try:
            return default.evaluate(env)
        except Fault as fault:
            raise Stop(problem_of(fault, node)) from None

    def enclosed(
        self, scope: Scope, what: Layers | Call, name: str, env: dict[str, Any], first: int, formats: tuple[str, str]
    ) -> tuple[Block, list[Any]]:
        """A list inside another, or a join with a name or a repeat: what it captures becomes further inputs."""
        captured = [name for name in what.captures if name in scope.names]
        references = [first, *(scope.names[name] for name in captured)]
        shapes = tuple([scope.shape(reference) for reference in references])
        shares = {
            name: scope.shares[name]._replace(up=scope.shares[name].up + 1)
            for name in what.shares
            if name in scope.shares
        }
        values = [self.key(env[name]) for name in what.names if name in env]
        axes = self.axes(scope, references)
        key = (what, *values, None, shapes, formats, *shares.values(), *axes)
        built: Block | None = self.memo.get(key)
        if built is None:
            names = {name: -2 - position for position, name in enumerate(captured)}
            inner = Scope(Env({}, env), shapes, names, formats, shares, scope.depth + 1)
            inner.axes = axes
            built = self.memo[key] = self.filled(name, inner, what)
        return self.again(built), references

    def filled(self, name: str, scope: Scope, what: Layers | Call) -> Block:
        """The block of a list, or of a join; the remarks on it are kept for when it is used again."""
        outer, self.remarks = self.remarks, Remarks()
        if isinstance(what, Layers):
            self.fill(scope, what)
        else:
            scope.chain = self.join(scope, what, "", -1, scope.formats)
        block = self.close(name, scope)
        if self.context is not None:
            self.token_axes[block] = self.axis(scope, scope.chain)
        if self.remarks:
            self.remembered[block] = self.remarks
        self.remarks = outer
        return block

    def again(self, block: Block) -> Block:
        """A block that was built, here or before, with the remarks on it."""
        remarks = self.remembered.get(block)
        if remarks is not None:
            self.remarks.add(remarks)
        return block

    def join(self, scope: Scope, call: Call, name: str, incoming: int, formats: tuple[str, str]) -> int:
        """An op with branches: each is a block in the scope, the op takes their outputs."""
        op = self.ops[call.target]
        arguments = {key: value.evaluate(scope.env) for key, value in call.arguments.items()}
        arrived: list[tuple[str | None, int]] = []
        problems: list[Problem] = []
        names: list[str] = []
        positional = op.inputs == ("*",)
        for branch in call.branches:
            if branch.when is not None and not checked(branch.when, scope.env, FLAG.check, "when"):
                self.remarks.left_out.add(branch.name)
                continue
            source = incoming
            if branch.source is not None:
                found = scope.names.get(branch.source.name)
                if found is None:
                    raise Stop(unknown_reference(branch.source, scope.names))
                source = found
            copies = (1, 1)
            if branch.name in op.copies:
                stored, run = op.copies[branch.name]
                copies = (whole(arguments.get(stored), 1, f"'{stored}'"), whole(arguments.get(run), 1, f"'{run}'"))
            try:
                reference = self.branch(scope, call, branch, source, formats, copies)
            except Stop as stop:
                problems.extend(stop.problems)  # what is wrong with one branch says nothing about the others
                continue
            names.append(branch.name)
            arrived.append((None if positional else branch.name, reference))
        if problems:
            raise Stop(*problems)
        if not arrived:
            raise Fault(f"no branch of {op.name} exists: every 'when' is false", "keep one, or put 'when' on the join")
        if len(arrived) == 1 and positional:
            self.remarks.left_out.add(name)
            return arrived[0][1]
        references = references_of(op, arrived, incoming, complete=not op.copies)
        shapes = tuple([scope.shape(reference) for reference in references])
        axes = self.axes(scope, references)
        child = self.layer(op, call, arguments, shapes, formats, names if positional else op.inputs, axes)
        beside = {edge.name: edge.child for edge in scope.edges[-len(call.branches) :]}
        apart = any(name in beside and has_weights(beside[name], self.sharing.weighted) for name in names)
        scope.shares[name] = Holder(0, name, ((0, 1, child),), apart=apart)
        return scope.add(Edge(name, child, tuple(references), call.node, note=call.note), call)

    def branch(
        self, scope: Scope, call: Call, branch: Branch, source: int, formats: tuple[str, str], copies: tuple[int, int]
    ) -> int:
        """One branch; without layers it is the tensor it starts from. `copies`: how often it is stored, and run."""
        if not branch.body.calls:
            return source
        child, references = self.enclosed(scope, branch.body, "branch", scope.env, source, formats)
        if not child.edges:
            self.remarks.left_out.add(branch.name)
            return int(references[-1 - child.result])
        stored, run = copies
        edge = Edge(branch.name, child, references_used(child, references), branch.node, stored=stored, run=run)
        return self.add(scope, edge, call)


# --- small parts -----------------------------------------------------------------------------------------------------


def _continues(last: Edge, edge: Edge) -> bool:
    """True if an instance of a repeat is like those before it."""
    return (
        last.child is edge.child
        and last.start is not None
        and last.start + last.count == edge.start
        and bool(last.stored) is bool(edge.stored)
        and _owner_continues(last.owner, edge.owner, last.count)
        and last.shared.keys() == edge.shared.keys()
        and all(_owner_continues(last.shared[path], edge.shared[path], last.count) for path in edge.shared)
    )


def _owner_continues(last: Owner | None, owner: Owner | None, count: int) -> bool:
    """True if `count` instances after one that uses `last`, an instance uses `owner`."""
    return owner == (last._replace(instance=(last.instance or 0) + count) if last is not None and last.each else last)


def _typed(value: Any) -> Any:
    """A key part that keeps `true` and `1` apart."""
    if value is True or value is False:
        return (bool, value)
    if value.__class__ is tuple:
        return tuple([_typed(item) for item in value])
    return value


def _has_bool(values: Iterable[Any]) -> bool:
    return any(value is True or value is False or (value.__class__ is tuple and _has_bool(value)) for value in values)


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
