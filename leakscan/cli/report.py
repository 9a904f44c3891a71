"""`leakscan report`: its options."""

from __future__ import annotations

import argparse

from leakscan.cli import sense
from leakscan.cli.measure import measuring
from leakscan.cli.parsing import Commands, add_color, add_reports


def add(commands: Commands) -> None:
    """Add the command to those of `leakscan`."""
    parser = commands.add_parser(
        "report",
        help="show a measurement again, or two beside each other",
        description="Show the report of a measurement again in any form, or compare two reports.",
        usage="leakscan report [OPTIONS] FILE [OTHER]",
        example="leakscan report leakscan-results/train/report.json --html train.html",
        exit_codes="0 the report was shown or written, 2 it could not be read",
    )
    parser.set_defaults(run=run)
    parser.add_argument("file", metavar="FILE", help="the JSON report of a measurement")
    parser.add_argument("other", metavar="OTHER", nargs="?", help="another report, to compare with the first")
    add_reports(parser)
    add_color(parser)


def run(arguments: argparse.Namespace) -> int:
    """Show one report or two."""
    sense.require_sensible_report(arguments)
    code: int = measuring("leakscan.cli.measure.report").report(arguments)
    return code
