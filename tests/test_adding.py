"""An op is three files: `lp_pool` is added to a copy of the project, and everything else knows it without being told."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from costcalc.ops import catalogue

ROOT = Path(__file__).parents[1]
FILES = {
    "op.py": "costcalc/ops/lp_pool.py",
    "kernel.py": "costcalc/reference/kernels/lp_pool.py",
    "cases.py": "tests/ops/test_lp_pool.py",
}
SPEC = """\
name: pooled
input: [3, 9, 8]
layers:
  - conv: {out: 4, kernel: 3}
  - lp_pool: {kernel: 2}
  - relu
"""
# the tests that read the two folders or go through all ops; those with a run for each op are run for the new one alone
TESTS = (
    "tests/test_architecture.py", "tests/ops/test_catalogue.py", "tests/ops/test_lp_pool.py",
    "tests/reference/test_kernels.py", "tests/reference/test_shrink.py", "tests/reference/test_random_layers.py",
    "tests/reference/test_exact.py", "tests/reference/test_onnx.py", "tests/spec/test_schema.py",
)  # fmt: skip
CHOSEN = (
    "lp_pool or file_of_its_name or two_places or two_kinds or there_must_be or one_op or views "
    "or for_every_op or every_op_that_a_node or test_schema"
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with an op more: three files that were not there, and no other change."""
    copy = tmp_path_factory.mktemp("project")
    ignored = shutil.ignore_patterns("__pycache__")
    for folder in ("costcalc", "tests"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=ignored)
    for name in ("specs", "docs", "pyproject.toml", "README.md"):
        (copy / name).symlink_to(ROOT / name)
    for name, place in FILES.items():
        assert not (copy / place).exists()
        shutil.copy(Path(__file__).parent / "adding" / name, copy / place)
    (copy / "pooled.yaml").write_text(SPEC)
    return copy


def run(project: Path, *arguments: str, code: int = 0) -> str:
    environment = {**os.environ, "PYTHONPATH": str(project), "COSTCALC_LAYERS": "50", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", *arguments]
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_show_counts_it(project: Path) -> None:
    """9 x 8 becomes 7 x 6 by the convolution, and 3 x 3 in windows of 2."""
    (line,) = (line for line in run(project, "costcalc", "show", "pooled.yaml").splitlines() if "lp_pool" in line)
    assert "(4, 3, 3)" in line


def test_verify_runs_it(project: Path) -> None:
    """4 channels of 9 windows of 4: 144 squares and as many additions, 36 roots."""
    verified = run(project, "costcalc", "verify", "pooled.yaml")
    (line,) = (line for line in verified.splitlines() if "lp_pool" in line)
    assert line.split()[-2:] == [str(144 + 144 + 36), "agrees"]


def test_explain_says_its_formulas(project: Path) -> None:
    explained = run(project, "costcalc", "explain", "pooled.yaml", "lp_pool")
    for line in ("sqrt = c * p", "The root of the sum of squares", "height ="):
        assert line in explained


def test_ops_and_schema_list_it(project: Path) -> None:
    assert "lp_pool" not in catalogue()
    assert "lp_pool" in run(project, "costcalc", "ops")
    assert "kernel" in run(project, "costcalc", "ops", "lp_pool")
    assert '"lp_pool"' in run(project, "costcalc", "schema")


def test_its_other_names_are_known(project: Path) -> None:
    """`ops/absent.py` has advice for a word like it, which is asked only where no op is called so."""
    (project / "misnamed.yaml").write_text(SPEC.replace("lp_pool", "LPPool2d"))
    assert "did you mean 'lp_pool'?" in run(project, "costcalc", "show", "misnamed.yaml", code=3)


def test_no_other_file_need_be_touched(project: Path) -> None:
    """The tests that go through all ops pass in the copy, those of the architecture among them."""
    said = run(project, "pytest", "-q", "-p", "no:cacheprovider", *TESTS, "-k", CHOSEN)
    assert " passed" in said
