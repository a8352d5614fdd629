"""The peak worked out from a JSON report alone, as somebody without costcalc would: nothing of costcalc is used here.

Rows are written out instance by instance, each tensor lives from the layer that makes it until its last use, and the
peak is the largest sum of what lives.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

RANGE = re.compile(r"\[(\d+)\.\.(\d+)\]")
Indices = dict[str, int]
"""Path of instances that are one row, `stage[1..99]` -> which of them is meant, counted as the path does."""


@dataclass
class Step:
    """One layer that runs: what it makes and how large that is, or whose memory its output is, and what it takes."""

    path: str
    bytes: int
    alias: str | None
    inputs: list[str]


def folded(path: str) -> list[tuple[str, int, int]]:
    """The parts of a path that stand for several instances, outermost first: (path so far, first index, last index)."""
    return [(path[: match.end()], int(match[1]), int(match[2])) for match in RANGE.finditer(path)]


def instance(path: str, at: Indices, earlier: str = "") -> str:
    """The path of one instance; the last one where `at` does not say, and the one before in the repeat `earlier`."""
    found, end, known = "", 0, True
    for match, (prefix, _, last) in zip(RANGE.finditer(path), folded(path), strict=True):
        known = known and prefix in at
        index = at[prefix] - (prefix == earlier) if known else last
        known = known and prefix != earlier  # what is inside another instance is not where we are
        found, end = f"{found}{path[end : match.start()]}[{index}]", match.end()
    return found + path[end:]


def sources(row: dict[str, Any], at: Indices) -> list[str]:
    """The layers and inputs that one instance of a row takes."""
    found = []
    for place, path in enumerate(row["from"]):
        if path is None:
            continue
        taken = instance(path, at)
        for prefix, first, _ in reversed(folded(row["path"])):
            later = row.get("from_later", {}).get(prefix)
            if at[prefix] > first and later is not None and later[place] is not None:
                taken = instance(later[place], at, prefix)
                break
        found.append(taken)
    return found


def written_out(rows: list[dict[str, Any]], at: Indices) -> Iterator[Step]:
    """Every instance of every row that runs, in order."""
    start = 0
    while start < len(rows):
        row = rows[start]
        inner = [part for part in folded(row["path"]) if part[0] not in at]
        if not inner:
            start += 1
            if row["run"]:
                taken = sources(row, at)
                alias = taken[0] if row.get("view") else None
                yield Step(instance(row["path"], at), row["activation_bytes"] // row["run"], alias, taken)
            continue
        prefix, first, last = inner[0]
        end = start
        while end < len(rows) and rows[end]["path"].startswith(prefix):
            end += 1
        for index in range(first, last + 1):
            yield from written_out(rows[start:end], {**at, prefix: index})
        start = end


def moments(report: dict[str, Any]) -> dict[str, list[tuple[str, int]]]:
    """Path of every layer that runs -> what lives meanwhile, in the order it was made; '' for before the first."""
    steps = list(written_out(report["layers"], {}))
    sizes = dict(report["input_bytes"])
    memory = {name: name for name in sizes}
    born = dict.fromkeys(sizes, -1)
    dies: dict[str, int] = {}
    for time, step in enumerate(steps):
        memory[step.path] = step.path if step.alias is None else memory[step.alias]
        sizes.setdefault(step.path, step.bytes)
        born.setdefault(step.path, time)
        dies.update((memory[path], time) for path in (*step.inputs, step.path))
    dies.update((memory[instance(path, {})], len(steps)) for path in report["output_from"].values())
    return {
        path: [
            (tensor, sizes[tensor])
            for tensor, start in born.items()
            if sizes[tensor] and start <= time <= dies.get(tensor, -2) and memory[tensor] == tensor
        ]
        for time, path in [(-1, ""), *((time, step.path) for time, step in enumerate(steps))]
    }
