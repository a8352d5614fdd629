"""Every wrong spec is answered with the place, the reason and what to do.

`tests/errors/NAME.yaml` is a spec and `NAME.out` what `costcalc validate` says about it on standard error, to the last
character. With UPDATE_ERRORS=1 the answers are written anew instead: read them before you keep them. What cannot be a
small file (a bomb, a pipe, a hundred thousand brackets) is made here.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from costcalc.cli import group
from costcalc.cli.failure import code_of
from costcalc.errors import Source, SpecError
from costcalc.spec.find import bundled_folder
from costcalc.spec.load import load, load_text
from costcalc.text import compose as composing
from costcalc.text.compose import compose, read
from costcalc.text.nodes import Mapping, Node, Scalar, Sequence
from costcalc.text.snippets import render

ROOT = Path(__file__).parent.parent
FOLDER = Path("tests/errors")
NAMES = sorted(path.stem for path in (ROOT / FOLDER).glob("*.yaml"))
SECONDS = 20  # each takes a tenth of one; a machine under load may take longer


def validate(address: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """The exit code of `costcalc validate` and its standard error, in this process."""
    try:
        code = group.main(["validate", address], standalone_mode=False, prog_name="costcalc")
    except BaseException as error:
        code = code_of(error)
    return int(code or 0), capsys.readouterr().err


def process(address: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """`costcalc validate` as a process of its own."""
    command = [sys.executable, "-m", "costcalc", "validate", address]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", timeout=SECONDS, check=False
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_answer_to_a_wrong_spec(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    code, said = validate((FOLDER / f"{name}.yaml").as_posix(), capsys)
    answer = ROOT / FOLDER / f"{name}.out"
    if os.environ.get("UPDATE_ERRORS"):
        assert not os.environ.get("CI"), "answers are never written in CI"
        answer.write_text(said, encoding="utf-8", newline="")
    assert said == answer.read_bytes().decode()
    assert code == (3 if ": error: " in said else 0)


@pytest.mark.parametrize("name", NAMES)
def test_the_pure_parser_gives_the_same_answer(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where PyYAML comes without libyaml nothing changes but the speed."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(composing, "fastest_parser", lambda: yaml.SafeLoader)
    _, said = validate((FOLDER / f"{name}.yaml").as_posix(), capsys)
    assert said == (ROOT / FOLDER / f"{name}.out").read_bytes().decode()


def test_every_answer_belongs_to_a_spec() -> None:
    assert sorted(path.stem for path in (ROOT / FOLDER).glob("*.out")) == NAMES
    assert len(NAMES) > 300


@pytest.mark.parametrize("name", NAMES)
def test_the_form_of_an_answer(name: str) -> None:
    """Each problem has its place, no two are the same, they are sorted, and nothing is a traceback or a bug."""
    said = (ROOT / FOLDER / f"{name}.out").read_bytes().decode()
    heads = [line for line in said.splitlines() if ": error: " in line[:400] or ": warning: " in line[:400]]
    assert heads
    assert len(set(heads)) == len(heads)
    places = []
    for head in heads:
        found = re.match(r"(tests/errors/[\w/]+\.yaml)(?::(\d+):(\d+))?: (error|warning): \S", head)
        assert found, head
        places.append((found.group(1), int(found.group(2) or 0), int(found.group(3) or 0)))
    assert places == sorted(places)
    assert "Traceback" not in said
    assert "bug in costcalc" not in said
    errors = [head for head in heads if ": error: " in head]
    assert said.endswith(f"\n{len(errors)} problems\n") is (len(errors) > 1)


@pytest.mark.parametrize(
    "name", ["block_design_example", "expression_foreign", "yaml_tags", "yaml_not_utf8", "shape_add", "include_outside"]
)
def test_the_answer_of_a_process(name: str) -> None:
    done = process((FOLDER / f"{name}.yaml").as_posix(), ROOT)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == (ROOT / FOLDER / f"{name}.out").read_bytes().decode()
    assert not (ROOT / "hacked").exists()


def test_the_form_that_the_manual_shows(tmp_path: Path) -> None:
    (tmp_path / "resnet50.yaml").write_text(
        "input: [3, 224, 224]\n"
        "blocks:\n"
        "  conv_norm(out, kernel=1, stride=1, act=relu):\n"
        "      - conv: {out: out, kernle: 7, stride: stride}\n"
        "      - batch_norm\n"
        "      - act\n"
        "layers:\n"
        "  - conv_norm: {out: 64, kernel: 7, stride: 2}\n"
        "    name: stem\n"
    )
    done = process("resnet50.yaml", tmp_path)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == (
        "resnet50.yaml:4:26: error: conv has no argument 'kernle'\n"
        "  |\n"
        "4 |       - conv: {out: out, kernle: 7, stride: stride}\n"
        "  |                          ^^^^^^ did you mean 'kernel'?\n"
        "  = in block 'conv_norm', called at resnet50.yaml:8:5 (layer 'stem')\n"
    )


# --- texts that are too large for a file here ------------------------------------------------------------------------

BOMB = "\n".join(["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"] + [
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)
])  # fmt: skip
MERGES = "\n".join(["a0: &a0 {x: 1}"] + [
    f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 10)}]}}" for n in range(1, 6)
])  # fmt: skip
SPEC = "input: [3, 8, 8]\nlayers:\n"

# name -> (text, the headline; what stands under it is tested with the pairs)
HOSTILE: dict[str, tuple[str, str]] = {
    "a hundred thousand brackets": ("[" * 100_000, "1:65: error: nested deeper than 64"),
    "two million brackets": ("[" * 2_000_000, "1:65: error: nested deeper than 64"),
    "a hundred thousand braces": ("{a: " * 100_000, "1:257: error: nested deeper than 64"),
    "a deep block mapping": (
        "\n".join(f"{' ' * depth}k:" for depth in range(2_000)),
        "65:65: error: nested deeper than 64",
    ),
    "a deep list in one line": ("- " * 100_000, "1:129: error: nested deeper than 64"),
    "an alias bomb": (BOMB, "6:45: error: aliases expand to more than 1,000,000 values"),
    "many aliases": (
        "meta: &m 1\na: [" + "*m, " * 1_001 + "]",
        "2:4005: error: more than 1,000 aliases",
    ),
    "two million values": ("meta: [" + "1," * 2_000_000 + "]", "1:2000002: error: more than 1,000,000 values"),
    "a power tower": (SPEC + "  - linear: {out: 9**9**9}\n", "3:20: error: '**' is not part of expressions"),
    "a long expression": (
        SPEC + f"  - linear: {{out: {'1+' * 50_000}1}}\n",
        "3:19: error: the expression is longer than 1,000 characters",
    ),
    "a deep expression": (
        SPEC + f"  - linear: {{out: {'(' * 10_000}1{')' * 10_000}}}\n",
        "3:19: error: the expression is longer than 1,000 characters",
    ),
    "a number of a million digits": (
        SPEC + f"  - linear: {{out: {'9' * 1_000_000}}}\n",
        "3:19: error: the expression is longer than 1,000 characters",
    ),
    "a key of a million characters": (
        f"{'k' * 1_000_000}: 1\n",
        "1:1: error: a key is longer than 1,024 characters",
    ),
    "a name of a million characters": (
        SPEC + f"  - {'k' * 1_000_000}\n",
        f"3:5: error: unknown op or block '{'k' * 229}...{'k' * 249}'",
    ),
    "a repeat that never ends": (
        SPEC + "  - linear: {out: i + 1}\n    repeat: 1e12\n",
        "4:13: error: repeat of 1,000,000,000,000 instances that differ from one another",
    ),
    "blocks that double": (
        "input: [3, 8, 8]\nblocks:\n"
        + "".join(f"  b{n}:\n    - b{n + 1}\n    - b{n + 1}\n" for n in range(70))
        + "  b70:\n    - relu\nlayers:\n  - b0\n",
        "193:7: error: blocks are nested deeper than 64",
    ),
    "blocks that call each other in a ring": (
        "input: [3, 8, 8]\nblocks:\n"
        + "".join(f"  b{n}:\n    - b{(n + 1) % 2_000}\n" for n in range(2_000))
        + "layers:\n  - b0\n",
        "3:3: error: a block cannot call itself",
    ),
    "a block that is handed itself": (
        "input: [3, 8, 8]\nblocks:\n  a(f):\n    - f: {f: f}\nlayers:\n  - a: {f: a}\n",
        "4:7: error: blocks are nested deeper than 64",
    ),
    "a control character at the end": ("# " + "x\n" * 100_000 + "\x07", "100001:1: error: control character \\x07"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_is_refused_at_once(name: str, tmp_path: Path) -> None:
    text, head = HOSTILE[name]
    (tmp_path / "hostile.yaml").write_text(text, encoding="utf-8")
    done = process("hostile.yaml", tmp_path)
    assert (done.returncode, done.stdout) == (3, "")
    first = done.stderr.partition("\n")[0]
    assert first.startswith(f"hostile.yaml:{head}"), first[:300]
    assert "Traceback" not in done.stderr


PARSERS = [yaml.SafeLoader, *([yaml.CSafeLoader] if hasattr(yaml, "CSafeLoader") else [])]
# text -> the place of the 65th opening bracket, or dash, counted by hand
DEEP = {
    "[" * 65: "1:65",
    "[" * 1_000: "1:65",
    "[" * 1_001: "1:65",
    "[" * 2_000 + "]" * 2_000: "1:65",
    "{a: [" * 600: "1:161",  # two with each five characters
    "# größer\nmeta: " + "[" * 1_100: "2:70",  # `meta` is the first collection, so the 64th bracket is one too many
    "meta: {ä: [" + "[ " * 1_100: "1:134",  # before column 12 there are three; the 62nd of the others is at 12 + 2 * 61
    "[[], " * 900: "1:317",  # one deeper with each five characters, beside the list that is closed at once
    "- " * 1_001 + "a": "1:129",
    "[" * 80 + "@": "1:65",  # the parser looks ahead, and complains of the `@` first
}


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.__name__)
@pytest.mark.parametrize("text", DEEP, ids=range(len(DEEP)))
def test_our_limit_of_depth_speaks_before_the_parsers(text: str, parser: Any) -> None:
    """libyaml 0.2.6 (PyYAML 6.0.4) refuses 1,000 open brackets by itself, before it tells of the first; 0.2.5 does not."""
    with pytest.raises(SpecError) as caught:
        compose(Source("deep.yaml", text), parser)
    assert [f"{problem.location}: {problem.message}" for problem in caught.value.problems] == [
        f"deep.yaml:{DEEP[text]}: nested deeper than 64"
    ]


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.__name__)
def test_what_was_wrong_before_the_depth_is_told_too(parser: Any) -> None:
    with pytest.raises(SpecError) as caught:
        compose(Source("deep.yaml", "name: a\nname: b\nmeta: " + "[" * 2_000), parser)
    assert [(str(problem.location), problem.message) for problem in caught.value.problems] == [
        ("deep.yaml:2:1", "the key 'name' is written twice"),
        ("deep.yaml:3:70", "nested deeper than 64"),
    ]


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.__name__)
def test_as_deep_as_may_be(parser: Any) -> None:
    assert compose(Source("deep.yaml", "[" * 64 + "]" * 64), parser).kind == "list"


def test_a_merge_key_bomb_is_refused_at_every_key(tmp_path: Path) -> None:
    """Some hundred bytes, for which `yaml.load` takes seconds."""
    (tmp_path / "hostile.yaml").write_text(MERGES)
    done = process("hostile.yaml", tmp_path)
    assert done.returncode == 3
    heads = [line for line in done.stderr.splitlines() if ": error: " in line]
    assert heads == [f"hostile.yaml:{n}:10: error: merge keys ('<<') are not used in specs" for n in range(2, 7)]


def test_a_text_of_twenty_mebibytes(tmp_path: Path) -> None:
    (tmp_path / "large.yaml").write_text("# " + "x" * (20 * 2**20))
    done = process("large.yaml", tmp_path)
    assert (done.returncode, done.stderr) == (3, "large.yaml: error: larger than 16 MiB\n")
    with pytest.raises(SpecError, match="larger than 16 MiB"):
        load_text("# " + "x" * (20 * 2**20))


def test_standard_input_is_read_up_to_the_limit() -> None:
    """A pipe that never ends, such as /dev/zero."""
    command = [sys.executable, "-m", "costcalc", "validate", "-"]
    done = subprocess.run(
        command, input=b"#" * (17 * 2**20), cwd=ROOT, capture_output=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 3
    assert done.stderr.startswith(b"<stdin>:1:1: error: larger than 16 MiB\n")


# --- things that are no spec files -----------------------------------------------------------------------------------


def said_about(address: str, folder: Path) -> str:
    done = process(address, folder)
    assert (done.returncode, done.stdout) == (3, "")
    return done.stderr


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs" / "resnet.yaml").write_text(SPEC + "  - relu\n")
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    (tmp_path / "nowhere.yaml").symlink_to("gone.yaml")
    assert said_about("folder", tmp_path) == "folder: error: a folder, not a file\n"
    assert said_about("specs/renset.yaml", tmp_path) == (
        "specs/renset.yaml: error: no such file\n  = did you mean 'specs/resnet.yaml'?\n"
    )
    assert said_about("gone/resnet.yaml", tmp_path) == "gone/resnet.yaml: error: no such file\n"
    assert said_about("nowhere.yaml", tmp_path) == "nowhere.yaml: error: no such file\n"
    assert said_about("loop.yaml", tmp_path).startswith("loop.yaml: error: ")
    assert said_about("x" * 5_000 + ".yaml", tmp_path).startswith("x" * 5_000 + ".yaml: error: ")
    assert said_about("resnte50", tmp_path) == (
        "error: no file and no bundled spec is called 'resnte50'\n  = did you mean 'resnet50'?\n"
    )
    assert said_about("specs/resnet.yaml@big", tmp_path) == (
        "error: specs/resnet.yaml has no variant 'big'\n  = it has no variants\n"
    )


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_pipes_and_devices_are_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    assert said_about("pipe.yaml", tmp_path) == "pipe.yaml: error: not a regular file\n"
    if Path("/dev/zero").exists():
        assert said_about("/dev/zero", tmp_path) == "/dev/zero: error: not a regular file\n"
    (tmp_path / "spec.yaml").write_text("include: pipe.yaml\n" + SPEC + "  - relu\n")
    assert said_about("spec.yaml", tmp_path) == (
        "spec.yaml:1:10: error: cannot include 'pipe.yaml': not a regular file\n"
        "  |\n1 | include: pipe.yaml\n  |          ^^^^^^^^^\n"
    )


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text(SPEC + "  - relu\n")
    (tmp_path / "secret.yaml").chmod(0)
    assert said_about("secret.yaml", tmp_path) == "secret.yaml: error: cannot be read: permission denied\n"


def test_includes_stay_in_the_project(tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("blocks:\n  unit:\n    - relu\n")
    project = tmp_path / "project"
    (project / "specs").mkdir(parents=True)
    (project / "costcalc.yaml").write_text("")
    (project / "unit.yaml").write_text("blocks:\n  unit:\n    - relu\n")
    (project / "link.yaml").symlink_to("../secret.yaml")
    (project / "loop.yaml").symlink_to("loop.yaml")
    for text, message in {
        "../../secret.yaml": "it is outside the project",
        "../link.yaml": "it is outside the project",
        "../../../../../../../../etc/passwd": "it is outside the project",
        "/etc/passwd": "an absolute path",
        "https://example.org/a.yaml": "a web address",
        "../gone.yaml": "no such file",
        "..": "it is outside the project",
        "../specs": "a folder, not a file",
        "x" * 5_000: "",
        "a\\0b.yaml": "",
    }.items():
        (project / "specs" / "a.yaml").write_text(f'include: ["{text}"]\n{SPEC}  - unit\n')
        said = said_about("specs/a.yaml", project)
        assert said.startswith("specs/a.yaml:1:11: error: cannot include '"), said
        assert message in said.partition("\n")[0]
        assert said.count(" error: ") == 1, "the block that is missing for it is not told again"
    (project / "specs" / "a.yaml").write_text(f"include: [../loop.yaml]\n{SPEC}  - unit\n")
    assert said_about("specs/a.yaml", project).count(" error: ") == 1
    (project / "specs" / "a.yaml").write_text(f"include: [../unit.yaml]\n{SPEC}  - unit\n")
    assert process("specs/a.yaml", project).returncode == 0


def test_the_problems_of_several_files_in_one_run(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text(SPEC + "  - rleu\n")
    (tmp_path / "a.yaml").write_text(SPEC + "  - conv: {out: 3}\n  - rleu\n")
    (tmp_path / "c.yaml").write_text(SPEC + "  - relu\n")
    command = [sys.executable, "-m", "costcalc", "validate", "b.yaml", "c.yaml", "gone.yaml", "a.yaml"]
    done = subprocess.run(
        command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
        timeout=SECONDS, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (3, "c.yaml: valid\n")
    heads = [line.partition(" error")[0] for line in done.stderr.splitlines() if ": error: " in line]
    assert heads == ["a.yaml:3:5:", "a.yaml:4:5:", "b.yaml:3:5:", "gone.yaml:"]
    assert done.stderr.endswith("4 problems\n")


def test_an_encoding_that_cannot_say_it_all(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(SPEC + "  - größer\n", encoding="utf-8")
    command = [sys.executable, "-m", "costcalc", "validate", "a.yaml"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, timeout=SECONDS, check=False)
    assert done.returncode == 3
    assert done.stderr.startswith(b"a.yaml:3:5: error: unknown op or block 'gr\\xf6\\xdfer'\n")


# --- both parsers ----------------------------------------------------------------------------------------------------


def parts(node: Node) -> Iterator[Any]:
    """A tree as plain values: kind, place, and what it says."""
    yield node.kind, node.line, node.column, node.end_line, node.end_column
    if isinstance(node, Scalar):
        yield node.value, node.plain
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from parts(item)
    elif isinstance(node, Mapping):
        for name, (key, value) in node.entries.items():
            yield name
            yield from parts(key)
            yield from parts(value)


def outcome(path: Path, parser: Any) -> Any:
    try:
        return list(parts(compose(read(path), parser)))
    except SpecError as error:
        return [render(problem) for problem in error.problems]


@pytest.mark.skipif(not hasattr(yaml, "CSafeLoader"), reason="PyYAML has no libyaml here")
@pytest.mark.parametrize(
    "path",
    [*sorted((ROOT / FOLDER).rglob("*.yaml")), *sorted(Path(bundled_folder()).rglob("*.yaml"))],
    ids=lambda path: path.stem,
)
def test_both_parsers_give_the_same_nodes(path: Path) -> None:
    assert outcome(path, yaml.CSafeLoader) == outcome(path, yaml.SafeLoader)


# --- the library -----------------------------------------------------------------------------------------------------


def test_the_library_raises_every_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    with pytest.raises(SpecError) as caught:
        load(FOLDER / "file_five_problems.yaml")
    assert [str(problem.location) for problem in caught.value.problems] == [
        f"tests/errors/file_five_problems.yaml:{place}" for place in ("1:1", "4:20", "6:5", "7:28", "10:11", "11:21")
    ]
    assert str(caught.value).splitlines()[1] == (
        "tests/errors/file_five_problems.yaml:4:20: conv has no argument 'kernle'"
    )
