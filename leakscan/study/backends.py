"""What a rebuild costs under each of the frameworks that Keras computes with, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from leakscan.study.costs import Outcome, on_axis
from leakscan.study.grid import BACKENDS, Axis, Design
from leakscan.study.markdown import share_range
from leakscan.study.series import Series
from leakscan.validation import wording
from leakscan.validation.reports.table import amount_range
from leakscan.validation.verdicts import Interval


def section(every: Sequence[Series]) -> Iterator[str]:
    """A table over the series, if rebuilds were measured with more than one."""
    rows = [
        (f"{one.study.device.upper()}, {BACKENDS[one.study.backend]}", outcome, cost, share)
        for one in every
        for outcome, cost, share in _rebuilds(one.outcomes)
    ]
    if len({row[0] for row in rows}) < 2:  # noqa: PLR2004 - nothing to compare
        return
    yield "## Rebuilds, by what Keras computes with"
    yield ""
    yield (
        "TensorFlow traces a new model's functions again and JAX compiles them again; PyTorch, as Keras uses "
        "it, does neither. Where a rebuild costs little, keeping the model saves little. TensorFlow and "
        "PyTorch were held to one thread; JAX takes no notice of the variables that do so."
    )
    yield ""
    yield (
        "| on | how | an iteration has | a rebuild costs | 95 % interval | of the iteration | 95 % interval |"
    )
    yield "|--|--|--|--|--|--|--|"
    for where, outcome, cost, share in rows:
        cell = outcome.measured.cell
        steps = wording.plural(cell.steps, "step")
        yield (
            f"| {where} | {cell.training} | {steps} | "
            f"{wording.amount(cost.estimate, 's')} of {outcome.clock} | {amount_range(cost, 's')} | "
            f"{wording.percent(share.estimate, signed=False)} | {share_range(share)} |"
        )
    yield ""


def _rebuilds(outcomes: Sequence[Outcome]) -> Iterator[tuple[Outcome, Interval, Interval]]:
    """The fits of different length; where there are none, the paper's design."""
    lengths = [(outcome, "hoist", "original") for outcome in on_axis(outcomes, Axis.FIT_LENGTH)]
    paper = [
        (outcome, "baseline", "imr") for outcome in outcomes if outcome.measured.cell.design is Design.PAPER
    ]
    for outcome, fix, original in lengths or paper:
        cost, share = outcome.rebuild(fix, original), outcome.saving(fix, original)
        if cost is not None and share is not None:
            yield outcome, cost, share
