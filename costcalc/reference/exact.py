"""Exact arithmetic: a kernel for integers and fractions for every op, and which layers have no exact values.

`exact_kernels()` stands beside `kernels()`: the same names, the same signature, the same sums. What costs the time,
convolutions and matrix products, is done on packed integers; a few others have kernels of their own; the rest are the
plain kernels on numbers that refuse to be rounded. So an op that takes `exp` is refused, and not approximated.
"""

from __future__ import annotations

from functools import cache
from types import MappingProxyType

from costcalc.graph.fold import objects
from costcalc.graph.model import Graph, Layer
from costcalc.reference.exact_kernels import own_kernels
from costcalc.reference.exact_plain import named, on_exact, on_integers
from costcalc.reference.execute import stated_events
from costcalc.reference.kernels import Kernel, integral, kernels
from costcalc.reference.rational import NotExact

INEXACT = ("erf", "exp", "log", "pow", "sqrt", "tanh")
"""Events whose results are no fractions."""


@cache
def exact_kernels() -> MappingProxyType[str, Kernel]:
    """Name of an op -> its kernel for integers and fractions. It raises `NotExact` where it would have to round."""
    found = {name: (on_integers if name in integral() else on_exact)(kernel) for name, kernel in kernels().items()}
    found |= own_kernels()
    return MappingProxyType({name: named(name, kernel) for name, kernel in found.items()})


def inexact(layer: Layer) -> str:
    """The reason why a layer has no exact values; empty if it may have.

    An op with an exact kernel of its own refuses the numbers that it would have to round, whatever its events are:
    batch normalisation takes a square root, but of its statistics only.
    """
    if layer.op.name in own_kernels():
        return ""
    events = [event for event in INEXACT if event in stated_events(layer)]
    return f"{layer.op.name} takes {' and '.join(events)}, whose values are no fractions" if events else ""


def check_exact(graph: Graph) -> None:
    """See that every layer that is run may have exact values.

    Raises:
        NotExact: some have none. The first layer of every such op is named.
    """
    found: dict[str, str] = {}
    for path, child in objects(graph.root, run=True):
        reason = inexact(child) if isinstance(child, Layer) else ""
        if reason:
            found.setdefault(reason, f"'{path}': {reason}")
    if found:
        raise NotExact(f"{graph.name} has no exact values: {'; '.join(found.values())}")
