"""Twice as much in a file costs about twice as many calls, whatever it is that the file holds."""

import importlib.util
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType, ModuleType

import pytest

from costcalc.budget.config import read_config
from costcalc.budget.judge import check
from costcalc.conventions.load import load, names
from costcalc.cost.estimate import estimate
from costcalc.errors import SpecError
from costcalc.graph.build import build
from costcalc.reconcile.lines import reconcile
from costcalc.report.layers import show
from costcalc.report.plain import render
from costcalc.spec.load import load_text
from costcalc.text import suggest
from costcalc.text.suggest import Suggestions


def _benchmark() -> ModuleType:
    """The script of the benchmark, whose files are measured here, too."""
    path = Path(__file__).parent.parent / "benchmarks" / "doubling.py"
    spec = importlib.util.spec_from_file_location("doubling", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


DOUBLING = _benchmark()
SIZE = 150
"""Many enough that a square would show: 300 x 300 calls are more than all the others."""


def count_calls(task: Callable[[], object]) -> int:
    """How many functions are called, in Python and in C."""
    count = 0

    def profile(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(profile)
    try:
        task()
    finally:
        sys.setprofile(None)
    return count


def calls(text: str) -> int:
    """How many functions are called for a text."""
    return count_calls(lambda: DOUBLING.work(text))


@pytest.mark.parametrize("kind", DOUBLING.KINDS)
def test_twice_as_much_of_anything_takes_about_twice_as_many_calls(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bounds of suggestions are lowered, so that files of this size are beyond them."""
    monkeypatch.setattr(suggest, "FEW", SIZE // 2)
    monkeypatch.setattr(Suggestions.__init__, "__defaults__", (20 * SIZE,))
    make, _ = DOUBLING.KINDS[kind]
    if not kind.startswith(("wrong", "keys")):
        build(load_text(make(3)))  # no mistake, which would end the work early
    calls(make(2))  # what is imported and remembered once
    small, large = calls(make(SIZE)), calls(make(2 * SIZE))
    assert large < 2.3 * small, f"{small:,} calls for {SIZE}, {large:,} for twice as many"


def test_reconcile_takes_few_calls_more_than_the_table_of_the_same_layers() -> None:
    """All conventions are asked of classes of layers: some thirty tables cost less than the table of the layers."""
    text = "input: [8, 9, 8]\nlayers:\n" + "".join(f"  - conv: {{out: {k + 1}, kernel: 1}}\n" for k in range(400))
    report = estimate(build(load_text(text)))
    conventions = [convention for name in names() if (convention := load(name)).unit != "activation"]

    def table() -> None:
        for _line in render(show(report)):
            pass

    reconcile(report, conventions)  # what is imported and parsed once
    assert count_calls(lambda: reconcile(report, conventions)) < count_calls(table)


def test_budgets_that_name_their_block_are_looked_up(tmp_path: Path) -> None:
    """100 budgets of 100 blocks, and 200 of 200, each of its own: every block is judged by the one that names it."""

    def judge(count: int) -> int:
        unit = "input: [8, 9, 8]\nblocks:\n  unit(out):\n    - conv: {out: out, kernel: 1}\n    - relu\nlayers:\n"
        text = unit + "".join(f"  - unit: {{out: {k + 1}}}\n    name: l{k}\n" for k in range(count))
        budgets = "".join(f"  - {{name: b{k}, blocks: l{k}, limits: {{macs: 4G}}}}\n" for k in range(count))
        (tmp_path / "costcalc.yaml").write_text(f"specs: a.yaml\nbudgets:\n{budgets}")
        config = read_config(tmp_path / "costcalc.yaml")
        reports = {"a.yaml": estimate(build(load_text(text)))}
        verdicts = []
        calls = count_calls(lambda: verdicts.append(check(reports, config.budgets)))
        assert [judgement.path for judgement in verdicts[0].judgements] == [f"l{k}" for k in range(count)]
        return calls

    judge(2)
    assert judge(200) < 2.3 * judge(100)


BLANKS = " " * 200_000
"""A pattern that tries blanks in every way it can would need days for these."""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            f"blocks:\n  ? 'unit() from {BLANKS}!'\n  : [relu]\n",
            "a block is written name(parameter, parameter=default):",
        ),
        (f'layers:\n  - "conv{BLANKS}\\nx"\n', "':' is missing after 'conv'"),
        (f"layers:\n  - conv {{a{BLANKS}b}}\n", "':' is missing after 'conv'"),
        (f"layers:\n  - conv: a: b{BLANKS}\n", "a second ':' in one value"),
    ],
    ids=["signature", "op", "arguments", "colon"],
)
def test_blanks_without_end_are_looked_at_once(text: str, message: str) -> None:
    with pytest.raises(SpecError) as raised:
        load_text(f"input: [8, 9, 8]\n{text}")
    assert message in str(raised.value)


def test_a_file_with_many_mistakes_gets_suggestions_for_the_first() -> None:
    """The allowance is for 20,000 looks at a name: 50 looks at 400 names, and none after these. Few names are free."""
    suggestions = Suggestions(allowance=20_000)
    names = [f"layer{k}" for k in range(400)]
    hints = [suggestions.did_you_mean("layre7", names) for _ in range(51)]
    assert hints == ["did you mean 'layer7'?"] * 50 + [""]
    assert suggestions.did_you_mean("layre7", names[:200]) == "did you mean 'layer7'?"


def test_a_name_that_is_unknown_among_many_is_told_a_few_of_them() -> None:
    """1,000 args, of which the hint names twenty in order: a0, a1, a10, a100, ..."""
    args = "".join(f"  a{k}: {k}\n" for k in range(1_000))
    with pytest.raises(SpecError) as raised:
        load_text(f"input: [8, 9, 8]\nargs:\n{args}layers:\n  - conv: {{out: qqqqq, kernel: 1}}\n")
    hint = raised.value.problems[0].hint
    assert re.fullmatch(r"visible here: (a\d+, ){20}\.\.\. \(1,002 names\)", hint), hint
