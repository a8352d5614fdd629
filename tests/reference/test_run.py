"""`run`: a whole network on floats, with given values or seeded ones; `trace`: the products behind one number."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from costcalc.errors import CostcalcError, UnknownChoice
from costcalc.graph.build import build
from costcalc.graph.model import Graph
from costcalc.reference.run import Run, run
from costcalc.reference.run_exact import run_exact
from costcalc.reference.trace import Term, trace
from costcalc.spec.load import load, load_text

Limit = Callable[[int], AbstractContextManager[None]]


def graph(text: str) -> Graph:
    return build(load_text(text))


def network(*layers: str, input: str = "[2, 2]", more: str = "") -> Graph:
    lines = "\n".join(f"  {line}" for layer in layers for line in layer.split("\n"))
    return graph(f"name: test\ninput: {input}\nlayers:\n{lines}\n{more}")


ONE_BY_ONE = {
    "input": [[[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[1, 1, 1]] * 3, [[2, 0, 0], [0, 2, 0], [0, 0, 2]]],
    "conv.weight": [[[[0.3]], [[0.5]], [[0.2]]], [[[0.2]], [[0.4]], [[0.4]]]],
}


def one_by_one() -> Run:
    return run(build(load("one_by_one")), ONE_BY_ONE)


def test_a_1x1_convolution_by_hand() -> None:
    """0.3 R + 0.5 G + 0.2 B: 0.3*1 + 0.5*1 + 0.2*2 = 1.2 at the first pixel, 0.3*2 + 0.5*1 = 1.1 at the second."""
    (output,) = one_by_one().outputs.values()
    assert output.shape == (2, 3, 3)
    assert output.rows()[0][0] == pytest.approx([1.2, 1.1, 1.4])
    assert output.rows()[1][2] == pytest.approx([0.2 * 7 + 0.4, 0.2 * 8 + 0.4, 0.2 * 9 + 0.4 + 0.8])


def test_the_products_behind_a_pixel() -> None:
    """At row 1, column 0: 0.3*4 + 0.5*1 + 0.2*0 = 1.7."""
    found = trace(one_by_one().layer("conv"), (0, 1, 0))
    assert (found.path, found.place, found.bias) == ("conv", (0, 1, 0), None)
    assert found.terms == (
        Term((0, 0, 0, 0), 0.3, (0, 1, 0), 4.0),
        Term((0, 1, 0, 0), 0.5, (1, 1, 0), 1.0),
        Term((0, 2, 0, 0), 0.2, (2, 1, 0), 0.0),
    )
    assert found.value == pytest.approx(1.7) == sum(term.value for term in found.terms)


def test_products_with_padding_have_no_place() -> None:
    """The first output of a window of three sees one zero before the input: 10*1 + 100*2, and a bias of 5."""
    done = run(
        network("- conv: {out: 1, kernel: 3, padding: 1}", input="[1, 3]"),
        {"input": [1, 2, 3], "conv.weight": [1, 10, 100], "conv.bias": [5]},
    )
    found = trace(done.layer("conv"), (0, 0))
    assert [(term.weight, term.place, term.number) for term in found.terms] == [
        (1, None, 0), (10, (0, 0), 1), (100, (0, 1), 2),
    ]  # fmt: skip
    assert (found.bias, found.value) == (5, 215)


@pytest.mark.parametrize(
    ("layer", "input", "place", "terms"),
    [
        ("conv: {out: 4, kernel: 2, groups: 2}", "[4, 5]", (3, 2), 4),
        ("conv_transpose: {out: 6, kernel: 2, groups: 2}", "[4, 5]", (4, 2), 4),
        ("linear: {out: 3}", "[4, 5]", (2, 1), 5),
    ],
)
def test_the_products_add_up_to_the_value(layer: str, input: str, place: tuple[int, ...], terms: int) -> None:
    done = run(network(f"- {layer}", input=input))
    ran = done.layer(layer.partition(":")[0])
    found = trace(ran, place)
    assert len(found.terms) == terms
    assert found.bias is not None
    assert sum(term.value for term in found.terms) + found.bias == pytest.approx(found.value)
    assert ran.output.rows()[place[0]][place[1]] == pytest.approx(found.value)


def test_what_cannot_be_traced() -> None:
    done = run(network("- relu"))
    with pytest.raises(CostcalcError, match="'relu' is a relu: products are shown for conv, conv_transpose, linear"):
        trace(done.layer("relu"), (0, 0))
    with pytest.raises(CostcalcError, match=r"\[0, 3, 0\] is outside the output \[2, 3, 3\] of 'conv'"):
        trace(one_by_one().layer("conv"), (0, 3, 0))
    with pytest.raises(CostcalcError, match=r"\[0, 1\] is outside the output"):
        trace(one_by_one().layer("conv"), (0, 1))


def test_values_are_given_nested_in_one_row_or_once_for_all() -> None:
    net = network("- linear: {out: 1}")
    ways: list[Any] = [[[1, 2], [3, 4]], [1, 2, 3, 4]]
    for way in ways:
        done = run(net, {"input": way, "linear.weight": 10, "linear.bias": [[1]][0]})
        assert done.outputs["linear"].rows() == [[31], [71]]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"input": [1, 2, 3]}, r"'input' has 3 numbers, its shape \[2, 2\] needs 4"),
        ({"input": [[1], [2], [3], [4]]}, r"'input' is nested as \[4, 1\], its shape is \[2, 2\]"),
        ({"input": [[1, 2], [3, "x"]]}, "'input' has 'x' where a number should be"),
        ({"input": [[1, 2], [3, True]]}, "'input' has True where a number should be"),
        ({"input": float("nan")}, "'input' has nan where a finite number should be"),
        ({"input": float("-inf")}, "'input' has -inf where a finite number should be"),
        ({"input": 10**400}, "'input' has an integer that is too large for a float"),
        ({"inptu": 1}, "test has no input or weight 'inptu': did you mean 'input'?"),
        ({"linear.wight": 1}, "test has no input or weight 'linear.wight': did you mean 'linear.weight'?"),
    ],
)
def test_values_that_do_not_fit(values: dict[str, Any], message: str) -> None:
    with pytest.raises(CostcalcError, match=message):
        run(network("- linear: {out: 1}"), values)


@pytest.mark.parametrize("token", [-1, 7, 0.5])
def test_a_token_that_the_table_does_not_have(token: float) -> None:
    """A table of 7 rows has the tokens 0 to 6; Python would take its last row for -1."""
    net = network("- embedding: {count: 7, out: 2}", input="[3]")
    with pytest.raises(CostcalcError, match=r"'input' has the token .*: tokens are whole numbers from 0 to 6"):
        run(net, {"input": token})


@pytest.mark.parametrize(
    ("layer", "values"),
    [("rms_norm", {"input": 1e308}), ("batch_norm", {"input": 1, "batch_norm.running_var": -1})],
)
def test_arithmetic_that_stops(layer: str, values: dict[str, Any]) -> None:
    """The square of 1e308 is no float, and -1 has no square root."""
    with pytest.raises(CostcalcError, match=f"'{layer}' cannot be calculated with these values: "):
        run(network(f"- {layer}", input="[3, 4]"), values)


def test_a_layer_that_does_not_exist() -> None:
    with pytest.raises(UnknownChoice, match=r"one_by_one has no layer 'cnov' that was run: did you mean 'conv'\?"):
        one_by_one().layer("cnov")


def test_random_values_are_the_same_for_the_same_seed() -> None:
    net = network("- linear: {out: 3}", "- relu")
    first, same, other = run(net), run(net, seed=0), run(net, seed=1)
    assert first.outputs["relu"].numbers == same.outputs["relu"].numbers != other.outputs["relu"].numbers
    assert first.inputs["input"].numbers != other.inputs["input"].numbers


def test_tokens_are_whole_numbers_that_the_table_has() -> None:
    """The input of an embedding is drawn from its rows, also where a block takes it."""
    blocks = "blocks:\n  look(out):\n    - embedding: {count: 7, out: out}\n"
    text = f"name: words\ninput: [50]\n{blocks}layers:\n  - look: {{out: 2}}\n"
    tokens = run(graph(text)).inputs["input"].numbers
    assert set(tokens) == set(range(7))


JOINS = """- add:
    left:
      - linear: {out: 2}
        name: double
    right: []
- mul:
    a: []
    b:
      - relu"""


def test_branches_meet() -> None:
    """x = 1 2; doubled and added to itself that is 3 6; times its own relu 9 36."""
    done = run(
        network(JOINS, input="[1, 2]"), {"input": [1, 2], "left.double.weight": [2, 0, 0, 2], "left.double.bias": 0}
    )
    assert done.outputs["mul"].numbers == [9, 36]
    assert list(done.layers) == ["left.double", "add", "b.relu", "mul"]


def test_repeats_are_chained() -> None:
    """Three times doubled; every instance has a weight of its own."""
    net = network("- linear: {out: 1, bias: false}\n  repeat: 3\n  name: stage", input="[1]")
    done = run(net, {"input": 1, "stage[0].weight": 2, "stage[1].weight": 3, "stage[2].weight": 5})
    assert done.outputs["stage"].numbers == [30]
    assert [ran.output.numbers for ran in done.layers.values()] == [[2], [6], [30]]
    drawn = run(net).layers
    assert drawn["stage[0]"].weights["weight"].numbers != drawn["stage[1]"].weights["weight"].numbers


def test_shared_weights_are_the_same() -> None:
    """A repeat that shares with itself has one set; a layer that shares with an earlier one has that one's."""
    own = network("- linear: {out: 1, bias: false}\n  repeat: 3\n  name: stage\n  share: stage", input="[1]")
    assert run(own, {"input": 1, "stage[0].weight": 2}).outputs["stage"].numbers == [8]
    two = network("- linear: {out: 1}\n  name: a", "- linear: {out: 1}\n  name: b\n  share: a", input="[1]")
    done = run(two)
    assert done.layers["b"].weights["weight"].numbers == done.layers["a"].weights["weight"].numbers
    assert done.layers["b"].weights["bias"].numbers == done.layers["a"].weights["bias"].numbers


def test_blocks_share_layer_by_layer() -> None:
    text = """
name: twins
input: [2, 3]
blocks:
  two(out):
    - linear: {out: out}
    - linear: {out: 3}
layers:
  - two: {out: 4}
    name: first
    repeat: 2
  - two: {out: 4}
    name: again
    share: first
"""
    layers = run(graph(text)).layers
    for name in ("linear", "linear_2"):
        # `share: first` is the last instance, as `from: first` would be
        assert layers[f"again.{name}"].weights["weight"] is not layers[f"first[0].{name}"].weights["weight"]
        same = layers[f"first[1].{name}"].weights["weight"].numbers
        assert layers[f"again.{name}"].weights["weight"].numbers == same
        assert layers[f"first[0].{name}"].weights["weight"].numbers != same


LINEAR = "- linear: {out: 1, bias: false}"


def test_the_owner_is_the_layer_that_share_names() -> None:
    """Equal layers a and b; c shares a, d shares b: 1 * 2 * 3 * 2 * 3 = 36. By guessing it could not be told."""
    layers = [f"{LINEAR}\n  name: {name}" for name in ("a", "b", "c\n  share: a", "d\n  share: b")]
    done = run(network(*layers, input="[1]"), {"input": 1, "a.weight": 2, "b.weight": 3})
    assert done.outputs["d"].numbers == [36]


def test_an_equal_layer_in_between_is_not_the_owner() -> None:
    """b and c are the same object, a has another stride; c uses the 3 of a: 1 * 3 * 10 * 3 = 90 (case wrong_owner)."""
    conv = "- conv: {out: 1, kernel: 1, bias: false%s}\n  name: %s"
    layers = [conv % (", stride: 2", "a"), conv % ("", "b"), conv % ("", "c\n  share: a")]
    net = network(*layers, input="[1, 4, 4]")
    values = {"input": 1, "a.weight": 3, "b.weight": 10}
    assert run(net, values).outputs["c"].numbers == [90] * 4
    assert run_exact(net, values).outputs["c"].numbers == [90] * 4
    found = trace(run(net, values).layer("c"), (0, 0, 1))
    assert [(term.weight, term.number) for term in found.terms] == [(3, 30)]


def test_a_head_is_tied_to_the_embedding_beside_an_equal_layer() -> None:
    """Rows 1 and 10 of the table; token 1 gives 10, times 2 in the middle, times each row: 20 and 200."""
    net = graph("""
name: tied
input: [1]
layers:
  - {embedding: {count: 2, out: 1}, name: table}
  - {linear: {out: 1, bias: false}, name: middle}
  - {linear: {out: 2, bias: false}, name: equal}
  - {linear: {out: 1, bias: false}, name: back}
  - {linear: {out: 2, bias: false}, share: table, name: head}
""")
    values = {"input": [1], "table.weight": [1, 10], "middle.weight": 2, "equal.weight": [1, 5], "back.weight": [1, 0]}
    assert run(net, values).outputs["head"].numbers == [20, 200]


def test_the_towers_of_retinanet_share_with_those_of_the_level_before() -> None:
    """Class and box towers of equal convolutions, on two levels; every tower takes the weight that its name says.

    On p3 = 1 (times 2): 2 * 3 and 2 * 5; on p4, made of p3 by a 7: 14 * 3 and 14 * 5.
    """
    conv = "- conv: {out: 1, kernel: 1, bias: false}"
    net = network(
        f"{conv}\n  name: p3",
        f"{conv}\n  name: cls3",
        f"{conv}\n  name: box3\n  from: p3",
        f"{conv}\n  name: p4\n  from: p3",
        f"{conv}\n  name: cls4\n  share: cls3",
        f"{conv}\n  name: box4\n  from: p4\n  share: box3",
        input="[1, 1, 1]",
        more="output: [cls3, box3, cls4, box4]\n",
    )
    done = run(net, {"input": 1, "p3.weight": 2, "cls3.weight": 3, "box3.weight": 5, "p4.weight": 7})
    assert {name: tensor.numbers for name, tensor in done.outputs.items()} == {
        "cls3": [6], "box3": [10], "cls4": [42], "box4": [70],
    }  # fmt: skip


def test_a_block_called_three_times_shares_with_the_first() -> None:
    """And not with the second, which is equal: 2, 3 and 2 again, twice each."""
    net = graph(f"""
name: three
input: [1]
blocks:
  twice:
    {LINEAR}
    {LINEAR}
      share: linear
layers:
  - {{twice: , name: first}}
  - {{twice: , name: second}}
  - {{twice: , name: third, share: first}}
""")
    done = run(net, {"input": 1, "first.linear.weight": 2, "second.linear.weight": 3})
    assert done.outputs["third"].numbers == [2 * 2 * 3 * 3 * 2 * 2]


def test_values_of_a_shared_weight_are_given_to_its_owner() -> None:
    net = network(f"{LINEAR}\n  name: a", f"{LINEAR}\n  name: b\n  share: a", input="[1]")
    with pytest.raises(CostcalcError, match=r"'b.weight' is a shared weight: give its values to 'a.weight'"):
        run(net, {"b.weight": 3})


SHARED_MIXTURES = """
name: two
input: [1, 1]
blocks:
  mixture:
    - mixture_of_experts:
        experts: 2
        active: 2
        expert:
          - linear: {out: 1, bias: false}
layers:
  - {mixture: , name: first}
  - {mixture: , name: second, share: first}
"""


def test_experts_are_shared_with_the_same_experts() -> None:
    """With equal gates of 1/2 a token of 1 becomes (10 + 100) / 2 = 55, and that 55 * 55."""
    values = {
        "input": 1,
        "first.expert[0].linear.weight": 10,
        "first.expert[1].linear.weight": 100,
        "first.mixture_of_experts.router": 0,
    }
    done = run(graph(SHARED_MIXTURES), values)
    assert done.outputs["second"].numbers == pytest.approx([55 * 55])
    for expert, number in ((0, 10), (1, 100)):
        assert done.layers[f"second.expert[{expert}].linear"].weights["weight"].numbers == [number]


def test_a_run_is_refused_that_takes_more_than_the_budget() -> None:
    """3 multiply-adds and 3 + 1 numbers of input and output, 3 of weights, of which three are made in the time of one:
    3 + 7 // 3 = 5."""
    net = network("- linear: {out: 1, bias: false}", input="[3]")
    message = (
        "test takes as long as 5 multiply-adds, the budget of a run is 4: "
        "take a smaller size, with --set or --input, or --budget 5 for this one"
    )
    for how in (run, run_exact):
        assert how(net, budget=5).outputs["linear"].shape == (1,)
        with pytest.raises(CostcalcError, match=f"^{re.escape(message)}$"):
            how(net, budget=4)
    with pytest.raises(CostcalcError, match="the budget must be at least 1 multiply-add, not 0"):
        run(net, budget=0)


def test_a_run_that_nobody_can_wait_for_is_refused_at_once(at_most: Limit) -> None:
    """A million layers of 10^9 multiply-adds: 10^15, more than `--budget` takes."""
    net = network("- linear: {out: 32768}\n  repeat: 1000000", input="[32768]")
    with (
        at_most(20_000),
        pytest.raises(
            CostcalcError, match=r"the budget of a run is 5,000,000,000: take a smaller size, with --set or --input$"
        ),
    ):
        run(net)


def test_experts_have_weights_of_their_own() -> None:
    """Tokens 1 and -1; the router sends the first to expert 1, the second to expert 0; they multiply by 10 and 100."""
    text = """
name: mixture
input: [2, 1]
layers:
  - mixture_of_experts:
      experts: 2
      active: 1
      expert:
        - linear: {out: 1, bias: false}
"""
    net = graph(text)
    done = run(net, {"input": [1, -1]})
    assert len([path for path in done.layers if path.endswith("linear")]) == 2
    first, second = (done.layers[f"expert[{k}].linear"].weights["weight"].numbers[0] for k in (0, 1))
    router = done.layers["mixture_of_experts"].weights["router"].numbers
    chosen = first if router[0] > router[1] else second
    other = second if router[0] > router[1] else first
    assert done.outputs["mixture_of_experts"].numbers == pytest.approx([chosen, -other])


def test_layers_that_no_output_needs_are_not_run() -> None:
    net = network("- relu:\n  name: main", "- linear: {out: 2}\n  name: aux", more="output: main\n")
    assert list(run(net).layers) == ["main"]


def test_only_what_is_asked_for_is_kept() -> None:
    net = network("- relu", "- tanh", "- sigmoid")
    assert list(run(net, only={"tanh"}).layers) == ["tanh"]
    assert list(run(net).layers) == ["relu", "tanh", "sigmoid"]


def test_progress_ends_where_it_said() -> None:
    calls: list[tuple[int, int, str]] = []
    net = network("- linear: {out: 3}\n  repeat: 2\n  name: stage", "- relu")
    run(net, progress=lambda done, total, path: calls.append((done, total, path)))
    assert [path for _, _, path in calls] == ["stage[0]", "stage[1]", "relu", ""]
    assert calls[0][0] == 0
    assert calls[-1][0] == calls[-1][1]


BLOCK = """
name: called
input: [4, 7, 6]
blocks:
  residual(width, stride=1):
    - add:
        body:
          - conv: {out: width, kernel: 3, stride: stride, padding: 1}
          - relu
        shortcut:
          - conv: {out: width, kernel: 1, stride: stride}
layers:
  - residual: {width: 3, stride: 2}
  - batch_norm
"""
BY_HAND = """
name: written out
input: [4, 7, 6]
layers:
  - conv: {out: 3, kernel: 3, stride: 2, padding: 1}
    name: body
  - relu
    name: bent
  - conv: {out: 3, kernel: 1, stride: 2}
    name: short
    from: input
  - add
    from: [bent, short]
  - batch_norm
""".replace("- relu\n", "- relu:\n").replace("- add\n", "- add:\n")


def test_a_block_written_out_by_hand_gives_the_same_values() -> None:
    called, written = graph(BLOCK), graph(BY_HAND)
    random = run(called)
    names = {
        "residual.conv": "body",
        "residual.body.conv": "body",
        "residual.shortcut.conv": "short",
        "batch_norm": "batch_norm",
    }
    values: dict[str, Any] = {"input": random.inputs["input"].numbers}
    for path, ran in random.layers.items():
        for weight, tensor in ran.weights.items():
            values[f"{names[path]}.{weight}"] = tensor.numbers
    by_hand = run(written, values)
    assert by_hand.outputs["batch_norm"].numbers == random.outputs["batch_norm"].numbers


def test_channels_last_gives_the_same_values() -> None:
    """A network of channel-aware ops, and the same one with its channels last."""
    layers = """
layers:
  - conv: {out: 6, kernel: [3, 2], stride: 2, padding: 1, groups: 2}
  - batch_norm
  - relu
  - concat:
      a:
        - max_pool: {kernel: 2, stride: 1, padding: 1, ceil: true}
      b:
        - avg_pool: {kernel: 2, stride: 1, padding: 1}
        - group_norm: {groups: 3}
  - conv_transpose: {out: 4, kernel: 3, stride: 2, groups: 2}
  - upsample: {scale: 2, mode: bilinear}
  - global_avg_pool
"""
    first = graph(f"name: first\ninput: [4, 9, 8]{layers}")
    last = graph(f"name: last\nlayout: channels_last\ninput: [9, 8, 4]{layers}")
    random = run(first)
    values: dict[str, Any] = {"input": random.inputs["input"].permute([1, 2, 0]).numbers}
    for path, ran in random.layers.items():
        values |= {f"{path}.{name}": tensor.numbers for name, tensor in ran.weights.items()}
    expected = random.outputs["global_avg_pool"]
    found = run(last, values).outputs["global_avg_pool"]
    assert (expected.shape, found.shape) == ((4, 1, 1), (1, 1, 4))
    assert found.numbers == pytest.approx(expected.numbers)
