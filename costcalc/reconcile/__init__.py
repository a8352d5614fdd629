"""Conventions against each other: why they disagree about a network, and which of them somebody quoted."""

from __future__ import annotations

from costcalc.reconcile.claim import Candidate, Claim, Finding, find
from costcalc.reconcile.lines import Difference, Line, Reconciliation, between, reconcile

__all__ = ["Candidate", "Claim", "Difference", "Finding", "Line", "Reconciliation", "between", "find", "reconcile"]
