"""The cost of generating text: dense and masked attention, the cache of keys and values, cost a token."""

from __future__ import annotations

from dataclasses import dataclass

from costcalc.cost.cache import Cache, cache
from costcalc.cost.model import Report
from costcalc.errors import CostcalcError
from costcalc.graph.decode import kept
from costcalc.graph.fold import fold
from costcalc.graph.model import Layer, Phase


@dataclass(frozen=True, slots=True)
class Language:
    """A language model at work, for the whole batch.

    Attributes:
        phase: `prefill` reads a prompt at once, `decode` makes one token after `context - 1` others.
        context: tokens that the last one can look back on, itself included.
        input: the input that is the tokens.
        arg: the arg that says how many there are in the context; None if there is no such arg.
        tokens: tokens that are worked on, for one item.
        attention_macs: multiply-accumulates of attention, every query with every key: what `macs` hold.
        masked_attention_macs: only those of pairs that the mask leaves.
        kept: how many keys attention keeps for the tokens to come; several numbers where windows differ.
        cache: the tensors that keep keys and values after this.
    """

    phase: str
    context: int
    input: str
    arg: str | None
    tokens: int
    macs: int
    attention_macs: int
    masked_attention_macs: int
    kept: tuple[int, ...]
    cache: Cache

    @property
    def cache_bytes(self) -> int:
        """Bytes of keys and values kept after this."""
        return self.cache.bytes

    @property
    def masked_macs(self) -> int:
        """All multiply-accumulates, with attention as the mask leaves it."""
        return self.macs - self.attention_macs + self.masked_attention_macs


@dataclass(frozen=True, slots=True)
class _Attention:
    macs: int = 0
    masked: int = 0
    kept: frozenset[int] = frozenset()

    def __add__(self, other: _Attention) -> _Attention:
        return _Attention(self.macs + other.macs, self.masked + other.masked, self.kept | other.kept)

    def times(self, count: int) -> _Attention:
        kept = self.kept if count else frozenset()
        return _Attention(self.macs * count, self.masked * count, kept)


def language(report: Report) -> Language:
    """The language view of a report, whose graph is a prompt or one new token.

    Raises:
        CostcalcError: the network has no attention.
    """
    attention = fold(report.graph.root, _of_layer, lambda edge, one: one.times(edge.run), _Attention(), {})
    attention = attention.times(report.batch)
    if not attention.macs:
        raise CostcalcError(f"{report.name} has no attention: phases are for language models")
    tokens = next(iter(report.input.values()))[0]
    phase = report.graph.phase or Phase("prefill", tokens, next(iter(report.input)), None)
    return Language(
        phase=phase.name,
        context=phase.context,
        input=phase.input,
        arg=phase.arg,
        tokens=tokens,
        macs=report.totals.macs,
        attention_macs=attention.macs,
        masked_attention_macs=attention.masked,
        kept=tuple(sorted(attention.kept)),
        cache=cache(report.graph, report.batch),
    )


def _of_layer(layer: Layer) -> _Attention:
    if not layer.op.attends:
        return _Attention()
    rows = kept(layer)
    return _Attention(layer.count("mac"), layer.count("masked_mac"), frozenset([rows] if rows else []))
