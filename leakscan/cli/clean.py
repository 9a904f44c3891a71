"""`leakscan clean`: removes the cache."""

from __future__ import annotations

import argparse

from leakscan.cli.output import until_closed
from leakscan.cli.parsing import Commands, add_cache_dir
from leakscan.errors import EXIT_CLEAN, LeakscanError


def add(commands: Commands) -> None:
    """Add the command to those of `leakscan`."""
    parser = commands.add_parser(
        "clean",
        help="remove the cache",
        description="Remove the cache that a check in this directory uses.",
        usage="leakscan clean [OPTIONS]",
        example="leakscan clean",
        exit_codes="0 there is no cache any more, 2 it could not be removed",
    )
    parser.set_defaults(run=run)
    add_cache_dir(parser)
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--config", metavar="FILE", help="read FILE instead of pyproject.toml")
    source.add_argument("--isolated", action="store_true", help="ignore every configuration file")


def run(arguments: argparse.Namespace) -> int:
    """Remove the folder, if leakscan has made it. Raises LeakscanError where it cannot be removed."""
    import os
    import shutil

    from leakscan.cache import is_cache
    from leakscan.cli import settings

    folder = settings.cache_folder(arguments, arguments.config)
    if folder is None or not os.path.lexists(folder):
        return EXIT_CLEAN
    if not is_cache(folder):
        raise LeakscanError(f"{folder}: not removed, since leakscan did not make it")
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise LeakscanError(f"{folder}: cannot be removed: {error.strerror}") from error
    return until_closed(print, f"Removed {folder}", code=EXIT_CLEAN)
