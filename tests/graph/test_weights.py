"""Where the weights of a network stand, and whose they are."""

from __future__ import annotations

from costcalc.graph.build import build
from costcalc.graph.weights import by_entry, stored_weights
from costcalc.spec.load import load_text


def test_weights_are_found_by_their_paths() -> None:
    """Those of every instance; not those that are another layer's."""
    graph = build(
        load_text("""
input: [3, 4]
blocks:
  block:
    - linear: {out: 4}
      repeat: 2
      name: body
    - linear: {out: 4, bias: false}
      name: tied
      share: body
    - mixture_of_experts: {experts: 5, active: 1, expert: [{linear: {out: 4, bias: false}}]}
      name: experts
layers: [block]
""")
    )
    (edge,) = graph.root.edges
    assert {path: weight.shape for path, weight in stored_weights(edge.child)} == {
        "body[0].weight": (4, 4),
        "body[0].bias": (4,),
        "body[1].weight": (4, 4),
        "body[1].bias": (4,),
        "experts.expert[*].linear.weight": (4, 4),
        "experts.router": (5, 4),
    }
    assert by_entry(frozenset(path for path, _ in stored_weights(edge.child))) == {
        "body[0]": {"weight", "bias"},
        "body[1]": {"weight", "bias"},
        "experts": {"expert[*].linear.weight", "router"},
    }
