"""Values of some specs replaced by odd ones, one at a time: a message with a place, or numbers.

Nothing may end in a traceback or in exit code 70, and a refusal says why.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from costcalc.cli import group
from costcalc.cli.failure import code_of

NET = """\
name: net
about: text
meta: {functional: [relu], other: 1}
args: {width: 4, rows: [4, 6], act: {leaky_relu: {slope: 0.1}}}
variants: {wide: {args: {width: 8}, expect: {params: 5}, verify: {args: {width: 2}}, input: [3, 9, 8]}}
input: [3, 9, 8]
layout: channels_first
dtype: float16
blocks:
  cn(out, kernel=1, then=relu):
    - conv: {out: out, kernel: kernel, padding: kernel // 2, bias: false}
      note: hello
    - then
  up(out) from x, skip:
    - concat:
      from: [x, skip]
    - cn: {out: out}
layers:
  - cn: {out: width, then: act}
    name: stem
  - add:
      body:
        - cn: {out: width}
      shortcut: []
    name: join
    when: width > 2
  - cn: {out: width}
    name: first
  - cn: {out: width}
    repeat: 2
    share: first
    name: stage
  - layers: [relu, dropout]
    name: group_1
  - up: {out: 3}
    from: {skip: stem}
  - max_pool: {kernel: 2, stride: 2, ceil: true}
  - global_avg_pool
  - flatten
  - linear: {out: "rows[1]"}
    name: head
output: {logits: head}
expect: {params: 100, macs: 200, output: [6]}
verify: {args: {width: 2}, input: [3, 7, 6], values: {input: [1, 2]}}
"""
TEXT = """\
name: lm
args: {sequence: 6, hidden: 8}
input: {tokens: [sequence], extra: [sequence, hidden]}
layers:
  - embedding: {count: 11, out: hidden}
    name: embed
  - add:
    from: [embed, extra]
  - mixture_of_experts: {experts: 4, active: 2, expert: [{linear: {out: hidden}}]}
  - scaled_dot_product_attention:
      query: [{linear: {out: hidden}}]
      key: [{linear: {out: hidden}}]
      value: [{linear: {out: hidden}}]
      heads: 2
      causal: true
  - lstm: {out: 8, layers: 1, bidirectional: false}
  - reshape: {shape: [sequence, 2, 4]}
  - transpose: {order: [1, 0, 2]}
  - parameter: {shape: [4, 2]}
    name: p
  - matmul:
    from: {left: transpose, right: p}
output: [matmul, embed]
verify: {values: {tokens: 3}}
"""
ODD: list[Any] = [
    None, [], {}, "", "text", True, 0, -1, 10**15, 10**30, 1.5, "1/0", "[1,2]", [None], [[]], [{}], [1], {"a": 1},
    {"a": []}, "relu", "none", "input", "a.b", "x.channels", "len(x.shape)", "x.shape[9]", "\u202e", ["relu", "relu"],
    {"layers": []}, {"from": "input"}, float("inf"), float("nan"), {"": 1}, "max()", "1 if 2 else 3", "float32", [True],
]  # fmt: skip


def places(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of all values in a tree."""
    yield path
    for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ():
        yield from places(value, (*path, key))


def replaced(tree: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    tree = inner = copy.deepcopy(tree)
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return tree


COMMANDS = (["show"], ["show", "--format", "json"], ["check"], ["verify", "--budget", "2k"], ["reconcile"])


@pytest.mark.parametrize("text", [NET, TEXT], ids=["net", "text"])
def test_the_specs_are_valid_to_begin_with(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.yaml").write_text(text)
    assert group.main(["validate", "net.yaml"], standalone_mode=False) == 0


@pytest.mark.parametrize("value", ODD, ids=repr)
@pytest.mark.parametrize("text", [NET, TEXT], ids=["net", "text"])
def test_an_odd_value_in_many_places(
    text: str, value: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    tree = yaml.safe_load(text)
    chance = random.Random(f"{text} {value!r}")  # noqa: S311  the same places in every run
    for path in [path for path in places(tree) if chance.random() < 0.3]:
        Path("net.yaml").write_text(yaml.safe_dump(replaced(tree, path, value), sort_keys=False, allow_unicode=True))
        chosen = [["validate"], *([chance.choice(COMMANDS)] if chance.random() < 0.25 else [])]
        for command, *options in chosen:
            try:
                code = group.main([command, "net.yaml", *options], standalone_mode=False, prog_name="costcalc") or 0
            except BaseException as error:
                code = code_of(error)
            said = capsys.readouterr().err
            assert code in (0, 1, 3), (command, path, said)
            assert code != 3 or "error: " in said, (command, path)
            if command == "validate" and code == 3:
                assert said.startswith("net.yaml:"), (path, said)
