"""One kernel for every op of the catalogue, file by file as in `costcalc/ops/`. Adding a kernel adds a file, no list.

A kernel is the definition of its op in plain arithmetic: tensors and weights in, a tensor out. It knows nothing of the
formulas, and it does not count: its numbers do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any

from costcalc.reference.tensor import Tensor
from costcalc.reference.weights import Weights

Kernel = Callable[[Sequence[Tensor], Weights, Mapping[str, Any], str], Tensor]
"""(inputs, weights, arguments with every default filled in, layout) -> output."""


@cache
def kernels() -> MappingProxyType[str, Kernel]:
    """Name of an op -> its kernel."""
    found: dict[str, Kernel] = {}
    for file in kernel_files():
        found |= import_module(f"{__name__}.{file}").KERNELS
    return MappingProxyType(found)


@cache
def integral() -> frozenset[str]:
    """The ops whose kernels move, compare, add or multiply numbers, and write no float that they calculate with.

    A file says so of its ops with `INTEGRAL`. They may be run on plain integers; one that is left out is slower, not
    wrong.
    """
    files = (import_module(f"{__name__}.{file}") for file in kernel_files())
    return frozenset().union(*(getattr(file, "INTEGRAL", ()) for file in files))


def kernel_files() -> list[str]:
    """The names of the files that hold kernels."""
    return sorted({path.name.partition(".")[0] for path in Path(__file__).parent.glob("*.py*")} - {"__init__"})
