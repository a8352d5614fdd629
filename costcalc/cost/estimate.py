"""`estimate`: a `Graph` -> a `Report`. Every object is costed once, however often it stands in the network."""

from __future__ import annotations

from costcalc.cost.metrics import Cost, layer_cost, weights_cost
from costcalc.cost.model import Report
from costcalc.errors import Problem, SpecError
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
    return Report(graph, batch, _sum(graph.root, costs, batch), costs)


def cost_of(child: Layer | Block, costs: Costs, batch: int) -> Cost:
    """The cost of one instance for the whole batch. Blocks nest as deep as specs do, so recursion is bounded."""
    known = costs.get(child)
    if known is None:
        known = costs[child] = layer_cost(child, batch) if isinstance(child, Layer) else _sum(child, costs, batch)
    return known


def _sum(block: Block, costs: Costs, batch: int) -> Cost:
    total = sum((edge_cost(edge, cost_of(edge.child, costs, batch)) for edge in block.edges), Cost())
    return own_cost(block, block.tied, total) if block.ties else total


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


def layer_tally(layer: Layer) -> dict[str, int]:
    """Event -> how often it happens in the layer for one item; events that do not happen are left out."""
    counts = ((event, formula.evaluate(layer.symbols)) for event, formula in layer.op.tally.items())
    return {event: count for event, count in counts if count}


def tally_of(child: Layer | Block, memo: dict[int, dict[str, int]]) -> dict[str, int]:
    """The tally of one instance of a layer or block for one item."""
    known = memo.get(id(child))
    if known is None:
        if isinstance(child, Layer):
            known = layer_tally(child)
        else:
            known = {}
            for edge in child.edges:
                for event, count in tally_of(edge.child, memo).items() if edge.run else ():
                    known[event] = known.get(event, 0) + count * edge.run
        memo[id(child)] = known
    return known
