"""Peak activation memory, by hand: which tensors are alive at the worst layer. Sizes are bytes of float32."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from costcalc.cost.estimate import estimate
from costcalc.cost.model import Report
from costcalc.graph.build import build
from costcalc.spec.load import load

Cost = Callable[..., Report]
Limit = Callable[[int], AbstractContextManager[None]]


def test_the_live_tensors_are_in_the_order_in_which_they_were_made(cost: Cost) -> None:
    """Whatever the order in which the last layer takes them."""
    report = cost("""
        input: [8]
        layers:
          - layers: [{linear: {out: 5}}]
            name: a
          - linear: {out: 6}
          - linear: {out: 7}
          - add:
              one: [{layers: [{concat: {axis: 0}, from: [linear_2, a, linear, x]}]}]
              two: {when: false, layers: []}
    """)
    assert [path for path, _ in report.peak().live] == ["input", "a.linear", "linear", "linear_2", "one.group.concat"]


def test_a_chain_holds_the_input_and_the_output_of_a_layer(cost: Cost) -> None:
    """5 -> 7 -> 3: the worst is the first linear, with 5 + 7 numbers; at the second 7 + 3."""
    peak = cost("{input: [5], layers: [{linear: {out: 7}}, {linear: {out: 3}}]}").peak()
    assert (peak.bytes, peak.layer) == (4 * 12, "linear")
    assert peak.live == (("input", 20), ("linear", 28))


def test_nothing_is_computed_in_place(cost: Cost) -> None:
    """A relu holds its input and its output."""
    assert cost("{input: [5], layers: [relu]}").peak().bytes == 40


def test_a_view_takes_no_memory_and_keeps_its_input_alive(cost: Cost) -> None:
    """Flatten and dropout are the convolution's memory: at `linear` 24 + 5 numbers, at the end still 24 for `add`."""
    report = cost("""
        input: [1, 4, 6]
        layers:
          - relu
          - flatten
          - dropout
          - linear: {out: 5}
          - identity
          - linear: {out: 24}
          - add:
            from: [linear_2, dropout]
    """)
    assert report.peak().bytes == 4 * (24 + 24 + 24)
    assert report.peak().layer == "add"
    assert report.peak().live == (("relu", 96), ("linear_2", 96), ("add", 96))


def test_a_tensor_lives_until_its_last_use(cost: Cost) -> None:
    """The skip of 10 is alive while 30 are made from 30, and until it is joined."""
    report = cost("""
        input: [1]
        layers:
          - linear: {out: 10}
            name: skip
          - linear: {out: 30}
          - linear: {out: 30}
          - linear: {out: 2}
          - concat: {axis: 0}
            from: [linear_3, skip]
    """)
    assert report.peak().layer == "linear_2"
    assert report.peak().live == (("skip", 40), ("linear", 120), ("linear_2", 120))


def test_the_input_lives_from_the_start_until_its_last_use(cost: Cost) -> None:
    """Also the one that is needed only later: `mask` lies there while 100 numbers are made from 2."""
    report = cost("""
        input: {image: [2], mask: [50]}
        layers:
          - linear: {out: 100}
          - linear: {out: 50}
          - mul:
            from: [linear_2, mask]
    """)
    assert report.peak().live == (("mask", 200), ("linear", 400), ("linear_2", 200))
    assert report.peak().bytes == 800


def test_an_input_that_nothing_uses_is_not_held(cost: Cost) -> None:
    report = cost("{input: {image: [2], mask: [50]}, layers: [{linear: {out: 3}}]}")
    assert report.peak().live == (("image", 8), ("linear", 12))


def test_outputs_live_to_the_end(cost: Cost) -> None:
    """All of them; what is no output and used no more has gone by then."""
    text = """
        input: [1]
        layers:
          - linear: {out: 7}
          - linear: {out: 20}
          - linear: {out: 30}
          - linear: {out: 3}
        output: OUTPUT
    """
    assert cost(text.replace("OUTPUT", "linear_4")).peak().bytes == 4 * (20 + 30)
    assert cost(text.replace("OUTPUT", "[linear, linear_4]")).peak().bytes == 4 * (7 + 20 + 30)
    assert cost(text.replace("OUTPUT", "[linear, linear_2, linear_4]")).peak().bytes == 4 * (7 + 20 + 30 + 3)
    assert cost(text.replace("OUTPUT", "[linear_3, linear_2, linear_4]")).peak().bytes == 4 * (20 + 30 + 3)


def test_what_is_not_run_holds_nothing(cost: Cost) -> None:
    """Neither its output nor what it uses: the 100 have gone when 50 are made."""
    report = cost("""
        input: [2]
        layers:
          - linear: {out: 5}
            name: trunk
          - linear: {out: 1000}
          - linear: {out: 7}
            name: head
            from: trunk
    """)
    assert report.peak().bytes == 4 * (5 + 7)
    report = cost("""
        input: [1]
        layers:
          - linear: {out: 100}
            name: wide
          - linear: {out: 2}
          - linear: {out: 150}
          - linear: {out: 3}
            name: head
          - relu:
            from: wide
        output: head
    """)
    assert report.peak().bytes == 4 * (150 + 3)


def test_branches_hold_the_incoming_tensor_for_one_another(cost: Cost) -> None:
    """Four branches from 10: while the last runs, the first three outputs wait for the join."""
    report = cost("""
        input: [10]
        layers:
          - concat:
              axis: 0
              a: [{linear: {out: 4}}]
              b: [{linear: {out: 5}}]
              c: []
              d: [{linear: {out: 30}}, {linear: {out: 6}}]
    """)
    # at d.linear: input 10, a 4, b 5, and 30; at d.linear_2: 10 + 4 + 5 + 30 + 6; at concat 4 + 5 + 10 + 6 + 25
    assert report.peak().bytes == 4 * (10 + 4 + 5 + 30 + 6)
    assert report.peak().layer == "d.linear_2"
    assert report.peak().live == (
        ("input", 40), ("a.linear", 16), ("b.linear", 20), ("d.linear", 120), ("d.linear_2", 24),
    )  # fmt: skip


def test_an_input_dies_inside_the_block_that_uses_it_last(cost: Cost) -> None:
    """The block's first layer is the last to use 100 numbers: its second runs with 3 + 120 alone.

    The same call with another use of the 100 afterwards holds them until then.
    """
    text = """
        input: [1]
        blocks:
          block: [{linear: {out: 3}}, {linear: {out: 120}}]
        layers:
          - linear: {out: 100}
            name: wide
          - block:
          LATER
    """
    assert cost(text.replace("LATER", "- relu")).peak().bytes == 4 * (120 + 120)
    report = cost(text.replace("LATER", "- {concat: {axis: 0}, from: [block, wide]}"))
    assert report.peak().bytes == 4 * (120 + 100 + 220)
    assert cost(text.replace("LATER", "- {linear: {out: 1}}")).peak().bytes == 4 * (3 + 120)
    report = cost(text.replace("LATER", "- {linear: {out: 1}}\n          - {concat: {axis: 0}, from: [linear, wide]}"))
    assert report.peak().live == (("wide", 400), ("block.linear", 12), ("block.linear_2", 480))


def test_one_tensor_in_two_inputs_is_held_once(cost: Cost) -> None:
    report = cost("""
        input: [10]
        blocks:
          block from x, y:
            - add:
              from: [x, y]
        layers:
          - block:
            from: [input, input]
    """)
    assert report.peak().live == (("input", 40), ("block.add", 40))


def test_a_repeat_hands_on_one_tensor_and_keeps_the_others(cost: Cost) -> None:
    """Each instance holds what the one before made, its own output, and the skip that all of them take."""
    report = cost("""
        input: [10]
        blocks:
          block from x, skip:
            - add:
              from: [x, skip]
        layers:
          - linear: {out: 10}
            name: skip
          - linear: {out: 10}
          - block:
            from: [linear, skip]
            repeat: 1000
    """)
    assert report.peak().bytes == 4 * 30
    assert report.find("block[1]").count == 1000


def test_the_first_instance_may_hold_more_than_the_second(cost: Cost) -> None:
    """It starts from the network's input, in another format; between the others 8-bit numbers are handed on."""
    report = cost("""
        dtype: float64
        input: [10]
        layers:
          - linear: {out: 10}
            dtype: int8
            repeat: 5
    """)
    assert report.peak().layer == "linear[0]"
    assert report.peak().live == (("input", 80), ("linear[0]", 10))


def test_a_tensor_used_after_a_repeat_is_held_throughout(cost: Cost) -> None:
    report = cost("""
        input: [10]
        layers:
          - add:
              body:
                - relu:
                  repeat: 1000000
              shortcut: []
    """)
    assert report.peak().bytes == 4 * 30
    assert report.peak().layer == "body.relu[1]"
    assert report.peak().live == (("input", 40), ("body.relu[0]", 40), ("body.relu[1]", 40))


def test_a_repeat_of_views_holds_one_tensor(cost: Cost) -> None:
    report = cost("{input: [10], layers: [relu, {dropout: , repeat: 7}, {linear: {out: 1}}]}")
    assert report.peak().bytes == 4 * 20


@pytest.mark.parametrize(("batch", "each"), [(1, 3), (2, 5), (3, 8)])
def test_every_tensor_is_a_whole_number_of_bytes(cost: Cost, batch: int, each: int) -> None:
    """5 numbers of 4 bits are 20 bits an item: 3 bytes for one, 5 for two, 8 for three; the live ones add up."""
    peak = cost("{dtype: int4, input: [5], layers: [relu]}", batch=batch).peak()
    assert peak.live == (("input", each), ("relu", each))
    assert peak.bytes == 2 * each


@pytest.mark.parametrize(
    ("view", "left"),
    [
        ("slice: {axis: 0, end: 2}", 20),
        ("slice: {axis: 1, start: 9}", 10),
        ("crop: {size: 4}", 40),
        ("transpose: {order: [1, 0]}", 100),
    ],
)
def test_a_part_keeps_the_whole_alive(cost: Cost, view: str, left: int) -> None:
    """What is cut out of [10, 10], or turned, is no copy: all 100 live until it is joined to 40 others."""
    report = cost(f"""
        input: [1]
        layers:
          - linear: {{out: 100}}
            name: base
          - reshape: {{shape: [10, 10]}}
          - {view}
          - flatten:
            name: part
          - linear: {{out: 40}}
            from: x
            name: other
          - concat: {{axis: 0}}
            from: [part, other]
    """)
    assert report.peak().live == (("base", 400), ("other", 160), ("concat", 4 * (left + 40)))


def test_views_cross_the_borders_of_blocks(cost: Cost) -> None:
    """Out of a block, into one, through a branch and through repeats: the memory stays that of the 24 of `base`.

    At `wide` 24 are alive beside 1 and 90; at `narrow` 24, 90 and 12; at `add` 24, 12 and 12.
    """
    report = cost("""
        input: [1]
        blocks:
          part(n) from x, like:
            - crop: {}
              from: {x: x, like: like}
              name: cut
            - layers:
                - identity:
                  repeat: n
          make:
            - linear: {out: 24}
            - reshape: {shape: [2, 12]}
        layers:
          - make:
            name: base
          - {linear: {out: 90}, from: x, name: wide}
          - {linear: {out: 12}, name: narrow}
          - {reshape: {shape: [2, 6]}, name: form}
          - {part: {n: 3}, from: {x: base, like: form}, name: first}
          - {part: {n: 0}, from: {x: first, like: form}, name: second}
          - {dropout: , when: false, name: none_of_it}
          - add:
              one: {from: none_of_it, layers: [{layers: [dropout], repeat: 70}]}
              two: {from: form}
    """)
    assert report.peak().bytes == 4 * (24 + 90 + 12)
    assert report.peak().layer == "narrow"
    assert report.peak().live == (("base.linear", 96), ("wide", 360), ("narrow", 48))
    assert report.totals.activations == 24 + 90 + 12 + 12


def test_a_part_of_a_skip_is_handed_on_by_a_repeat(cost: Cost) -> None:
    """Each instance cuts 10 out of the 100 of `skip` and uses what came before for the size alone.

    At the first crop: skip 100 and 20 of `small`; nothing is made. At `add`: skip, and 10 more.
    """
    report = cost("""
        input: [1]
        blocks:
          cut from x, skip:
            - crop: {}
              from: {x: skip, like: x}
        layers:
          - linear: {out: 100}
          - {reshape: {shape: [10, 10]}, name: skip}
          - {linear: {out: 20}, from: x, name: small}
          - reshape: {shape: [20, 1]}
          - crop: {size: 1}
          - {slice: {axis: 0, end: 10}}
          - {cut: , from: {skip: skip}, repeat: 5}
          - {relu: , name: last}
    """)
    assert report.peak().bytes == 4 * (1 + 100 + 20)
    assert report.peak().layer == "small"
    assert [row.cost.activations for row in report.rows(1)] == [100, 0, 20, 0, 0, 0, 0, 10]


def test_a_parameter_takes_no_memory_beside_its_weight(cost: Cost) -> None:
    """100 items, a million numbers each: the input and one tensor live; the weight is there once, and a view of it too.

    By hand: 2 x 100 x 1,000,000 x 4 bytes; the million weights are 4,000,000 bytes more.
    """
    report = cost(
        """
        input: [1000, 1000]
        layers:
          - relu
          - add:
              x0: []
              scale:
                - parameter: {shape: [1000000]}
                - reshape: {shape: [1000, 1000]}
        """,
        batch=100,
    )
    assert report.peak().bytes == 800_000_000
    assert report.peak().live == (("input", 400_000_000), ("relu", 400_000_000))
    assert report.totals.activations == 200_000_000
    assert report.totals.weight_bytes == 4_000_000


def test_a_network_that_hands_its_input_on_holds_that_input(cost: Cost) -> None:
    """One number of 4 bytes; the input that nobody takes is not held. Where a layer is not run it is the same."""
    for text in (
        "{input: {left: [1], right: [1]}, layers: [{relu: , when: false}]}",
        "{input: {left: [1], right: [1]}, layers: [{relu: , from: right}], output: left}",
    ):
        peak = cost(text).peak()
        assert (peak.bytes, peak.layer, peak.live) == (4, "left", (("left", 4),))
    both = cost("{input: {left: [1], right: [2]}, layers: [relu], output: [right, left]}").peak()
    assert (both.bytes, both.layer, both.live) == (12, "left", (("left", 4), ("right", 8)))
    weight = cost("{input: [1], layers: [{parameter: {shape: [2]}}]}").peak()
    assert (weight.bytes, weight.layer, weight.live) == (0, "parameter", ())


def test_the_live_tensors_are_named_by_the_layer_that_made_them(cost: Cost) -> None:
    """By its full path, also where it came out of a block, a repeat or a view."""
    report = cost("""
        input: [1]
        blocks:
          inner: [{linear: {out: 50}}, {dropout: }]
          outer:
            - inner:
              repeat: 3
              name: stage
        layers:
          - outer
          - linear: {out: 60}
          - add:
              a: []
              b: []
          - concat: {axis: 0}
            from: [add, outer]
    """)
    assert report.peak().live == (
        ("outer.stage[2].linear", 200),
        ("add", 240),
        ("concat", 440),
    )


def test_the_peak_of_a_residual_stage_by_hand(cost: Cost) -> None:
    """A bottleneck on 56 x 56: the last convolution holds 256 + 64 + 256 channels, `add` three times 256."""
    report = cost("""
        input: [256, 56, 56]
        layers:
          - add:
              body:
                - conv: {out: 64, kernel: 1}
                - conv: {out: 64, kernel: 3, padding: 1}
                - conv: {out: 256, kernel: 1}
              shortcut: []
          - relu
    """)
    assert report.peak().layer == "add"
    assert report.peak().bytes == 4 * 56 * 56 * 3 * 256


def test_a_deep_network_is_found_at_once(cost: Cost, at_most: Limit) -> None:
    """A million blocks of a thousand layers each: equal cases are looked at once."""
    with at_most(20_000):
        report = cost("""
            input: [10]
            blocks:
              block:
                - add:
                    body:
                      - linear: {out: 20}
                      - linear: {out: 10}
                        repeat: 1000
                    shortcut: []
            layers:
              - block:
                repeat: 1000000
        """)
        assert report.peak().bytes == 4 * (10 + 20 + 10)


@pytest.mark.parametrize(
    ("name", "expected", "layer"),
    [
        # 64 x 568 x 568 before it is cropped, 64 x 392 x 392 beside it, 128 x 392 x 392 joined: 82,591,744 + 39,337,984
        # + 78,675,968. The same by torch 2.13.0, liveness over the recorded trace of a network with these layers.
        ("unet", 200_605_696, "up1.concat"),
        # torchvision 0.28.0's own models, the same way
        ("resnet50", 9_633_792, "stage1[0].shortcut.conv_norm.batch_norm"),
        ("densenet121", 8_429_568, "dense1[5].new.preact_conv.relu"),
        ("vit_b_16", 5_446_656, "layers[0].feed_forward.mlp.gelu"),
        ("swin_t", 10_838_016, "stage1[0].pre_norm_layer.feed_forward.mlp.gelu"),
    ],
)
def test_the_peak_is_that_of_pytorch(name: str, expected: int, layer: str) -> None:
    """Every storage of PyTorch's trace dies after its last use, views keeping it alive."""
    peak = estimate(build(load(name))).peak()
    assert (peak.bytes, peak.layer) == (expected, layer)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        # 297,113,632 and the crops 512 x 56^2 + 256 x 104^2 + 128 x 200^2 + 64 x 392^2 = 19,329,024 were 316,442,656
        ("unet", 297_113_632),
        # slices and transposes were 15,165,696 of 52,243,902, counted over the flattened network
        ("swin_t", 52_243_902 - 15_165_696),
    ],
)
def test_views_and_parameters_are_no_activations(name: str, expected: int) -> None:
    assert estimate(build(load(name))).totals.activations == expected
