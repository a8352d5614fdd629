"""Reading a table: what it says, and what is wrong with it, with the place."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest

import costcalc
from costcalc.conventions.load import is_file, load, names
from costcalc.conventions.model import UNITS, Rule
from costcalc.conventions.quantities import split
from costcalc.cost.account import account
from costcalc.errors import SpecError, UnknownChoice
from costcalc.text.snippets import render


def table(folder: Path, text: str, name: str = "house.yaml") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def problems(folder: Path, text: str) -> list[str]:
    """Every problem of a table as `line:column: message | hint`."""
    with pytest.raises(SpecError) as error:
        load(table(folder, text))
    return [
        f"{one.location.line}:{one.location.column}: {one.message} | {one.hint}" if one.location else one.message
        for one in error.value.problems
    ]


@pytest.mark.parametrize("name", names())
def test_every_bundled_table_says_what_it_is(name: str) -> None:
    found = load(name)
    assert found.name == name
    assert found.unit in UNITS
    assert found.describes
    assert found.about
    assert not found.about.endswith(".")
    assert found.source
    assert not found.doubtful


def test_the_tools_there_must_be() -> None:
    wanted = """ptflops ptflops-without-double-count ptflops-aten fvcore mmengine thop ultralytics-thop torchinfo
        calflops deepspeed torch pycls onnx-tool onnx-tool-folded netscope keras paper costcalc"""
    assert set(wanted.split()) <= set(names())


def test_weights_are_exact(tmp_path: Path) -> None:
    text = "unit: mac\nops:\n  conv: {mac: 0.1, bias_add: 1 / 3, param: 2}\n  relu: {}\n  lstm: why not\n"
    rules = load(table(tmp_path, text)).rules
    assert rules["conv"].weights == (("mac", Fraction(1, 10)), ("bias_add", Fraction(1, 3)), ("param", 2))
    assert rules["relu"] == Rule("relu")
    assert rules["lstm"] == Rule("lstm", (), "why not")


@pytest.mark.parametrize(
    "weight",
    ["1 if 2 > 1 else 3", "max(1, 2)", "1 + 1", "1 / 2 / 3", "(1)", "2 > 1", "1e3", "0x10", "\u0661", "9" * 41, ".5"],
)
def test_a_weight_is_written_out(tmp_path: Path, weight: str) -> None:
    """No code and no conditions in a table."""
    assert problems(tmp_path, f"unit: mac\nops:\n  conv:\n    mac: '{weight}'") == [
        "4:10: the weight of 'mac' is a number, written out | as in 2, 0.5 or 1 / 3"
    ]


def test_a_sentence_in_place_of_a_weight(tmp_path: Path) -> None:
    text = "unit: mac\nops:\n  conv: {bias_add: 1, mac: why not}\n"
    assert load(table(tmp_path, text)).rules["conv"] == Rule("conv", (("bias_add", 1),), "why not")


def test_a_table_is_like_another_apart_from_what_it_says(tmp_path: Path) -> None:
    found = load(table(tmp_path, "like: thop\nops: {relu: {input_element: 1}}\n"))
    assert found.name == "house"
    assert found.unit == "mac"
    assert found.rules["conv"] == load("thop").rules["conv"]
    assert found.rules["relu"].weights == (("input_element", 1),)
    assert found.describes == "thop 0.1.1 (Lyken17), but with rules of its own for relu"
    table(tmp_path, "like: ./house.yaml\nunit: mac\n", "deeper.yaml")
    assert load(str(tmp_path / "deeper.yaml")).rules == found.rules


def test_a_context_of_a_tool_is_named_after_it() -> None:
    assert [load(name).tool for name in ("fvcore", "fvcore-no-grad", "mmengine", "deepspeed")] == [
        "fvcore", "fvcore", "mmengine", "deepspeed"
    ]  # fmt: skip


def test_prefixes_narrow_a_quantity_down() -> None:
    assert split("once_module_output_element") == ({"once_", "module_"}, "output_element")
    assert split("mac") == (frozenset(), "mac")


def test_names_and_files() -> None:
    assert [is_file(name) for name in ("thop", "./thop", "thop.yaml", "a/b")] == [False, True, True, True]
    with pytest.raises(UnknownChoice, match="there is no convention 'fvcor': did you mean 'fvcore'\\?"):
        load("fvcor")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("ops: {conv: {mac: 1}}", ["1:1: 'unit' is missing | one of mac, flop, activation"]),
        ("unit: mac", ["1:1: 'ops' is missing | op -> {quantity: weight}"]),
        ("unit: flops\nothers: {}", ["1:7: unknown unit 'flops' | did you mean 'flop'?"]),
        ("unit: mac\nops: [conv]", ["2:6: 'ops' is a mapping, not a list | "]),
        ("- unit", ["1:1: a convention is a mapping, not a list | it has at least 'unit:' and 'ops:'"]),
        ("# nothing\n", ["1:1: the file is empty | a table has at least 'unit:' and 'ops:'"]),
        ("unit: mac\nops: {}\nconv: {mac: 1}", ["3:1: a convention has no key 'conv' | rules stand under 'ops:'"]),
        (
            "unit: mac\nops:\n  conv: {macs: 1}\n  relu:\n  linear: 2",
            [
                "3:10: conv has no quantity 'macs' | did you mean 'mac'?",
                "4:8: the rule of 'relu' is a mapping, not nothing | as in {mac: 1}; {} counts nothing, on purpose",
                "5:11: the rule of 'linear' is a mapping, not a single value | as in {mac: 1}; {} counts nothing, on purpose",
            ],
        ),
        (
            "unit: mac\nops:\n  relu: {mac: 1}",
            ["3:10: relu has no quantity 'mac' | choose from: compare, input_element, once, output_element, param"],
        ),
        (
            "unit: mac\nops:\n  conv: {mac: one, param: true, bias_add: 1 / 0, once: [1]}",
            [
                "3:15: the weight of 'mac' is a number, written out | as in 2, 0.5 or 1 / 3",
                "3:27: the weight of 'param' is a number, written out | as in 2, 0.5 or 1 / 3",
                "3:43: the weight of 'bias_add' divides by zero | as in 2, 0.5 or 1 / 3",
                "3:56: the weight of 'once' is a number, written out | as in 2, 0.5 or 1 / 3",
            ],
        ),
        (
            "unit: mac\nops:\n  conv: 2 * mac + bias_add\n  linear: {mac: -1}\nabout: [what]",
            [
                "3:9: the rule of 'conv' is a mapping, not a single value | as in {mac: 1}; {} counts nothing, on purpose",
                "4:17: the weight of 'mac' is negative | nobody counts less than nothing: 0 or more",
                "5:8: 'about' is a text, not a list | ",
            ],
        ),
        (
            "unit: mac\nops:\n  nope: {mac: 1}\n  relu: {macc: 1}",
            [
                "3:3: 'nope' is neither an op nor a block of the network"
                " | blocks of other networks stand in a list under 'blocks:'",
                "4:10: relu has no quantity 'macc' | choose from: compare, input_element, once, output_element, param",
            ],
        ),
        (
            "unit: mac\nname: thop\nothers: {}",
            ["2:7: 'thop' is a bundled convention | call this one something else"],
        ),
        ("unit: mac\nops:\n  attention.convv: {mac: 1}", ["3:3: unknown op 'convv' | did you mean 'conv'?"]),
        (
            "unit: mac\nops:\n  convv: {mac: 1}\n  relu: {macc: 1}",
            [
                "3:3: 'convv' is neither an op nor a block of the network | did you mean 'conv'?",
                "4:10: relu has no quantity 'macc' | choose from: compare, input_element, once, output_element, param",
            ],
        ),
        (
            "unit: mac\nops:\n  relu: {once_module_functional_output_element: 1}",
            [
                "3:10: 'once_module_functional_output_element' is always 0"
                " | an op is called as a module or as a function: keep one"
            ],
        ),
        ("like: nothing-like-it", [f"1:7: there is no convention 'nothing-like-it' | there are {', '.join(names())}"]),
        ("unit: mac\nblocks: stem\nothers: {}", ["2:9: 'blocks' is a list of names of blocks | "]),
        ("unit: mac\nothers: {nothing: 1}", None),
        ("like: thopp", ["1:7: there is no convention 'thopp' | did you mean 'thop'?"]),
        ("like: ./nope.yaml", ["1:7: cannot read './nope.yaml': no such file | "]),
        (
            "unit: flop\nlike: paper",
            ["2:7: 'like: paper' counts MACs: its weights are no FLOPs | leave 'like' out, or 'unit: mac'"],
        ),
        (
            "unit: mac\nothers: {}\nblocks: [conv, unit.relu, 3, [a], fine]",
            [
                "3:10: 'conv' is an op, not a block | ",
                "3:16: 'blocks' is a list of names of blocks | as in [bottleneck_block]",
                "3:27: 'blocks' is a list of names of blocks | as in [bottleneck_block]",
                "3:30: 'blocks' is a list of names of blocks | as in [bottleneck_block]",
            ],
        ),
        ("like: ./house.yaml", ["1:7: a convention cannot be like itself | house.yaml"]),
        ("unit: mac\nops: {conv: {mac: 1}", None),
        ("unit: mac\nops: {conv: {mac: 1, mac: 2}}", None),
    ],
)
def test_problems_have_their_place(tmp_path: Path, text: str, wanted: list[str] | None) -> None:
    found = problems(tmp_path, text)
    assert found
    if wanted is not None:
        assert found == wanted


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    table(tmp_path, "unit: mac\nothers: {}")
    with pytest.raises(SpecError) as error:
        load(str(tmp_path / "hous.yaml"))
    assert "no such file" in render(error.value.problems[0])
    assert "did you mean" in render(error.value.problems[0])
    table(tmp_path, "", "view.yaml")
    with pytest.raises(SpecError) as error:
        load(str(tmp_path / "nope.yaml"))
    assert "did you mean" not in render(error.value.problems[0])


def test_a_table_beside_another_is_named_as_from_where_the_user_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also one without a suffix that is called as a bundled one."""
    (tmp_path / "deep").mkdir()
    monkeypatch.chdir(tmp_path)
    for name in ("a.yaml", "thop", "deep/b.yaml"):
        table(tmp_path, "unit: mac\nops: {convv: {mac: 1}}\n", name)
    for like, wanted in (("./a.yaml", "./a.yaml"), ("./thop", "./thop"), ("deep/../deep/b.yaml", "deep/b.yaml")):
        table(tmp_path, f"like: {like}\nops: {{relu: {{macs: 1}}}}\n")
        with pytest.raises(SpecError) as error:
            load("./house.yaml")
        places = [problem.location for problem in error.value.problems]
        assert [place.source.name for place in places if place] == ["./house.yaml"]
        table(tmp_path, f"like: {like}\n")
        assert [
            problem.location.source.name for problem in load("./house.yaml").doubtful.values() if problem.location
        ] == [wanted]


def test_blocks_of_a_table_that_another_is_like_are_declared_there(tmp_path: Path) -> None:
    found = load(table(tmp_path, "like: thop\nops: {multi_head_attention.linear: {mac: 1}, class_token: {}}\n"))
    assert set(found.doubtful) == {"class_token"}


def test_a_table_that_is_not_text(tmp_path: Path) -> None:
    (tmp_path / "house.yaml").write_bytes(b"unit: mac\nabout: \xff\n")
    with pytest.raises(SpecError, match="not UTF-8: byte 0xff"):
        load(str(tmp_path / "house.yaml"))


def test_the_table_of_the_docs(tmp_path: Path) -> None:
    """By hand: 2 x 4,089,184,256 and a bias of 1,000; two an element of the batch norms; one of the relus in blocks."""
    page = (Path(__file__).parents[2] / "docs/how-to/why-two-tools-disagree.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"```yaml\n(# house.yaml.*?)```", page, re.DOTALL)
    found = account(costcalc.estimate(costcalc.build(costcalc.load("resnet50"))), load(table(tmp_path, text)))
    norms, relus, stem = 11_113_984, 9_608_704, 64 * 112 * 112
    assert found.total == 2 * 4_089_184_256 + 1_000 + 2 * norms + relus - stem
    assert not found.not_counted
