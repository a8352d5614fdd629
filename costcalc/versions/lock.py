"""`costs.lock.json`: what every network cost when somebody last agreed to it. Sorted, without dates and machine paths.

A line is one block, so that `git diff` shows which block changed and by how much. It holds the totals, the outermost
blocks, and whatever else budgets compare with it; numbers that are 0 are left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from costcalc.cost.metrics import COUNTED_BY, METRICS, Number
from costcalc.errors import Fault
from costcalc.versions.keys import split
from costcalc.versions.piece import Piece
from costcalc.versions.recorded import Recorded
from costcalc.versions.snapshot import Measured, Snapshot

FORMAT = "costcalc.lock/1"
SHOWN = ("activations", "macs", "params")
"""The metrics that every block in a lock has."""
UPDATE = "costcalc check --update"


@dataclass(frozen=True, slots=True)
class Lock:
    """The networks of a lock file: the spec's path (with `@VARIANT`) -> what it cost."""

    models: Mapping[str, Snapshot]


def read_lock(text: str) -> Lock:
    """The lock in a text.

    Raises:
        Fault: it is not a lock, is of a newer costcalc, or was counted by another convention.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise Fault("this is not JSON", f"write it anew: {UPDATE}") from None
    return lock_of(found)


def lock_of(found: Any) -> Lock:
    """The lock in parsed JSON; see `read_lock`."""
    form = found.get("format") if isinstance(found, dict) else None
    if form != FORMAT:
        if isinstance(form, str) and form.startswith("costcalc.lock/"):
            raise Fault(f"this lock was written by another costcalc: {form}, not {FORMAT}", f"write it anew: {UPDATE}")
        raise Fault("this is not a lock file", f"write it anew: {UPDATE}")
    name, version = COUNTED_BY
    convention = found.get("convention")
    if convention != {"name": name, "version": version}:
        theirs = convention if isinstance(convention, dict) else {}
        said = f"'{theirs.get('name', '')}' version {theirs.get('version', '')}"
        raise Fault(
            f"this lock was counted by another convention: {said}, not '{name}' version {version}",
            f"count it anew: {UPDATE}",
        )
    try:
        return Lock({key: _recorded(key, entry) for key, entry in found["models"].items()})
    except (KeyError, TypeError, AttributeError):
        raise Fault("this lock is damaged", f"write it anew: {UPDATE}") from None


def _recorded(key: str, entry: Any) -> Recorded:
    if not isinstance(entry["name"], str):
        raise TypeError
    parts = {path: Piece(path, "", _numbers(numbers)) for path, numbers in entry["blocks"].items()}
    return Recorded(entry["name"], split(key)[1], _numbers(entry["totals"], METRICS), parts)


def _numbers(entry: Any, complete: Iterable[str] = SHOWN) -> dict[str, int]:
    """The numbers of an entry; one left out of a complete entry is 0."""
    numbers = {metric: 0 for metric in complete} | dict(entry.items())
    if any(value.__class__ is not int for value in numbers.values()):
        raise TypeError
    return {**numbers, "flops": 2 * numbers["macs"]}


def write_lock(models: Mapping[str, tuple[Measured, frozenset[tuple[str, str]]] | Recorded]) -> str:
    """The text of a lock.

    Args:
        models: key -> a network that was measured, with the (path, metric) pairs that budgets compare beside the usual
            ones; or an entry that stays as it was.
    """
    name, version = COUNTED_BY
    lines = ["{", f'  "convention": {_line({"name": name, "version": version})},', f'  "format": "{FORMAT}",']
    entries = [_entry(key, models[key]) for key in sorted(models)]
    lines += ['  "models": {', ",\n".join(entries), "  }"] if entries else ['  "models": {}']
    return "\n".join([*lines, "}", ""])


def _entry(key: str, model: tuple[Measured, frozenset[tuple[str, str]]] | Recorded) -> str:
    snapshot, compared = (model, frozenset[tuple[str, str]]()) if isinstance(model, Recorded) else model
    metrics = [metric for metric in METRICS if metric != "flops"]
    totals = {metric: number for metric in metrics if (number := snapshot.total(metric))}
    blocks = {piece.path: {metric: piece.numbers.get(metric, 0) for metric in SHOWN} for piece in snapshot.outline}
    if isinstance(snapshot, Recorded):
        blocks = {path: dict(piece.numbers) for path, piece in snapshot.parts.items()}
    for path, metric in compared:
        if path and metric != "flops":
            blocks.setdefault(path, {})[metric] = _number(snapshot, path, metric)
        elif path:
            blocks.setdefault(path, {})["macs"] = _number(snapshot, path, "macs")
    rows = [f"        {_line(path)}: {_line(_kept(numbers))}" for path, numbers in sorted(blocks.items())]
    inner = ",\n".join(rows)
    return "\n".join(
        [
            f"    {_line(key)}: {{",
            f'      "blocks": {{\n{inner}\n      }},' if rows else '      "blocks": {},',
            f'      "name": {_line(snapshot.name)},',
            f'      "totals": {_line(totals)}',
            "    }",
        ]
    )


def _number(snapshot: Measured | Recorded, path: str, metric: str) -> Number:
    piece = snapshot.part(path)
    assert piece is not None
    return piece.numbers[metric]


def _kept(numbers: Mapping[str, Number]) -> dict[str, Number]:
    return {
        metric: number for metric, number in numbers.items() if metric != "flops" and (number or metric not in SHOWN)
    }


def _line(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
