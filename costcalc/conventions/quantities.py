"""The quantities that a table may count: events, those an op publishes, and those every op has. All are whole numbers.

A prefix narrows a quantity down, so that a table needs no conditions:

    module_X        X where the reference code calls the op as a module, else 0
    functional_X    X where it calls the op as a function (`meta: {functional: [relu]}` of the spec), else 0
    image_X         X where the first input has two spatial axes, else 0
    once_X          X of one item, however many items the batch has
"""

from __future__ import annotations

from collections.abc import Iterable

from costcalc.ops.op import Op

GENERIC = {
    "input_element": "elements of all inputs",
    "output_element": "elements of the output",
    "param": "trainable numbers of the layer, each time it runs",
    "once": "1 each time the layer runs, however many items the batch has",
}
"""The quantities that every op has, with their meanings."""

PREFIXES = ("module_", "functional_", "image_", "once_")


def split(quantity: str) -> tuple[frozenset[str], str]:
    """The prefixes of a quantity, and what they narrow down.

    >>> flags, base = split("module_input_element")
    >>> sorted(flags), base
    (['module_'], 'input_element')
    """
    flags = set()
    while (prefix := next((prefix for prefix in PREFIXES if quantity.startswith(prefix)), None)) is not None:
        flags.add(prefix)
        quantity = quantity.removeprefix(prefix)
    return frozenset(flags), quantity


def known(ops: Iterable[Op]) -> set[str]:
    """The quantities that at least one of the ops has, without prefixes."""
    return {*GENERIC, *(name for op in ops for name in (*op.tally, *op.quantities))}
