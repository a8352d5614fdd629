"""The language view of `show`, as a table."""

from __future__ import annotations

from typing import Any

from costcalc.cost.language import Language
from costcalc.cost.model import Report
from costcalc.report.document import Cell, Column, Document, Table, Text
from costcalc.report.numbers import scaled, scaled_bytes


def show(report: Report, view: Language) -> Document:
    """The numbers of one phase: per batch, and per token."""
    total = report.totals
    tokens = view.tokens * report.batch
    what = f"prefill of {view.tokens:,} tokens" if view.phase == "prefill" else f"decode of token {view.context:,}"
    rows: list[tuple[Cell, ...]] = [
        ("MACs, attention dense", view.macs, scaled(view.macs)),
        ("  of these attention", view.attention_macs, scaled(view.attention_macs)),
        ("MACs, attention as the mask leaves it", view.masked_macs, scaled(view.masked_macs)),
        ("  of these attention", view.masked_attention_macs, scaled(view.masked_attention_macs)),
        ("MACs a token, attention dense", view.macs // tokens, scaled(view.macs // tokens)),
        ("KV cache bytes", view.cache_bytes, scaled_bytes(view.cache_bytes)),
        ("Params", total.params, scaled(total.params)),
        ("Params active for a token", total.params_active, scaled(total.params_active)),
        ("Weight bytes", total.weight_bytes, scaled_bytes(total.weight_bytes)),
    ]
    columns = (Column("Number"), Column("Exact", right=True), Column("Scaled", right=True))
    return (
        Table(f"Language model: {what}, batch {report.batch:,}", columns, rows),
        Text("Dense: every query meets every key, as most tools count. The mask (causal, window) leaves fewer pairs."),
    )


def to_json(view: Language) -> dict[str, Any]:
    """The key `language` of a report."""
    return {
        "phase": view.phase,
        "context": view.context,
        "tokens": view.tokens,
        "attention_macs_dense": view.attention_macs,
        "attention_macs_masked": view.masked_attention_macs,
        "macs_dense": view.macs,
        "macs_masked": view.masked_macs,
        "kv_cache_bytes": view.cache_bytes,
    }
