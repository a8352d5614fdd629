"""Budgets: limits on what networks cost, and the verdict. Nothing is a float.

`config`, `reading` and `toml` read budgets, which are values of `model`; `select` finds the specs they speak of and
`base` what growth counts from. `judge` compares, `expect` holds what specs expect, `by_convention` puts another tool's
numbers in. `causes` finds where a number comes from, `explain` adds that to the `verdict`. `gate` is all of it.
"""

from __future__ import annotations

from costcalc.budget.judge import check

__all__ = ["check"]
