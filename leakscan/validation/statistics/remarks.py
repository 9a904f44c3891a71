"""The verdict of a comparison in words: its reason, and what else to know."""

from __future__ import annotations

from collections.abc import Iterable

from leakscan.validation.verdicts import MINIMUM_BLOCKS, Comparison, Verdict

_SHAPIRO_ALPHA = 0.05


def reason_for(comparison: Comparison) -> str:
    """Why the verdict is what it is."""
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


def notes_on(comparison: Comparison) -> tuple[str, ...]:
    """Where the numbers do not say what the verdict says, and what else to know."""
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


def _as_percent(fraction: float) -> str:
    return f"{100 * fraction:.4g} %"
