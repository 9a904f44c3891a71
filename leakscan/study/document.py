"""The study as a page: tables, figures and sentences, all made from the runs on disk."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from leakscan.errors import LeakscanError
from leakscan.output_files import write_file
from leakscan.study import backends, conclusions, data, markdown, paper, series, tables
from leakscan.study.costs import CostModel, Outcome, by_axis, cost_model, on_axis
from leakscan.study.figures import figures
from leakscan.study.grid import BACKENDS, Axis, Cell, Design
from leakscan.study.series import Series
from leakscan.validation import wording
from leakscan.validation.measurements import Run
from leakscan.validation.reports.table import amount_range
from leakscan.validation.results import Result

FOLDER = "study"
#: Series whose runs are gone, as far as they are known.
NOT_KEPT = "not-kept"
_ABOUT = (
    "[arXiv 2606.19799](https://arxiv.org/abs/2606.19799) reports that Improper Model Reuse (IMR) uses about "
    "32 % and Unreleased Tensor References (UTR) about 46 % more electricity than the same training without "
    "them: one set-up, on an unspecified instrument. This study runs that design and varies what the paper "
    "holds fixed. It replicates the design, not the numbers: other hardware, other programs. A figure holds "
    "for how its programs train (optimizer, metrics, threads, the length of a fit), which stands beside it. "
    "`inconclusive` means that nothing was shown either way: then the interval is the result. What lies "
    "outside of what was measured is called extrapolated."
)
#: Series with a section of their own, those of a part of a grid too that was run by itself (`-fits`,
#: `-parts`); files of other names are further series, which stand beside these.
_FILES = tuple(
    f"{data.slug(device, backend, practice=practice)}{part}"
    for device in ("cpu", "gpu")
    for backend in BACKENDS
    for practice in (False, True)
    for part in ("", "-fits", "-parts")
)
_INTRODUCTION = {
    Axis.FIT_LENGTH: (
        "`imr.py` builds a model for each fit and gives it the state so far ({training}). The fit is "
        "made longer; the rebuild stays the same, so its share falls."
    ),
    Axis.MODEL_SIZE: (
        "small: 1 convolution of 8 filters; medium: 2, of 16 and 32; large: 6, of 32 and 64. Fits of {fit} "
        "steps, {training}."
    ),
    Axis.FRAMEWORK: "The same program on Keras 3 (TensorFlow) and on tf_keras, the Keras 2 that lives on.",
    Axis.OPTIMIZER: (
        "Fits of {fit} steps. The optimizer's state goes from model to model with the weights, so that every "
        "arm of a case prints the same losses. With metrics: compiled with accuracy."
    ),
    Axis.THREADS: (
        "Fits of {fit} steps, {training}: the framework held to one thread, and with as many as it takes by "
        "default. CPU time is that of all threads."
    ),
    Axis.TENSOR_SIZE: (
        "`utr.py` keeps what it looks at in each of {steps} steps: the mean output (4 bytes), the prediction "
        "(2.6 kB), the flattened gradient, or the activation of the first layer (4.2 MB). In the end it "
        "takes the mean of each."
    ),
    Axis.STEPS: "An activation of 4.2 MB is kept in each step.",
}
_FIGURES = {
    Axis.FIT_LENGTH: ("imr-fit-length", "imr-break-even"),
    Axis.MODEL_SIZE: ("imr-model-size",),
    Axis.FRAMEWORK: ("imr-framework",),
    Axis.OPTIMIZER: ("imr-optimizer",),
    Axis.THREADS: ("imr-threads",),
    Axis.TENSOR_SIZE: ("utr-tensor-size",),
    Axis.STEPS: ("utr-steps",),
}


def write(folder: str) -> list[str]:
    """Make `study.md`, and figures and tables in `study/`, from the runs there; return what was written.

    Raises LeakscanError when there are no runs, or some cannot be read.
    """
    base = os.path.join(folder, FOLDER)
    found = [name for name in _FILES if os.path.exists(os.path.join(base, f"{name}.json"))]
    if not found:
        raise LeakscanError(f"{base}: no runs of a study; run leakscan study, or name its folder with --out")
    written: list[str] = []

    def put(name: str, text: str) -> None:
        path = os.path.join(folder, name)
        write_file(path, text)
        written.append(path)

    parts: list[str] = []
    first = [_load(base, name) for name in found]
    others = [_load(base, name) for name in _others(base)]
    for one in (*first, *others):
        put(f"{FOLDER}/{one.name}-runs.csv", tables.runs_csv(one.outcomes))
        put(f"{FOLDER}/{one.name}-results.csv", tables.results_csv(one.outcomes))
    for one in first:
        model = _model(one.outcomes)
        drawn = dict(figures(one.outcomes, model))
        for name, text in drawn.items():
            put(f"{FOLDER}/{one.name}-{name}.svg", text + "\n")
        parts += _section(one, model, set(drawn))
    every = sorted((*first, *others), key=lambda one: one.begun)
    lost = _not_kept(base)
    text = "\n".join(
        [
            *_head(every),
            *series.the_papers_design(every, lost),
            *parts,
            *backends.section(first),
            *series.section(every, lost),
            *_tail(every),
        ]
    )
    put("study.md", text + "\n")
    return written


def _others(base: str) -> list[str]:
    """The names of further series: copied there, as a second run of a grid has the names of the first."""
    names = sorted(entry.name for entry in os.scandir(base) if entry.name.endswith(".json"))
    return [name for each in names if (name := each.removesuffix(".json")) not in (*_FILES, NOT_KEPT)]


def _not_kept(base: str) -> tuple[data.NotKept, ...]:
    path = os.path.join(base, f"{NOT_KEPT}.json")
    return data.load_not_kept(path) if os.path.exists(path) else ()


def _load(base: str, name: str) -> Series:
    """The study of a file and what its experiments say, as far as there are complete blocks."""
    path = os.path.join(base, f"{name}.json")
    study = data.load(path)
    every = [Outcome.of(cell, study.margin) for cell in study.cells]
    outcomes = tuple(outcome for outcome in every if outcome.result.used_blocks)
    if not outcomes:
        raise LeakscanError(f"{path}: no block is complete yet; continue with leakscan study --resume")
    return Series(name, study, outcomes)


def _model(outcomes: Sequence[Outcome]) -> CostModel | None:
    return cost_model(on_axis(outcomes, Axis.FIT_LENGTH), "hoist")


# -- the page -----------------------------------------------------------------------------------------------


def _head(every: Sequence[Series]) -> list[str]:
    files = ", ".join(f"[{one.name}.json]({FOLDER}/{one.name}.json)" for one in every)
    names = [f"{one.name}-{kind}.csv" for one in every for kind in ("runs", "results")]
    tables = ", ".join(f"[{name}]({FOLDER}/{name})" for name in names)
    return [
        "# What the leaks cost: the study",
        "",
        f"<!-- Made by `leakscan study --render` from {FOLDER}/*.json; changes by hand are lost. -->",
        "",
        _ABOUT,
        "",
        f"All numbers are made from the runs in {files} by `leakscan study --render`. As tables: {tables}.",
        "",
    ]


def _section(one: Series, model: CostModel | None, drawn: set[str]) -> Iterator[str]:
    outcomes = one.outcomes
    yield f"## On the {series.title(one.study)}"
    yield ""
    yield from _machine(one)
    said = list(conclusions.sentences(outcomes, model))
    if said:
        yield "### Conclusions"
        yield ""
        yield from (f"- {sentence}" for sentence in said)
        yield ""
    for outcome in outcomes:
        cell = outcome.measured.cell
        if cell.design is Design.PAPER:
            yield from paper.section(outcome, list(_figures(one.name, (cell.name,), drawn)))
    for axis, cells in by_axis(outcomes):
        yield f"### {axis.value}"
        yield ""
        first = cells[0].measured.cell
        yield _INTRODUCTION[axis].format(
            fit=first.steps, steps=first.steps * first.epochs, training=first.training
        )
        yield ""
        yield from _figures(one.name, _FIGURES[axis], drawn)
        yield from markdown.results(cells, axis)
        yield from markdown.rebuilds(cells, axis)
        if axis is Axis.FIT_LENGTH and model is not None:
            yield _break_even(model, first)
            yield ""
    yield from _equals(outcomes)


def _machine(one: Series) -> Iterator[str]:
    study, outcomes = one.study, one.outcomes
    first = outcomes[0].result
    environment = first.environment
    runs = [run for outcome in outcomes for run in outcome.result.runs]
    dropped = sum(len(outcome.result.dropped_blocks) for outcome in outcomes)
    versions = {version.package: version.version for run in runs for version in run.versions}
    shown = ", ".join(f"{name} {versions[name]}" for name in sorted(versions))
    memory = wording.amount(environment.memory_bytes, "B")
    begin, end = min(run.started_at for run in runs), max(run.started_at for run in runs)
    yield "| | |"
    yield "|--|--|"
    yield (
        f"| machine | {environment.cpu_model or environment.machine}, {environment.logical_cpus} logical "
        f"CPUs, {memory}, {environment.system}{_virtual(first)} |"
    )
    shown += f", leakscan {study.leakscan_version}, codecarbon {environment.codecarbon_version}"
    yield f"| versions | {shown} |"
    variables = ", ".join(f"{name}={value}" for name, value in study.variables.items())
    free = [outcome.measured.cell.name for outcome in outcomes if outcome.measured.cell.default_threads]
    variables += f"; not set in {', '.join(free)}" if free else ""
    yield f"| threads | {variables} |"
    for source in first.sources:
        yield f"| energy of the {source.device.upper()} | {source.provenance.value}: {source.detail} |"
    yield "| CPU time, wall time, peak memory | measured, by the kernel |"
    if outcomes[0].on_gpu:
        yield "| GPU memory | measured, by the framework's own account |"
        if watts := [each for outcome in outcomes for each in outcome.idle_watts]:
            yield f"| GPU at rest | {min(watts):.0f} to {max(watts):.0f} W, measured before and after |"
    yield (
        f"| runs | {len(runs)} in {wording.plural(len(outcomes), 'experiment')}, {begin[:10]}"
        f"{'' if begin[:10] == end[:10] else f' to {end[:10]}'}, "
        f"{wording.plural(_minutes(runs), 'minute')}; "
        f"{wording.plural(dropped, 'block')} dropped by cause, and replaced |"
    )
    yield f"| again | `{study.command}` |"
    yield ""
    if outcomes[0].on_gpu:
        yield (
            "**Energy is that of the whole GPU, measured by its counter, what it uses when idle included. "
            "That of the processor is not in it: the CSV files have it apart.**"
        )
        yield ""
    elif first.banner is not None:
        yield f"**{first.banner}**"
        yield ""
    yield (
        f"A run's numbers are those of the script's body: start-up and imports, {one.start_up} of CPU "
        "time here, come on top. Arms run in blocks of random order, with one warm-up each that is thrown "
        "away. Intervals are of 95 %; verdicts as in [measuring.md](measuring.md), adjusted by Holm's method "
        f"within an experiment, with a margin of {100 * first.margin:g} %."
    )
    yield ""
    for cell in study.cells:
        if cell.cell.name not in {outcome.measured.cell.name for outcome in outcomes}:
            tried = wording.plural(len(cell.runs), "run")
            yield f"No complete block: {cell.cell.name}, in {tried}."
            yield ""
    for reason in dict.fromkeys(item.reason for item in study.skipped):
        names = ", ".join(item.cell.name for item in study.skipped if item.reason == reason)
        yield f"Not run: {names}: {reason}."
        yield ""


def _minutes(runs: Sequence[Run]) -> int:
    return round(sum(run.process.wall_seconds for run in runs) / 60)


def _virtual(result: Result) -> str:
    kind = result.environment.virtualisation
    return "" if kind is None else f", {kind}"


def _figures(slug: str, names: Sequence[str], drawn: set[str]) -> Iterator[str]:
    for name in names:
        if name in drawn:
            yield f"![{name.replace('-', ' ')}]({FOLDER}/{slug}-{name}.svg)"
            yield ""


def _break_even(model: CostModel, first: Cell) -> str:
    shares = ", ".join(
        f"{wording.percent(100 * share, signed=False)} at {conclusions.fit(model, share)}"
        for share in (0.5, 0.32, 0.1, 0.03)
    )
    pass_over_data = conclusions.CIFAR_10_STEPS
    extrapolated = ", extrapolated" if model.extrapolates(pass_over_data) else ""
    return (
        f"Together, {first.training}: a rebuild {wording.amount(model.rebuild.estimate, 's')} "
        f"({amount_range(model.rebuild, 's')}), a step {wording.amount(model.step.estimate, 's')} "
        f"({amount_range(model.step, 's')}). A fit of n steps spends the share r / (r + n s) on rebuilding: "
        f"{shares}; {wording.percent(100 * model.share(pass_over_data), signed=False)} at {pass_over_data} "
        f"steps, a pass over CIFAR-10{extrapolated}. {conclusions.measured_fits(model)}"
    )


def _equals(outcomes: Sequence[Outcome]) -> Iterator[str]:
    found = [outcome for outcome in outcomes if outcome.measured.cell.design is Design.EQUALS]
    if found:
        yield "### What should cost the same"
        yield ""
        yield (
            "The clean program against itself (A/A), which shows what noise alone does, and against the "
            "programs with IMR and UTR after leakscan's fixes. To show that nothing differs takes more runs "
            "than to show that something does."
        )
        yield ""
        yield from markdown.results(found)
        for outcome in found:
            yield from markdown.paired_tests(outcome)


def _tail(every: Sequence[Series]) -> Iterator[str]:
    if not any(one.study.device == "gpu" for one in every):
        yield "## On a GPU"
        yield ""
        yield (
            "The study has not been run on a GPU. `leakscan study` on a machine with one adds its results "
            "here, with the energy of the NVML counter."
        )
        yield ""
    yield "## How this differs from the paper"
    yield ""
    outcomes = [outcome for one in every for outcome in one.outcomes]
    yield from (f"- {line}" for line in conclusions.differences(outcomes))
