"""`costcalc reconcile`, and `--convention` where another command takes it.

The expected totals are what the tools print for torchvision's networks (see tests/conventions/totals.csv).
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from costcalc.report.schemas import schema

ROOT = Path(__file__).resolve().parent.parent.parent


def costcalc(*arguments: str, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a process of its own, away from a terminal."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    if "FORCE_COLOR" not in environment:
        env.pop("FORCE_COLOR", None)
    command = [sys.executable, "-m", "costcalc", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd, env=env, timeout=120)


def lines(*arguments: str) -> list[str]:
    done = costcalc(*arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def as_json(*arguments: str) -> Any:
    return json.loads(costcalc(*arguments, "--format", "json").stdout)


def test_one_line_a_tool() -> None:
    printed = lines("reconcile", "resnet50")
    (fvcore,) = (line for line in printed if line.startswith("fvcore"))
    assert re.split(r"  +", fvcore) == [
        "fvcore, fvcore-no-grad",
        "4,111,512,576",
        "4.11 G",
        "MACs",
        "+22,328,320",
        "+22,227,968 batch_norm, 2 per input element; +100,352 global_avg_pool, 1 per input element; no bias; "
        "not counted: max_pool, add",
    ]
    (torch,) = (line for line in printed if line.startswith("torch,"))
    assert "FLOPs  +4,089,184,256  +4,089,184,256 conv and linear, 2 per multiply-add; no bias" in torch


def test_json_has_every_term_and_they_add_up() -> None:
    found = as_json("reconcile", "mobilenet_v2")
    assert found["format"] == "costcalc.reconciliation/1"
    assert found["macs"] == 300_774_272
    totals = {}
    for convention in found["conventions"]:
        assert sum(term["amount"] for term in convention["terms"]) == convention["total"]
        assert sum(item["amount"] for item in convention["differences"]) == convention["difference"]
        assert found["macs"] + convention["difference"] == convention["total"]
        totals |= dict.fromkeys((convention["name"], *convention["same"]), convention["total"])
    assert totals["thop"] == 327_486_720
    assert totals["onnx-tool"] == 520_292_552
    assert totals["fvcore-no-grad"] == 314_193_216


def test_csv_and_markdown() -> None:
    rows = list(csv.DictReader(io.StringIO(costcalc("reconcile", "resnet50", "--format", "csv").stdout)))
    assert {row["convention"]: int(row["total"]) for row in rows}["thop"] == 4_133_742_592
    assert {row["convention"]: int(row["difference"]) for row in rows}["thop"] == 4_133_742_592 - 4_089_184_256
    assert "| thop | 4,133,742,592 |" in costcalc("reconcile", "resnet50", "--format", "markdown").stdout


def test_a_narrow_terminal_cuts_no_number() -> None:
    number = re.compile(r"\d{1,3}(?:,\d{3})+")
    wide = costcalc("reconcile", "resnet50").stdout
    narrow = costcalc("reconcile", "resnet50", FORCE_COLOR="1", NO_COLOR="1", TERM="xterm", COLUMNS="60").stdout
    assert "…" not in narrow
    assert set(number.findall(wide)) <= set(number.findall(narrow))


def test_between_two() -> None:
    """thop counts a batch norm 4 an element and fvcore 2; and the outputs of the pool."""
    printed = lines("reconcile", "resnet50", "--between", "fvcore", "thop")
    assert printed[1] == (
        "thop says 22,230,016 more than fvcore: +22,227,968 batch_norm (4 per input element, not 2); "
        "+2,048 global_avg_pool (1 per output element, not 0)."
    )
    (total,) = (line for line in printed if line.startswith("Total"))
    assert re.split(r"  +", total) == ["Total", "4,111,512,576", "4,133,742,592", "+22,230,016"]
    assert any(line.startswith("fvcore MACs (a multiply-add is 1), as in fvcore 0.1.5") for line in printed)
    assert "Not counted by thop: add." in printed
    found = as_json("reconcile", "resnet50", "--between", "fvcore", "thop")
    assert found["difference"] == sum(term["difference"] for term in found["terms"]) == 22_230_016


def test_between_says_which_block_and_how_often() -> None:
    """Four projections of 768 x 768 at 197 tokens in 12 layers, which thop does not see."""
    count = 12 * 197 * 4 * 768 * 768
    printed = lines("reconcile", "vit_b_16", "--between", "thop", "ultralytics-thop")
    assert f"+{count:,} linear in multi_head_attention (1 per multiply-add, not 0); " in printed[1]
    found = as_json("reconcile", "vit_b_16", "--between", "thop", "ultralytics-thop")
    (row,) = (term for term in found["terms"] if term["blocks"])
    assert row == {
        "op": "linear",
        "blocks": ["multi_head_attention"],
        "outside": [],
        "called_as_function": False,
        "quantity": "mac",
        "count": count,
        "weights": [0, 1],
        "amounts": [0, count],
        "difference": count,
    }
    (rest,) = (term for term in found["terms"] if term["outside"])
    assert (rest["op"], rest["outside"]) == ("linear", ["multi_head_attention"])
    assert found["not_counted"][1] == ["add", "gelu"]
    assert set(found["reasons"][0]) == {
        "multi_head_attention.linear", "multi_head_attention.scaled_dot_product_attention"
    }  # fmt: skip
    assert found["reasons"][1] == {}


def test_reasons_stand_beside_what_is_not_counted() -> None:
    (line,) = (line for line in lines("reconcile", "vit_b_16", "--convention", "thop") if line.startswith("thop"))
    reason = "has no rule, and calls its projections as functions"
    assert "linear in multi_head_attention and scaled_dot_product_attention, multiply-adds not counted" in line
    assert line.endswith(
        f"; not counted: add, gelu; linear, scaled_dot_product_attention in multi_head_attention ({reason})"
    )
    (found,) = as_json("reconcile", "vit_b_16", "--convention", "thop")["conventions"]
    assert found["reasons"]["multi_head_attention.linear"] == reason
    assert "multi_head_attention.linear" in found["not_counted"]


def test_what_a_multiply_add_counts_is_taken_from_the_rules(tmp_path: Path) -> None:
    for text, wanted in (
        ("unit: mac\nops: {conv: {mac: 2}, linear: {mac: 2}}", "a multiply-add is 2"),
        (
            "unit: mac\nops: {conv: {mac: 1}, linear: {module_mac: 1}, matmul: {mac: 2}}",
            "a multiply-add is 1, in places 2",
        ),
        ("unit: flop\nops: {relu: {output_element: 1}}", "no multiply-adds"),
        ("like: fvcore-activations", "elements"),
    ):
        (tmp_path / "house.yaml").write_text(text)
        done = costcalc("show", "resnet18", "--convention", "./house.yaml", cwd=tmp_path)
        assert f"({wanted}), as in " in done.stdout


def test_between_the_same() -> None:
    assert lines("reconcile", "resnet50", "--between", "calflops", "deepspeed")[1] == (
        "deepspeed and calflops say the same."
    )


def test_between_one_and_itself_is_misuse() -> None:
    done = costcalc("reconcile", "resnet50", "--between", "thop", "thop")
    assert done.returncode == 2
    assert "--between takes two conventions, and both are thop" in done.stderr
    done = costcalc("reconcile", "resnet50", "--between", "thop", "fvcore", "--convention", "paper")
    assert done.returncode == 2


@pytest.mark.parametrize(
    ("claim", "first"),
    [
        ("4.12G", ["4,121,925,096", "4.12 G", "+1,925,096", "rounded", "ptflops-without-double-count", "resnet50"]),
        ("8.2G", ["8,211,108,352", "8.21 G", "+11,108,352", "rounded", "calflops, deepspeed", "resnet50"]),
    ],
)
def test_claims(claim: str, first: list[str]) -> None:
    printed = lines("reconcile", "resnet50", "--claim", claim)
    assert re.split(r"  +", printed[5].strip())[:6] == first


def test_the_claim_of_the_paper() -> None:
    printed = lines("reconcile", "resnet50", "--claim", "3.8G")
    assert printed[5].startswith("3,857,973,248  3.86 G  +57,973,248  cut off  paper, costcalc")
    assert "resnet50_v1" in printed[5]
    assert "resnet50_v1: ResNet-50 with the stride on the first 1x1, as in the paper." in printed
    found = as_json("reconcile", "resnet50", "--claim", "3.8G")
    assert found["format"] == "costcalc.claim/1"
    assert found["candidates"][0]["variant"] == "resnet50_v1"
    assert found["candidates"][0]["changes"] == ["variant"]


def test_a_claim_of_doubled_numbers_names_them() -> None:
    found = as_json("reconcile", "resnet50", "--claim", "8.2G")
    named = {name for candidate in found["candidates"] for name in candidate["conventions"]}
    assert named == {"keras", "calflops", "deepspeed", "torch"}


def test_a_claim_that_nobody_makes() -> None:
    printed = lines("reconcile", "resnet50", "--claim", "1.234567G")
    assert printed[2] == "Nobody says 1.234567G, at this or another usual resolution or variant; the nearest"


def test_only_some_and_one_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "house.yaml").write_text("like: thop\ndescribes: ours\nops: {add: {add: 1}}\n")
    done = costcalc("reconcile", "resnet50", "--convention", "thop", "--convention", "./house.yaml", cwd=tmp_path)
    assert [line.split()[:2] for line in done.stdout.splitlines()[5:7]] == [
        ["thop", "4,133,742,592"],
        ["house", "4,139,261,952"],  # and 5,519,360 sums of residual blocks
    ]


def test_tables_of_one_name_are_told_apart(tmp_path: Path) -> None:
    """1,813,561,344 multiply-adds of convolutions and 512,000 of the head, by one weight each."""
    for folder, weight in (("a", 1), ("b", 2)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "house.yaml").write_text(f"unit: mac\nops: {{conv: {{mac: {weight}}}}}\n")
    (tmp_path / "thop.yaml").write_text("unit: mac\nops: {linear: {mac: 1}}\n")
    chosen = ("./a/house.yaml", "./b/house.yaml", "./thop.yaml", "thop")
    options = [word for name in chosen for word in ("--convention", name)]
    done = costcalc("reconcile", "resnet18", *options, "--format", "csv", cwd=tmp_path)
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert {row["convention"]: int(row["total"]) for row in rows} == {
        "./thop.yaml": 512_000,
        "./a/house.yaml": 1_813_561_344,
        "thop": 1_824_033_792,
        "./b/house.yaml": 2 * 1_813_561_344,
    }
    done = costcalc("reconcile", "resnet18", "--between", "./a/house.yaml", "./b/house.yaml", cwd=tmp_path)
    assert done.stdout.splitlines()[1].startswith("./b/house.yaml says 1,813,561,344 more than ./a/house.yaml: ")
    assert "./a/house.yaml MACs (a multiply-add is 1), as in ./a/house.yaml." in done.stdout.splitlines()


def test_two_bad_tables_are_both_told(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text("unit: mac\nops: {conv: 1}\n")
    done = costcalc("reconcile", "resnet18", "--between", "./one.yaml", "./two.yaml", cwd=tmp_path)
    assert done.returncode == 3
    assert done.stderr.count("error: the rule of 'conv' is a mapping, not a single value") == 2


def test_show_has_the_number_its_unit_its_definition_and_what_is_missing() -> None:
    printed = lines("show", "resnet50", "--depth", "1", "--convention", "fvcore")
    (header,) = (line for line in printed if line.startswith("Layer  "))
    assert header.endswith("fvcore MACs")
    assert any(re.split(r"  +", line) == ["fvcore MACs", "4,111,512,576", "4.11 G"] for line in printed)
    assert any(
        line.startswith("fvcore MACs (a multiply-add is 1), as in fvcore 0.1.5.post20221221") for line in printed
    )
    assert "Not counted by fvcore: max_pool, add." in printed
    (total,) = (line for line in printed if line.startswith("Total  "))
    assert total.endswith("4,111,512,576")


@pytest.mark.parametrize("arguments", [[], ["--depth", "2"], ["--top", "3"], ["--sort", "params"]])
def test_the_column_of_a_convention_adds_up(arguments: list[str]) -> None:
    printed = costcalc("show", "vit_b_16", "--convention", "onnx-tool", "--format", "csv", *arguments).stdout
    rows = list(csv.DictReader(io.StringIO(printed)))
    assert sum(int(row["onnx_tool_macs"]) for row in rows) == 17_866_375_103


def test_compare_has_it_too() -> None:
    printed = lines("compare", "resnet50", "mobilenet_v2", "--summary", "--convention", "torch")
    wanted = ["torch FLOPs", "8,178,368,512", "8.18 G", "601,548,544", "601.5 M", "0.074x"]
    assert wanted in [re.split(r"  +", line) for line in printed]
    assert "Not counted by torch in mobilenet_v2: batch_norm, relu6, add, global_avg_pool." in printed
    found = as_json("compare", "resnet50", "mobilenet_v2", "--convention", "torch")
    assert [report["convention"]["total"] for report in found["reports"]] == [8_178_368_512, 601_548_544]
    assert found["ratios"]["convention"] == [1.0, 601_548_544 / 8_178_368_512]


def test_json_of_a_report() -> None:
    found = as_json("show", "mobilenet_v2", "--convention", "thop")
    assert found["convention"]["name"] == "thop"
    assert found["convention"]["unit"] == "mac"
    assert found["convention"]["describes"] == "thop 0.1.1 (Lyken17)"
    assert found["convention"]["total"] == 327_486_720
    assert sum(term["amount"] for term in found["convention"]["terms"]) == 327_486_720
    assert found["not_counted"] == ["add", "global_avg_pool"]
    assert found["convention"]["reasons"] == {"global_avg_pool": "called as a function"}
    assert sum(layer["counted"] for layer in found["layers"]) == 327_486_720


def test_json_without_a_convention_is_costcalcs_own() -> None:
    found = as_json("show", "mobilenet_v2")
    assert found["convention"] == {"name": "costcalc", "unit": "mac", "total": 300_774_272}
    assert found["not_counted"] == []
    assert "counted" not in found["layers"][0]


def test_a_total_that_is_not_whole_is_shown_exactly(tmp_path: Path) -> None:
    (tmp_path / "house.yaml").write_text("unit: mac\nops: {linear: {bias_add: 1 / 3}}\n")
    done = costcalc("show", "resnet50", "--convention", "./house.yaml", cwd=tmp_path)
    assert ["house MACs", "333 1/3", "333"] in [re.split(r"  +", line) for line in done.stdout.splitlines()]
    done = costcalc("show", "resnet50", "--convention", "./house.yaml", "--format", "json", cwd=tmp_path)
    assert json.loads(done.stdout)["convention"]["total"] == "1000/3"


@pytest.mark.parametrize("command", [["show", "resnet50"], ["compare", "resnet50", "resnet18"]])
def test_an_unknown_convention_is_misuse(command: list[str]) -> None:
    done = costcalc(*command, "--convention", "fvcor")
    assert done.returncode == 2
    assert "there is no convention 'fvcor': did you mean 'fvcore'?" in done.stderr
    assert costcalc("reconcile", "resnet50", "--between", "thop", "nothing-like-it").returncode == 2


@pytest.mark.parametrize("claim", ["abc", "0G", "-3G"])
def test_a_claim_that_is_no_number_is_misuse(claim: str) -> None:
    assert costcalc("reconcile", "resnet50", f"--claim={claim}").returncode == 2
    assert costcalc("reconcile", "resnet50", "--claim", "4G", "--between", "thop", "fvcore").returncode == 2


def test_a_bad_table_is_a_problem_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "house.yaml").write_text("unit: mac\nops:\n  convv: {mac: 1}\n")
    for command in (["show", "resnet50"], ["compare", "resnet50", "resnet18"], ["reconcile", "resnet50"]):
        done = costcalc(*command, "--convention", "./house.yaml", cwd=tmp_path)
        assert done.returncode == 3
        assert done.stdout == ""
        assert done.stderr.splitlines() == [
            "./house.yaml:3:3: error: 'convv' is neither an op nor a block of the network",
            "  |",
            "3 |   convv: {mac: 1}",
            "  |   ^^^^^ did you mean 'conv'?",
        ]
    done = costcalc("show", "resnet50", "--convention", "./nothing.yaml", cwd=tmp_path)
    assert done.returncode == 3
    assert "./nothing.yaml: error: no such file" in done.stderr


def test_conventions_are_read_only_when_asked_for() -> None:
    code = (
        "import sys\nfrom costcalc.cli import group\n"
        "group.main(['show', 'basic', '--format', 'json'], standalone_mode=False)\n"
        "print(*sorted(name for name in sys.modules if 'conventions' in name or 'reconcile' in name), file=sys.stderr)"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT, env=env)
    assert done.stderr.split() == ["costcalc.conventions", "costcalc.conventions.model"]


@pytest.mark.parametrize("convention", [[], ["--convention", "thop"], ["--convention", "./house.yaml"]])
def test_json_is_what_the_schemas_say(tmp_path: Path, convention: list[str]) -> None:
    (tmp_path / "house.yaml").write_text("unit: mac\nops: {linear: {bias_add: 1 / 3}}\n")
    for kind, command in (("report", ["show", "resnet18"]), ("comparison", ["compare", "resnet18", "resnet34"])):
        printed = costcalc(*command, *convention, "--format", "json", cwd=tmp_path).stdout
        jsonschema.validate(json.loads(printed), schema(kind))


def test_a_claim_without_a_unit_is_asked_about() -> None:
    assert "Is it 4.12G, or 4.12M?" in lines("reconcile", "resnet50", "--claim", "4.12")
