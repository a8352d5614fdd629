"""Attention: every query takes a weighted mean of the values, weighted by how well it meets their keys.

    score[t, s] = scale * sum over d of query[t, d] * key[s, d] + bias[t, s]
    y[t, e] = sum over s of softmax(score[t])[s] * value[s, e]

All scores are computed, and then those of keys that a query may not see become minus infinity; that is why `macs` are
the dense count, also with `causal` and `window`. `masked_mac` counts only the pairs that stay. The last query stands at
the place of the last key. A causal query sees the keys up to its own place, the last `window` of them; without `causal`
the window lies around its place, window // 2 keys to either side.
"""

from __future__ import annotations

from costcalc.errors import Fault
from costcalc.ops.formula import Symbols
from costcalc.ops.kinds import COUNT, FLAG, NUMBER
from costcalc.ops.op import UNKNOWN, Argument, Op, Setting, Shape, tally


def infer(setting: Setting) -> Shape:
    query, key, value, bias = setting.inputs
    heads, kv_heads = setting["heads"], kv_heads_of(setting)
    for name, shape in (("query", query), ("key", key), ("value", value)):
        if len(shape) < 2:
            raise Fault(f"attention needs [..., tokens, features], got the {name} {list(shape)}")
    if heads % kv_heads:
        raise Fault(f"kv_heads={kv_heads} must divide heads={heads}")
    for name, shape, count in (("query", query, heads), ("key", key, kv_heads), ("value", value, kv_heads)):
        if shape[-1] % count:
            word = "heads" if name == "query" else "kv_heads"
            raise Fault(f"{word}={count} must divide the {shape[-1]} features of the {name}")
    if query[-1] // heads != key[-1] // kv_heads:
        raise Fault(
            f"the query {list(query)} and the key {list(key)} differ in the features of a head "
            f"({query[-1]} / {heads} = {query[-1] // heads} and {key[-1]} / {kv_heads} = {key[-1] // kv_heads})"
        )
    if key[:-1] != value[:-1]:
        raise Fault(f"the key {list(key)} and the value {list(value)} need the same tokens")
    if query[:-2] != key[:-2]:
        raise Fault(f"the query {list(query)} and the key {list(key)} differ before their tokens")
    if (setting["causal"] or setting["window"] is not None) and query[-2] > key[-2]:
        word = "causal" if setting["causal"] else "window"
        raise Fault(f"{word} needs a key for every query: {query[-2]} queries, {key[-2]} keys")
    if bias is not None:
        need_bias(bias, (*query[:-2], heads, query[-2], key[-2]))
    return (*query[:-1], heads * (value[-1] // kv_heads))


def kept(setting: Setting) -> int:
    """Keys and values that the tokens to come will read: as many as there are, or as the window holds."""
    if not setting["causal"]:
        return 0
    keys: int = setting.inputs[1][-2]
    return keys if setting["window"] is None else min(keys, setting["window"])


def decoded(setting: Setting, axes: tuple[int | None, ...], context: int) -> Setting:
    """One new query, which meets its own key and those kept of the tokens before; memory that is no token stays whole.

    Raises:
        Fault: what the tokens before saw would change, or this is not one query for each token.
    """
    query, key, value, bias = setting.inputs
    asking, answering = axes[0], axes[1] if axes[1] is not None else axes[2]
    if bias is not None and len(bias) > 1 and axes[3] is None and bias[-2] == context and asking == len(query) - 2:
        bias = (*bias[:-2], 1, bias[-1])
    if answering is None or (answering != UNKNOWN and answering < len(key) - 2):
        return Setting(setting.arguments, (query, key, value, bias), setting.layout)
    if not setting["causal"]:
        raise Fault(
            "attention that is not causal cannot be decoded: a new token would change what those before it saw",
            "'causal: true' if a token looks back only; an encoder reads everything at once, as in --phase prefill",
        )
    if query[-2] != 1 or asking is None:
        raise Fault(
            f"decoding makes one token at a time, and {query[-2]} queries stand here",
            "each token asks one query, at the axis before the features",
        )
    rows = key[-2] - 1 + context  # what stands before the tokens, as a prefix does, is kept, too
    seen = rows if setting["window"] is None else min(rows, setting["window"])
    if bias is not None and bias[-1] != 1:
        bias = (*bias[:-1], seen)
    inputs = (query, (*key[:-2], seen, key[-1]), (*value[:-2], seen, value[-1]), bias)
    return Setting(setting.arguments, inputs, setting.layout)


def need_bias(bias: Shape, scores: Shape) -> None:
    """Raise a `Fault` unless a bias can be added to the scores without making more of them."""
    if len(bias) > len(scores) or any(
        own not in (1, size) for own, size in zip(bias, scores[len(scores) - len(bias) :], strict=True)
    ):
        raise Fault(
            f"the bias {list(bias)} does not fit the scores {list(scores)}", "[..., heads, queries, keys], or 1 for all"
        )


def kv_heads_of(setting: Setting) -> int:
    """The number of heads of the keys and values."""
    count: int = setting["kv_heads"] or setting["heads"]
    return count


def pairs(queries: int, keys: int, *, causal: bool, window: int | None) -> int:
    """The number of pairs of query and key that the mask leaves.

    A query sees itself, the keys before it as far as it may look back, and those after it as far as it may look on.
    """
    if causal:
        back, on = keys if window is None else window - 1, 0
    elif window is not None:
        back = on = window // 2
    else:
        return queries * keys
    before_first = keys - queries
    return queries + _capped(keys, back) - _capped(before_first, back) + _capped(queries, on)


def _capped(count: int, cap: int) -> int:
    """min(0, cap) + min(1, cap) + ... + min(count - 1, cap), without the loop."""
    rising = min(count, cap)
    return rising * (rising - 1) // 2 + (count - rising) * cap


def symbols(setting: Setting, output: Shape) -> Symbols:
    query, key, value, bias = setting.inputs
    window, causal = setting["window"], setting["causal"]
    return {
        "n": query[:-2],
        "h": setting["heads"],
        "g": kv_heads_of(setting),
        "t": query[-2],
        "s": key[-2],
        "d": query[-1] // setting["heads"],
        "e": value[-1] // kv_heads_of(setting),
        "f": int(setting["scale"] != 1),
        "b": int(bias is not None),
        "v": pairs(query[-2], key[-2], causal=causal, window=window),
    }


OP = Op(
    name="scaled_dot_product_attention",
    about="Every query takes a mean of the values, weighted by how well it meets their keys, head by head.",
    source="PyTorch, torch.nn.functional.scaled_dot_product_attention; Vaswani et al. 2017",
    also={"pytorch": "scaled_dot_product_attention", "other": "sdpa flash_attention"},
    rule="query [..., T, heads * d], key [..., S, kv_heads * d], value [..., S, kv_heads * e] give [..., T, heads * e]",
    axes="last",
    arguments=(
        Argument("heads", COUNT, 1, "parts of the features that attend on their own"),
        Argument(
            "kv_heads", COUNT, None, "heads of key and value, shared by groups of query heads; heads if not given"
        ),
        Argument("causal", FLAG, False, "a query sees no key after its own place"),
        Argument("window", COUNT, None, "keys a query sees: the last ones if causal, else window // 2 to either side"),
        Argument("scale", NUMBER, None, "factor of the scores; 1 / sqrt(d) when not given, and 1 multiplies nothing"),
    ),
    inputs=("query", "key", "value", "bias?"),
    decoded=decoded,
    kept=kept,
    infer=infer,
    symbols=symbols,
    tally=tally(
        mac="n * h * t * s * (d + e)",
        mul="f * n * h * t * s",
        add="(b + 2) * n * h * t * s",
        compare="n * h * t * (s - 1)",
        exp="n * h * t * s",
        div="n * h * t * s",
    ),
    quantities=tally(
        masked_mac="n * h * v * (d + e)",
        score="n * h * t * s",
        query_element="n * t * h * d",
        key_element="n * s * g * d",
    ),
    meanings={
        "n": "sequences, or windows, that attend on their own",
        "h": "heads",
        "g": "heads of keys and values",
        "t": "queries",
        "s": "keys",
        "d": "features of a query and a key, for a head",
        "e": "features of a value, for a head",
        "f": "1 with a factor, 0 when scale is 1",
        "b": "1 with a bias, else 0",
        "v": "pairs of query and key that the mask leaves",
    },
)
