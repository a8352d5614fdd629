"""Where a spec comes from: a path, a variant, a bare name, standard input; and the blocks it includes."""

from __future__ import annotations

import copy
import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from costcalc.cost.estimate import estimate
from costcalc.errors import SpecError
from costcalc.graph.build import build
from costcalc.spec.load import load, load_variants

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """The function `write(name, text)`: a file in a project of its own."""
    (tmp_path / ".git").mkdir()

    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
        return path

    return write


def paths(path: Path) -> list[str]:
    return [row.path for row in estimate(build(load(path))).rows()]


NET = "{input: [3], layers: [relu], variants: {wide: {}, deep: {}}}"


# --- addresses -------------------------------------------------------------------------------------------------------


def test_a_file_and_its_variants(write: Write) -> None:
    path = write("a net.yaml", NET)
    assert load(path).variant is None
    assert load(str(path)).path == str(path)
    assert load(f"{path}@deep").variant == "deep"
    assert [spec.variant for spec in load_variants(path)] == ["wide", "deep"]


def test_a_file_whose_name_has_an_at_sign(write: Write) -> None:
    """The file is meant if it is there; else what follows the last @ is a variant."""
    path = write("net@2.yaml", NET)
    assert load(path).variant is None
    assert load(f"{path}@wide").variant == "wide"


@pytest.mark.parametrize(
    ("name", "spec", "variant"),
    [
        ("resnet50", "resnet50", None),
        ("resnet101", "resnet50", "resnet101"),
        ("resnet50@resnet152", "resnet50", "resnet152"),
        ("basic", "basic", None),
        ("vgg19", "vgg16", "vgg19"),
    ],
)
def test_a_bare_name_is_a_bundled_file_or_a_variant_of_one(name: str, spec: str, variant: str | None) -> None:
    found = load(name)
    assert (found.name, found.variant) == (spec, variant)
    assert found.path.startswith("specs/")


def test_a_file_of_that_name_comes_first(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write("resnet50", NET)
    monkeypatch.chdir(path.parent)
    assert load("resnet50").variants == ("wide", "deep")


def test_a_dash_is_standard_input(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its includes start where the command runs."""
    monkeypatch.chdir(write("blocks.yaml", "blocks: {block: [relu]}").parent)
    text = b"{include: [blocks.yaml], input: [3], layers: [block]}"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
    assert [row.path for row in estimate(build(load("-"))).rows()] == ["block.relu"]


# --- include ---------------------------------------------------------------------------------------------------------


def test_the_blocks_of_an_included_file_are_called_like_its_own(write: Write) -> None:
    """Relative to the file that includes, and with what that one includes itself."""
    write("lib/a.yaml", """
        include: [deeper/b.yaml]
        blocks:
          outer: [inner, relu]
    """)  # fmt: skip
    write("lib/deeper/b.yaml", "blocks: {inner: [sigmoid]}")
    net = write("nets/net.yaml", """
        include: [../lib/a.yaml]
        input: [3]
        blocks:
          own: [outer, inner]
        layers: [own]
    """)  # fmt: skip
    assert paths(net) == ["own.outer.inner.sigmoid", "own.outer.relu", "own.inner.sigmoid"]


@pytest.mark.parametrize("include", ["blocks.yaml", "[blocks.yaml]", "[./blocks.yaml, nested/../blocks.yaml]"])
def test_include_is_a_file_or_a_list(write: Write, include: str) -> None:
    """The same file twice is no error."""
    write("blocks.yaml", "blocks: {block: [relu]}")
    write("nested/x.yaml", "blocks: {}")
    assert paths(write("net.yaml", f"{{include: {include}, input: [3], layers: [block]}}")) == ["block.relu"]


def test_a_file_may_be_included_along_two_ways(write: Write) -> None:
    write("base.yaml", "blocks: {base: [relu]}")
    write("one.yaml", "{include: [base.yaml], blocks: {one: [base]}}")
    write("two.yaml", "{include: [base.yaml], blocks: {two: [base]}}")
    net = write("net.yaml", "{include: [one.yaml, two.yaml, base.yaml], input: [3], layers: [one, two, base]}")
    assert paths(net) == ["one.base.relu", "two.base.relu", "base.relu"]


def test_only_the_blocks_of_an_included_file_count(write: Write) -> None:
    """A network may be included for its blocks: its args, input, layers, layout and variants are its own."""
    write("other.yaml", """
        args: {unseen: 7}
        layout: channels_last
        dtype: float16
        input: [9, 9, 9]
        blocks:
          block(out): [{linear: {out: out}}]
        layers: [{block: {out: unseen}}]
        variants: {big: {}}
        expect: {params: 1}
    """)  # fmt: skip
    spec = load(write("net.yaml", "{include: [other.yaml], input: [3], layers: [{block: {out: 5}}]}"))
    graph = build(spec)
    assert (graph.inputs, graph.layout, graph.dtype, graph.args) == ({"input": (3,)}, "channels_first", "float32", {})
    assert graph.outputs["block"][1] == (5,)
    assert (spec.variants, spec.expect) == ((), {})


def test_included_blocks_see_no_args(write: Write) -> None:
    """Neither their own file's nor those of the file that includes them."""
    write("blocks.yaml", "{args: {width: 7}, blocks: {block: [{linear: {out: width}}]}}")
    net = write(
        "net.yaml",
        "{include: [blocks.yaml], args: {width: 5}, input: [3], layers: [{block: }, {linear: {out: width}}]}",
    )
    with pytest.raises(SpecError, match="unknown name 'width'"):
        load(net)


def test_an_arg_may_be_called_like_a_parameter_of_an_included_block(write: Write) -> None:
    """Which parameters somebody else's blocks have is nothing one has to know; nor do they see the arg."""
    write("blocks.yaml", "blocks: {'block(width=4, twice=2 * width)': [{linear: {out: twice}}]}")
    net = write("net.yaml", """
        include: [blocks.yaml]
        args: {width: 50, twice: 100}
        input: [3]
        layers:
          - block
          - block: {width: width}
          - linear: {out: twice}
    """)  # fmt: skip
    assert [row.output for row in estimate(build(load(net))).rows()] == [(8,), (100,), (100,)]


def test_a_block_may_be_called_like_a_parameter_of_an_included_block(write: Write) -> None:
    """Inside, the parameter is meant; outside, the block."""
    write("lib.yaml", "blocks: {'use(unit)': [unit, {unit: }]}")
    net = write("net.yaml", """
        include: [lib.yaml]
        input: [3]
        blocks:
          unit: [relu]
          other: [sigmoid]
        layers:
          - use: {unit: other}
          - use: {unit: unit}
    """)  # fmt: skip
    assert paths(net) == [
        "use.other.sigmoid",
        "use.other_2.sigmoid",
        "use_2.unit.relu",
        "use_2.unit_2.relu",
    ]


def test_two_blocks_of_one_name_are_an_error(write: Write) -> None:
    write("a.yaml", "blocks: {block: [relu]}")
    write("b.yaml", "blocks: {block: [relu]}")
    for include in ("{include: [a.yaml, b.yaml], ", "{include: [a.yaml], blocks: {block: [relu]}, "):
        with pytest.raises(SpecError, match="a block cannot be called 'block': that is a block already"):
            load(write("net.yaml", include + "input: [3], layers: [block]}"))


def test_a_file_cannot_include_itself_by_any_way(write: Write) -> None:
    write("a.yaml", "{include: [b.yaml], blocks: {a: [relu]}}")
    write("b.yaml", "{include: [a.yaml], blocks: {b: [relu]}}")
    with pytest.raises(SpecError, match="a file cannot include itself"):
        load(write("net.yaml", "{include: [a.yaml], input: [3], layers: [a]}"))


def test_includes_stay_inside_the_project(write: Write, tmp_path: Path) -> None:
    """The nearest folder above with `.git`, `costcalc.yaml` or `pyproject.toml`; by symbolic links neither."""
    write("blocks.yaml", "blocks: {block: [relu]}")
    inner = write("inner/costcalc.yaml", "").parent
    net = "{include: [../blocks.yaml], input: [3], layers: [block]}"
    assert paths(write("sub/net.yaml", net)) == ["block.relu"]
    with pytest.raises(SpecError, match="outside the project"):
        load(write("inner/net.yaml", net))
    (inner / "link.yaml").symlink_to(tmp_path / "blocks.yaml")
    with pytest.raises(SpecError, match="outside the project"):
        load(write("inner/net.yaml", net.replace("../blocks.yaml", "link.yaml")))


def test_a_spec_a_graph_and_a_report_can_be_copied_and_kept_in_a_set() -> None:
    """A spec is itself alone: two readings of one file are two specs."""
    spec = load("resnet18")
    report = copy.deepcopy(estimate(build(spec)))
    assert report.totals.params == 11_689_512  # torchvision's
    assert copy.deepcopy(spec).name == "resnet18"
    assert {spec: 1}[spec] == 1
    assert load("resnet18") != spec
    assert spec == spec


def test_a_folder_that_may_not_be_searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody knows whether the file is there, so it is not said to be missing."""
    read = os.stat

    def refused(path: str, **options: bool) -> os.stat_result:
        if str(path).endswith("secret.yaml"):
            raise PermissionError(13, "Permission denied")
        return read(path, **options)

    monkeypatch.setattr("costcalc.text.compose.os.stat", refused)
    with pytest.raises(SpecError, match=r"secret\.yaml: cannot be read: permission denied"):
        load(str(tmp_path / "secret.yaml"))


def test_a_link_that_goes_round_hides_no_suggestion(write: Write) -> None:
    folder = write("model.yaml", "input: [3]\nlayers: [relu]\n").parent
    (folder / "a").symlink_to("b")
    (folder / "b").symlink_to("a")
    with pytest.raises(SpecError) as error:
        load(str(folder / "modle.yaml"))
    assert "did you mean" in error.value.problems[0].hint
    with pytest.raises(SpecError, match="cannot be read: too many levels of symbolic links"):
        load(str(folder / "a"))


def test_a_function_call_of_a_layer_that_a_parameter_holds(write: Write) -> None:
    """With another op in the parameter, or none, the block has no layer of that name."""
    write(
        "lib.yaml",
        """
        meta: {functional: [unit.relu]}
        blocks:
          unit(act=relu):
            - conv: {out: 4, kernel: 1}
            - act
    """,
    )
    spec = load(str(write("net.yaml", """
        include: lib.yaml
        args: {act: relu}
        input: [3, 8, 8]
        layers:
          - unit: {act: act}
    """)))  # fmt: skip
    for act in ("relu", "gelu", "none"):
        assert build(spec, {"act": act}).functional.blocks == {"unit": frozenset({"relu"})}
