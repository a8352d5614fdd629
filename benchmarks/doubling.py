"""In process: how the time grows when a file holds twice and four times as many of one thing, whatever it is.

    python benchmarks/doubling.py [KIND ...]

Each kind of file is read, built, estimated and written as a table; a faulty one is read until its problems are text.
The ratio is what twice the size costs: 2 is linear, 4 is quadratic. CPU time, so that a busy machine matters less.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from costcalc.cost.estimate import estimate
from costcalc.errors import SpecError
from costcalc.graph.build import build
from costcalc.report.layers import show
from costcalc.report.plain import render
from costcalc.spec.load import load, load_text
from costcalc.text.snippets import render as explain

LONG = 0.3  # seconds
INPUT = "input: [8, 9, 8]\n"
Maker = Callable[[int], str]


def lines(count: int, line: Callable[[int], str]) -> str:
    """As many lines, each made from its number."""
    return "".join(map(line, range(count)))


def names(count: int, letter: str) -> str:
    """`l0, l1, l2`."""
    return ", ".join(f"{letter}{k}" for k in range(count))


def blocks(count: int) -> str:
    """Blocks of which one is called."""
    body = lines(count, lambda k: f"  unit{k}(out):\n    - conv: {{out: out, kernel: 1}}\n    - relu\n")
    return f"{INPUT}blocks:\n{body}layers:\n  - unit0: {{out: 4}}\n"


def blocks_called(count: int) -> str:
    """Blocks that are all called."""
    return f"{blocks(count)}{lines(count, lambda k: f'  - unit{k}: {{out: 4}}' + chr(10))}"


def args(count: int) -> str:
    """Args, each made from the one above."""
    body = lines(count - 1, lambda k: f"  a{k + 1}: a{k} + 1\n")
    return f"{INPUT}args:\n  a0: 1\n{body}layers:\n  - conv: {{out: a{count - 1}, kernel: 1}}\n"


def args_and_blocks(count: int) -> str:
    """As many args as blocks, each block with its arg."""
    body = lines(count, lambda k: f"  unit{k}(out):\n    - conv: {{out: out + a{k}, kernel: 1}}\n    - relu\n")
    calls = lines(count, lambda k: f"  - unit{k}: {{out: 4}}\n")
    return f"{INPUT}args:\n{lines(count, lambda k: f'  a{k}: {k}' + chr(10))}blocks:\n{body}layers:\n{calls}"


def args_and_groups(count: int) -> str:
    """As many args as groups and repeats."""
    calls = lines(
        count,
        lambda k: f"  - layers: [{{conv: {{out: a{k}, kernel: 1}}}}, relu]\n  - relu:\n    repeat: 2\n",
    )
    return f"{INPUT}args:\n{lines(count, lambda k: f'  a{k}: {k + 1}' + chr(10))}layers:\n{calls}"


def args_unused(count: int) -> str:
    """Args that nothing uses: a warning for each."""
    return f"{INPUT}args:\n{lines(count, lambda k: f'  a{k}: {k}' + chr(10))}layers: [relu]\n"


def live(count: int) -> str:
    """Layers that all live until one concat at the end joins them."""
    body = lines(count, lambda k: f"  - conv: {{out: 8, kernel: 1}}\n    name: l{k}\n")
    return f"{INPUT}layers:\n{body}  - concat:\n    from: [{names(count, 'l')}]\n"


def live_until_the_way_back(count: int) -> str:
    """A U-Net: each layer lives until its counterpart on the way back."""
    down = lines(count, lambda k: f"  - conv: {{out: 8, kernel: 1}}\n    name: l{k}\n")
    up = lines(count - 1, lambda k: f"  - add:\n    from: [u{k}, l{count - 2 - k}]\n    name: u{k + 1}\n")
    return f"{INPUT}layers:\n{down}  - relu:\n    name: u0\n{up}"


def live_repeats(count: int) -> str:
    """Repeats that all live until the end."""
    body = lines(count, lambda k: f"  - conv: {{out: 8, kernel: 1}}\n    name: l{k}\n    repeat: 3\n")
    return f"{INPUT}layers:\n{body}  - concat:\n    from: [{names(count, 'l')}]\n"


def live_blocks(count: int) -> str:
    """Blocks with a skip of their own, which all live until the end."""
    body = lines(count, lambda k: f"  - unit: {{out: {k % 7 + 1}}}\n    name: l{k}\n")
    unit = "blocks:\n  unit(out):\n    - conv: {out: out, kernel: 1}\n    - add: {a: [relu], b: []}\n"
    return f"{INPUT}{unit}layers:\n{body}  - concat:\n    from: [{names(count, 'l')}]\n"


def layers(count: int) -> str:
    """Layers, no two alike."""
    return f"{INPUT}layers:\n{lines(count, lambda k: f'  - conv: {{out: {k + 1}, kernel: 1}}' + chr(10))}"


def layers_named(count: int) -> str:
    """Layers with a name, a note and a `from`."""
    body = lines(count, lambda k: f"  - relu:\n    name: l{k + 1}\n    from: l{k}\n    note: the {k}th\n")
    return f"{INPUT}layers:\n  - relu:\n    name: l0\n{body}"


def layers_in_a_line(count: int) -> str:
    """Layers in one line of the file."""
    return f"{INPUT}layers: [{', '.join(f'{{conv: {{out: {k + 1}, kernel: 1}}}}' for k in range(count))}]\n"


def layers_left_out(count: int) -> str:
    """Layers that `when` leaves out."""
    return f"{INPUT}layers:\n{lines(count, lambda k: f'  - relu:{chr(10)}    when: false{chr(10)}')}  - relu\n"


def instances(count: int) -> str:
    """Instances of one repeat, no two alike, from a list as long."""
    widths = ", ".join(str(k + 1) for k in range(count))
    group = (
        "  - layers:\n    - conv: {out: 'widths[i]', kernel: 1}\n    - relu\n    repeat: len(widths)\n    name: stage\n"
    )
    return f"{INPUT}args: {{widths: [{widths}]}}\nlayers:\n{group}"


def instances_of_a_block(count: int) -> str:
    """Instances of a block that takes the whole list."""
    widths = ", ".join(str(k + 1) for k in range(count))
    unit = "blocks:\n  unit(widths, k):\n    - conv: {out: 'widths[k]', kernel: 1}\n"
    call = "layers:\n  - unit: {widths: sizes, k: i}\n    repeat: len(sizes)\n    name: stage\n"
    return f"{INPUT}args: {{sizes: [{widths}]}}\n{unit}{call}"


def instances_that_share(count: int) -> str:
    """Instances that share some of their weights, no two alike."""
    group = (
        "  - layers: [{conv: {out: 8, kernel: 1}}, {conv: {out: i + 1, kernel: 1}}, {conv: {out: 8, kernel: 1}}]\n"
        f"    name: stage\n    share: stage\n    repeat: {count}\n"
    )
    return f"{INPUT}layers:\n{group}"


def shared(count: int) -> str:
    """Layers that each share the weights of the one before."""
    body = lines(count, lambda k: f"  - conv: {{out: 8, kernel: 1}}\n    name: l{k + 1}\n    share: l{k}\n")
    return f"{INPUT}layers:\n  - conv: {{out: 8, kernel: 1}}\n    name: l0\n{body}"


def branches(count: int) -> str:
    """Branches of one join."""
    body = lines(count, lambda k: f"      b{k}: [{{conv: {{out: {k % 5 + 1}, kernel: 1}}}}, relu]\n")
    return f"{INPUT}layers:\n  - concat:\n{body}"


def captured(count: int) -> str:
    """Layers that a group takes from around it."""
    body = lines(count, lambda k: f"  - relu:\n    name: l{k}\n")
    return f"{INPUT}layers:\n{body}  - layers:\n    - concat:\n      from: [{names(count, 'l')}]\n    - relu\n"


def inputs(count: int) -> str:
    """Inputs of a network, and of a block that takes them all."""
    given = lines(count, lambda k: f"  in{k}: [8, 9, 8]\n")
    unit = f"blocks:\n  ? unit() from x, {names(count, 'q')}\n  :\n    - concat:\n      from: [{names(count, 'q')}]\n"
    taken = ", ".join(f"q{k}: in{k}" for k in range(count))
    return f"input:\n{given}{unit}layers:\n  - unit:\n    from: {{x: in0, {taken}}}\n"


def outputs(count: int) -> str:
    """Outputs of a network."""
    body = lines(count, lambda k: f"  - relu:\n    name: l{k}\n")
    return f"{INPUT}layers:\n{body}output: [{names(count, 'l')}]\n"


def not_run(count: int) -> str:
    """Layers that no output needs."""
    body = lines(count, lambda k: f"  - conv: {{out: 4, kernel: 1}}\n    name: l{k}\n    from: input\n")
    return f"{INPUT}layers:\n{body}  - relu:\n    from: input\n    name: last\noutput: last\n"


def variants(count: int) -> str:
    """Variants, each with numbers to expect, and as many args."""
    body = lines(count, lambda k: f"  v{k}: {{args: {{a{k}: 7}}, expect: {{params: {k}}}}}\n")
    widths = lines(count, lambda k: f"  a{k}: {k + 1}\n")
    return f"{INPUT}args:\n{widths}layers:\n  - conv: {{out: a0, kernel: 1}}\nvariants:\n{body}"


def parameters(count: int) -> str:
    """Parameters of one block, all given and all used."""
    head = f"  ? unit({names(count, 'p')})\n  :\n"
    body = lines(count, lambda k: f"    - conv: {{out: p{k}, kernel: 1}}\n")
    given = ", ".join(f"p{k}: {k % 9 + 1}" for k in range(count))
    return f"{INPUT}blocks:\n{head}{body}layers:\n  - unit: {{{given}}}\n"


def functional(count: int) -> str:
    """Layers and layers of blocks that the reference code calls as functions."""
    body = lines(count, lambda k: f"  unit{k}(out):\n    - conv: {{out: out, kernel: 1}}\n    - relu\n")
    calls = lines(count, lambda k: f"  - unit{k}: {{out: 4}}\n    name: l{k}\n")
    listed = ", ".join(f"unit{k}.relu, l{k}.conv" for k in range(count))
    return f"{INPUT}blocks:\n{body}layers:\n{calls}meta: {{functional: [{listed}]}}\n"


def linear_layers(count: int) -> str:
    """Linear layers behind one chain of pointwise layers."""
    body = lines(count, lambda k: "  - relu\n")
    heads = lines(count, lambda k: f"  - linear: {{out: 3}}\n    from: last\n    name: h{k}\n")
    return f"{INPUT}layers:\n{body}  - relu:\n    name: last\n{heads}output: [{names(count, 'h')}]\n"


def aside(count: int) -> str:
    """Ops without inputs that nobody uses: a warning for each."""
    body = lines(count, lambda k: f"  - parameter: {{shape: [8, 9, 8]}}\n    name: p{k}\n")
    return f"{INPUT}layers:\n  - relu\n{body}  - relu\n"


def wrong_ops(count: int) -> str:
    """Ops that do not exist."""
    return f"{INPUT}layers:\n{lines(count, lambda k: f'  - convv{k}: {{out: 3}}' + chr(10))}"


def wrong_sources(count: int) -> str:
    """Sources that do not exist, among layers of names like theirs."""
    body = lines(count, lambda k: f"  - relu:\n    name: layer{k}\n    from: layre{k}\n")
    return f"{INPUT}layers:\n{body}"


def wrong_names(count: int) -> str:
    """Expressions of names that do not exist, among as many args."""
    known = lines(count, lambda k: f"  alpha{k}: {k + 1}\n")
    return f"{INPUT}args:\n{known}layers:\n{lines(count, lambda k: f'  - conv: {{out: alhpa{k}}}' + chr(10))}"


def wrong_functions(count: int) -> str:
    """A list of functions none of which exists."""
    body = lines(count, lambda k: f"  - relu:\n    name: layer{k}\n")
    return f"{INPUT}layers:\n{body}meta: {{functional: [{names(count, 'layre')}]}}\n"


def wrong_shapes(count: int) -> str:
    """Branches whose kernels are too large."""
    body = lines(count, lambda k: f"      b{k}: [{{conv: {{out: 3, kernel: 99}}}}]\n")
    return f"{INPUT}layers:\n  - add:\n{body}"


def keys_twice(count: int) -> str:
    """One key again and again, behind an expression that a comma has cut."""
    return f"{INPUT}args:\n  q: max(1\n{lines(count, lambda k: '  a: 1' + chr(10))}layers: [relu]\n"


KINDS: dict[str, tuple[Maker, int]] = {
    "blocks": (blocks, 4_000),
    "blocks called": (blocks_called, 1_000),
    "args": (args, 4_000),
    "args, blocks": (args_and_blocks, 1_000),
    "args, groups": (args_and_groups, 1_000),
    "args unused": (args_unused, 4_000),
    "live": (live, 1_500),
    "live, U-Net": (live_until_the_way_back, 1_500),
    "live, repeats": (live_repeats, 1_500),
    "live, blocks": (live_blocks, 1_500),
    "layers": (layers, 2_000),
    "layers, named": (layers_named, 4_000),
    "layers in a line": (layers_in_a_line, 2_000),
    "layers left out": (layers_left_out, 4_000),
    "instances": (instances, 1_000),
    "instances, blocks": (instances_of_a_block, 2_000),
    "instances, shared": (instances_that_share, 1_000),
    "shared": (shared, 2_000),
    "branches": (branches, 1_000),
    "captured": (captured, 1_500),
    "inputs": (inputs, 1_500),
    "outputs": (outputs, 1_500),
    "not run": (not_run, 2_000),
    "variants": (variants, 2_000),
    "parameters": (parameters, 1_500),
    "functional": (functional, 500),
    "linear layers": (linear_layers, 1_500),
    "aside": (aside, 1_500),
    "wrong ops": (wrong_ops, 2_000),
    "wrong sources": (wrong_sources, 2_000),
    "wrong names": (wrong_names, 2_000),
    "wrong functions": (wrong_functions, 500),
    "wrong shapes": (wrong_shapes, 1_000),
    "keys twice": (keys_twice, 2_000),
}
"""What a file may hold many of -> the text of a file, and the smallest size that is measured."""


def work(text: str) -> None:
    """Everything `costcalc show` does with a text but printing it."""
    try:
        spec = load_text(text)
        graph = build(spec)
        for _line in render(show(estimate(graph))):
            pass
        problems = graph.warnings
    except SpecError as error:
        problems = error.problems
    for problem in problems:
        explain(problem)


def include(count: int, folder: Path) -> str:
    """A file that includes as many others, each with a block that is called; returns its path."""
    for k in range(count):
        (folder / f"b{k}.yaml").write_text(f"blocks:\n  unit{k}(out):\n    - conv: {{out: out, kernel: 1}}\n")
    files = ", ".join(f"b{k}.yaml" for k in range(count))
    calls = lines(count, lambda k: f"  - unit{k}: {{out: 4}}\n")
    path = folder / "network.yaml"
    path.write_text(f"include: [{files}]\n{INPUT}layers:\n{calls}")
    return str(path)


def seconds(task: Callable[[], None]) -> float:
    """The CPU time; of what is quick the median of three."""
    found: list[float] = []
    while len(found) < (1 if found and found[0] > LONG else 3):
        start = time.process_time()
        task()
        found.append(time.process_time() - start)
    return statistics.median(found)


def row(title: str, count: int, times: list[float]) -> None:
    """A line of the table."""
    cells = " | ".join(f"{time * 1000:,.0f} ms" for time in times)
    ratios = " | ".join(f"{later / earlier:.1f}" for earlier, later in pairwise(times))
    print(f"| {title} | {count:,} | {cells} | {ratios} |", flush=True)


def main(chosen: list[str]) -> None:
    """The table."""
    print(f"Python {platform.python_version()}\n")
    print("| of | n | n | 2 n | 4 n | 2 n / n | 4 n / 2 n |\n|---|---:|---:|---:|---:|---:|---:|")
    work(layers(10))  # imports
    for kind, (make, count) in KINDS.items():
        if not chosen or kind in chosen:
            texts = [make(count * factor) for factor in (1, 2, 4)]
            row(kind, count, [seconds(lambda text=text: work(text)) for text in texts])
    if not chosen or "includes" in chosen:
        times = []
        for count in (60, 120, 240):
            with tempfile.TemporaryDirectory() as folder:
                path = include(count, Path(folder))
                times.append(seconds(lambda path=path: build(load(path)) and None))
        row("includes", 60, times)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="How the time grows with what a file holds.")
    parser.add_argument("kind", nargs="*", help="kinds to measure; all without any")
    main(parser.parse_args().kind)
