"""Numbers from papers and from hand arithmetic, met exactly (`published.yaml`)."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml

import costcalc

TRUTH = Path(__file__).parent
PUBLISHED: list[dict[str, Any]] = yaml.safe_load((TRUTH / "published.yaml").read_text())


def report_on(spec: str | Path) -> Any:
    return costcalc.estimate(costcalc.build(costcalc.load(str(spec))))


def macs_of(path: Path, shape: list[int], call: str) -> int:
    """MACs of a network of one layer, written to `path`."""
    path.write_text(f"name: single\ninput: {shape}\nlayers:\n  - {call}\n")
    return int(report_on(path).totals.macs)


@pytest.mark.parametrize("fact", PUBLISHED, ids=lambda fact: f"{fact['spec']}-{fact.get('layer', 'all')}")
def test_published(fact: dict[str, Any]) -> None:
    """A layer, block or network has exactly the numbers of its row in published.yaml, which names their source."""
    report = report_on(fact["spec"])
    found = report.find(fact["layer"]) if "layer" in fact else report.totals
    expected = {key: fact[key] for key in fact.keys() - {"spec", "layer", "source", "weights", "biases"}}
    if "weights" in fact:
        expected["params"] = fact["weights"] + fact["biases"]
    assert expected == {key: number(report, found, key) for key in expected}


def number(report: Any, found: Any, key: str) -> Any:
    """What the report says under a key of published.yaml."""
    if key == "input":
        return list(found.input[0])
    if key == "output":
        (shape,) = [found.output] if found is not report.totals else report.output.values()
        return list(shape)
    return getattr(found, key)


def test_a_filter_works_twelve_times_less_behind_a_reduction(tmp_path: Path) -> None:
    """One 3x3 filter at one position costs 3 x 3 x 192 = 1,728 on 192 channels and 3 x 3 x 16 = 144 on 16."""
    filter_3x3 = "conv: {out: 1, kernel: 3, bias: false}"
    assert macs_of(tmp_path / "single.yaml", [192, 3, 3], filter_3x3) == 1728
    assert macs_of(tmp_path / "single.yaml", [16, 3, 3], filter_3x3) == 144


def test_the_reduction_saves_nine_tenths() -> None:
    """The whole path through the 1x1 costs 90.67 % less than the direct 5x5, the 5x5 in it 91.67 % less.

    By hand: 1 - 22,478,848 / 240,844,800 = 0.906667, 1 - 20,070,400 / 240,844,800 = 11/12.
    """
    direct, reduced = report_on("inception_5x5_direct"), report_on("inception_5x5_reduced")
    assert round(100 * (1 - Fraction(reduced.totals.macs, direct.totals.macs)), 2) == Fraction("90.67")
    assert 1 - Fraction(reduced.find("conv").macs, direct.totals.macs) == Fraction(11, 12)


def test_the_bottleneck_carries_four_times_the_channels_for_the_cost_of_a_basic_block() -> None:
    """Params and MACs are 17/18 = 0.94 of the basic block's, the channels four times as many.

    By hand: 69,632 / 73,728 = 17 / 18; both meet every weight at 56 x 56 positions.
    """
    basic, bottleneck = report_on("basic"), report_on("bottleneck")
    assert Fraction(bottleneck.totals.params, basic.totals.params) == Fraction(17, 18)
    assert Fraction(bottleneck.totals.macs, basic.totals.macs) == Fraction(17, 18)
    assert bottleneck.find("body.conv_3").output[0] == 4 * basic.find("body.conv_2").output[0] == 256


def test_at_equal_channels_the_basic_block_costs_seventeen_times_as_much() -> None:
    """At 256 channels the basic block needs 16.9 times the bottleneck's params and MACs, and more memory too.

    By hand: 1,179,648 / 69,632 = 288 / 17; activations 5 x 256 = 1,280 against 4 x 64 + 3 x 256 = 1,024 channels.
    """
    basic, bottleneck = report_on("basic_256"), report_on("bottleneck")
    assert Fraction(basic.totals.params, bottleneck.totals.params) == Fraction(288, 17)
    assert Fraction(basic.totals.macs, bottleneck.totals.macs) == Fraction(288, 17)
    assert Fraction(basic.totals.activations, bottleneck.totals.activations) == Fraction(1280, 1024)


def test_the_score_layer_leaves_128_times_fewer_channels() -> None:
    """What follows the 1x1 score layer on pool3 sees 2 channels in place of 256 (Long et al. 2014, on KITTI)."""
    score = report_on("fcn8s_kitti").find("score_pool3")
    assert score.input[0][-1] == 128 * score.output[-1]


@pytest.mark.parametrize("depth", [50, 101, 152])
def test_moving_the_stride_to_the_3x3_costs_macs_and_no_params(depth: int) -> None:
    """With the stride on the 3x3, the first 1x1 of stages 2, 3 and 4 works on four times the positions.

    By hand: 256 x 128 x (56^2 - 28^2) = 512 x 256 x (28^2 - 14^2) = 1,024 x 512 x (14^2 - 7^2) = 77,070,336 more, each.
    """
    paper, torchvision = report_on(f"resnet{depth}_v1"), report_on(f"resnet{depth}")
    assert torchvision.totals.macs - paper.totals.macs == 3 * 77_070_336
    assert torchvision.totals.params == paper.totals.params


def test_auxiliary_heads_are_stored_and_not_run() -> None:
    """The two heads add 3,188,968 and 3,191,016 params and no MACs, since no output needs them.

    By hand: (512 or 528) x 128 + 256, 2,048 x 1,024 + 1,024, 1,024 x 1,000 + 1,000.
    """
    plain, trained = report_on("googlenet"), report_on("googlenet_aux")
    assert trained.find("aux1").params == 512 * 128 + 256 + 2048 * 1024 + 1024 + 1024 * 1000 + 1000 == 3_188_968
    assert trained.find("aux2").params == 528 * 128 + 256 + 2048 * 1024 + 1024 + 1024 * 1000 + 1000 == 3_191_016
    assert trained.totals.params - plain.totals.params == 3_188_968 + 3_191_016
    assert trained.totals.macs == plain.totals.macs


def test_googlenets_differ_in_their_norms() -> None:
    """torchvision's GoogLeNet has 57 batch norms with eps 0.001, the paper's two local response norms after the stem.

    Source: `BasicConv2d` in torchvision/models/googlenet.py; Szegedy et al. 2014, figure 3.
    """
    norms = [row for row in report_on("googlenet").rows() if row.op.endswith("_norm")]
    assert [(row.op, row.arguments["eps"]) for row in norms] == 57 * [("batch_norm", Fraction(1, 1000))]
    paper = [row for row in report_on("googlenet_paper").rows() if row.op.endswith("_norm")]
    assert [(row.op, row.output) for row in paper] == [
        ("local_response_norm", (64, 56, 56)),
        ("local_response_norm", (192, 56, 56)),
    ]
