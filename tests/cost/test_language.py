"""The language view: prefill and decode of a small model by hand, and of published ones."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import costcalc
from costcalc.cost.language import Language, language
from costcalc.errors import CostcalcError
from costcalc.graph.decode import decode, prompt
from costcalc.graph.model import Graph
from costcalc.spec.load import load_text

SPEC = """
name: tiny
args: {sequence: 6, window: 100}
input: [sequence, 8]
dtype: bfloat16
layers:
  - scaled_dot_product_attention:
      heads: 4
      kv_heads: 2
      causal: true
      window: window
      query: []
      key: [{linear: {out: 4, bias: false}}]
      value: [{linear: {out: 4, bias: false}}]
    repeat: 3
    name: layers
  - linear: {out: 11, bias: false}
"""
# a layer: keys and values are 8 -> 4, two matrices of 32 weights; 4 heads of 2 features, 2 heads of keys


def prefill(args: dict[str, int], batch: int = 1) -> Language:
    return language(costcalc.estimate(costcalc.build(load_text(SPEC), args), batch))


def decoded(args: dict[str, int], context: int, batch: int = 1) -> Language:
    return language(costcalc.estimate(decode(load_text(SPEC), args, sequence=context), batch))


def test_prefill_by_hand() -> None:
    """6 tokens: 36 pairs, of which causality leaves 1+2+3+4+5+6 = 21; each takes 4 heads x (2 + 2) products."""
    view = prefill({})
    assert view.attention_macs == 3 * 36 * 4 * 4
    assert view.masked_attention_macs == 3 * 21 * 4 * 4
    assert view.macs == 3 * (36 * 16 + 6 * 64) + 6 * 88
    assert view.masked_macs == 3 * (21 * 16 + 6 * 64) + 6 * 88
    # keys and values: 6 tokens of 4 + 4 numbers in 2 bytes, in 3 layers
    assert view.cache_bytes == 3 * 6 * 8 * 2
    assert (view.tokens, view.context) == (6, 6)


def test_decode_by_hand() -> None:
    """One token looks at 50: 50 pairs a head; everything else is done for one token. A batch does it all again."""
    view = decoded({}, 50, batch=3)
    assert view.attention_macs == view.masked_attention_macs == 3 * 3 * 50 * 16
    assert view.macs == 3 * (3 * (50 * 16 + 64) + 88)
    assert view.cache_bytes == 3 * 3 * 50 * 8 * 2
    assert (view.tokens, view.context) == (1, 50)


def test_a_window_bounds_the_cache() -> None:
    """With a window of 10, a token at place 50 looks at 10 and keeps 10."""
    view = decoded({"window": 10}, 50)
    assert view.attention_macs == 3 * 10 * 16
    assert view.cache_bytes == 3 * 10 * 8 * 2


def test_decoding_needs_a_model_that_generates() -> None:
    with pytest.raises(CostcalcError, match="bert_base has no causal attention"):
        decode(costcalc.load("bert_base"))
    with pytest.raises(CostcalcError, match=r"basic\.yaml does not take one row of tokens"):
        decode(costcalc.load("basic"))
    with pytest.raises(CostcalcError, match="basic has no attention"):
        language(costcalc.estimate(costcalc.build(costcalc.load("basic"))))


def test_llama_2_7b_keeps_half_a_megabyte_a_token() -> None:
    """32 layers x (4096 + 4096) numbers x 2 bytes = 524,288 bytes a token (Touvron et al. 2023: plain attention)."""
    view = language(costcalc.estimate(decode(costcalc.load("llama2_7b"), sequence=4096)))
    assert view.cache_bytes == 4096 * 524_288
    # every weight but the embedding's 32000 x 4096 and the 65 norms' 4096 is used once
    matrices = 6_738_415_616 - 32_000 * 4096 - 65 * 4096
    assert view.macs == matrices + 32 * 2 * 4096 * 4096


@pytest.mark.parametrize("phase", [prompt, decode])
def test_mistral_keeps_its_window_alone(phase: Callable[..., Graph]) -> None:
    """A prompt of 8,192 tokens leaves 4,096: 32 layers x 2 x 8 heads of keys and values x 128 x 4,096 x 2 bytes.

    By hand from config.json of mistralai/Mistral-7B-v0.1; without the window it would be twice as much.
    """
    view = language(costcalc.estimate(phase(costcalc.load("mistral_7b"), sequence=8192)))
    assert view.cache_bytes == 32 * 2 * 8 * 128 * 4096 * 2 == 536_870_912
    assert view.kept == (4096,)
