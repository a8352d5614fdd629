"""A result in every form that it can be printed in; none is made before somebody asks for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from costcalc.report.document import Document


def _no_notes(part: str) -> Sequence[str]:
    return ()


class View:
    """A result, as a document for people, as rows for a program, and as a JSON value.

    Args:
        document: makes the document.
        json: makes the JSON value.
        rows: makes a document whose first table is the rows; `document` when not given.
        notes: the notes on the numbers of a part (`document`, `rows` or `json`), which a format may have no room for.
    """

    __slots__ = ("document", "json", "notes", "rows")

    def __init__(
        self,
        document: Callable[[], Document],
        json: Callable[[], Any],
        rows: Callable[[], Document] | None = None,
        notes: Callable[[str], Sequence[str]] = _no_notes,
    ) -> None:
        self.document = document
        self.json = json
        self.rows = rows or document
        self.notes = notes
