"""Warnings for specs that build but probably do not mean what they say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from costcalc.errors import Problem
from costcalc.graph.inputs import own_shape
from costcalc.graph.tokens import text_of
from costcalc.ops.op import Op, Shape
from costcalc.spec.model import BATCH_NAMES, Call, Spec, Value

SMALLEST_SIDE = 4
"""Fewer rows than this are no image."""
LARGEST_OF_NO_IMAGE = 16
"""So many rows and columns may as well be channels."""


def input_doubts(spec: Spec, args: Mapping[str, Any], inputs: Mapping[str, Shape]) -> Iterator[Problem]:
    """A warning for every input whose sizes look like those of the other layout, or begin with a batch.

    A shape that was given in place of the spec's own has no place in a file.
    """
    first = spec.layout == "channels_first"
    for (name, values), shape in zip(spec.inputs, inputs.values(), strict=True):
        own = own_shape(values, args)
        location = values[0].location() if values and own == shape else None
        if _of_other_layout(shape, None if location else own, first=first):
            channels, *sides = shape if first else (shape[-1], *shape[:-1])
            message = f"the input {list(shape)} is read as {channels} channels of {sides[0]} x {sides[1]}"
            hint = f"did you mean 'layout: {'channels_last' if first else 'channels_first'}'?"
            if location is None:
                turned = (shape[-1], *shape[:-1]) if first else (*shape[1:], shape[0])
                option = "--input " if len(spec.inputs) == 1 else f"--input {name}="
                hint = f"did you mean {option}{'x'.join(map(str, turned))}?"
            yield Problem(message, location, hint, (), "warning")
        elif location is not None and _batched(values, shape):
            rest = ", ".join(text_of(value) for value in values[1:])
            message = f"the input {list(shape)} is read as {_read_as(shape, first=first)}, for one item"
            hint = f"the batch is not part of a shape: write [{rest}], and --batch for more items"
            yield Problem(message, location, hint, (), "warning")


def _of_other_layout(shape: Shape, own: Shape | None, *, first: bool) -> bool:
    """True if an image seems to have its channels at the wrong end; `own` is the spec's shape that it replaces."""
    if len(shape) != 3:
        return False
    channels, beside, sides = (shape[0], shape[-1], shape[:2]) if first else (shape[-1], shape[0], shape[1:])
    if own is not None and beside == own[0 if first else -1] != channels:
        return True
    return beside == 3 != channels and min(sides) > LARGEST_OF_NO_IMAGE


def _batched(values: Sequence[Value], shape: Shape) -> bool:
    """True if a shape begins as [N, 3, H, W] does, or with an arg that is called as a batch."""
    if len(shape) > 1 and text_of(values[0]).lower() in BATCH_NAMES:
        return True
    return len(shape) == 4 and shape[1] in (1, 3) and min(shape[2:]) >= SMALLEST_SIDE


def _read_as(shape: Shape, *, first: bool) -> str:
    if len(shape) != 4:
        return f"{len(shape)} axes"
    channels, *sides = shape if first else (shape[-1], *shape[:-1])
    return f"a volume of {' x '.join(map(str, sides))} with {channels} channel{'s' * (channels > 1)}"


def state_of_tokens(op: Op, call: Call) -> Problem:
    """The warning that an op keeps something of the tokens before that is no key and no value."""
    message = f"{op.name} needs something of the tokens before the new one, and the KV cache does not count it"
    return Problem(message, call.node.location(), "the cache is that of attention alone", (), "warning")


def across_tokens(op: Op, call: Call, context: int) -> Problem:
    """The warning that an op works across tokens, of which it sees one only."""
    message = f"{op.name} works across the tokens, and in decode it sees the new one alone, not all {context}"
    return Problem(message, call.node.location(), "its numbers are those of one token", (), "warning")
