"""Candidates a second: one spec at 10,000 different args, with and without the memory of what was built before.

    python benchmarks/candidates.py [COUNT] [--step 1]

The results with the shared memo are compared with separate builds.
"""

from __future__ import annotations

import argparse
import platform
import random
import resource
import statistics
import time
from typing import Any

from costcalc.cost.estimate import estimate
from costcalc.graph.build import build
from costcalc.graph.memo import Memo
from costcalc.spec.load import load_text

SPEC = """
name: resnet50
args: {classes: 1000, depths: [3, 4, 6, 3], widths: [64, 128, 256, 512]}
input: [3, 224, 224]
blocks:
  conv_norm(out, kernel=1, stride=1, act=relu):
    - conv: {out: out, kernel: kernel, stride: stride, padding: kernel // 2, bias: false}
    - batch_norm
    - act
  bottleneck(width, stride=1):
    - add:
        body:
          - conv_norm: {out: width}
          - conv_norm: {out: width, kernel: 3, stride: stride}
          - conv_norm: {out: 4 * width, act: none}
        shortcut:
          - conv_norm: {out: 4 * width, stride: stride, act: none}
            when: stride != 1 or x.channels != 4 * width
    - relu
layers:
  - conv_norm: {out: 64, kernel: 7, stride: 2}
  - max_pool: {kernel: 3, stride: 2, padding: 1}
  - bottleneck: {width: "widths[0]"}
    repeat: depths[0]
    name: stage1
  - bottleneck: {width: "widths[1]", stride: 2 if i == 0 else 1}
    repeat: depths[1]
    name: stage2
  - bottleneck: {width: "widths[2]", stride: 2 if i == 0 else 1}
    repeat: depths[2]
    name: stage3
  - bottleneck: {width: "widths[3]", stride: 2 if i == 0 else 1}
    repeat: depths[3]
    name: stage4
  - global_avg_pool
  - flatten
  - linear: {out: classes}
"""


def candidates(count: int, step: int = 8) -> list[dict[str, Any]]:
    """Widths in multiples of `step` and depths around those of ResNet-50."""
    source = random.Random(0)  # noqa: S311  reproducible, no secrets
    return [
        {
            "widths": [step * source.randint(32 // step, 96 // step) * scale for scale in (1, 2, 4, 8)],
            "depths": [source.randint(1, 8) for _ in range(4)],
        }
        for _ in range(count)
    ]


def main() -> None:
    """Print candidates a second, and check a sample against separate builds."""
    parser = argparse.ArgumentParser(description="Candidates a second: one spec at many different args.")
    parser.add_argument("count", type=int, nargs="?", default=10_000, help="how many candidates")
    parser.add_argument(
        "--step", type=int, default=8, help="widths are multiples of it: 1 makes hardly two blocks alike"
    )
    options = parser.parse_args()
    count, step = max(1, options.count), max(1, options.step)
    spec = load_text(SPEC)
    space = candidates(count, step)
    memo = Memo()
    rates = []
    peaks = []
    totals = []
    for start in range(0, count, 1_000):
        part = space[start : start + 1_000]
        before = time.perf_counter()
        totals += [estimate(build(spec, args, memo=memo), memo=memo).totals for args in part]
        rates.append(len(part) / (time.perf_counter() - before))
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    sample = range(0, count, max(1, count // 200))
    before = time.perf_counter()
    alone = {k: estimate(build(spec, space[k])).totals for k in sample}
    rate = len(alone) / (time.perf_counter() - before)
    assert all(totals[k] == alone[k] for k in sample), "a shared memo changed a result"
    print(f"Python {platform.python_version()}: {count:,} candidates")
    print(
        f"with a shared memo: first thousand {rates[0]:,.0f}/s, median of thousands {statistics.median(rates):,.0f}/s"
    )
    print(f"peak memory after each thousand: {', '.join(f'{peak:.0f}' for peak in peaks)} MiB")
    print(f"separate builds: {rate:,.0f}/s; {len(alone)} of them compared, all equal")


if __name__ == "__main__":
    main()
