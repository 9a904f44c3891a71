"""How much this machine varies: a fixed piece of work, done again and again before an experiment."""

from __future__ import annotations

import math
import statistics as descriptive
import time
from collections.abc import Callable, Sequence

from leakscan.validation import wording
from leakscan.validation.measurements import Noise

REPEATS = 20
NOISY = 0.03  # a spread that is worth a warning
_PIECE_SECONDS = 0.12  # 20 of them take 2 to 3 s
_MAD_TO_SD = 1.4826  # of normal values
_LEAST_OF_A_LEVEL = 3  # of the repeats; fewer are outliers
_LEAST_APART = 0.10  # levels closer than this matter less than the noise of most programs
_LEAST_SEPARATION = 5.0  # over the spread within levels; normal values cut in two reach 4 or so

Clock = Callable[[], float]


def measure_noise(repeats: int = REPEATS, clock: Clock = time.thread_time) -> Noise:
    """Do the same work so many times and see how its CPU time varies.

    The work is plain Python in this process, on one core. How much of it makes a piece is found out first,
    so that a piece takes about an eighth of a second on any machine; every piece is then the same.
    """
    rounds = 1000
    while (taken := _seconds(rounds, clock)) < _PIECE_SECONDS / 4:
        rounds *= 2
    rounds = max(1, round(rounds * _PIECE_SECONDS / taken))
    return judge_noise([_seconds(rounds, clock) for _ in range(repeats)])


def _seconds(rounds: int, clock: Clock) -> float:
    begin = clock()
    value, table = 1, list(range(256))
    for number in range(rounds):
        value = (value * 1103515245 + number) & 0x7FFFFFFF
        table[value & 255] ^= value
    return clock() - begin


def judge_noise(seconds: Sequence[float]) -> Noise:
    """The spread of such times, and whether they lie on two levels. Raises ValueError below 2 times."""
    middle = descriptive.median(seconds)
    deviation = descriptive.median(abs(each - middle) for each in seconds)
    return Noise(tuple(seconds), _MAD_TO_SD * deviation / middle, _levels(seconds))


def _levels(seconds: Sequence[float]) -> tuple[float, float] | None:
    """The two means that the times gather around, if they do: far apart, with little in between.

    The best cut in two is that with the least squares left over within the parts (Otsu's criterion, on
    logarithms, since speeds differ by factors). Source: N. Otsu, IEEE Trans. Syst. Man Cybern. 9 (1979) 62.
    """
    logs = sorted(math.log(each) for each in seconds)
    cuts = range(_LEAST_OF_A_LEVEL, len(logs) - _LEAST_OF_A_LEVEL + 1)
    if not cuts:
        return None
    low, high = min(((logs[:cut], logs[cut:]) for cut in cuts), key=lambda parts: sum(map(_squares, parts)))
    apart = descriptive.fmean(high) - descriptive.fmean(low)
    within = math.sqrt((_squares(low) + _squares(high)) / (len(logs) - 2))
    if apart < math.log1p(_LEAST_APART) or apart < _LEAST_SEPARATION * within:
        return None
    return math.exp(descriptive.fmean(low)), math.exp(descriptive.fmean(high))


def _squares(values: Sequence[float]) -> float:
    mean = descriptive.fmean(values)
    return math.fsum((value - mean) ** 2 for value in values)


def spread_of_ratios(noise: Noise) -> float:
    """The standard deviation of the logarithm of the ratio of two such times: each has its own noise.

    Where there are two levels, their distance is part of it.
    """
    logs = [math.log(each) for each in noise.cpu_seconds]
    spread = descriptive.stdev(logs) if noise.levels is not None else noise.spread
    return math.sqrt(2) * spread


def in_words(noise: Noise) -> str:
    """`the same work, done 20 times, took 0.121 s of CPU time and varied by 1.3 %`."""
    size = wording.amount(descriptive.median(noise.cpu_seconds), "s")
    spread = wording.percent(100 * noise.spread, signed=False)
    times = len(noise.cpu_seconds)
    if noise.levels is None:
        return f"the same work, done {times} times, took {size} of CPU time and varied by {spread}"
    low, high = (wording.amount(each, "s") for each in noise.levels)
    return (
        f"the same work, done {times} times, took now {low} and now {high} of CPU time: the processor "
        "works at two speeds, as when another program or machine shares its core, or its clock is throttled"
    )
