"""The bundled specs as a collection: what is there, what each says about itself, and that `expect` is met."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

import costcalc

SPECS = Path(__file__).parents[2] / "specs"
FILES = {path: yaml.safe_load(path.read_text()) for path in sorted(SPECS.rglob("*.yaml"))}
NETWORKS = {path: spec for path, spec in FILES.items() if "layers" in spec}
LIBRARIES = {path: spec for path, spec in FILES.items() if "layers" not in spec}

# fmt: off
PROMISED = [
    "basic", "bottleneck", "basic_256", "one_by_one", "inception_5x5_direct", "inception_5x5_reduced",
    "inception_3a", "inception_3b", "fire", "preact_bottleneck", "fcn8s_kitti", "googlenet_paper", "googlenet",
    "googlenet_aux", "vgg16", "squeezenet1_0", "squeezenet1_1", "resnet18", "resnet34", "resnet50", "resnet101",
    "resnet152", "resnet50_v1", "resnet101_v1", "resnet152_v1", "mobilenet_v2", "mobilenet_v2_x0_5",
    "mobilenet_v2_x1_4",
]
# fmt: on


def models() -> list[tuple[str, dict[str, Any]]]:
    """Every network by its bare name, with what the file says of it: the base and each variant."""
    found = []
    for spec in NETWORKS.values():
        found.append((spec["name"], spec))
        for name, variant in spec.get("variants", {}).items():
            found.append((name, {"source": spec["source"], **variant}))
    return found


def test_the_promised_specs_are_there_once() -> None:
    """Every promised name is the name of one file or one variant, and no name is taken twice."""
    names = [name for name, _ in models()]
    assert len(set(names)) == len(names)
    assert not set(PROMISED) - set(names)


@pytest.mark.parametrize("path", NETWORKS, ids=lambda path: path.stem)
def test_a_file_is_called_like_its_spec(path: Path) -> None:
    """The stem of a file is the name of its spec, so a bare name can be found by eye too."""
    assert NETWORKS[path]["name"] == path.stem


@pytest.mark.parametrize("path", LIBRARIES, ids=lambda path: path.stem)
def test_a_library_holds_blocks_that_networks_share(path: Path) -> None:
    """A file without layers says what it is about and is included by at least one other file."""
    users = [
        user
        for user, spec in FILES.items()
        if path.resolve() in [(user.parent / include).resolve() for include in spec.get("include", [])]
    ]
    assert LIBRARIES[path]["about"]
    assert LIBRARIES[path]["blocks"]
    assert users


@pytest.mark.parametrize(("name", "spec"), models(), ids=[name for name, _ in models()])
def test_a_spec_says_where_it_comes_from_and_meets_its_expectation(name: str, spec: dict[str, Any]) -> None:
    """Each network and variant has `about` and `source`, and the params, MACs and output that its `expect` states.

    The stated numbers come from the papers, torchvision or the hand arithmetic that the file names.
    """
    assert spec["about"]
    assert spec["source"]
    report = costcalc.estimate(costcalc.build(costcalc.load(name)))
    (output,) = report.output.values()
    assert spec["expect"] == {
        "params": report.totals.params,
        "macs": report.totals.macs,
        "output": list(output),
    }


def test_no_block_is_written_twice() -> None:
    """A block that two files need stands in a file both include: neither its name nor its body is repeated."""
    signatures = [signature for spec in FILES.values() for signature in spec.get("blocks", {})]
    names = [signature.partition("(")[0].strip() for signature in signatures]
    bodies = [yaml.safe_dump(body) for spec in FILES.values() for body in spec.get("blocks", {}).values()]
    assert names
    assert len(set(names)) == len(names)
    assert len(set(bodies)) == len(bodies)
