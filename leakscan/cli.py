"""The commands `check` and `rule`: the only place that reads the command line, prints and exits."""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NoReturn, TextIO

from leakscan import __version__
from leakscan.errors import EXIT_CLEAN, EXIT_ERROR, EXIT_FINDINGS, EXIT_INTERRUPTED, LeakscanError
from leakscan.signals import Terminated, signals_unwind

if TYPE_CHECKING:
    from types import ModuleType

    from leakscan.config import ConfigResolver, Strategies
    from leakscan.fixer import Choices, Fixed
    from leakscan.registry import LoadedRule
    from leakscan.reporters.text import Line
    from leakscan.rule import Rule
    from leakscan.runner import CheckResult, Request

_LEVELS = ("low", "medium", "high")
_FORMATS = ("full", "concise", "json")
_COMMANDS = ("check", "validate", "study", "report", "rule")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; the exit code is 0 for clean, 1 for findings, 2 for work that could not be done."""
    _make_streams_safe()
    with signals_unwind():
        return _run(list(sys.argv[1:] if argv is None else argv))


def _run(given: list[str]) -> int:
    # What follows -- is for the program; argparse would look for options in it.
    end = given.index("--") if given[:1] == ["validate"] and "--" in given else len(given)
    if given[:1] == ["rule"] and given[1:2] in (["new"], ["test"]):
        given[:2], end = [" ".join(given[:2])], end - 1
    try:
        arguments = _parser().parse_args(given[:end])
        arguments.words, arguments.arguments = given[:end], given[end + 1 :]
        run: Callable[[argparse.Namespace], int] = arguments.run
        return run(arguments)
    except LeakscanError as error:
        _say(f"error: {error}")
        return error.exit_code
    except KeyboardInterrupt:
        _end_at_once("interrupted", EXIT_INTERRUPTED)
    except Terminated as ended:
        _end_at_once(f"ended by {ended}", ended.exit_code)


def _end_at_once(message: str, code: int) -> NoReturn:
    """Not by sys.exit: that would wait for the thread that parses."""
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
    _say(message)
    os._exit(code)


def _make_streams_safe() -> None:
    from leakscan.terminal import make_safe

    # A stream that was closed by the caller (`>&-`) is None.
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115 (open to the end)
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115
    make_safe(sys.stdout)
    make_safe(sys.stderr)


def _say(text: str) -> None:
    """One line on standard error, which may be closed."""
    with contextlib.suppress(OSError, ValueError):
        print(text.replace("\n", " "), file=sys.stderr)


class _Parser(argparse.ArgumentParser):
    """argparse, with a hint for what is nearly an option, a command or a choice."""

    def error(self, message: str) -> NoReturn:
        from leakscan.config import did_you_mean

        words = message.partition("unrecognized arguments: ")[2].split()
        if words:
            known = [option for action in self._every_action() for option in action.option_strings]
            message += did_you_mean(words[0].partition("=")[0], known)
        elif "invalid choice: '" in message:
            word = message.partition("invalid choice: '")[2].partition("'")[0]
            if "COMMAND" in message:
                hint = did_you_mean(word, _COMMANDS)
                if not hint and os.path.exists(word):
                    hint = f" (did you mean 'leakscan check {word}'?)"
                message = f"unknown command {word!r}{hint}"
            elif "did you mean" not in message and "maybe you meant" not in message:
                message += did_you_mean(word, (*_LEVELS, *_FORMATS))
        self.exit(EXIT_ERROR, f"error: {message}\n")

    def _every_action(self) -> Iterable[argparse.Action]:
        for action in self._actions:
            yield action
            if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 (argparse has no other way)
                for parser in action.choices.values():
                    yield from parser._actions  # noqa: SLF001


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="leakscan",
        description="Finds models rebuilt in loops and tensors kept alive in TensorFlow and Keras code.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"leakscan {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    _add_check(commands.add_parser("check", help="find leaks in files and directories", allow_abbrev=False))
    _add_validate(
        commands.add_parser("validate", help="measure whether fixes save energy", allow_abbrev=False)
    )
    _add_study(
        commands.add_parser("study", help="measure what leaks cost on this machine", allow_abbrev=False)
    )
    _add_report(commands.add_parser("report", help="show a measurement again", allow_abbrev=False))
    rule = commands.add_parser("rule", help="explain a rule", allow_abbrev=False)
    rule.add_argument("code", metavar="CODE", nargs="?", help="such as IMR001")
    rule.add_argument("--all", action="store_true", help="list every rule")
    _add_rules_dir(rule)
    rule.set_defaults(run=_rule)
    new = commands.add_parser("rule new", help="make a rule folder that works", allow_abbrev=False)
    new.add_argument("code", metavar="CODE", help="such as ABC001")
    new.add_argument("name", metavar="NAME", help="such as tensor-kept-in-container")
    new.add_argument("--dir", metavar="DIR", default=".", help="where the folder goes (default: .)")
    _add_rules_dir(new)
    new.set_defaults(run=_rule_new)
    test = commands.add_parser("rule test", help="check rule folders", allow_abbrev=False)
    test.add_argument("directory", metavar="DIR", help="a rule folder, or a folder of rule folders")
    test.set_defaults(run=_rule_test)
    return parser


def _add_rules_dir(parser: argparse.ArgumentParser | argparse._ArgumentGroup) -> None:
    parser.add_argument(
        "--rules-dir",
        metavar="DIR",
        action="append",
        default=[],
        help="load the rule folders of DIR as well; they are code that runs (may be repeated)",
    )


def _add_check(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_check)
    parser.add_argument(
        "paths", metavar="PATH", nargs="*", help="files or directories (default: .); - for standard input"
    )
    rules = parser.add_argument_group("rules (codes or prefixes such as IMR, or ALL; separated by commas)")
    rules.add_argument("--select", metavar="CODES", action="append", help="run these instead of the default")
    rules.add_argument("--extend-select", metavar="CODES", action="append", help="run these as well")
    rules.add_argument("--ignore", metavar="CODES", action="append", help="do not run these")
    _add_rules_dir(rules)
    rules.add_argument("--min-severity", choices=_LEVELS, help="hide findings below it")
    rules.add_argument("--min-confidence", choices=_LEVELS, help="hide findings below it (default: medium)")
    rules.add_argument(
        "--report-unused-suppressions", action="store_true", help="report comments that silence nothing"
    )
    files = parser.add_argument_group("files")
    files.add_argument(
        "--exclude", metavar="PATTERNS", action="append", help="leave these out (in place of the configured)"
    )
    files.add_argument(
        "--extend-exclude", metavar="PATTERNS", action="append", help="leave these out as well"
    )
    files.add_argument(
        "--force-exclude", action="store_true", help="leave them out even when named on the command line"
    )
    files.add_argument("--stdin-filename", metavar="PATH", help="the path of the program on standard input")
    files.add_argument("--show-files", action="store_true", help="list the files that would be checked")
    settings = parser.add_argument_group("configuration").add_mutually_exclusive_group()
    settings.add_argument("--config", metavar="FILE", help="read this file in place of pyproject.toml")
    settings.add_argument("--isolated", action="store_true", help="read no configuration")
    fixes = parser.add_argument_group("fixes")
    fixes.add_argument("--fix", action="store_true", help="apply safe fixes")
    unsafe = fixes.add_mutually_exclusive_group()
    unsafe.add_argument("--unsafe-fixes", action="store_true", default=None, help="apply unsafe ones as well")
    unsafe.add_argument(
        "--no-unsafe-fixes", dest="unsafe_fixes", action="store_false", help="whatever the configuration says"
    )
    fixes.add_argument(
        "--strategy",
        metavar="CODE=NAME",
        action="append",
        help="fix findings of CODE by this strategy only, such as IMR001=reuse",
    )
    fixes.add_argument("--diff", action="store_true", help="show what --fix would change; write nothing")
    fixes.add_argument("--show-fixes", action="store_true", help="list fixes, and why some do not apply")
    output = parser.add_argument_group("output")
    output.add_argument("--output-format", choices=_FORMATS, default="full", help="default: full")
    output.add_argument("-o", "--output-file", metavar="FILE", help="write findings to a file")
    output.add_argument("--statistics", action="store_true", help="show counts for each rule, not findings")
    output.add_argument("--exit-zero", action="store_true", help="exit 0 with findings (errors still exit 2)")
    loudness = output.add_mutually_exclusive_group()
    loudness.add_argument("-q", "--quiet", action="store_true", help="print findings and errors only")
    loudness.add_argument("-v", "--verbose", action="store_true", help="say what is done, on standard error")


def _add_validate(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_validate)
    parser.usage = "leakscan validate [OPTIONS] SCRIPT [-- ARGUMENTS]"
    parser.add_argument("script", metavar="SCRIPT", nargs="?", help="a script, or a directory of scripts")
    parser.add_argument("-m", dest="module", metavar="MODULE", help="run a module, as python -m does")
    parser.add_argument("--command", metavar="COMMAND", help="run a command in the current directory")
    parser.add_argument("--python", metavar="PATH", help="the interpreter of the program (default: this one)")
    parser.add_argument("--diff", action="store_true", help="show what each fix changes")
    arms = parser.add_argument_group("arms")
    arms.add_argument("--arms", metavar="NAMES", help="these only, separated by commas (default: every fix)")
    arms.add_argument(
        "--against",
        metavar="FILE|REV",
        action="append",
        default=[],
        help="compare with another program, or with the program as of a git revision (may be repeated)",
    )
    arms.add_argument(
        "--outputs-may-differ",
        action="store_true",
        help="compare arms that print other numbers than the original, too",
    )
    arms.add_argument(
        "--isolation",
        choices=("auto", "namespace", "copy"),
        default="auto",
        help="how each run gets its own tree: by a mount namespace, or by a copy (default: as possible)",
    )
    todo = parser.add_mutually_exclusive_group()
    todo.add_argument("--smoke", action="store_true", help="run each arm once")
    todo.add_argument(
        "--measure", action="store_true", help="run the arms in blocks and compare their energy"
    )
    plan = parser.add_argument_group("measuring (durations such as 90s, 10m, 1h)")
    amount = plan.add_mutually_exclusive_group()
    amount.add_argument(
        "--runs",
        metavar="N|auto",
        type=_lazy("blocks"),
        help="blocks of runs (default: 10; 6 with --iterations or --until)",
    )
    amount.add_argument("--budget", metavar="TIME", type=_lazy("seconds"), help="as many blocks as fit")
    plan.add_argument(
        "--iterations",
        metavar="N",
        type=_lazy("passes"),
        help="end each run after N passes of the flagged loop; compare the later ones",
    )
    plan.add_argument(
        "--until", metavar="TIME", type=_lazy("seconds"), help="end each run at the first pass after TIME"
    )
    plan.add_argument(
        "--loop", metavar="[FILE:]LINE", type=_lazy("loop"), help="the loop whose passes those are"
    )
    plan.add_argument(
        "--warmup", metavar="N", type=_count, default=1, help="runs that do not count (default: 1)"
    )
    plan.add_argument(
        "--prepare", metavar="COMMAND", help="a shell command to run before each run, in its tree"
    )
    plan.add_argument(
        "--cooldown", metavar="TIME", type=_lazy("seconds"), default=0.0, help="rest after a run"
    )
    plan.add_argument(
        "--wait",
        metavar="TIME",
        type=_lazy("seconds"),
        default=60.0,
        help="for quiet, at most (default: 60s; 0: not)",
    )
    plan.add_argument("--timeout", metavar="TIME", type=_lazy("seconds"), default=3600.0, help="for one run")
    plan.add_argument("--seed", metavar="N", type=int, default=0, help="of the order and of the program")
    plan.add_argument("--margin", metavar="PERCENT", type=_lazy("percent"), help="what does not matter")
    plan.add_argument(
        "--keep-disturbed", action="store_true", help="keep runs while other programs used the processor"
    )
    plan.add_argument("--self-test", action="store_true", help="measure the program against itself")
    plan.add_argument("--resume", action="store_true", help="go on where the last measurement stopped")
    plan.add_argument(
        "--fail-on", metavar="worse,invalid", type=_lazy("reasons_to_fail"), help="exit 1 when a fix is"
    )
    carbon = parser.add_argument_group("carbon").add_mutually_exclusive_group()
    carbon.add_argument("--carbon-intensity", metavar="G_PER_KWH", type=float, help="add grams of CO2e")
    carbon.add_argument("--country", metavar="ISO3", help="the same, from the mean intensity of a country")
    output = parser.add_argument_group("output")
    output.add_argument(
        "--out", metavar="DIR", help="where runs and reports go (default: leakscan-results/...)"
    )
    for name in ("html", "json", "csv", "markdown"):
        output.add_argument(f"--{name}", metavar="FILE", help=f"write the {name.upper()} report to this file")


def _add_study(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_study)
    todo = parser.add_mutually_exclusive_group()
    todo.add_argument("--list", action="store_true", help="list the experiments; run nothing")
    todo.add_argument(
        "--render", action="store_true", help="make tables and figures again from the runs; run nothing"
    )
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="a small grid, under 15 minutes on 2 cores")
    size.add_argument(
        "--practice", action="store_true", help="another grid: Adam, metrics, default threads; 249 runs"
    )
    parser.add_argument("--only", metavar="NAME", action="append", help="this experiment only (repeatable)")
    parser.add_argument("--runs", metavar="N", type=_positive, help="blocks of each (default: the grid's)")
    parser.add_argument("--longer", metavar="N", type=_positive, default=1, help="N times the epochs")
    parser.add_argument("--python", metavar="PATH", help="the interpreter to measure (default: this one)")
    parser.add_argument(
        "--out", metavar="DIR", default="leakscan-results", help="where study.md and study/ go"
    )
    parser.add_argument("--resume", action="store_true", help="go on where the last run stopped")
    parser.add_argument("--seed", metavar="N", type=int, default=0, help="of the order and of the programs")
    parser.add_argument("--timeout", metavar="TIME", type=_lazy("seconds"), default=600.0, help="for one run")
    parser.add_argument(
        "--wait",
        metavar="TIME",
        type=_lazy("seconds"),
        default=60.0,
        help="for quiet, at most (default: 60s; 0: not)",
    )
    parser.add_argument("--margin", metavar="PERCENT", type=_lazy("percent"), help="what does not matter")
    parser.add_argument(
        "--keep-disturbed", action="store_true", help="keep runs while other programs used the processor"
    )


def _add_report(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_render_report)
    parser.add_argument("file", metavar="FILE", help="the JSON report of a measurement")
    parser.add_argument("other", metavar="OTHER", nargs="?", help="another one, to be put beside it")
    for name in ("html", "json", "csv", "markdown"):
        parser.add_argument(f"--{name}", metavar="FILE", help=f"write the {name.upper()} report to this file")


def _positive(text: str) -> int:
    if not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no number above 0")
    return int(text)


def _count(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is no number; write 0 or more")
    return int(text)


def _lazy(name: str) -> Callable[[str], object]:
    """Parse an option of `validate` by a function of its module, which is heavy."""

    def convert(text: str) -> object:
        return getattr(_validation(), name)(text)

    convert.__name__ = {
        "blocks": "number of blocks",
        "passes": "number of passes",
        "seconds": "duration",
    }.get(name, name)
    return convert


def _validation(name: str = "leakscan.validation.command") -> ModuleType:
    """A module of what measures, whose dependencies are an extra. Raises LeakscanError without them."""
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise LeakscanError(
            f'measuring needs {error.name or error}; install it with: pip install "leakscan[validate]" '
            "(Linux or macOS)"
        ) from None


def _options() -> ModuleType:
    from leakscan.validation import options

    return options


def _validate(arguments: argparse.Namespace) -> int:
    _options().require_sensible_validate(arguments)
    code: int = _validation().validate(arguments)
    return code


def _study(arguments: argparse.Namespace) -> int:
    _options().require_sensible_study(arguments)
    code: int = _validation("leakscan.study.command").study(arguments)
    return code


def _render_report(arguments: argparse.Namespace) -> int:
    _options().require_sensible_report(arguments)
    code: int = _validation().report(arguments)
    return code


def _check(arguments: argparse.Namespace) -> int:
    from leakscan import fixer, runner  # a reader of --help need not wait for them
    from leakscan.terminal import Progress

    if arguments.statistics and arguments.output_format == "json":
        raise LeakscanError("--statistics does not go with --output-format json")
    request = _request(arguments)
    rules_dirs = _rules_dirs(arguments)
    rules = [loaded.rule for loaded in _load_rules(rules_dirs)]
    configs = _configs(arguments, rules, rules_dirs)
    if arguments.show_files:
        return _show_files(request, configs)
    begin = time.monotonic()
    progress = Progress(enabled=not arguments.quiet)
    listener = runner.Listener(start=progress.start, advance=progress.advance)
    if arguments.verbose:
        listener.log = _say
    try:
        if arguments.diff or (arguments.fix and request.standard is not None):
            fixed = fixer.fix(request, configs, rules, listener=listener)
        elif arguments.fix:
            fixed = fixer.fix_files(request, configs, rules, listener)
        else:
            result = runner.check(request, configs, rules, listener)
    finally:
        progress.stop()
    listener.log(f"checked in {time.monotonic() - begin:.2f} s")
    if arguments.diff:
        choices = fixer.Choices(fixed.last, configs)
        code = _diff_code(fixed, exit_zero=arguments.exit_zero)
        return _until_closed(_print_diff, fixed, choices, arguments, code=code)
    if arguments.fix:
        result = fixed.result
        choices = fixer.Choices(result, configs)
        code = result.exit_code(exit_zero=arguments.exit_zero)
        return _until_closed(_print_fixed, fixed, request, arguments, choices, code=code)
    code = result.exit_code(exit_zero=arguments.exit_zero)
    return _until_closed(_report, result, arguments, fixer.Choices(result, configs), code=code)


def _diff_code(fixed: Fixed, *, exit_zero: bool) -> int:
    if fixed.result.errors:
        return EXIT_ERROR
    return EXIT_FINDINGS if fixed.changed and not exit_zero else EXIT_CLEAN


def _print_diff(fixed: Fixed, choices: Choices, arguments: argparse.Namespace) -> None:
    from leakscan.fixer import texts
    from leakscan.reporters import text
    from leakscan.terminal import write_file

    result = fixed.result
    for error in result.errors:
        _say(text.error_line(error))
    lines = (
        line
        for item in fixed.changed
        for name, before, after in texts(item)
        for line in text.diff(name, before, after)
    )
    if arguments.output_file:
        write_file(arguments.output_file, _joined(lines))
    else:
        _print_lines(lines)
    if not arguments.quiet:
        _say_declined(result, choices)
        hidden = sum(map(choices.hidden, result.findings))
        _say(text.diff_summary(len(fixed.applied), len(fixed.changed), hidden))


def _print_fixed(fixed: Fixed, request: Request, arguments: argparse.Namespace, choices: Choices) -> None:
    stream = None
    if request.standard is not None:
        # The program goes to standard output, as with ruff; what is left is told on standard error.
        stream = sys.stderr
        _write_bytes(fixed.changed[0].after if fixed.changed else request.standard.data)
    # Reports for people have the reasons beside the findings.
    beside = arguments.output_format == "full" or (arguments.show_fixes and arguments.output_format != "json")
    if arguments.statistics or not (beside or arguments.quiet):
        _say_declined(fixed.result, choices)
    _report(fixed.result, arguments, choices, fixed, stream)


def _say_declined(result: CheckResult, choices: Choices) -> None:
    """Say why the strategies that were chosen do not fix some findings."""
    from leakscan.reporters import text

    for item in result.findings:
        if declined := choices.declined(item):
            _say(text.declined(item, *declined))


def _write_bytes(data: bytes) -> None:
    sys.stdout.flush()
    stream = getattr(sys.stdout, "buffer", None)
    if stream is None:
        sys.stdout.write(data.decode("utf-8", "replace"))
    else:
        stream.write(data)
        stream.flush()


def _request(arguments: argparse.Namespace) -> Request:
    from leakscan.runner import Request, Standard

    paths = tuple(arguments.paths)
    standard = None
    if "-" in paths or (arguments.stdin_filename and not paths):
        if len(paths) > 1:
            raise LeakscanError("- (standard input) cannot be combined with other paths")
        stream = sys.stdin.buffer if isinstance(sys.stdin, io.TextIOWrapper) else sys.stdin
        data = stream.read()
        standard = Standard(data.encode() if isinstance(data, str) else data, arguments.stdin_filename)
        paths = ()
    elif arguments.stdin_filename:
        raise LeakscanError("--stdin-filename goes with - (standard input) only")
    elif not paths:
        paths = (".",)
    return Request(paths, standard, arguments.force_exclude, arguments.report_unused_suppressions)


def _rules_dirs(arguments: argparse.Namespace) -> tuple[str, ...]:
    """The directories of rules that options and the configuration name."""
    from leakscan.config import configured_rules_dirs
    from leakscan.discovery import absolute

    configured = () if arguments.isolated else configured_rules_dirs(arguments.config)
    return tuple(dict.fromkeys([*map(absolute, arguments.rules_dir), *configured]))


def _load_rules(rules_dirs: Iterable[str]) -> Sequence[LoadedRule]:
    from leakscan.registry import load_rules

    here = os.getcwd() + os.sep
    return load_rules(directory.removeprefix(here) for directory in rules_dirs)


def _configs(
    arguments: argparse.Namespace, rules: Sequence[Rule], rules_dirs: Sequence[str]
) -> ConfigResolver:
    from leakscan.config import ConfigResolver, Overrides, selector_problem
    from leakscan.diagnostics import Confidence, Severity
    from leakscan.suppressions import UNUSED_CODE

    known = [*(rule.code for rule in rules), UNUSED_CODE]
    strategies = {rule.code: [strategy.name for strategy in rule.strategies] for rule in rules}

    def selectors(option: str) -> tuple[str, ...] | None:
        values = _split(getattr(arguments, option))
        for value in values or ():
            if problem := selector_problem(value, known):
                raise LeakscanError(f"--{option.replace('_', '-')}: {problem}")
        return values

    overrides = Overrides(
        select=selectors("select"),
        extend_select=selectors("extend_select") or (),
        ignore=selectors("ignore"),
        exclude=_split(arguments.exclude),
        extend_exclude=_split(arguments.extend_exclude) or (),
        min_severity=Severity[arguments.min_severity.upper()] if arguments.min_severity else None,
        min_confidence=Confidence[arguments.min_confidence.upper()] if arguments.min_confidence else None,
        unsafe_fixes=arguments.unsafe_fixes,
        strategies=tuple(_strategies(arguments, strategies)),
    )
    return ConfigResolver(
        overrides,
        known,
        file=arguments.config,
        isolated=arguments.isolated,
        strategies=strategies,
        rules_dirs=rules_dirs,
    )


def _strategies(arguments: argparse.Namespace, known: Strategies) -> Iterator[tuple[str, str]]:
    from leakscan.config import strategy_problem

    for value in _split(arguments.strategy) or ():
        code, equals, name = value.partition("=")
        if not equals or not name:
            raise LeakscanError(f"--strategy: {value!r} is not CODE=NAME, such as IMR001=reuse")
        if problem := strategy_problem(code, name, known):
            raise LeakscanError(f"--strategy: {problem}")
        yield code, name


def _split(values: list[str] | None) -> tuple[str, ...] | None:
    if values is None:
        return None
    return tuple(part.strip() for value in values for part in value.split(",") if part.strip())


def _show_files(request: Request, configs: ConfigResolver) -> int:
    from leakscan.discovery import display_path
    from leakscan.reporters.text import clean, error_line
    from leakscan.runner import requested_files

    found = requested_files(request, configs)
    for error in sorted(found.errors, key=lambda item: item.sort_key):
        _say(error_line(error))
    names = sorted(display_path(path, relative=path not in found.absolute_display) for path in found.files)
    code = EXIT_ERROR if found.errors else EXIT_CLEAN
    return _until_closed(_print_lines, [[(clean(name), "")] for name in names], code=code)


def _report(
    result: CheckResult,
    arguments: argparse.Namespace,
    choices: Choices,
    fixed: Fixed | None = None,
    stream: TextIO | None = None,
) -> None:
    from leakscan.reporters import json, text
    from leakscan.terminal import write_file

    out = stream or sys.stdout

    for error in result.errors:
        _say(text.error_line(error))
    as_json = arguments.output_format == "json"
    if as_json:
        document = json.render(result.findings, result.errors, result.files_checked)
        if not arguments.output_file:
            out.write(document)
    else:
        lines = _text_lines(result, arguments, choices, fixed)
        if not arguments.output_file:
            _print_lines(lines, out)
        else:
            document = _joined(lines)
    if arguments.output_file:
        write_file(arguments.output_file, document)
    if not arguments.quiet and (arguments.output_file or not as_json):
        if result.files_checked or result.errors:
            made = len(fixed.applied) if fixed else 0
            print(text.summary(result.findings, len(result.errors), result.files_checked, made), file=out)
            fixable, hidden = (sum(map(f, result.findings)) for f in (choices.fixable, choices.hidden))
            if hint := text.hint(fixable, hidden, fixed=arguments.fix):
                print(hint, file=out)
        else:
            _say("warning: no Python files found under the given paths")
    out.flush()


def _text_lines(
    result: CheckResult, arguments: argparse.Namespace, choices: Choices, fixed: Fixed | None
) -> Iterable[Line]:
    from itertools import chain

    from leakscan.reporters import text

    fixes = text.Fixes(choices.fixable, choices.declined, explain=arguments.show_fixes)
    if arguments.statistics:
        lines = text.statistics(result.findings)
    elif arguments.output_format == "concise":
        lines = text.concise(result.findings, fixes)
    else:
        lines = text.full(result.findings, result.sources, fixes)
    if fixed is None or not arguments.show_fixes:
        return lines
    made = ((item.path, item.cell, item.line, item.code, item.fix) for item in fixed.applied)
    return chain(lines, text.applied(made))


def _joined(lines: Iterable[Line]) -> str:
    return "".join("".join(part for part, _ in line) + "\n" for line in lines)


def _print_lines(lines: Iterable[Line], stream: TextIO | None = None) -> None:
    from leakscan.terminal import write_lines

    out = stream or sys.stdout
    write_lines(lines, out)
    out.flush()


def _until_closed(write: Callable[..., None], *arguments: object, code: int) -> int:
    """Write; when the reader of the pipe has had enough, stop quietly. The exit code stays the result's."""
    try:
        write(*arguments)
    except BrokenPipeError:
        _drop_stdout()
    except OSError as error:
        _drop_stdout()
        raise LeakscanError(f"standard output: cannot be written: {error.strerror}") from error
    return code


def _drop_stdout() -> None:
    # Python flushes standard output once more at exit, which must not fail again.
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, sys.stdout.fileno())
    os.close(devnull)


def _rule(arguments: argparse.Namespace) -> int:
    from leakscan.config import did_you_mean
    from leakscan.suppressions import UNUSED_CODE, UNUSED_PAGE

    if arguments.all == (arguments.code is not None):
        raise LeakscanError("give one rule code, or --all")
    rules = _known_rules(arguments)
    if arguments.all:
        return _until_closed(_print_table, rules, code=EXIT_CLEAN)
    code = arguments.code.upper()
    if code == UNUSED_CODE:
        return _until_closed(_print_page, UNUSED_PAGE, code=EXIT_CLEAN)
    for loaded in rules:
        if loaded.rule.code == code:
            return _until_closed(_print_page, _page(loaded), code=EXIT_CLEAN)
    known = [*(loaded.rule.code for loaded in rules), UNUSED_CODE, "new", "test"]
    raise LeakscanError(f"unknown rule {arguments.code!r}{did_you_mean(code, known)}")


def _known_rules(arguments: argparse.Namespace) -> Sequence[LoadedRule]:
    """Every rule that a check in the current directory would know."""
    arguments.config, arguments.isolated = None, False
    return _load_rules(_rules_dirs(arguments))


def _rule_new(arguments: argparse.Namespace) -> int:
    from leakscan.scaffold import new_rule

    taken = {loaded.rule.code: loaded.folder for loaded in _known_rules(arguments)}
    if arguments.code in taken:
        raise LeakscanError(f"the code {arguments.code} is used by {taken[arguments.code]}")
    folder, files = new_rule(arguments.code, arguments.name, arguments.dir)
    lines = [
        *map(str, files),
        "",
        f"A rule that works, to be changed into yours. Check it with: leakscan rule test {folder}",
        f"Use it with: leakscan check --rules-dir {arguments.dir}",
    ]
    return _until_closed(_print_lines, [[(line, "")] for line in lines], code=EXIT_CLEAN)


def _rule_test(arguments: argparse.Namespace) -> int:
    from leakscan.reporters.text import plural
    from leakscan.testing import load_folders

    folders = load_folders(arguments.directory)
    found = 0
    for folder in folders:
        problems = folder.problems()
        found += len(problems)
        lines = [f"{folder.rule.code} {folder.rule.name}: {folder.contents()}"]
        lines += [f"  {line}" for item in problems for line in str(item).splitlines()]
        _until_closed(_print_lines, [[(line, "")] for line in lines], code=EXIT_CLEAN)
    end = f"Tested {plural(len(folders), 'rule')}: {plural(found, 'problem') if found else 'all is well'}."
    return _until_closed(_print_lines, [[(end, "")]], code=EXIT_FINDINGS if found else EXIT_CLEAN)


def _page(loaded: LoadedRule) -> str:
    path = loaded.folder / "README.md"
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise LeakscanError(f"{path}: cannot be read: {error.strerror}") from error


def _print_page(page: str) -> None:
    from leakscan.terminal import console, is_terminal

    if is_terminal(sys.stdout):
        from rich.markdown import Markdown

        console(sys.stdout).print(Markdown(page))
    else:
        sys.stdout.write(page if page.endswith("\n") else page + "\n")
    sys.stdout.flush()


def _print_table(rules: Sequence[LoadedRule]) -> None:
    from leakscan.terminal import console, is_terminal

    heads = ("code", "name", "severity", "default", "from", "summary")
    rows = [
        (r.code, r.name, r.severity.label, "on" if r.enabled_by_default else "off", loaded.origin, r.summary)
        for loaded, r in ((loaded, loaded.rule) for loaded in rules)
    ]
    if is_terminal(sys.stdout):
        from rich.table import Table

        table = Table(*heads, box=None)
        for row in rows:
            table.add_row(*row)
        console(sys.stdout).print(table)
    else:
        widths = [max(len(row[column]) for row in (heads, *rows)) for column in range(len(heads))]
        for row in (heads, *rows):
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            sys.stdout.write("  ".join(cells).rstrip() + "\n")
    sys.stdout.flush()
