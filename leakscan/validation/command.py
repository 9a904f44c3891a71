"""The command `validate`: findings, arms, meters, an estimate, and with `--measure` the experiment itself."""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import shlex
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from leakscan.errors import EXIT_CLEAN, EXIT_FINDINGS, LeakscanError
from leakscan.terminal import console, is_terminal, write_file
from leakscan.validation import variants as v
from leakscan.validation.experiment import (
    ArmExcluded,
    BlockEnded,
    BlocksPlanned,
    Ending,
    Event,
    Finished,
    Preflight,
    RunBegins,
    RunEnded,
    conduct,
    make_header,
    measure,
    preflight,
)
from leakscan.validation.measurements import Run
from leakscan.validation.meters import CodecarbonMeter, Meter, exclusive, is_physical
from leakscan.validation.plan import Plan
from leakscan.validation.store import Store, open_store

if TYPE_CHECKING:
    from rich.console import Console

    from leakscan.validation.carbon import Carbon
    from leakscan.validation.results import ArmInfo, Result

_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
_MOST_BLOCKS = 30  # what `--runs auto` stops at
_DEFAULT_BLOCKS = 10
_FOREIGN_CPU_LIMIT = 0.20


def seconds(text: str) -> float:
    """The seconds that `90`, `90s`, `10m` or `1.5h` mean. Raises argparse.ArgumentTypeError."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d*)?)\s*(s|m|min|h|)\s*", text)
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no duration; write 90s, 10m or 1h")
    return float(match.group(1)) * _UNITS[match.group(2)]


def blocks(text: str) -> int:
    """The number of blocks; 0 stands for `auto`. Raises argparse.ArgumentTypeError."""
    if text == "auto":
        return 0
    if not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is neither a number of blocks nor auto")
    return int(text)


def percent(text: str) -> float:
    """The fraction that `2` or `2%` means. Raises argparse.ArgumentTypeError."""
    match = re.fullmatch(r"(\d+(?:\.\d*)?)\s*%?", text)
    if match is None or not 0 < float(match.group(1)) < 100:  # noqa: PLR2004
        raise argparse.ArgumentTypeError(f"{text!r} is no percentage between 0 and 100")
    return float(match.group(1)) / 100


def validate(arguments: argparse.Namespace) -> int:
    """Run the command: 0 when the work was done, 1 as `--fail-on` asks. Raises LeakscanError otherwise."""
    out = console(sys.stdout)
    codes = [_validate(target, arguments, out) for target in _targets(arguments)]
    return max(codes, default=EXIT_CLEAN)


def _targets(arguments: argparse.Namespace) -> list[v.Target]:
    rest = [*([arguments.script] if arguments.script is not None else []), *arguments.arguments]
    if arguments.module is not None:
        return [v.module_target(arguments.module, rest)]
    if arguments.command is not None:
        return [v.command_target([*shlex.split(arguments.command), *rest])]
    if arguments.script is None:
        raise LeakscanError("give a script, -m MODULE or --command; see leakscan validate --help")
    if os.path.isdir(arguments.script):
        return v.script_targets(arguments.script, arguments.arguments)
    return [v.script_target(arguments.script, arguments.arguments)]


def _validate(target: v.Target, arguments: argparse.Namespace, out: Console) -> int:
    with tempfile.TemporaryDirectory(prefix="leakscan-arms-") as directory:
        made = v.build(target, directory)
        if arguments.self_test:
            made = replace(made, fixed=(v.again(target, made.original, directory),), refused=(), advice=())
        _show_findings(target, made, out)
        _show_arms(made, out, diff=arguments.diff)
        if not made.fixed:
            out.print("Nothing to compare: no fix applies." if made.findings else "Nothing to fix.")
            return EXIT_CLEAN
        plan = _plan(made, arguments)
        meter = CodecarbonMeter()
        _show_meters(meter, out)
        if arguments.smoke:
            return _smoke(plan, meter, out)
        if not arguments.measure:
            _show_estimate(plan, arguments, out)
            return EXIT_CLEAN
        return _measure(target, made, plan, meter, arguments, out)


# -- before anything runs -----------------------------------------------------------------------------------


def _command_of(target: v.Target) -> str:
    program = target.program
    words = {"script": ["python", program.target], "module": ["python", "-m", program.target]}
    return shlex.join([*words.get(program.kind.value, [program.target]), *program.arguments])


def _show_findings(target: v.Target, made: v.Variants, out: Console) -> None:
    out.print(f"Program: {_command_of(target)}", style="bold", soft_wrap=True)
    for error in made.errors:
        out.print(f"  {error.path}: {error.message}", soft_wrap=True)
    for item in made.findings:
        start = item.span.start
        out.print(f"  {item.path}:{start.line}:{start.column} {item.code} {item.message}", soft_wrap=True)
    if not made.findings:
        out.print("  no findings")


def _show_arms(made: v.Variants, out: Console, *, diff: bool) -> None:
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
        left = f"{len(variant.left)} findings left" if variant.left else "no findings left"
        size = f"+{added} -{len(lines) - added} lines, {left}" if variant.diff else "no change"
        out.print(f"  {variant.name} ({variant.applicability.value}; {size})", soft_wrap=True)
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


def _show_meters(meter: Meter, out: Console) -> None:
    out.print("\nMeters", style="bold")
    for source in meter.describe():
        out.print(f"  {source.device}: {source.provenance.value}: {source.detail}", soft_wrap=True)
    out.print("  CPU seconds, wall time and peak memory of the process tree: measured by the system")


def _show_estimate(plan: Plan, arguments: argparse.Namespace, out: Console) -> None:
    out.print("\nTo measure", style="bold")
    out.print(f"  leakscan validate --measure would run {_amount(plan, arguments)}.", soft_wrap=True)
    out.print(
        "  How long one run takes is known after the warm-ups, or from --smoke; with --budget 10m as many "
        "blocks are run as fit.",
        soft_wrap=True,
    )


def _amount(plan: Plan, arguments: argparse.Namespace) -> str:
    arms = len(plan.arms)
    if arguments.runs == 0:
        return f"the program {arms} times to warm up, then {arms} times in each of 6 to {_MOST_BLOCKS} blocks"
    if plan.budget_seconds is not None:
        return (
            f"the program {arms} times to warm up, then blocks of {arms} runs for {plan.budget_seconds:.0f} s"
        )
    return (
        f"the program {arms * (plan.blocks + 1)} times: {arms} arms, a warm-up of each, {plan.blocks} blocks"
    )


def _plan(made: v.Variants, arguments: argparse.Namespace) -> Plan:
    python = arguments.python or sys.executable
    if not os.path.isfile(python) or not os.access(python, os.X_OK):
        raise LeakscanError(f"--python: {python}: no such program")
    return Plan(
        arms=made.arms,
        python=python,
        blocks=arguments.runs or (_MOST_BLOCKS if arguments.runs == 0 else _DEFAULT_BLOCKS),
        seed=arguments.seed,
        program_seed=arguments.seed,
        cooldown_seconds=arguments.cooldown,
        timeout_seconds=arguments.timeout,
        budget_seconds=arguments.budget,
        foreign_cpu_limit=None if arguments.keep_disturbed else _FOREIGN_CPU_LIMIT,
    )


# -- running ------------------------------------------------------------------------------------------------


def _smoke(plan: Plan, meter: Meter, out: Console) -> int:
    """Run every arm once and say how that went."""
    out.print("\nSmoke runs", style="bold")
    failed = False
    total = 0.0
    with exclusive():
        for arm in plan.arms:
            measured = measure(plan, arm, meter)
            total += measured.process.wall_seconds
            window = measured.body or measured.process
            fault = measured.fault
            broken = fault is not None and fault.cause.is_of_program
            status = (
                "ok"
                if fault is None
                else f"failed: {fault.message}"
                if broken
                else f"ok, but {fault.message}"
            )
            failed = failed or broken
            out.print(f"  {arm.name}: {status}; {window.wall_seconds:.1f} s (measured)", soft_wrap=True)
            if broken:
                tail = measured.execution.error_tail.strip().splitlines()[-5:]
                out.print("".join(f"    {line}\n" for line in tail), soft_wrap=True)
    out.print(f"  {plan.blocks} blocks would take about {_duration(total * (plan.blocks + 1))}")
    return EXIT_FINDINGS if failed else EXIT_CLEAN


def _duration(value: float) -> str:
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _measure(
    target: v.Target, made: v.Variants, plan: Plan, meter: Meter, arguments: argparse.Namespace, out: Console
) -> int:
    from leakscan.validation import results
    from leakscan.validation.reports.terminal import render_terminal

    folder = _folder(target, arguments)
    out.print(f"\nMeasuring: this executes {_amount(plan, arguments)}.", style="bold", soft_wrap=True)
    out.print(
        f"  Every run is kept in {folder}; Ctrl-C shows what there is, --resume goes on.", soft_wrap=True
    )
    path = os.path.join(folder, "runs.jsonl")
    arms = _arm_infos(made)
    go_on = _Looks(plan, meter) if arguments.runs == 0 else None
    with exclusive(), contextlib.closing(_open(path, plan, meter, arguments)) as store:
        ending = _follow(conduct(plan, meter, store, go_on=go_on), out)
        result = results.evaluate(
            store.record,
            arms,
            command=_command_of(target),
            margin=arguments.margin,
            alpha=go_on.alpha if go_on is not None else 0.05,
            carbon=_carbon(arguments),
        )
    out.print()
    render_terminal(result, out)
    _write_reports(result, folder, arguments, out)
    if ending in (Ending.ORIGINAL_FAILS, Ending.NOTHING_TO_COMPARE, Ending.TOO_MANY_DROPPED):
        return 2
    return _verdict_code(result, arguments)


def _folder(target: v.Target, arguments: argparse.Namespace) -> str:
    if arguments.out is not None:
        folder = str(arguments.out)
    else:
        stem = os.path.splitext(os.path.basename(target.program.target))[0].replace(".", "-")
        folder = os.path.join("leakscan-results", stem)
        number = 2
        while not arguments.resume and os.path.exists(os.path.join(folder, "runs.jsonl")):
            folder = os.path.join("leakscan-results", f"{stem}-{number}")
            number += 1
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise LeakscanError(f"{folder}: {error.strerror}; choose another with --out") from error
    return folder


def _open(path: str, plan: Plan, meter: Meter, arguments: argparse.Namespace) -> Store:
    if arguments.resume and not os.path.exists(path):
        raise LeakscanError(f"{path}: nothing to resume; measure without --resume first")
    return open_store(path, make_header(plan, meter), resume=arguments.resume)


def _arm_infos(made: v.Variants) -> tuple[ArmInfo, ...]:
    from leakscan.validation.results import ArmInfo

    return (
        ArmInfo(made.original.name, "", "the program as it is", ""),
        *(
            ArmInfo(item.name, item.diff, "; ".join(item.messages), item.applicability.value)
            for item in made.fixed
        ),
    )


def _carbon(arguments: argparse.Namespace) -> Carbon | None:
    from leakscan.validation import carbon

    if arguments.carbon_intensity is not None:
        return carbon.carbon_from_intensity(arguments.carbon_intensity)
    if arguments.country is not None:
        return carbon.carbon_from_country(arguments.country)
    return None


class _Looks:
    """Asked after each block by `--runs auto`: looks at 6, 10, 15, 20 and 30 blocks, at a lower alpha."""

    def __init__(self, plan: Plan, meter: Meter) -> None:
        from leakscan.validation import statistics

        self._names = [arm.name for arm in plan.arms]
        self._margin = (
            statistics.MARGIN_MEASURED if is_physical(meter.describe()) else statistics.MARGIN_ESTIMATED
        )
        self.alpha = statistics.LOOK_ALPHA

    def __call__(self, runs: Sequence[Run]) -> bool:
        from leakscan.validation import statistics

        by_block: dict[int, dict[str, float]] = {}
        for run in runs:
            joules = run.headline.energy_joules
            if run.counts and run.block is not None and joules is not None:
                by_block.setdefault(run.block, {})[run.arm] = joules
        active = [name for name in self._names if any(name in block for block in by_block.values())]
        complete = [block for block in by_block.values() if all(name in block for name in active)]
        if len(complete) not in statistics.LOOKS or len(active) < 2:  # noqa: PLR2004
            return True
        comparisons = {
            name: statistics.compare(
                [block[active[0]] for block in complete],
                [block[name] for block in complete],
                margin=self._margin,
                alpha=self.alpha,
            )
            for name in active[1:]
        }
        return not statistics.should_stop(statistics.adjust(comparisons).values())


def _follow(events: Iterator[Event], out: Console) -> Ending:
    """Show what happens; return how it ended."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    err = console(sys.stderr)
    ending = Ending.COMPLETE
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[left]}"),
    )
    with Progress(*columns, console=err, disable=not is_terminal(sys.stderr), transient=True) as bar:
        task = bar.add_task("warm-up", total=None, left="")
        for event in events:
            if isinstance(event, Preflight):
                for warning in event.warnings:
                    out.print(f"  warning: {warning}", soft_wrap=True)
            elif isinstance(event, RunBegins):
                what = "warm-up" if event.block is None else f"block {event.block + 1}"
                left = "" if event.remaining_seconds is None else f"{_duration(event.remaining_seconds)} left"
                bar.update(task, description=f"{what}: {event.arm}", left=left)
            elif isinstance(event, RunEnded):
                fault = event.run.fault
                if fault is not None:
                    err.print(f"  {event.run.arm}: {fault.message}", soft_wrap=True)
            elif isinstance(event, ArmExcluded):
                out.print(f"  {event.arm} is invalid: {event.fault.message}", soft_wrap=True)
            elif isinstance(event, BlocksPlanned):
                bar.update(task, total=event.blocks, completed=0)
                err.print(f"  {event.blocks} blocks, about {_duration(event.seconds)}")
            elif isinstance(event, BlockEnded):
                bar.update(task, completed=event.complete, total=event.target)
                if event.fault is not None:
                    err.print(f"  block {event.block + 1} is dropped: {event.fault.message}", soft_wrap=True)
            elif isinstance(event, Finished):
                ending = event.ending
                out.print(f"  {event.message}", soft_wrap=True)
    return ending


def _write_reports(result: Result, folder: str, arguments: argparse.Namespace, out: Console) -> None:
    from leakscan.validation.reports.csv import render_csv
    from leakscan.validation.reports.html import render_html
    from leakscan.validation.reports.json import render_json

    paths = {
        arguments.json or os.path.join(folder, "report.json"): render_json,
        arguments.csv or os.path.join(folder, "runs.csv"): render_csv,
        arguments.html or os.path.join(folder, "report.html"): render_html,
    }
    for path, render in paths.items():
        write_file(path, render(result))
    out.print(f"\nReports: {', '.join(paths)}", soft_wrap=True)


def _verdict_code(result: Result, arguments: argparse.Namespace) -> int:
    wanted = set((arguments.fail_on or "").split(",")) - {""}
    verdicts = {arm.verdict.value for arm in result.fixes if arm.verdict is not None}
    if ("worse" in wanted and "more" in verdicts) or ("invalid" in wanted and "invalid" in verdicts):
        return EXIT_FINDINGS
    if arguments.self_test and verdicts & {"less", "more"}:
        return EXIT_FINDINGS
    return EXIT_CLEAN


def report(arguments: argparse.Namespace) -> int:
    """Render the report of a finished experiment again, from its JSON."""
    from leakscan.validation import results
    from leakscan.validation.reports.csv import render_csv
    from leakscan.validation.reports.html import render_html
    from leakscan.validation.reports.json import render_json
    from leakscan.validation.reports.terminal import render_terminal

    result = results.load(arguments.file)
    written = False
    for path, render in (
        (arguments.html, render_html),
        (arguments.csv, render_csv),
        (arguments.json, render_json),
    ):
        if path is not None:
            write_file(path, render(result))
            written = True
    if not written:
        render_terminal(result, console(sys.stdout))
    return EXIT_CLEAN


__all__ = ["blocks", "percent", "preflight", "report", "seconds", "validate"]
