"""Shows what happens in an experiment while it happens."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from leakscan.cli.terminal import console, is_terminal
from leakscan.validation import forecast, wording
from leakscan.validation.events import (
    ArmExcluded,
    BlockEnded,
    BlocksPlanned,
    Ending,
    Event,
    Finished,
    NoiseMeasured,
    Preflight,
    RunBegins,
    RunEnded,
)
from leakscan.validation.patience import Quiet, Waiting
from leakscan.validation.wording import duration

if TYPE_CHECKING:
    from rich.console import Console

_TRACEBACK_LINES = 12
_MISSING = re.compile(r"ModuleNotFoundError: No module named '(tensorflow|tf_keras|keras|jax|torch|numpy)\b")


def show_failure(error_tail: str, python: str, out: Console) -> None:
    """The end of what a failed program wrote to its standard error, and what helps where that is known."""
    for line in error_tail.strip().splitlines()[-_TRACEBACK_LINES:]:
        out.print(f"    {line}", soft_wrap=True)
    missing = _MISSING.search(error_tail)
    if missing is not None:
        out.print(
            f"  {python} has no {missing.group(1)}: --python PATH names the interpreter of the program",
            soft_wrap=True,
        )


def follow(
    events: Iterator[Event], out: Console, *, fixes: int | None = None, python: str = sys.executable
) -> Ending:
    """Show what happens; return how it ended.

    `fixes` is how many are compared with the original, `python` the interpreter of the programs.
    """
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    err = console(sys.stderr)
    # In a terminal the bar is drawn on standard error: what is printed past it would land in its line.
    out = err if is_terminal(sys.stderr) and is_terminal(sys.stdout) else out
    ending = Ending.COMPLETE
    told_time = False
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[left]}"),
    )
    with Progress(*columns, console=err, disable=not is_terminal(sys.stderr), transient=True) as bar:
        task = bar.add_task("warm-up", total=None, left="")
        try:
            for event in events:
                _announce(event, out, err)
                if isinstance(event, ArmExcluded) and event.error_tail:
                    show_failure(event.error_tail, python, out)
                if isinstance(event, RunBegins):
                    seconds = event.remaining_seconds
                    what = "warm-up" if event.block is None else f"block {event.block + 1}"
                    left = "" if seconds is None else f"{duration(seconds)} left"
                    bar.update(task, description=f"{what}: {event.arm}", left=left)
                    if seconds is not None and event.block is None and not told_time:
                        told_time = True
                        out.print(f"  Judging by the first run it takes about {duration(seconds)} more.")
                elif isinstance(event, BlocksPlanned):
                    bar.update(task, total=event.blocks, completed=0)
                    if fixes is not None:
                        out.print(f"  {forecast.smallest_change(event.blocks, fixes)}", soft_wrap=True)
                elif isinstance(event, BlockEnded):
                    bar.update(task, completed=event.complete, total=event.target)
                elif isinstance(event, Finished):
                    ending = event.ending
        except KeyboardInterrupt:
            # While an event was shown; within a run the experiment itself sees it.
            ending = Ending.INTERRUPTED
            out.print("  stopped; what was finished is kept and can be resumed", soft_wrap=True)
    return ending


def _announce(event: Event, out: Console, err: Console) -> None:
    """Say what happened, where that is worth a line."""
    if isinstance(event, Preflight):
        for warning in event.warnings:
            out.print(f"  warning: {warning}", soft_wrap=True)
    elif isinstance(event, RunEnded) and event.run.fault is not None:
        err.print(f"  {event.run.arm}: {event.run.fault.message}", soft_wrap=True)
    elif isinstance(event, ArmExcluded):
        out.print(f"  {event.arm} is invalid: {event.fault.message}", soft_wrap=True)
    elif isinstance(event, NoiseMeasured):
        out.print(f"  {forecast.after_noise(event.noise, event.blocks)}", soft_wrap=True)
    elif isinstance(event, Waiting):
        who = f": {words}" if (words := event.observation.in_words()) else ""
        out.print(
            f"  waiting for quiet, at most {duration(event.limit_seconds)} (--wait){who}; --keep-disturbed "
            "measures beside it",
            soft_wrap=True,
        )
    elif isinstance(event, Quiet):
        out.print(f"  quiet after {duration(event.waited_seconds)}")
    elif isinstance(event, BlocksPlanned):
        out.print(f"  {wording.plural(event.blocks, 'block')}, about {duration(event.seconds)} more")
        if event.remedy is not None:
            out.print(f"  warning: {event.remedy}", soft_wrap=True)
    elif isinstance(event, BlockEnded) and event.fault is not None:
        err.print(f"  block {event.block + 1} is dropped: {event.fault.message}", soft_wrap=True)
    elif isinstance(event, Finished):
        out.print(f"  {event.message}", soft_wrap=True)
