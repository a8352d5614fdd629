"""The bundled specs as a collection: what is there, what each says about itself, and that `expect` is met."""

from __future__ import annotations

import re
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
    "mobilenet_v2_x1_4", "mobilenet_v1", "mobilenet_v1_x0_75", "mobilenet_v1_x0_5", "mobilenet_v1_x0_25", "se_resnet50",
    "unet", "vit_b_16", "vit_b_32", "vit_l_16", "vit_l_32", "vit_h_14", "swin_t", "swin_s", "swin_b", "swin_v2_t",
    "swin_v2_s", "swin_v2_b", "maxvit_t", "gpt2", "gpt2_medium", "gpt2_large", "gpt2_xl", "bert_base", "bert_large",
    "t5_small", "t5_base", "t5_large", "t5_3b", "t5_11b", "llama2_7b", "llama2_13b", "llama2_70b", "llama3_8b",
    "llama3_70b", "llama3_405b", "mistral_7b", "mixtral_8x7b", "mixtral_8x22b", "qwen2_0_5b", "qwen2_1_5b", "qwen2_7b",
    "qwen2_72b", "gemma_2b", "gemma_7b", "mamba_130m", "mamba_370m", "mamba_790m", "mamba_1_4b", "mamba_2_8b",
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

    The stated numbers come from the papers, torchvision or the hand arithmetic that the file names. Where nobody
    states exact MACs there are none to expect; test_torchvision.py compares them with the rounded ones.
    """
    assert spec["about"]
    assert spec["source"]
    report = costcalc.estimate(costcalc.build(costcalc.load(name)))
    shapes = {output: list(shape) for output, shape in report.output.items()}
    found = {
        "params": report.totals.params,
        "params_active": report.totals.params_active,
        "macs": report.totals.macs,
        "output": shapes if len(shapes) > 1 else next(iter(shapes.values())),
    }
    assert spec["expect"].keys() >= {"params", "output"}
    assert spec["expect"] == {key: found[key] for key in spec["expect"]}


def test_no_block_is_written_twice() -> None:
    """A block that two files need stands in a file both include: neither its name nor its body is repeated.

    Other names for the same parameters and layers do not make another body.
    """
    blocks = [block for spec in FILES.values() for block in spec.get("blocks", {}).items()]
    names = [signature.partition("(")[0].partition(" from ")[0] for signature, _ in blocks]
    bodies: dict[str, list[str]] = {}
    for name, (signature, body) in zip(names, blocks, strict=True):
        bodies.setdefault(without_names(signature, body), []).append(name)
    assert names
    assert len(set(names)) == len(names)
    assert [alike for alike in bodies.values() if len(alike) > 1] == []


def without_names(signature: str, body: list[Any]) -> str:
    """A block's body with its parameters numbered and its layers unnamed."""
    parameters = re.findall(r"[(,]\s*([a-z_]\w*)", signature)
    text = re.sub(r"\n? *\bname: [^\n]*", "", yaml.safe_dump(body))
    for position, parameter in enumerate(parameters):
        text = re.sub(rf"\b{parameter}\b(?!:)", f"<{position}>", text)
    return text


def test_a_block_with_other_names_is_the_same_block() -> None:
    """The comparison sees through renamed parameters and layers, and not through other numbers."""
    body = [{"conv": {"out": "width", "kernel": 3}, "name": "first"}, "relu"]
    renamed = [{"conv": {"out": "filters", "kernel": 3}, "name": "second"}, "relu"]
    larger = [{"conv": {"out": "filters", "kernel": 5}, "name": "second"}, "relu"]
    assert without_names("one(width)", body) == without_names("two(filters)", renamed)
    assert without_names("one(width)", body) != without_names("two(filters)", larger)
