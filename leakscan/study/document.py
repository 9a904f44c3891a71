"""The study as a page: tables, figures and sentences, all made from the runs on disk."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from leakscan.errors import LeakscanError
from leakscan.study import again, backends, conclusions, data, tables
from leakscan.study.costs import CostModel, Outcome, by_axis, cost_model, on_axis
from leakscan.study.figures import figures
from leakscan.study.grid import BACKENDS, Axis, Design, level
from leakscan.terminal import write_file
from leakscan.validation import wording
from leakscan.validation.measurements import Run
from leakscan.validation.reports.table import amount_range
from leakscan.validation.results import ArmResult, Basis, Metric, Result

FOLDER = "study"
#: What the paper reports: kWh of a run on a Tesla T4, and the change from its baseline.
_PAPER = {"imr": ("0.033797 kWh", "+31.78 %"), "utr": ("0.037393 kWh", "+45.80 %")}
_PAPER_BASELINE = "0.025646 kWh"
_ABOUT = (
    "[arXiv 2606.19799](https://arxiv.org/abs/2606.19799) reports that Improper Model Reuse (IMR) uses about "
    "32 % and Unreleased Tensor References (UTR) about 46 % more electricity than the same training without "
    "them: one set-up, on an unspecified instrument. This study runs that design and varies what the paper "
    "holds fixed. It replicates the design, not the numbers: other hardware, other programs."
)
_FILES = tuple(data.slug(device, backend) for device in ("cpu", "gpu") for backend in BACKENDS)
_INTRODUCTION = {
    Axis.FIT_LENGTH: (
        "`imr.py` builds a model for each fit and gives it the weights so far. The fit is made longer; the "
        "rebuild stays the same, so its share falls."
    ),
    Axis.MODEL_SIZE: (
        "small: 1 convolution of 8 filters; medium: 2, of 16 and 32; large: 6, of 32 and 64. Fits of {fit} "
        "steps."
    ),
    Axis.FRAMEWORK: "The same program on Keras 3 (TensorFlow) and on tf_keras, the Keras 2 that lives on.",
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
    studies = [_load(base, slug) for slug in found]
    for slug, (study, outcomes) in zip(found, studies, strict=True):
        model = _model(outcomes)
        drawn = dict(figures(outcomes, model))
        for name, text in drawn.items():
            put(f"{FOLDER}/{slug}-{name}.svg", text + "\n")
        put(f"{FOLDER}/{slug}-runs.csv", tables.runs_csv(outcomes))
        put(f"{FOLDER}/{slug}-results.csv", tables.results_csv(outcomes))
        parts += _section(study, outcomes, model, set(drawn))
        name = f"{slug}-again"
        if os.path.exists(os.path.join(base, f"{name}.json")):
            second, repeated = _load(base, name)
            put(f"{FOLDER}/{name}-runs.csv", tables.runs_csv(repeated))
            parts += again.section(second, f"{FOLDER}/{name}", outcomes, repeated)
    parts += backends.section(studies)
    text = "\n".join([*_head(found), *parts, *_tail(gpu=any(slug.startswith("gpu") for slug in found))])
    put("study.md", text + "\n")
    return written


def _load(base: str, name: str) -> tuple[data.Study, list[Outcome]]:
    """The study of a file and what its experiments say, as far as there are complete blocks."""
    path = os.path.join(base, f"{name}.json")
    study = data.load(path)
    every = [Outcome.of(cell, study.margin) for cell in study.cells]
    outcomes = [outcome for outcome in every if outcome.result.used_blocks]
    if not outcomes:
        raise LeakscanError(f"{path}: not one block is complete; go on with leakscan study --resume")
    return study, outcomes


def _model(outcomes: Sequence[Outcome]) -> CostModel | None:
    return cost_model(on_axis(outcomes, Axis.FIT_LENGTH), "hoist")


# -- the page -----------------------------------------------------------------------------------------------


def _head(found: Sequence[str]) -> list[str]:
    files = ", ".join(f"[{slug}.json]({FOLDER}/{slug}.json)" for slug in found)
    names = [f"{slug}-{kind}.csv" for slug in found for kind in ("runs", "results")]
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


def _section(
    study: data.Study, outcomes: Sequence[Outcome], model: CostModel | None, drawn: set[str]
) -> Iterator[str]:
    yield f"## On the {backends.title(study)}"
    yield ""
    yield from _machine(study, outcomes)
    said = list(conclusions.sentences(outcomes, model))
    if said:
        yield "### Conclusions"
        yield ""
        yield from (f"- {sentence}" for sentence in said)
        yield ""
    for outcome in outcomes:
        design = outcome.measured.cell.design
        if design is Design.PAPER:
            yield from _paper(outcome, study.slug, drawn)
    for axis, cells in by_axis(outcomes):
        yield f"### {axis.value}"
        yield ""
        first = cells[0].measured.cell
        yield _INTRODUCTION[axis].format(fit=first.steps, steps=first.steps * first.epochs)
        yield ""
        yield from _figures(study.slug, _FIGURES[axis], drawn)
        yield from _table(cells, axis)
        if axis is Axis.FIT_LENGTH:
            yield from _break_even(cells, model)
    yield from _equals(outcomes)


def _machine(study: data.Study, outcomes: Sequence[Outcome]) -> Iterator[str]:
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
        f"A run's numbers are those of the script's body: start-up and imports, {_start_up(outcomes)} of CPU "
        "time here, come on top. Arms run in blocks of random order, with one warm-up each that is thrown "
        "away. Intervals are of 95 %; verdicts as in [measuring.md](measuring.md), adjusted by Holm's method "
        f"within an experiment, with a margin of {100 * first.margin:g} %."
    )
    yield ""
    for item in study.skipped:
        yield f"Not run: {item.cell.name}: {item.reason}."
        yield ""


def _minutes(runs: Sequence[Run]) -> int:
    return round(sum(run.process.wall_seconds for run in runs) / 60)


def _virtual(result: Result) -> str:
    kind = result.environment.virtualisation
    return "" if kind is None else f", {kind}"


def _start_up(outcomes: Sequence[Outcome]) -> str:
    values = [
        whole - body
        for outcome in outcomes
        for run in outcome.result.runs
        if run.body is not None
        and (whole := run.process.cpu_seconds) is not None
        and (body := run.body.cpu_seconds) is not None
    ]
    return wording.amount(sum(values) / len(values), "s") if values else "not measured"


def _figures(slug: str, names: Sequence[str], drawn: set[str]) -> Iterator[str]:
    for name in names:
        if name in drawn:
            yield f"![{name.replace('-', ' ')}]({FOLDER}/{slug}-{name}.svg)"
            yield ""


# -- tables -------------------------------------------------------------------------------------------------


def _table(outcomes: Sequence[Outcome], axis: Axis | None = None) -> Iterator[str]:
    first = outcomes[0]
    gpu = "GPU " if first.on_gpu else ""
    yield (
        f"| case | arm | {gpu}energy ({_basis(first)}) | CPU time | wall time | peak {gpu}memory | "
        f"{gpu}growth/iteration | change of energy | 95 % interval | verdict |"
    )
    yield "|--|--|--|--|--|--|--|--|--|--|"
    for outcome in outcomes:
        for number, arm in enumerate(outcome.result.arms):
            name = level(outcome.measured.cell, axis) if number == 0 else ""
            yield f"| {name} | {arm.name} | {' | '.join(_cells(outcome, arm))} |"
    yield ""
    blocks = sorted({len(outcome.result.used_blocks) for outcome in outcomes})
    span = wording.plural(blocks[-1], "block")
    span = span if len(blocks) == 1 else f"{blocks[0]} to {span}"
    yield (
        f"Means of {span}. Growth: {'GPU' if gpu else 'resident'} memory from one pass of the flagged loop "
        "to the next, median over blocks; empty where a run has fewer than 5 passes."
    )
    yield ""


def _basis(outcome: Outcome) -> str:
    """What the energy that results are quoted for rests on."""
    quantity = outcome.energy(outcome.result.original)
    return (Basis.ABSENT if quantity is None else quantity.basis).value


def _cells(outcome: Outcome, arm: ArmResult) -> Iterator[str]:
    for quantity, unit in (
        (outcome.energy(arm), "J"),
        (arm.quantity(Metric.CPU_TIME), "s"),
        (arm.quantity(Metric.WALL_TIME), "s"),
        (outcome.peak_memory(arm), "B"),
    ):
        yield wording.amount(None if quantity is None else quantity.mean, unit)
    growth = outcome.growth(arm)
    yield "" if growth is None else wording.amount(growth.estimate, "B", signed=True)
    comparison, verdict = outcome.comparison(arm), outcome.verdict(arm)
    change = None if comparison is None else comparison.effect.percent_change
    yield "" if change is None else wording.percent(change.estimate)
    yield "" if change is None else wording.percent_range(change)
    yield "" if verdict is None else wording.verdict(verdict, headline=True)


def _paper(outcome: Outcome, slug: str, drawn: set[str]) -> Iterator[str]:
    cell = outcome.measured.cell
    yield "### The paper's design"
    yield ""
    yield (
        f"One training, {cell.epochs} passes of {cell.steps} batches of 64 images of 32x32x3 through a small "
        "convolutional classifier: as the clean program, with IMR (`imr.py` builds a model for each pass), "
        "with UTR (`utr.py` keeps an activation of 4.2 MB in each step)"
        f"{', and with the fixes that leakscan makes of these' if cell.strategies else ''}. "
        f"{_agreement(outcome)} Changes are from the clean program."
    )
    yield ""
    yield from _figures(slug, ("paper",), drawn)
    yield from _table([outcome])
    yield from _rebuild(outcome)
    yield from _per_run(outcome)
    yield from _tests(outcome)


def _agreement(outcome: Outcome) -> str:
    """What the output of the programs says about their equality."""
    different = [arm.name for arm in outcome.result.fixes if arm.disagreement is not None]
    if different:
        return f"Other losses than the clean program's print {', '.join(different)}."
    notes = dict.fromkeys(note for arm in outcome.result.arms for note in arm.notes)
    if notes:
        said = "; ".join(note.replace("the original", "the clean program") for note in notes)
        return f"All print the same losses, as far as these are the same in each run ({said})."
    return "All print the same losses."


def _rebuild(outcome: Outcome) -> Iterator[str]:
    cost, share = outcome.rebuild("baseline", "imr"), outcome.saving("baseline", "imr")
    if cost is not None and share is not None and cost.low is not None:
        yield (
            f"An iteration of `imr.py` after the first takes {wording.amount(cost.estimate, 's')} of "
            f"{outcome.clock} more than the clean program's ({amount_range(cost, 's')}; measured): that is "
            f"what a rebuild costs, {wording.percent(share.estimate, signed=False)} of the iteration."
        )
        yield ""


def _per_run(outcome: Outcome) -> Iterator[str]:
    """The runs one by one, in the form of the paper's tables."""
    arms = [arm for arm in outcome.result.arms if arm.name in ("baseline", "imr", "utr")]
    columns = [(arm, quantity) for arm in arms if (quantity := outcome.energy(arm)) is not None]
    yield f"Run by run, energy in J, {_basis(outcome)} (1 kWh is 3.6 MJ):"
    yield ""
    names = [arm.name if number == 0 else f"{arm.name} | change" for number, (arm, _) in enumerate(columns)]
    yield f"| block | {' | '.join(names)} |"
    yield f"|--|{'--|' * (2 * len(columns) - 1)}"
    base = columns[0][1].values
    for place in range(len(base)):
        cells = [_joules(base[place])]
        for _, quantity in columns[1:]:
            cells += [_joules(quantity.values[place]), _change(base[place], quantity.values[place])]
        yield f"| {place + 1} | {' | '.join(cells)} |"
    for name, value in (("mean", "mean"), ("sd", "sd")):
        cells = [_joules(getattr(columns[0][1], value))]
        for _, quantity in columns[1:]:
            change = _change(columns[0][1].mean, quantity.mean) if value == "mean" else ""
            cells += [_joules(getattr(quantity, value)), change]
        yield f"| {name} | {' | '.join(cells)} |"
    cells = [_PAPER_BASELINE]
    for arm, _ in columns[1:]:
        cells += _PAPER[arm.name]
    yield f"| the paper | {' | '.join(cells)} |"
    yield ""


def _joules(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _change(before: float | None, after: float | None) -> str:
    return "" if before is None or after is None else wording.percent(100 * (after / before - 1))


def _tests(outcome: Outcome) -> Iterator[str]:
    """Paired tests of the differences in joules, as published studies give them."""
    yield "Paired tests of the differences from the clean program, in J, not adjusted:"
    yield ""
    yield "| arm | mean difference | change | t | degrees of freedom | p | Wilcoxon p | used less in |"
    yield "|--|--|--|--|--|--|--|--|"
    for arm in outcome.result.fixes:
        comparison = outcome.comparison(arm)
        if comparison is None:
            continue
        form = comparison.paper
        before, after = form.mean_original, form.mean_fixed
        difference = "" if before is None or after is None else f"{after - before:+.2f}"
        t = "" if form.t is None else f"{form.t:.2f}"
        freedom = "" if form.degrees_of_freedom is None else str(form.degrees_of_freedom)
        yield (
            f"| {arm.name} | {difference} | {wording.percent(form.percent_change)} | {t} | "
            f"{freedom} | {wording.p_value(form.t_p)} | {wording.p_value(form.wilcoxon_p)} | "
            f"{comparison.wins} of {comparison.blocks} |"
        )
    yield ""


def _break_even(outcomes: Sequence[Outcome], model: CostModel | None) -> Iterator[str]:
    yield f"What a rebuild costs, in {outcomes[0].clock} of an iteration after the first (measured):"
    yield ""
    yield "| fit | a rebuild costs | 95 % interval | of the iteration |"
    yield "|--|--|--|--|"
    for outcome in outcomes:
        cost, share = outcome.rebuild("hoist"), outcome.saving("hoist")
        if cost is not None and share is not None:
            yield (
                f"| {outcome.measured.cell.level} | {wording.amount(cost.estimate, 's')} | "
                f"{amount_range(cost, 's')} | {wording.percent(share.estimate, signed=False)} |"
            )
    yield ""
    if model is not None:
        yield (
            f"Together: a rebuild {wording.amount(model.rebuild.estimate, 's')} "
            f"({amount_range(model.rebuild, 's')}), a step {wording.amount(model.step.estimate, 's')} "
            f"({amount_range(model.step, 's')}). A fit of n steps spends the share r / (r + n s) on "
            "rebuilding: "
            + ", ".join(
                f"{wording.percent(100 * share, signed=False)} at {model.steps_for(share):.0f} steps"
                for share in (0.5, 0.32, 0.1, 0.03)
            )
            + f"; {wording.percent(100 * model.share(782), signed=False)} at 782 steps, a pass over CIFAR-10."
        )
        yield ""


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
        yield from _table(found)
        for outcome in found:
            yield from _tests(outcome)


def _tail(*, gpu: bool) -> Iterator[str]:
    if not gpu:
        yield "## On a GPU"
        yield ""
        yield (
            "The study has not been run on a GPU. `leakscan study` on a machine with one adds its results "
            "here, with the energy of the NVML counter."
        )
        yield ""
    yield "## How this differs from the paper"
    yield ""
    yield from (f"- {' '.join(line.split())}" for line in conclusions.DIFFERENCES)
