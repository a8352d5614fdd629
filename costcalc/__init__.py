"""costcalc: exact shapes, parameters, multiply-adds and memory of neural networks written in YAML."""

from __future__ import annotations

from typing import Any

__version__ = "0.1.0"

_PUBLIC = {
    "load": "costcalc.spec.load",
    "build": "costcalc.graph.build",
    "estimate": "costcalc.cost.estimate",
    "compare": "costcalc.comparison",
    "check": "costcalc.budget.judge",
    "diff": "costcalc.versions.address",
    "verify": "costcalc.reference.verify",
    "Memo": "costcalc.graph.memo",
    "CostcalcError": "costcalc.errors",
    "SpecError": "costcalc.errors",
}

__all__ = ["CostcalcError", "Memo", "SpecError", "build", "check", "compare", "diff", "estimate", "load", "verify"]


def __getattr__(name: str) -> Any:
    """The public functions, imported when they are first used: `import costcalc` alone stays quick."""
    if name not in _PUBLIC:
        raise AttributeError(f"module 'costcalc' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_PUBLIC[name]), name)
