"""The machine's own noise: its spread, two speeds, and what is said of them."""

import contextlib
import dataclasses
import itertools
import math
import random
import statistics

import pytest
from test_experiment import make_plan, meter, of, path  # noqa: F401
from test_results import Shape, judge, make_record

from leakscan.validation import forecast
from leakscan.validation.events import NoiseMeasured
from leakscan.validation.experiment import conduct, make_header
from leakscan.validation.measurements import Noise
from leakscan.validation.noise import in_words, judge_noise, measure_noise, spread_of_ratios
from leakscan.validation.patience import Watch
from leakscan.validation.store import load, open_store


def gaussian(spread, seed, count=20, level=0.12):
    generator = random.Random(seed)
    return [level * (1 + generator.gauss(0, spread)) for _ in range(count)]


@pytest.mark.parametrize("spread", [0.003, 0.01, 0.03, 0.1])
def test_the_spread_is_that_of_the_times(spread):
    found = [judge_noise(gaussian(spread, seed)).spread for seed in range(200)]
    assert statistics.median(found) == pytest.approx(spread, rel=0.15)


def test_one_slow_piece_changes_neither_the_spread_nor_makes_a_level():
    times = gaussian(0.01, 1)
    found = judge_noise([*times[:-1], 9.0])
    assert found.spread == pytest.approx(judge_noise(times).spread, rel=0.5)
    assert found.levels is None


@pytest.mark.parametrize("slow", [3, 7, 10, 17])
@pytest.mark.parametrize("spread", [0.003, 0.03])
def test_two_speeds_are_found(slow, spread):
    """1.9 and 3.0 s for the same work were seen on a virtual machine."""
    for seed in range(50):
        times = [*gaussian(spread, seed, 20 - slow, 1.9), *gaussian(spread, seed + 1000, slow, 3.0)]
        random.Random(seed).shuffle(times)
        low, high = judge_noise(times).levels
        assert low == pytest.approx(1.9, rel=0.05)
        assert high == pytest.approx(3.0, rel=0.05)


@pytest.mark.parametrize("spread", [0.003, 0.03, 0.1, 0.2])
def test_noise_of_one_speed_is_not_taken_for_two(spread):
    false = sum(judge_noise(gaussian(spread, seed)).levels is not None for seed in range(2000))
    assert false / 2000 < (0.001 if spread <= 0.03 else 0.01)


def test_a_drift_is_not_two_speeds():
    assert judge_noise([0.12 * (1 + 0.02 * place) for place in range(20)]).levels is None


def test_the_distance_of_two_levels_counts_as_spread():
    steady, two = judge_noise(gaussian(0.01, 1)), judge_noise([1.9, 1.9, 1.9, 1.9, 3.0, 3.0, 3.0, 3.0])
    assert spread_of_ratios(steady) == pytest.approx(math.sqrt(2) * steady.spread)
    assert spread_of_ratios(two) > 0.3


def test_each_piece_is_the_same_work():
    """On a clock that goes on by as much for each piece, all pieces take as long."""
    steps = itertools.count()
    found = measure_noise(5, lambda: 0.05 * next(steps))
    assert found.cpu_seconds == pytest.approx((0.05,) * 5)
    assert (found.spread, found.levels) == (pytest.approx(0, abs=1e-9), None)


def test_a_real_machine_is_measured():
    found = measure_noise(3)
    assert len(found.cpu_seconds) == 3
    assert all(seconds > 0 for seconds in found.cpu_seconds)


# -- in an experiment


def go(plan, path, repeats):  # noqa: F811
    instrument = meter()
    with contextlib.closing(open_store(path, make_header(plan, instrument), resume=False)) as store:
        return list(conduct(plan, instrument, store, watch=Watch(0.0, repeats)))


def test_noise_is_measured_before_the_first_run_and_kept(make_plan, path):  # noqa: F811
    (found,) = of(NoiseMeasured, go(make_plan(blocks=6), path, 3))
    record = load(path)
    assert record.noises == (found.noise,)
    assert found.blocks == 6
    assert (judge(record).noises) == record.noises


def test_where_there_is_no_verdict_noise_is_not_measured(make_plan, path):  # noqa: F811
    assert of(NoiseMeasured, go(make_plan(blocks=5), path, 3)) == []


TWO = judge_noise([1.9] * 10 + [3.0] * 10)
STEADY = Noise((0.12, 0.121, 0.122), 0.012, None)


def test_what_noise_means_is_told_before_the_experiment():
    assert forecast.after_noise(STEADY, 10) == (
        "The machine before the experiment: the same work, done 3 times, took 121 ms of CPU time and varied "
        "by 1.2 %. A program that varies no more shows a saving of 1.7 % in 10 blocks."
    )
    assert "shows a saving" not in forecast.after_noise(STEADY, None)
    assert "now 1.90 s and now 3.00 s" in forecast.after_noise(TWO, 10)


@pytest.mark.parametrize(("found", "told"), [(TWO, True), (STEADY, False)])
def test_a_machine_of_two_speeds_is_a_warning_of_the_report(found, told):
    record = make_record({"original": Shape(), "reuse": Shape(70.0)})
    result = judge(dataclasses.replace(record, noises=(found,)))
    assert any(in_words(found) in line for line in result.warnings) is told
