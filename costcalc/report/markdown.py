"""The document as GitHub's Markdown, for a comment or a page. Text from a spec stays text: it cannot forge output."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from costcalc.report.document import Cell, Column, Document, Table, Text, shown
from costcalc.text.printable import printable

MARKUP = re.compile(
    r"""[\\`*<>|~&$#]             # wherever it stands
    | (?<![^\W_])_ | _(?![^\W_])  # not inside a word: conv_norm is safe
    | \[(?!\d+\](?![\[(:]))       # not an index: stage1[0] is safe
    """,
    re.VERBOSE,
)
LIST = re.compile(r"^(\d*)([-+.)])(?=[\s+-]|$)")
"""What begins a list or a rule when it stands first on a line: `- `, `+ `, `1. `, `---`."""


def render(document: Document) -> Iterator[str]:
    """The lines of the document, without line ends: a heading for each title, a paragraph for each line of text."""
    for number, part in enumerate(document):
        if number:
            yield ""
        if isinstance(part, Text):
            yield LIST.sub(r"\1\\\2", escaped(part.line))
        else:
            yield from _table(part)


def escaped(text: str) -> str:
    r"""The text so that Markdown shows it as it is, on one line.

    >>> escaped("a|b <img> conv_norm[0] _x_")
    'a\\|b \\<img\\> conv_norm[0] \\_x\\_'
    """
    return MARKUP.sub(r"\\\g<0>", printable(text).strip())


def _table(table: Table) -> Iterator[str]:
    if table.title:
        yield f"### {escaped(table.title)}"
        yield ""
    yield _line(escaped(column.title) for column in table.columns)
    yield _line("---:" if column.right else "---" for column in table.columns)
    for row in table.rows:
        yield _line(map(_cell, row, table.columns))
    if table.total is not None:
        yield _line(f"**{text}**" if text else "" for text in map(_cell, table.total, table.columns))


def _cell(cell: Cell, column: Column) -> str:
    return escaped(shown(cell, column))


def _line(texts: Iterable[str]) -> str:
    return f"| {' | '.join(texts)} |"
