"""How often the verdicts of `leakscan.validation.statistics` are wrong, and how often they find an effect.

usage: python benchmarks/false_positives.py [--experiments N] [--spread S] [--margin M] [--seed K]

Simulated experiments of two arms, in blocks with the orders that `leakscan validate` would run them in. Each
run's value is level x drift x block x noise:

- drift: the machine's level changes by this fraction from run to run, whichever arm runs.
- block: what both runs of a block share, lognormal, twice the spread.
- noise: `lognormal`; `heavy`, Student's t with 3 degrees of freedom, of the same variance; `outliers`,
  lognormal with one run in ten 3 to 30 spreads above.

The first columns are the shares of verdicts when both arms are the same program (A/A): `less` and `more` are
false positives. `coverage` is how often the interval holds the true ratio. The last ones are the share of
`less` when the fix uses 2, 5 or 10 % less. `auto` looks at 6, 10, 15, 20 and 30 blocks, stops at a verdict.

Where the noise is lognormal the t-test is exact: its false positives are 5 %, give or take what the number of
experiments leaves open, less those that are within the margin.
"""

from __future__ import annotations

import argparse
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from leakscan.validation.plan import block_order
from leakscan.validation.statistics import estimate_effect, false_positive_rate, judge
from leakscan.validation.verdicts import LOOK_ALPHA, LOOKS, MARGIN_MEASURED, Effect, Verdict

NOISES = ("lognormal", "heavy", "outliers")
DRIFTS = (0.0, 0.003)
SAVINGS = (0.02, 0.05, 0.10)
_ARMS = ("original", "fixed")
_OUTLIER_SHARE = 0.1
_ORDERS = 100  # seeds of orders, used in turn

_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a simulated machine does: see the top of the file. `spread` is the sd of a run's log noise."""

    blocks: int
    spread: float = 0.02
    drift: float = 0.0
    noise: str = "lognormal"


def log_noise(noise: str, spread: float, shape: tuple[int, ...], random: np.random.Generator) -> _Floats:
    """The logarithm of what makes equal runs differ."""
    if noise == "heavy":
        return random.standard_t(3, shape) * spread / math.sqrt(3)
    values = random.normal(0, spread, shape)
    if noise == "outliers":
        values += (random.random(shape) < _OUTLIER_SHARE) * random.uniform(3, 30, shape) * spread
    return values


def experiments(
    conditions: Conditions, ratio: float, count: int, seed: int
) -> Iterator[tuple[list[float], list[float]]]:
    """`count` experiments: the values of original and fix, block by block, when the true ratio is `ratio`."""
    blocks = conditions.blocks
    random = np.random.default_rng(
        [seed, blocks, NOISES.index(conditions.noise), int(1e6 * conditions.drift)]
    )
    first = np.array(
        [
            [block_order(_ARMS, order, block)[0] == _ARMS[0] for block in range(blocks)]
            for order in range(min(count, _ORDERS))
        ]
    )
    original_first = first[np.arange(count) % len(first)]
    logs = log_noise(conditions.noise, conditions.spread, (count, blocks, 2), random)
    logs += random.normal(0, 2 * conditions.spread, (count, blocks, 1))
    places = 2 * np.arange(blocks)[:, None] + np.stack([1 - original_first, original_first], axis=-1)
    values = 100 * np.exp(logs) * (1 + conditions.drift) ** places * np.array([1.0, ratio])
    yield from zip(values[..., 0].tolist(), values[..., 1].tolist(), strict=True)


def conclude(
    original: list[float], fixed: list[float], *, margin: float, sequential: bool
) -> tuple[Verdict, Effect]:
    """The verdict on an experiment and the effect that it rests on; `sequential` looks at LOOKS."""
    if not sequential:
        effect = estimate_effect(original, fixed, margin=margin)
        return judge(effect), effect
    for look in LOOKS:
        effect = estimate_effect(original[:look], fixed[:look], margin=margin, alpha=LOOK_ALPHA)
        verdict = judge(effect, LOOK_ALPHA)
        if verdict is not Verdict.INCONCLUSIVE:
            break
    return verdict, effect


def row(conditions: Conditions, arguments: argparse.Namespace, *, sequential: bool = False) -> str:
    """One line of the table."""

    def results(ratio: float) -> list[tuple[Verdict, Effect]]:
        return [
            conclude(original, fixed, margin=arguments.margin, sequential=sequential)
            for original, fixed in experiments(conditions, ratio, arguments.experiments, arguments.seed)
        ]

    same = results(1.0)
    verdicts = Counter(verdict for verdict, _ in same)
    false = false_positive_rate(verdict for verdict, _ in same).rate
    covered = sum(effect.ratio is not None and not effect.ratio.excludes(1.0) for _, effect in same)
    shares = [
        verdicts[verdict] / len(same)
        for verdict in (Verdict.LESS, Verdict.MORE, Verdict.EQUIVALENT, Verdict.INCONCLUSIVE)
    ]
    powers = [
        sum(verdict is Verdict.LESS for verdict, _ in results(1 - saving)) / arguments.experiments
        for saving in SAVINGS
    ]
    cells = [
        f"{'auto' if sequential else conditions.blocks:>6}",
        f"{conditions.drift:>6.1%}",
        f"{conditions.noise:<9}",
        *(f"{share:>12.1%}" for share in shares),
        f"{false.estimate:>6.1%} ({false.low:.1%} to {false.high:.1%})".ljust(24),
        f"{covered / len(same):>8.1%}",
        *(f"{power:>6.0%}" for power in powers),
    ]
    return "  ".join(cells)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--experiments", type=int, default=1000, help="a line and effect (default: 1000)")
    parser.add_argument("--spread", type=float, default=0.02, help="of a run, as a fraction (default: 0.02)")
    parser.add_argument("--margin", type=float, default=MARGIN_MEASURED, help="(default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    print(
        f"{arguments.experiments} experiments each, spread of a run {arguments.spread:.1%}, "
        f"margin {arguments.margin:.1%}, seed {arguments.seed}\n"
    )
    titles = [
        f"{'blocks':>6}",
        f"{'drift':>6}",
        f"{'noise':<9}",
        *(f"{verdict:>12}" for verdict in ("less", "more", "equivalent", "inconclusive")),
        f"{'false positives (95 %)':<24}",
        f"{'coverage':>8}",
        *(f"{saving:>6.0%}" for saving in SAVINGS),
    ]
    print("  ".join(titles))
    for drift in DRIFTS:
        for noise in NOISES:
            for blocks in LOOKS:
                print(row(Conditions(blocks, arguments.spread, drift, noise), arguments))
            longest = Conditions(LOOKS[-1], arguments.spread, drift, noise)
            print(row(longest, arguments, sequential=True))


if __name__ == "__main__":
    main()
