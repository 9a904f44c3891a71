"""What ranks, signs and the spread of log ratios say, whatever their distribution."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import scipy.stats  # type: ignore[import-untyped]

from leakscan.validation.statistics.basics import Floats, ratio_of
from leakscan.validation.verdicts import Interval, Ranks

_MOST_FLIPPED = 40  # two halves of 2**20 sums each
_OUTLIER_Z = 3.5
_LEAST_SHAPIRO = 3


def rank_based(logs: Sequence[float], confidence: float) -> Ranks:
    """All that rests on ranks and signs."""
    if not logs:
        return Ranks(None, None, None, None, None)
    values = np.asarray(logs, dtype=float)
    p_value, biserial = signed_rank(values)
    return Ranks(
        median_ratio=ratio_of(float(np.median(values))),
        hodges_lehmann=_hodges_lehmann(values, confidence),
        wilcoxon_p=p_value,
        sign_flip_p=_sign_flip(values),
        rank_biserial=biserial,
    )


def signed_rank(values: Floats) -> tuple[float, float | None]:
    """Exact two-sided p of the signed-rank test given the ties, and the rank biserial correlation."""
    nonzero = values[values != 0]
    if not len(nonzero):
        return 1.0, None
    doubled = np.rint(2 * scipy.stats.rankdata(np.abs(nonzero))).astype(np.int64)  # whole, tied ranks too
    total, positive = int(doubled.sum()), int(doubled[nonzero > 0].sum())
    chances = _rank_sum_chances(doubled)
    tail = math.fsum(chances[: min(positive, total - positive) + 1])
    return min(1.0, 2 * tail), (2 * positive - total) / total


def _rank_sum_chances(ranks: npt.NDArray[np.int64]) -> Floats:
    """The chance of each sum of the ranks whose coin shows a head (shift algorithm)."""
    chances = np.zeros(int(ranks.sum()) + 1)
    chances[0] = 1.0
    for each in ranks:
        shifted = np.zeros_like(chances)
        shifted[each:] = chances[: len(chances) - each]
        chances = (chances + shifted) / 2
    return chances


def _hodges_lehmann(values: Floats, confidence: float) -> Interval:
    """The median of the Walsh averages, and the k-th from either end with k from the signed-rank test."""
    rows, columns = np.triu_indices(len(values))
    walsh = np.sort((values[rows] + values[columns]) / 2)
    estimate = ratio_of(float(np.median(walsh)))
    below = np.cumsum(_rank_sum_chances(np.arange(1, len(values) + 1)))
    k = int(np.searchsorted(below, (1 - confidence) / 2, side="right"))
    if k == 0:
        return Interval(estimate)
    return Interval(
        estimate, ratio_of(float(walsh[k - 1])), ratio_of(float(walsh[-k])), float(1 - 2 * below[k - 1])
    )


def _sign_flip(values: Floats) -> float | None:
    """The share of all 2**n choices of signs whose sum is at least as far from zero as the one seen.

    Counted from the sums of two halves, one of them sorted, so that 2**n is never walked through.
    """
    if len(values) > _MOST_FLIPPED:
        return None
    limit = abs(float(values.sum())) - 1e-9 * float(np.abs(values).sum())
    if limit <= 0:
        return 1.0
    half = len(values) // 2
    left, right = _signed_sums(values[:half]), np.sort(_signed_sums(values[half:]))
    as_far = len(right) - np.searchsorted(right, limit - left, side="left")
    return 2 * float(as_far.sum()) / (len(left) * len(right))


def _signed_sums(values: Floats) -> Floats:
    sums = np.zeros(1)
    for value in values:
        sums = np.concatenate((sums + value, sums - value))
    return sums


def outliers(logs: Sequence[float]) -> tuple[int, ...]:
    """Places with a modified z-score above 3.5; where half of the values agree, by the mean deviation.

    Source: B. Iglewicz, D. C. Hoaglin, How to Detect and Handle Outliers (1993) 11.
    """
    if not logs:
        return ()
    distances = np.abs(np.asarray(logs) - np.median(logs))
    scale = 1.4826 * float(np.median(distances)) or 1.2533 * float(np.mean(distances))
    return tuple(int(place) for place in np.flatnonzero(distances > _OUTLIER_Z * scale))


def shapiro(logs: Sequence[float]) -> float | None:
    """The p-value; None where it is undefined: fewer than 3 values, or all equal."""
    if len(logs) < _LEAST_SHAPIRO or min(logs) == max(logs):
        return None
    return float(scipy.stats.shapiro(np.asarray(logs) - np.median(logs)).pvalue)
