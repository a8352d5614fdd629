"""Random layers: any op of the catalogue with arguments and small input shapes that fit it (a hypothesis strategy).

What an op takes is read off its arguments and its axes; `RECIPES` has those for which that is not enough. Sizes are
small, unequal and of both parities.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from fractions import Fraction
from math import prod
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from costcalc.errors import Fault
from costcalc.graph.model import Layer
from costcalc.ops import catalogue
from costcalc.ops.kinds import AXIS, COUNT, COUNTS, FLAG, NATURAL, NATURALS, NUMBER, PADDING, SHARE, WHOLE, Kind
from costcalc.ops.op import REQUIRED, Op
from costcalc.reference.shrink import layer_at

Shape = tuple[int, ...]
Draw = Callable[..., Any]
Drawn = tuple[dict[str, Any], list[Shape | None]]
"""Arguments that are given, and input shapes with the channels first."""

LARGEST = {1: 12, 2: 9, 3: 5}
"""Spatial axes -> the largest side."""


def layer_of(name: str, given: Mapping[str, Any], shapes: list[Shape | None], layout: str = "channels_first") -> Layer:
    """The layer of an op with some of its arguments, the others at their defaults."""
    op = catalogue()[name]
    arguments = {
        argument.name: argument.default
        if given.get(argument.name) is None
        else argument.kind.check(given[argument.name])
        for argument in op.arguments
    }
    assert given.keys() <= arguments.keys()
    assert REQUIRED not in arguments.values()
    if op.inputs != ("*",):
        shapes = shapes + [None] * (len(op.inputs) - len(shapes))
    return layer_at(op, arguments, tuple(shapes), layout)


def channels_last(shape: Shape | None) -> Shape | None:
    return shape if shape is None else (*shape[1:], shape[0])


@st.composite
def layers(draw: Draw, names: tuple[str, ...] = ()) -> Layer:
    """A layer of one of the named ops; of any op when none is named."""
    name = draw(st.sampled_from(names or tuple(catalogue())))
    given, shapes = RECIPES[name](draw) if name in RECIPES else usual(draw, catalogue()[name])
    ways = [("channels_first", shapes)]
    if draw(st.booleans()):  # the axes are moved, or where arguments say which they are, only read otherwise
        ways = [("channels_last", [channels_last(shape) for shape in shapes]), ("channels_last", shapes)]
    for layout, wanted in ways:
        with suppress(Fault):
            return layer_of(name, given, wanted, layout)
    assume(False)
    raise AssertionError


# --- parts -----------------------------------------------------------------------------------------------------------


def per_axis(draw: Draw, rank: int, low: int, high: int) -> tuple[int, ...]:
    return tuple(draw(st.integers(low, high)) for _ in range(rank))


def written(draw: Draw, values: tuple[int, ...]) -> Any:
    """One value per axis, or a single one where they are equal and chance says so."""
    return values[0] if len(set(values)) == 1 and draw(st.booleans()) else values


def spatial(draw: Draw) -> int:
    """How many spatial axes: mostly two."""
    return int(draw(st.sampled_from((1, 2, 2, 2, 3))))


def image(draw: Draw, channels: int, rank: int | None = None) -> Shape:
    rank = rank or spatial(draw)
    return (channels, *per_axis(draw, rank, 1, LARGEST[rank]))


def any_shape(draw: Draw) -> Shape:
    return per_axis(draw, draw(st.integers(1, 4)), 1, 6)


def number(draw: Draw) -> Fraction:
    return Fraction(draw(st.integers(1, 40)), 20)


def given_or_not(draw: Draw, given: dict[str, Any]) -> dict[str, Any]:
    """Some of the arguments; the others keep their defaults."""
    return {name: value for name, value in given.items() if draw(st.booleans())}


def window(draw: Draw, rank: int, *, dilated: bool, pool: bool) -> tuple[dict[str, Any], Shape]:
    """Kernel, stride, padding and dilation, and spatial sizes on which the window fits."""
    kernel = per_axis(draw, rank, 1, 4 if rank < 3 else 3)
    stride = per_axis(draw, rank, 1, 4)
    dilation = per_axis(draw, rank, 1, 3) if dilated else (1,) * rank
    pairs = tuple(
        (draw(st.integers(0, k // 2 if pool else 3)), draw(st.integers(0, k // 2 if pool else 3))) for k in kernel
    )
    style = draw(st.sampled_from(("none", "same", "equal", "pairs")))
    if style != "pairs":
        pairs = tuple((before, before) if style == "equal" else (0, 0) for before, _ in pairs)
    sizes = tuple(
        max(1, d * (k - 1) + 1 - sum(pair) + draw(st.integers(-2 if pool else 0, LARGEST[rank] - 2)))
        for k, d, pair in zip(kernel, dilation, pairs, strict=True)
    )
    given = {"kernel": written(draw, kernel), "stride": written(draw, stride)}
    if pool and draw(st.booleans()):
        del given["stride"]
    if dilated:
        given["dilation"] = written(draw, dilation)
    if style == "same":
        given["padding"] = "same"
    elif style == "equal":
        given["padding"] = written(draw, tuple(before for before, _ in pairs))
    elif style == "pairs":
        given["padding"] = pairs
    return given, sizes


# --- what most ops take ----------------------------------------------------------------------------------------------


def usual(draw: Draw, op: Op) -> Drawn:
    """Arguments by their kinds, and input shapes by the axes that the op works on."""
    needed = [argument.name for argument in op.arguments if argument.default is REQUIRED]
    given: dict[str, Any] = {}
    if op.argument("kernel"):
        slid, sizes = window(draw, spatial(draw), dilated=op.argument("dilation") is not None, pool=not op.weights)
        given = {name: value for name, value in slid.items() if op.argument(name)}
        shape = (draw(st.integers(1, 4)), *sizes)
    elif op.axes == "image" and draw(st.integers(0, 3)):
        shape = image(draw, draw(st.integers(1, 6)))
    else:
        shape = any_shape(draw)
    if op.argument("groups"):
        groups = given["groups"] = draw(st.integers(1, 4))
        shape = (groups * draw(st.integers(1, 3)), *shape[1:])
        if op.argument("out"):
            given["out"] = groups * draw(st.integers(1, 3))
    for argument in op.arguments:
        if argument.name not in given and (argument.name in needed or draw(st.booleans())):
            given[argument.name] = of_kind(draw, argument.kind, shape)
    return given, inputs_of(draw, op, shape)


def of_kind(draw: Draw, kind: Kind, shape: Shape) -> Any:
    """Some value of a kind, for an input of a shape."""
    if kind is AXIS:
        return axis(draw, shape)
    if kind.words:
        return draw(st.sampled_from(kind.words))
    if kind is SHARE:
        return Fraction(draw(st.integers(0, 10)), 10)
    if kind is NUMBER:
        return number(draw)
    if kind is FLAG:
        return draw(st.booleans())
    for known, lowest in ((COUNT, 1), (NATURAL, 0), (WHOLE, -4)):
        if kind is known:
            return draw(st.integers(lowest, 7))
    if kind in (COUNTS, NATURALS):
        return written(draw, per_axis(draw, max(1, len(shape) - 1), int(kind is COUNTS), 7))
    if kind is PADDING:
        return draw(st.integers(0, 3))
    raise AssertionError(f"no values of this kind are drawn, {kind.about}: the op needs a recipe in RECIPES")


def inputs_of(draw: Draw, op: Op, shape: Shape) -> list[Shape | None]:
    """Shapes of all inputs: equal ones, or of aligned ones some that are repeated."""
    count = draw(st.integers(1, 4)) if op.inputs == ("*",) else sum(not name.endswith("?") for name in op.inputs)
    if not op.aligned:
        return [shape] * count
    return [shape if draw(st.booleans()) else broadcast(draw, shape) for _ in range(count)]


# --- recipes ---------------------------------------------------------------------------------------------------------


def conv_transpose(draw: Draw) -> Drawn:
    rank = spatial(draw)
    kernel, stride, dilation = per_axis(draw, rank, 1, 4), per_axis(draw, rank, 1, 3), per_axis(draw, rank, 1, 3)
    extra = tuple(draw(st.integers(0, max(s, d) - 1)) for s, d in zip(stride, dilation, strict=True))
    pairs = tuple((draw(st.integers(0, 2)), draw(st.integers(0, 2))) for _ in kernel)
    groups, taken, out = draw(st.integers(1, 4)), draw(st.integers(1, 3)), draw(st.integers(1, 3))
    given = {
        "out": groups * out,
        "groups": groups,
        "kernel": written(draw, kernel),
        "stride": written(draw, stride),
        "dilation": written(draw, dilation),
        "output_padding": written(draw, extra),
        "padding": pairs if draw(st.booleans()) else tuple(before for before, _ in pairs),
        "bias": draw(st.booleans()),
    }
    return given, [(groups * taken, *per_axis(draw, rank, 1, 4))]


def axis(draw: Draw, shape: Shape) -> Any:
    """An axis as a number from either end, or as a word."""
    words = ["features", "channels"]
    words += ["width"] if len(shape) in (2, 3, 4) else []
    words += ["height"] if len(shape) in (3, 4) else []
    return draw(st.one_of(st.integers(-len(shape), len(shape) - 1), st.sampled_from(words)))


def broadcast(draw: Draw, shape: Shape) -> Shape:
    """A shape that can be repeated to `shape`: some sizes 1, some leading axes missing."""
    kept = shape[draw(st.integers(0, len(shape) - 1)) :]
    return tuple(1 if draw(st.integers(0, 3)) == 0 else size for size in kept)


def concat(draw: Draw) -> Drawn:
    shape = any_shape(draw)
    along = draw(st.integers(0, len(shape) - 1))
    shapes: list[Shape | None] = [
        (*shape[:along], draw(st.integers(1, 5)), *shape[along + 1 :]) for _ in range(draw(st.integers(1, 4)))
    ]
    return {} if along == 0 and draw(st.booleans()) else {
        "axis": along - draw(st.sampled_from((0, len(shape))))
    }, shapes


def part(draw: Draw) -> Drawn:
    shape = any_shape(draw)
    along = draw(st.integers(0, len(shape) - 1))
    size = shape[along]
    start = draw(st.integers(0, size - 1))
    end = draw(st.integers(start + 1, size))
    given = {
        "start": start - draw(st.sampled_from((0, size))),
        "end": end if end == size or draw(st.booleans()) else end - size,
        "step": draw(st.integers(1, 3)),
    }
    return {"axis": along, **given_or_not(draw, given)}, [shape]


def flatten(draw: Draw) -> Drawn:
    shape = any_shape(draw)
    return given_or_not(draw, {"start": axis(draw, shape)}), [shape]


def reshape(draw: Draw) -> Drawn:
    shape = list(any_shape(draw))
    split = [size for size in shape for size in ((size // 2, 2) if size % 2 == 0 and draw(st.booleans()) else (size,))]
    order = draw(st.permutations(split))
    if draw(st.booleans()):
        order = list(order)
        order[draw(st.integers(0, len(order) - 1))] = -1
    return {"shape": tuple(order)}, [tuple(shape)]


def transpose(draw: Draw) -> Drawn:
    shape = any_shape(draw)
    order = draw(st.permutations(range(len(shape))))
    return {"order": tuple(place - draw(st.sampled_from((0, len(shape)))) for place in order)}, [shape]


def pad(draw: Draw) -> Drawn:
    shape = image(draw, draw(st.integers(1, 4)))
    rank = len(shape) - draw(st.integers(0, 1))
    pairs = tuple((draw(st.integers(0, 3)), draw(st.integers(0, 3))) for _ in range(rank))
    padding = tuple(before for before, _ in pairs) if rank < len(shape) and draw(st.booleans()) else pairs
    return {"padding": padding, **given_or_not(draw, {"value": number(draw)})}, [shape]


def crop(draw: Draw) -> Drawn:
    shape = image(draw, draw(st.integers(1, 4)))
    sizes = tuple(draw(st.integers(1, size)) for size in shape[1:])
    room = tuple(draw(st.integers(0, size - wanted)) for size, wanted in zip(shape[1:], sizes, strict=True))
    given = given_or_not(draw, {"offset": room})
    if draw(st.booleans()):
        return given, [shape, (draw(st.integers(1, 4)), *sizes)]
    return {"size": sizes, **given}, [shape]


def upsample(draw: Draw) -> Drawn:
    mode = draw(st.sampled_from(("nearest", "bilinear")))
    shape = image(draw, draw(st.integers(1, 3)), 2 if mode == "bilinear" else None)
    given: dict[str, Any] = {"mode": mode}
    if draw(st.booleans()):
        given["size"] = written(draw, per_axis(draw, len(shape) - 1, 1, 9))
    else:
        scales = st.sampled_from((1, 2, 3, Fraction(3, 2), Fraction(5, 3), Fraction(1, 2), Fraction(11, 10)))
        given["scale"] = written(draw, tuple(draw(scales) for _ in shape[1:]))
    if mode == "bilinear":
        given["align_corners"] = draw(st.booleans())
    return given, [shape]


def pixel_shuffle(draw: Draw) -> Drawn:
    factor = draw(st.integers(1, 3))
    return {"factor": factor}, [(factor * factor * draw(st.integers(1, 3)), *per_axis(draw, 2, 1, 5))]


def mixture_of_experts(draw: Draw) -> Drawn:
    experts = draw(st.integers(1, 6))
    places = any_shape(draw)[:3]
    given = {"experts": experts, "active": draw(st.integers(1, experts))}
    return given, [(*places, draw(st.integers(1, 5))), (*places, draw(st.integers(1, 5)))]


def embedding(draw: Draw) -> Drawn:
    return {"count": draw(st.integers(1, 9)), "out": draw(st.integers(1, 6))}, [any_shape(draw)[:3]]


def parameter(draw: Draw) -> Drawn:
    return {"shape": any_shape(draw), **given_or_not(draw, {"trainable": draw(st.booleans())})}, []


def relative_position_bias(draw: Draw) -> Drawn:
    window = per_axis(draw, draw(st.integers(1, 3)), 1, 4)
    heads = draw(st.integers(1, 4))
    table = (prod(2 * side - 1 for side in window), heads)
    return {"window": window, "heads": heads}, [table] if draw(st.booleans()) else []


def relative_attention_bias(draw: Draw) -> Drawn:
    buckets = draw(st.integers(4, 12))
    given = {"keys": draw(st.integers(1, 20)), "bidirectional": draw(st.booleans())}
    sizes = {"heads": draw(st.integers(1, 4)), "queries": draw(st.integers(1, 20))}
    return sizes | {"buckets": buckets, "max_distance": buckets + draw(st.integers(0, 9))} | given_or_not(
        draw, given
    ), []


def shifted_window_mask(draw: Draw) -> Drawn:
    window = per_axis(draw, draw(st.integers(1, 2)), 1, 4)
    sizes = tuple(side * draw(st.integers(1, 3)) for side in window)
    shift = tuple(draw(st.integers(0, side - 1)) for side in window)
    return {"size": sizes, "window": window, "shift": written(draw, shift)}, []


def attention(draw: Draw) -> Drawn:
    kv_heads, together, leading = draw(st.integers(1, 3)), draw(st.integers(1, 3)), any_shape(draw)[2:]
    heads, queries, keys = kv_heads * together, draw(st.integers(1, 7)), draw(st.integers(1, 7))
    features, out = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    given = {"causal": draw(st.booleans()), "window": draw(st.integers(1, 9))}
    given = given_or_not(draw, given | {"scale": draw(st.sampled_from((1, Fraction(1, 2))))})
    if given.keys() & {"causal", "window"}:
        keys += queries - 1
    if kv_heads < heads or draw(st.booleans()):
        given["kv_heads"] = kv_heads
    shapes: list[Shape | None] = [
        (*leading, queries, heads * features),
        (*leading, keys, kv_heads * features),
        (*leading, keys, kv_heads * out),
    ]
    bias = [broadcast(draw, (*leading, heads, queries, keys))] if draw(st.booleans()) else []
    return {"heads": heads, **given}, [*shapes, *bias]


def rotary_embedding(draw: Draw) -> Drawn:
    heads, half = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    given = given_or_not(draw, {"theta": draw(st.sampled_from((100, 500_000))), "dims": 2 * draw(st.integers(1, half))})
    return {"heads": heads, **given}, [(*any_shape(draw)[:3], heads * 2 * half)]


def matmul(draw: Draw) -> Drawn:
    leading, (rows, inner, columns) = any_shape(draw)[2:], per_axis(draw, 3, 1, 6)
    sides = [(*leading, rows, inner), (*leading, inner, columns)]
    taken = [(*(broadcast(draw, leading) if leading else ()), *side[-2:]) for side in sides]
    return {}, [taken[number] if draw(st.booleans()) else side for number, side in enumerate(sides)]


def some_axes(draw: Draw, shape: Shape) -> Any:
    """One axis, or a list of unlike ones."""
    if draw(st.booleans()):
        return axis(draw, shape)
    found = draw(st.lists(st.integers(0, len(shape) - 1), min_size=1, unique=True))
    return tuple(one - draw(st.sampled_from((0, len(shape)))) for one in found)


def mean(draw: Draw) -> Drawn:
    shape = any_shape(draw)
    return {"axis": some_axes(draw, shape), **given_or_not(draw, {"keep": draw(st.booleans())})}, [shape]


def roll(draw: Draw) -> Drawn:
    shape = any_shape(draw)
    along = some_axes(draw, shape)
    count = len(along) if isinstance(along, tuple) else 1
    return {"axis": along, "shift": written(draw, per_axis(draw, count, -9, 9))}, [shape]


def recurrent(draw: Draw) -> Drawn:
    given = {"layers": draw(st.integers(1, 3)), "bidirectional": draw(st.booleans()), "bias": draw(st.booleans())}
    return {"out": draw(st.integers(1, 4)), **given_or_not(draw, given)}, [per_axis(draw, 2, 1, 6)]


def clamp(draw: Draw) -> Drawn:
    low = number(draw)
    given = draw(st.sampled_from(({"min": low}, {"max": low}, {"min": low, "max": low + 1})))
    return given, [any_shape(draw)]


def selective_scan(draw: Draw) -> Drawn:
    steps, features, state = per_axis(draw, 3, 1, 6)
    return {}, [(steps, features), (steps, features), (steps, state), (steps, state)]


RECIPES: dict[str, Callable[[Draw], Drawn]] = {
    "conv_transpose": conv_transpose,
    "concat": concat,
    "slice": part,
    "flatten": flatten,
    "reshape": reshape,
    "transpose": transpose,
    "pad": pad,
    "crop": crop,
    "upsample": upsample,
    "pixel_shuffle": pixel_shuffle,
    "mixture_of_experts": mixture_of_experts,
    "embedding": embedding,
    "parameter": parameter,
    "relative_position_bias": relative_position_bias,
    "relative_attention_bias": relative_attention_bias,
    "shifted_window_mask": shifted_window_mask,
    "scaled_dot_product_attention": attention,
    "rotary_embedding": rotary_embedding,
    "matmul": matmul,
    "mean": mean,
    "roll": roll,
    "lstm": recurrent,
    "gru": recurrent,
    "clamp": clamp,
    "selective_scan": selective_scan,
}
"""Op -> its recipe, where the arguments must fit the shapes, or the shapes one another, in a way of its own."""
