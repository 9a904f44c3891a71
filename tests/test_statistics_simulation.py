"""How often intervals and verdicts are wrong, counted over seeded simulations; benchmarks have the table."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import numpy as np
import pytest
from conftest import ROOT

from leakscan.validation.statistics import estimate_effect, false_positive_rate, smallest_detectable_change
from leakscan.validation.verdicts import LOOKS, Verdict

BENCHMARK = ROOT / "benchmarks" / "false_positives.py"


@pytest.fixture(scope="module")
def simulation():
    specification = importlib.util.spec_from_file_location("false_positives", BENCHMARK)
    module = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = module
    specification.loader.exec_module(module)
    return module


def verdicts(simulation, conditions, ratio=1.0, count=500, margin=0.01, *, sequential=False, seed=1):
    return [
        simulation.conclude(original, fixed, margin=margin, sequential=sequential)[0]
        for original, fixed in simulation.experiments(conditions, ratio, count, seed)
    ]


def coverage(simulation, conditions, ratio=0.97, count=4000):
    effects = (
        estimate_effect(original, fixed, margin=0.01)
        for original, fixed in simulation.experiments(conditions, ratio, count, seed=2)
    )
    return sum(not effect.ratio.excludes(ratio) for effect in effects) / count


@pytest.mark.parametrize("blocks", [6, 10, 20])
def test_the_interval_holds_the_true_ratio_in_95_of_100_experiments(simulation, blocks):
    for drift in (0.0, 0.003):
        assert 0.93 < coverage(simulation, simulation.Conditions(blocks, 0.03, drift)) < 0.97


@pytest.mark.parametrize("blocks", [6, 10, 20])
@pytest.mark.parametrize("noise", ["heavy", "outliers"])
def test_heavy_tails_and_outliers_make_the_interval_wider_than_it_need_be(simulation, blocks, noise):
    # Differences of two runs of one distribution are symmetric: the t-test errs on the safe side.
    assert 0.94 < coverage(simulation, simulation.Conditions(blocks, 0.03, 0.003, noise)) <= 0.995


def test_at_most_5_percent_of_experiments_without_a_difference_end_in_one(simulation):
    found = [
        verdict
        for blocks in (6, 10, 20)
        for drift in (0.0, 0.003)
        for noise in simulation.NOISES
        for margin in (0.01, 0.03)
        for verdict in verdicts(simulation, simulation.Conditions(blocks, 0.02, drift, noise), margin=margin)
    ]
    rate = false_positive_rate(found).rate
    assert rate.high < 0.05
    # The simulation is not so quiet that there is nothing to find.
    assert rate.low > 0.01


@pytest.mark.parametrize("blocks", [6, 10, 20])
def test_where_noise_is_normal_the_rate_is_the_level_of_the_test(simulation, blocks):
    # A tiny margin keeps `EQUIVALENT` out; what is left is the t-test, exact at 5 %.
    conditions = simulation.Conditions(blocks, 0.02)
    rate = false_positive_rate(verdicts(simulation, conditions, count=10_000, margin=1e-6)).rate
    assert rate.low < 0.05 < rate.high


@pytest.mark.parametrize(("noise", "count"), [("lognormal", 16_000), ("heavy", 4000), ("outliers", 4000)])
def test_looking_five_times_keeps_the_rate_below_5_percent(simulation, noise, count):
    conditions = simulation.Conditions(LOOKS[-1], 0.02, 0.003, noise)
    rate = false_positive_rate(
        verdicts(simulation, conditions, count=count, margin=1e-6, sequential=True)
    ).rate
    assert rate.high < 0.05


def test_without_the_stricter_level_looking_five_times_does_not(simulation):
    # What the stricter level is for: stopping at the first p below 0.05.
    stopped = [
        any(
            estimate_effect(original[:look], fixed[:look], margin=0.01).p_difference <= 0.05 for look in LOOKS
        )
        for original, fixed in simulation.experiments(simulation.Conditions(30, 0.02), 1.0, 1000, seed=1)
    ]
    assert 0.10 < np.mean(stopped) < 0.25


def test_a_change_at_the_margin_is_called_equivalent_in_at_most_5_percent(simulation):
    found = verdicts(simulation, simulation.Conditions(20, 0.01), ratio=1.01, count=4000)
    assert found.count(Verdict.EQUIVALENT) / len(found) < 0.06


def test_a_change_of_the_smallest_detectable_size_is_found_in_80_of_100_experiments(simulation):
    spread = 0.02
    for blocks in (6, 10, 30):
        change = smallest_detectable_change(blocks, spread * 2**0.5)
        found = verdicts(simulation, simulation.Conditions(blocks, spread), 1 - change, 4000, margin=1e-6)
        assert 0.78 < found.count(Verdict.LESS) / len(found) < 0.82


def test_savings_are_never_taken_for_losses(simulation):
    for sequential in (False, True):
        found = verdicts(simulation, simulation.Conditions(30, 0.02), 0.95, 500, sequential=sequential)
        assert found.count(Verdict.LESS) > 490
        assert Verdict.MORE not in found


def test_the_benchmark_prints_a_row_for_each_condition():
    done = subprocess.run(
        [sys.executable, str(BENCHMARK), "--experiments", "5"],
        capture_output=True,
        text=True,
        check=True,
    )
    heading, _, titles, *rows = done.stdout.splitlines()
    assert heading.startswith("5 experiments each, spread of a run 2.0%, margin 1.0%, seed 0")
    assert titles.split()[:7] == ["blocks", "drift", "noise", "less", "more", "equivalent", "inconclusive"]
    assert [row.split()[0] for row in rows] == [*map(str, LOOKS), "auto"] * 6
    for row in rows:
        shares = [float(cell.rstrip("%")) for cell in row.split()[3:7]]
        assert sum(shares) == pytest.approx(100, abs=0.2)
