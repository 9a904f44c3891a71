"""Means, slopes and ratios with their intervals, of series that are not paired."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import scipy.special  # type: ignore[import-untyped]
import scipy.stats  # type: ignore[import-untyped]

from leakscan.validation.statistics.basics import LARGEST, mean_and_sd, ratio_of, require
from leakscan.validation.verdicts import Interval, Slope

_MOST_SLOPE_POINTS = 1_000  # Theil-Sen looks at every pair


def slope(values: Sequence[float], confidence: float = 0.95) -> Slope | None:
    """The Theil-Sen slope of a series over its index: memory for each iteration, say. None below 2 values.

    The median of the slopes of all pairs, so that a few spikes, or a slow first iteration, do not move it;
    the interval inverts Kendall's tau and assumes that values do not depend on those before. Where they do,
    as in resident memory that never shrinks, it is narrower than it should be. No interval where even a
    strict order would not reach `confidence` (below 5 values for 95 %). A series of more than 1000 values is
    cut into 1000 groups, each standing for its median.
    Source: P. K. Sen, J. Am. Stat. Assoc. 63 (1968) 1379.

    Raises ValueError for a value that is not finite or above 1e100.
    """
    for place, value in enumerate(values):
        require(abs(value) <= LARGEST, f"value {place} is {value}: not a finite number up to {LARGEST:g}")
    if len(values) <= 1:
        return None
    heights, places = np.asarray(values, dtype=float), np.arange(len(values), dtype=float)
    if len(values) > _MOST_SLOPE_POINTS:
        heights = np.array([np.median(group) for group in np.array_split(heights, _MOST_SLOPE_POINTS)])
        places = np.array([np.mean(group) for group in np.array_split(places, _MOST_SLOPE_POINTS)])
    fit = scipy.stats.theilslopes(heights, places, alpha=confidence)
    if 2 / math.factorial(min(len(values), 100)) > 1 - confidence:
        return Slope(float(fit[0]), None, None, confidence)
    return Slope(float(fit[0]), float(fit[2]), float(fit[3]), confidence)


def mean_interval(values: Sequence[float], confidence: float = 0.95) -> Interval:
    """The mean with Student's t-interval; without bounds for a single value.

    Raises ValueError for no value, and for one that is not finite.
    """
    require(len(values) > 0, "no values")
    require(all(map(math.isfinite, values)), "a value is not finite")
    mean, sd = mean_and_sd(values)
    if sd is None:
        return Interval(mean)
    return _around(mean, sd / math.sqrt(len(values)), len(values) - 1, confidence)


def ratio_of_independent(
    first: Sequence[float], second: Sequence[float], confidence: float = 0.95
) -> Interval:
    """Exp of the difference of the means of two independent series of logarithms, second less first.

    The interval is Welch's, which does not take the variances for equal.
    Source: B. L. Welch, Biometrika 34 (1947) 28.
    Raises ValueError for fewer than 2 values in either, and for one that is not finite.
    """
    require(min(len(first), len(second)) > 1, "an interval needs 2 values of each series")
    require(all(map(math.isfinite, [*first, *second])), "a value is not finite")
    (mean, sd), (other, other_sd) = mean_and_sd(first), mean_and_sd(second)
    parts = [(sd or 0.0) ** 2 / len(first), (other_sd or 0.0) ** 2 / len(second)]
    error, difference = math.sqrt(math.fsum(parts)), other - mean
    if not error:
        return Interval(ratio_of(difference), ratio_of(difference), ratio_of(difference), confidence)
    freedom = math.fsum(parts) ** 2 / (parts[0] ** 2 / (len(first) - 1) + parts[1] ** 2 / (len(second) - 1))
    half = float(scipy.special.stdtrit(freedom, (1 + confidence) / 2)) * error
    return Interval(
        ratio_of(difference), ratio_of(difference - half), ratio_of(difference + half), confidence
    )


def line(points: Sequence[tuple[float, float]], confidence: float = 0.95) -> Interval:
    """The slope of the least-squares line through points (x, y), with its t-interval.

    Raises ValueError for fewer than 3 points, or where all have the same x.
    """
    require(len(points) > 2, "a slope with an interval needs 3 points")  # noqa: PLR2004
    require(len({x for x, _ in points}) > 1, "all points have the same x")
    fit = scipy.stats.linregress(*zip(*points, strict=True))
    return _around(float(fit.slope), float(fit.stderr), len(points) - 2, confidence)


def _around(estimate: float, error: float, freedom: int, confidence: float) -> Interval:
    half = float(scipy.special.stdtrit(freedom, (1 + confidence) / 2)) * error
    return Interval(estimate, estimate - half, estimate + half, confidence)
