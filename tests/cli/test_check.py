"""`costcalc check` as a CI job meets it: on a scratch repository, through exit codes and the files it leaves."""

from __future__ import annotations

import json
import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Scratch

# ResNet-50 has 4,089,184,256 MACs (torchvision's, by forward hooks: tests/truth). Its third stage at 14 x 14 with
# bottlenecks of w channels in place of 256: the first block takes 512 channels at 28 x 28, the others 4w at 14 x 14.
POSITIONS = 14 * 14


def stage3_macs(width: int) -> int:
    """By hand: six blocks of 1x1, 3x3, 1x1, and the shortcut of the first; the 1x1 of the first before the stride."""
    first = 4 * POSITIONS * 512 * width + POSITIONS * (9 * width**2 + 4 * width**2 + 512 * 4 * width)
    others = POSITIONS * (4 * width**2 + 9 * width**2 + 4 * width**2)
    return first + 5 * others


RESNET50 = 4_089_184_256
# Widening also gives the first block of stage 4 1,152 channels in place of 1,024: its 1x1 to 512 sees 14 x 14
# positions, its shortcut to 2,048 sees 7 x 7.
STAGE4 = 128 * (POSITIONS * 512 + 49 * 2048)
STAGE3 = stage3_macs(288) - stage3_macs(256)
WIDE = RESNET50 + STAGE3 + STAGE4
MAX = 4_200_000_000


def grouped(number: int) -> str:
    return f"{number:,}"


def test_the_numbers_by_hand_are_the_table_of_the_paper() -> None:
    """The third stage as published has 1,464,336,384 MACs; the widened network is over 4.2 G by 274,937,344."""
    assert stage3_macs(256) == 1_464_336_384
    assert WIDE - MAX == 274_937_344


def test_a_widened_stage_is_found_and_undone(resnet: Scratch, stage3: int) -> None:
    """Exit 1 with overrun, stage, layer, annotation, markdown and JUnit from one command; undone, exit 0."""
    assert resnet("check").returncode == 0
    resnet.widen()
    files = {"github": "notes.txt", "markdown": "comment.md", "junit": "costs.xml", "json": "costs.json"}
    outputs = [f"--output={form}={name}" for form, name in files.items()]
    done = resnet("check", *outputs)
    assert done.returncode == 1
    assert f"{grouped(WIDE)} is {grouped(WIDE - MAX)} over max 4,200,000,000 (4.2G)" in done.stdout
    assert f"grew by {grouped(WIDE - RESNET50)} (+9.4%) since HEAD" in done.stdout
    assert f"blocks: stage3 +{grouped(STAGE3)}, stage4 +{grouped(STAGE4)}" in done.stdout
    # the 3x3 of every block grows by 9 x (288^2 - 256^2) weights, each used at 196 positions
    layer = 9 * (288**2 - 256**2) * POSITIONS
    assert f"layers: stage3[0].body.conv_norm_2.conv +{grouped(layer)} x 6" in done.stdout
    assert "Ask the server team before raising this." in done.stdout
    assert "1 network, 3 judgements: 2 passed, 1 failed" in done.stdout

    (note,) = resnet.read("notes.txt").splitlines()
    assert note.startswith(f"::error file=specs/resnet50.yaml,line={stage3},col=5,endColumn=15,title=server::")
    assert f"{grouped(WIDE - MAX)} over max" in note
    assert "+9.4%25" in note
    comment = resnet.read("comment.md")
    assert comment.startswith("<!-- costcalc:check -->\n### costcalc: ❌ Over budget\n")
    assert f"| -{grouped(WIDE - MAX)} |" in comment
    suite = ET.parse(resnet.folder / "costs.xml").getroot().find("testsuite")  # noqa: S314  written here
    assert suite.attrib["failures"] == "1"
    assert grouped(WIDE - MAX) in suite.find("testcase/failure").text
    verdict = json.loads(resnet.read("costs.json"))
    (failed,) = [item for item in verdict["judgements"] if item["status"] == "fail"]
    assert (failed["value"], failed["allowed"], failed["over"]) == (WIDE, MAX, WIDE - MAX)
    assert failed["place"] == {"file": "specs/resnet50.yaml", "line": stage3, "column": 5, "end_column": 15}
    assert failed["causes"][0]["path"] == "stage3"
    assert failed["causes"][0]["change"] == STAGE3

    resnet.git("checkout", "-q", "specs")
    assert resnet("check").returncode == 0


def test_a_widened_stage_is_found_after_it_was_committed(resnet: Scratch, stage3: int) -> None:
    """Where the file is what HEAD has, the commit before says which stage grew."""
    resnet.widen()
    resnet.commit()
    done = resnet("check", "--format", "github")
    assert done.returncode == 1
    assert f"line={stage3}," in done.stdout
    assert "since HEAD~1; mostly stage3 +" in done.stdout


def test_without_any_history_the_largest_parts_are_named(resnet: Scratch) -> None:
    """Outside a repository nothing says what grew, so the largest stage is named, and called so."""
    resnet.widen()
    (resnet.folder / ".git").rename(resnet.folder / "elsewhere")
    done = resnet("check")
    assert done.returncode == 1
    assert f"largest blocks: stage3 {grouped(stage3_macs(288))} (40.8%)" in done.stdout


@pytest.mark.parametrize(("limit", "code"), [("4_089_184_256", 0), ("4_089_184_255", 1), ("4.089184256G", 0)])
def test_limits_decide_on_integers(resnet: Scratch, limit: str, code: int) -> None:
    """Equal to the limit passes, one more does not: nothing is rounded on the way."""
    assert resnet("check", "specs/resnet50.yaml", "--limit", f"macs={limit}").returncode == code


def linear(features: int) -> str:
    """A network of exactly so many multiply-adds and no params worth mentioning: a product with one output."""
    return f"input: [{features}]\nlayers:\n  - linear: {{out: 1, bias: false}}\n"


@pytest.mark.parametrize(("macs", "code"), [(4_200_000_000, 0), (4_200_000_001, 1)])
def test_4_2_g_is_4_200_000_000(scratch: Scratch, macs: int, code: int) -> None:
    """4,200,000,000 passes `max: 4.2G` and 4,200,000,001 does not."""
    scratch.write("net.yaml", linear(macs))
    scratch.write("costcalc.yaml", "budgets: [{name: b, specs: net.yaml, limits: {macs: {max: 4.2G}}}]\n")
    done = scratch("check")
    assert done.returncode == code
    assert ("1 over max 4,200,000,000 (4.2G)" in done.stdout) is bool(code)


@pytest.mark.parametrize(("one_more", "code"), [(False, 0), (True, 1)])
def test_five_percent_is_compared_without_floats(scratch: Scratch, one_more: bool, code: int) -> None:
    """From 10^17 MACs, 105 x 10^15 passes `grow: 5%` and one more does not.

    As floats the two are the same number: they lie 16 apart there.
    """
    assert float(105 * 10**15) == float(105 * 10**15 + 1)
    big = "input: {{a: [{}], b: [1]}}\nlayers:\n  - concat:\n      one: [{{linear: {{out: 1000, bias: false}}}}]\n"
    other = "      two: {from: b, layers: [{linear: {out: 1, bias: false}}]}\n"
    scratch.write("net.yaml", big.format(10**14))
    scratch.write("costcalc.yaml", "budgets: [{name: b, specs: net.yaml, limits: {macs: {grow: 5%}}}]\n")
    scratch.commit()
    scratch.write("net.yaml", big.format(105 * 10**12) + other * one_more)
    done = scratch("check", "--base", "HEAD")
    assert done.returncode == code, done.stdout + done.stderr
    assert ("105,000,000,000,000,001 is 1 over 105,000,000,000,000,000" in done.stdout) is one_more


def test_under_github_actions_it_tells_by_itself(resnet: Scratch, tmp_path: Path, stage3: int) -> None:
    """Annotations on standard output and the summary of the job, appended, without being asked."""
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    resnet.widen()
    actions = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary), "GITHUB_WORKSPACE": str(resnet.folder)}
    done = resnet("check", **actions)
    assert done.returncode == 1
    assert len(re.findall("^::error ", done.stdout, re.MULTILINE)) == 1
    assert f"::error file=specs/resnet50.yaml,line={stage3}," in done.stdout
    assert summary.read_text().startswith("before\n<!-- costcalc:check -->\n")
    done = resnet("check", "--format", "json", **actions)
    assert json.loads(done.stdout)["status"] == "fail"
    assert done.stderr.startswith("::error file=specs/resnet50.yaml,")


def test_annotations_are_relative_to_the_workspace(resnet: Scratch, stage3: int) -> None:
    """Run in a folder below, paths in annotations still begin at the root of the repository."""
    resnet.widen()
    done = resnet("check", "--format", "github", cwd=resnet.folder / "specs")
    assert f"::error file=specs/resnet50.yaml,line={stage3}," in done.stdout


@pytest.mark.parametrize("form", ["text", "json", "github", "markdown", "junit", "sarif"])
def test_no_format_changes_the_exit_code(resnet: Scratch, form: str) -> None:
    """0, 1 and 3 stay what they are in every format."""
    assert resnet("check", "--format", form).returncode == 0
    resnet.widen()
    assert resnet("check", "--format", form).returncode == 1
    resnet.write("specs/broken.yaml", "layers: [")
    assert resnet("check", "--format", form).returncode == 3


def test_a_broken_spec_hides_nothing(resnet: Scratch) -> None:
    """3 wins over 1, every problem is listed, and what could be judged still is, in every output."""
    resnet.widen()
    resnet.write("specs/broken.yaml", "input: [3]\nlayers:\n  - covn: {out: 3}\n  - reluu\n")
    done = resnet("check", "--output=junit=costs.xml", "--output=json=costs.json", "--output=github=notes.txt")
    assert done.returncode == 3
    assert "over max 4,200,000,000" in done.stdout
    assert "specs/broken.yaml:3:5: error: unknown op or block 'covn'" in done.stderr
    assert "specs/broken.yaml:4:5: error: unknown op or block 'reluu'" in done.stderr
    suites = ET.parse(resnet.folder / "costs.xml").getroot()  # noqa: S314  written here
    assert [suite.attrib["errors"] for suite in suites] == ["0", "2"]
    assert json.loads(resnet.read("costs.json"))["status"] == "incomplete"
    assert "::error file=specs/broken.yaml,line=3,col=5" in resnet.read("notes.txt")


def test_first_run_without_a_lock(resnet: Scratch) -> None:
    """Status new, absolute limits judged, growth listed as skipped: exit 3 with the command that writes the lock."""
    resnet.change("costcalc.yaml", "budgets:", "lock: costs.lock.json\nbudgets:")
    done = resnet("check")
    assert done.returncode == 0  # nothing relative was asked for
    assert "costs.lock.json does not exist yet" in done.stderr
    assert resnet("check", "--strict").returncode == 1
    resnet.change("costcalc.yaml", "{max: 4.2G}", "{max: 4.2G, grow: 5%}")
    done = resnet("check", "--output=json=costs.json")
    assert done.returncode == 3
    assert "grow 5% was not judged: costs.lock.json does not exist yet: run 'costcalc check --update'" in done.stdout
    verdict = json.loads(resnet.read("costs.json"))
    assert verdict["models"][0]["status"] == "new"
    assert verdict["counts"] == {"pass": 3, "warn": 0, "fail": 0, "skipped": 1}
    assert resnet("check", "--allow-new").returncode == 3  # a lock that is missing is no new network
    assert resnet("check", "--update").returncode == 0
    assert resnet("check", "--strict").returncode == 0


def test_growth_without_any_base_is_no_pass(resnet: Scratch) -> None:
    """A growth limit and nothing to count from: exit 3 that says what to add."""
    resnet.change("costcalc.yaml", "{max: 4.2G}", "{max: 4.2G, grow: 5%}")
    done = resnet("check")
    assert done.returncode == 3
    assert "give the configuration 'lock' or 'base', or use --base" in done.stderr


def test_a_lock_is_sorted_and_says_what_grew(resnet: Scratch) -> None:
    """One block a line, no dates and no paths of the machine; growth beyond it is exit 1, agreed to with --update."""
    resnet.change("costcalc.yaml", "budgets:", "lock: costs.lock.json\nbudgets:")
    resnet.change("costcalc.yaml", "{max: 4.2G}", "{max: 4.6G, grow: 5%}")
    assert resnet("check", "--update").returncode == 0
    lock = json.loads(resnet.read("costs.lock.json"))
    assert lock["convention"] == {"name": "costcalc", "version": 2}
    entry = lock["models"]["specs/resnet50.yaml"]
    assert entry["totals"]["macs"] == RESNET50
    assert list(entry["blocks"]) == sorted(entry["blocks"])
    assert sum(block.get("macs", 0) for block in entry["blocks"].values()) == RESNET50
    assert '        "stage3": {"activations": ' in resnet.read("costs.lock.json")
    assert str(resnet.folder) not in resnet.read("costs.lock.json")
    resnet.commit("lock")
    resnet.widen()
    done = resnet("check")
    assert done.returncode == 1
    allowed = RESNET50 * 105 // 100
    assert f"is {grouped(WIDE - allowed)} over {grouped(allowed)}, which is 5% more than 4,089,184,256" in done.stdout
    assert f"grew by {grouped(WIDE - RESNET50)} (+9.4%) since costs.lock.json" in done.stdout
    assert "costs.lock.json is out of date: 1 changed" in done.stderr
    assert resnet("check", "--update").returncode == 0
    # stage 3, the first block of stage 4, and the totals: nothing else moved
    changed = [line for line in resnet.git("diff", "-U0", "costs.lock.json").splitlines() if line.startswith("+ ")]
    assert [line.split('"')[1] for line in changed] == ["stage3", "stage4", "totals"]
    assert resnet("check", "--strict").returncode == 0


def test_an_update_does_not_agree_to_an_absolute_limit(resnet: Scratch) -> None:
    """`--update` writes what is, and `max` still decides what may be."""
    resnet.change("costcalc.yaml", "budgets:", "lock: costs.lock.json\nbudgets:")
    resnet.widen()
    assert resnet("check", "--update").returncode == 1
    assert json.loads(resnet.read("costs.lock.json"))["models"]["specs/resnet50.yaml"]["totals"]["macs"] == WIDE


def test_a_lock_of_another_convention(resnet: Scratch) -> None:
    """Numbers that mean something else are not compared: exit 3, and the one command that mends it."""
    resnet.change("costcalc.yaml", "budgets:", "lock: costs.lock.json\nbudgets:")
    resnet.change("costcalc.yaml", "{max: 4.2G}", "{grow: 5%}")
    resnet("check", "--update")
    resnet.change("costs.lock.json", '{"name": "costcalc", "version": 2}', '{"name": "thop", "version": 3}')
    done = resnet("check")
    assert done.returncode == 3
    assert "costs.lock.json: error: this lock was counted by another convention: 'thop' version 3" in done.stderr
    assert "count it anew: costcalc check --update" in done.stderr
    assert resnet("check", "--update").returncode == 0
    assert resnet("check").returncode == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not JSON"),
        ("[]", "it has no 'format'"),
        ('{"format": "costcalc.lock/2"}', "was written by another costcalc: costcalc.lock/2"),
        ('{"format": "costcalc.check/1"}', "but costcalc.check/1"),
        ('{"format": "costcalc.lock/1", "convention": {"name": "costcalc", "version": 2}}', "this lock is damaged"),
    ],
)
def test_a_lock_that_is_none(resnet: Scratch, text: str, said: str) -> None:
    """Whatever is wrong with the lock is said, and is exit 3."""
    resnet.change("costcalc.yaml", "budgets:", "lock: costs.lock.json\nbudgets:")
    resnet.write("costs.lock.json", text)
    done = resnet("check")
    assert done.returncode == 3
    assert said in done.stderr


def test_a_renamed_spec_keeps_its_past(resnet: Scratch) -> None:
    """The same network under another path is compared with what it was, and both paths are named."""
    resnet.change("costcalc.yaml", "{max: 4.2G}", "{grow: 5%}")
    resnet.git("mv", "specs/resnet50.yaml", "specs/server.yaml")
    done = resnet("check", "--base", "HEAD")
    assert done.returncode == 0
    assert "specs/server.yaml was specs/resnet50.yaml" in done.stdout
    resnet.change("specs/server.yaml", "{width: 256,", "{width: 288,")
    done = resnet("check", "--base", "HEAD")
    assert done.returncode == 1
    assert f"grew by {grouped(WIDE - RESNET50)} (+9.4%) since HEAD" in done.stdout


def test_a_spec_renamed_beyond_recognition_is_no_pass(resnet: Scratch) -> None:
    """Another path, another name and other numbers: new here and gone there, and its growth was not judged."""
    resnet.change("costcalc.yaml", "{max: 4.2G}", "{grow: 5%}")
    resnet.git("mv", "specs/resnet50.yaml", "specs/server.yaml")
    resnet.change("specs/server.yaml", "name: resnet50", "name: server")
    resnet.change("specs/server.yaml", "{width: 256,", "{width: 288,")
    done = resnet("check", "--base", "HEAD")
    assert done.returncode == 3
    assert "specs/server.yaml is new: HEAD does not have it" in done.stdout
    assert "specs/resnet50.yaml is gone: only HEAD has it" in done.stdout
    assert resnet("check", "--base", "HEAD", "--allow-new").returncode == 0


def test_a_budget_whose_spec_is_renamed_is_an_error(resnet: Scratch) -> None:
    """A pattern that matches nothing switches nothing off; with a suggestion, at its place in the configuration."""
    resnet.change("costcalc.yaml", "specs: specs/*.yaml", "specs: specs/resnet50.yaml")
    resnet.git("mv", "specs/resnet50.yaml", "specs/resnet50v2.yaml")
    done = resnet("check")
    assert done.returncode == 3
    assert "costcalc.yaml:4:12: error: 'specs/resnet50.yaml' matches no spec" in done.stderr
    assert "did you mean 'specs/resnet50v2.yaml'?" in done.stderr
    assert done.stderr.count("error:") == 1


def test_a_missing_base(resnet: Scratch) -> None:
    """A revision that does not exist: exit 3 and how to fetch it; so for a file, and outside a repository."""
    done = resnet("check", "--base", "origin/main")
    assert done.returncode == 3
    assert "there is no commit, branch or tag 'origin/main' in this repository" in done.stderr
    assert "git fetch --depth=1 origin main:refs/remotes/origin/main" in done.stderr
    done = resnet("check", "--base", "old.json")
    assert done.returncode == 3
    assert "old.json: error: no such file" in done.stderr
    (resnet.folder / ".git").rename(resnet.folder / "elsewhere")
    done = resnet("check", "--base", "HEAD")
    assert done.returncode == 3
    assert "this is not a git repository" in done.stderr


def test_a_missing_base_of_the_configuration_is_told_at_its_place(resnet: Scratch) -> None:
    """The problem points at `base:`."""
    resnet.change("costcalc.yaml", "budgets:", "base: {git: origin/main}\nbudgets:")
    done = resnet("check")
    assert done.returncode == 3
    assert "costcalc.yaml:2:7: error: the base 'origin/main' cannot be used" in done.stderr


@pytest.mark.parametrize("name", ["--upload-pack=x", "-h", "a b", "HEAD\n"])
def test_a_revision_is_never_an_option_of_git(resnet: Scratch, name: str) -> None:
    """Whatever is asked for, git only looks it up."""
    done = resnet("check", f"--base={name}")
    assert done.returncode == 3
    assert "cannot be used" in done.stderr


def test_a_shallow_clone(resnet: Scratch, tmp_path: Path) -> None:
    """The base lies beyond the cut of the history: exit 3 that says so and how to fetch it, then it works."""
    resnet.change("costcalc.yaml", "{max: 4.2G}", "{grow: 5%}")
    resnet.commit("growth")
    resnet.widen()
    resnet.commit("wide")
    clone = tmp_path / "clone"
    resnet.git("clone", "-q", "--depth=1", resnet.folder.as_uri(), str(clone))
    done = resnet("check", "--base", "HEAD~1", cwd=clone)
    assert done.returncode == 3
    assert "this clone is shallow, its history is cut off" in done.stderr
    assert "git fetch --unshallow (in GitHub Actions: actions/checkout with fetch-depth: 0)" in done.stderr
    resnet.git("fetch", "-q", "--unshallow", cwd=clone)
    assert resnet("check", "--base", "HEAD~1", cwd=clone).returncode == 1


def test_a_repository_without_a_commit(scratch: Scratch) -> None:
    """There is no HEAD yet: exit 3."""
    scratch.write("net.yaml", linear(8))
    done = scratch("check", "net.yaml", "--limit", "macs.grow=5%", "--base", "HEAD")
    assert done.returncode == 3
    assert "this repository has no commit yet" in done.stderr


def test_includes_of_the_base_come_from_the_base(scratch: Scratch) -> None:
    """The old spec is read with the blocks it included then, though the library has grown since."""
    scratch.write("blocks/unit.yaml", "blocks:\n  unit(out):\n    - linear: {out: out, bias: false}\n")
    scratch.write("net.yaml", "include: blocks/unit.yaml\ninput: [10]\nlayers:\n  - unit: {out: 10}\n")
    scratch.write("costcalc.yaml", "budgets: [{name: b, specs: '*.yaml', limits: {macs: {grow: 50%}}}]\n")
    scratch.commit()
    scratch.write("blocks/unit.yaml", "blocks:\n  unit(out):\n    - linear: {out: 2 * out, bias: false}\n")
    done = scratch("check", "--base", "HEAD")
    assert done.returncode == 1
    assert "200 is 50 over 150, which is 50% more than 100" in done.stdout


def test_a_base_that_cannot_be_read(resnet: Scratch) -> None:
    """An old spec that is no spec: exit 3 with its problem, where growth was to be judged."""
    resnet.change("costcalc.yaml", "{max: 4.2G}", "{grow: 5%}")
    good = resnet.read("specs/resnet50.yaml")
    resnet.write("specs/resnet50.yaml", "input: [3]\nlayers: [covn]\n")
    resnet.commit("broken")
    (resnet.folder / "specs/resnet50.yaml").write_text(good)
    done = resnet("check", "--base", "HEAD")
    assert done.returncode == 3
    assert "HEAD:specs/resnet50.yaml:2:10: error: unknown op or block 'covn'" in done.stderr
    assert "specs/resnet50.yaml cannot be read in HEAD" in done.stdout
    assert "is new" not in done.stdout


def test_a_stored_report_is_a_base(resnet: Scratch) -> None:
    """What `show --format json` wrote is compared layer by layer; one of another batch is refused."""
    resnet("show", "specs/resnet50.yaml", "--format", "json", "--output", "old.json")
    resnet.widen()
    done = resnet("check", "--base", "old.json", "--limit", "macs.grow=5%")
    assert done.returncode == 1
    assert "since old.json" in done.stdout
    assert "layers: stage3[0].body.conv_norm_2.conv +" in done.stdout
    resnet("show", "specs/resnet50.yaml", "--batch", "2", "--format", "json", "--output", "old.json")
    done = resnet("check", "--base", "old.json")
    assert done.returncode == 3
    assert "this report is for a batch of 2" in done.stderr


def test_no_configuration_and_nothing_asked(scratch: Scratch) -> None:
    """Nothing to judge is no pass."""
    scratch.write("net.yaml", linear(8))
    done = scratch("check")
    assert done.returncode == 3
    assert "there is no costcalc.yaml and no [tool.costcalc] in a pyproject.toml here or above" in done.stderr
    done = scratch("check", "net.yaml")
    assert done.returncode == 3
    assert "nothing is asked of net.yaml" in done.stderr
    assert scratch("check", "net.yaml", "--limit", "macs=8").returncode == 0
    assert scratch("check", "net.yaml", "--limit", "macs=7").returncode == 1


def test_a_bundled_network_from_anywhere(resnet: Scratch) -> None:
    """A bare name is judged by the command's limits, also below a folder with a configuration of its own."""
    folder = resnet.folder / "specs"
    assert resnet("check", "resnet50", "--limit", "macs=4.2G", cwd=folder).returncode == 0
    assert resnet("check", "resnet101", "--limit", "macs=4.2G", cwd=folder).returncode == 1


def test_a_spec_from_standard_input(scratch: Scratch) -> None:
    """`-`, as for every command."""
    for limit, code in (("8", 0), ("7", 1)):
        done = scratch.run(
            [sys.executable, "-m", "costcalc", "check", "-", "--limit", f"macs={limit}"], scratch.folder, {}, linear(8)
        )
        assert done.returncode == code, done.stderr


def test_an_at_sign_in_the_name_of_a_file(scratch: Scratch) -> None:
    """`a@b.yaml` is a file, `a@b.yaml@wide` a variant of it: in patterns, on the command line, and in a lock."""
    scratch.write(
        "a@b.yaml",
        "args: {width: 2}\ninput: [8]\nlayers: [{linear: {out: width, bias: false}}]\nvariants: {wide: {args: {width: 4}}}\n",
    )
    scratch.write(
        "costcalc.yaml",
        "lock: costs.lock.json\nbudgets: [{name: b, specs: a@*.yaml, variants: all, limits: {macs: {max: 31, grow: 0}}}]\n",
    )
    assert scratch("check", "--update").returncode == 1
    done = scratch("check", "--format", "json")
    assert done.returncode == 1
    judgements = json.loads(done.stdout)["judgements"]
    assert [(item["key"], item["kind"], item["status"]) for item in judgements] == [
        ("a@b.yaml", "max", "pass"),
        ("a@b.yaml", "grow", "pass"),
        ("a@b.yaml@wide", "max", "fail"),
        ("a@b.yaml@wide", "grow", "pass"),
    ]
    assert scratch("check", "a@b.yaml@wide").returncode == 1


def test_two_specs_under_one_key_are_refused(scratch: Scratch) -> None:
    """A bundled spec and a file that is called like it: neither silently stands for the other."""
    scratch.write("specs/basic.yaml", linear(8))
    done = scratch("check", "basic", "specs/basic.yaml", "--limit", "macs=1")
    assert done.returncode == 3
    assert "two specs are called 'specs/basic.yaml'" in done.stderr


def test_the_same_in_pyproject(resnet: Scratch) -> None:
    """`[tool.costcalc]` instead of a file of its own; its mistakes have the line of their key."""
    (resnet.folder / "costcalc.yaml").unlink()
    resnet.write(
        "pyproject.toml",
        """\
        [project]
        name = "x"

        [tool.costcalc]
        specs = "specs/*.yaml"

        [[tool.costcalc.budgets]]
        name = "server"
        limits.macs = {max = "4.2G"}
        """,
    )
    assert resnet("check").returncode == 0
    resnet.widen()
    done = resnet("check", cwd=resnet.folder / "specs")
    assert done.returncode == 1
    assert "set at ../pyproject.toml:9:16" in done.stdout
    resnet.change("pyproject.toml", "4.2G", "4.2X")
    done = resnet("check")
    assert done.returncode == 3
    assert "pyproject.toml:9:16: error: '4.2X' has the unit 'X'" in done.stderr


def test_expectations_are_judged(resnet: Scratch) -> None:
    """A wrong `expect` fails at its place, with both numbers, and a guess where the difference comes from."""
    resnet.change("specs/resnet50.yaml", "expect: {output: [1000]}", "expect: {params: 25556032, output: [100]}")
    done = resnet("check", "--format", "github")
    assert done.returncode == 1
    line = resnet.read("specs/resnet50.yaml").count("\n")
    assert (
        f"::error file=specs/resnet50.yaml,line={line},col=18,endColumn=26,title=expect::params of resnet50: "
        in done.stdout
    )
    assert "25,557,032 is 1,000 over the expected 25,556,032" in done.stdout
    assert "(1000) is not the expected (100)" in done.stdout
    assert "the difference is as large as the bias of head" in resnet("check").stdout


def test_the_expectations_of_variants_are_judged(scratch: Scratch) -> None:
    """A variant's own `expect` is judged with the file; a limit is on the spec as written, unless it says variants."""
    scratch.write(
        "net.yaml",
        "args: {width: 2}\ninput: [8]\nlayers: [{linear: {out: width, bias: false}}]\n"
        "variants: {wide: {args: {width: 4}, expect: {macs: 31}}, broad: {args: {width: 8}}}\n",
    )
    done = scratch("check", "net.yaml", "--limit", "macs=16")
    assert done.returncode == 1
    assert "32 is 1 over the expected 31" in done.stdout
    assert done.stdout.count("over") == 1
    scratch.write("costcalc.yaml", "budgets: [{name: b, specs: net.yaml, variants: all, limits: {macs: 60}}]\n")
    done = scratch("check")
    assert "macs of broad (net.yaml" in done.stdout
    assert "64 is 4 over max 60 (60)" in done.stdout
    assert scratch("check", "net.yaml@broad").returncode == 1


def test_why_gives_the_parts_of_an_expected_number(scratch: Scratch) -> None:
    """Of 8 * 8 + 8 * 4 weights the first layer has 64 of 96, which is two thirds."""
    layers = "[{linear: {out: 8, bias: false}, name: first}, {linear: {out: 4, bias: false}}]"
    scratch.write("net.yaml", f"input: [8]\nlayers: {layers}\nexpect: {{params: 96}}\n")
    assert "largest layers: first 64 (66.7%), linear 32 (33.3%)" in scratch("check", "net.yaml", "--why").stdout


def test_outputs_are_refused_before_anything_is_read(scratch: Scratch) -> None:
    """Exit 2 for what the command line alone says: unknown formats, two outputs in one place, limits that are none."""
    for arguments in (
        ["--output", "pdf=x"], ["--output", "json"], ["--output", "json=a", "--output", "sarif=a"],
        ["--output", "json=a", "--output", "sarif=./b/../a"],
        ["--format", "json", "--output", "text=-"], ["--limit", "macs"], ["--limit", "mac=5"], ["--limit", "macs=5%"],
        ["--limit", "macs=4.2X"], ["--limit", "macs.mx=4"], ["--limit", "activation_bytes=5"],
        ["--update", "--base", "x"],
    ):  # fmt: skip
        done = scratch("check", *arguments)
        assert done.returncode == 2, arguments
        assert "Traceback" not in done.stderr


def test_an_output_that_cannot_be_written(resnet: Scratch) -> None:
    """3 wins over 1, the others are written all the same, and no input is overwritten."""
    resnet.widen()
    done = resnet("check", "--output", "json=missing/x.json", "--output", "junit=costs.xml")
    assert done.returncode == 3
    assert "missing/x.json: cannot be written: No such file or directory" in done.stderr
    assert "over max" in done.stdout
    assert (resnet.folder / "costs.xml").exists()
    for name in ("specs/resnet50.yaml", "costcalc.yaml"):
        before = resnet.read(name)
        assert resnet("check", "--output", f"json={name}").returncode == 3
        assert resnet.read(name) == before


def test_nothing_is_done_twice(resnet: Scratch) -> None:
    """A spec that has not changed since the base is not loaded, built or costed a second time."""
    for number in range(20):
        resnet.write(f"specs/net{number}.yaml", linear(number + 1))
    resnet.commit()
    code = (
        "import collections, runpy, sys\n"
        "import costcalc.versions.subjects as measure\n"
        "import costcalc.versions.baseline as baseline\n"
        "import costcalc.spec.load as load\n"
        "calls = collections.Counter()\n"
        "def counted(name, function):\n"
        "    return lambda *a, **k: (calls.update([name]), function(*a, **k))[1]\n"
        "measure.open_file = baseline.open_file = counted('load', load.open_file)\n"
        "measure.build = counted('build', measure.build)\n"
        "measure.estimate = counted('estimate', measure.estimate)\n"
        "from costcalc.budget.gate import Request, gate\n"
        "outcome = gate(Request(base='HEAD'))\n"
        "print(dict(calls), outcome.verdict.status, [model.status for model in outcome.verdict.models].count('same'))\n"
    )
    done = resnet.run([sys.executable, "-c", code], resnet.folder, {})
    assert done.stdout.strip() == "{'load': 21, 'build': 21, 'estimate': 21} pass 21", done.stderr
