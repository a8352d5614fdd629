"""The layers of a report in classes, with the sums of what conventions count."""

from collections.abc import Callable

from costcalc.cost.census import Census
from costcalc.cost.model import Report

Cost = Callable[..., Report]

TEXT = """
    input: [4, 6, 5]
    blocks:
      unit(out):
        - conv: {out: out, kernel: 1}
        - relu
    layers:
      - conv: {out: 4, kernel: 1}
      - unit: {out: 4}
        repeat: 3
      - unit: {out: 7}
      - linear: {out: 3}
    meta: {functional: [unit.relu]}
"""


def test_layers_that_every_convention_treats_alike_are_one_class(cost: Cost) -> None:
    """In the block: 3 x (4 x 4) + 4 x 7 products a position, on 6 x 5 = 30 positions: 76 x 30 = 2,280.

    Outside: 4 x 4 x 30 = 480. The relus see 3 x 4 x 30 + 7 x 30 = 570 elements. The convolution 4 -> 7 puts out more
    elements than it takes, the others as many, so it is a class of its own: 48 x 30 = 1,440 and 28 x 30 = 840.
    """
    report = cost(TEXT)
    census = Census(report, frozenset(["unit"]))
    found = census.classes(report.graph.root, report.graph.functional.paths)
    macs = [(kind.scope, kind.op, sums["mac"]) for kind, sums in found.items() if kind.op == "conv"]
    assert macs == [((), "conv", 480), (("unit",), "conv", 1_440), (("unit",), "conv", 840)]
    relus = [(kind.scope, kind.called, sums["output_element"]) for kind, sums in found.items() if kind.op == "relu"]
    assert relus == [(("unit",), True, 570)]
    assert [kind.op for kind in found] == ["conv", "conv", "relu", "conv", "linear"]


def test_blocks_that_no_rule_is_about_divide_no_class(cost: Cost) -> None:
    """480 + 1,440 of the convolutions with as many elements before and after."""
    report = cost(TEXT)
    found = Census(report, frozenset()).classes(report.graph.root, report.graph.functional.paths)
    assert [sums["mac"] for kind, sums in found.items() if kind.op == "conv"] == [1_920, 840]
