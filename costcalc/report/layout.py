"""Columns of text: how wide a text stands, and the blanks beside it. Shared by the plain and the terminal table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from costcalc.report.document import Document, Table, Text, shown

GAP = "  "


def width(text: str) -> int:
    """The places a text takes in a terminal: two for a wide character, none for a combining one."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def blanks(text: str, size: int) -> str:
    """The blanks that pad a text to `size` places."""
    return " " * (size - width(text))


def columns_of(table: Table) -> list[tuple[str, ...]]:
    """Each column from its title down to its total, as text."""
    titles = tuple(column.title for column in table.columns)
    total = () if table.total is None else (table.total,)
    return [
        tuple(shown(cell, column) for cell in cells)
        for column, *cells in zip(table.columns, titles, *table.rows, *total, strict=True)
    ]


def spaced(document: Document) -> Iterator[tuple[bool, Table | Text]]:
    """Each part, and whether a blank line stands before it: around a table, not between two lines of text."""
    before: Table | Text | None = None
    for part in document:
        yield before is not None and not (isinstance(before, Text) and isinstance(part, Text)), part
        before = part


def line_size(sizes: Sequence[int]) -> int:
    """The places of a whole line of columns."""
    return sum(sizes) + len(GAP) * (len(sizes) - 1)
