"""Which weights two children have in common: those of equal path and shape."""

from __future__ import annotations

from costcalc.errors import Problem
from costcalc.graph.model import Block, Layer, weights_of
from costcalc.ops.op import Shape
from costcalc.spec.model import Reference


def _weights(child: Layer | Block) -> list[tuple[str, Shape]]:
    return [(path, weight.shape) for path, weight in weights_of(child)]


def common_weights(child: Layer | Block, owners: list[Layer | Block]) -> frozenset[str] | None:
    """The paths of the weights that an owner has in the same shape; None when that is all of the child's."""
    if not owners or child in owners:  # without a look at the weights: they may be a million
        return None if owners and any(True for _ in weights_of(child)) else frozenset()
    own = _weights(child)
    theirs = {weight for owner in owners for weight in _weights(owner)}
    common = frozenset(path for path, shape in own if (path, shape) in theirs)
    return None if common and len(common) == len(own) else common


def shares_nothing(share: Reference, child: Layer | Block, owner: Layer | Block | None) -> Problem:
    """The problem that nothing is shared, with the first weights of both sides."""

    def few(child: Layer | Block | None) -> str:
        weights = [] if child is None else _weights(child)
        shown = [f"{path} {list(shape)}" for path, shape in weights[:3]]
        return ", ".join(shown) + (", ..." if len(weights) > 3 else "") or "no weights"

    message = f"'share: {share.name}' shares nothing: no weight has the same path and shape"
    return Problem(message, share.node.location(), f"here {few(child)}; there {few(owner)}")
