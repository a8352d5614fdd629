"""A layer or block of a network as versions are compared: its path, what it is, and its numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from costcalc.cost.metrics import Number
from costcalc.cost.model import Row
from costcalc.errors import Location

_FOLDED = re.compile(r"\[(\d+)\.\.(\d+)\]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A layer or block of a network: what it is, and its numbers, as far as they are known.

    `inside` tells blocks apart that have equal numbers; empty for a layer, None where it is not known.
    """

    path: str
    op: str
    numbers: Mapping[str, Number]
    arguments: Mapping[str, str] = field(default_factory=dict)
    count: int = 1
    location: Location | None = None
    row: Row | None = None
    inside: str | None = None


def first_of(path: str) -> str:
    """The path of the first of the instances that a folded path stands for.

    >>> first_of("stage[0..99].conv")
    'stage[0].conv'
    """
    return _FOLDED.sub(r"[\1]", path)


def alike(path: str) -> str:
    """A path without the indices of folded runs: `stage[0..99]` and `stage[0..79]` have it in common.

    >>> alike("stage[0..99].conv[3]")
    'stage[].conv[3]'
    """
    return _FOLDED.sub("[]", path)


def instances(path: str) -> int:
    """The number of instances that a folded path stands for.

    >>> instances("stage[0..99].unit[1..2].conv"), instances("stage[3]")
    (200, 1)
    """
    many = 1
    for first, last in _FOLDED.findall(path):
        many *= int(last) - int(first) + 1
    return many


def text_of(value: Any) -> str:
    """An argument's value as text, the same from a spec and from JSON."""
    if value.__class__ in (tuple, list):
        return f"[{', '.join(map(text_of, value))}]"
    if value.__class__ in (int, str):
        return str(value)
    if value is None or value.__class__ is bool:
        return str(value).lower()
    if hasattr(value, "denominator"):
        return str(int(value) if value.denominator == 1 else float(value))
    return str(getattr(value, "word", value))
