"""The sentences about one judgement, the same in every format. The text is not yet escaped for any of them."""

from __future__ import annotations

from collections.abc import Iterable

from costcalc.budget.causes import Cause
from costcalc.budget.model import LOWER
from costcalc.budget.verdict import Judgement, Value, Verdict
from costcalc.cost.model import Row
from costcalc.graph.model import Layer
from costcalc.report.account import definition, label, left_out
from costcalc.report.numbers import exact, growth, shape, share, signed

NAMED = 3
"""The most blocks, and the most layers, that one line names."""
WORDS = {"pass": "passed", "warn": "warned", "fail": "failed", "skipped": "not judged"}


def number(value: Value | None) -> str:
    """A number or a shape."""
    if value is None:
        return ""
    return shape(value) if isinstance(value, tuple) else exact(value)


def measure(judgement: Judgement) -> str:
    """The judged metric: `macs`, or `thop MACs` where another convention counts it."""
    return judgement.metric if judgement.convention is None else label(judgement.convention)


def subject(judgement: Judgement) -> str:
    """The subject of a judgement: `macs of resnet50`, `macs of stage3 in resnet50`."""
    where = f"{judgement.path} in " if judgement.path else ""
    return f"{measure(judgement)} of {where}{judgement.model.name}"


def limit(judgement: Judgement) -> str:
    """The limit as it was written: `max 4.2G`, `grow 5%`, `expect 25,557,032`."""
    return f"{judgement.kind} {judgement.limit or number(judgement.allowed)}"


def outcome(judgement: Judgement) -> str:
    """The number against the limit: `4,400,000,000 is 200,000,000 over max 4,200,000,000 (4.2G)`."""
    value = number(judgement.value)
    if judgement.status == "skipped":
        return f"{value}; {limit(judgement)} was not judged: {judgement.reason}"
    allowed, over = number(judgement.allowed), judgement.over
    if over is None:
        return f"{value} is {'' if judgement.value == judgement.allowed else 'not '}the expected {allowed}"
    distance = f"{exact(over)} over" if over > 0 else f"{exact(-over)} under" if over else "exactly"
    return f"{value} is {distance} {_bound(judgement, allowed)}"


def _bound(judgement: Judgement, allowed: str) -> str:
    if judgement.kind == "expect":
        return f"the expected {allowed}"
    if judgement.kind == "share":
        return f"{allowed}, which is {judgement.limit} of {exact(judgement.whole)}"
    if judgement.before is not None and judgement.kind in ("grow", "shrink"):
        word = "less" if judgement.kind == "shrink" else "more"
        return f"{allowed}, which is {judgement.limit} {word} than {exact(judgement.before)}"
    return f"{judgement.kind} {allowed} ({judgement.limit})"


def margin(judgement: Judgement) -> str:
    """The headroom below the limit, with a sign; negative is beyond it."""
    over = judgement.over
    if over is None:
        return ""
    if judgement.kind == "expect":
        return signed(over)
    return signed(over if judgement.kind in LOWER else -over)


def since(judgement: Judgement) -> str:
    """The change of the number: `grew by 1,000 (+2.1%) since origin/main`; empty where nothing is known."""
    change, before = judgement.growth, judgement.before
    if change is None or before is None or isinstance(judgement.value, tuple):
        return ""
    if not change:
        return f"unchanged since {judgement.since}"
    verb = "grew" if change > 0 else "shrank"
    size = exact(change if change > 0 else -change)
    return f"{verb} by {size} ({growth(before, judgement.value)}) since {judgement.since}"


def causes(judgement: Judgement) -> list[str]:
    """The blocks and the layers that the number, or its growth, comes from: a line each."""
    lines = []
    for kind, those in (("blocks", [c for c in judgement.causes if not c.layer]),
                        ("layers", [c for c in judgement.causes if c.layer])):  # fmt: skip
        if those:
            when = f" since {judgement.blamed_since}" if judgement.blamed_since != judgement.since else ""
            title = f"{kind}{when}" if those[0].before is not None else f"largest {kind}"
            lines.append(f"{title}: {', '.join(_cause(cause, judgement) for cause in those[:NAMED])}")
    return lines


def _cause(cause: Cause, judgement: Judgement) -> str:
    times = f" x {exact(cause.count)}" if cause.count > 1 else ""
    if cause.before is not None:
        return f"{cause.path} {signed(cause.change)}{times}"
    part = share(cause.after * cause.count, judgement.whole) or "0%"
    return f"{cause.path} {exact(cause.after)}{times} ({part})"


def blamed(judgement: Judgement) -> str:
    """The block and the layer to blame, in one clause for one line; empty where none is known."""
    block = next((cause for cause in judgement.causes if not cause.layer), None)
    layer = next((cause for cause in judgement.causes if cause.layer), None)
    parts = [_cause(cause, judgement) for cause in (block, layer) if cause is not None]
    known = any(cause is not None and cause.before is not None for cause in (block, layer))
    return f"{'mostly' if known else 'largest:'} {', '.join(parts)}" if parts else ""


def worked(cause: Cause, judgement: Judgement) -> str:
    """A layer's number as its formula with the numbers put in; empty where there is no formula."""
    row, metric = cause.row, judgement.metric
    if row is None or not isinstance(row.child, Layer):
        return ""
    layer = row.child
    times = f" x {exact(row.run)}" if row.run > 1 else ""
    if judgement.convention is not None:
        text, times = f"{_terms(judgement, row, layer)} = {exact(cause.after)} {measure(judgement)}", ""
    elif metric in ("macs", "flops") and "mac" in layer.op.tally:
        text = f"{layer.op.tally['mac'].substitute(layer.symbols)} = {exact(row.macs)} MACs"
    elif metric == "params" and row.stored:
        sizes = [
            f"{weight.name} {'*'.join(map(str, weight.shape)) or '1'}" for weight in layer.weights if weight.trainable
        ]
        text = f"{' + '.join(sizes)} = {exact(row.params)} params" if sizes else ""
    else:
        text = f"{exact(cause.after)} {metric}"
    change = "" if cause.before is None else f" ({signed(cause.change)}, {growth(cause.before, cause.after)})"
    return f"{cause.path}: {row.op} {text}{times if metric != 'params' else ''}{change}" if text else ""


def _terms(judgement: Judgement, row: Row, layer: Layer) -> str:
    """The terms of a layer under a convention: `2 x 49,152 mac (64 * 4*4 * (16 / 1) * 3*1) + 1 x 1,024 bias_add`."""
    account = judgement.model.now.account
    said = []
    for term in account.terms_of(row) if account is not None else ():
        formula = layer.op.tally.get(term.quantity) or layer.op.quantities.get(term.quantity)
        known = formula is not None and formula.evaluate(layer.symbols) == term.count
        worked = f" ({formula.substitute(layer.symbols)})" if formula is not None and known else ""
        said.append(f"{exact(term.weight)} x {exact(term.count)} {term.quantity}{worked}")
    return " + ".join(said) or "nothing counted"


def total(verdict: Verdict) -> str:
    """The whole verdict in a sentence: `3 networks, 11 judgements: 9 passed, 1 warned, 1 failed`."""
    counts = {word: sum(item.status == status for item in verdict.judgements) for status, word in WORDS.items()}
    said = ", ".join(f"{exact(count)} {word}" for word, count in counts.items() if count or word == "failed")
    problems = f"; {_many(len(verdict.problems), 'problem')}" if verdict.problems else ""
    return f"{_many(len(verdict.models), 'network')}, {_many(len(verdict.judgements), 'judgement')}: {said}{problems}"


def _many(count: int, word: str) -> str:
    return f"{exact(count)} {word}{'s' * (count != 1)}"


def definitions(judgements: Iterable[Judgement]) -> list[str]:
    """Whose numbers are judged, where they are not costcalc's, and what is left out of which networks."""
    lines: dict[str, None] = {}
    without: dict[tuple[str, str], dict[str, None]] = {}
    for item in judgements:
        account = item.model.now.account
        if item.convention is not None and account is not None:
            lines[definition(item.convention)] = None
            networks = without.setdefault((item.convention.name, left_out(account.not_counted)), {})
            networks[item.model.name] = None
    for (name, gaps), networks in without.items():
        more = f" and {exact(len(networks) - NAMED)} more" if len(networks) > NAMED else ""
        if gaps:
            lines[f"Not counted by {name} in {', '.join([*networks][:NAMED])}{more}: {gaps}."] = None
    return [*lines]


def changes(verdict: Verdict) -> list[str]:
    """List the networks that are new, renamed or gone, with a remark on the base."""
    lines = [
        f"{model.key} is new: {verdict.base} does not have it" for model in verdict.models if model.status == "new"
    ]
    lines += [
        f"{model.key} cannot be read in {verdict.base}" for model in verdict.models if model.status == "unreadable"
    ]
    lines += [f"{model.key} was {model.was}" for model in verdict.models if model.status == "renamed"]
    lines += [f"{key} is gone: only {verdict.base} has it" for key in verdict.gone]
    return [*lines, *rolled_up(verdict)]


def rolled_up(verdict: Verdict) -> list[str]:
    """The networks of which only blocks are named, because nobody could look at every layer."""
    explained = {item.model.key for item in verdict.judgements if item.causes}
    return [
        f"{model.key} has {exact(cut.rows)} layers and blocks, too many to look at each: what its numbers come from is "
        f"named down to level {cut.depth}"
        for model in verdict.models
        if model.key in explained and (cut := model.now.cut) is not None
    ]
