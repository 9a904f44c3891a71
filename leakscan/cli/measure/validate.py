"""What `leakscan validate` does: shows the arms, runs each once, or measures them."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leakscan.cli.measure import arms
from leakscan.cli.measure.following import follow, show_failure
from leakscan.cli.measure.showing import show_arms, show_findings, show_meters
from leakscan.cli.output import say
from leakscan.cli.parsing import REPORTS
from leakscan.cli.terminal import console
from leakscan.errors import EXIT_CLEAN, EXIT_ERROR, EXIT_FINDINGS, EXIT_INTERRUPTED, LeakscanError
from leakscan.output_files import write_file
from leakscan.validation import folders, forecast
from leakscan.validation.agreement import compare_outputs
from leakscan.validation.events import Ending
from leakscan.validation.experiment import conduct, make_header
from leakscan.validation.interpreter import probe, variables
from leakscan.validation.lock import exclusive
from leakscan.validation.measurements import Output
from leakscan.validation.measuring import measure, require_untouched
from leakscan.validation.meters import CodecarbonMeter, Meter, probe_sources
from leakscan.validation.patience import Watch
from leakscan.validation.plan import Arm, Plan, never_entered
from leakscan.validation.setting import describe_setting
from leakscan.validation.store import Store, open_store
from leakscan.validation.targets import Target, command_line
from leakscan.validation.trees import digest, manifest
from leakscan.validation.variants import Variants
from leakscan.validation.verdicts import Verdict
from leakscan.validation.wording import duration, plural
from leakscan.validation.workspaces import Isolation, Workspaces

if TYPE_CHECKING:
    from rich.console import Console

    from leakscan.validation.carbon import Carbon
    from leakscan.validation.looks import Looks
    from leakscan.validation.results import Result

#: Endings after which there is no verdict on the fixes.
_FAILED = (Ending.ORIGINAL_FAILS, Ending.NOTHING_TO_COMPARE, Ending.TOO_MANY_DROPPED, Ending.DISTURBED)


def validate(arguments: argparse.Namespace) -> int:
    """Run the command: 0 when the work was done, 1 as `--fail-on` asks, 130 after Ctrl-C.

    Raises LeakscanError when it could not be done; of a directory's programs the others are done first.
    """
    out = console(sys.stdout)
    # All that can be wrong with the options is said before anything runs.
    carbon = arms.carbon(arguments)
    arms.require_sense_of_cuts(arguments)
    targets = arms.targets(arguments)
    _require_place_for_reports(arguments, len(targets))
    worst = EXIT_CLEAN
    for target in targets:
        try:
            code = _validate(target, arguments, carbon, out)
        except LeakscanError as error:
            if len(targets) == 1:
                raise
            say(f"error: {error}")
            code = error.exit_code
        if code == EXIT_INTERRUPTED:
            return code
        worst = max(worst, code)
    return worst


def _require_place_for_reports(arguments: argparse.Namespace, targets: int) -> None:
    for name in REPORTS:
        if getattr(arguments, name) is None:
            continue
        if not arguments.measure:
            raise LeakscanError(f"--{name} needs --measure: without it there is no report")
        if targets > 1:
            raise LeakscanError(
                f"--{name} is for one program; the reports on those of a directory are in --out"
            )


def _validate(target: Target, arguments: argparse.Namespace, carbon: Carbon | None, out: Console) -> int:
    made = arms.variants(target, arguments)
    show_findings(target, made, out)
    show_arms(made, out, diff=arguments.diff)
    if not made.fixed:
        out.print("Nothing to compare: no fix applies." if made.findings else "Nothing to fix.")
        return EXIT_CLEAN
    python = arms.interpreter(arguments)
    if not arguments.smoke and not arguments.measure:
        sources = probe_sources()
        show_meters(sources, out)
        plan = arms.plan(made, python, sources, arguments)
        out.print("\nTo measure", style="bold")
        amount = forecast.amount(plan, is_auto=arguments.runs == 0)
        out.print(f"  leakscan validate --measure would run {amount}.", soft_wrap=True)
        _show_time_needed(target, plan, arguments, out)
        _show_notes(plan, arguments, out)
        return EXIT_CLEAN
    interpreter = probe(python)
    folder = _folder(target, arguments) if arguments.measure else ""
    meter = CodecarbonMeter()
    plan = arms.plan(made, python, meter.describe(), arguments)
    show_meters(meter.describe(), out)
    reports = [getattr(arguments, name) for name in REPORTS]
    results = [arguments.out or folders.RESULTS, *(path for path in (folder, *reports) if path)]
    with exclusive(), Workspaces(made.trees, Isolation(arguments.isolation), results) as places:
        for note in places.notes:
            out.print(f"  note: {note}", soft_wrap=True)
        if arguments.smoke:
            return _smoke(plan, meter, places, out)
        folders.make_folder(folder)
        conditions = {"packages": dict(interpreter.packages), "variables": variables()}
        tree = _manifest(places)
        setting = describe_setting(_words(arguments), target.root, interpreter, variables(), digest(tree))
        header = make_header(plan, meter, tree=tree, conditions=conditions, setting=setting)
        path = os.path.join(folder, folders.RUNS)
        with contextlib.closing(open_store(path, header, resume=arguments.resume)) as store:
            return _measure(_Session(target, made, plan, meter, places, store, carbon), arguments, out)


def _words(arguments: argparse.Namespace) -> list[str]:
    """The words of the command line; a `--` that nothing follows is none of them."""
    words = list(arguments.words)
    return words if arguments.arguments or "--" not in words else words[: words.index("--")]


def _manifest(places: Workspaces) -> dict[str, str]:
    """What tells the content of every file that the arms' trees are made of."""
    marks: dict[str, str] = {}
    for number, seen in enumerate(places.surveys.values()):
        lead = "" if number == 0 else f"{seen.root}/"
        marks |= {lead + path: mark for path, mark in manifest(seen).items()}
    return marks


def _first_folder(target: Target, arguments: argparse.Namespace) -> str:
    is_one_of_many = arguments.script is not None and os.path.isdir(arguments.script)
    return folders.first_folder(target.program, arguments.out, is_one_of_many=is_one_of_many)


def _folder(target: Target, arguments: argparse.Namespace) -> str:
    first = _first_folder(target, arguments)
    return folders.folder_for(first, is_chosen=arguments.out is not None, resume=arguments.resume)


def _show_time_needed(target: Target, plan: Plan, arguments: argparse.Namespace, out: Console) -> None:
    earlier = None
    if plan.budget_seconds is None:
        earlier = folders.earlier_seconds(_first_folder(target, arguments), plan)
    out.print(f"  {forecast.time_needed(plan, earlier)}", soft_wrap=True)


def _show_notes(plan: Plan, arguments: argparse.Namespace, out: Console) -> None:
    for note in forecast.notes_on_blocks(plan, arguments.cooldown):
        out.print(f"  {note}", soft_wrap=True)


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
            show_failure(measured.execution.error_tail, plan.python, out)
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


@dataclass(frozen=True, slots=True)
class _Session:
    """All that a measurement needs."""

    target: Target
    made: Variants
    plan: Plan
    meter: Meter
    places: Workspaces
    store: Store
    carbon: Carbon | None


def _measure(session: _Session, arguments: argparse.Namespace, out: Console) -> int:
    # scipy, which these need, takes seconds to import.
    from leakscan.validation.evaluation import evaluate
    from leakscan.validation.reports.terminal import render_terminal

    target, made, plan, store = session.target, session.made, session.plan, session.store
    folder = os.path.dirname(store.path)
    amount = forecast.amount(plan, is_auto=arguments.runs == 0)
    out.print(f"\nMeasuring: this executes {amount}.", style="bold", soft_wrap=True)
    _show_time_needed(target, plan, arguments, out)
    out.print(
        f"  Every run is kept in {folder}; Ctrl-C shows what there is, --resume continues.", soft_wrap=True
    )
    _show_notes(plan, arguments, out)
    go_on = _looks(session, arguments)
    events = conduct(
        plan, session.meter, store, workspaces=session.places, go_on=go_on, watch=Watch(arguments.wait)
    )
    ending = follow(events, out, fixes=len(made.fixed), python=plan.python)
    if ending is Ending.DISTURBED and not store.runs:
        return EXIT_ERROR  # there is nothing to report; what it ended with has been said
    result = evaluate(
        store.record,
        made.described,
        command=command_line(target.program),
        margin=arguments.margin,
        alpha=go_on.alpha if go_on is not None else 0.05,
        carbon=session.carbon,
    )
    out.print()
    render_terminal(result, out)
    _write_reports(result, folder, arguments, out)
    if ending is Ending.INTERRUPTED:
        return EXIT_INTERRUPTED
    if result.obstacle is not None or ending in _FAILED:
        return EXIT_ERROR
    return _verdict_code(result, arguments)


def _looks(session: _Session, arguments: argparse.Namespace) -> Looks | None:
    if arguments.runs != 0:
        return None
    from leakscan.validation.looks import Looks

    return Looks(session.plan, session.meter.describe(), arguments.margin)


def _write_reports(result: Result, folder: str, arguments: argparse.Namespace, out: Console) -> None:
    from leakscan.validation.reports.forms import FORMS

    usual = {"json": "report.json", "csv": "runs.csv", "html": "report.html"}
    paths = {getattr(arguments, form) or os.path.join(folder, name): form for form, name in usual.items()}
    paths |= {path: form for form in FORMS if form not in usual and (path := getattr(arguments, form))}
    for path, form in paths.items():
        write_file(path, FORMS[form](result))
    out.print(f"\nReports: {', '.join(paths)}", soft_wrap=True)


def _verdict_code(result: Result, arguments: argparse.Namespace) -> int:
    wanted = arguments.fail_on or frozenset()
    # A program that is held against another is worse when the other one uses less.
    other, fixes = (
        {arm.verdict for arm in result.fixes if arm.info.is_fix is is_fix} for is_fix in (False, True)
    )
    verdicts = other | fixes
    if "worse" in wanted and (Verdict.MORE in fixes or Verdict.LESS in other):
        return EXIT_FINDINGS
    if "invalid" in wanted and Verdict.INVALID in verdicts:
        return EXIT_FINDINGS
    if arguments.self_test and verdicts & {Verdict.LESS, Verdict.MORE}:
        return EXIT_FINDINGS
    return EXIT_CLEAN
