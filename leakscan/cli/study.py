"""`leakscan study`: its options."""

from __future__ import annotations

import argparse

from leakscan.cli import sense
from leakscan.cli.measure import measuring
from leakscan.cli.parsing import Commands, add_color, positive, seconds
from leakscan.cli.validate import add_judging, add_wait


def add(commands: Commands) -> None:
    """Add the command to those of `leakscan`."""
    parser = commands.add_parser(
        "study",
        help="measure what leaks cost on this machine",
        description="Measure what leaks cost on this machine, in a grid of experiments.",
        usage="leakscan study [OPTIONS]",
        example="leakscan study --quick --out my-study",
        exit_codes="0 everything was measured, 2 something was not, 130 ^C",
    )
    parser.set_defaults(run=run)
    todo = parser.add_mutually_exclusive_group()
    todo.add_argument("--list", action="store_true", help="list the experiments; run nothing")
    todo.add_argument(
        "--render", action="store_true", help="make tables and figures from the runs; run nothing"
    )
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="run a small grid, under 15 minutes on 2 cores")
    size.add_argument(
        "--practice", action="store_true", help="run another grid: Adam, metrics, default threads; 249 runs"
    )
    parser.add_argument(
        "--only", metavar="NAME", action="append", help="run this experiment only; repeatable"
    )
    parser.add_argument("--runs", metavar="N", type=positive, help="run N blocks of each experiment")
    parser.add_argument(
        "--longer", metavar="N", type=positive, default=1, help="train N times as many epochs (1)"
    )
    parser.add_argument("--python", metavar="PATH", help="run programs with this interpreter")
    parser.add_argument(
        "--out", metavar="DIR", default="leakscan-results", help="write study.md and study/ to DIR"
    )
    parser.add_argument("--resume", action="store_true", help="continue where the last run stopped")
    parser.add_argument("--seed", metavar="N", type=int, default=0, help="seed the order and programs (0)")
    parser.add_argument(
        "--timeout", metavar="TIME", type=seconds, default=600.0, help="stop a run after TIME (600s)"
    )
    add_wait(parser)
    add_judging(parser)
    add_color(parser)


def run(arguments: argparse.Namespace) -> int:
    """List, measure or render the grid."""
    sense.require_sensible_study(arguments)
    code: int = measuring("leakscan.cli.measure.study").study(arguments)
    return code
