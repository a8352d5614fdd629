"""The CSV renderer: what a program reads back is what the table holds."""

import csv

from hypothesis import given
from hypothesis import strategies as st

from costcalc.report import csv as renderer
from costcalc.report.document import Column, Document, Table, Text

EXPECTED = """\
layer,op,output_shape,params,macs,share
add.body.conv,conv 3x3 64,"(64, 56, 56)",36864,115605504,50.0%
add.body.relu,relu,"(64, 56, 56)",0,0,0.0%
add.body.conv_2,conv 3x3 64,"(64, 56, 56)",36864,115605504,50.0%
"""


def test_only_the_first_table_and_no_total(document: Document) -> None:
    assert "".join(f"{line}\n" for line in renderer.render(document)) == EXPECTED


def test_without_a_table_there_is_nothing() -> None:
    assert list(renderer.render((Text("a note"),))) == []


def test_a_column_without_a_title_repeats_another() -> None:
    """The share or the scaled number beside a count."""
    table = Table("", (Column("Name"), Column("MACs"), Column("")), [("a", 1814073344, "1.81 G")])
    assert list(renderer.render((table,))) == ["name,macs", "a,1814073344"]


def test_what_a_name_holds_is_shown_and_not_obeyed(hostile: Document) -> None:
    assert list(renderer.render(hostile)) == [
        "name,n",
        r"\x1b[31mred\x1b[0m,1",
        r"two\x0alines\x0d\x0a,2",
        "a | 9 |,3",
        "<script>`**[x](y)**`,4",
        "[bold]rich[/bold],5",
        r"\u202egnp,6",
    ]


@given(st.lists(st.tuples(st.text("a,;\"' =+\n"), st.integers() | st.none()), max_size=5))
def test_reading_gives_the_cells_back(rows: list[tuple[str, int | None]]) -> None:
    lines = list(renderer.render((Table("", (Column("Name"), Column("Peak (bytes)")), rows, ("total", 0)),)))
    expected = [[name.replace("\n", r"\x0a"), "" if count is None else str(count)] for name, count in rows]
    assert list(csv.reader(lines)) == [["name", "peak_bytes"], *expected]
