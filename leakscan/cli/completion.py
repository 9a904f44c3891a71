"""`leakscan completion`: what a shell needs to complete commands and options."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from leakscan.cli.output import until_closed
from leakscan.cli.parsing import Commands, OneOf
from leakscan.errors import EXIT_CLEAN, LeakscanError

_SHELLS = ("bash", "zsh", "fish")
#: How arguments that are files are called.
_FILES = ("FILE", "FILE|KEY=VALUE", "FILE|REV", "OTHER", "PATH", "SCRIPT")


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
    parser.add_argument("shell", metavar="SHELL", type=OneOf(_SHELLS), help=", ".join(_SHELLS))


def run(arguments: argparse.Namespace) -> int:
    """Print the completions. Raises LeakscanError where the extra is not installed."""
    try:
        import shtab
    except ImportError:
        raise LeakscanError(
            'completions need shtab; install it with: pip install "leakscan-keras[completion]"'
        ) from None
    from leakscan.cli import settings
    from leakscan.cli.entry import parser

    made = parser().with_choices()
    by_metavar: dict[str, dict[str, object]] = {name: {"complete": shtab.FILE} for name in _FILES}
    by_metavar["DIR"] = {"complete": shtab.DIRECTORY}
    by_metavar["CODES"] = {"choices": [item.rule.code for item in settings.load(())]}
    _tell(made, by_metavar)
    return until_closed(print, shtab.complete(made, arguments.shell), code=EXIT_CLEAN)


def _tell(parser: argparse.ArgumentParser, by_metavar: Mapping[str, Mapping[str, object]]) -> None:
    """Say of each option and argument what it takes, as shtab reads it: files, directories, a few words."""
    for action in parser._actions:  # noqa: SLF001 (argparse has no other way to read a parser)
        if isinstance(action, Commands):
            for child in (action.choices or {}).values():
                _tell(child, by_metavar)
        elif isinstance(action.type, OneOf):
            action.choices = action.type.words
        else:
            for name, value in by_metavar.get(str(action.metavar), {}).items():
                setattr(action, name, value)
