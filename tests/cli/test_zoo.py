"""`costcalc zoo`: the bundled networks as a table."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from costcalc.cli import group
from costcalc.errors import UnknownChoice


def zoo(*arguments: str) -> Result:
    return CliRunner().invoke(group, ["zoo", *arguments])


def networks(*arguments: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(zoo(*arguments, "--format", "json").stdout)["networks"]
    return found


def test_a_family_is_a_folder_or_part_of_a_name() -> None:
    """The ResNets are found with their variants, and nothing of another kind."""
    names = {network["name"]: network for network in networks("--family", "resnet")}
    assert {"resnet18", "resnet50"} <= set(names)
    variants = {network["variant"] for network in networks("--family", "resnet")}
    assert {"resnet34", "resnet101", "resnet152", "resnet50_v1"} <= variants
    assert "vgg16" not in names


def test_limits_and_order() -> None:
    """Up to 600 M multiply-adds, in rising order, each within the limit."""
    chosen = networks("--max", "macs=600M", "--sort", "macs")
    macs = [network["macs"] for network in chosen]
    assert macs == sorted(macs)
    assert macs[-1] <= 600_000_000
    assert len(chosen) < len(networks())
    assert all(network["params"] >= 5_000_000 for network in networks("--min", "params=5M"))


def test_table_says_how_many() -> None:
    result = zoo("--family", "vgg", "--max", "params=133M")
    assert "vgg11" in result.stdout
    assert "Simonyan" in result.stdout
    assert " of " in result.stdout.splitlines()[-1]


def test_unknown_family_and_limits_are_refused() -> None:
    result = zoo("--family", "resnett")
    assert isinstance(result.exception, UnknownChoice)
    assert "did you mean 'resnet'?" in str(result.exception)
    assert zoo("--max", "layers=3").exit_code == 2


@pytest.mark.parametrize("form", ["csv", "markdown", "table"])
def test_forms(form: str) -> None:
    assert "73728" in zoo("--family", "basic", "--format", form).stdout.replace(",", "")
