"""The two walks over the tree. Every expected number is worked out by hand beside its test."""

from __future__ import annotations

import pytest

from costcalc.cost.estimate import estimate
from costcalc.graph.build import build
from costcalc.graph.fold import fold, layers_of, objects
from costcalc.graph.model import Block, Graph, Layer
from costcalc.spec.load import load_text

SPEC = """
input: [5]
blocks:
  pair:
    - linear: {out: 5, bias: false}
    - relu
layers:
  - pair:
    repeat: 3
    name: stage
  - pair
  - linear: {out: 2, bias: false}
    name: head
  - linear: {out: 7, bias: false}
    name: aux
    from: pair
output: head
"""


def graph_of(text: str) -> Graph:
    return build(load_text(text))


def macs_of(graph: Graph) -> int:
    return fold(graph.root, lambda layer: layer.count("mac"), lambda edge, macs: macs * edge.run, 0, {})


def test_a_repeat_counts_as_often_as_it_runs_and_what_is_not_run_not_at_all() -> None:
    """A pair is 5 * 5 macs; three in the stage and one after it, and the head's 5 * 2. `aux` is not run."""
    assert macs_of(graph_of(SPEC)) == 4 * 25 + 10


def test_the_tally_and_the_cost_count_a_repeat_as_the_walk_does() -> None:
    """Four pairs compare 5 numbers each in `relu`; weights of `aux`, 5 * 7, are stored though not run."""
    report = estimate(graph_of(SPEC))
    assert report.tally() == {"mac": 110, "compare": 20}
    assert (report.totals.macs, report.totals.params) == (110, 4 * 25 + 10 + 35)


def test_every_object_is_found_once_at_its_first_path_in_stored_order() -> None:
    """The pair after the stage is the same object as those in it."""
    graph = graph_of(SPEC)
    found = ["stage[0]", "stage[0].linear", "stage[0].relu", "head"]
    assert [path for path, _ in objects(graph.root, run=True)] == found
    assert [path for path, _ in objects(graph.root)] == [*found, "aux"]
    assert [layer.op.name for layer in layers_of(graph.root)] == ["linear", "relu", "linear", "linear"]


@pytest.mark.parametrize("levels", [10, 60])
def test_doubling_blocks_are_looked_at_once_each(levels: int) -> None:
    """2^levels layers of 3 * 3 macs: one layer and `levels` blocks beside the root are looked at."""
    two = "    - linear: {out: 3, bias: false}\n" * 2
    blocks = "".join(f"  b{k}:\n    - b{k - 1}\n    - b{k - 1}\n" for k in range(1, levels))
    text = f"input: [3]\nblocks:\n  b0:\n{two}{blocks}layers:\n  - b{levels - 1}\n"
    graph = graph_of(text)
    looked: list[Layer] = []
    memo: dict[Layer | Block, int] = {}

    def macs(layer: Layer) -> int:
        looked.append(layer)
        return layer.count("mac")

    assert fold(graph.root, macs, lambda edge, value: value * edge.run, 0, memo) == 9 * 2**levels
    assert len(looked) == 1
    assert len(memo) == levels + 2
    assert sum(1 for _ in objects(graph.root)) == levels + 1


def test_a_layer_counts_its_events_and_quantities() -> None:
    """A linear layer of 5 to 2 has 10 macs and no `exp`, and takes in 5 numbers."""
    head = next(child for path, child in objects(graph_of(SPEC).root) if path == "head")
    assert isinstance(head, Layer)
    assert head.tally() == {"mac": 10}
    assert (head.count("mac"), head.count("exp")) == (10, 0)
