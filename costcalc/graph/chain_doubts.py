"""Warnings for layers that may not take what a reader expects: some ops stand aside, and `x` is not the chain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from costcalc.errors import Location, Problem
from costcalc.graph.references import is_aside
from costcalc.graph.scope import Scope
from costcalc.spec.model import Call, Layers, ListTree, OpCallTree, Spec, Value
from costcalc.text.trees import Attribute, Name, Tree

CHANNELS = ("channels", "features")
"""The state that a layer changes and the next one reads."""


def chain_doubts(spec: Spec) -> Iterator[Problem]:
    """A warning for every `x.channels` at top level that is the input's, and may be meant of the layer before.

    The input's height and width are left alone: an output is often brought to the size of the input.
    """
    yield from _doubts_of_list(spec, spec.layers, at_input=True)


def _doubts_of_list(spec: Spec, layers: Layers, *, at_input: bool) -> Iterator[Problem]:
    """Those of a list; `at_input` where it begins with the network's input."""
    inputs = {"x", spec.inputs[0][0]}
    for call in layers.calls:
        own = call.inputs[0][1].name in inputs if call.inputs else at_input
        if not own:
            values = (call.when, call.repeat, *call.arguments.values())
            for part, location in (found for value in values if value is not None for found in _channels_of_x(value)):
                message = f"'x.{part}' is that of the network's input, not of the layer before"
                hint = f"write '{spec.inputs[0][0]}.{part}' if that is meant, else a number or an arg"
                yield Problem(message, location, f"{hint}; in a block 'x' is what the block takes", (), "warning")
        if call.body is not None:
            yield from _doubts_of_list(spec, call.body, at_input=own and call.repeat is None)
        for branch in call.branches:
            if not (own if branch.source is None else branch.source.name in inputs):
                yield from _doubts_of_list(spec, branch.body, at_input=False)
        at_input = at_input and is_aside(call)


def _channels_of_x(value: Value) -> Iterator[tuple[str, Location]]:
    """Every `x.channels` and the like in a value: the attribute, and its place."""
    if isinstance(value.tree, ListTree):
        for item in value.tree.items:
            yield from _channels_of_x(item)
        return
    waiting: list[Tree] = [value.tree]
    while waiting:
        tree = waiting.pop()
        if isinstance(tree, OpCallTree):
            for argument in tree.arguments.values():
                yield from _channels_of_x(argument)
        elif isinstance(tree, Attribute) and isinstance(tree.base, Name) and tree.base.name == "x":
            if tree.attribute in CHANNELS:
                yield tree.attribute, value.location(tree.start, tree.end)
        elif "x" in tree.names:
            waiting.extend(tree.children())


def aside_doubts(scope: Scope, layers: Layers, outputs: Iterable[int]) -> Iterator[Problem]:
    """A warning for every op without inputs that nobody uses, if the next layer takes the layer before it instead.

    Under a name such an op stands beside the chain, so that the chain passes it.
    """
    used = {*outputs, *(reference for edge in scope.edges for reference in edge.inputs)}
    lost = [position for position, call in enumerate(scope.calls) if is_aside(call) and position not in used]
    following_of: dict[int, Call] = {}  # a call -> the next that does not stand aside
    following: Call | None = None
    for call in reversed(layers.calls):
        if following is not None:
            following_of[id(call)] = following
        following = following if is_aside(call) else call
    names = {id(call): edge.name for edge, call in zip(scope.edges, scope.calls, strict=True)}
    for position in lost:
        call = scope.calls[position]
        following = following_of.get(id(call))
        if following is None or following.inputs or (following.branches and all(b.source for b in following.branches)):
            continue
        name = following.name or names.get(id(following), following.target)
        message = f"'{call.name}' is used by nobody, and '{name}' takes the layer before it"
        hint = f"write 'from: {call.name}' where it is meant, leave out its name, or remove it"
        yield Problem(message, call.node.location(), hint, (), "warning")
