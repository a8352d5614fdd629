"""Conventions against each other: why they disagree about a network, and which of them somebody quoted."""

from __future__ import annotations

from costcalc.reconcile.claim import Candidate, Claim, Finding, find
from costcalc.reconcile.lines import Line, Reconciliation, reconcile
from costcalc.reconcile.pair import Comparison, between

__all__ = ["Candidate", "Claim", "Comparison", "Finding", "Line", "Reconciliation", "between", "find", "reconcile"]
