"""How many blocks a plan needs, and what so many show."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable

import numpy as np
import scipy.optimize  # type: ignore[import-untyped]
import scipy.special  # type: ignore[import-untyped]

from leakscan.validation.statistics.basics import LARGEST_LOG, Floats, require
from leakscan.validation.verdicts import MINIMUM_BLOCKS, POWER, Comparison

_MOST_BLOCKS = 10_000  # a plan beyond this is no plan
# Gauss-Legendre over (0, 1)
_NODES: Floats = (np.polynomial.legendre.leggauss(200)[0] + 1) / 2
_WEIGHTS: Floats = np.polynomial.legendre.leggauss(200)[1] / 2


def power_of_difference(blocks: int, sd_log_ratio: float, ratio: float, alpha: float = 0.05) -> float:
    """The chance that the paired t-test shows a difference when the true ratio is `ratio`.

    For log ratios that are normal with standard deviation `sd_log_ratio`: the noncentral t distribution.
    Source: J. Cohen, Statistical Power Analysis for the Behavioral Sciences (1988) ch. 2.
    Raises ValueError for fewer than 2 blocks, or a standard deviation or ratio not above zero.
    """
    _require_plan(blocks, sd_log_ratio, ratio)
    shift = math.log(ratio) * math.sqrt(blocks) / sd_log_ratio
    threshold = float(scipy.special.stdtrit(blocks - 1, 1 - alpha / 2)) * _sample_sds(blocks - 1)
    missed = scipy.special.ndtr(threshold - shift) - scipy.special.ndtr(-threshold - shift)
    return float(1 - _WEIGHTS @ missed)


def power_of_equivalence(
    blocks: int, sd_log_ratio: float, margin: float, ratio: float = 1.0, alpha: float = 0.05
) -> float:
    """The chance that TOST shows equivalence within `margin` when the true ratio is `ratio`.

    For log ratios that are normal with standard deviation `sd_log_ratio`; exact, both tests share one sample.
    Source: K. F. Phillips, J. Pharmacokinet. Biopharm. 18 (1990) 137.
    Raises ValueError as `power_of_difference` does.
    """
    _require_plan(blocks, sd_log_ratio, ratio)
    scale = math.sqrt(blocks) / sd_log_ratio
    limit, shift = math.log1p(margin) * scale, math.log(ratio) * scale
    threshold = float(scipy.special.stdtrit(blocks - 1, 1 - alpha)) * _sample_sds(blocks - 1)
    within = scipy.special.ndtr(limit - threshold - shift) - scipy.special.ndtr(threshold - limit - shift)
    return float(_WEIGHTS @ np.maximum(within, 0))


def blocks_for_difference(
    sd_log_ratio: float, ratio: float, alpha: float = 0.05, power: float = POWER
) -> int | None:
    """The number of blocks, at least 6, that shows a true `ratio` with this power; None above 10 000."""
    return _fewest_blocks(lambda blocks: power_of_difference(blocks, sd_log_ratio, ratio, alpha), power)


def blocks_for_equivalence(
    sd_log_ratio: float, margin: float, ratio: float = 1.0, alpha: float = 0.05, power: float = POWER
) -> int | None:
    """The number of blocks, at least 6, that shows equivalence with this power; None above 10 000."""
    return _fewest_blocks(
        lambda blocks: power_of_equivalence(blocks, sd_log_ratio, margin, ratio, alpha), power
    )


def smallest_detectable_change(
    blocks: int, sd_log_ratio: float, alpha: float = 0.05, power: float = POWER
) -> float:
    """The smallest saving that so many blocks show with this power, as a fraction: 0.02 is 2 % less.

    Raises ValueError as `power_of_difference` does.
    """
    _require_plan(blocks, sd_log_ratio, 1.0)

    def missing(log: float) -> float:
        return power_of_difference(blocks, sd_log_ratio, math.exp(-log), alpha) - power

    high = sd_log_ratio
    while missing(high) < 0:
        if high > LARGEST_LOG:
            return 1.0
        high *= 2
    return -math.expm1(-float(scipy.optimize.brentq(missing, 0.0, high)))


def _sample_sds(freedom: int) -> Floats:
    """Quantiles of a normal sample's standard deviation, over the true one: the places to integrate over."""
    quantiles: Floats = np.sqrt(2 * scipy.special.gammaincinv(freedom / 2, _NODES) / freedom)
    return quantiles


def _fewest_blocks(power_at: Callable[[int], float], power: float) -> int | None:
    candidates = range(MINIMUM_BLOCKS, _MOST_BLOCKS + 1)
    place = bisect_left(candidates, power, key=power_at)
    return candidates[place] if place < len(candidates) else None


def blocks_to_settle(comparison: Comparison) -> int | None:
    """The blocks after which either test should reject, if ratio and spread stay as they are.

    For several comparisons the level is divided by their number, which is Holm's first step.
    """
    effect, alpha = comparison.effect, comparison.alpha / comparison.family
    more = max(MINIMUM_BLOCKS, comparison.blocks + 1)
    if effect.ratio is None or effect.sd_log_ratio is None:
        return more
    if effect.sd_log_ratio == 0:
        return max(more, math.ceil(1 - math.log2(alpha)))
    ratio = effect.ratio.estimate
    needed = [
        blocks_for_difference(effect.sd_log_ratio, ratio, alpha),
        blocks_for_equivalence(effect.sd_log_ratio, comparison.margin, ratio, alpha),
    ]
    within_reach = [blocks for blocks in needed if blocks is not None]
    return max(more, min(within_reach)) if within_reach else None


def _require_plan(blocks: int, sd_log_ratio: float, ratio: float) -> None:
    require(blocks > 1, f"a plan needs at least 2 blocks, not {blocks}")
    require(0 < sd_log_ratio < math.inf, f"the standard deviation must be above 0, not {sd_log_ratio}")
    require(0 < ratio < math.inf, f"the ratio must be above 0, not {ratio}")
