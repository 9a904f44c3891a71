"""`--baseline`, `--write-baseline` and `--diff-base`: which findings are old ones."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from leakscan.cli.output import say
from leakscan.cli.parsing import Parser, output_file
from leakscan.errors import EXIT_CLEAN, EXIT_ERROR, LeakscanError
from leakscan.records import replace

if TYPE_CHECKING:
    from leakscan.runner import CheckResult, Request, Session

_OPTIONS = ("baseline", "write_baseline", "diff_base")


def add_known(parser: Parser) -> None:
    """The options that tell old findings from new ones."""
    known = parser.add_argument_group("known findings").add_mutually_exclusive_group()
    known.add_argument("--baseline", metavar="FILE", help="hide the findings that FILE knows")
    known.add_argument(
        "--write-baseline", metavar="FILE", type=output_file, help="note what is found in FILE, and exit 0"
    )
    known.add_argument("--diff-base", metavar="REV", help="report what was not there in git's REV")


def refuse_contradictions(arguments: argparse.Namespace) -> None:
    """Raises LeakscanError for options that contradict each other."""
    for name in ("add_noqa", *_OPTIONS):
        if not getattr(arguments, name):
            continue
        shown = f"--{name.replace('_', '-')}"
        others = ["fix", "diff", "statistics", "output_file", "stdin_filename"]
        if name in ("baseline", "diff_base"):
            others = ["fix", "diff", *(["stdin_filename"] if name == "diff_base" else [])]
        for other in (*others, *(["add_noqa"] if name in _OPTIONS else [])):
            if getattr(arguments, other):
                raise LeakscanError(f"{shown} cannot be used with --{other.replace('_', '-')}; leave one out")
        if "-" in arguments.paths and name != "baseline":
            raise LeakscanError(f"{shown} cannot be used with - (standard input); name a file")


def without_known(
    result: CheckResult, session: Session, request: Request, arguments: argparse.Namespace
) -> CheckResult:
    """The result without what a baseline or an earlier revision knows. Raises LeakscanError."""
    from leakscan import baseline

    if arguments.baseline:
        return baseline.beside(result, baseline.read_baseline(arguments.baseline), session.configs)
    if arguments.diff_base:
        before = session.check(_request_at(request, arguments.diff_base), fixes=False)
        known = baseline.known_of(before.findings, before.sources)
        return baseline.beside(result, known, session.configs)
    return result


def _request_at(request: Request, revision: str) -> Request:
    import os

    from leakscan.discovery import absolute
    from leakscan.revisions import texts_at

    directories = [
        path if os.path.isdir(path) else os.path.dirname(path) for path in map(absolute, request.paths)
    ]
    return replace(request, overlay=texts_at(revision, [item for item in directories if os.path.isdir(item)]))


def write_baseline(result: CheckResult, arguments: argparse.Namespace) -> int:
    """Write what was found; 2 where something could not be checked."""
    from leakscan.baseline import baseline_text
    from leakscan.output_files import write_file
    from leakscan.reporters import text

    for error in result.errors:
        say(text.error_line(error))
    write_file(
        arguments.write_baseline, baseline_text(result.findings, result.sources, arguments.write_baseline)
    )
    if not arguments.quiet:
        say(f"Wrote {text.plural(len(result.findings), 'finding')} to {arguments.write_baseline}.")
    return EXIT_ERROR if result.errors else EXIT_CLEAN
