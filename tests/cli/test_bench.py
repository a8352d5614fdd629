"""`costcalc bench`: the table, JSON, and what is refused. No time is judged."""

from __future__ import annotations

import json
from importlib.util import find_spec

import pytest
from click.testing import CliRunner, Result

from costcalc.cli import group
from costcalc.errors import CostcalcError


def bench(*arguments: str) -> Result:
    return CliRunner().invoke(group, ["bench", *arguments])


SMALL = ("bottleneck", "--budget", "300k", "--repeats", "2")


def test_table_has_a_line_a_layer() -> None:
    result = bench(*SMALL)
    assert result.exit_code == 0, result.exception
    lines = result.stdout.splitlines()
    assert lines[0].startswith("bottleneck: input (256, 56, 56); Python 3.")
    assert lines[0].endswith("every layer run 2 times")
    first = next(line for line in lines if line.startswith("body.conv "))
    assert "conv out=" in first
    assert "smaller" in first
    assert " to " in first
    assert first.endswith("x")
    assert next(line for line in lines if line.startswith("Total")).endswith("x")
    assert any("bare sum" in line or "bare math.sumprod" in line for line in lines)


def test_json_has_every_repeat() -> None:
    found = json.loads(bench(*SMALL, "--format", "json").stdout)
    assert found["format"] == "costcalc.benchmark/1"
    assert (found["name"], found["repeats"], found["budget"]) == ("bottleneck", 2, 300_000)
    assert found["backend"]["name"] == "python"
    by_path = {layer["path"]: layer for layer in found["layers"]}
    assert list(by_path) == ["body.conv", "body.relu", "body.conv_2", "body.conv_3", "add", "relu"]
    conv = by_path["body.conv"]
    assert len(conv["seconds"]) == 2
    assert conv["input"] == [[256, 56, 56]]
    assert conv["smaller"] is True
    assert conv["ns_per_mac"] > 0 < conv["of_limit"]
    assert by_path["relu"]["macs"] == 0
    assert by_path["relu"]["of_limit"] is None
    assert found["totals"]["macs"] == sum(layer["macs"] for layer in found["layers"])


def test_another_size_is_timed() -> None:
    """At 5x4 nothing has to be smaller: 64 * 256 * 20 multiply-adds in the first layer."""
    result = bench("bottleneck", "--input", "256x5x4", "--repeats", "1", "--format", "json")
    layers = json.loads(result.stdout)["layers"]
    assert not any(layer["smaller"] for layer in layers)
    assert layers[0]["macs"] == 64 * 256 * 20


@pytest.mark.parametrize("form", ["csv", "markdown"])
def test_forms(form: str) -> None:
    assert "body.conv_2" in bench(*SMALL, "--format", form).stdout


def test_refusals() -> None:
    assert bench("bottleneck", "--batch", "2").exit_code == 2
    assert bench("bottleneck", "--repeats", "0").exit_code == 2
    assert bench("bottleneck", "--backend", "abacus").exit_code == 2


@pytest.mark.skipif(find_spec("torch") is not None, reason="PyTorch is installed")
def test_without_pytorch_it_is_said() -> None:
    """Before anything is timed; the command line makes it exit code 3."""
    result = bench("bottleneck", "--backend", "torch")
    assert isinstance(result.exception, CostcalcError)
    assert "needs PyTorch" in str(result.exception)
