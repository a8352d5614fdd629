"""The document for a terminal: colours, and folded paths where the screen is narrow. A number is never cut or folded.

The layout is our own: `rich.table` ends numbers in an ellipsis when the screen is narrow, and takes 12 s for 20,000
rows before it prints the first. When even folded columns do not fit, the lines are wider than the screen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import zip_longest

from costcalc.report.document import Document, Table, Text
from costcalc.report.layout import GAP, blanks, columns_of, line_size, spaced, width
from costcalc.text.printable import printable

NARROWEST = 12
"""A column that folds keeps at least this many places, if it has that much to say."""

STYLES = {"title": "bold", "rule": "dim", "path": "cyan", "zero": "dim", "total": "bold"}

NUMBER = re.compile(r"\d+(?:[,.]\d+)*")
ATOM = re.compile(rf"{NUMBER.pattern}|.", re.DOTALL)

Paint = Callable[[str, str], str]


def render(document: Document, *, columns: int, colour: bool) -> Iterator[str]:
    """The lines of the document for a screen of so many columns, without line ends."""
    paint = _painter(colour=colour)
    for apart, part in spaced(document):
        if apart:
            yield ""
        if isinstance(part, Text):
            yield from fold(printable(part.line).rstrip(), columns, breaks=" ")
        else:
            yield from _table(part, columns, paint)


def wants_colour(environment: Mapping[str, str]) -> bool:
    """True if the person at this terminal wants colour: not with NO_COLOR (unless empty), not on a dumb terminal."""
    return not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"


def fold(text: str, size: int, *, breaks: str = " ./") -> list[str]:
    """The text in pieces of at most `size` places, broken after a character of `breaks` where there is one.

    A number, however long, stays in one piece.

    >>> fold("stage1[0].body.conv_norm.conv", 16)
    ['stage1[0].body.', 'conv_norm.conv']
    >>> fold("macs=4,089,184,256", 6)
    ['macs=', '4,089,184,256']
    """
    if width(text) <= size:
        return [text]
    atoms = ATOM.findall(text)
    lines = []
    start = soft = used = 0
    for index, atom in enumerate(atoms):
        while index > start and used + width(atom) > size:
            cut = soft if soft > start else index
            lines.append("".join(atoms[start:cut]).rstrip())
            start = cut
            used = sum(map(width, atoms[start:index]))
        used += width(atom)
        if atom in breaks:
            soft = index + 1
    return [*lines, "".join(atoms[start:]).rstrip()]


def _table(table: Table, room: int, paint: Paint) -> Iterator[str]:
    columns = columns_of(table)
    sizes = _sizes(table, columns, room)
    header, *rows = zip(*columns, strict=True)
    rule = paint("-" * line_size(sizes), "rule")
    body = ["path" if column.folds else "" for column in table.columns]
    if table.title:
        yield paint(printable(table.title).rstrip(), "title")
    yield from _row(table, header, sizes, ["title"] * len(sizes), paint)
    yield rule
    for row in rows[: len(table.rows)]:
        styles = ["zero" if text == "0" else style for text, style in zip(row, body, strict=True)]
        yield from _row(table, row, sizes, styles, paint)
    if table.total is not None:
        yield rule
        yield from _row(table, rows[-1], sizes, ["total"] * len(sizes), paint)


def _row(
    table: Table, texts: Sequence[str], sizes: Sequence[int], styles: Sequence[str], paint: Paint
) -> Iterator[str]:
    """One row: as many lines as its most folded cell has; the others stand on the first."""
    folded = [
        fold(text, size) if column.folds else [text]
        for column, text, size in zip(table.columns, texts, sizes, strict=True)
    ]
    for line in zip_longest(*folded, fillvalue=""):
        cells = (
            (blanks(text, size), paint(text, style)) if column.right else (paint(text, style), blanks(text, size))
            for text, size, style, column in zip(line, sizes, styles, table.columns, strict=True)
        )
        yield GAP.join(left + right for left, right in cells).rstrip()


def _sizes(table: Table, columns: Sequence[tuple[str, ...]], room: int) -> list[int]:
    """The width of each column: as wide as it needs; those that fold are narrower on a narrow screen."""
    sizes = [max(map(width, texts)) for texts in columns]
    if line_size(sizes) <= room:
        return sizes
    least = [
        min(size, max(NARROWEST, width(texts[0]), _longest_number(texts))) if column.folds else size
        for column, texts, size in zip(table.columns, columns, sizes, strict=True)
    ]
    for widest in range(room, 0, -1):
        narrowed = [max(low, min(size, widest)) for low, size in zip(least, sizes, strict=True)]
        if line_size(narrowed) <= room:
            return narrowed
    return least


def _longest_number(texts: Sequence[str]) -> int:
    return max((len(number) for text in texts for number in NUMBER.findall(text)), default=0)


def _painter(*, colour: bool) -> Paint:
    """Return a function that styles a text; without colour it returns the text as it is, and rich is not imported."""
    if not colour:
        return lambda text, _: text
    from rich.color import ColorSystem
    from rich.style import Style

    styles = {name: Style.parse(style) for name, style in STYLES.items()}
    return lambda text, name: styles[name].render(text, color_system=ColorSystem.STANDARD) if name and text else text
