"""Runs that are cut after some passes: what each pass costs, the projection, and what gives no verdict."""

import dataclasses
import itertools
import json
import os
import textwrap

import pytest
from test_experiment import SCRIPT, go, make_plan, meter, of, path  # noqa: F401
from test_results import INFOS, LEAK, MEGABYTE, Shape, arm, judge, make_record
from test_validate_command import TRAIN, program, validate  # noqa: F401
from test_validation_reports import printed, words

from leakscan.validation import results
from leakscan.validation.agreement import compare_outputs
from leakscan.validation.counted import find_compiled
from leakscan.validation.evaluation import evaluate
from leakscan.validation.events import Ending, RunEnded
from leakscan.validation.executions import FlaggedLoop
from leakscan.validation.measurements import Cause, Cut, Output, Passes, Tick, decode, encode
from leakscan.validation.plan import Plan
from leakscan.validation.reports.csv import render_csv
from leakscan.validation.reports.html import render_html
from leakscan.validation.reports.json import render_json
from leakscan.validation.results import Metric, Result
from leakscan.validation.store import load
from leakscan.validation.targets import script_target
from leakscan.validation.verdicts import Verdict


def cut_record(shapes=LEAK, *, length=50, count=4, **options):
    """As `make_record`, of runs that end after so many passes: 0.1 before, 0.3 in the first, 0.6 later."""
    record = make_record(
        {name: dataclasses.replace(shape, iterations=count) for name, shape in shapes.items()},
        passes=count,
        **options,
    )
    runs = []
    for run in record.runs:
        parts = [run.body.times(share) for share in (0.1, 0.3, 0.6)]
        last = Tick(0, count, 9.0, 9.0, int(500 * MEGABYTE + count * shapes[run.arm].growth))
        runs.append(
            dataclasses.replace(
                run,
                ticks=(*run.ticks, last),
                cut=Cut.PASSES,
                passes=Passes(0, count, length(run) if callable(length) else length, *parts),
            )
        )
    return dataclasses.replace(record, runs=tuple(runs))


# -- what is shown


def test_the_headline_is_the_energy_of_a_pass_after_the_first():
    result = judge(cut_record(), INFOS)
    assert result.window == "pass"
    assert result.obstacle is None
    reuse = arm(result, "reuse")
    assert reuse.headline.metric is Metric.ENERGY_PER_PASS
    assert result.original.headline.mean == pytest.approx(100 * 0.6 / 3, rel=0.1)
    assert result.original.quantity(Metric.FIRST_PASS_ENERGY).mean == pytest.approx(30, rel=0.1)
    assert result.original.quantity(Metric.ENERGY) is None
    assert [each.verdict for each in result.fixes] == [Verdict.LESS, Verdict.EQUIVALENT]
    assert "less energy than the original in each pass after the first (95 % interval" in result.verdict


def test_the_difference_of_a_pass_is_told_in_seconds_joules_and_bytes():
    found = {each.metric: each.mean for each in arm(judge(cut_record(), INFOS), "reuse").pass_differences}
    # A body of 100 J takes 20 s of CPU time and 10 s of wall time, of which three later passes take 0.6.
    for metric, expected in (
        (Metric.ENERGY_PER_PASS, -6.0),
        (Metric.CPU_PER_PASS, -1.2),
        (Metric.WALL_PER_PASS, -0.6),
        (Metric.MEMORY_PER_PASS, -3.0 * MEGABYTE),
    ):
        assert found[metric].estimate == pytest.approx(expected, rel=0.05)
        assert found[metric].high < 0 or found[metric].low == found[metric].high


def test_the_whole_program_is_projected_where_its_passes_are_known():
    result = judge(cut_record(length=50), INFOS)
    original, reuse = (
        {each.metric: each for each in arm(result, name).projected} for name in ("original", "reuse")
    )
    # 2 s before the loop, 6 s for the first pass, 4 s for each of the others.
    assert original[Metric.CPU_PER_PASS].total == pytest.approx(2 + 6 + 49 * 4, rel=0.1)
    assert original[Metric.CPU_PER_PASS].difference is None
    assert original[Metric.MEMORY_PER_PASS].total == pytest.approx(49 * 3 * MEGABYTE, rel=0.01)
    saved = reuse[Metric.CPU_PER_PASS].difference
    assert saved.low < -0.3 * (2 + 6 + 49 * 4) < saved.high < 0
    assert {each.passes for each in (*original.values(), *reuse.values())} == {50}
    text = words(printed(result, 120))
    assert "passes of the loop at train.py:12: the first 4 (of 50)" in text
    assert "reuse, projected to all 50 passes: " in text
    assert "-30." in text.partition("reuse, projected to all 50 passes: ")[2]
    assert "projected to all 50 passes" in render_html(result)
    assert {each["passes"] for each in json.loads(render_json(result))["arms"][1]["projected"]} == {50}


@pytest.mark.parametrize("length", [None, lambda run: 50 + (run.arm == "reuse")])
def test_nothing_is_projected_where_the_passes_are_not_known(length):
    result = judge(cut_record(length=length), INFOS)
    if length is None:
        assert "the first 4 (not known how many there are in all)" in words(printed(result, 120))
    assert not result.original.projected or result.loop.length is not None
    assert "projected to" not in printed(result, 120) or result.loop.length == 50


def test_a_difference_that_is_not_shown_is_not_called_one():
    shapes = {"original": Shape(100.0), "reuse": Shape(100.0)}
    text = words(printed(judge(cut_record(shapes, noise=0.05), INFOS[:1]), 120))
    assert "reuse, in each pass after the first: no difference shown (" in text
    assert "reuse, projected to all 50 passes: no difference shown (" in text


def test_fewer_blocks_than_a_verdict_needs_give_no_differences():
    result = judge(cut_record(blocks=4), INFOS)
    assert arm(result, "reuse").pass_differences == ()
    assert {each.difference for each in arm(result, "reuse").projected} == {None}
    assert "projected to" not in printed(result, 120)


def test_a_fix_that_is_invalid_has_no_differences_in_words():
    shapes = {"original": Shape(100.0), "reuse": Shape(70.0, printed="0.11")}
    text = words(printed(judge(cut_record(shapes), INFOS[:1]), 120))
    assert "number 1 of 1 is 0.11, the original's 0.93; if it need not" in text
    assert "--outputs-may-differ" in text
    assert "reuse, projected" not in text
    assert "reuse, in each pass" not in text
    assert "reuse: each rebuild" not in text


def test_two_passes_are_enough():
    result = judge(cut_record(count=2), INFOS)
    assert arm(result, "reuse").verdict is Verdict.LESS
    found = {each.metric: each.mean.estimate for each in arm(result, "reuse").pass_differences}
    assert found[Metric.MEMORY_PER_PASS] == pytest.approx(-3 * MEGABYTE)


def test_a_report_of_passes_goes_through_json(tmp_path):
    result = judge(cut_record(), INFOS)
    assert decode(Result, encode(result)) == result
    (tmp_path / "report.json").write_text(render_json(result))
    again = results.load(str(tmp_path / "report.json"))
    assert again == result
    assert render_html(again) == render_html(result)
    assert render_csv(again) == render_csv(result)


def test_that_outputs_are_compared_up_to_the_cut_stands_beside_the_verdict():
    text = words(printed(judge(cut_record(), INFOS), 120))
    assert "runs end after 4 passes: outputs are compared up to there" in text


# -- what gives no verdict


def with_runs(record, change):
    return dataclasses.replace(record, runs=tuple(change(run) for run in record.runs))


def test_a_loop_that_was_never_entered_gives_no_verdict():
    record = with_runs(make_record(LEAK), lambda run: dataclasses.replace(run, iterations=(0,), ticks=()))
    result = judge(record, INFOS)
    assert result.obstacle.startswith("the flagged loop at train.py:12 was never entered")
    assert result.verdict == f"No verdict: {result.obstacle}."
    assert result.recommendation == "Nothing can be recommended."
    assert result.ranking.best is None
    assert {each.verdict for each in result.fixes} == {Verdict.INVALID}
    assert "never entered" in render_html(result)


def test_some_of_several_loops_that_were_not_entered_are_named():
    record = make_record(LEAK)
    plan = decode(Plan, record.header.plan)
    loops = (*plan.arms[0].loops, FlaggedLoop("train.py", 40), FlaggedLoop("other.py", 7))
    arms = tuple(dataclasses.replace(each, loops=loops) for each in plan.arms)
    header = dataclasses.replace(record.header, plan=encode(dataclasses.replace(plan, arms=arms)))
    record = with_runs(
        dataclasses.replace(record, header=header),
        lambda run: dataclasses.replace(run, iterations=(20, 0, 0)),
    )
    result = judge(record, INFOS)
    assert result.obstacle is None
    assert result.ranking.best == "reuse"
    (warning,) = [each for each in result.warnings if "never entered" in each]
    assert "the flagged loops at train.py:40, other.py:7 were never entered" in warning


@pytest.mark.parametrize(
    "text",
    [
        "@tf.function\ndef train(x):\n    for step in range(3):\n        x += 1\n    return x\n",
        "@tf.function(jit_compile=True)\ndef train(x):\n    def inner():\n        for step in x: pass\n",
        "def train(x):\n    for step in x: pass\nfast = tf.function(train)\n",
        "def train(x):\n    for step in x: pass\nfast = jax.jit(train, donate_argnums=0)\n",
    ],
)
def test_passes_of_a_compiled_loop_cannot_be_counted_and_are_not_missed(leakscan, monkeypatch, text):
    leakscan.write("train.py", text)
    monkeypatch.chdir(leakscan.directory)
    target = script_target("train.py", ())
    line = next(number for number, each in enumerate(text.splitlines(), 1) if "for step" in each)
    (loop,) = find_compiled([FlaggedLoop("train.py", line)], target, {"train.py": text})
    assert loop.is_compiled
    plain = text.replace("tf.function", "tf.wrap").replace("jax.jit", "jax.wrap")
    (other,) = find_compiled([FlaggedLoop("train.py", line)], target, {"train.py": plain})
    assert not other.is_compiled
    record = make_record(LEAK)
    plan = decode(Plan, record.header.plan)
    arms = tuple(dataclasses.replace(each, loops=(loop,)) for each in plan.arms)
    header = dataclasses.replace(record.header, plan=encode(dataclasses.replace(plan, arms=arms)))
    record = with_runs(
        dataclasses.replace(record, header=header), lambda run: dataclasses.replace(run, iterations=(0,))
    )
    assert judge(record, INFOS).ranking.best == "reuse"


def test_runs_of_equal_time_without_passes_give_no_verdict():
    record = make_record(LEAK, body_seconds=10.0)
    record = with_runs(record, lambda run: dataclasses.replace(run, cut=Cut.SECONDS))
    result = judge(record, INFOS)
    assert "were cut, not all after 2 passes of one loop" in result.verdict
    assert result.ranking.best is None


def test_runs_that_were_cut_by_different_loops_give_no_verdict():
    record = with_runs(
        cut_record(),
        lambda run: dataclasses.replace(
            run, passes=dataclasses.replace(run.passes, loop=int(run.arm == "reuse"))
        ),
    )
    result = judge(record, INFOS)
    assert result.obstacle is not None
    assert result.ranking.best is None


def test_programs_that_end_before_they_are_cut_are_measured_whole():
    result = judge(make_record(LEAK, passes=40), INFOS)
    assert result.window == "body"
    assert result.ranking.best == "reuse"
    assert any("came to its end before it was to be cut" in each for each in result.warnings)


def test_peaks_of_runs_with_more_passes_or_fewer_are_not_compared():
    record = with_runs(
        cut_record(),
        lambda run: dataclasses.replace(
            run,
            cut=Cut.SECONDS,
            passes=dataclasses.replace(run.passes, count=4 + (run.arm == "reuse")),
        ),
    )
    result = judge(record, INFOS)
    assert result.ranking.best == "reuse"
    assert arm(result, "reuse").quantity(Metric.PEAK_MEMORY) is None
    assert "peak memory" not in result.recommendation
    assert judge(cut_record(), INFOS).original.quantity(Metric.PEAK_MEMORY) is not None


# -- outputs that end anywhere


@pytest.mark.parametrize(
    ("original", "output", "disagrees"),
    [
        (("1", "2", "3", "4"), ("1", "2", "3"), False),
        (("1", "2", "3"), ("1", "2", "3", "4", "5"), False),
        (("1", "2", "31"), ("1", "2", "3", "4"), False),  # the last number may be cut itself
        (("1", "2", "3", "4"), ("1", "7", "3"), True),
        ((), ("1",), False),
    ],
)
def test_outputs_of_runs_that_were_cut_anywhere_are_compared_up_to_there(original, output, disagrees):
    first, second = (Output(str(numbers), 9, numbers, is_open=True) for numbers in (original, output))
    found = compare_outputs([first], second, 1e-3)
    assert (found.disagreement is not None) is disagrees
    assert "up to where a run was cut" in found.notes[-1]


def test_outputs_that_were_cut_and_not_kept_whole_are_not_compared():
    first = Output("a", 9, ("1",), is_open=True, kept_all=False)
    assert compare_outputs([first], Output("b", 9, ("2",), is_open=True), 1e-3).disagreement is None


# -- measuring


LONG = """\
import atexit
total = 0
for step in range(1000):
    total += step
    print(step, flush=True)
"""


def test_the_meter_is_read_before_the_loop_after_its_first_pass_and_at_the_cut(make_plan, path):  # noqa: F811
    plan = make_plan({"original": LONG, "fixed": LONG}, passes=4, blocks=1)
    go(plan, path, meter(itertools.cycle([1.0, 2.0, 3.0, 4.0, 5.0])))
    for run in load(path).runs:
        assert run.fault is None
        assert (run.cut, run.passes.count, run.passes.length) == (Cut.PASSES, 4, 1000)
        parts = run.passes.set_up, run.passes.first, run.passes.later
        assert [part.energy_joules for part in parts] == [2.0, 3.0, 4.0]
        assert run.passes.each_later.energy_joules == pytest.approx(4 / 3)
        assert run.body.energy_joules == 9.0
        assert run.process.energy_joules == 15.0
        assert sum(part.wall_seconds for part in parts) == pytest.approx(run.body.wall_seconds)
        assert sum(part.cpu_seconds for part in parts) == pytest.approx(run.body.cpu_seconds)
        assert run.output.numbers == ("0", "1", "2", "3")
        assert run.iterations == (4,)


BURNING = """\
import time
kept = []
for step in range(20):
    end = time.process_time() + {seconds}
    kept.append(bytearray({size}))
    while time.process_time() < end:
        pass
"""


def test_what_a_pass_costs_more_is_found(make_plan, path):  # noqa: F811
    texts = {
        "original": BURNING.format(seconds=0.06, size=2_000_000),
        "fixed": BURNING.format(seconds=0.02, size=0),
    }
    plan = make_plan(texts, passes=3, blocks=6)
    go(plan, path)
    result = evaluate(load(path), (), command="validate")
    found = {each.metric: each.mean for each in arm(result, "fixed").pass_differences}
    assert found[Metric.CPU_PER_PASS].estimate == pytest.approx(-0.04, abs=0.01)
    assert found[Metric.CPU_PER_PASS].high < 0
    assert found[Metric.MEMORY_PER_PASS].estimate == pytest.approx(-2_000_000, rel=0.1)
    projected = {each.metric: each for each in arm(result, "fixed").projected}
    assert projected[Metric.CPU_PER_PASS].difference.estimate == pytest.approx(-0.8, abs=0.2)


SKIPS = """\
import os
count = 0 if os.path.exists("done") else 5
for step in range(count):
    open("done", "w")
for last in range(3):
    pass
"""


def test_other_passes_than_in_the_first_run_are_a_fault_by_cause(make_plan, path):  # noqa: F811
    plan = make_plan({"original": SKIPS, "fixed": SCRIPT})
    events = go(plan, path)
    runs = [event.run for event in of(RunEnded, events) if event.run.arm == "original"]
    assert runs[0].fault is None
    assert {run.fault.cause for run in runs[1:]} == {Cause.PASSES}
    assert runs[1].fault.message == (
        "made 0 passes through its flagged loops, in its first run 5: runs must do the same work"
    )
    assert events[-1].ending is Ending.ORIGINAL_FAILS
    assert events[-1].message.startswith("the original program made 0 passes")


def test_an_experiment_ends_when_no_flagged_loop_was_entered(make_plan, path):  # noqa: F811
    text = "import sys\nif len(sys.argv) > 5:\n    for step in range(3): pass\n"
    events = go(make_plan({"original": text, "fixed": text}), path)
    assert len(of(RunEnded, events)) == 1
    assert events[-1].ending is Ending.NOTHING_ENTERED
    assert "the flagged loop at train.py:3 was never entered" in events[-1].message


# -- the command


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--iterations", "4"], "Each run ends after 4 passes of the loop at train.py:14."),
        (["--iterations", "4", "--loop", "14"], "after 4 passes of the loop at train.py:14."),
        (["--iterations", "4", "--loop", "train.py:7"], "after 4 passes of the loop at train.py:7."),
        (
            ["--until", "90s"],
            "Each run ends 1 min 30 s after its imports, at the next pass of the loop at train",
        ),
        (["--until", "90s", "--iterations", "3"], "Each run ends after 3 passes of the loop at train.py:14."),
    ],
)
def test_what_ends_the_runs_is_said_before_any(program, arguments, says):  # noqa: F811
    done = program("validate", "train.py", *arguments)
    assert done.code == 0, done.err
    assert says in done.out
    assert "28 times: 4 arms, a warm-up of each, 6 blocks" in done.out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["train.py", "--iterations", "1"], "'1' is not a number of passes; give 2 or more"),
        (["train.py", "--iterations", "-4"], "is not a number of passes"),
        (["train.py", "--iterations", "many"], "is not a number of passes"),
        (["train.py", "--until", "soon"], "is not a duration"),
        (["train.py", "--until", "0"], "--until: give more than 0 seconds"),
        (["train.py", "--loop", "14"], "--loop chooses where runs end: give --iterations N or --until TIME"),
        (["train.py", "--iterations", "3", "--loop", "x"], "'x' is neither LINE nor FILE:LINE"),
        (["train.py", "--iterations", "3", "--loop", "9"], "begins at train.py:9; the nearest at 7, 13, 14"),
        (
            ["train.py", "--iterations", "3", "--loop", "gone.py:9"],
            "gone.py is not a Python file of this program",
        ),
        (["--command", "python train.py", "--iterations", "3"], "need a Python script or -m MODULE"),
        (["clean.py", "--iterations", "3"], "no loop is flagged here; choose one with --loop [FILE:]LINE"),
    ],
)
def test_what_cannot_end_runs_is_said_before_any(program, arguments, says):  # noqa: F811
    program.write("clean.py", "print('fine')\n")
    done = program("validate", *arguments)
    assert done.code == 2
    assert says in done.err


def test_the_outermost_of_flagged_loops_is_counted(program):  # noqa: F811
    text = """
        import keras
        def build():
            return keras.Sequential([keras.Input((2,))])
        def main(folds):
            for fold in range(folds):
                model = build()
                model.fit(fold)
                for again in range(2):
                    other = build()
                    other.fit(fold)
        main(3)
        """
    program.write("train.py", textwrap.dedent(text))
    done = program("validate", "train.py", "--iterations", "3")
    for line in (6, 9):
        assert f"in every iteration of the loop at line {line}" in done.out
    assert "Each run ends after 3 passes of the loop at train.py:6." in done.out


def test_a_measurement_of_the_first_passes_reports_what_each_costs(program):  # noqa: F811
    done = validate(
        program,
        "train.py",
        "--iterations",
        "2",
        "--measure",
        "--keep-disturbed",
        "--wait",
        "0",
        "--arms",
        "original,reuse",
        "--",
        "50",
    )
    assert done.returncode == 0, done.stderr
    assert "passes of the loop at train.py:14: the first 2 (of 50)" in done.stdout
    assert "reuse, in each pass after the first: " in done.stdout
    assert "reuse, projected to all 50 passes: " in done.stdout
    assert "less energy than the original in each pass after the first" in done.stdout
    fields = json.loads((program.directory / "leakscan-results/train/report.json").read_text())
    assert {run["passes"]["count"] for run in fields["runs"]} == {2}
    (cost,) = [
        each for each in fields["arms"][1]["pass_differences"] if each["metric"] == "cpu_seconds_per_pass"
    ]
    assert cost["mean"]["estimate"] == pytest.approx(-0.15, abs=0.05)  # what building costs in the stand-in


@pytest.mark.parametrize("option", ["--smoke", "--measure"])
def test_a_loop_that_the_arguments_do_not_reach_is_said(program, option):  # noqa: F811
    done = validate(program, "train.py", option, "--wait", "0", "--", "0")
    assert done.returncode == 2
    assert "the flagged loop at train.py:14 was never entered" in done.stdout
    assert "reuse: ok" not in done.stdout
    assert "No fix saves energy" not in done.stdout
    assert os.listdir(program.directory)
