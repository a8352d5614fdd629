"""What the renderers take: a heading, tables and notes, with every number still an integer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from costcalc.report.numbers import exact
from costcalc.text.printable import printable

Cell = str | int | None
"""An exact count, a text shown as it is, or a blank."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `right` aligns it to the right; one that `folds` may be broken over several lines on a terminal."""

    title: str
    right: bool = False
    folds: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns, one cell each; the total is the last row, set apart."""

    title: str
    columns: tuple[Column, ...]
    rows: Sequence[tuple[Cell, ...]]
    total: tuple[Cell, ...] | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """One line between the tables: a heading, a sentence, a note. An empty one is a blank line."""

    line: str


Document = tuple[Table | Text, ...]


def shown(cell: Cell) -> str:
    r"""A cell as every renderer for people writes it, safe to print.

    >>> shown(231211008), shown(None), shown("a\x1b[2J")
    ('231,211,008', '', 'a\\x1b[2J')
    """
    if isinstance(cell, int):
        return exact(cell)
    return printable(cell) if cell else ""
