"""The phases of a language model: a prompt read at once, and one new token with keys and values kept of those before.

In decode only the length of the token input is one; args keep their values. So tables of positions keep their size,
and a window or a condition that an arg decides is what it is for the whole context.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import islice, zip_longest
from typing import Any

from costcalc.errors import CostcalcError, Location, Problem, SpecError
from costcalc.graph.arguments import bind_args
from costcalc.graph.build import build, build_one_token
from costcalc.graph.fold import layers_of
from costcalc.graph.inputs import Given, bind_inputs
from costcalc.graph.model import Block, Edge, Graph, Layer, Phase, StoredWeight, join_path
from costcalc.graph.tokens import arg_of_tokens, args_at, token_input
from costcalc.graph.weights import stored_weights
from costcalc.ops.op import Setting
from costcalc.spec.model import Spec

MOST_COMPARED = 100_000
"""So many weights are compared one by one, where a network of one token has other layers."""


def prompt(
    spec: Spec, args: Mapping[str, Any] | None = None, input: Given = None, *, sequence: int | None = None
) -> Graph:
    """Build `spec` for a prompt of `sequence` tokens; as many as its args say when not given.

    Raises:
        SpecError: as `build`.
        CostcalcError: the spec takes no row of tokens, or it is not clear what makes it so long.
    """
    name = token_input(spec)
    arg = arg_of_tokens(spec, name)
    if input is not None and arg is not None and sequence is None:
        length = bind_inputs(spec, bind_args(spec, args or {}), input)[name][0]
        raise CostcalcError(
            f"{spec.address}: --input leaves '{arg}' as it is, and in a phase '{arg}' says how many tokens there are: "
            f"write --sequence {length} in its place"
        )
    graph = build(spec, args, input, sequence=sequence)
    return replace(graph, phase=Phase("prefill", graph.inputs[name][0], name, arg))


def decode(
    spec: Spec, args: Mapping[str, Any] | None = None, input: Given = None, *, sequence: int | None = None
) -> Graph:
    """Build `spec` for one new token, the last of a context of `sequence`, with a cache of keys and values.

    Raises:
        SpecError: as `build`; or a layer cannot work on one token at a time.
        CostcalcError: as `prompt`; or nothing in the network keeps keys and values.
    """
    whole = prompt(spec, args, input, sequence=sequence)
    assert whole.phase is not None
    if not any(kept(layer) for layer in layers_of(whole.root)):
        raise CostcalcError(f"{whole.name} has no causal attention: decode is for models that keep keys and values")
    phase = replace(whole.phase, name="decode")
    try:
        one = build_one_token(spec, args_at(spec, args, input, sequence), input)
    except SpecError as error:
        line = f"for one new token: '{phase.input}' has a length of 1, and args keep their values"
        raise SpecError([problem._replace(trail=(*problem.trail, line)) for problem in error.problems]) from None
    problem = _changed_weights(whole.root, one.root, phase, set())
    if problem is not None:
        raise SpecError([problem])
    return replace(one, phase=phase)


def kept(layer: Layer) -> int:
    """The number of rows of its keys and values that a layer needs for the tokens to come."""
    return layer.op.kept(Setting(layer.arguments, layer.inputs, layer.layout)) if layer.op.kept is not None else 0


def _changed_weights(whole: Block, one: Block, phase: Phase, seen: set[tuple[int, int]]) -> Problem | None:
    """The problem that a weight is not the same for one token as for all of them."""
    if (id(whole), id(one)) in seen:
        return None
    seen.add((id(whole), id(one)))
    if [_place(edge) for edge in whole.edges] != [_place(edge) for edge in one.edges]:
        for old, new in islice(zip_longest(stored_weights(whole), stored_weights(one)), MOST_COMPARED):
            if old is None or new is None or (old[0], old[1].shape) != (new[0], new[1].shape):
                return _changed((new or old)[0], old and old[1], new and new[1], one.edges[0].location, phase)
        return None
    for old_edge, new_edge in zip(whole.edges, one.edges, strict=True):
        old_child, new_child = old_edge.child, new_edge.child
        found = None
        if isinstance(old_child, Block) and isinstance(new_child, Block):
            found = _changed_weights(old_child, new_child, phase, seen)
        elif isinstance(old_child, Layer) and isinstance(new_child, Layer):
            for old_weight, new_weight in zip_longest(old_child.weights, new_child.weights):
                if old_weight is None or new_weight is None or old_weight.shape != new_weight.shape:
                    path = join_path(new_edge.name, (new_weight or old_weight).name)
                    return _changed(path, old_weight, new_weight, new_edge.location, phase)
        if found is not None:
            return found
    return None


def _place(edge: Edge) -> tuple[str, int | None, int, bool]:
    return edge.name, edge.start, edge.count, isinstance(edge.child, Layer)


def _changed(
    path: str, old: StoredWeight | None, new: StoredWeight | None, location: Location, phase: Phase
) -> Problem:
    many = f"{list(old.shape)} for {phase.context} tokens" if old else f"there is none for {phase.context} tokens"
    few = f"{list(new.shape)} for one" if new else "none for one"
    hint = f"write '{phase.arg or 'an arg'}' where it takes its size from the length of the input"
    return Problem(f"the weight {path} depends on how many tokens come in: {many}, {few}", location, hint)
