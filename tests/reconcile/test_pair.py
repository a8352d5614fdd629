"""Two conventions side by side: every line multiplies out, the columns add up, and a line says where it holds."""

from __future__ import annotations

from functools import cache
from itertools import combinations
from pathlib import Path

import pytest

import costcalc
from costcalc.conventions.load import load, names
from costcalc.cost.account import account
from costcalc.cost.model import Report
from costcalc.reconcile.pair import Comparison, between
from costcalc.spec.load import load_text

CONVENTIONS = [load(name) for name in names()]

# batch norms and relus as modules and as functions, with and without weights; an attention module inside another block
MIXED = """
input: [6, 8]
meta: {functional: [called, outer.called]}
blocks:
  multi_head_attention:
    - linear: {out: 8}
    - softmax
  transformer_encoder_layer:
    - multi_head_attention
    - relu
    - linear: {out: 8}
  outer:
    - relu
    - relu:
      name: called
layers:
  - linear: {out: 8}
  - transformer_encoder_layer
  - multi_head_attention
  - outer:
    repeat: 3
  - layer_norm
  - layer_norm: {affine: false}
  - relu:
    name: called
"""


@cache
def report(address: str) -> Report:
    spec = load_text(MIXED) if address == "mixed" else costcalc.load(address)
    return costcalc.estimate(costcalc.build(spec), batch=3 if address == "mixed" else 1)


def test_the_same_number_of_other_elements_is_another_line(tmp_path: Path) -> None:
    """Two relus of 128 elements: one table counts what the first takes in, the other what the second gives out."""
    spec = load_text("input: [128]\nmeta: {functional: [two]}\nlayers:\n  - relu: {}\n    name: one\n"
                     "  - relu: {}\n    name: two\n")  # fmt: skip
    counted = []
    for name, rule in (("a", "module_input_element"), ("b", "functional_output_element")):
        (tmp_path / f"{name}.yaml").write_text(f"unit: mac\nops: {{relu: {{{rule}: 1}}}}\n")
        counted.append(account(costcalc.estimate(costcalc.build(spec)), load(str(tmp_path / f"{name}.yaml"))))
    assert [(row.quantity, row.count, row.weights) for row in between(*counted)] == [
        ("input_element", 128, (1, 0)),
        ("output_element", 128, (0, 1)),
    ]


def test_a_line_says_where_the_others_are(tmp_path: Path) -> None:
    """A table that counts the relus of a block alone, beside one that counts none: there are others outside of it."""
    text = "input: [128]\nblocks: {unit: [relu]}\nlayers: [unit, relu]\n"
    counted = []
    for name, ops in (("a", "{linear: {mac: 1}}"), ("b", "{unit.relu: {input_element: 1}}")):
        (tmp_path / f"{name}.yaml").write_text(f"unit: mac\nops: {ops}\n")
        network = costcalc.estimate(costcalc.build(load_text(text)))
        counted.append(account(network, load(str(tmp_path / f"{name}.yaml"))))
    (row,) = between(*counted)
    assert (row.op, row.blocks, row.outside, row.count, row.weights) == ("relu", ("unit",), (), 128, (0, 1))


def test_a_line_says_that_it_is_about_functions() -> None:
    """ptflops counts the relu of a module twice, for it patches the function that the module calls."""
    spec = load_text("input: [128]\nmeta: {functional: [two]}\nlayers:\n  - relu: {}\n    name: one\n"
                     "  - relu: {}\n    name: two\n")  # fmt: skip
    found = costcalc.estimate(costcalc.build(spec))
    rows = between(account(found, load("fvcore")), account(found, load("ptflops")))
    assert [(row.called, row.count, row.weights) for row in rows] == [(False, 128, (0, 2)), (True, 128, (0, 1))]


@pytest.mark.parametrize("address", ["resnet50", "mobilenet_v2", "googlenet", "vit_b_16", "gpt2", "mixed"])
def test_lines_multiply_out_and_add_up_between_any_two(address: str) -> None:
    counted = [account(report(address), convention) for convention in CONVENTIONS]
    for first, second in combinations(counted, 2):
        rows = between(first, second)
        for row in rows:
            assert row.count
            assert row.weights != (0, 0)
            assert row.amounts == (row.count * row.weights[0], row.count * row.weights[1])
            assert row.difference == row.amounts[1] - row.amounts[0]
        assert sum(row.amounts[0] for row in rows) == first.total
        assert sum(row.amounts[1] for row in rows) == second.total
        told = [(row.op, row.blocks, row.quantity, row.weights) for row in rows]
        assert len(set(told)) == len(told)


def lines(address: str, first: str, second: str) -> list[Comparison]:
    return list(between(*(account(report(address), load(name)) for name in (first, second))))


@pytest.mark.parametrize(
    ("first", "second", "weights"),
    [
        ("thop", "ultralytics-thop", (0, 1)),
        ("torch", "torch-no-grad", (2, 0)),
        ("fvcore-no-grad", "fvcore", (0, 1)),
        ("keras", "torch", (0, 2)),
        ("thop", "onnx-tool", (0, 1)),
    ],
)
def test_the_linear_layers_of_attention_stand_apart(first: str, second: str, weights: tuple[int, int]) -> None:
    """By hand: four projections of 768 x 768 at 197 tokens in 12 layers; outside of them both count alike."""
    inside, outside = (row for row in lines("vit_b_16", first, second) if (row.op, row.quantity) == ("linear", "mac"))
    assert (inside.blocks, inside.count, inside.weights) == (
        ("multi_head_attention",), 4 * 768 * 768 * 197 * 12, weights
    )  # fmt: skip
    # two of 768 x 3,072 each, and the head
    assert (outside.blocks, outside.count) == ((), 2 * 768 * 3072 * 197 * 12 + 768 * 1000)
    assert len(set(outside.weights)) == 1


def test_a_line_names_no_block_where_the_op_counts_alike_everywhere() -> None:
    """ptflops has rules of its own for attention, which count the biases there as all others."""
    biases = [row for row in lines("vit_b_16", "costcalc", "ptflops") if row.quantity == "bias_add"]
    assert [(row.op, row.blocks, row.weights) for row in biases] == [("conv", (), (0, 1)), ("linear", (), (0, 1))]


def test_modules_and_functions_are_two_lines() -> None:
    """Of 48 elements in each of 3 items: three relus as modules, four as functions; a transformer's is not seen."""
    found = [row for row in lines("mixed", "torch", "ptflops") if row.op == "relu"]
    assert {(row.weights, row.count) for row in found} == {((0, 2), 3 * 3 * 48), ((0, 1), 4 * 3 * 48)}


def test_blocks_that_only_one_of_two_tells_apart(tmp_path: Path) -> None:
    """Linear layers of 6 x 8 x 8 products: one outside, one in the outer block, two in attention, one of them nested."""
    (tmp_path / "house.yaml").write_text("like: torch\nops: {outer: {}, multi_head_attention.linear: {mac: 3}}\n")
    house, torch = (account(report("mixed"), load(name)) for name in (str(tmp_path / "house.yaml"), "torch"))
    rows = [row for row in between(torch, house) if row.op == "linear"]
    assert [(row.blocks, row.weights, row.count) for row in rows] == [
        ((), (2, 2), 3 * 2 * 384),
        (("multi_head_attention",), (2, 3), 3 * 2 * 384),
    ]
    rows = [row for row in between(house, account(report("mixed"), load("torch-no-grad"))) if row.op == "linear"]
    assert [(row.blocks, row.weights, row.count) for row in rows] == [
        ((), (2, 2), 3 * 384),
        (("multi_head_attention",), (3, 0), 3 * 2 * 384),
        (("transformer_encoder_layer",), (2, 0), 3 * 384),
    ]
