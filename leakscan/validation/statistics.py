"""What paired measurements of two arms say: an effect, its interval, a verdict, and what more it would take.

Numbers in, frozen records out: nothing here runs, reads or prints. Values are one metric (joules, seconds,
bytes) of the original and of a fix, one pair a block, in the order of the blocks. Everything is computed from
the log ratios log(fixed / original), so the unit does not matter and exchanging the arms inverts the ratio. A
ratio below 1 means that the fix used less.

No field of a result is ever NaN or infinite; None means "cannot be computed from these values".
"""

from __future__ import annotations

import dataclasses
import math
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import scipy.optimize  # type: ignore[import-untyped]
import scipy.special  # type: ignore[import-untyped]
import scipy.stats  # type: ignore[import-untyped]

from leakscan.validation.verdicts import (
    LOOK_ALPHA,
    LOOKS,
    MINIMUM_BLOCKS,
    POWER,
    Comparison,
    Effect,
    ErrorRate,
    Interval,
    PaperForm,
    Ranking,
    Ranks,
    Slope,
    Verdict,
)

_MOST_BLOCKS = 10_000  # a plan beyond this is no plan
_MOST_FLIPPED = 40  # two halves of 2**20 sums each
_MOST_SLOPE_POINTS = 1_000  # Theil-Sen looks at every pair
_LARGEST = 1e100  # sums of squares of values up to here, and of 1 / here, stay finite
_LARGEST_LOG = 300.0  # bounds beyond exp(300) are cut off there: they say only that nothing is known
_OUTLIER_Z = 3.5
_SHAPIRO_ALPHA = 0.05
_LEAST_SHAPIRO = 3
_DIGITS = 12  # differences below 1e-12 of a value are rounding: they would order what is tied

_Key = TypeVar("_Key")
_Floats = npt.NDArray[np.float64]

# Gauss-Legendre over (0, 1)
_NODES: _Floats = (np.polynomial.legendre.leggauss(200)[0] + 1) / 2
_WEIGHTS: _Floats = np.polynomial.legendre.leggauss(200)[1] / 2


# -- comparing ----------------------------------------------------------------------------------------------


def compare(
    original: Sequence[float],
    fixed: Sequence[float],
    *,
    margin: float,
    confidence: float | None = None,
    alpha: float = 0.05,
) -> Comparison:
    """Compare one metric of a fix with the original, block by block.

    Takes two sequences of equal length in the order of the blocks, in any unit. `margin` is the change that
    does not matter, as a fraction; `confidence` of the intervals is 1 - `alpha` unless given.

    The verdict, from at least 6 blocks: `EQUIVALENT` if TOST shows that the ratio lies within the margin,
    else `LESS` or `MORE` if the t-test shows a difference, else `INCONCLUSIVE`. Equivalence goes first: where
    both tests reject, the difference is there and is known to be smaller than what was said not to matter, so
    that calling it a saving would mislead; a note says that it is there. With enough blocks any two programs
    differ, and only this order lets the answer settle.

    Raises ValueError for values that are not finite and above zero, for lengths that differ, for a margin
    that is not between 0 and 1, an alpha not between 0 and 0.5, or a confidence not between 0 and 1.
    """
    effect = estimate_effect(original, fixed, margin=margin, confidence=confidence, alpha=alpha)
    logs = _log_ratios(original, fixed)
    levels = [(math.log(a) + math.log(b)) / 2 for a, b in zip(original, fixed, strict=True)]
    draft = Comparison(
        verdict=Verdict.INCONCLUSIVE,
        reason="",
        notes=(),
        blocks=effect.blocks,
        margin=margin,
        alpha=alpha,
        family=1,
        p_difference=effect.p_difference,
        p_equivalence=effect.p_equivalence,
        blocks_to_settle=None,
        effect=effect,
        ranks=_ranks(logs, confidence or 1 - alpha),
        paper=_paper_form(original, fixed),
        wins=sum(log < 0 for log in logs),
        ties=sum(log == 0 for log in logs),
        outliers=_outliers(logs),
        shapiro_p=_shapiro(logs),
        drift=slope(levels),
        ratio_drift=slope(logs),
    )
    return _concluded(draft)


def estimate_effect(
    original: Sequence[float],
    fixed: Sequence[float],
    *,
    margin: float,
    confidence: float | None = None,
    alpha: float = 0.05,
) -> Effect:
    """The part of `compare` that the verdict rests on, without the rest; the same arguments and errors.

    Without any spread between blocks a t-test is undefined. Then the interval is the point, and sign tests
    take its place: n equal non-zero log ratios have two-sided p = 2 / 2**n, n within the margin p = 1 / 2**n.
    """
    _require(0 < margin < 1, f"the margin must lie between 0 and 1, not {margin}")
    _require(0 < 2 * alpha < 1, f"alpha must lie between 0 and 0.5, not {alpha}")
    confidence = 1 - alpha if confidence is None else confidence
    _require(0 < confidence < 1, f"the confidence must lie between 0 and 1, not {confidence}")
    logs = _log_ratios(original, fixed)
    if not logs:
        return Effect(0, margin, None, None, None, None, None, None, None)
    mean, sd = _mean_and_sd(logs)
    ratio = equivalence = Interval(_ratio(mean))
    standardized = p_difference = p_equivalence = None
    if sd is not None:
        error = sd / math.sqrt(len(logs))
        ratio = _t_interval(mean, error, len(logs) - 1, confidence)
        equivalence = _t_interval(mean, error, len(logs) - 1, 1 - 2 * alpha)
        p_difference, p_equivalence = _t_tests(mean, error, len(logs), math.log1p(margin))
        standardized = mean / sd if sd else None
    return Effect(
        blocks=len(logs),
        margin=margin,
        ratio=ratio,
        percent_change=Interval(
            _percent(ratio.estimate),
            None if ratio.low is None else _percent(ratio.low),
            None if ratio.high is None else _percent(ratio.high),
            ratio.confidence,
        ),
        equivalence=equivalence,
        sd_log_ratio=sd,
        standardized=standardized,
        p_difference=p_difference,
        p_equivalence=p_equivalence,
    )


def judge(effect: Effect, alpha: float = 0.05) -> Verdict:
    """The verdict of `compare` for this effect alone."""
    return _verdict(effect, effect.p_difference, effect.p_equivalence, alpha)


def invalidate(comparison: Comparison, reason: str) -> Comparison:
    """The comparison as invalid, for a reason that its numbers do not show; they stay for the record."""
    return dataclasses.replace(
        comparison, verdict=Verdict.INVALID, reason=reason, notes=(), blocks_to_settle=None
    )


def _verdict(
    effect: Effect, p_difference: float | None, p_equivalence: float | None, alpha: float
) -> Verdict:
    if (
        effect.blocks < MINIMUM_BLOCKS
        or effect.ratio is None
        or p_difference is None
        or p_equivalence is None
    ):
        return Verdict.INCONCLUSIVE
    if p_equivalence <= alpha:
        return Verdict.EQUIVALENT
    if p_difference <= alpha:
        return Verdict.LESS if effect.ratio.estimate < 1 else Verdict.MORE
    return Verdict.INCONCLUSIVE


def _concluded(comparison: Comparison) -> Comparison:
    """The comparison with verdict, reason and notes that follow from its adjusted p-values."""
    verdict = _verdict(comparison.effect, comparison.p_difference, comparison.p_equivalence, comparison.alpha)
    unsettled = verdict is Verdict.INCONCLUSIVE
    concluded = dataclasses.replace(
        comparison, verdict=verdict, blocks_to_settle=_blocks_to_settle(comparison) if unsettled else None
    )
    return dataclasses.replace(concluded, reason=_reason(concluded), notes=_notes(concluded))


def _reason(comparison: Comparison) -> str:
    level = f"at the level of {comparison.alpha:g}"
    if comparison.family > 1:
        level += f", adjusted for {comparison.family} comparisons"
    if comparison.blocks < MINIMUM_BLOCKS:
        return f"a verdict needs at least {MINIMUM_BLOCKS} blocks, not {comparison.blocks}"
    if comparison.verdict is Verdict.INCONCLUSIVE:
        return f"neither a difference nor a change within {_as_percent(comparison.margin)} is shown {level}"
    if comparison.verdict is Verdict.EQUIVALENT:
        within = f"the change is within {_as_percent(comparison.margin)}"
        return f"{within}: p = {comparison.p_equivalence:.2g} {level}"
    return f"there is a difference: p = {comparison.p_difference:.2g} {level}"


def _notes(comparison: Comparison) -> tuple[str, ...]:
    return (*_notes_on_the_verdict(comparison), *_notes_on_the_values(comparison))


def _notes_on_the_verdict(comparison: Comparison) -> Iterable[str]:
    """Where the interval that is shown does not say what the verdict says."""
    ratio, verdict, margin = comparison.effect.ratio, comparison.verdict, comparison.margin
    if ratio is None or ratio.low is None or ratio.high is None or ratio.confidence is None:
        return
    interval = f"the {_as_percent(ratio.confidence)} interval"
    within = 1 / (1 + margin) <= ratio.low and ratio.high <= 1 + margin
    if verdict is Verdict.INCONCLUSIVE and comparison.blocks >= MINIMUM_BLOCKS:
        cause = f"its level is {comparison.alpha:g}"
        if comparison.family > 1:
            cause += f", adjusted for {comparison.family} comparisons"
        if ratio.excludes(1):
            yield f"{interval} excludes no change, the verdict asks for more: {cause}"
        elif within:
            yield f"{interval} lies within the margin, the verdict asks for more: {cause}"
    if verdict is Verdict.EQUIVALENT:
        if ratio.excludes(1):
            yield f"{interval} excludes no change: there is a difference, smaller than the margin"
        if not within:
            judged = _as_percent(1 - 2 * comparison.alpha)
            yield f"{interval} leaves the margin; equivalence rests on the {judged} interval, which does not"
    if verdict in (Verdict.LESS, Verdict.MORE):
        if not ratio.excludes(1):
            level = f"its level is {comparison.alpha:g}"
            yield f"{interval} includes no change, the verdict asks for less: {level}"
        elif ratio.low < 1 + margin and ratio.high > 1 / (1 + margin):
            yield f"the change may be smaller than the margin of {_as_percent(margin)}"


def _notes_on_the_values(comparison: Comparison) -> Iterable[str]:
    effect, ranks, alpha = comparison.effect, comparison.ranks, comparison.alpha
    if effect.sd_log_ratio == 0:
        yield "every block has the same ratio, too coarse for a t-test: the verdict rests on signs"
    if comparison.outliers:
        places = ", ".join(str(place + 1) for place in comparison.outliers)
        yield f"outliers, kept: block {places}"
    if comparison.shapiro_p is not None and comparison.shapiro_p < _SHAPIRO_ALPHA:
        yield "the log ratios do not look normal (Shapiro-Wilk): see the rank-based numbers"
    if (
        comparison.verdict is Verdict.INCONCLUSIVE
        and comparison.blocks >= MINIMUM_BLOCKS
        and ranks.wilcoxon_p is not None
        and ranks.wilcoxon_p * comparison.family <= alpha
    ):
        yield f"the signed-rank test shows a difference (p = {ranks.wilcoxon_p:.2g}), the t-test does not"
    drift = comparison.ratio_drift
    if drift is not None and (drift.rises or drift.falls):
        yield "the ratio changed in the course of the blocks"


# -- several comparisons ------------------------------------------------------------------------------------


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Holm's adjusted p-values, in the order given. Source: S. Holm, Scand. J. Statist. 6 (1979) 65."""
    adjusted = [0.0] * len(p_values)
    reached = 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        reached = max(reached, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = reached
    return tuple(adjusted)


def adjust(comparisons: Mapping[_Key, Comparison]) -> dict[_Key, Comparison]:
    """The comparisons, of several fixes or metrics, with verdicts that hold for all of them together.

    The p-values of differences and those of equivalence are adjusted by Holm's method, each kind as one
    family, so that the chance of any false difference, and that of any false equivalence, is at most alpha.
    Intervals stay those of one comparison; where such an interval says more than the verdict, a note says
    so. Comparisons that are invalid or have fewer than 6 blocks are not tested, and do not count. Starts from
    the unadjusted p-values: adjusting again, with more comparisons or fewer, is safe.
    """
    tested = [key for key, comparison in comparisons.items() if _is_tested(comparison)]
    effects = [comparisons[key].effect for key in tested]
    differences = holm([effect.p_difference for effect in effects if effect.p_difference is not None])
    equivalences = holm([effect.p_equivalence for effect in effects if effect.p_equivalence is not None])
    adjusted = dict(comparisons)
    for key, p_difference, p_equivalence in zip(tested, differences, equivalences, strict=True):
        adjusted[key] = _concluded(
            dataclasses.replace(
                comparisons[key],
                family=len(tested),
                p_difference=p_difference,
                p_equivalence=p_equivalence,
            )
        )
    return adjusted


def rank(comparisons: Mapping[str, Comparison]) -> Ranking:
    """Order the fixes by what they use, from their comparisons with the original in one metric.

    Takes comparisons as `adjust` gives them. Invalid ones, and ones without a ratio, are left out. The best
    fix is the one with the lowest ratio of those with the verdict `LESS`; None if there is none.

    Raises ValueError when several comparisons were not adjusted together.
    """
    tested = sum(_is_tested(comparison) for comparison in comparisons.values())
    for name, comparison in comparisons.items():
        if _is_tested(comparison) and comparison.family < tested:
            raise ValueError(f"{name} was not adjusted for {tested} comparisons")
    ratios = {
        name: comparison.effect.ratio.estimate
        for name, comparison in comparisons.items()
        if comparison.verdict is not Verdict.INVALID and comparison.effect.ratio is not None
    }
    order = tuple(sorted(ratios, key=ratios.__getitem__))
    best = next((name for name in order if comparisons[name].verdict is Verdict.LESS), None)
    return Ranking(order, best)


def should_stop(comparisons: Iterable[Comparison]) -> bool:
    """Whether to stop a sequential experiment after these comparisons, all of the same blocks.

    True at the last of LOOKS, at an earlier one if every comparison has a verdict, and when none but invalid
    ones are left. Between looks, False: few looks, each at a level below 5 %, are what keeps the chance of a
    false difference below 5 % in all: 4.4 % for normal noise (a million simulated experiments). Pocock's
    nominal 0.0158 is for equal steps of many values.
    Source: S. J. Pocock, Biometrika 64 (1977) 191.

    Raises ValueError when a comparison was judged at a level above LOOK_ALPHA.
    """
    listed = list(comparisons)
    for comparison in listed:
        _require(
            comparison.alpha <= LOOK_ALPHA,
            f"comparisons at a look need alpha {LOOK_ALPHA} or less, not {comparison.alpha}",
        )
    blocks = min((comparison.blocks for comparison in listed if _is_tested(comparison)), default=0)
    if blocks >= LOOKS[-1] or all(comparison.verdict is Verdict.INVALID for comparison in listed):
        return True
    return blocks in LOOKS and all(comparison.verdict is not Verdict.INCONCLUSIVE for comparison in listed)


def false_positive_rate(verdicts: Iterable[Verdict], confidence: float = 0.95) -> ErrorRate:
    """How often experiments that compare a program with itself (A/A) ended in `LESS` or `MORE`.

    Invalid experiments do not count. Raises ValueError if none is left.
    Source: C. J. Clopper, E. S. Pearson, Biometrika 26 (1934) 404.
    """
    valid = [verdict for verdict in verdicts if verdict is not Verdict.INVALID]
    _require(bool(valid), "no valid experiment")
    false = sum(verdict in (Verdict.LESS, Verdict.MORE) for verdict in valid)
    tail = (1 - confidence) / 2
    true = len(valid) - false
    low = float(scipy.special.betaincinv(false, true + 1, tail)) if false else 0.0
    high = float(scipy.special.betaincinv(false + 1, true, 1 - tail)) if true else 1.0
    return ErrorRate(len(valid), false, Interval(false / len(valid), low, high, confidence))


def _is_tested(comparison: Comparison) -> bool:
    return comparison.verdict is not Verdict.INVALID and comparison.blocks >= MINIMUM_BLOCKS


# -- planning -----------------------------------------------------------------------------------------------


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
        if high > _LARGEST_LOG:
            return 1.0
        high *= 2
    return -math.expm1(-float(scipy.optimize.brentq(missing, 0.0, high)))


def _sample_sds(freedom: int) -> _Floats:
    """Quantiles of a normal sample's standard deviation, over the true one: the places to integrate over."""
    quantiles: _Floats = np.sqrt(2 * scipy.special.gammaincinv(freedom / 2, _NODES) / freedom)
    return quantiles


def _fewest_blocks(power_at: Callable[[int], float], power: float) -> int | None:
    candidates = range(MINIMUM_BLOCKS, _MOST_BLOCKS + 1)
    place = bisect_left(candidates, power, key=power_at)
    return candidates[place] if place < len(candidates) else None


def _blocks_to_settle(comparison: Comparison) -> int | None:
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


# -- series -------------------------------------------------------------------------------------------------


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
        _require(abs(value) <= _LARGEST, f"value {place} is {value}: not a finite number up to {_LARGEST:g}")
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
    _require(len(values) > 0, "no values")
    _require(all(map(math.isfinite, values)), "a value is not finite")
    mean, sd = _mean_and_sd(values)
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
    _require(min(len(first), len(second)) > 1, "an interval needs 2 values of each series")
    _require(all(map(math.isfinite, [*first, *second])), "a value is not finite")
    (mean, sd), (other, other_sd) = _mean_and_sd(first), _mean_and_sd(second)
    parts = [(sd or 0.0) ** 2 / len(first), (other_sd or 0.0) ** 2 / len(second)]
    error, difference = math.sqrt(math.fsum(parts)), other - mean
    if not error:
        return Interval(_ratio(difference), _ratio(difference), _ratio(difference), confidence)
    freedom = math.fsum(parts) ** 2 / (parts[0] ** 2 / (len(first) - 1) + parts[1] ** 2 / (len(second) - 1))
    half = float(scipy.special.stdtrit(freedom, (1 + confidence) / 2)) * error
    return Interval(_ratio(difference), _ratio(difference - half), _ratio(difference + half), confidence)


def line(points: Sequence[tuple[float, float]], confidence: float = 0.95) -> Interval:
    """The slope of the least-squares line through points (x, y), with its t-interval.

    Raises ValueError for fewer than 3 points, or where all have the same x.
    """
    _require(len(points) > 2, "a slope with an interval needs 3 points")  # noqa: PLR2004
    _require(len({x for x, _ in points}) > 1, "all points have the same x")
    fit = scipy.stats.linregress(*zip(*points, strict=True))
    return _around(float(fit.slope), float(fit.stderr), len(points) - 2, confidence)


def _around(estimate: float, error: float, freedom: int, confidence: float) -> Interval:
    half = float(scipy.special.stdtrit(freedom, (1 + confidence) / 2)) * error
    return Interval(estimate, estimate - half, estimate + half, confidence)


# -- the parts of a comparison ------------------------------------------------------------------------------


def _log_ratios(original: Sequence[float], fixed: Sequence[float]) -> list[float]:
    _require(
        len(original) == len(fixed),
        f"{len(original)} values of the original and {len(fixed)} of the fix: blocks have one of each",
    )
    for name, values in (("original", original), ("fixed", fixed)):
        for place, value in enumerate(values):
            _require(
                1 / _LARGEST <= value <= _LARGEST,
                f"{name}[{place}] is {value}: not a finite number above 0 (from 1e-100 to 1e100)",
            )
    return [
        round(math.log(after / before), _DIGITS) + 0.0 for before, after in zip(original, fixed, strict=True)
    ]


def _mean_and_sd(values: Sequence[float]) -> tuple[float, float | None]:
    """Mean and sample standard deviation, the same for every order; None for a single value."""
    if min(values) == max(values):
        return values[0], 0.0 if len(values) > 1 else None
    mean = math.fsum(values) / len(values)
    return mean, math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1))


def _t_interval(mean: float, error: float, freedom: int, confidence: float) -> Interval:
    half = float(scipy.special.stdtrit(freedom, (1 + confidence) / 2)) * error
    return Interval(_ratio(mean), _ratio(mean - half), _ratio(mean + half), confidence)


def _t_tests(mean: float, error: float, blocks: int, limit: float) -> tuple[float, float]:
    """Two-sided p of "the mean is 0" and TOST's p of "the mean is not within the limit on both sides"."""
    if error == 0:
        within = abs(mean) < limit
        return (2 * 0.5**blocks if mean else 1.0), (0.5**blocks if within else 1.0)
    freedom = blocks - 1
    p_difference = 2 * float(scipy.special.stdtr(freedom, -abs(mean) / error))
    return p_difference, float(scipy.special.stdtr(freedom, (abs(mean) - limit) / error))


def _ranks(logs: Sequence[float], confidence: float) -> Ranks:
    if not logs:
        return Ranks(None, None, None, None, None)
    values = np.asarray(logs, dtype=float)
    p_value, biserial = _signed_rank(values)
    return Ranks(
        median_ratio=_ratio(float(np.median(values))),
        hodges_lehmann=_hodges_lehmann(values, confidence),
        wilcoxon_p=p_value,
        sign_flip_p=_sign_flip(values),
        rank_biserial=biserial,
    )


def _signed_rank(values: _Floats) -> tuple[float, float | None]:
    """Exact two-sided p of the signed-rank test given the ties, and the rank biserial correlation."""
    nonzero = values[values != 0]
    if not len(nonzero):
        return 1.0, None
    doubled = np.rint(2 * scipy.stats.rankdata(np.abs(nonzero))).astype(np.int64)  # whole, tied ranks too
    total, positive = int(doubled.sum()), int(doubled[nonzero > 0].sum())
    chances = _rank_sum_chances(doubled)
    tail = math.fsum(chances[: min(positive, total - positive) + 1])
    return min(1.0, 2 * tail), (2 * positive - total) / total


def _rank_sum_chances(ranks: npt.NDArray[np.int64]) -> _Floats:
    """The chance of each sum of the ranks whose coin shows a head (shift algorithm)."""
    chances = np.zeros(int(ranks.sum()) + 1)
    chances[0] = 1.0
    for each in ranks:
        shifted = np.zeros_like(chances)
        shifted[each:] = chances[: len(chances) - each]
        chances = (chances + shifted) / 2
    return chances


def _hodges_lehmann(values: _Floats, confidence: float) -> Interval:
    """The median of the Walsh averages, and the k-th from either end with k from the signed-rank test."""
    rows, columns = np.triu_indices(len(values))
    walsh = np.sort((values[rows] + values[columns]) / 2)
    estimate = _ratio(float(np.median(walsh)))
    below = np.cumsum(_rank_sum_chances(np.arange(1, len(values) + 1)))
    k = int(np.searchsorted(below, (1 - confidence) / 2, side="right"))
    if k == 0:
        return Interval(estimate)
    return Interval(
        estimate, _ratio(float(walsh[k - 1])), _ratio(float(walsh[-k])), float(1 - 2 * below[k - 1])
    )


def _sign_flip(values: _Floats) -> float | None:
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


def _signed_sums(values: _Floats) -> _Floats:
    sums = np.zeros(1)
    for value in values:
        sums = np.concatenate((sums + value, sums - value))
    return sums


def _paper_form(original: Sequence[float], fixed: Sequence[float]) -> PaperForm:
    if not original:
        return PaperForm(None, None, None, None, None, None, None, None, None)
    mean_original, sd_original = _mean_and_sd(original)
    mean_fixed, sd_fixed = _mean_and_sd(fixed)
    unit = max(*original, *fixed)
    differences = [
        round((after - before) / unit, _DIGITS) for before, after in zip(original, fixed, strict=True)
    ]
    mean, sd = _mean_and_sd(differences)
    t = mean / (sd / math.sqrt(len(differences))) if sd else None
    freedom = len(differences) - 1
    return PaperForm(
        mean_original=mean_original,
        mean_fixed=mean_fixed,
        sd_original=sd_original,
        sd_fixed=sd_fixed,
        percent_change=_percent(mean_fixed / mean_original),
        t=t,
        degrees_of_freedom=freedom or None,
        t_p=None if t is None else 2 * float(scipy.special.stdtr(freedom, -abs(t))),
        wilcoxon_p=_signed_rank(np.asarray(differences))[0],
    )


def _outliers(logs: Sequence[float]) -> tuple[int, ...]:
    """Places with a modified z-score above 3.5; where half of the values agree, by the mean deviation.

    Source: B. Iglewicz, D. C. Hoaglin, How to Detect and Handle Outliers (1993) 11.
    """
    if not logs:
        return ()
    distances = np.abs(np.asarray(logs) - np.median(logs))
    scale = 1.4826 * float(np.median(distances)) or 1.2533 * float(np.mean(distances))
    return tuple(int(place) for place in np.flatnonzero(distances > _OUTLIER_Z * scale))


def _shapiro(logs: Sequence[float]) -> float | None:
    """The p-value; None where it is undefined: fewer than 3 values, or all equal."""
    if len(logs) < _LEAST_SHAPIRO or min(logs) == max(logs):
        return None
    return float(scipy.stats.shapiro(np.asarray(logs) - np.median(logs)).pvalue)


def _ratio(log: float) -> float:
    return math.exp(max(-_LARGEST_LOG, min(_LARGEST_LOG, log)))


def _percent(ratio: float) -> float:
    return 100 * (ratio - 1)


def _as_percent(fraction: float) -> str:
    return f"{100 * fraction:.4g} %"


def _require_plan(blocks: int, sd_log_ratio: float, ratio: float) -> None:
    _require(blocks > 1, f"a plan needs at least 2 blocks, not {blocks}")
    _require(0 < sd_log_ratio < math.inf, f"the standard deviation must be above 0, not {sd_log_ratio}")
    _require(0 < ratio < math.inf, f"the ratio must be above 0, not {ratio}")


def _require(condition: bool, message: str) -> None:  # noqa: FBT001
    if not condition:
        raise ValueError(message)
