"""`costcalc.yaml` and `[tool.costcalc]`: what they say, and every mistake with its place."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from costcalc.budget.config import find_config, read_config
from costcalc.errors import SpecError

YAML = """\
specs: [specs/**/*.yaml]
lock: costs.lock.json
budgets:
  - name: small
    limits: {macs: {max: 4.2G, grow: 5%}}
"""
TOML = """\
[project]
name = "x"

[tool.costcalc]
specs = ["specs/**/*.yaml"]
lock = "costs.lock.json"

[[tool.costcalc.budgets]]
name = "small"
limits = {macs = {max = "4.2G", grow = "5%"}}
"""


def problems(tmp_path: Path, text: str, name: str = "costcalc.yaml") -> list[str]:
    """The problems of a configuration, each as `line:column: message (hint)`."""
    path = tmp_path / name
    path.write_text(dedent(text))
    with pytest.raises(SpecError) as caught:
        read_config(path)
    return [
        f"{problem.location.line}:{problem.location.column}: {problem.message}"
        + (f" ({problem.hint})" if problem.hint else "")
        for problem in caught.value.problems
    ]


@pytest.mark.parametrize(("name", "text"), [("costcalc.yaml", YAML), ("pyproject.toml", TOML)])
def test_both_files_say_the_same(tmp_path: Path, name: str, text: str) -> None:
    """YAML and TOML give the same configuration, up to where things are written."""
    (tmp_path / name).write_text(text)
    config = read_config(tmp_path / name)
    assert [pattern.text for pattern in config.specs] == ["specs/**/*.yaml"]
    assert config.lock == "costs.lock.json"
    (budget,) = config.budgets
    assert [(limit.metric, limit.kind, limit.amount.text) for limit in budget.limits] == [
        ("macs", "max", "4.2G"),
        ("macs", "grow", "5%"),
    ]
    assert budget.specs == config.specs  # a budget that names none speaks of all


def test_places_in_toml_are_the_lines_of_the_keys(tmp_path: Path) -> None:
    """At the beginning of a line, in a table on one line, and in the second table of an array."""
    path = tmp_path / "pyproject.toml"
    path.write_text(
        TOML + '\n[[tool.costcalc.budgets]]\nname = "b"\n[tool.costcalc.budgets.limits]\nparams = 5\nmacs.min = "1k"\n'
    )
    first, second = read_config(path).budgets
    assert [str(limit.location).rpartition("pyproject.toml:")[2] for limit in first.limits] == ["10:19", "10:33"]
    assert [limit.location.line for limit in second.limits] == [15, 16]
    assert second.location.line == 12


def test_the_nearest_file_up_to_the_root_of_the_repository(tmp_path: Path) -> None:
    """Folders are searched upwards and no further than the one with `.git`; both kinds in one folder are an error."""
    inner = tmp_path / "repository/a/b"
    inner.mkdir(parents=True)
    (tmp_path / "costcalc.yaml").write_text(YAML)
    assert find_config(inner).path == tmp_path / "costcalc.yaml"
    (tmp_path / "repository/.git").mkdir()
    assert find_config(inner) is None
    (tmp_path / "repository/pyproject.toml").write_text('[project]\nname = "costcalc-user"\n')
    assert find_config(inner) is None
    (tmp_path / "repository/pyproject.toml").write_text(TOML)
    assert find_config(inner).path == tmp_path / "repository/pyproject.toml"
    (tmp_path / "repository/costcalc.yaml").write_text(YAML)
    with pytest.raises(SpecError, match=r"has \[tool\.costcalc\] beside a costcalc\.yaml"):
        find_config(inner)
    (tmp_path / "repository/a/costcalc.yaml").write_text(YAML)
    assert find_config(inner).path == tmp_path / "repository/a/costcalc.yaml"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["0:0: the configuration is empty (it has 'specs:' and 'budgets:')"]),
        ("# nothing\n", ["0:0: the configuration is empty (it has 'specs:' and 'budgets:')"]),
        ("- a\n", ["1:1: a configuration is a mapping, not a list (it has 'specs:' and 'budgets:')"]),
        ("spec: x\n", ["1:1: a configuration has no key 'spec' (did you mean 'specs'?)"]),
        ("lock: l.json\n", ["1:1: this configuration names no specs (as in 'specs: specs/**/*.yaml')"]),
        ("specs: ../a.yaml\n", ["1:8: '../a.yaml' leads out of the folder of this file (write a path relative to it)"]),
        ("specs: /a.yaml\n", ["1:8: '/a.yaml' leads out of the folder of this file (write a path relative to it)"]),
        ("specs: a\nlock: b\nbase: c\n", ["3:1: growth is since the 'lock' or since the 'base' (keep one of them)"]),
        ("specs: a\nlock: ../b\n", ["2:7: the lock file stands below the folder of this file (as in costs.lock.json)"]),
        ("specs: a\nbudgets: {a: b}\n",
         ["2:10: budgets must be a list, not a mapping (as in '- name: small' with 'limits:' below)"]),
        ("specs: a\nbudgets:\n  - limits: {macs: 1}\n", ["3:5: this budget has no 'name'"]),
        ("specs: a\nbudgets: [{name: b}]\n", ["2:12: this budget has no 'limits'"]),
        ("budgets: [{name: b, limits: {macs: 1}}]\n",
         ["1:1: this configuration names no specs (as in 'specs: specs/**/*.yaml')"]),
        ("specs: []\n", ["1:8: 'specs' names nothing"]),
        ("specs:\n", ["1:7: a value is missing for 'specs'"]),
    ],
)  # fmt: skip
def test_mistakes_of_the_outline(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert problems(tmp_path, text) == expected


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ("{mac: 1}", "there is no metric 'mac' (did you mean 'macs'?)"),
        ("{macs: {mx: 1}}", "a limit on macs has no key 'mx' (did you mean 'max'?)"),
        ("{macs: {max: 5%}}", "'max' is not a percentage ('grow' is: a part of what the base has)"),
        ("{macs: {max: 4.2X}}",
         "'4.2X' has the unit 'X', which is none of counts (choose from: k, M, G, T (powers of 1,000))"),
        ("{macs: {share: 25%}}", "'share' limits a block (say which with 'blocks:')"),
        ("{macs: {max: 1k, warn: 2k}}", "warn 2k is above max 1k"),
        ("{macs: {min: 2k, max: 1k}}", "min 2k is above max 1k"),
        ("{macs: {max: [1]}}", "the max of macs is an amount (as in 4.2G)"),
        ("{macs: {max: }}", "the max of macs is an amount"),
        ("{macs: {max: {percent: 5, over: 1}}}",
         "'max' takes one amount (only 'grow' and 'shrink' take 'percent' and 'over')"),
        ("{macs: {grow: {percent: 5}}}",
         "a growth of two amounts has 'percent' and 'over' (as in {percent: 5, over: 1M})"),
        ("{macs: {grow: {percent: 5, over: 1%}}}", "'over' is an amount, not a percentage (as in 1M)"),
        ("{activation_bytes: 5M}",
         "'5M' has the unit 'M', which is none of bytes (write MiB (2^20), MB (10^6), KiB, kB, GiB, GB)"),
        ("[macs]", "limits are a mapping (as in 'macs: {max: 4.2G}')"),
        ("{macs: [1]}", "the limit on macs is an amount or a mapping (as in '{max: 4.2G, grow: 5%}')"),
    ],
)  # fmt: skip
def test_mistakes_of_limits(tmp_path: Path, limits: str, expected: str) -> None:
    (problem,) = problems(tmp_path, f"specs: a.yaml\nbudgets:\n  - name: b\n    limits: {limits}\n")
    place, _, message = problem.partition(": ")
    assert message == expected
    assert place.startswith("4:")


def test_mistakes_of_blocks(tmp_path: Path) -> None:
    """A share is a percentage of at most 100, and a peak is of the whole network."""
    limits = "{macs: {share: 5}, params: {share: 101%}, peak_activation_bytes: 1 B}"
    said = problems(tmp_path, f"specs: a\nbudgets:\n  - {{name: b, blocks: x, limits: {limits}}}\n")
    assert len(said) == 3
    assert said[0].endswith("'share' is a percentage of the whole network, at most 100% (as in 25%)")
    assert "peak_activation_bytes is a number of the whole network: blocks have none" in said[2]


def test_every_mistake_is_named_in_one_run(tmp_path: Path) -> None:
    """Three budgets with a mistake each, and one name twice."""
    text = """\
        specs: a.yaml
        budgets:
          - {name: one, limits: {mac: 1}}
          - {name: two, limits: {macs: {mx: 1}}}
          - {name: two, limits: {macs: 1}, blok: x}
        """
    said = problems(tmp_path, text)
    assert [line.partition(":")[0] for line in said] == ["3", "4", "5", "5"]
    assert "a second budget is called 'two'" in " ".join(said)


@pytest.mark.parametrize(
    ("text", "place"),
    [("[tool.costcalc]\nspecs = \n", "2:9"), ("[tool.costcalc\n", "1:15"), ("[tool.costcalc]\nspecs = 'a", "2:1")],
)
def test_what_is_no_toml(tmp_path: Path, text: str, place: str) -> None:
    (problem,) = problems(tmp_path, text, "pyproject.toml")
    assert problem.startswith(f"{place}: this is not TOML: ")


def test_what_is_no_yaml(tmp_path: Path) -> None:
    """The same words as for a spec."""
    (problem,) = problems(tmp_path, "specs: [a\nbudgets: []\n")
    assert problem.startswith("1:8: '[' is not closed")
    assert "the key 'specs' is written twice" in problems(tmp_path, "specs: a\nspecs: b\n")[0]
