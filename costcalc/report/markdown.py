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
LINKING = re.compile(
    r"""@                                       # somebody's name, an address, a commit of somebody
    | \#\d | \bGH-\d                          # an issue
    | :// | \bwww\. | \b(mailto|xmpp):        # a page, an address
    | \b(?!\d+\b)[0-9a-f]{7,64}\b            # a commit
    | :[\w+-]+:                              # an emoji
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""The texts that GitHub turns into a link, a mention or a picture even when escaped; only code is safe."""
BARS = re.compile(r"(\||##\[)")
"""Escape the text beside code: in code no backslash keeps a bar from ending a cell, or `##[` from a command."""
LIST = re.compile(r"^(\d*)([-+.)])(?=[\s+-]|$)")
"""The marks that begin a list or a rule when they stand first on a line: `- `, `+ `, `1. `, `---`."""


def render(document: Document) -> Iterator[str]:
    """The lines of the document, without line ends: a heading for each title, a paragraph for each line of text."""
    within = False
    for number, part in enumerate(document):
        is_code = isinstance(part, Text) and part.code
        if number and not (within and is_code):
            yield ""
        within = is_code
        if isinstance(part, Text) and part.code:
            yield f"    {printable(part.line)}".rstrip()
        elif isinstance(part, Text):
            yield unlisted(escaped(part.line))
        else:
            yield from _table(part)


def escaped(text: str) -> str:
    r"""The text so that Markdown shows it as it is, on one line, also within a table. What would link is code.

    >>> escaped("a|b <img> conv_norm[0] _x_")
    'a\\|b \\<img\\> conv_norm[0] \\_x\\_'
    >>> escaped("ask @team, see [here](https://example.org)")
    'ask `@team`, see `[here](https://example.org)`'
    """
    return "".join(map(_word, re.split(r"([ |]+)", printable(text).strip())))


def _word(word: str) -> str:
    core = word.rstrip(".,;:!?")
    if LINKING.search(core):
        return code(core) + word.removeprefix(core)
    return code(word) if LINKING.search(word) else MARKUP.sub(r"\\\g<0>", word)


def unlisted(line: str) -> str:
    """A line of escaped text that begins no list."""
    return LIST.sub(r"\1\\\2", line)


def code(text: str) -> str:
    r"""Text as code, also within a table: markup, links and mentions in it are nothing but text.

    >>> code("stage1[0]"), code("a|b"), code("`x`")
    ('`stage1[0]`', '`a`\\|`b`', '`` `x` ``')
    """
    pieces = BARS.split(printable(text).strip() or " ")
    return "".join(MARKUP.sub(r"\\\g<0>", piece) if BARS.match(piece) else _fenced(piece) for piece in pieces if piece)


def _fenced(text: str) -> str:
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    strips = text.strip(" ") and text[:1] == text[-1:] == " "  # what Markdown takes off the ends
    pad = " " if "`" in text[:1] + text[-1:] or strips else ""
    return f"{fence}{pad}{text}{pad}{fence}"


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
