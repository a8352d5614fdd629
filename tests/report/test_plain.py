"""The plain renderer: aligned, uncut, nothing but text."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from costcalc.report import plain
from costcalc.report.document import Column, Document, Table

Limit = Callable[[int], AbstractContextManager[None]]

EXPECTED = """\
basic: two 3x3 convolutions

layers
layer            op           output shape  params         MACs   share
-----------------------------------------------------------------------
add.body.conv    conv 3x3 64  (64, 56, 56)  36,864  115,605,504   50.0%
add.body.relu    relu         (64, 56, 56)       0            0    0.0%
add.body.conv_2  conv 3x3 64  (64, 56, 56)  36,864  115,605,504   50.0%
-----------------------------------------------------------------------
total                                       73,728  231,211,008  100.0%

name        peak
----------------
basic  1,605,632

first note
second note
"""


def test_columns_are_aligned_and_the_total_is_set_apart(document: Document) -> None:
    assert "".join(f"{line}\n" for line in plain.render(document)) == EXPECTED


def test_no_line_ends_in_blanks() -> None:
    table = Table("", (Column("a"), Column("b")), [("x", None), ("longer", "y  ")])
    assert list(plain.render((table,))) == ["a       b", "-----------", "x", "longer  y"]


def test_a_table_without_rows_still_names_its_columns() -> None:
    assert list(plain.render((Table("none", (Column("a"), Column("b")), []),))) == ["none", "a  b", "----"]


def test_what_a_name_holds_is_shown_and_not_obeyed(hostile: Document) -> None:
    assert list(plain.render(hostile)) == [
        r"# \x07bell",
        "",
        r"t\x1b]0;title\x07",
        "name                  n",
        "-----------------------",
        r"\x1b[31mred\x1b[0m    1",
        r"two\x0alines\x0d\x0a  2",
        "a | 9 |               3",
        "<script>`**[x](y)**`  4",
        "[bold]rich[/bold]     5",
        r"\u202egnp             6",
    ]


def test_wide_and_combining_characters_keep_the_columns_in_line() -> None:
    """A wide character takes two places in a terminal, a combining accent none."""
    table = Table("", (Column("a"), Column("b", right=True)), [("\u5c64\u5c64", 1), ("e\u0301e", 10)])
    assert list(plain.render((table,))) == ["a      b", "--------", "\u5c64\u5c64   1", "e\u0301e    10"]


def test_a_cell_is_looked_at_a_few_times(at_most: Limit) -> None:
    """20 calls a cell, for 120,000 cells: the work grows with the table and no faster."""
    row = ("stage1[0].body.conv_norm.conv", "conv 3x3 64", "(64, 56, 56)", 36864, 115605504, "50.0%")
    table = Table("", tuple(Column(title) for title in "abcdef"), [row] * 20_000)
    with at_most(20 * 120_000):
        assert sum(1 for _ in plain.render((table,))) == 20_002
