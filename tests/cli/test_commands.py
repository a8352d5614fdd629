"""The commands as a user meets them: exit codes, pipes, files, and output that is never cut."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+")


def costcalc(*arguments: str, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a process of its own."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    for name in ("FORCE_COLOR", "NO_COLOR"):
        if name not in environment:
            env.pop(name, None)
    command = [sys.executable, "-m", "costcalc", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd, env=env, timeout=60)


def test_compare_says_it_in_a_sentence() -> None:
    """The bottleneck has 69,632 params against 73,728 and four times the channels, 256 against 64."""
    done = costcalc("compare", "specs/basic.yaml", "specs/bottleneck.yaml")
    assert done.returncode == 0
    assert done.stderr == ""
    assert "bottleneck: 0.94x the params and 0.94x the MACs of basic, with 4x the channels." in done.stdout
    for number in ("73,728", "231,211,008", "69,632", "218,365,952"):
        assert number in done.stdout


def test_compare_needs_two() -> None:
    """One spec is misuse of `compare`: exit code 2."""
    assert costcalc("compare", "basic").returncode == 2


@pytest.mark.parametrize("columns", ["20", "40", "80", "200"])
@pytest.mark.parametrize("colour", [{}, {"FORCE_COLOR": "1"}, {"FORCE_COLOR": "1", "NO_COLOR": "1"}])
def test_no_width_cuts_a_number(columns: str, colour: dict[str, str]) -> None:
    """However narrow the screen, every number of the wide table stands whole in the narrow one."""
    wide = costcalc("compare", "basic", "bottleneck").stdout
    narrow = costcalc("compare", "basic", "bottleneck", COLUMNS=columns, TERM="xterm", **colour).stdout
    assert "…" not in narrow
    assert set(NUMBER.findall(wide)) <= set(NUMBER.findall(re.sub(r"\x1b\[[\d;]*m", "", narrow)))


def test_no_color_means_no_escape_sequences() -> None:
    """NO_COLOR wins over FORCE_COLOR's colours; without a terminal there are none anyway."""
    assert "\x1b" in costcalc("show", "basic", FORCE_COLOR="1", TERM="xterm").stdout
    assert "\x1b" not in costcalc("show", "basic", FORCE_COLOR="1", NO_COLOR="1", TERM="xterm").stdout
    assert "\x1b" not in costcalc("show", "basic", TERM="xterm").stdout


def test_a_closed_pipe_is_silent() -> None:
    """`costcalc show resnet152 | head -1` prints a line, no traceback, and exits 0."""
    script = f'"{sys.executable}" -m costcalc show resnet152 | head -1; echo "${{PIPESTATUS[0]}}"'
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True, cwd=ROOT, env=env)  # noqa: S607  any bash
    first, code = done.stdout.splitlines()
    assert first.startswith("resnet152: input (3, 224, 224)")
    assert code == "0"
    assert done.stderr == ""


def test_output_file_is_whole_or_not_at_all(tmp_path: Path) -> None:
    """`--output` writes the file; where it cannot, exit code 3, a message, and the old file stays."""
    target = tmp_path / "report.json"
    assert costcalc("show", "basic", "--format", "json", "--output", str(target)).returncode == 0
    assert json.loads(target.read_text())["totals"]["params"] == 73728
    done = costcalc("show", "basic", "--output", str(tmp_path / "missing" / "report.txt"))
    assert done.returncode == 3
    assert "No such file or directory" in done.stderr
    assert costcalc("show", "basic", "--output", str(tmp_path)).returncode == 3
    assert list(tmp_path.iterdir()) == [target]


def test_output_never_overwrites_its_input(tmp_path: Path) -> None:
    """The spec itself is refused as an output."""
    spec = tmp_path / "net.yaml"
    text = (ROOT / "specs" / "basic.yaml").read_text()
    spec.write_text(text)
    done = costcalc("show", str(spec), "--output", str(spec))
    assert done.returncode == 3
    assert spec.read_text() == text


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("show", "basic"), 0),
        (("show",), 2),
        (("show", "basic", "--batch", "0"), 2),
        (("show", "basic", "--input", "3xfoo"), 2),
        (("show", "basic", "--set", "classes"), 2),
        (("shwo", "basic"), 2),
        (("show", "basic", "--set", "classes=10"), 3),
        (("show", "resnet50", "--set", "clases=10"), 3),
        (("show", "resnet50", "--set", "classes=0"), 3),
        (("show", "resnet50", "--set", "classes=2 +"), 3),
        (("show", "resnet50", "--input", "left=3x224x224"), 3),
        (("show", "resnet50", "--input", "224"), 3),
        (("show", "resnet50@nonesuch"), 3),
        (("show", "nonesuch"), 3),
        (("show", "specs/nonesuch.yaml"), 3),
        (("explain", "resnet50", "nonesuch"), 3),
        (("ops", "covn"), 3),
        (("validate", "resnet50", "vgg16"), 0),
    ],
)
def test_exit_codes(arguments: tuple[str, ...], code: int) -> None:
    """0 done, 2 what can be refused without opening a file, 3 an input that cannot be used; never a traceback."""
    done = costcalc(*arguments)
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert (done.stderr == "") is (code == 0)


def test_mistakes_are_answered_with_the_nearest_name() -> None:
    """Commands, args, ops, layers and bundled specs all get a suggestion."""
    assert "Did you mean 'show'?" in costcalc("shwo", "basic").stderr
    assert "did you mean 'classes'?" in costcalc("show", "resnet50", "--set", "clases=1").stderr
    assert "did you mean 'conv'?" in costcalc("ops", "covn").stderr
    assert "did you mean 'resnet50'?" in costcalc("show", "resnet5").stderr
    assert "did you mean 'stem.conv'?" in costcalc("explain", "resnet50", "stem.covn").stderr


def test_size_options_change_the_size() -> None:
    """A batch of 8 does 8 times the work with the same params; 10 classes leave 2048 * 10 + 10 in the head."""
    report = json.loads(costcalc("show", "resnet50", "--batch", "8", "--format", "json").stdout)
    assert report["totals"]["macs"] == 8 * 4089184256
    assert report["totals"]["params"] == 25557032
    report = json.loads(costcalc("show", "resnet50", "--set", "classes=10", "--format", "json").stdout)
    assert report["totals"]["params"] == 25557032 - 2049000 + 20490
    report = json.loads(costcalc("show", "resnet50", "--input", "3x320x320", "--format", "json").stdout)
    assert report["input"] == {"input": [3, 320, 320]}


def test_csv_holds_exact_integers() -> None:
    """The CSV of a network sums to its totals."""
    rows = list(csv.DictReader(io.StringIO(costcalc("show", "resnet18", "--format", "csv").stdout)))
    assert sum(int(row["params"]) for row in rows) == 11689512
    assert sum(int(row["macs"]) for row in rows) == 1814073344
    flat = list(csv.DictReader(io.StringIO(costcalc("compare", "basic", "bottleneck", "--format", "csv").stdout)))
    assert {row["network"] for row in flat} == {"basic", "bottleneck"}


def test_a_spec_may_come_from_standard_input() -> None:
    """`-` reads the spec from standard input."""
    text = (ROOT / "specs" / "basic.yaml").read_text()
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "costcalc", "show", "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False, env=env)
    assert done.returncode == 0
    assert "231,211,008" in done.stdout


def test_explain_shows_formula_numbers_and_result() -> None:
    """The 1x1 convolution from 256 to 64 channels: 64 filters of 256 weights, 16,384 params, 64 maps."""
    out = costcalc("explain", "bottleneck", "body.conv").stdout
    assert "weight = c_out * (c_in / g) * k = 64*256*1*1 = 16,384" in out
    assert "64 * 56*56 * (256 / 1) * 1*1" in out
    assert "51,380,224" in out
    assert "There are 64 filters of 256 weights, one output map each:" in out


def test_explain_adds_up_a_block() -> None:
    """A block's page lists its parts, which add up to it."""
    out = costcalc("explain", "resnet50", "stage1").stdout
    assert re.search(r"Total\s+215,808\s+667,942,912", out)


def test_validate_strict_turns_warnings_into_failure(tmp_path: Path) -> None:
    """A warning alone passes; with --strict it is exit code 1."""
    spec = tmp_path / "net.yaml"
    spec.write_text("args: {unused: 1}\ninput: [3]\nlayers:\n  - relu\n")
    assert costcalc("validate", str(spec)).returncode == 0
    done = costcalc("validate", str(spec), "--strict")
    assert done.returncode == 1
    assert "warning: the arg 'unused' is never used" in done.stderr


def test_output_never_overwrites_yaml(tmp_path: Path) -> None:
    """No output is YAML, so a YAML file named as one is an included file, or a mistake: it stays."""
    library = tmp_path / "blocks.yaml"
    library.write_text("blocks:\n  b(out):\n    - linear: {out: out}\n")
    spec = tmp_path / "net.yaml"
    spec.write_text("include: blocks.yaml\ninput: [3]\nlayers:\n  - b: {out: 4}\n")
    done = costcalc("show", str(spec), "--output", str(library))
    assert done.returncode == 3
    assert "is a YAML file" in done.stderr
    assert library.read_text().startswith("blocks:")


def test_run_names_the_layers_there_are() -> None:
    """An unknown layer is answered before anything is calculated."""
    done = costcalc("run", "one_by_one", "--layer", "nope", "--pixel", "1,0")
    assert (done.returncode, done.stderr) == (3, "error: one_by_one has no layer 'nope': choose from: conv\n")


def test_a_thousand_problems_end_the_reading(tmp_path: Path) -> None:
    """A file of nonsense is answered with its first hundred problems, quickly."""
    spec = tmp_path / "net.yaml"
    spec.write_text("input: [3]\nlayers:\n" + "  - covn: {out: 1}\n" * 20_000)
    done = costcalc("validate", str(spec))
    assert done.returncode == 3
    assert done.stderr.count("did you mean 'conv'?") == 99  # and the line that says why it stops
    assert done.stderr.endswith("... and 901 more\n1001 problems\n")


def test_one_more_token_of_a_language_model() -> None:
    """GPT-2 after 1,023 tokens: 12 layers of 768 x (4 x 768 + 8 x 768), the head of 50,257 words, and attention.

    The new token looks at 1,024 keys and sums as many values, 768 wide, in each layer; both are kept in float32.
    """
    done = costcalc("show", "gpt2", "--phase", "decode", "--sequence", "1024", "--format", "json")
    found = json.loads(done.stdout)
    assert found["totals"]["macs"] == 12 * 768 * 12 * 768 + 50_257 * 768 + 12 * 2 * 1024 * 768
    assert found["language"]["kv_cache_bytes"] == 12 * 2 * 1024 * 768 * 4


def test_two_lengths_of_a_prompt_are_misuse() -> None:
    done = costcalc("show", "gpt2", "--sequence", "128", "--input", "64")
    assert done.returncode == 2
    assert "--sequence and --input both say how many tokens come in: give one" in done.stderr


@pytest.mark.parametrize(
    "command",
    ["show {0}", "compare {0} {0}", "explain {0} linear", "reconcile {0}", "reconcile {0} --claim 1M", "run {0}",
     "diff {0} {0}", "bench {0}"],
)  # fmt: skip
def test_the_advice_for_a_batch_of_tokens_can_be_followed(command: str, tmp_path: Path) -> None:
    """`--input 2x4` for [T] is told to be `--sequence 4 --batch 2`, whatever the command: T of 4, as a shape of [4]."""
    (tmp_path / "tokens.yaml").write_text(
        "args: {T: 8}\ninput: [T]\nlayers:\n  - embedding: {count: 9, out: 4}\n  - linear: {out: 4}\n"
        "  - scaled_dot_product_attention: {causal: true}\n    from: {query: linear, key: linear, value: linear}\n"
    )
    words = command.format("tokens.yaml").split()
    refused = costcalc(*words, "--input", "2x4", cwd=tmp_path)
    assert refused.returncode == 3
    assert "write --sequence 4 --batch 2" in refused.stderr
    items = [] if words[0] in ("run", "bench") else ["--batch", "2"]  # these two work on one item, and say so
    followed = costcalc(*words, "--sequence", "4", *items, cwd=tmp_path)
    assert (followed.returncode, followed.stderr) == (0, "")


SMALL_LANGUAGE_MODEL = """
args: {T: 128}
input: [T]
layers:
  - embedding: {count: 100, out: 16}
  - add:
      token: []
      place: [{parameter: {shape: [T, 16]}}]
  - scaled_dot_product_attention: {heads: 2, causal: true}
    from: {query: add, key: add, value: add}
  - linear: {out: 100}
"""


def test_the_advice_on_tokens_can_be_followed(tmp_path: Path) -> None:
    """--input is answered with --sequence, which does what was meant: 1,600 + 64 x 16 + 1,700 params, by hand."""
    spec = tmp_path / "small.yaml"
    spec.write_text(SMALL_LANGUAGE_MODEL)
    refused = costcalc("show", str(spec), "--phase", "decode", "--input", "64")
    assert refused.returncode == 3
    assert "write --sequence 64 in its place" in refused.stderr
    done = costcalc("show", str(spec), "--phase", "decode", "--sequence", "64", "--format", "json")
    found = json.loads(done.stdout)
    assert found["args"] == {"T": 64}
    assert found["totals"]["params"] == 4_324
    assert (found["language"]["arg"], found["language"]["context"]) == ("T", 64)
    assert found["language"]["rows_taken"] == [{"path": "add", "from": "place", "shape": [64, 16], "taken": [1, 16]}]
    batched = costcalc("show", str(spec), "--input", "4x64")
    assert batched.returncode == 3
    assert "write --sequence 64 --batch 4 (or --set T=64 --batch 4)" in batched.stderr
    for advice in (["--sequence", "64"], ["--set", "T=64"]):
        done = costcalc("show", str(spec), *advice, "--batch", "4", "--format", "json")
        assert json.loads(done.stdout)["totals"]["macs"] == 4 * (2 * 64 * 64 * 16 + 64 * 16 * 100)


def test_every_command_refuses_a_shape_of_another_rank(tmp_path: Path) -> None:
    for command in (["show"], ["compare", "resnet18"], ["explain"], ["run"], ["bench"], ["reconcile"]):
        last = ["stem"] if command == ["explain"] else []
        done = costcalc(*command, "resnet50", *last, "--input", "1x3x64x64")
        assert done.returncode == 3, command
        assert "write --input 3x64x64 --batch 1" in done.stderr, command


LIBRARY = "about: a library of blocks\nblocks:\n  act(out):\n    - linear: {out: out}\n"


def test_a_file_of_blocks_is_valid_but_no_network(tmp_path: Path) -> None:
    (tmp_path / "blocks.yaml").write_text(LIBRARY)
    done = costcalc("validate", "blocks.yaml", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "blocks.yaml: valid, a file of blocks\n", "")
    for command in ("show", "check", "verify", "run"):
        done = costcalc(command, "blocks.yaml", cwd=tmp_path)
        assert done.returncode == 3
        assert "has only blocks\n" in done.stderr


@pytest.mark.parametrize(
    ("text", "code", "first"),
    [
        ("blocks:\n  a:\n    - rleu\n", 3, "blocks.yaml:3:7: error: unknown op or block 'rleu'"),
        # who includes the file does not see its args, so its blocks cannot use them
        ("args: {w: 3}\nblocks:\n  a:\n    - linear: {out: w}\n", 3, "blocks.yaml:4:21: error: unknown name 'w'"),
        (f"dtype: int8\n{LIBRARY}", 1, "blocks.yaml:1:1: warning: 'dtype' means nothing in a file that has only blocks"),
        ("include: [gone.yaml]\nblocks:\n  a:\n    - relu\n", 3, "blocks.yaml:1:11: error: cannot include 'gone.yaml': no such file"),
        ("include: [net.yaml]\nblocks:\n  a:\n    - act: {out: 3}\n", 0, ""),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_file_of_blocks(text: str, code: int, first: str, tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(LIBRARY)
    (tmp_path / "blocks.yaml").write_text(text)
    done = costcalc("validate", "--strict", "blocks.yaml", cwd=tmp_path)
    assert (done.returncode, done.stderr.partition("\n")[0]) == (code, first)


def test_standard_input_may_have_variants() -> None:
    text = "args: {w: 3}\nvariants: {wide: {args: {w: 4}}}\ninput: [3]\nlayers: [{linear: {out: w}}]\n"
    command = [sys.executable, "-m", "costcalc", "validate", "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False, cwd=ROOT, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "-: valid and 1 variant\n", "")
