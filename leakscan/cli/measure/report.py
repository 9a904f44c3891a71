"""What `leakscan report` does."""

from __future__ import annotations

import argparse
import sys

from leakscan.cli.parsing import REPORTS
from leakscan.cli.terminal import console
from leakscan.errors import EXIT_CLEAN, LeakscanError
from leakscan.output_files import write_file
from leakscan.validation import results
from leakscan.validation.beside import put_beside
from leakscan.validation.reports import forms
from leakscan.validation.reports.beside import render_beside_terminal
from leakscan.validation.reports.markdown import render_beside
from leakscan.validation.reports.terminal import render_terminal


def report(arguments: argparse.Namespace) -> int:
    """Render the report of a finished experiment again, from its JSON; or two beside each other.

    Raises LeakscanError for files that are no reports, and for forms that two of them do not have.
    """
    if arguments.other is not None:
        return _beside(arguments)
    result = results.load(arguments.file)
    wanted = {name: path for name in REPORTS if (path := getattr(arguments, name)) is not None}
    for name, path in wanted.items():
        write_file(path, forms.FORMS[name](result))
    if not wanted:
        render_terminal(result, console(sys.stdout))
    return EXIT_CLEAN


def _beside(arguments: argparse.Namespace) -> int:
    for name in REPORTS:
        if name != "markdown" and getattr(arguments, name) is not None:
            raise LeakscanError(
                f"--{name} is for one report; two can be shown, or written with --markdown FILE"
            )
    first, second = (results.load(path) for path in (arguments.file, arguments.other))
    found = put_beside(arguments.file, first, arguments.other, second)
    if arguments.markdown is not None:
        write_file(arguments.markdown, render_beside(found))
    else:
        render_beside_terminal(found, console(sys.stdout))
    return EXIT_CLEAN
