"""All series of runs, side by side: what the intervals of one do not cover, and what was thrown away."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from leakscan.study.costs import Outcome
from leakscan.study.data import NotKept, Study
from leakscan.study.grid import BACKENDS, TENSORFLOW, Cell, Design
from leakscan.validation import wording
from leakscan.validation.verdicts import Interval, Verdict

_NOT_KEPT = "earlier series; runs not kept"


@dataclass(frozen=True, slots=True)
class Series:
    """A file of runs: its name without `.json`, and what its experiments say."""

    name: str
    study: Study
    outcomes: tuple[Outcome, ...]

    @property
    def link(self) -> str:
        """The name as a link to the file."""
        return f"[{self.name}](study/{self.name}.json)"

    @property
    def begun(self) -> str:
        """When its first run began, UTC."""
        return min(run.started_at for outcome in self.outcomes for run in outcome.result.runs)

    @property
    def start_up(self) -> str:
        """The mean CPU time of start-up and imports: the same work in all series on one framework."""
        values = [
            whole - body
            for outcome in self.outcomes
            for run in outcome.result.runs
            if run.body is not None
            and (whole := run.process.cpu_seconds) is not None
            and (body := run.body.cpu_seconds) is not None
        ]
        return wording.amount(sum(values) / len(values), "s") if values else "not measured"


def title(study: Study) -> str:
    """`CPU, Keras on JAX: plain SGD without metrics`: where a series ran, and what its programs are."""
    keras = "" if study.backend == TENSORFLOW else f", Keras on {BACKENDS[study.backend]}"
    return f"{study.device.upper()}{keras}: {conditions(study)}"


def conditions(study: Study) -> str:
    """How the programs of a series train, and with how many threads where a CPU does the work."""
    cells = [each.cell for each in study.cells]
    words = [
        " and ".join(dict.fromkeys(cell.optimizer_name for cell in cells)),
        _both(cells, lambda cell: cell.metrics, "with", "without") + " metrics",
    ]
    text = " ".join(words)
    if study.device != "cpu" or study.backend == "jax":  # JAX takes no notice of the variables
        return text
    return f"{text}, {_both(cells, lambda cell: not cell.default_threads, 'one thread', 'default threads')}"


def _both(cells: Sequence[Cell], is_so: Callable[[Cell], bool], yes: str, no: str) -> str:
    found = {is_so(cell) for cell in cells}
    return " and ".join(word for word, value in ((yes, True), (no, False)) if value in found)


def the_papers_design(every: Sequence[Series], not_kept: Sequence[NotKept]) -> Iterator[str]:
    """The design that the paper has one figure for, in each series that was run."""
    found = [
        (series, outcome)
        for series in every
        for outcome in series.outcomes
        if outcome.measured.cell.design is Design.PAPER
    ]
    lost = [each for each in not_kept if each.experiment == "paper"]
    if len(found) + len(lost) < 2:  # noqa: PLR2004 - it has a section of its own
        return
    yield "## The paper's design, in every series"
    yield ""
    yield (
        "Each line is an experiment of its own, judged by itself; none is left out. TensorFlow and PyTorch "
        "were held to one thread where nothing is said of default threads; JAX cannot be."
    )
    yield ""
    yield from _table([row for series, outcome in found for row in _rows(series, outcome)], lost)


def section(every: Sequence[Series], not_kept: Sequence[NotKept]) -> Iterator[str]:
    """A list of all series, and the experiments that more than one of them has."""
    if len(every) + len(not_kept) < 2:  # noqa: PLR2004 - nothing stands beside it
        return
    yield "## Every series that was run"
    yield ""
    yield (
        "Intervals are those of one series; what else changes from one hour to the next is not in them "
        "([measuring.md](measuring.md#limits) says what may). Series are not pooled, and seconds of one are "
        "not those of another: start-up and imports, the same work wherever the framework is the same, show "
        "how fast the machine was (CPU time)."
    )
    yield ""
    yield "| series | made by | begun (UTC) | where, how | start-up | experiments | runs | blocks dropped |"
    yield "|--|--|--|--|--|--|--|--|"
    for series in every:
        yield f"| {series.link} | {' | '.join(_about(series))} |"
    yield ""
    if not_kept:
        yield f"Of these only what was written down is known ({_NOT_KEPT}):"
        yield ""
        yield "| experiment | how | blocks | what is known |"
        yield "|--|--|--|--|"
        for each in not_kept:
            blocks = "not known" if each.blocks is None else each.blocks
            yield f"| {each.experiment} | {each.training} | {blocks} | {each.note} |"
        yield ""
    yield from _repeated(every, not_kept)


def _about(series: Series) -> Iterator[str]:
    runs = [run for outcome in series.outcomes for run in outcome.result.runs]
    begin = series.begun
    yield f"`{series.study.command}`"
    yield f"{begin[:10]} {begin[11:16]}"
    yield title(series.study)
    yield series.start_up
    yield str(len(series.outcomes))
    yield str(len(runs))
    yield str(sum(len(outcome.result.dropped_blocks) for outcome in series.outcomes))


# -- experiments that were run more than once ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Row:
    """An arm of an experiment in one series; `where` is what else must be equal to compare two of them."""

    series: str
    experiment: str
    cell: Cell
    where: str
    blocks: int
    arm: str
    change: Interval | None
    p_adjusted: float | None
    verdict: Verdict | None

    @property
    def same(self) -> tuple[str, ...]:
        """Equal in rows whose programs, arguments and conditions are the same."""
        return (self.where, self.cell.training, self.cell.framework, *self.cell.arguments, self.arm)


def _rows(series: Series, outcome: Outcome) -> Iterator[_Row]:
    cell = outcome.measured.cell
    study = series.study
    for arm in outcome.result.fixes:
        comparison = outcome.comparison(arm)
        yield _Row(
            series.link,
            cell.name,
            cell,
            f"{study.device.upper()}, {BACKENDS[study.backend]}",
            len(outcome.result.used_blocks),
            arm.name,
            None if comparison is None else comparison.effect.percent_change,
            None if comparison is None else comparison.p_difference,
            outcome.verdict(arm),
        )


def _repeated(every: Sequence[Series], not_kept: Sequence[NotKept]) -> Iterator[str]:
    """Experiments of the same name and framework that stand in more than one series, but the paper's."""
    rows = [row for series in every for outcome in series.outcomes for row in _rows(series, outcome)]
    paper = [row for row in rows if row.cell.design is Design.PAPER]
    others = [row for row in rows if row.cell.design is not Design.PAPER]
    shown = []
    for name in dict.fromkeys(row.experiment for row in others):
        own = [row for row in others if row.experiment == name]
        if len({row.series for row in own}) > 1 or any(each.experiment == name for each in not_kept):
            shown += own
    lost = [each for each in not_kept if any(row.experiment == each.experiment for row in shown)]
    if shown:
        yield "Experiments that more than one series has, but the paper's design:"
        yield ""
        yield from _table(shown, lost)
    apart = [
        words
        for first, second in itertools.combinations([*paper, *shown], 2)
        for words in _apart(first, second)
    ]
    if apart:
        yield f"With the same programs and arguments, the intervals do not meet for {'; '.join(apart)}."
        yield ""


def _apart(first: _Row, second: _Row) -> Iterator[str]:
    one, other = first.change, second.change
    if first.same != second.same or first.series == second.series or one is None or other is None:
        return
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return
    if one.high < other.low or other.high < one.low:
        yield (
            f"{first.experiment}, `{first.arm}` ({wording.percent(one.estimate)} in {first.series}, "
            f"{wording.percent(other.estimate)} in {second.series})"
        )


def _table(rows: Sequence[_Row], lost: Sequence[NotKept]) -> Iterator[str]:
    yield (
        "| experiment | series | where | how | a fit has | blocks | arm | change of energy | 95 % interval | "
        "p, adjusted | verdict |"
    )
    yield "|--|--|--|--|--|--|--|--|--|--|--|"
    names = dict.fromkeys([row.experiment for row in rows] + [each.experiment for each in lost])
    for name in names:
        for row in rows:
            if row.experiment == name:
                yield f"| {' | '.join(_cells(row))} |"
        for each in lost:
            if each.experiment == name:
                yield f"| {' | '.join(_lost_cells(each))} |"
    yield ""


def _cells(row: _Row) -> Iterator[str]:
    yield row.experiment
    yield row.series
    yield row.where
    yield row.cell.training
    yield wording.plural(row.cell.steps, "step")
    yield str(row.blocks)
    yield row.arm
    yield "" if row.change is None else wording.percent(row.change.estimate)
    yield "" if row.change is None else wording.percent_range(row.change)
    yield wording.p_value(row.p_adjusted)
    yield wording.verdict(row.verdict, headline=True)


def _lost_cells(each: NotKept) -> Iterator[str]:
    unknown = "not known"
    yield each.experiment
    yield _NOT_KEPT
    yield ""
    yield each.training
    yield ""
    yield unknown if each.blocks is None else str(each.blocks)
    yield each.arm
    yield unknown if each.percent_change is None else f"{each.percent_change:+g} %"
    known = each.percent_low is not None and each.percent_high is not None
    yield (
        wording.percent_range(Interval(0.0, each.percent_low, each.percent_high, 0.95)) if known else unknown
    )
    yield ""
    yield unknown if each.verdict is None else each.verdict
