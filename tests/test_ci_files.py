"""What a user drops into a repository: the hooks, the action, and the snippets of the docs, run as they would be."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from costcalc.budget.config import read_config

ROOT = Path(__file__).resolve().parent.parent
CI_PAGE = (ROOT / "docs/how-to/ci.md").read_text(encoding="utf-8")
CHECK_PAGE = (ROOT / "docs/reference/commands/check.md").read_text(encoding="utf-8")
Run = Callable[..., subprocess.CompletedProcess[str]]

SPEC = "input: [8]\nlayers: [{linear: {out: 10, bias: false}}]\n"
CONFIG = "specs: specs/*.yaml\nbudgets: [{name: small, limits: {macs: {max: 100}}}]\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A scratch repository whose spec has 80 multiply-adds of 100, and `costcalc` on the path of its commands."""
    folder, programs = tmp_path / "user", tmp_path / "programs"
    (folder / "specs").mkdir(parents=True)
    programs.mkdir()
    (folder / "specs/net.yaml").write_text(SPEC)
    (folder / "costcalc.yaml").write_text(CONFIG)
    program = programs / "costcalc"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m costcalc "$@"\n')
    program.chmod(0o755)
    return folder


@pytest.fixture
def run(folder: Path, tmp_path: Path) -> Run:
    """Run a command there."""
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "GITHUB_", "PRE_COMMIT"))
    }
    clean |= {
        "PATH": f"{tmp_path / 'programs'}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        **{f"GIT_{who}_{what}": "someone" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    }

    def run(*command: str, cwd: Path = folder, **environment: str) -> subprocess.CompletedProcess[str]:
        env = {**clean, **environment}
        return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False, timeout=120)

    for command in (["git", "init", "-q", "-b", "main"], ["git", "add", "-A"], ["git", "commit", "-q", "-m", "small"]):
        assert run(*command).returncode == 0
    return run


def grow(folder: Path) -> None:
    """From 80 multiply-adds to 160."""
    (folder / "specs/net.yaml").write_text(SPEC.replace("10", "20"))


def hooks() -> dict[str, dict[str, Any]]:
    return {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}


@pytest.mark.skipif(shutil.which("pre-commit") is None, reason="pre-commit is not installed")
def test_pre_commit_runs_the_hooks(folder: Path, run: Run) -> None:
    """The real pre-commit, with these hooks as local ones, so that nothing is installed, refuses a commit that grows."""
    local = [{**hook, "language": "system"} for hook in hooks().values()]
    (folder / ".pre-commit-config.yaml").write_text(yaml.safe_dump({"repos": [{"repo": "local", "hooks": local}]}))
    assert run("pre-commit", "install").returncode == 0
    run("git", "add", "-A")
    assert run("git", "commit", "-m", "hooks").returncode == 0
    grow(folder)
    run("git", "add", "-A")
    done = run("git", "commit", "-m", "grown")
    assert done.returncode == 1
    assert re.search(r"costcalc check\.+Failed", done.stderr + done.stdout)
    assert re.search(r"costcalc validate\.+Passed", done.stderr + done.stdout)
    assert "160 is 60 over max 100 (100)" in done.stderr + done.stdout


@pytest.mark.parametrize(("grown", "code"), [(False, 0), (True, 1)])
def test_the_hooks_as_pre_commit_calls_them(folder: Path, run: Run, grown: bool, code: int) -> None:
    """The entry, split into words, with the staged files that its patterns let through unless it wants none."""
    if grown:
        grow(folder)
    staged = ["costcalc.yaml", "specs/net.yaml", "specs/blocks/unit.yaml", "README.md"]
    codes = {}
    for name, hook in hooks().items():
        files = [
            file for file in staged if re.search(hook["files"], file) and not re.search(hook.get("exclude", "^$"), file)
        ]
        assert files
        arguments = files if hook.get("pass_filenames", True) else []
        codes[name] = run(*hook["entry"].split(), *arguments).returncode
    assert codes == {"costcalc-check": code, "costcalc-validate": 0}


def steps() -> dict[str, dict[str, Any]]:
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    return {step["name"]: step for step in action["runs"]["steps"]}


def test_no_step_of_the_action_puts_an_input_into_a_script() -> None:
    """An expression inside a script would be run as one: inputs come through the environment."""
    assert not [step["name"] for step in steps().values() if "${{" in step["run"]]


def test_the_steps_of_the_action(folder: Path, run: Run, tmp_path: Path) -> None:
    """On a shallow clone the base is fetched, growth judged, the summary written, the comment written and changed."""
    (folder / "costcalc.yaml").write_text(CONFIG.replace("max: 100", "max: 200, grow: 5%"))
    run("git", "commit", "-qam", "growth")
    run("git", "checkout", "-q", "-b", "topic")
    grow(folder)
    run("git", "commit", "-qam", "grown")
    clone, runner = tmp_path / "clone", tmp_path / "runner"
    assert run("git", "clone", "-q", "--depth=1", "--branch=topic", folder.as_uri(), str(clone)).returncode == 0
    (runner / "costcalc/bin").mkdir(parents=True)
    (runner / "costcalc/bin/costcalc").symlink_to(tmp_path / "programs/costcalc")
    calls = tmp_path / "calls"
    github = tmp_path / "programs/gh"
    github.write_text(f'#!/bin/sh\necho "$@" >> {calls}\ncase "$*" in *--paginate*) cat {tmp_path}/comments ;; esac\n')
    github.chmod(0o755)
    (tmp_path / "comments").write_text("")
    environment = {
        "RUNNER_TEMP": str(runner),
        "GITHUB_ACTIONS": "true",
        "GITHUB_WORKSPACE": str(clone),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "GITHUB_REPOSITORY": "owner/name",
        "BASE": "origin/main",
        "ARGS": "--only-failures --strict",
        "NUMBER": "7",
    }

    def step(name: str) -> subprocess.CompletedProcess[str]:
        return run("bash", "-eo", "pipefail", "-c", steps()[name]["run"], cwd=clone, **environment)

    assert step("Check the budgets").returncode == 3  # the clone does not have the base
    fetched = step("Fetch the base")
    assert fetched.returncode == 0, fetched.stderr
    done = step("Check the budgets")
    assert done.returncode == 1, done.stderr
    assert "::error file=specs/net.yaml,line=2," in done.stdout
    assert "grew by 80 (+100.0%25) since origin/main" in done.stdout
    assert "### costcalc: ❌ Over budget" in (tmp_path / "summary.md").read_text()
    assert step("Comment on the pull request").returncode == 0
    (tmp_path / "comments").write_text("42\n")
    assert step("Comment on the pull request").returncode == 0
    made = [line for line in calls.read_text().splitlines() if "--method" in line]
    assert "--method POST repos/owner/name/issues/7/comments --field body=@" in made[0]
    assert "--method PATCH repos/owner/name/issues/comments/42 --field body=@" in made[1]


def snippets(language: str) -> list[str]:
    """The code of the page about CI."""
    return re.findall(rf"```{language}\n(.*?)```", CI_PAGE, re.DOTALL)


def test_the_gitlab_job_of_the_docs(folder: Path, run: Run, tmp_path: Path) -> None:
    """Its script, but for the installation, in a clone: growth since the target branch is in the JUnit file."""
    (job,) = [found["costs"] for text in snippets("yaml") if "costs" in (found := yaml.safe_load(text))]
    (folder / "costcalc.yaml").write_text(CONFIG.replace("max: 100", "max: 200, grow: 5%"))
    run("git", "commit", "-qam", "growth")
    run("git", "checkout", "-q", "-b", "topic")
    grow(folder)
    run("git", "commit", "-qam", "grown")
    clone = tmp_path / "clone"
    run("git", "clone", "-q", "--depth=1", "--branch=topic", folder.as_uri(), str(clone))
    script = "\n".join(line for line in job["script"] if not line.startswith("pip "))
    done = run("bash", "-ec", script, cwd=clone, CI_MERGE_REQUEST_TARGET_BRANCH_NAME="main")
    assert done.returncode == 1, done.stderr
    (junit,) = job["artifacts"]["reports"].values()
    assert "which is 5% more than 80" in (clone / junit).read_text()


def test_the_pytest_example_of_the_docs(tmp_path: Path) -> None:
    """It passes as it stands, and with a smaller budget it fails and says by how much."""
    (example,) = snippets("python")
    (tmp_path / "test_passes.py").write_text(example)
    (tmp_path / "test_fails.py").write_text(example.replace("4.2G", "4G"))
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False, timeout=120)
    assert "1 failed, 1 passed" in done.stdout
    assert "macs of specs/resnet/resnet50.yaml: 4089184256, max 4G (4000000000)" in done.stdout


def test_the_configuration_of_the_docs(tmp_path: Path) -> None:
    """The example of every key is valid."""
    (text,) = [text for text in re.findall(r"```yaml\n(.*?)```", CHECK_PAGE, re.DOTALL) if text.startswith("specs:")]
    path = tmp_path / "costcalc.yaml"
    path.write_text(text)
    config = read_config(path)
    assert [budget.name for budget in config.budgets] == ["edge classifiers", "no block dominates"]
    assert config.lock == "costs.lock.json"
