"""Shows a program, its findings, its arms and the meters, before anything runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from leakscan.validation.measurements import Source
from leakscan.validation.targets import Target, command_line
from leakscan.validation.variants import Variants
from leakscan.validation.wording import plural

if TYPE_CHECKING:
    from rich.console import Console


def show_findings(target: Target, made: Variants, out: Console) -> None:
    """The program, what was found in it, and what could not be checked."""
    out.print(f"Program: {command_line(target.program)}", style="bold", soft_wrap=True)
    for error in made.errors:
        out.print(f"  {error.path}: {error.message}", soft_wrap=True)
    for item in made.findings:
        start = item.span.start
        out.print(f"  {item.path}:{start.line}:{start.column} {item.code} {item.message}", soft_wrap=True)
    if not made.findings:
        out.print("  no findings")
    for line in target.notebook.left_out if target.notebook is not None else ():
        out.print(f"  left out: {line}", soft_wrap=True)


def show_arms(made: Variants, out: Console, *, diff: bool) -> None:
    """The arms, what each changes, and why strategies do not apply."""
    if not made.fixed:
        for strategy, place, reason in made.refused:
            out.print(f"  not {strategy}: {place}: {reason}", soft_wrap=True)
        return
    out.print("\nArms", style="bold")
    out.print(f"  {made.original.name}")
    for variant in made.fixed:
        lines = [
            line for line in variant.diff.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")
        ]
        added = sum(line[0] == "+" for line in lines)
        left = f"{plural(len(variant.left), 'finding')} left" if variant.left else "no findings left"
        size = f"+{added} -{len(lines) - added} lines, {left}" if variant.diff else "no change"
        kind = "" if variant.applicability is None else f"{variant.applicability.value}; "
        out.print(f"  {variant.name} ({kind}{size})", soft_wrap=True)
        for message in variant.messages:
            out.print(f"    {message}", soft_wrap=True)
        for place, reason in variant.refusals:
            out.print(f"    not at {place}: {reason}", soft_wrap=True)
        if diff:
            out.print("".join(f"    {line}\n" for line in variant.diff.splitlines()), soft_wrap=True)
    names = {variant.name for variant in made.fixed}
    for strategy, place, reason in made.refused:
        if strategy not in names:
            out.print(f"  not {strategy}: {place}: {reason}", soft_wrap=True)
    for strategy, other in made.same:
        out.print(f"  {strategy} gives the same program as {other}")
    for strategy, message in made.advice:
        out.print(f"  by hand: {strategy}: {message}", soft_wrap=True)


def show_meters(sources: Sequence[Source], out: Console) -> None:
    """What the energy of each device rests on."""
    out.print("\nMeters", style="bold")
    for source in sources:
        out.print(f"  {source.device}: {source.provenance.value}: {source.detail}", soft_wrap=True)
    out.print(
        "  CPU seconds, wall time and peak memory of the process tree: measured by the system", soft_wrap=True
    )
