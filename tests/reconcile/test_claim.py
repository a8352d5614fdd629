"""Numbers that people quote, and who says them."""

from __future__ import annotations

from pathlib import Path

import pytest

from costcalc.conventions.load import load, names
from costcalc.errors import Fault, SpecError
from costcalc.reconcile.claim import Candidate, Claim, Finding, find
from costcalc.spec.load import load as load_spec
from costcalc.spec.load import load_family, load_text

CONVENTIONS = [convention for name in names() if (convention := load(name)).unit != "activation"]


def search(address: str, text: str, **sizes: object) -> Finding:
    spec = load_spec(address)
    family = [other for other in load_family(address) if other.variant != spec.variant]
    return find(Claim.parse(text), spec, family, CONVENTIONS, **sizes)  # type: ignore[arg-type]


def who(candidate: Candidate) -> set[str]:
    return {convention.name for convention in candidate.conventions}


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("4.12G", 4_120_000_000, 10**7),
        ("4.12 GMACs", 4_120_000_000, 10**7),
        ("8.2 GFLOPs", 8_200_000_000, 10**8),
        ("300M", 300_000_000, 10**6),
        ("300 m", 300_000_000, 10**6),
        ("3.8B", 3_800_000_000, 10**8),
        ("3.8e9", 3_800_000_000, 10**8),
        ("4,089,184,256", 4_089_184_256, 1),
        (".6T", 600_000_000_000, 10**11),
        ("0.3 G mult-adds", 300_000_000, 10**8),
    ],
)
def test_how_numbers_are_quoted(text: str, value: int, unit: int) -> None:
    claim = Claim.parse(text)
    assert (claim.value, claim.unit) == (value, unit)


@pytest.mark.parametrize(
    "text",
    ["", "G", "4.12X", "-1G", "4.1.2G", "0G", "nan", "1e999", "1e30", "4 G G", "4,12G", "4,089,184,25", "\uff11G"],
)
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(Fault):
        Claim.parse(text)


def test_rounded_or_cut_off() -> None:
    claim = Claim.parse("3.8G")
    totals = (3_749_999_999, 3_750_000_000, 3_850_000_000, 3_899_999_999, 3_900_000_000)
    assert [claim.fit(total) for total in totals] == ["", "rounded", "rounded", "cut off", ""]


def test_4_12_is_ptflops_before_its_double_count() -> None:
    """https://github.com/sovrasov/flops-counter.pytorch/issues/94; today it says 4.13."""
    best = search("resnet50", "4.12G").candidates[0]
    assert who(best) == {"ptflops-without-double-count"}
    assert (best.total, best.fit, best.changes) == (4_121_925_096, "rounded", ())


def test_3_8_is_the_variant_of_the_paper() -> None:
    """He et al. 2015, table 1: 3.8 x 10^9, with the stride on the first 1x1, and cut off."""
    for address in ("resnet50", "resnet101", "resnet50_v1", "resnet18"):
        best = search(address, "3.8G").candidates[0]
        assert best.report.name == "resnet50_v1"
        assert (best.total, best.fit) == (3_857_973_248, "cut off")
        assert {"paper", "costcalc"} <= who(best)


@pytest.mark.parametrize(
    ("text", "variant"),
    [("7.6G", "resnet101_v1"), ("11.3G", "resnet152_v1"), ("7.8G", "resnet101"), ("11.5G", "resnet152")],
)
def test_the_other_depths(text: str, variant: str) -> None:
    """The paper's table 1 has 7.6 and 11.3 x 10^9."""
    best = search("resnet50", text).candidates[0]
    assert best.report.name == variant
    assert best.changes == ("variant",)


def test_a_network_of_the_same_ops_comes_first() -> None:
    """3.8627 G of the SE variant is nearer to 3.86 G than 3.8580 G, but both are within what 3.86 G rounds away."""
    names = [item.report.name for item in search("resnet50", "3.86G").candidates]
    assert names[0] == "resnet50_v1"
    assert "se_resnet50" in names


def test_what_most_say_comes_before_what_is_nearest() -> None:
    """7.602 G as fvcore counts the paper's ResNet-101; its multiply-adds are 7.570 G, and the paper says 7.6."""
    best, second, *_ = search("resnet101", "7.6G").candidates
    assert {"paper", "costcalc"} <= who(best)
    assert who(second) == {"fvcore", "mmengine"}
    assert abs(second.total - 7_600_000_000) < abs(best.total - 7_600_000_000)


def test_8_2_are_those_who_count_a_multiply_add_twice() -> None:
    candidates = search("resnet50", "8.2G").candidates
    assert set().union(*map(who, candidates)) == {"keras", "calflops", "deepspeed", "torch"}
    assert all(item.changes == () for item in candidates)


def test_another_resolution() -> None:
    """4,087,136,256 x (256 / 224)^2 and 2,048,000 of the head."""
    best = search("resnet50", "5.34G").candidates[0]
    assert best.report.input == {"input": (3, 256, 256)}
    assert best.total == 4_087_136_256 * 64 // 49 + 2_048_000
    assert best.changes == ("resolution",)


def test_twice_the_multiply_adds() -> None:
    """MobileNet V2 in the tables of those who double thop: 2 x 327,486,720."""
    best = search("mobilenet_v2", "0.655G").candidates[0]
    assert who(best) == {"thop", "ultralytics-thop"}
    assert (best.total, best.changes) == (2 * 327_486_720, ("twice",))


def test_twice_at_another_resolution() -> None:
    """thop at 320 x 320: (4,087,136,256 + 44,455,936 + 100,352) x 100 / 49 + 2,048,000 + 2,048, twice."""
    best = search("resnet50", "16.87G").candidates[0]
    assert best.total == 2 * ((4_087_136_256 + 44_455_936 + 100_352) * 100 // 49 + 2_048_000 + 2_048)
    assert who(best) >= {"thop"}
    assert best.changes == ("twice", "resolution")


def test_attention_grows_faster_than_the_image() -> None:
    """ViT-B/16 at 1024 x 1024, 4,097 tokens: 12 layers of 12 x 768^2 and 2 x 4,097 x 768 a token, patches, head."""
    tokens, width = 64 * 64 + 1, 768
    total = 12 * tokens * (12 * width**2 + 2 * tokens * width) + 64 * 64 * width * 16 * 16 * 3 + width * 1000
    best = search("vit_b_16", f"{total}").candidates[0]
    assert (best.total, best.changes) == (total, ("resolution",))
    assert best.report.input == {"input": (3, 1024, 1024)}


def test_a_network_without_multiply_adds() -> None:
    spec = load_text("input: [16, 8, 8]\nlayers: [relu]\n")
    finding = find(Claim.parse("5G"), spec, [], CONVENTIONS)
    assert (finding.candidates, finding.tried) == ((), ("resolution",))


def test_nothing_else_is_tried_for_tokens() -> None:
    spec = load_text("input: [16]\nlayers: [linear: {out: 10}]\n")
    finding = find(Claim.parse("5G"), spec, [], CONVENTIONS)
    assert (finding.candidates, finding.tried) == ((), ())


def test_a_table_may_mention_a_block_that_only_this_variant_has(tmp_path: Path) -> None:
    table = tmp_path / "house.yaml"
    table.write_text("unit: mac\nlike: paper\nops: {squeeze_excite: {}}\n")
    spec = load_spec("se_resnet50")
    family = [other for other in load_family("se_resnet50") if other.variant != spec.variant]
    assert find(Claim.parse("3.9999G"), spec, family, [load(str(table))]).report.name == "se_resnet50"
    with pytest.raises(SpecError, match="'squeeze_excite' is neither an op nor a block of the network"):
        find(Claim.parse("4G"), load_spec("resnet50"), family, [load(str(table))])


def test_relatives_are_of_the_same_ops() -> None:
    """Llama and T5 stand in one folder, and T5 explains no number of Llama's."""
    names = {item.report.name for item in search("llama2_7b", "13T").candidates}
    assert not any(name.startswith("t5") for name in names)


def test_two_changes_where_one_is_not_enough() -> None:
    """ResNet-101 on 320 x 320: (7,801,405,440 - 2,048,000) x (320 / 224)^2 + 2,048,000."""
    total = (7_801_405_440 - 2_048_000) * 100 // 49 + 2_048_000
    best = search("resnet50", f"{total}").candidates[0]
    assert best.changes == ("variant", "resolution")
    assert (best.report.name, best.report.input) == ("resnet101", {"input": (3, 320, 320)})
    assert best.total == total


def test_contexts_that_change_nothing_are_not_named() -> None:
    (best, *_) = search("resnet50", "4.11G").candidates
    assert who(best) == {"fvcore", "mmengine"}


def test_nobody_says_so() -> None:
    found = search("resnet50", "1.234567G")
    assert found.candidates == ()
    assert len(found.nearest) == 3
    assert {"paper"} <= who(found.nearest[0])


def test_args_input_and_batch_are_kept() -> None:
    best = search("resnet50", "2.05G", args={"classes": 10}, input={"input": (3, 112, 112)}, batch=2).candidates[0]
    # a quarter of the convolutions, 4,087,136,256 / 4 with 7 x 7 become 4 x 4 at the end
    assert best.report.batch == 2
    assert best.report.input == {"input": (3, 112, 112)}


def test_networks_that_are_no_images() -> None:
    found = search("one_by_one", "1.5G")
    assert found.candidates == ()
