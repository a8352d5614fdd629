"""What tools print for four networks, to the last digit, and totals that add up for every network there is."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import pytest

import costcalc
from costcalc.conventions.load import load, names
from costcalc.cost.account import Account, account
from costcalc.cost.model import Report
from costcalc.spec.find import bundled, bundled_variants
from costcalc.spec.load import load_text

# Printed by the tools themselves (versions as in the tables) for torchvision's networks at 224 x 224 and batch 1, with
# torch 2.15 on a CPU. GoogLeNet without auxiliary heads, pycls from its own stored file and, for ViT, its formulas;
# ptflops-without-double-count from the formulas of ptflops, and as issues rounded it then.
# Swin, MaxViT and ConvNeXt with torch 2.13.0, torchvision 0.28.0 (Swin V2 at 256 x 256), DeepSpeed 0.19.8, and torchinfo
# 1.8.0 with a linear layer counted at every position. MaxViT's attention is an einsum, which is a matmul in its spec:
# calflops and DeepSpeed count its FLOPs and no MACs, and fvcore reads them off a rounded text (5,608,201,264).
with (Path(__file__).parent / "totals.csv").open(encoding="utf-8") as file:
    TOTALS = [
        (row["convention"], name, int(number))
        for row in csv.DictReader(file)
        for name, number in row.items()
        if name != "convention" and number
    ]


@cache
def report(address: str) -> Report:
    return costcalc.estimate(costcalc.build(costcalc.load(address)))


@pytest.mark.parametrize(("convention", "name", "total"), TOTALS)
def test_totals_of_the_tools(convention: str, name: str, total: int) -> None:
    assert account(report(name), load(convention)).total == total


def test_every_bundled_convention_is_held_to_a_number() -> None:
    """Keras and netscope have tests of their own; a batch of 2 is in the probes."""
    held = {convention for convention, _, _ in TOTALS}
    assert held | {"keras", "netscope", "ptflops-aten-batched"} == set(names())


def test_netscope_on_its_own_presets() -> None:
    """Caffe's variants: ResNet-50 with the stride on the 1x1 and its Scale layers; GoogLeNet on 227 x 227."""
    assert account(report("resnet50_v1"), load("netscope")).total == 3_868_560_384
    paper = costcalc.build(costcalc.load("googlenet_paper"), input={"input": (3, 227, 227)})
    assert account(costcalc.estimate(paper), load("netscope")).total == 1_604_042_752


def test_keras_by_hand() -> None:
    """MobileNet V2: 2 x 300,774,272; a bias of 1,000; batch norm 2 x 6,678,112 and 6 x 17,056 channels; 72,128 sums.

    ReLU6 counts nothing, the mean 62,720. The sums are 10 residual blocks: 2 x 24 x 56^2 / 2 = 75,264 for the first,
    2 x 32 x 28^2 = 50,176, 3 x 64 x 14^2 = 37,632, 2 x 96 x 14^2 = 37,632, 2 x 160 x 7^2 = 15,680.
    """
    sums = 24 * 56**2 + 2 * 32 * 28**2 + 3 * 64 * 14**2 + 2 * 96 * 14**2 + 2 * 160 * 7**2
    by_hand = 2 * 300_774_272 + 1_000 + 2 * 6_678_112 + 6 * 17_056 + sums + 62_720
    assert account(report("mobilenet_v2"), load("keras")).total == by_hand


@pytest.mark.parametrize(
    ("address", "convention", "total"),
    [
        ("gpt2", "thop", 2_475_147_264),
        ("gpt2", "torch-2.13", 15_812_100_096),
        ("gpt2", "ptflops-aten", 7_911_358_464),
        ("bert_base", "thop", 5_441_323_008),
        ("bert_base", "torch-2.13", 10_872_815_616),
        ("bert_base", "ptflops-aten", 5_441_716_992),
    ],
)
def test_totals_for_language_models_of_transformers(address: str, convention: str, total: int) -> None:
    """Printed for GPT2LMHeadModel and BertModel of transformers 4.57.6, torch 2.13.0, 64 tokens.

    GPT-2's projections are Conv1D, which thop does not know: its total is the head, 64 x 768 x 50,257, and 25 norms of
    4 x 64 x 768.
    """
    short = costcalc.estimate(costcalc.build(costcalc.load(address), {"sequence": 64}))
    assert account(short, load(convention)).total == total


def test_the_batch_is_counted_for_every_item() -> None:
    """All but what is counted once: six operations a channel in Keras' batch norm."""
    graph = costcalc.build(costcalc.load("resnet50"))
    one, three = (costcalc.estimate(graph, batch) for batch in (1, 3))
    assert account(three, load("thop")).total == 3 * 4_133_742_592
    once = 6 * 26_560
    assert account(three, load("keras")).total == 3 * (account(one, load("keras")).total - once) + once


ADDRESSES = [*bundled(), *bundled_variants()]


@pytest.mark.parametrize("address", ADDRESSES)
def test_terms_add_up_to_the_total(address: str) -> None:
    """For every bundled network and convention; and so do the layers, the blocks at every depth, and costcalc's own."""
    found = report(address)
    rows = [list(found.rows(depth)) for depth in (None, 1, 2)]
    for name in names():
        counted = account(found, load(name))
        assert counted.total == sum(term.amount for term in counted.terms)
        for some in rows:
            assert counted.total == sum(map(counted.of, some))
    assert account(found, load("costcalc")).total == found.totals.macs


def counted_in(address: str, convention: str) -> Account:
    return account(report(address), load(convention))


@pytest.mark.parametrize(
    ("convention", "missing"),
    [
        # what fvcore warns about when it runs, as ops: aten::max_pool2d, aten::add_; aten::hardtanh_, aten::add
        ("fvcore", {"resnet50": {"max_pool", "add"}, "mobilenet_v2": {"relu6", "add"}}),
        # what has no hook, or is called as a function
        ("thop", {"resnet50": {"add"}, "mobilenet_v2": {"add", "global_avg_pool"}}),
        ("costcalc", {"resnet50": set(), "vit_b_16": set()}),
        ("torch-2.13", {"vit_b_16": {"add", "layer_norm", "gelu", "scaled_dot_product_attention"}}),
    ],
)
def test_what_is_not_counted_is_listed(convention: str, missing: dict[str, set[str]]) -> None:
    for address, ops in missing.items():
        assert {gap.op for gap in counted_in(address, convention).not_counted} == ops


def test_reasons_of_what_is_not_counted() -> None:
    gaps = {gap.op: gap.reason for gap in counted_in("mobilenet_v2", "thop").not_counted}
    assert gaps == {"add": "", "global_avg_pool": "called as a function"}
    assert {gap.op: gap.reason for gap in counted_in("resnet50", "ptflops").not_counted} == {
        "add": "not called as a function"
    }
    assert {gap.op: gap.reason for gap in counted_in("vit_b_16", "torch-2.13").not_counted}[
        "scaled_dot_product_attention"
    ] == "the kernel for CPUs has no formula in this version"


@pytest.mark.parametrize("address", ["vit_b_16", "swin_t", "gpt2", "resnet50", "mixtral_8x7b", "mamba_130m", "unet"])
def test_multiply_adds_that_are_not_counted_are_listed(address: str) -> None:
    """Of every op under every convention that counts work, unless it takes another number for the multiply-adds."""
    for name in names():
        found = counted_in(address, name)
        if found.convention.unit == "activation":
            continue
        work = dict.fromkeys((term.op for term in counted_in(address, "costcalc").terms), 0)
        for term in counted_in(address, "costcalc").terms:
            work[term.op] += term.count
        for term in found.terms:
            if term.op in work and f"_{term.quantity}".endswith("_mac"):
                work[term.op] -= term.count
        missing = {op for op, count in work.items() if count > 0}
        assert missing <= {gap.op for gap in found.not_counted}, name


def test_attention_that_is_not_seen_is_listed_where_it_stands() -> None:
    for name in (
        "fvcore-no-grad",
        "thop",
        "torchinfo",
        "torch-no-grad",
        "ptflops-aten-no-grad",
        "mmengine-no-grad",
        "keras",
    ):
        gaps = {gap.key: gap.reason for gap in counted_in("vit_b_16", name).not_counted}
        for op in ("linear", "scaled_dot_product_attention"):
            assert gaps[f"multi_head_attention.{op}"]
        assert "linear" not in gaps


def test_further_profiles_of_deepspeed_count_the_operator_again_and_not_the_function() -> None:
    """`_reload_tensor_methods` puts torch.matmul back, and not Tensor.__matmul__. By hand: 5 x 4 x 3 products each."""
    text = "input: [5, 4]\nlayers: [matmul: {left: [], right: [parameter: {shape: [4, 3]}]}]\n"
    for meta, wanted in (("", [60, 120, 180]), ("meta: {functional: [matmul]}\n", [60, 60, 60])):
        found = costcalc.estimate(costcalc.build(load_text(meta + text)))
        tables = ("deepspeed-macs", "deepspeed-macs-second-profile", "deepspeed-macs-third-profile")
        assert [account(found, load(name)).total for name in tables] == wanted
