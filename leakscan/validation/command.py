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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from leakscan.config import did_you_mean
from leakscan.errors import EXIT_CLEAN, EXIT_ERROR, EXIT_FINDINGS, EXIT_INTERRUPTED, LeakscanError
from leakscan.terminal import console, is_terminal, write_file
from leakscan.validation import store as runs_on_disk
from leakscan.validation import targets as t
from leakscan.validation import verdicts, wording
from leakscan.validation.against import hold_against
from leakscan.validation.agreement import compare_outputs
from leakscan.validation.counted import Choice, count_loops, parse_choice
from leakscan.validation.experiment import (
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
    conduct,
    make_header,
    measure,
    preflight,
    require_untouched,
)
from leakscan.validation.interpreter import probe, variables
from leakscan.validation.measurements import Output, Run, Source
from leakscan.validation.meters import CodecarbonMeter, Meter, exclusive, is_physical, probe_sources
from leakscan.validation.patience import Quiet, Waiting, Watch
from leakscan.validation.plan import FOREIGN_CPU_LIMIT, Arm, Plan, never_entered, progress
from leakscan.validation.setting import describe_setting
from leakscan.validation.store import Store, open_store
from leakscan.validation.supervisor import ProgramKind
from leakscan.validation.trees import digest, manifest
from leakscan.validation.variants import ORIGINAL, Making, Variants
from leakscan.validation.wording import plural
from leakscan.validation.workspaces import Isolation, Workspaces

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
_RUNS = "runs.jsonl"
_TRACEBACK_LINES = 12
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


def passes(text: str) -> int:
    """The number of passes after which a run ends. Raises argparse.ArgumentTypeError below 2."""
    if not text.isdigit() or int(text) < 2:  # noqa: PLR2004
        raise argparse.ArgumentTypeError(
            f"{text!r} is no number of passes from 2 on; the first pass stands apart, the others are compared"
        )
    return int(text)


def loop(text: str) -> Choice:
    """The loop that `12` or `train.py:12` mean. Raises argparse.ArgumentTypeError."""
    try:
        return parse_choice(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def reasons_to_fail(text: str) -> frozenset[str]:
    """What `worse`, `invalid` or both, with a comma between, mean. Raises argparse.ArgumentTypeError."""
    words = frozenset(word.strip() for word in text.split(","))
    unknown = sorted(words - set(_REASONS_TO_FAIL))
    if unknown:
        raise argparse.ArgumentTypeError(f"{unknown[0]!r} is neither worse nor invalid")
    return words


def _require_sense(arguments: argparse.Namespace) -> None:
    is_cut = arguments.iterations is not None or arguments.until is not None
    if arguments.loop is not None and not is_cut:
        raise LeakscanError("--loop chooses where runs end: give --iterations N or --until TIME with it")
    if is_cut and arguments.command is not None:
        raise LeakscanError("--iterations and --until need a Python script or -m MODULE, not --command")


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
    _require_sense(arguments)
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
    for name in ("html", "json", "csv", "markdown"):
        if getattr(arguments, name) is None:
            continue
        if not arguments.measure:
            raise LeakscanError(f"--{name} needs --measure: without it there is no report")
        if targets > 1:
            raise LeakscanError(f"--{name} is for one program; of a directory's, each has a folder in --out")


def _targets(arguments: argparse.Namespace) -> list[t.Target]:
    rest = [*([arguments.script] if arguments.script is not None else []), *arguments.arguments]
    if arguments.module is not None:
        return [t.module_target(arguments.module, rest)]
    if arguments.command is not None:
        return [t.command_target([*shlex.split(arguments.command), *rest])]
    if arguments.script is None:
        raise LeakscanError("give a script, -m MODULE or --command; see leakscan validate --help")
    if os.path.isdir(arguments.script):
        return t.script_targets(arguments.script, arguments.arguments)
    return [t.script_target(arguments.script, arguments.arguments)]


def _validate(target: t.Target, arguments: argparse.Namespace, out: Console) -> int:
    made = _variants(target, arguments)
    _show_findings(target, made, out)
    _show_arms(made, out, diff=arguments.diff)
    if not made.fixed:
        out.print("Nothing to compare: no fix applies." if made.findings else "Nothing to fix.")
        return EXIT_CLEAN
    python = _python(arguments)
    if not arguments.smoke and not arguments.measure:
        sources = probe_sources()
        _show_meters(sources, out)
        _show_estimate(target, _plan(made, python, sources, arguments), arguments, out)
        return EXIT_CLEAN
    interpreter = probe(python)
    folder = _folder(target, arguments) if arguments.measure else ""
    meter = CodecarbonMeter()
    plan = _plan(made, python, meter.describe(), arguments)
    _show_meters(meter.describe(), out)
    reports = [arguments.html, arguments.json, arguments.csv, arguments.markdown]
    results = [arguments.out or _RESULTS, *(path for path in (folder, *reports) if path)]
    with exclusive(), Workspaces(made.trees, Isolation(arguments.isolation), results) as places:
        for note in places.notes:
            out.print(f"  note: {note}", soft_wrap=True)
        if arguments.smoke:
            return _smoke(plan, meter, places, out)
        _make_folder(folder)
        conditions = {"packages": dict(interpreter.packages), "variables": variables()}
        words = [*arguments.words, *(["--", *arguments.arguments] if arguments.arguments else [])]
        tree = _manifest(places)
        setting = describe_setting(words, target.root, interpreter, variables(), digest(tree))
        header = make_header(plan, meter, tree=tree, conditions=conditions, setting=setting)
        path = os.path.join(folder, _RUNS)
        with contextlib.closing(open_store(path, header, resume=arguments.resume)) as store:
            return _measure(_Session(target, made, plan, meter, places, store), arguments, out)


def _variants(target: t.Target, arguments: argparse.Namespace) -> Variants:
    """The arms that were asked for: all fixes, the programs of `--against`, or those that `--arms` names."""
    making = Making(target)
    if arguments.iterations is not None or arguments.until is not None:
        making.arm = replace(
            making.arm, loops=count_loops(making.arm.loops, target, making.texts, arguments.loop)
        )
        if arguments.until is None and not any(loop.is_counted for loop in making.arm.loops):
            raise LeakscanError(
                "--iterations: no loop is flagged here; choose one with --loop [FILE:]LINE, or a time with "
                "--until"
            )
    if arguments.self_test:
        return replace(making.original(), fixed=(making.again(),), refused=(), advice=())
    wanted = _names(arguments.arms)
    made = making.original() if arguments.against and wanted is None else making.with_fixes(wanted)
    if arguments.against:
        made = hold_against(made, making, target, arguments.against)
    if wanted is not None:
        _require_known(wanted, made, making)
        made = replace(
            made, fixed=tuple(arm for arm in made.fixed if arm.name in wanted), refused=(), advice=()
        )
    return made


def _names(text: str | None) -> list[str] | None:
    return None if text is None else [word.strip() for word in text.split(",") if word.strip()]


def _require_known(wanted: Sequence[str], made: Variants, making: Making) -> None:
    known = [arm.name for arm in made.arms]
    aliases = dict(made.same)
    for name in wanted:
        if name in aliases:
            raise LeakscanError(f"--arms: {name} gives the same program as {aliases[name]}; name that one")
        if name not in known:
            available = [arm.name for arm in making.with_fixes().arms]
            known = list(dict.fromkeys([*known, *available]))
            raise LeakscanError(
                f"--arms: no arm {name!r}{did_you_mean(name, known)}; there are {', '.join(known)}"
            )
    if not set(wanted) - {ORIGINAL}:
        raise LeakscanError(f"--arms: name at least one arm beside {ORIGINAL}")


def _manifest(places: Workspaces) -> dict[str, str]:
    """What tells the content of every file that the arms' trees are made of."""
    marks: dict[str, str] = {}
    for number, seen in enumerate(places.surveys.values()):
        lead = "" if number == 0 else f"{seen.root}/"
        marks |= {lead + path: mark for path, mark in manifest(seen).items()}
    return marks


# -- before anything runs -----------------------------------------------------------------------------------


def _command_of(target: t.Target) -> str:
    program = target.program
    words = {"script": ["python", program.target], "module": ["python", "-m", program.target]}
    return shlex.join([*words.get(program.kind.value, [program.target]), *program.arguments])


def _show_findings(target: t.Target, made: Variants, out: Console) -> None:
    out.print(f"Program: {_command_of(target)}", style="bold", soft_wrap=True)
    for error in made.errors:
        out.print(f"  {error.path}: {error.message}", soft_wrap=True)
    for item in made.findings:
        start = item.span.start
        out.print(f"  {item.path}:{start.line}:{start.column} {item.code} {item.message}", soft_wrap=True)
    if not made.findings:
        out.print("  no findings")
    for line in target.notebook.left_out if target.notebook is not None else ():
        out.print(f"  left out: {line}", soft_wrap=True)


def _show_arms(made: Variants, out: Console, *, diff: bool) -> None:
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


def _show_meters(sources: Sequence[Source], out: Console) -> None:
    out.print("\nMeters", style="bold")
    for source in sources:
        out.print(f"  {source.device}: {source.provenance.value}: {source.detail}", soft_wrap=True)
    out.print(
        "  CPU seconds, wall time and peak memory of the process tree: measured by the system", soft_wrap=True
    )


def _show_estimate(target: t.Target, plan: Plan, arguments: argparse.Namespace, out: Console) -> None:
    out.print("\nTo measure", style="bold")
    out.print(f"  leakscan validate --measure would run {_amount(plan, arguments)}.", soft_wrap=True)
    out.print(f"  {_time_estimate(target, plan, arguments)}", soft_wrap=True)
    for note in _notes_on_blocks(plan, arguments):
        out.print(f"  {note}", soft_wrap=True)


def _time_estimate(target: t.Target, plan: Plan, arguments: argparse.Namespace) -> str:
    """How long measuring will take, judging by earlier runs of this program; without any, by examples."""
    if plan.budget_seconds is not None:
        return f"It takes about {duration(plan.budget_seconds)}: as many blocks as fit."
    rest = plan.cooldown_seconds * len(plan.arms)
    rounds = plan.blocks + plan.warm_ups
    earlier = _earlier_seconds(target, plan, arguments)
    if earlier is not None:
        seconds = (earlier + rest) * rounds
        return f"It takes about {duration(seconds)}, judging by earlier runs of the program."
    examples = " and ".join(
        f"about {duration((each * len(plan.arms) + rest) * rounds)} if a run takes {each} s"
        for each in _EXAMPLE_SECONDS
    )
    return f"It takes {examples}; --smoke runs each arm once and tells, --budget 10m runs what fits."


def _earlier_seconds(target: t.Target, plan: Plan, arguments: argparse.Namespace) -> float | None:
    """The seconds that all arms took once, by the latest file of runs of the same arms; None without one."""
    for folder in reversed(_numbered(_first_folder(target, arguments))):
        with contextlib.suppress(LeakscanError):
            record = runs_on_disk.load(os.path.join(folder, _RUNS))
            same = all(record.header.identity.get(key) == plan.identity[key] for key in ("arms", "python"))
            walls = [
                [run.process.wall_seconds for run in record.runs if run.arm == arm.name] for arm in plan.arms
            ]
            if same and all(walls):
                return math.fsum(math.fsum(each) / len(each) for each in walls)
    return None


def _notes_on_blocks(plan: Plan, arguments: argparse.Namespace) -> Iterator[str]:

    if plan.is_cut:
        places = [f"{loop.path}:{loop.line}" for loop in plan.arms[0].loops if loop.is_counted]
        words = f"{'one of ' if len(places) > 1 else ''}the loop at {', '.join(places)}"
        if plan.passes is not None:
            yield f"Each run ends after {plan.passes} passes of {words}."
        if plan.body_seconds is not None:
            after = f", at the next pass of {words}" if places else ""
            yield f"Each run ends {duration(plan.body_seconds)} after its imports{after}."
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


def _noise(event: NoiseMeasured) -> str:
    """What the machine varies by, and what that means for what can be found."""
    from leakscan.validation.noise import in_words, spread_of_ratios
    from leakscan.validation.statistics import smallest_detectable_change

    words = f"The machine before the experiment: {in_words(event.noise)}"
    spread = spread_of_ratios(event.noise)
    if event.blocks is None or not spread:
        return f"{words}."
    found = wording.percent(100 * smallest_detectable_change(event.blocks, spread), signed=False)
    return f"{words}. A program that varies no more shows a saving of {found} in {event.blocks} blocks."


def _amount(plan: Plan, arguments: argparse.Namespace) -> str:
    arms = len(plan.arms)
    warm = f"{arms * plan.warm_ups} times to warm up" if plan.warm_ups else "without a warm-up"
    if arguments.runs == 0:
        return f"the program {warm}, then {arms} times in each of 6 to {_MOST_BLOCKS} blocks"
    if plan.budget_seconds is not None:
        return f"the program {warm}, then blocks of {arms} runs for {duration(plan.budget_seconds)}"
    each = {0: "no warm-up", 1: "a warm-up of each"}.get(plan.warm_ups, f"{plan.warm_ups} warm-ups of each")
    return (
        f"the program {arms * (plan.blocks + plan.warm_ups)} times: {arms} arms, {each}, {plan.blocks} blocks"
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


def _default_blocks(arguments: argparse.Namespace) -> int:
    if arguments.runs == 0:
        return _MOST_BLOCKS
    is_cut = arguments.iterations is not None or arguments.until is not None
    return verdicts.MINIMUM_BLOCKS if is_cut else _DEFAULT_BLOCKS


def _plan(made: Variants, python: str, sources: Sequence[Source], arguments: argparse.Namespace) -> Plan:
    physical = is_physical(sources)
    return Plan(
        arms=made.arms,
        python=python,
        blocks=arguments.runs or _default_blocks(arguments),
        warm_ups=arguments.warmup,
        prepare=arguments.prepare,
        outputs_may_differ=arguments.outputs_may_differ,
        seed=arguments.seed,
        program_seed=arguments.seed,
        # Neither happens without a counter or sensor, so neither is taken off a budget.
        cooldown_seconds=arguments.cooldown if physical else 0.0,
        idle_seconds=_IDLE_SECONDS if physical else 0.0,
        timeout_seconds=arguments.timeout,
        budget_seconds=arguments.budget,
        foreign_cpu_limit=None if arguments.keep_disturbed else FOREIGN_CPU_LIMIT,
        passes=arguments.iterations,
        body_seconds=arguments.until,
    )


# -- running ------------------------------------------------------------------------------------------------


def _smoke(plan: Plan, meter: Meter, places: Workspaces, out: Console) -> int:
    """Run every arm once and say how that went; when the original fails, nothing else is run."""
    out.print("\nSmoke runs", style="bold")
    failed = False
    total = 0.0
    originals: list[Output] = []
    for arm in plan.arms:
        measured = measure(plan, arm, meter, places)
        fault = measured.fault
        require_untouched(fault)
        total += measured.process.wall_seconds
        window = measured.body or measured.process
        broken = fault is not None and fault.cause.is_of_program
        status = (
            "ok" if fault is None else f"failed: {fault.message}" if broken else f"ok, but {fault.message}"
        )
        failed = failed or broken
        out.print(f"  {arm.name}: {status}; {window.wall_seconds:.1f} s (measured)", soft_wrap=True)
        originals = originals or [measured.execution.output]
        different = compare_outputs(originals, measured.execution.output, plan.tolerance).disagreement
        if different is not None and not broken:
            out.print(f"    {different}; the same program may vary from run to run", soft_wrap=True)
        if broken:
            _show_failure(measured.execution.error_tail, plan.python, out)
            if arm is plan.arms[0]:
                out.print("  The program as it is does not run here; the other arms were not tried.")
                return EXIT_FINDINGS
        if arm is plan.arms[0] and not _says_what_was_entered(arm, measured.execution.iterations, out):
            return EXIT_ERROR
    if not failed:
        count = int(plan.budget_seconds / total) - 1 if plan.budget_seconds is not None else plan.blocks
        rest = plan.cooldown_seconds * len(plan.arms)
        time = duration((total + rest) * (max(1, count) + 1))
        out.print(f"  {plural(max(1, count), 'block')} would take about {time}")
    return EXIT_FINDINGS if failed else EXIT_CLEAN


def _says_what_was_entered(arm: Arm, iterations: Sequence[int], out: Console) -> bool:
    """Name the flagged loops that were not entered; whether any was, or there is none to enter."""
    loops = [loop for loop in arm.loops if loop.line is not None and not loop.is_compiled]
    counts = dict(zip(arm.loops, iterations, strict=False))
    missed = [loop for loop in loops if counts.get(loop) == 0]
    if missed:
        out.print(f"    {never_entered(missed)}", soft_wrap=True)
    if not loops or len(missed) < len(loops):
        return True
    out.print("  No fix can show anything here; give arguments with which the loop is reached.")
    return False


_MISSING = re.compile(r"ModuleNotFoundError: No module named '(tensorflow|tf_keras|keras|jax|torch|numpy)\b")


def _show_failure(error_tail: str, python: str, out: Console) -> None:
    """The end of what a failed program wrote to its standard error, and what helps where that is known."""
    for line in error_tail.strip().splitlines()[-_TRACEBACK_LINES:]:
        out.print(f"    {line}", soft_wrap=True)
    missing = _MISSING.search(error_tail)
    if missing is not None:
        out.print(
            f"  {python} has no {missing.group(1)}: --python PATH names the interpreter of the program",
            soft_wrap=True,
        )


def duration(value: float) -> str:
    """Seconds in words: `1 min 5 s`."""
    minutes, rest = divmod(round(value), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


@dataclass(frozen=True, slots=True)
class _Session:
    """All that a measurement needs."""

    target: t.Target
    made: Variants
    plan: Plan
    meter: Meter
    places: Workspaces
    store: Store


def _measure(session: _Session, arguments: argparse.Namespace, out: Console) -> int:
    from leakscan.validation.evaluation import evaluate
    from leakscan.validation.reports.terminal import render_terminal

    target, made, plan, store = session.target, session.made, session.plan, session.store
    folder = os.path.dirname(store.path)
    out.print(f"\nMeasuring: this executes {_amount(plan, arguments)}.", style="bold", soft_wrap=True)
    out.print(f"  {_time_estimate(target, plan, arguments)}", soft_wrap=True)
    out.print(
        f"  Every run is kept in {folder}; Ctrl-C shows what there is, --resume goes on.", soft_wrap=True
    )
    for note in _notes_on_blocks(plan, arguments):
        out.print(f"  {note}", soft_wrap=True)
    go_on = _Looks(plan, session.meter, arguments.margin) if arguments.runs == 0 else None
    events = conduct(
        plan, session.meter, store, workspaces=session.places, go_on=go_on, watch=Watch(arguments.wait)
    )
    ending = follow(events, out, fixes=len(made.fixed), python=plan.python)
    if ending is Ending.DISTURBED and not store.runs:
        return EXIT_ERROR  # there is nothing to report; what it ended with has been said
    result = evaluate(
        store.record,
        _arm_infos(made),
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
    if result.obstacle is not None:
        return EXIT_ERROR
    if ending in (
        Ending.ORIGINAL_FAILS,
        Ending.NOTHING_TO_COMPARE,
        Ending.TOO_MANY_DROPPED,
        Ending.DISTURBED,
    ):
        return EXIT_ERROR
    return _verdict_code(result, arguments)


def _first_folder(target: t.Target, arguments: argparse.Namespace) -> str:
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
    while os.path.exists(os.path.join(folder := _next(first, len(found)), _RUNS)):
        found.append(folder)
    return found


def _next(first: str, count: int) -> str:
    return f"{first}-{count + 1}" if count else first


def _folder(target: t.Target, arguments: argparse.Namespace) -> str:
    """Where this measurement goes; made when there is something to keep. Raises LeakscanError."""
    folder = _first_folder(target, arguments)
    if arguments.out is None:
        # An earlier measurement is not overwritten; the latest one is what is resumed.
        earlier = _numbered(folder)
        folder = earlier[-1] if arguments.resume and earlier else _next(folder, len(earlier))
    path = os.path.join(folder, _RUNS)
    if arguments.resume and not os.path.exists(path):
        raise LeakscanError(f"{path}: nothing to resume; measure without --resume first")
    if not arguments.resume and os.path.exists(path):
        raise LeakscanError(f"{path} exists; go on with --resume, or choose another folder with --out")
    return folder


def _make_folder(folder: str) -> None:
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise LeakscanError(f"{folder}: {error.strerror}; choose another with --out") from error


def _arm_infos(made: Variants) -> tuple[ArmInfo, ...]:
    from leakscan.validation.results import OWN, ArmInfo

    return (
        ArmInfo(made.original.name, "", "the program as it is", ""),
        *(
            ArmInfo(
                item.name,
                item.diff,
                "; ".join(item.messages),
                OWN if item.applicability is None else item.applicability.value,
            )
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
        from leakscan.validation.series import headline_window, window_of

        state = progress(self._plan, runs)
        original, *fixes = [arm.name for arm in self._plan.arms if arm.name not in state.excluded]
        used = [run for run in runs if run.block in state.complete and run.arm not in state.excluded]
        window = headline_window(used)
        joules = {(run.arm, run.block): window_of(run, window).energy_joules for run in used}
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
                    _show_failure(event.error_tail, python, out)
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
    elif isinstance(event, NoiseMeasured):
        out.print(f"  {_noise(event)}", soft_wrap=True)
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


def _write_reports(result: Result, folder: str, arguments: argparse.Namespace, out: Console) -> None:
    from leakscan.validation.reports.csv import render_csv
    from leakscan.validation.reports.html import render_html
    from leakscan.validation.reports.json import render_json
    from leakscan.validation.reports.markdown import render_markdown

    paths = {
        arguments.json or os.path.join(folder, "report.json"): render_json,
        arguments.csv or os.path.join(folder, "runs.csv"): render_csv,
        arguments.html or os.path.join(folder, "report.html"): render_html,
    }
    if arguments.markdown is not None:
        paths[arguments.markdown] = render_markdown
    for path, render in paths.items():
        write_file(path, render(result))
    out.print(f"\nReports: {', '.join(paths)}", soft_wrap=True)


def _verdict_code(result: Result, arguments: argparse.Namespace) -> int:
    wanted = arguments.fail_on or frozenset()
    verdicts = {arm.verdict.value for arm in result.fixes if arm.verdict is not None}
    # A program that is held against another is worse when the other one uses less.
    other, fixes = (
        {arm.verdict.value for arm in result.fixes if arm.info.is_fix is is_fix and arm.verdict is not None}
        for is_fix in (False, True)
    )
    if "worse" in wanted and ("more" in fixes or "less" in other):
        return EXIT_FINDINGS
    if "invalid" in wanted and "invalid" in verdicts:
        return EXIT_FINDINGS
    if arguments.self_test and verdicts & {"less", "more"}:
        return EXIT_FINDINGS
    return EXIT_CLEAN


def report(arguments: argparse.Namespace) -> int:
    """Render the report of a finished experiment again, from its JSON; or two beside each other.

    Raises LeakscanError for files that are no reports, and for forms that two of them do not have.
    """
    from leakscan.validation import results

    if arguments.other is not None:
        return _report_beside(arguments)
    from leakscan.validation.reports.csv import render_csv
    from leakscan.validation.reports.html import render_html
    from leakscan.validation.reports.json import render_json
    from leakscan.validation.reports.markdown import render_markdown
    from leakscan.validation.reports.terminal import render_terminal

    result = results.load(arguments.file)
    written = False
    for path, render in (
        (arguments.html, render_html),
        (arguments.csv, render_csv),
        (arguments.json, render_json),
        (arguments.markdown, render_markdown),
    ):
        if path is not None:
            write_file(path, render(result))
            written = True
    if not written:
        render_terminal(result, console(sys.stdout))
    return EXIT_CLEAN


def _report_beside(arguments: argparse.Namespace) -> int:
    from leakscan.validation import results
    from leakscan.validation.beside import put_beside
    from leakscan.validation.reports.beside import render_beside_terminal
    from leakscan.validation.reports.markdown import render_beside

    for name in ("html", "json", "csv"):
        if getattr(arguments, name) is not None:
            raise LeakscanError(f"--{name} is for one report; two are shown here or by --markdown FILE")
    first, second = (results.load(path) for path in (arguments.file, arguments.other))
    found = put_beside(arguments.file, first, arguments.other, second)
    if arguments.markdown is not None:
        write_file(arguments.markdown, render_beside(found))
    else:
        render_beside_terminal(found, console(sys.stdout))
    return EXIT_CLEAN


__all__ = [
    "blocks",
    "loop",
    "passes",
    "percent",
    "preflight",
    "reasons_to_fail",
    "report",
    "seconds",
    "validate",
]
