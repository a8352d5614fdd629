"""A scratch git repository with a ResNet-50, the command run in it as a process of its own, and a widened stage."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent

RESNET50 = """\
name: resnet50
about: He et al. 2015, table 1, with the stride on the 3x3
input: [3, 224, 224]

blocks:
  conv_norm(out, kernel=1, stride=1, act=relu):
    - conv: {out: out, kernel: kernel, stride: stride, padding: kernel // 2, bias: false}
    - batch_norm
    - act

  bottleneck(width, stride=1):
    - add:
        body:
          - conv_norm: {out: width}
          - conv_norm: {out: width, kernel: 3, stride: stride}
          - conv_norm: {out: 4 * width, act: none}
        shortcut:
          - conv_norm: {out: 4 * width, stride: stride, act: none}
            when: stride != 1 or x.channels != 4 * width
    - relu

layers:
  - conv_norm: {out: 64, kernel: 7, stride: 2}
    name: stem
  - max_pool: {kernel: 3, stride: 2, padding: 1}
  - bottleneck: {width: 64}
    repeat: 3
    name: stage1
  - bottleneck: {width: 128, stride: 2 if i == 0 else 1}
    repeat: 4
    name: stage2
  - bottleneck: {width: 256, stride: 2 if i == 0 else 1}
    repeat: 6
    name: stage3
  - bottleneck: {width: 512, stride: 2 if i == 0 else 1}
    repeat: 3
    name: stage4
  - global_avg_pool
  - flatten
  - linear: {out: 1000}
    name: head

expect: {output: [1000]}
"""
STAGE3 = 1 + RESNET50.split("\n").index("  - bottleneck: {width: 256, stride: 2 if i == 0 else 1}")
"""The line of the third stage."""


class Scratch:
    """A folder that is a git repository, and commands run in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "GITHUB_"))
        }
        for name in ("FORCE_COLOR", "NO_COLOR"):
            self.environment.pop(name, None)
        self.environment |= {
            "PYTHONPATH": str(ROOT),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            "GIT_AUTHOR_NAME": "someone",
            "GIT_AUTHOR_EMAIL": "someone@example.org",
            "GIT_COMMITTER_NAME": "someone",
            "GIT_COMMITTER_EMAIL": "someone@example.org",
        }

    def __call__(
        self, *arguments: str, cwd: Path | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run costcalc."""
        command = [sys.executable, "-m", "costcalc", *arguments]
        return self.run(command, cwd or self.folder, environment)

    def git(self, *arguments: str, cwd: Path | None = None) -> str:
        """Run git; it must succeed."""
        done = self.run(["git", *arguments], cwd or self.folder, {})
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def run(
        self, command: list[str], cwd: Path, environment: dict[str, str], text: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run anything; `text` is its standard input."""
        env = {**self.environment, **environment}
        return subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=cwd, env=env, timeout=120, input=text
        )

    def write(self, name: str, text: str) -> Path:
        """Write a file, the text without its common indentation."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
        return path

    def read(self, name: str) -> str:
        """The text of a file."""
        return (self.folder / name).read_text(encoding="utf-8")

    def change(self, name: str, old: str, new: str) -> None:
        """Replace a text that a file has."""
        text = self.read(name)
        assert old in text
        (self.folder / name).write_text(text.replace(old, new), encoding="utf-8")

    def commit(self, message: str = "a change") -> None:
        """Commit everything."""
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)

    def widen(self) -> None:
        """Make the bottlenecks of the third stage 288 channels wide in place of 256."""
        self.change("specs/resnet50.yaml", "{width: 256,", "{width: 288,")


@pytest.fixture
def scratch(tmp_path: Path) -> Scratch:
    """An empty repository on the branch `main`."""
    made = Scratch(tmp_path / "repository")
    made.folder.mkdir()
    made.git("init", "-q", "-b", "main")
    return made


@pytest.fixture
def resnet(scratch: Scratch) -> Scratch:
    """ResNet-50 committed with a budget of 4.2 G multiply-adds."""
    scratch.write("specs/resnet50.yaml", RESNET50)
    scratch.write(
        "costcalc.yaml",
        """\
        specs: specs/**/*.yaml
        budgets:
          - name: server
            specs: specs/*.yaml
            limits:
              macs: {max: 4.2G}
              params: {max: 60M}
            message: Ask the server team before raising this.
        """,
    )
    scratch.commit("ResNet-50 within 4.2 G")
    return scratch


@pytest.fixture
def stage3() -> int:
    """The line of the spec on which the third stage is."""
    return STAGE3
