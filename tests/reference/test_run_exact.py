"""`run_exact`: a whole network on integers and fractions."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from costcalc.errors import CostcalcError
from costcalc.graph.build import build
from costcalc.graph.model import Graph
from costcalc.reference.run import run
from costcalc.reference.run_exact import run_exact
from costcalc.spec.load import load, load_text


def graph(text: str) -> Graph:
    return build(load_text(text))


NETWORK = """
name: small
input: [3, 9, 8]
blocks:
  residual(out, stride=1):
    - add:
        body:
          - conv: {out: out, kernel: 3, stride: stride, padding: 1}
          - batch_norm: {eps: 0}
          - relu
          - conv: {out: out, kernel: [3, 1], padding: [1, 0], groups: 2}
        shortcut:
          - conv: {out: out, kernel: 1, stride: stride, bias: false}
layers:
  - residual: {out: 6, stride: 2}
    name: stage
  - max_pool: {kernel: 2}
  - flatten
  - linear: {out: 5}
"""


def test_values_are_those_of_the_plain_kernels() -> None:
    """The same integers on floats, which hold whole numbers up to 2**53 exactly: equal to the last digit."""
    exactly = run_exact(graph(NETWORK), seed=3)
    given: dict[str, Any] = {"input": exactly.inputs["input"].numbers}
    for path, ran in exactly.layers.items():
        given |= {f"{path}.{name}": list(map(float, tensor.numbers)) for name, tensor in ran.weights.items()}
    plain = run(graph(NETWORK), given)
    assert exactly.exact is True
    assert plain.exact is False
    assert list(exactly.layers) == list(plain.layers)
    for path, ran in exactly.layers.items():
        assert ran.output.numbers == plain.layers[path].output.numbers, path
        assert {type(number) for number in ran.output.numbers} == {int}
    (output,) = exactly.outputs.values()
    assert len(set(output.numbers)) == 5
    assert max(map(abs, output.numbers)) < 2**53


def test_decimals_are_fractions() -> None:
    """0.3 R + 0.5 G + 0.2 B, by hand: 3/10 + 5/10 + 4/10 = 6/5, and 7/10 + 4/10 = 11/10 with R = 0 and G = 14/10."""
    given = {"input": [[[1] * 3] * 3, [[1] * 3] * 3, [[2] * 3] * 3], "conv.weight": [0.3, 0.5, 0.2, 1, 0, 0.05]}
    (output,) = run_exact(build(load("one_by_one")), given).outputs.values()
    assert output.numbers == [Fraction(6, 5)] * 9 + [Fraction(11, 10)] * 9


def test_the_mean_of_seven_is_a_fraction() -> None:
    net = graph("name: mean\ninput: [1, 7]\nlayers:\n  - global_avg_pool\n")
    (output,) = run_exact(net, {"input": [1, 2, 3, 4, 5, 6, 8]}).outputs.values()
    assert output.numbers == [Fraction(29, 7)]


def test_tokens_are_drawn_as_integers() -> None:
    net = graph("name: words\ninput: [50]\nlayers:\n  - embedding: {count: 7, out: 2}\n")
    done = run_exact(net)
    assert set(done.inputs["input"].numbers) == set(range(7))
    assert {type(number) for number in done.outputs["embedding"].numbers} == {int}


def test_the_same_seed_gives_the_same_integers() -> None:
    first, same, other = (run_exact(graph(NETWORK), seed=seed).outputs["linear"].numbers for seed in (0, 0, 1))
    assert first == same != other


def test_layers_without_exact_values_are_refused_by_name() -> None:
    """Before anything is calculated, all kinds of them at once."""
    net = graph("name: soft\ninput: [4]\nlayers:\n  - softmax\n  - linear: {out: 2}\n  - tanh:\n    name: bend\n")
    with pytest.raises(
        CostcalcError, match=r"^soft has no exact values: 'softmax': .* exp, .*; 'bend': .* no fractions"
    ):
        run_exact(net)


def test_given_values_may_have_no_exact_result() -> None:
    """A variance of 2 has no fraction for a root; a float that was rounded is no decimal somebody wrote."""
    net = graph("name: norm\ninput: [1, 2]\nlayers:\n  - batch_norm: {eps: 0}\n    name: bn\n")
    with pytest.raises(CostcalcError, match=r"^'bn': batch_norm: the square root of 2 is no fraction$"):
        run_exact(net, {"bn.running_var": 2})
    with pytest.raises(CostcalcError, match=r"^'input': 0\.3333333333333333 is a rounded number"):
        run_exact(net, {"input": [1, 1 / 3]})
