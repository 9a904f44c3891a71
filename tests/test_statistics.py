"""The statistics against published values and scipy; long, as the values stand beside them."""

from __future__ import annotations

import dataclasses
import itertools
import math
import re
import sys

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from leakscan.validation.measurements import decode, encode
from leakscan.validation.statistics import (
    adjust,
    blocks_for_difference,
    blocks_for_equivalence,
    compare,
    estimate_effect,
    false_positive_rate,
    holm,
    invalidate,
    judge,
    line,
    mean_interval,
    power_of_difference,
    power_of_equivalence,
    rank,
    should_stop,
    slope,
    smallest_detectable_change,
)
from leakscan.validation.verdicts import LOOK_ALPHA, LOOKS, Comparison, Interval, Verdict

# Hours of additional sleep under two drugs. Student, Biometrika 6 (1908) 1; R's data set `sleep`.
SLEEP_1 = (0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0)
SLEEP_2 = (1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4)
# Hamilton depression scale of nine patients before and after. Hollander & Wolfe (1999) example 3.1.
DEPRESSION_BEFORE = (1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30)
DEPRESSION_AFTER = (0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29)


def from_logs(original, fixed, **options):
    """Published cases are of differences: as logarithms, their exponentials have these log ratios."""
    return compare(
        [math.exp(value) for value in original],
        [math.exp(value) for value in fixed],
        **{"margin": 0.01, **options},
    )


def from_ratios(*ratios, **options):
    return compare([100.0] * len(ratios), [100.0 * ratio for ratio in ratios], **{"margin": 0.01, **options})


# -- the effect ---------------------------------------------------------------------------------------------


def test_the_t_test_is_that_of_students_sleep_data():
    # R 4: t.test(extra ~ group, data = sleep, paired = TRUE) gives t = -4.0621, df = 9, p-value = 0.002833,
    # 95 percent confidence interval -2.4598858 -0.7001142, mean difference -1.58.
    effect = from_logs(SLEEP_2, SLEEP_1).effect
    assert effect.p_difference == pytest.approx(0.002833, abs=5e-7)
    assert math.log(effect.ratio.estimate) == pytest.approx(-1.58)
    assert math.log(effect.ratio.low) == pytest.approx(-2.4598858, abs=5e-8)
    assert math.log(effect.ratio.high) == pytest.approx(-0.7001142, abs=5e-8)
    assert effect.standardized == pytest.approx(-4.0621 / math.sqrt(10), abs=2e-5)  # d_z = t / sqrt(n)


def test_the_papers_form_is_the_t_test_of_the_values_themselves():
    # The same data, 10 hours added to keep them positive: the differences are the same.
    paper = compare([10 + x for x in SLEEP_2], [10 + x for x in SLEEP_1], margin=0.01).paper
    assert paper.t == pytest.approx(-4.0621, abs=5e-5)
    assert paper.degrees_of_freedom == 9
    assert paper.t_p == pytest.approx(0.002833, abs=5e-7)
    assert (paper.mean_original, paper.mean_fixed) == pytest.approx((12.33, 10.75))  # 2.33 and 0.75 of R
    assert (paper.sd_original, paper.sd_fixed) == pytest.approx((2.002249, 1.78901), abs=1e-6)  # R: tapply sd
    assert paper.percent_change == pytest.approx(100 * (10.75 / 12.33 - 1))


def test_the_equivalence_interval_is_that_of_bioequivalence():
    # PowerTOST: CI.BE(pe = 0.95, CV = 0.2, n = 20) gives 0.8522362 to 1.0589787, with 18 degrees of freedom.
    # 19 log ratios of that mean and standard error have as many.
    error = math.sqrt(math.log1p(0.2**2) * 2 / 20)
    normal = np.random.default_rng(1).normal(size=19)
    normal = (normal - normal.mean()) / normal.std(ddof=1)
    comparison = from_logs([0.0] * 19, math.log(0.95) + normal * error * math.sqrt(19), margin=0.25)
    assert comparison.effect.equivalence.low == pytest.approx(0.8522362, abs=5e-8)
    assert comparison.effect.equivalence.high == pytest.approx(1.0589787, abs=5e-8)
    assert comparison.verdict is Verdict.EQUIVALENT  # 0.80 to 1.25


def test_tost_is_the_larger_of_two_one_sided_t_tests():
    logs = [0.004, -0.003, 0.006, 0.001, -0.002, 0.005, 0.0, 0.002]
    limit = math.log(1.01)
    lower = scipy.stats.ttest_1samp(logs, -limit, alternative="greater").pvalue
    upper = scipy.stats.ttest_1samp(logs, limit, alternative="less").pvalue
    comparison = from_logs([0.0] * 8, logs)
    assert comparison.p_equivalence == pytest.approx(max(lower, upper), rel=1e-9)
    assert upper > lower
    # By hand: mean 0.001625, sd 0.00324863, so (0.001625 - 0.00995033) / (sd / sqrt 8) = -7.2485.
    assert comparison.p_equivalence == pytest.approx(scipy.stats.t.cdf(-7.2485, 7), rel=1e-4)


def test_percent_change_is_the_ratio_less_one():
    effect = from_ratios(0.8, 0.9, 0.85, 0.8, 0.9, 0.85).effect
    for field in ("estimate", "low", "high"):
        ratio, percent = getattr(effect.ratio, field), getattr(effect.percent_change, field)
        assert percent == pytest.approx(100 * (ratio - 1))


# -- ranks and signs ----------------------------------------------------------------------------------------


def test_ranks_are_those_of_hollander_and_wolfe():
    # Example 3.1: T+ = 5 of 45 (5 and 40 in R's help of wilcox.test: V = 40, one-sided p-value = 0.01953);
    # 3.3: the median of the Walsh averages is -0.46; 3.5: interval -0.786 to -0.010 at 96.1 %.
    ranks = from_logs(DEPRESSION_BEFORE, DEPRESSION_AFTER).ranks
    assert ranks.wilcoxon_p == pytest.approx(2 * 0.01953, abs=1e-5)
    assert ranks.rank_biserial == pytest.approx((5 - 40) / 45)
    estimate = ranks.hodges_lehmann
    assert math.log(estimate.estimate) == pytest.approx(-0.46)
    assert math.log(estimate.low) == pytest.approx(-0.786)
    assert math.log(estimate.high) == pytest.approx(-0.010)
    assert estimate.confidence == pytest.approx(0.961, abs=5e-4)


def test_hodges_lehmann_of_three_is_counted_by_hand():
    # Walsh averages of 1, 2, 6: 1, 1.5, 2, 3.5, 4, 6, whose median is 2.75.
    ranks = from_logs([0, 0, 0], [1, 2, 6]).ranks
    assert math.log(ranks.hodges_lehmann.estimate) == pytest.approx(2.75)
    assert ranks.hodges_lehmann.low is None  # 2 / 2**3 = 0.25 is all that three blocks reach
    assert math.log(ranks.median_ratio) == pytest.approx(2)


@pytest.mark.parametrize("count", [6, 10, 20, 30])
def test_the_signed_rank_test_without_ties_is_scipys_exact_one(count):
    logs = np.random.default_rng(count).normal(0.01, 0.02, count)
    expected = scipy.stats.wilcoxon(logs, method="exact").pvalue
    assert from_logs(np.zeros(count), logs).ranks.wilcoxon_p == pytest.approx(expected, rel=1e-9)


def test_the_signed_rank_test_with_ties_counts_every_choice_of_signs():
    logs = [0.01, 0.01, -0.01, 0.02, 0.02, 0.03, 0.0]
    doubled = [4, 4, 4, 9, 9, 12]  # twice the ranks 2, 2, 2, 4.5, 4.5, 6; the zero has none
    sums = [sum(itertools.compress(doubled, signs)) for signs in itertools.product((0, 1), repeat=6)]
    at_least = sum(value >= 38 for value in sums) / len(sums)
    ranks = from_logs([0.0] * 7, logs).ranks
    assert ranks.wilcoxon_p == pytest.approx(2 * at_least)
    assert ranks.rank_biserial == pytest.approx((38 - 4) / 42)


def test_rank_biserial_is_counted_by_hand():
    # |d| ranks 1, 2, 3, 4; the fix used more where the ranks are 1 and 3: (4 - 6) / 10.
    assert from_logs([0, 0, 0, 0], [0.1, -0.2, 0.3, -0.4]).ranks.rank_biserial == pytest.approx(-0.2)


def test_sign_flips_are_counted_by_hand():
    # 1 + 2 + 4 - 0.5 = 6.5; of the 16 sums 7.5, 6.5 and their negatives are as far from zero.
    assert from_logs([0, 0, 0, 0], [1, 2, 4, -0.5]).ranks.sign_flip_p == 4 / 16


@pytest.mark.parametrize("count", [1, 2, 7, 12])
def test_sign_flips_are_scipys_permutation_test_of_the_mean(count):
    logs = np.random.default_rng(count).normal(0.01, 0.02, count)
    expected = sum(
        abs(np.dot(signs, logs)) >= abs(logs.sum()) - 1e-12
        for signs in itertools.product((1, -1), repeat=count)
    )
    p_value = from_logs(np.zeros(count).tolist(), logs.tolist()).ranks.sign_flip_p
    assert p_value == pytest.approx(expected / 2**count)
    if count == 7:
        scipys = scipy.stats.permutation_test(
            (logs,), np.mean, permutation_type="samples", n_resamples=np.inf
        )
        assert p_value == pytest.approx(scipys.pvalue)


def test_thirty_blocks_of_one_sign_are_counted_exactly():
    assert from_logs([0.0] * 30, [0.01 + 0.001 * i for i in range(30)]).ranks.sign_flip_p == 2 / 2**30


def test_shapiro_is_scipys():
    logs = [a - b for a, b in zip(SLEEP_1, SLEEP_2, strict=True)]
    assert from_logs(SLEEP_2, SLEEP_1).shapiro_p == pytest.approx(scipy.stats.shapiro(logs).pvalue, rel=1e-6)


# -- verdicts -----------------------------------------------------------------------------------------------


def test_a_clear_saving_is_less_and_wins_every_block():
    comparison = from_ratios(0.70, 0.72, 0.69, 0.71, 0.70, 0.73, 0.70, 0.68, 0.71, 0.70)
    assert comparison.verdict is Verdict.LESS
    assert (comparison.wins, comparison.ties, comparison.blocks) == (10, 0, 10)
    assert comparison.effect.ratio.high < 1
    assert comparison.blocks_to_settle is None
    assert comparison.notes == ()


def test_a_clear_loss_is_more():
    comparison = from_ratios(1.10, 1.12, 1.09, 1.11, 1.10, 1.13)
    assert comparison.verdict is Verdict.MORE
    assert comparison.wins == 0


def test_a_real_difference_within_the_margin_is_equivalent_and_said_to_be_there():
    comparison = from_ratios(0.9960, 0.9962, 0.9958, 0.9961, 0.9959, 0.9960, 0.9963)
    assert comparison.p_difference < 1e-6
    assert comparison.verdict is Verdict.EQUIVALENT
    assert any("there is a difference, smaller than the margin" in note for note in comparison.notes)


def test_equivalence_beyond_the_95_percent_interval_is_explained():
    # Mean 0, sd chosen so that the 90 % interval is just inside log 1.01 and the 95 % interval is not.
    pattern = np.array([1, -1, 1, -1, 1, -1, 1, -1])
    error = math.log1p(0.01) / scipy.stats.t.ppf(0.95, 7) * 0.98
    comparison = from_logs([0.0] * 8, pattern * error * math.sqrt(8) / np.std(pattern, ddof=1))
    assert comparison.verdict is Verdict.EQUIVALENT
    assert comparison.effect.ratio.high > 1.01 > comparison.effect.equivalence.high
    assert any("leaves the margin" in note for note in comparison.notes)


def test_noise_is_inconclusive_and_says_how_many_blocks_it_takes():
    comparison = from_ratios(0.95, 1.06, 0.97, 1.04, 1.01, 0.93, 1.05, 1.0)
    assert comparison.verdict is Verdict.INCONCLUSIVE
    effect = comparison.effect
    needed = [
        blocks_for_difference(effect.sd_log_ratio, effect.ratio.estimate),
        blocks_for_equivalence(effect.sd_log_ratio, 0.01, effect.ratio.estimate),
    ]
    assert comparison.blocks_to_settle == min(each for each in needed if each is not None)
    assert comparison.blocks_to_settle > 8


@pytest.mark.parametrize("count", range(6))
def test_fewer_than_six_blocks_give_no_verdict(count):
    comparison = from_ratios(*[0.50, 0.51, 0.49, 0.52, 0.50][:count])
    assert comparison.verdict is Verdict.INCONCLUSIVE
    assert comparison.reason == f"a verdict needs at least 6 blocks, not {count}"
    assert comparison.blocks_to_settle == 6
    assert (comparison.effect.ratio is None) == (count == 0)


def test_a_saving_that_may_be_smaller_than_the_margin_is_said_so():
    comparison = from_ratios(0.980, 0.999, 0.985, 0.978, 0.997, 0.985, 0.99)
    assert comparison.verdict is Verdict.LESS
    assert comparison.effect.ratio.high > 1 / 1.01
    assert comparison.notes == ("the change may be smaller than the margin of 1 %",)


def test_an_interval_of_another_confidence_than_the_verdict_is_explained():
    ratios = (0.95, 1.005, 0.97, 1.0, 0.98, 0.99)  # p is between 0.05 and 0.1
    comparison = from_ratios(*ratios, confidence=0.90, alpha=0.05)
    assert 0.05 < comparison.p_difference < 0.1
    assert comparison.verdict is Verdict.INCONCLUSIVE
    assert comparison.effect.ratio.excludes(1)
    assert any("excludes no change, the verdict asks for more" in note for note in comparison.notes)
    loose = from_ratios(*ratios, confidence=0.95, alpha=0.1)
    assert loose.verdict is Verdict.LESS
    assert any("includes no change, the verdict asks for less" in note for note in loose.notes)


def test_invalid_comes_from_the_caller_and_keeps_the_numbers():
    comparison = from_ratios(*[0.5, 0.51, 0.49, 0.5, 0.52, 0.48])
    invalid = invalidate(comparison, "the fix ended with exit code 1")
    assert invalid.verdict is Verdict.INVALID
    assert invalid.reason == "the fix ended with exit code 1"
    assert invalid.effect == comparison.effect
    assert adjust({"reuse": invalid})["reuse"] == invalid


def test_the_verdict_of_the_effect_alone_is_that_of_the_comparison():
    random = np.random.default_rng(3)
    for _ in range(50):
        original, fixed = np.exp(random.normal(0, 0.02, (2, 8))).tolist()
        effect = estimate_effect(original, fixed, margin=0.03)
        assert judge(effect) is compare(original, fixed, margin=0.03).verdict


# -- values that are hard -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ratio", "count", "alpha", "verdict"),
    [
        (1.0, 10, 0.05, Verdict.EQUIVALENT),
        (0.995, 10, 0.05, Verdict.EQUIVALENT),
        (0.9, 10, 0.05, Verdict.LESS),
        (1.1, 6, 0.05, Verdict.MORE),  # 2 / 2**6 = 0.03125
        (0.9, 6, 0.0125, Verdict.INCONCLUSIVE),
        (0.9, 8, 0.0125, Verdict.LESS),  # 2 / 2**8 = 0.0078
    ],
)
def test_without_any_spread_signs_are_counted(ratio, count, alpha, verdict):
    comparison = from_ratios(*[ratio] * count, alpha=alpha)
    assert comparison.verdict is verdict
    assert comparison.p_difference == (1.0 if ratio == 1 else 2 / 2**count)
    assert comparison.effect.ratio.low == comparison.effect.ratio.high == pytest.approx(ratio)
    assert comparison.effect.standardized is None
    assert comparison.shapiro_p is None
    assert any("rests on signs" in note for note in comparison.notes)
    if verdict is Verdict.INCONCLUSIVE:
        assert comparison.blocks_to_settle == 8


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 0.0, -1.0, sys.float_info.max, 5e-324])
@pytest.mark.parametrize("arm", ["original", "fixed"])
def test_values_that_cannot_be_compared_are_refused_by_name_and_place(value, arm):
    values = {"original": [1.0, 2.0, 3.0], "fixed": [1.0, 2.0, 3.0]}
    values[arm][2] = value
    with pytest.raises(ValueError, match=rf"^{arm}\[2\] is {re.escape(str(value))}:"):
        compare(**values, margin=0.01)


def test_arms_of_different_length_are_refused():
    with pytest.raises(ValueError, match="2 values of the original and 1 of the fix"):
        compare([1, 2], [1], margin=0.01)


@pytest.mark.parametrize(
    "options",
    [{"margin": 0}, {"margin": 1}, {"margin": math.nan}, {"alpha": 0.5}, {"alpha": 0}, {"confidence": 1.0}],
)
def test_levels_that_make_no_sense_are_refused(options):
    with pytest.raises(ValueError, match=rf"{next(iter(options))} must lie between 0 and"):
        from_ratios(1, 1, **options)


def test_an_outlier_is_flagged_and_kept():
    ratios = [0.90, 0.91, 0.89, 0.90, 0.92, 0.88, 0.90, 0.91, 3.0, 0.90]
    comparison = from_ratios(*ratios)
    assert comparison.outliers == (8,)
    assert comparison.effect.ratio.estimate == pytest.approx(math.prod(ratios) ** 0.1)
    assert comparison.verdict is Verdict.INCONCLUSIVE
    assert comparison.ranks.hodges_lehmann.high < 3
    assert any("block 9" in note for note in comparison.notes)
    assert any("not look normal" in note for note in comparison.notes)


def test_an_outlier_is_flagged_when_all_others_agree():
    assert from_ratios(*[0.9] * 9, 1.4).outliers == (9,)
    assert from_ratios(*[0.9] * 6, 0.91, 0.89, 0.91, 0.89).outliers == ()


def test_what_the_signed_rank_test_sees_and_an_outlier_hides_is_noted():
    comparison = from_ratios(*[0.90, 0.91, 0.89, 0.905, 0.92, 0.88, 0.895, 0.915, 3.0, 0.902, 0.903, 0.904])
    assert comparison.verdict is Verdict.INCONCLUSIVE
    assert any("signed-rank test shows a difference" in note for note in comparison.notes)


def test_a_drift_of_the_machine_shows_and_does_not_move_the_ratio():
    original = [100 * 1.02**block for block in range(10)]
    fixed = [0.9 * value for value in original]
    comparison = compare(original, fixed, margin=0.01)
    assert comparison.drift.per_iteration == pytest.approx(math.log(1.02))
    assert comparison.drift.rises
    assert not comparison.ratio_drift.rises
    assert comparison.effect.ratio.estimate == pytest.approx(0.9)


def test_a_ratio_that_changes_in_the_course_of_the_blocks_is_noted():
    comparison = from_ratios(*[0.8 + 0.01 * block for block in range(10)])
    assert comparison.ratio_drift.rises
    assert any("changed in the course" in note for note in comparison.notes)


# -- several comparisons ------------------------------------------------------------------------------------


def test_holm_is_the_published_example():
    # Wikipedia, "Holm-Bonferroni method": 0.01, 0.04, 0.03, 0.005 are adjusted to 0.03, 0.06, 0.06, 0.02.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert holm([0.6, 0.7]) == (1.0, 1.0)
    assert holm([]) == ()


def weak_saving(**options):
    """p is between 0.01 and 0.05."""
    return from_ratios(0.93, 1.0, 0.97, 0.96, 1.01, 0.95, 0.96, 0.99, **options)


def no_change():
    return from_ratios(0.95, 1.06, 0.97, 1.04, 1.01, 0.93, 1.05, 1.0)


def test_a_difference_that_holm_takes_back_is_said_to_be_in_the_interval():
    alone = weak_saving()
    assert 0.01 < alone.p_difference < 0.05
    assert alone.verdict is Verdict.LESS
    family = {"a": alone, **{str(n): no_change() for n in range(4)}}
    judged = adjust(family)["a"]
    assert judged.verdict is Verdict.INCONCLUSIVE
    assert judged.p_difference == pytest.approx(5 * alone.p_difference)
    assert judged.effect == alone.effect
    assert "its level is 0.05, adjusted for 5 comparisons" in judged.notes[0]
    effect = judged.effect
    needed = blocks_for_difference(effect.sd_log_ratio, effect.ratio.estimate, alpha=0.05 / 5)
    assert judged.blocks_to_settle == needed > judged.blocks
    assert adjust({"a": judged}) == {"a": alone}  # starts from the unadjusted values


def test_what_is_not_tested_does_not_count_in_the_family():
    family = {"a": weak_saving(), "few": from_ratios(1.0, 1.1), "bad": invalidate(no_change(), "it crashed")}
    assert adjust(family) == family


def test_equivalence_is_adjusted_as_well():
    alone = from_ratios(1.010, 0.997, 1.006, 0.999, 1.011, 0.994, 1.014, 1.0)
    assert 0.01 < alone.p_equivalence < 0.05
    assert alone.verdict is Verdict.EQUIVALENT
    judged = adjust({"a": alone, "b": no_change(), "c": no_change(), "d": no_change(), "e": no_change()})["a"]
    assert judged.verdict is Verdict.INCONCLUSIVE


def test_fixes_are_ranked_and_the_best_must_save():
    comparisons = adjust(
        {
            "clear-session": from_ratios(1.10, 1.12, 1.09, 1.11, 1.10, 1.13),
            "hoist": from_ratios(0.80, 0.82, 0.79, 0.81, 0.80, 0.83),
            "reuse": from_ratios(0.70, 0.72, 0.69, 0.71, 0.70, 0.73),
            "isolate": invalidate(from_ratios(0.1, 0.1, 0.1, 0.1, 0.1, 0.1), "it crashed"),
        }
    )
    ranking = rank(comparisons)
    assert ranking.order == ("reuse", "hoist", "clear-session")
    assert ranking.best == "reuse"


def test_the_lowest_estimate_is_not_the_best_when_it_is_not_shown():
    comparisons = adjust(
        {
            "noisy": from_ratios(0.2, 3.0, 0.3, 0.9, 0.1, 1.8),
            "hoist": from_ratios(0.8, 0.82, 0.79, 0.81, 0.8, 0.8),
        }
    )
    assert rank(comparisons) == rank(dict(reversed(comparisons.items())))
    assert rank(comparisons).order == ("noisy", "hoist")
    assert rank(comparisons).best == "hoist"


def test_no_fix_is_best_when_none_saves():
    assert rank(adjust({"a": no_change(), "b": from_ratios(1.1, 1.12, 1.09, 1.11, 1.1, 1.13)})).best is None


def test_ranking_what_was_not_adjusted_is_refused():
    with pytest.raises(ValueError, match="a was not adjusted for 2 comparisons"):
        rank({"a": weak_saving(), "b": no_change()})


# -- looks --------------------------------------------------------------------------------------------------


def at_look(blocks, ratio, spread=0.01):
    ratios = [ratio * (1 + spread * (1 if block % 2 else -1)) for block in range(blocks)]
    return from_ratios(*ratios, alpha=LOOK_ALPHA)


def test_a_sequential_experiment_stops_at_a_look_with_a_verdict_for_each_fix():
    assert should_stop([at_look(6, 0.8)])
    assert not should_stop([at_look(6, 0.8), at_look(6, 0.98, 0.03)])
    assert should_stop([at_look(6, 0.8), invalidate(at_look(6, 0.98), "it crashed")])


def test_between_looks_nothing_stops():
    assert [n for n in range(1, 30) if should_stop([at_look(n, 0.8)])] == [6, 10, 15, 20]


def test_the_last_look_stops_without_a_verdict():
    assert at_look(LOOKS[-1], 1.0, 0.2).verdict is Verdict.INCONCLUSIVE
    assert should_stop([at_look(LOOKS[-1], 1.0, 0.2)])
    assert not should_stop([at_look(LOOKS[-2], 1.0, 0.2)])


def test_a_look_at_the_level_of_a_single_test_is_refused():
    with pytest.raises(ValueError, match=r"need alpha 0.0125 or less, not 0.05"):
        should_stop([weak_saving()])


# -- planning -----------------------------------------------------------------------------------------------


def test_blocks_for_a_difference_are_those_of_r():
    # R: power.t.test(delta = 0.5, sd = 1, power = 0.8, type = "paired") gives n = 33.36713; statsmodels'
    # TTestPower().solve_power(0.5, power=0.8, alpha=0.05) 33.367; G*Power 34.
    assert blocks_for_difference(1.0, math.exp(0.5)) == 34
    assert blocks_for_difference(1.0, math.exp(-0.5)) == 34


def test_the_power_of_a_difference_is_the_noncentral_t():
    for blocks, shift in [(6, 1.2), (10, 0.9), (30, 0.4)]:
        critical = scipy.stats.t.ppf(0.975, blocks - 1)
        noncentral = scipy.stats.nct(blocks - 1, shift * math.sqrt(blocks))
        expected = noncentral.sf(critical) + noncentral.cdf(-critical)
        assert power_of_difference(blocks, 1.0, math.exp(shift)) == pytest.approx(expected, abs=1e-5)


def test_the_power_of_equivalence_is_that_of_powertost():
    # sampleN.TOST(CV = 0.2, theta0 = 0.95, design = "2x2") gives n = 20 and power 0.8346802: 18 degrees of
    # freedom and a standard error of sqrt(log(1 + CV^2) * 2 / 20), which 19 blocks have too.
    sd = math.sqrt(math.log1p(0.2**2) * 2 / 20) * math.sqrt(19)
    assert power_of_equivalence(19, sd, 0.25, 0.95) == pytest.approx(0.8346802, abs=5e-6)


def test_blocks_for_equivalence_are_a_little_more_than_by_the_normal_distribution():
    # n = ((z_0.95 + z_0.90) sd / limit)^2 for a ratio of 1. Chow, Shao & Wang, Sample Size Calculations in
    # Clinical Research (2008) ch. 3.
    sd = 0.02
    normal = ((1.6449 + 1.2816) * sd / math.log(1.01)) ** 2
    assert normal < blocks_for_equivalence(sd, 0.01) < normal + 3


def test_the_smallest_detectable_change_is_found_with_the_power_asked_for():
    for blocks in LOOKS:
        change = smallest_detectable_change(blocks, 0.02)
        assert power_of_difference(blocks, 0.02, 1 - change) == pytest.approx(0.8, abs=1e-6)
    # d_z = 0.5 is found with 34 blocks and not with 33 (above).
    assert -math.log(1 - smallest_detectable_change(34, 0.02)) < 0.01
    assert -math.log(1 - smallest_detectable_change(33, 0.02)) > 0.01


def test_a_plan_out_of_reach_is_none():
    assert blocks_for_difference(1.0, 1.0001) is None
    assert blocks_for_difference(0.02, 1.0) is None
    assert blocks_for_equivalence(0.02, 0.01, ratio=1.02) is None
    assert 0 <= power_of_equivalence(6, 0.5, 0.01) < 0.001


def test_plans_need_a_spread():
    with pytest.raises(ValueError, match="the standard deviation must be above 0"):
        smallest_detectable_change(10, 0.0)


# -- series -------------------------------------------------------------------------------------------------


def test_the_slope_is_the_median_of_all_slopes():
    # The ten slopes between 1, 4, 2, 8, 5, sorted: -3, -2, 1/3, 1/2, 1, 3/2, 2, 7/3, 3, 6.
    found = slope([1, 4, 2, 8, 5])
    assert found.per_iteration == pytest.approx(1.25)
    assert found.low <= 1.25 <= found.high


def test_the_slope_of_a_leak_excludes_zero_and_that_of_noise_does_not():
    noise = np.random.default_rng(5).normal(0, 1, 40)
    assert slope((100 + noise).tolist()).rises is False
    leak = slope((100 + 3 * np.arange(40) + noise).tolist())
    assert leak.rises
    assert leak.low < 3 < leak.high
    assert slope((100 - 3 * np.arange(40) + noise).tolist()).falls


def test_a_slow_first_iteration_does_not_make_a_trend():
    found = slope([30.0, 1.0, 1.1, 0.9, 1.0, 1.1, 1.0, 0.9, 1.0, 1.1, 0.9, 1.0])
    assert abs(found.per_iteration) < 0.01
    assert not found.rises
    assert not found.falls


def test_a_long_series_keeps_its_unit():
    found = slope([5.0 + 0.25 * step for step in range(5_000)])
    assert (found.per_iteration, found.low, found.high) == pytest.approx((0.25, 0.25, 0.25))


def test_a_short_series_has_no_interval_and_a_single_value_no_slope():
    assert slope([]) is None
    assert slope([1.0]) is None
    assert slope([1.0, 3.0]).per_iteration == 2
    assert slope([1.0, 3.0, 5.0, 7.0]).low is None  # 2 / 4! is above 0.05
    assert slope([1.0, 3.0, 5.0, 7.0, 9.0]).low == 2


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_series_with_gaps_is_refused(value):
    with pytest.raises(ValueError, match="value 1 is"):
        slope([1.0, value])


def test_false_positives_are_counted_with_their_interval():
    verdicts = [Verdict.LESS, Verdict.MORE, *[Verdict.EQUIVALENT] * 8, *[Verdict.INCONCLUSIVE] * 10]
    found = false_positive_rate([*verdicts, Verdict.INVALID])
    assert (found.experiments, found.false_positives) == (20, 2)
    expected = scipy.stats.binomtest(2, 20).proportion_ci(method="exact")
    assert found.rate == Interval(0.1, pytest.approx(expected.low), pytest.approx(expected.high), 0.95)
    # None of n: 1 - 0.025^(1/n).
    none = false_positive_rate([Verdict.EQUIVALENT] * 10).rate
    assert (none.low, none.high) == (0.0, pytest.approx(1 - 0.025**0.1))
    assert false_positive_rate([Verdict.LESS]).rate.high == 1.0
    with pytest.raises(ValueError, match="no valid experiment"):
        false_positive_rate([Verdict.INVALID])


# -- properties ---------------------------------------------------------------------------------------------

VALUES = st.floats(1e-6, 1e12) | st.sampled_from([1.0, 2.0, 3.0, 100.0])
BLOCKS = st.lists(st.tuples(VALUES, VALUES), min_size=0, max_size=14)
EXTREME = st.floats(1e-100, 1e100) | st.sampled_from([1e-100, 1.0, 1.0000001, 1e100])
FAST = settings(max_examples=100, deadline=None, derandomize=True)


def arms(blocks):
    return [before for before, _ in blocks], [after for _, after in blocks]


def floats(record):
    if isinstance(record, float):
        yield record
    elif dataclasses.is_dataclass(record):
        for field in dataclasses.fields(record):
            yield from floats(getattr(record, field.name))
    elif isinstance(record, tuple):
        for each in record:
            yield from floats(each)


def close(left, right):
    return left == right or (
        left is not None and right is not None and math.isclose(left, right, rel_tol=1e-6)
    )


@FAST
@given(st.lists(st.tuples(EXTREME, EXTREME), max_size=12))
@pytest.mark.filterwarnings("error")
def test_no_field_is_ever_nan_or_infinite(blocks):
    comparison = compare(*arms(blocks), margin=0.01)
    family = adjust({"a": comparison, "b": comparison})
    for each in (comparison, family["a"], invalidate(comparison, "no reason")):
        assert all(math.isfinite(number) for number in floats(each))
        assert decode(Comparison, encode(each)) == each  # what reaches the report, and comes back


@FAST
@given(st.lists(st.floats(-1e100, 1e100), max_size=12))
@pytest.mark.filterwarnings("error")
def test_no_slope_is_ever_nan_or_infinite(values):
    found = slope(values)
    assert found is None or all(math.isfinite(number) for number in floats(found))


@FAST
@given(BLOCKS, st.integers(-20, 20))
def test_the_unit_does_not_matter(blocks, power):
    original, fixed = arms(blocks)
    scaled = compare([x * 2.0**power for x in original], [x * 2.0**power for x in fixed], margin=0.01)
    plain = compare(original, fixed, margin=0.01)
    assert scaled.effect == plain.effect
    assert scaled.ranks == plain.ranks
    assert (scaled.verdict, scaled.reason, scaled.outliers) == (plain.verdict, plain.reason, plain.outliers)
    assert close(scaled.paper.t_p, plain.paper.t_p)


@FAST
@given(BLOCKS.filter(bool))
def test_exchanging_the_arms_inverts_the_ratio(blocks):
    original, fixed = arms(blocks)
    there, back = compare(original, fixed, margin=0.01), compare(fixed, original, margin=0.01)
    assert close(there.effect.ratio.estimate, 1 / back.effect.ratio.estimate)
    if there.effect.ratio.low is not None and there.effect.ratio.low > 1e-100:
        assert close(there.effect.ratio.low, 1 / back.effect.ratio.high)
    assert close(there.effect.p_difference, back.effect.p_difference)
    assert close(there.effect.p_equivalence, back.effect.p_equivalence)
    assert close(there.ranks.hodges_lehmann.estimate, 1 / back.ranks.hodges_lehmann.estimate)
    assert close(there.ranks.sign_flip_p, back.ranks.sign_flip_p)
    assert there.wins + back.wins + there.ties == len(blocks)
    opposite = {Verdict.LESS: Verdict.MORE, Verdict.MORE: Verdict.LESS}
    assert opposite.get(there.verdict, there.verdict) is back.verdict


@FAST
@given(BLOCKS.flatmap(lambda blocks: st.tuples(st.just(blocks), st.permutations(blocks))))
def test_the_order_of_the_blocks_matters_to_drift_and_places_alone(pair):
    there, back = (compare(*arms(blocks), margin=0.01) for blocks in pair)
    assert there.effect == back.effect
    assert (there.verdict, there.reason, there.wins) == (back.verdict, back.reason, back.wins)
    assert len(there.outliers) == len(back.outliers)
    for name in ("median_ratio", "wilcoxon_p", "sign_flip_p", "rank_biserial"):
        assert close(getattr(there.ranks, name), getattr(back.ranks, name))


@FAST
@given(st.lists(st.floats(0, 1), max_size=10))
def test_holm_keeps_the_order_and_never_lowers_a_p_value(p_values):
    adjusted = holm(p_values)
    for (p, q), (other, another) in itertools.product(zip(p_values, adjusted, strict=True), repeat=2):
        assert p <= q <= 1
        assert (p > other) or q <= another


def test_the_interval_of_a_mean_is_students():
    # Hand-computed: mean 3, sd sqrt(2.5), t(0.975, 4) = 2.7764451.
    found = mean_interval([1, 2, 3, 4, 5])
    assert found.estimate == 3
    assert (found.low, found.high) == pytest.approx((3 - 1.963243, 3 + 1.963243), abs=1e-6)
    assert mean_interval([2.0]) == Interval(2.0)
    with pytest.raises(ValueError, match="no values"):
        mean_interval([])


def test_the_slope_of_a_line_has_the_interval_of_least_squares():
    # Anscombe's first quartet: slope 0.5001, standard error 0.1179.
    x = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5]
    y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68]
    found = line(list(zip(x, y, strict=True)))
    assert found.estimate == pytest.approx(0.5001, abs=5e-5)
    assert (found.high - found.low) / 2 == pytest.approx(2.262157 * 0.1179, abs=1e-4)
    with pytest.raises(ValueError, match="same x"):
        line([(1, 1), (1, 2), (1, 3)])
