"""Messages of ops, which know no names: which argument one is about, and what came in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from costcalc.ops.op import Shape
from costcalc.text.values import plain

MOST_SHAPES = 8


def named_argument(message: str, given: Mapping[str, Any], shapes: tuple[Shape | None, ...]) -> str:
    """The argument that a message of an op is about: the first that it names, else the one whose value it has."""
    places = {name: re.search(rf"\b{name}\b", message) for name in given}
    found = [(place.start(), name) for name, place in places.items() if place is not None]
    if found:
        return min(found)[1]
    for shape in shapes:
        message = message.replace(str(list(shape or ())), "")
    named = [name for name, value in given.items() if re.search(rf"(?<!\w){re.escape(plain(value))}(?!\w)", message)]
    return named[0] if len(named) == 1 else ""


def inputs_line(message: str, shapes: tuple[Shape | None, ...], names: Sequence[str | None]) -> tuple[str, ...]:
    """The shapes that came in, as a line of a trail, unless the message has the one there is."""
    given = [(name, list(shape)) for name, shape in zip(names, shapes, strict=False) if shape is not None]
    if len(given) > 1:
        more = ", ..." if len(given) > MOST_SHAPES else ""
        return (", ".join(f"{(name or 'input').rstrip('?')} is {shape}" for name, shape in given[:MOST_SHAPES]) + more,)
    return tuple(f"the input is {shape}" for _, shape in given if str(shape) not in message)
