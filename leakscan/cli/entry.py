"""From the words of a command line to an exit code."""

from __future__ import annotations

import argparse
import contextlib
import errno
import gc
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from leakscan.cli.output import make_streams_safe, say, until_closed, unwritten
from leakscan.cli.parsing import Parser
from leakscan.cli.signals import Terminated, signals_unwind
from leakscan.cli.terminal import choose_color
from leakscan.errors import EXIT_CLEAN, EXIT_ERROR, EXIT_INTERRUPTED, LeakscanError
from leakscan.installation import namesake

_CANNOT_WRITE = (errno.EPIPE, errno.ENOSPC, errno.EDQUOT, errno.EIO)

#: Modules of `leakscan.cli`, in the order of `leakscan --help`.
COMMANDS = ("check", "rule", "validate", "report", "study", "server", "clean", "completion")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; the exit code is 0 for clean, 1 for findings, 2 for work that could not be done."""
    make_streams_safe()
    with signals_unwind():
        words = tuple(sys.argv[1:] if argv is None else argv)
        # As git, pip and cargo have it.
        return _run((*words[1:], "--help") if words[:1] == ("help",) else words)


def program() -> int:
    """Run a command as the program that this process is for."""
    # Syntax trees and facts are many objects and hold few cycles. By the thresholds of Python the collector
    # walks them again and again, for a fourth of the time of a check; memory grows no more with these.
    gc.set_threshold(200_000, 30, 30)
    if said := namesake():
        say(said)
    return main()


def _run(words: tuple[str, ...]) -> int:
    try:
        try:
            code = _command(words)
        except SystemExit as ended:  # argparse, after help and for what it does not know
            code = int(ended.code or EXIT_CLEAN)
        except OSError as error:
            if error.errno not in _CANNOT_WRITE:
                raise
            said = unwritten(error)
            if error.errno != errno.EPIPE:
                raise said from error
            code = EXIT_ERROR  # a measurement that was broken off; nobody wants to read more
        return until_closed(str, code=code)
    except LeakscanError as error:
        say(f"error: {error}")
        return error.exit_code
    except KeyboardInterrupt:
        _end_at_once("interrupted", EXIT_INTERRUPTED)
    except Terminated as ended:
        _end_at_once(f"ended by {ended}", ended.exit_code)


def _command(words: tuple[str, ...]) -> int:
    # A report says by which words it was made.
    arguments = parser(_asked_for(words)).parse_args(words, argparse.Namespace(words=words))
    choose_color(getattr(arguments, "color", "auto"))
    try:
        os.getcwd()
    except OSError as error:  # a terminal in a folder that was removed
        raise LeakscanError(f"the current directory cannot be used: {error.strerror}") from error
    run: Callable[[argparse.Namespace], int] = arguments.run
    return run(arguments)


def _end_at_once(message: str, code: int) -> NoReturn:
    """Not by sys.exit: that would wait for the thread that parses."""
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
    say(message)
    os._exit(code)


def _asked_for(words: Sequence[str]) -> Sequence[str]:
    """The commands that a command line needs: options are many, and a hook waits for nobody."""
    if words[:1] in (("--version",), ("-V",)):
        return ()
    return words[:1] if words[:1] and words[0] in COMMANDS else COMMANDS


def parser(commands: Sequence[str] = COMMANDS) -> Parser:
    """The parser of the whole command line, or of some commands."""
    made = Parser(
        prog="leakscan",
        description="Find models rebuilt in loops and tensors kept alive in TensorFlow/Keras code.",
        usage="leakscan COMMAND [OPTIONS]",
        example="leakscan check src (leakscan COMMAND --help explains a command)",
        exit_codes="0 nothing found, 1 findings, 2 something could not be done",
    )
    made.add_argument(
        "-V", "--version", action=_Version, nargs=0, help="show the version, and what it runs on, and exit"
    )

    def print_help(_: argparse.Namespace) -> int:
        made.print_help()
        return EXIT_CLEAN

    made.set_defaults(run=print_help)
    added = made.add_commands(_refuse)
    for name in commands:
        command: Any = importlib.import_module(f"leakscan.cli.{name}")
        command.add(added)
    return made


class _Version(argparse.Action):
    """Worked out when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> NoReturn:
        from leakscan.installation import version_text

        parser.exit(until_closed(print, version_text(), code=EXIT_CLEAN))


def _refuse(parser: Parser, _: argparse.Namespace, words: Sequence[str]) -> NoReturn:
    word = words[0]
    hint = parser.nearest_command(word)
    if not hint and os.path.exists(word):
        hint = f" (did you mean 'leakscan check {word}'?)"
    parser.error(f"unknown command {word!r}{hint}")


__all__ = ["COMMANDS", "main", "parser"]
