"""`costcalc run --exact`: integers and fractions as text and in JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from costcalc.cli import group
from costcalc.errors import CostcalcError


def run(*arguments: str) -> Result:
    return CliRunner().invoke(group, ["run", *arguments])


def test_exact_values_are_fractions() -> None:
    """The pixel that the README works out by hand: 0.3*4 + 0.5*1 + 0.2*3 = 2.3."""
    result = run("one_by_one", "--exact")
    assert result.exit_code == 0
    assert "\n  (0, 1) 23/10 21/10 29/10\n" in result.stdout
    found = json.loads(run("one_by_one", "--exact", "--format", "json").stdout)
    assert found["exact"] is True
    assert found["output"]["conv"]["values"][0][1] == ["23/10", "21/10", "29/10"]
    assert found["output"]["conv"]["values"][1][0][0] == 1


def test_floats_are_as_before() -> None:
    found = json.loads(run("one_by_one", "--format", "json").stdout)
    assert found["exact"] is False
    assert found["output"]["conv"]["values"][0][1][0] == pytest.approx(2.3)


def test_an_integer_longer_than_python_prints_unasked(tmp_path: Path) -> None:
    """5**(2**13) has 5,726 digits, since 8,192 * log10(5) = 5,725.96; none is left out."""
    spec = tmp_path / "squares.yaml"
    square = "- mul:\n          a: []\n          b: []"
    spec.write_text(
        f"name: squares\ninput: [1]\nlayers:\n  - layers:\n      {square}\n    repeat: 13\n    name: squared\n"
        "verify: {values: {input: 5}}\n"
    )
    result = run(str(spec), "--exact")
    assert result.exit_code == 0, result.exception
    assert int(result.stdout.split()[-1]) == 5**8192


def test_refusals() -> None:
    result = run("vit_b_16", "--exact")
    assert isinstance(result.exception, CostcalcError)
    assert (
        "multi_head_attention.packed_attention.scaled_dot_product_attention': scaled_dot_product_attention takes exp"
        in str(result.exception)
    )
    result = run("one_by_one", "--exact", "--layer", "conv", "--pixel", "0,0")
    assert result.exit_code == 2
    assert "leave out --exact" in result.stderr


def test_a_layer_that_does_not_exist() -> None:
    """It is said before anything is calculated."""
    assert "did you mean 'conv'?" in str(run("one_by_one", "--layer", "cnov").exception)


def test_a_long_row_is_cut_and_says_so(tmp_path: Path) -> None:
    """256 of 300 numbers, and of 70 rows 64; JSON has every one."""
    spec = tmp_path / "wide.yaml"
    spec.write_text("name: wide\ninput: [70, 300]\nlayers:\n  - relu\n")
    lines = run(str(spec)).stdout.splitlines()
    assert lines[1].endswith(" ... 44 more")
    assert len(lines[1].removesuffix(" ... 44 more").split(maxsplit=1)[1].split()) == 256
    assert len(lines) == 1 + 64 + 1
    assert lines[-1] == "  ... 6 more rows (--format json has them all)"
    (values,) = json.loads(run(str(spec), "--format", "json").stdout)["output"].values()
    assert [len(row) for row in values["values"]] == [300] * 70


def test_csv_has_every_number(tmp_path: Path) -> None:
    """4 * 2 + 1 = 9 and 4 * 3 + 1 = 13, from an input of 4 and the weights and the bias that are given."""
    (tmp_path / "net.yaml").write_text(
        "input: [1, 1]\nlayers: [{conv: {out: 2, kernel: 1}}]\n"
        "verify: {values: {input: 4, conv.weight: [2, 3], conv.bias: 1}}\n"
    )
    net = str(tmp_path / "net.yaml")
    assert run(net, "--format", "csv", "--exact").stdout.splitlines() == [
        "tensor,at,value", 'conv,"(0, 0)",9', 'conv,"(1, 0)",13',
    ]  # fmt: skip
    layer = run(net, "--format", "csv", "--exact", "--layer", "conv").stdout.splitlines()
    assert layer[1:] == [
        'input,"(0, 0)",4', 'weight,"(0, 0, 0)",2', 'weight,"(1, 0, 0)",3', "bias,(0),1", "bias,(1),1",
        'output,"(0, 0)",9', 'output,"(1, 0)",13',
    ]  # fmt: skip
    pixel = run(net, "--format", "csv", "--layer", "conv", "--pixel", "0").stdout.splitlines()
    assert pixel == [
        "output_at,weight_at,weight,input_at,input,product",
        '"(0, 0)","(0, 0, 0)",2.0,"(0, 0)",4.0,8.0', '"(0, 0)",bias,,,,1.0',
        '"(1, 0)","(1, 0, 0)",3.0,"(0, 0)",4.0,12.0', '"(1, 0)",bias,,,,1.0',
    ]  # fmt: skip


def test_json_has_no_numbers_that_json_does_not_know(tmp_path: Path) -> None:
    """e^1000 is more than a float holds, 1.8 * 10^308."""

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    (tmp_path / "net.yaml").write_text("input: [1]\nlayers: [exp]\nverify: {values: {input: 1000}}\n")
    out = run(str(tmp_path / "net.yaml"), "--format", "json").stdout
    assert json.loads(out, parse_constant=refuse)["output"]["exp"]["values"] == ["inf"]


def test_more_than_the_budget_is_refused_and_the_hint_works(tmp_path: Path) -> None:
    """10 layers of 300 x 300; the budget that the message names is enough for them."""
    spec = tmp_path / "deep.yaml"
    spec.write_text(
        "name: deep\ninput: [300]\nlayers:\n  - {linear: {out: 300, bias: false}, repeat: 10, share: linear}\n"
    )
    for exact in ([], ["--exact"]):
        error = str(run(str(spec), "--budget", "100k", *exact).exception)
        assert error.startswith("deep takes as long as 1,20")  # 10 x (90,000 multiply-adds + 90,600 numbers / 3)
        assert "the budget of a run is 100,000" in error
        enough = error.partition("--budget ")[2].split()[0]
        assert run(str(spec), "--budget", enough, *exact).exit_code == 0
        assert run(str(spec), "--budget", str(int(enough) - 1), *exact).exit_code != 0
    help_text = " ".join(run("--help").stdout.split())
    assert "[default: 5G]" in help_text


def test_the_values_of_a_shared_weight_are_those_of_its_owner(tmp_path: Path) -> None:
    """The case `wrong_owner`: a has 3 and b, which is equal to c, has 10; c shares a: 1 * 3 * 10 * 3 = 90."""
    spec = tmp_path / "wrong_owner.yaml"
    spec.write_text(
        "name: wrong_owner\ninput: [1, 4, 4]\nlayers:\n"
        "  - {conv: {out: 1, kernel: 1, stride: 2, bias: false}, name: a}\n"
        "  - {conv: {out: 1, kernel: 1, bias: false}, name: b}\n"
        "  - {conv: {out: 1, kernel: 1, bias: false}, name: c, share: a}\n"
        "verify: {values: {input: 1, a.weight: 3, b.weight: 10}}\n"
    )
    for exact in ([], ["--exact"]):
        found = json.loads(run(str(spec), "--layer", "c", "--format", "json", *exact).stdout)
        assert found["layer"]["weights"]["weight"]["values"] == [[[[3]]]]
        assert found["output"]["c"]["values"] == [[[90, 90], [90, 90]]]
    pixel = json.loads(run(str(spec), "--layer", "c", "--pixel", "0,1", "--format", "json").stdout)["pixels"][0]
    assert [(product["weight"], product["input"]) for product in pixel["products"]] == [(3, 30)]
