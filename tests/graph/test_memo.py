"""Builds that share a memo: nothing is remembered that a build alone would not say."""

from __future__ import annotations

import pickle
from importlib import import_module
from typing import Any

import pytest

from costcalc.cost.estimate import estimate
from costcalc.errors import SpecError
from costcalc.graph.build import build
from costcalc.graph.memo import Memo
from costcalc.spec.load import load_text

BUILDER = import_module("costcalc.graph.build")

SPEC = """
args: {k: 3, w: 8}
input: [3, 8, 8]
blocks:
  odd(out):
    - conv: {out: out, kernel: k}
    - linear: {out: 5}
layers:
  - odd: {out: w}
  - layers:
      - conv: {out: 4, kernel: 1}
      - linear: {out: 5}
"""


GLOBAL = """
args: {width: 4}
input: [3]
blocks:
  block: [{linear: {out: width}}, relu]
layers: [block, block, {linear: {out: width}}]
"""
"""A block that reads an arg by itself."""


def test_warnings_are_given_again() -> None:
    """Both linear layers work on the width of an image, in a block and in a group."""
    spec, memo = load_text(SPEC), Memo()
    for args in ({}, {}, {"w": 9}, {"w": 8}):
        graph = build(spec, args, memo=memo)
        assert [warning.location.line for warning in graph.warnings if warning.location] == [7, 12]
        assert graph.warnings == build(spec, args).warnings


def test_a_layer_that_was_left_out_before_is_forgiven_no_longer() -> None:
    """`bogus` does not exist with flag 0; with flag 1 it does, and not inside `stage`."""
    spec, memo = load_text("""
        args: {flag: 0}
        input: [3]
        meta: {functional: [stage.bogus]}
        layers:
          - relu: {}
            name: bogus
            when: flag == 1
          - layers: [relu, sigmoid]
            name: stage
    """), Memo()  # fmt: skip
    build(spec, {"flag": 0}, memo=memo)
    for remembered in (Memo(), memo):
        with pytest.raises(SpecError, match=r"'functional: stage\.bogus' is neither an op nor a layer of the network"):
            build(spec, {"flag": 1}, memo=remembered)


@pytest.mark.parametrize("wrong", [True, 2.5, [True, 1]])
def test_a_wrong_arg_is_wrong_after_a_right_one(wrong: Any) -> None:
    """`True` is no 1, alone or in a list, whatever was built before."""
    spec, memo = load_text(SPEC), Memo()
    for right in (1, 2, 3, [1, 1]):
        build(spec, {"k": right}, memo=memo)
    for remembered in (Memo(), memo):
        with pytest.raises(SpecError):
            build(spec, {"k": wrong}, memo=remembered)


def test_a_whole_float_is_a_whole_number() -> None:
    """As `3.0` in a file is."""
    spec = load_text(SPEC)
    assert build(spec, {"k": 3.0}).args == build(spec, {"k": 3}).args == {"k": 3, "w": 8}


def test_the_limit_on_different_blocks_is_that_of_one_build(monkeypatch: pytest.MonkeyPatch) -> None:
    """A block and a group of two layers each: 4 a build, however many were built before."""
    monkeypatch.setattr(BUILDER, "MOST_OBJECTS", 4)
    spec, memo = load_text(SPEC), Memo()
    for width in range(1, 20):
        assert build(spec, {"w": width}, memo=memo).root.output == build(spec, {"w": width}).root.output
    monkeypatch.setattr(BUILDER, "MOST_OBJECTS", 3)
    with pytest.raises(SpecError, match="more than 3 different blocks and layers"):
        build(spec)


def test_a_memo_does_not_grow_for_ever() -> None:
    """Neither with an arg that blocks read, of which each value has a part of its own, nor with another one."""
    for text, arg in ((SPEC, "w"), (GLOBAL, "width")):
        spec, memo = load_text(text), Memo(most=50)
        for value in range(1, 300):
            estimate(build(spec, {arg: value}, memo=memo), value % 7 + 1, memo=memo)
            assert sum(len(part) + 1 for part in memo.built.parts.values()) < 100
            assert sum(len(part) + 1 for part in memo.costs.parts.values()) < 100


def test_a_memo_is_pickled_with_its_spec() -> None:
    """What was built before is still known, and gives the same."""
    spec, memo = load_text(GLOBAL), Memo()
    expected = estimate(build(spec, {"width": 5}, memo=memo), memo=memo).totals
    spec, memo = pickle.loads(pickle.dumps((spec, memo)))  # noqa: S301  made here
    known = build(spec, {"width": 5}, memo=memo)
    assert estimate(known, memo=memo).totals == expected
    assert known.root.edges[0].child is build(spec, {"width": 5}, memo=memo).root.edges[0].child
    with pytest.raises(ValueError, match="another spec"):
        build(load_text(GLOBAL), memo=memo)


def test_a_memo_is_of_one_spec() -> None:
    memo = Memo()
    build(load_text(SPEC), memo=memo)
    with pytest.raises(ValueError, match="this memo holds the layers of another spec"):
        build(load_text(SPEC.replace("w: 8", "w: 9")), memo=memo)
