"""What a user drops into a repository: the hooks, the action, and the snippets of the docs, run as they would be."""

from __future__ import annotations

import json
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


class Job:
    """The steps of the action, run one by one as the runner does, in a clone made as actions/checkout makes it."""

    def __init__(self, run: Run, folder: Path, base: Path) -> None:
        self.run, self.upstream = run, folder
        self.clone, self.runner = base / "clone", base / "runner"
        self.calls, self.comments = base / "calls", base / "comments.json"
        self.summary = base / "summary.md"
        (self.runner / "costcalc/bin").mkdir(parents=True)
        (self.runner / "costcalc/bin/costcalc").symlink_to(base / "programs/costcalc")
        self.output = self.runner / "output"
        github = base / "programs/gh"
        github.write_text(
            f"#!{sys.executable}\n"
            "import json, subprocess, sys\n"
            "words = sys.argv[1:]\n"
            f"open({str(self.calls)!r}, 'a').write(json.dumps(words) + '\\n')\n"
            "if '--jq' in words:\n"
            f"    program, page = words[words.index('--jq') + 1], open({str(self.comments)!r}).read()\n"
            "    sys.exit(subprocess.run(['jq', '-r', program], input=page, text=True).returncode)\n"
        )
        github.chmod(0o755)

    def checkout(self, commit: str, *, depth: int = 1) -> None:
        """Fetch one commit and no branch, and check it out."""
        shutil.rmtree(self.clone, ignore_errors=True)
        self.git("init", "-q", str(self.clone), cwd=self.upstream)
        self.git("remote", "add", "origin", self.upstream.as_uri())
        depths = [f"--depth={depth}"] if depth else []
        self.git("fetch", "-q", "--no-tags", *depths, "origin", commit)
        self.git("checkout", "-q", "--detach", "FETCH_HEAD")

    def git(self, *arguments: str, cwd: Path | None = None) -> str:
        done = self.run("git", *arguments, cwd=cwd or self.clone)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def step(self, name: str, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
        """One step, in its folder, with the values that its expressions have in this job."""
        step = steps()[name]
        values = {name: environment.get(name, "") for name in step.get("env", {})}
        environment = {
            "RUNNER_TEMP": str(self.runner),
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_WORKSPACE": str(self.clone),
            "GITHUB_OUTPUT": str(self.output),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "GITHUB_REPOSITORY": "owner/name",
            **values,
        }
        where = self.runner if step.get("working-directory") == "${{ runner.temp }}" else cwd or self.clone
        return self.run("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"], cwd=where, **environment)

    def check(self, args: str = "", cwd: Path | None = None, **event: str) -> subprocess.CompletedProcess[str]:
        """Find the base of an event, and judge."""
        self.output.write_text("")
        self.fetched = self.step("Fetch the base", cwd, **event)
        if self.fetched.returncode:
            return self.fetched
        found = dict(line.split("=", 1) for line in self.output.read_text().splitlines())
        given = {"BASE": found.get("base", ""), "OPTION": found.get("option", ""), "NEW": found.get("new", "")}
        return self.step("Check the budgets", cwd, ARGS=args, **given)


NONE = "0" * 40
"""What a push replaces where there was nothing."""


@pytest.fixture
def job(folder: Path, run: Run, tmp_path: Path) -> Job:
    """`main` has 80 multiply-adds, then the limit of growth; `topic` has 160 in its last commit but one."""
    job = Job(run, folder, tmp_path)
    (folder / "costcalc.yaml").write_text(CONFIG.replace("max: 100", "max: 200, grow: 5%"))
    run("git", "commit", "-qam", "growth")
    run("git", "checkout", "-q", "-b", "topic")
    grow(folder)
    run("git", "commit", "-qam", "grown")
    (folder / "note").write_text("")
    run("git", "add", "-A")
    run("git", "commit", "-qm", "parent 0123\n\nparent 4567")
    return job


@pytest.mark.parametrize("depth", [1, 0])
def test_a_pull_request(job: Job, depth: int) -> None:
    """Growth is since the target branch, fetched where it is not here; annotations and the summary say so."""
    job.checkout("refs/heads/topic", depth=depth)
    done = job.check("--only-failures --strict", TARGET="main", BRANCH="", DEFAULT_BRANCH="main")
    assert done.returncode == 1, done.stderr
    assert "::error file=specs/net.yaml,line=2," in done.stdout
    assert "grew by 80 (+100.0%25) since origin/main" in done.stdout
    assert "### costcalc: ❌ Over budget" in job.summary.read_text()
    assert "### costcalc: ❌ Over budget" in (job.runner / "costcalc.md").read_text()


def test_a_push(job: Job) -> None:
    """Growth is since what the push replaces, also where that is several commits back and the clone is shallow."""
    job.checkout("refs/heads/topic")
    main = job.git("rev-parse", "main", cwd=job.upstream)
    done = job.check(BEFORE=main, BRANCH="main", DEFAULT_BRANCH="main")
    assert done.returncode == 1, done.stderr
    assert f"grew by 80 (+100.0%) since {main}" in done.stdout
    done = job.check(BEFORE=job.git("rev-parse", "topic~1", cwd=job.upstream), BRANCH="main", DEFAULT_BRANCH="main")
    assert done.returncode == 0, done.stderr


def test_the_first_commit(job: Job, run: Run) -> None:
    """Nothing was before: all is new, and the absolute limits are judged."""
    run("git", "checkout", "-q", "--orphan", "first", cwd=job.upstream)
    run("git", "commit", "-qm", "first", cwd=job.upstream)
    job.checkout("refs/heads/first")
    done = job.check(BEFORE=NONE, BRANCH="first", DEFAULT_BRANCH="first")
    assert done.returncode == 0, done.stderr
    assert "specs/net.yaml is new" in done.stdout
    (job.clone / "costcalc.yaml").write_text(CONFIG)
    assert job.check(BEFORE=NONE, BRANCH="first", DEFAULT_BRANCH="first").returncode == 1  # 160 of 100


def test_a_new_branch_is_compared_with_the_default_branch(job: Job) -> None:
    """A push of a new branch replaces nothing; nor does a job that somebody starts by hand."""
    job.checkout("refs/heads/topic")
    for before in (NONE, ""):
        done = job.check(BEFORE=before, BRANCH="topic", DEFAULT_BRANCH="main")
        assert done.returncode == 1
        assert "grew by 80 (+100.0%) since origin/main" in done.stdout


def test_a_tag_and_a_schedule_are_compared_with_the_commit_before(job: Job) -> None:
    """Whose hash a shallow clone only has inside the commit, whatever its message says."""
    job.checkout("refs/heads/topic")
    for branch in ("", "main"):
        done = job.check(BEFORE=NONE if branch else "", BRANCH=branch, DEFAULT_BRANCH="main")
        assert done.returncode == 0, done.stderr
    job.checkout(job.git("rev-parse", "topic~1", cwd=job.upstream))
    done = job.check(BRANCH="", DEFAULT_BRANCH="main")
    assert done.returncode == 1, done.stderr
    assert f"since {job.git('rev-parse', 'topic~2', cwd=job.upstream)}" in done.stdout


def test_a_push_by_force(job: Job) -> None:
    """What was replaced may be gone: a warning says so, and the commit before is the base."""
    job.checkout(job.git("rev-parse", "topic~1", cwd=job.upstream))
    done = job.check(BEFORE="1234567890" * 4, BRANCH="topic", DEFAULT_BRANCH="main")
    assert done.returncode == 1
    assert "::warning title=costcalc::The commit 1234567890" in job.fetched.stdout
    assert "Growth is since the commit before this one." in job.fetched.stdout
    assert "grew by 80 (+100.0%)" in done.stdout


def test_a_base_of_ones_own(job: Job) -> None:
    """A branch, a tag, a commit and steps back are fetched; a file is left alone; what cannot be fetched is said."""
    job.git("tag", "v1", "main", cwd=job.upstream)
    job.checkout("refs/heads/topic")
    for base in ("origin/main", "v1", job.git("rev-parse", "main", cwd=job.upstream), "HEAD~2"):
        done = job.check(WANTED=base, TARGET="topic")
        assert done.returncode == 1, (base, done.stderr)
    assert job.check(WANTED="HEAD~1").returncode == 0
    assert job.check(WANTED="HEAD^").returncode == 0
    done = job.check(WANTED="./missing.json")
    assert done.returncode == 3
    assert "missing.json: error: no such file" in done.stderr
    for base in ("origin/missing", "1234567890" * 4, "missing", "HEAD~9", "-x"):
        assert job.check(WANTED=base).returncode == 3
    assert "::warning" not in job.fetched.stdout


def test_the_configuration_wins_over_the_base_of_the_event(job: Job, run: Run) -> None:
    """A lock stays the base, also where nothing can be fetched; and where nothing needs a base, none is missed."""
    job.checkout("refs/heads/topic")
    (job.clone / "costcalc.yaml").write_text("lock: costs.lock.json\n" + CONFIG.replace("max: 100", "grow: 5%"))
    assert run("costcalc", "check", "--update", cwd=job.clone).returncode == 0
    job.git("remote", "set-url", "origin", "/nowhere")
    assert job.check(TARGET="main").returncode == 0
    (job.clone / "costcalc.yaml").write_text(CONFIG.replace("max: 100", "max: 200"))
    done = job.check(TARGET="main")
    assert done.returncode == 0
    assert "warning: the base 'origin/main' cannot be used" in done.stderr
    (job.clone / "costcalc.yaml").write_text(CONFIG.replace("max: 100", "grow: 5%"))
    assert job.check(TARGET="main").returncode == 3
    assert "::warning title=costcalc::The branch main cannot be fetched." in job.fetched.stdout


def test_a_folder_that_pretends_to_be_the_repository(job: Job, run: Run, tmp_path: Path) -> None:
    """A bare repository in the working folder decides nothing and runs nothing, and a submodule is refused."""
    job.checkout("refs/heads/topic")
    ran = tmp_path / "ran"
    for name in ("HEAD", "config", "objects", "refs"):
        source = job.clone / ".git" / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, job.clone / "specs" / name)
    for setting in ("core.fsmonitor", "core.sshCommand", "remote.origin.uploadpack"):
        job.git("config", "--file", "specs/config", setting, f"touch {ran};")
    done = job.check(cwd=job.clone / "specs", TARGET="main")
    assert done.returncode == 1, done.stderr
    assert not ran.exists()
    job.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", job.upstream.as_uri(), "sub")
    done = job.check(cwd=job.clone / "sub", TARGET="main")
    assert done.returncode == 3
    assert "is a submodule" in done.stdout


def test_no_module_of_a_pull_request_is_installed_from_or_run(job: Job) -> None:
    """`python3 -m venv` in a checkout runs its venv.py: so it is isolated, and not there."""
    install = steps()["Install costcalc"]
    assert install["working-directory"] == "${{ runner.temp }}"
    calls = [line.split() for line in install["run"].splitlines() if " -m " in line]
    assert len(calls) == 2
    assert all("-I" in words[: words.index("-m")] for words in calls)
    job.checkout("refs/heads/topic")
    for folder in (job.clone, job.runner):
        (folder / "venv.py").write_text("raise SystemExit('forged')\n")
    first = install["run"].splitlines()[0].replace("$RUNNER_TEMP/costcalc", "$RUNNER_TEMP/fresh --without-pip")
    first = first.replace('"', "")
    assert job.run("bash", "-c", first, cwd=job.clone, RUNNER_TEMP=str(job.runner)).returncode == 0
    assert (job.runner / "fresh/pyvenv.cfg").is_file()


def test_files_that_are_called_like_options(job: Job) -> None:
    """Words of `args` are no patterns: a file of a pull request would be an option of the check."""
    job.checkout("refs/heads/topic")
    (job.clone / "--allow-new.yaml").write_text("")
    done = job.check("*.yaml", TARGET="main")
    assert done.returncode == 3
    assert "*.yaml: error: no such file" in done.stderr


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")
def test_only_a_comment_of_its_own_is_replaced(job: Job) -> None:
    """Whoever writes a comment that begins as ours does, it is left alone; ours is replaced, and else a new one made."""
    (job.runner / "costcalc.md").write_text("<!-- costcalc:check -->\nnow\n")

    def told(*comments: tuple[str, bool, str]) -> list[str]:
        nodes = [{"id": name, "viewerDidAuthor": own, "body": body} for name, own, body in comments]
        page = {"data": {"repository": {"pullRequest": {"comments": {"nodes": nodes}}}}}
        job.comments.write_text(json.dumps(page) + json.dumps(page))  # one document a page
        job.calls.unlink(missing_ok=True)
        done = job.step("Comment on the pull request", NUMBER="7")
        assert done.returncode == 0, done.stderr
        words: list[str] = json.loads(job.calls.read_text().splitlines()[-1])
        return words

    mark = "<!-- costcalc:check -->\nbefore"
    made = ["api", "--silent", "--method", "POST", "repos/owner/name/issues/7/comments"]
    assert told()[:5] == made
    assert told(("forged", False, mark), ("other", True, "hello"), ("quoted", True, f"> {mark}"))[:5] == made
    words = told(("forged", False, mark), ("ours", True, mark), ("later", True, mark))
    assert words[:2] == ["api", "graphql"]
    assert "id=ours" in words
    assert f"body=@{job.runner}/costcalc.md" in words
    assert "updateIssueComment" in words[-1]


def test_the_workflow_of_the_docs_has_no_expression() -> None:
    """Users write none: the action finds the base itself."""
    (workflow,) = [text for text in snippets("yaml") if "uses: OWNER/costcalc" in text]
    assert "${{" not in workflow
    inputs = yaml.safe_load((ROOT / "action.yml").read_text())["inputs"]
    (step,) = [s for s in yaml.safe_load(workflow)["jobs"]["costs"]["steps"] if s["uses"].startswith("OWNER/")]
    assert set(step["with"]) <= set(inputs)


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
