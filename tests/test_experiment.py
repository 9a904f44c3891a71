"""Experiments: order, what is dropped, what is resumed; long, as each needs programs of its own."""

import collections
import contextlib
import dataclasses
import itertools
import json
import os
import random
import signal
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_store import make_run
from test_worker import alive, linux_only, wait_until

from leakscan.errors import LeakscanError
from leakscan.validation import machine, neighbours
from leakscan.validation.agreement import compare_outputs
from leakscan.validation.events import (
    ArmExcluded,
    BlockEnded,
    BlocksPlanned,
    Ending,
    Finished,
    IdleEnded,
    Preflight,
    RunBegins,
    RunEnded,
)
from leakscan.validation.executions import FlaggedLoop, Program, ProgramKind
from leakscan.validation.experiment import conduct, make_header
from leakscan.validation.measurements import Cause, Fault, Output, Provenance, Source, encode
from leakscan.validation.meters import Metering, ReplayingMeter
from leakscan.validation.patience import Watch
from leakscan.validation.plan import Arm, Plan, block_order, progress
from leakscan.validation.preflight import preflight
from leakscan.validation.store import load, open_store

COUNTER = Source("cpu", Provenance.COUNTER, "recorded")
MODEL = Source("cpu", Provenance.MODEL, "recorded", watts_per_core=4.0, in_table=False)

SCRIPT = """\
import sys
total = 0
for step in range(5):
    total += step
print("total", total)
"""


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    monkeypatch.setattr(neighbours, "OBSERVED_SECONDS", 0.02)


@pytest.fixture
def make_plan(tmp_path):
    """A plan whose arms run the given texts, each in a folder of its own."""

    def make_plan(texts=None, **fields):
        arms = []
        for name, text in (texts or {"original": SCRIPT, "fixed": SCRIPT}).items():
            folder = tmp_path / name
            folder.mkdir(exist_ok=True)
            (folder / "train.py").write_text(text)
            program = Program(ProgramKind.SCRIPT, "train.py")
            arms.append(Arm(name, program, str(folder), (FlaggedLoop("train.py", 3),), fingerprint=name))
        return Plan(
            tuple(arms),
            **{
                "blocks": 2,
                "foreign_cpu_limit": None,
                "steal_limit": None,
                "idle_seconds": 0.0,
                "timeout_seconds": 60,
                **fields,
            },
        )

    return make_plan


def meter(joules=itertools.repeat(1.0), source=COUNTER):  # noqa: B008
    return ReplayingMeter([source], ({"cpu": each} for each in joules))


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "runs.jsonl")


def go(plan, path, instrument=None, *, resume=False, **arguments):
    """All events of an experiment."""
    instrument = instrument or meter()
    arguments = {"watch": Watch(0.0, noise_repeats=0), **arguments}
    with contextlib.closing(open_store(path, make_header(plan, instrument), resume=resume)) as store:
        return list(conduct(plan, instrument, store, **arguments))


def of(kind, events):
    return [event for event in events if isinstance(event, kind)]


# -- the order of runs


@pytest.mark.parametrize("count", [2, 3, 4, 5])
def test_orders_are_balanced_over_places_and_neighbours(count):
    arms = [f"arm{index}" for index in range(count)]
    blocks = 2 * count
    orders = [block_order(arms, seed=7, block=block) for block in range(blocks)]
    assert all(sorted(order) == arms for order in orders)
    places = collections.Counter((arm, place) for order in orders for place, arm in enumerate(order))
    assert set(places.values()) == {2}
    rows = orders[: count if count % 2 == 0 else blocks]
    pairs = collections.Counter(pair for order in rows for pair in itertools.pairwise(order))
    assert len(pairs) == count * (count - 1)
    assert len(set(pairs.values())) == 1


def test_orders_follow_the_seed_alone():
    arms = ["a", "b", "c"]
    first = [block_order(arms, 1, block) for block in range(24)]
    assert first == [block_order(arms, 1, block) for block in range(24)]
    assert first != [block_order(arms, 2, block) for block in range(24)]
    assert len(set(first)) > 3


@given(st.integers(1, 6), st.integers(0, 1000), st.integers(0, 200))
def test_each_arm_runs_once_a_block(count, seed, block):
    arms = [str(index) for index in range(count)]
    assert sorted(block_order(arms, seed, block)) == sorted(arms)


# -- a whole experiment


def test_two_arms_run_in_blocks_after_one_warm_up_each(make_plan, path):
    plan = make_plan(blocks=3)
    events = go(plan, path)
    runs = [event.run for event in of(RunEnded, events)]
    assert [(run.arm, run.block) for run in runs[:2]] == [("original", None), ("fixed", None)]
    assert [run.block for run in runs[2:]] == [0, 0, 1, 1, 2, 2]
    for block in range(3):
        order = [run.arm for run in runs if run.block == block]
        assert tuple(order) == block_order(["original", "fixed"], plan.seed, block)
    assert not any(run.counts for run in runs[:2])
    assert all(run.counts for run in runs[2:])
    assert all(run.iterations == (5,) for run in runs)
    assert list(load(path).runs) == runs
    assert isinstance(events[0], Preflight)
    assert of(BlocksPlanned, events)[0].blocks == 3
    assert [event.complete for event in of(BlockEnded, events)] == [1, 2, 3]
    assert events[-1] == Finished(Ending.COMPLETE, "3 blocks done")


def test_expectations_come_from_earlier_runs(make_plan, path):
    begins = of(RunBegins, go(make_plan(), path))
    assert begins[0].expected_seconds is None
    assert all(event.expected_seconds > 0 for event in begins[2:])
    left = [event.remaining_seconds for event in begins[2:]]
    assert left[0] > left[-1] > 0


def test_energy_is_that_of_the_windows(make_plan, path):
    # each run has three windows: preparation, body, end
    instrument = meter(itertools.cycle([1.0, 20.0, 300.0]))
    runs = [event.run for event in of(RunEnded, go(make_plan(), path, instrument))]
    assert {run.body.energy_joules for run in runs} == {20.0}
    assert {run.process.energy_joules for run in runs} == {321.0}
    assert {run.headline.readings[0].provenance for run in runs} == {Provenance.COUNTER}


def test_cpu_time_of_the_parts_is_that_of_the_whole(make_plan, path):
    (first, *_) = [event.run for event in of(RunEnded, go(make_plan(blocks=1), path))]
    assert 0 < first.body.cpu_seconds < first.process.cpu_seconds
    assert 0 < first.body.wall_seconds < first.process.wall_seconds


def test_an_experiment_of_commands_has_no_body(make_plan, path):
    plan = make_plan(blocks=1)
    program = Program(ProgramKind.COMMAND, sys.executable, ("train.py",))
    plan = dataclasses.replace(
        plan, arms=tuple(dataclasses.replace(arm, program=program, loops=()) for arm in plan.arms)
    )
    runs = [event.run for event in of(RunEnded, go(plan, path))]
    assert all(run.body is None and run.headline is run.process and run.fault is None for run in runs)
    assert runs[0].output.numbers == ("10",)


def test_the_callback_ends_the_experiment_when_it_has_seen_enough(make_plan, path):
    seen = []

    def go_on(runs):
        seen.append(len({run.block for run in runs if run.counts}))
        return seen[-1] < 2

    events = go(make_plan(blocks=9), path, go_on=go_on)
    assert seen == [1, 2]
    assert events[-1].ending is Ending.SETTLED


def test_what_was_settled_is_not_gone_on_with_when_resumed(make_plan, path):
    def go_on(runs):
        return len({run.block for run in runs if run.block is not None}) < 2

    go(make_plan(blocks=9), path, go_on=go_on)
    runs = load(path).runs
    again = go(make_plan(blocks=9), path, go_on=go_on, resume=True)
    assert again[-1].ending is Ending.SETTLED
    assert load(path).runs == runs


def test_the_time_for_everything_is_expected_after_the_first_run(make_plan, path):
    begins = of(RunBegins, go(make_plan(blocks=3), path))
    assert begins[0].remaining_seconds is None
    runs = load(path).runs
    first = runs[0].process.wall_seconds
    assert begins[1].remaining_seconds == pytest.approx(first + 3 * (2 * first + 2 * 0.1))


def test_a_budget_decides_the_number_of_blocks_after_the_warm_ups(make_plan, path):
    events = go(make_plan(budget_seconds=6.0), path)
    (planned,) = of(BlocksPlanned, events)
    assert planned.blocks > 0
    # A machine that has become quieter does more in the same time.
    ended = of(BlockEnded, events)
    assert len(ended) <= ended[-1].target
    assert events[-1].ending in (Ending.COMPLETE, Ending.OUT_OF_TIME)


def test_idle_energy_is_measured_before_and_after_where_there_is_a_counter(make_plan, path):
    instrument = meter(itertools.chain([50.0], [1.0] * 12, [60.0]))
    events = go(make_plan(blocks=1, idle_seconds=0.05), path, instrument)
    assert [(each.idle.when, each.idle.window.energy_joules) for each in of(IdleEnded, events)] == [
        ("before", 50.0),
        ("after", 60.0),
    ]
    assert len(load(path).idles) == 2
    assert isinstance(events[-2], IdleEnded)


def test_idle_energy_is_not_measured_where_energy_is_estimated(make_plan, path):
    events = go(make_plan(blocks=1, idle_seconds=30.0), path, meter(source=MODEL))
    assert of(IdleEnded, events) == []


def test_a_program_too_short_for_a_gpu_s_counter_is_refused(make_plan, path):
    gpu = Source("gpu", Provenance.COUNTER, "a GPU")
    with pytest.raises(LeakscanError, match=r"original runs for 0\.0 s; a GPU's energy needs at least 5 s"):
        go(make_plan(), path, ReplayingMeter([COUNTER, gpu], ({"cpu": 1.0, "gpu": 1.0} for _ in range(9))))


# -- pre-flight


def warnings(make_plan, path, source=COUNTER, **environment):
    plan, instrument = make_plan(), meter(source=source)
    header = make_header(plan, instrument)
    header = dataclasses.replace(header, environment=dataclasses.replace(header.environment, **environment))
    return preflight(instrument, header.environment).warnings


def test_an_estimate_is_announced_as_one(make_plan, path):
    first, second, *_ = warnings(make_plan, path, source=MODEL, virtualisation="virtual machine (X)")
    assert first.startswith("the CPU's energy is estimated, not measured")
    assert "virtual machine (X)" in second


# -- what is dropped


class TroubledMeter(ReplayingMeter):
    """Reports a problem in the windows with the given numbers, from 0."""

    def __init__(self, *troubled):
        super().__init__([COUNTER], ({"cpu": 1.0} for _ in itertools.count()))
        self._troubled = troubled
        self._count = -1

    def stop(self, cpu_seconds):
        self._count += 1
        metering = super().stop(cpu_seconds)
        problems = ("stood still",) if self._count in self._troubled else ()
        return Metering(metering.readings, problems)


def test_a_block_with_a_fault_is_dropped_and_replaced(make_plan, path):
    # windows 0 to 5 are the warm-ups', 6 to 8 the first run of block 0
    events = go(make_plan(blocks=2), path, TroubledMeter(7))
    runs = [event.run for event in of(RunEnded, events) if event.run.block is not None]
    assert [run.block for run in runs] == [0, 1, 1, 2, 2]
    assert runs[0].fault == Fault(Cause.METER, "stood still")
    ended = of(BlockEnded, events)
    assert [event.fault is None for event in ended] == [False, True, True]
    assert [event.complete for event in ended] == [0, 1, 2]
    assert events[-1].ending is Ending.COMPLETE
    assert len(load(path).runs) == 7


def test_an_instrument_that_never_works_ends_the_experiment(make_plan, path):
    events = go(make_plan(blocks=2), path, TroubledMeter(*range(6, 100)))
    assert events[-1].ending is Ending.TOO_MANY_DROPPED
    assert "stood still" in events[-1].message


def test_resuming_after_too_many_dropped_blocks_tries_again(make_plan, path):
    go(make_plan(blocks=2), path, TroubledMeter(*range(6, 100)))
    before = len(load(path).runs)
    events = go(make_plan(blocks=2), path, TroubledMeter(), resume=True)
    assert events[-1].ending is Ending.COMPLETE
    assert len(load(path).runs) == before + 4


@linux_only
def test_a_run_beside_a_busy_neighbour_is_dropped_by_cause(make_plan, path):
    text = (
        "import time\nend = time.process_time() + 0.5\n"
        "for _ in iter(lambda: time.process_time() < end, False):\n    pass\n"
    )
    plan = make_plan({"original": text}, blocks=1, foreign_cpu_limit=0.2)
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count())]
    try:
        run = of(RunEnded, go(plan, path))[0].run
    finally:
        for process in busy:
            process.kill()
            process.wait()
    assert run.fault.cause is Cause.FOREIGN_CPU
    assert run.foreign_cpu_share > 0.2


def test_time_of_the_machine_is_divided_among_us_the_hypervisor_and_others():
    begin = machine.Activity(
        busy_seconds=100.0, steal_seconds=1.0, own_seconds=5.0, monotonic=10.0, boottime=50.0
    )
    end = machine.Activity(
        busy_seconds=107.0, steal_seconds=1.5, own_seconds=5.5, monotonic=20.0, boottime=63.0
    )
    found = machine.disturbance(begin, end, tree_cpu_seconds=5.0)
    assert found.foreign_cpu_share == pytest.approx((7.0 - 0.5 - 5.0) / 5.0)
    assert found.foreign_cpu_seconds == pytest.approx(1.5)
    assert found.steal_seconds == pytest.approx(0.5)
    assert found.steal_share == pytest.approx(0.5 / (10.0 * os.cpu_count()))
    assert found.suspended_seconds == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("found", "cause"),
    [
        ({"suspended_seconds": 30.0}, Cause.SUSPEND),
        ({"steal_seconds": 2.0, "steal_share": 0.1}, Cause.STEAL),
        ({"steal_seconds": 0.02, "steal_share": 0.1}, None),
        ({"steal_seconds": 2.0, "steal_share": 0.04}, None),
        ({"foreign_cpu_seconds": 3.0, "foreign_cpu_share": 0.3}, Cause.FOREIGN_CPU),
        ({"foreign_cpu_seconds": 3.0, "foreign_cpu_share": 0.1}, None),
        ({}, None),
    ],
)
def test_what_the_machine_did_meanwhile_drops_a_run_by_cause(make_plan, path, monkeypatch, found, cause):
    monkeypatch.setattr(machine, "disturbance", lambda *_: machine.Disturbance(**found))
    plan = make_plan({"original": SCRIPT}, blocks=1, foreign_cpu_limit=0.2, steal_limit=0.05)
    run = of(RunEnded, go(plan, path))[0].run
    assert (run.fault.cause if run.fault else None) is cause


def test_an_arm_that_fails_in_its_warm_up_is_excluded_and_the_others_go_on(make_plan, path):
    plan = make_plan(
        {"original": SCRIPT, "broken": "raise ValueError('shape')\n\nfor i in (): pass\n", "fixed": SCRIPT}
    )
    events = go(plan, path)
    (excluded,) = of(ArmExcluded, events)
    assert excluded.arm == "broken"
    assert excluded.fault.message == "ended with exit status 1: ValueError: shape"
    runs = [event.run for event in of(RunEnded, events)]
    assert collections.Counter(run.arm for run in runs) == {"original": 3, "fixed": 3, "broken": 1}
    assert events[-1].ending is Ending.COMPLETE


def test_an_arm_that_fails_again_and_again_is_excluded(make_plan, path, tmp_path):
    text = (
        "import os\ncount = len(os.listdir('.'))\nfor i in range(1): pass\n"
        "open(f'run-{count}', 'w').close()\nassert count < 3\n"
    )
    events = go(make_plan({"original": SCRIPT, "flaky": text, "fixed": SCRIPT}, blocks=4), path)
    (excluded,) = of(ArmExcluded, events)
    assert excluded.arm == "flaky"
    faults = [event.run for event in of(RunEnded, events) if event.run.fault]
    assert len(faults) == 3
    assert events[-1].ending is Ending.COMPLETE
    assert of(BlockEnded, events)[-1].complete == 4


def test_an_original_that_fails_ends_the_experiment(make_plan, path):
    events = go(
        make_plan({"original": "import sys\nsys.exit('no data')\nfor i in (): pass\n", "fixed": SCRIPT}), path
    )
    assert events[-1].ending is Ending.ORIGINAL_FAILS
    assert "no data" in events[-1].message
    assert not any(event.run.block == 0 for event in of(RunEnded, events))


def test_with_no_arm_left_there_is_nothing_to_compare(make_plan, path):
    events = go(make_plan({"original": SCRIPT, "fixed": "assert 0\n\nfor i in (): pass\n"}), path)
    assert events[-1].ending is Ending.NOTHING_TO_COMPARE


def test_an_arm_that_hangs_is_stopped_and_named(make_plan, path):
    text = "import time\n\nfor i in range(600): time.sleep(1)\n"
    events = go(make_plan({"original": SCRIPT, "hangs": text}, timeout_seconds=2), path)
    (excluded,) = of(ArmExcluded, events)
    assert excluded.fault.cause is Cause.TIMEOUT


def test_arms_need_names_and_folders(make_plan, path):
    plan = make_plan()
    twice = dataclasses.replace(plan, arms=(plan.arms[0], plan.arms[0]))
    with pytest.raises(LeakscanError, match="arms must have different names, not: original, original"):
        go(twice, path)
    gone = dataclasses.replace(plan.arms[1], directory="/no/such/folder")
    with pytest.raises(LeakscanError, match="/no/such/folder: no such folder, for arm fixed"):
        go(dataclasses.replace(plan, arms=(plan.arms[0], gone)), path + "2")


# -- outputs


def test_an_arm_that_prints_other_numbers_is_named_and_not_hidden(make_plan, path):
    text = SCRIPT.replace("range(5)", "range(6)")
    events = go(make_plan({"original": SCRIPT, "fixed": text}), path)
    disagreements = {event.run.arm: event.run.disagreement for event in of(RunEnded, events)}
    assert disagreements == {"original": None, "fixed": "number 1 of 1 is 15, the original's 10"}
    assert all(event.run.fault is None for event in of(RunEnded, events))


def outputs(*texts):
    return [Output(repr(text), len(text), tuple(text.split())) for text in texts]


@pytest.mark.parametrize(
    ("originals", "text", "disagreement", "notes"),
    [
        (["1 2"], "1 2", None, 0),
        (["0.50000"], "0.50001", None, 0),
        (["0.5"], "0.6", "number 1 of 1 is 0.6, the original's 0.5", 0),
        (["0 nan"], "1e-17 nan", None, 0),
        (["1 nan"], "1 2", "number 2 of 2 is 2, the original's nan", 0),
        (["1 2"], "1", "prints 1 numbers, the original 2", 0),
        (["1 2", "1 3"], "1 9", None, 1),
        (["1 2", "1 3"], "7 2", "number 1 of 2 is 7, the original's 1", 0),
        (["1 2", "1"], "5", None, 1),
        (["1.0000", "1.0008", "1.0004"], "1.0015", None, 0),
        (["1.0000", "1.0008"], "1.0019", "number 1 of 1 is 1.0019, the original's 1.0000", 0),
        (["inf"], "3", "number 1 of 1 is 3, the original's inf", 0),
        ([], "5", None, 0),
    ],
)
def test_numbers_agree_within_a_tolerance_and_unsteady_ones_are_not_compared(
    originals, text, disagreement, notes
):
    comparison = compare_outputs(outputs(*originals), outputs(text)[0], tolerance=1e-3)
    assert comparison.disagreement == disagreement
    assert len(comparison.notes) == notes


# -- stopping and going on


def test_a_resumed_experiment_does_what_is_missing_and_nothing_twice(make_plan, path):
    plan = make_plan(blocks=4)
    whole = [(event.run.arm, event.run.block) for event in of(RunEnded, go(plan, path + "-whole"))]
    for limit in range(1, len(whole) + 1):
        piece = f"{path}-{limit}"
        instrument = meter()
        while True:
            with contextlib.closing(open_store(piece, make_header(plan, instrument), resume=True)) as store:
                events = list(itertools.islice(of_runs(conduct(plan, instrument, store)), limit))
            if len(events) < limit:
                break
        assert [(run.arm, run.block) for run in load(piece).runs] == whole


def of_runs(events):
    return (event for event in events if isinstance(event, RunEnded))


def test_a_finished_experiment_resumed_runs_nothing(make_plan, path):
    plan = make_plan()
    go(plan, path)
    events = go(plan, path, resume=True)
    assert of(RunEnded, events) == []
    assert events[-1].ending is Ending.COMPLETE


def test_folders_may_move_between_sittings_and_fingerprints_may_not(make_plan, path, tmp_path):
    plan = make_plan()
    go(plan, path)
    os.rename(tmp_path / "fixed", tmp_path / "elsewhere")
    original, fixed = plan.arms
    moved = dataclasses.replace(fixed, directory=str(tmp_path / "elsewhere"))
    go(dataclasses.replace(plan, arms=(original, moved)), path, resume=True)
    changed = dataclasses.replace(moved, fingerprint="other")
    with pytest.raises(LeakscanError, match=r"arms fixed fingerprint was fixed and is other"):
        go(dataclasses.replace(plan, arms=(original, changed)), path, resume=True)


def test_ctrl_c_keeps_what_is_done_and_stops_the_child(make_plan, path):
    plan = make_plan(blocks=3)
    instrument = meter()

    class Interrupted(ReplayingMeter):
        def stop(self, cpu_seconds):
            metering = super().stop(cpu_seconds)
            if len(load(path).runs) == 3:
                raise KeyboardInterrupt
            return metering

    interrupted = Interrupted([COUNTER], ({"cpu": 1.0} for _ in itertools.count()))
    events = go(plan, path, interrupted)
    assert events[-1].ending is Ending.INTERRUPTED
    assert len(load(path).runs) == 3
    assert go(plan, path, instrument, resume=True)[-1].ending is Ending.COMPLETE
    assert [run.block for run in load(path).runs] == [None, None, 0, 0, 1, 1, 2, 2]


def test_progress_depends_on_the_finished_runs_alone(make_plan):
    plan = make_plan(blocks=2)
    runs = [make_run("original", None), make_run("fixed", None)]
    state = progress(plan, runs)
    assert state.target == 2
    first, second = block_order(["original", "fixed"], plan.seed, 0)
    assert (state.step.arm, state.step.block, state.step.order) == (first, 0, 0)
    runs.append(make_run(first, 0))
    assert progress(plan, runs).step.arm == second
    runs.append(make_run(second, 0, fault=Fault(Cause.STEAL, "")))
    state = progress(plan, runs)
    assert (state.complete, set(state.dropped), state.step.block) == ((), {0}, 1)


PARENT = """\
import contextlib, itertools, json, sys
from leakscan.cli.signals import signals_unwind
from leakscan.validation import neighbours
from leakscan.validation.experiment import conduct, make_header
from leakscan.validation.measurements import Provenance, Source, decode
from leakscan.validation.meters import ReplayingMeter
from leakscan.validation.plan import Plan
from leakscan.validation.store import open_store

neighbours.OBSERVED_SECONDS = 0.02
plan = decode(Plan, json.loads(sys.argv[1]))
source = Source("cpu", Provenance.COUNTER, "recorded")
meter = ReplayingMeter([source], ({"cpu": 1.0} for _ in itertools.count()))
store = open_store(sys.argv[2], make_header(plan, meter), resume=True)
with signals_unwind(), contextlib.closing(store):
    for event in conduct(plan, meter, store):
        pass
print(event.ending.value)
"""


@linux_only
def test_ctrl_c_in_a_terminal_ends_the_run_under_way_and_reports(make_plan, path, monkeypatch):
    marker = f"leakscan-test-interrupt-{os.getpid()}"
    monkeypatch.setenv("MARKER", marker)
    plan = make_plan({"original": "import time\n\nfor i in range(60): time.sleep(1)\n", "fixed": SCRIPT})
    command = [sys.executable, "-c", PARENT, json.dumps(encode(plan)), path]
    parent = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    wait_until(lambda: len(alive(marker)) == 3)  # parent, keeper, worker
    parent.send_signal(signal.SIGINT)
    out, _ = parent.communicate()
    assert out == "interrupted\n"
    assert alive(marker) == []
    assert load(path).runs == ()


@linux_only
def test_killed_at_random_moments_an_experiment_loses_nothing_and_leaves_no_child(
    make_plan, path, monkeypatch
):
    marker = f"leakscan-test-kill-{os.getpid()}"
    monkeypatch.setenv("MARKER", marker)
    text = (
        "import os, time\nif os.fork() == 0: time.sleep(60)\nfor i in range(5): time.sleep(0.01)\nprint(10)\n"
    )
    plan = make_plan({"original": text, "fixed": text}, blocks=4)
    command = [sys.executable, "-c", PARENT, json.dumps(encode(plan)), path]
    generator = random.Random(5)
    seen = []
    kills = 0
    slowness = 1.0
    for _ in range(60):
        parent = subprocess.Popen(command)
        try:
            parent.wait(slowness * generator.uniform(0.3, 1.6))
        except subprocess.TimeoutExpired:
            kills += 1
            parent.send_signal(signal.SIGKILL)
            parent.wait()
        wait_until(lambda: not alive(marker))
        runs = list(load(path).runs) if os.path.exists(path) and os.path.getsize(path) else []
        assert runs[: len(seen)] == seen
        slowness *= 1.0 if len(runs) > len(seen) else 1.2  # on a busy machine starting takes seconds
        seen = runs
        if parent.returncode == 0:
            break
    assert parent.returncode == 0
    assert kills > 0
    done = [(run.arm, run.block) for run in seen]
    assert len(done) == len(set(done)) == 2 + 2 * 4
    assert all(run.fault is None for run in seen)
