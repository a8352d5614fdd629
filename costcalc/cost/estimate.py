"""`estimate`: a `Graph` -> a `Report`. Every object is costed once, however often it stands in the network."""

from __future__ import annotations

from costcalc.cost.model import Cost, Report
from costcalc.errors import Problem, SpecError
from costcalc.graph.model import Block, Edge, Graph, Layer, weights_of
from costcalc.spec.model import DTYPE_BITS
from costcalc.text.expressions import product


def estimate(graph: Graph, batch: int = 1) -> Report:
    """Cost `graph` for `batch` items; params and buffers do not depend on it.

    Raises:
        SpecError: the batch is not at least 1.
    """
    if batch.__class__ is not int or batch < 1:
        raise SpecError([Problem(f"the batch must be a whole number of at least 1, not {batch}")])
    costs: dict[int, Cost] = {}
    total = cost_of(graph.root, costs)
    return Report(graph, batch, total.times(stored=1, run=1, batch=batch), costs)


def cost_of(child: Layer | Block, costs: dict[int, Cost]) -> Cost:
    """The cost of one instance for one item. Blocks nest as deep as specs do, so recursion is bounded."""
    known = costs.get(id(child))
    if known is None:
        if isinstance(child, Layer):
            known = _layer_cost(child)
        else:
            known = sum((edge_cost(edge, cost_of(edge.child, costs)) for edge in child.edges), Cost())
        costs[id(child)] = known
    return known


def edge_cost(edge: Edge, cost: Cost) -> Cost:
    """The cost of all instances of an edge, given that of its child."""
    if edge.shared and edge.stored:
        cost = own_cost(edge, cost)
    return cost.times(stored=edge.stored, run=edge.run)


def own_cost(edge: Edge, cost: Cost) -> Cost:
    """The child's cost without the weights that belong to another layer."""
    weights = [weight for path, weight in weights_of(edge.child) if path in edge.shared]
    params = sum(weight.size for weight in weights if weight.trainable)
    buffers = sum(weight.size for weight in weights if not weight.trainable)
    bits = (params + buffers) * (cost.weight_bits // max(1, cost.params + cost.buffers))
    return cost + Cost(params=-params, params_active=-params, buffers=-buffers, weight_bits=-bits)


def _layer_cost(layer: Layer) -> Cost:
    params = sum(weight.size for weight in layer.weights if weight.trainable)
    buffers = sum(weight.size for weight in layer.weights if not weight.trainable)
    mac = layer.op.tally.get("mac")
    activations = 0 if layer.op.view else product(layer.output)
    return Cost(
        params=params,
        params_active=params,
        buffers=buffers,
        weight_bits=(params + buffers) * DTYPE_BITS[layer.weights_dtype],
        macs=0 if mac is None else mac.evaluate(layer.symbols),
        activations=activations,
        activation_bits=activations * DTYPE_BITS[layer.dtype],
        layers=1,
    )


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
