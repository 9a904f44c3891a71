"""Two results beside each other, as text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leakscan.reporters.text import clean
from leakscan.validation import wording
from leakscan.validation.beside import Beside, Pair
from leakscan.validation.reports.table import amount_range
from leakscan.validation.verdicts import Interval, Verdict

if TYPE_CHECKING:
    from rich.console import Console


@dataclass(frozen=True, slots=True)
class Row:
    """A metric of an arm.

    `cells` are: mean of the first result, of the second, second over first, the changes that either has from
    its original, and the second change over the first one.
    """

    metric: str
    arm: str
    cells: tuple[str, str, str, str, str, str]


def rows(found: Beside) -> Iterator[Row]:
    """The metrics in the order of the first result, with the arms of each."""
    before = None
    for pair in found.pairs:
        label = pair.metric.label if pair.device is None else f"{pair.device.upper()} {pair.metric.label}"
        yield Row("" if label == before else label, pair.arm + _invalid(found, pair.arm), _cells(pair))
        before = label


def _invalid(found: Beside, name: str) -> str:
    """A word beside the name of an arm that does not count in one of the results."""
    places = [
        place
        for place, result in (("first", found.first), ("second", found.second))
        if any(arm.name == name and arm.verdict is Verdict.INVALID for arm in result.arms)
    ]
    return f" (invalid in the {' and the '.join(places)})" if places else ""


def _cells(pair: Pair) -> tuple[str, str, str, str, str, str]:
    return (
        _mean(pair, pair.first),
        _mean(pair, pair.second),
        _ratio(pair.ratio),
        _percent(pair.first_change),
        _percent(pair.second_change),
        _ratio(pair.changes),
    )


def _mean(pair: Pair, interval: Interval) -> str:
    unit = pair.metric.unit
    bounds = amount_range(interval, unit)
    return wording.amount(interval.estimate, unit) + (f" ({bounds})" if bounds else "")


def _ratio(interval: Interval | None) -> str:
    if interval is None:
        return ""
    text = f"{interval.estimate:.3f}"
    if interval.low is None or interval.high is None:
        return text
    return f"{text} ({interval.low:.3f} to {interval.high:.3f})"


def _percent(interval: Interval | None) -> str:
    if interval is None:
        return ""
    bounds = wording.percent_range(interval)
    return wording.percent(interval.estimate) + (f" ({bounds})" if bounds else "")


def differences(found: Beside) -> list[str]:
    """What is not the same, a line each; one line where all is."""
    lines = [f"{each.name}: {each.first} and {each.second}" for each in found.differences]
    return [*lines, *found.missing] or ["nothing that is known of"]


def note(found: Beside) -> str:
    """What the numbers are, and what they do not say."""
    same = (
        ""
        if not found.differences
        else " Whatever differs above is in each of them; which of it matters is not tested."
    )
    return (
        "Intervals are at 95 %. The two series are independent: second over first is the ratio of geometric "
        "means with Welch's interval of the logarithms, and the last column the same of the changes from the "
        f"original.{same}"
    )


def render_beside_terminal(found: Beside, console: Console) -> None:
    """Print it: what differs, then each arm in each metric, then the verdict of each result."""
    from rich.text import Text

    console.print(Text("What differs between the two:", "bold"))
    for line in differences(found):
        console.print(Text(clean(f"- {line}")))
    console.print()
    names = (
        "first",
        "second",
        "second over first",
        "change, first",
        "change, second",
        "second change over first",
    )
    for row in rows(found):
        if row.metric:
            console.print(Text(clean(row.metric), "bold"))
        console.print(Text(clean(f"  {row.arm}")))
        for name, cell in zip(names, row.cells, strict=True):
            if cell:
                console.print(Text(f"    {name + ':':<25} {cell}"))
    console.print()
    for name, path, result in (
        ("first", found.first_name, found.first),
        ("second", found.second_name, found.second),
    ):
        console.print(Text(clean(f"{name} ({path}): {result.verdict}"), "bold"))
        for line in result.reservations:
            console.print(Text(clean(f"But: {line}"), "yellow"))
    console.print()
    console.print(Text(note(found), "dim"))
