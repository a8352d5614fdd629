"""The document for a file, a pipe, a log: aligned columns, no colour, as wide as needed."""

from __future__ import annotations

from collections.abc import Iterator

from costcalc.report.document import Document, Table, Text
from costcalc.report.layout import GAP, blanks, columns_of, line_size, spaced, width
from costcalc.text.printable import inert, printable


def render(document: Document) -> Iterator[str]:
    """The lines of the document, without line ends and without trailing blanks."""
    for apart, part in spaced(document):
        if apart:
            yield ""
        if isinstance(part, Text):
            yield inert(printable(part.line)).rstrip()
        else:
            yield from _table(part)


def _table(table: Table) -> Iterator[str]:
    columns = columns_of(table)
    sizes = [max(map(width, texts)) for texts in columns]
    padded = (
        [blanks(text, size) + text if column.right else text + blanks(text, size) for text in texts]
        for column, texts, size in zip(table.columns, columns, sizes, strict=True)
    )
    titles, *lines = (GAP.join(cells).rstrip() for cells in zip(*padded, strict=True))
    rule = "-" * line_size(sizes)
    if table.title:
        yield printable(table.title).rstrip()
    yield titles
    yield rule
    yield from lines[: len(table.rows)]
    if table.total is not None:
        yield rule
        yield lines[-1]
