"""`verify`: what is run, at which size, what is said about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from costcalc.errors import CostcalcError
from costcalc.graph.build import build
from costcalc.reference.verify import Known, Verification, distinct, verify
from costcalc.spec.load import load, load_text

SPEC = """
name: small
args: {width: 4}
input: [3, 9, 8]
blocks:
  conv_norm(out):
    - conv: {out: out, kernel: 3, padding: 1, bias: false}
    - batch_norm
    - relu
layers:
  - conv_norm: {out: width}
  - conv_norm: {out: width}
    repeat: 3
    name: stage
  - global_avg_pool
  - flatten
  - linear: {out: 5}
"""


def rows(verification: Verification) -> list[tuple[str, int, str]]:
    return [(row.path, row.layers, row.layer.op.name) for row in verification.rows]


def test_equal_layers_are_run_once() -> None:
    """Three equal convolutions are one row, and four batch norms; the first one stands for all of them."""
    verification = verify(load_text(SPEC))
    assert verification.agreed
    assert rows(verification) == [
        ("conv_norm.conv", 1, "conv"),
        ("conv_norm.batch_norm", 4, "batch_norm"),
        ("conv_norm.relu", 4, "relu"),
        ("stage[0].conv", 3, "conv"),
        ("global_avg_pool", 1, "global_avg_pool"),
        ("flatten", 1, "flatten"),
        ("linear", 1, "linear"),
    ]
    assert verification.layers == 15
    assert not any(row.shrunk for row in verification.rows)


def test_a_row_has_both_sides() -> None:
    """By hand: 4 channels at 9 x 8 places of 3 x 3 x 3 products = 7,776; 4 x 3 x 3 x 3 weights."""
    row = verify(load_text(SPEC)).rows[0]
    assert row.stated == row.found == {"mac": 7776}
    assert row.stated_weights == row.read_weights == {"weight": (4, 3, 3, 3)}
    assert row.output == (4, 9, 8)
    assert row.differences == ()


def test_large_layers_are_run_smaller_within_the_budget() -> None:
    verification = verify(load("resnet50"), budget=500_000)
    assert verification.agreed
    assert verification.not_run == ()
    assert verification.spent <= verification.budget
    stem, last = verification.rows[0], verification.rows[-1]
    assert stem.layer.inputs == ((3, 224, 224),)
    assert stem.shrunk
    assert stem.run is not None
    assert stem.changed_arguments == {"out": (64, 32)}
    assert stem.run.arguments["kernel"] == stem.layer.arguments["kernel"]
    assert last.changed_arguments.keys() == {"out"}
    assert last.changed_arguments["out"][0] == 1000


def test_what_does_not_fit_is_not_run_and_says_so() -> None:
    """By hand: 5 x 5 products and the bias at the least, for one output of the only window that fits."""
    spec = load_text("name: one\ninput: [1, 5, 5]\nlayers:\n  - conv: {out: 1, kernel: 5}\n  - relu\n")
    verification = verify(spec, budget=20)
    assert [row.path for row in verification.not_run] == ["conv"]
    row = verification.not_run[0]
    assert (row.run, row.found, row.shrunk) == (None, {}, False)
    assert "no smaller twin" in row.reason
    assert verification.agreed


SHALLOW = """
name: shallow
input: [1, 5, 256, 256]
blocks:
  two:
    - conv: {out: 128, kernel: 3, padding: [0, 1, 1]}
    - batch_norm
    - leaky_relu
    - conv: {out: 128, kernel: 3, padding: [0, 1, 1]}
    - batch_norm
    - leaky_relu
layers:
  - two
  - reshape: {shape: [128, x.height, x.width]}
  - conv: {out: 16, kernel: 3}
"""


def test_every_layer_of_a_shallow_volume_is_run_smaller() -> None:
    """5 frames become 3 and then 1; 256 x 256 need not keep their proportion to them (case verify_shallow_volume)."""
    verification = verify(load_text(SHALLOW))
    assert verification.not_run == ()
    assert verification.agreed
    assert all(row.shrunk for row in verification.rows)
    second = next(row for row in verification.rows if row.path == "two.conv_2")
    assert second.run is not None
    assert second.run.inputs[0][1] == 3
    assert second.run.arguments["kernel"] == 3


def test_what_moves_numbers_is_not_said_to_take_multiply_adds() -> None:
    """30 x 40 and 40 x 30 have no smaller twin; 2,400 numbers are made in the time of 800 multiply-adds."""
    spec = load_text("name: one\ninput: [30, 40]\nlayers:\n  - reshape: {shape: [40, 30]}\n")
    (row,) = verify(spec, budget=20).not_run
    assert row.reason == (
        "it calculates nothing, but has 2,400 numbers to make, which takes as long as 800 multiply-adds; its share of "
        "the budget is 20, and no smaller twin was found that takes no more"
    )


def test_the_verify_section_makes_a_large_network_small() -> None:
    text = SPEC.replace("input: [3, 9, 8]", "input: [3, 900, 800]")
    text += "verify: {args: {width: 2}, input: [3, 7, 6]}\n"
    verification = verify(load_text(text), budget=50_000)
    assert verification.section
    assert verification.args == {"width": 2}
    assert verification.inputs == {"input": (3, 7, 6)}
    assert verification.rows[0].layer.output == (2, 7, 6)
    assert not any(row.shrunk for row in verification.rows)


def test_the_verify_section_may_use_args_that_follow_from_others() -> None:
    text = SPEC.replace("args: {width: 4}", "args: {width: 400, side: 2 * width}")
    text = text.replace("[3, 9, 8]", "[3, side, 8]") + "verify: {args: {width: 2}, input: [3, side + 1, 6]}\n"
    verification = verify(load_text(text), budget=50_000)
    assert verification.inputs == {"input": (3, 5, 6)}


def test_a_small_network_needs_no_verify_section() -> None:
    verification = verify(load_text(SPEC + "verify: {args: {width: 2}}\n"))
    assert not verification.section
    assert verification.args == {"width": 4}


@pytest.mark.parametrize("budget", [0, -1])
def test_a_budget_is_at_least_one(budget: int) -> None:
    with pytest.raises(CostcalcError, match=f"the budget must be at least 1 multiply-add, not {budget}"):
        verify(load_text(SPEC), budget=budget)


def test_progress_counts_multiply_adds() -> None:
    calls: list[tuple[int, int, str]] = []
    verification = verify(load_text(SPEC), progress=lambda done, total, path: calls.append((done, total, path)))
    assert calls[0] == (0, verification.spent, "conv_norm.conv")
    assert calls[-1] == (verification.spent, verification.spent, "")
    assert [done for done, _, _ in calls] == sorted(done for done, _, _ in calls)


def test_what_another_spec_ran_is_not_run_again() -> None:
    known: Known = {}
    verify(load_text(SPEC), known=known)
    again = verify(load_text(SPEC.replace("linear: {out: 5}", "linear: {out: 6}")), known=known)
    assert len(again.rows) == 7
    assert again.agreed
    assert again.spent < verify(load_text(SPEC)).spent // 50


def test_a_million_equal_layers_are_looked_at_once() -> None:
    text = "name: long\ninput: [3, 4]\nlayers:\n  - relu\n    repeat: 1000000\n".replace("- relu\n", "- relu:\n")
    places = distinct(build(load_text(text)))
    assert [(place.path, place.layers) for place in places] == [("relu[0]", 1_000_000)]


def test_layers_that_no_output_needs_are_run_all_the_same() -> None:
    """Their weights are part of what is stated."""
    layers = "layers:\n  - relu:\n    name: main\n  - linear: {out: 2}\n    name: aux\n"
    text = f"name: two\ninput: [3, 4]\n{layers}output: main\n"
    assert [row.path for row in verify(load_text(text)).rows] == ["main", "aux"]


def test_bundled_specs_agree() -> None:
    """A taste of `costcalc verify --all`, which has a budget fifty times as large."""
    folder = Path(__file__).parents[2] / "specs"
    known: Known = {}
    for path in sorted(folder.rglob("*.yaml")):
        if path.parent.name == "blocks":
            continue
        verification = verify(load(path), budget=100_000, known=known)
        assert verification.agreed, [(row.path, row.differences) for row in verification.disagreements]
        assert verification.not_run == ()
