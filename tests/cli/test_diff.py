"""`costcalc diff` between files, commits, lock files and stored reports."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Scratch

# from tests/cli/test_check.py, by hand: the third stage at 288 in place of 256 channels
GROWTH = 385_753_088
RESNET50 = 4_089_184_256


def test_a_spec_against_its_last_commit(resnet: Scratch) -> None:
    """One spec alone is compared with HEAD: signed amounts, a total that adds up, one sentence."""
    done = resnet("diff", "specs/resnet50.yaml")
    assert done.returncode == 0
    assert done.stdout == "HEAD:specs/resnet50.yaml and specs/resnet50.yaml do not differ.\n"
    resnet.widen()
    done = resnet("diff", "specs/resnet50.yaml", "--depth", "1")
    assert re.search(r"^~  stage3 +bottleneck .*\+360,062,976$", done.stdout, re.MULTILINE)
    assert re.search(r"^ +Total .* \+385,753,088$", done.stdout, re.MULTILINE)
    assert (
        "specs/resnet50.yaml: params +2,118,144 (+8.3%), macs +385,753,088 (+9.4%); 2 changed, 7 unchanged."
        in done.stdout
    )


@pytest.mark.parametrize("name", ["costs.json", "costs.lock", "old.yaml"])
def test_a_lock_is_known_by_what_it_says(resnet: Scratch, name: str) -> None:
    """Whatever it is called, in the folder or in a commit."""
    resnet.write(
        "costcalc.yaml", f"lock: {name}\nbudgets: [{{name: b, specs: specs/*.yaml, limits: {{macs: 4.2G}}}}]\n"
    )
    assert resnet("check", "--update").returncode == 0
    resnet.commit("a lock")
    resnet.widen()
    for old in (name, f"HEAD:{name}"):
        done = resnet("diff", old, "specs/resnet50.yaml")
        assert done.returncode == 0, done.stderr
        assert f"macs +{GROWTH:,} (+9.4%)" in done.stdout


@pytest.mark.parametrize("cwd", [".", "specs"])
def test_a_commit_as_git_writes_it(resnet: Scratch, cwd: str) -> None:
    """`REV:path` is from the root of the repository, `REV:./path` from here; the includes come from the commit too."""
    resnet.widen()
    resnet.commit("wide")
    folder = resnet.folder / cwd
    new = "specs/resnet50.yaml" if cwd == "." else "resnet50.yaml"
    for old in ("HEAD~1:specs/resnet50.yaml", f"HEAD~1:./{new}"):
        done = resnet("diff", old, new, "--format", "json", cwd=folder)
        assert done.returncode == 0, done.stderr
        (model,) = json.loads(done.stdout)["models"]
        assert model["totals"]["macs"] == {"before": RESNET50, "after": RESNET50 + GROWTH, "change": GROWTH}
    done = resnet("diff", "HEAD~1:specs/resnet50.yaml", "HEAD:specs/resnet50.yaml", "--exit-code", cwd=folder)
    assert done.returncode == 1


def test_exit_code_says_whether_something_differs(resnet: Scratch) -> None:
    """As in git: 1 where something differs; without the option always 0."""
    assert resnet("diff", "specs/resnet50.yaml", "--exit-code").returncode == 0
    resnet.widen()
    assert resnet("diff", "specs/resnet50.yaml").returncode == 0
    assert resnet("diff", "specs/resnet50.yaml", "--exit-code").returncode == 1


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (["macs=10%"], 0),
        (["macs=9%"], 1),
        ([f"macs={GROWTH}"], 0),
        ([f"macs={GROWTH - 1}"], 1),
        (["macs=10%", "params=1k"], 1),
    ],
)
def test_fail_on_gates_without_a_configuration(resnet: Scratch, limits: list[str], code: int) -> None:
    """Growth beyond a percentage or an amount is exit 1, and every format says the same."""
    resnet.widen()
    options = [f"--fail-on={limit}" for limit in limits]
    for form in ("table", "json", "csv", "markdown"):
        assert resnet("diff", "specs/resnet50.yaml", *options, "--format", form).returncode == code
    done = resnet("diff", "specs/resnet50.yaml", *options, "--format", "json")
    assert bool(json.loads(done.stdout)["failed"]) is bool(code)


def test_a_lock_file_and_a_stored_report(resnet: Scratch) -> None:
    """A lock knows the outermost blocks, a report every layer; the entry meant is found by path or name."""
    resnet.change("costcalc.yaml", "budgets:", "lock: costs.lock.json\nbudgets:")
    resnet("check", "--update")
    resnet.commit("lock")
    resnet("show", "specs/resnet50.yaml", "--format", "json", "--output", "old.json")
    resnet.widen()
    done = resnet("diff", "costs.lock.json", "specs/resnet50.yaml")
    assert done.returncode == 0, done.stderr
    assert "2 changed, 7 unchanged." in done.stdout
    done = resnet("diff", "old.json", "specs/resnet50.yaml")
    assert "64 changed, 111 unchanged." in done.stdout
    assert "conv out=256->288" in done.stdout
    resnet("check", "--update")
    done = resnet("diff", "HEAD:costs.lock.json", "costs.lock.json")
    assert "specs/resnet50.yaml: params +2,118,144 (+8.3%), macs +385,753,088 (+9.4%)" in done.stdout


def test_two_locks_say_which_networks_came_and_went(resnet: Scratch) -> None:
    """One line a network; new and gone ones are named with what they cost."""
    resnet.change("costcalc.yaml", "budgets:", "lock: costs.lock.json\nbudgets:")
    resnet.write("specs/a.yaml", "input: [8]\nlayers: [{linear: {out: 8, bias: false}}]\n")
    resnet("check", "--update")
    resnet.commit("lock")
    (resnet.folder / "specs/a.yaml").rename(resnet.folder / "specs/b.yaml")
    resnet.change("specs/b.yaml", "out: 8", "out: 9")
    resnet("check", "--update")
    done = resnet("diff", "costs.lock.json", "--exit-code")
    assert done.returncode == 1
    assert "specs/a.yaml is gone: 64 params and 64 macs." in done.stdout
    assert "specs/b.yaml is new: 72 params and 72 macs." in done.stdout
    assert (
        resnet("diff", "costs.lock.json", "--fail-on", "macs=50%").returncode == 1
    )  # what is new has grown from nothing


def test_any_two_specs(resnet: Scratch) -> None:
    """Bundled ones by name, with sizes for both: 10 classes in place of 1,000 leave 2,048 x 990 fewer in the head."""
    done = resnet("diff", "resnet50", "resnet101", "--set", "classes=10", "--format", "json", "--depth", "1")
    (model,) = json.loads(done.stdout)["models"]
    assert model["totals"]["macs"]["before"] == RESNET50 - 2048 * 990
    assert [change["path"] for change in model["changes"]] == ["stage3"]


def test_csv_has_every_layer_with_exact_numbers(resnet: Scratch) -> None:
    """A line a layer of both; the changes sum to the growth."""
    resnet.widen()
    rows = list(csv.DictReader(io.StringIO(resnet("diff", "specs/resnet50.yaml", "--format", "csv").stdout)))
    assert len(rows) == 175
    assert sum(int(row["macs"]) - int(row["macs_before"]) for row in rows) == GROWTH


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["a", "b", "c"], 2, "diff takes one or two versions"),
        (["specs/resnet50.yaml", "--metric", "mac"], 2, "there is no metric 'mac': did you mean 'macs'?"),
        (["specs/resnet50.yaml", "--fail-on", "macs.max=5"], 2, "there is no limit 'max'"),
        (["nope:specs/resnet50.yaml", "specs/resnet50.yaml"], 3, "there is no commit, branch or tag 'nope'"),
        (["HEAD:specs/nope.yaml", "specs/resnet50.yaml"], 3, "there is no 'specs/nope.yaml' in HEAD"),
        (["HEAD:resnet50.yaml", "specs/resnet50.yaml"], 3, "there is no 'resnet50.yaml' in HEAD"),
        (["HEAD:specs/resnet50.yaml@wide", "specs/resnet50.yaml"], 3, "has no variant 'wide'"),
        (["specs/nope.yaml", "specs/resnet50.yaml"], 3, "specs/nope.yaml: error: no such file"),
        (["broken.json", "specs/resnet50.yaml"], 3, "broken.json: this is neither a lock file nor a stored report"),
        (["lock.json", "specs/resnet50.yaml"], 3, "does not have specs/resnet50.yaml: it has a.yaml, b.yaml"),
        (
            ["lock.json", "lock.json", "--batch", "2"],
            3,
            "holds numbers: --set, --input, --sequence and --batch are of specs",
        ),
        (["/elsewhere.yaml"], 3, "/elsewhere.yaml is not in this repository"),
    ],
)
def test_what_cannot_be_compared(resnet: Scratch, arguments: list[str], code: int, said: str) -> None:
    """Each with its words, and never a traceback."""
    resnet.write("broken.json", "{")
    entry = '{"name": "x", "totals": {}, "blocks": {}}'
    convention = '"format": "costcalc.lock/1", "convention": {"name": "costcalc", "version": 2}'
    resnet.write("lock.json", f'{{{convention}, "models": {{"a.yaml": {entry}, "b.yaml": {entry}}}}}')
    done = resnet("diff", *arguments)
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
