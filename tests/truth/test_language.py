"""Language models: params and multiply-adds by hand, written out from the published configurations.

Nothing here is read from the specs. Letters: t tokens, l layers, h hidden, f feed-forward, v vocabulary, q and k the
features of all queries and of all keys. Attention is dense: every query meets every key, t^2 pairs, whatever the mask
hides afterwards; a pair takes q multiply-adds for its score and q for its value.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

import costcalc
from costcalc.reference.verify import verify


class Model(NamedTuple):
    """A model by its closed form, and its params as published."""

    name: str
    params: int
    macs: int
    published: int
    source: str


def gpt2(name: str, layers: int, h: int, published: int) -> Model:
    """Attention has 4 h^2 weights and 4 h biases, the feed-forward 8 h^2 and 5 h, two norms 4 h; the head is tied."""
    t, v = 1024, 50257
    params = v * h + t * h + layers * (12 * h**2 + 13 * h) + 2 * h
    macs = t * (layers * 12 * h**2 + v * h) + layers * 2 * t**2 * h
    source = "transformers, GPT2LMHeadModel of openai-community/gpt2, -medium, -large, -xl; openai/gpt-2: 124M to 1558M"
    return Model(name, params, macs, published, source)


def bert(name: str, layers: int, h: int, published: int) -> Model:
    """Layers as GPT-2's; tables of words, places and segments with a norm of their own, and a pooler on one token."""
    t, v = 512, 30522
    params = (v + t + 2) * h + 2 * h + layers * (12 * h**2 + 13 * h) + h**2 + h
    macs = t * layers * 12 * h**2 + layers * 2 * t**2 * h + h**2
    source = "transformers, BertModel of google-bert/bert-base-uncased and bert-large-uncased; the paper: 110M, 340M"
    return Model(name, params, macs, published, source)


def t5(name: str, layers: int, h: int, heads: int, head: int, f: int, published: int) -> Model:
    """No biases. A layer of the decoder attends twice, and the second time its keys and values are the question's.

    A half stores one table of 32 distances for each of its heads. Question and answer have t tokens each.
    """
    t, v, q = 512, 32128, heads * head
    encoder = 4 * h * q + 2 * h * f
    decoder = 8 * h * q + 2 * h * f
    params = v * h + layers * (encoder + 2 * h + decoder + 3 * h) + 2 * 32 * heads + 2 * h
    macs = t * (layers * (encoder + decoder) + v * h) + layers * 3 * 2 * t**2 * q
    source = "transformers, T5ForConditionalGeneration of google-t5/t5-small to -11b; the paper: 60M to 11B"
    return Model(name, params, macs, published, source)


def llama(
    name: str, layers: int, h: int, heads: int, kv_heads: int, f: int, v: int, published: int, source: str, *,
    t: int, head: int = 0, tied: bool = False, biases: bool = False, experts: int = 1, active: int = 1,
) -> Model:  # fmt: skip
    """Llama and its kin: keys and values may be fewer than queries, a feed-forward is three matrices.

    With more than one expert, each is a feed-forward, and a router has a row for each. A tied head is the table.
    """
    head = head or h // heads
    q, k = heads * head, kv_heads * head
    attention, feed_forward, router = 2 * h * q + 2 * h * k, 3 * h * f, h * experts if experts > 1 else 0
    bias = q + 2 * k if biases else 0
    layer = attention + bias + experts * feed_forward + router + 2 * h
    params = v * h * (1 if tied else 2) + layers * layer + h
    macs = t * (layers * (attention + active * feed_forward + router) + v * h) + layers * 2 * t**2 * q
    return Model(name, params, macs, published, source)


def mamba(name: str, layers: int, h: int, published: int) -> Model:
    """No attention: 2 h features inside a layer, each with 16 numbers of memory and a convolution over 4 tokens.

    An inner feature has 2 h weights in, 4 and a bias in the convolution, r + 32 that say how to remember, r and a bias
    that say how much, 16 + 1 in the scan, h out. The scan reads its 16 numbers with a multiply-add each.
    """
    t, v, inner, r = 2048, 50280, 2 * h, -(-h // 16)
    params = v * h + layers * (inner * (2 * h + 4 + 1 + r + 32 + r + 1 + 16 + 1 + h) + h) + h
    macs = t * (layers * inner * (2 * h + 4 + r + 32 + r + 16 + h) + v * h)
    source = "config.json of state-spaces/mamba-{130m,...,2.8b}-hf, multiplied out, and MambaForCausalLM's count"
    return Model(name, params, macs, published, source)


LLAMA_2 = "config.json of meta-llama/Llama-2-{}-hf, multiplied out; the paper: {}"
LLAMA_3 = "config.json of meta-llama/{}, multiplied out, and the total of its safetensors; the paper: {}"
MISTRAL = "config.json of mistralai/{}, multiplied out, and the total of its safetensors"
QWEN = "config.json of Qwen/Qwen2-{}, multiplied out, and the total of its safetensors"
GEMMA = "Gemma Team 2024, table 2: {} without the table of tokens, and 256,000 x {} in it as google/gemma-{} has it"

# fmt: off
MODELS = [
    gpt2("gpt2", 12, 768, 124_439_808),
    gpt2("gpt2_medium", 24, 1024, 354_823_168),
    gpt2("gpt2_large", 36, 1280, 774_030_080),
    gpt2("gpt2_xl", 48, 1600, 1_557_611_200),
    bert("bert_base", 12, 768, 109_482_240),
    bert("bert_large", 24, 1024, 335_141_888),
    mamba("mamba_130m", 24, 768, 129_135_360),
    mamba("mamba_370m", 48, 1024, 371_516_416),
    mamba("mamba_790m", 48, 1536, 793_204_224),
    mamba("mamba_1_4b", 48, 2048, 1_372_178_432),
    mamba("mamba_2_8b", 64, 2560, 2_768_345_600),
    t5("t5_small", 6, 512, 8, 64, 2048, 60_506_624),
    t5("t5_base", 12, 768, 12, 64, 3072, 222_903_552),
    t5("t5_large", 24, 1024, 16, 64, 4096, 737_668_096),
    t5("t5_3b", 24, 1024, 32, 128, 16384, 2_851_598_336),
    t5("t5_11b", 24, 1024, 128, 128, 65536, 11_307_321_344),
    #                     l      h heads  kv      f       v
    llama("llama2_7b",   32,  4096,  32,  32, 11008,  32000,   6_738_415_616, LLAMA_2.format("7b", "7B"), t=4096),
    llama("llama2_13b",  40,  5120,  40,  40, 13824,  32000,  13_015_864_320, LLAMA_2.format("13b", "13B"), t=4096),
    llama("llama2_70b",  80,  8192,  64,   8, 28672,  32000,  68_976_648_192, LLAMA_2.format("70b", "70B"), t=4096),
    llama("llama3_8b",   32,  4096,  32,   8, 14336, 128256,   8_030_261_248,
          LLAMA_3.format("Meta-Llama-3-8B", "8B"), t=8192),
    llama("llama3_70b",  80,  8192,  64,   8, 28672, 128256,  70_553_706_496,
          LLAMA_3.format("Meta-Llama-3-70B", "70B"), t=8192),
    llama("llama3_405b", 126, 16384, 128,  8, 53248, 128256, 405_853_388_800,
          LLAMA_3.format("Llama-3.1-405B", "405B"), t=8192),
    llama("mistral_7b",  32,  4096,  32,   8, 14336,  32000,   7_241_732_096,
          MISTRAL.format("Mistral-7B-v0.1"), t=8192),
    llama("mixtral_8x7b", 32, 4096,  32,   8, 14336,  32000,  46_702_792_704,
          MISTRAL.format("Mixtral-8x7B-v0.1"), t=32768, experts=8, active=2),
    llama("mixtral_8x22b", 56, 6144, 48,   8, 16384,  32000, 140_620_634_112,
          MISTRAL.format("Mixtral-8x22B-v0.1"), t=65536, experts=8, active=2),
    llama("qwen2_0_5b",  24,   896,  14,   2,  4864, 151936,     494_032_768,
          QWEN.format("0.5B"), t=32768, tied=True, biases=True),
    llama("qwen2_1_5b",  28,  1536,  12,   2,  8960, 151936,   1_543_714_304,
          QWEN.format("1.5B"), t=32768, tied=True, biases=True),
    llama("qwen2_7b",    28,  3584,  28,   4, 18944, 152064,   7_615_616_512, QWEN.format("7B"), t=32768, biases=True),
    llama("qwen2_72b",   80,  8192,  64,   8, 29568, 152064,  72_706_203_648, QWEN.format("72B"), t=32768, biases=True),
    llama("gemma_2b",    18,  2048,   8,   1, 16384, 256000, 1_981_884_416 + 524_288_000,
          GEMMA.format("1,981,884,416", "2,048", "2b"), t=8192, head=256, tied=True),
    llama("gemma_7b",    28,  3072,  16,  16, 24576, 256000, 7_751_248_896 + 786_432_000,
          GEMMA.format("7,751,248,896", "3,072", "7b"), t=8192, head=256, tied=True),
]
# fmt: on


def report_on(name: str, **args: Any) -> Any:
    return costcalc.estimate(costcalc.build(costcalc.load(name), args))


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_params_are_those_published(model: Model) -> None:
    """The published number, the closed form and the report agree to the unit."""
    assert model.params == model.published, model.source
    assert report_on(model.name).totals.params == model.published, model.source


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_macs_are_those_of_the_closed_form(model: Model) -> None:
    """At the sequence the model was made for."""
    assert report_on(model.name).totals.macs == model.macs


@pytest.mark.parametrize("sequence", [1, 7, 1000])
def test_macs_of_a_sequence_are_a_line_and_a_square(sequence: int) -> None:
    """GPT-2: every weight but the positions' once a token, and 12 layers x 2 x 768 for every pair of tokens."""
    weights = 12 * 12 * 768**2 + 50257 * 768
    report = report_on("gpt2", sequence=sequence)
    assert report.totals.macs == sequence * weights + 12 * 2 * 768 * sequence**2
    assert report.totals.params == 124_439_808


@pytest.mark.parametrize(
    ("name", "active"),
    [
        # Two of eight feed-forwards of 3 x 4,096 x 14,336 in 32 layers stay, six do not: 46,702,792,704 less those.
        ("mixtral_8x7b", 46_702_792_704 - 32 * 6 * 3 * 4096 * 14336),
        ("mixtral_8x22b", 140_620_634_112 - 56 * 6 * 3 * 6144 * 16384),
    ],
)
def test_a_token_meets_two_of_eight_experts(name: str, active: int) -> None:
    """Jiang et al. 2024: 13B of 47B params are active; Mistral AI 2024: 39B of 141B."""
    totals = report_on(name).totals
    assert totals.params_active == active
    assert round(totals.params_active / 10**9) == {"mixtral_8x7b": 13, "mixtral_8x22b": 39}[name]
    assert round(totals.params / 10**9) == {"mixtral_8x7b": 47, "mixtral_8x22b": 141}[name]


def test_a_window_hides_what_it_does_not_save() -> None:
    """Mistral's attention is as dense as without a window, t^2 pairs; of those each query is shown 4,096 at most.

    By hand: the first 4,096 queries see 1, 2, ..., 4,096 keys, the other 4,096 see 4,096 each; a pair takes 2 x 4,096.
    """
    row = report_on("mistral_7b").find("layers[0].attention.self_attention.scaled_dot_product_attention")
    assert row.macs == 8192**2 * 2 * 4096
    shown = 4096 * 4097 // 2 + 4096 * 4096
    assert row.child.op.quantities["masked_mac"].evaluate(row.child.symbols) == shown * 2 * 4096


@pytest.mark.parametrize("name", ["gpt2", "t5_small", "qwen2_0_5b", "gemma_2b", "mamba_130m"])
def test_a_tied_head_works_and_stores_nothing(name: str) -> None:
    """The head is as large as the table of tokens, whose weights it uses."""
    report = report_on(name)
    table, head = report.find("tokens"), report.find("tied_head" if name == "qwen2_0_5b" else "head")
    (tokens,) = head.input[0][:-1]
    assert head.params == 0
    assert head.macs == tokens * table.params > 0


def test_t5_stores_a_table_of_distances_for_each_half() -> None:
    """32 buckets x 8 heads, used by all six layers; what no layer stores is not counted again."""
    report = report_on("t5_small")
    assert report.find("encoder_positions").params == report.find("decoder_positions").params == 32 * 8
    assert report.find("written_tokens").params == 0
    assert report.find("encoder").params == 6 * (4 * 512**2 + 2 * 512 * 2048 + 2 * 512)
    assert report.find("decoder").params == 6 * (8 * 512**2 + 2 * 512 * 2048 + 3 * 512)


def test_a_model_of_126_layers_is_one_layer() -> None:
    """All layers of Llama 3 405B are one object, so it is built and costed in the time of one of them."""
    graph = costcalc.build(costcalc.load("llama3_405b"))
    assert [edge.count for edge in graph.root.edges] == [1, 126, 1, 1]


@pytest.mark.parametrize(
    "name",
    ["gpt2", "bert_base", "t5_small", "llama2_7b", "llama3_405b", "mistral_7b", "mixtral_8x7b", "qwen2_0_5b",
     "qwen2_7b", "gemma_2b", "mamba_130m"],
)  # fmt: skip
def test_every_layer_is_run_and_agrees(name: str) -> None:
    """At the sizes of its `verify` section a model is run as it is, no layer shrunk and none left out."""
    found = verify(costcalc.load(name))
    assert found.section
    assert not found.not_run
    assert not any(row.shrunk for row in found.rows)
    assert found.agreed
