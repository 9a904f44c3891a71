"""The runs and the results of a study as CSV, for other programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from leakscan.study.costs import Outcome
from leakscan.validation.reports.csv import render_csv
from leakscan.validation.results import Quantity


def runs_csv(outcomes: Sequence[Outcome]) -> str:
    """All runs of all cells; the columns of the report's CSV after the cell's name."""
    out = io.StringIO()
    width = max(render_csv(outcome.result).partition("\n")[0].count(",") for outcome in outcomes)
    for number, outcome in enumerate(outcomes):
        head, *rows = render_csv(outcome.result).splitlines()
        padding = "," * (width - head.count(","))
        if number == 0:
            longest = max((render_csv(each.result).partition("\n")[0] for each in outcomes), key=len)
            out.write(f"cell,{longest}\n")
        for row in rows:
            out.write(f"{outcome.measured.cell.name},{row}{padding}\n")
    return out.getvalue()


def results_csv(outcomes: Sequence[Outcome]) -> str:
    """A line for each cell, arm and metric."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        "cell program arguments framework arm metric rests_on blocks mean sd percent_change percent_low "
        "percent_high p_adjusted verdict".split()
    )
    for outcome in outcomes:
        cell = outcome.measured.cell
        for arm in outcome.result.arms:
            for quantity in arm.quantities:
                if quantity.device is None or outcome.on_gpu:
                    arguments = " ".join(cell.arguments)
                    writer.writerow(
                        [cell.name, cell.program, arguments, cell.framework, arm.name, *_row(quantity)]
                    )
    return out.getvalue()


def _row(quantity: Quantity) -> Iterator[str]:
    comparison = quantity.comparison
    change = None if comparison is None else comparison.effect.percent_change
    device = "" if quantity.device is None else f"{quantity.device}_"
    yield from (device + quantity.metric.value, quantity.basis.value, str(len(quantity.values)))
    yield from (_number(quantity.mean), _number(quantity.sd))
    yield from (
        _number(None if change is None else value)
        for value in ((change.estimate, change.low, change.high) if change else (None, None, None))
    )
    yield _number(None if comparison is None else comparison.p_difference)
    yield "" if comparison is None else comparison.verdict.value


def _number(value: float | None) -> str:
    """Six digits, which every version of the libraries gives alike; empty for what was not measured."""
    return "" if value is None else f"{value:.6g}"
