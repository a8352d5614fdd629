"""The bundled files of blocks, which any spec includes by name: `include: [attention]`."""

from __future__ import annotations

import os
from functools import cache
from typing import NamedTuple

from costcalc.errors import Source
from costcalc.spec.find import bundled_folder
from costcalc.spec.reading import Reading
from costcalc.spec.signature import Head, read_head
from costcalc.text.compose import compose, read
from costcalc.text.nodes import Mapping, Node, Scalar
from costcalc.text.suggest import bare, same


class Bundled(NamedTuple):
    """One block of a bundled file.

    Attributes:
        name: the name that a call uses.
        file: the name that `include` uses.
        signature: the block's key as written.
        parameters: the name and the default, as written, of each; None for one that must be given.
        inputs: the names of its inputs, the first is `x`.
        about: the comment above it, or what its file says of itself.
        source: where the file says that it comes from.
        text: the block in YAML.
    """

    name: str
    file: str
    signature: str
    parameters: tuple[tuple[str, str | None], ...]
    inputs: tuple[str, ...]
    about: str
    source: str
    text: tuple[str, ...]

    @property
    def brief(self) -> str:
        """The name with the parameters that a call must give: `conv_norm(out, ...)`."""
        names = [name for name, default in self.parameters if default is None]
        if len(names) < len(self.parameters):
            names.append("...")
        return f"{self.name}({', '.join(names)})" if names else self.name


@cache
def files() -> dict[str, str]:
    """Name -> path of every bundled file of blocks, sorted by name.

    >>> "attention" in files()
    True
    """
    folder = os.path.join(bundled_folder(), "blocks")
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(".yaml"))
    except OSError:
        return {}
    return {name.removesuffix(".yaml"): os.path.join(folder, name) for name in names}


@cache
def blocks() -> dict[str, Bundled]:
    """Name -> block of every bundled file, in the order of the files.

    >>> blocks()["squeeze_excite"].file
    'squeeze_excite'
    """
    found = [block for name, path in files().items() for block in _blocks(name, path)]
    return {block.name: block for block in found}


_ELSEWHERE = {
    "multi_head_attention": "mha multiheadselfattention mhsa attentionlayer selfattentionlayer attention",
    "squeeze_excite": "se selayer seblock semodule squeezeexcitation squeezeandexcitation squeezeexciteblock seunit",
    "bottleneck_block": "bottleneck resnetbottleneck bottlenecklayer residualbottleneck",
    "inverted_residual": "invertedresidualblock irblock mbconvblock",
    "conv_norm": "convbn convbnrelu convnormact convbnact convnormrelu convnormactivation convblock basicconv "
    "cbr cbs conv2dnormactivation convbatchnormrelu convmodule",
    "conv_relu": "convrelu convact",
    "mlp": "feedforward ffn mlpblock feedforwardnetwork positionwisefeedforward",
    "gated_mlp": "swiglu geglu reglu gatedmlp llamamlp",
    "post_norm_layer": "transformerencoderlayer encoderlayer bertlayer",
    "pre_norm_layer": "transformerblock transformerlayer",
    "fire": "firemodule",
    "inception": "inceptionblock inceptionmodule",
    "aspp": "atrousspatialpyramidpooling",
}
"""Names of bundled blocks in other tools, written as `bare` gives them."""


def block_called(word: str) -> Bundled | None:
    """The bundled block that a word is in another style, or that other tools call so."""
    known = blocks()
    name = same(word, known)
    if name is None:
        name = next((name for name, others in _ELSEWHERE.items() if bare(word) in others.split()), None)
    return known.get(name or "")


def shown(name: str) -> str:
    """The path under which problems in a bundled file are reported, wherever the package is installed."""
    return f"specs/blocks/{name}.yaml"


def _blocks(name: str, path: str) -> list[Bundled]:
    source = read(path, shown(name))
    root = compose(source)
    inner = root.get("blocks") if isinstance(root, Mapping) else None
    if not isinstance(root, Mapping) or not isinstance(inner, Mapping):
        return []
    reading = Reading()
    heads = [head for key, _ in inner.entries.values() if (head := read_head(reading, key)) is not None]
    starts = [head.node.line for head in heads]
    about, origin = _text(root.get("about")), _text(root.get("source"))
    return [
        _block(name, source, head, end, about, origin)
        for head, end in zip(heads, [*starts[1:], len(source.text.splitlines())], strict=True)
    ]


def _block(name: str, source: Source, head: Head, end: int, about: str, origin: str) -> Bundled:
    comment: list[str] = []
    line = head.node.line  # counted from 0, so this is the number of the line above
    while (text := source.line(line).strip()).startswith("#"):
        comment.insert(0, text.lstrip("# "))
        line -= 1
    lines = [source.line(number) for number in range(head.node.line + 1, end + 1)]
    while lines and (not lines[-1].strip() or lines[-1].strip().startswith("#")):
        lines.pop()
    return Bundled(
        name=head.name,
        file=name,
        signature=head.node.value.strip(),
        parameters=tuple((parameter, default) for parameter, _, default, _ in head.parameters),
        inputs=head.inputs,
        about=" ".join(comment) or about,
        source=origin,
        text=tuple(line.removeprefix("  ") for line in lines),
    )


def _text(node: Node | None) -> str:
    return node.value.strip() if isinstance(node, Scalar) and not node.null else ""
