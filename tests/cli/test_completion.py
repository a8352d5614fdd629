"""Completion: what a line can become, and that a real bash, zsh and fish put it there."""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from costcalc.cli import COMMANDS
from costcalc.cli.completing import MOST, complete

ROOT = Path(__file__).resolve().parent.parent.parent
SHELLS = ROOT / "costcalc/cli/shells"

NET = """\
args: {width: 4, kernel: 3}
variants: {wide: {args: {width: 8}}, "w ide": {args: {width: 9}}, "x:y": {args: {width: 3}}, "z$(touch hacked)": {}}
input: {left: [3, 8, 8], right: [3, 8, 8]}
layers:
  - conv: {out: width, kernel: kernel}
    name: "my stem"
  - conv: {out: width, kernel: 1}
    repeat: 2
    name: stage1
  - layers: [relu, {conv: {out: 3, kernel: 1}}]
    name: "g$(touch hacked)"
  - relu:
    name: "b`touch hacked`"
  - relu:
    name: "c:d"
  - relu:
    name: "\\x1b(red"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "net.yaml").write_text(NET)
    (tmp_path / "my house.yaml").write_text("{}\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


# --- what a line can become ------------------------------------------------------------------------------------------


def candidates(line: str, shell: str = "fish") -> list[str]:
    return [text.partition("\t")[0] for text in complete(shell, line)[1:]]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("costcalc comp", ["compare", "completion"]),
        ("costcalc show resnet5", ["resnet50", "resnet50_v1"]),
        ("costcalc show net.yaml@", ["net.yaml@wide", "net.yaml@w ide", "net.yaml@x:y", "net.yaml@z$(touch hacked)"]),
        ("costcalc show 'net.yaml@w i", ["net.yaml@w ide"]),
        ("costcalc show resnet50@se_", ["resnet50@se_resnet50"]),
        ("costcalc show net.yaml --convention netsc", ["netscope"]),
        ("costcalc show net.yaml --convention=netsc", ["--convention=netscope"]),
        ("costcalc explain net.yaml s", ["stage1[0]", "stage1[1]"]),
        ("costcalc explain net.yaml@wide my\\ s", ["my stem"]),
        ("costcalc explain net.yaml 'g$", ["g$(touch hacked)", "g$(touch hacked).relu", "g$(touch hacked).conv"]),
        ("costcalc explain net.yaml '", ["my stem", "stage1[0]", "stage1[1]", "g$(touch hacked)", "b`touch hacked`", "c:d"]),
        ("costcalc explain resnet50 'stage1[0].", ["stage1[0].body", "stage1[0].shortcut", "stage1[0].add", "stage1[0].relu"]),
        ("costcalc explain resnet50 stage1[0].bo", ["stage1[0].body", "stage1[0].body.conv_norm", "stage1[0].body.conv_norm_2", "stage1[0].body.conv_norm_3"]),
        ("costcalc run net.yaml --layer stage1[1", ["stage1[1]"]),
        ("costcalc check --limit par", ["params=", "params_active="]),
        ("costcalc check --limit=mac", ["--limit=macs="]),
        ("costcalc check --limit macs.", ["macs.max=", "macs.min=", "macs.warn=", "macs.grow=", "macs.shrink="]),
        ("costcalc diff a b --fail-on macs.", ["macs.grow="]),
        ("costcalc diff a b --metric weig", ["weight_bytes"]),
        ("costcalc show resnet50 --sort pa", ["path", "params", "params_active"]),
        ("costcalc show resnet50 --columns op,out", ["op,output"]),
        ("costcalc zoo --max ", ["macs=", "params="]),
        ("costcalc check --output s", ["sarif="]),
        ("costcalc show net.yaml --set ", ["width=", "kernel="]),
        ("costcalc show --set width=3 net.yaml --set k", ["kernel="]),
        ("costcalc compare resnet50 net.yaml --set w", ["width="]),
        ("costcalc show net.yaml --input l", ["left="]),
        ("costcalc show resnet50 --input ", []),
        ("costcalc ops scaled", ["scaled_dot_product_attention"]),
        ("costcalc completion ", ["bash", "zsh", "fish"]),
    ],
)  # fmt: skip
def test_candidates(line: str, found: list[str], folder: Path) -> None:
    assert candidates(line) == found


@pytest.mark.parametrize(
    ("line", "flags"),
    [
        ("costcalc show re", "files"),
        ("costcalc show net.yaml --convention ", "files"),
        ("costcalc check --output json=", "files"),
        ("costcalc check --config ", "files"),
        ("costcalc check --limit ", "nospace"),
        ("costcalc explain net.yaml ", ""),
    ],
)
def test_flags(line: str, flags: str, folder: Path) -> None:
    assert complete("zsh", line, "")[0] == flags if line.endswith(" ") else complete("fish", line)[0] == flags


def test_the_short_helps_stand_beside_the_commands() -> None:
    """fish cut them at the first comma."""
    found = dict(line.split("\t") for line in complete("fish", "costcalc ")[1:])
    assert found == COMMANDS
    assert not any("," in text for text in COMMANDS.values())


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "input: [3]\nlayers: [nix]\n",
        "input: [3]\nlayers: [{linear: {out: 9**9}}]\n",
        "blocks: {a: [relu]}\n",
        "\x00",
        "",
        "- 1\n",
    ],
)
@pytest.mark.parametrize("line", ["costcalc explain f.yaml ", "costcalc show f.yaml@", "costcalc show f.yaml --set "])
def test_a_file_that_is_no_spec_completes_nothing(text: str, line: str, folder: Path) -> None:
    (folder / "f.yaml").write_text(text)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COSTCALC_COMPLETE": "fish", "COSTCALC_LINE": line}
    command = [sys.executable, "-m", "costcalc"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr, done.stdout.split("\n")[1:]) in [(0, "", [""]), (0, "", [])]


@pytest.mark.parametrize(
    "line", ["costcalc explain f.yaml ", "costcalc explain f.yaml a.b.", "costcalc run f.yaml --layer b"]
)
def test_as_many_layers_as_atoms(line: str, folder: Path, at_most: Callable[[int], object]) -> None:
    """2**60 layers by doubling, and a repeat of a thousand million: only so many names are looked at."""
    doubling = "".join(f"  b{n}:\n    - b{n + 1}\n    - b{n + 1}\n" for n in range(60))
    (folder / "f.yaml").write_text(
        f"input: [8]\nblocks:\n{doubling}  b60:\n    - relu\nlayers:\n  - b0\n  - relu:\n    repeat: 1000000000\n"
    )
    with at_most(200_000):  # type: ignore[attr-defined]
        assert len(complete("fish", line)) <= MOST + 1


def test_a_file_too_large_to_wait_for(folder: Path) -> None:
    (folder / "net.yaml").write_text(NET + "#" * 2**20)
    assert candidates("costcalc explain net.yaml ") == []


# --- real shells -----------------------------------------------------------------------------------------------------


@pytest.fixture
def program(folder: Path) -> Iterator[Path]:
    """A `costcalc` on the path that answers Tab, and otherwise writes down which words the shell has given it."""
    programs = folder / "programs"
    programs.mkdir()
    (programs / "costcalc").write_text(
        f"#!{sys.executable}\nimport json, os, pathlib, sys\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        "if 'COSTCALC_COMPLETE' in os.environ:\n"
        "    from costcalc.__main__ import main\n"
        "    sys.exit(main())\n"
        f"path = pathlib.Path({str(folder / 'words.json')!r})\n"
        "path.with_suffix('.new').write_text(json.dumps(sys.argv[1:]))\n"
        "path.with_suffix('.new').replace(path)\n"
    )
    (programs / "costcalc").chmod(0o755)
    yield programs
    assert not (folder / "hacked").exists()


def environment_of(program: Path) -> dict[str, str]:
    return {
        **os.environ,
        "PATH": f"{program}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(program.parent),
        "TERM": "dumb",
        "LC_ALL": "C.UTF-8",
        "HISTFILE": "",
    }


def typed(shell: list[str], begin: str, lines: Iterable[str], program: Path) -> list[list[str]]:
    """The words that the command of each line gets, when the lines are typed one after another, keys and Enter.

    A shell reads its keys in their order, so that Enter counts when the answer to Tab stands in the line.
    """
    import pty

    folder = program.parent
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.execvpe(shell[0], shell, environment_of(program))  # noqa: S606  a shell that the test has found
    said = b""

    def read_until(ready: Callable[[], bool]) -> None:
        nonlocal said
        end = time.monotonic() + 30
        while not ready() and time.monotonic() < end:
            if select.select([terminal], [], [], 0.02)[0]:
                try:
                    said += os.read(terminal, 65_536)
                except OSError:
                    return

    written = folder / "words.json"
    found: list[list[str]] = []
    try:
        os.write(terminal, f"{begin}; printf 'rea%s\\n' dy\n".encode())
        read_until(lambda: b"ready" in said)
        for line in lines:
            written.unlink(missing_ok=True)
            os.write(terminal, f"{line}\n".encode())
            read_until(written.exists)
            assert written.exists(), (line, said.decode(errors="replace"))
            found.append(json.loads(written.read_text()))
    finally:
        os.kill(child, 9)
        os.close(terminal)
        os.waitpid(child, 0)
    return found


# what is typed up to Tab -> the words of the command
TYPED = {
    "costcalc show resnet50_": ["show", "resnet50_v1"],
    "costcalc show net.yaml@wid": ["show", "net.yaml@wide"],
    "costcalc show net.yaml@x:": ["show", "net.yaml@x:y"],
    "costcalc show net.yaml@z": ["show", "net.yaml@z$(touch hacked)"],
    "costcalc show my": ["show", "my house.yaml"],
    "costcalc explain net.yaml my": ["explain", "net.yaml", "my stem"],
    "costcalc explain net.yaml b": ["explain", "net.yaml", "b`touch hacked`"],
    "costcalc explain net.yaml c:": ["explain", "net.yaml", "c:d"],
    "costcalc explain net.yaml stage1\\[1": ["explain", "net.yaml", "stage1[1]"],  # zsh takes a bare [ for a pattern
    "costcalc explain net.yaml 'stage1[1": ["explain", "net.yaml", "stage1[1]"],
    'costcalc explain net.yaml "b': ["explain", "net.yaml", "b`touch hacked`"],
    "costcalc explain net.yaml 'g$(touch hacked).c": ["explain", "net.yaml", "g$(touch hacked).conv"],
    "costcalc check --limit=mac": ["check", "--limit=macs="],
    "costcalc check --limit macs.g": ["check", "--limit", "macs.grow="],
    "costcalc show net.yaml --convention netsc": ["show", "net.yaml", "--convention", "netscope"],
    "costcalc show net.yaml --set wi": ["show", "net.yaml", "--set", "width="],
    "costcalc diff a b --metric weig": ["diff", "a", "b", "--metric", "weight_bytes"],
    "costcalc ops scaled_dot": ["ops", "scaled_dot_product_attention"],
}


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
def test_bash(program: Path) -> None:
    begin = f"PS1='> '; source '{SHELLS / 'bash'}'"
    found = typed(["bash", "--norc", "--noprofile", "-i"], begin, [f"{line}\t" for line in TYPED], program)
    assert found == list(TYPED.values())


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
@pytest.mark.parametrize(
    ("line", "words"),
    [
        # bash begins a word at the @, and writes the other candidates behind the first
        ("costcalc show net.yaml@", ["@w ide", "@x:y", "@z$(touch hacked)", "net.yaml@wide"]),
        (
            "costcalc explain net.yaml ",
            ["b`touch hacked`", "c:d", "g$(touch hacked)", "my stem", "stage1[0]", "stage1[1]"],
        ),
    ],
)
def test_all_candidates_in_bash(line: str, words: list[str], program: Path) -> None:
    """All are written on the line, and each is one word to the shell."""
    begin = f"PS1='> '; source '{SHELLS / 'bash'}'; bind '\"\\C-t\": insert-completions'"
    (found,) = typed(["bash", "--norc", "--noprofile", "-i"], begin, [f"{line}\x14"], program)
    assert sorted(found[len(line.split()) - 1 - line.endswith("@") :]) == words


@pytest.mark.skipif(shutil.which("zsh") is None, reason="there is no zsh here")
def test_zsh(program: Path) -> None:
    begin = f"PS1='> '; autoload -Uz compinit; compinit -u -D; source '{SHELLS / 'zsh'}'"
    found = typed(["zsh", "-f", "-i"], begin, [f"{line}\t" for line in TYPED], program)
    assert found == list(TYPED.values())


@pytest.mark.skipif(shutil.which("fish") is None, reason="there is no fish here")
def test_fish(program: Path) -> None:
    """`complete -C` asks fish for what it would offer at the end of a line."""
    script = f"source {SHELLS / 'fish'}; for line in $argv; complete -C $line; echo =end=; end"
    done = subprocess.run(
        ["fish", "--no-config", "--private", "-c", script, *TYPED],  # noqa: S607  any fish
        cwd=program.parent,
        env=environment_of(program),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    answers = done.stdout.split("=end=\n")[:-1]
    for (line, words), answer in zip(TYPED.items(), answers, strict=True):
        offered = [text.partition("\t")[0].replace("\\", "") for text in answer.splitlines()]
        assert words[-1] in offered, (line, done.stdout, done.stderr)


def test_completion_prints_the_script() -> None:
    command = [sys.executable, "-m", "costcalc", "completion"]
    for shell in ("bash", "zsh", "fish"):
        done = subprocess.run([*command, shell], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
        assert done.stdout == (SHELLS / shell).read_text()
