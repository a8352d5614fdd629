"""The document that the renderers' tests show: numbers of basic.yaml, hostile names, every kind of cell."""

import pytest

from costcalc.report.document import Column, Document, Table, Text


@pytest.fixture
def document() -> Document:
    """A heading, a table with a total, a second table without, and two notes."""
    layers = Table(
        title="layers",
        columns=(
            Column("layer", folds=True),
            Column("op", folds=True),
            Column("output shape"),
            Column("params", right=True),
            Column("MACs", right=True),
            Column("share", right=True),
        ),
        rows=[
            ("add.body.conv", "conv 3x3 64", "(64, 56, 56)", 36864, 115605504, "50.0%"),
            ("add.body.relu", "relu", "(64, 56, 56)", 0, 0, "0.0%"),
            ("add.body.conv_2", "conv 3x3 64", "(64, 56, 56)", 36864, 115605504, "50.0%"),
        ],
        total=("total", None, None, 73728, 231211008, "100.0%"),
    )
    totals = Table(title="", columns=(Column("name"), Column("peak", right=True)), rows=[("basic", 1605632)])
    return (Text("basic: two 3x3 convolutions"), layers, totals, Text("first note"), Text("second note"))


@pytest.fixture
def hostile() -> Document:
    """Names that try to be something else: colours, new lines, cells, markup."""
    rows = [
        ("\x1b[31mred\x1b[0m", 1),
        ("two\nlines\r\n", 2),
        ("a | 9 |", 3),
        ("<script>`**[x](y)**`", 4),
        ("[bold]rich[/bold]", 5),
        ("\u202egnp", 6),
    ]
    return (Text("# \x07bell"), Table("t\x1b]0;title\x07", (Column("name", folds=True), Column("n", right=True)), rows))
