"""`costcalc check --convention`: budgets on another tool's number. ResNet-50's totals are those that the tools print."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from costcalc.cli import group
from costcalc.errors import CostcalcError


def check(*arguments: str) -> Result:
    return CliRunner().invoke(group, ["check", *arguments], standalone_mode=False)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No configuration above."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(("name", "total"), [("ptflops", 4_132_436_968), ("fvcore", 4_111_512_576)])
def test_a_limit_decides_on_the_tools_number(name: str, total: int) -> None:
    """The very number passes, one less does not (ptflops 0.7.5 and fvcore 0.1.5, torchvision's ResNet-50)."""
    assert check("resnet50", "--convention", name, "--limit", f"macs={total}").return_value == 0
    assert check("resnet50", "--convention", name, "--limit", f"macs={total - 1}").return_value == 1


def test_the_unit_stands_beside_the_number() -> None:
    """What the number means is said before it is judged."""
    result = check("resnet50", "--convention", "ptflops", "--limit", "macs=5G")
    assert "macs: ptflops MACs (a multiply-add is 1), as in ptflops 0.7.5" in result.stderr


def test_growth_is_not_judged_by_another_count() -> None:
    """A base of costcalc's own numbers says nothing about another tool's."""
    result = check("resnet50", "--convention", "ptflops", "--limit", "macs.grow=5%", "--base", "HEAD")
    assert isinstance(result.exception, CostcalcError)
    assert "growth is judged by costcalc's own counting" in str(result.exception)
