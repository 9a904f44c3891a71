"""What paired measurements of two arms say: an effect, its interval, a verdict, and what more it would take.

Numbers in, frozen records out: nothing here runs, reads or prints. Values are one metric (joules, seconds,
bytes) of the original and of a fix, one pair a block, in the order of the blocks. Everything is computed from
the log ratios log(fixed / original), so the unit does not matter and exchanging the arms inverts the ratio. A
ratio below 1 means that the fix used less.

No field of a result is ever NaN or infinite; None means "cannot be computed from these values".
"""

from leakscan.validation.statistics.comparing import (
    adjust,
    compare,
    estimate_effect,
    false_positive_rate,
    holm,
    invalidate,
    judge,
    rank,
    should_stop,
)
from leakscan.validation.statistics.estimates import line, mean_interval, ratio_of_independent, slope
from leakscan.validation.statistics.planning import (
    blocks_for_difference,
    blocks_for_equivalence,
    power_of_difference,
    power_of_equivalence,
    smallest_detectable_change,
)

__all__ = [
    "adjust",
    "blocks_for_difference",
    "blocks_for_equivalence",
    "compare",
    "estimate_effect",
    "false_positive_rate",
    "holm",
    "invalidate",
    "judge",
    "line",
    "mean_interval",
    "power_of_difference",
    "power_of_equivalence",
    "rank",
    "ratio_of_independent",
    "should_stop",
    "slope",
    "smallest_detectable_change",
]
