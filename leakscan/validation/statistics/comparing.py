"""The effect of a fix on one metric, its verdict, and verdicts on several fixes together."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

import numpy as np
import scipy.special  # type: ignore[import-untyped]

from leakscan.validation.statistics.basics import (
    DIGITS,
    LARGEST,
    mean_and_sd,
    percent_of,
    ratio_of,
    require,
    t_interval,
)
from leakscan.validation.statistics.estimates import slope
from leakscan.validation.statistics.planning import blocks_to_settle
from leakscan.validation.statistics.ranks import outliers, rank_based, shapiro, signed_rank
from leakscan.validation.statistics.remarks import notes_on, reason_for
from leakscan.validation.verdicts import (
    LOOK_ALPHA,
    LOOKS,
    MINIMUM_BLOCKS,
    Comparison,
    Effect,
    ErrorRate,
    Interval,
    PaperForm,
    Ranking,
    Verdict,
)

_Key = TypeVar("_Key")


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
        ranks=rank_based(logs, confidence or 1 - alpha),
        paper=_paper_form(original, fixed),
        wins=sum(log < 0 for log in logs),
        ties=sum(log == 0 for log in logs),
        outliers=outliers(logs),
        shapiro_p=shapiro(logs),
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
    require(0 < margin < 1, f"the margin must lie between 0 and 1, not {margin}")
    require(0 < 2 * alpha < 1, f"alpha must lie between 0 and 0.5, not {alpha}")
    confidence = 1 - alpha if confidence is None else confidence
    require(0 < confidence < 1, f"the confidence must lie between 0 and 1, not {confidence}")
    logs = _log_ratios(original, fixed)
    if not logs:
        return Effect(0, margin, None, None, None, None, None, None, None)
    mean, sd = mean_and_sd(logs)
    ratio = equivalence = Interval(ratio_of(mean))
    standardized = p_difference = p_equivalence = None
    if sd is not None:
        error = sd / math.sqrt(len(logs))
        ratio = t_interval(mean, error, len(logs) - 1, confidence)
        equivalence = t_interval(mean, error, len(logs) - 1, 1 - 2 * alpha)
        p_difference, p_equivalence = _t_tests(mean, error, len(logs), math.log1p(margin))
        standardized = mean / sd if sd else None
    return Effect(
        blocks=len(logs),
        margin=margin,
        ratio=ratio,
        percent_change=Interval(
            percent_of(ratio.estimate),
            None if ratio.low is None else percent_of(ratio.low),
            None if ratio.high is None else percent_of(ratio.high),
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
        comparison, verdict=verdict, blocks_to_settle=blocks_to_settle(comparison) if unsettled else None
    )
    return dataclasses.replace(concluded, reason=reason_for(concluded), notes=notes_on(concluded))


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
        require(
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
    require(bool(valid), "no valid experiment")
    false = sum(verdict in (Verdict.LESS, Verdict.MORE) for verdict in valid)
    tail = (1 - confidence) / 2
    true = len(valid) - false
    low = float(scipy.special.betaincinv(false, true + 1, tail)) if false else 0.0
    high = float(scipy.special.betaincinv(false + 1, true, 1 - tail)) if true else 1.0
    return ErrorRate(len(valid), false, Interval(false / len(valid), low, high, confidence))


def _is_tested(comparison: Comparison) -> bool:
    return comparison.verdict is not Verdict.INVALID and comparison.blocks >= MINIMUM_BLOCKS


# -- the parts of a comparison ------------------------------------------------------------------------------


def _log_ratios(original: Sequence[float], fixed: Sequence[float]) -> list[float]:
    require(
        len(original) == len(fixed),
        f"{len(original)} values of the original and {len(fixed)} of the fix: blocks have one of each",
    )
    for name, values in (("original", original), ("fixed", fixed)):
        for place, value in enumerate(values):
            require(
                1 / LARGEST <= value <= LARGEST,
                f"{name}[{place}] is {value}: not a finite number above 0 (from 1e-100 to 1e100)",
            )
    return [
        round(math.log(after / before), DIGITS) + 0.0 for before, after in zip(original, fixed, strict=True)
    ]


def _t_tests(mean: float, error: float, blocks: int, limit: float) -> tuple[float, float]:
    """Two-sided p of "the mean is 0" and TOST's p of "the mean is not within the limit on both sides"."""
    if error == 0:
        within = abs(mean) < limit
        return (2 * 0.5**blocks if mean else 1.0), (0.5**blocks if within else 1.0)
    freedom = blocks - 1
    p_difference = 2 * float(scipy.special.stdtr(freedom, -abs(mean) / error))
    return p_difference, float(scipy.special.stdtr(freedom, (abs(mean) - limit) / error))


def _paper_form(original: Sequence[float], fixed: Sequence[float]) -> PaperForm:
    if not original:
        return PaperForm(None, None, None, None, None, None, None, None, None)
    mean_original, sd_original = mean_and_sd(original)
    mean_fixed, sd_fixed = mean_and_sd(fixed)
    unit = max(*original, *fixed)
    differences = [
        round((after - before) / unit, DIGITS) for before, after in zip(original, fixed, strict=True)
    ]
    mean, sd = mean_and_sd(differences)
    t = mean / (sd / math.sqrt(len(differences))) if sd else None
    freedom = len(differences) - 1
    return PaperForm(
        mean_original=mean_original,
        mean_fixed=mean_fixed,
        sd_original=sd_original,
        sd_fixed=sd_fixed,
        percent_change=percent_of(mean_fixed / mean_original),
        t=t,
        degrees_of_freedom=freedom or None,
        t_p=None if t is None else 2 * float(scipy.special.stdtr(freedom, -abs(t))),
        wilcoxon_p=signed_rank(np.asarray(differences))[0],
    )
