"""`leakscan completion`: what a shell needs to complete commands and options."""

from __future__ import annotations

import argparse

from leakscan.cli.output import until_closed
from leakscan.cli.parsing import Commands, one_of
from leakscan.errors import EXIT_CLEAN, LeakscanError

_SHELLS = ("bash", "zsh", "fish")


def add(commands: Commands) -> None:
    """Add the command to those of `leakscan`."""
    parser = commands.add_parser(
        "completion",
        help="print completions for a shell",
        description="Print what bash, zsh or fish need to complete commands and options.",
        usage="leakscan completion SHELL",
        example="leakscan completion bash",
        exit_codes="0 it was printed, 2 it could not be made",
    )
    parser.set_defaults(run=run)
    parser.add_argument("shell", metavar="SHELL", type=one_of(_SHELLS), help=", ".join(_SHELLS))


def run(arguments: argparse.Namespace) -> int:
    """Print the completions. Raises LeakscanError where the extra is not installed."""
    try:
        import shtab
    except ImportError:
        raise LeakscanError(
            'completions need shtab; install it with: pip install "leakscan-keras[completion]"'
        ) from None
    from leakscan.cli.entry import parser

    made = parser().with_choices()
    return until_closed(print, shtab.complete(made, arguments.shell), code=EXIT_CLEAN)
