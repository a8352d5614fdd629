"""The sources of a layer's inputs: references to earlier edges of its list, or to the inputs of its block."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from costcalc.errors import Fault, Problem
from costcalc.graph.model import Block, Edge, Layer
from costcalc.ops import catalogue
from costcalc.ops.op import Op
from costcalc.spec.model import Call, Reference
from costcalc.text.suggest import did_you_mean


def references_of(op: Op, inputs: list[tuple[str | None, int]], chain: int, *, complete: bool = False) -> list[Any]:
    """References in the order of the op's inputs."""
    if op.inputs == ("*",):
        return [reference for _, reference in inputs]
    return bind(op.inputs, inputs, chain, op.name, complete=complete)


def bind(
    names: tuple[str, ...], inputs: list[tuple[str | None, int]], chain: int, what: str, *, complete: bool = False
) -> list[Any]:
    """References in the order of `names`: by name or by position; the first, unmentioned, is the layer before."""
    if len(names) == len(inputs) == 1 and inputs[0][0] is None:
        return [inputs[0][1]]
    plain = [name.rstrip("?") for name in names]
    if len(inputs) > len(names):
        raise Fault(f"{what} takes {len(names)} input{'s' * (len(names) > 1)}, got {len(inputs)}")
    given: dict[str, int] = {}
    known = set(plain)
    for position, (name, reference) in enumerate(inputs):
        key = plain[position] if name is None else name
        if key not in known:
            raise Fault(f"{what} has no input '{key}'", f"its inputs are {', '.join(plain)}")
        given[key] = reference
    if names and not names[0].endswith("?") and plain[0] not in given and not complete:
        given[plain[0]] = chain
    missing = [name for name in names if not name.endswith("?") and name not in given]
    if missing:
        wanted = " and ".join(f"'{name}'" for name in missing)
        raise Fault(f"{what} needs its input {wanted}", f"as in 'from: {{{missing[0]}: LAYER}}'")
    return [given.get(name) for name in plain]


def references_used(child: Layer | Block, references: list[Any]) -> tuple[int | None, ...]:
    """The references without those of inputs that a block does not use."""
    if isinstance(child, Layer) or not child.unused:
        return tuple(references)
    return tuple(None if k in child.unused else reference for k, reference in enumerate(references))


def needed_edges(edges: list[Edge], outputs: list[int]) -> list[bool]:
    """Mark the edges that the outputs need."""
    needed = [False] * len(edges)
    stack = [reference for reference in outputs if reference >= 0]
    while stack:
        position = stack.pop()
        if not needed[position]:
            needed[position] = True
            stack.extend(reference for reference in edges[position].inputs if reference is not None and reference >= 0)
    return needed


def unknown_reference(reference: Reference, names: Mapping[str, int]) -> Problem:
    """The problem that a `from` names no layer."""
    hint = did_you_mean(reference.name, names)
    return Problem(
        f"'from: {reference.name}': no earlier layer is called '{reference.name}'", reference.node.location(), hint
    )


def is_aside(call: Call) -> bool:
    """True if a call stands beside the chain: an op that takes nothing from it, under a name."""
    return call.name is not None and stands_alone(call)


def stands_alone(call: Call) -> bool:
    """True if a call takes nothing from the chain: an op without inputs."""
    if call.kind != "op" or call.inputs or call.branches:
        return False
    inputs = catalogue()[call.target].inputs
    return not inputs or inputs[0].endswith("?")
