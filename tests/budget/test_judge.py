"""`check` as a function: every kind of limit, on networks, blocks and variants, with and without a base."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import costcalc
from costcalc.budget.amount import read_amount
from costcalc.budget.model import Budget, Limit
from costcalc.cost.metrics import METRICS
from costcalc.cost.model import Report
from costcalc.errors import SpecError
from costcalc.text.pattern import Pattern
from costcalc.versions.baseline import Baseline
from costcalc.versions.snapshot import Measured

Cost = Callable[..., Report]
# two products: 4 x 10 and 10 x 6 multiply-adds, named so that a block and a layer can be limited
NET = """\
input: [4]
layers:
  - {{linear: {{out: {}, bias: false}}, name: first}}
  - {{linear: {{out: 6, bias: false}}, name: last}}
"""


def limit(metric: str, kind: str, text: str) -> Limit:
    return Limit(metric, kind, read_amount(text, bytes=METRICS[metric].bytes))


def base(report: Report, kind: str = "git") -> Baseline:
    """The report as it was."""
    return Baseline("before", {"<text>": Measured(report)}, kind)


@pytest.mark.parametrize(
    ("kind", "text", "status", "over"),
    [
        ("max", "100", "pass", 0),
        ("max", "99", "fail", 1),
        ("min", "100", "pass", 0),
        ("min", "101", "fail", -1),
        ("warn", "100", "pass", 0),
        ("warn", "99", "warn", 1),
    ],
)
def test_absolute_limits(cost: Cost, kind: str, text: str, status: str, over: int) -> None:
    """4 x 10 + 10 x 6 = 100 multiply-adds: equal to the limit passes, one beyond it does not."""
    budget = Budget("b", (limit("macs", kind, text),))
    (judgement,) = costcalc.check([cost(NET.format(10))], [budget]).judgements
    assert (judgement.value, judgement.status, judgement.over) == (100, status, over)


@pytest.mark.parametrize(
    ("before", "after", "kind", "text", "status"),
    [
        (10, 11, "grow", "10%", "pass"),  # 100 -> 110
        (10, 11, "grow", "9.999999999999999999%", "fail"),
        (10, 11, "grow", "10", "pass"),
        (10, 11, "grow", "9", "fail"),
        (10, 10, "grow", "0", "pass"),
        (10, 9, "grow", "0", "pass"),  # shrinking is no growth
        (11, 10, "shrink", "10", "pass"),
        (11, 10, "shrink", "9", "fail"),
        (11, 10, "shrink", "9.1%", "pass"),  # 10 of 110 is 9.0909... %
        (11, 10, "shrink", "9.09%", "fail"),
        (10, 11, "shrink", "0", "pass"),
    ],
)
def test_growth(cost: Cost, before: int, after: int, kind: str, text: str, status: str) -> None:
    """10 multiply-adds for each feature between the two products."""
    budget = Budget("b", (limit("macs", kind, text),))
    (judgement,) = costcalc.check([cost(NET.format(after))], [budget], base(cost(NET.format(before)))).judgements
    assert (judgement.status, judgement.before) == (status, 10 * before)


def test_both_at_once_fails_only_beyond_both(cost: Cost) -> None:
    """From 100 to 110: beyond 5 % and not beyond 15, beyond 5 % and beyond 9."""
    for over, status in ((15, "pass"), (10, "pass"), (9, "fail")):
        budget = Budget("b", (Limit("macs", "grow", read_amount("5%", bytes=False).__class__("", over, 5)),))
        (judgement,) = costcalc.check([cost(NET.format(11))], [budget], base(cost(NET.format(10)))).judgements
        assert judgement.status == status


def test_a_share_is_of_the_whole_network(cost: Cost) -> None:
    """`first` has 40 of 100: 40 % passes, 39 % does not; both layers are judged by `*`."""
    for text, statuses in (("60%", ["pass", "pass"]), ("59%", ["pass", "fail"]), ("39%", ["fail", "fail"])):
        budget = Budget("b", (limit("macs", "share", text),), blocks=(Pattern("*", "."),))
        verdict = costcalc.check([cost(NET.format(10))], [budget])
        assert [(item.path, item.status) for item in verdict.judgements] == list(
            zip(["first", "last"], statuses, strict=True)
        )


def test_one_of_many_equal_instances_is_judged_as_one(cost: Cost) -> None:
    """A thousand alike blocks are one row of the report; a limit on a block is on each of them."""
    net = "input: [4]\nlayers:\n  - {linear: {out: 4, bias: false}, repeat: 1000, name: stage}\n"
    budget = Budget("b", (limit("macs", "max", "16"),), blocks=(Pattern("stage[*]", "."),))
    (judgement,) = costcalc.check([cost(net)], [budget]).judgements
    assert (judgement.path, judgement.value, judgement.status) == ("stage[0..999]", 16, "pass")


def test_growth_without_a_base_is_no_pass(cost: Cost) -> None:
    """Skipped, with the reason, and the verdict is incomplete."""
    verdict = costcalc.check([cost(NET.format(10))], {"macs": {"grow": "5%", "max": 100}})
    assert [item.status for item in verdict.judgements] == ["skipped", "pass"]
    assert "there is no base" in verdict.judgements[0].reason
    assert not verdict.passed
    assert verdict.status == "incomplete"


def test_a_network_that_the_base_lacks(cost: Cost) -> None:
    """New: what is absolute is judged, what is relative is skipped, and only `allow_new` accepts that."""
    empty = Baseline("before", {}, "git")
    for allowed in (False, True):
        verdict = costcalc.check([cost(NET.format(10))], {"macs": {"grow": "5%"}}, empty, allow_new=allowed)
        assert verdict.models[0].status == "new"
        assert verdict.passed is allowed


def test_a_block_that_the_base_lacks(cost: Cost) -> None:
    """A block under another name has no growth to judge, which is no pass either."""
    old = cost(NET.format(10).replace("first", "begin"))
    budget = Budget("b", (limit("macs", "grow", "5%"),), blocks=(Pattern("first", "."),))
    verdict = costcalc.check([cost(NET.format(10))], [budget], base(old))
    assert verdict.judgements[0].reason == "'first' is new since before (--allow-new accepts it)"
    assert not verdict.passed
    assert costcalc.check([cost(NET.format(10))], [budget], base(old), allow_new=True).passed


@pytest.mark.parametrize("metric", METRICS)
def test_every_metric_can_be_limited(cost: Cost, metric: str) -> None:
    """What a report says is what a budget judges: its own number passes, one less does not."""
    report = cost(NET.format(10))
    value = Measured(report).total(metric)
    unit = " B" if METRICS[metric].bytes else ""
    assert costcalc.check([report], {metric: f"{value}{unit}"}).passed
    if value:
        assert not costcalc.check([report], {metric: f"{value - 1}{unit}"}).passed


def test_limits_as_plain_data(cost: Cost) -> None:
    """Numbers and texts; mistakes are told as in a file."""
    report = cost(NET.format(10))
    assert costcalc.check([report], {"macs": 100, "params": {"max": "1k", "min": 100}}).passed
    assert not costcalc.check([report], {"macs": 99}).passed
    with pytest.raises(SpecError, match="there is no metric 'mac'"):
        costcalc.check([report], {"mac": 100})


def test_a_budget_that_matches_nothing_is_a_problem(cost: Cost, tmp_path: Path) -> None:
    """No report, no block; `optional` says that this is meant."""
    report = cost(NET.format(10))
    for budget, said in (
        (Budget("b", (limit("macs", "max", "1"),), (Pattern("other.yaml"),)), "the budget 'b' matches no spec"),
        (
            Budget("b", (limit("macs", "max", "1"),), blocks=(Pattern("lst", "."),)),
            "the budget 'b' matches no block 'lst'",
        ),
    ):
        verdict = costcalc.check([report], [budget])
        assert [problem.message for problem in verdict.problems] == [said]
        assert not verdict.passed
        assert costcalc.check(
            [report], [Budget(budget.name, budget.limits, budget.specs, None, budget.blocks, "", True)]
        ).passed


def test_the_worst_comes_first(cost: Cost) -> None:
    """What failed before what was skipped and what is a warning; by how large a part it is over."""
    budget = Budget(
        "b",
        (
            limit("macs", "warn", "10"),
            limit("macs", "max", "90"),
            limit("params", "max", "50"),
            limit("macs", "grow", "0"),
        ),
    )
    verdict = costcalc.check([cost(NET.format(10))], [budget])
    assert [(item.metric, item.kind) for item in verdict.those("warn", "skipped", "fail")] == [
        ("params", "max"),
        ("macs", "max"),
        ("macs", "grow"),
        ("macs", "warn"),
    ]


def test_limits_come_before_expectations(cost: Cost) -> None:
    """A number that a spec no longer has is less urgent than a budget, however far off it is."""
    report = cost(NET.format(10) + "expect: {macs: 1}\n")
    assert [item.kind for item in costcalc.check([report], {"macs": 99}).failed] == ["max", "expect"]


def test_a_verdict_says_in_words_what_failed(cost: Cost) -> None:
    """For an assertion in somebody's test."""
    verdict = costcalc.check([cost(NET.format(10))], {"macs": 99})
    assert str(verdict) == "fail\nmacs of <text>: 100, max 99 (99)"


def test_the_layer_that_grew_is_named(cost: Cost) -> None:
    """From 10 to 12 features, `last` grows by 12 and `first` by 8; a cause is a layer, with both numbers."""
    verdict = costcalc.check([cost(NET.format(12))], {"macs": {"grow": "0"}}, base(cost(NET.format(10))))
    layers = [(cause.path, cause.before, cause.after) for cause in verdict.judgements[0].causes if cause.layer]
    assert layers == [("last", 60, 72), ("first", 40, 48)]
    assert verdict.judgements[0].location.line == 4


def test_what_shrank_is_named_for_a_floor(cost: Cost) -> None:
    """A number below its floor comes from what became smaller."""
    verdict = costcalc.check([cost(NET.format(8))], {"macs": {"shrink": "0"}}, base(cost(NET.format(10))))
    assert [(cause.path, cause.change) for cause in verdict.judgements[0].causes if cause.layer] == [
        ("last", -12),
        ("first", -8),
    ]


def test_the_place_is_the_call_in_the_list_of_layers(cost: Cost) -> None:
    """Not the line inside the block, which is written once for all its calls; a group is written where it stands."""
    net = """\
        input: [4]
        blocks:
          unit(out):
            - linear: {out: out, bias: false}
        layers:
          - unit: {out: 4}
          - layers:
              - relu
              - unit: {out: %d}
            name: inner
        """
    verdict = costcalc.check([cost(net % 9)], {"macs": {"grow": "0"}}, base(cost(net % 4)))
    assert verdict.judgements[0].location.line == 9


def test_a_peak_names_the_tensors_alive(cost: Cost) -> None:
    """The layer at which most is alive, and the tensors that are."""
    verdict = costcalc.check([cost(NET.format(10))], {"peak_activation_bytes": "1 B"})
    # 4 + 10 features are alive at `first`, 10 + 6 at `last`, 4 bytes each
    assert [(cause.path, cause.after, cause.layer) for cause in verdict.judgements[0].causes] == [
        ("last", 64, False),
        ("first", 40, True),
        ("last", 24, True),
    ]
