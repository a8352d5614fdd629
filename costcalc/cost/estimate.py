"""`estimate`: a `Graph` -> a `Report`. Every object is costed once, however often it stands in the network."""

from __future__ import annotations

from collections import Counter

from costcalc.cost.metrics import Cost, layer_cost, weights_cost
from costcalc.cost.model import Report
from costcalc.errors import Problem, SpecError
from costcalc.graph.fold import fold
from costcalc.graph.memo import Memo
from costcalc.graph.model import Block, Edge, Graph, Layer
from costcalc.graph.weights import by_entry

Costs = dict[Layer | Block, Cost]
"""The cost of every object at one batch size. Objects are told apart by identity: equal ones are the same."""


def estimate(graph: Graph, batch: int = 1, *, memo: Memo | None = None) -> Report:
    """Cost `graph` for `batch` items; params and buffers do not depend on it.

    `memo` holds what was costed before: the one that the graph was built with.

    Raises:
        SpecError: the batch is not at least 1.
    """
    if batch.__class__ is not int or batch < 1:
        raise SpecError([Problem(f"the batch must be a whole number of at least 1, not {batch}")])
    costs: Costs = {} if memo is None else memo.costs_at(batch)
    cost_of(graph.root, costs, batch)
    total = costs.pop(graph.root)  # a root stands in one graph only, and a shared memo would keep them all
    return Report(graph, batch, total, costs)


def cost_of(child: Layer | Block, costs: Costs, batch: int) -> Cost:
    """The cost of one instance for the whole batch."""
    return fold(child, lambda layer: layer_cost(layer, batch), edge_cost, Cost(), costs, _without_tied)


def _without_tied(block: Block, cost: Cost) -> Cost:
    return own_cost(block, block.tied, cost) if block.ties else cost


def edge_cost(edge: Edge, cost: Cost) -> Cost:
    """The cost of all instances of an edge, given that of its child."""
    if edge.shared and edge.stored:
        cost = own_cost(edge.child, frozenset(edge.shared), cost)
    return cost.times(stored=edge.stored, run=edge.run, active=edge.active)


def own_cost(child: Layer | Block, shared: frozenset[str], cost: Cost) -> Cost:
    """The child's cost without the weights that belong to another layer, given by their paths inside it."""
    return cost + _weights_cost(child, shared).times(stored=-1, run=0, active=-1)


def _weights_cost(child: Layer | Block, paths: frozenset[str]) -> Cost:
    """The cost of the weights at these paths."""
    if isinstance(child, Layer):
        return weights_cost(child, [weight for weight in child.weights if weight.name in paths])
    total, inside = Cost(), by_entry(paths)
    for edge in child.edges:
        for name in map(edge.entry, range(edge.count if edge.stored else 0)):
            if name in inside:
                one = _weights_cost(edge.child, inside[name])
                total += one.times(
                    stored=edge.stored // edge.count, run=edge.run // edge.count, active=edge.active // edge.count
                )
    return total


def tally_of(child: Layer | Block) -> Counter[str]:
    """Event -> how often it happens in one instance of a layer or block, for one item."""
    return fold(child, lambda layer: Counter(layer.tally()), _times_run, Counter(), {})


def _times_run(edge: Edge, tally: Counter[str]) -> Counter[str]:
    return Counter({event: count * edge.run for event, count in tally.items()} if edge.run else {})
