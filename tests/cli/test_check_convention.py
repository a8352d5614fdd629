"""`costcalc check --convention`: budgets on another tool's number. ResNet-50's totals are those that the tools print."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import xmlschema
from click.testing import CliRunner, Result

from costcalc.cli import group
from tests.cli.test_schemas import HERE, schema

if TYPE_CHECKING:
    from tests.cli.conftest import Scratch

# By hand: 3 channels at 9 x 9, a 3x3 convolution to 4 channels without padding, so 7 x 7 positions; then a ReLU.
SPEC = "input: [3, 9, 9]\nlayers:\n  - conv: {out: 4, kernel: 3, bias: false}\n    name: stem\n  - relu\n"
MACS = 4 * 7 * 7 * 3 * 3 * 3
ELEMENTS = 4 * 7 * 7


def check(*arguments: str) -> Result:
    return CliRunner().invoke(group, ["check", *arguments], standalone_mode=False)


def judged(*arguments: str) -> dict[str, Any]:
    """The one judgement that is not of what the spec expects."""
    verdict = json.loads(check(*arguments, "--format", "json").stdout)
    jsonschema.validate(verdict, schema("check"))
    (found,) = [item for item in verdict["judgements"] if item["kind"] != "expect"]
    return found


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No configuration above."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.yaml").write_text(SPEC)


@pytest.mark.parametrize(
    ("name", "metric", "total"),
    [
        ("ptflops", "macs", 4_132_436_968),
        ("fvcore", "macs", 4_111_512_576),
        ("torch", "flops", 8_178_368_512),
        ("fvcore-activations", "activations", 11_114_984),
    ],
)
def test_a_limit_decides_on_the_tools_number(name: str, metric: str, total: int) -> None:
    """The very number passes, one less does not (versions of the tools in their tables, torchvision's ResNet-50)."""
    assert check("resnet50", "--convention", name, "--limit", f"{metric}={total}").return_value == 0
    assert check("resnet50", "--convention", name, "--limit", f"{metric}={total - 1}").return_value == 1


@pytest.mark.parametrize(
    ("name", "metric", "counts", "instead"),
    [
        ("torch", "macs", "FLOPs", "flops"),
        ("thop", "flops", "MACs", "macs"),
        ("fvcore-activations", "macs", "activations", "activations"),
    ],
)
def test_a_limit_in_another_unit_is_not_judged(name: str, metric: str, counts: str, instead: str) -> None:
    """Neither twice nor half of what a tool prints is its number: exit 3, and which metric to limit."""
    result = check("net.yaml", "--convention", name, "--limit", f"{metric}=1G", "--limit", "params=1k")
    assert result.return_value == 3
    assert f"--limit: error: {name} counts {counts}: it has no {metric} to judge" in result.stderr
    assert f"with this convention limit '{instead}'" in result.stderr
    assert "1 network, 1 judgement: 1 passed, 0 failed; 1 problem" in result.stdout


def test_a_limit_of_the_configuration_in_another_unit_is_located(tmp_path: Path) -> None:
    """The line of the file is told."""
    budget = "budgets:\n  - name: small\n    specs: net.yaml\n    limits:\n      macs: 6k\n"
    (tmp_path / "costcalc.yaml").write_text(budget)
    result = check("--convention", "torch")
    assert result.return_value == 3
    assert "costcalc.yaml:5:13: error: torch counts FLOPs: it has no macs to judge" in result.stderr


def test_every_output_says_whose_number_it_is() -> None:
    """A number of thop is never called costcalc's, and what thop leaves out is told: no ReLU."""
    asked = ("net.yaml", "--convention", "thop", "--limit", "macs=5k")
    text = check(*asked)
    assert "thop MACs of net" in text.stdout
    assert "thop MACs (a multiply-add is 1), as in thop 0.1.1 (Lyken17): " in text.stdout
    assert text.stderr == ""
    for form in ("markdown", "github", "junit", "sarif"):
        assert "thop MACs" in check(*asked, "--format", form).stdout
    found = json.loads(check(*asked, "--format", "json").stdout)
    jsonschema.validate(found, schema("check"))
    assert found["convention"]["name"] == "thop"
    assert found["judgements"][0]["convention"] == "thop"
    assert found["judgements"][0]["value"] == MACS


def test_what_a_convention_leaves_out_is_told() -> None:
    """In thop's ViT attention is not seen, nor additions and GELU; it is told once of networks that are alike in it."""
    asked = ("vit_b_16", "vit_l_16", "--convention", "thop", "--limit", "macs=100G")
    gaps = (
        "add, gelu; linear, scaled_dot_product_attention in multi_head_attention "
        "(has no rule, and calls its projections as functions)."
    )
    said = f"Not counted by thop in vit_b_16, vit_l_16: {gaps}"
    assert said in check(*asked).stdout
    assert said in check(*asked, "--format", "markdown").stdout
    suite = ET.fromstring(check(*asked, "--format", "junit").stdout).find("testsuite")  # noqa: S314  written here
    notes = [item.attrib["value"] for item in suite.iter("property") if item.attrib["name"] == "convention"]
    assert f"Not counted by thop in vit_b_16: {gaps}" in notes
    verdict = json.loads(check(*asked, "--format", "json").stdout)
    assert {"add", "gelu"} <= set(verdict["models"][0]["not_counted"])


def test_junit_and_sarif_stay_valid() -> None:
    """With the properties and notes that name the convention."""
    asked = ("net.yaml", "--convention", "torch", "--limit", "flops=5k")
    xmlschema.validate(check(*asked, "--format", "junit").stdout, str(HERE / "junit.xsd"))
    log = json.loads(check(*asked, "--format", "sarif").stdout)
    jsonschema.validate(log, json.loads((HERE / "sarif.schema.json").read_text()))


def test_why_multiplies_what_the_convention_counts() -> None:
    """The products stand in the line, and their weights: 2 a multiply-add in torch, 1 an output in fvcore's count."""
    why = check("net.yaml", "--convention", "torch", "--limit", "flops=1M", "--why").stdout
    assert f"stem: conv 2 x {MACS:,} mac (4 * 7*7 * (3 / 1) * 3*3) = {2 * MACS:,} torch FLOPs" in why
    why = check("net.yaml", "--convention", "fvcore-activations", "--limit", "activations=1M", "--why").stdout
    assert f"stem: conv 1 x {ELEMENTS} output_element = {ELEMENTS} fvcore-activations activations" in why


def test_what_a_spec_expects_is_costcalcs_own_number() -> None:
    """`expect` is of costcalc's MACs: it is judged, and explained, by these."""
    done = check("bottleneck", "--convention", "ptflops", "--limit", "macs=1G", "--why")
    assert done.return_value == 0
    assert "218,365,952 is exactly the expected 218,365,952" in done.stdout
    assert "body.conv_2: conv 64 * 56*56 * (64 / 1) * 3*3 = 115,605,504 MACs" in done.stdout


def test_a_number_that_is_not_whole_is_compared_exactly(tmp_path: Path) -> None:
    """A fifth of 5,292 is 1,058 2/5: more than 1,058 and less than 1,059."""
    (tmp_path / "fifth.yaml").write_text("unit: mac\ndescribes: a fifth\nops: {conv: {mac: 1/5}}\n")
    asked = ("net.yaml", "--convention", "./fifth.yaml")
    assert check(*asked, "--limit", "macs=1059").return_value == 0
    assert check(*asked, "--limit", "params=1k").return_value == 0
    found = judged(*asked, "--limit", "macs=1058")
    assert (found["status"], found["value"], found["over"]) == ("fail", "5292/5", "2/5")
    assert "1,058 2/5 is 2/5 over max 1,058 (1058)" in check(*asked, "--limit", "macs=1058").stdout


def test_a_share_of_a_number_that_is_not_whole_is_exact(tmp_path: Path) -> None:
    """A fifth of 5,292 is all of the network: 99.99 % of it is 1,058.29416, which 1,058.4 exceeds."""
    (tmp_path / "fifth.yaml").write_text("unit: mac\ndescribes: a fifth\nops: {conv: {mac: 1/5}}\n")
    budget = "budgets: [{name: part, specs: net.yaml, blocks: stem, limits: {macs: {share: %s}}}]\n"
    for share, code in (("99.99%", 1), ("100%", 0)):
        (tmp_path / "costcalc.yaml").write_text(budget % share)
        assert check("--convention", "./fifth.yaml").return_value == code


def test_a_block_may_be_in_one_of_the_networks(tmp_path: Path) -> None:
    """A table that mentions a block of ResNet judges VGG beside it; where no network has it, it is a mistake."""
    table = "unit: mac\ndescribes: ours\nlike: paper\nops: {bottleneck_block.relu: {input_element: 1}}\n"
    (tmp_path / "house.yaml").write_text(table)
    asked = ("--convention", "./house.yaml", "--limit", "macs=50G")
    assert check("resnet50", "vgg16", *asked).return_value == 0
    error = check("vgg16", *asked).exception
    assert "'bottleneck_block' is neither an op nor a block" in str(error)


def test_growth_is_counted_by_the_convention_since_a_commit(scratch: Scratch) -> None:
    """One channel more is 7 * 7 * 3 * 3 * 3 multiply-adds, which torch counts twice."""
    scratch.write("net.yaml", SPEC)
    scratch.commit("four channels")
    scratch.change("net.yaml", "out: 4", "out: 5")
    limits = ("--limit", "flops.grow=0", "--limit", "flops=1M")
    done = scratch("check", "net.yaml", "--convention", "torch", *limits, "--base", "HEAD")
    assert done.returncode == 1
    assert f"{10 * MACS // 4:,} is {MACS // 2:,} over {2 * MACS:,}, which is 0 more than {2 * MACS:,}" in done.stdout
    assert f"layers: stem +{MACS // 2:,}" in done.stdout


def test_growth_since_a_lock_is_not_judged_by_another_count(scratch: Scratch) -> None:
    """A lock has costcalc's numbers: the ceiling is judged, growth is not, and that is no pass. Params are as ever."""
    scratch.write("net.yaml", SPEC)
    limits = "{macs: {max: 6k, grow: 5%}, params: {grow: 0}}"
    budgets = f"budgets: [{{name: small, specs: net.yaml, limits: {limits}}}]"
    scratch.write("costcalc.yaml", f"lock: costs.lock.json\n{budgets}\n")
    assert scratch("check", "--update").returncode == 0
    done = scratch("check", "--convention", "thop", "--format", "json")
    assert done.returncode == 3
    statuses = {(item["metric"], item["kind"]): item["status"] for item in json.loads(done.stdout)["judgements"]}
    assert statuses == {("macs", "max"): "pass", ("macs", "grow"): "skipped", ("params", "grow"): "pass"}
    assert "costs.lock.json has costcalc's count, not that of thop: compare with a git revision" in done.stderr
    done = scratch("check", "--update", "--convention", "thop")
    assert done.returncode == 2
    assert "--update writes what costcalc itself counts: it takes no --convention" in done.stderr
