"""A result for people at a terminal: one table, a verdict, a recommendation, and what is not shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from leakscan.reporters.text import clean
from leakscan.validation.reports.table import Group, facts, groups
from leakscan.validation.results import Result
from leakscan.validation.verdicts import Verdict

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

_WIDE = 96  # columns from which on what a number rests on has a column of its own
_STYLES = {
    Verdict.LESS: "green",
    Verdict.MORE: "red",
    Verdict.EQUIVALENT: "cyan",
    Verdict.INCONCLUSIVE: "yellow",
    Verdict.INVALID: "bold red",
    None: "",
}


def render_terminal(result: Result, console: Console) -> None:
    """Print the report, laid out for 80 columns and more; the text is the same with and without colours."""
    from rich.table import Table
    from rich.text import Text

    wide = console.width >= _WIDE
    if result.banner is not None:
        console.print(Text(clean(result.banner), "yellow"), "")
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for name in ("metric", "rests on", "arm") if wide else ("metric", "arm"):
        table.add_column(Text(name, "bold"), overflow="fold")
    for name in ("mean", "change", "95 % interval"):
        table.add_column(Text(name, "bold"), justify="right", no_wrap=True)
    table.add_column(Text("verdict", "bold"), overflow="fold")
    for group in groups(result):
        for row, lead in zip(group.rows, _leads(group, wide=wide), strict=True):
            cells = [Text(clean(row.arm)), Text(row.mean), Text(row.change), Text(row.interval)]
            table.add_row(*lead, *cells, Text(row.verdict, _STYLES[row.kind]))
    console.print(table, "")
    for line in facts(result):
        console.print(Text(clean(line)))
    for line in result.warnings:
        console.print(Text(clean(f"warning: {line}"), "yellow"))
    console.print("", Text(clean(result.verdict), "bold"), sep="\n")
    for line in result.reservations:
        console.print(Text(clean(f"But: {line}"), "yellow"))
    console.print(Text(clean(result.recommendation), "bold"), "", sep="\n")
    console.print(Text("What this does not show:"))
    for limit in result.limits:
        console.print(Text(clean(f"- {limit}"), "dim"))


def _leads(group: Group, *, wide: bool) -> Iterator[list[Text]]:
    """The first cells of each row: the metric, and what it rests on beside or below it."""
    from rich.text import Text

    for number in range(len(group.rows)):
        if wide:
            yield [Text(group.label), Text(group.basis, "dim")] if number == 0 else [Text(""), Text("")]
        elif number == 0:
            alone = f", {group.basis}" if len(group.rows) == 1 else ""
            yield [Text(group.label + alone)]
        else:
            yield [Text(f"  {group.basis}" if number == 1 else "", "dim")]
