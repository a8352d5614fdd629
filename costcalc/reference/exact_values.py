"""Seeded integers for exact arithmetic: small, and such that no layer has to round."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import prod
from random import Random
from typing import Any

from costcalc.reference.tensor import Shape, Tensor

SMALL = bytes(range(-8 % 256, 256)) + bytes(range(8))
FACTORS = bytes((254, 255, 1, 2))


def draw_integers(shape: Shape, random: Random) -> Tensor:
    """A tensor of random integers from -8 to 7."""
    return _drawn(shape, random, SMALL)


def draw_exact_weight(name: str, shape: Shape, random: Random, arguments: Mapping[str, Any]) -> Tensor:
    """Random numbers for a weight of a layer with these arguments, on which its arithmetic stays exact.

    -2, -1, 1 or 2 for a matrix or a window, never 0, with which there would be nothing to multiply; -1 or 1 for a
    factor; a variance that is 1 with `eps` added to it.
    """
    if name == "running_var":
        return Tensor(shape, [1 - Fraction(arguments["eps"])] * prod(shape))
    if len(shape) > 1:
        return _drawn(shape, random, FACTORS)
    if name == "bias" or name.endswith("mean"):
        return draw_integers(shape, random)
    return _drawn(shape, random, FACTORS[1:3])


def _drawn(shape: Shape, random: Random, choices: bytes) -> Tensor:
    """One of the choices, signed bytes, for every element. Their number is a power of 2."""
    table = bytes(choices[byte % len(choices)] for byte in range(256))
    return Tensor(shape, memoryview(random.randbytes(prod(shape)).translate(table)).cast("b").tolist())
