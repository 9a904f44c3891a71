"""What statistics say of a fix, as records, and the limits that they keep to; without scipy.

`statistics` makes these; whoever only reads them, or plans, imports nothing heavy. No field is ever NaN or
infinite; None means "cannot be computed from these values".
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

MARGIN_MEASURED = 0.01  # where energy comes from a counter or sensor
MARGIN_ESTIMATED = 0.03  # where it is a model of CPU time
MINIMUM_BLOCKS = 6  # with 5 the signed-rank and sign-flip tests cannot go below 2 / 2**5 = 0.0625
LOOKS = (6, 10, 15, 20, 30)
LOOK_ALPHA = 0.0125  # at each of LOOKS; together below 0.05 (tests and benchmarks/false_positives.py count)
POWER = 0.8


class Verdict(enum.Enum):
    """What may be said of a fix, for any metric."""

    LESS = "less"
    MORE = "more"
    EQUIVALENT = "equivalent"
    INCONCLUSIVE = "inconclusive"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its confidence interval; no bounds where the values cannot give that confidence.

    `confidence` is what the interval reaches: rank-based ones cannot hit the wanted one exactly.
    """

    estimate: float
    low: float | None = None
    high: float | None = None
    confidence: float | None = None

    def excludes(self, value: float) -> bool:
        """Whether there is an interval and `value` lies outside it."""
        return self.low is not None and self.high is not None and not self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class Slope:
    """Change for each step of a series, in the unit of the series, with its confidence interval."""

    per_iteration: float
    low: float | None
    high: float | None
    confidence: float

    @property
    def rises(self) -> bool:
        """Whether the interval lies above zero."""
        return self.low is not None and self.low > 0

    @property
    def falls(self) -> bool:
        """Whether the interval lies below zero."""
        return self.high is not None and self.high < 0


@dataclass(frozen=True, slots=True)
class Trend:
    """How something changes from one iteration of the flagged loop to the next, in bytes or seconds.

    `values` has the Theil-Sen slope of each used block's run (None: fewer than 5 iterations were seen).
    `per_iteration` is their median; its interval, and that of `difference` (fix less original, block by
    block), are those of the sign test, which need 6 blocks. Blocks are independent, iterations are not: so
    the interval comes from blocks.
    Source: M. Hollander, D. A. Wolfe, Nonparametric Statistical Methods (1999) ch. 3.6.
    """

    values: tuple[float | None, ...]
    per_iteration: Interval | None
    difference: Interval | None

    @property
    def rises(self) -> bool:
        """Whether the interval lies above zero."""
        interval = self.per_iteration
        return interval is not None and interval.low is not None and interval.low > 0


@dataclass(frozen=True, slots=True)
class Effect:
    """The ratio of fixed to original, and the two tests that a verdict rests on.

    `ratio` is the ratio of geometric means with the t-interval of the mean log ratio; `percent_change` is
    the same as 100 * (ratio - 1). `p_difference` is two-sided, of "the ratio is 1". `p_equivalence` is the
    larger of the two one-sided tests (TOST), of "the ratio is not within 1 / (1 + margin) to 1 + margin"; it
    is at most alpha just where `equivalence`, the interval at confidence 1 - 2 alpha, lies within these
    limits. `standardized` is d_z, the mean over the standard deviation of the log ratios.
    Sources: D. J. Schuirmann, J. Pharmacokinet. Biopharm. 15 (1987) 657 (TOST); D. Lakens, Front. Psychol. 4
    (2013) 863 (d_z).
    """

    blocks: int
    margin: float
    ratio: Interval | None
    percent_change: Interval | None
    equivalence: Interval | None
    sd_log_ratio: float | None
    standardized: float | None
    p_difference: float | None
    p_equivalence: float | None


@dataclass(frozen=True, slots=True)
class Ranks:
    """What the ranks and signs of the log ratios say, whatever their distribution, if it is symmetric.

    `hodges_lehmann` is the median of the Walsh averages, back-transformed, with the interval that inverts
    the signed-rank test. `wilcoxon_p` is the exact signed-rank test, given the ties; zeros are left out.
    `sign_flip_p` is the exact permutation test of the mean (None above 40 blocks). `rank_biserial` is (sum of
    the ranks where the fix used more - where it used less) / sum of all, from -1 to 1.
    Sources: M. Hollander, D. A. Wolfe, Nonparametric Statistical Methods (1999) ch. 3; B. Streitberg,
    J. Roehmel, Stat. Softw. Newsl. 12 (1986) 10 (exact with ties); D. S. Kerby, Compr. Psychol. 3 (2014) 1.
    """

    median_ratio: float | None
    hodges_lehmann: Interval | None
    wilcoxon_p: float | None
    sign_flip_p: float | None
    rank_biserial: float | None


@dataclass(frozen=True, slots=True)
class PaperForm:
    """The same values in the form of the published studies: arithmetic means and tests of the differences.

    Standard deviations are of the sample (n - 1); `t` is of fixed - original, two-sided; `wilcoxon_p` is the
    exact signed-rank test of these differences. In the unit of the values, except for the percentage.
    """

    mean_original: float | None
    mean_fixed: float | None
    sd_original: float | None
    sd_fixed: float | None
    percent_change: float | None
    t: float | None
    degrees_of_freedom: int | None
    t_p: float | None
    wilcoxon_p: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """One metric of one fix against the original.

    `p_difference` and `p_equivalence` are those of `effect` adjusted for the `family` of comparisons that
    were judged together; the verdict rests on them and on `alpha`. `notes` says where the verdict, the
    interval and the rank-based numbers do not say the same, and what else to know. `blocks_to_settle` is for
    an inconclusive verdict (None: no number within reach). `wins` counts the blocks in which the fix used
    less, `ties` those without a difference. `outliers` are places of blocks, from 0; they are in all the
    numbers. `drift` is the change of both arms' level from block to block, `ratio_drift` that of the ratio,
    both as logarithms (0.01 is about 1 %). `shapiro_p` is the Shapiro-Wilk test of the log ratios.
    """

    verdict: Verdict
    reason: str
    notes: tuple[str, ...]
    blocks: int
    margin: float
    alpha: float
    family: int
    p_difference: float | None
    p_equivalence: float | None
    blocks_to_settle: int | None
    effect: Effect
    ranks: Ranks
    paper: PaperForm
    wins: int
    ties: int
    outliers: tuple[int, ...]
    shapiro_p: float | None
    drift: Slope | None
    ratio_drift: Slope | None


@dataclass(frozen=True, slots=True)
class Ranking:
    """Fixes by estimated ratio, the lowest first; `best` is the first that uses less than the original.

    The order of fixes among themselves is that of the estimates; their differences are not tested.
    """

    order: tuple[str, ...]
    best: str | None


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """How many experiments without a difference ended in one, with the Clopper-Pearson interval."""

    experiments: int
    false_positives: int
    rate: Interval
