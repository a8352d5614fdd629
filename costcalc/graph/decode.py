"""A network that generates: one new token, attending to a cache of keys and values of the tokens before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from costcalc.errors import CostcalcError
from costcalc.graph.model import Block, Graph, Layer
from costcalc.ops.op import Setting

ATTENTION = "scaled_dot_product_attention"


def decode(graph: Graph, context: int) -> Graph:
    """`graph`, built for one token, with every causal attention looking at `context` tokens: the new one and a cache.

    Raises:
        CostcalcError: nothing in the graph attends causally, or it was built for more than one token.
    """
    changed: dict[int, Layer | Block] = {}
    root = _with_cache(graph.root, context, changed)
    if root is graph.root:
        raise CostcalcError(f"{graph.name} has no causal attention: decode is for models that keep keys and values")
    assert isinstance(root, Block)
    return Graph(**{**{name: getattr(graph, name) for name in graph.__dataclass_fields__}, "root": root})


def _with_cache(child: Layer | Block, context: int, changed: dict[int, Layer | Block]) -> Layer | Block:
    known = changed.get(id(child))
    if known is None:
        known = changed[id(child)] = (
            _attend(child, context) if isinstance(child, Layer) else _block(child, context, changed)
        )
    return known


def _block(block: Block, context: int, changed: dict[int, Layer | Block]) -> Block:
    edges = tuple(replace(edge, child=_with_cache(edge.child, context, changed)) for edge in block.edges)
    if all(new.child is old.child for new, old in zip(edges, block.edges, strict=True)):
        return block
    return replace(block, edges=edges)


def _attend(layer: Layer, context: int) -> Layer:
    if layer.op.name != ATTENTION or not layer.arguments["causal"]:
        return layer
    query, key, value, bias = layer.inputs
    if query[-2] != 1:
        raise CostcalcError(f"decoding makes one token at a time, the network is built for {query[-2]}")
    seen = cached(layer.arguments, context)
    inputs = (query, (*key[:-2], seen, key[-1]), (*value[:-2], seen, value[-1]), bias and (*bias[:-1], seen))
    setting = Setting(layer.arguments, inputs, layer.layout)
    return replace(layer, inputs=inputs, symbols=layer.op.symbols(setting, layer.output))


def cached(arguments: Mapping[str, Any], context: int) -> int:
    """How many tokens an attention keeps: all of them, or as many as its window."""
    window = arguments["window"]
    return context if window is None else min(context, int(window))
