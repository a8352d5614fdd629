"""`costcalc.diff`: specs, files of commits, lock files and stored reports, as Python reaches them."""

from __future__ import annotations

from pathlib import Path

import pytest

import costcalc
from costcalc.errors import Problem
from tests.cli.conftest import Scratch

NET = """\
    name: net
    input: [3, 8, 10]
    layers:
      - {conv: {out: 4, kernel: 1}, name: first}
      - {linear: {out: 5}, name: last}
    """
# by hand: 3 * 4 + 4 = 16 parameters in `first`, 12 multiply-adds at each of 8 x 10 places;
# `last` works on the last axis: 10 * 5 + 5 = 55 parameters, 4 * 8 rows of 50 multiply-adds
PARAMS = 16 + 55
MACS = 12 * 80 + 4 * 8 * 50


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scratch:
    """The working folder, `nets` in a repository: `net.yaml` was committed and then widened from 4 to 6 channels."""
    scratch = Scratch(tmp_path / "repository")
    scratch.folder.mkdir()
    for name in ("GIT_DIR", "GIT_WORK_TREE"):
        monkeypatch.delenv(name, raising=False)
    scratch.git("init", "-q", "-b", "main")
    scratch.write("nets/net.yaml", NET)
    scratch.commit()
    scratch.write("nets/net.yaml", NET.replace("out: 4", "out: 6"))
    monkeypatch.chdir(scratch.folder / "nets")
    return scratch


@pytest.mark.parametrize("old", [None, "HEAD:nets/net.yaml", "HEAD:./net.yaml", "main:nets/net.yaml"])
def test_a_spec_and_its_last_commit(here: Scratch, old: str | None) -> None:
    """Two channels more: 8 parameters and 6 x 80 multiply-adds, and two times 8 more rows of 50."""
    found = costcalc.diff(old, Path("net.yaml"))
    (model,) = found.models
    assert (found.old, found.new) == (old or "HEAD:nets/net.yaml", "net.yaml")
    assert model.totals["params"] == (PARAMS, PARAMS + 8)
    assert model.totals["macs"] == (MACS, MACS + 6 * 80 + 2 * 8 * 50)
    assert [(change.path, change.status) for change in model.changes] == [("first", "changed"), ("last", "changed")]


def test_a_size_is_of_both_specs(here: Scratch) -> None:
    """Half the rows and twice the batch: multiply-adds as before, parameters of course too."""
    (model,) = costcalc.diff(None, "net.yaml", input=(3, 4, 10), batch=2).models
    assert model.totals["macs"] == (MACS, MACS + 6 * 80 + 2 * 8 * 50)
    assert model.totals["params"] == (PARAMS, PARAMS + 8)


@pytest.mark.parametrize("size", [{"args": {"width": 1}}, {"input": {"input": (3, 4, 10)}}, {"batch": 2}])
def test_what_holds_numbers_has_no_size(here: Scratch, size: dict[str, object]) -> None:
    """A stored report is of one size: to ask for another is refused, and without it the report is compared."""
    here.write("nets/old.json", here("show", "nets/net.yaml", "--format", "json").stdout)
    with pytest.raises(costcalc.CostcalcError, match=r"^old\.json holds numbers: "):
        costcalc.diff("old.json", "net.yaml", **size)  # type: ignore[arg-type]
    assert not costcalc.diff("old.json", "net.yaml").differs


def test_one_network_of_a_lock(here: Scratch) -> None:
    """The lock has two networks, and the spec is one of them, by its path whichever side it is on."""
    here.write("nets/other.yaml", NET.replace("name: net", "name: other"))
    here.write("costcalc.yaml", "specs: nets/*.yaml\nlock: costs.lock.json\n")
    assert here("check", "--update").returncode == 0
    here.write("nets/net.yaml", NET)
    lock = "../costs.lock.json"
    for old, new in ((lock, "net.yaml"), ("net.yaml", lock)):
        (model,) = costcalc.diff(old, new).models
        before, after = PARAMS + 8, PARAMS
        assert model.totals["params"] == ((before, after) if old == lock else (after, before))
    with pytest.raises(
        costcalc.CostcalcError, match=r"does not have resnet18: it has nets/net\.yaml, nets/other\.yaml$"
    ):
        costcalc.diff(lock, "resnet18")
    assert [model.status for model in costcalc.diff(lock, lock).models] == ["same", "same"]


def test_blocks_in_place_of_layers() -> None:
    """ResNet-50 and -101 of He et al. 2015: of the outermost rows only the third stage has other instances."""
    (model,) = costcalc.diff("resnet50", "resnet101", depth=1).models
    assert {change.path.partition("[")[0] for change in model.changes if change.status != "same"} == {"stage3"}


def test_warnings_come_as_they_are_found(here: Scratch) -> None:
    """A linear layer on an image is warned of: in the old file, then in the new one; a commit is done with."""
    here.write("nets/narrow.yaml", NET)
    told: list[Problem] = []
    costcalc.diff("narrow.yaml", "net.yaml", warn=told.append)
    assert [warning.message for warning in told] == [
        "linear works on the last axis of [4, 8, 10], the width of an image",
        "linear works on the last axis of [6, 8, 10], the width of an image",
    ]
    told.clear()
    costcalc.diff(None, "net.yaml", warn=told.append)
    assert [warning.message.partition("[")[2][:1] for warning in told] == ["6"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (None, "resnet18", "there is no 'nets/resnet18' in HEAD"),
        ("HEAD:nets/none.yaml", "net.yaml", "there is no 'nets/none.yaml' in HEAD"),
        ("HEAD:net.yaml", "net.yaml", "there is no 'net.yaml' in HEAD"),
        ("nowhere:nets/net.yaml", "net.yaml", "nowhere"),
        ("HEAD:nets/net.yaml@wide", "net.yaml", "has no variant 'wide'"),
    ],
)
def test_what_is_not_there(here: Scratch, old: str | None, new: str, said: str) -> None:
    with pytest.raises(costcalc.SpecError, match=said):
        costcalc.diff(old, new)
