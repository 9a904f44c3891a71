"""`leakscan validate`: its options. What it does is in `measure`, whose dependencies are an extra."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from leakscan.cli import sense
from leakscan.cli.measure import measuring
from leakscan.cli.parsing import Commands, OneOf, Parser, add_color, add_reports, count, percent, seconds

if TYPE_CHECKING:
    from leakscan.validation.counted import Choice

_REASONS_TO_FAIL = ("worse", "invalid")


def add(commands: Commands) -> None:
    """Add the command to those of `leakscan`."""
    parser = commands.add_parser(
        "validate",
        help="measure whether fixes save energy",
        description="Compare a program with its fixes: list them, run each, or measure energy.",
        usage="leakscan validate [OPTIONS] SCRIPT [-- ARGUMENTS]",
        example="leakscan validate train.py --measure --runs auto -- --epochs 3",
        exit_codes="0 done, 1 smoke run, self-test or --fail-on failed, 2 error, 130 ^C",
        program="arguments",
    )
    parser.set_defaults(run=run)
    parser.add_argument("script", metavar="SCRIPT", nargs="?", help="a script, or a directory of scripts")
    parser.add_argument("-m", dest="module", metavar="MODULE", help="run a module, as python -m does")
    parser.add_argument("--command", metavar="COMMAND", help="run a command in the current directory")
    parser.add_argument("--python", metavar="PATH", help="run programs with this interpreter")
    _add_arms(parser)
    _add_measuring(parser)
    carbon = parser.add_argument_group("carbon").add_mutually_exclusive_group()
    carbon.add_argument(
        "--carbon-intensity", metavar="G", type=float, help="add grams of CO2e, at G grams per kWh"
    )
    carbon.add_argument("--country", metavar="ISO3", help="add CO2e, by the mean intensity of a country")
    output = parser.add_argument_group("output")
    output.add_argument("--out", metavar="DIR", help="keep runs and reports in DIR (leakscan-results/...)")
    add_reports(output)
    add_color(output)


def _add_arms(parser: Parser) -> None:
    arms = parser.add_argument_group("what is compared")
    arms.add_argument("--diff", action="store_true", help="show what each fix changes")
    arms.add_argument("--arms", metavar="NAMES", help="compare these fixes only, separated by commas")
    arms.add_argument(
        "--against",
        metavar="FILE|REV",
        action="append",
        default=[],
        help="compare with a program or git revision; repeatable",
    )
    arms.add_argument("--self-test", action="store_true", help="compare the program with itself")
    arms.add_argument(
        "--outputs-may-differ", action="store_true", help="compare programs that print other numbers"
    )
    arms.add_argument(
        "--isolation",
        metavar="HOW",
        type=OneOf(("auto", "namespace", "copy")),
        default="auto",
        help="give each run its own tree: auto, namespace or copy",
    )


def _add_measuring(parser: Parser) -> None:
    plan = parser.add_argument_group("measuring (TIME: 90s, 10m or 1h)")
    todo = plan.add_mutually_exclusive_group()
    todo.add_argument("--smoke", action="store_true", help="run each program once; measure nothing")
    todo.add_argument("--measure", action="store_true", help="run in blocks and compare the energy")
    amount = plan.add_mutually_exclusive_group()
    amount.add_argument(
        "--runs", metavar="N|auto", type=_blocks, help="run N blocks (10; 6 with --iterations or --until)"
    )
    amount.add_argument("--budget", metavar="TIME", type=seconds, help="run as many blocks as fit")
    plan.add_argument(
        "--iterations", metavar="N", type=_passes, help="end each run after N passes of the flagged loop"
    )
    plan.add_argument(
        "--until", metavar="TIME", type=seconds, help="end each run at its first pass after TIME"
    )
    plan.add_argument(
        "--loop", metavar="[FILE:]LINE", type=_loop, help="end runs by this loop, not the flagged one"
    )
    plan.add_argument(
        "--warmup", metavar="N", type=count, default=1, help="first do N runs that are not compared (1)"
    )
    plan.add_argument("--prepare", metavar="COMMAND", help="run a shell command before each run")
    plan.add_argument("--cooldown", metavar="TIME", type=seconds, default=0.0, help="rest after each run (0)")
    add_wait(plan)
    plan.add_argument(
        "--timeout", metavar="TIME", type=seconds, default=3600.0, help="stop a run after TIME (1h)"
    )
    plan.add_argument("--seed", metavar="N", type=int, default=0, help="seed the order and the programs (0)")
    add_judging(plan)
    plan.add_argument("--resume", action="store_true", help="continue the last measurement")
    plan.add_argument(
        "--fail-on",
        metavar="worse,invalid",
        type=_reasons_to_fail,
        help="exit 1 when a fix is worse or invalid",
    )


def add_wait(parser: argparse._ActionsContainer) -> None:
    """The option that says how long to wait for a quiet machine."""
    parser.add_argument(
        "--wait",
        metavar="TIME",
        type=seconds,
        default=60.0,
        help="wait up to TIME for a quiet machine (60s; 0: do not)",
    )


def add_judging(parser: argparse._ActionsContainer) -> None:
    """The options that say what counts: which changes, and which runs."""
    parser.add_argument(
        "--margin", metavar="PERCENT", type=percent, help="treat smaller changes as equivalent"
    )
    parser.add_argument(
        "--keep-disturbed", action="store_true", help="keep runs that other busy programs disturbed"
    )


def _blocks(text: str) -> int:
    """The number of blocks; 0 stands for `auto`."""
    if text == "auto":
        return 0
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is neither a number of blocks nor auto")
    return int(text)


def _passes(text: str) -> int:
    """The number of passes after which a run ends."""
    if not text.isdecimal() or int(text) < 2:  # noqa: PLR2004
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a number of passes; give 2 or more: the first pass is left out when runs are "
            "compared"
        )
    return int(text)


def _loop(text: str) -> Choice:
    """The loop that `12` or `train.py:12` mean."""
    counted: Any = measuring("leakscan.validation.counted")
    try:
        choice: Choice = counted.parse_choice(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return choice


def _reasons_to_fail(text: str) -> frozenset[str]:
    """What `worse`, `invalid` or both, with a comma between, mean."""
    words = frozenset(word.strip() for word in text.split(","))
    unknown = sorted(words - set(_REASONS_TO_FAIL))
    if unknown:
        raise argparse.ArgumentTypeError(f"{unknown[0]!r} is neither worse nor invalid")
    return words


def run(arguments: argparse.Namespace) -> int:
    """Show the arms, or run or measure them."""
    sense.require_sensible_validate(arguments)
    # Both ask for a measurement, whether or not they say so.
    arguments.measure |= (arguments.self_test or arguments.resume) and not arguments.smoke
    code: int = measuring("leakscan.cli.measure.validate").validate(arguments)
    return code
