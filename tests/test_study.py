"""The study: its grid, arms, runs as a file, and its page; long, as it is one way from end to end."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import math
import os
import re
import sys
from pathlib import Path

import pytest

from leakscan.errors import LeakscanError
from leakscan.study import conclusions, data, document, grid, programs
from leakscan.study.costs import Outcome, cost_model
from leakscan.study.grid import Axis, Cell, Design, Options
from leakscan.study.variables import THREADS, threads
from leakscan.validation.executions import FlaggedLoop, Program, ProgramKind
from leakscan.validation.lock import exclusive
from leakscan.validation.measurements import (
    Environment,
    Idle,
    Output,
    Provenance,
    Reading,
    Run,
    Source,
    Tick,
    Version,
    Window,
    encode,
)
from leakscan.validation.plan import Arm, Plan
from leakscan.validation.results import ArmInfo
from leakscan.validation.store import Header, Record

needs_tensorflow = pytest.mark.skipif(
    importlib.util.find_spec("tensorflow") is None, reason="tensorflow is not installed"
)

# -- the grid

#: What the first grid varies; optimizer and threads are varied by the other one.
FULL = [axis for axis in Axis if axis not in (Axis.OPTIMIZER, Axis.THREADS)]


def test_the_full_grid_has_ten_blocks_a_cell_and_varies_every_axis():
    cells = grid.cells(Options())
    assert len({cell.name for cell in cells}) == len(cells)
    assert min(cell.blocks for cell in cells) >= 10
    levels = {axis: [cell for cell in cells if axis in cell.axes] for axis in FULL}
    assert min(map(len, levels.values())) >= 2
    assert len(levels[Axis.FIT_LENGTH]) >= 4
    assert {cell.observe for cell in levels[Axis.TENSOR_SIZE]} == {
        "scalar",
        "prediction",
        "activation",
        "gradient",
    }
    assert {cell.framework for cell in levels[Axis.FRAMEWORK]} == {"keras", "tf_keras"}
    assert [cell.design for cell in cells].count(Design.EQUALS) == 2


def test_only_what_an_axis_varies_differs_on_it():
    for axis, field in ((Axis.FIT_LENGTH, "steps"), (Axis.TENSOR_SIZE, "observe"), (Axis.STEPS, "epochs")):
        cells = [cell for cell in grid.cells(Options()) if axis in cell.axes]
        free = {
            field,
            "name",
            "level",
            "axes",
            "strategies",
            *(["epochs"] if axis is Axis.FIT_LENGTH else []),
        }
        fixed = {
            tuple(value for name, value in encode(cell).items() if name not in free and name != "program")
            for cell in ([dataclasses.replace(cell, strategies=()) for cell in cells])
        }
        assert len({str(item) for item in fixed}) == 1, axis


def test_the_grid_of_what_people_run_has_adam_metrics_and_default_threads():
    cells = grid.cells(Options(practice=True))
    assert len({each.name for each in cells}) == len(cells)
    assert min(each.blocks for each in cells) >= 8
    paper = {(each.training, each.steps) for each in cells if each.design is Design.PAPER}
    assert paper == {
        ("plain SGD without metrics", 64),
        ("Adam with metrics", 64),
        ("Adam with metrics, default threads", 64),
    }
    lengths = [each for each in cells if Axis.FIT_LENGTH in each.axes]
    assert sorted(each.steps for each in lengths) == [1, 4, 16, 64]
    assert {each.training for each in lengths} == {"Adam with metrics"}
    by_optimizer = [each for each in cells if Axis.OPTIMIZER in each.axes]
    assert {(each.optimizer, each.metrics) for each in by_optimizer} == {
        (optimizer, metrics) for optimizer in ("sgd", "adam") for metrics in (False, True)
    }
    assert {grid.level(each, Axis.THREADS) for each in cells if Axis.THREADS in each.axes} == {
        "one thread",
        "default threads",
    }
    for axis, free in (
        (Axis.OPTIMIZER, {"optimizer", "metrics"}),
        (Axis.THREADS, {"default_threads"}),
        (Axis.FIT_LENGTH, {"steps", "epochs"}),
    ):
        held = {
            str({name: value for name, value in encode(each).items() if name not in free})
            for each in (
                dataclasses.replace(each, name="", level="", axes=(), strategies=())
                for each in cells
                if axis in each.axes
            )
        }
        assert len(held) == 1, axis


def test_programs_are_told_the_optimizer_and_the_metrics():
    (adam,) = grid.cells(Options(practice=True, only=("adam-fit-4",)))
    assert adam.arguments[-3:] == ("--optimizer", "adam", "--metrics")
    (plain,) = grid.cells(Options(only=("imr-fit-4",)))
    assert plain.arguments == adam.arguments[:-3]  # as they were when there was no other optimizer


def test_default_threads_are_those_without_the_variables(monkeypatch):
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "3")
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    (free,) = grid.cells(Options(practice=True, only=("adam-fit-4-threads",)))
    with threads(free):
        assert not [name for name in THREADS if name in os.environ]
    with threads(cell("imr-fit-4")):
        assert os.environ["OMP_NUM_THREADS"] == "1"
        assert os.environ["TF_NUM_INTRAOP_THREADS"] == "3"  # the user's own goes before
    assert os.environ["TF_NUM_INTRAOP_THREADS"] == "3"
    assert "OMP_NUM_THREADS" not in os.environ


def test_the_quick_grid_gives_verdicts_in_fewer_runs():
    quick = grid.cells(Options(quick=True))
    assert {cell.blocks for cell in quick} == {6}
    assert {cell.name for cell in quick} < {cell.name for cell in grid.cells(Options())}


def test_options_choose_and_stretch_cells():
    (cell,) = grid.cells(Options(only=("utr-scalar",), blocks=3, longer=4))
    (plain,) = grid.cells(Options(only=("utr-scalar",)))
    assert (cell.blocks, cell.epochs) == (3, 4 * plain.epochs)
    with pytest.raises(LeakscanError, match=r"no cell 'utr-scaler'.*did you mean 'utr-scalar'"):
        grid.cells(Options(only=("utr-scaler",)))


def test_on_a_gpu_runs_are_long_enough_for_its_counter():
    for quick in (False, True):
        usual = {each.name for each in grid.cells(Options(quick=quick, gpu=False))}
        cells = grid.cells(Options(quick=quick, gpu=True))
        assert {each.name for each in cells} <= {each.name for each in grid.cells(Options())} | usual
        assert min(each.steps * each.epochs for each in cells) >= 768
        assert min(each.blocks for each in cells) >= (6 if quick else 10)
        for each in cells:
            if Axis.FIT_LENGTH in each.axes:
                assert grid.level(each, Axis.FIT_LENGTH) == f"{each.steps} steps"
    practice = grid.cells(Options(practice=True, gpu=True))
    assert min(each.steps * each.epochs for each in practice) >= 768
    assert not [each.name for each in practice if each.default_threads]  # threads of the CPU do not matter
    full = grid.cells(Options(gpu=True))
    for axis in FULL:
        levels = [grid.level(each, axis) for each in full if axis in each.axes]
        assert len(set(levels)) == len(levels) >= 2, axis


def test_the_level_on_the_axis_of_steps_is_their_number():
    (stretched,) = grid.cells(Options(only=("utr-activation",), longer=3))
    assert grid.level(stretched, Axis.STEPS) == f"{stretched.steps * stretched.epochs} steps"
    assert grid.level(stretched, Axis.TENSOR_SIZE) == "activation"


def test_the_command_lists_the_experiments(leakscan):
    result = leakscan("study", "--list")
    assert result.code == 0
    assert [line.split()[0] for line in result.out.splitlines()] == [c.name for c in grid.cells(Options())]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--only", "nonsense"], "error: --only: no cell 'nonsense'"),
        (["--render"], "no runs of a study; run leakscan study, or name its folder with --out"),
        (["--python", "/no/such/python"], "error: --python: /no/such/python: no such program"),
        (["--runs", "0"], "'0' is not a whole number above 0"),
        (["--rendr"], "did you mean '--render'"),
        (["--quick", "--practice"], "not allowed with argument --quick"),
    ],
)
def test_bad_input_is_one_clear_line(leakscan, arguments, message):
    result = leakscan("study", *arguments)
    assert result.code == 2
    assert message in result.err
    assert result.err.count("\n") == 1


# -- the arms


def cell(name):
    every = (*grid.cells(Options()), *grid.cells(Options(practice=True)))
    return next(each for each in every if each.name == name)


def test_the_papers_design_compares_the_clean_program_with_smells_and_their_fixes(tmp_path):
    made = programs.prepare(cell("paper"), str(tmp_path))
    assert [arm.name for arm in made.arms] == ["baseline", "imr", "imr+hoist", "utr", "utr+reduce"]
    for arm in made.arms:
        (loop,) = arm.loops
        line = Path(arm.directory, loop.path).read_text().splitlines()[loop.line - 1]
        assert line.strip() == "for epoch in range(args.epochs):"
    assert len({Path(arm.directory, arm.program.target).read_text() for arm in made.arms}) == 5
    assert len({arm.fingerprint for arm in made.arms}) == 5
    assert {info.name for info in made.infos if info.diff} == {"imr+hoist", "utr+reduce"}


def test_the_self_test_compares_equal_programs(tmp_path):
    one, other = programs.prepare(cell("self-test"), str(tmp_path)).arms
    assert one.directory != other.directory
    assert one.program == other.program
    assert Path(one.directory, "baseline.py").read_text() == Path(other.directory, "baseline.py").read_text()


def test_the_papers_design_can_do_without_the_fixes(tmp_path):
    (own,) = grid.cells(Options(quick=True, gpu=True, only=("paper",)))
    assert [arm.name for arm in programs.prepare(own, str(tmp_path)).arms] == ["baseline", "imr", "utr"]


def test_fixed_programs_are_compared_with_the_clean_one(tmp_path):
    arms = programs.prepare(cell("fixed"), str(tmp_path)).arms
    assert [arm.name for arm in arms] == ["baseline", "imr+hoist", "utr+reduce"]


@pytest.mark.parametrize(
    "name", ["imr-fit-1", "imr-fit-64", "imr-tf-keras", "utr-activation", "utr-scalar", "adam-fit-4"]
)
def test_every_fix_that_a_cell_asks_for_by_name_applies(name, tmp_path):
    own = cell(name)
    made = programs.prepare(own, str(tmp_path))
    fitting = {"imr.py": {"reuse", "hoist", "clear-session"}, "utr.py": {"reduce", "to-host"}}[own.program]
    assert {arm.name for arm in made.arms[1:]} == fitting & set(own.strategies)


def test_the_programs_for_tf_keras_import_nothing_of_keras(tmp_path):
    made = programs.prepare(cell("imr-tf-keras"), str(tmp_path))
    for arm in made.arms:
        for path in Path(arm.directory).glob("*.py"):
            lines = [line.strip() for line in path.read_text().splitlines()]
            assert not [line for line in lines if re.match(r"(import|from) keras\b", line)], path


def test_a_cell_whose_framework_is_missing_is_told(tmp_path):
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" -S -E "$@"\n')  # no site-packages
    python.chmod(0o755)
    reason = programs.missing(cell("imr-tf-keras"), str(python), "tensorflow")
    assert reason == f"tf_keras must be installed for {python}"
    assert programs.missing(cell("imr-fit-4"), str(python), "tensorflow") is None


def test_tf_keras_is_not_measured_where_keras_uses_another_framework():
    # The two could then compute on different devices.
    reason = programs.missing(cell("imr-tf-keras"), sys.executable, "jax")
    assert reason == "tf_keras is for TensorFlow, and Keras computes with jax here"


def test_an_interpreter_without_keras_is_one_clear_error(leakscan, tmp_path):
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" -S -E "$@"\n')
    python.chmod(0o755)
    result = leakscan("study", "--python", str(python))
    assert result.code == 2
    assert f"{python} cannot train with Keras 3 (ModuleNotFoundError: No module named 'keras')" in result.err
    assert result.err.count("\n") == 1


@needs_tensorflow
@pytest.mark.tensorflow
def test_what_keras_computes_with_is_asked(monkeypatch):
    assert programs.backend(sys.executable) == programs.Backend("tensorflow", on_gpu=False)
    monkeypatch.setenv("KERAS_BACKEND", "numpy")
    with pytest.raises(
        LeakscanError, match=r"3 \((Keras computes with numpy|Mod.*)\);.* among tensorflow, torch, jax$"
    ):
        programs.backend(sys.executable)


def test_settings_of_the_directories_above_do_not_reach_the_programs(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[tool.leakscan]\nignore = ["IMR", "UTR"]\n')
    assert len(programs.prepare(cell("imr-fit-4"), str(tmp_path / "work")).arms) == 4


# -- made-up measurements


def measured(own: Cell, costs, blocks=10, noise=0.004) -> data.Measured:
    """A cell whose runs use `costs[arm] = (CPU seconds of an iteration, bytes each keeps)`."""
    arms = tuple(
        Arm(
            name,
            Program(ProgramKind.SCRIPT, own.program, own.arguments),
            f"/arms/{name}",
            (FlaggedLoop(own.program, 9),),
        )
        for name in costs
    )
    plan = Plan(arms, "/usr/bin/python", blocks=blocks, foreign_cpu_limit=None, steal_limit=None)
    environment = Environment(
        "Linux", "x86_64", "A processor", 2, 8_000_000_000, None, None, None, 0.1, (), "0.1.0", "3.3.2"
    )
    model = Source("cpu", Provenance.MODEL, "4 W a core", watts_per_core=4.0, in_table=False)
    header = Header(
        encode(plan),
        plan.identity,
        environment,
        (model,),
        "2026-01-01T00:00:00.000+00:00",
    )
    runs = []
    for block in (None, *range(blocks)):
        for order, (name, (seconds, kept)) in enumerate(costs.items()):
            wobble = 1 + noise * math.sin(7.0 * (block or 0) + order)
            cpu = (1.0 + (own.epochs - 1) * seconds) * wobble  # the first iteration takes a second
            window = Window(cpu / 1.5, cpu, (Reading("cpu", 4 * cpu, Provenance.MODEL),))
            ticks = tuple(
                Tick(
                    0, i, i * wobble, (1.0 + (i - 1) * seconds) * wobble if i else 0.0, 500_000_000 + kept * i
                )
                for i in range(own.epochs)
            )
            runs.append(
                Run(
                    arm=name,
                    block=block,
                    order=order,
                    started_at="2026-01-01T00:00:00.000+00:00",
                    process=window,
                    body=window,
                    exit_status=0,
                    output=Output("ab" * 32, 9, ("0.93",)),
                    iterations=(own.epochs,),
                    ticks=ticks,
                    peak_rss_bytes=500_000_000 + kept * own.epochs + order,
                    versions=(Version("python", "3.11.7"),),
                )
            )
    return data.measured(own, [ArmInfo(name, "", "", "") for name in costs], Record(header, tuple(runs), ()))


REBUILD, STEP = 0.1, 0.02


def imr(name):
    own = cell(name)
    return measured(
        own, {"original": (REBUILD + own.steps * STEP, 3_000_000), "hoist": (own.steps * STEP, 0)}
    )


LENGTHS = ("imr-fit-1", "imr-fit-4", "imr-fit-16", "imr-fit-64")


def study(*cells):
    return data.Study(
        data.SCHEMA_VERSION,
        "0.1.0",
        "cpu",
        "tensorflow",
        "leakscan study",
        None,
        {"OMP_NUM_THREADS": "1"},
        cells,
        (),
    )


def on_gpu(own: data.Measured, watts=200.0) -> data.Measured:
    """The same runs on a GPU of `watts`, which holds what the programs keep."""
    gpu = Source("gpu", Provenance.COUNTER, "A GPU, energy counter, whole device")

    def moved(run):
        reading = Reading("gpu", watts * run.process.wall_seconds, Provenance.COUNTER)
        window = dataclasses.replace(run.process, readings=(*run.process.readings, reading))
        ticks = tuple(dataclasses.replace(each, gpu_bytes=each.rss_bytes) for each in run.ticks)
        peak = run.peak_rss_bytes
        return dataclasses.replace(run, process=window, body=window, ticks=ticks, peak_gpu_bytes=peak)

    header = dataclasses.replace(own.header, sources=(*own.header.sources, gpu))
    rest = Idle("before", Window(10.0, 0.0, (Reading("gpu", 10 * watts / 4, Provenance.COUNTER),)))
    return dataclasses.replace(own, header=header, idles=(rest,), runs=tuple(moved(run) for run in own.runs))


def test_the_cost_of_a_rebuild_is_recovered_from_runs():
    outcomes = [Outcome.of(imr(name)) for name in LENGTHS]
    for outcome in outcomes:
        cost = outcome.rebuild("hoist")
        assert cost.estimate == pytest.approx(REBUILD, rel=0.2)
        assert cost.low < REBUILD < cost.high
    model = cost_model(outcomes, "hoist")
    assert model.rebuild.estimate == pytest.approx(REBUILD, rel=0.1)
    assert model.step.estimate == pytest.approx(STEP, rel=0.02)
    assert model.share(5) == pytest.approx(0.5, rel=0.1)
    assert model.share(model.steps_for(0.03)) == pytest.approx(0.03)


def test_fewer_than_three_lengths_make_no_model():
    assert cost_model([Outcome.of(imr(name)) for name in LENGTHS[:2]], "hoist") is None
    assert cost_model([Outcome.of(imr(name)) for name in LENGTHS], "isolate") is None


def test_runs_survive_the_file_without_loss(tmp_path):
    before = study(imr("imr-fit-4"), imr("imr-fit-16"))
    path = tmp_path / "cpu.json"
    path.write_text(data.render(before))
    assert data.load(str(path)) == before
    assert data.render(data.load(str(path))) == path.read_text()


def test_the_file_names_no_folder_of_the_machine():
    text = data.render(study(imr("imr-fit-4")))
    assert "/usr/bin" not in text
    assert "/arms" not in text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        ("[]", "not the runs of a study"),
        ('{"schema_version": 99}', "from another version"),
        ('{"schema_version": 1, "cells": 3}', "damaged"),
    ],
)
def test_a_file_that_is_no_study_is_an_error(leakscan, text, message):
    leakscan.write("out/study/cpu.json", text)
    result = leakscan("study", "--render", "--out", "out")
    assert result.code == 2
    assert message in result.err


def test_ticks_are_thinned_out_from_first_to_last():
    own = dataclasses.replace(cell("utr-activation"), epochs=300)
    kept = measured(own, {"original": (0.1, 0), "reduce": (0.1, 0)}, blocks=1).runs[0].ticks
    assert (kept[0].iteration, kept[-1].iteration) == (0, 299)
    assert 10 <= len(kept) <= 20


# -- the page


def page(tmp_path, *cells):
    folder = tmp_path / "out"
    (folder / "study").mkdir(parents=True)
    (folder / "study" / "cpu.json").write_text(data.render(study(*cells)))
    written = document.write(str(folder))
    return (folder / "study.md").read_text(), [os.path.relpath(path, folder) for path in written]


def test_the_page_shows_every_figure_and_file_that_is_written(tmp_path):
    text, written = page(tmp_path, *(imr(name) for name in LENGTHS))
    for name in written:
        assert name == "study.md" or f"({name})" in text, name
    assert {"study/cpu-imr-fit-length.svg", "study/cpu-imr-break-even.svg"} < set(written)


def test_an_experiment_on_several_axes_is_shown_once_where_it_stands_alone(tmp_path):
    text, written = page(tmp_path, imr("imr-fit-4"), imr("imr-fit-16"))
    assert [line for line in text.splitlines() if line.startswith("### IMR")] == [
        f"### {Axis.FIT_LENGTH.value}"
    ]
    assert "study/cpu-imr-model-size.svg" not in written
    both, written = page(tmp_path / "both", imr("imr-fit-4"), imr("imr-small"))
    assert f"### {Axis.MODEL_SIZE.value}" in both
    assert "study/cpu-imr-model-size.svg" in written


def test_how_programs_train_stands_beside_every_figure_of_the_conclusions(tmp_path):
    adam = measured(cell("paper-adam"), {"baseline": (1.0, 0), "imr": (1.0 + 5 * REBUILD, 0)})
    text, _ = page(tmp_path, *(imr(name) for name in LENGTHS), adam)
    said = text[text.index("### Conclusions") : text.index("### The paper's design, Adam with metrics")]
    figures = [line for line in said.splitlines() if re.search(r"\d (%|ms|s) ", line)]
    assert len(figures) >= 3
    for line in figures:
        assert re.search(r"(plain SGD|Adam) with(out)? metrics|^- The fix `", line), line
    assert "## On the CPU: plain SGD and Adam with and without metrics, one thread" in text


def test_what_lies_beyond_the_fits_that_were_measured_is_called_extrapolated(tmp_path):
    text, _ = page(tmp_path, *(imr(name) for name in LENGTHS))
    lengths = re.findall(r"(\d+ steps) \([^()]*by the ends of both intervals(?:; [^()]*)?\)", text)
    assert {int(each.split()[0]) > 64 for each in lengths} == {True, False}
    for length in lengths:
        note = text[text.index(f"{length} (") :].partition(")")[0]
        assert ("; extrapolated" in note) == (int(length.split()[0]) > 64)
    assert text.count("Fits of 1 to 64 steps were measured.") == 2
    assert "from 16" in text  # 3 % of REBUILD and STEP: 162 steps
    assert len(re.findall(r"\(782 steps\) would spend [\d.]+ % on it, extrapolated\.", text)) == 1
    assert text.count("a pass over CIFAR-10, extrapolated.") == 1
    assert ">extrapolated<" in (tmp_path / "out" / "study" / "cpu-imr-break-even.svg").read_text()
    assert "Nothing here has a fit of more than 64 steps" in text


def test_what_is_inconclusive_is_its_interval(tmp_path):
    noisy = measured(cell("utr-scalar"), {"original": (0.1, 0), "reduce": (0.1, 0)}, noise=0.1)
    outcome = Outcome.of(noisy)
    change = outcome.comparison(outcome.result.fixes[0]).effect.percent_change
    low, high = f"{-change.low:.1f} % less", f"{change.high:.1f} % more"
    (line,) = [each for each in conclusions.sentences([outcome], None) if "what is kept" in each]
    assert f"scalar inconclusive, {low} to {high} energy (95 % interval)" in line
    same = Outcome.of(measured(cell("imr-fit-64"), {"original": (1.0, 0), "hoist": (1.0, 0)}, noise=0.1))
    (line,) = [each for each in conclusions.sentences([same], None) if each.startswith("The fix")]
    assert re.fullmatch(r"The fix `hoist`: inconclusive at 64 steps \(-[\d.]+ to \+[\d.]+ %\)\.", line)


def test_how_much_more_adam_costs_is_said_with_its_range():
    plain = Outcome.of(measured(cell("imr-fit-4"), {"original": (0.2, 0), "hoist": (0.1, 0)}, noise=0.05))
    own = dataclasses.replace(plain.measured.cell, axes=(Axis.OPTIMIZER,))
    plain = dataclasses.replace(plain, measured=dataclasses.replace(plain.measured, cell=own))
    adam = Outcome.of(measured(cell("adam-fit-4"), {"original": (0.6, 0), "hoist": (0.1, 0)}, noise=0.05))
    (line,) = [each for each in conclusions.sentences([plain, adam], None) if each.startswith("So a rebuild")]
    times = re.search(r"([\d.]+) times .* \(([\d.]+) to ([\d.]+) times by the ends of both intervals\)", line)
    found, low, high = map(float, times.groups())
    assert low < found < high
    assert found == pytest.approx(5, rel=0.1)
    assert "Adam with metrics, costs" in line
    assert "under plain SGD without metrics" in line


def test_experiments_without_a_complete_block_are_named(tmp_path):
    whole, cut = imr("imr-fit-4"), imr("imr-fit-16")
    cut = dataclasses.replace(cut, runs=cut.runs[:3])
    text, _ = page(tmp_path, whole, cut)
    assert "No complete block: imr-fit-16, in 3 runs." in text


def test_conclusions_follow_the_numbers():
    saving = Outcome.of(imr("imr-fit-1"))
    same = Outcome.of(measured(cell("imr-fit-64"), {"original": (1.0, 0), "hoist": (1.0, 0)}))
    (line,) = [
        each for each in conclusions.sentences([saving, same], None) if each.startswith("The fix `hoist`")
    ]
    assert line == "The fix `hoist`: less energy at 1 step; equivalent at 64 steps."


def test_what_costs_more_is_not_called_a_saving():
    worse = Outcome.of(measured(cell("imr-fit-4"), {"original": (0.1, 0), "clear-session": (0.3, 0)}))
    lines = list(conclusions.sentences([worse, Outcome.of(imr("imr-fit-16"))], None))
    assert "The fix `clear-session`: more energy at 4 steps." in lines


def test_the_page_says_that_energy_is_modelled_and_that_no_gpu_was_used(tmp_path):
    text, _ = page(tmp_path, imr("imr-fit-4"))
    assert "Energy of the CPU is modelled, not measured" in text
    assert "| energy (modelled) |" in text
    assert "The study has not been run on a GPU." in text


def test_the_margin_is_that_of_the_study(tmp_path):
    folder = tmp_path / "out"
    (folder / "study").mkdir(parents=True)
    wide = dataclasses.replace(study(imr("imr-fit-4")), margin=0.05)
    (folder / "study" / "cpu.json").write_text(data.render(wide))
    document.write(str(folder))
    assert "with a margin of 5 %" in (folder / "study.md").read_text()


def test_a_gpu_has_a_section_of_its_own(tmp_path):
    folder = tmp_path / "out"
    (folder / "study").mkdir(parents=True)
    gpu = dataclasses.replace(study(on_gpu(imr("imr-fit-4"))), device="gpu")
    for each in (study(imr("imr-fit-4")), gpu, dataclasses.replace(gpu, backend="jax")):
        (folder / "study" / f"{data.slug(each.device, each.backend)}.json").write_text(data.render(each))
    written = document.write(str(folder))
    text = (folder / "study.md").read_text()
    titles = [line for line in text.splitlines() if line.startswith("## On ")]
    how = "plain SGD without metrics"
    assert titles == [
        f"## On the CPU: {how}, one thread",
        f"## On the GPU: {how}",
        f"## On the GPU, Keras on JAX: {how}",
    ]
    assert "has not been run" not in text
    assert {"cpu-runs.csv", "gpu-runs.csv", "gpu-jax-runs.csv"} <= {
        os.path.basename(each) for each in written
    }


def test_what_a_rebuild_costs_stands_side_by_side_for_all_that_keras_computes_with(tmp_path):
    folder = tmp_path / "out"
    (folder / "study").mkdir(parents=True)
    design = measured(cell("paper"), {"baseline": (1.0, 0), "imr": (1.0 + REBUILD, 0)})
    first = study(imr("imr-fit-4"), imr("imr-fit-16"), design)
    torch = dataclasses.replace(study(imr("imr-fit-4")), backend="torch")
    gpu = dataclasses.replace(study(on_gpu(design)), device="gpu", backend="jax")
    (folder / "study" / "cpu.json").write_text(data.render(first))
    document.write(str(folder))
    assert "by what Keras computes with" not in (folder / "study.md").read_text()  # nothing to compare
    for each in (torch, gpu):
        (folder / "study" / f"{data.slug(each.device, each.backend)}.json").write_text(data.render(each))
    document.write(str(folder))
    text = (folder / "study.md").read_text()
    section = text[text.index("## Rebuilds, by what Keras computes with") :]
    cells = [line.split(" | ") for line in section.splitlines() if line.startswith(("| CPU", "| GPU"))]
    assert {row[1] for row in cells} == {"plain SGD without metrics"}
    rows = [[row[0], *row[2:4]] for row in cells]
    assert [row[:2] for row in rows] == [
        ["| CPU, TensorFlow", "4 steps"],
        ["| CPU, TensorFlow", "16 steps"],
        ["| CPU, PyTorch", "4 steps"],
        ["| GPU, JAX", "64 steps"],
    ]
    assert [row[2].rpartition(" of ")[2] for row in rows] == [*["CPU time"] * 3, "wall time"]


def test_on_a_gpu_its_counted_energy_its_memory_and_the_wall_clock_are_what_counts(tmp_path):
    folder = tmp_path / "out"
    (folder / "study").mkdir(parents=True)
    own = on_gpu(imr("imr-fit-4"))
    gpu = dataclasses.replace(study(own), device="gpu")
    (folder / "study" / "gpu.json").write_text(data.render(gpu))
    document.write(str(folder))
    text = (folder / "study.md").read_text()
    assert "| case | arm | GPU energy (measured) | CPU time | wall time | peak GPU memory |" in text
    outcome = Outcome.of(own)
    arm = outcome.result.original
    joules = math.fsum(run.body.wall_seconds for run in own.runs if run.arm == "original" and run.counts)
    assert outcome.energy(arm).mean == pytest.approx(200 * joules / 10)
    assert f"| 4 steps | original | {outcome.energy(arm).mean:.0f} J |" in text
    assert "What a rebuild costs, in wall time of an iteration" in text
    assert "Energy of the CPU is modelled" not in text
    assert "energy_joules" in (folder / "study" / "gpu-results.csv").read_text()
    assert "gpu_energy_joules" in (folder / "study" / "gpu-results.csv").read_text()


def test_in_the_papers_design_the_cost_of_a_rebuild_is_that_of_imr_over_the_clean_program(tmp_path):
    own = cell("paper")
    both = measured(own, {"baseline": (1.0, 0), "imr": (1.0 + REBUILD, 0)})
    text, _ = page(tmp_path, both)
    assert re.search(r"after the first takes 1\d\d ms of CPU time more than the clean program's", text)
    said = "A rebuild, plain SGD without metrics, costs 1"
    assert text.count(said) == 1
    with_lengths, _ = page(tmp_path / "more", both, imr("imr-fit-4"), imr("imr-fit-16"))
    assert said not in with_lengths  # fits of several lengths tell it more exactly
    on = Outcome.of(on_gpu(both))
    assert on.rebuild("baseline", "imr").estimate > 0
    lines = list(conclusions.sentences([on], None))
    assert [line for line in lines if line.startswith("A rebuild, plain SGD without metrics, costs")]
    assert [
        line
        for line in lines
        if "200 W while the clean program runs, 50 W at rest: so much, 25.0 % of" in line
    ]


def folder_of(tmp_path, **series):
    """A folder with these series; what is written of them, and the page."""
    folder = tmp_path / "out"
    (folder / "study").mkdir(parents=True)
    for name, each in series.items():
        text = json.dumps(each) if isinstance(each, dict) else data.render(each)
        (folder / "study" / f"{name.replace('_', '-')}.json").write_text(text)
    written = document.write(str(folder))
    return (folder / "study.md").read_text(), [os.path.relpath(path, folder) for path in written]


def test_every_series_stands_beside_the_others(tmp_path):
    other = dataclasses.replace(imr("imr-fit-16"), cell=dataclasses.replace(cell("imr-fit-16"), epochs=3))
    dearer = measured(cell("imr-fit-4"), {"original": (0.5, 0), "hoist": (0.1, 0)})
    second = dataclasses.replace(study(dearer, other), command="leakscan study --quick")
    first = study(imr("imr-fit-4"), imr("imr-fit-16"), imr("imr-fit-64"))
    text, written = folder_of(tmp_path, cpu=first, cpu_again=second)
    section = text[text.index("## Every series") : text.index("## On a GPU")]
    assert "| [cpu-again](study/cpu-again.json) | `leakscan study --quick` | 2026-01-01 00:00 |" in section
    assert "| start-up | experiments |" in section
    rows = [line.split(" | ") for line in section.splitlines() if line.startswith("| imr-")]
    changes = [
        f"{outcome.comparison(outcome.result.fixes[0]).effect.percent_change.estimate:.1f} %"
        for outcome in (Outcome.of(first.cells[0]), Outcome.of(dearer))
    ]
    assert [row[0] for row in rows] == [*["| imr-fit-4"] * 2, *["| imr-fit-16"] * 2]
    assert [row[7] for row in rows[:2]] == changes
    # Of imr-fit-16 the second series has other arguments: its interval need not meet the first one's.
    (apart,) = [line for line in section.splitlines() if line.startswith("With the same programs")]
    assert "imr-fit-4, `hoist`" in apart
    assert "imr-fit-16" not in apart
    assert {"study/cpu-again-runs.csv", "study/cpu-again-results.csv"} < set(written)


def test_the_papers_design_is_shown_of_every_series_whatever_its_length(tmp_path):
    design = measured(cell("paper"), {"baseline": (1.0, 0), "imr": (1.0 + REBUILD, 0)})
    shorter = dataclasses.replace(cell("paper"), steps=16)
    short = measured(shorter, {"baseline": (0.3, 0), "imr": (0.3 + REBUILD, 0)})
    adam = measured(cell("paper-adam"), {"baseline": (1.0, 0), "imr": (1.0 + 5 * REBUILD, 0)})
    text, written = folder_of(tmp_path, cpu=study(design), cpu_again=study(short), cpu_practice=study(adam))
    section = text[text.index("## The paper's design, in every series") : text.index("## On the CPU: plain")]
    rows = [line.split(" | ") for line in section.splitlines() if line.startswith("| paper")]
    assert [(row[1].partition("]")[0][1:], row[3], row[4]) for row in rows] == [
        ("cpu", "plain SGD without metrics", "64 steps"),
        ("cpu-again", "plain SGD without metrics", "16 steps"),
        ("cpu-practice", "Adam with metrics", "64 steps"),
    ]
    assert "## On the CPU: Adam with metrics, one thread" in text
    assert "study/cpu-practice-paper-adam.svg" in written


def test_series_whose_runs_are_gone_are_shown_as_far_as_they_are_known(tmp_path):
    lost = {
        "schema_version": 1,
        "series": [
            {
                "experiment": "self-test",
                "arm": "baseline-again",
                "training": "plain SGD without metrics",
                "blocks": 20,
                "percent_change": -1.25,
                "percent_low": None,
                "percent_high": None,
                "verdict": "inconclusive",
                "note": "thrown away",
            }
        ],
    }
    same = measured(cell("self-test"), {"baseline": (0.1, 0), "baseline-again": (0.1, 0)})
    text, _ = folder_of(tmp_path, cpu=study(same), not_kept=lost)
    assert "| self-test | plain SGD without metrics | 20 | thrown away |" in text
    (row,) = [line for line in text.splitlines() if line.startswith("| self-test | earlier series; runs not")]
    assert "| 20 | baseline-again | -1.25 % | not known |  | inconclusive |" in row
    lost["series"][0].pop("note")
    with pytest.raises(LeakscanError, match=r"not-kept\.json: damaged"):
        folder_of(tmp_path / "other", cpu=study(same), not_kept=lost)


def test_dropped_cells_and_their_reasons_are_on_the_page(tmp_path):
    folder = tmp_path / "out"
    (folder / "study").mkdir(parents=True)
    left = data.Skipped(cell("imr-tf-keras"), "tensorflow and tf_keras must be installed for python")
    others = [data.Skipped(cell(name), "stopped before it began") for name in ("utr-scalar", "fixed")]
    some = dataclasses.replace(study(imr("imr-fit-4")), skipped=(left, *others))
    (folder / "study" / "cpu.json").write_text(data.render(some))
    document.write(str(folder))
    text = (folder / "study.md").read_text()
    assert f"Not run: imr-tf-keras: {left.reason}." in text
    assert "Not run: utr-scalar, fixed: stopped before it began." in text


# -- doing it


#: What the study's programs ask of Keras; importing the real one and PyTorch would take seconds in each run.
KERAS = """
import numpy
from keras import backend, layers, losses, ops, optimizers, utils

Input = tuple

class Sequential:
    def __init__(self, parts):
        self.layers = parts

    def compile(self, **options):
        pass

    def train_on_batch(self, x, y, return_dict):
        return {"loss": float(numpy.mean(x))}

    def __call__(self, x, training):
        return x[:, 0, 0]
"""


@pytest.fixture
def torch_here(monkeypatch, tmp_path):
    """A Keras that says that it computes with PyTorch on the CPU, and trains nothing."""
    library = tmp_path / "library"
    (library / "keras").mkdir(parents=True)
    any_class = "class _Any:\n    def __init__(self, *values, **options):\n        pass\n\n"
    for name, text in {
        "keras/__init__.py": KERAS,
        "keras/backend.py": "def backend():\n    return 'torch'\n",
        "keras/layers.py": f"{any_class}Conv2D = MaxPooling2D = Flatten = Dense = _Any\n",
        "keras/losses.py": f"{any_class}SparseCategoricalCrossentropy = _Any\n",
        "keras/optimizers.py": f"{any_class}SGD = Adam = _Any\n",
        "keras/ops.py": "from numpy import mean\n",
        "keras/utils.py": "from numpy.random import seed as set_random_seed\n",
        "torch.py": "class cuda:\n    is_available = lambda: False\n",
    }.items():
        (library / name).write_text(text)
    monkeypatch.setenv("PYTHONPATH", str(library))


def test_runs_that_are_there_are_not_written_over(leakscan, torch_here):
    pytest.importorskip("codecarbon")
    kept = leakscan.write("out/study/cpu-torch-cells/utr-scalar.jsonl", "")
    again = leakscan("study", "--out", "out")
    assert again.code == 2
    assert "Traceback" not in again.err
    assert "continue with --resume" in again.err
    assert [path for path in leakscan.directory.rglob("*") if path.is_file()] == [
        leakscan.directory / "pyproject.toml",
        kept,
    ]


def test_a_study_beside_another_measurement_is_refused_and_leaves_nothing(leakscan, torch_here):
    pytest.importorskip("codecarbon")
    with exclusive():
        refused = leakscan("study", "--out", "out")
    assert refused.code == 2
    assert "another measurement is running" in refused.err
    assert [path.name for path in leakscan.directory.iterdir()] == ["pyproject.toml"]


@pytest.mark.skipif(sys.platform != "linux", reason="measuring needs Linux")
def test_a_cell_is_measured_kept_and_resumed(leakscan, torch_here):
    pytest.importorskip("codecarbon")
    options = ["--quick", "--only", "utr-scalar", "--keep-disturbed", "--out", "out"]
    result = leakscan("study", *options, "--runs", "1")
    assert result.code == 0, result.err
    assert "The study executes 4 runs in 1 experiment," in result.out
    path = leakscan.directory / "out/study/cpu-torch.json"
    kept = json.loads(path.read_text())
    (only,) = kept["cells"]
    assert [(run["arm"], run["block"]) for run in only["runs"]][:2] == [("original", None), ("reduce", None)]
    assert all(run["fault"] is None and run["disagreement"] is None for run in only["runs"])
    assert only["header"]["identity"]["threads"] == dict.fromkeys(THREADS, "1")
    assert "Energy of the CPU is" in (leakscan.directory / "out/study.md").read_text()

    resumed = leakscan("study", *options, "--runs", "1", "--resume")
    assert resumed.code == 0, resumed.err
    assert resumed.out.count("warning: the CPU's energy is estimated") <= 1
    assert json.loads(path.read_text()) == kept
