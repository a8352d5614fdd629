"""`share`: tied weights, counted once, by path and shape."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from costcalc.cost.metrics import Cost as Numbers
from costcalc.cost.model import Report
from costcalc.errors import SpecError

Cost = Callable[..., Report]
Limit = Callable[[int], AbstractContextManager[None]]


def params(report: Report) -> dict[str, int]:
    """Path -> params of every layer, where it has any of its own."""
    return {row.path: row.params for row in report.rows(fold=10**9) if row.params}


def test_a_shared_layer_costs_its_work_and_no_weights(cost: Cost) -> None:
    """Two linears of 4 x 4 + 4 on one set: 20 params, 2 x 16 macs; the second's row says 0, stored 0."""
    report = cost("""
        input: [4]
        layers:
          - linear: {out: 4}
            name: a
          - linear: {out: 4}
            share: a
    """)
    assert (report.totals.params, report.totals.macs, report.totals.layers) == (20, 32, 2)
    row = report.find("linear")
    assert (row.params, row.macs, row.stored, row.run) == (0, 16, 0, 1)


def test_a_head_is_tied_to_the_embedding(cost: Cost) -> None:
    """Both are [tokens, features]: 100 x 8, stored once; the head has a bias of its own unless it says no."""
    text = """
        input: [5]
        layers:
          - embedding: {count: 100, out: 8}
            name: embed
          - linear: {out: 100BIAS}
            share: embed
    """
    assert params(cost(text.replace("BIAS", ", bias: false"))) == {"embed": 800}
    assert params(cost(text.replace("BIAS", ""))) == {"embed": 800, "linear": 100}


def test_a_linear_is_tied_to_a_linear_of_another_bias(cost: Cost) -> None:
    """What is equal in path and shape is shared, the rest is not: here the weight, but no bias is there to share."""
    report = cost("""
        input: [4]
        layers:
          - linear: {out: 4, bias: false}
            name: a
          - linear: {out: 4}
            share: a
          - linear: {out: 4}
            share: linear
    """)
    assert params(report) == {"a": 16, "linear": 4}
    assert report.totals.params == 20


def test_a_block_call_shares_by_paths_inside_it(cost: Cost) -> None:
    """A siamese network: two towers, one set. The heads differ in shape, so the second keeps its own: 8 x 2 + 2."""
    report = cost("""
        input: {left: [4], right: [4]}
        blocks:
          tower(out):
            - linear: {out: 8}
              repeat: 2
              name: body
            - linear: {out: out}
              name: head
        layers:
          - tower: {out: 3}
            name: one
            from: left
          - tower: {out: 2}
            name: two
            from: right
            share: one
          - concat: {axis: 0}
            from: [one, two]
    """)
    assert params(report) == {"one.body[0]": 40, "one.body[1]": 72, "one.head": 27, "two.head": 18}
    assert report.totals.params == 40 + 72 + 27 + 18
    assert report.totals.macs == 2 * (32 + 64) + 24 + 16
    assert report.find("two").params == 18
    assert report.find("two.body").params == 0


def test_a_layer_shares_with_one_of_an_enclosing_list(cost: Cost) -> None:
    """From a group, a branch, a named join and a repeat; never across a block's border."""
    report = cost("""
        input: [4]
        layers:
          - linear: {out: 4}
            name: a
          - layers:
              - linear: {out: 4}
                share: a
              - layers: [{linear: {out: 4}, share: a}]
          - add:
              one: [{linear: {out: 4}, share: a}]
              two: []
          - add:
              one: [{linear: {out: 4}, share: a}]
              two: []
            name: join
          - layers: [{linear: {out: 4}, share: a}]
            repeat: 3
    """)
    assert params(report) == {"a": 20}
    assert report.totals.params == 20
    assert report.totals.layers == 1 + 2 + 2 + 2 + 3
    with pytest.raises(SpecError, match="'share: a': no earlier layer is called 'a'"):
        cost("""
            input: [4]
            blocks:
              block: [{linear: {out: 4}, share: a}]
            layers: [{linear: {out: 4}, name: a}, block]
        """)


def test_who_shares_with_a_sharer_shares_with_its_owner(cost: Cost) -> None:
    report = cost("""
        input: [4]
        layers:
          - linear: {out: 4}
            name: a
          - linear: {out: 4}
            name: b
            share: a
          - linear: {out: 4}
            share: b
    """)
    assert report.totals.params == 20


# --- ties inside what is shared ----------------------------------------------------------------------------------------


def test_what_a_layer_shares_counts_among_its_weights(cost: Cost) -> None:
    """`g.b` has the weight of `g.a`; `h.b` has the same path and shape, so all three are one: 9 + 1.

    The input is the case `share_of_shared`.
    """
    report = cost("""
        input: [1, 6, 5]
        layers:
          - layers:
              - conv: {out: 1, kernel: 3, padding: 1}
                name: a
              - conv: {out: 1, kernel: 3, padding: 1}
                name: b
                share: a
            name: g
          - layers:
              - conv: {out: 1, kernel: 3, padding: 1}
                name: b
            name: h
            share: g
    """)
    assert report.totals.params == 10
    assert params(report) == {"g.a": 10}
    assert report.find("h.b").macs == 9 * 30


def test_a_block_that_shares_inside_stays_one_set(cost: Cost) -> None:
    """1 -> 2 -> 2, then 2 -> 2 -> 2. The biases of 2 are one, and so are the three matrices [2, 2]: 2 + 2 + 4.

    The input is the case `share_block_of_self_shared`.
    """
    report = cost("""
        input: [1, 1]
        blocks:
          b0(out):
            - conv: {out: out, kernel: 1}
              name: n2
              repeat: 2
              share: n2
        layers:
          - b0: {out: 2}
            name: n3
          - b0: {out: 2}
            share: n3
    """)
    assert params(report) == {"n3.n2[0]": 4, "n3.n2[1]": 4}
    assert report.totals.params == 8


TIED = """
input: [4]
blocks:
  free:
    - {linear: {out: 4, bias: false}, name: p}
    - {linear: {out: 4, bias: false}, name: q}
  tied:
    - {linear: {out: 4, bias: false}, name: p}
    - {linear: {out: 4, bias: false}, name: q, share: p}
layers:
"""


def test_a_tie_of_the_sharer_holds_for_the_owner_as_well(cost: Cost) -> None:
    """free.p = tied.p = tied.q = free.q: one matrix of 16. A second call of `free`, the same object, keeps its two."""
    report = cost(TIED + "  - {free: , name: one}\n  - {free: , name: two}\n  - {tied: , name: three, share: one}\n")
    assert params(report) == {"one.p": 16, "two.p": 16, "two.q": 16}
    assert (report.find("one").params, report.find("two").params, report.find("three").params) == (16, 32, 0)
    assert report.totals.params == 48


def test_a_tie_reaches_one_instance_of_a_long_repeat(cost: Cost) -> None:
    """Of 1,000,000 instances with two matrices the last has one: `three` shares with that. The others stay a row."""
    report = cost(TIED + "  - {free: , name: one, repeat: 1000000}\n  - {tied: , name: three, share: one}\n")
    assert report.totals.params == 1_000_000 * 32 - 16
    rows = list(report.rows())
    assert sum((row.cost for row in rows), Numbers()) == report.totals
    assert [(row.path, row.params) for row in rows] == [
        ("one[0..999998].p", 999_999 * 16),
        ("one[0..999998].q", 999_999 * 16),
        ("one[999999].p", 16),
        ("one[999999].q", 0),
        ("three.p", 0),
        ("three.q", 0),
    ]


def test_weights_are_one_by_way_of_a_third(cost: Cost) -> None:
    """In `g` the layer `q` has the weight of `z`, and `g` shares with `a`, so `a.q` is `z`'s, too: 16."""
    report = cost("""
        input: [4]
        layers:
          - {linear: {out: 4, bias: false}, name: z}
          - layers: [{linear: {out: 4, bias: false}, name: q}]
            name: a
          - layers:
              - layers: [{linear: {out: 4, bias: false}, name: q, share: z}]
                share: a
            name: g
            repeat: 3
    """)
    assert params(report) == {"z": 16}
    assert report.totals.params == 16


def test_a_group_in_which_nothing_is_left_hides_the_same_name_outside(cost: Cost) -> None:
    """Else the layer after it would use the weights of another `a` without a word."""
    with pytest.raises(SpecError, match="'share: a': no earlier layer is called 'a'"):
        cost("""
            input: [4]
            layers:
              - {linear: {out: 4}, name: a}
              - layers:
                  - layers: [{linear: {out: 4}, when: false}]
                    name: a
                  - linear: {out: 4}
                    share: a
        """)


def test_a_long_chain_of_shares_is_followed_once(cost: Cost, at_most: Limit) -> None:
    """Each of 300 blocks shares with the one before, every other with its ties: a chain is not walked again."""
    calls = "".join(
        f"  - {{{'tied' if k % 2 else 'free'}: , name: n{k}{f', share: n{k - 1}' if k else ''}}}\n" for k in range(300)
    )
    with at_most(600_000):
        assert cost(TIED + calls).totals.params == 16


# --- repeats ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "share"), [("name: layer", "layer"), ("", "block")])
def test_a_repeat_that_names_itself_has_one_set_for_all(cost: Cost, name: str, share: str) -> None:
    """As ALBERT does. Unnamed, a repeat is called by its op or block, and may be named so."""
    report = cost(f"""
        input: [4]
        blocks:
          block: [{{linear: {{out: 4}}}}, relu]
        layers:
          - block:
            repeat: 1000000
            share: {share}
            {name}
    """)
    assert report.totals.params == 20
    assert report.totals.macs == 16_000_000
    assert report.find(f"{share}[0]").params == 20
    assert report.find(f"{share}[1]").params == 0


def test_instances_that_differ_share_what_they_have_in_common(cost: Cost) -> None:
    """One set for all: the first layer of the first instance is 3 -> 4, of the others 4 -> 4, and that is stored once.

    By hand: 3 x 4 + 4 = 16; 4 x 4 + 4 = 20 for the second layers; 16 more weights for the others' first layers,
    whose bias of 4 the first instance has already.
    """
    report = cost("""
        input: [3]
        blocks:
          block: [{linear: {out: 4}}, {linear: {out: 4}}]
        layers:
          - block:
            repeat: 5
            name: stage
            share: stage
    """)
    assert params(report) == {"stage[0].linear": 16, "stage[0].linear_2": 20, "stage[1].linear": 16}
    assert report.totals.params == 52


def test_one_instance_has_nothing_to_share_with(cost: Cost) -> None:
    """A depth of 1 is no error, and a depth of 0 neither."""
    text = """
        args: {depth: 1}
        input: [4]
        layers:
          - linear: {out: 4}
            repeat: depth
            name: stage
            share: stage
    """
    assert cost(text).totals.params == 20
    assert cost(text, {"depth": 0}).totals.params == 0


def test_every_instance_may_use_the_weights_of_one_layer(cost: Cost) -> None:
    report = cost("""
        input: [4]
        layers:
          - linear: {out: 4}
            name: a
          - linear: {out: 4}
            repeat: 1000
            share: a
    """)
    assert report.totals.params == 20


def test_a_repeat_shares_with_a_repeat_instance_by_instance(cost: Cost) -> None:
    """3 -> 4 with 3 -> 4 and 4 -> 4 with 4 -> 4; instances beyond those of the other keep their own."""
    report = cost("""
        input: [3]
        layers:
          - linear: {out: 4}
            repeat: 2
            name: a
          - linear: {out: 4}
            repeat: 4
            name: b
            from: input
            share: a
          - add:
            from: [a, b]
    """)
    assert params(report) == {"a[0]": 16, "a[1]": 20, "b[2]": 20, "b[3]": 20}


def test_a_layer_shares_with_the_last_instance_of_a_repeat(cost: Cost) -> None:
    """As `from` does: the name of a repeat is its last instance."""
    report = cost("""
        input: [3]
        layers:
          - linear: {out: 4}
            repeat: 2
            name: a
          - linear: {out: 4}
            name: b
            share: a
    """)
    assert params(report) == {"a[0]": 16, "a[1]": 20}


def test_a_name_inside_hides_the_same_name_outside(cost: Cost) -> None:
    """The repeat inside means itself; the layer before it meant the one outside."""
    report = cost("""
        input: [4]
        layers:
          - linear: {out: 4}
            name: a
          - layers:
              - linear: {out: 4}
                share: a
              - linear: {out: 4}
                repeat: 3
                name: a
                share: a
            name: group
    """)
    assert params(report) == {"a": 20, "group.a[0]": 20}


def test_neighbours_that_share_different_weights_are_different_rows(cost: Cost) -> None:
    """Both instances of `b` are equal, but those of `a` are not.

    By hand, 4 -> 7 -> 4 has 4 x 7, 7, 7 x 4 and 4. The first of `a` is 4 -> 5 -> 4 with only the last bias in common,
    the second has no such bias and everything else.
    """
    report = cost("""
        input: [4]
        blocks:
          unit(h, bias):
            - linear: {out: h}
            - linear: {out: 4, bias: bias}
        layers:
          - unit: {h: 5 if i == 0 else 7, bias: i == 0}
            repeat: 2
            name: a
          - unit: {h: 7, bias: true}
            repeat: 3
            share: a
            name: b
    """)
    assert report.find("b[0]").params == 28 + 7 + 28
    assert report.find("b[1]").params == 4
    assert report.find("b[2]").params == 28 + 7 + 28 + 4
    assert report.totals.params == (20 + 5 + 20 + 4) + (28 + 7 + 28) + 63 + 4 + 67


def test_the_same_group_may_share_with_different_layers(cost: Cost) -> None:
    """In every instance the group takes its weights from that instance's `a`: with a bias first, then without."""
    report = cost("""
        input: [4]
        layers:
          - layers:
              - linear: {out: 4, bias: i == 0}
                name: a
              - layers: [{linear: {out: 4}, share: a}]
            repeat: 2
    """)
    assert params(report) == {"group[0].a": 20, "group[1].a": 16, "group[1].group.linear": 4}


def test_an_unnamed_layer_may_share_with_an_unnamed_one_outside(cost: Cost) -> None:
    """Both are called `linear`; the one inside is not there yet when it asks for the other."""
    report = cost("""
        input: [4]
        layers:
          - linear: {out: 4}
          - layers:
              - linear: {out: 4}
                share: linear
    """)
    assert params(report) == {"linear": 20}


# --- what cannot be shared -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "layer",
    [
        "{linear: {out: 5}, share: a}",
        "{linear: {out: 5}, repeat: 2, share: a}",
        "{relu: , share: a}",
        "{layers: [{linear: {out: 4}}], share: a}",
    ],
)
def test_no_weight_in_common_is_an_error(cost: Cost, layer: str) -> None:
    with pytest.raises(SpecError, match="'share: a' shares nothing"):
        cost(f"{{input: [4], layers: [{{linear: {{out: 4, bias: false}}, name: a}}, {layer}]}}")


JOINS = {
    "mixture_of_experts": ("mixture_of_experts: {experts: 4, active: 2, expert: [{linear: {out: 4}}]}", 4 * 20 + 16),
    "add": ("add: {body: [{linear: {out: 4}}], shortcut: []}", 20),
}
"""An op -> a join that has branches with weights, and its params: 4 x 4 + 4 a linear layer, 4 x 4 the router."""


@pytest.mark.parametrize("op", JOINS)
def test_a_join_shares_with_its_branches_or_not_at_all(cost: Cost, op: str) -> None:
    """The branches of an unnamed join stand beside it: that its router alone were shared would be said nowhere."""
    join, params = JOINS[op]
    layers = "{{input: [3, 4], layers: [{{{join}{name}}}, {{{join}, name: second, share: {share}}}]}}"
    assert cost(layers.format(join=join, name=", name: first", share="first")).totals.params == params
    with pytest.raises(SpecError, match=f"'share: {op}': the branches of an unnamed join stand beside it"):
        cost(layers.format(join=join, name="", share=op))


def test_a_layer_that_is_left_out_hides_the_same_name_outside(cost: Cost) -> None:
    with pytest.raises(SpecError, match=r"'share: a': .* is left out"):
        cost("""
            input: [4]
            layers:
              - linear: {out: 4}
                name: a
              - layers:
                  - linear: {out: 4}
                    share: a
                  - linear: {out: 4}
                    name: a
                    when: false
                  - linear: {out: 4}
                    share: a
        """)


def test_a_layer_that_is_left_out_has_nothing_to_share(cost: Cost) -> None:
    with pytest.raises(SpecError, match=r"'share: a': .* is left out"):
        cost("""
            input: [4]
            layers:
              - linear: {out: 4}
                name: a
                when: false
              - linear: {out: 4}
                share: a
        """)


# --- numbers ---------------------------------------------------------------------------------------------------------


def test_bytes_of_shared_weights_follow_each_weights_own_format(cost: Cost) -> None:
    """A block of a float16 and a float32 layer, of which the second call shares the float16 one only.

    By hand: (16 + 4) x 2 bytes once, (4 x 3 + 3) x 4 bytes and (4 x 2 + 2) x 4 bytes.
    """
    report = cost("""
        input: [4]
        blocks:
          block(out):
            - linear: {out: 4}
              weights: float16
            - linear: {out: out}
        layers:
          - block: {out: 3}
            name: a
          - pad: {padding: 0}
            when: false
          - block: {out: 2}
            from: input
            share: a
            name: b
          - concat: {axis: 0}
            from: [a, b]
    """)
    assert report.totals.weight_bytes == 20 * 2 + 15 * 4 + 10 * 4
    assert sum((row.cost for row in report.rows()), Numbers()) == report.totals


@pytest.mark.parametrize("depth", [None, 1, 2, 3])
@pytest.mark.parametrize("fold", [2, 64])
def test_rows_of_a_partly_shared_block_add_up_where_its_repeat_is_one_row(cost: Cost, depth: int, fold: int) -> None:
    """200 equal layers are a folded row: all shared in the second call, whose head is not.

    Of the third call one of the layers is shared: its rows cannot be one.
    """
    report = cost("""
        input: [4]
        blocks:
          block(out, count=200):
            - linear: {out: 4}
              repeat: count
              name: body
            - linear: {out: out}
              name: head
        layers:
          - {block: {out: 3}, name: a}
          - {block: {out: 2}, name: b, from: input, share: a}
          - {block: {out: 1, count: 70}, name: c, from: input}
          - {block: {out: 6}, name: d, from: input, share: c}
          - concat: {axis: 0}
            from: [a, b, c, d]
    """)
    assert report.totals.params == (200 * 20 + 15) + 10 + (70 * 20 + 5) + (130 * 20 + 30)
    rows = list(report.rows(depth, fold=fold))
    assert sum((row.cost for row in rows), Numbers()) == report.totals
    assert report.find("b").params == 10
    assert report.find("b.body").params == 0
    assert report.find("d.body").params == 130 * 20


def test_experts_are_shared_all_or_none(cost: Cost) -> None:
    """Two mixtures on one set of 8 x (4 x 4 + 4) and a router of 8 x 4; and one that shares its experts alone."""
    report = cost("""
        input: [3, 4]
        blocks:
          moe(bias):
            - mixture_of_experts:
                experts: 8
                active: 2
                expert: [{linear: {out: 4}}]
            - linear: {out: 4, bias: bias}
        layers:
          - moe: {bias: true}
            name: a
          - moe: {bias: true}
            name: b
            share: a
          - moe: {bias: false}
            share: a
            name: c
    """)
    assert report.totals.params == 8 * 20 + 32 + 20
    assert report.totals.params_active == 2 * 20 + 32 + 20
    assert report.totals.macs == 3 * 3 * (2 * 16 + 32 + 16)
    assert sum((row.cost for row in report.rows()), Numbers()) == report.totals


def test_part_of_a_mixture_is_shared_as_often_as_it_is_stored(cost: Cost) -> None:
    """The second call's last layer differs, so it is partly shared: its 8 experts and its router are not its own."""
    report = cost("""
        input: [3, 4]
        blocks:
          moe(out):
            - mixture_of_experts:
                experts: 8
                active: 2
                expert: [{linear: {out: 4}}]
            - linear: {out: out}
        layers:
          - {moe: {out: 5}, name: a}
          - {moe: {out: 6}, name: b, share: a, from: input}
          - concat: {axis: features}
            from: [a, b]
    """)
    assert report.totals.params == 8 * 20 + 32 + 25 + 30
    assert report.totals.params_active == 2 * 20 + 32 + 25 + 30
    assert report.find("b").params == 30
    assert sum((row.cost for row in report.rows()), Numbers()) == report.totals


def test_a_shared_block_with_a_million_layers_is_costed_at_once(cost: Cost, at_most: Limit) -> None:
    with at_most(20_000):
        report = cost("""
            input: [4]
            blocks:
              block:
                - linear: {out: 4}
                  repeat: 1000000
            layers:
              - block:
                repeat: 3
                share: block
        """)
        assert report.totals.params == 20_000_000
        assert report.totals.macs == 48_000_000


MIXTURES = """
input: [3, 4]
blocks:
  moe(count):
    - mixture_of_experts:
        experts: count
        active: 1
        expert: [{linear: {out: 4}}]
    - linear: {out: 4}
layers:
  - {moe: {count: 8}, name: a}
  - {moe: {count: COUNT}, share: a, name: b}
"""


def test_experts_are_shared_with_a_mixture_of_as_many(cost: Cost) -> None:
    """Of 8 and 5 experts none are shared, of 8 and 8 all; the linear layer of 4 x 4 + 4 always."""
    own = {"a.expert.linear": 8 * 20, "a.mixture_of_experts": 32, "a.linear": 20}
    assert params(cost(MIXTURES.replace("COUNT", "8"))) == own
    other = {"b.expert.linear": 5 * 20, "b.mixture_of_experts": 20}
    assert params(cost(MIXTURES.replace("COUNT", "5"))) == own | other


def test_experts_that_are_stored_do_not_become_one(cost: Cost) -> None:
    """Both experts of `b` use `z`, those of `a` are two: equal path by path, they would have to be one after all."""
    with pytest.raises(SpecError, match="would make the experts of an earlier mixture one"):
        cost("""
            input: [3, 4]
            layers:
              - mixture_of_experts: {experts: 2, active: 1, expert: [{linear: {out: 4}, name: e}]}
                name: a
              - layers:
                  - {linear: {out: 4}, name: z}
                  - mixture_of_experts: {experts: 2, active: 1, expert: [{linear: {out: 4}, name: e, share: z}]}
                    name: b
                    share: a
        """)
