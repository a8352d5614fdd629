"""The JSON Schemas of what commands print and write: the files in `costcalc/schemas`, with the metrics put in.

`{"$metrics": "totals"}` stands for the metrics that totals have, `"blocks"` and `"layers"` for those of a row: in
`properties` each becomes a count, in a list each becomes its name.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from importlib.resources import files
from typing import Any

from costcalc.cost.metrics import METRICS, ROWS_OF_BLOCKS, ROWS_OF_LAYERS

SHIPPED = ("config", "report", "comparison", "check", "diff", "lock")
"""The schemas that there are."""

_MARK = "$metrics"
_SETS: Mapping[str, Collection[str]] = {"totals": METRICS, "blocks": ROWS_OF_BLOCKS, "layers": ROWS_OF_LAYERS}
_COUNT = {"type": "integer", "minimum": 0}


def schema(kind: str) -> dict[str, Any]:
    """The schema of one of `SHIPPED`, as a JSON value."""
    text = files("costcalc").joinpath("schemas", f"{kind}.schema.json").read_text("utf-8")
    found: dict[str, Any] = _filled(json.loads(text))
    return found


def _filled(value: Any) -> Any:
    if isinstance(value, dict):
        return dict(_entries(value))
    if isinstance(value, list):
        return [filled for item in value for filled in _items(item)]
    return value


def _entries(value: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, inner in value.items():
        if key == _MARK:
            yield from ((metric, dict(_COUNT)) for metric in _SETS[inner])
        else:
            yield key, _filled(inner)


def _items(item: Any) -> Iterator[Any]:
    if isinstance(item, dict) and _MARK in item:
        yield from _SETS[item[_MARK]]
    else:
        yield _filled(item)
