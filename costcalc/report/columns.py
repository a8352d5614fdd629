"""The columns of tables of layers: one entry each says its name, its title, its cell in a row, and its total."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from costcalc.cost.metrics import METRICS, Cost, part
from costcalc.cost.model import Row
from costcalc.graph.model import Block, Layer
from costcalc.report.description import brief, describe, remark
from costcalc.report.document import Cell, Column, Rows, Table
from costcalc.report.numbers import exact, shape, share
from costcalc.text.values import whole

if TYPE_CHECKING:
    from costcalc.cost.account import Account


class LayerColumn(NamedTuple):
    """A column of a table whose rows are layers and blocks.

    Attributes:
        name: its name in `--columns`.
        title: its heading.
        text: the cell of a row, where it is a text: it has no total.
        number: the cell of a cost, given that of the whole network: of a row, of several together, or the total.
        alike: True if the text is the same wherever a layer or block stands.
        folds: True if the text may be broken over several lines on a terminal.
    """

    name: str
    title: str
    text: Callable[[Row], str] | None = None
    number: Callable[[Cost, Cost], Cell] | None = None
    alike: bool = True
    folds: bool = False

    @property
    def column(self) -> Column:
        """The column of the document."""
        return Column(self.title, right=self.text is None, folds=self.folds)

    def reader(self, total: Cost) -> Callable[[Row], Cell]:
        """The cell of each row; a text is made once of every object, as there are fewer than rows."""
        if self.number is not None:
            number = self.number
            return lambda row: number(row.cost, total)
        text, known = self.text or _nothing, dict[tuple[Layer | Block, int], str]()
        if not self.alike:
            return text

        def read(row: Row) -> str:
            found = known.get((row.child, row.count))
            if found is None:
                found = known[row.child, row.count] = text(row)
            return found

        return read

    def together(self, cost: Cost, total: Cost) -> Cell:
        """The cell of several rows together; nothing in a column of texts."""
        return "" if self.number is None else self.number(cost, total)


def _nothing(row: Row) -> str:
    return ""


def _path(row: Row) -> str:
    return row.path


def _inputs(row: Row) -> str:
    return ", ".join("-" if sizes is None else shape(sizes) for sizes in row.input)


def _output(row: Row) -> str:
    return shape(row.output)


def _dtype(row: Row) -> str:
    return row.child.dtype if isinstance(row.child, Layer) else ""


def _argument(name: str, row: Row) -> str:
    return brief(row.arguments[name]) if name in row.arguments else ""


def _part(metric: str, cost: Cost, total: Cost) -> Cell:
    return part(cost, metric)


def _share(metric: str, cost: Cost, total: Cost) -> Cell:
    return share(part(cost, metric), part(total, metric))


ARGUMENTS = ("kernel", "stride", "padding", "dilation", "groups")
"""Arguments of ops that have a column of their own."""

COLUMNS: Mapping[str, LayerColumn] = {
    column.name: column
    for column in (
        LayerColumn("layer", "Layer", _path, alike=False, folds=True),
        LayerColumn("op", "Op", describe, folds=True),
        LayerColumn("input", "Input", _inputs),
        LayerColumn("output", "Output", _output),
        *(LayerColumn(name, name.capitalize(), partial(_argument, name)) for name in ARGUMENTS),
        LayerColumn("dtype", "Dtype", _dtype),
        *(
            LayerColumn(metric.name, metric.title, number=partial(_part, metric.name))
            for metric in METRICS.values()
            if metric.of_blocks
        ),
        LayerColumn("share", "Share", number=partial(_share, "macs")),
        LayerColumn("share_of_params", "Share of params", number=partial(_share, "params")),
        LayerColumn("convention", "Convention"),
        LayerColumn("remark", "Remark", remark, alike=False),
    )
}
"""Every column by its name. `convention` is that of the table's account."""

OF_LAYERS = ("layer", "op", "output", "params", "macs", "share", "convention")
OF_BLOCKS = {
    "layer": "Block", "op": "Of", "params": "Params", "share_of_params": "Share", "macs": "MACs",
    "share": "Share of MACs", "activations": "Activations", "convention": "Convention",
}  # fmt: skip
"""The usual columns of a table of layers; and of one of blocks, with the headings that they have there."""


def chosen(names: Sequence[str], account: Account | None) -> list[LayerColumn]:
    """The columns of these names; the layer's path stands first, and `convention` only with an account."""
    names = ["layer", *(name for name in names if name != "layer" and (name != "convention" or account is not None))]
    return [COLUMNS[name] for name in names]


def of_blocks(account: Account | None) -> list[LayerColumn]:
    """The columns of a table of blocks."""
    return [column._replace(title=OF_BLOCKS[column.name]) for column in chosen(list(OF_BLOCKS), account)]


def table(
    title: str,
    columns: Sequence[LayerColumn],
    rows: Callable[[], Iterator[Row]],
    shown: int,
    others: int,
    total: Cost,
    account: Account | None = None,
) -> Table:
    """A table of `shown` rows, with the `others` in one line and the total below, so that the columns add up."""

    def reader(column: LayerColumn) -> Callable[[Row], Cell]:
        return account.of if column.name == "convention" and account is not None else column.reader(total)

    def line(label: str, cost: Cost, counted: Cell) -> tuple[Cell, ...]:
        special: dict[str, Cell] = {"layer": label, "convention": counted}
        return tuple([special.get(column.name, column.together(cost, total)) for column in columns])

    def lines() -> Iterator[tuple[Cell, ...]]:
        readers = [reader(column) for column in columns]
        rest, counted = total, None if account is None else account.total
        for row in rows():
            if others:
                rest += row.cost.times(stored=-1, run=-1, active=-1)
                counted = None if account is None or counted is None else whole(counted - account.of(row))
            yield tuple([read(row) for read in readers])
        if others:
            yield line(f"[{exact(others)} others]", rest, counted)

    headings = tuple(_heading(column, account) for column in columns)
    made: Collection[tuple[Cell, ...]] = Rows(lines, shown + (others > 0))
    return Table(title, headings, made, line("Total", total, None if account is None else account.total))


def _heading(column: LayerColumn, account: Account | None) -> Column:
    if column.name != "convention" or account is None:
        return column.column
    from costcalc.report.account import label

    return Column(label(account.convention), right=True)
