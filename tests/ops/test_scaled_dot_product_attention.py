"""Attention, by hand: T * S scores a head, of d products each, and then e sums of S products."""

from __future__ import annotations

from typing import Any

import pytest

# fmt: off
# fact: (op, arguments, input shapes, output shape, weights, tally), all by hand
CASES: dict[str, tuple[Any, ...]] = {
    "one head": (
        # 5 * 5 = 25 scores of 6 products: 150; 5 * 4 outputs of 5 products: 100
        # a factor for each score; a row of 5: 4 compare, 5 + 5 add, 5 exp, 5 div; 5 rows
        "scaled_dot_product_attention", {}, [(5, 6), (5, 6), (5, 4)],
        (5, 4), {}, {"mac": 250, "mul": 25, "compare": 20, "add": 50, "exp": 25, "div": 25},
    ),
    "heads share the features, and have scores each": (
        # 2 heads, 3 and 2 features: 2 * 25 * (3 + 2) = 250; 50 scores in 10 rows
        "scaled_dot_product_attention", {"heads": 2}, [(5, 6), (5, 6), (5, 4)],
        (5, 4), {}, {"mac": 250, "mul": 50, "compare": 40, "add": 100, "exp": 50, "div": 50},
    ),
    "cross attention": (
        # 5 * 7 = 35 scores of 6 and 35 times 4 products: 350; 5 rows of 7
        "scaled_dot_product_attention", {}, [(5, 6), (7, 6), (7, 4)],
        (5, 4), {}, {"mac": 350, "mul": 35, "compare": 30, "add": 70, "exp": 35, "div": 35},
    ),
    "two heads of key and value serve six of the query": (
        # 6 heads of 2 features; the value has 2 heads of 3: 6 * 20 * (2 + 3) = 600; 120 scores in 6 * 4 = 24 rows of 5
        "scaled_dot_product_attention", {"heads": 6, "kv_heads": 2}, [(4, 12), (5, 4), (5, 6)],
        (4, 18), {}, {"mac": 600, "mul": 120, "compare": 96, "add": 240, "exp": 120, "div": 120},
    ),
    "windows attend on their own": (
        # 3 * 2 windows of the first case
        "scaled_dot_product_attention", {}, [(3, 2, 5, 6), (3, 2, 5, 6), (3, 2, 5, 4)],
        (3, 2, 5, 4), {}, {"mac": 1500, "mul": 150, "compare": 120, "add": 300, "exp": 150, "div": 150},
    ),
    "a bias is an addition a score": (
        "scaled_dot_product_attention", {"heads": 2}, [(5, 6), (5, 6), (5, 4), (2, 5, 5)],
        (5, 4), {}, {"mac": 250, "mul": 50, "compare": 40, "add": 150, "exp": 50, "div": 50},
    ),
    "a bias for all heads, one for each window": (
        # 3 windows of 2 heads: 3 * 50 scores
        "scaled_dot_product_attention", {"heads": 2}, [(3, 5, 6), (3, 5, 6), (3, 5, 4), (3, 1, 5, 5)],
        (3, 5, 4), {}, {"mac": 750, "mul": 150, "compare": 120, "add": 450, "exp": 150, "div": 150},
    ),
    "a factor of 1 multiplies nothing (T5)": (
        "scaled_dot_product_attention", {"scale": 1}, [(5, 6), (5, 6), (5, 4)],
        (5, 4), {}, {"mac": 250, "compare": 20, "add": 50, "exp": 25, "div": 25},
    ),
    "a mask changes nothing: all scores are computed": (
        "scaled_dot_product_attention", {"causal": True, "window": 2}, [(5, 6), (5, 6), (5, 4)],
        (5, 4), {}, {"mac": 250, "mul": 25, "compare": 20, "add": 50, "exp": 25, "div": 25},
    ),
    "one token after six others": (
        # 7 scores of 6 products, 4 sums of 7
        "scaled_dot_product_attention", {"causal": True}, [(1, 6), (7, 6), (7, 4)],
        (1, 4), {}, {"mac": 70, "mul": 7, "compare": 6, "add": 14, "exp": 7, "div": 7},
    ),
    "a layer of ViT-B/16 (measured: 715,327,488 multiply-adds in 12 layers)": (
        # 12 * 197 * 197 * (64 + 64) = 59,610,624 = 715,327,488 / 12; 465,708 scores in 12 * 197 = 2,364 rows
        "scaled_dot_product_attention", {"heads": 12}, [(197, 768), (197, 768), (197, 768)],
        (197, 768), {},
        {"mac": 59_610_624, "mul": 465_708, "compare": 463_344, "add": 931_416, "exp": 465_708, "div": 465_708},
    ),
    "PyTorch's test of its flop counter: 4 * 8 * 128 * 128 * 64, causal, 134,217,728 flops for a batch of 4": (
        # 134,217,728 / 4 / 2 = 16,777,216; 8 * 128 * 128 = 131,072 scores in 1,024 rows
        "scaled_dot_product_attention", {"heads": 8, "causal": True}, [(128, 512), (128, 512), (128, 512)],
        (128, 512), {},
        {"mac": 16_777_216, "mul": 131_072, "compare": 130_048, "add": 262_144, "exp": 131_072, "div": 131_072},
    ),
}

# fact: (op, arguments, input shapes, message, hint)
REFUSED: dict[str, tuple[Any, ...]] = {
    "a vector": (
        "scaled_dot_product_attention", {}, [(6,), (5, 6), (5, 4)],
        "attention needs [..., tokens, features], got the query [6]", "",
    ),
    "heads that do not divide": (
        "scaled_dot_product_attention", {"heads": 4}, [(5, 6), (5, 6), (5, 6)],
        "heads=4 must divide the 6 features of the query", "",
    ),
    "groups of heads that do not divide": (
        "scaled_dot_product_attention", {"heads": 3, "kv_heads": 2}, [(5, 6), (5, 6), (5, 6)],
        "kv_heads=2 must divide heads=3", "",
    ),
    "a value that has no such heads": (
        "scaled_dot_product_attention", {"heads": 3}, [(5, 6), (5, 6), (5, 7)],
        "kv_heads=3 must divide the 7 features of the value", "",
    ),
    "kv_heads forgotten": (
        "scaled_dot_product_attention", {"heads": 4}, [(5, 16), (5, 8), (5, 8)],
        "the query [5, 16] and the key [5, 8] differ in the features of a head (16 / 4 = 4 and 8 / 4 = 2)", "",
    ),
    "a value for other tokens": (
        "scaled_dot_product_attention", {}, [(5, 6), (7, 6), (5, 6)],
        "the key [7, 6] and the value [5, 6] need the same tokens", "",
    ),
    "other windows": (
        "scaled_dot_product_attention", {}, [(2, 5, 6), (3, 5, 6), (3, 5, 6)],
        "the query [2, 5, 6] and the key [3, 5, 6] differ before their tokens", "",
    ),
    "a first query that could see no key": (
        "scaled_dot_product_attention", {"causal": True}, [(7, 6), (5, 6), (5, 6)],
        "causal needs a key for every query: 7 queries, 5 keys", "",
    ),
    "the same with a window": (
        "scaled_dot_product_attention", {"window": 3}, [(7, 6), (5, 6), (5, 6)],
        "window needs a key for every query: 7 queries, 5 keys", "",
    ),
    "a bias of other heads": (
        "scaled_dot_product_attention", {"heads": 2}, [(5, 6), (7, 6), (7, 6), (3, 5, 7)],
        "the bias [3, 5, 7] does not fit the scores [2, 5, 7]", "[..., heads, queries, keys], or 1 for all",
    ),
    "a bias with windows that are not there": (
        "scaled_dot_product_attention", {"heads": 2}, [(5, 6), (7, 6), (7, 6), (3, 2, 5, 7)],
        "the bias [3, 2, 5, 7] does not fit the scores [2, 5, 7]", "[..., heads, queries, keys], or 1 for all",
    ),
}
# fmt: on


@pytest.mark.parametrize("fact", CASES)
def test_work(work: Any, fact: str) -> None:
    op, arguments, inputs, *expected = CASES[fact]
    done = work(op, arguments, *inputs)
    assert [done.shape, done.weights, done.tally] == expected


@pytest.mark.parametrize("fact", REFUSED)
def test_refused(refuse: Any, fact: str) -> None:
    op, arguments, inputs, *expected = REFUSED[fact]
    assert list(refuse(op, arguments, *inputs)) == expected


# (queries, keys, causal, window) -> how many keys each query sees, first to last, counted on paper
SEEN: list[tuple[int, int, bool, int | None, list[int]]] = [
    (5, 5, False, None, [5, 5, 5, 5, 5]),
    (3, 7, False, None, [7, 7, 7]),
    (7, 3, False, None, [3, 3, 3, 3, 3, 3, 3]),
    (5, 5, True, None, [1, 2, 3, 4, 5]),
    (1, 7, True, None, [7]),  # a token that is generated sees all before it
    (3, 7, True, None, [5, 6, 7]),
    (5, 5, True, 1, [1, 1, 1, 1, 1]),
    (5, 5, True, 2, [1, 2, 2, 2, 2]),
    (5, 5, True, 3, [1, 2, 3, 3, 3]),
    (5, 5, True, 9, [1, 2, 3, 4, 5]),
    (1, 7, True, 3, [3]),
    (3, 7, True, 6, [5, 6, 6]),
    (5, 5, False, 1, [1, 1, 1, 1, 1]),
    (5, 5, False, 3, [2, 3, 3, 3, 2]),
    (5, 5, False, 2, [2, 3, 3, 3, 2]),  # one key to either side, and its own
    (5, 5, False, 9, [5, 5, 5, 5, 5]),
    (3, 7, False, 5, [5, 4, 3]),  # the places 4, 5, 6 of 0 to 6
    (3, 7, False, 9, [7, 6, 5]),
]


@pytest.mark.parametrize(("queries", "keys", "causal", "window", "seen"), SEEN)
def test_masked_mac_counts_only_what_a_query_sees(
    work: Any, queries: int, keys: int, causal: bool, window: int | None, seen: list[int]
) -> None:
    arguments = {"heads": 2, "causal": causal} | ({} if window is None else {"window": window})
    done = work("scaled_dot_product_attention", arguments, (queries, 6), (keys, 6), (keys, 4))
    # 2 heads, each with 3 products for a score and 2 for the mean
    assert done.quantities["masked_mac"] == 2 * sum(seen) * (3 + 2)
    assert done.tally["mac"] == 2 * queries * keys * (3 + 2)


def test_a_long_sequence_takes_no_longer(work: Any) -> None:
    """Pairs are counted without a loop over the queries: n (n + 1) / 2 of them."""
    n = 10**9
    done = work("scaled_dot_product_attention", {"causal": True}, (n, 1), (n, 1), (n, 1))
    assert done.quantities["masked_mac"] == n * (n + 1)


def test_mistral_7b_at_its_window(work: Any) -> None:
    """32 heads of 128 on 8 of key and value; the first 4,096 tokens see 1, 2, ... keys, the other 4,096 see 4,096."""
    arguments = {"heads": 32, "kv_heads": 8, "causal": True, "window": 4096}
    done = work("scaled_dot_product_attention", arguments, (8192, 4096), (8192, 1024), (8192, 1024))
    pairs = 4096 * 4097 // 2 + 4096 * 4096
    assert done.shape == (8192, 4096)
    assert done.quantities["masked_mac"] == 32 * pairs * 256


# what comes out, by hand; tests/reference/test_kernels.py runs it
VALUES = """
scaled_dot_product_attention:
  - why: the scores are 0 and ln 3, the shares 1/4 and 3/4; 0.25 * 4 + 0.75 * 8
    arguments: {scale: 1}
    inputs: [[[1.0986122886681098]], [[0], [1]], [[4], [8]]]
    output: [[7]]
  - why: the same, as four features divide the score of 2 ln 3 by 2
    inputs: [[[2.1972245773362196, 0, 0, 0]], [[0, 0, 0, 0], [1, 0, 0, 0]], [[4], [8]]]
    output: [[7]]
  - why: the first head has the scores 0 and 0, the second 0 and ln 3
    arguments: {heads: 2, scale: 1}
    inputs: [[[0, 1.0986122886681098]], [[5, 0], [5, 1]], [[4, 4], [8, 8]]]
    output: [[6, 7]]
  - why: two heads of the query, ln 3 and -ln 3, take one head of the key and the value
    arguments: {heads: 2, kv_heads: 1, scale: 1}
    inputs: [[[1.0986122886681098, -1.0986122886681098]], [[0], [1]], [[4], [8]]]
    output: [[7, 5]]
  - why: equal scores; the first query sees the first value, the second both
    arguments: {causal: true}
    inputs: [[[0], [0]], [[0], [0]], [[4], [8]]]
    output: [[4], [6]]
  - why: one query after three keys sees them all; (1 + 10 + 100) / 3
    arguments: {causal: true}
    inputs: [[[0]], [[0], [0], [0]], [[1], [10], [100]]]
    output: [[37]]
  - why: the last two of them; (10 + 100) / 2
    arguments: {causal: true, window: 2}
    inputs: [[[0]], [[0], [0], [0]], [[1], [10], [100]]]
    output: [[55]]
  - why: one key to either side; (3 + 6) / 2, (3 + 6 + 12) / 3, (6 + 12) / 2
    arguments: {window: 3}
    inputs: [[[0], [0], [0]], [[0], [0], [0]], [[3], [6], [12]]]
    output: [[4.5], [7], [9]]
  - why: a bias of 0 and ln 3 on equal scores
    inputs: [[[0]], [[0], [0]], [[4], [8]], [[0, 1.0986122886681098]]]
    output: [[7]]
  - why: two windows; the bias stands for the second alone
    inputs: [[[[0]], [[0]]], [[[0], [0]], [[0], [0]]], [[[4], [8]], [[40], [80]]], [[[[0, 0]]], [[[0, 1.0986122886681098]]]]]
    output: [[[6]], [[70]]]
"""
