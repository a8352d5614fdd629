"""Limits on growth held against a difference: what `costcalc diff --fail-on` asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor

from costcalc.budget.model import Limit
from costcalc.cost.metrics import Number
from costcalc.errors import CostcalcError
from costcalc.versions.difference import Difference


@dataclass(frozen=True, slots=True)
class Breach:
    """A network that grew by more than was allowed."""

    name: str
    limit: Limit
    before: Number
    after: Number
    allowed: int


def breaches(difference: Difference, limits: Sequence[Limit]) -> list[Breach]:
    """The networks that grew beyond a limit. A new network has grown from nothing, so it breaks every limit.

    Raises:
        CostcalcError: one side does not know the number.
    """
    found = []
    for model in difference.models:
        for limit in limits if model.after is not None else ():
            if limit.metric not in model.totals:
                names = f"{difference.old} or {difference.new}"
                raise CostcalcError(f"{names} does not say the {limit.metric} of {model.new}")
            before, after = model.totals[limit.metric]
            allowed = floor(limit.bound(before, after))
            if after > allowed:
                found.append(Breach(model.new, limit, before, after, allowed))
    return found
