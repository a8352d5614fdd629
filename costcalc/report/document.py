"""The input of every renderer: a heading, tables and notes, with every number still an integer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING, NamedTuple, Union

from costcalc.report.numbers import exact, signed
from costcalc.text.printable import printable

if TYPE_CHECKING:
    from fractions import Fraction

Cell = Union[str, int, "Fraction", None]  # a name in quotes takes no |
"""An exact count, a text shown as it is, or a blank."""


class Column(NamedTuple):
    """A column: `right` aligns it to the right; one that `folds` may be broken over several lines on a terminal.

    In one that is `signed` a number is a change, and shows whether it is more or less.
    """

    title: str
    right: bool = False
    folds: bool = False
    signed: bool = False


class Rows(Collection[tuple[Cell, ...]]):
    """Rows of a table that are made when somebody goes through them, and again the next time: none is kept."""

    def __init__(self, make: Callable[[], Iterator[tuple[Cell, ...]]], count: int) -> None:
        self.make = make
        self.count = count

    def __iter__(self) -> Iterator[tuple[Cell, ...]]:
        return self.make()

    def __len__(self) -> int:
        return self.count

    def __contains__(self, row: object) -> bool:
        return any(row == own for own in self)


class Table(NamedTuple):
    """Rows under columns, one cell each; the total is the last row, set apart."""

    title: str
    columns: tuple[Column, ...]
    rows: Collection[tuple[Cell, ...]]
    total: tuple[Cell, ...] | None = None


class Text(NamedTuple):
    """One line between the tables: a heading, a sentence, a note. An empty one is a blank line.

    With `code` it is a line of a file, whose blanks matter.
    """

    line: str
    code: bool = False


Document = tuple[Table | Text, ...]


def shown(cell: Cell, column: Column) -> str:
    r"""A cell as every renderer for people writes it, safe to print.

    >>> column = Column("MACs")
    >>> shown(231211008, column), shown(None, column), shown("a\x1b[2J", column), shown(12, Column("More", signed=True))
    ('231,211,008', '', 'a\\x1b[2J', '+12')
    """
    if isinstance(cell, str):
        return printable(cell)
    if cell is None:
        return ""
    return signed(cell) if column.signed else exact(cell)
