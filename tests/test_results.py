"""From runs to a result: runs that count, numbers, verdicts; long, as each case needs runs of its own."""

import dataclasses
import itertools
import json
import math
import random

import pytest
from test_experiment import SCRIPT, go, make_plan, path  # noqa: F401
from test_store import ENVIRONMENT

from leakscan.errors import LeakscanError
from leakscan.validation import neighbours, results, trends
from leakscan.validation.carbon import Carbon, carbon_from_country, carbon_from_intensity
from leakscan.validation.evaluation import evaluate
from leakscan.validation.executions import FlaggedLoop, Program, ProgramKind
from leakscan.validation.measurements import (
    Cause,
    Fault,
    Idle,
    Output,
    Provenance,
    Reading,
    Run,
    Source,
    Tick,
    Version,
    Window,
    decode,
    encode,
)
from leakscan.validation.meters import ReplayingMeter
from leakscan.validation.plan import Arm, Plan
from leakscan.validation.results import ArmInfo, Basis, Described, Metric, Result
from leakscan.validation.series import run_energies
from leakscan.validation.store import Header, Record, load
from leakscan.validation.verdicts import Verdict

COMMAND = "leakscan validate train.py --measure"
MEGABYTE = 1_000_000
COUNTER = Source("cpu", Provenance.COUNTER, "A processor, RAPL, 1 package")
MODEL = Source("cpu", Provenance.MODEL, "4 W a core", watts_per_core=4.0, in_table=False)
GPU = Source("gpu", Provenance.COUNTER, "A graphics card, NVML")


@dataclasses.dataclass
class Shape:
    """What an arm does: joules of its body on the CPU, bytes that each iteration adds, the number printed."""

    joules: float = 100.0
    growth: float = 0.0
    printed: str = "0.93"
    gpu_joules: float | None = None
    iterations: int = 20


def make_record(shapes, *, blocks=10, source=COUNTER, noise=0.005, seed=1, sources=None, **plan):
    """A record whose arms differ as told, with noise that the blocks share and noise that they do not."""
    generator = random.Random(seed)
    arms = tuple(
        Arm(name, Program(ProgramKind.SCRIPT, "train.py"), f"/arms/{name}", (FlaggedLoop("train.py", 12, 0),))
        for name in shapes
    )
    fields = {"foreign_cpu_limit": None, "steal_limit": None, "blocks": blocks, "seed": 7, **plan}
    made = Plan(arms, "python", **fields)
    sources = sources or (source,)
    header = Header(encode(made), made.identity, ENVIRONMENT, sources, "2026-01-01T00:00:00.000+00:00")
    runs = [make_run(name, shape, None, 0, 1.0, sources) for name, shape in shapes.items()]
    for block in range(blocks):
        level = math.exp(generator.gauss(0, 4 * noise))
        for order, (name, shape) in enumerate(shapes.items()):
            factor = level * math.exp(generator.gauss(0, noise))
            runs.append(make_run(name, shape, block, order, factor, sources))
    return Record(header, tuple(runs), ())


def make_run(name, shape, block, order, factor, sources=(COUNTER,), **fields):
    def window(share):
        joules = {"cpu": shape.joules * factor * share, "gpu": shape.gpu_joules}
        readings = tuple(Reading(each.device, joules[each.device], each.provenance) for each in sources)
        return Window(shape.joules * factor * share / 10, shape.joules * factor * share / 5, readings)

    seconds = shape.joules * factor / 10 / shape.iterations
    return Run(
        **{
            "arm": name,
            "block": block,
            "order": order,
            "started_at": f"2026-01-01T00:{(block or 0):02}:{order:02}.000+00:00",
            "process": window(1.5),
            "body": window(1.0),
            "exit_status": 0,
            "output": Output("ab" * 32 if shape.printed == "0.93" else "cd" * 32, 9, (shape.printed,)),
            "iterations": (shape.iterations,),
            "ticks": tuple(
                Tick(0, i, i * seconds, i * seconds, int(500 * MEGABYTE + i * shape.growth))
                for i in range(shape.iterations)
            ),
            "peak_rss_bytes": int(500 * MEGABYTE + shape.iterations * shape.growth + 1000 * factor),
            "versions": (Version("python", "3.11.7"), Version("tensorflow", "2.20.0")),
            "load_average": 0.3,
            **fields,
        }
    )


LEAK = {"original": Shape(100.0, 3 * MEGABYTE), "reuse": Shape(70.0), "clear-session": Shape(99.9, 1000)}
INFOS = (
    ArmInfo("reuse", "--- a/train.py\n+++ b/train.py\n@@ -1 +1 @@\n-old\n+new\n", "keep the model", "unsafe"),
    ArmInfo("clear-session", "--- a/train.py\n", "clear the session", "unsafe"),
)


def judge(record, infos=(), **options):
    arms = [Described(info, builds_once=info.name == "reuse") for info in infos]
    return evaluate(record, arms, command=COMMAND, **options)


def arm(result, name):
    return next(each for each in result.arms if each.name == name)


# -- verdicts


def test_the_fix_that_saves_is_found_ranked_and_recommended():
    result = judge(make_record(LEAK), INFOS)
    assert [each.verdict for each in result.arms] == [None, Verdict.LESS, Verdict.EQUIVALENT]
    assert result.ranking.best == "reuse"
    assert result.ranking.order == ("reuse", "clear-session")
    change = arm(result, "reuse").quantity(Metric.ENERGY).comparison.effect.percent_change
    assert change.low < -30 < change.high
    assert result.verdict.startswith("reuse uses ")
    assert "less energy than the original (95 % interval" in result.verdict
    assert "it used less in 10 of 10 blocks; the energy is measured." in result.verdict
    assert result.recommendation.startswith("Use reuse. It is marked unsafe: read its diff first. Memory: ")


def test_verdicts_of_several_fixes_are_adjusted_together():
    comparisons = [each.quantity(Metric.ENERGY).comparison for each in judge(make_record(LEAK), INFOS).fixes]
    assert {each.family for each in comparisons} == {2}


def test_a_program_against_itself_is_no_saving():
    result = judge(make_record({"original": Shape(), "fixed": Shape()}))
    assert arm(result, "fixed").verdict is Verdict.EQUIVALENT
    assert result.ranking.best is None
    assert result.verdict.startswith("No fix saves energy: fixed is equivalent, ")
    assert result.recommendation.startswith("For energy, keep the original.")


def test_a_fix_that_uses_more_is_named_so():
    result = judge(make_record({"original": Shape(), "fixed": Shape(120.0)}))
    assert arm(result, "fixed").verdict is Verdict.MORE
    assert "fixed uses 20" in result.verdict


def test_fewer_than_six_blocks_give_no_verdict():
    result = judge(make_record({"original": Shape(), "fixed": Shape(50.0)}, blocks=5))
    assert arm(result, "fixed").verdict is Verdict.INCONCLUSIVE
    assert "6 blocks are the least" in result.recommendation


def test_an_inconclusive_result_says_how_many_blocks_would_settle_it():
    result = judge(make_record({"original": Shape(), "fixed": Shape(98.0)}, noise=0.04, blocks=6))
    fixed = arm(result, "fixed")
    assert fixed.verdict is Verdict.INCONCLUSIVE
    wanted = fixed.quantity(Metric.ENERGY).comparison.blocks_to_settle
    assert f"About {wanted} blocks in all would settle" in result.recommendation
    assert 0.01 < fixed.smallest_detectable_change < 0.3


def test_the_margin_depends_on_what_energy_rests_on():
    shapes = {"original": Shape(), "fixed": Shape(98.0)}
    measured, modelled = judge(make_record(shapes)), judge(make_record(shapes, source=MODEL))
    assert (measured.margin, modelled.margin) == (0.01, 0.03)
    assert arm(measured, "fixed").verdict is Verdict.LESS
    assert arm(modelled, "fixed").verdict is Verdict.EQUIVALENT
    assert judge(make_record(shapes, source=MODEL), margin=0.005).margin == 0.005


def test_the_level_of_a_look_makes_the_verdict_stricter_and_keeps_the_interval():
    record = make_record({"original": Shape(), "fixed": Shape(98.0)}, noise=0.009, seed=3)
    loose, strict = (
        arm(judge(record, alpha=alpha), "fixed").quantity(Metric.ENERGY).comparison
        for alpha in (0.05, 0.0125)
    )
    assert strict.effect.ratio == loose.effect.ratio
    assert strict.alpha == 0.0125


# -- which runs count


def with_faults(record, faults):
    """The record in which the runs (arm, block) have these faults."""
    runs = tuple(
        dataclasses.replace(run, fault=faults.get((run.arm, run.block), run.fault)) for run in record.runs
    )
    return dataclasses.replace(record, runs=runs)


def test_a_block_with_a_fault_is_left_out_whole_and_kept_with_its_cause():
    stolen = Fault(Cause.STEAL, "the hypervisor took 9 % of the processors' time")
    record = with_faults(make_record(LEAK), {("reuse", 4): stolen})
    result = judge(record)
    assert result.used_blocks == (0, 1, 2, 3, 5, 6, 7, 8, 9)
    assert [(each.block, each.arm, each.fault) for each in result.dropped_blocks] == [(4, "reuse", stolen)]
    assert all(len(quantity.values) == 9 for each in result.arms for quantity in each.quantities)
    assert len(result.runs) == len(record.runs)
    assert "1 block not used (steal: 1)" in result.warnings


def test_a_block_that_was_interrupted_is_left_out():
    record = make_record(LEAK)
    result = judge(dataclasses.replace(record, runs=record.runs[:-1]))
    assert result.used_blocks == tuple(range(9))
    assert [(each.block, each.arm, each.fault) for each in result.dropped_blocks] == [
        (9, "clear-session", None)
    ]


def test_warm_ups_never_count():
    record = make_record({"original": Shape(), "fixed": Shape()}, noise=0.0)
    runs = tuple(
        make_run(run.arm, Shape(1e6), None, 0, 1.0) if run.block is None else run for run in record.runs
    )
    result = judge(dataclasses.replace(record, runs=runs))
    assert result.original.quantity(Metric.ENERGY).mean == pytest.approx(100.0)


def test_runs_count_by_block_in_whatever_order_they_are_on_disk():
    record = make_record(LEAK)
    shuffled = list(record.runs)
    random.Random(3).shuffle(shuffled)
    again = judge(dataclasses.replace(record, runs=tuple(shuffled)), INFOS)
    assert again.arms == judge(record, INFOS).arms


def test_a_fix_that_crashes_is_invalid_and_the_others_are_judged_without_it():
    fault = Fault(Cause.FAILED, "ended with exit status 1: ValueError: shape")
    record = make_record(LEAK)
    runs = tuple(
        dataclasses.replace(run, fault=fault) if run.arm == "clear-session" else run
        for run in record.runs
        if run.arm != "clear-session" or run.block is None
    )
    result = judge(dataclasses.replace(record, runs=runs), INFOS)
    broken = arm(result, "clear-session")
    assert (broken.verdict, broken.fault, broken.runs) == (Verdict.INVALID, fault, 0)
    assert broken.reason == "it does not run: ended with exit status 1: ValueError: shape"
    assert len(result.used_blocks) == 10
    assert arm(result, "reuse").verdict is Verdict.LESS
    assert arm(result, "reuse").quantity(Metric.ENERGY).comparison.family == 1


def test_a_fix_that_prints_other_numbers_is_invalid_however_little_it_uses():
    shapes = {"original": Shape(), "fixed": Shape(10.0, printed="0.11")}
    result = judge(make_record(shapes))
    fixed = arm(result, "fixed")
    assert fixed.verdict is Verdict.INVALID
    assert fixed.disagreement == "number 1 of 1 is 0.11, the original's 0.93"
    assert result.ranking.best is None
    assert fixed.quantity(Metric.ENERGY).mean < 11
    assert result.recommendation == "Nothing can be recommended: no fix is valid here."


def test_numbers_that_vary_between_runs_of_the_original_do_not_condemn_a_fix():
    record = make_record({"original": Shape(), "fixed": Shape(70.0)})
    runs = tuple(
        dataclasses.replace(run, output=Output(f"{number:064}", 9, (f"0.{number + 1}",)))
        for number, run in enumerate(record.runs)
    )
    result = judge(dataclasses.replace(record, runs=runs))
    assert arm(result, "fixed").disagreement is None
    assert arm(result, "fixed").verdict is Verdict.LESS
    assert any("vary between the original's runs" in note for note in arm(result, "fixed").notes)


def test_an_original_that_fails_leaves_no_verdict():
    fault = Fault(Cause.FAILED, "ended with exit status 1: no data")
    record = make_record(LEAK)
    result = judge(
        dataclasses.replace(
            record, runs=(dataclasses.replace(record.runs[0], fault=fault), *record.runs[1:3])
        )
    )
    assert result.verdict == "No verdict: the original does not run: ended with exit status 1: no data."
    assert {each.verdict for each in result.fixes} == {Verdict.INVALID}


def test_an_arm_that_was_never_measured_is_an_error():
    with pytest.raises(LeakscanError, match="no arm 'hoist'; they have original, reuse, clear-session"):
        judge(make_record(LEAK), [ArmInfo("hoist", "", "", "safe")])


# -- numbers


def test_means_are_those_of_the_blocks_and_iterations_share_the_body():
    result = judge(make_record({"original": Shape(), "fixed": Shape(50.0)}, noise=0.0, source=MODEL))
    values = {
        quantity.metric: (quantity.mean, quantity.sd, quantity.basis)
        for quantity in arm(result, "fixed").quantities
    }
    assert values[Metric.ENERGY] == (pytest.approx(50.0), 0.0, Basis.MODELLED)
    assert values[Metric.PROCESS_ENERGY][0] == pytest.approx(75.0)
    assert values[Metric.CPU_TIME] == (pytest.approx(10.0), 0.0, Basis.MEASURED)
    assert values[Metric.WALL_TIME][0] == pytest.approx(5.0)
    assert values[Metric.ENERGY_PER_ITERATION][0] == pytest.approx(2.5)
    assert values[Metric.WALL_PER_ITERATION][0] == pytest.approx(0.25)
    assert values[Metric.PEAK_MEMORY][0] == 500 * MEGABYTE + 1000
    assert Metric.PEAK_GPU_MEMORY not in values


def test_devices_are_shown_apart_and_summed_and_the_weaker_one_names_the_sum():
    shapes = {"original": Shape(100.0, gpu_joules=300.0), "fixed": Shape(50.0, gpu_joules=310.0)}
    result = judge(make_record(shapes, noise=0.0, sources=(MODEL, GPU)))
    fixed = arm(result, "fixed")
    assert fixed.quantity(Metric.ENERGY).mean == pytest.approx(360.0)
    assert fixed.quantity(Metric.ENERGY).basis is Basis.PARTLY
    assert fixed.quantity(Metric.ENERGY).provenance is Provenance.MODEL
    assert fixed.quantity(Metric.ENERGY, "gpu").basis is Basis.MEASURED
    assert fixed.quantity(Metric.ENERGY, "cpu").basis is Basis.MODELLED
    assert fixed.quantity(Metric.ENERGY, "gpu").comparison.verdict is Verdict.MORE
    assert "The other devices are measured." in result.banner


def test_a_device_that_is_silent_in_one_run_is_left_out_of_every_sum():
    shapes = {"original": Shape(100.0, gpu_joules=300.0), "fixed": Shape(100.0, gpu_joules=300.0)}
    record = make_record(shapes, noise=0.0, sources=(COUNTER, GPU))
    last = record.runs[-1]
    silent = dataclasses.replace(last.body, readings=(last.body.readings[0],))
    result = judge(
        dataclasses.replace(record, runs=(*record.runs[:-1], dataclasses.replace(last, body=silent)))
    )
    assert result.original.quantity(Metric.ENERGY).mean == pytest.approx(100.0)
    assert [joules for _, joules in run_energies(result)] == pytest.approx(
        [100.0] * len(run_energies(result))
    )
    net = [each.quantity(Metric.NET_ENERGY) for each in result.arms]
    assert all(each is None or each.mean <= 100.0 for each in net)


def test_energy_that_is_not_measured_is_none_and_never_zero():
    absent = Source("cpu", Provenance.ABSENT, "no counter")
    record = make_record({"original": Shape(), "fixed": Shape(50.0)}, source=absent)
    runs = tuple(
        dataclasses.replace(
            run,
            body=dataclasses.replace(run.body, readings=(Reading("cpu", None, Provenance.ABSENT),)),
            process=dataclasses.replace(run.process, readings=()),
        )
        for run in record.runs
    )
    result = judge(dataclasses.replace(record, runs=runs))
    energy = arm(result, "fixed").quantity(Metric.ENERGY)
    assert (energy.mean, energy.basis, energy.comparison) == (None, Basis.ABSENT, None)
    assert arm(result, "fixed").reason == "its energy was not measured"
    assert arm(result, "fixed").quantity(Metric.CPU_TIME).comparison.verdict is Verdict.LESS
    assert result.ranking.best is None
    assert result.recommendation == "Nothing can be recommended for energy, which was not measured."
    assert "The energy of the CPU: no counter." in result.limits


def test_values_of_zero_have_no_ratio_and_say_so():
    result = judge(make_record({"original": Shape(), "fixed": Shape(0.0)}))
    energy = arm(result, "fixed").quantity(Metric.ENERGY)
    assert energy.comparison is None
    assert "not above zero" in energy.note


def test_commands_have_no_body_and_are_judged_as_a_whole():
    record = make_record({"original": Shape(), "fixed": Shape(50.0)})
    runs = tuple(dataclasses.replace(run, body=None, ticks=(), iterations=()) for run in record.runs)
    result = judge(dataclasses.replace(record, runs=runs))
    assert result.window == "process"
    assert result.original.quantity(Metric.ENERGY).mean == pytest.approx(150.0, rel=0.05)
    assert result.original.quantity(Metric.PROCESS_ENERGY) is None
    assert (result.loop, result.original.memory_growth, result.original.iterations) == (None, None, None)


def test_idle_power_is_taken_off_where_energy_is_measured():
    record = make_record({"original": Shape(), "fixed": Shape(50.0)}, noise=0.0)
    idle = Idle("before", Window(10.0, 0.0, (Reading("cpu", 20.0, Provenance.COUNTER),)))
    result = judge(dataclasses.replace(record, idles=(idle,)))
    assert result.original.quantity(Metric.NET_ENERGY).mean == pytest.approx(100.0 - 2.0 * 10.0)
    modelled = make_record({"original": Shape(), "fixed": Shape()}, source=MODEL)
    assert judge(dataclasses.replace(modelled, idles=(idle,))).original.quantity(Metric.NET_ENERGY) is None


# -- over the iterations


def test_growth_of_memory_is_that_of_an_iteration():
    result = judge(make_record(LEAK))
    growth = result.original.memory_growth
    assert growth.per_iteration.estimate == pytest.approx(3 * MEGABYTE, rel=1e-6)
    assert growth.rises
    fixed = arm(result, "reuse").memory_growth
    assert fixed.per_iteration.estimate == 0
    assert not fixed.rises
    assert fixed.difference.estimate == pytest.approx(-3 * MEGABYTE, rel=1e-6)
    assert fixed.difference.high < 0
    assert "growing by 3.00 MB less per iteration" in result.recommendation


def test_growth_does_not_depend_on_how_many_ticks_were_recorded():
    record = make_record(LEAK, blocks=6)
    every = [0, 1, 2, 3, 5, 8, 13, 19]
    thinned = tuple(
        dataclasses.replace(run, ticks=tuple(tick for tick in run.ticks if tick.iteration in every))
        for run in record.runs
    )
    result = judge(dataclasses.replace(record, runs=thinned))
    assert result.original.memory_growth.per_iteration.estimate == pytest.approx(3 * MEGABYTE, rel=1e-6)


def test_the_interval_of_a_median_needs_six_blocks():
    five, six = (judge(make_record(LEAK, blocks=count)).original.memory_growth for count in (5, 6))
    assert five.per_iteration.low is None
    assert six.per_iteration.low == pytest.approx(3 * MEGABYTE, rel=1e-6)
    assert six.per_iteration.confidence == pytest.approx(1 - 2 / 2**6)


def test_the_interval_of_a_median_is_that_of_the_sign_test():
    # Hollander and Wolfe, table of the binomial: for n = 10 the second value from either end, 97.9 %.
    interval = trends.median([5.0, 1.0, 9.0, 2.0, 8.0, 3.0, 7.0, 4.0, 6.0, 10.0])
    assert (interval.estimate, interval.low, interval.high) == (5.5, 2.0, 9.0)
    assert interval.confidence == pytest.approx(0.978515625)


def test_iterations_that_get_slower_are_seen():
    record = make_record({"original": Shape(), "fixed": Shape()})

    def slower(run):
        ticks = tuple(dataclasses.replace(tick, seconds=0.01 * tick.iteration**2) for tick in run.ticks)
        return dataclasses.replace(run, ticks=ticks) if run.arm == "original" else run

    result = judge(dataclasses.replace(record, runs=tuple(slower(run) for run in record.runs)))
    assert result.original.slowdown.rises
    assert result.original.slowdown.per_iteration.estimate == pytest.approx(0.02)
    assert not arm(result, "fixed").slowdown.rises


def test_what_a_rebuild_costs_is_told_of_fixes_that_keep_the_model():
    result = judge(make_record(LEAK, noise=0.0), INFOS)
    # 20 and 14 s of body in 20 iterations, of which the first took 0.5 and 0.35 s.
    cost = arm(result, "reuse").rebuild_cpu_seconds
    assert cost.estimate == pytest.approx((20 - 0.5) / 19 - (14 - 0.35) / 19)
    assert arm(result, "clear-session").rebuild_cpu_seconds is None
    noisy = arm(judge(make_record(LEAK), INFOS), "reuse").rebuild_cpu_seconds
    assert noisy.low < cost.estimate < noisy.high
    assert arm(judge(make_record(LEAK, blocks=5), INFOS), "reuse").rebuild_cpu_seconds is None


def test_a_loop_that_is_passed_once_has_no_cost_of_a_rebuild():
    shapes = {"original": Shape(iterations=1), "reuse": Shape(70.0, iterations=1)}
    assert arm(judge(make_record(shapes), INFOS[:1]), "reuse").rebuild_cpu_seconds is None


def test_of_several_loops_the_one_that_takes_longest_is_shown():
    record = make_record(LEAK)
    loops = tuple(
        dataclasses.replace(each, loops=(FlaggedLoop("train.py", 3), FlaggedLoop("train.py", 12)))
        for each in decode(Plan, record.header.plan).arms
    )
    plan = dataclasses.replace(decode(Plan, record.header.plan), arms=loops)
    runs = tuple(
        dataclasses.replace(
            run,
            iterations=(2, 20),
            ticks=(
                Tick(0, 0, 0.0, 0.0, 1),
                Tick(0, 1, 0.1, 0.1, 1),
                *(dataclasses.replace(tick, loop=1) for tick in run.ticks),
            ),
        )
        for run in record.runs
    )
    header = dataclasses.replace(record.header, plan=encode(plan))
    result = judge(Record(header, runs, ()))
    assert (result.loop.number, result.loop.line) == (1, 12)
    assert result.original.iterations == 20
    assert result.original.memory_growth.rises


# -- what is said beside the numbers


def test_modelled_energy_is_announced_and_measured_energy_is_not():
    shapes = {"original": Shape(), "fixed": Shape(50.0)}
    assert judge(make_record(shapes)).banner is None
    modelled = judge(make_record(shapes, source=MODEL))
    assert modelled.banner.startswith("Energy of the CPU is modelled, not measured: CPU time x 4 W per core")
    assert "not in codecarbon's table" in modelled.banner
    assert any("modelled energy" in limit for limit in modelled.limits)


def test_a_program_that_prints_no_numbers_proves_no_equality():
    record = make_record({"original": Shape(), "fixed": Shape(50.0)})
    silent = tuple(dataclasses.replace(run, output=Output("0" * 64, 0)) for run in record.runs)
    limits = judge(dataclasses.replace(record, runs=silent)).limits
    assert "That the fixes compute the same: the program prints no numbers to compare." in limits


def test_short_runs_are_warned_about():
    result = judge(make_record({"original": Shape(20.0), "fixed": Shape(20.0)}))
    assert result.warnings[0].startswith("20 of 20 runs took less than 5 s (the shortest ")


# -- carbon


def test_grams_are_given_only_when_asked_for():
    record = make_record({"original": Shape(), "fixed": Shape(50.0)}, noise=0.0)
    assert judge(record).original.carbon_grams is None
    result = judge(record, carbon=carbon_from_intensity(360.0))
    assert result.original.carbon_grams == pytest.approx(0.01)
    assert result.carbon == Carbon(360.0, "given by the user")


def test_a_country_has_the_intensity_of_codecarbons_table():
    import codecarbon.input

    table = codecarbon.input.DataSource().get_global_energy_mix_data()
    found = carbon_from_country("swe")
    assert found.intensity_grams_per_kwh == table["SWE"]["carbon_intensity"]
    assert found.year == table["SWE"]["year"]
    assert found.source.startswith("Sweden, yearly mean, table of codecarbon ")


@pytest.mark.parametrize(("word", "hint"), [("Sweden", "'SWE'"), ("DEUT", "'DEU'")])
def test_an_unknown_country_is_an_error_with_a_hint(word, hint):
    with pytest.raises(LeakscanError, match=f"unknown code '{word}' .did you mean {hint}"):
        carbon_from_country(word)


@pytest.mark.parametrize("value", [-1.0, math.nan, math.inf, 20_000.0])
def test_an_impossible_intensity_is_an_error(value):
    with pytest.raises(LeakscanError, match="--carbon-intensity"):
        carbon_from_intensity(value)


# -- a real experiment, and the way through JSON


@pytest.fixture
def _no_waiting(monkeypatch):
    monkeypatch.setattr(neighbours, "OBSERVED_SECONDS", 0.02)


@pytest.mark.usefixtures("_no_waiting")
def test_an_experiment_that_ran_is_evaluated(make_plan, path):  # noqa: F811
    # Windows of a run: preparation, body, end. The recording gives the body of every run 1 J more.
    plan = make_plan({"original": SCRIPT, "fixed": SCRIPT}, blocks=6)
    joules = itertools.chain.from_iterable((0.5, 10.0 + run, 0.5) for run in range(100))
    go(plan, path, ReplayingMeter([COUNTER], ({"cpu": each} for each in joules)))
    record = load(path)
    result = judge(record, [ArmInfo("fixed", "", "", "safe")])
    assert len(result.used_blocks) == 6
    bodies = [run.body.energy_joules for run in record.runs if run.arm == "fixed" and run.block is not None]
    assert arm(result, "fixed").quantity(Metric.ENERGY).values == tuple(bodies)
    assert arm(result, "fixed").quantity(Metric.PROCESS_ENERGY).values == tuple(each + 1 for each in bodies)
    assert result.original.iterations == 5
    assert result.loop.line == 3
    assert decode(Result, json.loads(json.dumps(encode(result)))) == result


def test_a_result_survives_json():
    result = judge(make_record(LEAK, source=MODEL), INFOS, carbon=carbon_from_intensity(100))
    assert decode(Result, json.loads(json.dumps(encode(result), allow_nan=False))) == result


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        ("[]", "not a report"),
        ('{"findings": [], "schema_version": 1}', "not a report"),
        ('{"arms": [], "schema_version": 99}', "another version"),
        ('{"arms": [], "schema_version": 2}', "damaged"),
    ],
)
def test_other_files_are_no_reports(tmp_path, text, message):
    file = tmp_path / "report.json"
    file.write_text(text)
    with pytest.raises(LeakscanError, match=message):
        results.load(str(file))


def test_a_report_that_is_missing_is_an_error(tmp_path):
    with pytest.raises(LeakscanError, match="No such file"):
        results.load(str(tmp_path / "none.json"))


def test_runs_without_a_plan_are_an_error():
    record = make_record(LEAK)
    header = dataclasses.replace(record.header, plan={"seed": 1})
    with pytest.raises(LeakscanError, match="no plan that can be read"):
        judge(dataclasses.replace(record, header=header))
