"""The cache of keys and values: distinct stored tensors, worked out by hand.

A number of float32 takes 4 bytes. Unless a test says otherwise there are 128 tokens, of which each leaves its keys and
values behind, and both phases leave the same.
"""

from __future__ import annotations

from typing import Any

import pytest

import costcalc
from costcalc.cost.cache import Cached
from costcalc.cost.language import Language, language
from costcalc.graph.decode import decode, prompt
from costcalc.spec.load import load_text

HEADER = "args: {sequence: 128}\ninput: [sequence, 32]\n"


def view(text: str, phase: Any = decode, batch: int = 1, **args: Any) -> Language:
    return language(costcalc.estimate(phase(load_text(text), args), batch))


def kept(text: str, batch: int = 1, **args: Any) -> tuple[int, list[tuple[str, int, int]]]:
    """Bytes, and path, features and bytes of every tensor; the same after a prompt and after a new token."""
    one, whole = view(text, decode, batch, **args), view(text, prompt, batch, **args)
    assert one.cache_bytes == whole.cache_bytes
    assert list(one.cache.tensors()) == list(whole.cache.tensors())
    tensors = list(one.cache.tensors())
    assert sum(tensor.bytes for tensor in tensors) == one.cache_bytes
    return one.cache_bytes, [(tensor.path, tensor.features, tensor.bytes) for tensor in tensors]


LATENT = (
    HEADER
    + """layers:
  - linear: {out: 4 * 24}
    name: query
  - linear: {out: 24}
    name: latent
    from: input
  - slice: {axis: -1, end: 16}
    name: value
  - scaled_dot_product_attention: {heads: 4, kv_heads: 1, causal: true}
    from: {query: query, key: latent, value: value}
  - linear: {out: 32}
"""
)


def test_a_value_that_is_a_slice_of_the_key_is_stored_once() -> None:
    """DeepSeek's latent attention (gpustack/gguf-parser-go, issue 8): 128 x 24 x 4."""
    assert kept(LATENT) == (128 * 24 * 4, [("latent", 24, 12_288)])


def test_a_latent_that_is_key_and_value() -> None:
    """Without positions the latent is both: it is stored once."""
    text = LATENT.replace("value: value", "value: latent").replace(
        "  - slice: {axis: -1, end: 16}\n    name: value\n", ""
    )
    assert kept(text)[0] == 12_288


@pytest.mark.parametrize(
    ("cut", "features"),
    [("end: 16", 24), ("start: 8", 24), ("start: 4, end: 20", 24), ("end: 24, step: 2", 24)],
)
def test_any_slice_of_the_key(cut: str, features: int) -> None:
    assert kept(LATENT.replace("end: 16", cut))[0] == 128 * features * 4


def test_a_key_and_a_value_that_overlap() -> None:
    """Of 24 features the key takes 0 to 16 and the value 8 to 24: together 24."""
    text = LATENT.replace("4 * 24", "4 * 16").replace(
        "  - slice: {axis: -1, end: 16}\n    name: value\n",
        "  - slice: {axis: -1, end: 16}\n    name: key\n"
        "  - slice: {axis: -1, start: 8}\n    name: value\n    from: latent\n",
    )
    assert kept(text.replace("key: latent", "key: key")) == (12_288, [("latent", 24, 12_288)])


def test_latent_attention_as_deepseek_writes_it() -> None:
    """DeepSeek-V2: a latent of 512 and a turned key of 64, one of them for all heads: 576 numbers a token and layer.

    The key is the latent beside the turned part, the value is the latent alone (DeepSeek-AI 2024, section 2.1, table 1:
    (d_c + d_h^R) elements a token; in bfloat16 2 bytes each).
    """
    text = """
args: {sequence: 100, depth: 5}
input: [sequence, 32]
dtype: bfloat16
blocks:
  latent_attention:
    - linear: {out: 4 * 576}
      name: query
    - linear: {out: 576, bias: false}
      name: down
      from: x
    - slice: {axis: -1, end: 512}
      name: compressed
    - rms_norm:
      name: latent
    - slice: {axis: -1, start: 512}
      name: unturned
      from: down
    - rotary_embedding: {heads: 1}
      name: turned
    - concat: {axis: -1}
      name: key
      from: [latent, turned]
    - scaled_dot_product_attention: {heads: 4, kv_heads: 1, causal: true}
      from: {query: query, key: key, value: latent}
    - linear: {out: 32}
layers:
  - latent_attention:
    repeat: depth
    name: layers
"""
    size, tensors = kept(text)
    assert size == 5 * 100 * 576 * 2
    assert tensors == [("layers[0..4].latent", 512, 512_000), ("layers[0..4].turned", 64, 64_000)]


def test_keys_and_values_of_one_projection() -> None:
    """Of 3 x 32 features the queries' 32 are not kept: 2 x 32 x 4 bytes a token."""
    text = (
        HEADER
        + """layers:
  - linear: {out: 96}
    name: packed
  - scaled_dot_product_attention:
      heads: 4
      causal: true
      query: [{slice: {axis: -1, end: 32}}]
      key: [{slice: {axis: -1, start: 32, end: 64}}]
      value: [{slice: {axis: -1, start: 64}}]
"""
    )
    assert kept(text) == (128 * 64 * 4, [("packed", 64, 32_768)])


def test_keys_and_values_that_lie_head_by_head() -> None:
    """4 heads of [query, key, value] with 8 features each: of 96 features the keys and values are 64."""
    part = "[{reshape: {shape: [sequence, 4, 3, 8]}}, {slice: {axis: 2, start: K, end: K + 1}}, {reshape: {shape: [sequence, 32]}}]"
    parts = "".join(f"      {name}: {part.replace('K', str(k))}\n" for k, name in enumerate(("query", "key", "value")))
    text = HEADER + "layers:\n  - linear: {out: 96}\n    name: packed\n  - scaled_dot_product_attention:\n"
    text += "      heads: 4\n      causal: true\n" + parts
    assert kept(text)[0] == 128 * 64 * 4


TWO = (
    HEADER
    + """layers:
  - linear: {out: 32}
    name: key
  - linear: {out: 16}
    name: value
    from: input
  - scaled_dot_product_attention: {heads: 4, causal: true}
    name: first
    from: {query: input, key: key, value: value}
  - linear: {out: 32}
    name: query
  - scaled_dot_product_attention: {heads: 4, causal: true}
    name: second
    from: {query: query, key: key, value: value}
"""
)


def test_two_layers_that_read_one_key_and_value() -> None:
    assert kept(TWO) == (128 * 48 * 4, [("key", 32, 16_384), ("value", 16, 8_192)])


def test_the_widest_window_decides_how_much_is_kept() -> None:
    """The first keeps 10 tokens, the second all 128, of the same tensors."""
    assert kept(TWO.replace("causal: true", "causal: true, window: 10", 1))[0] == 128 * 48 * 4
    assert kept(TWO.replace("causal: true", "causal: true, window: 10"))[0] == 10 * 48 * 4


def test_windows_over_different_parts_of_one_tensor() -> None:
    """Key: 24 features of all 128 tokens for one layer; its first 16 as the key of another, of 10 tokens, are in it."""
    text = LATENT.replace(
        "  - linear: {out: 32}\n",
        """  - linear: {out: 64}
    name: again
  - scaled_dot_product_attention: {heads: 4, kv_heads: 1, causal: true, window: 10}
    from: {query: again, key: value, value: latent}
""",
    )
    assert kept(text)[0] == 128 * 24 * 4
    narrow = text.replace("causal: true}", "causal: true, window: 20}").replace("window: 10", "window: 30")
    assert kept(narrow)[0] == 30 * 24 * 4


def test_query_key_and_value_without_projections() -> None:
    """As in cases/faults/decode_other_arg_name: 64 tokens x (16 + 16) x 4 bytes, a key and a value."""
    text = """
args: {T: 128}
input: [T]
layers:
  - embedding: {count: 100, out: 16}
  - add:
      token: []
      place: [{parameter: {shape: [T, 16]}}]
  - scaled_dot_product_attention: {heads: 2, causal: true}
    from: {query: add, key: add, value: add}
  - linear: {out: 100}
"""
    assert kept(text, T=64)[0] == 8_192


LAYER = """
args: {sequence: 128}
input: [sequence, 32]
blocks:
  layer:
    - linear: {out: 32}
      name: query
    - linear: {out: 16}
      name: key
      from: x
    - linear: {out: 16}
      name: value
      from: x
    - scaled_dot_product_attention: {heads: 4, kv_heads: 2, causal: true}
      from: {query: query, key: key, value: value}
layers:
  - layer:
    repeat: 5
    name: layers
"""


def test_every_layer_of_a_repeat_has_a_cache() -> None:
    """Grouped queries: 2 heads of 8 features for keys and for values, in 5 layers; 3 items of a batch."""
    assert kept(LAYER) == (
        5 * 128 * 32 * 4,
        [("layers[0..4].key", 16, 40_960), ("layers[0..4].value", 16, 40_960)],
    )
    assert kept(LAYER, batch=3)[0] == 3 * 5 * 128 * 32 * 4
    assert kept(LAYER.replace("repeat: 5", "repeat: 1"))[1][0][0] == "layers[0].key"


def test_shared_weights_are_no_shared_cache() -> None:
    """Each run of a layer keeps its own keys and values, whoever's weights it uses (ALBERT)."""
    assert kept(LAYER.replace("name: layers", "name: layers\n    share: layers"))[0] == 5 * 128 * 32 * 4


def test_a_million_layers_are_told_by_one() -> None:
    assert kept(LAYER.replace("repeat: 5", "repeat: 1000000"))[0] == 10**6 * 128 * 32 * 4


def test_layers_that_read_the_keys_of_the_first() -> None:
    """YOCO (Sun et al. 2024): one key and one value for all 5 layers after it."""
    text = (
        HEADER
        + """blocks:
  reader from x, key, value:
    - linear: {out: 32}
      name: query
    - scaled_dot_product_attention: {heads: 4, kv_heads: 2, causal: true}
      from: {query: query, key: key, value: value}
layers:
  - linear: {out: 16}
    name: key
  - linear: {out: 16}
    name: value
    from: input
  - reader:
    from: {x: input, key: key, value: value}
    repeat: 5
    name: readers
"""
    )
    assert kept(text) == (128 * 32 * 4, [("key", 16, 8_192), ("value", 16, 8_192)])


def test_what_a_block_gives_is_the_tensor_inside_it() -> None:
    """The block reads its key inside, and gives it on under another shape; the attention after it reads it again."""
    text = (
        HEADER
        + """blocks:
  keys:
    - linear: {out: 32}
      name: key
    - scaled_dot_product_attention: {heads: 4, causal: true}
      name: mixed
      from: {query: x, key: key, value: key}
    - slice: {axis: -1, end: 8}
      name: little
    - concat: {axis: -1}
      from: [little, key]
    - slice: {axis: -1, start: 8}
layers:
  - keys:
  - scaled_dot_product_attention: {heads: 4, causal: true}
    from: {query: input, key: keys, value: keys}
"""
    )
    assert kept(text) == (128 * 32 * 4, [("keys.key", 32, 16_384)])


def test_keys_that_are_the_output_of_the_layer_before() -> None:
    """Each of 4 layers reads its input as key and value, with a projected query: the input and 3 outputs are kept."""
    text = (
        HEADER
        + """blocks:
  layer:
    - linear: {out: 32}
      name: query
    - scaled_dot_product_attention: {heads: 4, causal: true}
      from: {query: query, key: x, value: x}
layers:
  - layer:
    repeat: 4
    name: layers
"""
    )
    size, tensors = kept(text)
    assert size == 4 * 128 * 32 * 4
    attention = "scaled_dot_product_attention"
    assert [path for path, _, _ in tensors] == ["input", f"layers[0].{attention}", f"layers[1..2].{attention}"]


@pytest.mark.parametrize(
    ("after", "path"),
    [
        ("", "key"),
        ("    - rotary_embedding: {heads: 2}\n      name: turned\n", "turned"),
        ("    - linear: {out: 16}\n      name: turned\n", "turned"),
        ("    - dropout:\n      name: turned\n", "key"),  # a view: what is stored is the key
        ("    - reshape: {shape: [-1, 16]}\n      name: turned\n", "key"),
    ],
)
def test_what_is_cached_is_what_attention_reads(after: str, path: str) -> None:
    """A key that is turned, or projected, before it is read is kept as it is read."""
    text = LAYER.replace(
        "    - linear: {out: 16}\n      name: value", after + "    - linear: {out: 16}\n      name: value"
    )
    text = text.replace("key: key", "key: turned") if after else text
    assert kept(text)[1][0] == (f"layers[0..4].{path}", 16, 40_960)


@pytest.mark.parametrize(("dtype", "bits"), [("float16", 16), ("int8", 8), ("int4", 4), ("float64", 64)])
def test_the_format_is_that_of_the_layer_that_makes_it(dtype: str, bits: int) -> None:
    """The key alone is in another format; a tensor is a whole number of bytes."""
    text = LAYER.replace("      name: key\n", f"      name: key\n      dtype: {dtype}\n", 1)
    assert kept(text)[0] == 5 * (128 * 16 * bits // 8 + 128 * 16 * 4)


def test_a_tensor_is_a_whole_number_of_bytes() -> None:
    """7 tokens x 5 features x 4 bits = 140 bits = 17.5 bytes, so 18; two of them are 36, not 35."""
    text = """
args: {sequence: 7}
input: [sequence, 5]
dtype: int4
layers:
  - linear: {out: 5}
    name: key
  - linear: {out: 5}
    name: value
  - scaled_dot_product_attention: {causal: true}
    from: {query: input, key: key, value: value}
"""
    assert kept(text)[0] == 36
    assert kept(text, batch=2)[0] == 70


def test_a_layer_that_is_not_run_keeps_nothing() -> None:
    text = TWO + "output: first\n"
    assert kept(text)[0] == 128 * 48 * 4
    extra = TWO.replace("name: query\n", "name: query\n  - linear: {out: 32}\n    name: unused\n    from: query\n")
    extra = extra.replace("from: {query: query, key: key", "from: {query: query, key: unused")
    assert kept(extra + "output: first\n")[0] == 128 * 48 * 4


def test_the_tensors_of_a_doubling_tower_are_not_listed_one_by_one() -> None:
    """2^40 layers: their bytes are known at once, and the first tensors, too."""
    blocks = "".join(f"  b{k}:\n    - b{k - 1}:\n    - b{k - 1}:\n" for k in range(1, 41))
    head = LAYER.replace("  layer:\n", "  b0:\n").partition("layers:\n")[0]
    cache = view(f"{head}{blocks}layers:\n  - b40:\n").cache
    assert cache.bytes == 2**40 * 128 * 32 * 4
    assert next(cache.tensors()).path.endswith(".key")


def test_what_a_tensor_of_the_cache_is_called() -> None:
    (tensor,) = view(LATENT, sequence=7).cache.tensors()
    assert tensor == Cached(path="latent", copies=1, tokens=7, features=24, bytes=7 * 24 * 4)
