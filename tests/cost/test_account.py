"""What a convention makes of a network: rules of ops and blocks, modules and functions, and what is left out."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

import costcalc
from costcalc.conventions.load import load
from costcalc.cost.account import Account, Gap, account, accounts
from costcalc.cost.model import Report
from costcalc.errors import SpecError
from costcalc.spec.load import load_text

SPEC = """
input: [3, 4, 5]
blocks:
  unit(out, act=relu):
    - conv: {out: out, kernel: 1, bias: false}
    - batch_norm
    - act
layers:
  - unit: {out: 2}
    repeat: 3
    name: stage
  - global_avg_pool
  - flatten
  - linear: {out: 7}
"""
# by hand: convolutions at 20 positions with 3 * 2 + 2 * 2 + 2 * 2 = 14 weights, so 280; batch norms and relus of 40
# elements each; a linear layer of 2 * 7
CONV, ELEMENTS, LINEAR = 280, 3 * 40, 14


def report(text: str = SPEC, batch: int = 1) -> Report:
    return costcalc.estimate(costcalc.build(load_text(text)), batch)


def counted(folder: Path, ops: str, text: str = SPEC, batch: int = 1) -> Account:
    path = folder / "house.yaml"
    path.write_text(f"unit: mac\n{ops}\n", encoding="utf-8")
    return account(report(text, batch), load(str(path)))


def test_an_op_is_counted_by_its_quantities(tmp_path: Path) -> None:
    found = counted(tmp_path, "ops: {conv: {mac: 1, param: 10}, relu: {input_element: 2}, linear: {bias_add: 3}}")
    assert [(term.op, term.quantity, term.weight, term.count) for term in found.terms] == [
        ("conv", "mac", 1, CONV),
        ("conv", "param", 10, 14),
        ("relu", "input_element", 2, ELEMENTS),
        ("linear", "bias_add", 3, 7),
    ]
    assert found.total == CONV + 140 + 2 * ELEMENTS + 21


def test_the_batch_multiplies_all_but_what_happens_once(tmp_path: Path) -> None:
    found = counted(tmp_path, "ops: {relu: {output_element: 1, once_output_element: 1, once: 100}}", batch=5)
    assert found.total == 5 * ELEMENTS + ELEMENTS + 3 * 100


def test_totals_are_exact_also_when_they_are_not_whole(tmp_path: Path) -> None:
    assert counted(tmp_path, "ops: {linear: {bias_add: 1 / 3}}").total == Fraction(7, 3)
    whole = counted(tmp_path, "ops: {linear: {bias_add: 1 / 7}}").total
    assert whole == 1
    assert isinstance(whole, int)


def test_a_block_stands_for_everything_inside_it(tmp_path: Path) -> None:
    """Each op by its own quantities; what stands outside keeps its rule, and a block named so in vain is no harm."""
    found = counted(tmp_path, "ops: {unit: {output_element: 1}, conv: {mac: 1}, linear: {mac: 1}}")
    assert found.total == 3 * ELEMENTS + LINEAR
    assert {term.key for term in found.terms} == {"unit", "linear"}
    assert counted(tmp_path, "ops: {unit: {}, conv: {mac: 1}, linear: {mac: 1}}").total == LINEAR
    assert counted(tmp_path, "blocks: [attention]\nops: {attention: {}, linear: {mac: 1}}").total == LINEAR


def test_an_op_inside_a_block(tmp_path: Path) -> None:
    found = counted(tmp_path, "ops: {unit.relu: {input_element: 5}, unit: {}, relu: {input_element: 1}}")
    assert found.total == 5 * ELEMENTS


def test_the_outermost_block_decides(tmp_path: Path) -> None:
    text = SPEC.replace("layers:\n", "  outer:\n    - unit: {out: 2}\nlayers:\n  - outer\n")
    inner = counted(tmp_path, "ops: {unit: {output_element: 1}}", text).total
    assert counted(tmp_path, "ops: {unit: {output_element: 1}, outer: {}}", text).total == inner - ELEMENTS
    # 20 positions of 2 channels: convolution, norm and relu
    assert counted(tmp_path, "ops: {unit: {}, outer.relu: {output_element: 1}}", text).total == 40


def test_a_named_join_is_no_block(tmp_path: Path) -> None:
    """It is called by its op, `add`, which counts the sum and not the branches."""
    text = "input: [4]\nlayers:\n  - add: {a: [relu], b: []}\n    name: sum\n"
    assert counted(tmp_path, "ops: {add: {add: 1}, relu: {input_element: 10}}", text).total == 4 + 40


def test_the_network_is_no_block(tmp_path: Path) -> None:
    text = "name: attention\ninput: [4]\nlayers:\n  - linear: {out: 2}\n"
    assert counted(tmp_path, "blocks: [attention]\nops: {attention: {}, linear: {mac: 1}}", text).total == 8


def test_others_are_all_ops_without_a_rule(tmp_path: Path) -> None:
    assert counted(tmp_path, "ops: {conv: {}}\nothers: {mac: 1}").total == LINEAR


def test_modules_and_functions(tmp_path: Path) -> None:
    """Nested: 1 an element, and 10 more as a module or 100 as a function."""
    ops = "ops: {relu: {input_element: 1, module_input_element: 10, functional_input_element: 100}}"
    assert counted(tmp_path, ops).total == 11 * ELEMENTS
    assert counted(tmp_path, ops, f"meta: {{functional: [relu]}}{SPEC}").total == 101 * ELEMENTS
    (term,) = counted(tmp_path, ops).terms
    assert (term.quantity, term.weight) == ("input_element", 11)


def test_a_function_call_can_be_a_single_layer(tmp_path: Path) -> None:
    """By its path; of a repeat all instances are meant, with an index or without."""
    ops = "ops: {relu: {functional_input_element: 1}}"
    text = SPEC + "  - relu:\n    name: last\n"
    assert counted(tmp_path, ops, f"meta: {{functional: [last]}}{text}").total == 7
    for path in ("stage.relu", "stage[1].relu"):
        found = counted(tmp_path, ops, f"meta: {{functional: ['{path}']}}{text}")
        assert found.total == ELEMENTS
        assert found.total == sum(found.of(row) for row in found.report.rows())
        assert found.total == sum(found.of(row) for row in found.report.rows(1))


def test_a_function_call_can_be_a_layer_of_a_block(tmp_path: Path) -> None:
    """Wherever the block is called, and in the block alone: the three units of 50 elements, and not `last` of 7."""
    ops = "ops: {relu: {functional_input_element: 1}}"
    text = SPEC + "  - relu:\n    name: last\n"
    found = counted(tmp_path, ops, f"meta: {{functional: [unit.relu]}}{text}")
    assert found.total == ELEMENTS
    for depth in (None, 1, 2):
        assert found.total == sum(found.of(row) for row in found.report.rows(depth))


def test_a_file_of_blocks_says_what_its_own_call(tmp_path: Path) -> None:
    """In every spec that includes it: 8 x 4 x 5 elements of its block, and not the 8 x 4 x 5 of the spec's own relu."""
    (tmp_path / "blocks.yaml").write_text(
        "meta: {functional: [cell.relu]}\nblocks:\n  cell:\n    - conv: {out: 8, kernel: 1}\n    - relu\n"
    )
    spec = tmp_path / "net.yaml"
    spec.write_text("include: blocks.yaml\ninput: [3, 4, 5]\nlayers: [cell, relu]\n")
    (tmp_path / "house.yaml").write_text("unit: mac\nops: {relu: {functional_input_element: 1}}\n")
    network = costcalc.estimate(costcalc.build(costcalc.load(spec)))
    assert account(network, load(str(tmp_path / "house.yaml"))).total == 8 * 4 * 5
    (tmp_path / "blocks.yaml").write_text(
        "meta: {functional: [relu, unit.relu]}\nblocks:\n  cell:\n    - conv: {out: 8, kernel: 1}\n    - relu\n"
    )
    with pytest.raises(SpecError) as error:
        costcalc.load(spec)
    assert [problem.message for problem in error.value.problems] == [
        f"'functional: {name}' is no layer of the blocks in this file" for name in ("relu", "unit.relu")
    ]
    (tmp_path / "blocks.yaml").write_text(
        "meta: {functional: [cell.nosuch]}\nblocks:\n  cell:\n    - conv: {out: 8, kernel: 1}\n    - relu\n"
    )
    with pytest.raises(SpecError, match=r"blocks\.yaml:1:21: 'functional: cell\.nosuch' is neither an op nor a layer"):
        costcalc.build(costcalc.load(spec))


def test_the_op_of_a_named_join_can_be_a_function(tmp_path: Path) -> None:
    """It is called by the join's name; what stands in its branches is not meant."""
    ops = "ops: {add: {functional_add: 1}, relu: {functional_input_element: 10}}"
    text = "input: [4]\nblocks: {twice: [{add: {a: [relu], b: []}, name: sum}]}\nlayers: [twice, add: {a: [], b: []}]\n"
    for path in ("twice.sum", "twice.sum.a.relu"):
        found = counted(tmp_path, ops, f"meta: {{functional: [{path}]}}\n{text}")
        assert found.total == (4 if path == "twice.sum" else 40)
        assert found.total == sum(found.of(row) for row in found.report.rows())


@pytest.mark.parametrize("absent", ["aux", "aux.act", "twice.pool", "never.pool", "body.act", "sum"])
def test_what_is_left_out_may_be_listed(tmp_path: Path, absent: str) -> None:
    """A layer that `when` leaves out is one, in another variant."""
    text = """
input: [4]
args: {more: false}
blocks:
  twice: [{relu: , name: pool, when: more}, relu]
  never: [{relu: , name: pool}]
layers:
  - {layers: [{relu: , name: act}], name: aux, when: more}
  - twice
  - {never: , when: more}
  - {add: {body: {when: more, layers: [{relu: , name: act}]}, rest: [relu]}}
  - {add: {body: [relu], rest: {when: more, layers: []}}, name: sum}
"""
    ops = "ops: {relu: {functional_input_element: 1}}"
    assert counted(tmp_path, ops, f"meta: {{functional: [{absent}]}}{text}").total == 0


@pytest.mark.parametrize("meta", ["", "meta: [functional]", "meta: functional", "meta: {function: relu}"])
def test_meta_is_free(tmp_path: Path, meta: str) -> None:
    ops = "ops: {relu: {functional_input_element: 1}}"
    assert counted(tmp_path, ops, f"{meta}{SPEC}").total == 0


def test_an_image_has_two_spatial_axes(tmp_path: Path) -> None:
    ops = "ops: {global_avg_pool: {image_input_element: 1}}"
    assert counted(tmp_path, ops).total == 40
    found = counted(tmp_path, ops, "input: [3, 5]\nlayers: [global_avg_pool]")
    assert found.total == 0
    assert found.not_counted == (Gap("global_avg_pool", "not an image"),)


def test_what_computes_something_and_has_no_rule_is_listed(tmp_path: Path) -> None:
    """Flatten computes nothing. `{}` is nothing on purpose, and a text says why there is no number."""
    found = counted(tmp_path, "ops: {conv: {mac: 1}, batch_norm: {}, linear: not seen, relu: {functional_compare: 1}}")
    assert found.not_counted == (
        Gap("relu", "not called as a function"),
        Gap("global_avg_pool"),
        Gap("linear", "not seen"),
    )


def test_a_reason_is_for_what_computes_something(tmp_path: Path) -> None:
    """Flatten moves numbers about, so that there is nothing to leave out."""
    found = counted(tmp_path, "ops: {conv: {mac: 1}}\nothers: no count in this tool")
    reason = "no count in this tool"
    assert found.not_counted == tuple(Gap(op, reason) for op in ("batch_norm", "relu", "global_avg_pool", "linear"))


def test_what_is_not_seen_of_a_block_is_listed_with_the_block(tmp_path: Path) -> None:
    """The convolutions inside; the linear layer outside counts, and so do the biases of a rule with a reason."""
    found = counted(
        tmp_path, "ops: {unit: not seen at all, unit.relu: {input_element: 1}, linear: {mac: 1}}\nothers: {}"
    )
    assert found.total == ELEMENTS + LINEAR
    assert found.not_counted == (Gap("conv", "not seen at all", "unit"), Gap("batch_norm", "not seen at all", "unit"))
    assert [gap.key for gap in found.not_counted] == ["unit.conv", "unit.batch_norm"]
    found = counted(tmp_path, "ops: {linear: {bias_add: 1, mac: products of an einsum}}\nothers: {}")
    assert found.total == 7
    assert found.not_counted == (Gap("linear", "products of an einsum"),)


def test_layers_that_do_not_run_count_nothing(tmp_path: Path) -> None:
    text = SPEC + "  - linear: {out: 9}\n    name: aux\noutput: linear\n"
    found = counted(tmp_path, "ops: {linear: {mac: 1}}", text)
    assert found.total == LINEAR


def test_a_shared_layer_counts_each_time_it_runs(tmp_path: Path) -> None:
    text = "input: [4]\nlayers:\n  - linear: {out: 4}\n    repeat: 3\n    share: linear\n    name: linear\n"
    found = counted(tmp_path, "ops: {linear: {mac: 1, param: 100}}", text)
    assert found.total == 3 * (16 + 100 * 20)


def test_rows_add_up_at_every_depth(tmp_path: Path) -> None:
    found = counted(tmp_path, "ops: {unit: {output_element: 1}, linear: {mac: 1}}", batch=2)
    for depth in (None, 1, 2, 3):
        assert sum(found.of(row) for row in found.report.rows(depth)) == found.total
    assert found.of(found.report.find("stage[1].relu")) == 2 * 40
    assert found.of(found.report.find("stage")) == 2 * 3 * ELEMENTS


def test_rows_of_a_folded_repeat(tmp_path: Path) -> None:
    text = "input: [4]\nlayers:\n  - linear: {out: 4}\n    repeat: 1000\n    name: deep\n"
    found = counted(tmp_path, "ops: {linear: {mac: 1}}", text)
    assert found.total == 1000 * 16
    assert [found.of(row) for row in found.report.rows()] == [16_000]


def test_a_key_must_be_an_op_or_a_block(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"'frobnicate' is neither an op nor a block of the network") as error:
        counted(tmp_path, "ops:\n  frobnicate: {mac: 1}")
    (problem,) = error.value.problems
    assert problem.location is not None
    assert (problem.location.line, problem.location.column) == (3, 3)
    assert problem.hint == "blocks of other networks stand in a list under 'blocks:'"
    with pytest.raises(SpecError, match="'frobnicate' is neither"):
        counted(tmp_path, "ops:\n  frobnicate.conv: {mac: 1}")
    with pytest.raises(SpecError) as error:
        counted(tmp_path, "ops:\n  unti.conv: {mac: 1}")
    assert error.value.problems[0].hint == "did you mean 'unit'?"


def test_blocks_of_other_networks_are_declared_or_in_one_of_the_reports(tmp_path: Path) -> None:
    assert counted(tmp_path, "blocks: [tail]\nops: {tail: {}, linear: {mac: 1}}").total == LINEAR
    other = report("input: [4]\nblocks: {tail: [relu]}\nlayers: [tail]")
    path = tmp_path / "house.yaml"
    path.write_text("unit: mac\nops: {tail: {}, linear: {mac: 1}}")
    assert [found.total for found in accounts([report(), other], load(str(path)))] == [LINEAR, 0]
