"""Hostile pull requests: scripts that change a scratch clone as somebody would who wants more than to be judged.

Each script of `tests/hostile` says what it does, which exit code must follow, and the command if it is not the usual
one. Whatever it does, the check fails or refuses, no program of the clone is run, nothing outside the clone is written,
and no line of a file outside it is printed.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, Scratch

SCRIPTS = sorted((ROOT / "tests/hostile").glob("*.sh"))
USUAL = "check --base origin/main --output markdown=comment.md"
SECRET = "hunter2"  # noqa: S105  what must not be printed

BEFORE = """\
set -eu
widen() { sed -i 's/out: 4/out: 400/' nets/a.yaml; }
lock_of_now() {
  cp costcalc.yaml kept
  printf 'specs: nets/*.yaml\\nlock: forged.lock.json\\n' > costcalc.yaml
  costcalc check --update > /dev/null 2>&1
  mv kept costcalc.yaml
  mv forged.lock.json "$1"
}
hostile_settings() {
  for setting in core.fsmonitor core.sshCommand core.pager core.editor core.askPass diff.external gpg.program \\
      core.gitProxy core.alternateRefsCommand sequence.editor credential.helper filter.x.smudge filter.x.clean \\
      filter.x.process diff.x.textconv diff.x.command merge.x.driver pager.cat-file pager.ls-tree pager.rev-parse \\
      alias.cat-file alias.ls-tree; do
    git config --file "$1" "$setting" "$PROGRAM"
  done
  git config --file "$1" core.hooksPath "$(dirname "$PROGRAM")"
  git config --file "$1" core.worktree /
  git config --file "$1" include.path "$OUTSIDE/secret.yaml"
}
"""


class Attack:
    """A clone with a base, what is outside it, and a program that leaves a trace."""

    def __init__(self, scratch: Scratch, folder: Path) -> None:
        self.scratch = scratch
        self.clone = folder / "clone"
        self.outside = folder / "outside"
        self.trace = folder / "ran"
        self.programs = folder / "programs"
        for made in (self.outside, self.programs):
            made.mkdir()
        # what pip installs: a script whose own folder, and not the working folder, is where Python looks first
        self._program(
            "costcalc", f"#!{sys.executable}\nimport sys\nfrom costcalc.__main__ import main\nsys.exit(main())\n"
        )
        program = self._program("hostile", f"#!/bin/sh\necho $0 >> {self.trace}\n")
        self.environment = {
            "OUTSIDE": str(self.outside),
            "PROGRAM": str(program),
            "RAN": str(self.trace),
            "PATH": f"{self.programs}{os.pathsep}{os.environ['PATH']}",
        }
        (self.outside / "secret.yaml").write_text(f"token={SECRET}: [abc\n")

    def _program(self, name: str, text: str) -> Path:
        path = self.programs / name
        path.write_text(text)
        path.chmod(0o755)
        return path

    def prepare(self) -> None:
        """An upstream whose network has 4 channels, beside one of 400, and a clone of it."""
        unit = "blocks:\n  unit(out):\n    - conv: {out: %s, kernel: 1}\n"
        net = "name: %s\ninclude: blocks/unit.yaml\ninput: [3, 8, 8]\nlayers:\n  - conv: {out: 4, kernel: 1}\n"
        net += "  - unit: {out: 5}\n"
        self.scratch.write("nets/a.yaml", net % "a")
        self.scratch.write("nets/blocks/unit.yaml", unit % "out")
        self.scratch.write("nets/wide/a.yaml", (net % "a").replace("out: 4", "out: 400"))
        self.scratch.write("nets/wide/blocks/unit.yaml", unit % "100 * out")
        self.scratch.write(
            "costcalc.yaml", "specs: nets/*.yaml\nbudgets: [{name: growth, limits: {macs: {grow: 5%}}}]\n"
        )
        self.scratch.commit("the base")
        self.scratch.git("branch", "release.json")
        self.scratch.git("clone", "-q", str(self.scratch.folder), str(self.clone))
        self.scratch.git("checkout", "-q", "-b", "feature", cwd=self.clone)

    def made(self, script: str) -> None:
        """Let the script change the clone."""
        done = self.scratch.run(["sh", "-c", BEFORE + script], self.clone, self.environment)
        assert done.returncode == 0, done.stderr
        self.trace.unlink(missing_ok=True)  # of the attacker's own git

    def check(self, command: str, cwd: str, path: str) -> subprocess.CompletedProcess[str]:
        """Run the job's command."""
        environment = self.environment | {"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(self.clone)}
        if path:
            environment["PATH"] = f"{path}{os.pathsep}{os.pathsep}{environment['PATH']}"
        arguments = [str(self.programs / "costcalc"), *command.split()]
        return self.scratch.run(arguments, self.clone / cwd, environment)

    def files_outside(self) -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in self.outside.rglob("*") if path.is_file()}


@pytest.fixture
def attack(scratch: Scratch, tmp_path: Path) -> Iterator[Attack]:
    """The clone before the pull request."""
    made = Attack(scratch, tmp_path)
    made.prepare()
    yield made
    # pytest removes folders one call at a time, and would not come to the end of deep ones
    scratch.run(["rm", "-rf", str(made.clone)], tmp_path, {})


def header(script: str, key: str, default: str) -> str:
    found = re.search(rf"^# {key}: (.*)$", script, re.MULTILINE)
    return found.group(1) if found else default


@pytest.mark.skipif(os.name == "nt", reason="the scripts are for sh")
@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_a_hostile_pull_request(attack: Attack, path: Path) -> None:
    """It fails or is refused, and nothing else happens."""
    script = path.read_text(encoding="utf-8")
    attack.made(script)
    before = attack.files_outside()
    done = attack.check(header(script, "run", USUAL), header(script, "in", "."), header(script, "path", ""))
    comment = attack.clone / header(script, "in", ".") / "comment.md"
    printed = done.stdout + done.stderr + (comment.read_text(encoding="utf-8") if comment.exists() else "")
    assert done.returncode == int(header(script, "exit", "")), printed
    assert not attack.trace.exists(), attack.trace.read_text()
    assert attack.files_outside() == before
    assert SECRET not in printed
    commands = [line for line in (done.stdout + done.stderr).splitlines() if line.lstrip().startswith("::")]
    assert all(re.match(r"::(error|warning) (file=|title=)", line) for line in commands)


def test_there_are_at_least_ten_and_each_says_its_code() -> None:
    """The exit codes are 1 and 3, and no script is without one."""
    codes = [header(path.read_text(encoding="utf-8"), "exit", "") for path in SCRIPTS]
    assert len(codes) >= 10
    assert set(codes) == {"1", "3"}


def test_the_honest_pull_request_passes(attack: Attack) -> None:
    """Without an attack the same command is green: what the scripts meet is no refusal of everything."""
    done = attack.check(USUAL, ".", "")
    assert done.returncode == 0, done.stdout + done.stderr
    attack.made("widen")
    assert attack.check(USUAL, ".", "").returncode == 1
