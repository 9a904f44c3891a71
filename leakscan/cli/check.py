"""`leakscan check`: finds leaks, and fixes them."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, TextIO

from leakscan.cli import settings
from leakscan.cli.known import add_known, refuse_contradictions, without_known, write_baseline
from leakscan.cli.output import joined, print_lines, say, until_closed, write_bytes
from leakscan.cli.parsing import (
    Commands,
    OneOf,
    Parser,
    add_cache_dir,
    add_color,
    add_rules_dir,
    output_file,
    positive,
)
from leakscan.errors import EXIT_CLEAN, EXIT_ERROR, EXIT_FINDINGS, LeakscanError
from leakscan.reporters.formats import FORMATS, Report

if TYPE_CHECKING:
    from leakscan.config import Config, ConfigResolver
    from leakscan.fixer import Choices, Fixed
    from leakscan.reporters.text import Line
    from leakscan.runner import CheckResult, Request

_LEVELS = ("low", "medium", "high")
_FAIL_LEVELS = (*_LEVELS, "never")
_RARE = (
    "--add-noqa",
    "--allow-project-rules",
    "--cache-dir",
    "--diff-base",
    "--exit-non-zero-on-fix",
    "--extend-exclude",
    "--force-exclude",
    "--isolated",
    "--min-confidence",
    "--no-unsafe-fixes",
    "--report-unused-suppressions",
    "--rules-dir",
    "--scheduler",
    "--show-files",
    "--show-fixes",
    "--statistics",
    "--stdin-filename",
    "--strict",
)


def add(commands: Commands) -> None:
    """Add the command to those of `leakscan`."""
    parser = commands.add_parser(
        "check",
        help="find leaks in files and directories, and fix them",
        description="Find leaks in Python files and notebooks; with --fix, fix them.",
        usage="leakscan check [OPTIONS] [PATH ...]",
        example="leakscan check --select IMR --fix --diff src",
        exit_codes="0 no findings, 1 findings, 2 something could not be done",
        rare=_RARE,
    )
    parser.set_defaults(run=run)
    parser.add_argument("paths", metavar="PATH", nargs="*", help="files or directories; - for standard input")
    _add_rules(parser)
    _add_files(parser)
    _add_fixes(parser)
    add_known(parser)
    _add_output(parser)


def _add_rules(parser: Parser) -> None:
    rules = parser.add_argument_group("rules (CODES: codes or prefixes such as IMR, or ALL, with commas)")
    rules.add_argument(
        "--select", metavar="CODES", action="append", help="run these rules instead of the default"
    )
    rules.add_argument("--extend-select", metavar="CODES", action="append", help="run these rules as well")
    rules.add_argument("--ignore", metavar="CODES", action="append", help="do not run these rules")
    add_rules_dir(rules)
    rules.add_argument(
        "--allow-project-rules", action="store_true", help="run rules that checked projects bring along"
    )
    levels = OneOf(_LEVELS)
    rules.add_argument(
        "--min-severity", metavar="LEVEL", type=levels, help="hide less severe findings: low, medium, high"
    )
    rules.add_argument(
        "--min-confidence", metavar="LEVEL", type=levels, help="hide less certain findings (default: medium)"
    )
    rules.add_argument(
        "--report-unused-suppressions", action="store_true", help="report comments that silence nothing"
    )
    rules.add_argument(
        "--add-noqa", action="store_true", help="silence what is found by `# noqa: CODE` comments"
    )


def _add_files(parser: Parser) -> None:
    files = parser.add_argument_group("files and configuration")
    files.add_argument(
        "--exclude", metavar="PATTERNS", action="append", help="skip these instead of the configured files"
    )
    files.add_argument(
        "--extend-exclude", metavar="PATTERNS", action="append", help="skip these files as well"
    )
    files.add_argument(
        "--force-exclude", action="store_true", help="skip excluded files even when named as PATH"
    )
    files.add_argument("--stdin-filename", metavar="PATH", help="treat standard input as the file PATH")
    files.add_argument("--strict", action="store_true", help="exit 2 for files that cannot be parsed")
    files.add_argument("--show-files", action="store_true", help="list the files that would be checked")
    files.add_argument(
        "-j", "--jobs", metavar="N", type=positive, help="use N processes (default: one per core)"
    )
    files.add_argument("--scheduler", metavar="ADDRESS", help="check the projects on a Dask cluster")
    add_cache_dir(files)
    files.add_argument("--no-cache", action="store_true", help="neither use nor keep a cache")
    files.add_argument(
        "--config",
        metavar="FILE|KEY=VALUE",
        action="append",
        help="read FILE alone, or set KEY",
    )
    files.add_argument("--isolated", action="store_true", help="ignore every configuration file")
    files.add_argument("--watch", action="store_true", help="check again whenever a file changes")
    files.add_argument("--show-settings", action="store_true", help="show what is in force, and from where")


def _add_fixes(parser: Parser) -> None:
    fixes = parser.add_argument_group("fixes")
    fixes.add_argument("--fix", action="store_true", help="apply safe fixes")
    unsafe = fixes.add_mutually_exclusive_group()
    unsafe.add_argument(
        "--unsafe-fixes", action="store_true", default=None, help="apply unsafe fixes as well"
    )
    unsafe.add_argument(
        "--no-unsafe-fixes",
        dest="unsafe_fixes",
        action="store_false",
        help="never apply unsafe fixes, whatever is configured",
    )
    fixes.add_argument(
        "--strategy", metavar="CODE=NAME", action="append", help="fix CODE only this way: IMR001=reuse"
    )
    fixes.add_argument("--diff", action="store_true", help="show what --fix would change; write nothing")
    fixes.add_argument("--exit-non-zero-on-fix", action="store_true", help="exit 1 if something was fixed")
    fixes.add_argument("--show-fixes", action="store_true", help="list fixes, and why some do not apply")


def _add_output(parser: Parser) -> None:
    output = parser.add_argument_group("output")
    output.add_argument(
        "--output-format",
        metavar="FORMAT",
        type=OneOf(tuple(FORMATS)),
        default=next(iter(FORMATS)),
        help=f"{', '.join(FORMATS)} (default: {next(iter(FORMATS))})",
    )
    output.add_argument(
        "-o", "--output-file", metavar="FILE", type=output_file, help="write the findings to FILE"
    )
    output.add_argument("--statistics", action="store_true", help="show how often each rule found something")
    output.add_argument(
        "--fail-level",
        metavar="LEVEL",
        type=OneOf(_FAIL_LEVELS),
        help="exit 1 from low, medium (default), high; or never",
    )
    output.add_argument("--exit-zero", action="store_true", help="exit 0 with findings; errors still exit 2")
    add_color(output)
    loudness = output.add_mutually_exclusive_group()
    loudness.add_argument("-q", "--quiet", action="store_true", help="print findings and errors only")
    loudness.add_argument("-v", "--verbose", action="store_true", help="describe each step on standard error")


def run(arguments: argparse.Namespace) -> int:
    """Check, fix or show a diff: 0 for clean, 1 for findings, 2 for what could not be checked."""
    from leakscan.cli import corpora

    if arguments.statistics and FORMATS[arguments.output_format].is_document:
        raise LeakscanError(
            f"--statistics cannot be used with --output-format {arguments.output_format}; leave one out"
        )
    refuse_contradictions(arguments)
    if arguments.watch:
        return _watch(arguments)
    return corpora.run(arguments) if corpora.is_corpus(arguments.paths) else _run_once(arguments)


def _watch(arguments: argparse.Namespace) -> int:
    from leakscan.cli import watch
    from leakscan.fixer import Choices

    return watch.run(arguments, lambda found, configs: _report(found, arguments, Choices(found, configs)))


def _run_once(arguments: argparse.Namespace) -> int:
    from leakscan import fixer, runner  # a reader of --help need not wait for them
    from leakscan.cli.terminal import Progress

    request = settings.request(arguments)
    given = settings.given_config(arguments)
    directories = settings.rules_dirs_of_check(arguments, given)
    cache = settings.cache(arguments, given)
    rules = settings.rules(directories, cache)
    configs = settings.configs(arguments, rules.cards, directories, given)
    arguments.pages = lambda: settings.pages(directories)
    if arguments.show_settings or arguments.show_files:
        return (_show_settings if arguments.show_settings else _show_files)(request, configs)
    begin = time.monotonic()
    progress = Progress(enabled=not arguments.quiet)
    listener = runner.Listener(
        start=progress.start, advance=progress.advance, warn=lambda words: say(f"warning: {words}")
    )
    if arguments.verbose:
        listener.log = say
    cluster = None
    try:
        # Fixing asks again; then one process knows already what did not change.
        once = not (arguments.fix or arguments.diff or arguments.diff_base)
        cluster, jobs = settings.cluster(arguments), settings.jobs(arguments)
        session = runner.Session(configs, rules, cache, jobs=jobs, keeps=not once, cluster=cluster)
        if arguments.diff or (arguments.fix and request.standard is not None):
            fixed = fixer.fix(session, request, listener=listener)
        elif arguments.fix:
            fixed = fixer.fix_files(session, request, listener)
        else:
            # Counts alone say nothing of fixes; everything else marks what can be fixed.
            marks = not (arguments.add_noqa or arguments.write_baseline)
            counts_alone = arguments.statistics and arguments.quiet
            result = session.check(request, listener, fixes=marks and not counts_alone)
            result = without_known(result, session, request, arguments)
    finally:
        progress.stop()
        settings.close(cluster, cache)
    listener.log(f"checked in {time.monotonic() - begin:.2f} s")
    if arguments.write_baseline or arguments.add_noqa:
        return (write_baseline if arguments.write_baseline else _add_noqa)(result, arguments)
    if arguments.diff:
        choices = fixer.Choices(fixed.last, configs)
        code = _diff_code(fixed, exit_zero=arguments.exit_zero)
        return until_closed(_print_diff, fixed, choices, arguments, code=code)
    if arguments.fix:
        result = fixed.result
        choices = fixer.Choices(result, configs)
        code = result.exit_code(exit_zero=arguments.exit_zero)
        code = code or int(arguments.exit_non_zero_on_fix and bool(fixed.applied))
        return until_closed(_print_fixed, fixed, request, arguments, choices, code=code)
    code = result.exit_code(exit_zero=arguments.exit_zero)
    return until_closed(_report, result, arguments, fixer.Choices(result, configs), code=code)


def _add_noqa(result: CheckResult, arguments: argparse.Namespace) -> int:
    from leakscan import fixer, noqa
    from leakscan.reporters import text

    added = noqa.with_noqa(result)
    errors = [*result.errors, *added.errors, *fixer.write(added.changed)]
    for error in errors:
        say(text.error_line(error))
    _say_skipped(result, arguments)
    if not arguments.quiet:
        files = text.plural(len(added.changed), "file")
        say(f"Added {text.plural(added.count, 'noqa directive')} in {files}.")
    return EXIT_ERROR if errors else EXIT_CLEAN


def _diff_code(fixed: Fixed, *, exit_zero: bool) -> int:
    if fixed.result.errors:
        return EXIT_ERROR
    return EXIT_FINDINGS if fixed.changed and not exit_zero else EXIT_CLEAN


def _print_diff(fixed: Fixed, choices: Choices, arguments: argparse.Namespace) -> None:
    from leakscan.fixer import texts
    from leakscan.output_files import write_file
    from leakscan.reporters import text

    result = fixed.result
    for error in result.errors:
        say(text.error_line(error))
    _say_skipped(result, arguments)
    lines = (
        line
        for item in fixed.changed
        for name, before, after in texts(item)
        for line in text.diff(name, before, after)
    )
    if arguments.output_file:
        write_file(arguments.output_file, joined(lines))
    else:
        print_lines(lines)
    if not arguments.quiet:
        _say_declined(result, choices)
        hidden = sum(map(choices.hidden, result.findings))
        say(text.diff_summary(len(fixed.applied), len(fixed.changed), hidden))


def _print_fixed(fixed: Fixed, request: Request, arguments: argparse.Namespace, choices: Choices) -> None:
    stream = None
    if request.standard is not None:
        # The program goes to standard output, as with ruff; what is left is told on standard error.
        stream = sys.stderr
        write_bytes(fixed.changed[0].after if fixed.changed else request.standard.data)
    # Reports for people have the reasons beside the findings.
    chosen = FORMATS[arguments.output_format]
    beside = chosen.tells_refusals or (arguments.show_fixes and not chosen.is_document)
    if arguments.statistics or not (beside or arguments.quiet):
        _say_declined(fixed.result, choices)
    _report(fixed.result, arguments, choices, fixed, stream)


def _say_skipped(result: CheckResult, arguments: argparse.Namespace) -> None:
    """Say in one line how many files could not be parsed; with --verbose, which, and why."""
    from leakscan.reporters import text

    if not result.skipped or arguments.quiet:
        return
    for error in result.skipped if arguments.verbose else ():
        say(text.error_line(error, level="warning"))
    files = text.plural(len({error.path for error in result.skipped}), "file")
    more = "" if arguments.verbose else " (--verbose lists them, --strict makes them errors)"
    say(f"warning: {files} could not be parsed, wholly or in part{more}")


def _say_declined(result: CheckResult, choices: Choices) -> None:
    """Say why the strategies that were chosen do not fix some findings."""
    from leakscan.reporters import text

    for item in result.findings:
        if declined := choices.declined(item):
            say(text.declined(item, *declined))


def _show_files(request: Request, configs: ConfigResolver) -> int:
    from leakscan.discovery import display_path
    from leakscan.reporters.text import clean, error_line
    from leakscan.runner import requested_files

    found = requested_files(request, configs)
    for error in sorted(found.errors, key=lambda item: item.sort_key):
        say(error_line(error))
    names = sorted(display_path(path, relative=path not in found.absolute_display) for path in found.files)
    code = EXIT_ERROR if found.errors else EXIT_CLEAN
    return until_closed(print_lines, [[(clean(name), "")] for name in names], code=code)


def _show_settings(request: Request, configs: ConfigResolver) -> int:
    from leakscan.config.showing import settings_of
    from leakscan.discovery import absolute
    from leakscan.reporters.text import clean, error_line
    from leakscan.runner import requested_files

    found = requested_files(request, configs)
    for error in sorted(found.errors, key=lambda item: item.sort_key):
        say(error_line(error))
    directories = {os.path.dirname(path) for path in found.files}
    if not directories:
        directories = {absolute(path) for path in request.paths if os.path.isdir(path)} or {absolute(".")}
    by_config: dict[Config, list[str]] = {}
    for directory in sorted(directories):
        by_config.setdefault(configs.for_directory(directory), []).append(directory)
    lines = [line for config, where in by_config.items() for line in (*settings_of(where, config), "")]
    code = EXIT_ERROR if found.errors else EXIT_CLEAN
    return until_closed(print_lines, [[(clean(line), "")] for line in lines], code=code)


def _report(
    result: CheckResult,
    arguments: argparse.Namespace,
    choices: Choices,
    fixed: Fixed | None = None,
    stream: TextIO | None = None,
) -> None:
    from leakscan.cli.terminal import width_of, wrapped
    from leakscan.output_files import write_file
    from leakscan.reporters import text

    out = stream or sys.stdout
    for error in result.errors:
        say(text.error_line(error))
    _say_skipped(result, arguments)
    is_document = FORMATS[arguments.output_format].is_document
    # What goes to a file is as wide as it is.
    width = None if arguments.output_file or is_document else width_of(out)
    lines = _lines(result, arguments, choices, fixed, width)
    if width is not None and not arguments.statistics and arguments.output_format != "concise":
        lines = wrapped(lines, width)
    if arguments.output_file:
        write_file(arguments.output_file, joined(lines))
    elif is_document:
        out.write(joined(lines))
    else:
        print_lines(lines, out)
    if not arguments.quiet and (arguments.output_file or not is_document):
        if result.files_checked or result.errors:
            made = len(fixed.applied) if fixed else 0
            last = [text.summary(result.findings, len(result.errors), result.files_checked, made)]
            fixable, hidden = (sum(map(f, result.findings)) for f in (choices.fixable, choices.hidden))
            if hint := text.hint(fixable, hidden, fixed=arguments.fix):
                last.append(hint)
            ends: Iterable[Line] = [[(line, "")] for line in last]
            print_lines(ends if (cells := width_of(out)) is None else wrapped(ends, cells), out)
        else:
            say("warning: no Python files found under the given paths")
    out.flush()


def _lines(
    result: CheckResult,
    arguments: argparse.Namespace,
    choices: Choices,
    fixed: Fixed | None,
    width: int | None,
) -> Iterable[Line]:
    from itertools import chain

    from leakscan.reporters import text

    chosen = FORMATS[arguments.output_format]
    fixes = text.Fixes(choices.fixable, choices.declined, explain=arguments.show_fixes)
    report = Report(
        result.findings,
        result.errors,
        result.files_checked,
        result.sources,
        fixes,
        result.skipped,
        arguments.pages,
        width,
    )
    lines = text.statistics(result.findings) if arguments.statistics else chosen.lines(report)
    if fixed is None or not arguments.show_fixes or chosen.is_document:
        return lines
    made = ((item.path, item.cell, item.line, item.code, item.fix) for item in fixed.applied)
    return chain(lines, text.applied(made))
