"""Exact kernels that some ops have of their own, faster than the plain one or on numbers that it would have to round.

`NAME.py` is that of the op NAME: a function `kernel` for integers and fractions. An op without one needs none.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from types import MappingProxyType

from costcalc.reference.kernels import Kernel


@cache
def own_kernels() -> MappingProxyType[str, Kernel]:
    """Name of an op -> its own exact kernel."""
    names = sorted({path.name.partition(".")[0] for path in Path(__file__).parent.glob("*.py*")} - {"__init__"})
    return MappingProxyType({name: import_module(f"{__name__}.{name}").kernel for name in names})
