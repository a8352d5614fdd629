"""Budgets: limits on what networks cost, what they are compared with, and the verdict. Nothing is a float."""

from __future__ import annotations

from costcalc.budget.judge import check

__all__ = ["check"]
