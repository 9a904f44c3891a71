"""`leakscan server`: findings in editors, while a program is written."""

from __future__ import annotations

import argparse

from leakscan.cli.parsing import Commands, add_rules_dir
from leakscan.errors import EXIT_CLEAN, LeakscanError


def add(commands: Commands) -> None:
    """Add the command to those of `leakscan`."""
    parser = commands.add_parser(
        "server",
        help="show findings in an editor (language server)",
        description="Speak the language server protocol on standard input and output.",
        usage="leakscan server [OPTIONS]",
        example="leakscan server",
        exit_codes="0 the editor ended it, 2 it could not be started",
    )
    parser.set_defaults(run=run)
    add_rules_dir(parser)
    parser.add_argument(
        "--allow-project-rules", action="store_true", help="run rules that opened projects bring along"
    )
    parser.add_argument("--isolated", action="store_true", help="ignore every configuration file")


def run(arguments: argparse.Namespace) -> int:
    """Serve until the editor ends. Raises LeakscanError where the extra is not installed."""
    from leakscan.config import ConfigResolver, Overrides, project_rules_dirs
    from leakscan.discovery import absolute
    from leakscan.runner import Session
    from leakscan.suppressions import OWN_NAMES

    try:
        from leakscan import server
    except ImportError as error:
        raise LeakscanError(
            f'the server needs {error.name}; install it with: pip install "leakscan-keras[server]"'
        ) from None
    from leakscan.cli import settings

    # An editor opens what somebody else has written: its rules are run on request only.
    directories = tuple(map(absolute, arguments.rules_dir))
    if arguments.allow_project_rules and not arguments.isolated:
        directories += project_rules_dirs((".",))
    rules = [item.rule for item in settings.load(directories)]
    strategies = {rule.code: [strategy.name for strategy in rule.strategies] for rule in rules}

    def configs() -> ConfigResolver:
        return ConfigResolver(
            Overrides(rules_dirs=tuple(map(absolute, arguments.rules_dir))),
            [*strategies, *OWN_NAMES],
            isolated=arguments.isolated,
            strategies=strategies,
            rules_dirs=directories,
        )

    setup = server.Setup(Session(configs(), rules), configs, lambda: settings.pages(directories))
    server.make_server(setup).start_io()
    return EXIT_CLEAN
