"""The first table of the document as CSV, for a spreadsheet or a program: exact digits, no separators, no total.

Texts are quoted where CSV asks for it and control characters are escaped, so a record is a line. A text that a
spreadsheet would take for a formula (`=1+1`) is left as it is: programs read this too, and names must stay names.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

from costcalc.report.document import Cell, Document, Table
from costcalc.text.printable import printable


def render(document: Document) -> Iterator[str]:
    """The lines of the first table, without line ends; nothing when there is no table."""
    table = next((part for part in document if isinstance(part, Table)), None)
    if table is None:
        return
    writer = csv.writer(_Line(), lineterminator="")
    named = [position for position, column in enumerate(table.columns) if column.title]  # one without repeats another
    yield writer.writerow([key(table.columns[position].title) for position in named])
    for row in table.rows:
        yield writer.writerow([_field(row[position]) for position in named])


def key(title: str) -> str:
    """A column's title as the header of CSV writes it.

    >>> key("Output shape"), key("share (%)")
    ('output_shape', 'share')
    """
    return re.sub(r"[\W_]+", "_", title.lower()).strip("_")


def _field(cell: Cell) -> Cell:
    return printable(cell) if isinstance(cell, str) else cell


class _Line:
    """A target for `csv.writer`: `writerow` returns the line it has made."""

    def write(self, line: str) -> str:
        return line
