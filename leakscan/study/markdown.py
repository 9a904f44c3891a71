"""The tables of the page: what experiments give, what a rebuild costs, and paired tests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from leakscan.study.costs import Outcome
from leakscan.study.grid import Axis, level
from leakscan.validation import wording
from leakscan.validation.reports.table import amount_range
from leakscan.validation.results import ArmResult, Basis, Metric
from leakscan.validation.verdicts import Interval


def results(outcomes: Sequence[Outcome], axis: Axis | None = None) -> Iterator[str]:
    """Each arm of each experiment with its means, its change of energy and its verdict."""
    first = outcomes[0]
    gpu = "GPU " if first.on_gpu else ""
    yield (
        f"| case | arm | {gpu}energy ({basis(first)}) | CPU time | wall time | peak {gpu}memory | "
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


def basis(outcome: Outcome) -> str:
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


def rebuilds(outcomes: Sequence[Outcome], axis: Axis) -> Iterator[str]:
    """What a rebuild costs in each experiment; nothing where none has the fix that tells it."""
    rows = [
        (level(outcome.measured.cell, axis), cost, share)
        for outcome in outcomes
        if (cost := outcome.rebuild("hoist")) is not None and (share := outcome.saving("hoist")) is not None
    ]
    if not rows:
        return
    yield f"What a rebuild costs, in {outcomes[0].clock} of an iteration after the first (measured):"
    yield ""
    yield "| case | a rebuild costs | 95 % interval | of the iteration | 95 % interval |"
    yield "|--|--|--|--|--|"
    for name, cost, share in rows:
        yield (
            f"| {name} | {wording.amount(cost.estimate, 's')} | {amount_range(cost, 's')} | "
            f"{wording.percent(share.estimate, signed=False)} | {share_range(share)} |"
        )
    yield ""


def share_range(share: Interval) -> str:
    """The bounds of a share in percent, `82.5 to 83.9 %`."""
    if share.low is None or share.high is None:
        return ""
    low, high = (wording.percent(each, signed=False) for each in (share.low, share.high))
    return f"{low.removesuffix(' %')} to {high}"


def paired_tests(outcome: Outcome) -> Iterator[str]:
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
