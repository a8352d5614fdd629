"""The language view of `show`, as a table."""

from __future__ import annotations

from itertools import islice
from typing import Any

from costcalc.cost.language import Language
from costcalc.cost.model import Report
from costcalc.graph.one_token import rows_taken
from costcalc.report.document import Cell, Column, Document, Table, Text
from costcalc.report.numbers import scaled, scaled_bytes

MOST_LISTED = 10_000
MOST_ROWS = 12
MOST_SHOWN = 4
"""So many tensors are named in a sentence."""


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
        Text(_tokens(view)),
        Text(_pairs(view)),
        *_rows_taken(report),
        *_cache(view, report.batch),
    )


def _cache(view: Language, batch: int) -> Document:
    """The tensors of the cache; bytes add up to its total."""
    found = list(islice(view.cache.tensors(), MOST_ROWS + 1))
    rows: list[tuple[Cell, ...]] = [
        (item.path, item.copies, item.tokens, item.features, item.bytes) for item in found[:MOST_ROWS]
    ]
    if not rows:
        return ()
    if len(found) > MOST_ROWS:
        rest = view.cache_bytes - sum(item.bytes for item in found[:MOST_ROWS])
        rows.append(("[others]", None, None, None, rest))
    columns = (
        Column("Tensor", folds=True),
        Column("Copies", right=True),
        Column("Tokens", right=True),
        Column("Features", right=True),
        Column("Bytes", right=True),
    )
    return (Table(f"KV cache, batch {batch:,}", columns, rows, ("Total", None, None, None, view.cache_bytes)),)


def _tokens(view: Language) -> str:
    """The source of the number of tokens."""
    tokens = f"Tokens: {view.context:,}, "
    tokens += f"the length of '{view.input}'" + (f", by the arg '{view.arg}'." if view.arg else ", which no arg gives.")
    if view.phase == "decode":
        tokens += " Only the length of the input is 1; args keep their values."
    return tokens


def _pairs(view: Language) -> str:
    """Say which pairs the multiply-adds of attention count."""
    if view.phase == "prefill":
        return "Dense: every query meets every key, as most tools count. The mask (causal, window) leaves fewer pairs."
    last = [f"the last {rows:,}" for rows in view.kept if rows < view.context]
    every = [f"all {rows:,}" for rows in view.kept if rows >= view.context]
    kept = " or ".join([*last, *every]) + (f" of {view.context:,}" if not every else "")
    if last:
        kept += ", as its window says"
    return f"Dense: the new token meets every key that its attention keeps: {kept}. The mask hides none of these."


def _rows_taken(report: Report) -> Document:
    """Select the new token's row of a tensor that has one for every token."""
    if report.graph.phase is None or report.graph.phase.name != "decode":
        return ()
    found = list(islice(rows_taken(report.graph.root), MOST_SHOWN + 1))
    lines = [f"{item.source or 'its input'} {list(item.whole)} at {item.path}" for item in found[:MOST_SHOWN]]
    if len(found) > MOST_SHOWN:
        lines.append("...")
    if not found:
        return ()
    return (Text(f"One row is taken of what has a row for every token: {'; '.join(lines)}."),)


def _cache_json(view: Language) -> list[dict[str, Any]]:
    """The tensors of the cache; what is not listed is the last entry, so that bytes add up."""
    found = list(islice(view.cache.tensors(), MOST_LISTED))
    entries: list[dict[str, Any]] = [
        {"path": item.path, "count": item.copies, "tokens": item.tokens, "features": item.features, "bytes": item.bytes}
        for item in found
    ]
    rest = view.cache_bytes - sum(item.bytes for item in found)
    if rest:
        entries.append({"path": "[others]", "bytes": rest})
    return entries


def to_json(report: Report, view: Language) -> dict[str, Any]:
    """The key `language` of a report."""
    found: dict[str, Any] = {
        "phase": view.phase,
        "context": view.context,
        "tokens": view.tokens,
        "input": view.input,
        "arg": view.arg,
        "attention_macs_dense": view.attention_macs,
        "attention_macs_masked": view.masked_attention_macs,
        "macs_dense": view.macs,
        "macs_masked": view.masked_macs,
        "kv_cache_bytes": view.cache_bytes,
        "kv_cache": _cache_json(view),
    }
    if view.phase == "decode":
        found["rows_taken"] = [
            {"path": item.path, "from": item.source, "shape": list(item.whole), "taken": list(item.row)}
            for item in islice(rows_taken(report.graph.root), MOST_LISTED)
        ]
    return found
