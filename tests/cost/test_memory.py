"""Peak activation memory, by hand: which tensors are alive at the worst layer. Sizes are bytes of float32."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from costcalc.cost.model import Report

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


@pytest.mark.parametrize(("batch", "expected"), [(1, 5), (2, 10), (3, 15)])
def test_bits_are_rounded_up_to_bytes_at_the_end(cost: Cost, batch: int, expected: int) -> None:
    """5 + 5 numbers of 4 bits: 40 bits an item."""
    assert cost("{dtype: int4, input: [5], layers: [relu]}", batch=batch).peak().bytes == expected


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
