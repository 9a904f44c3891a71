"""`leakscan check --watch`: checks again whenever a file changes, until Ctrl-C."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from leakscan.cli import settings
from leakscan.cli.known import without_known
from leakscan.cli.output import say
from leakscan.cli.signals import terminated
from leakscan.cli.terminal import is_terminal
from leakscan.errors import EXIT_CLEAN, LeakscanError

if TYPE_CHECKING:
    from leakscan.config import ConfigResolver
    from leakscan.runner import CheckResult, Request

#: Shows a result by the configuration that it was found under.
Show = Callable[["CheckResult", "ConfigResolver"], None]

_MATTERING = (".py", ".pyi", ".ipynb", "pyproject.toml", "leakscan.toml", ".gitignore")
#: From the screen's first line on, without what stood there and what has scrolled away.
_CLEAR = "\x1b[H\x1b[2J\x1b[3J"
#: How long changes are waited for before it is asked whether a signal has come.
_WAIT_MILLISECONDS = 250


def run(arguments: argparse.Namespace, show: Show) -> int:
    """Check and show again and again. Raises LeakscanError for options that do not fit, or without the extra.

    An end comes by Ctrl-C or a signal, which the command line takes care of.
    """
    _refuse_contradictions(arguments)
    try:
        from watchfiles import watch
    except ImportError:
        raise LeakscanError(
            '--watch needs watchfiles; install it with: pip install "leakscan-keras[watch]"'
        ) from None
    from leakscan.runner import Listener, Session

    request = settings.request(arguments)
    if request.standard is not None:
        raise LeakscanError("--watch cannot be used with - (standard input); name a file")
    given = settings.given_config(arguments)
    directories = settings.rules_dirs_of_check(arguments, given)
    cache = settings.cache(arguments, given)
    rules = settings.rules(directories, cache)
    configs = settings.configs(arguments, rules.cards, directories, given)
    arguments.pages = lambda: settings.pages(directories)
    listener = Listener(warn=lambda words: say(f"warning: {words}"))
    if arguments.verbose:
        listener.log = say
    watched = sorted(_watched(request, configs))
    changes = watch(
        *watched,
        watch_filter=lambda _, path: path.endswith(_MATTERING),
        rust_timeout=_WAIT_MILLISECONDS,
        yield_on_timeout=True,
    )
    try:
        session = Session(configs, rules, cache, jobs=settings.jobs(arguments))
        for number, changed in enumerate(changes):
            # The first answer says that changes are noticed from now on.
            if number and not changed:
                continue
            if is_terminal(sys.stdout):
                sys.stdout.write(_CLEAR)
            try:
                session.configs = settings.configs(arguments, rules.cards, directories, given)
                result = session.check(request, listener)
                show(without_known(result, session, request, arguments), session.configs)
            except LeakscanError as error:
                say(f"error: {error}")
            if not arguments.quiet:
                say(f"Waiting for changes below {', '.join(map(_shown, watched))}; Ctrl-C ends.")
    except KeyboardInterrupt:
        # watchfiles makes one of whatever a signal raises while it waits.
        raise terminated() or KeyboardInterrupt from None
    finally:
        settings.close(None, cache)
    return EXIT_CLEAN


def _refuse_contradictions(arguments: argparse.Namespace) -> None:
    for name in ("fix", "diff", "add_noqa", "write_baseline", "show_files", "show_settings", "scheduler"):
        if getattr(arguments, name):
            raise LeakscanError(f"--watch cannot be used with --{name.replace('_', '-')}; leave one out")


def _watched(request: Request, configs: ConfigResolver) -> Iterator[str]:
    """The directories that are checked, and those of their configurations: modules of a project lie there."""
    from leakscan.discovery import absolute

    found = set()
    for given in request.paths:
        path = absolute(given)
        if not os.path.exists(path):
            raise LeakscanError(f"{given}: no such file or directory; --watch needs one that is there")
        directory = path if os.path.isdir(path) else os.path.dirname(path)
        found.add(directory)
        origin = configs.for_directory(directory).origin
        if origin is not None:
            found.add(os.path.dirname(absolute(origin)))
    # A configuration for everything of a user would have everything watched.
    found -= {os.path.expanduser("~"), "/"} - set(map(absolute, request.paths))
    for directory in found:
        if not any(directory.startswith(other.rstrip("/") + "/") for other in found):
            yield directory


def _shown(directory: str) -> str:
    return os.path.relpath(directory) if directory.startswith(os.getcwd()) else directory
