"""A document in one of the formats, by name: the one place that knows them all."""

from __future__ import annotations

from collections.abc import Iterator

from costcalc.report.document import Document

FORMATS = ("table", "json", "csv", "markdown")


def lines(document: Document, form: str) -> Iterator[str]:
    """The lines of a document as `table`, `csv` or `markdown`, for a file or a pipe."""
    if form == "csv":
        from costcalc.report.csv import render
    elif form == "markdown":
        from costcalc.report.markdown import render
    else:
        from costcalc.report.plain import render
    return render(document)
