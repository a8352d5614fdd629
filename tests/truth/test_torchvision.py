"""Every network of torchvision.csv, whose numbers were read off torchvision's models with forward hooks."""

from __future__ import annotations

import csv
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import costcalc
from costcalc.reference.verify import verify

ROWS = list(csv.DictReader((Path(__file__).parent / "torchvision.csv").read_text().splitlines()))


def name_of(row: dict[str, str]) -> str:
    """The bundled name: torchvision's, and `_aux` behind it where the row is about the auxiliary head."""
    return row["model"] + ("_aux" if row["variant"].endswith("True") else "")


def report_on(name: str) -> Any:
    return costcalc.estimate(costcalc.build(costcalc.load(name)))


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_totals_are_torchvisions(row: dict[str, str]) -> None:
    """Params and input are the row's; MACs too where it has them, in all and by op, and else its GMACs when rounded."""
    report = report_on(name_of(row))
    (shape,) = report.input.values()
    assert "x".join(str(size) for size in (1, *shape)) == row["input"]
    assert report.totals.params == int(row["params"])
    if row["macs"]:
        assert report.totals.macs == int(row["macs"])
    if row["macs_conv"]:
        macs_by_op = {"conv": 0, "linear": 0}
        for layer in report.rows():
            macs_by_op[layer.op] = macs_by_op.get(layer.op, 0) + layer.macs
        assert macs_by_op.pop("conv") == int(row["macs_conv"])
        assert macs_by_op.pop("linear") == int(row["macs_linear"])
        assert sum(macs_by_op.values()) == int(row["macs_matmul"])
    if row["published_gmacs"]:
        assert round(Fraction(report.totals.macs, 10**9), 3) == Fraction(row["published_gmacs"])
    assert row["macs"] or row["published_gmacs"]


def test_the_head_that_inception_trains_with_is_stored_and_not_run() -> None:
    """By hand: 768 x 128 + 256, 25 x 128 x 768 + 1,536, 768 x 1,000 + 1,000 = 3,326,696 params, and no MACs."""
    plain, trained = report_on("inception_v3"), report_on("inception_v3_aux")
    assert trained.find("aux").params == trained.totals.params - plain.totals.params == 3_326_696
    assert trained.find("aux").macs == trained.totals.macs - plain.totals.macs == 0


@pytest.mark.parametrize("name", ["fcn_resnet50", "fcn_resnet101", "deeplabv3_resnet50", "deeplabv3_resnet101"])
def test_the_second_head_of_a_segmenter_runs(name: str) -> None:
    """It gives a second output; by hand 9 x 1,024 x 256 + 512 and 256 x 21 + 21 params, at 65 x 65 positions."""
    plain, trained = report_on(name), report_on(f"{name}_aux")
    assert trained.find("aux_head").params == trained.totals.params - plain.totals.params == 2_365_205
    assert trained.find("aux_head").macs == trained.totals.macs - plain.totals.macs == (2_359_296 + 5_376) * 65 * 65
    assert plain.output == {"out": (21, 520, 520)}
    assert trained.output == {"out": (21, 520, 520), "aux": (21, 520, 520)}


@pytest.mark.parametrize("name", ["vit_b_16", "swin_t", "swin_v2_t", "maxvit_t"])
def test_every_layer_of_a_transformer_is_run_and_agrees(name: str) -> None:
    """At the sizes of its `verify` section it is run as it is, no layer shrunk and none left out."""
    found = verify(costcalc.load(name))
    assert found.section
    assert not found.not_run
    assert not any(row.shrunk for row in found.rows)
    assert found.agreed


def test_windows_are_filled_up_where_the_image_is_no_multiple() -> None:
    """Swin at 256 x 240: 64 x 60 patches are filled up to 70 x 63, so 10 x 9 windows of 7 x 7 attend in stage 1.

    By hand: a window costs 49^2 x 96 for its scores, and again for its answers: 49^2 x 96 x 90 = 20,744,640. At 224 x 224 there are 8 x 8.
    """
    path = "stage1[0].pre_norm_layer.attention.padded_windows.shifted_windows.window_attention"
    for size, windows in (((256, 240), 90), ((224, 224), 64)):
        report = costcalc.estimate(costcalc.build(costcalc.load("swin_t"), input=(3, *size)))
        scores, answers = report.find(f"{path}.scores"), report.find(f"{path}.answers")
        assert scores.output == (windows, 3, 49, 49)
        assert answers.output == (windows, 3, 49, 32)
        assert scores.macs == answers.macs == 49**2 * 96 * windows
        assert report.output == {"head": (1000,)}


@pytest.mark.parametrize("name", ["swin_t", "swin_v2_t"])
def test_every_other_layer_shifts_its_windows(name: str) -> None:
    """The second layer of stages 1 and 2 and three of stage 3; in stage 4 one window is the whole image.

    Source: torchvision/models/swin_transformer.py, by half a window and with a mask: 7 // 2 = 3 and 8 // 2 = 4.
    """
    rows = list(report_on(name).rows())
    shifts = {"swin_t": (3, 3), "swin_v2_t": (4, 4)}
    masks = [row for row in rows if row.op == "shifted_window_mask"]
    assert [row.path.partition(".")[0] for row in masks] == [
        "stage1[1]", "stage2[1]", "stage3[1]", "stage3[3]", "stage3[5]",
    ]  # fmt: skip
    assert {row.arguments["shift"] for row in masks} == {shifts[name]}
    assert sum(row.op == "roll" for row in rows) == 2 * len(masks)
