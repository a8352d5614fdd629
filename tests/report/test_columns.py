"""Columns of tables of layers: each has its cell and its total, and any of them can be chosen."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

import costcalc
from costcalc.comparison import compare
from costcalc.conventions.load import load as load_convention
from costcalc.cost.account import account
from costcalc.cost.metrics import METRICS, totals
from costcalc.report.columns import COLUMNS
from costcalc.report.comparison import flat
from costcalc.report.document import Table
from costcalc.report.layers import layer_table
from tests.cli.test_commands import costcalc as run

ROOT = Path(__file__).parents[2]


def report(address: str) -> costcalc.Report:
    return costcalc.estimate(costcalc.build(costcalc.load(address)))


def table(address: str, *columns: str, top: int | None = None, convention: str | None = None) -> Table:
    found = report(address)
    counted = None if convention is None else account(found, load_convention(convention))
    order = "macs" if top else "position"
    return layer_table(found, depth=None, sort=order, top=top, account=counted, columns=columns)


def test_the_cells_of_a_layer_by_hand() -> None:
    """Two 3x3 convolutions of 64 x 56 x 56 = 200,704 elements: 64 x 64 x 9 = 36,864 weights, 36,864 x 3,136 MACs."""
    found = table("basic", "op", "input", "output", "kernel", "stride", "padding", "dtype", "params", "weight_bytes",
                  "macs", "flops", "activations", "activation_bytes", "layers", "share")  # fmt: skip
    first, *_ = found.rows
    assert first == (
        "body.conv", "conv out=64 kernel=3 padding=1 bias=false", "(64, 56, 56)", "(64, 56, 56)", "3", "1", "1", "float32",
        36_864, 147_456, 115_605_504, 231_211_008, 200_704, 802_816, 1, "50.0%",
    )  # fmt: skip
    assert found.total == (
        "Total", "", "", "", "", "", "", "", 73_728, 294_912, 231_211_008, 462_422_016, 1_003_520, 4_014_080, 5, "100.0%",
    )  # fmt: skip


@pytest.mark.parametrize("name", ["resnet18", "mixtral_8x7b", "googlenet_aux", "t5_small"])
@pytest.mark.parametrize("top", [None, 3])
def test_the_cells_of_a_column_add_up_to_its_total(name: str, top: int | None) -> None:
    """With others in one line too; and the total is the metric of the network."""
    metrics = [metric.name for metric in METRICS.values() if metric.of_blocks]
    found = table(name, *metrics, "convention", top=top, convention="thop")
    assert found.total is not None
    rows = [row[1:] for row in found.rows]
    assert len(rows) == (top + 1 if top else len(list(report(name).rows())))
    assert [sum(column) for column in zip(*rows, strict=True)] == list(found.total[1:])  # type: ignore[arg-type]
    assert list(found.total[1:-1]) == [totals(report(name))[metric] for metric in metrics]


def test_the_usual_columns() -> None:
    """Remarks only where there are any, a convention's number only where one is asked for."""
    usual = ["Layer", "Op", "Output", "Params", "MACs", "Share"]
    assert [column.title for column in table("resnet18").columns] == usual
    assert [column.title for column in table("t5_small").columns] == [*usual, "Remark"]
    assert [column.title for column in table("resnet18", convention="thop").columns] == [*usual, "thop MACs"]
    assert [column.title for column in table("resnet18", "macs", "op").columns] == ["Layer", "MACs", "Op"]


def test_the_layers_of_a_comparison_have_the_same_columns_for_all() -> None:
    """t5_small has remarks and resnet18 has none: CSV has no column of remarks unless it is chosen."""
    reports = [report("t5_small"), report("resnet18")]
    compared = compare(reports, [account(one, load_convention("thop")) for one in reports])
    (found,) = flat(compared, depth=None, sort="position", top=None, summary=False)
    assert isinstance(found, Table)
    titles = [column.title for column in found.columns]
    assert titles == ["Network", "Layer", "Op", "Output", "Params", "MACs", "Share", "thop MACs"]
    assert {len(row) for row in found.rows} == {len(titles)}
    assert sum(row[-1] for row in found.rows if row[0] == "resnet18") == 1_824_033_792  # type: ignore[misc]
    (found,) = flat(compared, depth=None, sort="position", top=None, summary=False, columns=("remark", "macs"))
    assert isinstance(found, Table)
    assert [column.title for column in found.columns] == ["Network", "Layer", "Remark", "MACs"]
    assert {row[2] for row in found.rows} == {"", "shared weights"}


@pytest.mark.parametrize("command", ["show basic", "compare basic bottleneck"])
def test_columns_are_chosen_on_the_command_line(command: str) -> None:
    done = run(*command.split(), "--columns", "flops,input", "--format", "csv")
    assert done.returncode == 0, done.stderr
    first = next(csv.DictReader(io.StringIO(done.stdout)))
    assert {key: value for key, value in first.items() if key != "network"} == {
        "layer": "body.conv", "flops": "231211008", "input": "(64, 56, 56)",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("show basic --columns macss", "there is no column 'macss': did you mean 'macs'?"),
        ("show basic --columns zzz", f"there is no column 'zzz': choose from: {', '.join(COLUMNS)}"),
        ("show basic --columns macs,", "there is no column ''"),
        ("show basic --columns macs,op,macs", "the column 'macs' is named twice"),
        ("show basic --columns convention", "the column 'convention' needs --convention"),
        ("show basic --columns macs --format json", "JSON has every number"),
        ("compare basic bottleneck --columns macs --summary", "--summary leaves the layers out"),
    ],
)
def test_columns_that_cannot_be_shown_are_misuse(arguments: str, message: str) -> None:
    done = run(*arguments.split())
    assert done.returncode == 2
    assert message in done.stderr
