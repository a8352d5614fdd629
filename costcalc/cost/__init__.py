"""The cost of a graph: exact integers per layer, rolled up per block, and memory."""

from __future__ import annotations

from costcalc.cost.estimate import estimate
from costcalc.cost.metrics import Cost
from costcalc.cost.model import Report, Row

__all__ = ["Cost", "Report", "Row", "estimate"]
