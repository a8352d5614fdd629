"""The bundled blocks: included by name from any folder, listed with their signatures."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from costcalc import build, estimate, load
from costcalc.errors import SpecError
from costcalc.spec.find import bundled_folder
from costcalc.spec.library import blocks, files

ROOT = Path(__file__).resolve().parents[2]
BLOCKS = Path(bundled_folder()) / "blocks"
ATTENTION = """
include: [attention]
input: [10, 64]
layers:
  - multi_head_attention: {heads: 4}
"""


def costcalc(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run the command as a process of its own."""
    command = [sys.executable, "-m", "costcalc", *arguments]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd, env=env, timeout=60)


def test_a_bundled_file_is_included_by_name_in_any_folder(tmp_path: Path) -> None:
    """torch.nn.MultiheadAttention(64, 4): 3 x 64 x 64 + 192 for the input, 64 x 64 + 64 for the output = 16,640."""
    spec = tmp_path / "net.yaml"
    spec.write_text(ATTENTION)
    done = costcalc("show", "net.yaml", "--format", "json", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["totals"]["params"] == 3 * 64 * 64 + 192 + 64 * 64 + 64


def test_standard_input_includes_a_bundled_file(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "costcalc", "validate", "-"]
    done = subprocess.run(
        command, input=ATTENTION, cwd=BLOCKS.parent.parent, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_name_and_a_path_of_one_file_are_no_clash(tmp_path: Path) -> None:
    """The file is read once, whichever way it comes in: by name, and as what another file includes."""
    spec = tmp_path / "net.yaml"
    spec.write_text("include: [part, attention, part]\ninput: [10, 6]\nlayers:\n  - part: {k: 0, of: 2}\n")
    assert [shape for _, shape in build(load(spec)).outputs.values()] == [(10, 3)]


def test_a_file_of_ones_own_is_not_hidden(tmp_path: Path) -> None:
    """`attention.yaml` is the file beside the spec; `attention` is the bundled one."""
    (tmp_path / "attention.yaml").write_text("blocks:\n  multi_head_attention(heads):\n    - linear: {out: heads}\n")
    spec = tmp_path / "net.yaml"
    spec.write_text(ATTENTION.replace("[attention]", "[attention.yaml]"))
    assert estimate(build(load(spec))).totals.params == 64 * 4 + 4
    spec.write_text(ATTENTION)
    assert estimate(build(load(spec))).totals.params == 16_640


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("atention", "write attention"),
        ("attention.yaml", "write attention"),
        ("blocks/attention.yaml", "write attention"),
        ("own", "write own.yaml"),
        ("nothing_like_it", "'costcalc blocks' lists the bundled files of blocks"),
    ],
)
def test_a_file_that_there_is_not_is_answered_with_what_to_write(tmp_path: Path, written: str, hint: str) -> None:
    (tmp_path / "own.yaml").write_text("blocks:\n  multi_head_attention(heads):\n    - linear: {out: heads}\n")
    spec = tmp_path / "net.yaml"
    spec.write_text(ATTENTION.replace("[attention]", f"[{written}]"))
    with pytest.raises(SpecError) as caught:
        load(spec)
    (problem,) = caught.value.problems
    assert problem.hint.startswith(hint)
    if hint.startswith("write "):
        spec.write_text(ATTENTION.replace("[attention]", f"[{hint.split()[1].rstrip(':')}]"))
        assert load(spec)


@pytest.mark.parametrize(
    ("mark", "words"),
    [
        ("costcalc.yaml", "'{root}', the folder with costcalc.yaml"),
        ("pyproject.toml", "'{root}', the folder with pyproject.toml"),
        (".git", "'{root}', the folder with .git"),
        (None, "'{own}', the folder of the spec; a costcalc.yaml in a folder above makes that the root"),
    ],
)
def test_the_root_that_includes_stay_in_is_named(tmp_path: Path, mark: str | None, words: str) -> None:
    """The folder, what makes it the root, and where there is no mark how to have one; that works."""
    own = tmp_path / "project" / "specs"
    own.mkdir(parents=True)
    (tmp_path / "outside.yaml").write_text("blocks:\n  unit:\n    - relu\n")
    if mark:
        (own.parent / mark).mkdir() if mark == ".git" else (own.parent / mark).write_text("")
    (own / "net.yaml").write_text("include: [../../outside.yaml]\ninput: [4]\nlayers:\n  - unit\n")
    with pytest.raises(SpecError) as caught:
        load(own / "net.yaml")
    (problem,) = caught.value.problems
    assert problem.message == "cannot include '../../outside.yaml': it is outside the project"
    assert problem.hint == "includes stay inside " + words.format(root=own.parent, own=own)
    if mark is None:
        (tmp_path / "costcalc.yaml").write_text("")
        assert load(own / "net.yaml")


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_a_spec_with_bundled_blocks_has_a_base_in_git(tmp_path: Path) -> None:
    """The blocks come with costcalc, from no commit: 4 heads or 8 have the same weights."""

    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=a", "-c", "user.email=a@b")
        subprocess.run(["git", *identity, *arguments], cwd=tmp_path, check=True, capture_output=True)  # noqa: S607  the git of the machine

    (tmp_path / "net.yaml").write_text(ATTENTION)
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "a")
    (tmp_path / "net.yaml").write_text(ATTENTION.replace("64]", "128]"))
    done = costcalc("check", "net.yaml", "--base", "HEAD", "--limit", "params.grow=10%", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    assert "66,048" in done.stdout  # 4 x 128 x 128 + 4 x 128
    assert costcalc("diff", "HEAD:net.yaml", "net.yaml", cwd=tmp_path).returncode == 0


def test_every_bundled_block_is_listed() -> None:
    """The list of the command, held against the files as PyYAML reads them."""
    wanted = {
        (path.stem, key.partition("(")[0].partition(" ")[0])
        for path in BLOCKS.glob("*.yaml")
        for key in yaml.safe_load(path.read_text())["blocks"]
    }
    assert len(wanted) > 25
    rows = list(csv.DictReader(io.StringIO(costcalc("blocks", "--format", "csv").stdout)))
    assert {(row["include"], row["block"].partition("(")[0].partition(" ")[0]) for row in rows} == wanted
    assert all(row["what_it_is"] for row in rows)
    table = costcalc("blocks").stdout
    assert "squeeze_excite(reduction=4, narrow=x.channels // reduction, act=relu, gate=sigmoid)" in table


@pytest.mark.parametrize("name", blocks())
def test_the_yaml_of_a_block_is_the_block(name: str) -> None:
    """The text that is shown is what its file says under `blocks`."""
    block = blocks()[name]
    assert (
        yaml.safe_load("\n".join(block.text)).items()
        <= yaml.safe_load(Path(files()[block.file]).read_text())["blocks"].items()
    )
    assert block.about
    assert not block.text[0].startswith(" ")


def test_the_forms_of_the_list() -> None:
    found = json.loads(costcalc("blocks", "mlp", "--format", "json").stdout)
    assert found["format"] == "costcalc.blocks/1"
    (block,) = found["blocks"]
    assert (block["name"], block["include"], block["inputs"]) == ("mlp", "transformer", ["x"])
    assert block["parameters"] == [
        {"name": "hidden", "default": None},
        {"name": "act", "default": "gelu"},
        {"name": "bias", "default": "true"},
    ]
    page = costcalc("blocks", "mlp", "--format", "markdown").stdout
    assert "\n    mlp(hidden, act=gelu, bias=true):\n      - linear: {out: hidden, bias: bias}\n" in page
    assert costcalc("blocks", "mlp", "--format", "csv").stdout.splitlines()[1] == "hidden,required"


def test_a_block_that_there_is_not() -> None:
    done = costcalc("blocks", "squeeze_exite")
    assert (done.returncode, done.stderr) == (
        3, "error: there is no bundled block 'squeeze_exite': did you mean 'squeeze_excite'?\n",
    )  # fmt: skip
    assert "'costcalc blocks squeeze_excite' shows it" in costcalc("ops", "squeeze_excite").stderr
