"""The command `validate`: findings, arms, meters, an estimate, and with `--measure` the experiment itself."""

from __future__ import annotations

import argparse
import contextlib
import math
import os
import re
import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from leakscan.errors import EXIT_CLEAN, EXIT_ERROR, EXIT_FINDINGS, EXIT_INTERRUPTED, LeakscanError
from leakscan.terminal import console, is_terminal, write_file
from leakscan.validation import store as runs_on_disk
from leakscan.validation import variants as v
from leakscan.validation import verdicts
from leakscan.validation.agreement import compare_outputs
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
from leakscan.validation.measurements import Output, Run
from leakscan.validation.meters import CodecarbonMeter, Meter, exclusive, is_physical
from leakscan.validation.plan import FOREIGN_CPU_LIMIT, Plan, progress
from leakscan.validation.store import Store, open_store
from leakscan.validation.supervisor import ProgramKind

if TYPE_CHECKING:
    from rich.console import Console

    from leakscan.validation.carbon import Carbon
    from leakscan.validation.results import ArmInfo, Result

_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
_MOST_BLOCKS = 30  # what `--runs auto` stops at
_DEFAULT_BLOCKS = 10
_IDLE_SECONDS = 10.0
_REASONS_TO_FAIL = ("worse", "invalid")
_RESULTS = "leakscan-results"
_EXAMPLE_SECONDS = (10, 60)  # of a run, for an estimate where nothing is known
_EXAMPLE_SPREADS = (0.01, 0.03)  # of runs, as a fraction: a quiet machine, a busy one


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


def reasons_to_fail(text: str) -> frozenset[str]:
    """What `worse`, `invalid` or both, with a comma between, mean. Raises argparse.ArgumentTypeError."""
    words = frozenset(word.strip() for word in text.split(","))
    unknown = sorted(words - set(_REASONS_TO_FAIL))
    if unknown:
        raise argparse.ArgumentTypeError(f"{unknown[0]!r} is neither worse nor invalid")
    return words


def validate(arguments: argparse.Namespace) -> int:
    """Run the command: 0 when the work was done, 1 as `--fail-on` asks, 130 after Ctrl-C.

    Raises LeakscanError when it could not be done; of a directory's programs the others are done first.
    """
    out = console(sys.stdout)
    # All that can be wrong with the options is said before anything runs.
    arguments.measure = arguments.measure or (
        (arguments.self_test or arguments.resume) and not arguments.smoke
    )
    arguments.carbon = _carbon(arguments)
    targets = _targets(arguments)
    _require_place_for_reports(arguments, len(targets))
    worst = EXIT_CLEAN
    for target in targets:
        try:
            code = _validate(target, arguments, out)
        except LeakscanError as error:
            if len(targets) == 1:
                raise
            console(sys.stderr).print(f"error: {error}", soft_wrap=True, markup=False)
            code = error.exit_code
        if code == EXIT_INTERRUPTED:
            return code
        worst = max(worst, code)
    return worst


def _require_place_for_reports(arguments: argparse.Namespace, targets: int) -> None:
    for name in ("html", "json", "csv"):
        if getattr(arguments, name) is None:
            continue
        if not arguments.measure:
            raise LeakscanError(f"--{name} needs --measure: without it there is no report")
        if targets > 1:
            raise LeakscanError(f"--{name} is for one program; of a directory's, each has a folder in --out")


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
        python = _python(arguments)
        meter = CodecarbonMeter()
        plan = _plan(made, python, meter, arguments)
        _show_meters(meter, out)
        if arguments.smoke:
            return _smoke(plan, meter, out)
        if not arguments.measure:
            _show_estimate(target, plan, arguments, out)
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
    out.print(
        "  CPU seconds, wall time and peak memory of the process tree: measured by the system", soft_wrap=True
    )


def _show_estimate(target: v.Target, plan: Plan, arguments: argparse.Namespace, out: Console) -> None:
    out.print("\nTo measure", style="bold")
    out.print(f"  leakscan validate --measure would run {_amount(plan, arguments)}.", soft_wrap=True)
    out.print(f"  {_time_estimate(target, plan, arguments)}", soft_wrap=True)
    for note in _notes_on_blocks(plan, arguments):
        out.print(f"  {note}", soft_wrap=True)


def _time_estimate(target: v.Target, plan: Plan, arguments: argparse.Namespace) -> str:
    """How long measuring will take, judging by earlier runs of this program; without any, by examples."""
    if plan.budget_seconds is not None:
        return f"It takes about {duration(plan.budget_seconds)}: as many blocks as fit."
    rest = plan.cooldown_seconds * len(plan.arms)
    earlier = _earlier_seconds(target, plan, arguments)
    if earlier is not None:
        seconds = (earlier + rest) * (plan.blocks + 1)
        return f"It takes about {duration(seconds)}, judging by earlier runs of the program."
    examples = " and ".join(
        f"about {duration((each * len(plan.arms) + rest) * (plan.blocks + 1))} if a run takes {each} s"
        for each in _EXAMPLE_SECONDS
    )
    return f"It takes {examples}; --smoke runs each arm once and tells, --budget 10m runs what fits."


def _earlier_seconds(target: v.Target, plan: Plan, arguments: argparse.Namespace) -> float | None:
    """The seconds that all arms took once, by the latest file of runs of the same arms; None without one."""
    for folder in reversed(_numbered(_first_folder(target, arguments))):
        with contextlib.suppress(LeakscanError):
            record = runs_on_disk.load(os.path.join(folder, "runs.jsonl"))
            same = all(record.header.identity.get(key) == plan.identity[key] for key in ("arms", "python"))
            walls = [
                [run.process.wall_seconds for run in record.runs if run.arm == arm.name] for arm in plan.arms
            ]
            if same and all(walls):
                return math.fsum(math.fsum(each) / len(each) for each in walls)
    return None


def _notes_on_blocks(plan: Plan, arguments: argparse.Namespace) -> Iterator[str]:

    if plan.budget_seconds is None and plan.blocks < verdicts.MINIMUM_BLOCKS:
        yield f"Fewer than {verdicts.MINIMUM_BLOCKS} blocks give no verdict."
    if arguments.cooldown and not plan.cooldown_seconds:
        yield "No rest between runs: it changes nothing where no counter or sensor measures."


def _smallest_change(blocks: int, fixes: int) -> str:
    """What so many blocks can show, in words."""
    from leakscan.validation.statistics import smallest_detectable_change

    if blocks < verdicts.MINIMUM_BLOCKS:
        return f"fewer than {verdicts.MINIMUM_BLOCKS} blocks give no verdict"
    # A run's spread counts twice in a ratio; with several fixes Holm's method begins at this level.
    words = ", ".join(
        f"{100 * found:.1f} % where runs vary by {100 * spread:.0f} %"
        for spread in _EXAMPLE_SPREADS
        if (found := smallest_detectable_change(blocks, math.sqrt(2) * spread, 0.05 / fixes)) is not None
    )
    return f"the smallest saving that they show four times in five: {words}"


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


def _python(arguments: argparse.Namespace) -> str:
    """The absolute path of the arms' interpreter, since they run in other folders.

    Links are not resolved: the one of a virtual environment is what makes it that environment.
    """
    if arguments.python is None:
        return sys.executable
    found: str | None = shutil.which(arguments.python)
    if found is None:
        raise LeakscanError(f"--python: {arguments.python}: no such program")
    return os.path.abspath(found)


def _plan(made: v.Variants, python: str, meter: Meter, arguments: argparse.Namespace) -> Plan:
    physical = is_physical(meter.describe())
    return Plan(
        arms=made.arms,
        python=python,
        blocks=arguments.runs or (_MOST_BLOCKS if arguments.runs == 0 else _DEFAULT_BLOCKS),
        seed=arguments.seed,
        program_seed=arguments.seed,
        # Neither happens without a counter or sensor, so neither is taken off a budget.
        cooldown_seconds=arguments.cooldown if physical else 0.0,
        idle_seconds=_IDLE_SECONDS if physical else 0.0,
        timeout_seconds=arguments.timeout,
        budget_seconds=arguments.budget,
        foreign_cpu_limit=None if arguments.keep_disturbed else FOREIGN_CPU_LIMIT,
    )


# -- running ------------------------------------------------------------------------------------------------


def _smoke(plan: Plan, meter: Meter, out: Console) -> int:
    """Run every arm once and say how that went."""
    out.print("\nSmoke runs", style="bold")
    failed = False
    total = 0.0
    originals: list[Output] = []
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
            originals = originals or [measured.execution.output]
            different = compare_outputs(originals, measured.execution.output, plan.tolerance).disagreement
            if different is not None and not broken:
                out.print(f"    {different}; the same program may vary from run to run", soft_wrap=True)
            if broken:
                tail = measured.execution.error_tail.strip().splitlines()[-5:]
                out.print("".join(f"    {line}\n" for line in tail), soft_wrap=True)
    count = int(plan.budget_seconds / total) - 1 if plan.budget_seconds is not None else plan.blocks
    rest = plan.cooldown_seconds * len(plan.arms)
    out.print(f"  {max(1, count)} blocks would take about {duration((total + rest) * (max(1, count) + 1))}")
    return EXIT_FINDINGS if failed else EXIT_CLEAN


def duration(value: float) -> str:
    """Seconds in words: `1 min 5 s`."""
    minutes, rest = divmod(round(value), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _measure(
    target: v.Target, made: v.Variants, plan: Plan, meter: Meter, arguments: argparse.Namespace, out: Console
) -> int:
    from leakscan.validation.evaluation import evaluate
    from leakscan.validation.reports.terminal import render_terminal

    folder = _folder(target, arguments)
    out.print(f"\nMeasuring: this executes {_amount(plan, arguments)}.", style="bold", soft_wrap=True)
    out.print(f"  {_time_estimate(target, plan, arguments)}", soft_wrap=True)
    out.print(
        f"  Every run is kept in {folder}; Ctrl-C shows what there is, --resume goes on.", soft_wrap=True
    )
    for note in _notes_on_blocks(plan, arguments):
        out.print(f"  {note}", soft_wrap=True)
    path = os.path.join(folder, "runs.jsonl")
    arms = _arm_infos(made)
    go_on = _Looks(plan, meter, arguments.margin) if arguments.runs == 0 else None
    with exclusive(), contextlib.closing(_open(path, plan, meter, arguments)) as store:
        ending = follow(conduct(plan, meter, store, go_on=go_on), out, fixes=len(made.fixed))
        result = evaluate(
            store.record,
            arms,
            command=_command_of(target),
            margin=arguments.margin,
            alpha=go_on.alpha if go_on is not None else 0.05,
            carbon=arguments.carbon,
        )
    out.print()
    render_terminal(result, out)
    _write_reports(result, folder, arguments, out)
    if ending is Ending.INTERRUPTED:
        return EXIT_INTERRUPTED
    if ending in (Ending.ORIGINAL_FAILS, Ending.NOTHING_TO_COMPARE, Ending.TOO_MANY_DROPPED):
        return EXIT_ERROR
    return _verdict_code(result, arguments)


def _first_folder(target: v.Target, arguments: argparse.Namespace) -> str:
    """Where runs and reports of a program go if nothing is there yet."""
    program = target.program
    name = program.target if program.kind is ProgramKind.MODULE else os.path.splitext(program.target)[0]
    if arguments.script is not None and os.path.isdir(arguments.script):
        # Programs of one directory may have one name in different folders.
        name = name.strip("./").replace(os.sep, "-")
        return os.path.join(arguments.out or _RESULTS, name.replace(".", "-"))
    if arguments.out is not None:
        return str(arguments.out)
    return os.path.join(_RESULTS, os.path.basename(name).replace(".", "-"))


def _numbered(first: str) -> list[str]:
    """The folders of earlier measurements, the latest last: NAME, NAME-2, ..."""
    found: list[str] = []
    while os.path.exists(os.path.join(folder := _next(first, len(found)), "runs.jsonl")):
        found.append(folder)
    return found


def _next(first: str, count: int) -> str:
    return f"{first}-{count + 1}" if count else first


def _folder(target: v.Target, arguments: argparse.Namespace) -> str:
    folder = _first_folder(target, arguments)
    if arguments.out is None:
        # An earlier measurement is not overwritten; the latest one is what is resumed.
        earlier = _numbered(folder)
        folder = earlier[-1] if arguments.resume and earlier else _next(folder, len(earlier))
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

    def __init__(self, plan: Plan, meter: Meter, margin: float | None) -> None:
        from leakscan.validation.series import default_margin

        self._plan = plan
        self._margin = default_margin(meter.describe()) if margin is None else margin
        self.alpha = verdicts.LOOK_ALPHA

    def __call__(self, runs: Sequence[Run]) -> bool:
        from leakscan.validation import statistics

        state = progress(self._plan, runs)
        original, *fixes = [arm.name for arm in self._plan.arms if arm.name not in state.excluded]
        joules = {(run.arm, run.block): run.headline.energy_joules for run in runs}
        values = {
            name: [joules.get((name, block)) for block in state.complete] for name in (original, *fixes)
        }
        known = {
            name: [each for each in column if each is not None and each > 0]
            for name, column in values.items()
        }
        count = len(state.complete)
        if count not in verdicts.LOOKS or any(len(column) < count for column in known.values()):
            return True
        comparisons = {
            name: statistics.compare(known[original], known[name], margin=self._margin, alpha=self.alpha)
            for name in fixes
        }
        return not statistics.should_stop(statistics.adjust(comparisons).values())


def follow(events: Iterator[Event], out: Console, *, fixes: int | None = None) -> Ending:
    """Show what happens; return how it ended. `fixes` is how many are compared with the original."""
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
                        out.print(f"  {_smallest_change(event.blocks, fixes)}", soft_wrap=True)
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
    elif isinstance(event, BlocksPlanned):
        out.print(f"  {event.blocks} blocks, about {duration(event.seconds)} more")
    elif isinstance(event, BlockEnded) and event.fault is not None:
        err.print(f"  block {event.block + 1} is dropped: {event.fault.message}", soft_wrap=True)
    elif isinstance(event, Finished):
        out.print(f"  {event.message}", soft_wrap=True)


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
    wanted = arguments.fail_on or frozenset()
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


__all__ = ["blocks", "percent", "preflight", "reasons_to_fail", "report", "seconds", "validate"]
