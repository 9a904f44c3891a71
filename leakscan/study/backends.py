"""What a rebuild costs under each of the frameworks that Keras computes with, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from leakscan.study.costs import Outcome, on_axis
from leakscan.study.data import Study
from leakscan.study.grid import BACKENDS, TENSORFLOW, Axis, Design
from leakscan.validation import wording
from leakscan.validation.reports.table import amount_range
from leakscan.validation.verdicts import Interval


def title(study: Study) -> str:
    """`CPU, Keras on JAX`; without the framework where it is TensorFlow."""
    keras = "" if study.backend == TENSORFLOW else f", Keras on {BACKENDS[study.backend]}"
    return f"{study.device.upper()}{keras}"


def section(studies: Sequence[tuple[Study, Sequence[Outcome]]]) -> Iterator[str]:
    """A table over the studies, if there is more than one with rebuilds."""
    rows = [
        (f"{study.device.upper()}, {BACKENDS[study.backend]}", outcome, cost, share)
        for study, outcomes in studies
        for outcome, cost, share in _rebuilds(outcomes)
    ]
    if len({row[0] for row in rows}) < 2:  # noqa: PLR2004 - nothing to compare
        return
    yield "## Rebuilds, by what Keras computes with"
    yield ""
    yield (
        "TensorFlow traces a new model's functions again and JAX compiles them again; PyTorch, as Keras uses "
        "it, does neither. Where a rebuild costs little, keeping the model saves little."
    )
    yield ""
    yield "| on | an iteration has | a rebuild costs | 95 % interval | of the iteration |"
    yield "|--|--|--|--|--|"
    for where, outcome, cost, share in rows:
        steps = wording.plural(outcome.measured.cell.steps, "step")
        yield (
            f"| {where} | {steps} | {wording.amount(cost.estimate, 's')} of {outcome.clock} | "
            f"{amount_range(cost, 's')} | {wording.percent(share.estimate, signed=False)} |"
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
