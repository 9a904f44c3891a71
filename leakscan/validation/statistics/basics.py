"""What the parts of the statistics share."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import scipy.special  # type: ignore[import-untyped]

from leakscan.validation.verdicts import Interval

LARGEST = 1e100  # sums of squares of values up to here, and of 1 / here, stay finite
LARGEST_LOG = 300.0  # bounds beyond exp(300) are cut off there: they say only that nothing is known
DIGITS = 12  # differences below 1e-12 of a value are rounding: they would order what is tied
Floats = npt.NDArray[np.float64]


def mean_and_sd(values: Sequence[float]) -> tuple[float, float | None]:
    """Mean and sample standard deviation, the same for every order; None for a single value."""
    if min(values) == max(values):
        return values[0], 0.0 if len(values) > 1 else None
    mean = math.fsum(values) / len(values)
    return mean, math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1))


def t_interval(mean: float, error: float, freedom: int, confidence: float) -> Interval:
    """Student's interval of a ratio, from the mean of its logarithm and the standard error."""
    half = float(scipy.special.stdtrit(freedom, (1 + confidence) / 2)) * error
    return Interval(ratio_of(mean), ratio_of(mean - half), ratio_of(mean + half), confidence)


def ratio_of(log: float) -> float:
    """The ratio with this logarithm, cut off where it says only that nothing is known."""
    return math.exp(max(-LARGEST_LOG, min(LARGEST_LOG, log)))


def percent_of(ratio: float) -> float:
    """The change in percent that a ratio is."""
    return 100 * (ratio - 1)


def require(condition: bool, message: str) -> None:  # noqa: FBT001
    """Raise ValueError unless a condition holds."""
    if not condition:
        raise ValueError(message)
