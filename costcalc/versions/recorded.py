"""A network as a stored report or a lock file has it: only what was kept is known."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from costcalc.cost.metrics import METRICS
from costcalc.cost.walk import level
from costcalc.versions.piece import Piece, alike, first_of, text_of


@dataclass(frozen=True)
class Recorded:
    """A network as a lock file or a stored report has it; `layers` is empty where only blocks were kept."""

    name: str
    variant: str | None
    totals: Mapping[str, int]
    parts: Mapping[str, Piece]
    layers: tuple[Piece, ...] = ()

    def without(self, metric: str) -> Recorded:
        """The same, as if a metric had not been kept."""
        totals = {name: number for name, number in self.totals.items() if name != metric}
        parts = {path: _without(piece, metric) for path, piece in self.parts.items()}
        return replace(self, totals=totals, parts=parts, layers=tuple(_without(one, metric) for one in self.layers))

    def total(self, metric: str) -> int | None:
        """A metric of the whole network, None where it was not kept."""
        return self.totals.get(metric)

    def down_to(self, depth: int | None) -> tuple[Piece, ...]:
        """The layers, those deeper than a depth rolled up; the outermost where only blocks were kept."""
        if depth is None or not self.layers:
            return self.layers if depth is None else self.outline
        layers = {piece.path for piece in self.layers}
        levels = ((level(path), piece) for path, piece in self.parts.items())
        return tuple(piece for at, piece in levels if at == depth or (at < depth and piece.path in layers))

    def part(self, path: str) -> Piece | None:
        """The block or layer at a path; None if it is not known."""
        return self.parts.get(path)

    def part_like(self, path: str) -> Piece | None:
        """See `Measured.part_like`."""
        return self.parts.get(first_of(path)) or next(
            (other for name, other in self.parts.items() if alike(name) == alike(path)), None
        )

    @property
    def outline(self) -> tuple[Piece, ...]:
        """The outermost layers and blocks."""
        return tuple(piece for piece in self.parts.values() if level(piece.path) == 1)


def recorded(report: Mapping[str, Any]) -> Recorded:
    """A report as `costcalc show --format json` writes it. A `KeyError` or `TypeError` where it is not one."""
    if not isinstance(report["name"], str) or not isinstance(report["variant"], str | None):
        raise TypeError
    layers = tuple(_stored(row, "op") for row in report["layers"])
    pieces = {piece.path: piece for piece in (*(_stored(row, "block") for row in report["blocks"]), *layers)}
    order = {path: place for place, path in enumerate(_opened(layers))}
    parts = dict(sorted(pieces.items(), key=lambda item: order.get(item[0], len(order))))
    return Recorded(report["name"], report["variant"], _numbers(report["totals"]), parts, layers)


def _opened(layers: tuple[Piece, ...]) -> Iterator[str]:
    """Every path on the way to each layer, in the order in which they come up."""
    for piece in layers:
        for end in re.finditer(r"[.\[]|$", piece.path):
            yield piece.path[: end.start()]


def _without(piece: Piece, metric: str) -> Piece:
    return replace(piece, numbers={name: number for name, number in piece.numbers.items() if name != metric})


def _stored(row: Mapping[str, Any], kind: str) -> Piece:
    arguments = {name: text_of(value) for name, value in row.get("arguments", {}).items()}
    path, op, count = row["path"], row[kind], row["count"]
    if not isinstance(path, str) or not isinstance(op, str) or count.__class__ is not int:
        raise TypeError
    return Piece(path, op, _numbers(row), arguments, count)


def _numbers(entry: Mapping[str, Any]) -> dict[str, int]:
    """The metrics among the keys of an entry; `flops` is 2 x macs. A `TypeError` where one is not an integer."""
    numbers = {metric: entry[metric] for metric in METRICS if metric in entry}
    if any(value.__class__ is not int for value in numbers.values()):
        raise TypeError
    return {**numbers, "flops": 2 * numbers["macs"]} if "macs" in numbers else numbers
